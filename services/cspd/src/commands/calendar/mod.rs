//! `cspd calendar`

mod asked;
mod diary;
mod view;

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use chrono::{NaiveDate, NaiveTime};
use clap::{Args, ValueEnum};
use csp_domain::{
    calendar::{
        BankHolidays, ClosedDays, Nation, Plan, Rules, Step,
        ics::{self, Sitting},
        reporting::{BoardMeetings, Reported, ReportingPeriods},
    },
    clock::{Clock as _, SystemClock},
    text::{Fault, Line},
};

use crate::{
    Failure, Terminal,
    commands::calendar::asked::{Closed, Periods, closed, day, line, nation, periods, time},
};

/// Count back from a meeting to the dates of its cycle, without a server
///
/// From the nation's clear days, bank holidays and local closed days follow the day the paper must be out, and from there
/// approval, freeze, deadline, reminders and opening, each with its reason. Nothing is stored and no settings are read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd calendar 2014-10-23 --nation england
  cspd calendar 2014-05-08 --nation wales --saturdays --output json | jq '.meetings[0].dates[]'
  cspd calendar 2027-01-06 --nation england --closed 2026-12-29='offices shut' --closed 2026-12-30 --time 14:00
  cspd calendar --meetings committee.ics --nation england --reports-on financial-quarter --output ics > cycle.ics")]
pub(crate) struct Calendar {
    /// Day of the meeting, such as 2014-10-23
    #[arg(value_name = "DATE", value_parser = day, required_unless_present = "meetings")]
    date: Option<NaiveDate>,
    /// Take the meetings from an iCalendar file instead
    #[arg(long, value_name = "FILE", conflicts_with = "date")]
    meetings: Option<PathBuf>,
    /// Whose law and whose bank holidays: england, wales, scotland or northern-ireland
    #[arg(long, value_parser = nation)]
    nation: Nation,
    /// Clear days, where the law has no number or the committee asks for more
    #[arg(long, value_name = "NUMBER")]
    clear_days: Option<u8>,
    /// Count Saturdays as clear days, which is disputed
    #[arg(long)]
    saturdays: bool,
    /// A day on which the offices are shut, and why; may be given again
    #[arg(long, value_name = "DAY[=WHY]", value_parser = closed)]
    closed: Vec<Closed>,
    /// A newer list of bank holidays, in the format of <https://www.gov.uk/bank-holidays.json>
    #[arg(long, value_name = "FILE")]
    holidays: Option<PathBuf>,
    /// When the meeting begins, where only its day is known
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "10:00")]
    time: NaiveTime,
    /// What the committee is called
    #[arg(long, value_name = "NAME", value_parser = line)]
    committee: Option<Line>,
    /// What is reported on: financial-quarter, calendar-quarter, statutory-quarter (SI 2007/1831) or a period such as 2014-q2;
    /// of the first three the last that is over before returns are due
    #[arg(long, value_name = "PERIODS", value_parser = periods, conflicts_with = "board")]
    reports_on: Option<Periods>,
    /// A meeting of the board whose meetings since the last report are reported on; may be given again
    #[arg(long, value_name = "DAY", value_parser = day, requires = "last_report")]
    board: Vec<NaiveDate>,
    /// The last day that the last report told of
    #[arg(long, value_name = "DAY", value_parser = day, requires = "board")]
    last_report: Option<NaiveDate>,
    /// For whom the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Output {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For diaries
    Ics,
}

/// A meeting and what follows from it.
struct Answer {
    sitting: Sitting,
    reported: Option<Reported>,
    plan: Plan,
}

impl Calendar {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let read;
        let holidays = match &self.holidays {
            None => BankHolidays::shipped(),
            Some(file) => {
                read = holidays(file)?;
                &read
            }
        };
        let rules = self.rules()?;
        let mut answers = Vec::new();
        let mut faults = Vec::new();
        for sitting in self.sittings(rules.nation)? {
            match self.answer(sitting, &rules, holidays) {
                Ok(answer) => answers.push(answer),
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(told("the dates cannot be counted", &faults));
        }
        match self.output {
            Output::Table => terminal.write(view::table(&answers, self.committee.as_ref(), &rules, terminal.output_is_terminal)),
            Output::Json => terminal.write(view::json(&answers, &rules, holidays)?),
            Output::Ics => terminal.write(diary::feed(&answers, self.committee.as_ref(), &rules).write(SystemClock.now())),
        }
    }

    fn rules(&self) -> Result<Rules, Failure> {
        let mut rules = Rules::new(self.nation, self.clear_days).map_err(|refused| Failure::new(format!("--clear-days {refused}")))?;
        rules.saturdays = self.saturdays;
        rules.closed = ClosedDays::new(self.closed.iter().map(|Closed(day, why)| (*day, why.clone())))
            .map_err(|refused| Failure::new(format!("--closed {refused}")))?;
        // The rest of the rules is built in, so that only what was typed can be at fault.
        match rules.faults("rules").first() {
            Some(fault) => Err(Failure::new(format!("--{} {}", fault.field.trim_start_matches("rules.").replace('_', "-"), fault.reason))),
            None => Ok(rules),
        }
    }

    /// The meetings that were asked about.
    fn sittings(&self, nation: Nation) -> Result<Vec<Sitting>, Failure> {
        let Some(file) = &self.meetings else {
            let day = self.date.ok_or_else(|| Failure::new("a date is needed"))?;
            let uid = format!("{}.{day}", nation.word());
            let uid = Line::parse(&uid, Line::NAME).map_err(|refused| Failure::new(format!("the date {refused}")))?;
            let (time, title) = (Some(self.time), self.committee.clone());
            return Ok(vec![Sitting { uid, sequence: 0, day, time, title, place: None, cancelled: false, line: 1 }]);
        };
        let bytes = contents(file, ics::MAX_BYTES)?;
        let sittings = ics::read(&bytes, nation.zone())
            .map_err(|faults| told(&format!("the file {} is not a calendar that can be read", file.display()), &faults))?;
        if sittings.is_empty() {
            return Err(Failure::new(format!("there is no meeting in {}", file.display())));
        }
        Ok(sittings)
    }

    fn answer(&self, sitting: Sitting, rules: &Rules, holidays: &BankHolidays) -> Result<Answer, Vec<Fault>> {
        let meeting = sitting.day.and_time(sitting.time.unwrap_or(self.time));
        let of_this_meeting = |fault: Fault| Fault::new(format!("{}: {}", sitting.day, fault.field), fault.reason);
        let named = |faults: Vec<Fault>| faults.into_iter().map(of_this_meeting).collect::<Vec<_>>();
        let plan = Plan::new(meeting, None, rules, holidays).map_err(named)?;
        let Some(periods) = self.periods().filter(|_| !sitting.cancelled) else {
            return Ok(Answer { sitting, reported: None, plan });
        };
        // What can be reported on depends on the deadline, and the opening on what is reported on.
        let due = plan.moment(Step::Deadline).map_or(sitting.day, |deadline| deadline.civil.date());
        let reported = periods.over_before(due).map_err(|refused| named(vec![Fault::new("the period", refused)]))?;
        let plan = Plan::new(meeting, reported.waits.then_some(reported.period), rules, holidays).map_err(named)?;
        Ok(Answer { sitting, reported: Some(reported), plan })
    }

    fn periods(&self) -> Option<ReportingPeriods> {
        if let (Some(last_reported), Ok(board)) = (self.last_report, Line::parse("board", Line::NAME)) {
            return Some(ReportingPeriods::SinceLastReport(BoardMeetings { board, last_reported, days: self.board.clone() }));
        }
        self.reports_on.as_ref().map(|Periods(periods)| periods.clone())
    }
}

fn holidays(file: &Path) -> Result<BankHolidays, Failure> {
    let bytes = contents(file, BankHolidays::MAX_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(format!("the file {} is not text in UTF-8", file.display())))?;
    BankHolidays::parse(&text)
        .map_err(|faults| told(&format!("the file {} is not a list of bank holidays that can be used", file.display()), &faults))
}

/// The bytes of a file, and one more than may be there where there are too many: who reads them says so.
fn contents(file: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|open| open.take(max as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(format!("the file {} could not be read", file.display())).because(&error))?;
    Ok(bytes)
}

/// A sentence, and under it every fault.
fn told(sentence: &str, faults: &[Fault]) -> Failure {
    faults.iter().fold(Failure::new(sentence), |failure, fault| failure.hint(format!("  {} {}", fault.field, fault.reason)))
}
