//! The server under measurement: the program itself, with its own defaults, but for the limit on the rate of one tenant, which
//! would be what is measured.

use std::{path::Path, process::Command};

use crate::{
    Outcome,
    options::Bench,
    postgres::Address,
    process::{Listening, free_address, output},
};

/// Where the server keeps what it is given.
#[derive(Debug)]
pub(crate) enum Database {
    /// In a file of its folder.
    Sqlite,
    /// There.
    Postgres(Address),
}

fn command(bench: &Bench, folder: &Path, database: &Database) -> Command {
    let mut command = Command::new(&bench.server);
    // Nothing of the surroundings but what is said here.
    command.env_clear().current_dir(folder).env("CSPD_DATA_DIRECTORY", folder.join("data"));
    if let Database::Postgres(address) = database {
        command.env("CSPD_DATABASE__URL", &address.serving).env("CSPD_DATABASE__MIGRATE_URL", &address.owner);
    }
    command
}

/// Makes the database and answers the first administrator's token.
pub(crate) fn init(bench: &Bench, folder: &Path, database: &Database) -> Outcome<String> {
    let mut command = command(bench, folder, database);
    command.args(["init", "--name", "Service Administrator", "--email", "administrator@example.org"]);
    Ok(output(&mut command)?.trim().to_owned())
}

/// Starts the least that a server can be, which keeps what it is sent in a database.
pub(crate) async fn bare(log: &Path, database: &str, arguments: &[&std::ffi::OsStr]) -> Outcome<Listening> {
    let listen = free_address()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_csp-bench-plain"));
    command.args(["--listen", &listen, "--keep", database]).args(arguments);
    Listening::start(command, listen, log).await
}

/// Starts the server and waits until it listens.
pub(crate) async fn serve(bench: &Bench, folder: &Path, database: &Database) -> Outcome<Listening> {
    let address = free_address()?;
    let mut command = command(bench, folder, database);
    command.arg("serve").env("CSPD_LISTEN__API", &address).env("CSPD_LISTEN__WEB", "");
    for limit in ["TENANT_PER_SECOND", "TENANT_BURST"] {
        command.env(format!("CSPD_LIMITS__{limit}"), "100000");
    }
    Listening::start(command, address, &folder.join("cspd.log")).await
}
