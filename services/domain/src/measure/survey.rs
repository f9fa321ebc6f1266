//! What a survey says, and how sure it can be.
//!
//! Intervals are Wilson's score interval for a proportion and Newcombe's hybrid score interval for a
//! difference (method 10), both at 95%: R. G. Newcombe, *Statistics in Medicine* 17 (1998), 857–872 and
//! 873–890. They need a square root and so work in `f64`; on samples of up to a million the result is
//! within 10⁻⁹ of the true one, and it is printed to a thousandth.

use std::{fmt, ops::RangeInclusive};

use chrono::Months;
use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::{
    percent::{PercentagePoints, Share},
    refusal::Refusal,
};
use crate::{
    indicator::Ratio,
    period::Period,
    text::{Line, Refused, thousands},
};

/// The 97.5th percentile of the normal distribution: 95% lie between it and its negative.
const Z: f64 = 1.959_963_984_540_054;

/// A result of a survey: how many of how many said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    name: Line,
    fieldwork: Period,
    rounds: Option<(u16, u16)>,
    said: u32,
    asked: u32,
}

/// What is known with 95% confidence: from one proportion to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end, as a fraction.
    pub low: f64,
    /// The upper end, as a fraction.
    pub high: f64,
}

impl fmt::Display for Interval {
    /// `68.6% to 73.3%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}% to {:.1}%", self.low * 100.0, self.high * 100.0)
    }
}

/// Wilson's score interval for `said` of `asked`, of which there is one at least.
fn wilson(said: u32, asked: u32) -> Interval {
    let n = f64::from(asked);
    let p = f64::from(said) / n;
    let z2 = Z * Z;
    let middle = 2.0 * n * p + z2;
    let reach = Z * (z2 + 4.0 * n * p * (1.0 - p)).sqrt();
    let whole = 2.0 * (n + z2);
    // Nobody and everybody are the ends themselves, which the root meets only nearly.
    let low = if said == 0 { 0.0 } else { (middle - reach) / whole };
    let high = if said == asked { 1.0 } else { (middle + reach) / whole };
    Interval { low, high }
}

/// A result with its base and its interval, as a paper prints it: `61% of 412 asked, between 56% and 66%`. None where it is no share of
/// people.
pub fn printed(said: Decimal, asked: Decimal, ratio: &Ratio) -> Option<String> {
    let count = |amount: Decimal| amount.fract().is_zero().then(|| amount.to_u32()).flatten();
    let (few, many) = (count(said)?, count(asked)?);
    if few > many {
        return None;
    }
    let (value, places) = (ratio.value(said, asked)?, ratio.decimals.min(Ratio::MAX_DECIMALS) as usize);
    let Interval { low, high } = wilson(few, many);
    let (low, high) = (low * 100.0, high * 100.0);
    Some(format!(
        "{} of {} asked, between {low:.places$}% and {high:.places$}%",
        ratio.print(value),
        thousands(&asked.normalize().to_string())
    ))
}

impl Wave {
    /// `said` of `asked` respondents, interviewed during `fieldwork`.
    pub fn new(name: Line, fieldwork: Period, said: u32, asked: u32) -> Result<Self, Refused> {
        if asked == 0 {
            return Err(Refused::new("must say how many people were asked"));
        }
        if said > asked {
            return Err(Refused::new(format!("must not have more people who said so ({said}) than were asked ({asked})")));
        }
        Ok(Self { name, fieldwork, rounds: None, said, asked })
    }

    /// The result for a period of a survey that asks over so many months up to its end. None of what is no number of people.
    pub fn of_result(period: Period, months: u32, said: Decimal, asked: Decimal) -> Option<Self> {
        let start = period.end().succ_opt()?.checked_sub_months(Months::new(months))?;
        let fieldwork = Period::new(start, period.end()).ok()?;
        let name = Line::parse(&period.short_label(), Line::NAME).ok()?;
        let count = |amount: Decimal| amount.fract().is_zero().then(|| amount.to_u32()).flatten();
        Self::new(name, fieldwork, count(said)?, count(asked)?).ok()
    }

    /// Made of several rounds of a rolling survey, as in "waves 10 to 13".
    #[must_use]
    pub fn of_rounds(mut self, rounds: RangeInclusive<u16>) -> Self {
        self.rounds = Some(rounds.into_inner());
        self
    }

    /// Its name.
    pub fn name(&self) -> &Line {
        &self.name
    }

    /// How many were asked.
    pub fn asked(&self) -> u32 {
        self.asked
    }

    /// The proportion.
    pub fn share(&self) -> Share {
        Share::of(Decimal::from(self.said), Decimal::from(self.asked)).expect("checked when the wave was made: none was asked for nothing")
    }

    /// Wilson's interval.
    pub fn interval(&self) -> Interval {
        wilson(self.said, self.asked)
    }

    /// Whether a percentage lies outside what the sample can tell apart from its result.
    pub fn is_sure_of(&self, percent: Decimal) -> bool {
        let Interval { low, high } = self.interval();
        percent.to_f64().is_some_and(|percent| percent / 100.0 < low || percent / 100.0 > high)
    }

    /// What the two samples share, in words.
    fn overlap(&self, other: &Self) -> Option<String> {
        if let (Some((a, b)), Some((c, d))) = (self.rounds, other.rounds) {
            let (first, last) = (a.max(c), b.min(d));
            return match first.cmp(&last) {
                std::cmp::Ordering::Less => Some(format!("waves {first} to {last} are in both")),
                std::cmp::Ordering::Equal => Some(format!("wave {first} is in both")),
                std::cmp::Ordering::Greater => None,
            };
        }
        self.fieldwork.overlaps(other.fieldwork).then(|| "their fieldwork has days in common".to_owned())
    }

    /// Refuses two samples that share respondents.
    pub fn apart_from(&self, earlier: &Self) -> Result<(), Refusal> {
        match earlier.overlap(self) {
            Some(shared) => Err(Refusal::SamplesOverlap { earlier: earlier.name.clone(), later: self.name.clone(), shared }),
            None => Ok(()),
        }
    }

    /// What changed from `earlier` to this wave. Refused where the samples overlap.
    pub fn since(&self, earlier: &Self) -> Result<Movement, Refusal> {
        self.apart_from(earlier)?;
        let p = |wave: &Self| f64::from(wave.said) / f64::from(wave.asked);
        let (now, then) = (self.interval(), earlier.interval());
        let difference = p(self) - p(earlier);
        let below = (p(self) - now.low).hypot(then.high - p(earlier));
        let above = (now.high - p(self)).hypot(p(earlier) - then.low);
        let interval = Interval { low: difference - below, high: difference + above };
        Ok(Movement { points: self.share().since(earlier.share()), interval })
    }
}

/// The difference between two independent samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movement {
    /// The difference of the two proportions.
    pub points: PercentagePoints,
    /// What it may really be, as a fraction.
    pub interval: Interval,
}

impl Movement {
    /// More than the noise of sampling: the interval leaves out zero.
    pub fn is_real(&self) -> bool {
        self.interval.low > 0.0 || self.interval.high < 0.0
    }

    /// `a rise`, `a fall`, or that it is neither.
    pub fn words(&self) -> &'static str {
        if self.interval.low > 0.0 {
            "a rise"
        } else if self.interval.high < 0.0 {
            "a fall"
        } else {
            "no real change: the difference is within what two samples differ by anyway"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(name: &str, fieldwork: &str, said: u32, asked: u32) -> Wave {
        Wave::new(Line::parse(name, Line::NAME).unwrap(), fieldwork.parse().unwrap(), said, asked).unwrap()
    }

    #[test]
    fn one_point_on_1500_respondents_is_not_a_rise() {
        // "71% feel safe after dark, previously 70%", had each been asked of 1,500.
        let (before, after) = (wave("spring 2011", "2011-05", 1050, 1500), wave("spring 2012", "2012-05", 1065, 1500));
        let movement = after.since(&before).unwrap();
        assert_eq!(movement.points.to_string(), "+1.0 percentage points");
        assert!(!movement.is_real());
        assert_eq!(movement.words(), "no real change: the difference is within what two samples differ by anyway");
        assert_eq!(after.interval().to_string(), "68.7% to 73.2%");
    }

    #[test]
    fn ten_points_on_1500_respondents_are_a_rise_and_back_a_fall() {
        let (before, after) = (wave("2011", "2011-05", 1050, 1500), wave("2012", "2012-05", 1200, 1500));
        assert_eq!(after.since(&before).unwrap().words(), "a rise");
        assert_eq!(before.since(&after).unwrap().words(), "a fall");
    }

    #[test]
    fn waves_10_to_13_and_8_to_11_share_respondents() {
        let before = wave("waves 8 to 11", "2010-fy", 700, 1000).of_rounds(8..=11);
        let after = wave("waves 10 to 13", "2011-fy", 710, 1000).of_rounds(10..=13);
        assert_eq!(
            after.since(&before).unwrap_err().to_string(),
            "the samples of waves 8 to 11 and waves 10 to 13 overlap: waves 10 to 11 are in both. A difference between them is smaller \
             than it seems and is not judged"
        );
        let next = wave("waves 12 to 15", "2012-fy", 710, 1000).of_rounds(12..=15);
        assert!(next.since(&before).is_ok());
        assert!(wave("a", "2011-05", 1, 2).since(&wave("b", "2011-q1", 1, 2)).is_err(), "without numbers the days decide");
    }

    #[test]
    fn a_result_is_printed_with_its_base_and_its_interval() {
        let percent = |decimals| Ratio { per: 100, of: "asked".parse().unwrap(), decimals };
        let of = |said: i64, asked: i64, decimals| printed(said.into(), asked.into(), &percent(decimals));
        assert_eq!(of(251, 412, 0).as_deref(), Some("61% of 412 asked, between 56% and 66%"));
        // Newcombe 1998, table I, method 3: 0.2553 to 0.3662.
        assert_eq!(of(81, 263, 1).as_deref(), Some("30.8% of 263 asked, between 25.5% and 36.6%"));
        assert_eq!(of(0, 20, 0).as_deref(), Some("0% of 20 asked, between 0% and 16%"));
        assert_eq!(of(5, 4, 0), None);
        assert_eq!(of(0, 0, 0), None);
    }

    #[test]
    fn a_rolling_year_told_each_quarter_shares_respondents_with_the_quarter_before_and_not_with_the_year_before() {
        let of = |period: &str, months| Wave::of_result(period.parse().unwrap(), months, 61.into(), 100.into()).unwrap();
        assert!(of("2021-q3", 12).since(&of("2021-q2", 12)).is_err());
        assert!(of("2021-q3", 12).since(&of("2020-q3", 12)).is_ok());
        assert!(of("2021-q3", 3).since(&of("2021-q2", 3)).is_ok(), "each quarter asks others");
        assert!(of("2021-q3", 24).since(&of("2020-q3", 24)).is_err());
    }

    #[test]
    fn a_proportion_without_respondents_is_refused() {
        let name = Line::parse("2011", Line::NAME).unwrap();
        assert!(Wave::new(name.clone(), "2011-05".parse().unwrap(), 0, 0).is_err());
        assert!(Wave::new(name, "2011-05".parse().unwrap(), 3, 2).is_err());
    }
}
