//! A backup: everything that is kept, as it stood at one moment, in one file; and its way back.
//!
//! It is taken while servers write. On SQLite the engine itself copies a consistent view into a new file; on PostgreSQL
//! its own program dumps the very snapshot in which this crate counts and hashes. The file is a plain tar of three parts
//! (`archive.rs`): what is in it (`manifest.rs`), the data, and the hashes of both.
//!
//! A restore trusts nothing. It refuses a damaged file, another engine, a schema from the future, a database that is not
//! empty and one that is being served; it lays the data out aside (a second file; an open transaction), counts and hashes
//! every table there, and only what agrees with the manifest takes its place.
//!
//! What a backup knew as waiting may have gone out since, so nothing goes by itself afterwards: `hold.rs`.

mod archive;
mod hold;
mod manifest;
mod postgres;
mod programs;
mod script;
mod sqlite;

use std::{
    io,
    path::{Path, PathBuf},
};

use csp_domain::{chance::SharedChance, clock::Instant};

pub use self::manifest::{Manifest, TableState};
use crate::{Engine, OpenError, Settings};

pub(crate) use self::hold::STATEMENTS;

/// Why there is no backup, or why it was not restored. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file is never written over.
    #[error("there is something at {} already", .0.display())]
    InTheWay(PathBuf),
    /// The file system said no.
    #[error("{what} failed")]
    File {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// It is not what was written once.
    #[error("this backup is damaged or no backup at all: {0}")]
    Damaged(String),
    /// Made by a program that came after this one.
    #[error("this backup is in format {found}, which this program (format {known}) does not know: use a newer program")]
    Format {
        /// What it is in.
        found: u32,
        /// What is known.
        known: u32,
    },
    /// A backup goes back to the engine it came from.
    #[error("this is a backup of {}, and the database is {}", .found.name(), .wanted.name())]
    OtherEngine {
        /// Of what it is.
        found: Engine,
        /// What was asked for.
        wanted: Engine,
    },
    /// There is something in the database.
    #[error("the database is not empty")]
    NotEmpty {
        /// What must be named for it to be replaced.
        name: String,
    },
    /// What was named is not what would be replaced.
    #[error("what would be replaced is called {name}, not {said}")]
    OtherName {
        /// What it is called.
        name: String,
        /// What was said.
        said: String,
    },
    /// Somebody works on it.
    #[error("the database is in use by a server")]
    InUse,
    /// PostgreSQL's own programs do this, and there are none.
    #[error("{0} was not found, neither on the PATH nor under /usr/lib/postgresql")]
    NoProgram(&'static str),
    /// One of them failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// It was counted and hashed again, and something else came out.
    #[error("what came back is not what was backed up: {}", .0.join("; "))]
    Differs(Vec<String>),
    /// The database said no.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
}

/// How a backup is to be restored.
#[derive(Debug, Clone, Default)]
pub struct Restoring {
    /// The name of what may be replaced; none: only an empty database is filled.
    pub replace: Option<String>,
    /// Mail that was waiting goes out as if nothing had happened.
    pub mail_as_it_was: bool,
}

/// What a restore did.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What came back.
    pub manifest: Manifest,
    /// Messages that wait for a person's word.
    pub held: usize,
    /// Digests that must be approved again.
    pub unapproved: usize,
    /// SQLite: where what was replaced is kept.
    pub kept: Option<PathBuf>,
}

/// Backs a database up into a new file at `out`, readable by its owner alone. Everything that was answered before `now`
/// is in it. `program` is the version of the program that asks.
pub async fn backup(settings: &Settings, out: &Path, now: Instant, program: &str) -> Result<Manifest, BackupError> {
    if out.exists() {
        return Err(BackupError::InTheWay(out.to_owned()));
    }
    let folder = folder_of(out);
    // Beside its goal, so that it can be renamed there; for its owner alone, and gone with this function.
    let aside = tempfile::Builder::new().prefix(".cspd-backup-").tempdir_in(folder).map_err(file("making a folder for the backup"))?;
    let engine = settings.engine()?;
    let data = aside.path().join(archive::data_name(engine));
    let (schema, tables) = match engine {
        Engine::Sqlite => sqlite::copy(settings, &data).await?,
        Engine::Postgres => postgres::dump(settings, &data).await?,
    };
    let manifest = Manifest { format: Manifest::FORMAT, engine, program: program.to_owned(), schema, moment: now, tables };
    let (out, packed) = (out.to_owned(), manifest.clone());
    blocking(move || archive::pack(&packed, &data, &out)).await?;
    drop(aside);
    Ok(manifest)
}

/// Looks a backup over without a database: its hashes, and every row against its manifest as far as the engine allows.
/// SQLite's is opened and counted and hashed; of PostgreSQL's the rows are counted.
pub async fn verify_backup(backup: &Path) -> Result<Manifest, BackupError> {
    let aside = tempfile::tempdir().map_err(file("making a folder for the backup"))?;
    let (manifest, data) = unpack(backup, aside.path()).await?;
    match manifest.engine {
        Engine::Sqlite => manifest.compare(&sqlite::state(&data).await?.1)?,
        Engine::Postgres => manifest.compare_rows(&postgres::rows_of_dump(&data, aside.path()).await?)?,
    }
    Ok(manifest)
}

/// Puts a backup in the place of the database that `settings` name.
pub async fn restore(
    settings: &Settings,
    backup: &Path,
    how: Restoring,
    now: Instant,
    chance: SharedChance,
) -> Result<Restored, BackupError> {
    match settings.engine()? {
        Engine::Sqlite => sqlite::restore(settings, backup, how, now, chance).await,
        Engine::Postgres => postgres::restore(settings, backup, how, now, chance).await,
    }
}

/// Takes the parts out of a backup and checks them; answers where the data is.
async fn unpack(backup: &Path, into: &Path) -> Result<(Manifest, PathBuf), BackupError> {
    let (backup, into) = (backup.to_owned(), into.to_owned());
    blocking(move || archive::unpack(&backup, &into)).await
}

/// The same, for an engine and by a program that knows the schema.
async fn unpack_for(engine: Engine, known: i64, backup: &Path, into: &Path) -> Result<(Manifest, PathBuf), BackupError> {
    let (manifest, data) = unpack(backup, into).await?;
    if manifest.engine != engine {
        return Err(BackupError::OtherEngine { found: manifest.engine, wanted: engine });
    }
    if manifest.schema > known {
        return Err(OpenError::Ahead { found: manifest.schema, known }.into());
    }
    Ok((manifest, data))
}

/// Whether what is there may go. `name` is what it is called.
fn may_replace(empty: bool, name: &str, how: &Restoring) -> Result<(), BackupError> {
    match &how.replace {
        _ if empty => Ok(()),
        None => Err(BackupError::NotEmpty { name: name.to_owned() }),
        Some(said) if said == name => Ok(()),
        Some(said) => Err(BackupError::OtherName { name: name.to_owned(), said: said.clone() }),
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Names what the file system was asked for.
fn file(what: &'static str) -> impl Fn(io::Error) -> BackupError {
    move |source| BackupError::File { what, source }
}

/// Files are read and written away from the tasks that answer callers.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, BackupError> + Send + 'static) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(BackupError::File { what: "working on the backup", source: io::Error::other(error) }))
}
