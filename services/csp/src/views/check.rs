//! What checks say: findings about a return, and the rules.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::{last, short},
    output::{Page, Show},
    words::Coded,
};

use super::{given, returns::ReturnView};

#[derive(Debug, Serialize)]
pub(crate) struct FindingView {
    /// Absent where the return is not sent in.
    pub(crate) name: Option<String>,
    rule: String,
    strength: Coded<v1::CheckStrength>,
    indicator: Option<String>,
    field: String,
    text: String,
    printed: bool,
    explanation: Option<ExplanationView>,
}

#[derive(Debug, Serialize)]
struct ExplanationView {
    note: String,
    person: String,
    time: Option<Instant>,
}

impl From<v1::Finding> for FindingView {
    fn from(finding: v1::Finding) -> Self {
        let v1::Finding { name, rule, strength, indicator, field, text, printed, explanation } = finding;
        let explanation = explanation.map(|v1::Explanation { note, person, time }| ExplanationView { note, person, time: instant(time) });
        Self { name: given(name), rule, strength: Coded::of(strength), indicator: given(indicator), field, text, printed, explanation }
    }
}

impl FindingView {
    /// `outside-limits.burglary`, as it is typed.
    fn id(&self) -> String {
        match (&self.name, &self.indicator) {
            (Some(name), _) => last(name).to_owned(),
            (None, Some(indicator)) => format!("{}.{}", last(&self.rule), last(indicator)),
            (None, None) => last(&self.rule).to_owned(),
        }
    }

    fn draw(&self, page: &mut Page) {
        page.line(format!("{}  {}", self.strength.words(), self.id()));
        page.line(format!("  {}", self.text));
        match &self.explanation {
            Some(ExplanationView { note, person, time }) => {
                let when = page.when(*time);
                page.line(format!("  Explained by {}, {when}: {note}", short(person)));
            }
            None if self.printed => page.line("  Open. The reason is printed in the paper, beside the exception."),
            None => page.line("  Open."),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct FindingList {
    pub(crate) findings: Vec<FindingView>,
}

impl Show for FindingList {
    fn draw(&self, page: &mut Page) {
        if self.findings.is_empty() {
            page.line("Nothing is asked about this return.");
        }
        self.findings.iter().for_each(|finding| finding.draw(page));
    }
}

/// A return that was only checked, with what would be asked about it.
#[derive(Debug, Serialize)]
pub(crate) struct CheckView {
    #[serde(flatten)]
    answer: ReturnView,
    findings: Vec<FindingView>,
}

impl CheckView {
    pub(crate) fn of(answer: v1::Return, findings: Vec<v1::Finding>) -> Self {
        Self { answer: answer.into(), findings: findings.into_iter().map(Into::into).collect() }
    }
}

impl Show for CheckView {
    fn draw(&self, page: &mut Page) {
        // What is asked was said at its place in the file.
        self.answer.draw(page);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RuleView {
    name: String,
    says: String,
    how: String,
    default_strength: Coded<v1::CheckStrength>,
    strength: Coded<v1::CheckStrength>,
    fixed: bool,
    reason: Option<String>,
    setter: Option<String>,
    set_time: Option<Instant>,
}

impl From<v1::CheckRule> for RuleView {
    fn from(rule: v1::CheckRule) -> Self {
        let v1::CheckRule { name, says, how, default_strength, strength, fixed, reason, setter, set_time } = rule;
        Self {
            name,
            says,
            how,
            default_strength: Coded::of(default_strength),
            strength: Coded::of(strength),
            fixed,
            reason: given(reason),
            setter: given(setter),
            set_time: instant(set_time),
        }
    }
}

impl Show for RuleView {
    fn draw(&self, page: &mut Page) {
        let fixed = if self.fixed { ", fixed" } else { "" };
        page.line(format!("{}  {}{fixed}", last(&self.name), self.strength.words()));
        page.line(format!("  … {}.", self.says));
        page.line(format!("  {}", self.how));
        if let Some(reason) = &self.reason {
            let by = self.setter.as_deref().map_or_else(|| "the service".to_owned(), short);
            let when = page.when(self.set_time);
            page.line(format!("  Otherwise {}. Set by {by}, {when}: {reason}", self.default_strength.words()));
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RuleList {
    pub(crate) rules: Vec<RuleView>,
}

impl Show for RuleList {
    fn draw(&self, page: &mut Page) {
        self.rules.iter().for_each(|rule| rule.draw(page));
    }
}
