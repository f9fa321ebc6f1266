//! The dates as a table that a councillor can read, and as JSON.

use comfy_table::{ContentArrangement, LineStyle, Table, presets};
use csp_domain::{
    calendar::{BankHolidays, Certainty, Rules, number, weekday_and_day},
    period::uk_date,
    text::Line,
};
use serde::Serialize;

use super::Answer;
use crate::Failure;

/// For people.
pub(super) fn table(answers: &[Answer], committee: Option<&Line>, rules: &Rules, window: bool) -> String {
    let mut pages = Vec::new();
    for answer in answers {
        pages.push(page(answer, committee, rules, window));
    }
    pages.join("\n\n")
}

fn page(answer: &Answer, committee: Option<&Line>, rules: &Rules, window: bool) -> String {
    let Answer { sitting, reported, plan } = answer;
    let name = committee.or(sitting.title.as_ref()).map_or("The meeting", Line::as_str);
    let mut text = format!("{name} on {}\n", weekday_and_day(sitting.day));
    if sitting.cancelled {
        text.push_str("will not take place.\n");
        return text;
    }
    let saturdays = if rules.saturdays { "Saturdays counted" } else { "Saturdays not counted" };
    text.push_str(&format!("{}, {} clear days, {saturdays}\n", rules.nation.name(), number(rules.clear_days.into())));
    if let Some(reported) = reported {
        text.push_str(&format!("Reports on {}\n", reported.label));
    }
    let mut dates = Table::new();
    dates.load_style(presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
    dates.set_header(["Day", "Date", "Time", "What", "Why"]);
    if window {
        dates.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        dates.force_no_tty();
    }
    for moment in plan.moments() {
        let day = moment.civil.date();
        let date = match moment.certainty {
            Certainty::Firm => uk_date(day),
            Certainty::Provisional => format!("{} (provisional)", uk_date(day)),
        };
        dates.add_row([
            day.format("%A").to_string(),
            date,
            moment.civil.format("%H:%M").to_string(),
            moment.step.title(),
            moment.why.clone(),
        ]);
    }
    text.push_str(&format!("\n{}\n", dates.trim_fmt()));
    if !plan.uncounted().is_empty() {
        text.push_str("\nNot counted, besides weekends:\n");
        for (day, why) in plan.uncounted() {
            text.push_str(&format!("  {}: {why}\n", weekday_and_day(*day)));
        }
    }
    let notes: Vec<_> = reported.iter().flat_map(|reported| &reported.notes).chain(plan.notes()).collect();
    if !notes.is_empty() {
        text.push_str("\nPlease note:\n");
        for note in notes {
            text.push_str(&format!("  {note}\n"));
        }
    }
    text
}

#[derive(Serialize)]
struct Document<'a> {
    nation: &'a str,
    /// Of every `time`.
    zone: &'a str,
    clear_days: u8,
    saturdays: bool,
    bank_holidays: Years,
    meetings: Vec<Meeting<'a>>,
}

/// The years whose bank holidays are known.
#[derive(Serialize)]
struct Years {
    first_year: i32,
    last_year: i32,
}

#[derive(Serialize)]
struct Meeting<'a> {
    date: String,
    title: Option<&'a str>,
    cancelled: bool,
    reports_on: Option<ReportsOn<'a>>,
    dates: Vec<Row<'a>>,
    not_counted: Vec<NotCounted<'a>>,
    notes: Vec<&'a str>,
}

#[derive(Serialize)]
struct ReportsOn<'a> {
    start: String,
    end: String,
    label: &'a str,
}

#[derive(Serialize)]
struct Row<'a> {
    step: String,
    date: String,
    time: String,
    /// The instant, in UTC.
    at: String,
    provisional: bool,
    why: &'a str,
}

#[derive(Serialize)]
struct NotCounted<'a> {
    date: String,
    why: &'a str,
}

/// For programs: one document, whether one meeting was asked about or many.
pub(super) fn json(answers: &[Answer], rules: &Rules, holidays: &BankHolidays) -> Result<String, Failure> {
    let years = holidays.of(rules.nation.division()).years();
    let document = Document {
        nation: rules.nation.word(),
        zone: rules.nation.zone().name(),
        clear_days: rules.clear_days,
        saturdays: rules.saturdays,
        bank_holidays: Years { first_year: *years.start(), last_year: *years.end() },
        meetings: answers.iter().map(meeting).collect(),
    };
    let text = serde_json::to_string_pretty(&document).map_err(|error| Failure::new("the dates could not be written").because(&error))?;
    Ok(format!("{text}\n"))
}

fn meeting(answer: &Answer) -> Meeting<'_> {
    let Answer { sitting, reported, plan } = answer;
    let moments = if sitting.cancelled { &[] } else { plan.moments() };
    let reported = reported.as_ref().filter(|_| !sitting.cancelled);
    let notes = reported.into_iter().flat_map(|reported| &reported.notes).chain(plan.notes()).map(String::as_str);
    Meeting {
        date: sitting.day.to_string(),
        title: sitting.title.as_ref().map(Line::as_str),
        cancelled: sitting.cancelled,
        reports_on: reported.map(|reported| ReportsOn {
            start: reported.period.start().to_string(),
            end: reported.period.end().to_string(),
            label: &reported.label,
        }),
        dates: moments
            .iter()
            .map(|moment| Row {
                step: moment.step.word(),
                date: moment.civil.date().to_string(),
                time: moment.civil.format("%H:%M").to_string(),
                at: moment.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                provisional: moment.certainty == Certainty::Provisional,
                why: &moment.why,
            })
            .collect(),
        not_counted: plan.uncounted().iter().map(|(day, why)| NotCounted { date: day.to_string(), why }).collect(),
        notes: if sitting.cancelled { Vec::new() } else { notes.collect() },
    }
}
