//! PostgreSQL's own programs: where they are, and how they are told where the server is without anybody on the machine
//! reading a password over their shoulder.

use std::{
    env,
    ffi::OsString,
    path::PathBuf,
    process::{Command, Stdio},
};

use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{BackupError, blocking};

/// The program: the first on the PATH, else the newest of Debian's.
fn find(name: &'static str) -> Result<PathBuf, BackupError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        installed.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    env::split_paths(&path)
        .chain(versions.into_iter().map(|(_, folder)| folder))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or(BackupError::NoProgram(name))
}

/// Runs a program to its end.
pub(super) async fn run(name: &'static str, arguments: Vec<OsString>, variables: Vec<(&'static str, String)>) -> Result<(), BackupError> {
    blocking(move || {
        let mut command = Command::new(find(name)?);
        command.args(arguments).envs(variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let failed = |said: String| BackupError::Program { program: name, said };
        let ended = command.output().map_err(|error| failed(error.to_string()))?;
        if ended.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let first: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(3).collect();
        Err(failed(if first.is_empty() { ended.status.to_string() } else { first.join(" ") }))
    })
    .await
}

/// What tells libpq where the server is. The environment of a process is for its owner alone; its arguments are not.
pub(super) fn variables(options: &PgConnectOptions) -> Vec<(&'static str, String)> {
    let host = options.get_socket().map_or_else(|| options.get_host().to_owned(), |folder| folder.display().to_string());
    let mode = match options.get_ssl_mode() {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    };
    let mut found = vec![
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGDATABASE", options.get_database().unwrap_or(options.get_username()).to_owned()),
        ("PGSSLMODE", mode.to_owned()),
        // Row-level security shows nothing to those who do not say for whom they look.
        ("PGOPTIONS", "-c csp.scope=system".to_owned()),
        ("PGAPPNAME", "cspd backup".to_owned()),
    ];
    let url = options.to_url_lossy();
    if let Some(password) = url.password() {
        found.push(("PGPASSWORD", percent_decoded(password)));
    }
    for (key, value) in url.query_pairs() {
        let name = match key.as_ref() {
            "sslrootcert" => "PGSSLROOTCERT",
            "sslcert" => "PGSSLCERT",
            "sslkey" => "PGSSLKEY",
            _ => continue,
        };
        found.push((name, value.into_owned()));
    }
    found
}

/// `p%40ss` is `p@ss`.
fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let coded = (first == b'%').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
        match coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    #[test]
    fn libpq_is_told_what_the_address_says() {
        let options = PgConnectOptions::from_str("postgres://owner:p%40%25%C3%A9@db.example.org:6432/csp?sslmode=verify-full").unwrap();
        let told = variables(&options);
        let value = |name: &str| told.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("PGPASSWORD"), Some("p@%é"));
        assert_eq!((value("PGHOST"), value("PGPORT")), (Some("db.example.org"), Some("6432")));
        assert_eq!((value("PGUSER"), value("PGDATABASE"), value("PGSSLMODE")), (Some("owner"), Some("csp"), Some("verify-full")));
        let told = variables(&PgConnectOptions::from_str("postgres://owner@localhost/csp?host=/run/postgresql").unwrap());
        assert!(told.contains(&("PGHOST", "/run/postgresql".to_owned())), "{:?}", told.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
}
