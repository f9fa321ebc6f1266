//! Community Safety Partnerships: the tenants.

use std::{fmt, str::FromStr};

use crate::{
    clock::Instant,
    id::{PartnershipId, Slug},
    text::{Line, Refused},
};

/// The code the Office for National Statistics gives a Community Safety Partnership: `E22` (England)
/// or `W22` (Wales) and six digits. Two partnerships may share a name (there are two Newcastles);
/// codes are unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OnsCode(String);

impl OnsCode {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OnsCode {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let ok =
            text.len() == 9 && (text.starts_with("E22") || text.starts_with("W22")) && text.bytes().skip(1).all(|b| b.is_ascii_digit());
        if ok { Ok(Self(text.to_owned())) } else { Err(Refused::new("must be the partnership's ONS code, such as E22000244")) }
    }
}

impl fmt::Display for OnsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
}
