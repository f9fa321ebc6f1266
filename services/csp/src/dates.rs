//! Instants and days, as people in the United Kingdom write them, in the region's time zone.

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone as _, Utc};
use chrono_tz::{Europe::London, Tz};
use prost_types::Timestamp;
use serde::{Serialize, Serializer};

use crate::error::Error;

/// An instant of the contract. In JSON it is RFC 3339, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) DateTime<Utc>);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// An instant of the wire, if it is one.
pub(crate) fn instant(timestamp: Option<Timestamp>) -> Option<Instant> {
    let Timestamp { seconds, nanos } = timestamp?;
    DateTime::from_timestamp(seconds, u32::try_from(nanos).ok()?).map(Instant)
}

/// The zone of a region; London's where it is not known.
pub(crate) fn zone(name: Option<&str>) -> Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(London)
}

impl Instant {
    /// `Wed 12 Jan 2022, 17:00`.
    pub(crate) fn in_zone(self, zone: Tz) -> String {
        self.0.with_timezone(&zone).format("%a %-d %b %Y, %H:%M").to_string()
    }

    /// `in 3 days`, `2 hours ago`, seen from `now`.
    pub(crate) fn seen_from(self, now: Instant, zone: Tz) -> String {
        let away = self.0 - now.0;
        let days = (self.0.with_timezone(&zone).date_naive() - now.0.with_timezone(&zone).date_naive()).num_days();
        let ahead = away >= Duration::zero();
        match (days, ahead) {
            (0, true) if away < Duration::hours(1) => "within the hour".to_owned(),
            (0, true) => "today".to_owned(),
            (0, false) => "earlier today".to_owned(),
            (1, _) => "tomorrow".to_owned(),
            (-1, _) => "yesterday".to_owned(),
            (2.., _) => format!("in {days} days"),
            _ => format!("{} days ago", -days),
        }
    }
}

/// A day as typed, `2022-01-12`, left as it is; anything else is refused here, where the option is known.
pub(crate) fn parse_day(text: &str) -> Result<String, String> {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) if day.to_string() == text => Ok(text.to_owned()),
        _ => Err("a day looks like this: 2022-01-12".to_owned()),
    }
}

/// An instant as typed: `2022-01-12 17:00` in the region's zone, or `2022-01-12T17:00:00Z`. A day alone has `at`.
pub(crate) fn parse_instant(text: &str, at: Option<NaiveTime>, zone: Tz, option: &str) -> Result<Timestamp, Error> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(timestamp(instant.to_utc()));
    }
    let civil = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(at?)))
        .ok_or_else(|| Error::usage(format!("{option}: “{text}” is not a time. It looks like this: \"2022-01-12 17:00\"")))?;
    match zone.from_local_datetime(&civil) {
        LocalResult::Single(instant) => Ok(timestamp(instant.to_utc())),
        LocalResult::Ambiguous(first, second) => Err(Error::usage(format!(
            "{option}: {text} comes twice, because the clocks go back. Say which: {} or {}",
            first.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
            second.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
        ))),
        LocalResult::None => Err(Error::usage(format!("{option}: {text} does not exist, because the clocks go forward then."))),
    }
}

fn timestamp(instant: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: instant.timestamp(), nanos: i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or(0) }
}

/// `12 January 2022` from `2022-01-12`; what is not a day stays as it is.
pub(crate) fn day(text: &str) -> String {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_or_else(|_| text.to_owned(), |day| day.format("%-d %b %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant(text.parse().unwrap())
    }

    #[test]
    fn times_are_those_of_the_region_in_summer_and_winter() {
        assert_eq!(at("2022-01-12T17:00:00Z").in_zone(London), "Wed 12 Jan 2022, 17:00");
        assert_eq!(at("2022-07-12T16:00:00Z").in_zone(London), "Tue 12 Jul 2022, 17:00");
    }

    #[test]
    fn a_typed_time_is_that_of_the_region() {
        let parsed = |text| parse_instant(text, None, London, "--deadline").map(|t| instant(Some(t)).unwrap());
        assert_eq!(parsed("2022-07-12 17:00").unwrap(), at("2022-07-12T16:00:00Z"));
        assert_eq!(parsed("2022-07-12T17:00:00+01:00").unwrap(), at("2022-07-12T16:00:00Z"));
        assert!(parsed("2022-03-27 01:30").unwrap_err().sentence.contains("clocks go forward"));
        assert!(parsed("2022-10-30 01:30").unwrap_err().sentence.contains("comes twice"));
        assert!(parsed("12/01/2022").unwrap_err().sentence.contains("2022-01-12 17:00"));
    }

    #[test]
    fn how_far_away_counts_civil_days() {
        let now = at("2022-01-10T23:30:00Z");
        assert_eq!(at("2022-01-11T00:30:00Z").seen_from(now, London), "tomorrow");
        assert_eq!(at("2022-01-13T17:00:00Z").seen_from(now, London), "in 3 days");
        assert_eq!(at("2022-01-08T17:00:00Z").seen_from(now, London), "2 days ago");
    }

    #[test]
    fn days_are_written_out_or_refused() {
        assert_eq!(day("2022-01-12"), "12 Jan 2022");
        assert!(parse_day("2022-1-2").is_err());
        assert!(parse_day("2022-02-30").is_err());
    }
}
