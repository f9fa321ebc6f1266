//! What can go wrong, as a person reads it and as a program does: one sentence, then details, then what to do; and an
//! exit code that means something.

use std::{
    error::Error as _,
    fmt::Write as _,
    ops::{Deref, DerefMut},
    time::Duration,
};

use chrono::DateTime;
use chrono_tz::Tz;
use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    dates::{self, Instant},
    output::count,
    terminal::printable,
};

/// What kind of failure it was: the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub(crate) enum Kind {
    Unexpected = 1,
    Usage = 2,
    Refused = 3,
    NotAllowed = 4,
    NotFound = 5,
    Conflict = 6,
    NotNow = 7,
    Unreachable = 8,
    Partly = 9,
}

/// The exit codes, as `csp --help` explains them.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something unexpected went wrong, here or in the server
  2  the command was not understood, or lacks something
  3  what was sent in was refused; every fault is listed
  4  not logged in, or not allowed
  5  not found
  6  it is there already, or somebody else changed it
  7  not now: the cycle is closed, for instance, or the server is too busy
  8  the server did not answer
  9  a part was sent in; the rest is listed";

/// More faults of one file than anybody mends in one go.
const MOST_TOLD: usize = 500;

/// A fault in what was sent in, with the place it is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Violation {
    /// Where, in the user's words: `figures.csv:5: value`.
    pub(crate) place: String,
    /// What is wrong: `must be a number`.
    pub(crate) fault: String,
}

/// A failure, to be shown once and turned into an exit code.
#[derive(Debug, Clone)]
pub(crate) struct Error(Box<Failure>);

/// What an [`Error`] says. Apart, because it is large and failure is rare.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) sentence: String,
    pub(crate) violations: Vec<Violation>,
    /// The machine's reason and what it says about it (`google.rpc.ErrorInfo`).
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Vec<(String, String)>,
    /// What to do about it.
    pub(crate) hints: Vec<String>,
    /// Whether the same call may be repeated with some hope.
    pub(crate) transient: bool,
    /// How long the server asks to be left alone before that.
    pub(crate) wait: Option<Duration>,
    /// In which times are shown.
    pub(crate) zone: Tz,
}

impl Deref for Error {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Failure {
        &mut self.0
    }
}

impl Error {
    pub(crate) fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            kind,
            sentence: sentence.into(),
            violations: Vec::new(),
            reason: None,
            metadata: Vec::new(),
            hints: Vec::new(),
            transient: false,
            wait: None,
            zone: dates::zone(None),
        }))
    }

    pub(crate) fn unexpected(sentence: impl Into<String>) -> Self {
        Self::new(Kind::Unexpected, sentence)
    }

    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self::new(Kind::Usage, sentence)
    }

    pub(crate) fn refused(sentence: impl Into<String>, mut violations: Vec<Violation>) -> Self {
        let more = violations.len().saturating_sub(MOST_TOLD);
        if more > 0 {
            violations.truncate(MOST_TOLD);
            violations.push(Violation { place: String::new(), fault: format!("and {more} more; mend these first") });
        }
        let mut error = Self::new(Kind::Refused, sentence);
        error.violations = violations;
        error
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts every place into the words of whoever typed the command.
    #[must_use]
    pub(crate) fn places(mut self, words: impl Fn(&str) -> String) -> Self {
        for violation in &mut self.violations {
            violation.place = words(&violation.place);
        }
        self
    }

    /// What a status of the server means to the user.
    pub(crate) fn from_status(status: &Status, server: &str) -> Self {
        // The transport's own statuses carry the error that caused them; those of a server never do.
        let from_transport = status.source().is_some();
        let kind = match status.code() {
            Code::InvalidArgument | Code::OutOfRange => Kind::Refused,
            Code::Unauthenticated | Code::PermissionDenied => Kind::NotAllowed,
            Code::NotFound => Kind::NotFound,
            Code::AlreadyExists | Code::Aborted => Kind::Conflict,
            Code::FailedPrecondition | Code::ResourceExhausted => Kind::NotNow,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Kind::Unreachable,
            Code::Unknown if from_transport => Kind::Unreachable,
            Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => Kind::Unexpected,
        };
        let mut error = Self::new(kind, sentence_of(status, kind, server, from_transport));
        error.transient = match status.code() {
            Code::Unavailable => true,
            // `Cancelled`: the connection was let go before the call was sent.
            Code::Unknown | Code::Cancelled => from_transport,
            _ => false,
        };
        let details = status.get_error_details();
        error.wait = details.retry_info().and_then(|info| info.retry_delay);
        if status.code() == Code::ResourceExhausted {
            // With a time it is too much now; without, it is too much.
            error.transient = error.wait.is_some();
        }
        if let Some(bad) = details.bad_request() {
            error.violations =
                bad.field_violations.iter().map(|v| Violation { place: v.field.clone(), fault: v.description.clone() }).collect();
            // The server's own sentence names places as the contract does.
            error.sentence = format!("This was refused, because of {}:", count(error.violations.len(), "fault", "faults"));
        }
        if let Some(info) = details.error_info() {
            error.reason = Some(info.reason.clone()).filter(|reason| !reason.is_empty());
            error.metadata = info.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            error.metadata.sort();
        }
        match status.code() {
            Code::Unauthenticated => error.hint("Log in again: csp login"),
            Code::Unimplemented => error.hint("The server is probably older than this program; ask whoever runs it."),
            Code::Aborted => error.hint("Look at it as it is now, and make your change again."),
            _ => error,
        }
    }

    /// When the server says that it is worth trying again, in words.
    #[must_use]
    pub(crate) fn say_when(self) -> Self {
        let Some(wait) = self.wait.filter(|_| self.kind == Kind::NotNow) else { return self };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let when = if seconds < 120 {
            count(usize::try_from(seconds).unwrap_or(usize::MAX), "second", "seconds")
        } else {
            count(usize::try_from(seconds.div_ceil(60)).unwrap_or(usize::MAX), "minute", "minutes")
        };
        self.hint(format!("Nothing was done. Try again in {when}."))
    }

    /// As a person reads it.
    pub(crate) fn for_people(&self, styled: bool) -> String {
        let (on, off) = if styled { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let mut text = format!("{on}Error:{off} {}\n", printable(&self.sentence));
        for Violation { place, fault } in &self.violations {
            let line = if place.is_empty() { fault.clone() } else { format!("{place}: {fault}") };
            let _ = writeln!(text, "  {}", printable(&line));
        }
        if let Some(reason) = &self.reason {
            let _ = writeln!(text, "  Reason: {}", printable(reason));
        }
        // Nobody: the sentence says so already.
        for (key, value) in self.metadata.iter().filter(|(_, value)| !value.is_empty()) {
            let time = DateTime::parse_from_rfc3339(value).ok().map(|time| Instant(time.to_utc()).in_zone(self.zone));
            let _ = writeln!(text, "  {}: {}", printable(&key.replace('_', " ")), printable(time.as_ref().unwrap_or(value)));
        }
        for hint in &self.hints {
            let _ = writeln!(text, "{}", printable(hint));
        }
        text
    }

    /// As a program reads it.
    pub(crate) fn for_programs(&self) -> String {
        let metadata: serde_json::Map<String, serde_json::Value> =
            self.metadata.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let document = serde_json::json!({ "error": {
            "exit_code": self.kind as u8,
            "kind": self.kind,
            "message": self.sentence,
            "violations": self.violations,
            "reason": self.reason,
            "metadata": metadata,
            "retry_after_seconds": self.wait.map(|wait| wait.as_secs_f64()),
            "hints": self.hints,
        }});
        format!("{document:#}\n")
    }
}

fn sentence_of(status: &Status, kind: Kind, server: &str, from_transport: bool) -> String {
    match (status.code(), kind) {
        (Code::Cancelled | Code::DeadlineExceeded, _) => format!("The server at {server} did not answer in time."),
        (_, Kind::Unreachable) if from_transport => {
            format!("The server at {server} cannot be reached{}.", cause(status).map(|c| format!(" ({c})")).unwrap_or_default())
        }
        (Code::Unauthenticated, _) => "The server does not accept your token: it may have ended, or been taken away.".to_owned(),
        (Code::Unimplemented, _) => "The server does not know this call.".to_owned(),
        (_, kind) if status.message().is_empty() => match kind {
            Kind::NotAllowed => "The server does not allow this.".to_owned(),
            Kind::NotFound => "The server does not know it.".to_owned(),
            _ => format!("The server answered: {}.", status.code()),
        },
        _ => sentence(status.message()),
    }
}

/// The innermost cause that says anything.
fn cause(status: &Status) -> Option<String> {
    let mut found = None;
    let mut next = status.source();
    while let Some(error) = next {
        found = Some(error.to_string()).filter(|text| !text.is_empty()).or(found);
        next = error.source();
    }
    found
}

/// With a capital at its head and a full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    // A word with a capital, digit or underscore in it is a name and stays as it is.
    let first_word = text.split_whitespace().next().unwrap_or_default();
    let mut sentence = match letters.next() {
        Some(first) if first_word.chars().all(|c| c.is_lowercase() || c == '\'') => first.to_uppercase().chain(letters).collect::<String>(),
        _ => text.to_owned(),
    };
    if !sentence.ends_with(['.', '!', '?', ':']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_exit_code() {
        for (status, code) in [
            (Status::invalid_argument("x"), 3),
            (Status::out_of_range("x"), 3),
            (Status::unauthenticated("x"), 4),
            (Status::permission_denied("x"), 4),
            (Status::not_found("x"), 5),
            (Status::already_exists("x"), 6),
            (Status::aborted("x"), 6),
            (Status::failed_precondition("x"), 7),
            (Status::resource_exhausted("x"), 7),
            (Status::unavailable("x"), 8),
            (Status::deadline_exceeded("x"), 8),
            (Status::internal("x"), 1),
            (Status::unimplemented("x"), 1),
            (Status::unknown("x"), 1),
        ] {
            assert_eq!(Error::from_status(&status, "http://s").kind as u8, code, "{status:?}");
        }
    }

    #[test]
    fn a_sentence_is_a_sentence() {
        assert_eq!(sentence("the cycle closed"), "The cycle closed.");
        assert_eq!(sentence("figures.csv is empty."), "figures.csv is empty.");
        assert_eq!(sentence("Really?"), "Really?");
    }

    #[test]
    fn control_characters_of_a_stranger_do_not_reach_the_terminal() {
        let error = Error::unexpected("bad \x1b[2J news");
        assert!(!error.for_people(false).contains('\x1b'));
    }
}
