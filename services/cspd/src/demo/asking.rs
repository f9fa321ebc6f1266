//! What the checks ask about a return, and how its officer answers: a slip is put right, everything else is explained.

use csp_proto::v1;

use super::{data, setup::Cast, telling::Telling};
use crate::Failure;

fn name(partnership: &str) -> String {
    format!("{}/returns/{}.{}", data::partnership_name(partnership), data::COMMITTEE, data::QUARTER)
}

/// `outside-limits.burglary`
fn id(finding: &v1::Finding) -> &str {
    finding.name.rsplit('/').next().unwrap_or_default()
}

/// Lines that fit a terminal.
fn told(text: &str, tell: &mut Telling<'_>) {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + word.chars().count() > 80 {
            tell.detail(&line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    tell.detail(&line);
}

/// What is open about a partnership's return.
pub(super) async fn open(cast: &Cast, partnership: &str) -> Result<Vec<v1::Finding>, Failure> {
    let list = v1::ListFindingsRequest { parent: name(partnership) };
    let mut findings = cast.officer(partnership).checks().list_findings(list).await?.into_inner().findings;
    findings.retain(|finding| finding.explanation.is_none());
    Ok(findings)
}

/// The officer sees what is asked, and mends the figure.
pub(super) async fn sees_a_slip(cast: &Cast, partnership: &str, rule: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let open = open(cast, partnership).await?;
    let slip = open.iter().find(|finding| id(finding).starts_with(rule));
    let slip = slip.ok_or_else(|| Failure::new(format!("a slip of {partnership} is not asked about")))?;
    tell.done("It is taken, and asked about:");
    told(&slip.text, tell);
    tell.command("csp return findings");
    Ok(())
}

/// The officer explains all that is asked, so that the lead can sign.
pub(super) async fn explain(cast: &Cast, partnership: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let open = open(cast, partnership).await?;
    if open.is_empty() {
        return Ok(());
    }
    tell.done(&format!("Asked about it before it is signed: {}", open.len()));
    for finding in open {
        let note = data::explanation(partnership, id(&finding));
        let note = note.ok_or_else(|| Failure::new(format!("nobody in {partnership} can explain {}: {}", id(&finding), finding.text)))?;
        told(&finding.text, tell);
        tell.detail(&format!("Its officer explains: “{note}”"));
        tell.command(&format!("csp return explain {} --note \"…\"", id(&finding)));
        let explain = v1::ExplainFindingRequest { name: finding.name.clone(), note, etag: String::new() };
        cast.officer(partnership).checks().explain_finding(explain).await?;
    }
    Ok(())
}
