//! Between the clock on the wall and the instant that is stored.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::clock::Instant;

/// The instant of a civil time. Where clocks go forward and the time does not exist, it is the hour
/// after; where they go back and it exists twice, it is the first.
pub fn instant(civil: NaiveDateTime, zone: Tz) -> Instant {
    match zone.from_local_datetime(&civil) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
        LocalResult::None => {
            let later = civil + TimeDelta::hours(1);
            zone.from_local_datetime(&later)
                .earliest()
                .map_or_else(|| DateTime::from_naive_utc_and_offset(later, Utc), |at| at.with_timezone(&Utc))
        }
    }
}

/// The civil day of an instant.
pub fn civil_day(at: Instant, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// The civil day of an instant as a number: days since 1 January 1970.
pub fn day_number(at: Instant, zone: Tz) -> i32 {
    i32::try_from((civil_day(at, zone) - NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// `17:00 on 12 January`.
pub fn time_and_day(at: Instant, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M on %-d %B").to_string()
}

/// `Wednesday 12 January 2022 at 17:00`.
pub fn full(at: Instant, zone: Tz) -> String {
    at.with_timezone(&zone).format("%A %-d %B %Y at %H:%M").to_string()
}

/// `Thursday 23 October 2014`.
pub fn weekday_and_day(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONDON: Tz = chrono_tz::Europe::London;

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_still_has_one_instant() {
        let at = |text: &str| instant(text.parse().unwrap(), LONDON).to_rfc3339();
        assert_eq!(at("2026-03-29T01:30:00"), "2026-03-29T01:30:00+00:00"); // 02:30 BST
        assert_eq!(at("2026-10-25T01:30:00"), "2026-10-25T00:30:00+00:00"); // the first of two
    }
}
