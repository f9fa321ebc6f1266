//! `cspd config`

use clap::Args;

use crate::{
    Failure, Terminal,
    config::{Config, DEFAULT, Layers, Sources},
};

/// Print every setting with its meaning and default, ready to be copied and changed
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd config > cspd.toml
  cspd config --effective --config cspd.toml")]
pub(crate) struct ShowConfig {
    /// What holds instead: default, file and environment laid over each other, and where each setting came from. Without
    /// secrets
    #[arg(long)]
    effective: bool,
}

impl ShowConfig {
    pub(crate) fn run(self, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
        if !self.effective {
            return terminal.write(DEFAULT);
        }
        terminal.write(Layers::load(sources)?.show())?;
        // What was shown may still not do.
        Config::load(sources)?;
        Ok(())
    }
}
