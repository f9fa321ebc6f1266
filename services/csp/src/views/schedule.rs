//! What the schedule does by itself.

use csp_proto::v1;
use serde::Serialize;

use super::given;
use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
    words::Coded,
};

/// Who decided what about a job, and why.
#[derive(Debug, Serialize)]
pub(crate) struct DecisionView {
    person: Option<String>,
    person_display_name: String,
    reason: String,
    time: Option<Instant>,
}

#[derive(Debug, Serialize)]
pub(crate) struct JobView {
    name: String,
    kind: Coded<v1::JobKind>,
    state: Coded<v1::JobState>,
    due_time: Option<Instant>,
    latest_time: Option<Instant>,
    done_time: Option<Instant>,
    note: Option<String>,
    decision: Option<DecisionView>,
    committee_display_name: String,
    period_label: String,
}

impl From<v1::Job> for JobView {
    fn from(job: v1::Job) -> Self {
        let v1::Job { name, kind, state, due_time, latest_time, done_time, note, decision, committee_display_name, period_label } = job;
        let decision = decision.map(|decision| {
            let v1::JobDecision { person, person_display_name, reason, time } = decision;
            DecisionView { person: given(person), person_display_name, reason, time: instant(time) }
        });
        Self {
            name,
            kind: Coded::of(kind),
            state: Coded::of(state),
            due_time: instant(due_time),
            latest_time: instant(latest_time),
            done_time: instant(done_time),
            note: given(note),
            decision,
            committee_display_name,
            period_label,
        }
    }
}

impl JobView {
    /// Why it stands so: `Jo Brown: the venue is flooded`.
    fn why(&self) -> String {
        let decided = self.decision.as_ref().map(|decision| format!("{}: {}", decision.person_display_name, decision.reason));
        let said: Vec<String> = self.note.clone().into_iter().chain(decided).collect();
        said.join("; ")
    }
}

impl Show for JobView {
    fn draw(&self, page: &mut Page) {
        page.title(format!("{}: {}", self.committee_display_name, self.period_label));
        let [due, latest, done] = [self.due_time, self.latest_time, self.done_time].map(|time| page.when_and_how_far(time));
        page.facts([
            ("Job", short(&self.name)),
            ("State", self.state.words()),
            ("Due", due),
            ("Done late until", latest),
            ("Done", done),
            ("Why", self.why()),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct JobList {
    pub(crate) jobs: Vec<JobView>,
}

impl Show for JobList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .jobs
            .iter()
            .map(|job| {
                let [due, done] = [job.due_time, job.done_time].map(|time| page.when(time));
                [short(&job.name), job.state.words(), due, done, job.why()]
            })
            .collect();
        page.table(["Job", "State", "Due", "Done", "Why"], rows, "There is no scheduled work.");
    }
}
