//! The files people have: CSV, Excel workbooks and Word documents, for the client; and the workbook they are given, for the server too.
//!
//! What is read comes out as bounded cells and paragraphs, each with its place (a line, `Figures!B7`, a paragraph), so
//! that whoever typed it finds it again. Nothing is judged here but what a file *is*: what a figure may be, the server
//! says. Nothing is repaired by guessing, and what cannot be carried on (tracked changes, hidden text, a macro) is
//! refused by its name.
//!
//! # Where to start
//!
//! [`csv::read`], [`xlsx::read`] and [`docx::read`] take bytes or text and answer a [`Table`], several, or a document; or every
//! [`Fault`] at once. [`text::decode`] makes text of bytes. [`notation::read`] says which number people mean by
//! "£1,234", and when that cannot be known. [`template`] is
//! the workbook to be filled in for a cycle, which [`form`] writes.
//!
//! # Bounds
//!
//! Bytes are counted while they are unpacked, and cells while they are read, whatever a file says of itself: see
//! [`limits`]. Time is bounded by the same counts. No allocation follows a number that stands in the file.

pub mod csv;
mod date;
pub mod docx;
pub mod form;
pub mod limits;
pub mod notation;
mod package;
mod relations;
mod table;
pub mod template;
pub mod text;
pub mod xlsx;
mod xml;

pub use table::{Cell, Joined, Row, Table, Value, column_letters};

/// Something about a file, at a place in it: why it cannot be used, or what whoever sent it should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where in the file: `7` (a line), `Figures!B7`, `paragraph 4`. Empty: the whole of it.
    pub place: String,
    /// What is wrong, and how to mend it; what stands before it is the place.
    pub words: String,
}

impl Fault {
    /// About the whole file.
    pub fn of_file(words: impl Into<String>) -> Self {
        Self { place: String::new(), words: words.into() }
    }

    /// About one place in it.
    pub fn at(place: impl Into<String>, words: impl Into<String>) -> Self {
        Self { place: place.into(), words: words.into() }
    }
}
