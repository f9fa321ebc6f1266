//! A return's files: which cell is which field, and back again, so that a fault is shown at its place. Which number people mean
//! by what they write is settled here, and asked about where it cannot be known (`csp_sheet::notation`); what a number may be
//! is the server's to say. Nothing that is written in a cell is silently dropped, and an empty cell is no answer.

use std::collections::BTreeSet;

use csp_proto::v1::{self, figure::Answer};
use csp_sheet::{
    Cell, Row, Value,
    notation::{self, Reading},
};

use crate::{
    error::{Error, Violation},
    sheet::{Grid, Sheet, fault_of_value},
};

/// The head line of a file of figures.
pub(crate) const COLUMNS: [&str; 8] = ["indicator", "period", "value", "status", "expected_date", "reason", "provisional", "note"];

/// Columns that the template writes beside the others, for whoever fills it in. What stands in them is not sent.
pub(crate) const BESIDE: [&str; 5] = ["measure", "unit", "needed", "last_quarter", "last_year"];

/// Under `needed`: a line that may stay empty.
pub(crate) const OPTIONAL: &str = "if you have it";

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
        self.figures.figures.retain(|_| *keep.next().unwrap_or(&true));
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
        let sheet = Sheet::of(file, grid, &allowed, &["indicator"])?;
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
                if pounds {
                    read.pounds.insert(index);
                }
            }
            violations.extend(faults.into_iter().map(|(column, fault)| Violation { place: sheet.place(index, column), fault }));
        }
        if answered == 0 {
            violations.push(Violation { place: file.to_owned(), fault: "holds no figures below its head line".to_owned() });
        }
        read.sheet = Some(sheet);
    }
    if let Some((file, grid)) = quoted {
        let sheet = Sheet::of(file, grid, &QUOTED_COLUMNS, &["subject", "value", "source"])?;
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
        if sheet.rows.is_empty() {
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
    let answers = ["value", "status", "expected_date", "reason", "provisional", "note"];
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
    let mut faults = faults_of_words(sheet, row, &["indicator", "period", "status", "expected_date", "reason", "provisional", "note"]);
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
mod tests {
    use super::*;

    const REGION: &str = "regions/northumbria";

    fn grid(text: &str) -> Grid {
        Grid::Csv(csp_sheet::csv::read(text).unwrap().table)
    }

    fn from(text: &str) -> Result<FromFiles, Vec<String>> {
        read(Some(("figures.csv", grid(text))), None, REGION)
            .map_err(|error| error.violations.iter().map(|v| format!("{}: {}", v.place, v.fault)).collect())
    }

    fn book(rows: &[&[Value]]) -> Grid {
        let cell = |(column, value): (u32, &Value)| Cell { column, value: value.clone(), computed: false };
        let rows = (1..).zip(rows).map(|(number, values)| Row { number, hidden: false, cells: (0..).zip(*values).map(cell).collect() });
        Grid::Workbook(vec![csp_sheet::Table { name: "F".into(), rows: rows.collect(), ..Default::default() }])
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn a_number_of_a_workbook_is_its_digits() {
        let number = |digits: &str, shown: &str| Value::Number { digits: digits.into(), shown: shown.into() };
        let head = [text("indicator"), text("value")];
        let rows = [[text("burglary"), number("1.125", "1.125")], [text("robbery"), number("-1.125", "-£1.125")]];
        let read = read(Some(("f.xlsx", book(&[&head, &rows[0], &rows[1]]))), None, REGION).unwrap();
        let answers: Vec<_> = read.figures.figures.iter().map(|figure| figure.answer.clone().unwrap()).collect();
        assert_eq!(answers, [Answer::Value("1.125".into()), Answer::Value("-1.125".into())]);
        assert_eq!(read.pounds, BTreeSet::from([1]));
        for (value, fault) in
            [(number("0.61", "61%"), "is a percentage"), (number("5", "€5"), "another currency"), (text("1.125"), "can be")]
        {
            let row = [text("burglary"), value];
            let error = super::read(Some(("f.xlsx", book(&[&head, &row]))), None, REGION).unwrap_err();
            assert!(error.violations[0].fault.contains(fault), "{:?}", error.violations);
        }
    }

    #[test]
    fn no_column_is_empty_because_nobody_worked_it_out() {
        let columns = ["indicator", "value", "period", "note", "status", "reason"];
        let head = columns.map(text);
        for (index, column) in (0..).zip(["indicator", "value", "period", "note", "status", "reason"]) {
            for (value, fault) in [(Value::Unknown, "was not saved with the file"), (Value::Error("#REF!".into()), "holds #REF!")] {
                let mut row = ["burglary", "1", "2021-q3", "why", "reported", "why"].map(text);
                row[index] = value;
                let (read, violations) = read_what_is_good(Some(("f.xlsx", book(&[&head, &row]))), None, REGION).unwrap();
                let told = violations.iter().filter(|v| v.place == format!("f.xlsx:F!{}2", csp_sheet::column_letters(index as u32)));
                assert!(told.clone().count() == 1 && told.clone().all(|v| v.fault.contains(fault)), "{column}: {violations:?}");
                assert!(read.figures.figures.is_empty());
            }
        }
    }

    #[test]
    fn a_quoted_figure_with_a_fault_is_left_out_and_the_others_keep_their_places() {
        let head = ["subject", "value", "source"].map(text);
        let bad = [text("Fear"), Value::Error("#DIV/0!".into()), text("MORI")];
        let worse = [text("Fear"), text("1%"), Value::Unknown];
        let good = ["Trust", "61%", "MORI"].map(text);
        let (read, violations) = read_what_is_good(None, Some(("q.xlsx", book(&[&head, &bad, &worse, &good]))), REGION).unwrap();
        assert_eq!(violations.iter().map(|v| v.place.as_str()).collect::<Vec<_>>(), ["q.xlsx:F!B2", "q.xlsx:F!C3"]);
        assert_eq!(read.figures.quoted_figures.iter().map(|quoted| quoted.subject.as_str()).collect::<Vec<_>>(), ["Trust"]);
        assert_eq!(read.place("answer.figures.quoted_figures[0].value"), "q.xlsx:F!B4");
    }

    #[test]
    fn every_status_becomes_its_own_answer() {
        let text = "indicator,value,status,expected_date,reason,provisional,note\n\
                    burglary,12,,,,yes,restrictions\n\
                    robbery,0,reported,,,,\n\
                    hate,,nil,,,,\n\
                    theft,,late,2022-01-31,,,\n\
                    weapons,,Withheld,,\"a case, in court\",no,\n\
                    arson,,not applicable,,,,\n";
        let figures = from(text).unwrap().figures.figures;
        let answers: Vec<_> = figures.iter().map(|f| f.answer.clone().unwrap()).collect();
        assert_eq!(
            answers,
            [
                Answer::Value("12".into()),
                Answer::Value("0".into()),
                Answer::Nil(v1::Nil {}),
                Answer::Late(v1::Late { expected_date: "2022-01-31".into() }),
                Answer::Withheld(v1::Withheld { reason: "a case, in court".into() }),
                Answer::NotApplicable(v1::NotApplicable {}),
            ]
        );
        assert_eq!(figures[0].indicator, "regions/northumbria/indicators/burglary");
        assert!(figures[0].provisional && !figures[1].provisional);
        assert_eq!(figures[0].note, "restrictions");
    }

    #[test]
    fn missing_never_becomes_an_answer_and_nothing_written_is_dropped() {
        let text = "indicator,value,status,expected_date,reason,provisional\n\
                    burglary,,,,,\n\
                    robbery,0,nil,,,\n\
                    hate,1,,2022-01-31,,\n\
                    theft,,late,2022-01-31,why,\n\
                    arson,,gone,,,perhaps\n\
                    ,5,,,,\n";
        assert_eq!(
            from(text).unwrap_err(),
            [
                "figures.csv:2: value: is empty, which is no answer. Write a number here, or nil, late, withheld or not_applicable under status",
                "figures.csv:3: value: “0” cannot stand beside the status nil: one or the other",
                "figures.csv:4: expected_date: stands only beside the status late",
                "figures.csv:5: reason: stands only beside the status withheld; anything else to say is a note",
                "figures.csv:6: provisional: “perhaps” is neither yes nor no",
                "figures.csv:6: status: “gone” is not known. Known are: reported, nil, late, withheld, not_applicable",
                "figures.csv:7: indicator: is empty: which indicator is this?",
            ]
        );
    }

    #[test]
    fn a_fault_the_server_finds_is_shown_at_its_line() {
        let figures = ("figures.csv", grid("indicator,value\n\nburglary,1\nrobbery,1.5\n"));
        let quoted = ("quoted.csv", grid("subject,value,source\nSatisfaction,61%,MORI\n"));
        let read = read(Some(figures), Some(quoted), REGION).unwrap();
        assert_eq!(read.place("answer.figures[1].value"), "figures.csv:4: value");
        assert_eq!(read.place("answer.figures.figures[0].late.expected_date"), "figures.csv:3: expected_date");
        assert_eq!(read.place("answer.figures.figures[0].answer"), "figures.csv:3: value");
        assert_eq!(read.place("answer.figures.figures[0]"), "figures.csv:3");
        assert_eq!(read.in_lines("answers a second time; figures[1] does already"), "answers a second time; line 4 does already");
        assert_eq!(read.place("answer.figures.quoted_figures[0].source"), "quoted.csv:2: source");
        assert_eq!(read.place("answer.nil.statement"), "--nil");
        assert_eq!(read.place("answer.figures"), "answer.figures".to_owned());
    }

    #[test]
    fn numbers_are_taken_as_people_write_them_and_asked_about_where_they_can_be_two() {
        let text = "indicator;value;status;expected_date\n\
                    burglary;1,234;;\n\
                    grant;£96,466;;\n\
                    hate;none;;\n\
                    arson;n/a;;\n\
                    theft;;late;31/01/2022\n";
        let read = from(text).unwrap();
        let answers: Vec<_> = read.figures.figures.iter().map(|f| f.answer.clone().unwrap()).collect();
        let late = Answer::Late(v1::Late { expected_date: "2022-01-31".into() });
        assert_eq!(
            answers,
            [
                Answer::Value("1234".into()),
                Answer::Value("96466".into()),
                Answer::Nil(v1::Nil {}),
                Answer::NotApplicable(v1::NotApplicable {}),
                late
            ]
        );
        let catalogue = |unit: v1::Unit| v1::Indicator {
            name: format!("{REGION}/indicators/grant"),
            display_name: "Grants".into(),
            unit: unit as i32,
            ..Default::default()
        };
        assert!(read.has_money() && read.faults_of_money(&[catalogue(v1::Unit::Pounds)]).is_empty());
        assert_eq!(read.faults_of_money(&[catalogue(v1::Unit::Count)])[0].1.place, "figures.csv:3: value");
        let faults = from("indicator;value\nburglary;1.234\nrobbery;61 %\nhate;12 of 34\ntheft;3-4\n").unwrap_err();
        let says = ["1.234” can be 1234", "is a percentage", "Report 12 and 34 each", "is two numbers"];
        assert_eq!(faults.len(), says.len());
        assert!(faults.iter().zip(says).all(|(fault, says)| fault.contains(says)), "{faults:#?}");
    }

    #[test]
    fn a_line_of_the_template_that_may_stay_empty_does() {
        let text = "indicator,needed,last_year,value\nburglary,yes,9,1\nburglary,if you have it,,\nrobbery,yes,,\n";
        let faults = from(text).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("figures.csv:4: value: is empty"), "{faults:?}");
        let text = "indicator,needed,value\nburglary,if you have it,\nrobbery,yes,x2\nhate,yes,3\n";
        let (read, faults) = read_what_is_good(Some(("figures.csv", grid(text))), None, REGION).unwrap();
        assert_eq!((read.figures.figures.len(), faults.len()), (1, 1));
        // Places go by rows of the file, however many were left out before.
        assert_eq!(read.place("answer.figures.figures[0].value"), "figures.csv:4: value");
    }

    #[test]
    fn lines_without_a_period_get_the_cycles_own() {
        let mut read = from("indicator,period,value\nburglary,,1\nburglary,2020-q3,2\n").unwrap();
        assert!(read.lacks_a_period());
        read.fill_period("2021-q3");
        let periods: Vec<_> = read.figures.figures.iter().map(|f| f.period.as_str()).collect();
        assert_eq!(periods, ["2021-q3", "2020-q3"]);
        assert!(!read.lacks_a_period());
    }
}
