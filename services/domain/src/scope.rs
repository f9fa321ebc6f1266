//! Whose rows a unit of work may see.

use crate::id::{PartnershipId, RegionId};

/// The first argument of every store method that touches tenant data. Predicates in SQL and row-level
/// security on PostgreSQL both follow it, so either alone keeps tenants apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The service itself: the scheduler, the courier, signing in.
    System,
    /// All of one region.
    Region(RegionId),
    /// One region's shared rows and, of what belongs to partnerships, this one's only.
    Partnership(RegionId, PartnershipId),
}

impl Scope {
    /// The region, unless the scope is the whole system.
    pub fn region(self) -> Option<RegionId> {
        match self {
            Self::System => None,
            Self::Region(region) | Self::Partnership(region, _) => Some(region),
        }
    }

    /// The partnership, where the scope is that narrow.
    pub fn partnership(self) -> Option<PartnershipId> {
        match self {
            Self::Partnership(_, partnership) => Some(partnership),
            Self::System | Self::Region(_) => None,
        }
    }
}
