//! Links by which somebody's diary follows the dates of a partnership or a committee.
//!
//! A diary cannot sign in, so the address itself is the key: whoever has it reads the dates, and nothing else. Of the secret in it only
//! a hash is kept; the link is shown once, and can be taken away.

use std::fmt;

use crate::{
    chance::Chance,
    clock::Instant,
    document::Hash,
    id::{CommitteeId, DiaryLinkId, PartnershipId, PersonId},
    token::draw,
};

const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 32;

/// Whose dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Diary {
    /// When a partnership's returns are due, to whichever committee.
    Partnership(PartnershipId),
    /// All dates of a committee.
    Committee(CommitteeId),
}

/// The secret part of a link's address.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret {
    id: String,
    drawn: String,
}

impl LinkSecret {
    /// A new one.
    pub fn generate(chance: &dyn Chance) -> Self {
        Self { id: draw(chance, ID_LENGTH), drawn: draw(chance, SECRET_LENGTH) }
    }

    /// Reads one. None for anything that is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == ID_LENGTH + 1 + SECRET_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let (id, drawn) = text.split_once('-').filter(|_| sound)?;
        (id.len() == ID_LENGTH && !drawn.contains('-')).then(|| Self { id: id.to_owned(), drawn: drawn.to_owned() })
    }

    /// What finds its row; not secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is kept of it.
    pub fn hash(&self) -> Hash {
        Hash::of(self.drawn.as_bytes())
    }

    /// The whole, for the one moment it is shown.
    pub fn reveal(&self) -> String {
        format!("{}-{}", self.id, self.drawn)
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-…", self.id)
    }
}

/// A link on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiaryLink {
    /// The row.
    pub id: DiaryLinkId,
    /// The part of the secret that finds it.
    pub public_id: String,
    /// Whose dates.
    pub diary: Diary,
    /// Who had it made.
    pub created_by: PersonId,
    /// When.
    pub created_at: Instant,
    /// When it was taken away.
    pub revoked_at: Option<Instant>,
}

impl DiaryLink {
    /// So many live ones may one person have.
    pub const MOST: usize = 50;
}

/// A link to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDiaryLink {
    /// The row.
    pub id: DiaryLinkId,
    /// The part that finds it.
    pub public_id: String,
    /// Hash of the secret.
    pub hash: Hash,
    /// Whose dates.
    pub diary: Diary,
    /// Who has it made.
    pub by: PersonId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;

    #[test]
    fn a_link_reads_back_does_not_print_its_secret_and_nonsense_is_none() {
        let secret = LinkSecret::generate(&SeededChance::new(1));
        let text = secret.reveal();
        assert_eq!(LinkSecret::parse(&text), Some(secret.clone()));
        assert!(!format!("{secret:?}").contains(&secret.drawn));
        for bad in ["", "-", &text[1..], &format!("{text}x"), &text.replace('-', "_"), &"é".repeat(23), &"-".repeat(45)] {
            assert_eq!(LinkSecret::parse(bad), None, "{bad}");
        }
    }
}
