//! The command line: what can be typed, and its help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        backup::Backup, calendar::Calendar, check::Check, config::ShowConfig, init::Init, migrate::Migrate, restore::Restore, serve::Serve,
    },
    demo::Demo,
};

const GUIDE: &str = "\
Examples:
  cspd demo
  cspd calendar 2014-10-23 --nation england
  cspd init --name 'Service Administrator' --email administrator@example.org > admin.token
  cspd serve --config /etc/cspd/cspd.toml
  CSPD_LOG__FORMAT=json cspd serve

Data is written to the standard output; the log, progress and errors go to the standard error.

Exit codes:
  0   done
  1   not done; the last line says why
  64  the command was not understood, or the settings will not do; nothing was started";

/// The server of CSP Digest.
///
/// It keeps what partnerships send in, opens and closes each quarter's collecting, assembles the committee's digest and mails
/// it to every member. People use it through the program csp, or any gRPC client.
#[derive(Debug, Parser)]
#[command(name = "cspd", version, after_help = GUIDE, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// File of settings; `cspd config` prints one with every setting explained
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    Init(Init),
    Serve(Serve),
    Check(Check),
    Config(ShowConfig),
    Migrate(Migrate),
    Backup(Backup),
    Restore(Restore),
    Calendar(Calendar),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn every_page_of_help_has_an_example() {
        let cli = Cli::command();
        cli.clone().debug_assert();
        for page in std::iter::once(&cli).chain(cli.get_subcommands()) {
            let text = page.clone().render_long_help().to_string();
            assert!(text.contains("Example") && text.contains("  cspd "), "{text}");
        }
    }
}
