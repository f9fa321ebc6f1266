//! Dates for anybody's diary.

use csp_domain::{
    calendar::{
        Rules,
        ics::{Entry, Feed, Status, key_of},
    },
    text::Line,
};

use super::Answer;

/// One calendar of all meetings. Nothing is remembered from one run to the next, so what identifies an entry comes from what was
/// asked: the meeting's UID in its own file, or the nation and the day.
pub(super) fn feed(answers: &[Answer], committee: Option<&Line>, rules: &Rules) -> Feed {
    let name = committee.map_or_else(|| format!("Meetings in {}", rules.nation.name()), ToString::to_string);
    let mut entries = Vec::new();
    for Answer { sitting, plan, .. } in answers {
        let title = committee.or(sitting.title.as_ref()).map_or("Committee", Line::as_str);
        let of_meeting = plan.entries(title, &key_of(&format!("{name}\n{}", sitting.uid)), sitting.sequence);
        entries.extend(of_meeting.into_iter().map(|entry| Entry {
            place: sitting.place.as_ref().filter(|_| entry.uid.starts_with("meeting.")).map(ToString::to_string),
            status: if sitting.cancelled { Status::Cancelled } else { entry.status },
            ..entry
        }));
    }
    Feed { name, entries }
}
