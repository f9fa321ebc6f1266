//! The area one service answers for.

use chrono_tz::Tz;

use crate::{
    clock::Instant,
    id::{RegionId, Slug},
    text::{Line, Refused},
};

/// A region owns partnerships and committees; nothing crosses from one region to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Identifier.
    pub id: RegionId,
    /// Short name, unique in the service.
    pub slug: Slug,
    /// `Northumbria`.
    pub name: Line,
    /// Whose civil time deadlines are in.
    pub zone: Tz,
    /// When it was set up.
    pub created_at: Instant,
    /// Counts changes; what two people may edit is guarded by it.
    pub revision: i64,
}

/// A region to be set up.
#[derive(Debug, Clone)]
pub struct NewRegion {
    /// Identifier.
    pub id: RegionId,
    /// Short name.
    pub slug: Slug,
    /// Full name.
    pub name: Line,
    /// Civil time zone.
    pub zone: Tz,
}

/// Reads the name of a time zone (IANA), `Europe/London` when nothing is said.
pub fn parse_zone(text: &str) -> Result<Tz, Refused> {
    if text.is_empty() {
        return Ok(chrono_tz::Europe::London);
    }
    text.parse().map_err(|_| Refused::new("must be the name of a time zone, such as Europe/London"))
}
