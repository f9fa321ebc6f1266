//! Valid requests about rules, meetings and closed days, and the committee they need.

use csp_proto::v1;
use prost::Message as _;

use super::{DAY, LATER, Valid, row, stamp};
use crate::world::{COMMITTEE, CYCLE, REGION, World, partnership};

/// A cycle whose window has three ends.
const LATE_WINDOW: &str = "regions/northumbria/committees/citizen-focus/cycles/late-window";
/// A committee that plans by rules.
const SCRUTINY: &str = "regions/northumbria/committees/scrutiny";

fn rules() -> v1::MeetingRules {
    let before = |days, time: &str| Some(v1::WorkingDaysBefore { days, time: time.into() });
    v1::MeetingRules {
        nation: v1::Nation::Wales.into(),
        clear_days: 4,
        saturdays: true,
        meeting_time: "14:00".into(),
        release_time: "09:30".into(),
        cooling_off_days: Some(1),
        freeze: before(1, "12:00"),
        closed_to_new: before(1, "16:30"),
        deadline: before(2, "16:00"),
        opening: before(20, "09:00"),
        reminder_days: vec![8, 2],
        reports_on: v1::ReportingCalendar::BoardMeetings.into(),
        board: Some(v1::Board {
            display_name: "Strategic Board".into(),
            last_report_date: "2021-12-01".into(),
            dates: vec!["2022-02-09".into(), "2022-05-11".into()],
        }),
    }
}

/// What the requests are about.
pub(super) async fn set_up(world: &World) {
    let cycle = v1::Cycle {
        period: "2029-q4".into(),
        open_time: Some(stamp(LATER)),
        deadline_time: Some(stamp(LATER + DAY)),
        closed_to_new_time: Some(stamp(LATER + 2 * DAY)),
        freeze_time: Some(stamp(LATER + 3 * DAY)),
        publication_time: Some(stamp(LATER + 4 * DAY)),
        meeting_time: Some(stamp(LATER + 5 * DAY)),
        ..Default::default()
    };
    let create =
        v1::CreateCycleRequest { parent: COMMITTEE.into(), cycle: Some(cycle), cycle_id: "late-window".into(), request_id: String::new() };
    world.committees().create_cycle(world.administrator.call(create)).await.unwrap();
    // A committee that plans by rules, of the same three.
    let scrutiny = v1::Committee { display_name: "Scrutiny".into(), partnerships: (0..3).map(partnership).collect(), ..Default::default() };
    let create = v1::CreateCommitteeRequest {
        parent: REGION.into(),
        committee: Some(scrutiny),
        committee_id: "scrutiny".into(),
        request_id: String::new(),
    };
    world.committees().create_committee(world.administrator.call(create)).await.unwrap();
    let set = v1::SetRulesRequest { parent: SCRUTINY.into(), rules: Some(rules()), validate_only: false };
    world.calendars().set_rules(world.administrator.call(set)).await.unwrap();
    // A day that may be opened again.
    let add = vec![v1::ClosedDay { date: "2022-12-30".into(), reason: "Offices shut".into() }];
    let close = v1::ChangeClosedDaysRequest { parent: COMMITTEE.into(), add, remove: Vec::new(), validate_only: false };
    world.calendars().change_closed_days(world.administrator.call(close)).await.unwrap();
}

/// A valid request for a method; none for one that has no row here yet.
pub(super) fn valid(world: &World, method: &str) -> Option<Valid> {
    let administrator = &world.administrator;
    Some(match method {
        "GetCalendar" => row(&world.editor, v1::GetCalendarRequest { parent: COMMITTEE.into() }.encode_to_vec()),
        "GetCyclePlan" => row(&world.officers[0], v1::GetCyclePlanRequest { name: CYCLE.into() }.encode_to_vec()),
        "ExtendDeadline" => {
            let extend = v1::ExtendDeadlineRequest {
                cycle: LATE_WINDOW.into(),
                partnership: partnership(1),
                until_time: Some(stamp(LATER + 2 * DAY)),
                reason: "Their system was down.".into(),
            };
            row(&world.editor, extend.encode_to_vec())
        }
        "SetRules" => {
            row(administrator, v1::SetRulesRequest { parent: COMMITTEE.into(), rules: Some(rules()), validate_only: true }.encode_to_vec())
        }
        "ChangeClosedDays" => {
            let add = vec![v1::ClosedDay { date: "2022-12-28".into(), reason: "Offices shut".into() }];
            let remove = vec!["2022-12-30".into()];
            let change = v1::ChangeClosedDaysRequest { parent: COMMITTEE.into(), add, remove, validate_only: true };
            row(administrator, change.encode_to_vec())
        }
        "ScheduleMeetings" => {
            let meeting = v1::Meeting {
                date: "2022-03-24".into(),
                time: "14:30".into(),
                period: "2021-q3".into(),
                uid: "meeting-1@council".into(),
                ..Default::default()
            };
            let schedule =
                v1::ScheduleMeetingsRequest { parent: SCRUTINY.into(), meetings: vec![meeting], ics: String::new(), validate_only: true };
            row(administrator, schedule.encode_to_vec())
        }
        _ => return None,
    })
}
