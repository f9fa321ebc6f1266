//! One round of collecting and reporting, for one meeting of one committee.
//!
//! ```text
//! planned ──opens_at──► open ──deadline_at──► closed ──digest released──► published
//!    └──────────────────┴───────── cancelled by an administrator
//! ```
//!
//! The digest of a cycle has states of its own: see [`crate::digest`].

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Timetable,
    clock::Instant,
    id::{CommitteeId, CycleId, Slug},
    period::Period,
};

/// Where a cycle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleState {
    /// Known, not yet open.
    Planned,
    /// Partnerships may submit, correct and withdraw.
    Open,
    /// Collecting is over; the digest is being prepared, approved or waited for.
    Closed,
    /// The digest has gone to members.
    Published,
    /// It will not take place.
    Cancelled,
}

impl CycleState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Planned, Self::Open, Self::Closed, Self::Published, Self::Cancelled];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// One cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// Identifier.
    pub id: CycleId,
    /// The committee.
    pub committee: CommitteeId,
    /// Short name, unique in the committee: `2021-q3`.
    pub slug: Slug,
    /// What is reported on.
    pub period: Period,
    /// When what happens.
    pub timetable: Timetable,
    /// Where it stands.
    pub state: CycleState,
    /// When it was planned.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// Why a submission is not taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpen {
    /// Its window has not begun.
    NotYet(Instant),
    /// Its window is over.
    Over(Instant),
    /// The cycle was cancelled.
    Cancelled,
}

impl Cycle {
    /// Whether partnerships may submit at `now`. The deadline itself is still in time. The instant
    /// decides, not only the state: the bell that changes the state may ring a moment later.
    pub fn accepts(&self, now: Instant) -> Result<(), NotOpen> {
        match self.state {
            CycleState::Cancelled => Err(NotOpen::Cancelled),
            CycleState::Closed | CycleState::Published => Err(NotOpen::Over(self.timetable.deadline_at)),
            CycleState::Planned | CycleState::Open if now < self.timetable.opens_at => Err(NotOpen::NotYet(self.timetable.opens_at)),
            CycleState::Planned | CycleState::Open if now > self.timetable.deadline_at => Err(NotOpen::Over(self.timetable.deadline_at)),
            CycleState::Planned | CycleState::Open => Ok(()),
        }
    }
}

/// A cycle to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCycle {
    /// Identifier.
    pub id: CycleId,
    /// The committee.
    pub committee: CommitteeId,
    /// Short name.
    pub slug: Slug,
    /// What is reported on.
    pub period: Period,
    /// When what happens.
    pub timetable: Timetable,
}
