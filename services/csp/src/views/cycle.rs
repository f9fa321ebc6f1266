//! Cycles.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct CycleView {
    name: String,
    period: String,
    period_label: Option<String>,
    state: Coded<v1::CycleState>,
    open_time: Option<Instant>,
    deadline_time: Option<Instant>,
    closed_to_new_time: Option<Instant>,
    freeze_time: Option<Instant>,
    publication_time: Option<Instant>,
    meeting_time: Option<Instant>,
    create_time: Option<Instant>,
    etag: Option<String>,
}

impl From<v1::Cycle> for CycleView {
    fn from(cycle: v1::Cycle) -> Self {
        let v1::Cycle {
            name,
            period,
            period_label,
            state,
            open_time,
            deadline_time,
            publication_time,
            meeting_time,
            create_time,
            etag,
            closed_to_new_time,
            freeze_time,
        } = cycle;
        Self {
            name,
            period,
            period_label: given(period_label),
            state: Coded::of(state),
            open_time: instant(open_time),
            deadline_time: instant(deadline_time),
            closed_to_new_time: instant(closed_to_new_time),
            freeze_time: instant(freeze_time),
            publication_time: instant(publication_time),
            meeting_time: instant(meeting_time),
            create_time: instant(create_time),
            etag: given(etag),
        }
    }
}

impl CycleView {
    fn label(&self) -> String {
        self.period_label.clone().unwrap_or_else(|| self.period.clone())
    }
}

impl Show for CycleView {
    fn draw(&self, page: &mut Page) {
        page.title(self.label());
        let [opens, deadline, publication, meeting] =
            [self.open_time, self.deadline_time, self.publication_time, self.meeting_time].map(|time| page.when_and_how_far(time));
        // Where the window has one end, the deadline says it all.
        let late = |time: Option<Instant>| time.filter(|_| self.freeze_time != self.deadline_time);
        let [closed, frozen] = [self.closed_to_new_time, self.freeze_time].map(|time| page.when_and_how_far(late(time)));
        page.facts([
            ("Cycle", short(&self.name)),
            ("State", self.state.words()),
            ("Opens", opens),
            ("Returns due", deadline),
            ("Closed to new", closed),
            ("Frozen", frozen),
            ("Published", publication),
            ("Meeting", meeting),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct CycleList {
    pub(crate) cycles: Vec<CycleView>,
}

impl Show for CycleList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .cycles
            .iter()
            .map(|c| {
                let [deadline, publication, meeting] = [c.deadline_time, c.publication_time, c.meeting_time].map(|time| page.when(time));
                [short(&c.name), c.label(), c.state.words(), deadline, publication, meeting]
            })
            .collect();
        page.table(["Cycle", "Reports on", "State", "Returns due", "Published", "Meeting"], rows, "There are no cycles.");
    }
}
