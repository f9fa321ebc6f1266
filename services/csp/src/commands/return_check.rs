//! `csp return check`: everything is judged, nothing is sent in.

use std::collections::BTreeMap;

use clap::Args;
use csp_proto::v1::{self, figure::Answer, r#return::Content};
use csp_sheet::template::Told;

use super::{return_findings, returns::Sources};
use crate::{
    defaults::Part,
    error::{Error, Kind},
    names::{Names, last},
    output::count,
    session::Session,
    views::check::CheckView,
};

/// Check a return as the server would, say what would change, and send nothing in
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return check figures.xlsx
  csp return check figures.csv --quoted quoted.csv --cycle citizen-focus/2021-q3

Every fault is named with its place. Where there is a return already, the file
is checked as a correction of it. Queries do not keep a return from being sent
in, but from being signed: mend the figure, or explain it in the column
explanation, or afterwards with csp return explain. csp checks list has the
rules.")]
pub(crate) struct Check {
    /// The file of figures (.xlsx or .csv); - is what is piped in
    #[arg(required_unless_present = "quoted")]
    file: Option<String>,
    /// The file of figures that somebody else stated
    #[arg(long, value_name = "FILE")]
    quoted: Option<String>,
    /// For which meeting: committee/cycle. Need not be said when only one is open for you
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose return. Need not be said when you report for one partnership only
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
}

impl Check {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let partnership = session.partnership(self.partnership.as_deref()).await?;
        let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
        let sources = Sources { figures: self.file.as_deref(), quoted: self.quoted.as_deref(), ..Sources::default() };
        let ready = sources.read(partnership, cycle, session).await?;
        let before = standing(&ready.partnership, &ready.cycle, session).await?;
        let answer = judge(before.as_ref(), &ready.partnership, &ready.cycle, ready.content.clone(), session).await;
        let answer = answer.map_err(|error| ready.files.explain(error))?;
        session.terminal.announce("Checked: it would be accepted. Nothing was sent in.");
        changes(before.as_ref().and_then(|before| before.content.as_ref()), answer.content.as_ref(), session);
        let asked = return_findings::check(&ready.partnership, &ready.cycle, ready.content.clone(), session).await?;
        return_findings::tell_of_file(&asked, &ready.files, session);
        session.show(&CheckView::of(answer, asked)).await
    }
}

/// The return that stands for a partnership and a cycle, unless there is none or it was withdrawn.
pub(super) async fn standing(partnership: &str, cycle: &str, session: &Session<'_>) -> Result<Option<v1::Return>, Error> {
    let name = Names::return_of(partnership, cycle);
    match session.get_return(v1::GetReturnRequest { name }).await {
        Ok(answer) => Ok(Some(answer).filter(|answer| answer.state != v1::ReturnState::Withdrawn as i32)),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a return counts as it stands. One that was sent back or recalled is to be sent in again.
pub(super) fn counts(answer: &v1::Return) -> bool {
    use v1::ReturnState::{Accepted, Frozen, Signed, Submitted};
    [Submitted, Signed, Accepted, Frozen].iter().any(|state| answer.state == *state as i32)
}

/// What the server would say: to a correction where a return stands, to a first one otherwise.
pub(super) async fn judge(
    before: Option<&v1::Return>,
    partnership: &str,
    cycle: &str,
    content: Content,
    session: &Session<'_>,
) -> Result<v1::Return, Error> {
    if let Some(before) = before {
        let answer = Some(v1::Return { content: Some(content), ..before.clone() });
        return session.update_return(v1::UpdateReturnRequest { answer, validate_only: true, ..Default::default() }).await;
    }
    let answer = Some(v1::Return { cycle: cycle.to_owned(), content: Some(content), ..Default::default() });
    let parent = partnership.to_owned();
    session.create_return(v1::CreateReturnRequest { parent, answer, validate_only: true, ..Default::default() }).await
}

/// Says what would change.
pub(super) fn changes(before: Option<&Content>, after: Option<&Content>, session: &mut Session<'_>) {
    for line in differences(before, after) {
        session.terminal.say(line);
    }
}

/// What is different, a line each; at the end what stays.
pub(super) fn differences(before: Option<&Content>, after: Option<&Content>) -> Vec<String> {
    let (old, new) = (answers(before), answers(after));
    let mut lines = Vec::new();
    let mut same = 0;
    for (what, answer) in &new {
        match old.get(what) {
            None => lines.push(format!("  new      {what}: {answer}")),
            Some(earlier) if earlier != answer => lines.push(format!("  changed  {what}: {earlier} → {answer}")),
            Some(_) => same += 1,
        }
    }
    lines.extend(old.iter().filter(|(what, _)| !new.contains_key(*what)).map(|(what, answer)| format!("  gone     {what}: {answer}")));
    if same > 0 {
        lines.push(format!("  {} as it stands now", count(same, "answer stays", "answers stay")));
    }
    lines
}

/// What is answered, under the name it goes by.
fn answers(content: Option<&Content>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    match content {
        None => {}
        Some(Content::Nil(v1::NilReturn { statement })) => {
            found.insert("nil return".to_owned(), format!("“{statement}”"));
        }
        Some(Content::Figures(v1::Figures { figures, quoted_figures })) => {
            for figure in figures {
                let provisional = if figure.provisional { ", provisional" } else { "" };
                let note = if figure.note.is_empty() { String::new() } else { format!(" ({})", figure.note) };
                let answer = figure.answer.as_ref().map(in_words).unwrap_or_default();
                found.insert(format!("{} for {}", last(&figure.indicator), figure.period), format!("{answer}{provisional}{note}"));
            }
            for quoted in quoted_figures {
                let v1::QuotedFigure { subject, value, source, period } = quoted;
                found.insert(format!("“{subject}” for {period}"), format!("{value}, as stated by {source}"));
            }
        }
    }
    found
}

/// An answer in words.
pub(super) fn in_words(answer: &Answer) -> String {
    told(answer).words()
}

/// An answer as the workbook tells it.
pub(super) fn told(answer: &Answer) -> Told {
    match answer {
        Answer::Value(value) => Told::Value(value.clone()),
        Answer::Nil(v1::Nil {}) => Told::Nil,
        Answer::Late(v1::Late { expected_date }) => Told::Late(expected_date.clone()),
        Answer::Withheld(v1::Withheld { reason }) => Told::Withheld(reason.clone()),
        Answer::NotApplicable(v1::NotApplicable {}) => Told::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(lines: &[(&str, &str)]) -> Content {
        let figure = |(indicator, value): &(&str, &str)| v1::Figure {
            indicator: format!("regions/n/indicators/{indicator}"),
            period: "2021-q3".into(),
            answer: Some(Answer::Value((*value).to_owned())),
            ..Default::default()
        };
        Content::Figures(v1::Figures { figures: lines.iter().map(figure).collect(), quoted_figures: Vec::new() })
    }

    #[test]
    fn what_would_change_is_said_line_by_line() {
        let before = figures(&[("burglary", "1"), ("hate", "2"), ("theft", "3")]);
        let after = figures(&[("burglary", "1"), ("hate", "4"), ("robbery", "5")]);
        assert_eq!(
            differences(Some(&before), Some(&after)),
            [
                "  changed  hate for 2021-q3: 2 → 4",
                "  new      robbery for 2021-q3: 5",
                "  gone     theft for 2021-q3: 3",
                "  1 answer stays as it stands now",
            ]
        );
    }
}
