//! Plain text: the canonical accessible version, and what a terminal or a watch shows.
//!
//! Headings of the paper stand at the left margin and carry its numbers; everything else is indented.
//! A partnership's text can therefore look like a heading of its own item and never like one of the
//! paper's, whatever it contains.

mod table;
mod wrap;

use csp_domain::document::{Block, Inline, Item, PublicDocument};

use crate::{
    figure,
    pieces::{Piece, pieces, plain},
};
pub(crate) use wrap::{hang, width, wrap};

/// As wide as a mail may be and still be quoted once or twice in 80 columns.
pub(crate) const WIDTH: usize = 76;

/// The plain text of the mail.
pub fn text(document: &PublicDocument) -> String {
    let mut out = Lines::default();
    let notice = document.notice.as_deref().map(notice);
    if let Some(notice) = &notice {
        out.paragraph(notice.clone());
    }
    out.underlined(&document.title, "", '=');
    out.paragraph(wrap(&document.subtitle, WIDTH));
    out.paragraph(header(document));
    if !document.summary.is_empty() {
        out.underlined("Summary", "", '-');
        out.paragraph(hang("  ", "  ", blocks(&document.summary, WIDTH - 2)));
    }
    let indent = document.items().iter().map(|item| width(&item.number) + 2).max().unwrap_or(0).max(5);
    for section in &document.sections {
        out.underlined(&section.heading, &format!("{}  ", section.number), '-');
        for item in &section.items {
            print_item(item, indent, &mut out);
        }
    }
    out.paragraph(vec!["End of report.".to_owned()]);
    if let Some(notice) = notice {
        out.paragraph(notice);
    }
    out.finish()
}

fn notice(text: &str) -> Vec<String> {
    let rule = "*".repeat(WIDTH);
    let mut lines = vec![rule.clone()];
    lines.extend(wrap(text, WIDTH));
    lines.push(rule);
    lines
}

fn header(document: &PublicDocument) -> Vec<String> {
    let labels = document.header.iter().map(|field| width(&field.label)).max().unwrap_or(0) + 3;
    let field = |label: &str, value: &str| {
        let label = format!("{label}:");
        let padding = " ".repeat(labels.saturating_sub(width(&label)));
        hang(&format!("{label}{padding}"), &" ".repeat(labels), wrap(value, WIDTH.saturating_sub(labels)))
    };
    document.header.iter().flat_map(|head| field(&head.label, &head.value)).collect()
}

fn print_item(item: &Item, indent: usize, out: &mut Lines) {
    let margin = " ".repeat(indent);
    let number = format!("{:indent$}", item.number);
    let room = WIDTH - indent.min(WIDTH / 2);
    let body = blocks(&item.blocks, room);
    match &item.heading {
        Some(heading) => {
            out.paragraph(hang(&number, &margin, wrap(heading, room)));
            out.paragraph(hang(&margin, &margin, body));
        }
        None if body.is_empty() => out.paragraph(vec![item.number.clone()]),
        None => out.paragraph(hang(&number, &margin, body)),
    }
    for inner in &item.items {
        print_item(inner, indent, out);
    }
}

/// Blocks as lines of at most `room` columns, an empty line between blocks.
fn blocks(all: &[Block], room: usize) -> Vec<String> {
    let mut out = Lines::default();
    for block in all {
        out.paragraph(match block {
            Block::Paragraph { text } => running(text, room),
            // A colon says that something follows; an underline would look like a heading of the paper.
            Block::Subheading { text } => wrap(&format!("{}:", plain(&pieces(text)).trim().trim_end_matches(':')), room),
            Block::List { ordered, entries } => list(*ordered, entries, room),
            Block::Quote { blocks: inner } => hang("> ", "> ", blocks(inner, room.saturating_sub(2))),
            Block::Callout { blocks: inner } => hang("| ", "| ", blocks(inner, room.saturating_sub(2))),
            Block::Table(source) => table::lines(source, room),
            Block::Chart(chart) => hang("| ", "| ", wrap(&format!("Chart. {}", figure::words(chart)), room.saturating_sub(2))),
        });
    }
    out.0
}

fn list(ordered: bool, entries: &[Vec<Block>], room: usize) -> Vec<String> {
    // Entries of one paragraph each stand close together; longer ones need air.
    let close = entries.iter().all(|entry| matches!(&**entry, [Block::Paragraph { .. }]));
    let marks = if ordered { width(&entries.len().to_string()) + 2 } else { 2 };
    let mut out = Lines::default();
    for (at, entry) in entries.iter().enumerate() {
        let mark = if ordered { format!("{}.", at + 1) } else { "-".to_owned() };
        let lines = hang(&format!("{mark:marks$}"), &" ".repeat(marks), blocks(entry, room.saturating_sub(marks)));
        if close { out.0.extend(lines) } else { out.paragraph(lines) }
    }
    out.0
}

fn running(inlines: &[Inline], room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    write_pieces(&pieces(inlines), &mut lines);
    lines.iter().flat_map(|line| wrap(line, room)).collect()
}

/// Emphasis is left to the words; a link is followed by its whole address, which is all a reader of
/// plain text can use.
fn write_pieces(pieces: &[Piece], lines: &mut Vec<String>) {
    for piece in pieces {
        match piece {
            Piece::Text { text, .. } => {
                if let Some(line) = lines.last_mut() {
                    line.push_str(text);
                }
            }
            Piece::Break => lines.push(String::new()),
            Piece::Link { target, pieces: words, .. } => {
                write_pieces(words, lines);
                if let Some(line) = lines.last_mut()
                    && plain(words).trim() != target
                {
                    line.push_str(&format!(" <{target}>"));
                }
            }
        }
    }
}

/// Lines in the making, with one empty line between paragraphs.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn paragraph(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push(String::new());
        }
        self.0.extend(lines);
    }

    /// A heading with its number, underlined, and more air above it.
    fn underlined(&mut self, heading: &str, number: &str, rule: char) {
        if !self.0.is_empty() {
            self.0.push(String::new());
        }
        let mut lines = hang(number, &" ".repeat(width(number)), wrap(heading, WIDTH - width(number)));
        let longest = lines.iter().map(|line| width(line)).max().unwrap_or(0);
        lines.push(rule.to_string().repeat(longest));
        self.paragraph(lines);
    }

    fn finish(self) -> String {
        let mut out = String::new();
        for line in self.0 {
            // What must not be parted was not; from here on it is a space like any other.
            out.push_str(&line.trim_end().replace('\u{a0}', " "));
            out.push('\n');
        }
        out
    }
}
