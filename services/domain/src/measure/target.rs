//! What was promised: a value, by when, and the way there.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{verdict::TargetVerdict, xmr::Limits};
use crate::{period::Period, text::Refused};

/// On which side of the target is good. Apart from the indicator's polarity, because a target may ask for
/// more reports of what one wishes there were fewer of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aim {
    /// No more than.
    AtMost,
    /// No fewer than.
    AtLeast,
}

impl Aim {
    /// `at most`.
    pub fn words(self) -> &'static str {
        match self {
            Self::AtMost => "at most",
            Self::AtLeast => "at least",
        }
    }
}

/// A value expected of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// The period.
    pub period: Period,
    /// The value.
    pub value: Decimal,
}

/// A target, and what is expected until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    aim: Aim,
    /// At least one, in order; all of one length.
    milestones: Vec<Milestone>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Standing,
    Straight,
    Steps,
}

impl Target {
    /// The same in every period.
    pub fn standing(aim: Aim, from: Milestone) -> Self {
        Self { aim, milestones: vec![from], kind: Kind::Standing }
    }

    /// From the baseline `from` in equal steps to `to`.
    pub fn straight(aim: Aim, from: Milestone, to: Milestone) -> Result<Self, Refused> {
        Self::along(aim, vec![from, to], Kind::Straight)
    }

    /// From each milestone until the next, what that one says.
    pub fn steps(aim: Aim, milestones: Vec<Milestone>) -> Result<Self, Refused> {
        Self::along(aim, milestones, Kind::Steps)
    }

    fn along(aim: Aim, mut milestones: Vec<Milestone>, kind: Kind) -> Result<Self, Refused> {
        milestones.sort_by_key(|milestone| milestone.period);
        if milestones.is_empty() {
            return Err(Refused::new("must have at least one milestone"));
        }
        let alike = |pair: &[Milestone]| pair[0].period.length() == pair[1].period.length() && !pair[0].period.overlaps(pair[1].period);
        if !milestones.windows(2).all(alike) {
            return Err(Refused::new("must have milestones for periods of one length that do not overlap"));
        }
        Ok(Self { aim, milestones, kind })
    }

    /// On which side is good.
    pub fn aim(&self) -> Aim {
        self.aim
    }

    /// What is wanted in the end.
    pub fn last(&self) -> Milestone {
        self.milestones[self.milestones.len() - 1]
    }

    /// What is expected of `period`. None before the first milestone and for a period of another length, which
    /// a target says nothing about.
    pub fn expected(&self, period: Period) -> Option<Decimal> {
        let first = self.milestones[0];
        if period.length() != first.period.length() || period.start() < first.period.start() {
            return None;
        }
        let (last, kind) = (self.last(), self.kind);
        if kind == Kind::Straight && period.start() < last.period.start() {
            let (gone, all) = (steps(first.period, period), steps(first.period, last.period));
            return Some(first.value + (last.value - first.value) * Decimal::from(gone) / Decimal::from(all));
        }
        self.milestones.iter().rev().find(|milestone| milestone.period.start() <= period.start()).map(|milestone| milestone.value)
    }

    fn met(&self, value: Decimal, expected: Decimal) -> bool {
        match self.aim {
            Aim::AtMost => value <= expected,
            Aim::AtLeast => value >= expected,
        }
    }

    /// Whether `value` for `period` is where it should be by then. None where nothing is expected.
    pub fn judge(&self, period: Period, value: Decimal) -> Option<TargetVerdict> {
        let met = self.met(value, self.expected(period)?);
        Some(if met { TargetVerdict::Met } else { TargetVerdict::Missed })
    }

    /// Whether the process as it now is can be relied on to meet what is wanted in the end. A figure equal to
    /// the target meets it, so limits that touch it from the good side meet it too.
    pub fn assurance(&self, limits: &Limits) -> TargetVerdict {
        let wanted = self.last().value;
        let (upper, lower) = (limits.upper_against(wanted), limits.lower_against(wanted));
        let (always, never) = match self.aim {
            Aim::AtMost => (upper != Ordering::Greater, lower == Ordering::Greater),
            Aim::AtLeast => (lower != Ordering::Less, upper == Ordering::Less),
        };
        match (always, never) {
            (true, _) => TargetVerdict::ConsistentlyMet,
            (_, true) => TargetVerdict::ConsistentlyMissed,
            (false, false) => TargetVerdict::HitAndMiss,
        }
    }
}

/// How many periods of `from`'s length lead to `to`.
fn steps(from: Period, to: Period) -> u32 {
    let mut count = 0;
    let mut at = to;
    while at.start() > from.start() {
        at = at.previous();
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(period: &str, value: i64) -> Milestone {
        Milestone { period: period.parse().unwrap(), value: Decimal::from(value) }
    }

    fn of(period: &str) -> Period {
        period.parse().unwrap()
    }

    #[test]
    fn a_straight_way_goes_in_equal_steps() {
        let target = Target::straight(Aim::AtMost, on("2020-q4", 300), on("2021-q4", 260)).unwrap();
        let expected: Vec<_> = ["2020-q3", "2020-q4", "2021-q1", "2021-q2", "2021-q4", "2022-q2"]
            .map(|q| target.expected(of(q)).map(|d| d.to_string()))
            .into();
        assert_eq!(expected, [None, Some("300"), Some("290"), Some("280"), Some("260"), Some("260")].map(|d| d.map(str::to_owned)));
        assert_eq!(target.judge(of("2021-q2"), Decimal::from(280)), Some(TargetVerdict::Met));
        assert_eq!(target.judge(of("2021-q2"), Decimal::from(281)), Some(TargetVerdict::Missed));
        assert_eq!(target.judge(of("2021-10"), Decimal::from(1)), None, "a quarterly target says nothing about a month");
    }

    #[test]
    fn steps_hold_until_the_next() {
        let target = Target::steps(Aim::AtLeast, vec![on("2021-q3", 80), on("2021-q1", 70)]).unwrap();
        assert_eq!(target.expected(of("2021-q2")), Some(Decimal::from(70)));
        assert_eq!(target.expected(of("2022-q1")), Some(Decimal::from(80)));
        assert_eq!(target.judge(of("2021-q3"), Decimal::from(79)), Some(TargetVerdict::Missed));
    }

    #[test]
    fn milestones_of_different_lengths_are_refused() {
        assert!(Target::steps(Aim::AtMost, vec![on("2021-q3", 80), on("2022-01", 70)]).is_err());
        assert!(Target::straight(Aim::AtMost, on("2021-q3", 80), on("2021-q3", 70)).is_err());
        assert!(Target::steps(Aim::AtMost, Vec::new()).is_err());
    }
}
