//! Word documents (.docx): paragraphs, headings, lists, tables and pictures.
//!
//! What a reader of the printed page would not see, or would see otherwise (tracked changes, comments, hidden text), is refused by
//! its name and place, and so is what the paper has no room for (footnotes, text boxes, equations). Page headers, footers and the
//! document's own data are not read.

mod body;
mod markdown;
mod styles;

pub use markdown::Markdown;

use crate::{
    Fault,
    package::{Package, Sort},
    relations,
    xml::Xml,
};

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// A piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The paragraph it begins at, counted from 1; empty ones are not counted.
    pub paragraph: usize,
    /// What it is.
    pub content: Content,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A heading of a level from 1.
    Heading(u8, Vec<Span>),
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// An entry of a list.
    Item {
        /// How deep, from 0.
        depth: u8,
        /// Whether it is counted.
        ordered: bool,
        /// Its text.
        spans: Vec<Span>,
    },
    /// A table: rows of cells.
    Table(Vec<Vec<Vec<Span>>>),
    /// A picture, with what it shows, where somebody said so.
    Picture(String),
}

/// Text in one style.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The text; a line that was broken by hand holds a line end.
    pub text: String,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is italic.
    pub italic: bool,
    /// Where it leads to.
    pub link: Option<String>,
}

/// Reads a document, or says what it cannot be read for; each sort of trouble once, with the first place it is at.
pub fn read(bytes: &[u8]) -> Result<Document, Vec<Fault>> {
    read_parts(bytes)
}

fn read_parts(bytes: &[u8]) -> Result<Document, Vec<Fault>> {
    let one = |fault: Fault| vec![fault];
    let mut package = Package::open(bytes, Sort::Document).map_err(one)?;
    let main = relations::main_part(&mut package, "word/document.xml").map_err(one)?;
    let relations = relations::of(&mut package, &main).map_err(one)?;
    let part = |sort: &str| relations.values().find(|relation| relation.sort == sort).map(|relation| relation.target.clone());
    let styles = styles::read(&mut package, part("styles").as_deref(), part("numbering").as_deref()).map_err(one)?;
    let no_document = || vec![Fault::of_file("is not a document of Word, whatever its name says. Save it as .docx")];
    let source = package.part(&main).map_err(one)?.ok_or_else(no_document)?;
    body::read(Xml::new(source), &styles, &relations)?.ok_or_else(no_document)
}
