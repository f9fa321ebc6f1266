//! Clear days: how the law on notice counts.
//!
//! A clear day is a whole one. Neither the day on which notice is given nor the day of the meeting is
//! among them, nor a day on which nobody could have come to read the papers: Sundays, bank holidays,
//! days on which the office is shut. Whether a Saturday is such a day is disputed, so it is a setting.

use chrono::NaiveDate;

use crate::calendar::WorkingDays;

/// Counts clear days.
#[derive(Debug, Clone, Copy)]
pub struct ClearDays<'a> {
    office: WorkingDays<'a>,
    counted: WorkingDays<'a>,
}

impl<'a> ClearDays<'a> {
    /// Clear days are the working days of `office`, and the Saturdays as well if `saturdays` says so.
    pub fn new(office: WorkingDays<'a>, saturdays: bool) -> Self {
        Self { office: office.with_saturdays(false), counted: office.with_saturdays(saturdays) }
    }

    /// How many lie between the day of notice and the day of the meeting.
    pub fn between(&self, notice: NaiveDate, meeting: NaiveDate) -> usize {
        self.counted.between(notice, meeting)
    }

    /// The last working day on which notice leaves `count` clear days before the meeting. It is a
    /// day when the office is open even where Saturdays count: papers are put out by people.
    pub fn latest_notice(&self, meeting: NaiveDate, count: u8) -> NaiveDate {
        let first_clear = self.counted.before(meeting, count);
        // With nothing to count the day before is asked for all the same: notice is never given on the day.
        let first_clear = if count == 0 { meeting } else { first_clear };
        self.office.before(first_clear.pred_opt().unwrap_or(first_clear), 0)
    }
}
