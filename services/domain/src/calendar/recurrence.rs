//! From a quarter to the days of its cycle, by whole days and weekends alone.
//!
//! A committee says once how its year runs ([`Recurrence`]); every cycle's [`Timetable`] follows from
//! the quarter's end and the meeting. Civil days and times are those of the region's zone; what is
//! stored and compared is the instant.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Timetable, civil::instant},
    period::Quarter,
    text::{Fault, Refused},
};

/// How many days from an anchor, and at what time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    /// Whole days.
    pub days: u16,
    /// Civil time in the region's zone.
    pub at: NaiveTime,
}

impl Offset {
    /// The farthest a date may lie from its anchor.
    pub const MAX_DAYS: u16 = 200;

    /// `days` days, at `hour` o'clock.
    pub fn new(days: u16, hour: u32) -> Self {
        Self { days, at: NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN) }
    }
}

/// A committee's year: a cycle for each financial quarter. The meeting is counted forwards from the
/// last day of the quarter; all before it is counted backwards from the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The first quarter reported on.
    pub first: QuarterKey,
    /// Collecting opens so long after the last day of the quarter.
    pub opens: Offset,
    /// The meeting sits so long after the last day of the quarter.
    pub meeting: Offset,
    /// Returns are due so long before the meeting.
    pub deadline: Offset,
    /// The paper is published so long before the meeting.
    pub publication: Offset,
}

/// A quarter as stored: `2021-q3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuarterKey(pub Quarter);

impl TryFrom<String> for QuarterKey {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        let refused = || Refused::new("must be a financial quarter such as 2021-q3");
        let period: crate::period::Period = text.parse().map_err(|_| refused())?;
        let quarter = Quarter::containing(period.start());
        if quarter.period() == period { Ok(Self(quarter)) } else { Err(refused()) }
    }
}

impl From<QuarterKey> for String {
    fn from(key: QuarterKey) -> Self {
        key.0.period().to_string()
    }
}

impl Recurrence {
    /// Opens the day after the quarter at 09:00; meets 26 days after it at 10:00; returns due at 17:00
    /// fourteen days before the meeting; published at 09:00 eight days before it, which leaves five
    /// clear days where no bank holiday falls between.
    pub fn from_first(first: Quarter) -> Self {
        Self {
            first: QuarterKey(first),
            opens: Offset::new(1, 9),
            meeting: Offset::new(26, 10),
            deadline: Offset::new(14, 17),
            publication: Offset::new(8, 9),
        }
    }

    /// Everything wrong with it, each under the name of its field.
    pub fn faults(&self, field: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, offset) in
            [("opens", self.opens), ("meeting", self.meeting), ("deadline", self.deadline), ("publication", self.publication)]
        {
            if offset.days > Offset::MAX_DAYS {
                faults.push(Fault::new(format!("{field}.{name}.days"), format!("must be at most {}", Offset::MAX_DAYS)));
            }
        }
        if faults.is_empty() {
            // Weekends move days, so the order is checked on real quarters, not on the numbers alone.
            let mut quarter = self.first.0;
            for _ in 0..40 {
                if let Err(fault) = self.timetable(quarter, chrono_tz::Europe::London).check() {
                    faults.push(Fault::new(field, format!("does not work for {}: {fault}", quarter.period().short_label())));
                    break;
                }
                quarter = quarter.next();
            }
        }
        faults
    }

    /// The days of the cycle that reports on `quarter`. A meeting on a weekend moves to the Monday;
    /// what is counted backwards moves to the Friday, so that nobody has less time than they were told.
    pub fn timetable(&self, quarter: Quarter, zone: Tz) -> Timetable {
        let end = quarter.end();
        let meeting_day = not_before_weekday(end + Days::new(self.meeting.days.into()));
        let before = |offset: Offset| instant(not_after_weekday(meeting_day - Days::new(offset.days.into())).and_time(offset.at), zone);
        Timetable::with_one_end(
            instant((end + Days::new(self.opens.days.into())).and_time(self.opens.at), zone),
            before(self.deadline),
            before(self.publication),
            instant(meeting_day.and_time(self.meeting.at), zone),
        )
    }
}

fn not_after_weekday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day - Days::new(1),
        Weekday::Sun => day - Days::new(2),
        _ => day,
    }
}

fn not_before_weekday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::civil::{civil_day, full, time_and_day};

    const LONDON: Tz = chrono_tz::Europe::London;

    fn recurrence() -> Recurrence {
        Recurrence::from_first(Quarter::new(2021, 1).unwrap())
    }

    #[test]
    fn the_third_quarter_of_2021_22_is_due_on_12_january() {
        let dates = recurrence().timetable(Quarter::new(2021, 3).unwrap(), LONDON);
        assert_eq!(full(dates.opens_at, LONDON), "Saturday 1 January 2022 at 09:00");
        assert_eq!(full(dates.deadline_at, LONDON), "Wednesday 12 January 2022 at 17:00");
        assert_eq!(full(dates.publication_at, LONDON), "Tuesday 18 January 2022 at 09:00");
        assert_eq!(full(dates.meeting_at, LONDON), "Wednesday 26 January 2022 at 10:00");
        assert_eq!(time_and_day(dates.deadline_at, LONDON), "17:00 on 12 January");
    }

    #[test]
    fn a_deadline_is_the_same_time_of_day_in_summer_and_winter() {
        let mut quarter = Quarter::new(2012, 1).unwrap();
        for _ in 0..112 {
            let dates = recurrence().timetable(quarter, LONDON);
            assert_eq!(dates.deadline_at.with_timezone(&LONDON).time(), NaiveTime::from_hms_opt(17, 0, 0).unwrap());
            assert!(dates.check().is_ok());
            for at in [dates.deadline_at, dates.publication_at, dates.meeting_at] {
                assert!(civil_day(at, LONDON).weekday().number_from_monday() <= 5);
            }
            quarter = quarter.next();
        }
    }

    #[test]
    fn an_order_of_days_that_cannot_be_is_refused() {
        let mut bad = recurrence();
        bad.publication = Offset::new(20, 9);
        assert_eq!(bad.faults("recurrence").len(), 1);
        bad.publication = Offset::new(300, 9);
        assert_eq!(bad.faults("recurrence")[0].field, "recurrence.publication.days");
    }
}
