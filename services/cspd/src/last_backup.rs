//! When the last backup was made: one line in a file, so that whoever watches the service can ask cheaply and often.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use csp_domain::Instant;

use crate::config::Config;

/// `last-backup`, beside the SQLite file; for PostgreSQL in the folder for what is kept in files.
pub fn path(config: &Config) -> PathBuf {
    let sqlite = config.database.url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()).map(Path::new);
    sqlite.and_then(Path::parent).unwrap_or(&config.data_directory).join("last-backup")
}

/// Notes that a backup of `moment` was made.
pub(crate) fn note(config: &Config, moment: Instant) -> io::Result<()> {
    let path = path(config);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    crate::server::make_private(folder)?;
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(aside, "{}", moment.to_rfc3339())?;
    aside.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// When the last backup was made, by the file at `path`; none if there was none.
pub fn read(path: &Path) -> Option<Instant> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}
