//! A module for each word that can stand behind `cspd`.

pub(crate) mod backup;
pub(crate) mod calendar;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod init;
pub(crate) mod migrate;
pub(crate) mod probe;
pub(crate) mod restore;
pub(crate) mod serve;

use crate::{
    Failure, Terminal,
    cli::{Cli, Command},
    config::Sources,
};

/// Carries out what was typed.
pub(crate) async fn run(cli: Cli, terminal: &mut Terminal) -> Result<(), Failure> {
    let sources = Sources::new(cli.config, terminal.variables.clone());
    match cli.command {
        Command::Demo(demo) => demo.run(terminal).await,
        Command::Init(init) => init.run(&sources, terminal).await,
        Command::Serve(serve) => serve.run(&sources).await,
        Command::Check(check) => check.run(&sources, terminal).await,
        Command::Config(config) => config.run(&sources, terminal),
        Command::Migrate(migrate) => migrate.run(&sources, terminal).await,
        Command::Backup(backup) => backup.run(&sources, terminal).await,
        Command::Restore(restore) => restore.run(&sources, terminal).await,
        Command::Calendar(calendar) => calendar.run(terminal),
    }
}
