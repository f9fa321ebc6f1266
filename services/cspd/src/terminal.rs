//! What a command touches outside itself: two streams and the environment. Handed in, so that tests run whole commands in
//! their own process and nobody changes the environment.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _, Write},
};

use crate::Failure;

/// The surroundings of one run.
pub struct Terminal {
    /// Data.
    pub output: Box<dyn Write + Send>,
    /// Talk: progress, receipts, errors.
    pub talk: Box<dyn Write + Send>,
    /// Whether a person reads `output`.
    pub output_is_terminal: bool,
    /// Whether a person reads `talk`.
    pub talk_is_terminal: bool,
    /// The environment.
    pub variables: BTreeMap<String, String>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("talk_is_terminal", &self.talk_is_terminal).finish_non_exhaustive()
    }
}

impl Terminal {
    /// The surroundings of this process.
    pub fn of_process() -> Self {
        Self {
            output: Box::new(io::stdout()),
            talk: Box::new(io::stderr()),
            output_is_terminal: io::stdout().is_terminal(),
            talk_is_terminal: io::stderr().is_terminal(),
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        }
    }

    /// Whether bold and colour are wanted in talk.
    pub(crate) fn styled_talk(&self) -> bool {
        let set = |name: &str| self.variables.get(name).is_some_and(|value| !value.is_empty());
        self.talk_is_terminal && !set("NO_COLOR") && self.variables.get("TERM").is_none_or(|term| term != "dumb")
    }

    /// Writes data.
    pub(crate) fn write(&mut self, data: impl AsRef<str>) -> Result<(), Failure> {
        let written = self.output.write_all(data.as_ref().as_bytes()).and_then(|()| self.output.flush());
        match written {
            // Whoever read it has seen enough: `cspd config | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| Failure::new("the answer could not be written").because(&error)),
        }
    }

    /// Says a line. That nobody listens is no fault.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.talk, "{}", line.as_ref());
    }
}
