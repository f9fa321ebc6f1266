//! Charts, from data to SVG.
//!
//! Every chart is drawn with a text and a table made from the same data ([`Drawing`]), so that whoever cannot see it
//! loses nothing, and none of the three can say what the others do not. Charts must survive a telephone and
//! a black-and-white printer: there are two widths instead of one that shrinks ([`Width`]), what is told
//! is told by shape, pattern and words, and the only colours are black, white and greys. Lines are
//! named where they end, not in a key.
//!
//! An SVG here is complete in itself: no fonts, scripts or references to anything outside. What people wrote
//! is escaped in one place ([`svg`]).

use csp_domain::{
    document::{Cell, Column, Row, Table},
    indicator::{Ratio, Unit},
    measure::percent::rounded,
    text::thousands,
};
use rust_decimal::Decimal;

mod comparison;
mod context;
mod control;
mod marks;
mod multiples;
mod notes;
mod plot;
mod progress;
mod scale;
mod svg;

pub use comparison::{Bar, Comparison, Reference};
pub use context::Context;
pub use control::ControlChart;
pub use csp_domain::document::chart::Measure;
pub use multiples::{Multiples, Panel};
pub use progress::Progress;

/// For which screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A telephone held upright: 360 units.
    Phone,
    /// A page or a desktop: 720 units.
    Page,
}

impl Width {
    /// In the units of the picture, which are pixels at its natural size.
    fn units(self) -> f64 {
        match self {
            Self::Phone => 360.0,
            Self::Page => 720.0,
        }
    }
}

/// A chart, three times the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// As a picture.
    pub svg: String,
    /// In sentences: what one should take from it.
    pub alternative: String,
    /// As the figures it is drawn from.
    pub table: Table,
}

/// Values as they stand in a chart.
trait Print {
    /// As people in the United Kingdom write it; the average of whole things to one decimal.
    fn print(self, value: Decimal) -> String;
    /// At a tick of the axis, where numbers are round already.
    fn tick(self, value: Decimal) -> String;
    /// Whether there is nothing between one and two.
    fn counts_whole(self) -> bool;
}

impl Print for Measure {
    fn print(self, value: Decimal) -> String {
        let sign = if value.is_sign_negative() && !value.is_zero() { "\u{2212}" } else { "" };
        let value = value.abs();
        match self {
            Self::Amount(Unit::Pounds) if value.fract().is_zero() => format!("{sign}£{}", thousands(&value.trunc().to_string())),
            Self::Amount(Unit::Pounds) => format!("{sign}£{}", thousands(&format!("{:.2}", rounded(value, 2)))),
            Self::Amount(Unit::Count | Unit::Days) => format!("{sign}{}", thousands(&rounded(value, 1).normalize().to_string())),
            Self::Rate => format!("{sign}{}", thousands(&format!("{:.2}", rounded(value, 2)))),
            Self::Percent => format!("{sign}{}%", rounded(value, 1).normalize()),
            Self::RateTo(places) => format!("{sign}{}", thousands(&to(value, places))),
            Self::PercentTo(places) => format!("{sign}{}%", to(value, places)),
        }
    }

    fn tick(self, value: Decimal) -> String {
        match self {
            Self::Rate | Self::RateTo(_) => thousands(&value.normalize().to_string()),
            Self::PercentTo(_) => Self::Percent.print(value),
            Self::Amount(_) | Self::Percent => self.print(value),
        }
    }

    fn counts_whole(self) -> bool {
        matches!(self, Self::Amount(_))
    }
}

/// With so many digits after the point, as the tables of the paper have it. A stored tree may be damaged, and ask for any number.
fn to(value: Decimal, places: u32) -> String {
    let places = places.min(Ratio::MAX_DECIMALS);
    format!("{:.*}", places as usize, rounded(value, places))
}

/// The table behind a chart.
fn table(caption: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    Table {
        caption: caption.to_owned(),
        columns: columns.iter().enumerate().map(|(at, heading)| Column { heading: (*heading).to_owned(), numeric: at > 0 }).collect(),
        rows: rows.into_iter().map(|cells| Row { total: false, cells }).collect(),
        notes: Vec::new(),
    }
}

/// With a capital at the beginning and a full stop at the end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut text = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}
