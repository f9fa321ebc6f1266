//! One round of collecting and reporting, for one meeting of one committee.
//!
//! ```text
//! planned ──opens_at──► open ──freeze_at──► closed ──digest released──► published
//!    └──────────────────┴───────── cancelled by an administrator
//! ```
//!
//! While it is open its window has three ends: until the deadline what comes is in time, until it is closed to new what comes is
//! late, and until the freeze only what is there is corrected. Where a committee plans by recurrence the three are one.
//!
//! The digest of a cycle has states of its own: see [`crate::digest`].

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Timetable,
    clock::Instant,
    id::{CommitteeId, CycleId, PersonId, Slug},
    period::Period,
    text::Line,
};

/// Where a cycle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleState {
    /// Known, not yet open.
    Planned,
    /// Partnerships may submit, correct and withdraw, each until its end of the window.
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
    /// Nothing new is taken any more; what is there can be corrected until the freeze.
    ClosedToNew {
        /// Since when.
        since: Instant,
        /// Until when what is there can be corrected.
        freeze_at: Instant,
    },
    /// Its window is over.
    Over(Instant),
    /// The cycle was cancelled.
    Cancelled,
}

/// More time for one partnership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its deadline now.
    pub until: Instant,
    /// Why.
    pub reason: Line,
    /// Who gave it.
    pub by: PersonId,
    /// When.
    pub at: Instant,
}

/// What somebody sends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Something that was not there before.
    New,
    /// In place of something that is there, or to take it back.
    Correction,
}

impl Cycle {
    /// Whether partnerships may submit at `now`. Each end of the window is itself still in time. The instant
    /// decides, not only the state: the bell that changes the state may ring a moment later. `extended`: until when this
    /// partnership may send in something new, where it was given more time; never beyond the freeze.
    pub fn accepts(&self, sent: Sent, extended: Option<Instant>, now: Instant) -> Result<(), NotOpen> {
        let dates = &self.timetable;
        let closed_to_new = extended.map_or(dates.closed_to_new_at, |until| until.max(dates.closed_to_new_at).min(dates.freeze_at));
        match self.state {
            CycleState::Cancelled => Err(NotOpen::Cancelled),
            CycleState::Closed | CycleState::Published => Err(NotOpen::Over(dates.freeze_at)),
            CycleState::Planned | CycleState::Open if now < dates.opens_at => Err(NotOpen::NotYet(dates.opens_at)),
            CycleState::Planned | CycleState::Open if now > dates.freeze_at => Err(NotOpen::Over(dates.freeze_at)),
            CycleState::Planned | CycleState::Open if sent == Sent::New && now > closed_to_new => {
                Err(NotOpen::ClosedToNew { since: closed_to_new, freeze_at: dates.freeze_at })
            }
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
