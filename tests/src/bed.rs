//! One fresh database, and what a test needs around it.

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;
use csp_domain::{
    Act, Instant,
    act::Request,
    chance::{SeededChance, SharedChance},
    clock::{Clock as _, ManualClock},
    document::Hash,
    person::Person,
};
use csp_store::{Engine, Settings, Store};
use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Ground, Raw, ground::Home, postgres, words::at};

/// Where a test lies: a fresh, migrated store that nobody else has, a clock that stands until it is
/// moved, and chance that repeats itself.
#[derive(Debug)]
pub struct Bed {
    /// The store.
    pub store: Store,
    /// Stands at 10:00 on Wednesday 5 January 2022, in the middle of collecting for 2021-q3.
    pub clock: ManualClock,
    /// Where the store's identifiers and the bed's come from.
    pub chance: SharedChance,
    settings: Settings,
    // Last, so that it goes after the store.
    home: Home,
}

impl Bed {
    /// On SQLite: a file in a folder of its own.
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect("there is room for a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("csp.db").display());
        let settings = Settings { url, migrate_url: None, connections: 1 };
        Store::migrate(&settings).await.expect("the schema can be set up");
        Self::make(settings, Home::Sqlite(folder)).await
    }

    /// On PostgreSQL: a database of its own. None, and said so, where there is no server to be had.
    pub async fn postgres() -> Option<Self> {
        let Some(server) = postgres::server().await else {
            println!("left out: there is no PostgreSQL here, or CSP_TEST_NO_POSTGRES is set");
            return None;
        };
        let database = server.database().await;
        Some(Self::make(database.settings(), Home::Postgres(database)).await)
    }

    /// On a database that is there already and up to date.
    pub async fn on(ground: Ground) -> Self {
        let (settings, home) = ground.into_parts();
        Self::make(settings, home).await
    }

    async fn make(settings: Settings, home: Home) -> Self {
        let chance: SharedChance = Arc::new(SeededChance::new(1));
        let store = Store::open(&settings, chance.clone()).await.expect("the database opens");
        Self { store, clock: ManualClock::new(at("2022-01-05T10:00:00Z")), chance, settings, home }
    }

    /// How the store was opened.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Which engine.
    pub fn engine(&self) -> Engine {
        self.store.engine()
    }

    /// A second store on the same database, as another server would have, with chance of its own.
    pub async fn second_store(&self, chance: SharedChance) -> Store {
        Store::open(&self.settings, chance).await.expect("the database opens again")
    }

    /// The database itself, past the store and past row-level security.
    pub fn raw(&self) -> Raw {
        self.home.raw()
    }

    /// PostgreSQL as the role that serves sees it. None on SQLite, which knows no roles.
    pub fn as_serving_role(&self) -> Option<sqlx::PgPool> {
        self.as_role("csp_app")
    }

    /// PostgreSQL as the role that owns the tables sees it. None on SQLite.
    pub fn as_owner(&self) -> Option<sqlx::PgPool> {
        self.as_role("csp_owner")
    }

    fn as_role(&self, role: &str) -> Option<sqlx::PgPool> {
        match &self.home {
            Home::Sqlite(_) => None,
            Home::Postgres(database) => {
                let options = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(30));
                Some(options.connect_lazy_with(database.role(role)))
            }
        }
    }

    /// What the clock says.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The civil day, in England and Wales.
    pub fn today(&self) -> NaiveDate {
        csp_domain::calendar::civil_day(self.now(), chrono_tz::Europe::London)
    }

    /// A new identifier, of whatever is being made.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.chance.id(self.now()).into()
    }

    /// An act of `person`, now.
    pub fn by(&self, person: &Person) -> Act {
        Act::by(person.id, self.now())
    }

    /// An act of the schedule, now.
    pub fn by_schedule(&self) -> Act {
        Act::by_system(self.now())
    }

    /// A caller's identifier for a create with this body.
    pub fn request(&self, body: &str) -> Request {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(&Hash::of(body.as_bytes()).to_string().as_bytes()[..32]);
        Request { id: self.id(), fingerprint }
    }
}
