//! A terminal whose two streams can be read afterwards.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use cspd::Terminal;

/// What a command wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Screen {
    output: Stream,
    talk: Stream,
}

#[derive(Debug, Clone, Default)]
struct Stream(Arc<Mutex<Vec<u8>>>);

impl Screen {
    /// A terminal that writes here, with these variables.
    pub(crate) fn terminal<const N: usize>(&self, variables: [(&str, &str); N]) -> Terminal {
        Terminal {
            output: Box::new(self.output.clone()),
            talk: Box::new(self.talk.clone()),
            output_is_terminal: false,
            talk_is_terminal: false,
            variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    /// Data that was written.
    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    /// What was said.
    pub(crate) fn talk(&self) -> String {
        self.talk.text()
    }
}

impl Stream {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("nobody panicked while writing").clone()).expect("commands write text")
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
