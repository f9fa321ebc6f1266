//! Any mail the system sends, from intent to outcome.
//!
//! ```text
//!            ┌────────── refused for now ──────────┐
//!            ▼                                     │
//! queued ──► claimed ──► in doubt ──► accepted ──► delivered
//!   │           │            │            └──────► bounced
//!   │           └────────────┴──► failed
//!   └──► held, suppressed, cancelled
//! ```
//!
//! A claim is a lease: it has an expiry, and an epoch that rises with each claim, so a worker that
//! was asleep past its lease can no longer write. *In doubt* is committed before the final dot of the
//! SMTP dialogue: after it, and until the server's answer is committed, nobody can know whether the
//! message went.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::Instant,
    document::Hash,
    id::{MessageId, PersonId, RegionId},
    person::EmailAddress,
};

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// One version of a digest to one member.
    Digest,
    /// Something is due.
    Reminder,
    /// Something was received.
    Receipt,
    /// Something happened that the recipient should know.
    Notice,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Digest, Self::Reminder, Self::Receipt, Self::Notice];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Reminder => "reminder",
            Self::Receipt => "receipt",
            Self::Notice => "notice",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Waiting for its time.
    Queued,
    /// A worker has it, until its lease ends.
    Claimed,
    /// The last byte may have gone; no answer is on record.
    InDoubt,
    /// A server took responsibility for it.
    Accepted,
    /// The recipient's server reported delivery.
    Delivered,
    /// It came back.
    Bounced,
    /// It cannot be delivered; a person must look.
    Failed,
    /// The address is known not to work; a person must look.
    Suppressed,
    /// No longer wanted.
    Cancelled,
    /// Waits for a person's word.
    Held,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Claimed,
        Self::InDoubt,
        Self::Accepted,
        Self::Delivered,
        Self::Bounced,
        Self::Failed,
        Self::Suppressed,
        Self::Cancelled,
        Self::Held,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Claimed => "claimed",
            Self::InDoubt => "in_doubt",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
            Self::Suppressed => "suppressed",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Nothing more will happen to it by itself.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::Claimed | Self::InDoubt)
    }
}

/// A message to be queued. Unique on (kind, subject matter, recipient, step).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Identifier.
    pub id: MessageId,
    /// What for.
    pub kind: MessageKind,
    /// What it is about: the digest, the return, the cycle.
    pub matter: Uuid,
    /// To whom.
    pub recipient: PersonId,
    /// Which of several about the same matter; 0 for the only one.
    pub step: i32,
    /// Where to.
    pub address: EmailAddress,
    /// The subject line, for lists of messages.
    pub subject: String,
    /// `<…@…>`, the same on every attempt.
    pub message_id: String,
    /// The header fields that differ from recipient to recipient, ready to send, each ending in CRLF.
    pub head: Vec<u8>,
    /// Hash of the rest, which is stored once for all recipients.
    pub body: Hash,
    /// Hash of head and rest together: what every attempt sends.
    pub mime_hash: Hash,
    /// Not to be sent before.
    pub not_before: Instant,
}

/// A message on record, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Identifier.
    pub id: MessageId,
    /// What for.
    pub kind: MessageKind,
    /// What it is about.
    pub matter: Uuid,
    /// To whom.
    pub recipient: PersonId,
    /// Which of several.
    pub step: i32,
    /// Where to.
    pub address: EmailAddress,
    /// Subject line.
    pub subject: String,
    /// Internet Message-ID.
    pub message_id: String,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i32,
    /// Not before.
    pub next_attempt_at: Instant,
    /// When a server took it.
    pub accepted_at: Option<Instant>,
    /// What was last said about it: a code and a short reason, never an address.
    pub last_outcome: Option<String>,
    /// When it was queued.
    pub created_at: Instant,
}

/// A message in a worker's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// Identifier.
    pub id: MessageId,
    /// Whose region it belongs to.
    pub region: RegionId,
    /// The claim's number; writes with an older one are refused.
    pub epoch: i64,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// Where to.
    pub address: EmailAddress,
    /// Internet Message-ID.
    pub message_id: String,
    /// The recipient's own header fields.
    pub head: Vec<u8>,
    /// Hash of the shared rest.
    pub body: Hash,
    /// Hash of the whole.
    pub mime_hash: Hash,
    /// When it was queued.
    pub created_at: Instant,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A server took responsibility.
    Accepted {
        /// What it said.
        reply: String,
    },
    /// Not now; try again.
    RefusedForNow {
        /// What was said.
        reply: String,
        /// When to try again.
        retry_at: Instant,
    },
    /// Never: the address does not work.
    Refused {
        /// What was said.
        reply: String,
    },
    /// The server objects to us or to what we wrote, not to the recipient: a person must look.
    Objected {
        /// What was said.
        reply: String,
    },
    /// Nobody knows; the connection broke after the last byte.
    Doubtful {
        /// What was seen.
        reply: String,
        /// When the same bytes may be sent again.
        retry_at: Instant,
    },
}
