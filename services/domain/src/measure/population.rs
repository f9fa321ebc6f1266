//! How many people live in a partnership's area: mid-year estimates by ONS code.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use super::refusal::Refusal;
use crate::{
    clock::Instant,
    id::EstimateId,
    partnership::OnsCode,
    period::Period,
    text::{Line, Refused},
};

/// An estimate as it is kept: how many lived in an area on 30 June of a year, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Identifier.
    pub id: EstimateId,
    /// The area.
    pub ons_code: OnsCode,
    /// The year.
    pub mid_year: i32,
    /// Residents, one at least.
    pub people: u64,
    /// Who says so, and under which licence.
    pub source: Line,
    /// When it was entered.
    pub entered_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// An estimate to be entered, in the place of what was known of that area and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEstimate {
    /// Its identifier, should the area and year be new.
    pub id: EstimateId,
    /// The area.
    pub ons_code: OnsCode,
    /// The year.
    pub mid_year: i32,
    /// Residents.
    pub people: u64,
    /// Who says so.
    pub source: Line,
}

impl NewEstimate {
    /// The most that are entered at once: every partnership of England and Wales for fifteen years.
    pub const MOST: usize = 5_000;
    /// The most that a region keeps.
    pub const MOST_KEPT: usize = 10_000;
    /// More than live on all these islands.
    const TOO_MANY: i64 = 100_000_000;

    /// A year of which there may be an estimate, seen from `today`.
    pub fn year(mid_year: i64, today: NaiveDate) -> Result<i32, Refused> {
        let known = i64::from(mid_year_at(today));
        match i32::try_from(mid_year) {
            Ok(year) if (1990..=known).contains(&mid_year) => Ok(year),
            _ => Err(Refused::new(format!("must be a year from 1990 to {known}, of which an estimate is of 30 June"))),
        }
    }

    /// How many may live in an area.
    pub fn residents(people: i64) -> Result<u64, Refused> {
        match u64::try_from(people) {
            Ok(count) if count > 0 && people < Self::TOO_MANY => Ok(count),
            _ => Err(Refused::new("must be a number of residents, such as 201950, above 0 and below 100 million")),
        }
    }
}

/// The latest year whose 30 June is not after `day`.
fn mid_year_at(day: NaiveDate) -> i32 {
    if (day.month(), day.day()) >= (6, 30) { day.year() } else { day.year() - 1 }
}

/// An estimate of residents at 30 June of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Population {
    /// Residents.
    pub people: u64,
    /// The year.
    pub mid_year: i32,
}

impl Population {
    /// Whether no later estimate can be true of `period`: it is of the last 30 June before its end.
    pub fn is_of(self, period: Period) -> bool {
        self.mid_year == mid_year_at(period.end())
    }
}

/// Estimates for many areas and years.
#[derive(Debug, Clone, Default)]
pub struct Populations(BTreeMap<OnsCode, BTreeMap<i32, (u64, Option<Line>)>>);

/// How many years old an estimate may be. They appear about a year after the day they are of; three years
/// leave room for a late one and not for a forgotten one.
const OLDEST: i32 = 3;

impl Populations {
    /// From rows of code, mid-year and residents.
    pub fn new(rows: impl IntoIterator<Item = (OnsCode, i32, u64)>) -> Self {
        let mut all = Self::default();
        for (code, mid_year, people) in rows {
            all.0.entry(code).or_default().insert(mid_year, (people, None));
        }
        all
    }

    /// From estimates as they are kept, with their sources.
    pub fn of(estimates: impl IntoIterator<Item = Estimate>) -> Self {
        let mut all = Self::default();
        for Estimate { ons_code, mid_year, people, source, .. } in estimates {
            all.0.entry(ons_code).or_default().insert(mid_year, (people, Some(source)));
        }
        all
    }

    /// Those of one area alone.
    #[must_use]
    pub fn only(&self, code: &OnsCode) -> Self {
        Self(self.0.get(code).map(|years| (code.clone(), years.clone())).into_iter().collect())
    }

    /// Who says how many lived there in a year.
    pub fn source(&self, code: &OnsCode, mid_year: i32) -> Option<&Line> {
        self.0.get(code)?.get(&mid_year)?.1.as_ref()
    }

    /// The estimate that rates for `period` are computed with: the latest one not after its last day. It says
    /// its year, so that the paper can.
    pub fn at(&self, code: &OnsCode, period: Period) -> Result<Population, Refusal> {
        let latest = mid_year_at(period.end());
        self.0
            .get(code)
            .and_then(|years| years.range(latest - OLDEST..=latest).next_back())
            .map(|(mid_year, (people, _))| Population { people: *people, mid_year: *mid_year })
            .ok_or(Refusal::NoPopulation { period })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_uses_the_latest_estimate_that_was_true_by_then() {
        let gateshead: OnsCode = "E22000244".parse().unwrap();
        let all = Populations::new([(gateshead.clone(), 2019, 202_055), (gateshead.clone(), 2020, 201_950)]);
        let at = |period: &str| all.at(&gateshead, period.parse().unwrap());
        assert_eq!(at("2020-q1"), Ok(Population { people: 201_950, mid_year: 2020 }));
        assert_eq!(at("2020-05"), Ok(Population { people: 202_055, mid_year: 2019 }));
        assert_eq!(at("2021-q3").unwrap().mid_year, 2020);
        assert!(at("2020-q1").unwrap().is_of("2020-q1".parse().unwrap()), "its own year");
        assert!(!at("2021-q3").unwrap().is_of("2021-q3".parse().unwrap()), "that of mid-2021 is not known");
        assert_eq!(
            at("2024-q1").unwrap_err().to_string(),
            "no rate: no estimate of residents is known that is recent enough for Q1 2024/25"
        );
        assert!(at("2019-q4").is_ok() && at("2018-q4").is_err());
    }

    #[test]
    fn an_estimate_is_of_a_30_june_that_has_been_and_of_somebody() {
        let today: NaiveDate = "2022-01-05".parse().unwrap();
        assert_eq!(NewEstimate::year(2021, today), Ok(2021));
        for year in [1989, 2022, i64::MAX, i64::MIN] {
            assert!(NewEstimate::year(year, today).is_err(), "{year}");
        }
        assert_eq!(NewEstimate::residents(201_950), Ok(201_950));
        for people in [0, -1, 100_000_000, i64::MIN] {
            assert!(NewEstimate::residents(people).is_err(), "{people}");
        }
    }
}
