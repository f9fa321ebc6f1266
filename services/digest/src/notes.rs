//! Notes below a table: each said once, marked 1, 2, 3 in the order they are met.

use csp_domain::{
    document::{Cell, TableNote},
    observation::{Answer, Figure},
    partnership::Partnership,
};

use crate::comparison::Side;

/// The notes of one table, while it is being made.
#[derive(Default)]
pub(crate) struct Notes(Vec<TableNote>);

/// Said of every figure that may still change.
pub(crate) const PROVISIONAL: &str = "Provisional: may be revised.";

impl Notes {
    /// The cell, marked with a note that says `text`.
    pub(crate) fn attach(&mut self, cell: Cell, text: &str) -> Cell {
        let known = self.0.iter().find(|note| note.text == text).map(|note| note.mark);
        let mark = known.unwrap_or_else(|| {
            let mark = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
            self.0.push(TableNote { mark, text: text.to_owned() });
            mark
        });
        cell.noted(mark)
    }

    /// The cell, marked with everything that must be said about the figure in it.
    pub(crate) fn about(&mut self, mut cell: Cell, figure: &Figure, partnership: &Partnership) -> Cell {
        if let Answer::Withheld { reason } = &figure.answer {
            cell = self.attach(cell, &format!("Withheld by {}: {}", partnership.name.printed(), reason.printed()));
        }
        for text in remarks(figure) {
            cell = self.attach(cell, text);
        }
        cell
    }

    /// The notes, in the order of their marks.
    pub(crate) fn finish(self) -> Vec<TableNote> {
        self.0
    }
}

/// What a figure itself brings to be said about it.
pub(crate) fn remarks(figure: &Figure) -> impl Iterator<Item = &str> {
    figure.provisional.then_some(PROVISIONAL).into_iter().chain(figure.note.as_ref().map(csp_domain::text::Line::as_str))
}

/// What every figure of a sum says of itself, if they all say the same.
pub(crate) fn shared_note<'m>(sides: &[&Side<'m>]) -> Option<&'m str> {
    let note = |side: &&Side<'m>| side.figure().and_then(|figure| figure.note.as_ref());
    let first = sides.first().and_then(note)?;
    sides.iter().all(|side| note(side) == Some(first)).then_some(first.as_str())
}
