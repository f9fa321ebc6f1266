//! `csp return template`: the file to fill in, with what is known beside what is asked.

use std::collections::HashMap;

use clap::Args;
use csp_proto::v1::{self, r#return::Content};
use csp_sheet::form::{Column, Fill, Form};

use super::{
    figures::{BESIDE, COLUMNS, OPTIONAL},
    return_check::{counts, in_words},
    returns::catalogue,
};
use crate::{
    defaults::Part,
    error::{Error, Kind},
    files,
    names::{last, short},
    periods,
    session::{Session, all_pages},
    words::Words as _,
};

/// Write the file of figures to fill in: what the committee asks for, with last quarter and last year beside it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return template --to figures.xlsx
  csp return template --cycle citizen-focus/2021-q3 --to figures.csv

The name of the file says what it becomes: .xlsx is a workbook with lists and
limits in its cells and a sheet that explains them, anything else is CSV.

Fill in the column value, or choose nil, late, withheld or not_applicable under
status. A line that says “if you have it” may stay empty. What stands beside the
value is for you and is not sent. Then: csp return submit figures.xlsx")]
pub(crate) struct Template {
    /// For which meeting: committee/cycle. Need not be said when only one is open for you
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose return. Need not be said when you report for one partnership only
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
    /// Write it into this file instead of printing it
    #[arg(long, value_name = "FILE", default_value = "-")]
    to: String,
}

impl Template {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        // Without a partnership of their own, editors get the template without what was answered before.
        let partnership = match session.partnership(self.partnership.as_deref()).await {
            Err(error) if error.kind == Kind::Usage && self.cycle.is_some() && self.partnership.is_none() => None,
            partnership => Some(partnership?),
        };
        let part = partnership.as_deref().map_or(Part::Paper, Part::Partnership);
        let cycle = session.cycle(self.cycle.as_deref(), part, "--cycle").await?;
        let asked = Asked::gather(partnership.as_deref(), &cycle, session).await?;
        if self.to != "-" && std::path::Path::new(&self.to).exists() {
            session.confirm(&format!("{} is there already and would be written over.", self.to))?;
        }
        files::write(&self.to, &asked.write(&self.to)?, "The template", session.terminal)?;
        asked.explain(&self.to, session);
        Ok(())
    }
}

/// What a committee asks a partnership for, and what is known.
pub(super) struct Asked {
    pub(super) committee: v1::Committee,
    pub(super) cycle: v1::Cycle,
    partnership: String,
    /// As people call it.
    called: String,
    catalogue: Vec<v1::Indicator>,
    /// What was answered before, in words, by indicator and period.
    known: HashMap<(String, String), String>,
}

impl Asked {
    pub(super) async fn gather(partnership: Option<&str>, cycle: &str, session: &Session<'_>) -> Result<Self, Error> {
        let cycle = session.get_cycle(v1::GetCycleRequest { name: cycle.to_owned() }).await?;
        let committee = cycle.name.split("/cycles/").next().unwrap_or_default().to_owned();
        let committee = session.get_committee(v1::GetCommitteeRequest { name: committee }).await?;
        let region = committee.name.split("/committees/").next().unwrap_or_default();
        let catalogue = catalogue(region, session).await;
        let mut known = HashMap::new();
        let mut called = String::new();
        if let Some(partnership) = partnership {
            // The name as people say it; its short name serves where that cannot be learned.
            let found = session.get_partnership(v1::GetPartnershipRequest { name: partnership.to_owned() }).await;
            called = found.map_or_else(|_| last(partnership).to_owned(), |found| found.display_name);
            let returns = all_pages(async |page_token| {
                let question = v1::ListReturnsRequest { parent: partnership.to_owned(), page_size: 100, page_token, ..Default::default() };
                let answer = session.list_returns(question).await?;
                Ok((answer.returns, answer.next_page_token))
            })
            .await?;
            for answer in returns.into_iter().filter(counts) {
                let Some(Content::Figures(figures)) = answer.content else { continue };
                for figure in figures.figures {
                    if let Some(answer) = &figure.answer {
                        known.insert((figure.indicator, figure.period), in_words(answer));
                    }
                }
            }
        }
        Ok(Self { committee, cycle, partnership: partnership.unwrap_or_default().to_owned(), called, catalogue, known })
    }

    /// What is asked for: by the committee, in its order, and by the partnership itself.
    fn asked(&self) -> Vec<String> {
        let ends = periods::end(&self.cycle.period);
        let own = |known: &&v1::Indicator| {
            let over = !known.end_date.is_empty() && ends.as_ref().is_some_and(|ends| known.end_date < *ends);
            !known.partnership.is_empty() && known.partnership == self.partnership && !over
        };
        let own = self.catalogue.iter().filter(own).map(|known| known.name.clone());
        self.committee.indicators.iter().cloned().chain(own).collect()
    }

    /// The lines, under [`heads`].
    fn lines(&self) -> Vec<Vec<String>> {
        let period = &self.cycle.period;
        let (before, year_before) = (periods::before(period), periods::year_before(period));
        let mut lines = Vec::new();
        for indicator in &self.asked() {
            let known = |period: &Option<String>| {
                let period = period.clone()?;
                self.known.get(&(indicator.clone(), period)).cloned()
            };
            let called = self.catalogue.iter().find(|known| known.name == *indicator);
            let line = |period: &str, needed: &str, beside: [String; 2]| {
                let [last_quarter, last_year] = beside;
                let unit = called.and_then(|known| v1::Unit::try_from(known.unit).ok()).map_or("", |unit| unit.words());
                let measure = called.map_or("", |known| known.display_name.as_str());
                let given = [last(indicator), measure, unit, period, needed, &last_quarter, &last_year];
                let empty = std::iter::repeat_n("", COLUMNS.len() - 2);
                given.into_iter().chain(empty).map(str::to_owned).collect::<Vec<_>>()
            };
            let (quarter, year) = (known(&before), known(&year_before));
            // The paper compares with a year ago: whoever has not told is asked, once.
            let ask = year_before.as_ref().filter(|_| year.is_none()).cloned();
            lines.push(line(period, "yes", [quarter.unwrap_or_default(), year.unwrap_or_default()]));
            if let Some(year_before) = ask {
                lines.push(line(&year_before, OPTIONAL, [String::new(), String::new()]));
            }
        }
        lines
    }

    /// The bytes of the file called `file`.
    pub(super) fn write(&self, file: &str) -> Result<Vec<u8>, Error> {
        let cannot = |fault: String| Error::unexpected(format!("The template cannot be written: {fault}."));
        if file.to_lowercase().ends_with(".xlsx") {
            return self.form().write().map_err(cannot);
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(heads()).map_err(|fault| cannot(fault.to_string()))?;
        for line in self.lines() {
            writer.write_record(line).map_err(|fault| cannot(fault.to_string()))?;
        }
        writer.into_inner().map_err(|fault| cannot(fault.to_string()))
    }

    fn form(&self) -> Form {
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
        let whose = if self.called.is_empty() { String::new() } else { format!(" of {}", self.called) };
        let deadline = crate::dates::instant(self.cycle.deadline_time).map(|time| time.in_zone(crate::dates::zone(None)));
        let due = deadline.map(|deadline| format!(" Due by {deadline}.")).unwrap_or_default();
        Form {
            title: format!("Figures{whose} for {}, {}", self.committee.display_name, self.cycle.period_label),
            guidance: format!("Fill in the white cells; the grey ones are for you to compare with. The second sheet explains them.{due}"),
            sheet: "Figures".to_owned(),
            columns: columns.collect(),
            rows: self.lines(),
            explanation_sheet: "How to fill this in".to_owned(),
            explanation: EXPLANATION.iter().map(|(term, text)| ((*term).to_owned(), (*text).to_owned())).collect(),
        }
    }

    /// Says which indicator is which, as far as that can be learned.
    fn explain(&self, file: &str, session: &mut Session<'_>) {
        session.terminal.say(format!("{} asks, for {}:", self.committee.display_name, self.cycle.period_label));
        let asked = self.asked();
        let width = asked.iter().map(|name| last(name).len()).max().unwrap_or_default();
        for name in &asked {
            let called =
                self.catalogue.iter().find(|indicator| indicator.name == *name).map_or("", |indicator| indicator.display_name.as_str());
            session.terminal.say(format!("  {:width$}  {called}", last(name)).trim_end());
        }
        session.terminal.say("Fill in value, or write nil, late, withheld or not_applicable under status. Then send it in:");
        let file = if file == "-" { "figures.csv" } else { file };
        session.terminal.say(format!("  csp return submit {file} --cycle {}", short(&self.cycle.name)));
    }
}

/// The heads of the template's columns: what is given, then what is filled in.
fn heads() -> Vec<&'static str> {
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
