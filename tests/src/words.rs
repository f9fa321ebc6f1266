//! Values of the domain, written as people write them. What does not read is a mistake in the test.

use chrono::NaiveDate;
use csp_domain::{Instant, id::Slug, period::Period, text::Line};

/// `gateshead`.
pub fn slug(text: &str) -> Slug {
    text.parse().expect("a test's short names are short names")
}

/// A line of text.
pub fn line(text: &str) -> Line {
    Line::parse(text, Line::SENTENCE).expect("a test's lines are lines")
}

/// `2022-01-05T10:00:00Z`.
pub fn at(text: &str) -> Instant {
    text.parse().expect("a test's instants are instants")
}

/// `2022-01-05`.
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a test's days are days")
}

/// `2021-q3`, or any other period.
pub fn quarter(text: &str) -> Period {
    text.parse().expect("a test's periods are periods")
}

/// The `n`th of something, as part of a short name: `a-7`.
pub fn number(prefix: &str, n: usize) -> Slug {
    slug(&format!("{prefix}-{n}"))
}
