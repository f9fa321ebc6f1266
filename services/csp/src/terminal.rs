//! What the program touches outside itself: the three streams, the environment, and how patient it is. Handed in, so
//! that tests run whole commands in their own process and nobody changes the environment.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, IsTerminal as _, Read as _, Write},
    time::Duration,
};

use crate::error::Error;

/// The surroundings of one run.
pub struct Terminal {
    /// Answers and piped files.
    pub input: Box<dyn BufRead>,
    /// Data.
    pub output: Box<dyn Write>,
    /// Talk: questions, receipts, progress, errors.
    pub talk: Box<dyn Write>,
    /// Whether a person answers at `input`.
    pub input_is_terminal: bool,
    /// Whether a person reads `output`.
    pub output_is_terminal: bool,
    /// Whether a person reads `talk`.
    pub talk_is_terminal: bool,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// How long to wait before each further try, when the server does not answer.
    pub pauses: Vec<Duration>,
}

impl Terminal {
    /// The surroundings of this process.
    pub fn of_process() -> Self {
        Self {
            input: Box::new(io::BufReader::new(io::stdin())),
            output: Box::new(io::stdout()),
            talk: Box::new(io::stderr()),
            input_is_terminal: io::stdin().is_terminal(),
            output_is_terminal: io::stdout().is_terminal(),
            talk_is_terminal: io::stderr().is_terminal(),
            environment: std::env::vars_os()
                .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            pauses: [250, 500, 1_000].map(Duration::from_millis).to_vec(),
        }
    }

    /// A variable of the environment. One that is empty counts as not set.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether colour and bold are wanted on data.
    pub(crate) fn styled_output(&self) -> bool {
        self.output_is_terminal && self.wants_style()
    }

    /// Whether colour and bold are wanted in talk.
    pub(crate) fn styled_talk(&self) -> bool {
        self.talk_is_terminal && self.wants_style()
    }

    fn wants_style(&self) -> bool {
        self.variable("NO_COLOR").is_none() && self.variable("TERM") != Some("dumb")
    }

    /// Writes data.
    pub(crate) fn write(&mut self, data: &[u8]) -> Result<(), Error> {
        let written = self.output.write_all(data).and_then(|()| self.output.flush());
        match written {
            // Whoever read it has seen enough: `csp news list | head`.
            Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(fault) => Err(Error::unexpected(format!("The answer could not be written: {fault}."))),
            Ok(()) => Ok(()),
        }
    }

    /// Says a line. That nobody listens is no fault.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.talk, "{}", printable(line.as_ref()));
    }

    /// Says a line in bold, where that can be seen.
    pub(crate) fn announce(&mut self, line: &str) {
        let (on, off) = if self.styled_talk() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(self.talk, "{on}{}{off}", printable(line));
    }

    /// Asks a question and reads the line that answers it.
    pub(crate) fn ask(&mut self, question: &str) -> Result<String, Error> {
        let _ = write!(self.talk, "{} ", printable(question));
        let _ = self.talk.flush();
        self.read_line()
    }

    /// Reads one line, without its end.
    pub(crate) fn read_line(&mut self) -> Result<String, Error> {
        let mut line = String::new();
        // An answer, a token: nothing that is typed here is long.
        let read = self.input.by_ref().take(4_096).read_line(&mut line);
        read.map_err(|fault| Error::unexpected(format!("The answer could not be read: {fault}.")))?;
        Ok(line.trim().to_owned())
    }
}

/// `text` without the control characters that could play tricks on a terminal. Line ends and tabs stay.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}
