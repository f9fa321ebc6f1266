//! What came of it: a table for people, a summary for programs.

use csp_proto::v1::{self, figure::Answer};
use serde::Serialize;

use super::{
    collecting::count,
    data,
    stage::{Folder, write},
    telling::Telling,
};
use crate::Failure;

/// `summary.json`
#[derive(Debug, Serialize)]
struct Summary {
    /// What this is.
    notice: &'static str,
    /// How many partnerships were asked.
    partnerships: usize,
    /// How many sent in a return, and of these how many were nil or late.
    returns: usize,
    nil: usize,
    late: usize,
    /// How many sent nothing.
    missing: usize,
    /// How many answers to indicators were received.
    figures: usize,
    /// How many items of news were printed.
    news: usize,
    /// How many members the committee has.
    members: usize,
    /// How many letters were taken by whoever delivers them.
    sent: usize,
    /// SHA-256 of the digest's tree.
    document_hash: String,
    /// How long it all took.
    seconds: f64,
}

/// What each partnership answered, for people to read.
struct Line {
    partnership: String,
    answer: String,
    figures: usize,
    news: usize,
}

pub(super) struct Outcome {
    lines: Vec<Line>,
    summary: Summary,
}

impl Outcome {
    pub(super) fn of(
        returns: &[v1::Return],
        news: &[v1::NewsItem],
        members: usize,
        messages: &[v1::Message],
        digest: &v1::Digest,
        seconds: f64,
    ) -> Self {
        let mut lines = Vec::new();
        for partnership in data::partnerships() {
            let own = format!("{}/", data::partnership_name(&partnership.slug));
            let answer = returns.iter().find(|answer| answer.name.starts_with(&own));
            lines.push(Line {
                partnership: partnership.name,
                answer: in_words(answer),
                figures: answer.map_or(0, count),
                news: news.iter().filter(|item| item.name.starts_with(&own)).count(),
            });
        }
        let summary = Summary {
            notice: data::NOTICE,
            partnerships: lines.len(),
            returns: returns.len(),
            nil: returns.iter().filter(|answer| is_nil(answer)).count(),
            late: returns.iter().filter(|answer| expected_on(answer).is_some()).count(),
            missing: lines.len() - returns.len(),
            figures: lines.iter().map(|line| line.figures).sum(),
            news: news.len(),
            members,
            sent: messages.iter().filter(|message| message.state() == v1::MessageState::Accepted).count(),
            document_hash: digest.document_hash.clone(),
            seconds,
        };
        Self { lines, summary }
    }

    pub(super) fn write(&self, folder: &Folder) -> Result<(), Failure> {
        let text =
            serde_json::to_string_pretty(&self.summary).map_err(|error| Failure::new("the summary cannot be written").because(&error))?;
        write(&folder.summary(), format!("{text}\n"))
    }

    pub(super) fn tell(&self, tell: &mut Telling<'_>) {
        tell.say("");
        tell.heading("What each partnership answered");
        tell.say(&format!("  {:<22}{:<46}{:>8}{:>6}", "", "", "figures", "news"));
        let number = |number: usize| if number == 0 { "–".to_owned() } else { number.to_string() };
        for Line { partnership, answer, figures, news } in &self.lines {
            tell.say(&format!("  {partnership:<22}{answer:<46}{:>8}{:>6}", number(*figures), number(*news)));
        }
        let Summary { sent, members, seconds, .. } = &self.summary;
        tell.say(&format!("  {sent} of {members} members have their letter. All of it took {seconds:.1} seconds."));
    }
}

fn is_nil(answer: &v1::Return) -> bool {
    matches!(answer.content, Some(v1::r#return::Content::Nil(_)))
}

/// When what is late is expected.
fn expected_on(answer: &v1::Return) -> Option<String> {
    let Some(v1::r#return::Content::Figures(figures)) = &answer.content else { return None };
    figures.figures.iter().find_map(|figure| match &figure.answer {
        Some(Answer::Late(late)) => Some(late.expected_date.clone()),
        _ => None,
    })
}

fn in_words(answer: Option<&v1::Return>) -> String {
    let Some(answer) = answer else { return "nothing received".to_owned() };
    if is_nil(answer) {
        return "nothing to report (nil return)".to_owned();
    }
    match expected_on(answer).and_then(|day| day.parse().ok()) {
        Some(day) => format!("this quarter's late, expected {}", csp_domain::period::uk_date(day)),
        None if answer.state() == v1::ReturnState::Frozen => "complete, signed and accepted".to_owned(),
        None => "complete".to_owned(),
    }
}
