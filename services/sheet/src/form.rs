//! The workbook to be filled in: what is asked at the left, what is known beside it, empty cells with their limits, and a
//! second sheet that explains them.

use chrono::{Datelike as _, NaiveDate};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, ProtectionOptions, Workbook,
    Worksheet, XlsxError,
};

use crate::column_letters;

/// A workbook to be filled in.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// At the head of the sheet, and the document's title.
    pub title: String,
    /// A line below it.
    pub guidance: String,
    /// The day the document says it was made on. Not the day on which it is written: the same form is the same bytes.
    pub made_on: NaiveDate,
    /// The sheet's name.
    pub sheet: String,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    /// What is given: a text for each column, empty where it is to be filled in.
    pub rows: Vec<Vec<String>>,
    /// The second sheet's name.
    pub explanation_sheet: String,
    /// Its lines: a word, and what it means.
    pub explanation: Vec<(String, String)>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// At its head.
    pub head: String,
    /// In letters.
    pub width: u8,
    /// What goes into it.
    pub fill: Fill,
}

/// What goes into a column.
#[derive(Debug, Clone)]
pub enum Fill {
    /// It is given, and locked.
    Given,
    /// A number that is not below zero, or one of some words.
    Number {
        /// Words that are answers as well.
        words: Vec<String>,
    },
    /// One of these.
    Choice(Vec<String>),
    /// A day.
    Day,
    /// A text of at most so many letters.
    Words(u32),
}

/// How wide the column of meanings is, in letters.
const MEANING: u8 = 100;

/// The row that the heads are in, counted from 0.
const HEAD: u32 = 3;

impl Form {
    /// The bytes of the workbook. The error is a sentence.
    pub fn write(&self) -> Result<Vec<u8>, String> {
        self.build().map_err(|fault| fault.to_string())
    }

    fn build(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let day = self.made_on;
        let made_on = ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or(1970), narrow(day.month()), narrow(day.day()))?;
        workbook.set_properties(&DocProperties::new().set_title(&self.title).set_creation_datetime(&made_on));
        self.fill_sheet(workbook.add_worksheet())?;
        self.explain(workbook.add_worksheet())?;
        workbook.save_to_buffer()
    }

    fn fill_sheet(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(&self.sheet)?;
        sheet.write_string_with_format(0, 0, &self.title, &Format::new().set_bold().set_font_size(14))?;
        sheet.write_string(1, 0, &self.guidance)?;
        let head = Format::new().set_bold().set_background_color(Color::RGB(0x1F_3864)).set_font_color(Color::White);
        let head = head.set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Thin);
        let last = HEAD + u32::try_from(self.rows.len()).unwrap_or(0);
        for (index, column) in (0_u16..).zip(&self.columns) {
            // What is given fits its column: a row that must be taller is not made taller by every program.
            let longest = self.rows.iter().filter_map(|row| row.get(usize::from(index))).map(|text| text.chars().count()).max();
            let fitting = f64::from(u32::try_from(longest.unwrap_or(0).min(60) + 2).unwrap_or(0));
            sheet.set_column_width(index, f64::from(column.width).max(fitting))?;
            sheet.write_string_with_format(HEAD, index, &column.head, &head)?;
            if let Some(limit) = column.limit(index)? {
                sheet.add_data_validation(HEAD + 1, index, last.max(HEAD + 1), index, &limit)?;
            }
        }
        sheet.set_row_height(HEAD, 32)?;
        let given = Format::new().set_background_color(Color::RGB(0xF2_F2F2)).set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let open = Format::new().set_unlocked().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        for (row, cells) in (HEAD + 1..).zip(&self.rows) {
            for ((index, column), text) in (0_u16..).zip(&self.columns).zip(cells) {
                // A number that is given is a number; so is one in a cell of numbers.
                let is_number = matches!(column.fill, Fill::Given | Fill::Number { .. })
                    && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
                    && text.parse::<f64>().is_ok();
                let format = match column.fill {
                    Fill::Given if is_number => given.clone().set_num_format(if text.contains('.') { "#,##0.00" } else { "#,##0" }),
                    Fill::Given => given.clone(),
                    // As the program itself shows what is typed: with its £, its % and all its decimals.
                    Fill::Number { .. } => open.clone().set_align(FormatAlign::Right),
                    Fill::Day => open.clone().set_num_format("yyyy-mm-dd"),
                    Fill::Choice(_) => open.clone(),
                    Fill::Words(_) => open.clone().set_text_wrap(),
                };
                if text.is_empty() {
                    sheet.write_blank(row, index, &format)?;
                } else if is_number {
                    sheet.write_number_with_format(row, index, text.parse::<f64>().unwrap_or_default(), &format)?;
                } else {
                    sheet.write_string_with_format(row, index, text, &format)?;
                }
            }
        }
        sheet.set_freeze_panes(HEAD + 1, 2)?;
        if let Some(first) = (0_u16..).zip(&self.columns).find(|(_, column)| !matches!(column.fill, Fill::Given)) {
            sheet.set_selection(HEAD + 1, first.0, HEAD + 1, first.0)?;
        }
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(HEAD, HEAD)?;
        // Without a password: it keeps hands from slipping, and nobody from anything.
        let allowed = ProtectionOptions { format_cells: true, format_columns: true, format_rows: true, ..ProtectionOptions::default() };
        sheet.protect_with_options(&allowed);
        Ok(())
    }

    fn explain(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(&self.explanation_sheet)?;
        sheet.set_column_width(0, 22)?;
        sheet.set_column_width(1, f64::from(MEANING))?;
        let word = Format::new().set_bold().set_align(FormatAlign::Top).set_text_wrap();
        let meaning = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        for (row, (term, text)) in (0_u32..).zip(&self.explanation) {
            sheet.write_string_with_format(row, 0, term, &word)?;
            sheet.write_string_with_format(row, 1, text, &meaning)?;
            let lines = text.chars().count() / usize::from(MEANING - 12) + 1;
            sheet.set_row_height(row, f64::from(u32::try_from(lines).unwrap_or(1)) * 16.0)?;
        }
        sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

fn narrow(part_of_day: u32) -> u8 {
    u8::try_from(part_of_day).unwrap_or(1)
}

impl Column {
    fn limit(&self, index: u16) -> Result<Option<DataValidation>, XlsxError> {
        let first = format!("{}{}", column_letters(u32::from(index)), HEAD + 2);
        let said = |limit: DataValidation, title: &str, message: &str| {
            limit.set_input_title(title)?.set_input_message(message)?.set_error_title(title)?.set_error_message(message).map(Some)
        };
        match &self.fill {
            Fill::Given => Ok(None),
            Fill::Number { words } => {
                let words: Vec<String> = words.iter().map(|word| format!("LOWER({first})=\"{word}\"")).collect();
                let rule = format!("=IF(ISNUMBER({first}),{first}>=0,OR({}))", words.join(","));
                let message = "A number in digits, 0 or more, or nil, or n/a. If it is not ready or not given, leave this empty and choose under Status.";
                said(DataValidation::new().allow_custom(Formula::new(rule)), &self.head, message)
            }
            Fill::Choice(choices) => {
                let limit = DataValidation::new().allow_list_strings(choices)?;
                said(limit, &self.head, "Choose from the list, or leave it empty.")
            }
            Fill::Day => {
                let rule = format!("=ISNUMBER({first})");
                said(
                    DataValidation::new().allow_custom(Formula::new(rule)),
                    &self.head,
                    "A day, such as 31/01/2022. Only with the status late.",
                )
            }
            Fill::Words(most) => {
                let limit = DataValidation::new().allow_text_length(rust_xlsxwriter::DataValidationRule::LessThanOrEqualTo(*most));
                said(limit, &self.head, &format!("At most {most} letters."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Value, xlsx};

    #[test]
    fn what_was_written_reads_back() {
        let column = |head: &str, fill| Column { head: head.into(), width: 20, fill };
        let form = Form {
            title: "Figures of Gateshead".into(),
            guidance: "Fill in what is white.".into(),
            made_on: NaiveDate::default(),
            sheet: "Figures".into(),
            columns: vec![
                column("Indicator", Fill::Given),
                column("Value", Fill::Number { words: vec!["nil".into(), "n/a".into()] }),
                column("Status", Fill::Choice(vec!["late".into(), "nil".into()])),
                column("Expected date", Fill::Day),
                column("Note", Fill::Words(300)),
            ],
            rows: vec![
                vec!["burglary & theft".into(), String::new(), String::new(), String::new(), String::new()],
                vec!["robbery".into(), "12.5".into(), "nil".into(), String::new(), "<note>".into()],
            ],
            explanation_sheet: "How to fill this in".into(),
            explanation: vec![("late".into(), "not ready".into())],
        };
        let workbook = xlsx::read(&form.write().unwrap()).unwrap();
        assert!(workbook.hidden.is_empty());
        let names: Vec<&str> = workbook.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, ["Figures", "How to fill this in"]);
        let figures = &workbook.sheets[0];
        let head: Vec<&str> = figures.rows[2].cells.iter().map(|cell| cell.value.text()).collect();
        assert_eq!((figures.rows[2].number, head), (4, vec!["Indicator", "Value", "Status", "Expected date", "Note"]));
        let cells: Vec<&Value> = figures.rows[4].cells.iter().map(|cell| &cell.value).collect();
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(
            cells,
            [&text("robbery"), &Value::Number { digits: "12.5".into(), shown: "12.5".into() }, &text("nil"), &text("<note>")]
        );
        // An empty cell with a format is an empty cell.
        assert_eq!(figures.rows[3].cells.len(), 1);
    }
}
