//! Why a command was not carried out, as a person reads it and as an exit code.

use std::{error::Error, fmt};

use crate::{ServeError, config::Faults};

/// Not understood, or badly configured (EX_USAGE of sysexits.h).
pub(crate) const USAGE: u8 = 64;

/// Why a command was not carried out.
#[derive(Debug)]
pub enum Failure {
    /// The settings will not do.
    Settings(Faults),
    /// Anything else: a sentence, and what to do about it.
    Other {
        /// What happened, and why.
        sentence: String,
        /// What may help.
        hints: Vec<String>,
    },
    /// It was said already.
    Said,
}

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self::Other { sentence: sentence.into(), hints: Vec::new() }
    }

    /// Adds what led to it, and what led to that.
    #[must_use]
    pub(crate) fn because(mut self, error: &dyn Error) -> Self {
        if let Self::Other { sentence, .. } = &mut self {
            sentence.push_str(": ");
            sentence.push_str(&with_causes(error));
        }
        self
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Other { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Settings(_) => USAGE,
            Self::Other { .. } | Self::Said => 1,
        }
    }
}

/// An error and what led to it, on one line, without saying anything twice.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(faults) => write!(f, "{faults}\nNothing was started. `cspd config` prints every setting with its meaning."),
            Self::Other { sentence, hints } => {
                let mut letters = sentence.chars();
                let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
                write!(f, "{first}{}.", letters.as_str().trim_end_matches('.'))?;
                for hint in hints {
                    write!(f, "\n{hint}")?;
                }
                Ok(())
            }
            Self::Said => Ok(()),
        }
    }
}

impl Error for Failure {}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Settings(faults)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let failure = Self::new(with_causes(&error));
        match error {
            ServeError::Bind { source, setting, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                let free = if setting == "listen.web" { "CSPD_LISTEN__WEB=127.0.0.1:7481" } else { "CSPD_LISTEN__API=127.0.0.1:7444" };
                failure.hint(format!("Is another cspd running? A free port is chosen by {free}, for instance."))
            }
            _ => failure,
        }
    }
}

impl From<csp_store::OpenError> for Failure {
    fn from(error: csp_store::OpenError) -> Self {
        ServeError::from(error).into()
    }
}

impl From<csp_store::StoreError> for Failure {
    fn from(error: csp_store::StoreError) -> Self {
        Self::new(with_causes(&error))
    }
}
