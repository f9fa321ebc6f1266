//! What is due, and when: pure questions over what the table says of a cycle.

use chrono::TimeDelta;
use csp_domain::{
    Instant,
    calendar::{Recurrence, Timetable},
    clock,
    cycle::CycleState,
    id::Slug,
    period::Quarter,
};
use csp_store::CycleRef;

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
}

/// The next thing the schedule does with a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Open,
    Close,
    /// Freeze if nothing is frozen yet, release if a version is approved and its time has come.
    Publish,
}

/// What the state says comes next, and when.
pub(crate) fn next_step(cycle: &CycleRef) -> Option<(Step, Instant)> {
    match cycle.state {
        CycleState::Planned => Some((Step::Open, cycle.opens_at)),
        CycleState::Open => Some((Step::Close, cycle.deadline_at)),
        CycleState::Closed => Some((Step::Publish, cycle.deadline_at)),
        CycleState::Published | CycleState::Cancelled => None,
    }
}

/// Whether a step is due. What arrives at the very deadline is still in time, so closing comes after it.
pub(crate) fn is_due(step: Step, due_at: Instant, now: Instant) -> bool {
    match step {
        Step::Open | Step::Publish => due_at <= now,
        Step::Close => due_at < now,
    }
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

    #[test]
    fn the_deadline_itself_is_still_in_time() {
        let due = at("2022-01-12T17:00:00Z");
        assert!(!is_due(Step::Close, due, due));
        assert!(is_due(Step::Close, due, due + TimeDelta::microseconds(1)));
        assert!(is_due(Step::Open, due, due));
    }
}
