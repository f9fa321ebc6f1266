//! What is due, and when: pure questions over what the table says of a cycle.

use chrono::TimeDelta;
use csp_domain::{
    Instant,
    calendar::{self, Recurrence, Timetable},
    clock,
    id::Slug,
    period::Quarter,
    schedule::{Entry, Job, JobState},
};

/// Cycles are planned so far ahead, so that officers see what is coming.
const HORIZON: TimeDelta = TimeDelta::days(100);

/// Something that is due, or will be, in words for the person who looks after the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLine {
    /// The committee and the cycle: `Citizen Focus Committee, 2021-q3`.
    pub cycle: String,
    /// `opens for returns`, `waits for approval`.
    pub what: String,
    /// When it is or was due.
    pub due_at: Instant,
    /// Its time has passed.
    pub overdue: bool,
    /// It was missed, and stays undone until a person decides.
    pub missed: bool,
}

impl std::fmt::Display for DueLine {
    /// `Citizen Focus Committee, 2021-q3: opens for returns, Saturday 1 January 2022 at 09:00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let when = calendar::full(self.due_at, chrono_tz::Europe::London);
        write!(f, "{}: {}, {}{when}", self.cycle, self.what, if self.overdue { "was due " } else { "" })
    }
}

/// What is worth a line to whoever looks after the service: what comes next, the next reminders, and all that waits for a
/// person's decision.
pub(crate) fn lines(cycle: &str, entries: &[Entry], now: Instant) -> Vec<DueLine> {
    let aside = |entry: &Entry| matches!(entry.job, Job::Remind | Job::Rehearse);
    let next = entries.iter().find(|entry| !aside(entry) && !entry.state.is_over());
    let wanted = |entry: &&Entry| entry.state.asks() || (aside(entry) && !entry.state.is_over()) || Some(*entry) == next;
    let line = |entry: &Entry| {
        let said = match entry.job {
            Job::Open => "opens for returns",
            Job::Remind => "reminds whoever owes something",
            Job::Close => "closes, and its digest is frozen",
            Job::Freeze => "its digest is to be frozen",
            Job::Release if entry.state == JobState::Blocked => "its digest waits",
            Job::Release => "its digest is published",
            Job::Rehearse => "its release is rehearsed, for administrators alone",
        };
        let why = match (entry.state, &entry.decision) {
            (JobState::Held, Some(held)) => format!(" (held back: {})", held.reason),
            (JobState::Missed, _) => " (missed: run it or skip it with `csp admin schedule`)".to_owned(),
            (JobState::Blocked, _) => entry.note.map(|note| format!(" ({note})")).unwrap_or_default(),
            _ => String::new(),
        };
        DueLine {
            cycle: cycle.to_owned(),
            what: format!("{said}{why}"),
            due_at: entry.due_at,
            overdue: entry.due_at < now,
            missed: entry.state == JobState::Missed,
        }
    };
    entries.iter().filter(wanted).map(line).collect()
}

/// The quarters of a recurrence that should be planned by now, each with its name and days. What was due
/// before the committee was set up here is history: nobody could have sent it.
pub(crate) fn quarters(recurrence: &Recurrence, zone: chrono_tz::Tz, since: Instant, now: Instant) -> Vec<(Quarter, Slug, Timetable)> {
    let mut found = Vec::new();
    let mut quarter = recurrence.first.0;
    loop {
        let timetable = recurrence.timetable(quarter, zone);
        if timetable.opens_at > now + HORIZON {
            return found;
        }
        if timetable.deadline_at > clock::whole_microseconds(since)
            && let Ok(slug) = quarter.period().to_string().parse()
        {
            found.push((quarter, slug, timetable));
        }
        quarter = quarter.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONDON: chrono_tz::Tz = chrono_tz::Europe::London;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn quarters_are_planned_ahead_and_never_backwards() {
        let recurrence = Recurrence::from_first(Quarter::new(2010, 1).unwrap());
        let since = at("2021-11-01T00:00:00Z");
        let names: Vec<String> = quarters(&recurrence, LONDON, since, at("2022-01-05T12:00:00Z")).iter().map(|q| q.1.to_string()).collect();
        assert_eq!(names, ["2021-q3", "2021-q4"], "the one that is open and the one that comes");
    }

    #[test]
    fn nothing_is_missing_after_a_year_of_silence() {
        let recurrence = Recurrence::from_first(Quarter::new(2021, 1).unwrap());
        let found = quarters(&recurrence, LONDON, at("2021-06-01T00:00:00Z"), at("2023-01-05T12:00:00Z"));
        assert_eq!(found.len(), 8);
    }
}
