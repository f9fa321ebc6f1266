//! A return's files: which cell is which field, and back again, so that a fault is shown at its line. Values are the
//! server's to judge. Refused here is only what the contract could not carry: nothing that is written in a cell is
//! silently dropped, and an empty cell is no answer.

use csp_proto::v1::{self, figure::Answer};

use crate::{
    error::{Error, Violation},
    sheet::{Row, Sheet},
};

/// The head line of a file of figures.
pub(crate) const COLUMNS: [&str; 8] = ["indicator", "period", "value", "status", "expected_date", "reason", "provisional", "note"];

/// The head line of a file of quoted figures.
pub(crate) const QUOTED_COLUMNS: [&str; 4] = ["subject", "value", "source", "period"];

const STATUSES: &str = "reported, nil, late, withheld, not_applicable";

/// Figures as they are sent, with the files they came from.
#[derive(Debug, Default)]
pub(crate) struct FromFiles {
    pub(crate) figures: v1::Figures,
    sheet: Option<Sheet>,
    quoted: Option<Sheet>,
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
        let line =
            |sheet: &Option<Sheet>, index: usize| sheet.as_ref().and_then(|sheet| Some(format!("line {}", sheet.rows.get(index)?.line)));
        for (list, sheet) in [("quoted_figures[", &self.quoted), ("figures[", &self.sheet)] {
            if let Some((before, after)) = fault.split_once(list)
                && let Some((index, rest)) = after.split_once(']')
                && let Some(line) = index.parse().ok().and_then(|index| line(sheet, index))
            {
                return format!("{before}{line}{rest}");
            }
        }
        fault.to_owned()
    }

    /// A place in the contract, `answer.figures.figures[3].value`, as a place in the user's file: `figures.csv:5: value`.
    fn place(&self, field: &str) -> String {
        let found = indexed(field, "quoted_figures[").map(|(index, rest)| (&self.quoted, index, rest));
        match found.or_else(|| indexed(field, "figures[").map(|(index, rest)| (&self.sheet, index, rest))) {
            Some((Some(sheet), index, rest)) => sheet.place(index, column(rest)),
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

/// Reads the file of figures and that of quoted figures, where they are given: each its name and its text. Every fault
/// of both is named.
pub(crate) fn read(figures: Option<(&str, &str)>, quoted: Option<(&str, &str)>, region: &str) -> Result<FromFiles, Error> {
    let mut read = FromFiles::default();
    let mut violations = Vec::new();
    if let Some((file, text)) = figures {
        let sheet = Sheet::parse(file, text, &COLUMNS, &["indicator"])?;
        for (index, row) in sheet.rows.iter().enumerate() {
            let (figure, faults) = figure(&sheet, row, region);
            read.figures.figures.push(figure);
            violations.extend(faults.into_iter().map(|(column, fault)| Violation { place: sheet.place(index, column), fault }));
        }
        if sheet.rows.is_empty() {
            violations.push(Violation { place: file.to_owned(), fault: "holds no figures below its head line".to_owned() });
        }
        read.sheet = Some(sheet);
    }
    if let Some((file, text)) = quoted {
        let sheet = Sheet::parse(file, text, &QUOTED_COLUMNS, &["subject", "value", "source"])?;
        for row in &sheet.rows {
            let cell = |column| sheet.cell(row, column).to_owned();
            let (subject, value, source, period) = (cell("subject"), cell("value"), cell("source"), cell("period"));
            read.figures.quoted_figures.push(v1::QuotedFigure { subject, value, source, period });
        }
        if sheet.rows.is_empty() {
            violations.push(Violation { place: file.to_owned(), fault: "holds no quoted figures below its head line".to_owned() });
        }
        read.quoted = Some(sheet);
    }
    if violations.is_empty() {
        Ok(read)
    } else {
        Err(Error::refused("The figures cannot be sent as they are. Nothing was sent.", violations))
    }
}

/// What is wrong in which column.
type Fault = (&'static str, String);

fn figure(sheet: &Sheet, row: &Row, region: &str) -> (v1::Figure, Vec<Fault>) {
    let cell = |column| sheet.cell(row, column);
    let mut faults = Vec::new();
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
    let figure = v1::Figure {
        indicator: name,
        period: cell("period").to_owned(),
        answer: answer(cell("value"), cell("status"), cell("expected_date"), cell("reason"), &mut faults),
        provisional,
        note: cell("note").to_owned(),
    };
    (figure, faults)
}

fn answer(value: &str, status: &str, expected_date: &str, reason: &str, faults: &mut Vec<Fault>) -> Option<Answer> {
    let status = status.to_lowercase().replace([' ', '-'], "_");
    let answer = match (status.as_str(), value) {
        ("", "") => {
            let fault = "is empty, which is no answer. Write a number here, or nil, late, withheld or not_applicable under status";
            faults.push(("value", fault.to_owned()));
            None
        }
        ("reported", "") => {
            faults.push(("value", "is empty, but the status says reported".to_owned()));
            None
        }
        ("" | "reported", value) => Some(Answer::Value(value.to_owned())),
        ("nil", _) => Some(Answer::Nil(v1::Nil {})),
        ("late", _) => Some(Answer::Late(v1::Late { expected_date: expected_date.to_owned() })),
        ("withheld", _) => Some(Answer::Withheld(v1::Withheld { reason: reason.to_owned() })),
        ("not_applicable", _) => Some(Answer::NotApplicable(v1::NotApplicable {})),
        (other, _) => {
            faults.push(("status", format!("“{other}” is not known. Known are: {STATUSES}")));
            return None;
        }
    };
    let reports = matches!(status.as_str(), "" | "reported");
    if !reports && !value.is_empty() {
        faults.push(("value", format!("“{value}” cannot stand beside the status {status}: one or the other")));
    }
    if status != "late" && !expected_date.is_empty() {
        faults.push(("expected_date", "stands only beside the status late".to_owned()));
    }
    if status != "withheld" && !reason.is_empty() {
        faults.push(("reason", "stands only beside the status withheld; anything else to say is a note".to_owned()));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "regions/northumbria";

    fn from(text: &str) -> Result<FromFiles, Vec<String>> {
        read(Some(("figures.csv", text)), None, REGION)
            .map_err(|error| error.violations.iter().map(|v| format!("{}: {}", v.place, v.fault)).collect())
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
        let figures = ("figures.csv", "indicator,value\n\nburglary,1\nrobbery,x\n");
        let quoted = ("quoted.csv", "subject,value,source\nSatisfaction,61%,MORI\n");
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
    fn lines_without_a_period_get_the_cycles_own() {
        let mut read = from("indicator,period,value\nburglary,,1\nburglary,2020-q3,2\n").unwrap();
        assert!(read.lacks_a_period());
        read.fill_period("2021-q3");
        let periods: Vec<_> = read.figures.figures.iter().map(|f| f.period.as_str()).collect();
        assert_eq!(periods, ["2021-q3", "2020-q3"]);
        assert!(!read.lacks_a_period());
    }
}
