//! How many people live in a partnership's area: mid-year estimates by ONS code.

use std::collections::BTreeMap;

use chrono::Datelike as _;

use super::refusal::Refusal;
use crate::{partnership::OnsCode, period::Period};

/// An estimate of residents at 30 June of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Population {
    /// Residents.
    pub people: u64,
    /// The year.
    pub mid_year: i32,
}

/// Estimates for many areas and years.
#[derive(Debug, Clone, Default)]
pub struct Populations(BTreeMap<OnsCode, BTreeMap<i32, u64>>);

/// How many years old an estimate may be. They appear about a year after the day they are of; three years
/// leave room for a late one and not for a forgotten one.
const OLDEST: i32 = 3;

impl Populations {
    /// From rows of code, mid-year and residents.
    pub fn new(rows: impl IntoIterator<Item = (OnsCode, i32, u64)>) -> Self {
        let mut all = Self::default();
        for (code, mid_year, people) in rows {
            all.0.entry(code).or_default().insert(mid_year, people);
        }
        all
    }

    /// The estimate that rates for `period` are computed with: the latest one not after its last day. It says
    /// its year, so that the paper can.
    pub fn at(&self, code: &OnsCode, period: Period) -> Result<Population, Refusal> {
        let end = period.end();
        let latest = if (end.month(), end.day()) >= (6, 30) { end.year() } else { end.year() - 1 };
        self.0
            .get(code)
            .and_then(|years| years.range(latest - OLDEST..=latest).next_back())
            .map(|(mid_year, people)| Population { people: *people, mid_year: *mid_year })
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
        assert_eq!(
            at("2024-q1").unwrap_err().to_string(),
            "no rate: no estimate of residents is known that is recent enough for Q1 2024/25"
        );
        assert!(at("2019-q4").is_ok() && at("2018-q4").is_err());
    }
}
