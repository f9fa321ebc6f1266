//! Committees, their cycles and their standing text.

use chrono::NaiveTime;
use csp_domain::{
    calendar::{Offset, QuarterKey, Recurrence, Timetable},
    committee::{Beside, Committee, Implication, Member, SignOff, Template},
    cycle::{Cycle, CycleState},
    id::PartnershipId,
    person::Person,
    region::Region,
    text::{Line, Refused},
};
use csp_proto::v1;

use super::Faults;
use crate::names;

pub(crate) fn template_from(field: &str, template: v1::CommitteeTemplate, faults: &mut Faults) -> Option<Template> {
    let v1::CommitteeTemplate { report_of, title, purpose, recommendations, implications, notice, comparators, least_base } = template;
    if recommendations.is_empty() {
        faults.add(format!("{field}.recommendations"), "must have at least one entry");
    }
    for (name, count) in [("recommendations", recommendations.len()), ("implications", implications.len())] {
        if count > Template::MAX_ITEMS {
            faults.add(format!("{field}.{name}"), format!("must have at most {} entries", Template::MAX_ITEMS));
        }
    }
    let line = |faults: &mut Faults, name: String, text: &str| faults.line(&format!("{field}.{name}"), text, Line::SENTENCE);
    let report_of = line(faults, "report_of".to_owned(), &report_of);
    let title = line(faults, "title".to_owned(), &title);
    let purpose = line(faults, "purpose".to_owned(), &purpose);
    let recommendations: Vec<Option<Line>> = recommendations
        .iter()
        .take(Template::MAX_ITEMS)
        .enumerate()
        .map(|(i, text)| line(faults, format!("recommendations[{i}]"), text))
        .collect();
    let implications: Vec<Option<Implication>> = implications
        .into_iter()
        .take(Template::MAX_ITEMS)
        .enumerate()
        .map(|(i, implication)| {
            let v1::Implication { heading, statement } = implication;
            let heading = line(faults, format!("implications[{i}].heading"), &heading);
            let statement = line(faults, format!("implications[{i}].statement"), &statement);
            Some(Implication { heading: heading?, statement: statement? })
        })
        .collect();
    let notice = faults.optional_line(&format!("{field}.notice"), &notice, Line::SENTENCE);
    let beside = beside_from(&format!("{field}.comparators"), &comparators, faults);
    let least_base = match u32::try_from(least_base) {
        Ok(0) => Some(Template::usual_least_base()),
        Ok(least) if least <= Template::MAX_LEAST_BASE => Some(least),
        _ => {
            faults.add(format!("{field}.least_base"), "must be from 1 to 1,000,000, or 0 for the usual 50");
            None
        }
    };
    Some(Template {
        report_of: report_of?,
        title: title?,
        purpose: purpose?,
        recommendations: recommendations.into_iter().collect::<Option<_>>()?,
        implications: implications.into_iter().collect::<Option<_>>()?,
        notice,
        beside,
        least_base: least_base?,
    })
}

/// What was named, in its order; what is usual where nothing was.
fn beside_from(field: &str, given: &[i32], faults: &mut Faults) -> Vec<Beside> {
    let mut beside = Vec::new();
    // A hostile message could have a million.
    for (n, code) in given.iter().enumerate().take(2 * Beside::ALL.len()) {
        let known = v1::Comparator::try_from(*code).ok().and_then(|code| Beside::ALL.into_iter().find(|known| beside_to(*known) == code));
        match known {
            None => faults.add(format!("{field}[{n}]"), "must be something that figures can be set beside, such as the year to date"),
            Some(known) if beside.contains(&known) => faults.add(format!("{field}[{n}]"), "must not be named twice"),
            Some(known) => beside.push(known),
        }
    }
    if beside.is_empty() { Beside::usual() } else { beside }
}

fn beside_to(beside: Beside) -> v1::Comparator {
    match beside {
        Beside::PreviousPeriod => v1::Comparator::PreviousPeriod,
        Beside::SamePeriodLastYear => v1::Comparator::SamePeriodLastYear,
        Beside::YearToDate => v1::Comparator::YearToDate,
        Beside::RollingTwelveMonths => v1::Comparator::RollingTwelveMonths,
        Beside::Region => v1::Comparator::Region,
        Beside::Group => v1::Comparator::Group,
    }
}

fn template_to(template: &Template) -> v1::CommitteeTemplate {
    v1::CommitteeTemplate {
        report_of: template.report_of.to_string(),
        title: template.title.to_string(),
        purpose: template.purpose.to_string(),
        recommendations: template.recommendations.iter().map(ToString::to_string).collect(),
        implications: template
            .implications
            .iter()
            .map(|i| v1::Implication { heading: i.heading.to_string(), statement: i.statement.to_string() })
            .collect(),
        notice: template.notice.as_ref().map(ToString::to_string).unwrap_or_default(),
        comparators: template.beside.iter().map(|beside| beside_to(*beside).into()).collect(),
        least_base: i32::try_from(template.least_base).unwrap_or(i32::MAX),
    }
}

pub(super) fn time(text: &str) -> Result<NaiveTime, Refused> {
    let exact = text.len() == 5 && text.as_bytes()[2] == b':';
    exact
        .then(|| NaiveTime::parse_from_str(text, "%H:%M").ok())
        .flatten()
        .ok_or_else(|| Refused::new("must be a time of day such as 17:00"))
}

pub(crate) fn recurrence_from(field: &str, recurrence: v1::Recurrence, faults: &mut Faults) -> Option<Recurrence> {
    let v1::Recurrence { first_quarter, opens, meeting, deadline, publication } = recurrence;
    let first = faults.take(&format!("{field}.first_quarter"), QuarterKey::try_from(first_quarter));
    let usual = Recurrence::from_first(first.map_or_else(|| csp_domain::period::Quarter::containing(chrono::NaiveDate::MIN), |key| key.0));
    let mut offset = |name: &str, given: Option<v1::Offset>, usual: Offset| -> Option<Offset> {
        // What is not said is as is usual.
        let Some(v1::Offset { days, time: text }) = given else { return Some(usual) };
        let days = match u16::try_from(days) {
            Ok(days) => Some(days),
            Err(_) => {
                faults.add(format!("{field}.{name}.days"), format!("must be between 0 and {}", Offset::MAX_DAYS));
                None
            }
        };
        let at = if text.is_empty() { Some(usual.at) } else { faults.take(&format!("{field}.{name}.time"), time(&text)) };
        Some(Offset { days: days?, at: at? })
    };
    let opens = offset("opens", opens, usual.opens);
    let meeting = offset("meeting", meeting, usual.meeting);
    let deadline = offset("deadline", deadline, usual.deadline);
    let publication = offset("publication", publication, usual.publication);
    let recurrence = Recurrence { first: first?, opens: opens?, meeting: meeting?, deadline: deadline?, publication: publication? };
    let wrong = recurrence.faults(field);
    if wrong.is_empty() {
        Some(recurrence)
    } else {
        faults.extend(wrong);
        None
    }
}

fn recurrence_to(recurrence: &Recurrence) -> v1::Recurrence {
    let offset = |offset: Offset| Some(v1::Offset { days: offset.days.into(), time: offset.at.format("%H:%M").to_string() });
    v1::Recurrence {
        first_quarter: String::from(recurrence.first),
        opens: offset(recurrence.opens),
        meeting: offset(recurrence.meeting),
        deadline: offset(recurrence.deadline),
        publication: offset(recurrence.publication),
    }
}

/// `partnerships` and `indicators`: the names of all of both, in the committee's order.
pub(crate) fn to_proto(region: &Region, committee: &Committee, partnerships: Vec<String>, indicators: Vec<String>) -> v1::Committee {
    let exempt = |(id, name): (&PartnershipId, &String)| {
        let not_asked = committee.indicators.iter().zip(&indicators).filter(|(indicator, _)| committee.exempts(*id, **indicator));
        let indicators: Vec<String> = not_asked.map(|(_, name)| name.clone()).collect();
        (!indicators.is_empty()).then(|| v1::Exemption { partnership: name.clone(), indicators })
    };
    let exemptions = committee.partnerships.iter().zip(&partnerships).filter_map(exempt).collect();
    v1::Committee {
        name: names::committee(region, committee),
        display_name: committee.name.to_string(),
        partnerships,
        indicators,
        recurrence: committee.recurrence.as_ref().map(recurrence_to),
        template: Some(template_to(&committee.template)),
        create_time: Some(super::timestamp(committee.created_at)),
        etag: committee.revision.to_string(),
        sign_off: sign_off_to(committee.sign_off).into(),
        warnings: Vec::new(),
        exemptions,
    }
}

fn sign_off_to(rule: SignOff) -> v1::SignOffRule {
    match rule {
        SignOff::Required => v1::SignOffRule::Required,
        SignOff::WhereLed => v1::SignOffRule::WhereLed,
        SignOff::NotRequired => v1::SignOffRule::NotRequired,
    }
}

/// The rule that was named; the usual one where none was.
pub(crate) fn sign_off_from(field: &str, given: i32, faults: &mut Faults) -> Option<SignOff> {
    match v1::SignOffRule::try_from(given) {
        Ok(v1::SignOffRule::Unspecified) => Some(SignOff::default()),
        Ok(v1::SignOffRule::Required) => Some(SignOff::Required),
        Ok(v1::SignOffRule::WhereLed) => Some(SignOff::WhereLed),
        Ok(v1::SignOffRule::NotRequired) => Some(SignOff::NotRequired),
        Err(_) => {
            faults.add(field, "must be one of the rules of the contract");
            None
        }
    }
}

pub(crate) fn member_to_proto(region: &Region, committee: &Committee, member: &Member, person: &Person) -> v1::Member {
    v1::Member {
        name: format!("{}/members/{}", names::committee(region, committee), member.id),
        person: names::person(region, person),
        display_name: person.name.to_string(),
        email: person.email.as_str().to_owned(),
        start_date: member.starts_on.to_string(),
        end_date: member.ends_on.map(|day| day.to_string()).unwrap_or_default(),
        etag: member.revision.to_string(),
    }
}

pub(crate) fn cycle_to_proto(region: &Region, committee: &Committee, cycle: &Cycle) -> v1::Cycle {
    let state = match cycle.state {
        CycleState::Planned => v1::CycleState::Planned,
        CycleState::Open => v1::CycleState::Open,
        CycleState::Closed => v1::CycleState::Closed,
        CycleState::Published => v1::CycleState::Published,
        CycleState::Cancelled => v1::CycleState::Cancelled,
    };
    v1::Cycle {
        name: names::cycle(region, committee, cycle),
        period: cycle.period.to_string(),
        period_label: cycle.period.label(),
        state: state.into(),
        open_time: Some(super::timestamp(cycle.timetable.opens_at)),
        deadline_time: Some(super::timestamp(cycle.timetable.deadline_at)),
        closed_to_new_time: Some(super::timestamp(cycle.timetable.closed_to_new_at)),
        freeze_time: Some(super::timestamp(cycle.timetable.freeze_at)),
        publication_time: Some(super::timestamp(cycle.timetable.publication_at)),
        meeting_time: Some(super::timestamp(cycle.timetable.meeting_at)),
        create_time: Some(super::timestamp(cycle.created_at)),
        etag: cycle.revision.to_string(),
    }
}

/// The order of a timetable, as faults of its fields.
pub(crate) fn check_timetable(field: &str, timetable: &Timetable, faults: &mut Faults) {
    if let Err(refused) = timetable.check() {
        faults.add(field, refused);
    }
}
