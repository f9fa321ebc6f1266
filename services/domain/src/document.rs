//! The digest document: one tree, of which every rendition is a function.
//!
//! Nothing in it is markup. Text is text, links carry their target, tables are cells; raw HTML has no
//! place to be. A stored document names its `format`, and every format ever released opens for ever.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use uuid::Uuid;

use crate::id::{HistoryImportId, NewsItemId, ReturnId};

pub mod chart;

pub use chart::Chart;

/// A committee's paper, as far as the public may read it. What is exempt will live in a type and a
/// table of its own, so that no code can print it by mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicDocument {
    /// The format of this tree; [`PublicDocument::FORMAT`] when written by this version. The first had no charts and is
    /// otherwise the same.
    pub format: u32,
    /// `Community Safety Partnerships update`.
    pub title: String,
    /// `Citizen Focus Committee, 26 January 2022`.
    pub subtitle: String,
    /// Shown above everything: a demonstration or a rehearsal says so here.
    pub notice: Option<String>,
    /// The header block: who reports, to whom, about when.
    pub header: Vec<HeaderField>,
    /// What changed, in a few lines, before anything else.
    pub summary: Vec<Block>,
    /// Numbered sections.
    pub sections: Vec<Section>,
}

/// One line of the header block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderField {
    /// `Meeting`.
    pub label: String,
    /// `Wednesday 26 January 2022 at 10:00`.
    pub value: String,
}

/// A numbered section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `4`.
    pub number: String,
    /// `Local community safety partnership news`.
    pub heading: String,
    /// What it holds.
    pub items: Vec<Item>,
}

/// A numbered item. Its number is the same in every rendition and never reused within a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `4.1`, `4.1.2`.
    pub number: String,
    /// `Gateshead`, where the item has a heading.
    pub heading: Option<String>,
    /// Where it came from; empty for what the system or the template says.
    pub origins: Vec<Origin>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Items within it.
    pub items: Vec<Item>,
}

/// The submission that something came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// A news item, in one revision.
    News {
        /// The item.
        id: NewsItemId,
        /// Its revision.
        revision: i64,
    },
    /// A return, in one revision.
    Return {
        /// The return.
        id: ReturnId,
        /// Its revision.
        revision: i64,
    },
    /// A figure of an imported file.
    History {
        /// The import.
        id: HistoryImportId,
    },
}

impl Origin {
    /// Its place among others about the same: the last one counts. What a partnership answered itself comes after what was imported,
    /// whenever that was.
    pub fn rank(&self) -> (bool, Uuid, i64) {
        match *self {
            Self::History { id } => (false, id.0, 0),
            Self::News { id, revision } => (true, id.0, revision),
            Self::Return { id, revision } => (true, id.0, revision),
        }
    }
}

/// A block of text or a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// Running text.
    Paragraph {
        /// What it says.
        text: Vec<Inline>,
    },
    /// A heading inside a narrative, below all numbered headings.
    Subheading {
        /// What it says.
        text: Vec<Inline>,
    },
    /// A list.
    List {
        /// Numbered from 1, or bulleted.
        ordered: bool,
        /// Its entries.
        entries: Vec<Vec<Block>>,
    },
    /// Somebody's words.
    Quote {
        /// What they said.
        blocks: Vec<Block>,
    },
    /// A remark set apart from the text around it.
    Callout {
        /// What it says.
        blocks: Vec<Block>,
    },
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
}

impl Block {
    /// A paragraph of plain text.
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self::Paragraph { text: vec![Inline::text(text)] }
    }
}

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "inline", rename_all = "snake_case")]
pub enum Inline {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// Important text.
    Strong {
        /// What is important.
        content: Vec<Inline>,
    },
    /// Stressed text.
    Emphasis {
        /// What is stressed.
        content: Vec<Inline>,
    },
    /// A link. Renditions show its host, so that nobody is led astray.
    Link {
        /// `https://…`, `http://…` or `mailto:…`.
        target: String,
        /// What it reads.
        content: Vec<Inline>,
    },
    /// A line break within a paragraph.
    Break,
}

impl Inline {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}

/// The plain text of inlines, for where no emphasis can be shown.
pub fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text { text } => out.push_str(text),
            Inline::Strong { content } | Inline::Emphasis { content } | Inline::Link { content, .. } => out.push_str(&plain(content)),
            Inline::Break => out.push('\n'),
        }
    }
    out
}

/// A table: a caption, a head, and rows whose first cell names the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// The head.
    pub columns: Vec<Column>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Row>,
    /// Notes below, in the order of their marks.
    pub notes: Vec<TableNote>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What it reads.
    pub heading: String,
    /// Figures stand to the right, words to the left.
    pub numeric: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// A total over other rows.
    pub total: bool,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What it reads.
    pub text: String,
    /// Says that there is no figure, and is shown more quietly than one.
    pub absent: bool,
    /// The marks of the notes it refers to.
    pub notes: Vec<u32>,
}

impl Cell {
    /// A cell with text or a figure.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), absent: false, notes: Vec::new() }
    }

    /// A cell that says why there is no figure.
    pub fn absent(text: impl Into<String>) -> Self {
        Self { text: text.into(), absent: true, notes: Vec::new() }
    }

    /// The same cell, referring to a note.
    #[must_use]
    pub fn noted(mut self, mark: u32) -> Self {
        if !self.notes.contains(&mark) {
            self.notes.push(mark);
        }
        self
    }
}

/// A note below a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableNote {
    /// 1, 2, 3 …
    pub mark: u32,
    /// What it says.
    pub text: String,
}

impl PublicDocument {
    /// The format this version writes.
    pub const FORMAT: u32 = 2;

    /// The bytes that are stored and hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a document has only text keys")
    }

    /// Opens stored bytes of any released format.
    ///
    /// # Errors
    /// When the bytes are not a document, or are of a format newer than this version knows.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        let Versioned { format } = serde_json::from_slice(bytes)?;
        match format {
            1 | Self::FORMAT => Ok(serde_json::from_slice(bytes)?),
            newer => Err(Unreadable::Format(newer)),
        }
    }

    /// Every item, in reading order.
    pub fn items(&self) -> Vec<&Item> {
        fn walk<'d>(items: &'d [Item], out: &mut Vec<&'d Item>) {
            for item in items {
                out.push(item);
                walk(&item.items, out);
            }
        }
        let mut out = Vec::new();
        for section in &self.sections {
            walk(&section.items, &mut out);
        }
        out
    }
}

/// A stored document that does not open.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not a document.
    #[error("the stored document is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// From a newer version.
    #[error("the stored document has format {0}, which a newer version of this service wrote")]
    Format(u32),
}

/// A SHA-256, as approval names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        // The reader of numbers would take `+5` for one.
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for Hash {
    type Error = crate::text::Refused;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| crate::text::Refused::new("must be 64 hexadecimal digits"))
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_digits_and_no_sign() {
        assert!(Hash::parse(&"05".repeat(32)).is_some());
        assert_eq!(Hash::parse(&"+5".repeat(32)), None);
        assert_eq!(Hash::parse(&"05".repeat(31)), None);
    }
}
