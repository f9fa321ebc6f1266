//! What is typed behind `cspd calendar`, as the words of the domain.

use chrono::{NaiveDate, NaiveTime};
use csp_domain::{
    calendar::{Nation, reporting::ReportingPeriods},
    period::Period,
    text::Line,
};

/// A local closed day.
#[derive(Debug, Clone)]
pub(super) struct Closed(pub(super) NaiveDate, pub(super) Line);

/// How reporting periods follow each other.
#[derive(Debug, Clone)]
pub(super) struct Periods(pub(super) ReportingPeriods);

pub(super) fn nation(text: &str) -> Result<Nation, String> {
    Nation::from_word(text).ok_or_else(|| {
        let words: Vec<_> = Nation::ALL.iter().map(|nation| nation.word()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    match text.parse::<NaiveDate>() {
        Ok(day) if day.to_string() == text => Ok(day),
        _ => Err("must be a day that there is, such as 2014-10-23".to_owned()),
    }
}

pub(super) fn time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "must be a time of day such as 14:00".to_owned())
}

pub(super) fn line(text: &str) -> Result<Line, String> {
    Line::parse(text, Line::NAME).map_err(|refused| refused.to_string())
}

pub(super) fn closed(text: &str) -> Result<Closed, String> {
    let (day, why) = text.split_once('=').unwrap_or((text, "no reason given"));
    let day = self::day(day).map_err(|_| "must be a day such as 2026-12-29, or 2026-12-29=WHY".to_owned())?;
    Ok(Closed(day, line(why).map_err(|reason| format!("its reason {reason}"))?))
}

pub(super) fn periods(text: &str) -> Result<Periods, String> {
    Ok(Periods(match text {
        "financial-quarter" => ReportingPeriods::FinancialQuarters,
        "calendar-quarter" => ReportingPeriods::CalendarQuarters,
        "statutory-quarter" => ReportingPeriods::StatutoryQuarters,
        period => {
            let period: Period = period
                .parse()
                .map_err(|_| "must be financial-quarter, calendar-quarter, statutory-quarter or a period such as 2014-q2".to_owned())?;
            ReportingPeriods::DateByDate(vec![period])
        }
    }))
}
