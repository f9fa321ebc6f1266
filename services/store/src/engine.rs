//! The two engines, and everything in which they differ.
//!
//! * Opening: pragmas on SQLite, session settings on PostgreSQL.
//! * Writing: one writer task that groups units on SQLite ([`crate::unit`]), a transaction each on
//!   PostgreSQL, which groups commits by itself.
//! * Locking, and several things in one message: the statements in [`DIFFERING`] below are the only ones in two texts.

use std::{path::PathBuf, str::FromStr as _, sync::Arc, time::Duration};

use csp_domain::{calendar::BankHolidays, chance::SharedChance};
use serde::{Deserialize, Serialize};
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgConnection, SqliteConnection, SqlitePool,
    migrate::{Migrate as _, MigrateError, Migrator},
    pool::PoolConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Store, catalogue, first_return, history,
    known::Known,
    lines::{Line, Lines},
    look::{Lookout, Published},
    meter::Meter,
    statement::Statement,
    stored_return, submission, unit,
};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Connections that read, on SQLite. There is one that writes.
const SQLITE_READERS: u32 = 4;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Embedded; one file.
    Sqlite,
    /// A server; several replicas may share it.
    Postgres,
}

impl Engine {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Where the database is.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:///var/lib/cspd/csp.db` or `postgres://csp_app@host/csp`.
    pub url: String,
    /// PostgreSQL: the address under which the owner of the tables migrates, if it is another.
    pub migrate_url: Option<String>,
    /// PostgreSQL: how many connections at most.
    pub connections: u32,
}

impl std::fmt::Debug for Settings {
    /// Addresses of databases may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("engine", &self.engine().ok()).finish_non_exhaustive()
    }
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of neither engine.
    #[error("database.url must begin with sqlite:// or postgres://")]
    Address,
    /// The address does not read.
    #[error("database.url does not read: {0}")]
    Unreadable(String),
    /// Nothing answers there, or not to this name.
    #[error("the database does not open")]
    Connect(#[source] sqlx::Error),
    /// The file is damaged.
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    /// Another server has it.
    #[error("another server is running on this database file")]
    InUse,
    /// Whether another server has it cannot be known.
    #[error("the lock beside the database file cannot be taken")]
    Lock(#[source] std::io::Error),
    /// A migration failed; none of it was applied.
    #[error("migrating the database failed")]
    Migrate(#[source] MigrateError),
    /// The schema is older than this program.
    #[error("the database schema is at version {found}, this program needs {needed}: run `cspd migrate`")]
    Behind {
        /// What is there.
        found: i64,
        /// What is needed.
        needed: i64,
    },
    /// Tenants would not be kept apart.
    #[error("the database does not keep tenants apart:\n- {}", .0.join("\n- "))]
    Walls(Vec<String>),
    /// The schema is newer than this program.
    #[error("the database schema is at version {found}, which this program (version {known}) does not know: use a newer program")]
    Ahead {
        /// What is there.
        found: i64,
        /// What is known.
        known: i64,
    },
}

impl Settings {
    /// Which engine the address means.
    pub fn engine(&self) -> Result<Engine, OpenError> {
        if self.url.starts_with("sqlite:") {
            Ok(Engine::Sqlite)
        } else if self.url.starts_with("postgres:") || self.url.starts_with("postgresql:") {
            Ok(Engine::Postgres)
        } else {
            Err(OpenError::Address)
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Database {
    Sqlite { writer: unit::Writer, readers: SqlitePool },
    Postgres { lines: Lines },
}

/// One connection in the hands of one unit.
#[derive(Debug)]
pub(crate) enum Conn {
    Sqlite(Box<SqliteConnection>),
    SqliteReader(PoolConnection<sqlx::Sqlite>),
    Postgres(Box<Line>),
}

/// Runs the same expression on whichever engine the unit is on. The statement's text is one; the types
/// of its parameters and rows are found for each engine by the compiler.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match &mut $tx.conn {
            $crate::engine::Conn::Sqlite(conn) => {
                let $c = &mut **conn;
                $body
            }
            $crate::engine::Conn::SqliteReader(conn) => {
                let $c = &mut **conn;
                $body
            }
            $crate::engine::Conn::Postgres(line) => {
                let $c = &mut ***line;
                $body
            }
        }
    };
}
pub(crate) use on;

/// A statement that cannot be one text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Differing {
    pub(crate) sqlite: Statement,
    pub(crate) postgres: Statement,
}

impl Differing {
    pub(crate) const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite: Statement::new(sqlite), postgres: Statement::new(postgres) }
    }

    /// The text for the engine of a connection.
    pub(crate) fn on(self, conn: &Conn) -> Statement {
        match conn {
            Conn::Postgres(_) => self.postgres,
            Conn::Sqlite(_) | Conn::SqliteReader(_) => self.sqlite,
        }
    }
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE messages SET state = 'claimed', epoch = epoch + 1, attempts = attempts + 1, lease_until = $2 ",
            "WHERE (region_id, message_id) IN (",
            "SELECT region_id, message_id FROM messages WHERE ",
            "(state = 'queued' AND next_attempt_at <= $1) ",
            "OR (state = 'claimed' AND lease_until <= $1) ",
            "OR (state = 'in_doubt' AND next_attempt_at <= $1) ",
            "ORDER BY next_attempt_at, message_id LIMIT $3",
            $lock,
            ") RETURNING region_id, message_id, epoch, attempts, address, internet_message_id, head, body_hash, mime_hash, created_at"
        )
    };
}

/// Takes messages that are due. On PostgreSQL several workers must pass over each other's rows, or each
/// mail is claimed by all of them; SQLite has one writer and knows no such lock.
pub(crate) const CLAIM: Differing = Differing::new(claim!(""), claim!(" FOR UPDATE SKIP LOCKED"));

macro_rules! standing_cycle {
    ($lock:literal) => {
        concat!(
            "SELECT cycle_id, committee_id, slug, period_start, period_end, opens_at, deadline_at, closed_to_new_at, freeze_at, publication_at, meeting_at, state, created_at, revision ",
            "FROM cycles WHERE region_id = $1 AND cycle_id = $2",
            $lock
        )
    };
}

/// Reads a cycle and keeps it from being closed until the unit ends. Without the lock PostgreSQL would
/// let a submission that saw the cycle open commit after the closing, and no digest would print it; or a new
/// version that saw it closed commit after the release of the one before.
pub(crate) const STANDING_CYCLE: Differing = Differing::new(standing_cycle!(""), standing_cycle!(" FOR SHARE"));

/// Reads a cycle and keeps everybody else's submissions for it waiting until the unit ends. Without the lock PostgreSQL would
/// let news come in beside a signature, and be printed under it.
pub(crate) const CYCLE_FOR_SIGNING: Differing = Differing::new(standing_cycle!(""), standing_cycle!(" FOR UPDATE"));

macro_rules! holders_for_ending {
    ($lock:literal) => {
        concat!(
            "SELECT role_grant_id, person_id, role, committee_id, partnership_id, deputy, starts_on, ends_on FROM role_grants ",
            "WHERE region_id = $1 AND role = $2 ORDER BY role_grant_id",
            $lock
        )
    };
}

/// Reads who holds a role and keeps it so until the unit ends. Without the lock PostgreSQL would let the last
/// two administrators end each other, each seeing the other remain.
pub(crate) const HOLDERS_FOR_ENDING: Differing = Differing::new(holders_for_ending!(""), holders_for_ending!(" FOR UPDATE"));

/// Waits until no other unit is at work under a name: the same request, somebody's roles, a region's targets. What is read
/// afterwards is what the other left. SQLite has one writer: there is nothing to wait for.
pub(crate) const WAIT_TO_BE_ALONE: Differing = Differing::new("SELECT $1", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::TEXT");

/// Says for whom the transaction works; row-level security does the rest. SQLite knows none.
pub(crate) const SET_SCOPE: Differing = Differing::new(
    "SELECT $1, $2, $3",
    "SELECT set_config('csp.scope', $1, TRUE), set_config('csp.region', $2, TRUE), set_config('csp.partnership', $3, TRUE)",
);

/// Says how PostgreSQL comes to its plans until the transaction ends. SQLite keeps each as it was prepared.
pub(crate) const SET_PLANNING: Differing = Differing::new("SELECT $1", "SELECT set_config('plan_cache_mode', $1, TRUE)");

macro_rules! deed {
    ($first:expr, $between:literal, $deed:literal, $personal:literal) => {
        concat!(
            $first,
            "INSERT INTO audit (region_id, audit_id, at, actor_id, action, subject, subject_id, old_value, new_value, token_id) ",
            $deed,
            $between,
            "INSERT INTO audit_personal (region_id, audit_id, origin, old_value, new_value) ",
            $personal
        )
    };
    ($first:literal, $between:literal) => {
        deed!($first, $between, "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", "VALUES ($1, $2, $11, $12, $13)")
    };
}
pub(crate) use deed;

/// Puts a deed and its personal half on record in one message: SQLite takes several statements at once, and PostgreSQL takes one
/// that does both.
pub(crate) const INSERT_DEED: Differing = Differing::new(deed!("", "; "), deed!("WITH deed AS (", ") "));

/// The revisions under which regions are remembered ([`crate::known`]): on SQLite of all, for its writer to say.
pub(crate) const REVISIONS: Differing = Differing::new(
    "SELECT region_id, known_revision FROM regions",
    "SELECT region_id, known_revision FROM regions WHERE region_id = ANY($1)",
);

/// The revisions under which PostgreSQL's returns are remembered, of the places that are asked for. SQLite's writer counts what it writes,
/// and asks nothing.
pub(crate) const RETURN_REVISIONS: Differing = Differing::new(
    "SELECT region_id, partnership_id, cycle_id, revision FROM returns WHERE $1 IS NULL",
    "SELECT r.region_id, r.partnership_id, r.cycle_id, r.revision FROM UNNEST($1::UUID[], $2::UUID[], $3::UUID[]) AS a (region_id, partnership_id, cycle_id) \
        JOIN returns r ON r.region_id = a.region_id AND r.partnership_id = a.partnership_id AND r.cycle_id = a.cycle_id",
);

/// All statements in two texts, for the test that prepares every one.
pub(crate) const DIFFERING: &[(&str, Differing)] = &[
    ("CLAIM", CLAIM),
    ("STANDING_CYCLE", STANDING_CYCLE),
    ("CYCLE_FOR_SIGNING", CYCLE_FOR_SIGNING),
    ("HOLDERS_FOR_ENDING", HOLDERS_FOR_ENDING),
    ("WAIT_TO_BE_ALONE", WAIT_TO_BE_ALONE),
    ("SET_SCOPE", SET_SCOPE),
    ("SET_PLANNING", SET_PLANNING),
    ("INSERT_DEED", INSERT_DEED),
    ("INSERT_NEW_POINTS", history::INSERT_NEW_POINTS),
    ("INSERT_POINTS", history::INSERT_POINTS),
    ("KNOWN_SERIES", history::KNOWN_SERIES),
    ("ENTER_RETURN", submission::ENTER_RETURN),
    ("PUT_REVISION", submission::PUT_REVISION),
    ("PUT_FIRST_RETURN", first_return::PUT_FIRST_RETURN),
    ("GET_RETURN", stored_return::GET_RETURN),
    ("GET_REVISION", stored_return::GET_REVISION),
    ("FIND_RETURN", stored_return::FIND_RETURN),
    ("LIST_RETURNS_OF_PARTNERSHIP", stored_return::LIST_RETURNS_OF_PARTNERSHIP),
    ("LIST_RETURNS_OF_CYCLE", stored_return::LIST_RETURNS_OF_CYCLE),
    ("LIST_RETURNS_OF_ALL", stored_return::LIST_RETURNS_OF_ALL),
    ("REVISIONS", REVISIONS),
    ("RETURN_REVISIONS", RETURN_REVISIONS),
];

impl Store {
    /// Opens a database whose schema is up to date.
    pub async fn open(settings: &Settings, chance: SharedChance) -> Result<Self, OpenError> {
        let known = Arc::new(Known::default());
        let (database, lookout) = match settings.engine()? {
            Engine::Sqlite => open_sqlite(settings).await?,
            Engine::Postgres => {
                let lines = open_postgres(settings).await?;
                let lookout = Lookout::asking(postgres_options(&settings.url)?, lines.clone(), known.clone());
                (Database::Postgres { lines }, lookout)
            }
        };
        let holidays = Arc::new(BankHolidays::shipped().clone());
        Ok(Self { database, chance, trouble: Arc::default(), meter: Meter::new(), known, lookout, holidays })
    }

    /// Brings the schema up to date; on SQLite the file is made if there is none. Answers how many steps
    /// were taken.
    pub async fn migrate(settings: &Settings) -> Result<usize, OpenError> {
        match settings.engine()? {
            Engine::Sqlite => {
                let options = sqlite_options(settings)?.create_if_missing(true);
                if let Some(folder) = PathBuf::from(options.get_filename()).parent().filter(|p| !p.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder).map_err(|e| OpenError::Connect(sqlx::Error::Io(e)))?;
                }
                make_private(options.get_filename());
                let mut conn = options.connect().await.map_err(damaged_or_out_of_reach)?;
                quick_check(&mut conn).await?;
                let before = sqlite_version(&mut conn).await?;
                ahead(before, &SQLITE_MIGRATIONS)?;
                SQLITE_MIGRATIONS.run(&mut conn).await.map_err(OpenError::Migrate)?;
                conn.close().await.map_err(OpenError::Connect)?;
                Ok(pending(before, &SQLITE_MIGRATIONS))
            }
            Engine::Postgres => {
                let url = settings.migrate_url.as_deref().unwrap_or(&settings.url);
                let mut conn = postgres_options(url)?.connect().await.map_err(OpenError::Connect)?;
                let before = postgres_version(&mut conn).await?;
                ahead(before, &POSTGRES_MIGRATIONS)?;
                POSTGRES_MIGRATIONS.run(&mut conn).await.map_err(OpenError::Migrate)?;
                conn.close().await.map_err(OpenError::Connect)?;
                Ok(pending(before, &POSTGRES_MIGRATIONS))
            }
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match &self.database {
            Database::Sqlite { .. } => Engine::Sqlite,
            Database::Postgres { .. } => Engine::Postgres,
        }
    }

    /// The version of the schema this program was written for.
    pub(crate) fn newest_migration(&self) -> i64 {
        match &self.database {
            Database::Sqlite { .. } => newest(&SQLITE_MIGRATIONS),
            Database::Postgres { .. } => newest(&POSTGRES_MIGRATIONS),
        }
    }

    /// Waits for what is under way and closes all connections.
    pub async fn close(&self) {
        self.lookout.close().await;
        match &self.database {
            Database::Sqlite { writer, readers } => {
                writer.close().await;
                readers.close().await;
            }
            Database::Postgres { lines } => lines.close().await,
        }
    }

    /// Has the engine prepare every statement of this crate, and answers what it refused. What a
    /// checking macro would do at compile time for one engine, this does for the one it is run on.
    pub async fn prepare_all(&self) -> Result<usize, Vec<String>> {
        let mut faults = Vec::new();
        let mut line = match &self.database {
            Database::Sqlite { .. } => None,
            Database::Postgres { lines } => Some(lines.aside().await.map_err(|error| vec![error.to_string()])?),
        };
        let mut count = 0;
        for (name, text) in crate::every_statement(self.engine()) {
            count += 1;
            let text = sqlx::SqlSafeStr::into_sql_str(text);
            let prepared = match (&self.database, &mut line) {
                (Database::Sqlite { readers, .. }, _) => readers.prepare(text).await.map(|_| ()),
                (Database::Postgres { .. }, Some(line)) => line.prepare(text).await.map(|_| ()),
                (Database::Postgres { .. }, None) => Err(sqlx::Error::PoolClosed),
            };
            if let Err(error) = prepared {
                faults.push(format!("{name}: {error}"));
            }
        }
        if faults.is_empty() { Ok(count) } else { Err(faults) }
    }
}

/// Makes a file that is not there yet, for its owner alone: it will hold people's addresses. SQLite gives the
/// files beside it the same mode. What cannot be made here, SQLite cannot make either, and says why.
pub(crate) fn make_private(file: &std::path::Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(file));
}

pub(crate) fn sqlite_options(settings: &Settings) -> Result<SqliteConnectOptions, OpenError> {
    let options = SqliteConnectOptions::from_str(&settings.url).map_err(|e| OpenError::Unreadable(e.to_string()))?;
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        // An answer given is an answer kept, through a power cut too.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        // Statements are not told of in the log: units are measured ([`crate::meter`]), which costs once.
        .disable_statement_logging()
        // What is deleted is gone from the file; what the file says about itself is not trusted.
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        // What a savepoint may have to put back is kept in memory: in a file of its own each unit of a group would write its pages twice.
        .pragma("temp_store", "MEMORY")
        // 16 MiB of log between two checkpoints, each of which waits for the disk twice.
        .pragma("wal_autocheckpoint", "4000"))
}

async fn open_sqlite(settings: &Settings) -> Result<(Database, Lookout), OpenError> {
    let options = sqlite_options(settings)?.create_if_missing(false);
    let mut conn = options.connect().await.map_err(damaged_or_out_of_reach)?;
    quick_check(&mut conn).await?;
    up_to_date(sqlite_version(&mut conn).await?, &SQLITE_MIGRATIONS)?;
    first_return::teach(&mut conn).await.map_err(OpenError::Connect)?;
    let readers = SqlitePoolOptions::new()
        // None of them writes; but every statement of this program is prepared on one of them.
        .after_connect(|conn, _| Box::pin(first_return::teach(conn)))
        .max_connections(SQLITE_READERS)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options.clone().read_only(true))
        .await
        .map_err(OpenError::Connect)?;
    let published = Published::default();
    let writer = unit::Writer::start(conn, published.clone()).await.map_err(OpenError::Connect)?;
    Ok((Database::Sqlite { writer, readers }, Lookout::Published(published)))
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Unreadable("not a PostgreSQL address".to_owned()))?;
    Ok(options.disable_statement_logging().application_name("cspd").options([
        ("client_min_messages", "error"),
        // A unit is a few statements; one that hangs must not hold its locks for ever.
        ("idle_in_transaction_session_timeout", "15s"),
        ("statement_timeout", "30s"),
        ("lock_timeout", "10s"),
    ]))
}

async fn open_postgres(settings: &Settings) -> Result<Lines, OpenError> {
    let lines = Lines::new(postgres_options(&settings.url)?, settings.connections);
    let mut conn = lines.aside().await.map_err(OpenError::Connect)?;
    up_to_date(postgres_version(&mut conn).await?, &POSTGRES_MIGRATIONS)?;
    let faults = catalogue::faults(&mut conn).await.map_err(OpenError::Connect)?;
    if !faults.is_empty() {
        return Err(OpenError::Walls(faults));
    }
    lines.rest(conn);
    Ok(lines)
}

pub(crate) async fn quick_check(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let verdict: Result<String, sqlx::Error> = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(conn).await;
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(OpenError::Damaged(verdict)),
        Err(error) => Err(damaged_or_out_of_reach(error)),
    }
}

/// Damage may show as soon as the file is opened, with the first setting that reads it.
pub(crate) fn damaged_or_out_of_reach(error: sqlx::Error) -> OpenError {
    match error {
        // 11 CORRUPT, 26 NOTADB
        sqlx::Error::Database(e) if e.code().is_some_and(|code| code == "11" || code == "26") => OpenError::Damaged(e.message().to_owned()),
        error => OpenError::Connect(error),
    }
}

async fn sqlite_version(conn: &mut SqliteConnection) -> Result<i64, OpenError> {
    conn.ensure_migrations_table("_sqlx_migrations").await.map_err(OpenError::Migrate)?;
    let applied = conn.list_applied_migrations("_sqlx_migrations").await.map_err(OpenError::Migrate)?;
    Ok(applied.iter().map(|m| m.version).max().unwrap_or(0))
}

async fn postgres_version(conn: &mut PgConnection) -> Result<i64, OpenError> {
    // The serving role may not make tables, so a missing one means version 0.
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&mut *conn).await.map_err(OpenError::Connect)?;
    if !there {
        return Ok(0);
    }
    let applied = conn.list_applied_migrations("_sqlx_migrations").await.map_err(OpenError::Migrate)?;
    Ok(applied.iter().map(|m| m.version).max().unwrap_or(0))
}

fn newest(migrations: &Migrator) -> i64 {
    migrations.iter().map(|m| m.version).max().unwrap_or(0)
}

/// The newest schema this program knows.
pub(crate) fn newest_of(engine: Engine) -> i64 {
    newest(match engine {
        Engine::Sqlite => &SQLITE_MIGRATIONS,
        Engine::Postgres => &POSTGRES_MIGRATIONS,
    })
}

fn pending(before: i64, migrations: &Migrator) -> usize {
    migrations.iter().filter(|m| m.version > before).count()
}

fn ahead(found: i64, migrations: &Migrator) -> Result<(), OpenError> {
    let known = newest(migrations);
    if found > known { Err(OpenError::Ahead { found, known }) } else { Ok(()) }
}

fn up_to_date(found: i64, migrations: &Migrator) -> Result<(), OpenError> {
    ahead(found, migrations)?;
    let needed = newest(migrations);
    if found < needed { Err(OpenError::Behind { found, needed }) } else { Ok(()) }
}
