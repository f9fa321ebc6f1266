//! Why two figures were not compared, or a figure not judged: in the words of the paper.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    period::{Period, uk_date},
    text::{Line, thousands},
};

/// Why there is no comparison. Each reads as a note under a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nine months against eight.
    #[error("{} is {} long and {} is {}: periods of different lengths are not compared",
        now.months(), now.length(), then.months(), then.length())]
    DifferentLengths {
        /// The period reported.
        now: Period,
        /// The period beside it.
        then: Period,
    },
    /// The periods have days in common, so that part of a figure would be compared with itself.
    #[error("{} and {} have days in common, so part of the figure would be compared with itself", now.months(), then.months())]
    Overlapping {
        /// The period reported.
        now: Period,
        /// The period beside it.
        then: Period,
    },
    /// Parts of the period have no figure.
    #[error("{} is incomplete: there is no figure for {}", period.short_label(), list(missing))]
    Incomplete {
        /// The period.
        period: Period,
        /// What of it is missing.
        missing: Vec<Period>,
    },
    /// A state is known at the ends of periods only.
    #[error("there is no figure for the state at {}", uk_date(*on))]
    NoState {
        /// The day.
        on: NaiveDate,
    },
    /// A state at one day and at another do not make a sum.
    #[error("a state at the end of a period is not added up over {}", period.months())]
    NotAddedUp {
        /// The longer period.
        period: Period,
    },
    /// Who was asked in one month may have been asked in another.
    #[error("the results of a survey are not added up over {}", period.months())]
    SamplesNotAddedUp {
        /// The longer period.
        period: Period,
    },
    /// What is counted changed in between.
    #[error("what is counted changed on {}: {what}", uk_date(*on))]
    DefinitionBreak {
        /// The first day of the new definition.
        on: NaiveDate,
        /// What changed.
        what: Line,
    },
    /// A percentage of a handful swings with every single one.
    #[error("no percentage: there were {} in {}, and a percentage of fewer than {least} says more than is known",
        thousands(&base.normalize().to_string()), period.short_label())]
    SmallBase {
        /// The figure the percentage would be of.
        base: Decimal,
        /// Its period.
        period: Period,
        /// The least base the committee accepts.
        least: u32,
    },
    /// There is no percentage of zero.
    #[error("no percentage: there were none in {}, and nothing is a percentage of none", period.short_label())]
    FromNothing {
        /// The period with none.
        period: Period,
    },
    /// A part that is not inside its whole.
    #[error("no percentage for {}: {} is not a part of {}", period.short_label(), part.normalize(), whole.normalize())]
    NotAShare {
        /// The period.
        period: Period,
        /// What was counted.
        part: Decimal,
        /// Of what.
        whole: Decimal,
    },
    /// No estimate of residents is recent enough.
    #[error("no rate: no estimate of residents is known that is recent enough for {}", period.short_label())]
    NoPopulation {
        /// The period.
        period: Period,
    },
    /// There is no figure at all to set beside.
    #[error("there is no figure for {} to compare with", period.short_label())]
    NothingToCompare {
        /// The period.
        period: Period,
    },
    /// Two samples share respondents.
    #[error("the samples of {earlier} and {later} overlap: {shared}. A difference between them is smaller than it seems and is not judged")]
    SamplesOverlap {
        /// The earlier wave.
        earlier: Line,
        /// The later wave.
        later: Line,
        /// What they share, in words.
        shared: String,
    },
    /// A figure that is not printed may not be worked out from one that is.
    #[error("not shown, so that a small number cannot be worked out from it")]
    SmallNumbers,
    /// A chart was told to begin anew, or to go on, at a period it has no point for.
    #[error("there is no point for {} on the chart", period.short_label())]
    NoSuchPoint {
        /// The period named.
        period: Period,
    },
    /// The baseline is not one unbroken stretch of the chart, or too short.
    #[error("the baseline from {} to {} has {have} unbroken points, and limits need {need}", first.short_label(), last.short_label())]
    ShortBaseline {
        /// Its first period.
        first: Period,
        /// Its last period.
        last: Period,
        /// Points it has in one stretch.
        have: usize,
        /// Points it needs.
        need: usize,
    },
}

fn list(periods: &[Period]) -> String {
    let names: Vec<String> = periods.iter().map(|period| period.months()).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
