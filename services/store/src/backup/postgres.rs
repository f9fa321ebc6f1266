//! PostgreSQL: its own program dumps the snapshot in which this crate counts and hashes; the way back is one transaction,
//! which is committed when what came back counts and hashes the same.

use std::{collections::BTreeMap, path::Path, str::FromStr as _, time::Duration};

use csp_domain::{Scope, chance::SharedChance, clock::Instant};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};

use super::{
    BackupError, Restored, Restoring, TableState, file, hold, may_replace, programs,
    script::{self, Piece, Script},
    unpack_for,
};
use crate::{
    Engine, OpenError, Settings,
    engine::{self, Conn},
    lines::Lines,
};

/// Everything that tables and functions of ours are made of, and nothing that came with an extension.
const FUNCTIONS: &str = "SELECT format('DROP FUNCTION %I.%I(%s) CASCADE', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) \
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' \
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1";
const TABLES: &str = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname COLLATE \"C\"";
const KEY: &str = "SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, place) \
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
    WHERE i.indisprimary AND i.indrelid = to_regclass($1) ORDER BY k.place";
/// Other servers on this database. Of another role's session the name may be hidden; then it counts.
const SERVERS: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
    AND usesysid IS NOT NULL AND COALESCE(application_name, 'cspd') = 'cspd'";

/// As the owner of the tables where there is an address for them. Nothing here is in a hurry, and rows must be written as
/// text in one way only, whatever the database's own settings.
fn options(settings: &Settings) -> Result<PgConnectOptions, OpenError> {
    let url = settings.migrate_url.as_deref().unwrap_or(&settings.url);
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Unreadable("not a PostgreSQL address".to_owned()))?;
    Ok(options.application_name("cspd backup").options([
        ("csp.scope", "system"),
        ("bytea_output", "hex"),
        ("IntervalStyle", "postgres"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        ("lock_timeout", "10s"),
    ]))
}

/// Dumps the database to `into`, and answers what is in the dump.
pub(super) async fn dump(settings: &Settings, into: &Path) -> Result<(i64, Vec<TableState>), BackupError> {
    let options = options(settings)?;
    let mut conn = PgConnection::connect_with(&options).await.map_err(OpenError::Connect)?;
    conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut conn).await?;
    let mut arguments: Vec<_> =
        ["--format=custom", "--compress=1", "--no-owner", "--enable-row-security", "--lock-wait-timeout=10s"].map(Into::into).to_vec();
    arguments.push(format!("--snapshot={snapshot}").into());
    arguments.push(format!("--file={}", into.display()).into());
    engine::make_private(into);
    // Side by side, from the same view.
    let (dumped, found) = tokio::join!(programs::run("pg_dump", arguments, programs::variables(&options)), state(&mut conn));
    let found = found?;
    dumped?;
    conn.execute("ROLLBACK").await?;
    conn.close().await?;
    Ok(found)
}

/// The schema's version and every table, as the transaction of `conn` sees them.
async fn state(conn: &mut PgConnection) -> Result<(i64, Vec<TableState>), BackupError> {
    let schema = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM public._sqlx_migrations").fetch_one(&mut *conn).await?;
    let names: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *conn).await?;
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let table = format!("public.{}", quoted(&name));
        let key: Vec<String> = sqlx::query_scalar(KEY).bind(&table).fetch_all(&mut *conn).await?;
        // By bytes, so that another server with another language puts them in the same order.
        let mut order: Vec<String> = key.iter().map(|column| format!("t.{}::text COLLATE \"C\"", quoted(column))).collect();
        if order.is_empty() {
            order.push("t::text COLLATE \"C\"".to_owned());
        }
        let text = format!("SELECT t::text FROM {table} t ORDER BY {}", order.join(", "));
        found.push(TableState::of(&name, sqlx::query_scalar(AssertSqlSafe(text)).fetch(&mut *conn)).await?);
    }
    Ok((schema, found))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Has `pg_restore` write a dump as a script.
async fn to_script(dump: &Path, into: &Path) -> Result<Script, BackupError> {
    engine::make_private(into);
    let arguments = vec!["--no-owner".into(), format!("--file={}", into.display()).into(), dump.into()];
    programs::run("pg_restore", arguments, Vec::new()).await?;
    Script::open(into).map_err(file("reading the dump"))
}

/// How many rows a dump has of each table.
pub(super) async fn rows_of_dump(dump: &Path, folder: &Path) -> Result<BTreeMap<String, u64>, BackupError> {
    let mut script = to_script(dump, &folder.join("csp.sql")).await?;
    let reading = file("reading the dump");
    let mut found = BTreeMap::new();
    while let Some(piece) = script.piece().map_err(&reading)? {
        if let Piece::Copy(statement) = piece {
            let mut rows = 0;
            while script.row().map_err(&reading)?.is_some() {
                rows += 1;
            }
            found.insert(script::table_of(&statement), rows);
        }
    }
    Ok(found)
}

pub(super) async fn restore(
    settings: &Settings,
    backup: &Path,
    how: Restoring,
    now: Instant,
    chance: SharedChance,
) -> Result<Restored, BackupError> {
    let aside = tempfile::tempdir().map_err(file("making a folder for the backup"))?;
    let (manifest, data) = unpack_for(Engine::Postgres, engine::newest_of(Engine::Postgres), backup, aside.path()).await?;
    let mut script = to_script(&data, &aside.path().join("csp.sql")).await?;

    let lines = Lines::new(options(settings)?, 1);
    lines.aside().await.map_err(OpenError::Connect)?.close().await?;
    let mut line = lines.begin("BEGIN", Scope::System).await?;
    let conn = &mut *line;
    alone(conn).await?;
    let name: String = sqlx::query_scalar("SELECT current_database()::text").fetch_one(&mut *conn).await?;
    let there: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *conn).await?;
    may_replace(there.is_empty(), &name, &how)?;
    clear(conn, &there).await?;
    run(conn, &mut script).await?;
    manifest.compare(&state(conn).await?.1)?;

    let (held, unapproved) = if how.mail_as_it_was {
        line.end("COMMIT").await?;
        (0, 0)
    } else {
        let (conn, done) = hold::hold(Conn::Postgres(Box::new(line)), manifest.moment, now, chance).await?;
        if let Conn::Postgres(line) = conn {
            line.end("COMMIT").await?;
        }
        done
    };
    lines.close().await;
    Ok(Restored { manifest, held, unapproved, kept: None })
}

/// Refuses to go on beside a server. One that was just stopped may take a moment to leave.
async fn alone(conn: &mut PgConnection) -> Result<(), BackupError> {
    for _ in 0..20 {
        let servers: i64 = sqlx::query_scalar(SERVERS).fetch_one(&mut *conn).await?;
        if servers == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(BackupError::InUse)
}

/// Removes what is ours. Whoever else has something that hangs on it hears of it by the refusal.
async fn clear(conn: &mut PgConnection, tables: &[String]) -> Result<(), BackupError> {
    if !tables.is_empty() {
        let names: Vec<String> = tables.iter().map(|name| format!("public.{}", quoted(name))).collect();
        conn.execute(AssertSqlSafe(format!("DROP TABLE {} CASCADE", names.join(", ")))).await?;
    }
    let functions: Vec<String> = sqlx::query_scalar(FUNCTIONS).fetch_all(&mut *conn).await?;
    for drop in functions {
        conn.execute(AssertSqlSafe(drop)).await?;
    }
    Ok(())
}

async fn run(conn: &mut PgConnection, script: &mut Script) -> Result<(), BackupError> {
    let reading = file("reading the dump");
    while let Some(piece) = script.piece().map_err(&reading)? {
        match piece {
            Piece::Statements(text) => {
                conn.execute(AssertSqlSafe(text)).await?;
            }
            Piece::Copy(statement) => {
                let mut table = conn.copy_in_raw(&statement).await?;
                while let Some(row) = script.row().map_err(&reading)? {
                    table.send(row).await?;
                }
                table.finish().await?;
            }
        }
    }
    Ok(())
}
