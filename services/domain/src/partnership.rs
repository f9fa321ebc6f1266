//! Community Safety Partnerships: the tenants.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{PartnershipId, Slug},
    text::{Line, Refused},
};

/// The code the Office for National Statistics gives a Community Safety Partnership: `E22` (England),
/// `W22` or, in newer lists, `W14` (Wales) and six digits. Two partnerships may share a name (there are two Newcastles);
/// codes are unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OnsCode(String);

impl TryFrom<String> for OnsCode {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}

impl From<OnsCode> for String {
    fn from(code: OnsCode) -> Self {
        code.0
    }
}

impl OnsCode {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OnsCode {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let known = ["E22", "W22", "W14"].iter().any(|country| text.starts_with(country));
        let ok = text.len() == 9 && known && text.bytes().skip(1).all(|b| b.is_ascii_digit());
        if ok { Ok(Self(text.to_owned())) } else { Err(Refused::new("must be the partnership's ONS code, such as E22000244")) }
    }
}

impl fmt::Display for OnsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The partnerships most like one of them, as whoever compares partnerships names them (the Home Office's most similar groups,
/// CIPFA's nearest neighbours). They need not be of the region, nor have this one among theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peers {
    /// `Most similar group`.
    pub name: Line,
    /// Each once; the partnership itself belongs to them whether or not it is named.
    pub codes: BTreeSet<OnsCode>,
}

impl Peers {
    /// The most a group may name.
    pub const MOST: usize = 60;
}

/// One Community Safety Partnership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partnership {
    /// Identifier.
    pub id: PartnershipId,
    /// Short name, unique in the region.
    pub slug: Slug,
    /// ONS code, unique in the region.
    pub ons_code: OnsCode,
    /// `Gateshead`.
    pub name: Line,
    /// Whom it is compared with; none: nobody said.
    pub peers: Option<Peers>,
    /// When it was set up.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// A partnership to be set up.
#[derive(Debug, Clone)]
pub struct NewPartnership {
    /// Identifier.
    pub id: PartnershipId,
    /// Short name.
    pub slug: Slug,
    /// ONS code.
    pub ons_code: OnsCode,
    /// Full name.
    pub name: Line,
    /// Whom it is compared with.
    pub peers: Option<Peers>,
}
