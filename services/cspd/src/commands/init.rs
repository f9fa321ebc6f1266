//! `cspd init`

use std::{net::SocketAddr, sync::Arc};

use clap::Args;
use csp_domain::{
    Act, Chance, Clock, Scope,
    chance::SystemChance,
    clock::SystemClock,
    id::{PersonId, RegionId, RoleGrantId, Slug, TokenId},
    person::{EmailAddress, NewPerson, Role, RoleGrant},
    text::Line,
    token::{NewToken, Secret, Token, TokenKind},
};
use csp_store::{Store, StoreError};

use crate::{
    Failure, Terminal,
    config::{Config, Sources},
    server,
};

/// Make the database and the first administrator, whose token is printed this once
///
/// The token goes to the standard output and nowhere else. With it, csp sets up the first region and whoever runs it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd init --name 'Service Administrator' --email administrator@example.org > admin.token
  csp --server http://127.0.0.1:7443 --token-file admin.token whoami")]
pub(crate) struct Init {
    /// The administrator's name
    #[arg(long)]
    name: String,
    /// The administrator's e-mail address
    #[arg(long)]
    email: String,
    /// Even if there is an administrator already
    #[arg(long)]
    another: bool,
}

/// The home of those who run the service itself.
const HOME: Scope = Scope::Region(RegionId::SYSTEM);

impl Init {
    pub(crate) async fn run(self, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
        let new = NewAdministrator::new(&self.name, &self.email)?;
        let config = Config::load(sources)?;
        let store = server::open_store(&config.database, Arc::new(SystemChance)).await?;
        let made = make(&store, new, self.another, &SystemClock, &SystemChance).await;
        store.close().await;
        let secret = made?;

        terminal.write(format!("{}\n", secret.reveal()))?;
        terminal.say("This token opens every door and cannot be shown again: keep it in a file that only you can read.");
        terminal.say("Start the server with `cspd serve`, then sign in and set up the first region:");
        terminal.say(format!("  csp login --server {}", server_url(&config)));
        Ok(())
    }
}

/// Somebody who will run the service.
pub(crate) struct NewAdministrator {
    slug: Slug,
    name: Line,
    email: EmailAddress,
}

impl NewAdministrator {
    pub(crate) fn new(name: &str, email: &str) -> Result<Self, Failure> {
        let name = Line::parse(name, Line::NAME).map_err(|refused| Failure::new(format!("--name {refused}")))?;
        let email = email.parse().map_err(|refused| Failure::new(format!("--email {refused}")))?;
        let slug =
            Slug::from_name(name.as_str()).ok_or_else(|| Failure::new("--name must have at least two letters of the Latin alphabet"))?;
        Ok(Self { slug, name, email })
    }
}

/// Person, token, role: in this order, so that whatever interrupts it leaves nobody who is an administrator without a token,
/// and it can be done again.
pub(crate) async fn make(
    store: &Store,
    new: NewAdministrator,
    another: bool,
    clock: &dyn Clock,
    chance: &dyn Chance,
) -> Result<Secret, Failure> {
    let now = clock.now();
    let act = Act::by_system(now);
    let home = store.get_region(HOME).await?;
    let today = now.with_timezone(&home.zone).date_naive();

    let holders = store.list_holders(HOME, Role::SystemAdministrator).await?;
    if !another && holders.iter().any(|grant| grant.holds_on(today)) {
        return Err(Failure::new("there is an administrator already; nothing was changed")
            .hint("To make a second one, say so: --another. Somebody who lost their token asks the first for a new one."));
    }
    let NewAdministrator { slug, name, email } = new;
    let person = match store.find_person(HOME, &slug).await {
        Ok(person) if person.email == email => person,
        Ok(_) => {
            return Err(Failure::new(format!("there is somebody called {name} already, with another address"))
                .hint("Give the name differently, such as with a middle initial."));
        }
        Err(StoreError::NotFound(_)) => {
            store.create_person(HOME, &act, NewPerson { id: PersonId(chance.id(now)), slug, name, email }).await?
        }
        Err(error) => return Err(error.into()),
    };
    let secret = Secret::generate(TokenKind::Person, chance);
    let label = Line::parse("cspd init", Line::NAME).expect("this is a line");
    let token = NewToken::whole(TokenId(chance.id(now)), &secret, person.id, label, now + Token::DEFAULT_LIFE);
    store.create_token(HOME, &act, token).await?;
    let grant = RoleGrant {
        id: RoleGrantId(chance.id(now)),
        person: person.id,
        role: Role::SystemAdministrator,
        deputy: false,
        starts_on: today,
        ends_on: None,
    };
    store.create_role_grant(HOME, &act, grant).await?;
    Ok(secret)
}

/// The address a client on this machine would use.
fn server_url(config: &Config) -> String {
    let scheme = if config.listen.tls.is_some() { "https" } else { "http" };
    let mut address: SocketAddr = config.listen.api;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("{scheme}://{address}")
}
