//! A fixture: a schema and its data as SQL, once for each engine, and what must still be true of it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr as _,
};

use csp_domain::Instant;
use csp_store::{Engine, Settings};
use csp_tests::{Bed, Ground, Raw};
use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};

use crate::lived_in::Tokens;

/// What must be true of a fixture on either engine, whatever is migrated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The newest migration it knew.
    pub(crate) schema: i64,
    /// When it was left.
    pub(crate) left_at: Instant,
    /// Tokens in the clear. They open nothing but this fixture.
    pub(crate) tokens: Tokens,
    /// How many rows each table held.
    pub(crate) rows: BTreeMap<String, i64>,
    /// What the service knew, in words, with the hashes of the bytes it kept.
    pub(crate) readings: Vec<String>,
}

impl Facts {
    /// Of a service that was just lived in.
    pub(crate) async fn of(bed: &Bed, tokens: Tokens) -> Self {
        let raw = bed.raw();
        Self {
            schema: raw.number("SELECT MAX(version) FROM _sqlx_migrations").await,
            left_at: bed.now(),
            tokens,
            rows: rows(&raw).await,
            readings: crate::readings::read(&bed.store).await,
        }
    }
}

/// How many rows each table holds.
pub(crate) async fn rows(raw: &Raw) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for table in raw.tables().await {
        let count = raw.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        found.insert(table, count);
    }
    found
}

/// The fixtures there are, the oldest first.
pub(crate) fn all() -> Vec<Fixture> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(Fixture::home())
        .expect("the fixtures are beside the test")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("facts.json").is_file())
        .collect();
    folders.sort_unstable();
    folders.into_iter().map(Fixture).collect()
}

/// A folder named after the newest migration that its schema knew.
#[derive(Debug, Clone)]
pub(crate) struct Fixture(PathBuf);

impl Fixture {
    fn home() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("upgrade")
    }

    /// Where the schema of this day belongs.
    pub(crate) fn of_schema(schema: i64) -> Self {
        Self(Self::home().join(format!("{schema:04}")))
    }

    fn script(&self, engine: Engine) -> PathBuf {
        self.0.join(match engine {
            Engine::Sqlite => "sqlite.sql",
            Engine::Postgres => "postgres.sql",
        })
    }

    pub(crate) fn facts(&self) -> Facts {
        let text = std::fs::read(self.0.join("facts.json")).expect("every fixture says what is true of it");
        serde_json::from_slice(&text).expect("the facts can be read")
    }

    /// Lays the fixture out on empty ground.
    pub(crate) async fn lay_out(&self, ground: &Ground) {
        let engine = ground.settings().engine().expect("the ground is of an engine");
        let script = std::fs::read_to_string(self.script(engine)).expect("every fixture has a script for each engine");
        ground.load(&script).await;
    }

    /// Writes down a database, and what is true of it.
    pub(crate) async fn write(&self, bed: &Bed, facts: &Facts) {
        std::fs::create_dir_all(&self.0).expect("the folder can be made");
        let script = match bed.engine() {
            Engine::Sqlite => dump_sqlite(&bed.raw()).await,
            Engine::Postgres => dump_postgres(bed.settings()),
        };
        std::fs::write(self.script(bed.engine()), script).expect("the script can be written");
        let text = serde_json::to_string_pretty(facts).expect("facts can be written");
        std::fs::write(self.0.join("facts.json"), format!("{text}\n")).expect("the facts can be written");
    }
}

/// As the shell of SQLite would: schema first, then a statement for each row.
async fn dump_sqlite(raw: &Raw) -> String {
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'table' DESC, rootpage";
    let mut script = String::from("PRAGMA foreign_keys = OFF;\nBEGIN;\n");
    for statement in raw.texts(schema).await {
        script.push_str(&format!("{statement};\n"));
    }
    let mut tables = raw.tables().await;
    tables.push("_sqlx_migrations".to_owned());
    for table in tables {
        let columns: Vec<String> = raw.columns(&table).await.iter().map(|column| format!("quote({column})")).collect();
        let query = format!("SELECT 'INSERT INTO {table} VALUES (' || {} || ');' FROM {table} ORDER BY 1", columns.join(" || ', ' || "));
        for row in raw.texts(&query).await {
            script.push_str(&row);
            script.push('\n');
        }
    }
    script.push_str("COMMIT;\n");
    script
}

/// By PostgreSQL's own program, without what only its shell understands.
fn dump_postgres(settings: &Settings) -> String {
    let url = settings.migrate_url.as_deref().expect("the bed knows the owner");
    let options = PgConnectOptions::from_str(url).expect("the bed's address is one");
    let host = options.get_socket().map_or_else(|| options.get_host().to_owned(), |folder| folder.display().to_string());
    let output = Command::new(csp_tests::postgres_program("pg_dump").expect("PostgreSQL comes with pg_dump"))
        .args(["--inserts", "--no-owner", "--enable-row-security", "--encoding=UTF8"])
        .env("PGHOST", host)
        .env("PGPORT", options.get_port().to_string())
        .env("PGUSER", options.get_username())
        .env("PGPASSWORD", options.to_url_lossy().password().unwrap_or_default())
        .env("PGDATABASE", options.get_database().expect("the bed's database has a name"))
        .env("PGOPTIONS", "-c csp.scope=system")
        .output()
        .expect("pg_dump can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("pg_dump was asked for UTF-8");
    let kept = |line: &&str| !line.starts_with('\\') && !line.starts_with("-- Dumped") && !line.starts_with("SET ");
    text.lines().filter(kept).collect::<Vec<_>>().join("\n") + "\n"
}
