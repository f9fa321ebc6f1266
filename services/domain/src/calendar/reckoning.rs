//! How a cycle's dates came about, and what may still move of them.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Certainty, Plan, Step, Timetable, reporting::Reported},
    clock::Instant,
    cycle::CycleState,
    period::Period,
    text::{Line, Refused},
};

/// The way from a meeting to the dates of its cycle, as it was when they were last counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reckoning {
    /// Day and time of the meeting, on the clock.
    pub meeting: NaiveDateTime,
    /// Each date with its reason, in order.
    pub dates: Vec<ReckonedDate>,
    /// What is reported on, for people.
    pub reports_on: String,
    /// Whether somebody said what is reported on, rather than the committee's rules.
    pub given: bool,
    /// What somebody should know before they rely on these dates.
    pub notes: Vec<String>,
    /// What the calendar that the meeting came from calls it, for ever.
    pub uid: Option<Line>,
    /// Which edition of its entry there this follows: of two the later counts, whichever is read first.
    #[serde(default)]
    pub sequence: u32,
}

/// One date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReckonedDate {
    /// What happens.
    pub step: Step,
    /// When.
    pub at: Instant,
    /// How it follows, in words.
    pub why: String,
    /// Whether a bank holiday that nobody has announced yet can move it.
    pub provisional: bool,
}

/// A date that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Which.
    pub step: Step,
    /// When it was to be.
    pub from: Instant,
    /// When it is now.
    pub to: Instant,
}

/// What a cycle reports on moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodMove {
    /// What it was to be.
    pub from: Period,
    /// What it is now.
    pub to: Period,
}

impl PeriodMove {
    /// From one to the other; none where they are the same.
    pub fn between(from: Period, to: Period) -> Option<Self> {
        (from != to).then_some(Self { from, to })
    }
}

impl Reckoning {
    pub(super) fn of(meeting: NaiveDateTime, plan: &Plan, reported: &Reported, given: bool, uid: Option<Line>) -> Self {
        let dates = plan.moments().iter().map(|moment| ReckonedDate {
            step: moment.step,
            at: moment.at,
            why: moment.why.clone(),
            provisional: moment.certainty == Certainty::Provisional,
        });
        let notes = reported.notes.iter().chain(plan.notes()).cloned().collect();
        Self { meeting, dates: dates.collect(), reports_on: reported.label.clone(), given, notes, uid, sequence: 0 }
    }

    /// One of the dates.
    pub fn date(&self, step: Step) -> Option<&ReckonedDate> {
        self.dates.iter().find(|date| date.step == step)
    }

    /// The same where the cycle keeps dates that have passed at `now`: of those what was reckoned `before` stands, and says that it was
    /// planned so, since what it was counted from may have moved. Reminders that were sent keep the dates they had; none comes after a
    /// deadline that stays.
    #[must_use]
    pub fn keeping(mut self, before: Option<&Self>, kept: &Timetable, now: Instant) -> Self {
        let stood = |step, at| before.and_then(|before| before.dates.iter().find(|date| date.step == step && date.at == at));
        let released = self.date(Step::Release).map(|date| date.at);
        for (step, at) in kept.steps() {
            if let Some(date) = self.dates.iter_mut().find(|date| date.step == step && date.at != at) {
                *date = stood(step, at).map_or_else(
                    || ReckonedDate { step, at, why: "it had passed before the meeting was moved".to_owned(), provisional: false },
                    ReckonedDate::as_planned,
                );
            }
        }
        // It was to be approved for the release that stays.
        if released != Some(kept.publication_at)
            && let Some(approval) = before.and_then(|before| before.date(Step::Approval))
            && let Some(date) = self.dates.iter_mut().find(|date| date.step == Step::Approval)
        {
            *date = approval.as_planned();
        }
        let sent: Vec<ReckonedDate> = before
            .into_iter()
            .flat_map(|before| &before.dates)
            .filter(|date| date.is_reminder() && date.at <= now)
            .map(|date| {
                let counted_so = self.dates.iter().any(|new| new.step == date.step && new.at == date.at);
                if counted_so { date.clone() } else { date.as_planned() }
            })
            .collect();
        self.dates.retain(|date| !date.is_reminder() || (date.at > now || before.is_none()) && date.at < kept.deadline_at);
        self.dates.extend(sent);
        // Which edition of its entry is known, nothing makes forgotten.
        self.sequence = before.map_or(self.sequence, |before| before.sequence.max(self.sequence));
        self.dates.sort_by_key(|date| (date.at, date.step));
        self
    }
}

/// How the reason of a date begins that stays where it was when it was planned.
const AS_PLANNED: &str = "as it was planned: ";

impl ReckonedDate {
    fn is_reminder(&self) -> bool {
        matches!(self.step, Step::Reminder(_))
    }

    /// The same of a date that has passed: what it was counted from may be another day by now.
    fn as_planned(&self) -> Self {
        let why = if self.why.starts_with(AS_PLANNED) { self.why.clone() } else { format!("{AS_PLANNED}{}", self.why) };
        Self { why, provisional: false, ..self.clone() }
    }
}

/// What moved between two timetables of one cycle, in order.
pub fn moves(before: &Timetable, after: &Timetable) -> Vec<Move> {
    let pairs = before.steps().into_iter().zip(after.steps());
    pairs.filter(|(from, to)| from.1 != to.1).map(|((step, from), (_, to))| Move { step, from, to }).collect()
}

/// The timetable of a cycle that is counted anew at `now`: what has not happened yet moves to where it is `wanted`, what has
/// stays. Nothing moves into the past: nobody could have kept a date that they hear of afterwards.
pub fn onwards(before: &Timetable, state: CycleState, wanted: &Timetable, now: Instant) -> Result<Timetable, Refused> {
    let closed = !matches!(state, CycleState::Planned | CycleState::Open);
    let over = matches!(state, CycleState::Published | CycleState::Cancelled);
    let date = |before: Instant, wanted: Instant, done: bool, what: &str| {
        if done || before <= now || before == wanted {
            Ok(before)
        } else if wanted <= now {
            Err(Refused::new(format!("would move {what} into the past")))
        } else {
            Ok(wanted)
        }
    };
    // To open at once is to open in time.
    let opens_at = if state == CycleState::Planned && before.opens_at > now { wanted.opens_at } else { before.opens_at };
    // A paper that waits for approval after its time can still be given another.
    let publication_at = match date(before.publication_at, wanted.publication_at, over, "the release")? {
        kept if !over && kept <= now && wanted.publication_at > now => wanted.publication_at,
        at => at,
    };
    let after = Timetable {
        opens_at,
        deadline_at: date(before.deadline_at, wanted.deadline_at, closed, "the deadline")?,
        closed_to_new_at: date(before.closed_to_new_at, wanted.closed_to_new_at, closed, "closing to new returns")?,
        freeze_at: date(before.freeze_at, wanted.freeze_at, closed, "the freeze")?,
        publication_at,
        meeting_at: date(before.meeting_at, wanted.meeting_at, over, "the meeting")?,
    };
    after.check()?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveTime};

    use super::*;
    use crate::calendar::{BankHolidays, ClosedDays, CommitteeRules, Nation, Reckoned, Reports, Rules, reporting::ReportingPeriods};

    /// A scrutiny committee in England that meets at ten.
    fn counted(meeting: &str) -> Reckoned {
        let ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
        let rules = Rules::new(Nation::England, None).unwrap();
        let rules = CommitteeRules { rules, meeting_at: ten, reports_on: ReportingPeriods::FinancialQuarters };
        let day: NaiveDate = meeting.parse().unwrap();
        let period = "2026-q2".parse().unwrap();
        rules.reckon(day.and_time(ten), Reports::Given(period), None, &ClosedDays::default(), BankHolidays::shipped()).unwrap()
    }

    /// The plan after the meeting moved at `now`.
    fn moved(from: &Reckoned, state: CycleState, to: &Reckoned, now: &str) -> Reckoning {
        let now: Instant = now.parse().unwrap();
        let kept = onwards(&from.timetable, state, &to.timetable, now).unwrap();
        let once = to.reckoning.clone().keeping(Some(&from.reckoning), &kept, now);
        assert_eq!(to.reckoning.clone().keeping(Some(&once), &kept, now), once, "counting it again changes nothing");
        once
    }

    fn lines(plan: &Reckoning) -> Vec<String> {
        let when = |at: Instant| at.with_timezone(&chrono_tz::Europe::London).format("%-d %b %Y").to_string();
        plan.dates.iter().map(|date| format!("{} {}, {}", date.step.title(), when(date.at), date.why)).collect()
    }

    #[test]
    fn what_has_passed_when_a_meeting_moves_keeps_its_date_and_says_that_it_was_planned_so() {
        let (before, after) = (counted("2027-01-28"), counted("2027-02-04"));
        // The paper is frozen; reminders went out, and none is to come.
        let plan = moved(&before, CycleState::Closed, &after, "2027-01-19T15:00:00Z");
        assert_eq!(
            lines(&plan),
            [
                "Collecting opens 14 Dec 2026, as it was planned: twenty working days before the deadline",
                "Reminder 1 30 Dec 2026, as it was planned: ten working days before the deadline",
                "Reminder 2 7 Jan 2027, as it was planned: five working days before the deadline",
                "Reminder 3 13 Jan 2027, as it was planned: one working day before the deadline",
                "Returns due 14 Jan 2027, as it was planned: one working day before closing to new returns",
                "Closed to new returns 15 Jan 2027, as it was planned: one working day before the freeze",
                "Paper frozen 18 Jan 2027, as it was planned: one working day before approval",
                "Approved by 26 Jan 2027, one working day of cooling-off before release",
                "Paper released 27 Jan 2027, five clear days before the meeting on Thursday 4 February 2027",
                "Meeting 4 Feb 2027, all other dates are counted back from it",
            ]
        );
    }

    #[test]
    fn a_reminder_that_was_sent_keeps_its_day_and_the_next_follows_the_new_deadline() {
        let (before, after) = (counted("2027-01-28"), counted("2027-02-04"));
        let plan = moved(&before, CycleState::Open, &after, "2027-01-05T15:00:00Z");
        assert_eq!(
            lines(&plan)[..7],
            [
                "Collecting opens 14 Dec 2026, as it was planned: twenty working days before the deadline",
                "Reminder 1 30 Dec 2026, as it was planned: ten working days before the deadline",
                "Reminder 1 7 Jan 2027, ten working days before the deadline",
                "Reminder 2 14 Jan 2027, five working days before the deadline",
                "Reminder 3 20 Jan 2027, one working day before the deadline",
                "Returns due 21 Jan 2027, one working day before closing to new returns",
                "Closed to new returns 22 Jan 2027, one working day before the freeze",
            ]
        );
    }
}
