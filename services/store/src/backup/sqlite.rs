//! SQLite: the engine copies a consistent view into a new file while others write; the way back is a file that takes the
//! place of another.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    str::FromStr as _,
};

use csp_domain::{chance::SharedChance, clock::Instant};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{BackupError, Restored, Restoring, TableState, archive, blocking, file, folder_of, hold, may_replace, unpack_for};
use crate::{
    Engine, Lock, OpenError, Settings,
    engine::{self, Conn},
};

/// Copies the database to `into`, and answers what is in the copy.
pub(super) async fn copy(settings: &Settings, into: &Path) -> Result<(i64, Vec<TableState>), BackupError> {
    let options = engine::sqlite_options(settings)?.create_if_missing(false);
    let mut conn = options.connect().await.map_err(engine::damaged_or_out_of_reach)?;
    engine::quick_check(&mut conn).await?;
    // An empty file is filled, and stays as private as it was made.
    engine::make_private(into);
    sqlx::query("VACUUM INTO $1").bind(into.display().to_string()).execute(&mut conn).await?;
    conn.close().await?;
    let copied = into.to_owned();
    blocking(move || fs::File::open(copied).and_then(|copy| copy.sync_all()).map_err(file("writing the copy through to the disk"))).await?;
    state(into).await
}

/// The schema's version and every table of a file that nobody else has open, after a thorough look at it.
pub(super) async fn state(path: &Path) -> Result<(i64, Vec<TableState>), BackupError> {
    let mut conn = aside(path).read_only(true).connect().await.map_err(engine::damaged_or_out_of_reach)?;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut conn).await?;
    let orphans: Vec<String> = sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check").fetch_all(&mut conn).await?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict).into());
    }
    if let Some(table) = orphans.first() {
        return Err(OpenError::Damaged(format!("a row of {table} belongs to one that is not there")).into());
    }
    let schema: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations").fetch_one(&mut conn).await?;
    let found = tables(&mut conn).await?;
    conn.close().await?;
    Ok((schema, found))
}

async fn tables(conn: &mut SqliteConnection) -> Result<Vec<TableState>, sqlx::Error> {
    let list = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let names: Vec<String> = sqlx::query_scalar(list).fetch_all(&mut *conn).await?;
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let columns: Vec<(String, i64)> =
            sqlx::query_as("SELECT name, pk FROM pragma_table_info($1) ORDER BY cid").bind(&name).fetch_all(&mut *conn).await?;
        let row: Vec<String> = columns.iter().map(|(column, _)| format!("quote({})", quoted(column))).collect();
        let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, place)| *place > 0).collect();
        key.sort_by_key(|(_, place)| *place);
        let mut order: Vec<String> = key.into_iter().map(|(column, _)| quoted(column)).collect();
        // A table without a key has its rows in some order all the same, and equal rows are equal.
        order.extend(row.iter().cloned());
        let text = format!("SELECT {} FROM {} ORDER BY {}", row.join(" || ',' || "), quoted(&name), order.join(", "));
        found.push(TableState::of(&name, sqlx::query_scalar(AssertSqlSafe(text)).fetch(&mut *conn)).await?);
    }
    Ok(found)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A file that is on its way: no log beside it, so that it is whole by itself.
fn aside(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).create_if_missing(false).foreign_keys(true).pragma("trusted_schema", "OFF")
}

pub(super) async fn restore(
    settings: &Settings,
    backup: &Path,
    how: Restoring,
    now: Instant,
    chance: SharedChance,
) -> Result<Restored, BackupError> {
    let options = SqliteConnectOptions::from_str(&settings.url).map_err(|e| OpenError::Unreadable(e.to_string()))?;
    let target = options.get_filename().to_owned();
    let folder = folder_of(&target).to_owned();
    fs::create_dir_all(&folder).map_err(file("making the database's folder"))?;
    let lock = Lock::take(settings).map_err(|error| match error {
        OpenError::InUse => BackupError::InUse,
        error => error.into(),
    })?;
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    may_replace(is_empty(&target).await, &name, &how)?;
    let kept = beside(&target, ".before-restore");
    for file in [kept.clone(), beside(&kept, "-wal")] {
        if file.exists() {
            return Err(BackupError::InTheWay(file));
        }
    }

    let on_the_way =
        tempfile::Builder::new().prefix(".cspd-restore-").tempdir_in(&folder).map_err(file("making a folder beside the database"))?;
    let (manifest, data) = unpack_for(Engine::Sqlite, engine::newest_of(Engine::Sqlite), backup, on_the_way.path()).await?;
    manifest.compare(&state(&data).await?.1)?;
    let (held, unapproved) = if how.mail_as_it_was { (0, 0) } else { hold_mail(&data, manifest.moment, now, chance).await? };
    let replaced = target.exists();
    let swap = (data, target, kept.clone(), folder);
    blocking(move || take_the_place(&swap.0, &swap.1, &swap.2, &swap.3).map_err(file("putting the restored file in its place"))).await?;
    drop(lock);
    Ok(Restored { manifest, held, unapproved, kept: replaced.then_some(kept) })
}

/// Whether there is nothing to lose: no file, or one without a table. What does not open may be worth something yet.
async fn is_empty(target: &Path) -> bool {
    if !target.exists() {
        return true;
    }
    let Ok(mut conn) = SqliteConnectOptions::new().filename(target).create_if_missing(false).connect().await else { return false };
    let tables: Result<i64, sqlx::Error> = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut conn).await;
    let _ = conn.close().await;
    matches!(tables, Ok(0))
}

async fn hold_mail(path: &Path, moment: Instant, now: Instant, chance: SharedChance) -> Result<(usize, usize), BackupError> {
    let mut conn = aside(path).journal_mode(SqliteJournalMode::Delete).connect().await?;
    conn.execute("BEGIN IMMEDIATE").await?;
    let (conn, done) = hold::hold(Conn::Sqlite(Box::new(conn)), moment, now, chance).await?;
    if let Conn::Sqlite(mut conn) = conn {
        conn.execute("COMMIT").await?;
        conn.close().await?;
    }
    Ok(done)
}

/// Swaps the files so that whatever interrupts it, what was there is whole under one of two names, and a log of the one
/// never lies beside the other.
fn take_the_place(new: &Path, target: &Path, kept: &Path, folder: &Path) -> io::Result<()> {
    fs::File::open(new)?.sync_all()?;
    if target.exists() {
        fs::hard_link(target, kept)?;
        let log = beside(target, "-wal");
        if log.exists() {
            fs::rename(&log, beside(kept, "-wal"))?;
        }
        archive::sync_folder(folder)?;
    }
    for left in ["-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(target, left)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(new, target)?;
    archive::sync_folder(folder)
}

/// `csp.db` and `-wal` make `csp.db-wal`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
