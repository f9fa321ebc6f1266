//! The calendar of a committee, held against days that were counted by hand, against itself, and against other libraries.

mod clocks;
mod counting;
mod diary;
mod worked;

use chrono::{NaiveDate, NaiveTime};
use csp_domain::calendar::{BankHolidays, Nation, Plan, Rules, Step};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn two_o_clock() -> NaiveTime {
    NaiveTime::from_hms_opt(14, 0, 0).expect("a time")
}

/// The rules that hold where a committee has made none of its own.
fn rules(nation: Nation) -> Rules {
    Rules::new(nation, nation.statutory_clear_days().map_or(Some(3), |_| None)).expect("a number of clear days")
}

/// The plan of a meeting at two o'clock.
fn plan(meeting: &str, rules: &Rules) -> Plan {
    Plan::new(day(meeting).and_time(two_o_clock()), None, rules, BankHolidays::shipped()).expect("rules in order")
}

fn release(meeting: &str, rules: &Rules) -> NaiveDate {
    plan(meeting, rules).moment(Step::Release).expect("every plan has a release").civil.date()
}
