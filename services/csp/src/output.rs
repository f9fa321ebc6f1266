//! How answers look: tables and lines for people, one JSON document for programs.

use chrono_tz::Tz;
use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, LineStyle, Row, Table, Width, presets};
use serde::Serialize;

use crate::{dates::Instant, terminal::printable};

/// For whom the answer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    // Said in the option's own help, which stays short this way.
    #[default]
    Table,
    Json,
    Ics,
}

/// An answer: serialised for programs, drawn for people.
pub(crate) trait Show: Serialize {
    /// Draws it.
    fn draw(&self, page: &mut Page);

    /// It as an iCalendar file, if it is a calendar.
    fn ics(&self) -> Option<&str> {
        None
    }
}

/// What is drawn on.
pub(crate) struct Page {
    text: String,
    /// Whether bold can be seen.
    styled: bool,
    /// Whether lines should fit a window.
    window: bool,
    /// The region's.
    pub(crate) zone: Tz,
    /// The server's time, where it is known.
    pub(crate) now: Option<Instant>,
}

impl Page {
    pub(crate) fn new(styled: bool, window: bool, zone: Tz, now: Option<Instant>) -> Self {
        Self { text: String::new(), styled, window, zone, now }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// A line in bold.
    pub(crate) fn title(&mut self, line: impl AsRef<str>) {
        let line = printable(line.as_ref());
        self.text.push_str(&if self.styled { format!("\x1b[1m{line}\x1b[0m\n") } else { format!("{line}\n") });
    }

    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(&printable(line.as_ref()));
        self.text.push('\n');
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// `label  value`, one a line, in two columns. What has no value is left out.
    pub(crate) fn facts<'f>(&mut self, facts: impl IntoIterator<Item = (&'f str, String)>) {
        let facts: Vec<_> = facts.into_iter().collect();
        let widest = facts.iter().filter(|(_, value)| !value.is_empty()).map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        for (label, value) in &facts {
            if !value.is_empty() {
                let value = printable(value).replace('\n', &format!("\n  {:widest$}  ", ""));
                self.text.push_str(&format!("  {label:widest$}  {value}\n"));
            }
        }
    }

    /// A table, or `nothing` in its place.
    pub(crate) fn table<const N: usize>(&mut self, head: [&str; N], rows: impl IntoIterator<Item = [String; N]>, nothing: &str) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
        table.set_header(Row::from(head.map(|cell| {
            let cell = Cell::new(cell);
            if self.styled { cell.add_attribute(Attribute::Bold) } else { cell }
        })));
        let mut widest_words = head.map(widest_word);
        for row in rows {
            for (widest, cell) in widest_words.iter_mut().zip(&row) {
                *widest = widest_word(cell).max(*widest);
            }
            table.add_row(row.map(|cell| printable(&cell)));
        }
        if table.is_empty() {
            self.line(nothing);
            return;
        }
        if self.window {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        } else {
            table.force_no_tty();
        }
        for (index, widest) in widest_words.into_iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_constraint(match index {
                    // What is typed again is not broken over lines; nor is any word elsewhere.
                    0 => ColumnConstraint::ContentWidth,
                    _ => ColumnConstraint::LowerBoundary(Width::Fixed(widest + PADDING)),
                });
            }
        }
        self.text.push_str(&table.trim_fmt());
        self.text.push('\n');
    }

    /// Two texts side by side, as wide as a terminal is at least: what is read word by word has no use for a wider one. Rows that
    /// differ are marked.
    pub(crate) fn beside(&mut self, head: [&str; 2], rows: impl IntoIterator<Item = (bool, String, String)>) {
        let head = head.map(|title| format!("{title:<COLUMN$}"));
        self.title(format!("   {}   {}", head[0], head[1].trim_end()));
        self.line("─".repeat(2 * COLUMN + 6));
        for (marked, left, right) in rows {
            let (left, right) = (wrapped(&printable(&left)), wrapped(&printable(&right)));
            for at in 0..left.len().max(right.len()) {
                let side = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
                let mark = if marked && at == 0 { '*' } else { ' ' };
                let line = format!(" {mark} {:<COLUMN$}   {}", side(&left), side(&right));
                self.text.push_str(line.trim_end());
                self.text.push('\n');
            }
            self.blank();
        }
    }

    /// An instant, in the region's time.
    pub(crate) fn when(&self, instant: Option<Instant>) -> String {
        instant.map(|instant| instant.in_zone(self.zone)).unwrap_or_default()
    }

    /// An instant, and how far away it is.
    pub(crate) fn when_and_how_far(&self, instant: Option<Instant>) -> String {
        match (instant, self.now) {
            (Some(instant), Some(now)) => format!("{} ({})", instant.in_zone(self.zone), instant.seen_from(now, self.zone)),
            _ => self.when(instant),
        }
    }
}

/// How wide each of two texts is that stand side by side.
const COLUMN: usize = 37;

/// A text in lines of a column. A word that is longer than a line is broken.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(COLUMN) {
            let taken = line.chars().count();
            if taken > 0 && taken + 1 + piece.len() > COLUMN {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// What a table puts around a cell.
const PADDING: u16 = 2;

/// How wide a cell must be to break no word; one that is very long may be broken.
fn widest_word(cell: &str) -> u16 {
    let widest = cell.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    u16::try_from(widest).unwrap_or(u16::MAX).min(24)
}

/// `1 figure`, `2 figures`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
