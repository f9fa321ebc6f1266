//! `[database]`

use std::path::Path;

use csp_store::Settings;

use super::Reader;

pub(super) fn read(reader: &mut Reader<'_>, data: &Path) -> Settings {
    let mut url = address(reader, "database.url", "database.url_file").unwrap_or_default();
    if url.is_empty() {
        url = format!("sqlite://{}", data.join("csp.db").display());
    }
    let postgres = is_postgres(&url);
    if !postgres && !url.strip_prefix("sqlite://").is_some_and(is_file) {
        reader.fault(
            "database.url",
            "must be a file, such as sqlite:///var/lib/cspd/csp.db, or a server, such as postgres://csp_app@host/csp",
        );
    }
    let migrate_url = address(reader, "database.migrate_url", "database.migrate_url_file");
    if let Some(migrate_url) = &migrate_url {
        if !postgres {
            reader.fault("database.migrate_url", "has no meaning for SQLite: leave it empty");
        } else if !is_postgres(migrate_url) {
            reader.fault("database.migrate_url", "must be the same database under its owner's name, such as postgres://csp_owner@host/csp");
        }
    }
    Settings { url, migrate_url, connections: reader.number("database.connections", 1..=1_000) }
}

/// An address, given or in a file of its own: with a password in it, it should stand neither in a file that others read nor
/// in an environment that others see.
fn address(reader: &mut Reader<'_>, name: &str, file: &str) -> Option<String> {
    let given = Some(reader.text(name)).filter(|url| !url.is_empty());
    if given.is_some() && reader.is_set(file) {
        reader.fault(file, format_args!("must be empty when {name} is set: which of the two holds?"));
        return given;
    }
    given.or_else(|| reader.secret(file)).map(|url| url.trim().to_owned())
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// A database in memory would be another one for each connection.
fn is_file(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default();
    !path.is_empty() && !path.ends_with('/') && path != ":memory:" && !rest.contains("mode=memory")
}
