//! `csp completions`.

use clap::Args;
use clap_complete::Shell;

use crate::{error::Error, session::Session};

/// Print the completions for a shell, so that the Tab key finishes commands
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  csp completions bash > ~/.local/share/bash-completion/completions/csp")]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::command_line(), "csp", &mut script);
        session.terminal.write(&script)
    }
}
