//! A database before there is anything in it: where a schema of another day is laid out, or a backup is restored.

use csp_store::Settings;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tempfile::TempDir;

use crate::{Raw, postgres};

/// What keeps a database in being.
#[derive(Debug)]
pub(crate) enum Home {
    Sqlite(TempDir),
    Postgres(postgres::Database),
}

impl Home {
    pub(crate) fn raw(&self) -> Raw {
        match self {
            Self::Sqlite(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.path().join("csp.db")).foreign_keys(true);
                Raw::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options))
            }
            Self::Postgres(database) => Raw::Postgres(PgPoolOptions::new().max_connections(1).connect_lazy_with(database.superuser())),
        }
    }
}

/// An empty database that nobody else has.
#[derive(Debug)]
pub struct Ground {
    settings: Settings,
    home: Home,
}

impl Ground {
    /// On SQLite: a folder without a file.
    pub fn sqlite() -> Self {
        let folder = TempDir::new().expect("there is room for a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("csp.db").display());
        Self { settings: Settings { url, migrate_url: None, connections: 1 }, home: Home::Sqlite(folder) }
    }

    /// On PostgreSQL: a database without a table. None, and said so, where there is no server to be had.
    pub async fn postgres() -> Option<Self> {
        let Some(server) = postgres::server().await else {
            println!("left out: there is no PostgreSQL here, or CSP_TEST_NO_POSTGRES is set");
            return None;
        };
        Some(Self::of(server.empty_database().await))
    }

    /// A database that was made already.
    pub(crate) fn of(database: postgres::Database) -> Self {
        Self { settings: database.settings(), home: Home::Postgres(database) }
    }

    /// How a store is opened on it.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The database itself, past the store and past row-level security.
    pub fn raw(&self) -> Raw {
        self.home.raw()
    }

    /// Runs a script of many statements, on PostgreSQL as the owner of what it makes.
    pub async fn load(&self, script: &str) {
        let script = AssertSqlSafe(script.to_owned());
        let loaded = match &self.home {
            Home::Sqlite(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.path().join("csp.db")).create_if_missing(true);
                let mut conn = options.connect().await.expect("the file can be made");
                let loaded = conn.execute(script).await.map(|_| ());
                conn.close().await.expect("the file can be closed");
                loaded
            }
            Home::Postgres(database) => {
                let mut conn = database.role("csp_owner").connect().await.expect("the server answers");
                let loaded = conn.execute(script).await.map(|_| ());
                conn.close().await.expect("the server takes leave");
                loaded
            }
        };
        loaded.unwrap_or_else(|error| panic!("the script cannot be loaded: {error}"));
    }

    pub(crate) fn into_parts(self) -> (Settings, Home) {
        (self.settings, self.home)
    }
}
