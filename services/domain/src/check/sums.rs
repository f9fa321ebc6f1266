//! Errors that arithmetic finds within one return: parts and what they are parts of.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{
    case::{Case, Known, amount},
    finding::{Finding, Part},
    rule::Rule,
};
use crate::{
    measure::series::Series,
    observation::{Answer, Figure, print_value},
    period::Length,
};

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let known = case.known();
    let mut found = Vec::new();
    for one in &known {
        found.extend(shares(case, one, &known));
        found.extend(months(case, one));
    }
    found
}

/// A part lies within its whole.
fn shares(case: &Case<'_>, part: &Known<'_>, known: &[Known<'_>]) -> Vec<Finding> {
    let whole = case.whole_of(part.indicator).and_then(|whole| known.iter().find(|known| known.indicator.id == whole.id));
    let (Some(whole), Some(ratio)) = (whole, &part.indicator.definition.ratio) else { return Vec::new() };
    let wholes = Series::of(whole.own.iter().map(|(_, figure)| *figure))
        .of_states(!whole.indicator.definition.adds_up() || part.indicator.definition.survey.is_some());
    let mut found: Vec<Finding> = Vec::new();
    for (at, figure) in &part.own {
        let (Some(value), Some(of)) = (figure.answer.amount(), amount(&wholes, figure.period)) else { continue };
        // A nil says that there was nothing; a zero that something was counted and came to nothing.
        let nil = whole.own.iter().any(|(_, found)| found.period == figure.period && found.answer == Answer::Nil);
        let rule = if of.is_zero() && !nil {
            Rule::DenominatorZero
        } else if value > of && (of.is_zero() || ratio.is_percent()) {
            Rule::PartExceedsWhole
        } else {
            continue;
        };
        if found.iter().any(|known| known.id.rule == rule) {
            continue;
        }
        let (name, value, of) = (&part.indicator.name, print_value(value, part.indicator.unit), print_value(of, whole.indicator.unit));
        let text = format!("{name} for {} {}: {value} of {of} ({}).", figure.period.short_label(), rule.says(), whole.indicator.name);
        found.push(case.finding(rule, Some(part.indicator), Part::Figure(*at), text));
    }
    found
}

/// Months that were sent with a longer period add up to it, or to less where one is missing.
fn months(case: &Case<'_>, one: &Known<'_>) -> Vec<Finding> {
    // States are never added up.
    if !one.indicator.definition.adds_up() {
        return Vec::new();
    }
    let of_length = |wanted: &dyn Fn(u32) -> bool| -> Vec<(usize, &Figure, Decimal)> {
        let found = one.own.iter().filter(|(_, figure)| matches!(figure.period.length(), Length::Months(months) if wanted(months)));
        found.filter_map(|(at, figure)| Some((*at, *figure, figure.answer.amount()?))).collect()
    };
    let (months, longer) = (of_length(&|months| months == 1), of_length(&|months| months > 1));
    let mut found: Vec<Finding> = Vec::new();
    for (at, total, value) in longer {
        let inside = |(_, month, _): &&(usize, &Figure, Decimal)| {
            month.period.start() >= total.period.start() && month.period.end() <= total.period.end()
        };
        let parts: Vec<Decimal> = months.iter().filter(inside).map(|(.., value)| *value).collect();
        let sum: Decimal = parts.iter().sum();
        let all = u32::try_from(parts.len()).is_ok_and(|count| total.period.length() == Length::Months(count));
        let rule = match sum.cmp(&value) {
            Ordering::Greater => Rule::PartsExceedTotal,
            Ordering::Less if all => Rule::MonthsDiffer,
            Ordering::Less | Ordering::Equal => continue,
        };
        if found.iter().any(|known| known.id.rule == rule) {
            continue;
        }
        let unit = one.indicator.unit;
        let text = format!(
            "{} for {} {}: {}, and its months are {}.",
            one.indicator.name,
            total.period.short_label(),
            rule.says(),
            print_value(value, unit),
            print_value(sum, unit)
        );
        found.push(case.finding(rule, Some(one.indicator), Part::Figure(at), text));
    }
    found
}
