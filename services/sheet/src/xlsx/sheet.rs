//! The cells of one sheet.

use std::io::BufRead;

use super::styles::{self, Styles};
use crate::{
    Cell, Fault, Row, Table, Value, csv, limits,
    package::damaged,
    xml::{Element, Piece, Xml},
};

/// What the sheets of a workbook share.
pub(super) struct Book<'b> {
    pub(super) strings: &'b [String],
    pub(super) styles: &'b Styles,
    pub(super) from_1904: bool,
    /// Formulas are not worked out, whatever values stand beside them.
    pub(super) not_worked_out: bool,
}

/// How much all sheets together have taken.
#[derive(Debug, Default)]
pub(super) struct Room {
    rows: usize,
    cells: usize,
    joined: usize,
    bytes: usize,
}

pub(super) fn read(source: impl BufRead, name: String, book: &Book<'_>, room: &mut Room) -> Result<Table, Fault> {
    let mut xml = Xml::new(source);
    let mut table = Table { name, ..Table::default() };
    let mut last_row = 0;
    while let Some(piece) = xml.next()? {
        let Piece::Open(element) = piece else { continue };
        match element.name.as_str() {
            "col" if element.has_on("hidden") => {
                let number = |name| element.attribute(name).and_then(|text| text.parse::<u32>().ok()).filter(|number| *number > 0);
                if let (Some(first), Some(last)) = (number("min"), number("max"))
                    && table.hidden_columns.len() < limits::PARTS
                {
                    table.hidden_columns.push((first - 1, last - 1));
                }
            }
            "row" => {
                let row = read_row(&mut xml, &element, last_row, &table.name, book, room)?;
                last_row = row.number;
                if !row.cells.is_empty() {
                    room.rows += 1;
                    if room.rows > limits::ROWS || room.cells > limits::CELLS {
                        return Err(Fault::at(table.place(row.number, None), csv::too_many()));
                    }
                    table.rows.push(row);
                }
            }
            "mergeCell" => {
                room.joined += 1;
                if room.joined > limits::ROWS {
                    return Err(Fault::at(table.name, "has more than 20,000 joined cells"));
                }
                if let Some(range) = element.attribute("ref").and_then(range) {
                    table.merged.push(range);
                }
            }
            _ => {}
        }
    }
    Ok(table)
}

/// Reads a row to its end.
fn read_row<R: BufRead>(
    xml: &mut Xml<R>,
    element: &Element,
    last: u64,
    sheet: &str,
    book: &Book<'_>,
    room: &mut Room,
) -> Result<Row, Fault> {
    let number = match element.attribute("r") {
        Some(text) => text.parse::<u64>().ok().filter(|number| (last + 1..=1_048_576).contains(number)).ok_or_else(damaged)?,
        None => last + 1,
    };
    let mut row = Row { number, hidden: element.has_on("hidden") || element.attribute("ht") == Some("0"), cells: Vec::new() };
    let depth = xml.depth();
    let mut next = 0;
    while xml.depth() >= depth {
        match xml.next()?.ok_or_else(damaged)? {
            Piece::Open(element) if element.name == "c" => {
                let column = match element.attribute("r") {
                    Some(place) => split(place).filter(|(column, at)| *at == number && *column >= next).ok_or_else(damaged)?.0,
                    None => next,
                };
                next = column + 1;
                if let Some((value, computed)) = read_cell(xml, &element, book)? {
                    room.cells += 1;
                    room.bytes += value.text().len();
                    // Texts that are kept once in the file are kept in every cell here.
                    if room.cells > limits::CELLS || room.bytes as u64 > limits::UNPACKED {
                        return Err(Fault::at(format!("{sheet}!row {number}"), csv::too_many()));
                    }
                    row.cells.push(Cell { column, value, computed });
                }
            }
            Piece::Open(_) => xml.skip()?,
            Piece::Close(_) | Piece::Text(_) => {}
        }
    }
    Ok(row)
}

/// Reads a cell to its end: what stands in it, and whether a formula worked it out. Nothing for an empty one.
fn read_cell<R: BufRead>(xml: &mut Xml<R>, element: &Element, book: &Book<'_>) -> Result<Option<(Value, bool)>, Fault> {
    let depth = xml.depth();
    let (mut formula, mut written) = (false, None::<String>);
    let mut reading = false;
    while xml.depth() >= depth {
        match xml.next()?.ok_or_else(damaged)? {
            Piece::Open(inner) => match inner.name.as_str() {
                "f" => {
                    formula = true;
                    xml.skip()?;
                }
                // `v` is a value; `t` is text inside `is`, and inside the runs of it.
                "v" | "t" => {
                    reading = true;
                    written.get_or_insert_default();
                }
                "is" | "r" => {}
                _ => xml.skip()?,
            },
            Piece::Close(name) if name == "v" || name == "t" => reading = false,
            Piece::Text(text) if reading => {
                let written = written.get_or_insert_default();
                written.push_str(&text);
                if written.len() > limits::CELL {
                    return Err(damaged());
                }
            }
            Piece::Close(_) | Piece::Text(_) => {}
        }
    }
    let Some(written) = written else {
        return Ok(formula.then_some((Value::Unknown, true)));
    };
    // What was worked out as an empty text is one; an empty number was never worked out.
    if formula && (book.not_worked_out || (written.trim().is_empty() && element.attribute("t") != Some("str"))) {
        return Ok(Some((Value::Unknown, true)));
    }
    if written.trim().is_empty() {
        // A formula whose answer is an empty text shows an empty cell.
        return Ok(None);
    }
    let value = match element.attribute("t") {
        Some("s") => {
            let text = written.trim().parse::<usize>().ok().and_then(|index| book.strings.get(index)).ok_or_else(damaged)?;
            Value::Text(text.trim().to_owned())
        }
        Some("str" | "inlineStr") => Value::Text(written.trim().to_owned()),
        Some("b") => Value::Boolean(written.trim() == "1"),
        Some("e") => Value::Error(written.trim().to_owned()),
        Some("d") => Value::Date(written.trim().trim_end_matches("T00:00:00").to_owned()),
        _ => styles::value(&written, book.styles.of(element.attribute("s")), book.from_1904)
            .unwrap_or_else(|| Value::Text(written.trim().to_owned())),
    };
    Ok(Some((value, formula)).filter(|(value, _)| !matches!(value, Value::Text(text) if text.is_empty())))
}

/// `B7` as its column, from 0, and its row, from 1.
fn split(place: &str) -> Option<(u32, u64)> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase).count();
    let (letters, row) = place.split_at(letters);
    if letters.is_empty() || letters.len() > 3 || row.starts_with(['0', '+']) {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1) - 1;
    Some((column, row.parse().ok()?)).filter(|(column, row)| *column < 16_384 && *row <= 1_048_576)
}

/// `A1:B2`.
fn range(text: &str) -> Option<(u64, u32, u64, u32)> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let ((left, top), (right, bottom)) = (split(first)?, split(last)?);
    Some((top, left, bottom, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_split() {
        assert_eq!(split("B7"), Some((1, 7)));
        assert_eq!(split("XFD1048576"), Some((16_383, 1_048_576)));
        for wrong in ["", "7", "B", "B0", "b7", "ABCD1", "XFE1", "A1048577", "A+1"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
        assert_eq!(range("B5:D6"), Some((5, 1, 6, 3)));
    }
}
