//! How sending ended, and what to do about it.
//!
//! A reply is judged by its code *and* by where in the dialogue it came. Two things are kept apart
//! that mail systems like to mix up: a reply about the recipient's address, after which nobody should
//! write to it until a person has looked, and a reply about us or what we wrote, for which no address
//! may be blamed.
//!
//! | where | reply | ends as |
//! |---|---|---|
//! | anywhere before the final dot | connection lost, silence, nonsense | [`Sent::NotStarted`] |
//! | anywhere | 4xx | [`Sent::RefusedForNow`] |
//! | recipient or content | 552 at the recipient, 5.2.2 anywhere: the mailbox is full | [`Sent::RefusedForNow`] |
//! | recipient | 550, 551, 553, 556, 501 without 5.7.x | [`Sent::Refused`] |
//! | content | 5.1.x, 5.2.x | [`Sent::Refused`] |
//! | anywhere | any other 5xx, 5.7.x above all | [`Sent::PolicyRefused`] |
//! | after the final dot | connection lost, silence, nonsense | [`Sent::InDoubt`] |
//! | after the final dot | 2xx | [`Sent::Accepted`] |

use std::fmt;

/// Where in the dialogue something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Reaching the server, or the folder.
    Connect,
    /// Agreeing on encryption and checking the server's certificate.
    Tls,
    /// The server's first words and ours.
    Greeting,
    /// Signing in.
    SignIn,
    /// Naming the sender (`MAIL`).
    Sender,
    /// Naming the recipient (`RCPT`).
    Recipient,
    /// Asking to send the content (`DATA`).
    Data,
    /// The content, and the reply to it.
    Content,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 8] =
        [Self::Connect, Self::Tls, Self::Greeting, Self::SignIn, Self::Sender, Self::Recipient, Self::Data, Self::Content];

    /// As a word for records and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Greeting => "greeting",
            Self::SignIn => "sign_in",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Data => "data",
            Self::Content => "content",
        }
    }
}

impl fmt::Display for Phase {
    /// Reads after "while": `while naming the recipient`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "agreeing on encryption",
            Self::Greeting => "exchanging greetings",
            Self::SignIn => "signing in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "asking to send the content",
            Self::Content => "sending the content",
        })
    }
}

/// How one message fared. Every text is at most 200 characters, without control characters and
/// without addresses: it may be stored and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// No server has it and none has judged it: the connection was lost or silent, or the caller said
    /// no at the last moment. Put it back and try again on another connection.
    NotStarted {
        /// What was seen.
        reason: String,
    },
    /// A server will not have it now: busy, greylisting, mailbox full. Put it back and try again when
    /// [`crate::retry`] says.
    RefusedForNow {
        /// What the server said.
        reply: String,
        /// Where in the dialogue.
        phase: Phase,
    },
    /// The address does not work. Do not try again and do not write to it until a person has looked;
    /// other recipients are not affected.
    Refused {
        /// What the server said.
        reply: String,
        /// Where in the dialogue.
        phase: Phase,
    },
    /// The server objects to us or to what we wrote, not to the recipient. Hold it for a person and
    /// raise the alarm; after a few in a row stop the run. Never blame the address.
    PolicyRefused {
        /// What the server said.
        reply: String,
        /// Where in the dialogue.
        phase: Phase,
    },
    /// The last byte may have gone, and no answer was read. Nobody can know (RFC 1047). Leave it in
    /// doubt for [`crate::retry::IN_DOUBT_WAIT`]; then the same bytes may be sent again, or a person
    /// decides.
    InDoubt {
        /// What was seen.
        reply: String,
    },
    /// A server took responsibility.
    Accepted {
        /// What the server said.
        reply: String,
    },
}

impl Sent {
    /// What was said or seen.
    pub fn reply(&self) -> &str {
        match self {
            Self::NotStarted { reason: reply }
            | Self::RefusedForNow { reply, .. }
            | Self::Refused { reply, .. }
            | Self::PolicyRefused { reply, .. }
            | Self::InDoubt { reply }
            | Self::Accepted { reply } => reply,
        }
    }
}

/// Judges a negative reply. `text` is the whole reply, enhanced code first where there is one.
pub(crate) fn judge(phase: Phase, code: u16, text: &str, reply: String) -> Sent {
    let class = Enhanced::of(text);
    // RFC 5321 §4.5.3.1.10: a 552 to the recipient is to be read as a 452.
    let full = class.is(5, 2, Some(2)) || (phase == Phase::Recipient && code == 552 && !class.is(5, 7, None));
    let blames_address = match phase {
        Phase::Recipient => matches!(code, 501 | 550 | 551 | 553 | 556) && !class.is(5, 7, None),
        // After the content, a bare 550 is nearly always about the content.
        Phase::Content => class.is(5, 1, None) || class.is(5, 2, None),
        _ => false,
    };
    if code < 500 || full {
        Sent::RefusedForNow { reply, phase }
    } else if blames_address {
        Sent::Refused { reply, phase }
    } else {
        Sent::PolicyRefused { reply, phase }
    }
}

/// An enhanced status code (RFC 3463): `5.1.1`.
struct Enhanced(Option<[u16; 3]>);

impl Enhanced {
    fn of(text: &str) -> Self {
        let mut numbers = text.split_whitespace().next().unwrap_or_default().split('.').map(|n| n.parse::<u16>().ok());
        Self(match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(class)), Some(Some(subject)), Some(Some(detail)), None) => Some([class, subject, detail]),
            _ => None,
        })
    }

    fn is(&self, class: u16, subject: u16, detail: Option<u16>) -> bool {
        self.0.is_some_and(|[c, s, d]| c == class && s == subject && detail.is_none_or(|detail| d == detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(phase: Phase, code: u16, text: &str) -> &'static str {
        match judge(phase, code, text, String::new()) {
            Sent::RefusedForNow { .. } => "for now",
            Sent::Refused { .. } => "address",
            Sent::PolicyRefused { .. } => "policy",
            other => panic!("{other:?} is no judgement of a refusal"),
        }
    }

    #[test]
    fn a_refusal_is_judged_by_phase_and_code() {
        use Phase::{Content, Data, Recipient, Sender};
        for (phase, code, text, expected) in [
            (Sender, 421, "4.3.2 closing", "for now"),
            (Sender, 452, "no room", "for now"),
            (Sender, 550, "5.1.8 bad sender", "policy"),
            (Sender, 530, "5.7.0 sign in first", "policy"),
            (Recipient, 450, "4.2.0 greylisted", "for now"),
            (Recipient, 451, "", "for now"),
            (Recipient, 550, "5.1.1 no such user", "address"),
            (Recipient, 550, "no such user", "address"),
            (Recipient, 550, "5.4.1 access denied", "address"),
            (Recipient, 550, "5.2.1 disabled", "address"),
            (Recipient, 553, "5.1.3 syntax", "address"),
            (Recipient, 556, "5.1.10 null MX", "address"),
            (Recipient, 552, "5.2.2 full", "for now"),
            (Recipient, 552, "full", "for now"),
            (Recipient, 550, "5.2.2 over quota", "for now"),
            (Recipient, 550, "5.7.1 blocked", "policy"),
            (Recipient, 550, "5.7.25 no PTR", "policy"),
            (Recipient, 554, "5.7.1 relay access denied", "policy"),
            (Recipient, 503, "bad sequence", "policy"),
            (Data, 554, "no valid recipients", "policy"),
            (Content, 421, "", "for now"),
            (Content, 451, "", "for now"),
            (Content, 550, "looks like spam", "policy"),
            (Content, 550, "5.7.1 looks like spam", "policy"),
            (Content, 550, "5.1.1 no such user", "address"),
            (Content, 552, "5.3.4 too big", "policy"),
            (Content, 552, "5.2.2 full", "for now"),
            (Content, 554, "5.6.0 bad content", "policy"),
        ] {
            assert_eq!(word(phase, code, text), expected, "{code} {text} while {phase}");
        }
    }
}
