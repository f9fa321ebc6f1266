//! CSV: cells with their positions. What a cell means is the server's to judge; where it stands is known here.

use std::collections::BTreeSet;

use crate::error::{Error, Violation};

/// A CSV file with a head line.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// As the user named it.
    pub(crate) file: String,
    columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A line that is not empty.
#[derive(Debug)]
pub(crate) struct Row {
    /// The line of the file it begins on; the head line is usually 1.
    pub(crate) line: u64,
    cells: Vec<String>,
}

impl Sheet {
    /// Splits `text`. Every column must be one of `allowed`, all of `required` must be there, and no line may have more
    /// cells than the head line.
    pub(crate) fn parse(file: &str, text: &str, allowed: &[&str], required: &[&str]) -> Result<Self, Error> {
        let unusable = |violations| Error::refused(format!("{file} cannot be used. Nothing was sent."), violations);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut records = reader.records();
        let mut lines = Lines::of(text);
        let mut violations = Vec::new();
        let columns = match records.next() {
            None => return Err(unusable(vec![at(file, 1, &format!("is empty: it needs the head line {}", allowed.join(",")))])),
            Some(Err(fault)) => return Err(unusable(vec![at(file, 1, &fault.to_string())])),
            Some(Ok(head)) => {
                let line = lines.at(head.position());
                let columns: Vec<String> = head.iter().map(|cell| cell.trim().to_lowercase()).collect();
                violations.extend(faults_of_head(&columns, allowed, required).into_iter().map(|fault| at(file, line, &fault)));
                columns
            }
        };
        // With the head line wrong, what the cells say is anybody's guess.
        if !violations.is_empty() {
            return Err(unusable(violations));
        }
        let mut rows = Vec::new();
        for record in records {
            match record {
                Err(fault) => violations.push(at(file, lines.at(fault.position()), &fault.to_string())),
                Ok(record) => {
                    let line = lines.at(record.position());
                    let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
                    if cells.iter().all(String::is_empty) {
                        continue;
                    }
                    if cells.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
                        let fault = format!("has {} cells, where the head line has {}", cells.len(), columns.len());
                        violations.push(at(file, line, &format!("{fault}. A cell with a comma in it needs quotation marks")));
                    }
                    rows.push(Row { line, cells });
                }
            }
        }
        if violations.is_empty() { Ok(Self { file: file.to_owned(), columns, rows }) } else { Err(unusable(violations)) }
    }

    /// What stands in `column` of `row`; nothing where the file has no such column.
    pub(crate) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        let index = self.columns.iter().position(|name| name == column);
        index.and_then(|index| row.cells.get(index)).map_or("", String::as_str)
    }

    /// `figures.csv:5: value`, for the `index`th row.
    pub(crate) fn place(&self, index: usize, column: &str) -> String {
        let line = self.rows.get(index).map_or(0, |row| row.line);
        if column.is_empty() { format!("{}:{line}", self.file) } else { format!("{}:{line}: {column}", self.file) }
    }
}

/// Counts lines while records come one after the other.
struct Lines<'t> {
    text: &'t [u8],
    counted: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), counted: 0, line: 1 }
    }

    /// The line a record begins on. `csv` gives the place before the empty lines it passed over.
    fn at(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
        while let Some(byte) = self.text.get(self.counted).filter(|byte| self.counted < start || matches!(byte, b'\n' | b'\r')) {
            self.line += u64::from(*byte == b'\n');
            self.counted += 1;
        }
        self.line
    }
}

fn at(file: &str, line: u64, fault: &str) -> Violation {
    Violation { place: format!("{file}:{line}"), fault: fault.to_owned() }
}

fn faults_of_head(columns: &[String], allowed: &[&str], required: &[&str]) -> Vec<String> {
    if let [only] = columns
        && let Some(mark) = [';', '\t'].into_iter().find(|mark| only.contains(*mark))
    {
        let mark = if mark == ';' { "semicolons" } else { "tabs" };
        return vec![format!("the cells are divided by {mark}. Save the file with commas")];
    }
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for column in columns {
        if !allowed.contains(&column.as_str()) {
            faults.push(format!("the column “{column}” is not known. Known are: {}", allowed.join(", ")));
        } else if !seen.insert(column) {
            faults.push(format!("the column “{column}” is there twice"));
        }
    }
    for column in required {
        if !columns.iter().any(|c| c == column) {
            faults.push(format!("the column “{column}” is missing"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["indicator", "value"];

    fn faults(text: &str) -> Vec<String> {
        Sheet::parse("f.csv", text, KNOWN, &["indicator"])
            .unwrap_err()
            .violations
            .iter()
            .map(|v| format!("{}: {}", v.place, v.fault))
            .collect()
    }

    #[test]
    fn lines_are_those_of_the_file_even_after_empty_ones_and_cells_of_two_lines() {
        let sheet = Sheet::parse("f.csv", "\r\nindicator,value\r\nburglary,1\n\n,\n\n\"anti\nsocial\",2\nhate,3\n", KNOWN, &[]).unwrap();
        let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 7, 9]);
        assert_eq!(sheet.place(2, "value"), "f.csv:9: value");
    }

    #[test]
    fn the_head_line_is_judged_column_by_column() {
        assert_eq!(
            faults("value,vlaue,value\n"),
            [
                "f.csv:1: the column “vlaue” is not known. Known are: indicator, value",
                "f.csv:1: the column “value” is there twice",
                "f.csv:1: the column “indicator” is missing",
            ]
        );
        assert!(faults("indicator;value\n")[0].contains("semicolons"));
        assert!(faults("")[0].contains("head line indicator,value"));
    }

    #[test]
    fn a_line_with_too_many_cells_is_named() {
        assert!(faults("indicator,value\nburglary,1\ntheft,2,3\n")[0].starts_with("f.csv:3: has 3 cells, where the head line has 2"));
    }
}
