//! Returns and their figures.

use std::collections::HashMap;

use chrono::NaiveDate;
use csp_domain::{
    check::Rule,
    id::IndicatorId,
    indicator::Indicator,
    observation::{Answer, Figure, QuotedFigure, parse_value},
    period::Period,
    region::Region,
    returns::{Content, Return, ReturnState},
    text::Line,
};
use csp_proto::v1;

use super::Faults;
use crate::names;

// What the wire keeps of a return is what a return may have, and one more to tell by.
const _: () = assert!(v1::Figures::MAX_FIGURES == Content::MAX_FIGURES && v1::Figures::MAX_QUOTED == Content::MAX_QUOTED);

/// Judges what a return carries against the catalogue and the cycle's cut-off; every fault under the
/// place it stands in.
pub(crate) fn content(
    given: Option<v1::r#return::Content>,
    catalogue: &HashMap<String, Indicator>,
    cut_off: Period,
    today: NaiveDate,
    faults: &mut Faults,
) -> Option<Content> {
    match given {
        None => {
            faults.add("answer.content", "must have figures or be a nil return");
            None
        }
        Some(v1::r#return::Content::Nil(v1::NilReturn { statement })) => {
            let statement = faults.line("answer.nil.statement", &statement, Line::SENTENCE)?;
            Some(Content::Nil { statement })
        }
        Some(v1::r#return::Content::Figures(v1::Figures { figures, quoted_figures })) => {
            if figures.is_empty() && quoted_figures.is_empty() {
                faults.add("answer.figures", "must have at least one figure; file a nil return if there is nothing to report");
            }
            for (name, count, most) in
                [("figures", figures.len(), Content::MAX_FIGURES), ("quoted_figures", quoted_figures.len(), Content::MAX_QUOTED)]
            {
                if count > most {
                    faults.add(format!("answer.figures.{name}"), format!("must have at most {most} entries"));
                    return None;
                }
            }
            let mut seen = HashMap::new();
            let figures: Vec<Option<Figure>> = figures
                .into_iter()
                .enumerate()
                .map(|(i, given)| figure(i, given, catalogue, (cut_off, today), &mut seen, faults))
                .collect();
            let quoted: Vec<Option<QuotedFigure>> =
                quoted_figures.into_iter().enumerate().map(|(i, given)| quoted_figure(i, given, cut_off, faults)).collect();
            Some(Content::Full { figures: figures.into_iter().collect::<Option<_>>()?, quoted: quoted.into_iter().collect::<Option<_>>()? })
        }
    }
}

fn period(field: &str, text: &str, cut_off: Period, faults: &mut Faults) -> Option<Period> {
    let period: Period = faults.take(field, text.parse())?;
    if period.end() > cut_off.end() {
        faults.add(field, format!("{}, {}", Rule::AfterTheCutOff.says(), cut_off.label()));
        return None;
    }
    Some(period)
}

fn figure(
    place: usize,
    given: v1::Figure,
    catalogue: &HashMap<String, Indicator>,
    (cut_off, today): (Period, NaiveDate),
    seen: &mut HashMap<(IndicatorId, Period), usize>,
    faults: &mut Faults,
) -> Option<Figure> {
    let v1::Figure { indicator: name, period: when, answer, provisional, note } = given;
    let at = format!("answer.figures.figures[{place}]");
    let indicator = catalogue.get(&name);
    if indicator.is_none() {
        let shown: String = name.chars().take(120).collect();
        faults.add(
            format!("{at}.indicator"),
            if shown.is_empty() { "must be set".to_owned() } else { format!("is not in the catalogue: {shown}") },
        );
    }
    let period = period(&format!("{at}.period"), &when, cut_off, faults);
    let note = faults.optional_line(&format!("{at}.note"), &note, Line::SENTENCE);
    let answer = match answer {
        None => {
            faults.add(format!("{at}.answer"), "must be a value or one of nil, late, withheld, not_applicable");
            None
        }
        Some(v1::figure::Answer::Value(text)) => match indicator {
            Some(indicator) => {
                faults.take(&format!("{at}.value"), parse_value(&text, indicator.unit)).map(|value| Answer::Reported { value })
            }
            None => None,
        },
        Some(v1::figure::Answer::Nil(v1::Nil {})) => Some(Answer::Nil),
        Some(v1::figure::Answer::Late(v1::Late { expected_date })) => {
            let field = format!("{at}.late.expected_date");
            let expected_on = faults.date(&field, &expected_date);
            if expected_on.is_some_and(|day| day < today) {
                faults.add(field, "must not have passed: it is when the figure will be there");
            }
            expected_on.map(|expected_on| Answer::Late { expected_on })
        }
        Some(v1::figure::Answer::Withheld(v1::Withheld { reason })) => {
            faults.line(&format!("{at}.withheld.reason"), &reason, Line::SENTENCE).map(|reason| Answer::Withheld { reason })
        }
        Some(v1::figure::Answer::NotApplicable(v1::NotApplicable {})) => Some(Answer::NotApplicable),
    };
    let (indicator, period) = (indicator?, period?);
    if let Some(first) = seen.insert((indicator.id, period), place) {
        let (name, period, again) = (&indicator.name, period.short_label(), Rule::DuplicateRow.says());
        faults.add(&at, format!("answers {name} for {period} {again}; figures[{first}] does already"));
    }
    Some(Figure { indicator: indicator.id, period, answer: answer?, provisional, note })
}

fn quoted_figure(place: usize, given: v1::QuotedFigure, cut_off: Period, faults: &mut Faults) -> Option<QuotedFigure> {
    let v1::QuotedFigure { subject, value, source, period: when } = given;
    let at = format!("answer.figures.quoted_figures[{place}]");
    let subject = faults.line(&format!("{at}.subject"), &subject, Line::SENTENCE);
    let value = faults.line(&format!("{at}.value"), &value, Line::NAME);
    let source = faults.line(&format!("{at}.source"), &source, Line::SENTENCE);
    let period = period(&format!("{at}.period"), &when, cut_off, faults);
    Some(QuotedFigure { subject: subject?, value: value?, source: source?, period: period? })
}

fn figure_to(region: &Region, figure: &Figure, catalogue: &HashMap<IndicatorId, Indicator>) -> v1::Figure {
    let answer = match &figure.answer {
        Answer::Reported { value } => v1::figure::Answer::Value(value.normalize().to_string()),
        Answer::Nil => v1::figure::Answer::Nil(v1::Nil {}),
        Answer::Late { expected_on } => v1::figure::Answer::Late(v1::Late { expected_date: expected_on.to_string() }),
        Answer::Withheld { reason } => v1::figure::Answer::Withheld(v1::Withheld { reason: reason.to_string() }),
        Answer::NotApplicable => v1::figure::Answer::NotApplicable(v1::NotApplicable {}),
    };
    v1::Figure {
        indicator: catalogue.get(&figure.indicator).map(|i| names::indicator(region, i)).unwrap_or_default(),
        period: figure.period.to_string(),
        answer: Some(answer),
        provisional: figure.provisional,
        note: figure.note.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

pub(crate) fn state_to(state: ReturnState) -> v1::ReturnState {
    match state {
        ReturnState::Draft => v1::ReturnState::Draft,
        ReturnState::Submitted => v1::ReturnState::Submitted,
        ReturnState::SentBack => v1::ReturnState::SentBack,
        ReturnState::Signed => v1::ReturnState::Signed,
        ReturnState::Accepted => v1::ReturnState::Accepted,
        ReturnState::Frozen => v1::ReturnState::Frozen,
        ReturnState::Withdrawn => v1::ReturnState::Withdrawn,
    }
}

pub(crate) fn to_proto(
    region: &Region,
    name: String,
    cycle: String,
    submitter: String,
    answer: &Return,
    catalogue: &HashMap<IndicatorId, Indicator>,
) -> v1::Return {
    let content = match &answer.content {
        Content::Full { figures, quoted } => v1::r#return::Content::Figures(v1::Figures {
            figures: figures.iter().map(|figure| figure_to(region, figure, catalogue)).collect(),
            quoted_figures: quoted
                .iter()
                .map(|q| v1::QuotedFigure {
                    subject: q.subject.to_string(),
                    value: q.value.to_string(),
                    source: q.source.to_string(),
                    period: q.period.to_string(),
                })
                .collect(),
        }),
        Content::Nil { statement } => v1::r#return::Content::Nil(v1::NilReturn { statement: statement.to_string() }),
    };
    v1::Return {
        name,
        cycle,
        content: Some(content),
        remark: answer.remark.as_ref().map(ToString::to_string).unwrap_or_default(),
        state: state_to(answer.state).into(),
        submitter,
        submit_time: Some(super::timestamp(answer.submitted_at)),
        revision: answer.revision,
        etag: answer.revision.to_string(),
        reasons: String::new(),
    }
}
