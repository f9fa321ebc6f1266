//! Access tokens: `csp_<id>_<secret><check>`, and `cspm_…` for machines.
//!
//! The prefix lets secret scanners know one when they see it, the check lets a slip of the pen be
//! told from a stranger without asking the database, the identifier finds the row, and of the secret
//! only a hash is kept. The secret has 256 bits of chance, so one round of SHA-256 is enough (OWASP
//! ASVS 5.0, 11.4.2: slow hashes are for passwords).
//!
//! A token may do what its owner may do, or less ([`TokenScope`]), never more. Rotating one gives it a new
//! secret while the one before still opens doors for a while, so that nothing stands still meanwhile.

use std::fmt;

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::{
    chance::Chance,
    clock::Instant,
    document::Hash,
    id::{PersonId, TokenId},
    person::Role,
    text::Line,
};

const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 43;
const CHECK_LENGTH: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Who carries a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A person, at a keyboard.
    Person,
    /// A system of a partnership's own, in the name of the person who answers for it.
    Machine,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Person, Self::Machine];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Machine => "machine",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// How its tokens begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::Person => "csp_",
            Self::Machine => "cspm_",
        }
    }
}

/// How much of what its owner may do a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenScope {
    /// Of its owner's roles only this one, for as long as they hold it; none: all of them.
    pub role: Option<Role>,
    /// Changes nothing.
    pub reading: bool,
}

impl TokenScope {
    /// Whether the token may act in a role that its owner holds.
    pub fn allows(self, role: Role) -> bool {
        self.role.is_none_or(|only| only == role)
    }
}

/// A token in the clear: shown once when it is made, then only ever presented by its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    kind: TokenKind,
    id: String,
    drawn: String,
}

impl Secret {
    /// A new token.
    pub fn generate(kind: TokenKind, chance: &dyn Chance) -> Self {
        Self { kind, id: draw(chance, ID_LENGTH), drawn: draw(chance, SECRET_LENGTH) }
    }

    /// A new secret for a token that exists.
    pub fn rotate(kind: TokenKind, public_id: &str, chance: &dyn Chance) -> Self {
        Self { kind, id: public_id.to_owned(), drawn: draw(chance, SECRET_LENGTH) }
    }

    /// Reads a token. None for anything that is not one, slips of the pen included.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = TokenKind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
        if !rest.is_ascii() || rest.len() != ID_LENGTH + 1 + SECRET_LENGTH + CHECK_LENGTH {
            return None;
        }
        let (id, rest) = rest.split_at(ID_LENGTH);
        let rest = rest.strip_prefix('_')?;
        let (secret, given) = rest.split_at(SECRET_LENGTH);
        (check(kind, id, secret) == given).then(|| Self { kind, id: id.to_owned(), drawn: secret.to_owned() })
    }

    /// Who is to carry it.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What finds its row; not secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is kept of the secret.
    pub fn hash(&self) -> Hash {
        Hash::of(self.drawn.as_bytes())
    }

    /// The whole token, for the one moment its owner is shown it.
    pub fn reveal(&self) -> String {
        format!("{}{}_{}{}", self.kind.prefix(), self.id, self.drawn, check(self.kind, &self.id, &self.drawn))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}_…", self.kind.prefix(), self.id)
    }
}

pub(crate) fn draw(chance: &dyn Chance, length: usize) -> String {
    let mut out = String::with_capacity(length);
    while out.len() < length {
        let mut bytes = [0; 64];
        chance.fill(&mut bytes);
        // Bytes of 248 and above are thrown away, so that each letter is as likely as any other.
        out.extend(bytes.iter().filter(|&&b| b < 248).map(|&b| char::from(ALPHABET[usize::from(b % 62)])).take(length - out.len()));
    }
    out
}

fn check(kind: TokenKind, id: &str, secret: &str) -> String {
    let hash = Sha256::new().chain_update(kind.prefix()).chain_update(id).chain_update(secret).finalize();
    hash.iter().take(CHECK_LENGTH).map(|&b| char::from(ALPHABET[usize::from(b % 62)])).collect()
}

/// A token on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The row.
    pub id: TokenId,
    /// The part of the token that finds it.
    pub public_id: String,
    /// Who carries it.
    pub kind: TokenKind,
    /// Whose.
    pub person: PersonId,
    /// How much of what they may do it may do.
    pub scope: TokenScope,
    /// What it is for: `laptop`, `case management system`.
    pub label: Line,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was taken away.
    pub revoked_at: Option<Instant>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Instant>,
    /// Until when the secret before the last rotation opens doors too.
    pub previous_until: Option<Instant>,
}

impl Token {
    /// Longer than two quarterly cycles, so that nobody finds it expired on the day it is needed.
    pub const DEFAULT_LIFE: TimeDelta = TimeDelta::days(200);
    /// The longest a token may live.
    pub const MAX_LIFE: TimeDelta = TimeDelta::days(400);
    /// So long before a token ends its owner is told.
    pub const WARN_BEFORE: TimeDelta = TimeDelta::days(30);
    /// How long the secret before a rotation opens doors too, unless said otherwise.
    pub const DEFAULT_OVERLAP: TimeDelta = TimeDelta::days(7);
    /// The longest it may.
    pub const MAX_OVERLAP: TimeDelta = TimeDelta::days(30);

    /// Whether it opens doors at `now`.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether it is time to rotate it.
    pub fn ends_soon(&self, now: Instant) -> bool {
        self.is_live(now) && self.expires_at - now <= Self::WARN_BEFORE
    }
}

/// A token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The row.
    pub id: TokenId,
    /// The part that finds it.
    pub public_id: String,
    /// Hash of the secret.
    pub hash: Hash,
    /// Who is to carry it.
    pub kind: TokenKind,
    /// Whose.
    pub person: PersonId,
    /// How much of what they may do it may do.
    pub scope: TokenScope,
    /// What for.
    pub label: Line,
    /// When it ends.
    pub expires_at: Instant,
}

impl NewToken {
    /// A token of a person's that may all that they may.
    pub fn whole(id: TokenId, secret: &Secret, person: PersonId, label: Line, expires_at: Instant) -> Self {
        let (public_id, hash) = (secret.id().to_owned(), secret.hash());
        Self { id, public_id, hash, kind: secret.kind(), person, scope: TokenScope::default(), label, expires_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;

    #[test]
    fn a_token_reads_back_and_a_slip_of_the_pen_does_not() {
        for kind in TokenKind::ALL {
            let token = Secret::generate(kind, &SeededChance::new(1));
            let text = token.reveal();
            assert_eq!(Secret::parse(&text), Some(token.clone()));
            for i in 0..text.len() {
                let mut slip = text.clone().into_bytes();
                slip[i] = if slip[i] == b'x' { b'y' } else { b'x' };
                assert_eq!(Secret::parse(&String::from_utf8(slip).unwrap()), None, "slip at {i}");
            }
        }
        assert_eq!(Secret::parse("csp_é"), None);
    }

    #[test]
    fn a_machines_token_is_none_of_a_persons() {
        let text = Secret::generate(TokenKind::Machine, &SeededChance::new(1)).reveal();
        assert!(text.starts_with("cspm_"));
        assert_eq!(Secret::parse(&text.replacen("cspm_", "csp_", 1)), None);
    }

    #[test]
    fn a_rotated_token_keeps_its_name_and_not_its_secret() {
        let chance = SeededChance::new(3);
        let first = Secret::generate(TokenKind::Person, &chance);
        let second = Secret::rotate(TokenKind::Person, first.id(), &chance);
        assert_eq!(first.id(), second.id());
        assert_ne!(first.hash(), second.hash());
        assert_eq!(Secret::parse(&second.reveal()), Some(second));
    }

    #[test]
    fn a_token_does_not_print_its_secret() {
        let token = Secret::generate(TokenKind::Person, &SeededChance::new(2));
        assert!(!format!("{token:?}").contains(&token.drawn));
    }
}
