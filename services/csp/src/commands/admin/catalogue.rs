//! The catalogue of indicators as a file: an indicator a line, and what must be known beside its figures.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use clap::ValueEnum as _;
use csp_proto::v1;
use csp_sheet::Row;

use super::{definition, import};
use crate::{
    dates::parse_day,
    error::{Error, Kind, Violation},
    files,
    names::{Names, echo},
    output::{Page, Show, count},
    session::{Session, all_pages},
    sheet::Sheet,
    words::{PolarityOption, UnitOption},
};

/// The columns that a file must have.
const COLUMNS: [&str; 5] = ["id", "name", "unit", "polarity", "source"];
/// The column of what must be known beside figures of certain days.
const NOTES: &str = "notes";
const COLUMN_WORDS: &[(&str, &str)] =
    &[("indicator_id", "id"), ("display_name", "name"), ("denominator", "of"), ("survey_months", "survey")];
/// As long as a sentence may be.
const LONGEST: usize = 300;

/// What came of it.
#[derive(Debug, serde::Serialize)]
struct Entered {
    #[serde(flatten)]
    indicators: import::Imported,
    context_notes: usize,
}

impl Show for Entered {
    fn draw(&self, page: &mut Page) {
        self.indicators.draw(page);
        if self.context_notes > 0 {
            page.line(format!("{} entered.", count(self.context_notes, "context note", "context notes")));
        }
    }
}

/// What a line asks for.
struct Question {
    /// Which line.
    index: usize,
    indicator: v1::CreateIndicatorRequest,
    notes: Vec<v1::ContextNote>,
}

/// Enters what a file says. What is there already is passed over where that is wanted; its notes are entered all the same, unless they
/// are there too, or were removed since.
pub(super) async fn import(file: &str, manner: import::Manner, names: &Names, session: &mut Session<'_>) -> Result<(), Error> {
    let columns = [&COLUMNS[..], &definition::COLUMNS, &[NOTES]].concat();
    let mut sheet = Sheet::parse(file, &files::read_text(file, session.terminal)?, &columns, &COLUMNS)?;
    let questions = questions(&mut sheet, names)?;
    let region = names.region();
    let known = if questions.iter().all(|question| question.notes.is_empty()) { Vec::new() } else { noted(region, session).await? };
    let (entered, refused) = (Cell::new(0), RefCell::new(Vec::new()));
    let indicators = import::each(&sheet, questions, COLUMN_WORDS, manner, session, async |session: &Session<'_>, question: Question| {
        let made = session.create_indicator(question.indicator).await.map(|_| ());
        if !made.as_ref().err().is_none_or(|error| error.kind == Kind::Conflict && manner.skip_existing) {
            return made;
        }
        for note in question.notes.into_iter().filter(|note| !known.iter().any(|known| is_same(known, note))) {
            let (parent, sentence) = (region.to_owned(), note.sentence.clone());
            let request = v1::CreateContextNoteRequest { parent, context_note: Some(note), request_id: String::new() };
            match session.create_context_note(request).await {
                Ok(_) => entered.set(entered.get() + 1),
                // The indicator stands, whatever becomes of its note.
                Err(error) if matches!(error.kind, Kind::Refused | Kind::Conflict | Kind::NotFound | Kind::NotNow) => {
                    let faults: Vec<String> = match error.violations.as_slice() {
                        [] => vec![error.sentence.clone()],
                        faults => faults.iter().map(|violation| violation.fault.clone()).collect(),
                    };
                    let fault = format!("“{sentence}” was not entered, and its indicator is there: {}", faults.join("; "));
                    refused.borrow_mut().push(Violation { place: sheet.place(question.index, NOTES), fault });
                }
                Err(error) => return Err(error),
            }
        }
        made
    })
    .await;
    let refused = refused.into_inner();
    if refused.is_empty() {
        return session.show(&Entered { indicators: indicators?, context_notes: entered.get() }).await;
    }
    let mut error = match indicators {
        Ok(done) => Error::refused(format!("Some of {file} was refused."), Vec::new())
            .hint(import::so_far(&done, sheet.rows.len()))
            .hint("Mend the lines named, and import the file again with --skip-existing."),
        Err(error) => error,
    };
    error.violations.extend(refused);
    Err(error)
}

/// Every context note of the region, those that were removed among them.
async fn noted(region: &str, session: &Session<'_>) -> Result<Vec<v1::ContextNote>, Error> {
    all_pages(async |page_token| {
        let parent = region.to_owned();
        let answer = session.list_context_notes(v1::ListContextNotesRequest { parent, page_size: 500, page_token }).await?;
        Ok((answer.context_notes, answer.next_page_token))
    })
    .await
}

fn is_same(known: &v1::ContextNote, note: &v1::ContextNote) -> bool {
    let what = |note: &v1::ContextNote| {
        let v1::ContextNote { indicator, partnership, start_date, end_date, sentence, .. } = note.clone();
        (indicator, partnership, start_date, end_date, sentence)
    };
    what(known) == what(note)
}

/// What each line asks for. Whatever can be seen to be wrong is named before anything is sent.
fn questions(sheet: &mut Sheet, names: &Names) -> Result<Vec<Question>, Error> {
    let mut violations = sheet.take_faults();
    let mut questions = Vec::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        let cell = |column| sheet.cell(row, column);
        let word = |column| cell(column).replace([' ', '_'], "-");
        let mut unknown = |column, known: &str| {
            let place = sheet.place(index, column);
            violations.push(Violation { place, fault: format!("“{}” is not known. Known are: {known}", echo(cell(column))) });
            0
        };
        let unit = UnitOption::from_str(&word("unit"), true).map_or_else(|_| unknown("unit", "count, pounds, days"), UnitOption::code);
        let polarity = match word("polarity").as_str() {
            "" => 0,
            polarity => PolarityOption::from_str(polarity, true)
                .map_or_else(|_| unknown("polarity", "lower-is-better, higher-is-better, neither"), PolarityOption::code),
        };
        let (display_name, source) = (cell("name").to_owned(), cell("source").to_owned());
        let definition = Some(definition::of_line(sheet, index, row, names, &mut violations));
        let indicator = v1::Indicator { display_name, unit, polarity, source, definition, ..Default::default() };
        let notes = notes_of(sheet, index, row, names, &mut violations);
        let (parent, indicator_id) = (names.region().to_owned(), cell("id").to_owned());
        let indicator = v1::CreateIndicatorRequest { parent, indicator: Some(indicator), indicator_id, request_id: String::new() };
        questions.push(Question { index, indicator, notes });
    }
    // Of a second line with the same id the server would say that it is there already, and be passed over with --skip-existing.
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        let id = sheet.cell(row, "id");
        let first = *seen.entry(id).or_insert(index);
        if first < index
            && !id.is_empty()
            && let Some(line) = sheet.line(first)
        {
            violations.push(Violation { place: sheet.place(index, "id"), fault: format!("“{id}” stands in {line} already") });
        }
    }
    sheet.check(violations)?;
    Ok(questions)
}

/// What must be known beside figures of the indicator of a line.
fn notes_of(sheet: &Sheet, index: usize, row: &Row, names: &Names, violations: &mut Vec<Violation>) -> Vec<v1::ContextNote> {
    let mut notes = Vec::new();
    // An id that is no id is told of its own column, by the server; then the notes are of nothing.
    let Ok(indicator) = names.indicator(sheet.cell(row, "id")) else { return notes };
    for typed in sheet.cell(row, NOTES).split('|').map(str::trim).filter(|typed| !typed.is_empty()) {
        let note = note_of(typed).and_then(|note| {
            if note.sentence.chars().any(char::is_control) {
                return Err("must be one line".to_owned());
            }
            Ok(v1::ContextNote { indicator: indicator.clone(), ..note })
        });
        match note {
            Ok(note) => notes.push(note),
            Err(fault) => {
                let place = sheet.place(index, NOTES);
                violations.push(Violation { place, fault: format!("“{}” {fault}; several notes are divided by |", echo(typed)) });
            }
        }
    }
    notes
}

/// `2020-11-05..2020-12-02 Restrictions were in force`; of one day, that day alone.
fn note_of(typed: &str) -> Result<v1::ContextNote, String> {
    const SHAPE: &str = "must be days and what was so, such as 2020-11-05..2020-12-02 Restrictions were in force";
    let (days, sentence) = typed.split_once(char::is_whitespace).ok_or(SHAPE)?;
    let (from, to) = days.split_once("..").unwrap_or((days, days));
    let [start_date, end_date] = [from, to].map(parse_day);
    let (start_date, end_date) = (start_date.map_err(|_| SHAPE)?, end_date.map_err(|_| SHAPE)?);
    if end_date < start_date {
        return Err("must not end before it begins".to_owned());
    }
    let sentence = sentence.trim().to_owned();
    if sentence.chars().count() > LONGEST {
        return Err(format!("must have a sentence of at most {LONGEST} characters"));
    }
    Ok(v1::ContextNote { start_date, end_date, sentence, ..Default::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_its_days_first() {
        let read = |typed| note_of(typed).map(|note| (note.start_date, note.end_date, note.sentence));
        let told = |from: &str, to: &str, sentence: &str| Ok((from.to_owned(), to.to_owned(), sentence.to_owned()));
        assert_eq!(read("2020-11-05..2020-12-02  Restrictions"), told("2020-11-05", "2020-12-02", "Restrictions"));
        assert_eq!(read("2021-10-04 The station was closed"), told("2021-10-04", "2021-10-04", "The station was closed"));
        for bad in ["2020-11-05", "Restrictions", "5 November 2020 Restrictions", "2020-11-05..x Restrictions", "2020-11-05.. Restrictions"]
        {
            assert!(read(bad).unwrap_err().contains("2020-11-05..2020-12-02 Restrictions were in force"), "{bad}");
        }
        assert_eq!(read("2020-12-02..2020-11-05 Restrictions").unwrap_err(), "must not end before it begins");
        assert!(read(&format!("2020-11-05 {}", "x".repeat(301))).unwrap_err().contains("300 characters"));
    }
}
