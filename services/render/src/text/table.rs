//! Tables in columns; where they do not fit, as lists.

use csp_domain::document::{Cell, Row, Table};

use super::wrap::{hang, width, words, wrap};

const GAP: usize = 2;

/// The table in at most `room` columns: caption, head, rows, notes.
pub(super) fn lines(table: &Table, room: usize) -> Vec<String> {
    let mut out = wrap(&table.caption, room);
    out.push(String::new());
    match Columns::fit(table, room) {
        Some(columns) => out.extend(columns.lines(table)),
        None => out.extend(listed(table, room)),
    }
    if !table.notes.is_empty() {
        out.push(String::new());
    }
    for note in &table.notes {
        let mark = format!("[{}] ", note.mark);
        out.extend(hang(&mark, &" ".repeat(width(&mark)), wrap(&note.text, room.saturating_sub(width(&mark)))));
    }
    out
}

/// The marks of a cell's notes: ` [1] [2]`.
fn marks(cell: &Cell) -> String {
    cell.notes.iter().map(|mark| format!(" [{mark}]")).collect()
}

struct Columns {
    /// Room for words.
    texts: Vec<usize>,
    /// Room for the marks after them, kept free in every row so that figures stay in line.
    marks: Vec<usize>,
}

impl Columns {
    /// Widths that fit, found by taking from the widest column until they do; none when even the
    /// longest words are too long.
    fn fit(table: &Table, room: usize) -> Option<Self> {
        let count = table.columns.len();
        let cells = |at: usize| table.rows.iter().filter_map(move |row| row.cells.get(at));
        let texts = |at: usize| cells(at).map(|cell| &*cell.text).chain(std::iter::once(&*table.columns[at].heading));
        let longest_word = |text: &str| words(text).map(width).max().unwrap_or(0);
        let least: Vec<usize> = (0..count).map(|at| texts(at).map(longest_word).max().unwrap_or(0)).collect();
        let mut widths: Vec<usize> = (0..count).map(|at| texts(at).map(width).max().unwrap_or(0)).collect();
        // Words wrap with their marks; only figures, which do not wrap, keep marks in a column apart.
        let marks: Vec<usize> = (0..count)
            .map(|at| if table.columns[at].numeric { cells(at).map(|cell| width(&marks(cell))).max().unwrap_or(0) } else { 0 })
            .collect();
        let rest = GAP * count.saturating_sub(1) + marks.iter().sum::<usize>();
        while widths.iter().sum::<usize>() + rest > room {
            let widest = (0..count).filter(|at| widths[*at] > least[*at]).max_by_key(|at| (widths[*at], *at))?;
            widths[widest] -= 1;
        }
        Some(Self { texts: widths, marks })
    }

    fn lines(&self, table: &Table) -> Vec<String> {
        let heads: Vec<Cell> = table.columns.iter().map(|column| Cell::of(column.heading.as_str())).collect();
        let rule =
            || self.texts.iter().zip(&self.marks).map(|(text, marks)| "-".repeat(text + marks)).collect::<Vec<_>>().join(&" ".repeat(GAP));
        let mut out = self.row(&heads, table);
        out.push(rule());
        for Row { total, cells } in &table.rows {
            if *total {
                out.push(rule());
            }
            out.extend(self.row(cells, table));
        }
        out
    }

    fn row(&self, cells: &[Cell], table: &Table) -> Vec<String> {
        let wrapped: Vec<Vec<String>> = cells
            .iter()
            .zip(&table.columns)
            .zip(&self.texts)
            .map(
                |((cell, column), room)| {
                    if column.numeric { wrap(&cell.text, *room) } else { wrap(&format!("{}{}", cell.text, marks(cell)), *room) }
                },
            )
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        (0..height)
            .map(|line| {
                let parts = wrapped.iter().enumerate().map(|(at, lines)| {
                    let text = lines.get(line).map_or("", String::as_str);
                    if !table.columns[at].numeric {
                        return format!("{text:<0$}", self.texts[at]);
                    }
                    let marks = if line + 1 == lines.len() { marks(&cells[at]) } else { String::new() };
                    format!("{text:>0$}{marks:<1$}", self.texts[at], self.marks[at])
                });
                parts.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
            })
            .collect()
    }
}

fn listed(table: &Table, room: usize) -> Vec<String> {
    let mut out = Vec::new();
    for (at, row) in table.rows.iter().enumerate() {
        if at > 0 {
            out.push(String::new());
        }
        for (n, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            let value = format!("{}{}", cell.text, marks(cell));
            if n == 0 {
                out.extend(wrap(&value, room));
            } else {
                out.extend(hang("  ", "    ", wrap(&format!("{}: {value}", column.heading), room.saturating_sub(4))));
            }
        }
    }
    out
}
