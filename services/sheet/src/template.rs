//! The workbook that a partnership fills in for a cycle: what is asked, and beside it what was answered before.
//!
//! One form for all: `csp` writes it when somebody asks for it, and the server sends it with the letter that says that collecting
//! has opened. Made of the same facts it is the same bytes, wherever and whenever it is made.

use chrono::{NaiveDate, NaiveDateTime};

use crate::form::{Column, Fill, Form};

/// The columns that are read when it comes back.
pub const COLUMNS: [&str; 9] = ["indicator", "period", "value", "status", "expected_date", "reason", "provisional", "note", "explanation"];

/// Columns beside the others, for whoever fills it in. What stands in them is not sent.
pub const BESIDE: [&str; 5] = ["measure", "unit", "needed", "last_quarter", "last_year"];

/// Under `needed`: a line that may stay empty.
pub const OPTIONAL: &str = "if you have it";

/// What a committee asks a partnership for, and what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The committee's name.
    pub committee: String,
    /// The partnership's short name; empty for a form that is nobody's.
    pub partnership: String,
    /// `2021-q3`.
    pub period: String,
    /// The same for people: `Q3 2021/22 (October to December 2021)`.
    pub period_label: String,
    /// The same period a year before, if it has one.
    pub year_before: Option<String>,
    /// The day on which collecting opens: of what day the document says it is.
    pub opens_on: NaiveDate,
    /// Until when it is to be sent in, by the clocks of the region.
    pub due: Option<NaiveDateTime>,
    /// What is asked, in the committee's order.
    pub asked: Vec<Question>,
}

/// A figure that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its indicator's short name.
    pub indicator: String,
    /// Its indicator's name; empty where it cannot be learned.
    pub measure: String,
    /// `count`.
    pub unit: String,
    /// What was answered for the period before.
    pub quarter_before: Option<Told>,
    /// What was answered for the same period a year before.
    pub year_before: Option<Told>,
}

/// What a partnership answered for a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A number, in digits.
    Value(String),
    /// A reported nothing.
    Nil,
    /// Not ready, and when it will be: `2022-01-31`.
    Late(String),
    /// Known and not given, and why.
    Withheld(String),
    /// It has no meaning there.
    NotApplicable,
}

impl Told {
    /// In words, as they stand in a cell.
    pub fn words(&self) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Nil => "none".to_owned(),
            Self::Late(day) => {
                let said = day.parse::<NaiveDate>().map_or_else(|_| day.clone(), |day| day.format("%-d %b %Y").to_string());
                format!("late, expected {said}")
            }
            Self::Withheld(reason) => format!("withheld: {reason}"),
            Self::NotApplicable => "not applicable".to_owned(),
        }
    }
}

impl Template {
    /// The lines, under [`heads`].
    pub fn lines(&self) -> Vec<Vec<String>> {
        let mut lines = Vec::new();
        for question in &self.asked {
            let line = |period: &str, needed: &str, beside: [String; 2]| {
                let [last_quarter, last_year] = beside;
                let [indicator, measure, unit] = [&question.indicator, &question.measure, &question.unit].map(String::as_str);
                let given = [indicator, measure, unit, period, needed, &last_quarter, &last_year];
                let empty = std::iter::repeat_n("", COLUMNS.len() - 2);
                given.into_iter().chain(empty).map(str::to_owned).collect::<Vec<_>>()
            };
            let words = |told: &Option<Told>| told.as_ref().map(Told::words).unwrap_or_default();
            lines.push(line(&self.period, "yes", [words(&question.quarter_before), words(&question.year_before)]));
            // The paper compares with a year ago: whoever has not told is asked, once.
            if let Some(year_before) = self.year_before.as_ref().filter(|_| question.year_before.is_none()) {
                lines.push(line(year_before, OPTIONAL, [String::new(), String::new()]));
            }
        }
        lines
    }

    /// The workbook.
    pub fn form(&self) -> Form {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let fill = |head: &str| match head {
            "value" => (14, Fill::Number { words: words(&["nil", "none", "n/a"]) }),
            "status" => (15, Fill::Choice(words(&["reported", "nil", "late", "withheld", "not_applicable"]))),
            "expected_date" => (14, Fill::Day),
            "reason" | "note" | "explanation" => (34, Fill::Words(300)),
            "provisional" => (12, Fill::Choice(words(&["yes", "no"]))),
            "measure" => (34, Fill::Given),
            "indicator" => (22, Fill::Given),
            "unit" => (9, Fill::Given),
            _ => (13, Fill::Given),
        };
        let columns = heads().into_iter().map(|head| {
            let (width, fill) = fill(head);
            let mut letters = head.replace('_', " ").chars().collect::<Vec<_>>();
            if let Some(first) = letters.first_mut() {
                first.make_ascii_uppercase();
            }
            Column { head: letters.into_iter().collect(), width, fill }
        });
        let whose = if self.partnership.is_empty() { String::new() } else { format!(" of {}", self.partnership) };
        let due = self.due.map(|due| format!(" Due by {}.", due.format("%a %-d %b %Y, %H:%M"))).unwrap_or_default();
        Form {
            title: format!("Figures{whose} for {}, {}", self.committee, self.period_label),
            guidance: format!("Fill in the white cells; the grey ones are for you to compare with. The second sheet explains them.{due}"),
            made_on: self.opens_on,
            sheet: "Figures".to_owned(),
            columns: columns.collect(),
            rows: self.lines(),
            explanation_sheet: "How to fill this in".to_owned(),
            explanation: EXPLANATION.iter().map(|(term, text)| ((*term).to_owned(), (*text).to_owned())).collect(),
        }
    }
}

/// The heads of the columns: what is given, then what is filled in.
pub fn heads() -> Vec<&'static str> {
    let [measure, unit, needed, last_quarter, last_year] = BESIDE;
    let [indicator, period, fill @ ..] = COLUMNS;
    [indicator, measure, unit, period, needed, last_quarter, last_year].into_iter().chain(fill).collect()
}

/// The sheet that explains the workbook.
const EXPLANATION: &[(&str, &str)] = &[
    (
        "What to do",
        "Give one answer in each line of the sheet Figures: a number under Value, or a word under Status. Save the file, then type: csp return check figures.xlsx, and: csp return submit figures.xlsx",
    ),
    (
        "Needed",
        "“yes”: the committee asks for it. “if you have it”: the same period a year ago, which you have not told yet; it may stay empty.",
    ),
    (
        "Last quarter, Last year",
        "What you answered for the period before, and for the same period a year ago. Only for you to compare with; it is not sent again.",
    ),
    (
        "Value",
        "The number: 1234 or 1,234; money with or without £. 0 is a number. No percentages: they are worked out from their counts. What can be meant in two ways (1.234, 3-4, a dash) is asked about and never guessed.",
    ),
    ("Status", "Only where there is no number. An empty line is no answer."),
    ("nil", "A reported nothing: counts as 0 in totals and is printed “none”."),
    ("late", "Not ready. Say under Expected date when it will be."),
    ("withheld", "Known and not given. Say under Reason why; it is printed."),
    ("not_applicable", "Has no meaning for your partnership."),
    ("Expected date", "A day, such as 31/01/2022. Only with the status late."),
    ("Reason", "Only with the status withheld."),
    ("Provisional", "“yes” when the number will be revised."),
    ("Note", "Printed beside the figure: restrictions in force, a change of recording. At most 300 letters."),
    (
        "Explanation",
        "Answers what csp return check asks about the line, such as why a number is far from what is usual. It stays with the return; where the number is an exception it is printed beside it. At most 300 letters.",
    ),
    ("Formulas", "May be used under Value. What they showed when the file was last saved in Excel is taken."),
    (
        "Not taken",
        "Macros, hidden rows, joined cells, a file with a password. The file itself is not kept and not passed on; only the answers are.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xlsx;

    fn template(questions: usize) -> Template {
        let question = |n: usize| Question {
            indicator: format!("indicator-{n}"),
            measure: "Burglary & theft <of dwellings>".into(),
            unit: "count".into(),
            quarter_before: Some(Told::Value("139".into())),
            year_before: (n == 0).then(|| Told::Late("2021-01-31".into())),
        };
        Template {
            committee: "Citizen Focus Committee".into(),
            partnership: "gateshead".into(),
            period: "2021-q3".into(),
            period_label: "Q3 2021/22 (October to December 2021)".into(),
            year_before: Some("2020-q3".into()),
            opens_on: NaiveDate::from_ymd_opt(2022, 1, 1).unwrap(),
            due: NaiveDate::from_ymd_opt(2022, 1, 12).unwrap().and_hms_opt(17, 0, 0),
            asked: (0..questions).map(question).collect(),
        }
    }

    #[test]
    fn what_is_known_stands_beside_what_is_asked_and_a_year_ago_is_asked_for_once() {
        let lines = template(2).lines();
        let said: Vec<String> = lines.iter().map(|line| line[..7].join("|")).collect();
        assert_eq!(
            said,
            [
                "indicator-0|Burglary & theft <of dwellings>|count|2021-q3|yes|139|late, expected 31 Jan 2021",
                "indicator-1|Burglary & theft <of dwellings>|count|2021-q3|yes|139|",
                "indicator-1|Burglary & theft <of dwellings>|count|2020-q3|if you have it||",
            ]
        );
        assert!(lines.iter().all(|line| line.len() == heads().len()));
    }

    /// Whoever makes it, and whenever: a second between two would show in a time that is written into it.
    #[test]
    fn the_same_facts_are_the_same_bytes_and_other_facts_are_not() {
        let bytes = template(40).form().write().unwrap();
        for _ in 0..5 {
            assert_eq!(template(40).form().write().unwrap(), bytes);
        }
        let core = {
            let mut package = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
            let mut part = package.by_name("docProps/core.xml").unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut part, &mut text).unwrap();
            text
        };
        assert!(core.contains("2022-01-01T00:00:00Z") && core.matches("T00:00:00Z").count() == 2, "no clock was asked: {core}");
        assert_ne!(template(39).form().write().unwrap(), bytes);
        let read = xlsx::read(&bytes).unwrap();
        assert_eq!(read.sheets[0].rows.len(), 3 + 79, "title, guidance, heads, and two lines for all but the first");
    }

    #[test]
    fn a_committee_that_asks_for_a_great_deal_still_sends_a_small_file() {
        let size = template(500).form().write().unwrap().len();
        assert!(size < 200_000, "{size} bytes");
    }
}
