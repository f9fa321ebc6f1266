//! Access tokens: `csp_<id>_<secret><check>`.
//!
//! The prefix lets secret scanners know one when they see it, the check lets a slip of the pen be
//! told from a stranger without asking the database, the identifier finds the row, and of the secret
//! only a hash is kept. The secret has 256 bits of chance, so one round of SHA-256 is enough (OWASP
//! ASVS 5.0, 11.4.2: slow hashes are for passwords).

use std::fmt;

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::{
    chance::Chance,
    clock::Instant,
    document::Hash,
    id::{PersonId, TokenId},
    text::Line,
};

const PREFIX: &str = "csp_";
const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 43;
const CHECK_LENGTH: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token in the clear: shown once when it is made, then only ever presented by its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    id: String,
    secret: String,
}

impl Secret {
    /// A new token.
    pub fn generate(chance: &dyn Chance) -> Self {
        Self { id: draw(chance, ID_LENGTH), secret: draw(chance, SECRET_LENGTH) }
    }

    /// Reads a token. None for anything that is not one, slips of the pen included.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        if !rest.is_ascii() || rest.len() != ID_LENGTH + 1 + SECRET_LENGTH + CHECK_LENGTH {
            return None;
        }
        let (id, rest) = rest.split_at(ID_LENGTH);
        let rest = rest.strip_prefix('_')?;
        let (secret, given) = rest.split_at(SECRET_LENGTH);
        (check(id, secret) == given).then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// What finds its row; not secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is kept of the secret.
    pub fn hash(&self) -> Hash {
        Hash::of(self.secret.as_bytes())
    }

    /// The whole token, for the one moment its owner is shown it.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}{}", self.id, self.secret, check(&self.id, &self.secret))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_…", self.id)
    }
}

fn draw(chance: &dyn Chance, length: usize) -> String {
    let mut out = String::with_capacity(length);
    while out.len() < length {
        let mut bytes = [0; 64];
        chance.fill(&mut bytes);
        // Bytes of 248 and above are thrown away, so that each letter is as likely as any other.
        out.extend(bytes.iter().filter(|&&b| b < 248).map(|&b| char::from(ALPHABET[usize::from(b % 62)])).take(length - out.len()));
    }
    out
}

fn check(id: &str, secret: &str) -> String {
    let hash = Sha256::new().chain_update(PREFIX).chain_update(id).chain_update(secret).finalize();
    hash.iter().take(CHECK_LENGTH).map(|&b| char::from(ALPHABET[usize::from(b % 62)])).collect()
}

/// A token on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The row.
    pub id: TokenId,
    /// The part of the token that finds it.
    pub public_id: String,
    /// Whose.
    pub person: PersonId,
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
}

impl Token {
    /// Longer than two quarterly cycles, so that nobody finds it expired on the day it is needed.
    pub const DEFAULT_LIFE: TimeDelta = TimeDelta::days(200);
    /// The longest a token may live.
    pub const MAX_LIFE: TimeDelta = TimeDelta::days(400);

    /// Whether it opens doors at `now`.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
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
    /// Whose.
    pub person: PersonId,
    /// What for.
    pub label: Line,
    /// When it ends.
    pub expires_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;

    #[test]
    fn a_token_reads_back_and_a_slip_of_the_pen_does_not() {
        let token = Secret::generate(&SeededChance::new(1));
        let text = token.reveal();
        assert_eq!(Secret::parse(&text), Some(token.clone()));
        for i in 0..text.len() {
            let mut slip = text.clone().into_bytes();
            slip[i] = if slip[i] == b'x' { b'y' } else { b'x' };
            assert_eq!(Secret::parse(&String::from_utf8(slip).unwrap()), None, "slip at {i}");
        }
        assert_eq!(Secret::parse("csp_é"), None);
    }

    #[test]
    fn a_token_does_not_print_its_secret() {
        let token = Secret::generate(&SeededChance::new(2));
        assert!(!format!("{token:?}").contains(&token.secret));
    }
}
