//! What a meeting reports on.
//!
//! Most committees hear about a quarter. Three calendars cut the year into the same three months and mean
//! different things by it: the financial year calls October to December its third quarter, the calendar year its fourth, and
//! the regulations under which responsible authorities share depersonalised information (SI 2007/1831) an information
//! period, to be disclosed by the end of the next. A cabinet may rather ask to hear what its partnership's board did since it
//! was last told; then the periods are as uneven as the board's year.

use std::{fmt, num::NonZeroU32};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::number,
    period::{Period, Quarter, uk_date},
    text::{Line, Refused},
};

/// A quarter of a calendar year: the first is January to March.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarQuarter(Quarter);

impl CalendarQuarter {
    /// The quarter that `day` is in.
    pub fn containing(day: NaiveDate) -> Self {
        Self(Quarter::containing(day))
    }

    /// 1 to 4.
    pub fn number(self) -> u8 {
        self.0.number() % 4 + 1
    }

    /// As an interval of days.
    pub fn period(self) -> Period {
        self.0.period()
    }
}

impl fmt::Display for CalendarQuarter {
    /// `Q4 of 2021 (October to December 2021)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Q{} of {} ({})", self.number(), self.period().start().year(), self.period().months())
    }
}

/// An information period of the Crime and Disorder (Prescribed Information) Regulations 2007: each
/// three months from 1 July 2007.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatutoryQuarter(Quarter);

impl StatutoryQuarter {
    /// The information period that `day` is in. There is none before July 2007.
    pub fn containing(day: NaiveDate) -> Result<Self, Refused> {
        let quarter = Quarter::containing(day);
        if quarter < first_information_period() {
            return Err(Refused::new("must not be before 1 July 2007, when the first information period began"));
        }
        Ok(Self(quarter))
    }

    /// 1 is July to September 2007.
    pub fn number(self) -> NonZeroU32 {
        let since = |quarter: Quarter| quarter.year().0 * 4 + i32::from(quarter.number());
        u32::try_from(since(self.0) - since(first_information_period()))
            .ok()
            .and_then(|n| NonZeroU32::MIN.checked_add(n))
            .unwrap_or(NonZeroU32::MIN)
    }

    /// As an interval of days.
    pub fn period(self) -> Period {
        self.0.period()
    }

    /// The last day on which what happened in it may be disclosed: that of the next period (regulation 3).
    pub fn disclose_by(self) -> NaiveDate {
        self.0.next().end()
    }
}

fn first_information_period() -> Quarter {
    Quarter::new(2007, 2).expect("the second quarter of 2007/08 is a quarter")
}

/// How a committee's reporting periods follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportingPeriods {
    /// Quarters of the financial year.
    FinancialQuarters,
    /// Quarters of the calendar year.
    CalendarQuarters,
    /// Information periods of SI 2007/1831.
    StatutoryQuarters,
    /// From one report to the next, by the meetings of a board.
    SinceLastReport(BoardMeetings),
    /// Given one by one.
    DateByDate(Vec<Period>),
}

/// When a board meets, and what was reported of it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardMeetings {
    /// What the board is called.
    pub board: Line,
    /// The last day that the last report told of.
    pub last_reported: NaiveDate,
    /// Days on which it meets, in any order.
    pub days: Vec<NaiveDate>,
}

/// What one meeting reports on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The days.
    pub period: Period,
    /// Whether collecting has to wait until they are over. Not where nothing has happened yet that could be told.
    pub waits: bool,
    /// For people.
    pub label: String,
    /// What else follows from it.
    pub notes: Vec<String>,
}

impl Reported {
    /// A period that is what it is, and has to be over.
    pub fn plain(period: Period) -> Self {
        Self { period, waits: true, label: period.label(), notes: Vec::new() }
    }
}

impl ReportingPeriods {
    /// The last period that is over before `due`, the day by which returns are in.
    pub fn over_before(&self, due: NaiveDate) -> Result<Reported, Refused> {
        let quarter = Quarter::containing(due).previous();
        match self {
            Self::FinancialQuarters => Ok(Reported::plain(quarter.period())),
            Self::CalendarQuarters => Ok(Reported { label: CalendarQuarter(quarter).to_string(), ..Reported::plain(quarter.period()) }),
            Self::StatutoryQuarters => {
                let quarter = StatutoryQuarter::containing(quarter.start())?;
                let label = format!("information period {} ({})", quarter.number(), quarter.period().months());
                let duty = format!(
                    "Depersonalised information of this period is to be disclosed by {} (SI 2007/1831).",
                    uk_date(quarter.disclose_by())
                );
                Ok(Reported { label, notes: vec![duty], ..Reported::plain(quarter.period()) })
            }
            Self::SinceLastReport(board) => board.over_before(due),
            Self::DateByDate(periods) => {
                let over = periods.iter().filter(|period| period.end() < due).max_by_key(|period| (period.end(), period.start()));
                over.copied()
                    .map(Reported::plain)
                    .ok_or_else(|| Refused::new(format!("must have one that is over before {}", uk_date(due))))
            }
        }
    }
}

impl BoardMeetings {
    /// The most days of meetings that are kept: a monthly board's of ten years.
    pub const MAX: usize = 120;

    /// From the day after the last report to the board's last meeting before returns are due, with a warning when the board's
    /// year and the committee's have come apart.
    fn over_before(&self, due: NaiveDate) -> Result<Reported, Refused> {
        let refused = || Refused::new(format!("must have been reported of last before {}", uk_date(due)));
        let period = Period::new(self.last_reported.succ_opt().ok_or_else(refused)?, due.pred_opt().ok_or_else(refused)?);
        let period = period.map_err(|_| refused())?;
        let mut met: Vec<NaiveDate> = self.days.iter().copied().filter(|day| (period.start()..=period.end()).contains(day)).collect();
        met.sort_unstable();
        met.dedup();
        let since = format!("since the last report, which went to {}", uk_date(self.last_reported));
        let Some((&last, others)) = met.split_last() else {
            let note = format!("The {} has not met {since}: there may be nothing to report.", self.board);
            return Ok(Reported { waits: false, notes: vec![note], ..Reported::plain(period) });
        };
        let period = Period::new(period.start(), last)?;
        let earlier = others.iter().map(|&day| uk_date(day)).collect::<Vec<_>>().join(", ");
        let notes = match others.len() {
            0 => Vec::new(),
            1 => vec![format!(
                "The {} has met twice {since} ({earlier} and {}): this report has to tell of both.",
                self.board,
                uk_date(last)
            )],
            more => vec![format!(
                "The {} has met {} times {since} ({earlier} and {}): this report has to tell of all.",
                self.board,
                number(more + 1),
                uk_date(last)
            )],
        };
        let label = format!("{} to {}, when the {} last met", uk_date(period.start()), uk_date(last), self.board);
        Ok(Reported { label, notes, ..Reported::plain(period) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn three_calendars_name_the_same_three_months() {
        let reported = |periods: ReportingPeriods| periods.over_before(day("2022-01-12")).unwrap();
        let financial = reported(ReportingPeriods::FinancialQuarters);
        let calendar = reported(ReportingPeriods::CalendarQuarters);
        let statutory = reported(ReportingPeriods::StatutoryQuarters);
        assert_eq!(financial.label, "Q3 2021/22 (October to December 2021)");
        assert_eq!(calendar.label, "Q4 of 2021 (October to December 2021)");
        assert_eq!(statutory.label, "information period 58 (October to December 2021)");
        assert_eq!(statutory.notes, ["Depersonalised information of this period is to be disclosed by 31 March 2022 (SI 2007/1831)."]);
        assert_eq!((financial.period, calendar.period), (statutory.period, statutory.period));
    }

    #[test]
    fn the_first_information_period_was_disclosed_by_the_end_of_2007() {
        // Regulation 3(2): disclosing began with the period from 1 October 2007, and so with what happened in the one before.
        let first = StatutoryQuarter::containing(day("2007-07-01")).unwrap();
        assert_eq!((first.number().get(), first.period().end(), first.disclose_by()), (1, day("2007-09-30"), day("2007-12-31")));
        assert_eq!(StatutoryQuarter::containing(day("2009-01-15")).unwrap().number().get(), 7);
        assert!(StatutoryQuarter::containing(day("2007-06-30")).is_err());
        assert!(ReportingPeriods::StatutoryQuarters.over_before(day("2007-09-30")).is_err(), "nothing was over yet");
    }

    #[test]
    fn each_calendar_quarter_has_its_number() {
        let number = |text| CalendarQuarter::containing(day(text)).to_string();
        assert_eq!(number("2022-01-01"), "Q1 of 2022 (January to March 2022)");
        assert_eq!(number("2022-06-30"), "Q2 of 2022 (April to June 2022)");
        assert_eq!(number("2022-07-01"), "Q3 of 2022 (July to September 2022)");
        assert_eq!(number("2022-12-31"), "Q4 of 2022 (October to December 2022)");
    }

    fn board(days: &[&str]) -> ReportingPeriods {
        ReportingPeriods::SinceLastReport(BoardMeetings {
            board: Line::parse("Strategic Board", Line::NAME).unwrap(),
            last_reported: day("2014-06-18"),
            days: days.iter().map(|text| day(text)).collect(),
        })
    }

    /// A cabinet that asked for a report after each meeting of the board, and met too late for one of them: so it stands in a
    /// paper of October 2014. The days are invented.
    #[test]
    fn a_board_that_met_twice_is_warned_about() {
        let due = day("2014-10-09");
        let reported = |days: &[&str]| board(days).over_before(due).unwrap();
        let once = reported(&["2014-06-18", "2014-09-24", "2014-10-09"]);
        assert_eq!(once.label, "19 June 2014 to 24 September 2014, when the Strategic Board last met");
        assert_eq!(once.notes, [""; 0], "what was reported already and what is not over are left out");
        assert_eq!(
            reported(&["2014-09-24", "2014-07-02", "2014-09-24"]).notes,
            ["The Strategic Board has met twice since the last report, which went to 18 June 2014 (2 July 2014 and 24 September 2014): \
              this report has to tell of both."]
        );
        assert_eq!(
            reported(&["2014-07-02", "2014-08-13", "2014-09-24"]).notes,
            ["The Strategic Board has met three times since the last report, which went to 18 June 2014 (2 July 2014, 13 August 2014 and \
              24 September 2014): this report has to tell of all."]
        );
        let never = reported(&["2014-12-03"]);
        assert!(never.notes[0].contains("has not met since the last report") && !never.waits, "{never:?}");
        assert!(board(&[]).over_before(day("2014-06-19")).is_err(), "the last report is not over either");
    }

    #[test]
    fn periods_may_be_given_one_by_one() {
        let periods = |texts: &[&str]| ReportingPeriods::DateByDate(texts.iter().map(|text| text.parse().unwrap()).collect());
        let two = periods(&["2014-q2", "2014-04-01..2014-08-31", "2014-q3"]);
        assert_eq!(two.over_before(day("2014-10-09")).unwrap().period.to_string(), "2014-q2");
        assert_eq!(two.over_before(day("2014-09-30")).unwrap().label, "April to August 2014");
        assert!(two.over_before(day("2014-08-31")).is_err());
    }
}
