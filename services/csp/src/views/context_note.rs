//! Context notes.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, day, instant},
    names::{last, short},
    output::{Page, Show},
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct ContextNoteView {
    name: String,
    indicator: Option<String>,
    partnership: Option<String>,
    start_date: String,
    end_date: String,
    sentence: String,
    remove_reason: Option<String>,
    remove_time: Option<Instant>,
    create_time: Option<Instant>,
    etag: Option<String>,
}

impl From<v1::ContextNote> for ContextNoteView {
    fn from(note: v1::ContextNote) -> Self {
        let v1::ContextNote { name, indicator, partnership, start_date, end_date, sentence, remove_reason, remove_time, create_time, etag } =
            note;
        Self {
            name,
            indicator: given(indicator),
            partnership: given(partnership),
            start_date,
            end_date,
            sentence,
            remove_reason: given(remove_reason),
            remove_time: instant(remove_time),
            create_time: instant(create_time),
            etag: given(etag),
        }
    }
}

impl ContextNoteView {
    fn of(&self) -> String {
        self.indicator.as_deref().map_or_else(|| "every measure".to_owned(), short)
    }

    fn place(&self) -> String {
        self.partnership.as_deref().map_or_else(|| "the whole region".to_owned(), short)
    }
}

impl Show for ContextNoteView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.sentence);
        let (removed, entered) = (page.when(self.remove_time), page.when(self.create_time));
        let mut facts = vec![
            ("Note", last(&self.name).to_owned()),
            ("From", day(&self.start_date)),
            ("To", day(&self.end_date)),
            ("Beside", self.of()),
            ("In", self.place()),
        ];
        if let Some(reason) = &self.remove_reason {
            facts.extend([("Removed", removed), ("Removed because", reason.clone())]);
        }
        facts.push(("Entered", entered));
        page.facts(facts);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ContextNoteList {
    pub(crate) context_notes: Vec<ContextNoteView>,
}

impl Show for ContextNoteList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .context_notes
            .iter()
            .map(|note| {
                let state = note.remove_reason.as_ref().map_or("printed", |_| "removed").to_owned();
                let (from, to) = (day(&note.start_date), day(&note.end_date));
                [last(&note.name).to_owned(), from, to, note.of(), note.place(), state, note.sentence.clone()]
            })
            .collect();
        page.table(["Note", "From", "To", "Beside", "In", "State", "What was so"], rows, "There are no context notes.");
    }
}
