//! Identifiers.
//!
//! People name things by a [`Slug`]; rows are joined by identifiers of distinct types, so that a
//! committee's cannot be handed over where a partnership's is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::Refused;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A region's.
    RegionId;
    /// A partnership's.
    PartnershipId;
    /// A committee's.
    CommitteeId;
    /// A cycle's.
    CycleId;
    /// A person's.
    PersonId;
    /// That of a role granted to a person.
    RoleGrantId;
    /// That of a person's term on a committee.
    MemberId;
    /// An access token's row.
    TokenId;
    /// An indicator's.
    IndicatorId;
    /// A news item's.
    NewsItemId;
    /// A return's.
    ReturnId;
    /// That of one version of a digest.
    DigestId;
    /// A message's.
    MessageId;
    /// That of a link by which a diary follows dates.
    DiaryLinkId;
    /// That of an estimate of residents.
    EstimateId;
    /// A target's.
    TargetId;
    /// A context note's.
    ContextNoteId;
    /// That of an import of history.
    HistoryImportId;
    /// That of a wording somebody proposed.
    WordingId;
}

impl RegionId {
    /// The home of those who run the service itself and belong to no region.
    pub const SYSTEM: Self = Self(Uuid::nil());
}

/// A short name in addresses: lower-case letters, digits and single hyphens, 2 to 40 long, beginning
/// with a letter or digit (`gateshead`, `2021-q3`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The longest a slug may be, in characters.
    pub const MAX: usize = 40;

    /// A name in the space of another: `gateshead.dog-fouling`. A plain short name has no dot, so neither can stand for the other.
    #[must_use]
    pub fn within(space: &Self, own: &Self) -> Self {
        Self(format!("{space}.{own}"))
    }

    /// A plain short name, or one in the space of another.
    pub fn plain_or_within(text: &str) -> Result<Self, Refused> {
        match text.split_once('.') {
            None => text.parse(),
            Some((space, own)) => Ok(Self::within(&space.parse()?, &own.parse()?)),
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest slug to a human name: `Northumbria (Police)` becomes `northumbria-police`. None
    /// when nothing usable is left.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' && c != '’' {
                slug.push('-');
            }
            if slug.len() == Self::MAX {
                break;
            }
        }
        slug.trim_end_matches('-').parse().ok()
    }
}

impl FromStr for Slug {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let ok = (2..=Self::MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if ok {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refused::new("must be 2 to 40 lower-case letters, digits and single hyphens, such as north-tyneside or 2021-q3"))
        }
    }
}

impl TryFrom<String> for Slug {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_what_can_be_typed_and_linked() {
        for good in ["gateshead", "2021-q3", "north-tyneside", "e2"] {
            assert_eq!(good.parse::<Slug>().unwrap().as_str(), good);
        }
        for bad in ["", "a", "Gateshead", "north tyneside", "-a1", "a1-", "a--b", "né", &"x".repeat(41)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad:?} should be refused");
        }
    }

    #[test]
    fn a_name_in_the_space_of_another_is_none_of_the_plain_ones() {
        let own = Slug::within(&"gateshead".parse().unwrap(), &"dog-fouling".parse().unwrap());
        assert_eq!(own.as_str(), "gateshead.dog-fouling");
        assert_eq!(Slug::plain_or_within("gateshead.dog-fouling"), Ok(own));
        assert_eq!(Slug::plain_or_within("burglary"), "burglary".parse());
        assert!("gateshead.dog-fouling".parse::<Slug>().is_err());
        for bad in ["gateshead.", ".dog-fouling", "a.b", "one.two.three", "gateshead.Dog"] {
            assert!(Slug::plain_or_within(bad).is_err(), "{bad:?} should be refused");
        }
    }

    #[test]
    fn a_name_suggests_its_slug() {
        assert_eq!(Slug::from_name("St. John’s Ward (North)").unwrap().as_str(), "st-johns-ward-north");
        assert_eq!(Slug::from_name("日本"), None);
    }
}
