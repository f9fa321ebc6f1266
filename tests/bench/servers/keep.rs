//! A submission with nothing asked about it: the rows of the ceilings, written with the tools that the server is made of, as well as they
//! can. No token, no check, no foreign key and no index but the keys.
//!
//! What it does a second is what is left of the engine when tonic and sqlx stand before it, on the processors that the client needs
//! too.

use std::{
    str::FromStr as _,
    sync::atomic::{AtomicU64, Ordering},
};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgPool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// As many as the server commits at once.
const GROUP: usize = 64;
/// As many as the server opens.
const CONNECTIONS: u32 = 10;
/// One after the other, as identifiers that begin with the time are.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What each row says, as long as what the server writes there: of a return, a revision, a figure, an audit row, its personal half, a
/// request.
const TEXTS: [&str; 6] = [
    "submitted 1 1 0123456789abcdef 0123456789abcdef",
    "full. Counted by the month and checked with the police. 0123456789abcdef 2026-01-05T10:00:00.000000Z",
    "reported 1234 2021-10-01 2021-12-31 0123456789abcdef 0123456789abcdef",
    concat!(
        "2026-01-05T10:00:00.000000Z create return {\"cycle\":\"00000000-0000-0000-0000-000000000000\",",
        "\"partnership\":\"00000000-0000-0000-0000-000000000000\",\"state\":\"submitted\",\"revision\":1} 0123456789abcdef0123456789abcdef"
    ),
    concat!(
        "127.0.0.1 {\"content\":{\"full\":{\"figures\":[{\"indicator\":\"00000000-0000-0000-0000-000000000000\",\"period\":",
        "{\"start\":\"2021-10-01\",\"end\":\"2021-12-31\"},\"answer\":{\"reported\":{\"value\":\"1234\"}},\"provisional\":false,\"note\":null},",
        "{\"indicator\":\"00000000-0000-0000-0000-000000000000\",\"period\":{\"start\":\"2021-10-01\",\"end\":\"2021-12-31\"},\"answer\":",
        "{\"reported\":{\"value\":\"1234\"}},\"provisional\":false,\"note\":null}]}},\"remark\":\"Counted by the month and checked with the police.\"}"
    ),
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 0123456789abcdef 2026-01-05T10:00:00.000000Z",
];
const TABLES: [&str; 6] = ["returns", "revisions", "figures", "audit", "audit_personal", "requests"];
const REGION: Uuid = Uuid::from_u128(1);

/// Where submissions are kept.
#[derive(Debug, Clone)]
pub(crate) enum Keep {
    /// One writes, whatever waits at once: who waits for it hangs on the other end.
    Sqlite(mpsc::Sender<Waiting>),
    /// Each by itself; PostgreSQL groups them.
    Postgres(PgPool),
}

#[derive(Debug)]
pub(crate) struct Waiting {
    id: Uuid,
    kept: oneshot::Sender<()>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Keep {
    /// Opens `sqlite:FILE` or `postgres://…`, with its tables made if they are not there.
    pub(crate) async fn open(url: &str) -> Result<Self, Failed> {
        match url.strip_prefix("sqlite:") {
            Some(file) => Self::sqlite(file).await,
            None => {
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?;
                pool.execute(include_str!("../ceilings/postgres_tables.sql")).await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    async fn sqlite(file: &str) -> Result<Self, Failed> {
        let options = SqliteConnectOptions::from_str(file)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut conn = options.connect().await?;
        let mut lines = Vec::new();
        for (place, table) in TABLES.into_iter().enumerate() {
            let create = "region BLOB, id BLOB, line INTEGER, content TEXT, PRIMARY KEY (region, id, line)";
            conn.execute(sqlx::AssertSqlSafe(format!("CREATE TABLE IF NOT EXISTS {table} ({create})"))).await?;
            let line = |line| format!("INSERT INTO {table} VALUES (NEW.p1, NEW.p2, {line}, NEW.p{});", place + 3);
            lines.push(line(0));
            if table == "figures" {
                lines.push(line(1));
            }
        }
        // A trigger is the one way to have several statements done as one.
        let columns: Vec<String> = (1..=8).map(|n| format!("NULL AS p{n}")).collect();
        let taught = format!(
            "CREATE TEMP VIEW kept AS SELECT {}; CREATE TEMP TRIGGER keep INSTEAD OF INSERT ON kept BEGIN {} END",
            columns.join(", "),
            lines.concat()
        );
        conn.execute(sqlx::AssertSqlSafe(taught)).await?;
        let (queue, waiting) = mpsc::channel(1024);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        std::thread::Builder::new().name("keeper".to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(write(conn, waiting)) {
                eprintln!("nothing is kept any more: {error}");
            }
        })?;
        Ok(Self::Sqlite(queue))
    }

    /// Keeps one submission; it is on disk when this ends.
    pub(crate) async fn keep(&self) -> Result<(), Failed> {
        let id = Uuid::from_u64_pair(0x0190_0000_0000_7000, NEXT.fetch_add(1, Ordering::Relaxed));
        match self {
            Self::Sqlite(queue) => {
                let (kept, told) = oneshot::channel();
                queue.send(Waiting { id, kept }).await.map_err(|_| "nobody writes")?;
                told.await.map_err(|_| "it was not kept".into())
            }
            Self::Postgres(pool) => {
                sqlx::query(POSTGRES).bind(id).bind(TEXTS[4]).execute(pool).await?;
                Ok(())
            }
        }
    }

    /// Asks for one row by its key, and nothing else.
    pub(crate) async fn ask(&self) -> Result<(), Failed> {
        match self {
            Self::Sqlite(_) => Err("only PostgreSQL is asked".into()),
            Self::Postgres(pool) => {
                let asked = "SELECT revision FROM returns WHERE region = $1 AND id = $2";
                sqlx::query_scalar::<_, i64>(asked).bind(REGION).bind(Uuid::nil()).fetch_optional(pool).await?;
                Ok(())
            }
        }
    }
}

/// All the rows in one statement, which is its own transaction.
const POSTGRES: &str = "WITH a AS (INSERT INTO returns VALUES ('00000000-0000-0000-0000-000000000001', $1, '00000000-0000-0000-0000-000000000002', \
        '00000000-0000-0000-0000-000000000003', 'submitted', 1, 1)), \
    b AS (INSERT INTO revisions VALUES ('00000000-0000-0000-0000-000000000001', $1, 1, '00000000-0000-0000-0000-000000000002', 'full', \
        'Counted by the month and checked with the police.', '00000000-0000-0000-0000-000000000004', now())), \
    c AS (INSERT INTO figures SELECT '00000000-0000-0000-0000-000000000001', $1, 1, line, '00000000-0000-0000-0000-000000000002', \
        '00000000-0000-0000-0000-000000000005', '2021-10-01', '2021-12-31', 'reported', '1234', FALSE FROM generate_series(0, 1) AS line), \
    d AS (INSERT INTO audit VALUES ('00000000-0000-0000-0000-000000000001', $1, now(), '00000000-0000-0000-0000-000000000004', 'create', 'return', $1, \
        '{\"cycle\":\"00000000-0000-0000-0000-000000000003\",\"partnership\":\"00000000-0000-0000-0000-000000000002\",\"state\":\"submitted\",\"revision\":1}', \
        '00000000-0000-0000-0000-000000000007')), \
    e AS (INSERT INTO audit_personal VALUES ('00000000-0000-0000-0000-000000000001', $1, '127.0.0.1', $2)) \
    INSERT INTO requests VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000004', $1, \
        '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', $1, now())";

/// Writes whatever waits, as one transaction, until nobody can ask any more.
async fn write(mut conn: SqliteConnection, mut waiting: mpsc::Receiver<Waiting>) -> Result<(), sqlx::Error> {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let mut unit = conn.begin_with("BEGIN IMMEDIATE").await?;
        for one in &group {
            let mut query = sqlx::query("INSERT INTO kept VALUES ($1, $2, $3, $4, $5, $6, $7, $8)").bind(REGION).bind(one.id);
            for text in TEXTS {
                query = query.bind(text);
            }
            query.execute(&mut *unit).await?;
        }
        unit.commit().await?;
        for one in group.drain(..) {
            // Who has gone does not mind.
            let _ = one.kept.send(());
        }
    }
    Ok(())
}
