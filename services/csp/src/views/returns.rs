//! Returns and their figures.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, day, instant},
    names::{last, short},
    output::{Page, Show, count},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct ReturnView {
    /// Absent in a dry run.
    pub(crate) name: Option<String>,
    cycle: String,
    figures: Option<FiguresView>,
    nil: Option<NilReturnView>,
    remark: Option<String>,
    state: Coded<v1::ReturnState>,
    submitter: Option<String>,
    submit_time: Option<Instant>,
    pub(crate) revision: i64,
    etag: Option<String>,
    reasons: Option<String>,
}

#[derive(Debug, Serialize)]
struct FiguresView {
    figures: Vec<FigureView>,
    quoted_figures: Vec<QuotedFigureView>,
}

#[derive(Debug, Serialize)]
struct NilReturnView {
    statement: String,
}

#[derive(Debug, Serialize)]
struct FigureView {
    indicator: String,
    period: String,
    value: Option<String>,
    nil: Option<Nothing>,
    late: Option<LateView>,
    withheld: Option<WithheldView>,
    not_applicable: Option<Nothing>,
    provisional: bool,
    note: Option<String>,
}

/// An empty message of the contract.
#[derive(Debug, Serialize)]
struct Nothing {}

#[derive(Debug, Serialize)]
struct LateView {
    expected_date: String,
}

#[derive(Debug, Serialize)]
struct WithheldView {
    reason: String,
}

#[derive(Debug, Serialize)]
struct QuotedFigureView {
    subject: String,
    value: String,
    source: String,
    period: String,
}

impl From<v1::Return> for ReturnView {
    fn from(answer: v1::Return) -> Self {
        let v1::Return { name, cycle, content, remark, state, submitter, submit_time, revision, etag, reasons } = answer;
        let (figures, nil) = match content {
            Some(v1::r#return::Content::Figures(figures)) => (Some(figures.into()), None),
            Some(v1::r#return::Content::Nil(v1::NilReturn { statement })) => (None, Some(NilReturnView { statement })),
            None => (None, None),
        };
        Self {
            name: given(name),
            cycle,
            figures,
            nil,
            remark: given(remark),
            state: Coded::of(state),
            submitter: given(submitter),
            submit_time: instant(submit_time),
            revision,
            etag: given(etag),
            reasons: given(reasons),
        }
    }
}

impl From<v1::Figures> for FiguresView {
    fn from(figures: v1::Figures) -> Self {
        let v1::Figures { figures, quoted_figures } = figures;
        let quoted = |quoted| {
            let v1::QuotedFigure { subject, value, source, period } = quoted;
            QuotedFigureView { subject, value, source, period }
        };
        Self { figures: figures.into_iter().map(Into::into).collect(), quoted_figures: quoted_figures.into_iter().map(quoted).collect() }
    }
}

impl From<v1::Figure> for FigureView {
    fn from(figure: v1::Figure) -> Self {
        use v1::figure::Answer;
        let v1::Figure { indicator, period, answer, provisional, note } = figure;
        let mut view = Self {
            indicator,
            period,
            value: None,
            nil: None,
            late: None,
            withheld: None,
            not_applicable: None,
            provisional,
            note: given(note),
        };
        match answer {
            Some(Answer::Value(value)) => view.value = Some(value),
            Some(Answer::Nil(v1::Nil {})) => view.nil = Some(Nothing {}),
            Some(Answer::Late(v1::Late { expected_date })) => view.late = Some(LateView { expected_date }),
            Some(Answer::Withheld(v1::Withheld { reason })) => view.withheld = Some(WithheldView { reason }),
            Some(Answer::NotApplicable(v1::NotApplicable {})) => view.not_applicable = Some(Nothing {}),
            None => {}
        }
        view
    }
}

impl FigureView {
    /// What is answered, in words.
    fn answer(&self) -> String {
        match self {
            Self { value: Some(value), .. } => value.clone(),
            Self { nil: Some(_), .. } => "none".to_owned(),
            Self { late: Some(late), .. } => format!("late, expected {}", day(&late.expected_date)),
            Self { withheld: Some(withheld), .. } => format!("withheld: {}", withheld.reason),
            Self { not_applicable: Some(_), .. } => "not applicable".to_owned(),
            _ => String::new(),
        }
    }
}

impl ReturnView {
    /// `12 figures`, `nil return`.
    pub(crate) fn summary(&self) -> String {
        match (&self.figures, &self.nil) {
            (Some(FiguresView { figures, quoted_figures }), _) => {
                let mut summary = count(figures.len(), "figure", "figures");
                if !quoted_figures.is_empty() {
                    summary.push_str(&format!(", {}", count(quoted_figures.len(), "quoted figure", "quoted figures")));
                }
                summary
            }
            (None, Some(_)) => "nil return".to_owned(),
            (None, None) => String::new(),
        }
    }
}

impl Show for ReturnView {
    fn draw(&self, page: &mut Page) {
        page.title(format!("Return for {}", short(&self.cycle)));
        let sent = page.when(self.submit_time);
        page.facts([
            ("Return", self.name.as_deref().map(short).unwrap_or_default()),
            ("Holds", self.summary()),
            ("State", self.state.words()),
            ("Sent back because", self.reasons.clone().unwrap_or_default()),
            ("Sent in by", self.submitter.as_deref().map(short).unwrap_or_default()),
            ("Sent in", sent),
            ("Version", if self.revision > 1 { self.revision.to_string() } else { String::new() }),
            ("Remark", self.remark.clone().unwrap_or_default()),
            ("Statement", self.nil.as_ref().map(|nil| nil.statement.clone()).unwrap_or_default()),
        ]);
        let Some(FiguresView { figures, quoted_figures }) = &self.figures else { return };
        if !figures.is_empty() {
            page.blank();
            let rows = figures.iter().map(|f| {
                let provisional = if f.provisional { "provisional" } else { "" };
                let notes = [provisional, f.note.as_deref().unwrap_or_default()].into_iter().filter(|note| !note.is_empty());
                [last(&f.indicator).to_owned(), f.period.clone(), f.answer(), notes.collect::<Vec<_>>().join("; ")]
            });
            page.table(["Indicator", "Period", "Figure", "Note"], rows, "");
        }
        if !quoted_figures.is_empty() {
            page.blank();
            let rows = quoted_figures.iter().map(|q| [q.subject.clone(), q.value.clone(), q.source.clone(), q.period.clone()]);
            page.table(["Quoted figure of", "Value", "As stated by", "Period"], rows, "");
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ReturnList {
    pub(crate) returns: Vec<ReturnView>,
}

impl Show for ReturnList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .returns
            .iter()
            .map(|r| {
                let name = r.name.as_deref().map(short).unwrap_or_default();
                let by = r.submitter.as_deref().map(short).unwrap_or_default();
                [name, r.summary(), r.state.words(), by, page.when(r.submit_time), r.revision.to_string()]
            })
            .collect();
        page.table(["Return", "Holds", "State", "Sent in by", "Sent in", "Version"], rows, "There are no returns yet.");
    }
}
