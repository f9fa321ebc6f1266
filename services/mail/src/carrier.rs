//! Carriers: what takes a finished message to somebody who takes responsibility for it.
//!
//! A [`Connection`] carries many messages, one after another, and belongs to one task. After anything
//! unclear it closes itself: ask [`Connection::is_open`] before the next message.
//!
//! ```no_run
//! # use csp_domain::person::EmailAddress;
//! # use csp_mail::{carrier::{Carrier, Refusal}, sent::Sent};
//! # async fn commit_in_doubt() -> bool { true }
//! # async fn example(carrier: Carrier, from: EmailAddress, to: EmailAddress, bytes: Vec<u8>) -> Result<(), Refusal> {
//! let mut connection = carrier.open().await?;
//! let sent = connection.send(&from, &to, &bytes, async || commit_in_doubt().await).await;
//! if let Sent::Accepted { reply } = sent {
//!     // Record it, and go on with the next message on the same connection.
//! }
//! connection.close().await;
//! # Ok(())
//! # }
//! ```

use std::{fmt, time::Duration};

use csp_domain::person::EmailAddress;

pub use crate::{folder::Folder, smtp::Smtp};
use crate::{
    reply::clean,
    sent::{Phase, Sent},
    smtp::Talk,
};

/// The longest line mail may have (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

/// A way for messages to leave.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a folder, one file a message: outside production no real person can be mailed.
    Folder(Folder),
}

/// Why no connection could be opened. Nothing was sent: put back whatever was claimed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} while {phase}")]
pub struct Refusal {
    /// Where it ended.
    pub phase: Phase,
    /// What was said or seen: at most 200 characters, without addresses.
    pub reason: String,
    /// It will not pass by itself: a wrong certificate, a wrong secret. Raise the alarm, and try
    /// seldom, lest the account be locked.
    pub lasting: bool,
}

impl Refusal {
    pub(crate) fn passing(phase: Phase, reason: &str) -> Self {
        Self { phase, reason: clean(reason, None), lasting: false }
    }

    pub(crate) fn lasting(phase: Phase, reason: &str) -> Self {
        Self { lasting: true, ..Self::passing(phase, reason) }
    }

    pub(crate) fn silent(phase: Phase, waited: Duration) -> Self {
        Self::passing(phase, &format!("no answer within {waited:?}"))
    }
}

impl Carrier {
    /// Opens a connection for a batch of messages.
    pub async fn open(&self) -> Result<Connection, Refusal> {
        let way = match self {
            Self::Smtp(smtp) => Way::Smtp(Box::new(smtp.open().await?)),
            Self::Folder(folder) => {
                folder.prepare().await?;
                Way::Folder(folder.clone())
            }
        };
        Ok(Connection(Some(way)))
    }

    /// Tries everything short of sending, and says in a sentence what was found.
    pub async fn check(&self) -> Result<String, Refusal> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Folder(folder) => folder.check().await,
        }
    }
}

/// An open way out, for one message after another. Nothing inside: it was closed.
#[derive(Debug)]
pub struct Connection(Option<Way>);

enum Way {
    Smtp(Box<Talk>),
    Folder(Folder),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(talk) => talk.fmt(f),
            Self::Folder(folder) => folder.fmt(f),
        }
    }
}

impl Connection {
    /// Whether another message may go this way.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Sends `bytes` to one recipient, exactly as they are.
    ///
    /// `before_last_byte` is awaited when the server is ready for the content and has none of it yet:
    /// the moment to commit that the message is in doubt. If it answers false, nothing is sent. The
    /// server is waiting meanwhile, so be quick. It is not called for a message that is refused
    /// earlier.
    ///
    /// The future may be dropped at any time: the connection is then closed, and the message in
    /// doubt if `before_last_byte` was called. A connection stays open only after a message was
    /// accepted, or was turned away before anything was said to the server.
    pub async fn send(
        &mut self,
        from: &EmailAddress,
        to: &EmailAddress,
        bytes: &[u8],
        before_last_byte: impl AsyncFnOnce() -> bool,
    ) -> Sent {
        // Taken out for the time of the sending: if this future is dropped, so is the connection.
        let Some(way) = self.0.take() else {
            return Sent::NotStarted { reason: "the connection was closed after the message before".into() };
        };
        let objection = unsendable(bytes).map(str::to_owned).or_else(|| match &way {
            Way::Smtp(talk) => talk.objection(bytes),
            Way::Folder(_) => None,
        });
        if let Some(reply) = objection {
            self.0 = Some(way);
            return Sent::PolicyRefused { reply, phase: Phase::Content };
        }
        match way {
            Way::Smtp(mut talk) => {
                let sent = talk.send(from, to, bytes, before_last_byte).await;
                if matches!(sent, Sent::Accepted { .. }) {
                    self.0 = Some(Way::Smtp(talk));
                }
                sent
            }
            Way::Folder(folder) => {
                let sent = folder.store(bytes, before_last_byte).await;
                self.0 = Some(Way::Folder(folder));
                sent
            }
        }
    }

    /// Ends the batch politely. Dropping the connection is as safe, only less polite.
    pub async fn close(self) {
        if let Some(Way::Smtp(talk)) = self.0 {
            talk.close().await;
        }
    }
}

/// What no server may be sent, whoever composed it. A line break that is not CRLF is read differently
/// by different servers, and then one message can be made to look like two.
fn unsendable(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.ends_with(b"\r\n") {
        return Some("the message does not end with a line break");
    }
    if !bytes.is_ascii() || bytes.contains(&0) {
        return Some("the message is not plain ASCII");
    }
    let mut lines = bytes.split(|&byte| byte == b'\n');
    // What follows the last line feed is no line.
    lines.next_back();
    for line in lines {
        match line.split_last() {
            Some((b'\r', line)) if line.contains(&b'\r') => return Some("the message has a bare carriage return"),
            Some((b'\r', line)) if line.len() > LONGEST_LINE => return Some("the message has a line that is too long"),
            Some((b'\r', _)) => {}
            _ => return Some("the message has a bare line feed"),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clean_lines_are_sent() {
        assert_eq!(unsendable(b"a: b\r\n\r\n.\r\n"), None);
        let long = [&[b'x'; 999][..], b"\r\n"].concat();
        for bad in [&b""[..], b"a", b"a\n", b"a\n.\r\n", b"a\r\r\n", b"a\rb\r\n", b"\xff\r\n", b"\0\r\n", &long] {
            assert!(unsendable(bad).is_some(), "{bad:?} should not be sent");
        }
    }
}
