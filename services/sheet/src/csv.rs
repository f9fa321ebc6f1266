//! CSV: rows and cells with their lines. Commas, semicolons or tabs; a cell in quotation marks may go over lines.

use crate::{Cell, Fault, Row, Table, Value, limits};

/// A file split into cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// Its cells.
    pub table: Table,
    /// What divides them.
    pub mark: char,
}

/// What may divide cells.
const MARKS: [char; 3] = [',', ';', '\t'];

/// Splits `text`. The mark that divides its first line into most cells divides them all.
pub fn read(text: &str) -> Result<Csv, Vec<Fault>> {
    let (first, body, line) = match text.split_once('\n').and_then(|(line, rest)| Some((named_mark(line)?, rest))) {
        // Excel's own way of naming the mark, in a line of its own.
        Some((mark, rest)) => (Some(mark), rest, 2),
        None => (None, text, 1),
    };
    let mark = match first {
        Some(mark) => mark,
        None => mark_of(body).map_err(|fault| vec![fault])?,
    };
    let rows = split(body, mark, line, limits::ROWS)?;
    Ok(Csv { table: Table { rows, ..Table::default() }, mark })
}

/// `sep=;`
fn named_mark(line: &str) -> Option<char> {
    let mark = line.trim_end_matches('\r').strip_prefix("sep=")?;
    MARKS.into_iter().find(|known| mark.chars().eq([*known]))
}

fn mark_of(text: &str) -> Result<char, Fault> {
    let cells = MARKS.map(|mark| {
        let first = split(text, mark, 1, 1).ok().and_then(|rows| rows.into_iter().next());
        (first.map_or(0, |row| row.cells.last().map_or(0, |cell| cell.column + 1)), mark)
    });
    let most = cells.iter().map(|(number, _)| *number).max().unwrap_or(0);
    let mut best = cells.iter().filter(|(number, _)| *number == most).map(|(_, mark)| *mark);
    match (best.next(), best.next()) {
        (Some(one), Some(other)) if most > 1 => {
            Err(Fault::at("1", format!("is divided by {} as well as by {}. Save the file with commas only", called(one), called(other))))
        }
        (Some(mark), _) => Ok(mark),
        (None, _) => Ok(','),
    }
}

fn called(mark: char) -> &'static str {
    match mark {
        ';' => "semicolons",
        '\t' => "tabs",
        _ => "commas",
    }
}

/// Splits, up to so many rows with something in them; more than a file may have is a fault, fewer is where it stops.
fn split(text: &str, mark: char, first_line: u64, most: usize) -> Result<Vec<Row>, Vec<Fault>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let mut cells = 0;
    let mut line = first_line;
    let mut letters = text.chars().peekable();
    let mut row = Row { number: line, ..Row::default() };
    let (mut column, mut cell) = (0_u32, String::new());
    let mut quoted_from: Option<u64> = None;
    // Whether the cell's quotation marks have been closed; nothing stands behind them.
    let mut closed = false;
    loop {
        let letter = letters.next();
        match letter {
            Some('"') if quoted_from.is_some() => {
                // Two marks are one that is meant.
                if letters.peek() == Some(&'"') {
                    letters.next();
                    cell.push('"');
                } else {
                    quoted_from = None;
                    closed = true;
                }
                continue;
            }
            Some(letter) if quoted_from.is_some() => {
                line += u64::from(letter == '\n');
                cell.push(letter);
                if cell.len() > limits::CELL {
                    faults.push(Fault::at(line.to_string(), "a cell goes on for more than 128 KiB. Is a quotation mark not closed?"));
                    return Err(faults);
                }
                continue;
            }
            Some('"') if !closed && cell.trim().is_empty() => {
                cell.clear();
                quoted_from = Some(line);
                continue;
            }
            Some('\r') if letters.peek() == Some(&'\n') => continue,
            Some(letter) if letter != mark && letter != '\n' && letter != '\r' => {
                if closed && !letter.is_whitespace() {
                    closed = false;
                    faults.push(Fault::at(
                        line.to_string(),
                        "something stands behind a closing quotation mark. Put all of the cell between the marks, or take them away",
                    ));
                    if faults.len() >= limits::FAULTS {
                        faults.truncate(limits::FAULTS);
                        return Err(faults);
                    }
                }
                cell.push(letter);
                continue;
            }
            _ => {}
        }
        if let Some(from) = quoted_from {
            faults.push(Fault::at(from.to_string(), "a quotation mark is opened here and never closed"));
        }
        let text = cell.trim();
        if !text.is_empty() {
            if text.len() > limits::CELL {
                faults.push(Fault::at(line.to_string(), "a cell holds more than 128 KiB"));
            }
            row.cells.push(Cell { column, value: Value::Text(text.to_owned()), computed: false });
            cells += 1;
            if cells > limits::CELLS {
                faults.push(Fault::at(row.number.to_string(), too_many()));
                return Err(faults);
            }
        }
        cell.clear();
        closed = false;
        column = column.saturating_add(1);
        if letter == Some(mark) {
            continue;
        }
        line += 1;
        let done = std::mem::replace(&mut row, Row { number: line, ..Row::default() });
        if !done.cells.is_empty() {
            if rows.len() == limits::ROWS {
                faults.push(Fault::at(done.number.to_string(), too_many()));
                return Err(faults);
            }
            rows.push(done);
        }
        column = 0;
        if letter.is_none() || (rows.len() >= most && most < limits::ROWS) {
            return if faults.is_empty() { Ok(rows) } else { Err(faults) };
        }
    }
}

/// How much is too much, in words.
pub(crate) fn too_many() -> String {
    "and what comes before is more than is ever read (20,000 rows, 200,000 cells). Keep the figures of one quarter in a file of their own"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<(u64, Vec<String>)> {
        let row = |row: Row| (row.number, row.cells.iter().map(|cell| cell.value.text().to_owned()).collect());
        read(text).unwrap().table.rows.into_iter().map(row).collect()
    }

    #[test]
    fn commas_semicolons_and_tabs_are_found_out() {
        for (text, mark) in
            [("a,b;c,d\n1", ','), ("a;b\n1,5;2", ';'), ("a\tb\n", '\t'), ("only\n", ','), ("", ','), ("sep=;\na,b;c\n", ';')]
        {
            assert_eq!(read(text).unwrap().mark, mark, "{text}");
        }
        assert_eq!(read("\"a;b\",c\n").unwrap().mark, ',');
        let faults = read("a,b;c\n").unwrap_err();
        assert!(faults[0].words.contains("commas as well as by semicolons"), "{faults:?}");
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "\r\nindicator,value\r\nburglary,1\r\n\r\n,\n\"anti\nsocial\",2\nhate, 3 \n";
        let expected =
            [(2, vec!["indicator", "value"]), (3, vec!["burglary", "1"]), (6, vec!["anti\nsocial", "2"]), (8, vec!["hate", "3"])];
        let expected: Vec<(u64, Vec<String>)> =
            expected.into_iter().map(|(line, cells)| (line, cells.into_iter().map(str::to_owned).collect())).collect();
        assert_eq!(cells(text), expected);
        assert_eq!(read("sep=,\na,b\n").unwrap().table.rows[0].number, 2);
    }

    #[test]
    fn quotation_marks_keep_what_is_in_them() {
        assert_eq!(cells("a,\"say \"\"no\"\", now\"\n")[0].1, ["a", "say \"no\", now"]);
        assert_eq!(cells("a,5\" pipe\n")[0].1, ["a", "5\" pipe"]);
        // Marks around a part of a cell: nobody knows whether it is 1234.
        for cell in ["\"12\"34", "\"12\" 34", "\"\"34", "\"12\" \"34\""] {
            let faults = read(&format!("a,b\nc,{cell}\n")).unwrap_err();
            assert!(
                faults.len() == 1 && faults[0].place == "2" && faults[0].words.contains("closing quotation mark"),
                "{cell}: {faults:?}"
            );
        }
        assert_eq!(read(&"\"1\"2\n".repeat(1_000)).unwrap_err().len(), limits::FAULTS);
        assert_eq!(cells("a,\"12\" \n\" 5\"\n")[0].1, ["a", "12"]);
        let faults = read("a,b\nc,\"open\nd,e\n").unwrap_err();
        assert_eq!(faults, [Fault::at("2", "a quotation mark is opened here and never closed")]);
    }

    #[test]
    fn a_million_rows_end_early_with_a_sentence() {
        let faults = read(&"burglary,1\n".repeat(1_000_000)).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].place == "20001" && faults[0].words.contains("20,000 rows"), "{faults:?}");
    }

    #[test]
    fn a_row_of_a_million_cells_ends_early_too() {
        let faults = read(&format!("a,b\n{}\"open", "1,".repeat(1_000_000))).unwrap_err();
        assert_eq!(faults.len(), 1, "it stops before it comes to the mark that is never closed");
        assert!(faults[0].place == "2" && faults[0].words.contains("200,000 cells"), "{faults:?}");
    }

    proptest! {
        #[test]
        fn what_is_written_with_care_reads_back(rows in prop::collection::vec(prop::collection::vec("[a-z \",;\t\n\r£]{0,6}", 2..5), 1..6)) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let mut text: String = "w,x,y,z\n".to_owned();
            for row in &rows {
                text.push_str(&row.iter().map(quote).collect::<Vec<_>>().join(","));
                text.push('\n');
            }
            let read = read(&text).unwrap().table;
            let kept: Vec<Vec<(u32, String)>> = rows
                .iter()
                .map(|row| (0..).zip(row.iter().map(|cell| cell.trim().to_owned())).filter(|(_, cell)| !cell.is_empty()).collect())
                .filter(|row: &Vec<_>| !row.is_empty())
                .collect();
            let found: Vec<Vec<(u32, String)>> = read.rows[1..]
                .iter()
                .map(|row| row.cells.iter().map(|cell| (cell.column, cell.value.text().to_owned())).collect())
                .collect();
            prop_assert_eq!(found, kept);
        }
    }
}
