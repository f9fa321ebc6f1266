//! What became of a figure since another period: by how much, in what, or why that is not said.

use csp_domain::measure::{comparator::Rules, percent::Percent as Exact, refusal::Refusal};
use rust_decimal::Decimal;

use crate::{
    comparison::{Comparison, Value},
    waves,
};

/// A change between two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Of an amount, in its unit.
    Amount { by: Decimal, before: Decimal, after: Decimal, percent: Percent },
    /// Of a percentage: points, which are not percent.
    Points(Decimal),
    /// Of a survey's result: by so many points, if it is more than two samples differ by anyway.
    Samples { by: Decimal, real: bool },
    /// Of a rate, for each so many, and in percent.
    Rate { by: Decimal, percent: Percent },
    /// One of the two is kept back.
    KeptBack,
    /// What is counted changed in between.
    Broken(Refusal),
    /// One of the two is a share of too few to be one.
    TooFew,
    /// There are not two values.
    Nothing,
}

/// A change in percent, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Percent {
    /// To one decimal place, never zero.
    Of(Decimal),
    /// There is a change, and it rounds to nothing.
    UnderATenth,
    /// There is no change.
    NoChange,
    /// From zero, of which nothing is a percentage.
    FromNothing,
    /// From so few that a percentage says more than is known.
    FromFew,
}

impl Percent {
    /// From `before` to `after`, where the base is `base`.
    pub(crate) fn between(before: Decimal, after: Decimal, base: Decimal, rules: Rules) -> Self {
        let Some(exact) = Exact::change(before, after) else { return Self::FromNothing };
        if before == after {
            Self::NoChange
        } else if base < Decimal::from(rules.least_base) {
            Self::FromFew
        } else if exact.to_a_tenth().is_zero() {
            Self::UnderATenth
        } else {
            Self::Of(exact.to_a_tenth())
        }
    }
}

impl Change {
    /// Between amounts.
    pub(crate) fn of_amounts(before: Decimal, after: Decimal, rules: Rules) -> Self {
        Self::Amount { by: after - before, before, after, percent: Percent::between(before, after, before, rules) }
    }

    /// Between what is printed of both periods.
    pub(crate) fn between(comparison: &Comparison<'_>, before: Option<&Value>, after: Option<&Value>) -> Self {
        let (Some(before), Some(after)) = (before, after) else { return Self::Nothing };
        if let Some(refusal) = &comparison.broken {
            return Self::Broken(refusal.clone());
        }
        match (before, after) {
            (Value::Fewer(_) | Value::Hidden, _) | (_, Value::Fewer(_) | Value::Hidden) => Self::KeptBack,
            (Value::Amount(before), Value::Amount(after)) => Self::of_amounts(*before, *after, comparison.rules),
            (Value::Few { .. }, Value::Share { .. } | Value::Few { .. }) | (Value::Share { .. }, Value::Few { .. }) => Self::TooFew,
            (Value::Share { part: few, whole: then }, Value::Share { part, whole: now }) => {
                let Some(ratio) = &comparison.indicator.definition.ratio else { return Self::Nothing };
                let moved =
                    waves::movement(comparison, &Value::Share { part: *few, whole: *then }, &Value::Share { part: *part, whole: *now });
                if let (Some(moved), Some(before), Some(after)) = (moved, ratio.value(*few, *then), ratio.value(*part, *now)) {
                    return Self::Samples { by: after - before, real: moved.is_real() };
                }
                match (ratio.value(*few, *then), ratio.value(*part, *now)) {
                    (Some(before), Some(after)) if ratio.is_percent() => Self::Points(after - before),
                    // The base of a rate's percentage is the count it is of.
                    (Some(before), Some(after)) => {
                        Self::Rate { by: after - before, percent: Percent::between(before, after, *few, comparison.rules) }
                    }
                    _ => Self::Nothing,
                }
            }
            _ => Self::Nothing,
        }
    }
}
