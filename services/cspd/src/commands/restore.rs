//! `cspd restore`

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use csp_domain::{Clock as _, chance::SystemChance, clock::SystemClock};
use csp_store::{Restored, Restoring};

use super::{
    backup::{moment, tell},
    check::Output,
};
use crate::{
    Failure, Terminal,
    config::{Config, Sources},
};

/// Put a backup in the place of the database, after checking every row of it
///
/// Stop the servers first. The data is laid out aside, counted and hashed, and takes its place only when it is what was backed
/// up. Mail that was on its way when the backup was made may have gone since: it is held, and a digest that was approved and
/// not released must be approved again. An older schema is brought up to date by the next `cspd serve` or `cspd migrate`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd restore /var/backups/cspd/2026-11-25.tar
  cspd restore /var/backups/cspd/2026-11-25.tar --replace csp.db      what is there is kept as csp.db.before-restore
  csp messages --state held                                           what waits for your word afterwards")]
pub(crate) struct Restore {
    /// The backup, made by `cspd backup`
    file: PathBuf,
    /// Replace what is there. Its name must be given: the SQLite file's, or the PostgreSQL database's
    #[arg(long, value_name = "NAME")]
    replace: Option<String>,
    /// Let mail go out, and digests be released, as if nothing had happened
    #[arg(long)]
    mail_as_it_was: bool,
    /// For whom the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Restore {
    pub(crate) async fn run(self, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
        let config = Config::load(sources)?;
        let how = Restoring { replace: self.replace, mail_as_it_was: self.mail_as_it_was };
        let restored = csp_store::restore(&config.database, &self.file, how, SystemClock.now(), Arc::new(SystemChance)).await?;
        tell(&restored.manifest, self.output, terminal)?;
        say(&restored, self.mail_as_it_was, terminal);
        Ok(())
    }
}

fn say(restored: &Restored, mail_as_it_was: bool, terminal: &mut Terminal) {
    let Restored { manifest, held, unapproved, kept } = restored;
    terminal.say(format!("Every row is back as it was on {}.", moment(manifest)));
    if let Some(kept) = kept {
        terminal.say(format!("What was there before is kept as {}: delete it when you are sure.", kept.display()));
    }
    if mail_as_it_was {
        terminal.say("Mail goes on where it was: who was written to since the backup may be written to again.");
        return;
    }
    terminal.say(match held {
        0 => "No mail was on its way.".to_owned(),
        1 => "One message that was on its way is held; `csp messages --state held` shows it.".to_owned(),
        held => format!("{held} messages that were on their way are held; `csp messages --state held` shows them."),
    });
    if *unapproved > 0 {
        terminal.say(format!("Digests approved and not released by then, to be approved again: {unapproved}."));
    }
}
