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

    /// Whether it stands in the way of another, because it is of the same measure and the same partnership, on the same side and by
    /// periods as long, and does not end before the other begins: a paper would judge one figure twice.
    pub fn stands_in_the_way_of(&self, new: &NewTarget) -> bool {
        let (Some(old), Some(wanted)) = (&self.terms.trajectory, &new.terms.trajectory) else { return false };
        let same = self.terms.indicator == new.terms.indicator
            && self.terms.partnership == new.terms.partnership
            && old.aim() == wanted.aim()
            && old.length() == wanted.length();
        let over = self.ends_on.is_some_and(|end| end < wanted.first().period.start());
        let before = new.ends_on.is_some_and(|end| end < old.first().period.start());
        same && !over && !before
    }

    /// Whether it holds on the last day of `period`.
    pub fn holds_at(&self, period: Period) -> bool {
        self.ends_on.is_none_or(|end| period.end() <= end)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::measure::target::{Aim, Milestone};

    fn new(from: &str, aim: Aim, ends_on: Option<&str>) -> NewTarget {
        let trajectory = Trajectory::standing(aim, Milestone { period: from.parse().unwrap(), value: 180.into() });
        let terms = Terms {
            indicator: IndicatorId(Uuid::from_u128(1)),
            partnership: Some(PartnershipId(Uuid::from_u128(2))),
            trajectory: Some(trajectory),
            baseline: None,
            reason: Line::parse("The plan", Line::SENTENCE).unwrap(),
        };
        NewTarget { id: TargetId(Uuid::nil()), terms, ends_on: ends_on.map(|day| day.parse().unwrap()) }
    }

    fn set(new: NewTarget) -> Target {
        let NewTarget { id, terms, ends_on } = new;
        Target { id, terms, ends_on, end_reason: None, created_at: Instant::UNIX_EPOCH, revision: 1 }
    }

    #[test]
    fn one_figure_is_not_held_against_two_targets() {
        let meets = |old: NewTarget, wanted: &NewTarget| set(old).stands_in_the_way_of(wanted);
        let standing = |ends_on| new("2021-q1", Aim::AtMost, ends_on);
        let next = new("2022-q1", Aim::AtMost, None);
        assert!(meets(standing(None), &next));
        assert!(meets(standing(Some("2022-04-01")), &next), "it ends within the other's first quarter");
        assert!(!meets(standing(Some("2022-03-31")), &next), "the old one is ended with the year, and the new one begins with the next");
        assert!(
            meets(standing(Some("2021-12-31")), &new("2021-q3", Aim::AtMost, None)),
            "over or not: the paper about that quarter is still to come"
        );
        assert!(!meets(standing(None), &new("2020-q1", Aim::AtMost, Some("2021-03-31"))));
        // Between two values, by month and by quarter, or of another measure: each is judged by itself.
        assert!(!meets(standing(None), &new("2022-q1", Aim::AtLeast, None)));
        assert!(!meets(standing(None), &new("2022-04", Aim::AtMost, None)));
        let mut elsewhere = next.clone();
        elsewhere.terms.partnership = None;
        assert!(!meets(standing(None), &elsewhere));
        let mut baseline = next;
        baseline.terms.trajectory = None;
        assert!(!meets(standing(None), &baseline));
    }
}
