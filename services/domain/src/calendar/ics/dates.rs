//! The dates of a cycle as entries of a diary. Nobody's name is in them.

use chrono_tz::Tz;

use super::{Entry, Status};
use crate::{
    calendar::full,
    cycle::{Cycle, CycleState},
    text::Line,
};

/// The dates of one cycle: when collecting opens, when returns are due, when the paper goes out, and the meeting. An entry keeps its
/// identity when its date moves, and one of a cycle that was called off is struck out. `more_time`: why the deadline is one partnership's
/// own, where that partnership was given more time.
pub fn entries(committee: &Line, cycle: &Cycle, more_time: Option<&Line>, zone: Tz) -> Vec<Entry> {
    let times = &cycle.timetable;
    let status = if cycle.state == CycleState::Cancelled { Status::Cancelled } else { Status::Confirmed };
    let period = cycle.period.label();
    let meeting = full(times.meeting_at, zone);
    // A deadline of one's own takes the place of the one that all have.
    let sequence = cycle.revision + i64::from(more_time.is_some());
    let more = more_time.map_or_else(String::new, |reason| format!(" More time was given: {reason}"));
    let dates = [
        ("opens", times.opens_at, "Returns open", format!("Collecting for {period} begins.")),
        (
            "deadline",
            times.deadline_at,
            "Returns due",
            format!("Returns for {period} are due. `csp due` says what is still to come.{more}"),
        ),
        ("publication", times.publication_at, "Paper out", format!("The paper on {period} goes to members.")),
        ("meeting", times.meeting_at, "Meeting", format!("The paper is on {period}.")),
    ];
    dates
        .into_iter()
        .map(|(word, at, title, said)| Entry {
            uid: format!("{word}.{}@calendar.csp-digest", cycle.id),
            sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
            at,
            title: format!("{title}: {committee}, {}", cycle.period.short_label()),
            description: if word == "meeting" { said } else { format!("{said}\nFor the meeting of {meeting}.") },
            place: None,
            status,
        })
        .collect()
}
