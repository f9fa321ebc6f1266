//! A table with a head line, from a CSV file or a workbook: cells by the names of their columns, with their positions. What a
//! cell means is the server's to judge; where it stands is known here.

use std::collections::BTreeSet;

use csp_sheet::{Cell, Fault, Joined, Row, Table, Value, csv, text, xlsx};

use crate::error::{Error, Violation};

/// A file's cells, before anybody looked for a head line.
#[derive(Debug)]
pub(crate) enum Grid {
    /// A file of comma-separated values.
    Csv(Table),
    /// The sheets of a workbook that are shown.
    Workbook(Vec<Table>),
}

/// A file taken apart, and what its owner should know of it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) grid: Grid,
    pub(crate) remarks: Vec<String>,
}

/// Takes a file apart: a workbook of Excel by what it is, anything else as CSV.
pub(crate) fn load(file: &str, bytes: Vec<u8>) -> Result<Loaded, Error> {
    let unusable = |faults: Vec<Fault>| unusable(file, faults.into_iter().map(|fault| violation(file, fault)).collect());
    let ending = file.rsplit('.').next().unwrap_or_default().to_lowercase();
    let zipped = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0");
    if zipped || matches!(ending.as_str(), "xlsx" | "xlsm" | "xls" | "xlsb" | "ods") {
        let workbook = xlsx::read(&bytes).map_err(unusable)?;
        let hidden = workbook.hidden.iter().map(|name| format!("{file}: the sheet “{name}” is hidden and was not read."));
        return Ok(Loaded { remarks: hidden.collect(), grid: Grid::Workbook(workbook.sheets) });
    }
    let decoded = text::decode(bytes).map_err(|fault| unusable(vec![fault]))?;
    let mut remarks = Vec::new();
    if decoded.windows_1252 {
        remarks.push(format!("{file} is not in UTF-8; it was read as Windows-1252."));
    }
    let csv = csv::read(&decoded.text).map_err(unusable)?;
    Ok(Loaded { remarks, grid: Grid::Csv(csv.table) })
}

/// A table with a head line.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// As the user named it.
    pub(crate) file: String,
    columns: Vec<(String, u32)>,
    /// Of each column, its joined cells.
    joined: Vec<Joined>,
    table: Table,
    /// What stands below the head line, but for the rows that nobody can take apart.
    pub(crate) rows: Vec<Row>,
    /// What is wrong with those rows. It is told together with what the others say wrong.
    faults: Vec<Violation>,
}

impl Sheet {
    /// Splits the text of a CSV file. Every column must be one of `allowed`, all of `required` must be there. A line with more cells than
    /// the head line is a fault ([`Self::take_faults`]).
    pub(crate) fn parse(file: &str, text: &str, allowed: &[&str], required: &[&str]) -> Result<Self, Error> {
        let csv = csv::read(text).map_err(|faults| unusable(file, faults.into_iter().map(|fault| violation(file, fault)).collect()))?;
        Self::of(file, Grid::Csv(csv.table), allowed, required)
    }

    /// Finds the head line: the first line of a CSV file, or the row of a workbook that holds the names of columns.
    pub(crate) fn of(file: &str, grid: Grid, allowed: &[&str], required: &[&str]) -> Result<Self, Error> {
        let (mut table, head) = match grid {
            Grid::Csv(table) => (table, 0),
            Grid::Workbook(sheets) => find_head(file, sheets, allowed, required)?,
        };
        if table.rows.len() <= head {
            let fault = format!("is empty: it needs the head line {}", allowed.join(","));
            return Err(unusable(file, vec![Violation { place: format!("{file}:1"), fault }]));
        }
        let rows = table.rows.split_off(head + 1);
        let head = table.rows.pop().unwrap_or_default();
        let mut sheet =
            Self { file: file.to_owned(), columns: Vec::new(), joined: Vec::new(), table, rows: Vec::new(), faults: Vec::new() };
        let violations = sheet.take_head(&head, allowed, required);
        // With the head line wrong, what the cells say is anybody's guess.
        if !violations.is_empty() {
            return Err(unusable(file, violations));
        }
        sheet.joined = sheet.columns.iter().map(|(_, column)| sheet.table.joined_in(*column)).collect();
        for row in rows {
            let faults = sheet.faults_of_row(&row);
            if faults.is_empty() {
                sheet.rows.push(row);
            }
            sheet.faults.extend(faults);
        }
        Ok(sheet)
    }

    /// What is wrong with rows that nobody can take apart. Whoever reads the sheet begins with these.
    pub(crate) fn take_faults(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.faults)
    }

    /// Refuses the file where anything is wrong with it.
    pub(crate) fn check(&self, violations: Vec<Violation>) -> Result<(), Error> {
        if violations.is_empty() { Ok(()) } else { Err(unusable(&self.file, violations)) }
    }

    fn is_workbook(&self) -> bool {
        !self.table.name.is_empty()
    }

    fn take_head(&mut self, head: &Row, allowed: &[&str], required: &[&str]) -> Vec<Violation> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for cell in &head.cells {
            let written = cell.value.text();
            let name = column_name(written);
            let place = if self.is_workbook() { Some(cell.column) } else { None };
            let mut fault =
                |fault| faults.push(Violation { place: format!("{}:{}", self.file, self.table.place(head.number, place)), fault });
            if !allowed.contains(&name.as_str()) {
                fault(format!("the column “{}” is not known. Known are: {}", written.to_lowercase(), allowed.join(", ")));
            } else if !seen.insert(name.clone()) {
                fault(format!("the column “{}” is there twice", written.to_lowercase()));
            }
            self.columns.push((name, cell.column));
        }
        for column in required {
            if !self.columns.iter().any(|(name, _)| name == column) {
                let place = format!("{}:{}", self.file, self.table.place(head.number, None));
                faults.push(Violation { place, fault: format!("the column “{column}” is missing") });
            }
        }
        faults
    }

    /// What is wrong with a row before anybody asks what it means.
    fn faults_of_row(&self, row: &Row) -> Vec<Violation> {
        let at = |column: Option<u32>, fault: String| Violation {
            place: format!("{}:{}", self.file, self.table.place(row.number, column)),
            fault,
        };
        let mut faults = Vec::new();
        let nameless: Vec<&Cell> = row.cells.iter().filter(|cell| !self.columns.iter().any(|(_, column)| *column == cell.column)).collect();
        if !self.is_workbook() {
            if !nameless.is_empty() {
                let has = row.cells.last().map_or(0, |cell| cell.column + 1);
                let head = self.columns.iter().map(|(_, column)| column + 1).max().unwrap_or(0);
                let fault = format!("has {has} cells, where the head line has {head}. A cell with a comma in it needs quotation marks");
                faults.push(at(None, fault));
            }
            return faults;
        }
        for cell in nameless {
            faults.push(at(
                Some(cell.column),
                "stands in a column without a name in the head row. Delete it, or move it under a name".to_owned(),
            ));
        }
        if row.hidden {
            faults.push(at(None, "is hidden. Show it (a filter may hide it), or delete it".to_owned()));
        }
        for ((name, column), joined) in self.columns.iter().zip(&self.joined) {
            if let Some(range) = joined.with(row.number) {
                faults.push(at(Some(*column), format!("is joined with others ({range}). Split the cells, so that each row has its own")));
            }
            if self.table.hides_column(*column) && row.cell(*column).is_some() {
                faults.push(at(Some(*column), format!("is in the hidden column {name}. Show it, or delete it")));
            }
        }
        faults
    }

    /// What stands in `column` of `row`, as it is shown; nothing where the file has no such column.
    pub(crate) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.found(row, column).map_or("", |cell| cell.value.text())
    }

    /// The cell itself.
    pub(crate) fn found<'a>(&self, row: &'a Row, column: &str) -> Option<&'a Cell> {
        let (_, column) = self.columns.iter().find(|(name, _)| name == column)?;
        row.cell(*column)
    }

    /// `figures.csv:5: value` or `figures.xlsx:Figures!G7`, for the `index`th row.
    pub(crate) fn place(&self, index: usize, column: &str) -> String {
        let row = self.rows.get(index).map_or(0, |row| row.number);
        if self.is_workbook() {
            let column = self.columns.iter().find(|(name, _)| name == column).map(|(_, column)| *column);
            return format!("{}:{}", self.file, self.table.place(row, column));
        }
        if column.is_empty() { format!("{}:{row}", self.file) } else { format!("{}:{row}: {column}", self.file) }
    }

    /// `line 5`, or `row 5` of a workbook.
    pub(crate) fn line(&self, index: usize) -> Option<String> {
        let word = if self.is_workbook() { "row" } else { "line" };
        Some(format!("{word} {}", self.rows.get(index)?.number))
    }
}

/// `Expected date (late)` as `expected_date`.
fn column_name(written: &str) -> String {
    let name = written.split('(').next().unwrap_or_default();
    name.split_whitespace().collect::<Vec<_>>().join("_").replace('-', "_").to_lowercase()
}

/// How far down a workbook's head row is looked for.
const HEAD_WITHIN: usize = 40;

/// The one sheet with a row that holds the required names of columns and one more, and which row it is.
fn find_head(file: &str, sheets: Vec<Table>, allowed: &[&str], required: &[&str]) -> Result<(Table, usize), Error> {
    let head_of = |sheet: &Table| {
        sheet.rows.iter().take(HEAD_WITHIN).position(|row| {
            let names: Vec<String> = row.cells.iter().map(|cell| column_name(cell.value.text())).collect();
            let known = names.iter().filter(|name| allowed.contains(&name.as_str())).count();
            known > required.len().min(1) && required.iter().all(|column| names.iter().any(|name| name == column))
        })
    };
    let mut found: Vec<(Table, usize)> = sheets.into_iter().filter_map(|sheet| head_of(&sheet).map(|head| (sheet, head))).collect();
    if found.len() > 1 {
        let names = found.iter().map(|(sheet, _)| format!("“{}”", sheet.name)).collect::<Vec<_>>().join(" and ");
        let fault = format!("has figures on more than one sheet: {names}. Keep one of them, or hide the others");
        return Err(unusable(file, vec![Violation { place: file.to_owned(), fault }]));
    }
    found.pop().ok_or_else(|| {
        let fault =
            format!("has no row with the names of the columns. It needs {}; known are: {}", required.join(", "), allowed.join(", "));
        unusable(file, vec![Violation { place: file.to_owned(), fault }])
    })
}

/// Why a cell that is no text and no number cannot be read as either.
pub(crate) fn fault_of_value(value: &Value) -> Option<String> {
    match value {
        Value::Date(day) => Some(format!(
            "holds a day ({day}) where a number belongs. If two numbers were typed, the spreadsheet made a day of them: format the cell as a number and type it again"
        )),
        Value::Boolean(_) => Some("holds TRUE or FALSE where a number belongs. Write how many".to_owned()),
        Value::Error(error) => Some(format!("holds {error}, an error of the spreadsheet. Mend its formula, or type the number")),
        Value::Unknown => {
            Some("holds a formula whose value was not saved with the file. Open and save it in Excel, or type the number".to_owned())
        }
        Value::Text(_) | Value::Number { .. } => None,
    }
}

fn unusable(file: &str, violations: Vec<Violation>) -> Error {
    Error::refused(format!("{file} cannot be used. Nothing was sent."), violations)
}

/// A fault of a file under the file's name.
pub(crate) fn violation(file: &str, fault: Fault) -> Violation {
    let place = if fault.place.is_empty() { file.to_owned() } else { format!("{file}:{}", fault.place) };
    Violation { place, fault: fault.words }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["indicator", "value"];

    fn told(error: &Error) -> Vec<String> {
        error.violations.iter().map(|v| format!("{}: {}", v.place, v.fault)).collect()
    }

    fn faults(text: &str) -> Vec<String> {
        match Sheet::parse("f.csv", text, KNOWN, &["indicator"]) {
            Ok(mut sheet) => told(&Error::refused("", sheet.take_faults())),
            Err(error) => told(&error),
        }
    }

    #[test]
    fn lines_are_those_of_the_file_even_after_empty_ones_and_cells_of_two_lines() {
        let sheet = Sheet::parse("f.csv", "\r\nindicator,value\r\nburglary,1\n\n,\n\n\"anti\nsocial\",2\nhate,3\n", KNOWN, &[]).unwrap();
        let lines: Vec<u64> = sheet.rows.iter().map(|row| row.number).collect();
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
        assert!(faults("")[0].contains("head line indicator,value"));
    }

    #[test]
    fn a_line_with_too_many_cells_is_named() {
        let text = "indicator,value\nburglary,1\ntheft,2,3\nrobbery,4\n";
        assert!(faults(text)[0].starts_with("f.csv:3: has 3 cells, where the head line has 2"));
        // The others are read all the same, and keep their places.
        let sheet = Sheet::parse("f.csv", text, KNOWN, &["indicator"]).unwrap();
        assert_eq!((sheet.rows.len(), sheet.place(1, "value")), (2, "f.csv:4: value".to_owned()));
    }

    #[test]
    fn semicolons_and_tabs_divide_as_well() {
        for text in ["indicator;value\nburglary;1,234\n", "indicator\tvalue\nburglary\t1,234\n"] {
            let sheet = Sheet::parse("f.csv", text, KNOWN, &["indicator"]).unwrap();
            assert_eq!(sheet.cell(&sheet.rows[0], "value"), "1,234");
        }
    }

    fn table(name: &str, rows: &[(u64, &[&str])]) -> Table {
        let cell = |(column, text): (u32, &&str)| Cell { column, value: Value::Text((*text).to_owned()), computed: false };
        let rows = rows.iter().map(|(number, cells)| Row { number: *number, hidden: false, cells: (0..).zip(*cells).map(cell).collect() });
        Table { name: name.to_owned(), rows: rows.collect(), ..Table::default() }
    }

    #[test]
    fn a_workbooks_head_row_is_found_below_its_title_and_beside_other_sheets() {
        let figures =
            table("Figures", &[(1, &["Figures of Gateshead"]), (4, &["Indicator", "Value (this quarter)"]), (5, &["burglary", "12"])]);
        let help = table("Help", &[(1, &["Indicator", "what is asked"])]);
        let sheet = Sheet::of("f.xlsx", Grid::Workbook(vec![help, figures.clone()]), KNOWN, &["indicator"]).unwrap();
        assert_eq!(sheet.cell(&sheet.rows[0], "value"), "12");
        assert_eq!(sheet.place(0, "value"), "f.xlsx:Figures!B5");
        let twice =
            Sheet::of("f.xlsx", Grid::Workbook(vec![figures.clone(), Table { name: "Old".into(), ..figures }]), KNOWN, &["indicator"]);
        assert!(told(&twice.unwrap_err())[0].contains("“Figures” and “Old”"));
        let none = Sheet::of("f.xlsx", Grid::Workbook(vec![table("S", &[(1, &["a", "b"])])]), KNOWN, &["indicator"]);
        assert!(told(&none.unwrap_err())[0].contains("no row with the names of the columns"));
    }

    #[test]
    fn what_a_workbook_hides_or_joins_is_named() {
        let mut figures = table("F", &[(1, &["Indicator", "Value"]), (2, &["burglary", "1"]), (3, &["robbery", "2", "?"])]);
        figures.rows[1].hidden = true;
        figures.merged.push((3, 1, 4, 1));
        figures.hidden_columns.push((0, 0));
        // Joins beside the named columns are nobody's concern.
        figures.merged.push((2, 7, 3, 8));
        let mut sheet = Sheet::of("f.xlsx", Grid::Workbook(vec![figures]), KNOWN, &["indicator"]).unwrap();
        assert!(sheet.rows.is_empty());
        assert_eq!(
            told(&Error::refused("", sheet.take_faults())),
            [
                "f.xlsx:F!row 2: is hidden. Show it (a filter may hide it), or delete it",
                "f.xlsx:F!A2: is in the hidden column indicator. Show it, or delete it",
                "f.xlsx:F!C3: stands in a column without a name in the head row. Delete it, or move it under a name",
                "f.xlsx:F!A3: is in the hidden column indicator. Show it, or delete it",
                "f.xlsx:F!B3: is joined with others (B3:B4). Split the cells, so that each row has its own",
            ]
        );
    }
}
