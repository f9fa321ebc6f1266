//! Charts in a document: the figures they are drawn from. The picture, its text and its table are made of them by whoever
//! prints the document, so that none can say what the others do not.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    indicator::{Polarity, Unit},
    measure::target::Trajectory,
    period::Period,
};

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "chart", rename_all = "snake_case")]
pub enum Chart {
    /// One series over time, with its average and limits (XmR).
    Control {
        /// Of what, and of whom.
        title: String,
        /// What its values are.
        measure: Measure,
        /// Which direction is good.
        polarity: Polarity,
        /// The figures, in order, all of one length.
        points: Vec<ChartPoint>,
        /// What must be known beside some of them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        context: Vec<Span>,
        /// Of how much more there was no room to say it; all of it is older.
        #[serde(default, skip_serializing_if = "is_nothing")]
        unsaid: usize,
    },
    /// Every partnership's series on one scale.
    Multiples {
        /// Of what.
        title: String,
        /// What its values are.
        measure: Measure,
        /// Which direction is good.
        polarity: Polarity,
        /// In reading order.
        panels: Vec<Panel>,
        /// What must be known beside some figures of some panels.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        context: Vec<Span>,
        /// Of how much more there was no room to say it; all of it is older.
        #[serde(default, skip_serializing_if = "is_nothing")]
        unsaid: usize,
    },
    /// Partnerships side by side, with their region.
    Comparison {
        /// Of what, and when.
        title: String,
        /// What its values are.
        measure: Measure,
        /// In reading order.
        bars: Vec<Bar>,
        /// The region, where there is a figure for it.
        reference: Option<Reference>,
    },
    /// One series beside what was promised of it.
    Progress {
        /// Of what, and of whom.
        title: String,
        /// What its values are.
        measure: Measure,
        /// The figures so far, in order.
        points: Vec<ChartPoint>,
        /// What is wanted, and what is expected until then.
        target: Trajectory,
        /// What must be known beside some of the figures.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        context: Vec<Span>,
        /// Of how much more there was no room to say it; all of it is older.
        #[serde(default, skip_serializing_if = "is_nothing")]
        unsaid: usize,
    },
}

/// What the values of a chart are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Amounts that add up.
    Amount(Unit),
    /// So many for each thousand, or another number; of papers that did not say with how many digits.
    Rate,
    /// Percentages of a whole; of papers that did not say with how many digits.
    Percent,
    /// So many for each thousand, or another number, with so many digits after the point.
    RateTo(u32),
    /// Percentages of a whole, with so many digits after the point.
    PercentTo(u32),
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartPoint {
    /// Its period.
    pub period: Period,
    /// Its value.
    pub value: Decimal,
}

/// Days of which something must be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// From the first to the last.
    pub days: Period,
    /// What, in a sentence that names them.
    pub text: String,
}

/// One partnership's series, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// The partnership.
    pub name: String,
    /// Its figures, in order; none where there is a note.
    pub points: Vec<ChartPoint>,
    /// Why it has none.
    pub note: Option<String>,
    /// Which of the chart's spans are about it, by their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<usize>,
}

/// One partnership's bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The partnership.
    pub name: String,
    /// Its value, where it has one.
    pub value: Option<Decimal>,
    /// In words why it has none: `no return received`.
    pub note: Option<String>,
}

/// What all are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// `Northumbria`.
    pub name: String,
    /// Its value.
    pub value: Decimal,
    /// Whom it covers: `5 of 6 partnerships`.
    pub coverage: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_nothing(count: &usize) -> bool {
    *count == 0
}

impl Chart {
    /// Of what it is.
    pub fn title(&self) -> &str {
        match self {
            Self::Control { title, .. } | Self::Multiples { title, .. } | Self::Comparison { title, .. } | Self::Progress { title, .. } => {
                title
            }
        }
    }
}
