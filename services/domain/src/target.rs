//! Targets: what was promised of a measure, by whom it was set and why.

use chrono::NaiveDate;

use crate::{
    clock::Instant,
    id::{IndicatorId, PartnershipId, TargetId},
    measure::target::Trajectory,
    period::Period,
    text::Line,
};

/// What is wanted of an indicator, and from where it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Identifier.
    pub id: TargetId,
    /// What it says.
    pub terms: Terms,
    /// The last day it holds; none: until further notice.
    pub ends_on: Option<NaiveDate>,
    /// Why it ended, where somebody ended it.
    pub end_reason: Option<Line>,
    /// When it was entered.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// What a target says. It never changes: a target that is set anew is another one, and the old one ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Of which measure.
    pub indicator: IndicatorId,
    /// Of whom; none: of all who report to a committee, together.
    pub partnership: Option<PartnershipId>,
    /// What is wanted, and by when; none: only the baseline is kept.
    pub trajectory: Option<Trajectory>,
    /// The period the plan started from, which the paper sets the latest figures beside.
    pub baseline: Option<Period>,
    /// Who set it, and why.
    pub reason: Line,
}

/// A target to be set.
#[derive(Debug, Clone)]
pub struct NewTarget {
    /// Identifier.
    pub id: TargetId,
    /// What it says.
    pub terms: Terms,
    /// The last day it holds.
    pub ends_on: Option<NaiveDate>,
}

impl Target {
    /// The most that a region keeps, those that ended among them.
    pub const MOST: usize = 5_000;

    /// Whether it holds on the last day of `period`.
    pub fn holds_at(&self, period: Period) -> bool {
        self.ends_on.is_none_or(|end| period.end() <= end)
    }
}
