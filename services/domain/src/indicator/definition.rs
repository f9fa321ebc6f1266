//! What an indicator means, and how it is printed.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    id::Slug,
    measure::percent::rounded,
    text::{Line, Refused, thousands},
};

/// What an indicator means. The default is a plain amount of which nothing more is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// What is counted, in a sentence.
    pub meaning: Option<Line>,
    /// So many of each hundred, or thousand; none: a plain amount.
    pub ratio: Option<Ratio>,
    /// How often it is counted.
    pub frequency: Option<Frequency>,
    /// One to four are printed "fewer than 5", and nothing from which they could be worked out.
    pub sensitive: bool,
    /// Belongs into a total of crime.
    pub crime: bool,
    /// A state at the end of a period, such as a case load: never added up over months.
    pub stock: bool,
    /// A result of a survey: so many of so many who were asked, over so many months up to the end of each period. None: it is none.
    pub survey: Option<u32>,
    /// The first day of the definition as it is now.
    pub valid_from: Option<NaiveDate>,
    /// Days on which what is counted changed.
    pub breaks: Vec<Break>,
}

impl Definition {
    /// The most changes one indicator may have.
    pub const MAX_BREAKS: usize = 20;
    /// Over how many months a survey may ask.
    pub const SURVEY_MONTHS: std::ops::RangeInclusive<u32> = 1..=60;

    /// Whether the figures of periods add up to that of a longer one: neither states do nor samples.
    pub fn adds_up(&self) -> bool {
        !self.stock && self.survey.is_none()
    }
}

/// A day from which something else is counted under the same name: a recording rule, a boundary, a
/// question in a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The first day of the new definition.
    pub on: NaiveDate,
    /// What changed.
    pub what: Line,
}

/// A percentage or a rate. What is reported is always the count: two counts can be checked and added up, a
/// percentage cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// Of a percentage 100.
    pub per: u32,
    /// Of what.
    pub of: Denominator,
    /// Digits after the point when it is printed.
    pub decimals: u32,
}

impl Ratio {
    /// What `per` may be.
    pub const PER: std::ops::RangeInclusive<u32> = 1..=1_000_000;
    /// The most digits after the point.
    pub const MAX_DECIMALS: u32 = 3;

    /// Whether it is a percentage, whose part lies within its whole.
    pub fn is_percent(&self) -> bool {
        self.per == 100 && self.of != Denominator::Residents
    }

    /// So many of each `per`, as exactly as 28 digits can say. None of nothing.
    pub fn value(&self, part: Decimal, whole: Decimal) -> Option<Decimal> {
        (whole > Decimal::ZERO).then(|| part / whole * Decimal::from(self.per))
    }

    /// `19.2%`, `2.55 per 1,000`.
    pub fn print(&self, value: Decimal) -> String {
        let places = self.decimals.min(Self::MAX_DECIMALS);
        let digits = thousands(&format!("{:.*}", places as usize, rounded(value, places)));
        if self.is_percent() { format!("{digits}%") } else { format!("{digits} per {}", thousands(&self.per.to_string())) }
    }
}

/// Of what a ratio is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// Everybody who lives there.
    Residents,
    /// What another indicator counts, by its short name.
    Indicator(Slug),
}

/// The word that stands for everybody who lives there.
const RESIDENTS: &str = "residents";

impl fmt::Display for Denominator {
    /// The stored word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Residents => f.write_str(RESIDENTS),
            Self::Indicator(slug) => f.write_str(slug.as_str()),
        }
    }
}

impl FromStr for Denominator {
    type Err = Refused;

    fn from_str(word: &str) -> Result<Self, Refused> {
        if word == RESIDENTS { Ok(Self::Residents) } else { Slug::plain_or_within(word).map(Self::Indicator) }
    }
}

/// How often an indicator is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every month.
    Month,
    /// Every quarter.
    Quarter,
    /// Every year.
    Year,
}

impl Frequency {
    /// Every frequency.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| frequency.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_and_a_rate_are_printed_from_two_counts() {
        let percent = Ratio { per: 100, of: "asked".parse().unwrap(), decimals: 1 };
        let rate = Ratio { per: 1000, of: Denominator::Residents, decimals: 2 };
        let print = |ratio: &Ratio, part: i64, whole: i64| ratio.value(part.into(), whole.into()).map(|value| ratio.print(value));
        assert_eq!(print(&percent, 23, 120).as_deref(), Some("19.2%"));
        assert_eq!(print(&rate, 516, 202_419).as_deref(), Some("2.55 per 1,000"));
        assert_eq!(print(&percent, 1, 0), None);
    }
}
