//! How a change is said: in British numbers, with a true minus sign, and without judging it.

use chrono_tz::Tz;
use csp_domain::{
    cycle::{Cycle, CycleState},
    indicator::Unit,
    observation::print_value,
    text::thousands,
};
use rust_decimal::Decimal;

use crate::comparison::{Change, Percent};

/// The minus sign, which is as wide as the plus.
const MINUS: char = '\u{2212}';

/// In the place of what was received and may not be printed.
pub(crate) const NOT_SIGNED_OFF: &str = "Received, not signed off by the partnership’s lead. It is not printed here.";

/// What stands in a cell for which there is nothing to compute.
pub(crate) const DASH: &str = "–";

/// `+1,200`, `−£30.50`, `no change`.
pub(crate) fn signed(amount: Decimal, unit: Unit) -> String {
    if amount.is_zero() {
        return "no change".to_owned();
    }
    let sign = if amount.is_sign_negative() { MINUS } else { '+' };
    format!("{sign}{}", print_value(amount.abs(), unit))
}

/// `+12.5%`, `no change`, `under 0.1%`, `not calculated`.
pub(crate) fn percent(percent: &Percent) -> String {
    match percent {
        Percent::Of(value) => {
            let sign = if value.is_sign_negative() { MINUS } else { '+' };
            format!("{sign}{}%", thousands(&format!("{:.1}", value.abs())))
        }
        Percent::UnderATenth => "under 0.1%".to_owned(),
        Percent::NoChange => "no change".to_owned(),
        Percent::FromNothing => "not calculated".to_owned(),
    }
}

/// After a value, in a sentence: `97 more than a year earlier (+8.5%)`.
pub(crate) fn than_a_year_earlier(change: &Change, unit: Unit) -> String {
    if change.amount.is_zero() {
        return "no change on a year earlier".to_owned();
    }
    let direction = match (change.amount.is_sign_negative(), unit) {
        (false, _) => "more",
        (true, Unit::Pounds) => "less",
        (true, Unit::Count | Unit::Days) => "fewer",
    };
    let share = match &change.percent {
        Percent::FromNothing => "there were none".to_owned(),
        other => percent(other),
    };
    format!("{} {direction} than a year earlier ({share})", print_value(change.amount.abs(), unit))
}

/// `Total of 4 of 6 partnerships`: a total never appears without saying whom it covers.
pub(crate) fn total_of(covered: usize, all: usize) -> String {
    if covered == all { format!("Total of all {all} partnerships") } else { format!("Total of {covered} of {all} partnerships") }
}

/// `1 figure`, `4 figures`.
pub(crate) fn figures(count: usize) -> String {
    if count == 1 { "1 figure".to_owned() } else { format!("{count} figures") }
}

/// `Gateshead, Newcastle and Sunderland`.
pub(crate) fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [firsts @ .., last] => {
            let firsts: Vec<&str> = firsts.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", firsts.join(", "), last.as_ref())
        }
    }
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

/// A sentence with its full stop, whether or not it came with one.
pub(crate) fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn said(before: &str, after: &str) -> (String, String) {
        let change = Change::between(dec(before), dec(after));
        (signed(change.amount, Unit::Count), percent(&change.percent))
    }

    #[test]
    fn a_change_is_written_the_british_way() {
        assert_eq!(said("5443", "2725"), ("−2,718".to_owned(), "−49.9%".to_owned()));
        assert_eq!(said("433", "516"), ("+83".to_owned(), "+19.2%".to_owned()));
        assert_eq!(said("50", "60"), ("+10".to_owned(), "+20.0%".to_owned()));
        assert_eq!(said("3", "100"), ("+97".to_owned(), "+3,233.3%".to_owned()));
        assert_eq!(signed(dec("-1234.5"), Unit::Pounds), "−£1,234.50");
    }

    #[test]
    fn no_change_and_a_change_too_small_to_print_are_told_apart() {
        assert_eq!(said("7", "7"), ("no change".to_owned(), "no change".to_owned()));
        assert_eq!(said("10000", "10001"), ("+1".to_owned(), "under 0.1%".to_owned()));
        assert_eq!(said("10001", "10000"), ("−1".to_owned(), "under 0.1%".to_owned()));
    }

    #[test]
    fn nothing_is_a_percentage_of_none() {
        assert_eq!(said("0", "5"), ("+5".to_owned(), "not calculated".to_owned()));
        assert_eq!(said("0", "0"), ("no change".to_owned(), "not calculated".to_owned()));
    }

    #[test]
    fn a_sentence_says_fewer_or_more_and_never_better_or_worse() {
        let say = |before: &str, after: &str, unit| than_a_year_earlier(&Change::between(dec(before), dec(after)), unit);
        assert_eq!(say("1000", "900", Unit::Count), "100 fewer than a year earlier (−10.0%)");
        assert_eq!(say("1000", "900", Unit::Pounds), "£100 less than a year earlier (−10.0%)");
        assert_eq!(say("0", "5", Unit::Count), "5 more than a year earlier (there were none)");
        assert_eq!(say("5", "5", Unit::Days), "no change on a year earlier");
    }

    #[test]
    fn names_join_as_in_a_sentence() {
        assert_eq!(list(&["A"]), "A");
        assert_eq!(list(&["A", "B", "C"]), "A, B and C");
    }
}
