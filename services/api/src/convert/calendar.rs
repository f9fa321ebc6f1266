//! Rules, closed days, meetings and what becomes of them.

use chrono::NaiveDate;
use csp_domain::{
    calendar::{
        Before, ClosedDays, CommitteeRules, Move, Nation, PeriodMove, Reckoning, Rules, Step,
        reporting::{BoardMeetings, ReportingPeriods},
    },
    committee::Committee,
    cycle::{Cycle, Extension},
    partnership::Partnership,
    region::Region,
    text::Line,
};
use csp_proto::v1;
use csp_store::{Meeting, MoveRecord, Office, Outcome, Replanned};

use super::{Faults, committee::time};
use crate::names;

/// The most days changed in one call.
const MAX_DAYS: usize = 400;

fn nation_from(given: i32) -> Option<Nation> {
    match v1::Nation::try_from(given).ok()? {
        v1::Nation::Unspecified => None,
        v1::Nation::England => Some(Nation::England),
        v1::Nation::Wales => Some(Nation::Wales),
        v1::Nation::Scotland => Some(Nation::Scotland),
        v1::Nation::NorthernIreland => Some(Nation::NorthernIreland),
    }
}

fn nation_to(nation: Nation) -> v1::Nation {
    match nation {
        Nation::England => v1::Nation::England,
        Nation::Wales => v1::Nation::Wales,
        Nation::Scotland => v1::Nation::Scotland,
        Nation::NorthernIreland => v1::Nation::NorthernIreland,
    }
}

/// A number of working days.
fn days(field: &str, given: i32, faults: &mut Faults) -> Option<u8> {
    let days = u8::try_from(given).ok().filter(|&days| days <= Rules::MAX_DAYS);
    if days.is_none() {
        faults.add(field, format!("must be between 0 and {}", Rules::MAX_DAYS));
    }
    days
}

fn board_from(field: &str, given: Option<v1::Board>, faults: &mut Faults) -> Option<BoardMeetings> {
    let v1::Board { display_name, last_report_date, dates } = faults.required(field, given)?;
    let board = faults.line(&format!("{field}.display_name"), &display_name, Line::NAME);
    let last_reported = faults.date(&format!("{field}.last_report_date"), &last_report_date);
    if dates.is_empty() || dates.len() > BoardMeetings::MAX {
        faults.add(format!("{field}.dates"), format!("must be between 1 and {} days", BoardMeetings::MAX));
    }
    let dates = dates.iter().take(BoardMeetings::MAX).enumerate();
    let days: Vec<Option<NaiveDate>> = dates.map(|(i, text)| faults.date(&format!("{field}.dates[{i}]"), text)).collect();
    Some(BoardMeetings { board: board?, last_reported: last_reported?, days: days.into_iter().collect::<Option<_>>()? })
}

pub(crate) fn rules_from(field: &str, given: v1::MeetingRules, faults: &mut Faults) -> Option<CommitteeRules> {
    let v1::MeetingRules {
        nation,
        clear_days,
        saturdays,
        meeting_time,
        release_time,
        cooling_off_days,
        freeze,
        closed_to_new,
        deadline,
        opening,
        reminder_days,
        reports_on,
        board,
    } = given;
    let at = |name: &str| format!("{field}.{name}");
    let nation = nation_from(nation);
    if nation.is_none() {
        faults.add(at("nation"), "must be one of the four nations");
    }
    let clear_days = days(&at("clear_days"), clear_days, faults);
    let usual = match Rules::new(nation.unwrap_or(Nation::England), clear_days.filter(|&days| days > 0)) {
        Ok(usual) => Some(usual),
        Err(refused) => {
            faults.add(at("clear_days"), refused);
            None
        }
    };
    // What is wrong elsewhere is told all the same.
    let base = usual.clone().or_else(|| Rules::new(Nation::England, None).ok())?;
    let time_or = |faults: &mut Faults, name: &str, text: &str, usual| {
        if text.is_empty() { Some(usual) } else { faults.take(&at(name), time(text)) }
    };
    let ten = Before::new(0, 10).at;
    let meeting_at = time_or(faults, "meeting_time", &meeting_time, ten);
    let release_at = time_or(faults, "release_time", &release_time, base.release_at);
    let cooling_off = cooling_off_days.map_or(Some(base.cooling_off), |given| days(&at("cooling_off_days"), given, faults));
    let mut before = |name: &str, given: Option<v1::WorkingDaysBefore>, usual: Before| -> Option<Before> {
        let Some(v1::WorkingDaysBefore { days: count, time: text }) = given else { return Some(usual) };
        let count = days(&format!("{field}.{name}.days"), count, faults);
        let clock = if text.is_empty() { Some(usual.at) } else { faults.take(&format!("{field}.{name}.time"), time(&text)) };
        Some(Before { days: count?, at: clock? })
    };
    let freeze = before("freeze", freeze, base.freeze);
    let closed_to_new = before("closed_to_new", closed_to_new, base.closed_to_new);
    let deadline = before("deadline", deadline, base.deadline);
    let opening = before("opening", opening, base.opening);
    let reminders = if reminder_days.is_empty() {
        Some(base.reminders.clone())
    } else {
        if reminder_days.len() > Rules::MAX_REMINDERS {
            faults.add(at("reminder_days"), format!("must be at most {}", Rules::MAX_REMINDERS));
        }
        let given = reminder_days.iter().take(Rules::MAX_REMINDERS).enumerate();
        let given: Vec<Option<u8>> = given.map(|(i, &count)| days(&format!("{field}.reminder_days[{i}]"), count, faults)).collect();
        given.into_iter().collect::<Option<Vec<u8>>>().map(CommitteeRules::reminders_of)
    };
    let reports_on = match v1::ReportingCalendar::try_from(reports_on) {
        Ok(v1::ReportingCalendar::BoardMeetings) => board_from(&at("board"), board.clone(), faults).map(ReportingPeriods::SinceLastReport),
        Ok(_) if board.is_some() => {
            faults.add(at("board"), "must not be set unless its meetings are reported on");
            None
        }
        Ok(v1::ReportingCalendar::Unspecified | v1::ReportingCalendar::FinancialQuarter) => Some(ReportingPeriods::FinancialQuarters),
        Ok(v1::ReportingCalendar::CalendarQuarter) => Some(ReportingPeriods::CalendarQuarters),
        Ok(v1::ReportingCalendar::StatutoryQuarter) => Some(ReportingPeriods::StatutoryQuarters),
        Err(_) => {
            faults.add(at("reports_on"), "must be one of the calendars of the contract");
            None
        }
    };
    let rules = Rules {
        saturdays,
        release_at: release_at?,
        cooling_off: cooling_off?,
        freeze: freeze?,
        closed_to_new: closed_to_new?,
        deadline: deadline?,
        opening: opening?,
        reminders: reminders?,
        ..usual?
    };
    let rules = CommitteeRules { rules, meeting_at: meeting_at?, reports_on: reports_on? };
    let wrong = rules.faults(field);
    if wrong.is_empty() {
        return Some(rules);
    }
    for fault in wrong {
        faults.add(fault.field.replace(".reminders[", ".reminder_days[").replace("cooling_off", "cooling_off_days"), fault.reason);
    }
    None
}

fn rules_to(rules: &CommitteeRules) -> v1::MeetingRules {
    let before = |before: Before| Some(v1::WorkingDaysBefore { days: before.days.into(), time: before.at.format("%H:%M").to_string() });
    let (reports_on, board) = match &rules.reports_on {
        ReportingPeriods::SinceLastReport(board) => {
            let made = v1::Board {
                display_name: board.board.to_string(),
                last_report_date: board.last_reported.to_string(),
                dates: board.days.iter().map(ToString::to_string).collect(),
            };
            (v1::ReportingCalendar::BoardMeetings, Some(made))
        }
        ReportingPeriods::CalendarQuarters => (v1::ReportingCalendar::CalendarQuarter, None),
        ReportingPeriods::StatutoryQuarters => (v1::ReportingCalendar::StatutoryQuarter, None),
        // Periods date by date are said with each meeting, and are no rule.
        ReportingPeriods::FinancialQuarters | ReportingPeriods::DateByDate(_) => (v1::ReportingCalendar::FinancialQuarter, None),
    };
    let of = &rules.rules;
    v1::MeetingRules {
        nation: nation_to(of.nation).into(),
        clear_days: of.clear_days.into(),
        saturdays: of.saturdays,
        meeting_time: rules.meeting_at.format("%H:%M").to_string(),
        release_time: of.release_at.format("%H:%M").to_string(),
        cooling_off_days: Some(of.cooling_off.into()),
        freeze: before(of.freeze),
        closed_to_new: before(of.closed_to_new),
        deadline: before(of.deadline),
        opening: before(of.opening),
        reminder_days: rules.reminders().into_iter().map(i32::from).collect(),
        reports_on: reports_on.into(),
        board,
    }
}

pub(crate) fn closed_days_from(field: &str, given: &[v1::ClosedDay], faults: &mut Faults) -> Option<ClosedDays> {
    if given.len() > MAX_DAYS {
        faults.add(field, format!("must be at most {MAX_DAYS} days"));
    }
    let mut days = Vec::new();
    for (i, v1::ClosedDay { date, reason }) in given.iter().take(MAX_DAYS).enumerate() {
        let day = faults.date(&format!("{field}[{i}].date"), date);
        let reason = faults.line(&format!("{field}[{i}].reason"), reason, Line::NAME);
        days.extend(day.zip(reason));
    }
    faults.take(field, ClosedDays::new(days))
}

pub(crate) fn days_from(field: &str, given: &[String], faults: &mut Faults) -> Vec<NaiveDate> {
    if given.len() > MAX_DAYS {
        faults.add(field, format!("must be at most {MAX_DAYS} days"));
    }
    given.iter().take(MAX_DAYS).enumerate().filter_map(|(i, text)| faults.date(&format!("{field}[{i}]"), text)).collect()
}

pub(crate) fn closed_days_to(days: &ClosedDays) -> Vec<v1::ClosedDay> {
    days.iter().map(|(day, reason)| v1::ClosedDay { date: day.to_string(), reason: reason.to_string() }).collect()
}

pub(crate) fn calendar_to(region: &Region, committee: &Committee, office: &Office, of_region: &ClosedDays) -> v1::Calendar {
    v1::Calendar {
        committee: names::committee(region, committee),
        rules: office.rules.as_ref().map(rules_to),
        closed_days: closed_days_to(&office.closed),
        region_closed_days: closed_days_to(of_region),
    }
}

/// A meeting, but for the cycle that it names.
pub(crate) fn meeting_from(field: &str, given: &v1::Meeting, faults: &mut Faults) -> Option<Meeting> {
    let v1::Meeting { date, time: text, period, uid, cancelled, cycle: _ } = given;
    let day = faults.date(&format!("{field}.date"), date);
    let clock = if text.is_empty() { Some(None) } else { faults.take(&format!("{field}.time"), time(text)).map(Some) };
    let period = if period.is_empty() { Some(None) } else { faults.take(&format!("{field}.period"), period.parse()).map(Some) };
    let uid = if uid.is_empty() { Some(None) } else { faults.line(&format!("{field}.uid"), uid, 300).map(Some) };
    Some(Meeting { day: day?, time: clock?, period: period?, uid: uid?, sequence: None, cancelled: *cancelled, cycle: None })
}

fn moves_to(moves: &[Move]) -> Vec<v1::DateMove> {
    let made = moves.iter().map(|moved| v1::DateMove {
        step: moved.step.word(),
        title: moved.step.title(),
        from_time: Some(super::timestamp(moved.from)),
        to_time: Some(super::timestamp(moved.to)),
    });
    made.collect()
}

fn period_move_to(moved: PeriodMove) -> v1::PeriodMove {
    v1::PeriodMove {
        from_period: moved.from.to_string(),
        to_period: moved.to.to_string(),
        from_title: moved.from.label(),
        to_title: moved.to.label(),
    }
}

/// How a cycle's dates came about; where nobody counted them, what they are.
/// `own`: who was given more time.
pub(crate) fn plan_to(
    name: String,
    cycle: &Cycle,
    plan: Option<&Reckoning>,
    changes: &[MoveRecord],
    own: &[(Partnership, Extension)],
) -> v1::CyclePlan {
    let changes = changes.iter().map(|change| v1::PlanChange {
        reason: change.why.clone(),
        change_time: Some(super::timestamp(change.at)),
        moves: moves_to(&change.moves),
        period_move: change.period.map(period_move_to),
    });
    let date = |step: Step, at, reason: String, provisional| v1::PlannedDate {
        step: step.word(),
        title: step.title(),
        time: Some(super::timestamp(at)),
        reason,
        provisional,
    };
    let mut dates: Vec<v1::PlannedDate> = plan.map_or_else(
        || cycle.timetable.steps().into_iter().map(|(step, at)| date(step, at, String::new(), false)).collect(),
        |plan| plan.dates.iter().map(|found| date(found.step, found.at, found.why.clone(), found.provisional)).collect(),
    );
    dates.extend(own.iter().map(|(partnership, extension)| v1::PlannedDate {
        step: format!("deadline-{}", partnership.slug),
        title: format!("{} from {}", Step::Deadline.title(), partnership.name),
        time: Some(super::timestamp(extension.until)),
        reason: format!("more time was given: {}", extension.reason),
        provisional: false,
    }));
    // Among those that come at once, whoever was given more time last.
    dates.sort_by_key(|date| date.time.map(|at| (at.seconds, at.nanos)));
    v1::CyclePlan {
        cycle: name,
        by_rules: plan.is_some(),
        reports_on: plan.map_or_else(|| cycle.period.label(), |plan| plan.reports_on.clone()),
        dates,
        notes: plan.map(|plan| plan.notes.clone()).unwrap_or_default(),
        changes: changes.collect(),
    }
}

pub(crate) fn extension_to(
    region: &Region,
    committee: &Committee,
    cycle: &Cycle,
    partnership: &Partnership,
    extension: &Extension,
) -> v1::Extension {
    v1::Extension {
        cycle: names::cycle(region, committee, cycle),
        partnership: names::partnership(region, partnership),
        until_time: Some(super::timestamp(extension.until)),
        reason: extension.reason.to_string(),
        create_time: Some(super::timestamp(extension.at)),
    }
}

pub(crate) fn replanned_to(region: &Region, committee: &Committee, found: &Replanned) -> v1::Replanned {
    let (outcome, reason) = match &found.outcome {
        Outcome::Planned => (v1::PlanningOutcome::Planned, ""),
        Outcome::Moved => (v1::PlanningOutcome::Moved, ""),
        Outcome::Unchanged => (v1::PlanningOutcome::Unchanged, ""),
        Outcome::CalledOff => (v1::PlanningOutcome::CalledOff, ""),
        Outcome::Kept(reason) => (v1::PlanningOutcome::Kept, reason.as_str()),
    };
    let cycle = found.cycle.as_ref();
    v1::Replanned {
        meeting_date: found.day.to_string(),
        uid: found.uid.as_ref().map(ToString::to_string).unwrap_or_default(),
        outcome: outcome.into(),
        reason: reason.to_owned(),
        cycle: cycle.map(|cycle| super::committee::cycle_to_proto(region, committee, cycle)),
        plan: cycle.map(|cycle| plan_to(names::cycle(region, committee, cycle), cycle, found.plan.as_ref(), &[], &[])),
        moves: moves_to(&found.moves),
        period_move: found.period.map(period_move_to),
    }
}
