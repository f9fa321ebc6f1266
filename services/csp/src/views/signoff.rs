//! Receipts, and who is missing.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show, count},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct ReceiptView {
    pub(crate) number: String,
    return_name: String,
    revision: i64,
    submitter: Option<String>,
    submit_time: Option<Instant>,
    items: Vec<ReceiptItemView>,
    pub(crate) sha256: String,
    stored_text: String,
    text: String,
    state: Coded<v1::ReturnState>,
    steps: Vec<ReturnStepView>,
}

#[derive(Debug, Serialize)]
struct ReceiptItemView {
    number: i32,
    subject: Option<String>,
    period: Option<String>,
    answer: String,
}

#[derive(Debug, Serialize)]
struct ReturnStepView {
    revision: i64,
    deed: Coded<v1::ReturnDeed>,
    state: Coded<v1::ReturnState>,
    reasons: Option<String>,
    sha256: Option<String>,
    person: Option<String>,
    time: Option<Instant>,
    on_behalf: Option<String>,
}

impl From<v1::Receipt> for ReceiptView {
    fn from(receipt: v1::Receipt) -> Self {
        let v1::Receipt { number, return_name, revision, submitter, submit_time, items, sha256, stored_text, text, state, steps } = receipt;
        Self {
            number,
            return_name,
            revision,
            submitter: given(submitter),
            submit_time: instant(submit_time),
            items: items.into_iter().map(Into::into).collect(),
            sha256,
            stored_text,
            text,
            state: Coded::of(state),
            steps: steps.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<v1::ReceiptItem> for ReceiptItemView {
    fn from(item: v1::ReceiptItem) -> Self {
        let v1::ReceiptItem { number, subject, period, answer } = item;
        Self { number, subject: given(subject), period: given(period), answer }
    }
}

impl From<v1::ReturnStep> for ReturnStepView {
    fn from(step: v1::ReturnStep) -> Self {
        let v1::ReturnStep { revision, deed, state, reasons, sha256, person, time, on_behalf } = step;
        Self {
            revision,
            deed: Coded::of(deed),
            state: Coded::of(state),
            reasons: given(reasons),
            sha256: given(sha256),
            person: given(person),
            time: instant(time),
            on_behalf: given(on_behalf),
        }
    }
}

impl Show for ReceiptView {
    fn draw(&self, page: &mut Page) {
        for line in self.text.lines() {
            page.line(line);
        }
        page.blank();
        page.title(format!("What became of it: {}", self.state.words()));
        let rows = self.steps.iter().map(|step| {
            let by = step.person.as_deref().map_or_else(|| "the schedule".to_owned(), short);
            [page.when(step.time), step.deed.words(), by, step.reasons.clone().or_else(|| step.on_behalf.clone()).unwrap_or_default()]
        });
        let rows: Vec<_> = rows.collect();
        page.table(["When", "What", "By", "Why"], rows, "Nothing is on record.");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct CycleStatusView {
    cycle: String,
    period_label: String,
    deadline_time: Option<Instant>,
    expected: i32,
    received: i32,
    signed: i32,
    accepted: i32,
    nil: i32,
    late: i32,
    unsigned: i32,
    partnerships: Vec<PartnershipStatusView>,
    complete: Option<RateView>,
    on_time: Option<RateView>,
    closed_to_new_time: Option<Instant>,
    freeze_time: Option<Instant>,
    extended: i32,
}

#[derive(Debug, Serialize)]
struct PartnershipStatusView {
    partnership: String,
    display_name: String,
    state: Coded<v1::ReturnState>,
    nil: bool,
    late: bool,
    signing: bool,
    news_items: i32,
    submit_time: Option<Instant>,
    awaits: Coded<v1::Role>,
    complete: Option<RateView>,
    on_time: Option<RateView>,
    extended_time: Option<Instant>,
    extension_reason: Option<String>,
    open_queries: Vec<String>,
    wordings: Option<WordingTallyView>,
    joint_items: Option<JointTallyView>,
    figures_asked: i32,
    figures_missing: i32,
    missing_figures: Vec<MissingFigureView>,
}

#[derive(Debug, Serialize)]
struct MissingFigureView {
    indicator: String,
    display_name: String,
}

#[derive(Debug, Serialize)]
struct WordingTallyView {
    proposed: i32,
    accepted: i32,
    refused: i32,
    lapsed: i32,
    unanswered: i32,
}

#[derive(Debug, Serialize)]
struct JointTallyView {
    waiting: i32,
    sent_back: i32,
    held_out: i32,
}

#[derive(Debug, Serialize)]
pub(crate) struct RateView {
    part: i32,
    whole: i32,
    pub(crate) cycles: i32,
    percent: Option<i32>,
}

impl From<v1::CycleStatus> for CycleStatusView {
    fn from(status: v1::CycleStatus) -> Self {
        let v1::CycleStatus {
            cycle,
            period_label,
            deadline_time,
            expected,
            received,
            signed,
            accepted,
            nil,
            late,
            unsigned,
            partnerships,
            complete,
            on_time,
            closed_to_new_time,
            freeze_time,
            extended,
        } = status;
        Self {
            closed_to_new_time: instant(closed_to_new_time),
            freeze_time: instant(freeze_time),
            extended,
            cycle,
            period_label,
            deadline_time: instant(deadline_time),
            expected,
            received,
            signed,
            accepted,
            nil,
            late,
            unsigned,
            partnerships: partnerships.into_iter().map(Into::into).collect(),
            complete: complete.map(Into::into),
            on_time: on_time.map(Into::into),
        }
    }
}

impl From<v1::PartnershipStatus> for PartnershipStatusView {
    fn from(status: v1::PartnershipStatus) -> Self {
        let v1::PartnershipStatus {
            partnership,
            display_name,
            state,
            nil,
            late,
            signing,
            news_items,
            submit_time,
            awaits,
            complete,
            on_time,
            extended_time,
            extension_reason,
            open_queries,
            wordings,
            joint_items,
            figures_asked,
            figures_missing,
            missing_figures,
        } = status;
        Self {
            extended_time: instant(extended_time),
            extension_reason: given(extension_reason),
            open_queries,
            wordings: wordings.map(Into::into),
            joint_items: joint_items.map(Into::into),
            figures_asked,
            figures_missing,
            missing_figures: missing_figures.into_iter().map(Into::into).collect(),
            partnership,
            display_name,
            state: Coded::of(state),
            nil,
            late,
            signing,
            news_items,
            submit_time: instant(submit_time),
            awaits: Coded::of(awaits),
            complete: complete.map(Into::into),
            on_time: on_time.map(Into::into),
        }
    }
}

impl From<v1::MissingFigure> for MissingFigureView {
    fn from(missing: v1::MissingFigure) -> Self {
        let v1::MissingFigure { indicator, display_name } = missing;
        Self { indicator, display_name }
    }
}

impl From<v1::WordingTally> for WordingTallyView {
    fn from(tally: v1::WordingTally) -> Self {
        let v1::WordingTally { proposed, accepted, refused, lapsed, unanswered } = tally;
        Self { proposed, accepted, refused, lapsed, unanswered }
    }
}

impl WordingTallyView {
    /// `1 waits for the lead; 1 lapsed, because the partnership changed the text`; nothing where none was proposed.
    fn words(&self) -> Option<String> {
        let waits = if self.proposed == 1 { "waits for the lead" } else { "wait for the lead" };
        let counts = [
            (self.proposed, waits),
            (self.accepted, "accepted"),
            (self.refused, "refused"),
            (self.lapsed, "lapsed, because the partnership changed the text"),
            (self.unanswered, "not answered in time"),
        ];
        let said: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }
}

impl From<v1::JointTally> for JointTallyView {
    fn from(tally: v1::JointTally) -> Self {
        let v1::JointTally { waiting, sent_back, held_out } = tally;
        Self { waiting, sent_back, held_out }
    }
}

impl JointTallyView {
    /// `1 of its own is held out; 1 waits for its signature`; nothing where it is concerned with none.
    fn words(&self) -> Option<String> {
        let one = |count: i32, one: &'static str, many: &'static str| if count == 1 { one } else { many };
        let counts = [
            (self.held_out, one(self.held_out, "of its own is held out", "of its own are held out")),
            (self.waiting, one(self.waiting, "waits for its signature", "wait for its signature")),
            (self.sent_back, "sent back by it"),
        ];
        let said: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }
}

impl From<v1::Rate> for RateView {
    fn from(rate: v1::Rate) -> Self {
        let v1::Rate { part, whole, cycles, percent } = rate;
        Self { part, whole, cycles, percent }
    }
}

impl RateView {
    /// `17 of 18`, `45 of 48 (94%)`.
    pub(crate) fn words(&self) -> String {
        let counts = format!("{} of {}", self.part, self.whole);
        self.percent.map_or(counts.clone(), |percent| format!("{counts} ({percent}%)"))
    }
}

fn rate(rate: Option<&RateView>) -> String {
    rate.filter(|rate| rate.whole > 0).map(RateView::words).unwrap_or_default()
}

impl PartnershipStatusView {
    fn stands(&self) -> String {
        let state = self.state.words();
        let mut words = if state.is_empty() { "nothing received".to_owned() } else { state };
        for (said, word) in [(self.nil, "nil"), (self.late, "late")] {
            if said {
                words.push_str(", ");
                words.push_str(word);
            }
        }
        if self.figures_missing > 0 {
            let answered = self.figures_asked - self.figures_missing;
            words.push_str(&format!(", {answered} of {}", count(usize::try_from(self.figures_asked).unwrap_or(0), "figure", "figures")));
        }
        words
    }

    /// `Burglary, Robbery and 3 more`; nothing where every figure has its answer.
    fn unanswered(&self) -> Option<String> {
        const SHOWN: usize = 6;
        let names: Vec<&str> = self.missing_figures.iter().take(SHOWN).map(|missing| missing.display_name.as_str()).collect();
        let more = usize::try_from(self.figures_missing).unwrap_or(0).saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!names.is_empty()).then(|| format!("{}{more}", names.join(", ")))
    }
}

impl Show for CycleStatusView {
    fn draw(&self, page: &mut Page) {
        page.title(format!("{}: {}", short(&self.cycle), self.period_label));
        let due = page.when_and_how_far(self.deadline_time);
        let cycles = self.complete.as_ref().map_or(0, |rate| rate.cycles);
        // Where the window has one end, the deadline says it all.
        let late = |time: Option<Instant>| time.filter(|_| self.freeze_time != self.deadline_time);
        let [closed, frozen] = [self.closed_to_new_time, self.freeze_time].map(|time| page.when_and_how_far(late(time)));
        page.facts([
            ("Returns due", due),
            ("Closed to new", closed),
            ("Frozen", frozen),
            ("Received", format!("{} of {}", self.received, self.expected)),
            ("Signed", self.signed.to_string()),
            ("Accepted", self.accepted.to_string()),
            ("Nil", self.nil.to_string()),
            ("Late", self.late.to_string()),
            ("Extended", if self.extended > 0 { self.extended.to_string() } else { String::new() }),
            ("Wait for their lead", if self.unsigned > 0 { format!("{}; not printed until signed", self.unsigned) } else { String::new() }),
            ("Closed cycles counted", if cycles > 0 { cycles.to_string() } else { String::new() }),
            ("Came at all", rate(self.complete.as_ref())),
            ("Came in time", rate(self.on_time.as_ref())),
        ]);
        page.blank();
        let rows: Vec<_> = self
            .partnerships
            .iter()
            .map(|p| {
                let turn = p.awaits.words();
                let turn = if turn.is_empty() { "nobody’s".to_owned() } else { turn };
                let extended = p.extended_time.map(|until| format!(", extended to {}", until.in_zone(page.zone))).unwrap_or_default();
                [p.display_name.clone(), format!("{}{extended}", p.stands()), turn, rate(p.complete.as_ref()), rate(p.on_time.as_ref())]
            })
            .collect();
        page.table(["Partnership", "Return", "Whose turn", "Came", "In time"], rows, "No partnership reports to it.");
        for p in &self.partnerships {
            if let Some(missing) = p.unanswered() {
                page.line(format!("Missing from {}: {missing}", p.display_name));
            }
        }
        for p in self.partnerships.iter().filter(|p| !p.open_queries.is_empty()) {
            page.line(format!("Asked of {}, and not explained yet: {}", p.display_name, p.open_queries.join(", ")));
        }
        for p in &self.partnerships {
            if let Some(reason) = &p.extension_reason {
                page.line(format!("More time for {}: {reason}", p.display_name));
            }
            if let Some(said) = p.wordings.as_ref().and_then(WordingTallyView::words) {
                page.line(format!("Other wordings for {}: {said}", p.display_name));
            }
            if let Some(said) = p.joint_items.as_ref().and_then(JointTallyView::words) {
                page.line(format!("Joint items for {}: {said}", p.display_name));
            }
        }
    }
}
