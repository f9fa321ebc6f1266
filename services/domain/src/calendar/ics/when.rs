//! Dates and times of iCalendar, and the zones they are in.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::{
    calendar::{civil::instant, ics::lines::ContentLine},
    clock::Instant,
};

/// What a property says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// A day, and no more.
    Day(NaiveDate),
    /// A day and a time on the clock.
    Civil(NaiveDateTime),
}

impl When {
    /// Reads a property such as DTSTART. Times of other zones are told by the clocks of `zone`; a time without one is on them.
    pub(super) fn read(line: &ContentLine, zone: Tz) -> Result<Self, String> {
        let value = line.value.trim();
        if line.parameter("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE")) || digits(value, 8) {
            return day(value).map(Self::Day).ok_or_else(|| "must be a day such as 20141023".to_owned());
        }
        let (civil, utc) = match value.strip_suffix('Z') {
            Some(civil) => (civil, true),
            None => (value, false),
        };
        let civil = civil
            .split_once('T')
            .and_then(|(date, clock)| Some(day(date)?.and_time(time(clock)?)))
            .ok_or_else(|| "must be a day and a time such as 20141023T140000".to_owned())?;
        let written_in = match line.parameter("TZID") {
            _ if utc => Tz::UTC,
            None => return Ok(Self::Civil(civil)),
            Some(name) => known_zone(name).ok_or_else(|| {
                let shown: String = name.escape_debug().take(40).collect();
                format!("must be in a zone that is known here, such as Europe/London, and not in {shown:?}")
            })?,
        };
        // A time of the zone itself stays as it was written, even one that the clocks skip: the plan decides.
        Ok(Self::Civil(if written_in == zone { civil } else { instant(civil, written_in).with_timezone(&zone).naive_local() }))
    }
}

/// `20141023T130000Z`.
pub(super) fn utc(at: Instant) -> String {
    Utc.from_utc_datetime(&at.naive_utc()).format("%Y%m%dT%H%M%SZ").to_string()
}

/// By its IANA name, alone or at the end of a path as some programs write it, or by the name Windows has for British time.
fn known_zone(name: &str) -> Option<Tz> {
    match name {
        "GMT Standard Time" | "GMT Daylight Time" => return Some(Tz::Europe__London),
        _ => {}
    }
    let pieces: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    // The longest names have three pieces: America/Argentina/Salta.
    (pieces.len().saturating_sub(3)..pieces.len()).find_map(|from| pieces[from..].join("/").parse().ok())
}

fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
}

fn day(text: &str) -> Option<NaiveDate> {
    let day = digits(text, 8).then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok())??;
    let sane = NaiveDate::from_ymd_opt(1990, 1, 1)?..=NaiveDate::from_ymd_opt(2200, 12, 31)?;
    sane.contains(&day).then_some(day)
}

fn time(text: &str) -> Option<NaiveTime> {
    digits(text, 6).then(|| NaiveTime::parse_from_str(text, "%H%M%S").ok())?
}
