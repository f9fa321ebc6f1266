//! A return's files: which cell is which field, and back again, so that a fault is shown at its place. Which number people mean
//! by what they write is settled here, and asked about where it cannot be known (`csp_sheet::notation`); what a number may be
//! is the server's to say. Nothing that is written in a cell is silently dropped, and an empty cell is no answer.

use std::collections::BTreeSet;

use csp_proto::v1::{self, figure::Answer};
use csp_sheet::{
    Cell, Row, Value,
    notation::{self, Reading},
    template::{BESIDE, COLUMNS, OPTIONAL},
};

use crate::{
    error::{Error, Violation},
    sheet::{Grid, Sheet, fault_of_value},
};

/// The head line of a file of quoted figures.
pub(crate) const QUOTED_COLUMNS: [&str; 4] = ["subject", "value", "source", "period"];

const STATUSES: &str = "reported, nil, late, withheld, not_applicable";

/// Figures as they are sent, with the files they came from.
#[derive(Debug, Default)]
pub(crate) struct FromFiles {
    pub(crate) figures: v1::Figures,
    /// What their owner should know: a value that a formula worked out.
    pub(crate) remarks: Vec<String>,
    sheet: Option<Sheet>,
    /// Of each figure, the row it came from.
    rows: Vec<usize>,
    /// Of each figure, what its line says in answer to queries about it; mostly nothing.
    explanations: Vec<String>,
    /// Figures with a £ before them, by their rows.
    pounds: BTreeSet<usize>,
    quoted: Option<Sheet>,
    /// Of each quoted figure, the row it came from.
    quoted_rows: Vec<usize>,
}

impl FromFiles {
    /// Whether some line leaves its period to the cycle.
    pub(crate) fn lacks_a_period(&self) -> bool {
        let v1::Figures { figures, quoted_figures } = &self.figures;
        figures.iter().any(|figure| figure.period.is_empty()) || quoted_figures.iter().any(|figure| figure.period.is_empty())
    }

    /// Gives the cycle's own period to the lines that name none.
    pub(crate) fn fill_period(&mut self, period: &str) {
        let v1::Figures { figures, quoted_figures } = &mut self.figures;
        let periods = figures.iter_mut().map(|f| &mut f.period).chain(quoted_figures.iter_mut().map(|f| &mut f.period));
        for empty in periods.filter(|own| own.is_empty()) {
            period.clone_into(empty);
        }
    }

    /// Amounts of money where something else is counted, as far as the catalogue is known.
    pub(crate) fn faults_of_money(&self, catalogue: &[v1::Indicator]) -> Vec<(usize, Violation)> {
        let Some(sheet) = &self.sheet else { return Vec::new() };
        let mut faults = Vec::new();
        for (index, (figure, row)) in self.figures.figures.iter().zip(&self.rows).enumerate() {
            let known = catalogue.iter().find(|indicator| indicator.name == figure.indicator);
            if let Some(indicator) = known
                && self.pounds.contains(row)
                && [v1::Unit::Count as i32, v1::Unit::Days as i32].contains(&indicator.unit)
            {
                let unit = if indicator.unit == v1::Unit::Days as i32 { "in days" } else { "by counting" };
                let fault = format!("is an amount of money (£), and “{}” is measured {unit}. Which is right?", indicator.display_name);
                faults.push((index, Violation { place: sheet.place(*row, "value"), fault }));
            }
        }
        faults
    }

    /// Whether any figure was written with a £.
    pub(crate) fn has_money(&self) -> bool {
        !self.pounds.is_empty()
    }

    /// Which figure a field of the contract belongs to.
    pub(crate) fn figure_of(field: &str) -> Option<usize> {
        if field.contains("quoted_figures[") { None } else { indexed(field, "figures[").map(|(index, _)| index) }
    }

    /// Leaves figures out.
    pub(crate) fn leave_out(&mut self, gone: &BTreeSet<usize>) {
        let mut index = 0;
        let mut stays = || {
            index += 1;
            !gone.contains(&(index - 1))
        };
        let kept: Vec<bool> = self.rows.iter().map(|_| stays()).collect();
        let mut keep = kept.iter();
        self.rows.retain(|_| *keep.next().unwrap_or(&true));
        let mut keep = kept.iter();
        self.explanations.retain(|_| *keep.next().unwrap_or(&true));
        let mut keep = kept.iter();
        self.figures.figures.retain(|_| *keep.next().unwrap_or(&true));
    }

    /// What the file says in answer to a query: on the line that the query is about, or on any other of the same indicator.
    pub(crate) fn explanation_of(&self, finding: &v1::Finding) -> Option<&str> {
        let told = |index: usize| self.explanations.get(index).map(String::as_str).filter(|text| !text.is_empty());
        let same = |index: &usize| !finding.indicator.is_empty() && self.figures.figures[*index].indicator == finding.indicator;
        Self::figure_of(&finding.field).and_then(told).or_else(|| (0..self.figures.figures.len()).filter(same).find_map(told))
    }

    /// A refusal in the words of the user's files.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let mut error = error.places(|field| self.place(field));
        for violation in &mut error.violations {
            violation.fault = self.in_lines(&violation.fault);
        }
        error
    }

    /// `figures[1] does already` as `line 3 does already`.
    fn in_lines(&self, fault: &str) -> String {
        let of_quoted = |index: usize| self.quoted.as_ref()?.line(*self.quoted_rows.get(index)?);
        let of_figures = |index: usize| self.sheet.as_ref()?.line(*self.rows.get(index)?);
        for (list, quoted) in [("quoted_figures[", true), ("figures[", false)] {
            let line = |index| if quoted { of_quoted(index) } else { of_figures(index) };
            if let Some((before, after)) = fault.split_once(list)
                && let Some((index, rest)) = after.split_once(']')
                && let Some(line) = index.parse().ok().and_then(line)
            {
                return format!("{before}{line}{rest}");
            }
        }
        fault.to_owned()
    }

    /// Where in the user's files a finding points to; nothing where that is not known.
    pub(crate) fn place_of(&self, finding: &v1::Finding) -> String {
        let place = self.place(&finding.field);
        if place == finding.field || place.starts_with("figures[") { String::new() } else { place }
    }

    /// A place in the contract, `answer.figures.figures[3].value`, as a place in the user's file: `figures.csv:5: value`.
    fn place(&self, field: &str) -> String {
        let found = indexed(field, "quoted_figures[").map(|(index, rest)| (&self.quoted, self.quoted_rows.get(index).copied(), rest));
        let of_figures = || indexed(field, "figures[").map(|(index, rest)| (&self.sheet, self.rows.get(index).copied(), rest));
        match found.or_else(of_figures) {
            Some((Some(sheet), Some(row), rest)) => sheet.place(row, column(rest)),
            _ => match field.rsplit('.').next().unwrap_or(field) {
                "statement" | "nil" => "--nil".to_owned(),
                "remark" => "--remark".to_owned(),
                "cycle" => "--cycle".to_owned(),
                "parent" => "--partnership".to_owned(),
                _ => field.to_owned(),
            },
        }
    }
}

/// The index after the last `list[`, and what follows it.
fn indexed<'a>(field: &'a str, list: &str) -> Option<(usize, &'a str)> {
    let (_, after) = field.rsplit_once(list)?;
    let (index, rest) = after.split_once(']')?;
    Some((index.parse().ok()?, rest.trim_start_matches('.')))
}

/// The column a field came from: `late.expected_date` from `expected_date`.
fn column(field: &str) -> &str {
    match field.rsplit('.').next().unwrap_or(field) {
        "answer" => "value",
        "nil" | "late" | "withheld" | "not_applicable" => "status",
        column => column,
    }
}

/// A file's name and its cells.
pub(crate) type Named<'a> = (&'a str, Grid);

/// Reads the file of figures and that of quoted figures, where they are given. Every fault of both is named, or none.
#[cfg(any(test, feature = "outside"))]
pub(crate) fn read(figures: Option<Named<'_>>, quoted: Option<Named<'_>>, region: &str) -> Result<FromFiles, Error> {
    let (read, violations) = read_what_is_good(figures, quoted, region)?;
    if violations.is_empty() {
        Ok(read)
    } else {
        Err(Error::refused("The figures cannot be sent as they are. Nothing was sent.", violations))
    }
}

/// Reads the file of figures and that of quoted figures, where they are given: what is good of the figures, and all that is
/// wrong with the rest.
pub(crate) fn read_what_is_good(
    figures: Option<Named<'_>>,
    quoted: Option<Named<'_>>,
    region: &str,
) -> Result<(FromFiles, Vec<Violation>), Error> {
    let mut read = FromFiles::default();
    let mut violations = Vec::new();
    if let Some((file, grid)) = figures {
        let allowed = [&COLUMNS[..], &BESIDE[..]].concat();
        let mut sheet = Sheet::of(file, grid, &allowed, &["indicator"])?;
        violations.extend(sheet.take_faults());
        let mut answered = 0;
        for (index, row) in sheet.rows.iter().enumerate() {
            if may_stay_empty(&sheet, row) {
                continue;
            }
            answered += 1;
            let Line { figure, faults, pounds } = line(&sheet, row, region);
            if sheet.found(row, "value").is_some_and(|cell| cell.computed) {
                read.remarks.push(format!(
                    "{}: worked out by a formula; what it showed when the file was saved is used",
                    sheet.place(index, "value")
                ));
            }
            if faults.is_empty() {
                read.figures.figures.push(figure);
                read.rows.push(index);
                read.explanations.push(sheet.cell(row, "explanation").split_whitespace().collect::<Vec<_>>().join(" "));
                if pounds {
                    read.pounds.insert(index);
                }
            }
            violations.extend(faults.into_iter().map(|(column, fault)| Violation { place: sheet.place(index, column), fault }));
        }
        if answered == 0 && violations.is_empty() {
            violations.push(Violation { place: file.to_owned(), fault: "holds no figures below its head line".to_owned() });
        }
        read.sheet = Some(sheet);
    }
    if let Some((file, grid)) = quoted {
        let mut sheet = Sheet::of(file, grid, &QUOTED_COLUMNS, &["subject", "value", "source"])?;
        let faults = sheet.take_faults();
        let nothing = sheet.rows.is_empty() && faults.is_empty();
        violations.extend(faults);
        for (index, row) in sheet.rows.iter().enumerate() {
            // As it is shown: its sign is part of it.
            if let Some(fault) = sheet.found(row, "value").and_then(|cell| fault_of_value(&cell.value)) {
                violations.push(Violation { place: sheet.place(index, "value"), fault });
                continue;
            }
            let others = faults_of_words(&sheet, row, &["subject", "source", "period"]);
            if !others.is_empty() {
                violations.extend(others.into_iter().map(|(column, fault)| Violation { place: sheet.place(index, column), fault }));
                continue;
            }
            read.quoted_rows.push(index);
            let cell = |column| sheet.cell(row, column).to_owned();
            let (subject, value, source, period) = (cell("subject"), cell("value"), cell("source"), cell("period"));
            read.figures.quoted_figures.push(v1::QuotedFigure { subject, value, source, period });
        }
        if nothing {
            violations.push(Violation { place: file.to_owned(), fault: "holds no quoted figures below its head line".to_owned() });
        }
        read.quoted = Some(sheet);
    }
    Ok((read, violations))
}

/// Columns of words in which the spreadsheet shows an error, or a formula that nobody worked out.
fn faults_of_words(sheet: &Sheet, row: &Row, columns: &[&'static str]) -> Vec<Fault> {
    let fault = |column: &&'static str| match &sheet.found(row, column)?.value {
        Value::Error(error) => Some((*column, format!("holds {error}, an error of the spreadsheet. Mend its formula, or type the words"))),
        Value::Unknown => Some((
            *column,
            "holds a formula whose value was not saved with the file. Open and save it in Excel, or type the words".to_owned(),
        )),
        _ => None,
    };
    columns.iter().filter_map(fault).collect()
}

/// What a cell of values says: a number of a spreadsheet by its digits, in which a point is nothing but a point; all else as
/// it is written.
fn reading(cell: Option<&Cell>) -> Reading {
    let Some(cell) = cell else { return Reading::Blank };
    if let Value::Number { digits, shown } = &cell.value {
        let pounds = shown.trim_start_matches('-').starts_with('£');
        if pounds || shown == digits {
            return Reading::Number(notation::Number { digits: digits.clone(), pounds, percent: false });
        }
    }
    notation::read(cell.value.text())
}

/// A line of the template that asks only for what is at hand, and got nothing.
fn may_stay_empty(sheet: &Sheet, row: &Row) -> bool {
    let answers = ["value", "status", "expected_date", "reason", "provisional", "note", "explanation"];
    sheet.cell(row, "needed").eq_ignore_ascii_case(OPTIONAL) && answers.iter().all(|column| sheet.found(row, column).is_none())
}

/// What is wrong in which column.
type Fault = (&'static str, String);

/// What a line says.
struct Line {
    figure: v1::Figure,
    faults: Vec<Fault>,
    /// Whether its value has a £.
    pounds: bool,
}

fn line(sheet: &Sheet, row: &Row, region: &str) -> Line {
    let cell = |column| sheet.cell(row, column);
    let words = ["indicator", "period", "status", "expected_date", "reason", "provisional", "note", "explanation"];
    let mut faults = faults_of_words(sheet, row, &words);
    let unread: Vec<&str> = faults.iter().map(|(column, _)| *column).collect();
    let indicator = cell("indicator");
    let name = match indicator {
        "" => {
            faults.push(("indicator", "is empty: which indicator is this?".to_owned()));
            String::new()
        }
        full if full.starts_with("regions/") => full.to_owned(),
        slug => format!("{region}/indicators/{slug}"),
    };
    let provisional = match cell("provisional").to_lowercase().as_str() {
        "" | "no" | "false" | "n" => false,
        "yes" | "true" | "y" => true,
        other => {
            faults.push(("provisional", format!("“{other}” is neither yes nor no")));
            false
        }
    };
    let expected = notation::day(cell("expected_date")).unwrap_or_else(|question| {
        faults.push(("expected_date", question));
        String::new()
    });
    let unreadable = sheet.found(row, "value").and_then(|cell| fault_of_value(&cell.value));
    let (answer, pounds) = if let Some(fault) = unreadable {
        faults.push(("value", fault));
        (None, false)
    } else {
        answer((cell("value"), reading(sheet.found(row, "value"))), cell("status"), &expected, cell("reason"), &mut faults)
    };
    // What cannot be read is not judged as well.
    let mut place = 0..;
    faults.retain(|(column, _)| place.next().is_some_and(|place| place < unread.len()) || !unread.contains(column));
    let figure = v1::Figure { indicator: name, period: cell("period").to_owned(), answer, provisional, note: cell("note").to_owned() };
    Line { figure, faults, pounds }
}

/// The answer, and whether it is an amount of money.
fn answer(
    (value, reading): (&str, Reading),
    status: &str,
    expected_date: &str,
    reason: &str,
    faults: &mut Vec<Fault>,
) -> (Option<Answer>, bool) {
    let status = status.to_lowercase().replace([' ', '-'], "_");
    // A word for a status, written where a number belongs, is that status.
    let (status, reading) = match (status.as_str(), reading) {
        ("" | "nil", Reading::Nil) => ("nil", Reading::Blank),
        ("" | "not_applicable", Reading::NotApplicable) => ("not_applicable", Reading::Blank),
        (status, reading) => (status, reading),
    };
    let blank = reading == Reading::Blank;
    let mut pounds = false;
    let answer = match (status, reading) {
        ("", Reading::Blank) => {
            let fault = "is empty, which is no answer. Write a number here, or nil, late, withheld or not_applicable under status";
            faults.push(("value", fault.to_owned()));
            None
        }
        ("reported", Reading::Blank) => {
            faults.push(("value", "is empty, but the status says reported".to_owned()));
            None
        }
        ("" | "reported", reading) => match number(reading, value) {
            Ok(number) => {
                pounds = number.pounds;
                Some(Answer::Value(number.digits))
            }
            Err(fault) => {
                faults.push(("value", fault));
                None
            }
        },
        ("nil", _) => Some(Answer::Nil(v1::Nil {})),
        ("late", _) => Some(Answer::Late(v1::Late { expected_date: expected_date.to_owned() })),
        ("withheld", _) => Some(Answer::Withheld(v1::Withheld { reason: reason.to_owned() })),
        ("not_applicable", _) => Some(Answer::NotApplicable(v1::NotApplicable {})),
        (other, _) => {
            faults.push(("status", format!("“{other}” is not known. Known are: {STATUSES}")));
            return (None, false);
        }
    };
    let reports = matches!(status, "" | "reported");
    if !reports && !blank {
        faults.push(("value", format!("“{value}” cannot stand beside the status {status}: one or the other")));
    }
    if status != "late" && !expected_date.is_empty() {
        faults.push(("expected_date", "stands only beside the status late".to_owned()));
    }
    if status != "withheld" && !reason.is_empty() {
        faults.push(("reason", "stands only beside the status withheld; anything else to say is a note".to_owned()));
    }
    (answer, pounds)
}

/// The one number that is asked for, or why it is none.
fn number(reading: Reading, value: &str) -> Result<notation::Number, String> {
    match reading {
        Reading::Number(number) if number.percent => Err(format!(
            "“{value}” is a percentage, which is worked out from two counts and never taken by itself. Report each count under its own indicator; a percentage without its counts is a quoted figure (--quoted)"
        )),
        Reading::Number(number) => Ok(number),
        Reading::PartOf(part, whole) => Err(format!(
            "“{value}” is two numbers where one is asked. Report {} and {} each under its own indicator",
            part.digits, whole.digits
        )),
        Reading::Nil => Err(format!("“{value}” is the status nil, and the status says reported: one or the other")),
        Reading::NotApplicable => Err(format!("“{value}” is the status not_applicable, and the status says reported: one or the other")),
        Reading::Unclear(question) => Err(question),
        Reading::Blank => Err("is empty".to_owned()),
    }
}

#[cfg(test)]
mod tests;
