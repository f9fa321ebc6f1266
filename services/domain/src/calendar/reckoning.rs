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

    /// The same where the cycle keeps dates that have passed: of those what was reckoned `before` stands.
    #[must_use]
    pub fn keeping(mut self, before: Option<&Self>, kept: &Timetable) -> Self {
        for (step, at) in kept.steps() {
            if let Some(date) = self.dates.iter_mut().find(|date| date.step == step && date.at != at) {
                *date = before.and_then(|before| before.date(step).filter(|date| date.at == at).cloned()).unwrap_or_else(|| ReckonedDate {
                    step,
                    at,
                    why: "it had passed before the meeting was moved".to_owned(),
                    provisional: false,
                });
            }
        }
        // Which edition of its entry is known, nothing makes forgotten.
        self.sequence = before.map_or(self.sequence, |before| before.sequence.max(self.sequence));
        // Nobody is reminded of a date that stays after the day it would have been.
        let deadline = kept.deadline_at;
        self.dates.retain(|date| !matches!(date.step, Step::Reminder(_)) || date.at < deadline);
        self.dates.sort_by_key(|date| (date.at, date.step));
        self
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
