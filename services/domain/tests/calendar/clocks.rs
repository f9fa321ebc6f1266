//! British summer time, as two libraries see it.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use csp_domain::calendar::{BankHolidays, Nation, Plan, Rules, instant};
use jiff::{civil, tz::TimeZone};

use crate::day;

/// The last Sunday of a month.
fn last_sunday(year: i32, month: u32) -> NaiveDate {
    let last = NaiveDate::from_ymd_opt(year, month, 31).expect("March and October have 31 days");
    last - Days::new(last.weekday().num_days_from_sunday().into())
}

fn second_opinion(zone: &TimeZone, civil: chrono::NaiveDateTime) -> i64 {
    let text = civil.format("%Y-%m-%dT%H:%M:%S").to_string();
    let civil: civil::DateTime = text.parse().expect("a civil time");
    // "Compatible" is what RFC 5545 asks for: the hour after in a gap, the first of two.
    zone.to_ambiguous_timestamp(civil).compatible().expect("an instant").as_second()
}

#[test]
fn every_quarter_of_an_hour_around_every_change_of_the_clocks_is_the_instant_jiff_says() {
    let zone = TimeZone::get("Europe/London").expect("jiff brings its own zones");
    let mut compared = 0;
    for year in 2012..=2040 {
        for change in [last_sunday(year, 3), last_sunday(year, 10)] {
            assert_eq!(change.weekday(), Weekday::Sun);
            for around in [change - Days::new(1), change, change + Days::new(1)] {
                for quarter in 0..96 {
                    let civil = around.and_time(NaiveTime::MIN) + TimeDelta::minutes(15 * quarter);
                    let ours = instant(civil, Nation::England.zone());
                    assert_eq!(ours.timestamp(), second_opinion(&zone, civil), "{civil}");
                    compared += 1;
                }
            }
            let skipped_or_doubled = change.and_hms_opt(1, 30, 0).expect("half past one");
            let (at, zone) = (instant(skipped_or_doubled, Nation::England.zone()), Nation::England.zone());
            let shown = at.with_timezone(&zone).format("%H:%M %Z").to_string();
            assert_eq!(shown, if change.month() == 3 { "02:30 BST" } else { "01:30 BST" }, "{change}");
        }
    }
    assert_eq!(compared, 29 * 2 * 3 * 96);
}

/// A plan that reaches across a change keeps its times on the clock on both sides.
#[test]
fn every_step_of_every_plan_across_a_change_is_the_instant_jiff_says() {
    let zone = TimeZone::get("Europe/London").expect("jiff brings its own zones");
    let rules = Rules::new(Nation::England, None).expect("five clear days");
    for year in 2012..=2040 {
        for change in [last_sunday(year, 3), last_sunday(year, 10)] {
            for after in [1, 4, 10, 25] {
                let meeting = (change + Days::new(after)).and_hms_opt(18, 30, 0).expect("half past six");
                let plan = Plan::new(meeting, None, &rules, BankHolidays::shipped()).expect("rules in order");
                for moment in plan.moments() {
                    assert_eq!(moment.at.timestamp(), second_opinion(&zone, moment.civil), "{moment:?}");
                }
            }
        }
    }
    assert_eq!(last_sunday(2026, 3), day("2026-03-29"));
}
