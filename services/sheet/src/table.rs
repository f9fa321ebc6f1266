//! A table of cells, whatever file it came from.

/// One sheet, or one file of comma-separated values. Rows and cells with nothing in them are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The sheet's name; nothing for a CSV file.
    pub name: String,
    /// Rows with something in them, from the top.
    pub rows: Vec<Row>,
    /// Cells that were joined into one: (first row, first column, last row, last column), counted from 1 and from 0.
    pub merged: Vec<Range>,
    /// Columns that are hidden: first and last, counted from 0.
    pub hidden_columns: Vec<(u32, u32)>,
}

/// Joined cells: first row, first column, last row, last column.
type Range = (u64, u32, u64, u32);

/// The joined cells of one column.
#[derive(Debug, Clone, Default)]
pub struct Joined(
    /// Where each begins, in their order, and which of those that begin no later goes furthest down.
    Vec<(u64, Range)>,
);

impl Joined {
    /// The joined cells that a cell belongs to, as a spreadsheet writes them: `B5:D5`.
    pub fn with(&self, row: u64) -> Option<String> {
        let begun = self.0.partition_point(|(top, _)| *top <= row);
        let (_, (top, left, bottom, right)) = self.0.get(begun.checked_sub(1)?)?;
        (*bottom >= row).then(|| format!("{}{top}:{}{bottom}", column_letters(*left), column_letters(*right)))
    }
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line a CSV row begins on, or the number at its left in a spreadsheet.
    pub number: u64,
    /// Whether the spreadsheet shows it.
    pub hidden: bool,
    /// Cells with something in them, from the left.
    pub cells: Vec<Cell>,
}

/// A cell with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The column, counted from 0.
    pub column: u32,
    /// What stands in it.
    pub value: Value,
    /// Whether a formula worked it out.
    pub computed: bool,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number.
    Number {
        /// In plain digits, all of them: `96466.5`.
        digits: String,
        /// As the sheet shows it where it shows a sign with it: `£96,466.50`, `61%`. The digits otherwise.
        shown: String,
    },
    /// A day, `2022-01-31`, or a time of day, `2022-01-31 14:30`.
    Date(String),
    /// Yes or no.
    Boolean(bool),
    /// An error of the spreadsheet: `#REF!`.
    Error(String),
    /// A formula that nobody has worked out: the file does not hold its value.
    Unknown,
}

impl Value {
    /// As text, in the words of the sheet.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Date(text) | Self::Error(text) => text,
            Self::Number { shown, .. } => shown,
            Self::Boolean(true) => "TRUE",
            Self::Boolean(false) => "FALSE",
            Self::Unknown => "",
        }
    }
}

impl Row {
    /// What stands in a column.
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

impl Table {
    /// Where a cell is: its line, or `Figures!B7`.
    pub fn place(&self, row: u64, column: Option<u32>) -> String {
        match (self.name.as_str(), column) {
            ("", _) => row.to_string(),
            (name, Some(column)) => format!("{name}!{}{row}", column_letters(column)),
            (name, None) => format!("{name}!row {row}"),
        }
    }

    /// The joined cells of a column, to be asked about row by row.
    pub fn joined_in(&self, column: u32) -> Joined {
        let touches = |&&(top, left, bottom, right): &&Range| (left..=right).contains(&column) && (top, left) != (bottom, right);
        let mut ranges: Vec<Range> = self.merged.iter().filter(touches).copied().collect();
        ranges.sort_unstable();
        let furthest = ranges.iter().scan((0, 0, 0, 0), |furthest: &mut Range, range| {
            if range.2 > furthest.2 {
                *furthest = *range;
            }
            Some((range.0, *furthest))
        });
        Joined(furthest.collect())
    }

    /// Whether the sheet shows a column.
    pub fn hides_column(&self, column: u32) -> bool {
        self.hidden_columns.iter().any(|&(first, last)| (first..=last).contains(&column))
    }
}

/// `A` of 0, `AA` of 26.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = u64::from(column) + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn a_place_is_found_again_in_the_file() {
        let sheet = Table { name: "Figures".into(), merged: vec![(5, 1, 5, 3)], ..Table::default() };
        assert_eq!(sheet.place(7, Some(1)), "Figures!B7");
        assert_eq!(Table::default().place(7, Some(1)), "7");
        assert_eq!(sheet.joined_in(2).with(5).as_deref(), Some("B5:D5"));
        assert_eq!(sheet.joined_in(2).with(6), None);
    }

    #[test]
    fn joined_cells_are_found_whichever_way_they_lie() {
        let merged = vec![(9, 0, 9, 1), (2, 1, 8, 1), (3, 0, 4, 2), (5, 1, 5, 1), (12, 1, 13, 1)];
        let sheet = Table { name: "F".into(), merged: merged.clone(), ..Table::default() };
        for column in 0..4 {
            let joined = sheet.joined_in(column);
            for row in 1..16 {
                let holds = |&(top, left, bottom, right): &Range| {
                    (top..=bottom).contains(&row) && (left..=right).contains(&column) && (top, left) != (bottom, right)
                };
                assert_eq!(joined.with(row).is_some(), merged.iter().any(holds), "{row} {column}");
            }
        }
    }
}
