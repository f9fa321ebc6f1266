//! People and what they may do.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{CommitteeId, PartnershipId, PersonId, RoleGrantId, Slug},
    text::{Line, Refused},
};

/// An e-mail address: the part before the sign in plain ASCII (RFC 5321 without quoting), a domain
/// of at least two labels. The domain is kept in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// As text. Never for a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the sign.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for EmailAddress {
    /// Hides the person, keeps the domain: addresses do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "***@{}", self.domain())
    }
}

impl FromStr for EmailAddress {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let refused = || Refused::new("must be an e-mail address, such as officer@example.org");
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
        let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        let local_ok = (1..=64).contains(&local.len())
            && local.bytes().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let labels: Vec<&str> = domain.split('.').collect();
        let label_ok = |label: &&str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if local_ok && domain.len() <= 253 && labels.len() >= 2 && labels.iter().all(label_ok) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(refused())
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// A person, in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Identifier.
    pub id: PersonId,
    /// Short name, unique in the region.
    pub slug: Slug,
    /// As they wish to be addressed.
    pub name: Line,
    /// Where mail reaches them; unique in the region.
    pub email: EmailAddress,
    /// When they were entered.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// A person to be entered.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Identifier.
    pub id: PersonId,
    /// Short name.
    pub slug: Slug,
    /// Name.
    pub name: Line,
    /// Address.
    pub email: EmailAddress,
}

/// What a person may do, and for whom. A member of a committee is not a role here: members have
/// terms ([`crate::committee::Member`]) and read mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the service: sets up regions and their first administrators.
    SystemAdministrator,
    /// Runs one region: partnerships, persons, committees, tokens.
    Administrator,
    /// Writes the national part, sees who is missing, assembles the digest.
    Editor(CommitteeId),
    /// Approves the digest; never one they wrote.
    Approver(CommitteeId),
    /// Submits news and returns.
    Officer(PartnershipId),
    /// Answers for what leaves in the partnership's name.
    Lead(PartnershipId),
}

impl Role {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "system_administrator",
            Self::Administrator => "administrator",
            Self::Editor(_) => "editor",
            Self::Approver(_) => "approver",
            Self::Officer(_) => "officer",
            Self::Lead(_) => "lead",
        }
    }

    /// The committee it is for.
    pub fn committee(self) -> Option<CommitteeId> {
        match self {
            Self::Editor(id) | Self::Approver(id) => Some(id),
            _ => None,
        }
    }

    /// The partnership it is for.
    pub fn partnership(self) -> Option<PartnershipId> {
        match self {
            Self::Officer(id) | Self::Lead(id) => Some(id),
            _ => None,
        }
    }

    /// From what is stored. None when the parts do not belong together.
    pub fn from_parts(word: &str, committee: Option<CommitteeId>, partnership: Option<PartnershipId>) -> Option<Self> {
        Some(match (word, committee, partnership) {
            ("system_administrator", None, None) => Self::SystemAdministrator,
            ("administrator", None, None) => Self::Administrator,
            ("editor", Some(id), None) => Self::Editor(id),
            ("approver", Some(id), None) => Self::Approver(id),
            ("officer", None, Some(id)) => Self::Officer(id),
            ("lead", None, Some(id)) => Self::Lead(id),
            _ => return None,
        })
    }
}

/// A role a person holds from one day to another, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrant {
    /// Identifier.
    pub id: RoleGrantId,
    /// Who holds it.
    pub person: PersonId,
    /// What they may do.
    pub role: Role,
    /// Acts in the stead of the holder.
    pub deputy: bool,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, if it ends.
    pub ends_on: Option<NaiveDate>,
}

impl RoleGrant {
    /// Whether this and another are the same role of the same person, with a day on which both hold.
    pub fn doubles(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| one.ends_on.is_some_and(|end| end < other.starts_on);
        self.person == other.person && self.role == other.role && !before(self, other) && !before(other, self)
    }

    /// Whether it holds on `day`.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && self.ends_on.is_none_or(|end| day <= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_deliverable_and_harmless() {
        for good in ["officer@example.org", "a.b+c@sub.example.org", "o'neill@EXAMPLE.org"] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good:?} should be taken");
        }
        for bad in [
            "",
            "a",
            "@example.org",
            "a@b",
            "a@b..org",
            "a b@example.org",
            "a@example.org\r\nBcc: b@example.org",
            ".a@example.org",
            "ä@example.org",
            "a@-b.org",
            "\"a\"@example.org",
            "<a@example.org>",
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad:?} should be refused");
        }
        assert_eq!("Officer@EXAMPLE.org".parse::<EmailAddress>().unwrap().as_str(), "Officer@example.org");
    }

    #[test]
    fn an_address_does_not_print_itself_into_logs() {
        let address: EmailAddress = "someone@example.org".parse().unwrap();
        assert!(!format!("{address:?}").contains("someone"));
    }
}
