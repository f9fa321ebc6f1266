//! `cspd backup`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use csp_domain::{Clock as _, clock::SystemClock};
use csp_store::{BackupError, Manifest};
use serde::Serialize;

use super::check::Output;
use crate::{
    Failure, Terminal,
    config::{Config, Sources},
    failure::with_causes,
    last_backup,
};

/// Write everything that is kept into one new file, while servers go on working
///
/// The file holds people's addresses and the hashes of tokens: only its owner can read it, and it belongs where only they can
/// go. Restore it with `cspd restore`. On PostgreSQL this needs pg_dump, of the server's version or newer.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  cspd backup --out /var/backups/cspd/2026-11-25.tar
  cspd backup verify /var/backups/cspd/2026-11-25.tar
  cspd backup --out csp.tar --output json | jq .rows"
)]
pub(crate) struct Backup {
    /// The file to write; there must be none yet
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<PathBuf>,
    /// For whom the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(subcommand)]
    word: Option<Word>,
}

#[derive(Debug, Subcommand)]
enum Word {
    Verify(Verify),
}

/// Look a backup over, without a database and without changing anything
///
/// Its parts must be those that were written. A backup of SQLite is opened, checked, and every table counted and hashed again;
/// of PostgreSQL's the rows are counted (with pg_restore), and hashed when it is restored.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  cspd backup verify /var/backups/cspd/2026-11-25.tar")]
struct Verify {
    /// The backup
    file: PathBuf,
    /// For whom the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Backup {
    pub(crate) async fn run(self, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
        match (self.word, self.out) {
            (Some(Word::Verify(verify)), _) => verify.run(terminal).await,
            (None, Some(out)) => take(out, self.output, sources, terminal).await,
            (None, None) => Err(Failure::new("--out says where the backup goes")),
        }
    }
}

async fn take(out: PathBuf, output: Output, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
    let config = Config::load(sources)?;
    let manifest = csp_store::backup(&config.database, &out, SystemClock.now(), env!("CARGO_PKG_VERSION")).await?;
    // The backup stands, whether or not it can be noted.
    if let Err(error) = last_backup::note(&config, manifest.moment) {
        let place = last_backup::path(&config);
        terminal.say(format!("The backup is complete, but its moment could not be noted in {}: {error}.", place.display()));
    }
    tell(&manifest, output, terminal)?;
    terminal.say(format!("Everything that was answered before {} is in {}.", moment(&manifest), out.display()));
    Ok(())
}

impl Verify {
    async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let manifest = csp_store::verify_backup(&self.file).await?;
        tell(&manifest, self.output, terminal)?;
        terminal.say(format!("{} is whole. It is of {}.", self.file.display(), moment(&manifest)));
        Ok(())
    }
}

/// `25 November 2026 at 22:50 UTC`.
pub(super) fn moment(manifest: &Manifest) -> String {
    manifest.moment.format("%-d %B %Y at %H:%M UTC").to_string()
}

/// What a program is told.
#[derive(Serialize)]
struct Told<'m> {
    rows: u64,
    #[serde(flatten)]
    manifest: &'m Manifest,
}

/// Writes what is in a backup.
pub(super) fn tell(manifest: &Manifest, output: Output, terminal: &mut Terminal) -> Result<(), Failure> {
    let text = match output {
        Output::Json => {
            let told = Told { rows: manifest.rows(), manifest };
            let text =
                serde_json::to_string_pretty(&told).map_err(|error| Failure::new("the answer could not be written").because(&error))?;
            format!("{text}\n")
        }
        Output::Text => table(manifest),
    };
    terminal.write(text)
}

fn table(manifest: &Manifest) -> String {
    let width = manifest.tables.iter().map(|table| table.name.len()).max().unwrap_or(0);
    let mut text = format!("{}, schema {}, by cspd {}\n", manifest.engine.name(), manifest.schema, manifest.program);
    for table in &manifest.tables {
        text.push_str(&format!("  {:<width$}  {:>9} rows\n", table.name, table.rows));
    }
    text.push_str(&format!("  {:<width$}  {:>9} rows\n", "together", manifest.rows()));
    text
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let failure = Self::new(with_causes(&error));
        match error {
            BackupError::InTheWay(_) => failure.hint("Nothing is ever written over: choose another name, or move it away first."),
            BackupError::NotEmpty { name } => failure.hint(format!(
                "To put the backup in its place, say what goes: --replace {name}. Of PostgreSQL nothing is kept; back it up first."
            )),
            BackupError::InUse => failure.hint("Stop every server that works on it, then try again."),
            BackupError::NoProgram(_) => {
                failure.hint("Install PostgreSQL's client programs, of the server's version or newer: apt install postgresql-client")
            }
            BackupError::Differs(_) => failure.hint("Nothing was changed."),
            _ => failure,
        }
    }
}
