//! `csp return findings` and `explain`: what is asked about a return, and the answers.

use clap::Args;
use csp_proto::v1::{self, r#return::Content};

use super::{admin::options, figures::FromFiles, returns::Which};
use crate::{
    error::{Error, Kind},
    names::last,
    output::count,
    session::Session,
    views::check::{FindingList, FindingView},
};

/// Show what is asked about a return, and how it was explained
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return findings
  csp return findings gateshead/citizen-focus.2021-q3 --output json

Queries do not keep a return from being sent in, but from being signed. Mend the
figure with csp return correct, or explain it with csp return explain.")]
pub(crate) struct Findings {
    #[command(flatten)]
    which: Which,
}

/// Answer what is asked about a return, with a note that stays with it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return explain outside-limits.burglary \\
      --note \"One gang, arrested on 12 December.\"
  csp return explain older-period --note \"Months for the charts.\"

csp return findings shows what is asked. One note may answer several queries. It
answers the figures it was written for: a new value asks anew. Where the query
is about an exception, the note is printed in the paper, beside it. Whoever
explains cannot sign.")]
pub(crate) struct Explain {
    /// What is answered, as csp return findings shows it
    #[arg(required = true, value_name = "FINDING")]
    findings: Vec<String>,
    /// In a sentence or two; at most 300 characters
    #[arg(long)]
    note: String,
    /// The return, as csp return list lists it. Need not be said when only one is open for you
    #[arg(long = "return", value_name = "RETURN", conflicts_with_all = ["cycle", "partnership"])]
    name: Option<String>,
    /// For which meeting: committee/cycle
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose return
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
}

impl Findings {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let parent = self.which.find(session).await?;
        let findings = session.list_findings(v1::ListFindingsRequest { parent }).await?.findings;
        session.show(&FindingList { findings: findings.into_iter().map(FindingView::from).collect() }).await
    }
}

impl Explain {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let Self { findings, note, name, cycle, partnership } = self;
        let name = Which::of(name, cycle, partnership).find(session).await?;
        let mut explained = Vec::with_capacity(findings.len());
        for finding in &findings {
            let finding = format!("{name}/findings/{}", last(finding));
            let question = v1::ExplainFindingRequest { name: finding, note: note.clone(), etag: String::new() };
            let answered = session.explain_finding(question).await.map_err(|error| match error.kind {
                Kind::NotFound => error.hint("What is asked about your return: csp return findings"),
                _ => options(error, &[("note", "--note")]),
            })?;
            explained.push(FindingView::from(answered));
        }
        let number = count(explained.len(), "query", "queries");
        session.terminal.announce(&format!("Explained: {number}. The note stays with the return."));
        session.show(&FindingList { findings: explained }).await
    }
}

/// What would be asked about a return with this content.
pub(super) async fn check(partnership: &str, cycle: &str, content: Content, session: &Session<'_>) -> Result<Vec<v1::Finding>, Error> {
    let answer = Some(v1::Return { cycle: cycle.to_owned(), content: Some(content), ..Default::default() });
    let question = v1::CheckReturnRequest { parent: partnership.to_owned(), answer };
    Ok(session.check_return(question).await?.findings)
}

/// What would be asked, a line each, at its place in the file.
pub(super) fn lines(asked: &[v1::Finding], files: &FromFiles) -> Vec<String> {
    let line = |finding: &v1::Finding| {
        let place = files.place_of(finding);
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        let explained = files.explanation_of(finding).map(|note| format!(" Explained in the file: {note}")).unwrap_or_default();
        format!("  query    {place}{}{explained}", finding.text)
    };
    asked.iter().map(line).collect()
}

/// Says what would be asked.
pub(super) fn tell_of_file(asked: &[v1::Finding], files: &FromFiles, session: &mut Session<'_>) {
    let open = asked.iter().filter(|finding| files.explanation_of(finding).is_none()).count();
    for line in lines(asked, files) {
        session.terminal.say(line);
    }
    if open > 0 {
        session.terminal.say(format!(
            "{}: mend the figure, or explain it in the column explanation of its line, or later with csp return explain.",
            count(open, "query is open", "queries are open")
        ));
    }
}

/// Explains what the file explains, and says what is still open. The return stays sent in, whatever becomes of this.
pub(super) async fn answer(name: &str, files: &FromFiles, session: &mut Session<'_>) -> Result<(), Error> {
    let Ok(found) = session.list_findings(v1::ListFindingsRequest { parent: name.to_owned() }).await else { return Ok(()) };
    let open = found.findings.iter().filter(|finding| is_open(finding));
    let mut explained = 0;
    for finding in open {
        let Some(note) = files.explanation_of(finding) else { continue };
        let question = v1::ExplainFindingRequest { name: finding.name.clone(), note: note.to_owned(), etag: String::new() };
        session.explain_finding(question).await.map_err(|error| {
            let place = files.place_of(finding);
            options(error, &[("note", &format!("{place}: explanation"))]).hint("The return was received; its explanation was not.")
        })?;
        explained += 1;
    }
    if explained > 0 {
        session.terminal.say(format!("Explained from the file: {}.", count(explained, "query", "queries")));
    }
    tell(name, session).await;
    Ok(())
}

/// Whether a query waits for an answer.
pub(super) fn is_open(finding: &v1::Finding) -> bool {
    finding.strength == v1::CheckStrength::Query as i32 && finding.explanation.is_none()
}

/// Says what is asked about a return as it stands, and how it was answered. A server that does not say is not asked again.
pub(super) async fn tell(name: &str, session: &mut Session<'_>) {
    let Ok(found) = session.list_findings(v1::ListFindingsRequest { parent: name.to_owned() }).await else { return };
    for finding in &found.findings {
        let id = last(&finding.name);
        session.terminal.say(match &finding.explanation {
            Some(explanation) => format!("  query    {id}: {} Explained: {}", finding.text, explanation.note),
            None => format!("  query    {id}: {}", finding.text),
        });
    }
    let open = found.findings.iter().filter(|finding| is_open(finding)).count();
    if open > 0 {
        let open = count(open, "query is", "queries are");
        session.terminal.say(format!("{open} to be explained before it is signed: csp return explain FINDING --note \"…\""));
    }
}
