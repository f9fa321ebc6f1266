//! The dates of one meeting, each with its reason.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{
        BankHolidays, Before, Certainty, ClearDays, Closure, Holidays, Nation, Rules, WorkingDays,
        civil::instant,
        number, weekday_and_day,
        words::{clear_days, working_days},
    },
    clock::Instant,
    period::{Period, uk_date},
    text::{Fault, Refused},
};

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Partnerships may submit.
    Opening,
    /// Who owes a return is reminded, for the first, second … time.
    Reminder(u8),
    /// Returns are due. What comes later is late.
    Deadline,
    /// No new return is taken, only corrections.
    ClosedToNew,
    /// The paper is frozen.
    Freeze,
    /// A second person must have approved the frozen paper.
    Approval,
    /// The paper goes to members and to the public.
    Release,
    /// The committee sits.
    Meeting,
}

impl Step {
    /// For programs: `closed-to-new`, `reminder-2`.
    pub fn word(self) -> String {
        match self {
            Self::Opening => "opening".to_owned(),
            Self::Reminder(nth) => format!("reminder-{nth}"),
            Self::Deadline => "deadline".to_owned(),
            Self::ClosedToNew => "closed-to-new".to_owned(),
            Self::Freeze => "freeze".to_owned(),
            Self::Approval => "approval".to_owned(),
            Self::Release => "release".to_owned(),
            Self::Meeting => "meeting".to_owned(),
        }
    }

    /// For people.
    pub fn title(self) -> String {
        match self {
            Self::Opening => "Collecting opens".to_owned(),
            Self::Reminder(nth) => format!("Reminder {nth}"),
            Self::Deadline => "Returns due".to_owned(),
            Self::ClosedToNew => "Closed to new returns".to_owned(),
            Self::Freeze => "Paper frozen".to_owned(),
            Self::Approval => "Approved by".to_owned(),
            Self::Release => "Paper released".to_owned(),
            Self::Meeting => "Meeting".to_owned(),
        }
    }
}

/// One date of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What happens.
    pub step: Step,
    /// Day and time on the clock.
    pub civil: NaiveDateTime,
    /// The instant.
    pub at: Instant,
    /// Whether a bank holiday yet to be announced can move it.
    pub certainty: Certainty,
    /// How it follows, in words.
    pub why: String,
}

/// All dates of one meeting, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    moments: Vec<Moment>,
    uncounted: Vec<(NaiveDate, String)>,
    notes: Vec<String>,
}

impl Plan {
    /// Counts back from `meeting`. With a `period` that is reported on, collecting opens no earlier than the first working
    /// day after it.
    pub fn new(meeting: NaiveDateTime, period: Option<Period>, rules: &Rules, holidays: &BankHolidays) -> Result<Self, Vec<Fault>> {
        let mut faults = rules.faults("rules");
        if !(1990..=2200).contains(&meeting.year()) {
            faults.push(Fault::new("meeting", "must be between 1990 and 2200"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let holidays = holidays.of(rules.nation.division());
        let count = Count { meeting, nation: rules.nation, holidays, office: WorkingDays::new(holidays, &rules.closed) };
        let mut moments = count.back(rules);
        if let Some(period) = period {
            count.wait_for(period, rules.opening.at, &mut moments).map_err(|refused| vec![Fault::new("period", refused)])?;
        }
        let (uncounted, notes) = (count.uncounted(&moments), count.notes(rules, &moments));
        Ok(Self { moments, uncounted, notes })
    }

    /// From the opening to the meeting.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// One of them. Each is there but for reminders, of which there are as many as the rules say and time allows.
    pub fn moment(&self, step: Step) -> Option<&Moment> {
        self.moments.iter().find(|moment| moment.step == step)
    }

    /// The days other than plain weekends that were passed over on the way, and why.
    pub fn uncounted(&self) -> &[(NaiveDate, String)] {
        &self.uncounted
    }

    /// What somebody should know before they rely on these dates.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Firm only if every date is.
    pub fn certainty(&self) -> Certainty {
        self.moments.iter().map(|moment| moment.certainty).max().unwrap_or(Certainty::Firm)
    }
}

/// One count back from one meeting.
struct Count<'a> {
    meeting: NaiveDateTime,
    nation: Nation,
    holidays: &'a Holidays,
    office: WorkingDays<'a>,
}

impl Count<'_> {
    fn moment(&self, step: Step, civil: NaiveDateTime, why: String) -> Moment {
        let certainty = self.holidays.certainty(civil.date(), self.meeting.date());
        let at = instant(civil, self.nation.zone());
        // Where clocks go forward, what nobody can read on a clock is not printed either.
        Moment { step, civil: at.with_timezone(&self.nation.zone()).naive_local(), at, certainty, why }
    }

    fn before(&self, step: Step, anchor: NaiveDate, before: Before, what: &str) -> Moment {
        let why = match before.days {
            0 => format!("on the day of {what}"),
            days => format!("{} before {what}", working_days(days)),
        };
        self.moment(step, self.office.before(anchor, before.days).and_time(before.at), why)
    }

    fn back(&self, rules: &Rules) -> Vec<Moment> {
        let meeting = self.moment(Step::Meeting, self.meeting, "all other dates are counted back from it".to_owned());
        let clear = ClearDays::new(self.office, rules.saturdays);
        let notice = clear.latest_notice(self.meeting.date(), rules.clear_days);
        let release = self.moment(
            Step::Release,
            notice.and_time(rules.release_at),
            format!("{} before the meeting on {}", clear_days(rules.clear_days), weekday_and_day(self.meeting.date())),
        );
        let cooled = Before { days: rules.cooling_off, at: rules.release_at };
        let mut approval = self.before(Step::Approval, notice, cooled, "release");
        approval.why = match rules.cooling_off {
            0 => "at the latest when the paper is released".to_owned(),
            days => format!("{} of cooling-off before release", working_days(days)),
        };
        let freeze = self.before(Step::Freeze, approval.civil.date(), rules.freeze, "approval");
        let closed = self.before(Step::ClosedToNew, freeze.civil.date(), rules.closed_to_new, "the freeze");
        let deadline = self.before(Step::Deadline, closed.civil.date(), rules.deadline, "closing to new returns");
        let due = deadline.civil.date();
        let opening = self.before(Step::Opening, due, rules.opening, "the deadline");
        let reminders = (1..).zip(&rules.reminders).map(|(nth, &before)| self.before(Step::Reminder(nth), due, before, "the deadline"));
        let mut moments = vec![opening];
        moments.extend(reminders);
        moments.extend([deadline, closed, freeze, approval, release, meeting]);
        moments
    }

    /// Nobody can report on a period that is not over. Collecting waits for it, and nobody is reminded of what they cannot
    /// send yet.
    fn wait_for(&self, period: Period, opening_at: NaiveTime, moments: &mut Vec<Moment>) -> Result<(), Refused> {
        let first = self.office.after(period.end(), 1).and_time(opening_at);
        let deadline = moments.iter().find(|moment| moment.step == Step::Deadline).map_or(self.meeting, |moment| moment.civil);
        if first >= deadline {
            return Err(Refused::new(format!(
                "must be over before returns are due at {}: it ends on {}",
                deadline.format("%H:%M on %-d %B %Y"),
                uk_date(period.end())
            )));
        }
        for moment in moments.iter_mut().filter(|moment| moment.step == Step::Opening && moment.civil < first) {
            *moment = self.moment(
                Step::Opening,
                first,
                format!("the first working day after the period, which ends on {}", uk_date(period.end())),
            );
        }
        moments.retain(|moment| !matches!(moment.step, Step::Reminder(_)) || moment.civil > first);
        Ok(())
    }

    fn uncounted(&self, moments: &[Moment]) -> Vec<(NaiveDate, String)> {
        let Some(first) = moments.first() else { return Vec::new() };
        let days = first.civil.date().iter_days().take_while(|&day| day < self.meeting.date());
        days.filter_map(|day| match self.office.closure(day)? {
            Closure::Weekend => None,
            Closure::BankHoliday(name) => Some((day, name.to_owned())),
            Closure::Local(reason) => Some((day, format!("closed locally: {reason}"))),
        })
        .collect()
    }

    /// How many working days collecting is open on, the day of the deadline included.
    fn left_for_collecting(&self, moments: &[Moment]) -> Option<usize> {
        let day = |step| moments.iter().find(|moment| moment.step == step).map(|moment| moment.civil.date());
        let (opening, deadline) = (day(Step::Opening)?, day(Step::Deadline)?);
        Some(if opening == deadline { 1 } else { self.office.between(opening, deadline) + 2 })
    }

    fn notes(&self, rules: &Rules, moments: &[Moment]) -> Vec<String> {
        let mut notes = Vec::new();
        match self.office.closure(self.meeting.date()) {
            None => {}
            Some(Closure::Weekend) => notes.push("The meeting is on a weekend.".to_owned()),
            Some(Closure::BankHoliday(name)) => notes.push(format!("The meeting is on a bank holiday: {name}.")),
            Some(Closure::Local(reason)) => notes.push(format!("The meeting is on a day that is closed locally: {reason}.")),
        }
        if rules.saturdays {
            notes
                .push("Saturdays are counted as clear days. Whether they may be is disputed; leaving them out is the safe way.".to_owned());
        }
        if let Some((asked, law)) = rules.nation.statutory_clear_days()
            && rules.clear_days < asked
        {
            let (given, asked, nation) = (clear_days(rules.clear_days), number(asked.into()), rules.nation.name());
            notes.push(format!("{given} are fewer than the {asked} of {law}, which binds principal councils in {nation}."));
        }
        if let Some(left) = self.left_for_collecting(moments).filter(|&left| left < 5 && left < rules.opening.days.into()) {
            let days = if left == 1 { "day" } else { "days" };
            notes.push(format!(
                "{} working {days} left for collecting: the period reported on ends shortly before returns are due.",
                number(left)
            ));
        }
        if moments.iter().any(|moment| moment.certainty == Certainty::Provisional) {
            let years = self.holidays.years();
            notes.push(format!(
                "Provisional dates reach outside the years whose bank holidays are known here ({} to {}): count again with a newer list.",
                years.start(),
                years.end()
            ));
        }
        for note in &mut notes {
            // A number in words may begin a sentence.
            if let Some(first) = note.get_mut(..1) {
                first.make_ascii_uppercase();
            }
        }
        notes
    }
}
