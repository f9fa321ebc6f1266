//! Who does something, when and from where: what every write is handed, and what its audit row says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::Instant,
    id::{PersonId, TokenId},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The service, by schedule.
    System,
    /// A person, by their token.
    Person(PersonId),
}

impl Actor {
    /// The person, if it is one.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::System => None,
            Self::Person(person) => Some(person),
        }
    }
}

/// One deliberate act. Handed to every store method that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Instant,
    /// The network address it came from, where it came from outside.
    pub origin: Option<String>,
    /// The token it was done with, where it came from outside.
    pub token: Option<TokenId>,
    /// Set on creates: makes the repetition of the same act harmless.
    pub request: Option<Request>,
    /// Only to see whether it would succeed: everything is judged and nothing is changed.
    pub dry_run: bool,
}

impl Act {
    /// An act of the service itself.
    pub fn by_system(at: Instant) -> Self {
        Self { actor: Actor::System, at, origin: None, token: None, request: None, dry_run: false }
    }

    /// An act of a person.
    pub fn by(person: PersonId, at: Instant) -> Self {
        Self { actor: Actor::Person(person), at, origin: None, token: None, request: None, dry_run: false }
    }

    /// The same act, repeatable under `request`.
    #[must_use]
    pub fn under(mut self, request: Option<Request>) -> Self {
        self.request = request;
        self
    }
}

/// A caller's identifier for one create (AIP-155). The same identifier with the same body answers the
/// resource made the first time; with another body it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Chosen by the caller.
    pub id: Uuid,
    /// SHA-256 of the method's name and the message without its `request_id`.
    pub fingerprint: [u8; 32],
}
