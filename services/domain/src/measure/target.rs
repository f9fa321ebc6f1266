//! What was promised: a value, by when, and the way there.

use std::cmp::Ordering;

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{verdict::TargetVerdict, xmr::Limits};
use crate::{
    period::{Length, Period},
    text::Refused,
};

/// On which side of the target is good. Apart from the indicator's polarity, because a target may ask for
/// more reports of what one wishes there were fewer of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// The period.
    pub period: Period,
    /// The value.
    pub value: Decimal,
}

/// What is wanted, by when, and what is expected until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Told")]
pub struct Trajectory {
    aim: Aim,
    /// At least one, in order; all of one length.
    milestones: Vec<Milestone>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Standing,
    Straight,
    Steps,
}

/// As it is stored: whether it is one is asked again when it is read.
#[derive(Deserialize)]
struct Told {
    aim: Aim,
    milestones: Vec<Milestone>,
    kind: Kind,
}

impl TryFrom<Told> for Trajectory {
    type Error = Refused;

    fn try_from(told: Told) -> Result<Self, Refused> {
        let fits = match told.kind {
            Kind::Standing => told.milestones.len() == 1,
            Kind::Straight => told.milestones.len() == 2,
            Kind::Steps => told.milestones.len() <= Self::MOST,
        };
        if !fits || told.milestones.iter().any(|milestone| milestone.value.abs() > Self::LARGEST) {
            return Err(Refused::new("must have as many milestones as its kind asks for"));
        }
        Self::along(told.aim, told.milestones, told.kind)
    }
}

impl Trajectory {
    /// The most milestones there may be.
    pub const MOST: usize = 40;
    /// Digits after the point that a value may have.
    pub const DECIMALS: u32 = 3;
    const LARGEST: Decimal = Decimal::from_parts(1_410_065_408, 2, 0, false, 0);

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

    /// Every milestone, in order.
    pub fn milestones(&self) -> &[Milestone] {
        &self.milestones
    }

    /// Whether it goes in equal steps.
    pub fn is_straight(&self) -> bool {
        self.kind == Kind::Straight
    }

    /// Whether it is the same in every period.
    pub fn is_standing(&self) -> bool {
        self.kind == Kind::Standing
    }

    /// With what it begins.
    pub fn first(&self) -> Milestone {
        self.milestones[0]
    }

    /// How long the periods are that it speaks of.
    pub fn length(&self) -> Length {
        self.first().period.length()
    }

    /// The period it speaks of that ends on a day: the month, of a monthly target. None where a period of its length that ends
    /// there is not one of those it counts in, as in the midst of a year.
    pub fn period_ending(&self, end: NaiveDate) -> Option<Period> {
        let Length::Months(months) = self.length() else {
            return self.milestones.iter().map(|milestone| milestone.period).find(|period| period.end() == end);
        };
        let start = end.succ_opt()?.checked_sub_months(Months::new(months))?;
        let period = Period::new(start, end).ok().filter(|period| period.length() == self.length())?;
        let apart = |day: NaiveDate| i64::from(chrono::Datelike::year(&day)) * 12 + i64::from(chrono::Datelike::month0(&day));
        let between = apart(period.start()) - apart(self.first().period.start());
        (between % i64::from(months) == 0).then_some(period)
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
        let target = Trajectory::straight(Aim::AtMost, on("2020-q4", 300), on("2021-q4", 260)).unwrap();
        let expected: Vec<_> = ["2020-q3", "2020-q4", "2021-q1", "2021-q2", "2021-q4", "2022-q2"]
            .map(|q| target.expected(of(q)).map(|d| d.to_string()))
            .into();
        assert_eq!(expected, [None, Some("300"), Some("290"), Some("280"), Some("260"), Some("260")].map(|d| d.map(str::to_owned)));
        assert_eq!(target.judge(of("2021-q2"), Decimal::from(280)), Some(TargetVerdict::Met));
        assert_eq!(target.judge(of("2021-q2"), Decimal::from(281)), Some(TargetVerdict::Missed));
        assert_eq!(target.judge(of("2021-10"), Decimal::from(1)), None, "a quarterly target says nothing about a month");
    }

    #[test]
    fn a_target_speaks_of_periods_of_its_own_length() {
        let day = |text: &str| text.parse().unwrap();
        let monthly = Trajectory::standing(Aim::AtMost, on("2021-04", 75));
        assert_eq!(monthly.period_ending(day("2021-12-31")), Some(of("2021-12")));
        let yearly = Trajectory::standing(Aim::AtMost, on("2021-fy", 900));
        assert_eq!(yearly.period_ending(day("2021-12-31")), None, "the year is not over");
        assert_eq!(yearly.period_ending(day("2023-03-31")), Some(of("2022-fy")));
        let quarterly = Trajectory::standing(Aim::AtMost, on("2021-q1", 230));
        assert_eq!(quarterly.period_ending(day("2021-11-30")), None);
        let campaign = Trajectory::standing(Aim::AtLeast, on("2021-10-02..2021-10-30", 3));
        assert_eq!(campaign.period_ending(day("2021-10-30")), Some(of("2021-10-02..2021-10-30")));
    }

    #[test]
    fn what_is_stored_is_asked_again_whether_it_is_a_target() {
        let straight = Trajectory::straight(Aim::AtMost, on("2020-q4", 300), on("2021-q4", 260)).unwrap();
        let stored = serde_json::to_string(&straight).unwrap();
        assert_eq!(serde_json::from_str::<Trajectory>(&stored).unwrap(), straight);
        for broken in
            [stored.replace("2021-q4", "2021-12"), stored.replace("straight", "standing"), stored.replace("300", "99999999999999")]
        {
            assert!(serde_json::from_str::<Trajectory>(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn steps_hold_until_the_next() {
        let target = Trajectory::steps(Aim::AtLeast, vec![on("2021-q3", 80), on("2021-q1", 70)]).unwrap();
        assert_eq!(target.expected(of("2021-q2")), Some(Decimal::from(70)));
        assert_eq!(target.expected(of("2022-q1")), Some(Decimal::from(80)));
        assert_eq!(target.judge(of("2021-q3"), Decimal::from(79)), Some(TargetVerdict::Missed));
    }

    #[test]
    fn milestones_of_different_lengths_are_refused() {
        assert!(Trajectory::steps(Aim::AtMost, vec![on("2021-q3", 80), on("2022-01", 70)]).is_err());
        assert!(Trajectory::straight(Aim::AtMost, on("2021-q3", 80), on("2021-q3", 70)).is_err());
        assert!(Trajectory::steps(Aim::AtMost, Vec::new()).is_err());
    }
}
