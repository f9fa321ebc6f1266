//! How a change is said: in British numbers, with a true minus sign, and without judging it.

use chrono_tz::Tz;
pub(crate) use csp_domain::text::list;
use csp_domain::{
    cycle::{Cycle, CycleState},
    indicator::{Indicator, Ratio, Unit},
    measure::{comparator::Comparator, percent::rounded, population::Population, survey, verdict::Verdict},
    observation::print_value,
    period::{Period, uk_date},
    text::thousands,
};
use rust_decimal::Decimal;

use crate::{
    change::{Change, Percent},
    comparison::{Comparison, Value},
};

/// The minus sign, which is as wide as the plus.
const MINUS: char = '\u{2212}';

/// In the place of what was received and may not be printed.
pub(crate) const NOT_SIGNED_OFF: &str = "Received, not signed off by the partnership’s lead. It is not printed here.";

/// What stands in a cell for which there is nothing to compute.
pub(crate) const DASH: &str = "–";

fn sign(of: Decimal) -> char {
    if of.is_sign_negative() { MINUS } else { '+' }
}

/// `+1,200`, `−£30.50`, `no change`.
pub(crate) fn signed(amount: Decimal, unit: Unit) -> String {
    if amount.is_zero() { "no change".to_owned() } else { format!("{}{}", sign(amount), print_value(amount.abs(), unit)) }
}

/// `+2.1 points`: of percentages, which are apart by points and not by percent.
fn points(by: Decimal, ratio: &Ratio) -> String {
    let shown = rounded(by, ratio.decimals);
    if shown.is_zero() {
        return if by.is_zero() { "no change".to_owned() } else { "under a point".to_owned() };
    }
    let digits = format!("{:.*}", ratio.decimals as usize, shown.abs());
    let name = if shown.abs() == Decimal::ONE { "point" } else { "points" };
    format!("{}{digits} {name}", sign(shown))
}

/// `+12.5%`, `no change`, `under 0.1%`, `not calculated`.
pub(crate) fn percent(percent: Percent) -> String {
    match percent {
        Percent::Of(value) => format!("{}{}%", sign(value), thousands(&format!("{:.1}", value.abs()))),
        Percent::UnderATenth => "under 0.1%".to_owned(),
        Percent::NoChange => "no change".to_owned(),
        Percent::FromNothing | Percent::FromFew => "not calculated".to_owned(),
    }
}

/// A value as it stands in a cell.
pub(crate) fn value(value: &Value, indicator: &Indicator) -> String {
    let print = |amount: Decimal| print_value(amount, indicator.unit);
    match (value, &indicator.definition.ratio) {
        (Value::Fewer(below), _) => format!("fewer than {below}"),
        (Value::Hidden, _) => "not shown".to_owned(),
        (Value::Amount(part) | Value::Bare { part, .. }, _) => print(*part),
        (Value::Share { part, whole }, Some(ratio)) => {
            if let Some(result) = indicator.definition.survey.and_then(|_| survey::printed(*part, *whole, ratio)) {
                return result;
            }
            let computed = ratio.value(*part, *whole).map(|value| ratio.print(value)).unwrap_or_default();
            format!("{computed} ({} of {})", print(*part), thousands(&whole.normalize().to_string()))
        }
        (Value::Share { part, whole } | Value::Few { part, whole }, _) => {
            format!("{} of {}", print(*part), thousands(&whole.normalize().to_string()))
        }
    }
}

/// By how much, as it stands in a cell; none where nothing can be said.
pub(crate) fn change(change: &Change, indicator: &Indicator) -> Option<String> {
    match (change, &indicator.definition.ratio) {
        (Change::Amount { by, .. }, _) => Some(signed(*by, indicator.unit)),
        (Change::Points(by) | Change::Samples { by, real: true }, Some(ratio)) => Some(points(*by, ratio)),
        (Change::Rate { by, .. }, Some(ratio)) if by.is_zero() => Some(ratio.print(*by)),
        (Change::Rate { by, .. }, Some(ratio)) => Some(format!("{}{}", sign(*by), ratio.print(by.abs()))),
        _ => None,
    }
}

/// By how much and by what share of it, in one cell: `−4 (−0.6%)`; of few, from what to what.
pub(crate) fn change_in_short(told: &Change, indicator: &Indicator) -> Option<String> {
    let by = change(told, indicator)?;
    Some(match told {
        Change::Amount { percent: Percent::NoChange, .. } => by,
        Change::Amount { before, after, percent: Percent::FromNothing | Percent::FromFew, .. } => {
            format!("{by} (from {} to {})", print_value(*before, indicator.unit), print_value(*after, indicator.unit))
        }
        Change::Amount { percent: share, .. } | Change::Rate { percent: share @ (Percent::Of(_) | Percent::UnderATenth), .. } => {
            format!("{by} ({})", percent(*share))
        }
        _ => by,
    })
}

/// A verdict with its shape, which no line break may part from its word.
pub(crate) fn verdict(verdict: Verdict) -> String {
    format!("{}\u{a0}{}", verdict.shape().symbol(), verdict.words())
}

/// The head of a column of figures: `Q3 2021/22`; of states `At 31 December 2021`.
pub(crate) fn heading(comparison: &Comparison<'_>, now: bool) -> String {
    let period = comparison.of_which(now);
    if comparison.indicator.definition.stock { format!("At {}", uk_date(period.end())) } else { period.short_label() }
}

/// The exact periods: `October to December 2021 against October to December 2020`, `at 31 December 2021 against 31 December 2020`.
pub(crate) fn periods(comparison: &Comparison<'_>) -> String {
    let (now, then) = (comparison.period, comparison.then);
    if comparison.indicator.definition.stock {
        format!("at {} against {}", uk_date(now.end()), uk_date(then.end()))
    } else {
        format!("{} against {}", now.months(), then.months())
    }
}

/// When that was, in the midst of a sentence.
pub(crate) fn then(comparison: &Comparison<'_>) -> String {
    match comparison.comparator {
        Comparator::SamePeriodLastYear => "a year earlier".to_owned(),
        _ if comparison.indicator.definition.stock => format!("at {}", uk_date(comparison.then.end())),
        _ => format!("in {}", comparison.then.months()),
    }
}

/// By which estimate a rate of `period` is computed, and whether that is the newest there could be.
pub(crate) fn residents(estimate: Population, period: Period, source: Option<&str>) -> String {
    let newest = if estimate.is_of(period) { "" } else { ", the latest that is known" };
    let source = source.map_or_else(String::new, |source| format!(" Source: {}", sentence(source)));
    format!("By the residents of mid-{}{newest}.{source}", estimate.mid_year)
}

/// `Total of 4 of 6 partnerships`: a total never appears without saying whom it covers.
pub(crate) fn total_of(covered: usize, all: usize) -> String {
    if covered == all { format!("Total of all {all} partnerships") } else { format!("Total of {covered} of {all} partnerships") }
}

/// `1 figure`, `4 figures`.
pub(crate) fn figures(count: usize) -> String {
    if count == 1 { "1 figure".to_owned() } else { format!("{count} figures") }
}

/// That there is no return, from whom if it is not plain from where it stands, in neutral words. A
/// preview may be read before the deadline, when nobody is late yet.
pub(crate) fn no_return(from: Option<&str>, cycle: &Cycle, zone: Tz) -> String {
    let deadline = csp_domain::calendar::time_and_day(cycle.timetable.deadline_at, zone);
    let from = from.map_or_else(String::new, |names| format!(" from {names}"));
    match cycle.state {
        CycleState::Planned | CycleState::Open => format!("No return received yet{from}; due by {deadline}."),
        CycleState::Closed | CycleState::Published | CycleState::Cancelled => format!("No return received by {deadline}{from}."),
    }
}

/// With a capital at the beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Without one, after a colon.
pub(crate) fn decapital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A sentence with its full stop, whether or not it came with one.
pub(crate) fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use csp_domain::measure::comparator::Rules;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn said(before: &str, after: &str) -> (String, String) {
        let Change::Amount { by, percent: share, .. } = Change::of_amounts(dec(before), dec(after), Rules::default()) else {
            panic!("amounts have a change")
        };
        (signed(by, Unit::Count), percent(share))
    }

    #[test]
    fn a_change_is_written_the_british_way() {
        assert_eq!(said("5443", "2725"), ("−2,718".to_owned(), "−49.9%".to_owned()));
        assert_eq!(said("433", "516"), ("+83".to_owned(), "+19.2%".to_owned()));
        assert_eq!(said("50", "60"), ("+10".to_owned(), "+20.0%".to_owned()));
        assert_eq!(said("60", "2000"), ("+1,940".to_owned(), "+3,233.3%".to_owned()));
        assert_eq!(signed(dec("-1234.5"), Unit::Pounds), "−£1,234.50");
    }

    #[test]
    fn no_change_and_a_change_too_small_to_print_are_told_apart() {
        assert_eq!(said("70", "70"), ("no change".to_owned(), "no change".to_owned()));
        assert_eq!(said("10000", "10001"), ("+1".to_owned(), "under 0.1%".to_owned()));
        assert_eq!(said("10001", "10000"), ("−1".to_owned(), "under 0.1%".to_owned()));
    }

    #[test]
    fn nothing_is_a_percentage_of_none() {
        assert_eq!(said("0", "5"), ("+5".to_owned(), "not calculated".to_owned()));
        assert_eq!(said("0", "0"), ("no change".to_owned(), "not calculated".to_owned()));
    }

    #[test]
    fn a_percentage_of_few_says_more_than_is_known() {
        assert_eq!(said("13", "26"), ("+13".to_owned(), "not calculated".to_owned()));
        assert_eq!(said("49", "50"), ("+1".to_owned(), "not calculated".to_owned()));
        assert_eq!(said("50", "49"), ("−1".to_owned(), "−2.0%".to_owned()));
    }

    #[test]
    fn from_seventy_to_eighty_percent_is_ten_points() {
        let ratio = Ratio { per: 100, of: "asked".parse().unwrap(), decimals: 0 };
        assert_eq!(points(dec("10"), &ratio), "+10 points");
        assert_eq!(points(dec("-1.2"), &ratio), "−1 point");
        assert_eq!(points(dec("0.3"), &ratio), "under a point");
        assert_eq!(points(dec("0"), &ratio), "no change");
    }

    #[test]
    fn names_join_as_in_a_sentence() {
        assert_eq!(list(&["A"]), "A");
        assert_eq!(list(&["A", "B", "C"]), "A, B and C");
    }
}
