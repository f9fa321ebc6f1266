//! One server to one SQLite file.
//!
//! SQLite itself lets several processes write in turn, and `cspd init`, `check` and `backup` do so beside a running
//! server. Two *servers* would each take what the other holds for left over from a crash ([`crate::Store::reclaim_messages`]),
//! and mail would go twice. The lock is the operating system's, on a file beside the database, so it goes with the process
//! however that ends.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    str::FromStr as _,
};

use sqlx::sqlite::SqliteConnectOptions;

use crate::{Engine, OpenError, Settings};

/// Held for as long as this process serves a database, or replaces it.
#[derive(Debug)]
pub struct Lock {
    /// PostgreSQL has none: its servers share.
    _held: Option<File>,
}

impl Lock {
    /// Takes the lock, or says that a server has it.
    pub fn take(settings: &Settings) -> Result<Self, OpenError> {
        if settings.engine()? == Engine::Postgres {
            return Ok(Self { _held: None });
        }
        let options = SqliteConnectOptions::from_str(&settings.url).map_err(|e| OpenError::Unreadable(e.to_string()))?;
        let mut name = options.get_filename().as_os_str().to_owned();
        name.push(".lock");
        let mut how = File::options();
        how.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        let file = how.open(PathBuf::from(name)).map_err(OpenError::Lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(OpenError::Lock(error)),
        }
    }
}
