//! The workbook that goes with the letter that says that collecting has opened: the one that `csp return template` writes.

use std::collections::HashMap;

use csp_domain::{
    Instant, Scope, calendar::civil_day, id::IndicatorId, indicator::Indicator, observation::Answer, partnership::Partnership,
    period::Period, returns::Return,
};
use csp_mail::compose::{Attachment, FileName};
use csp_sheet::template::{Question, Template, Told};
use csp_store::{Gathered, Page, ReturnFilter};

use crate::{ScheduleError, Scheduler};

/// What a program must know to open it.
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What a partnership answered before.
type Known = HashMap<(IndicatorId, Period), Told>;

impl Scheduler {
    /// The workbook for one partnership, with what it answered before; `deadline`, where it has one of its own. None, and a line in
    /// the log, where it cannot be made: the letter is worth sending without it.
    pub(super) async fn workbook(
        &self,
        scope: Scope,
        gathered: &Gathered,
        partnership: &Partnership,
        deadline: Option<Instant>,
    ) -> Result<Option<Attachment>, ScheduleError> {
        let filter = ReturnFilter { partnership: Some(partnership.id), cycle: None };
        let known = known(&self.store.list_returns(scope, filter, Page::all()).await?.items);
        let name = FileName::new("", &[&partnership.slug, &gathered.committee.slug, &gathered.cycle.slug], "xlsx");
        match template(gathered, partnership, deadline, &known).form().write() {
            Ok(bytes) => Ok(Some(Attachment { name, kind: KIND, bytes })),
            Err(fault) => {
                tracing::error!(%fault, partnership = %partnership.slug, "a workbook could not be made; the letter goes without it");
                Ok(None)
            }
        }
    }
}

/// What was answered in returns that count; of two about the same, the one that was sent in later.
fn known(returns: &[Return]) -> Known {
    let figures = returns.iter().filter(|answer| answer.state.prints(false)).flat_map(|answer| answer.content.figures());
    figures.map(|figure| ((figure.indicator, figure.period), told(&figure.answer))).collect()
}

fn told(answer: &Answer) -> Told {
    match answer {
        Answer::Reported { value } => Told::Value(value.normalize().to_string()),
        Answer::Nil => Told::Nil,
        Answer::Late { expected_on } => Told::Late(expected_on.to_string()),
        Answer::Withheld { reason } => Told::Withheld(reason.to_string()),
        Answer::NotApplicable => Told::NotApplicable,
    }
}

fn template(gathered: &Gathered, partnership: &Partnership, deadline: Option<Instant>, known: &Known) -> Template {
    let (cycle, zone) = (&gathered.cycle, gathered.region.zone);
    let year_before = cycle.period.a_year_earlier();
    let question = |indicator: &Indicator| {
        let id = indicator.id;
        Question {
            indicator: indicator.slug.to_string(),
            measure: indicator.name.to_string(),
            unit: indicator.unit.word().to_owned(),
            quarter_before: known.get(&(id, cycle.period.previous())).cloned(),
            year_before: known.get(&(id, year_before)).cloned(),
        }
    };
    Template {
        committee: gathered.committee.name.to_string(),
        partnership: partnership.name.to_string(),
        period: cycle.period.to_string(),
        period_label: cycle.period.label(),
        year_before: Some(year_before.to_string()),
        opens_on: civil_day(cycle.timetable.opens_at, zone),
        due: Some(deadline.unwrap_or(cycle.timetable.deadline_at).with_timezone(&zone).naive_local()),
        asked: gathered.asked_of(partnership.id).map(question).collect(),
    }
}
