//! `cspd migrate`

use clap::Args;

use crate::{
    Failure, Terminal,
    config::{Config, Sources},
    server,
};

/// Bring the database schema up to date
///
/// On SQLite the server does this by itself when it starts. On PostgreSQL it is done as the owner of the tables, under
/// database.migrate_url, so that the server itself need not be able to change them.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  cspd migrate --config /etc/cspd/cspd.toml")]
pub(crate) struct Migrate {}

impl Migrate {
    pub(crate) async fn run(self, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
        let config = Config::load(sources)?;
        match server::migrate(&config.database).await? {
            0 => terminal.say("The database schema was up to date already."),
            1 => terminal.say("The database schema is up to date: one step was taken."),
            steps => terminal.say(format!("The database schema is up to date: {steps} steps were taken.")),
        }
        Ok(())
    }
}
