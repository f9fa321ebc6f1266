//! `csp login`, `csp logout`.

use std::path;

use clap::Args;

use crate::{
    commands::secret,
    config::{Config, Home},
    error::Error,
    names::last,
    session::Session,
    views::identity::WhoAmIView,
};

/// Log in: the token is asked for (or piped in), tried, and kept for you alone
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp login --server https://csp.example.gov.uk
  csp login --server https://csp.example.gov.uk < token.txt

The token is never taken from the command line, where others on the computer
could see it.")]
pub(crate) struct Login {}

impl Login {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let home = Home::find(session.terminal)?;
        let Some(server) = session.settings.server.clone() else {
            return Err(Error::usage("Which server? Name the address your administrator gave you:")
                .hint("  csp login --server https://csp.example.gov.uk"));
        };
        let token = secret::read(session.terminal).await?;
        session.settings.token = Some(token.clone());
        let me = session.me().await?.clone();
        let config = Config {
            server: Some(server.clone()),
            region: me.region.as_ref().map(|region| last(&region.name).to_owned()),
            time_zone: me.region.as_ref().map(|region| region.time_zone.clone()).filter(|zone| !zone.is_empty()),
            ca_file: session.settings.ca_file.as_ref().map(|file| path::absolute(file).unwrap_or_else(|_| file.clone())),
        };
        home.save(&config, &token)?;
        session.terminal.announce("You are logged in.");
        let alone = if cfg!(unix) { "; nobody else on this computer can read it" } else { "" };
        session.terminal.say(format!("The token is kept in {}{alone}.", home.token_file().display()));
        session.terminal.say("What is due from you: csp");
        let me = WhoAmIView::new(me, Some(server));
        session.show(&me).await
    }
}

/// Forget the token kept on this computer
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp logout

The token itself stays valid until it ends or an administrator takes it away.")]
pub(crate) struct Logout {}

impl Logout {
    pub(crate) fn run(session: &mut Session<'_>) -> Result<(), Error> {
        let forgotten = Home::find(session.terminal)?.forget()?;
        session.terminal.say(if forgotten {
            "The token is forgotten on this computer. It stays valid until it ends, or an administrator takes it away."
        } else {
            "No token was kept on this computer."
        });
        Ok(())
    }
}
