//! Counting the days on which an office is open.

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::calendar::{ClosedDays, Holidays};

/// Why a day is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closure<'a> {
    /// A Sunday, or a Saturday where Saturdays do not count.
    Weekend,
    /// A bank holiday, by its name.
    BankHoliday(&'a str),
    /// Closed locally, for this reason.
    Local(&'a str),
}

/// Which days count.
#[derive(Debug, Clone, Copy)]
pub struct WorkingDays<'a> {
    holidays: &'a Holidays,
    closed: &'a ClosedDays,
    saturdays: bool,
}

impl<'a> WorkingDays<'a> {
    /// Monday to Friday, but for bank holidays and local closed days.
    pub fn new(holidays: &'a Holidays, closed: &'a ClosedDays) -> Self {
        Self { holidays, closed, saturdays: false }
    }

    /// The same with Saturdays.
    #[must_use]
    pub fn with_saturdays(self, saturdays: bool) -> Self {
        Self { saturdays, ..self }
    }

    /// Why `day` does not count, or nothing if it does. A bank holiday that falls on a weekend is told by its name.
    pub fn closure(&self, day: NaiveDate) -> Option<Closure<'a>> {
        let weekend = match day.weekday() {
            Weekday::Sun => true,
            Weekday::Sat => !self.saturdays,
            _ => false,
        };
        let (holidays, closed) = (self.holidays, self.closed);
        (holidays.name_of(day).map(Closure::BankHoliday))
            .or_else(|| closed.reason(day).map(Closure::Local))
            .or_else(|| weekend.then_some(Closure::Weekend))
    }

    /// Whether `day` counts.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.closure(day).is_none()
    }

    /// The `count`th working day before `day`. With none to count it is `day` itself, or the last working day before
    /// it: who counts back never gives anybody less time.
    pub fn before(&self, day: NaiveDate, count: u8) -> NaiveDate {
        self.walk(day, count, NaiveDate::pred_opt)
    }

    /// The `count`th working day after `day`; with none to count `day` itself, or the first working day after it.
    pub fn after(&self, day: NaiveDate, count: u8) -> NaiveDate {
        self.walk(day, count, NaiveDate::succ_opt)
    }

    /// How many working days lie between two days, neither of them included.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> usize {
        from.iter_days().skip(1).take_while(|&day| day < to).filter(|&day| self.contains(day)).count()
    }

    /// Ends where the calendar does, centuries from any meeting.
    fn walk(&self, from: NaiveDate, count: u8, step: fn(&NaiveDate) -> Option<NaiveDate>) -> NaiveDate {
        let mut day = from;
        let mut left = count;
        while left > 0 || !self.contains(day) {
            let Some(next) = step(&day) else { return day };
            day = next;
            if left > 0 && self.contains(day) {
                left -= 1;
            }
        }
        day
    }
}
