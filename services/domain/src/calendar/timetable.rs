//! The instants of one cycle.

use chrono::Days;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Step, instant},
    clock::Instant,
    text::Refused,
};

/// A rehearsal comes so long before the paper goes: what it finds can be mended in office hours, and a quarter has only four chances.
const REHEARSED_BEFORE: Days = Days::new(14);

/// When what happens in a cycle. The window for returns has three ends, which may be one and the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// From when partnerships may submit.
    pub opens_at: Instant,
    /// Until when returns are in time. What comes later is late.
    pub deadline_at: Instant,
    /// Until when something new is taken. Afterwards only what is there is corrected.
    pub closed_to_new_at: Instant,
    /// When nothing is taken any more: what is in the paper is frozen.
    pub freeze_at: Instant,
    /// When the paper goes to members.
    pub publication_at: Instant,
    /// When the committee sits.
    pub meeting_at: Instant,
}

impl Timetable {
    /// Where the window has one end: collecting is over, and the paper is frozen, at the deadline.
    pub fn with_one_end(opens_at: Instant, deadline_at: Instant, publication_at: Instant, meeting_at: Instant) -> Self {
        Self { opens_at, deadline_at, closed_to_new_at: deadline_at, freeze_at: deadline_at, publication_at, meeting_at }
    }

    /// Whether the deadline is the only end of the window.
    pub fn has_one_end(&self) -> bool {
        self.deadline_at == self.freeze_at
    }

    /// Until when whoever was given more time has it: dates may have moved since, and nobody has less time than all, or more than until
    /// the freeze.
    pub fn given(&self, until: Instant) -> Instant {
        until.max(self.deadline_at).min(self.freeze_at)
    }

    /// When the paper's release is rehearsed: two weeks before it, at the same hour by the clocks of the United Kingdom.
    pub fn rehearsal_at(&self) -> Instant {
        let zone = chrono_tz::Europe::London;
        let civil = self.publication_at.with_timezone(&zone).naive_local();
        civil.checked_sub_days(REHEARSED_BEFORE).map_or(self.publication_at, |before| instant(before, zone))
    }

    /// Each moment with what happens then, in order.
    pub fn steps(&self) -> [(Step, Instant); 6] {
        [
            (Step::Opening, self.opens_at),
            (Step::Deadline, self.deadline_at),
            (Step::ClosedToNew, self.closed_to_new_at),
            (Step::Freeze, self.freeze_at),
            (Step::Release, self.publication_at),
            (Step::Meeting, self.meeting_at),
        ]
    }

    /// Each moment must follow the one before.
    pub fn check(&self) -> Result<(), Refused> {
        if self.deadline_at <= self.opens_at {
            return Err(Refused::new("the deadline must come after the opening"));
        }
        if self.closed_to_new_at < self.deadline_at {
            return Err(Refused::new("closing to new returns must not come before the deadline"));
        }
        if self.freeze_at < self.closed_to_new_at {
            return Err(Refused::new("the freeze must not come before closing to new returns"));
        }
        if self.publication_at < self.freeze_at {
            return Err(Refused::new("publication must not come before the deadline and the freeze"));
        }
        if self.meeting_at <= self.publication_at {
            return Err(Refused::new("the meeting must come after publication"));
        }
        Ok(())
    }
}
