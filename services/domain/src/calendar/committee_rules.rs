//! What one committee's meetings are planned by.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{
        BankHolidays, Before, ClosedDays, Plan, Reckoning, Rules, Step, Timetable, ladder,
        reporting::{Reported, ReportingPeriods},
    },
    clock::Instant,
    period::Period,
    text::{Fault, Line},
};

/// The rules of a committee, and what else a meeting needs before it is a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitteeRules {
    /// How the dates are counted back. Without local closed days: those are kept apart.
    pub rules: Rules,
    /// When a meeting begins of which only the day is known.
    pub meeting_at: NaiveTime,
    /// What a meeting reports on.
    pub reports_on: ReportingPeriods,
}

/// A meeting counted back: what its cycle is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoned {
    /// What is reported on.
    pub period: Period,
    /// When what happens.
    pub timetable: Timetable,
    /// How that came about.
    pub reckoning: Reckoning,
}

/// What a meeting reports on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// Whatever the committee's rules say; of what a board did, since this day where that is later than the rules know.
    ByRule(Option<NaiveDate>),
    /// This period, as somebody said.
    Given(Period),
}

impl CommitteeRules {
    /// So many working days before the deadline who owes a return is reminded, the first reminder first.
    pub fn reminders(&self) -> Vec<u8> {
        self.rules.reminders.iter().map(|before| before.days).collect()
    }

    /// The reminders of a rule set, by their working days: at the hour of the round they all go out in.
    pub fn reminders_of(days: impl IntoIterator<Item = u8>) -> Vec<Before> {
        days.into_iter().map(|days| Before::new(days, ladder::ROUND_AT)).collect()
    }

    /// Everything wrong with them, each under the name of its field.
    pub fn faults(&self, field: &str) -> Vec<Fault> {
        self.rules.faults(field)
    }

    /// Counts back from a meeting. `closed` are the days on which the offices are shut, the region's and the committee's.
    pub fn reckon(
        &self,
        meeting: NaiveDateTime,
        reports: Reports,
        uid: Option<Line>,
        closed: &ClosedDays,
        holidays: &BankHolidays,
    ) -> Result<Reckoned, Vec<Fault>> {
        let rules = Rules { closed: closed.clone(), ..self.rules.clone() };
        // What can be reported on depends on the deadline, and the opening on what is reported on.
        let plan = Plan::new(meeting, None, &rules, holidays)?;
        let due = plan.moment(Step::Deadline).map_or(meeting.date(), |deadline| deadline.civil.date());
        let reported = match reports {
            Reports::Given(period) => Reported::plain(period),
            Reports::ByRule(since) => {
                self.periods_since(since).over_before(due).map_err(|refused| vec![Fault::new("reports_on", refused)])?
            }
        };
        let plan = Plan::new(meeting, reported.waits.then_some(reported.period), &rules, holidays)?;
        let at = |step| plan.moment(step).map(|moment| moment.at);
        let timetable = (|| {
            Some(Timetable {
                opens_at: at(Step::Opening)?,
                deadline_at: at(Step::Deadline)?,
                closed_to_new_at: at(Step::ClosedToNew)?,
                freeze_at: at(Step::Freeze)?,
                publication_at: at(Step::Release)?,
                meeting_at: at(Step::Meeting)?,
            })
        })();
        let timetable = timetable.ok_or_else(|| vec![Fault::new("meeting", "does not leave room for every step")])?;
        timetable.check().map_err(|refused| vec![Fault::new("meeting", refused)])?;
        let given = matches!(reports, Reports::Given(_));
        let reckoning = Reckoning::of(meeting, &plan, &reported, given, uid);
        Ok(Reckoned { period: reported.period, timetable, reckoning })
    }

    /// The rule for what is reported on, where the last report went to `since`.
    fn periods_since(&self, since: Option<NaiveDate>) -> ReportingPeriods {
        match &self.reports_on {
            ReportingPeriods::SinceLastReport(board) => {
                let mut board = board.clone();
                board.last_reported = since.map_or(board.last_reported, |since| since.max(board.last_reported));
                ReportingPeriods::SinceLastReport(board)
            }
            other => other.clone(),
        }
    }
}

impl Reckoned {
    /// Whether nobody could send anything in any more.
    pub fn is_too_late(&self, now: Instant) -> bool {
        self.timetable.deadline_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Nation, full, reporting::BoardMeetings};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn cabinet(reports_on: ReportingPeriods) -> CommitteeRules {
        let rules = Rules::new(Nation::England, None).unwrap();
        CommitteeRules { rules, meeting_at: NaiveTime::from_hms_opt(16, 0, 0).unwrap(), reports_on }
    }

    fn reckoned(rules: &CommitteeRules, meeting: &str, since: Option<&str>, closed: &ClosedDays) -> Reckoned {
        let meeting = day(meeting).and_time(rules.meeting_at);
        rules.reckon(meeting, Reports::ByRule(since.map(day)), None, closed, BankHolidays::shipped()).unwrap()
    }

    fn deadline(of: &Reckoned) -> String {
        full(of.timetable.deadline_at, chrono_tz::Europe::London)
    }

    #[test]
    fn a_meeting_becomes_a_cycle_with_three_ends() {
        let made = reckoned(&cabinet(ReportingPeriods::FinancialQuarters), "2014-10-23", None, &ClosedDays::default());
        assert_eq!(made.period.to_string(), "2014-q2");
        assert_eq!(deadline(&made), "Thursday 9 October 2014 at 17:00");
        let ends = [made.timetable.deadline_at, made.timetable.closed_to_new_at, made.timetable.freeze_at];
        assert!(ends[0] < ends[1] && ends[1] < ends[2] && !made.timetable.has_one_end());
        assert_eq!(made.reckoning.reports_on, "Q2 2014/15 (July to September 2014)");
        let text = serde_json::to_string(&made.reckoning).unwrap();
        assert_eq!(serde_json::from_str::<Reckoning>(&text).unwrap(), made.reckoning);
    }

    #[test]
    fn a_closed_day_of_the_region_or_the_committee_moves_the_deadline() {
        let rules = cabinet(ReportingPeriods::FinancialQuarters);
        let closed = |text: &str| ClosedDays::new([(day(text), Line::parse("offices shut", Line::NAME).unwrap())]).unwrap();
        let both = closed("2014-10-16").and(&closed("2014-10-17"));
        assert_eq!(deadline(&reckoned(&rules, "2014-10-23", None, &both)), "Tuesday 7 October 2014 at 17:00");
    }

    #[test]
    fn a_cabinet_is_told_of_its_board_from_where_the_last_report_ended() {
        let board = BoardMeetings {
            board: Line::parse("Strategic Board", Line::NAME).unwrap(),
            last_reported: day("2014-03-31"),
            days: ["2014-06-18", "2014-07-30", "2014-09-24"].map(day).to_vec(),
        };
        let rules = cabinet(ReportingPeriods::SinceLastReport(board));
        let later = reckoned(&rules, "2014-10-23", Some("2014-06-18"), &ClosedDays::default());
        assert_eq!(later.period.to_string(), "2014-06-19..2014-09-24");
        assert!(later.reckoning.notes[0].contains("has met twice since the last report, which went to 18 June 2014"));
        let stored = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<CommitteeRules>(&stored).unwrap(), rules);
    }
}
