//! One value of one indicator, for one partnership and one period.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    check::Rule,
    id::IndicatorId,
    indicator::{Indicator, Unit},
    period::Period,
    text::{Line, Refused, thousands},
};

/// What a partnership answers. Five different answers stay five different answers; that nothing was
/// answered at all is a sixth fact, derived and never submitted. None of them is ever zero but zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Answer {
    /// A value; zero is a value.
    Reported {
        /// In the indicator's unit.
        value: Decimal,
    },
    /// A reported nothing: counts as 0 in totals, is printed "none".
    Nil,
    /// Not ready; the officer says when it will be.
    Late {
        /// When the value is expected.
        expected_on: NaiveDate,
    },
    /// Known and not given.
    Withheld {
        /// Why.
        reason: Line,
    },
    /// The indicator has no meaning for this partnership.
    NotApplicable,
}

impl Answer {
    /// The stored word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Reported { .. } => "reported",
            Self::Nil => "nil",
            Self::Late { .. } => "late",
            Self::Withheld { .. } => "withheld",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// What it adds to a total: a nil adds nothing and is still counted as covered.
    pub fn amount(&self) -> Option<Decimal> {
        match self {
            Self::Reported { value } => Some(*value),
            Self::Nil => Some(Decimal::ZERO),
            Self::Late { .. } | Self::Withheld { .. } | Self::NotApplicable => None,
        }
    }
}

/// The largest value accepted: a million million.
const MAX: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);

/// Reads a plain decimal number as the wire carries it (`1234`, `-3`, `96466.50`) for `unit`.
pub fn parse_value(text: &str, unit: Unit) -> Result<Decimal, Refused> {
    let value = parse_amount(text, Decimal::MAX_SCALE)?;
    if value.scale() > unit.decimals() {
        return Err(Refused::new(match unit {
            Unit::Count | Unit::Days => "must be a whole number".to_owned(),
            Unit::Pounds => "must have at most two decimal places".to_owned(),
        }));
    }
    Ok(value)
}

/// Reads a number that is not negative, with at most so many digits after the point.
pub fn parse_amount(text: &str, places: u32) -> Result<Decimal, Refused> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let value: Decimal = plain.then(|| text.parse().ok()).flatten().ok_or_else(|| Refused::new(Rule::NotANumber.says()))?;
    let value = value.normalize();
    if value.is_sign_negative() && !value.is_zero() {
        return Err(Refused::new(Rule::Negative.says()));
    }
    if value > MAX {
        return Err(Refused::new("is larger than any figure this service keeps"));
    }
    if value.scale() > places {
        return Err(Refused::new(format!("must have at most {places} digits after the point")));
    }
    Ok(value.abs())
}

/// `1,234` or `£96,466.50`, for people.
pub fn print_value(value: Decimal, unit: Unit) -> String {
    match unit {
        Unit::Count => thousands(&value.normalize().to_string()),
        Unit::Days if value == Decimal::ONE => "1 day".to_owned(),
        Unit::Days => format!("{} days", thousands(&value.normalize().to_string())),
        Unit::Pounds if value.fract().is_zero() => format!("£{}", thousands(&value.trunc().to_string())),
        Unit::Pounds => format!("£{}", thousands(&format!("{value:.2}"))),
    }
}

/// One figure of a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The measure.
    pub indicator: IndicatorId,
    /// What it is about.
    pub period: Period,
    /// The answer.
    pub answer: Answer,
    /// Will be revised.
    pub provisional: bool,
    /// Printed beside the figure: `restrictions in force`.
    pub note: Option<Line>,
}

/// A value someone else stated, such as a percentage without its counts. Printed "as stated by …",
/// never summed, charted or judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedFigure {
    /// What it is a figure of.
    pub subject: Line,
    /// As stated: `30%`.
    pub value: Line,
    /// Who stated it.
    pub source: Line,
    /// What it is about.
    pub period: Period,
}

/// Percentages and changes, computed in one place and typed nowhere.
pub mod change {
    use rust_decimal::Decimal;

    use crate::measure::percent::Percent;

    /// The change from `before` to `after` in percent, to one decimal place. None from nothing: there is
    /// no percentage of zero.
    pub fn percent(before: Decimal, after: Decimal) -> Option<Decimal> {
        Percent::change(before, after).map(Percent::to_a_tenth)
    }
}

/// What an indicator's value reads like in a sentence or a cell.
pub fn print_answer(answer: &Answer, indicator: &Indicator) -> String {
    match answer {
        Answer::Reported { value } => print_value(*value, indicator.unit),
        Answer::Nil => "none".to_owned(),
        Answer::Late { expected_on } => format!("expected {}", expected_on.format("%-d %B %Y")),
        Answer::Withheld { .. } => "withheld".to_owned(),
        Answer::NotApplicable => "not applicable".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_count_is_a_whole_number_that_is_not_negative() {
        assert_eq!(parse_value("717", Unit::Count), Ok(dec("717")));
        assert_eq!(parse_value("717.0", Unit::Count), Ok(dec("717")));
        for bad in ["", "-1", "1.5", "1,234", "ten", "1e9", "9999999999999", "--1", ".", "+1", "99999999999999999999999999999999999"] {
            assert!(parse_value(bad, Unit::Count).is_err(), "{bad:?} should be refused");
        }
        assert_eq!(parse_value("0", Unit::Count), Ok(Decimal::ZERO));
        assert_eq!(MAX, dec("1000000000000"));
    }

    #[test]
    fn values_print_as_people_write_them() {
        assert_eq!(print_value(dec("12144"), Unit::Count), "12,144");
        assert_eq!(print_value(dec("96466"), Unit::Pounds), "£96,466");
        assert_eq!(print_value(dec("96466.5"), Unit::Pounds), "£96,466.50");
    }

    #[test]
    fn percentages_are_those_the_counts_give() {
        // Cannock Chase, July and August 2012: printed as 28.9 and 28.7 in the paper of September 2012.
        assert_eq!(change::percent(dec("333"), dec("237")), Some(dec("-28.8")));
        assert_eq!(change::percent(dec("328"), dec("234")), Some(dec("-28.7")));
        assert_eq!(change::percent(dec("0"), dec("5")), None);
        assert_eq!(change::percent(dec("110"), dec("164")), Some(dec("49.1")));
    }
}
