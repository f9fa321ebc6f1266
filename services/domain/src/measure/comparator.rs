//! One period beside another: which, and whether it may be done at all.

use std::fmt;

use rust_decimal::Decimal;

use super::{
    percent::{Percent, PercentagePoints, Share},
    refusal::Refusal,
    series::{Reading, Series},
};
use crate::period::Period;

/// With which other time a period is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// The period of the same length just before. Says nothing of the season.
    PreviousPeriod,
    /// The same period a year earlier.
    SamePeriodLastYear,
    /// 1 April to the end of the period, beside the same months a year earlier.
    YearToDate,
    /// The twelve months that end with the period, beside the twelve before.
    RollingTwelveMonths,
    /// A period fixed once, such as the one a plan started from.
    Baseline(Period),
}

impl Comparator {
    /// Whether it sets sums over more than the period reported on beside each other.
    pub fn adds_up(self) -> bool {
        matches!(self, Self::YearToDate | Self::RollingTwelveMonths)
    }

    /// What is compared with what, when `reported` is the period of the report.
    pub fn periods(self, reported: Period) -> (Period, Period) {
        match self {
            Self::PreviousPeriod => (reported, reported.previous()),
            Self::SamePeriodLastYear => (reported, reported.a_year_earlier()),
            Self::YearToDate => {
                let so_far = reported.year_to_date();
                (so_far, so_far.a_year_earlier())
            }
            Self::RollingTwelveMonths => {
                let year = reported.twelve_months();
                (year, year.previous())
            }
            Self::Baseline(baseline) => (reported, baseline),
        }
    }
}

impl fmt::Display for Comparator {
    /// `the same period last year`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PreviousPeriod => "the period before",
            Self::SamePeriodLastYear => "the same period last year",
            Self::YearToDate => "the year to date",
            Self::RollingTwelveMonths => "twelve months",
            Self::Baseline(_) => "the baseline",
        })
    }
}

/// What a committee wants of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The least figure a percentage may be of.
    pub least_base: u32,
}

impl Default for Rules {
    /// A base of 50: one more or one fewer then moves a percentage by two points at most.
    fn default() -> Self {
        Self { least_base: 50 }
    }
}

/// Two periods of one length that have no day in common.
pub fn comparable(now: Period, then: Period) -> Result<(), Refusal> {
    if now.length() != then.length() {
        return Err(Refusal::DifferentLengths { now, then });
    }
    if now.overlaps(then) {
        return Err(Refusal::Overlapping { now, then });
    }
    Ok(())
}

/// An amount in two periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// With which other time.
    pub comparator: Comparator,
    /// The period reported on.
    pub now: Period,
    /// The period beside it.
    pub then: Period,
    /// The amount now.
    pub after: Reading,
    /// The amount then.
    pub before: Reading,
    /// The change in percent, or why there is none. The change itself can always be read.
    pub percent: Result<Percent, Refusal>,
}

impl Comparison {
    /// Sets `reported` beside the time that `comparator` names.
    pub fn of(series: &Series, comparator: Comparator, reported: Period, rules: Rules) -> Result<Self, Refusal> {
        let (now, then) = comparator.periods(reported);
        comparable(now, then)?;
        series.adds_up(comparator, now)?;
        series.same_definition(now, then)?;
        let (after, before) = (series.over(now)?, series.over(then)?);
        Ok(Self { comparator, now, then, after, before, percent: percent(before.value, after.value, then, rules) })
    }

    /// By how much it changed.
    pub fn change(&self) -> Decimal {
        self.after.value - self.before.value
    }

    /// The exact periods: `October to December 2021 against October to December 2020`.
    pub fn label(&self) -> String {
        label(self.now, self.then)
    }
}

fn label(now: Period, then: Period) -> String {
    format!("{} against {}", now.months(), then.months())
}

/// The change from `before`, the figure for `then`, to `after`; refused where the base does not carry a percentage.
pub fn percent(before: Decimal, after: Decimal, then: Period, rules: Rules) -> Result<Percent, Refusal> {
    if before.is_zero() {
        return Err(Refusal::FromNothing { period: then });
    }
    if before < Decimal::from(rules.least_base) {
        return Err(Refusal::SmallBase { base: before, period: then, least: rules.least_base });
    }
    Percent::change(before, after).ok_or(Refusal::FromNothing { period: then })
}

/// A share in two periods, and the points between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareComparison {
    /// With which other time.
    pub comparator: Comparator,
    /// The period reported on.
    pub now: Period,
    /// The period beside it.
    pub then: Period,
    /// The share now.
    pub after: Share,
    /// The share then.
    pub before: Share,
}

impl ShareComparison {
    /// Sets the share `parts` of `wholes` beside its like at another time. Over several months a share is
    /// the sum of parts of the sum of wholes, never the average of percentages.
    pub fn of(parts: &Series, wholes: &Series, comparator: Comparator, reported: Period, rules: Rules) -> Result<Self, Refusal> {
        let (now, then) = comparator.periods(reported);
        comparable(now, then)?;
        parts.adds_up(comparator, now)?;
        parts.same_definition(now, then)?;
        wholes.same_definition(now, then)?;
        let share = |period| share(parts, wholes, period, rules);
        Ok(Self { comparator, now, then, after: share(now)?, before: share(then)? })
    }

    /// By how many points it changed.
    pub fn change(&self) -> PercentagePoints {
        self.after.since(self.before)
    }

    /// The exact periods.
    pub fn label(&self) -> String {
        label(self.now, self.then)
    }
}

/// The share `parts` of `wholes` over `period`.
pub fn share(parts: &Series, wholes: &Series, period: Period, rules: Rules) -> Result<Share, Refusal> {
    let (part, whole) = (parts.over(period)?.value, wholes.over(period)?.value);
    if whole.is_zero() {
        return Err(Refusal::FromNothing { period });
    }
    if whole < Decimal::from(rules.least_base) {
        return Err(Refusal::SmallBase { base: whole, period, least: rules.least_base });
    }
    Share::of(part, whole).ok_or(Refusal::NotAShare { period, part, whole })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{measure::series::Break, text::Line};

    fn of(text: &str) -> Period {
        text.parse().unwrap()
    }

    fn counts(figures: &[(&str, i64)]) -> Series {
        Series::new(figures.iter().map(|(period, count)| (of(period), Decimal::from(*count))))
    }

    /// Burglary in Gateshead, police-recorded.
    fn burglary() -> Series {
        counts(&[
            ("2020-q2", 234),
            ("2020-q3", 293),
            ("2020-q4", 168),
            ("2021-q1", 231),
            ("2021-q2", 232),
            ("2021-q3", 206),
            ("2022-02", 102),
            ("2022-03", 90),
        ])
    }

    fn against(comparator: Comparator, reported: &str) -> Result<Comparison, Refusal> {
        Comparison::of(&burglary(), comparator, of(reported), Rules::default())
    }

    #[test]
    fn every_comparison_carries_its_exact_periods() {
        let year = against(Comparator::SamePeriodLastYear, "2021-q3").unwrap();
        assert_eq!(year.label(), "October to December 2021 against October to December 2020");
        assert_eq!((year.change(), year.percent.unwrap().to_string().as_str()), (Decimal::from(-87), "−29.7%"));
        let before = against(Comparator::PreviousPeriod, "2021-q3").unwrap();
        assert_eq!(before.label(), "October to December 2021 against July to September 2021");
        assert_eq!(before.percent.unwrap().to_string(), "−11.2%");
        let baseline = against(Comparator::Baseline(of("2020-q2")), "2021-q3").unwrap();
        assert_eq!(baseline.label(), "October to December 2021 against July to September 2020");
    }

    #[test]
    fn a_year_to_date_needs_the_whole_year_before_too() {
        let refusal = against(Comparator::YearToDate, "2021-q3").unwrap_err();
        assert_eq!(refusal.to_string(), "April to December 2020 is incomplete: there is no figure for April to June 2020");
    }

    #[test]
    fn twelve_months_are_set_beside_the_twelve_before() {
        let (now, then) = Comparator::RollingTwelveMonths.periods(of("2021-q3"));
        assert_eq!((now.months().as_str(), then.months().as_str()), ("January to December 2021", "January to December 2020"));
    }

    #[test]
    fn a_quarter_without_january_is_not_compared() {
        let refusal = against(Comparator::SamePeriodLastYear, "2021-q4").unwrap_err();
        assert_eq!(refusal.to_string(), "Q4 2021/22 is incomplete: there is no figure for January 2022");
    }

    #[test]
    fn nine_months_are_not_compared_with_eight() {
        // A reducing-burglary plan of 2011 set September 2009 to May 2010 beside September 2010 to April 2011.
        let plan = counts(&[("2009-09-01..2010-05-31", 394), ("2010-09-01..2011-04-30", 160)]);
        let before = of("2009-09-01..2010-05-31");
        let refusal = Comparison::of(&plan, Comparator::Baseline(before), of("2010-09-01..2011-04-30"), Rules::default()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "September 2010 to April 2011 is 8 months long and September 2009 to May 2010 is 9 months: periods of different lengths are \
             not compared"
        );
    }

    #[test]
    fn a_baseline_that_overlaps_the_period_is_refused() {
        let refusal = against(Comparator::Baseline(of("2021-08-01..2021-10-31")), "2021-q3").unwrap_err();
        assert!(matches!(refusal, Refusal::Overlapping { .. }), "{refusal}");
    }

    #[test]
    fn a_definition_that_broke_in_between_stops_the_comparison() {
        let what = Line::parse("attempts are counted apart", Line::SENTENCE).unwrap();
        let series = burglary().broken([Break { on: of("2021-q1").start(), what }]);
        let compared = |comparator| Comparison::of(&series, comparator, of("2021-q3"), Rules::default());
        assert_eq!(
            compared(Comparator::SamePeriodLastYear).unwrap_err().to_string(),
            "what is counted changed on 1 April 2021: attempts are counted apart"
        );
        assert!(compared(Comparator::PreviousPeriod).is_ok());
    }

    #[test]
    fn a_small_base_has_a_change_and_no_percentage_and_the_committee_sets_how_small() {
        let robbery = counts(&[("2020-q3", 13), ("2021-q3", 26)]);
        let compared = |least_base| Comparison::of(&robbery, Comparator::SamePeriodLastYear, of("2021-q3"), Rules { least_base }).unwrap();
        let refused = compared(50);
        assert_eq!(refused.change(), Decimal::from(13));
        assert_eq!(
            refused.percent.unwrap_err().to_string(),
            "no percentage: there were 13 in Q3 2020/21, and a percentage of fewer than 50 says more than is known"
        );
        assert_eq!(compared(10).percent.unwrap().to_string(), "+100.0%");
    }

    #[test]
    fn from_none_there_is_no_percentage_whatever_the_rule() {
        let series = counts(&[("2020-q3", 0), ("2021-q3", 4)]);
        let compared = Comparison::of(&series, Comparator::SamePeriodLastYear, of("2021-q3"), Rules { least_base: 0 }).unwrap();
        assert!(matches!(compared.percent, Err(Refusal::FromNothing { .. })));
    }

    #[test]
    fn shares_change_in_points_and_add_up_before_they_are_divided() {
        // 45 referred and 28 completed, then 50 and 42: 62% became 84%.
        let (done, referred) = (counts(&[("2012-fy", 28), ("2013-fy", 42)]), counts(&[("2012-fy", 45), ("2013-fy", 50)]));
        let rules = Rules { least_base: 20 };
        let compared = ShareComparison::of(&done, &referred, Comparator::SamePeriodLastYear, of("2013-fy"), rules).unwrap();
        assert_eq!(compared.change().to_string(), "+21.8 percentage points");
        assert_eq!(compared.after.to_string(), "84.0%");
        let small = ShareComparison::of(&done, &referred, Comparator::SamePeriodLastYear, of("2013-fy"), Rules::default());
        assert!(matches!(small, Err(Refusal::SmallBase { .. })));
    }
}
