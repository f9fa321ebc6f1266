//! The arithmetic of figures, held against published answers, against a second version of itself that is slow
//! and plain, and against somebody who wants to know what is not printed.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its story should stop")]

mod arithmetic;
mod attack;
mod published;
mod recorded;
mod slow;
mod verdicts;

use csp_domain::{
    measure::xmr::{Chart, Plan, Point},
    period::Period,
};
use rust_decimal::Decimal;

/// The `at`th month from April 2015.
fn month(at: usize) -> Period {
    format!("{}-{:02}", 2015 + (at + 3) / 12, (at + 3) % 12 + 1).parse().unwrap()
}

/// A chart of monthly values from April 2015; `None` where there is no figure.
fn chart(values: &[Option<Decimal>], plan: Plan) -> Chart {
    let points = values.iter().enumerate().filter_map(|(at, value)| Some(Point::new(month(at), (*value)?)));
    Chart::new(points.collect(), plan).unwrap()
}
