//! Wordings, beside what they are wordings of.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    difference,
    names::short,
    output::{Page, Show},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct WordingView {
    /// Absent in a dry run.
    pub(crate) name: Option<String>,
    pub(crate) subject: String,
    original: Option<WordedTextView>,
    proposed: Option<WordedTextView>,
    note: Option<String>,
    cycle: String,
    state: Coded<v1::WordingState>,
    proposer: Option<String>,
    propose_time: Option<Instant>,
    answerer: Option<String>,
    answer_time: Option<Instant>,
    reason: Option<String>,
    etag: Option<String>,
}

#[derive(Debug, Serialize)]
struct WordedTextView {
    headline: Option<String>,
    body: Option<String>,
    body_format: Coded<v1::BodyFormat>,
    statement: Option<String>,
}

impl From<v1::Wording> for WordingView {
    fn from(wording: v1::Wording) -> Self {
        let v1::Wording {
            name,
            subject,
            subject_etag: _,
            proposed,
            original,
            note,
            cycle,
            state,
            proposer,
            propose_time,
            answerer,
            answer_time,
            reason,
            etag,
        } = wording;
        Self {
            name: given(name),
            subject,
            original: original.map(Into::into),
            proposed: proposed.map(Into::into),
            note: given(note),
            cycle,
            state: Coded::of(state),
            proposer: given(proposer),
            propose_time: instant(propose_time),
            answerer: given(answerer),
            answer_time: instant(answer_time),
            reason: given(reason),
            etag: given(etag),
        }
    }
}

impl From<v1::WordedText> for WordedTextView {
    fn from(text: v1::WordedText) -> Self {
        let v1::WordedText { headline, body, body_format, statement } = text;
        Self { headline: given(headline), body: given(body), body_format: Coded::of(body_format), statement: given(statement) }
    }
}

impl WordedTextView {
    /// The whole of it, a line for the headline.
    fn whole(&self) -> String {
        let parts = [self.headline.as_deref(), self.body.as_deref(), self.statement.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    }

    /// What it is, in a line.
    fn line(&self) -> String {
        self.headline.as_deref().or(self.statement.as_deref()).unwrap_or_default().to_owned()
    }
}

impl WordingView {
    /// What is worded, in a line, as the partnership has it.
    pub(crate) fn of(&self) -> String {
        self.original.as_ref().map(WordedTextView::line).unwrap_or_default()
    }

    /// What became of it, for whoever has to do something about it.
    fn said(&self) -> String {
        let state = self.state.words();
        match &self.reason {
            Some(reason) => format!("{state}: {reason}"),
            None => state,
        }
    }
}

impl Show for WordingView {
    fn draw(&self, page: &mut Page) {
        page.title(self.of());
        let (proposed, answered) = (page.when(self.propose_time), page.when(self.answer_time));
        page.facts([
            ("Wording", self.name.as_deref().map(short).unwrap_or_default()),
            ("Of", short(&self.subject)),
            ("Cycle", short(&self.cycle)),
            ("State", self.said()),
            ("Proposed by", self.proposer.as_deref().map(short).unwrap_or_default()),
            ("Proposed", proposed),
            ("Why", self.note.clone().unwrap_or_default()),
            ("Last step by", self.answerer.as_deref().map(short).unwrap_or_default()),
            ("Last step", answered),
        ]);
        page.blank();
        let text = |words: &Option<WordedTextView>| words.as_ref().map(WordedTextView::whole).unwrap_or_default();
        let rows = difference::rows(&text(&self.original), &text(&self.proposed));
        page.beside(["As sent in", "As proposed"], rows.into_iter().map(|row| (row.changed, row.left, row.right)));
        page.line("What goes is marked [-so-], what comes in [+so+]; * marks the paragraphs that differ.");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct WordingList {
    pub(crate) wordings: Vec<WordingView>,
}

impl Show for WordingList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .wordings
            .iter()
            .map(|w| [w.name.as_deref().map(short).unwrap_or_default(), w.of(), w.said(), short(&w.cycle), page.when(w.propose_time)])
            .collect();
        page.table(["Wording", "Of", "State", "Cycle", "Proposed"], rows, "No other wording was proposed.");
    }
}
