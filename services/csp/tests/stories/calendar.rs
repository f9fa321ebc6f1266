//! Rules, meetings and closed days.

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{CYCLE, REGION, cycle, northumbria, role, time},
};

async fn administrator() -> Server {
    northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await
}

fn committee() -> String {
    format!("{REGION}/committees/citizen-focus")
}

fn rules() -> v1::MeetingRules {
    let before = |days, time: &str| Some(v1::WorkingDaysBefore { days, time: time.into() });
    v1::MeetingRules {
        nation: v1::Nation::England.into(),
        clear_days: 5,
        meeting_time: "10:00".into(),
        release_time: "09:00".into(),
        cooling_off_days: Some(1),
        freeze: before(1, "12:00"),
        closed_to_new: before(1, "17:00"),
        deadline: before(1, "17:00"),
        opening: before(20, "09:00"),
        reminder_days: vec![10, 5, 1],
        reports_on: v1::ReportingCalendar::FinancialQuarter.into(),
        ..Default::default()
    }
}

fn moved() -> v1::Replanned {
    let date = |step: &str, title: &str, at: &str, reason: &str| v1::PlannedDate {
        step: step.into(),
        title: title.into(),
        time: time(at),
        reason: reason.into(),
        provisional: false,
    };
    v1::Replanned {
        meeting_date: "2022-02-02".into(),
        outcome: v1::PlanningOutcome::Moved.into(),
        cycle: Some(cycle()),
        plan: Some(v1::CyclePlan {
            cycle: CYCLE.into(),
            by_rules: true,
            reports_on: "Q3 2021/22 (October to December 2021)".into(),
            dates: vec![
                date("deadline", "Returns due", "2022-01-19T17:00:00Z", "one working day before closing to new returns"),
                date("meeting", "Meeting", "2022-02-02T10:00:00Z", "all other dates are counted back from it"),
            ],
            notes: vec!["Provisional dates reach outside the years whose bank holidays are known here.".into()],
            changes: vec![],
        }),
        moves: vec![v1::DateMove {
            step: "deadline".into(),
            title: "Returns due".into(),
            from_time: time("2022-01-12T17:00:00Z"),
            to_time: time("2022-01-19T17:00:00Z"),
        }],
        ..Default::default()
    }
}

#[tokio::test]
async fn rules_are_shown_and_changed_one_by_one() {
    let server = administrator().await;
    server.on("CalendarService/GetCalendar", |q: v1::GetCalendarRequest| {
        let shut = v1::ClosedDay { date: "2022-04-14".into(), reason: "Offices shut".into() };
        Ok(v1::Calendar { committee: q.parent, rules: Some(rules()), closed_days: vec![], region_closed_days: vec![shut] })
    });
    server.on("CalendarService/SetRules", |q: v1::SetRulesRequest| {
        let calendar = v1::Calendar { committee: q.parent, rules: q.rules, ..Default::default() };
        Ok(v1::SetRulesResponse { calendar: Some(calendar), replanned: vec![moved()] })
    });
    let desk = Desk::at(&server);
    let shown = desk.run(["admin", "committee", "rules", "citizen-focus"]).await.ok();
    for line in
        ["Nation          England", "5 clear days before the meeting, at 09:00", "10, 5, 1 working days", "14 Apr 2022: Offices shut"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let said =
        desk.run(["admin", "committee", "rules", "citizen-focus", "--deadline-time", "12:00", "--reminders", "8,2", "--dry-run"]).await;
    assert!(said.stderr.contains("Nothing was changed"), "{}", said.stderr);
    assert!(said.ok().contains("Returns due: Wed 19 Jan 2022, 17:00, was Wed 12 Jan 2022, 17:00"));
    let sent: v1::SetRulesRequest = server.only("CalendarService/SetRules");
    let deadline = Some(v1::WorkingDaysBefore { days: 1, time: "12:00".into() });
    let wanted = v1::MeetingRules { deadline, reminder_days: vec![8, 2], ..rules() };
    assert_eq!((sent.parent, sent.rules, sent.validate_only), (committee(), Some(wanted), true));

    // Another nation brings its own number of clear days, unless somebody says one.
    for (nation, clear_days) in [("wales", 0), ("england", 5)] {
        desk.run(["admin", "committee", "rules", "citizen-focus", "--nation", nation, "--saturdays", "true", "--dry-run"]).await.ok();
        let sent: v1::SetRulesRequest = server.asked("CalendarService/SetRules").pop().unwrap().message();
        assert_eq!(sent.rules.unwrap().clear_days, clear_days, "{nation}");
    }

    let said = desk.run(["admin", "committee", "rules", "citizen-focus", "--none", "--clear-days", "6"]).await.failed(2);
    assert!(said.contains("nothing else can be said with it"), "{said}");
}

#[tokio::test]
async fn a_cabinet_is_told_to_follow_its_board() {
    let server = administrator().await;
    server.on("CalendarService/GetCalendar", |q: v1::GetCalendarRequest| Ok(v1::Calendar { committee: q.parent, ..Default::default() }));
    server.on("CalendarService/SetRules", |q: v1::SetRulesRequest| {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("rules.board.dates[1]", "must be a date such as 2022-01-12, between 1990 and 2200");
        details.add_bad_request_violation("rules.clear_days", "must be given for Scotland");
        assert_eq!(q.rules.unwrap().board.unwrap().dates, ["2014-09-24", "soon"]);
        Err::<v1::SetRulesResponse, _>(Status::with_error_details(Code::InvalidArgument, "2 fields are wrong", details))
    });
    let typed = [
        "admin",
        "committee",
        "rules",
        "citizen-focus",
        "--nation=scotland",
        "--reports-on=board-meetings",
        "--board=Strategic Board",
        "--last-report=2014-06-18",
        "--board-meets=2014-09-24",
        "--board-meets=soon",
    ];
    let said = Desk::at(&server).run(typed).await.failed(3);
    assert!(said.contains("--board-meets: must be a date") && said.contains("--clear-days: must be given"), "{said}");
}

#[tokio::test]
async fn a_meeting_is_moved_and_what_moved_with_it_is_shown() {
    let server = administrator().await;
    server.on("CalendarService/ScheduleMeetings", |_: v1::ScheduleMeetingsRequest| {
        Ok(v1::ScheduleMeetingsResponse { meetings: vec![moved()] })
    });
    let desk = Desk::at(&server);
    let typed = ["admin", "cycle", "schedule", "citizen-focus", "--moves", "2021-q3", "--meeting", "2022-02-02"];
    let shown = desk.run(typed).await.ok();
    insta::assert_snapshot!("a_meeting_moved", shown);
    let sent: v1::ScheduleMeetingsRequest = server.only("CalendarService/ScheduleMeetings");
    assert_eq!((sent.parent.as_str(), sent.validate_only), (committee().as_str(), false));
    assert_eq!((sent.meetings[0].cycle.as_str(), sent.meetings[0].date.as_str()), (CYCLE, "2022-02-02"));

    server.on("CalendarService/ScheduleMeetings", |_: v1::ScheduleMeetingsRequest| {
        let reason = "its returns would have been due on Tuesday 4 January 2022 at 17:00, which has passed".into();
        let kept = v1::Replanned { outcome: v1::PlanningOutcome::Kept.into(), reason, ..Default::default() };
        Ok(v1::ScheduleMeetingsResponse { meetings: vec![kept] })
    });
    let said = desk.run(["admin", "cycle", "schedule", "citizen-focus", "--meeting", "2022-01-18"]).await.failed(3);
    assert!(said.contains("The meeting cannot be planned: its returns would have been due"), "{said}");
}

#[tokio::test]
async fn what_is_wrong_with_a_file_of_meetings_is_named_by_its_line() {
    let server = administrator().await;
    server.on("CalendarService/ScheduleMeetings", |q: v1::ScheduleMeetingsRequest| {
        assert!(q.ics.starts_with("BEGIN:VCALENDAR") && q.meetings.is_empty() && q.validate_only);
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("ics line 4", "must not repeat an event by rule");
        Err::<v1::ScheduleMeetingsResponse, _>(Status::with_error_details(Code::InvalidArgument, "the file was refused", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("meetings.ics", "BEGIN:VCALENDAR\r\n");
    let said = desk.run(["admin", "cycle", "schedule", "citizen-focus", "--meetings", &file, "--dry-run"]).await.failed(3);
    assert!(said.contains(&format!("{file}:4: must not repeat an event by rule")), "{said}");
}

async fn outcome_said_past(desk: &Desk, day: &str) -> bool {
    desk.run(["admin", "closed-days", "add", day, "--reason", "Offices shut"]).await.stderr.contains(&format!("any more: {day}."))
}

#[tokio::test]
async fn days_are_closed_and_opened_again() {
    let server = administrator().await;
    server.on("CalendarService/ChangeClosedDays", |q: v1::ChangeClosedDaysRequest| {
        Ok(v1::ChangeClosedDaysResponse { closed_days: q.add, replanned: vec![] })
    });
    let desk = Desk::at(&server);
    let typed = ["admin", "closed-days", "add", "2022-04-14", "2022-12-28", "--reason", "Offices shut"];
    let outcome = desk.run(typed).await;
    assert!(outcome.stderr.contains("No date moves"), "{}", outcome.stderr);
    assert!(outcome.ok().contains("28 Dec 2022"));
    let sent: v1::ChangeClosedDaysRequest = server.only("CalendarService/ChangeClosedDays");
    assert_eq!((sent.parent.as_str(), sent.add.len()), (REGION, 2));
    assert!(!outcome_said_past(&desk, "2022-01-10").await, "today is not over");
    assert!(outcome_said_past(&desk, "2021-12-29").await, "a day of last year closes nothing");
    let text = desk.run(["admin", "closed-days", "remove", "2022-04-14", "--committee", "citizen-focus", "--output", "json"]).await.ok();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["closed_days"], serde_json::json!([]));
    server.on("CalendarService/ChangeClosedDays", |_: v1::ChangeClosedDaysRequest| {
        let details = ErrorDetails::with_bad_request_violation("remove[1]", "must be a closed day: 15 April 2022 is none");
        Err::<v1::ChangeClosedDaysResponse, _>(Status::with_error_details(Code::InvalidArgument, "the request is not valid", details))
    });
    let said = desk.run(["admin", "closed-days", "remove", "2022-04-14", "2022-04-15"]).await.failed(3);
    assert!(said.contains("DAY: must be a closed day: 15 April 2022 is none"), "{said}");
}

#[tokio::test]
async fn anybody_of_the_region_sees_why_a_date_is_when_it_is() {
    let server = northumbria(vec![role(v1::Role::Officer, crate::world::GATESHEAD)], vec![]).await;
    server.on("CalendarService/GetCyclePlan", |q: v1::GetCyclePlanRequest| {
        assert_eq!(q.name, CYCLE);
        let found = moved();
        let reason = "the meeting moved from Wednesday 26 January 2022 to Wednesday 2 February 2022".into();
        let change =
            v1::PlanChange { reason, change_time: time("2022-01-05T10:00:00Z"), moves: found.moves, period_move: found.period_move };
        Ok(v1::CyclePlan { changes: vec![change], ..found.plan.unwrap() })
    });
    let shown = Desk::at(&server).run(["cycle", "dates", "citizen-focus/2021-q3"]).await.ok();
    insta::assert_snapshot!("dates_with_their_reasons", shown);
}

#[tokio::test]
async fn one_partnership_is_given_more_time() {
    let server = northumbria(vec![role(v1::Role::Editor, &committee())], vec![]).await;
    server.on("CalendarService/ExtendDeadline", |q: v1::ExtendDeadlineRequest| {
        let (cycle, partnership, reason) = (q.cycle, q.partnership, q.reason);
        Ok(v1::Extension { cycle, partnership, until_time: q.until_time, reason, create_time: time("2022-01-10T09:00:00Z") })
    });
    let desk = Desk::at(&server);
    let typed =
        ["cycle", "extend", "citizen-focus/2021-q3", "--partnership=gateshead", "--until=2022-01-13", "--reason=Their system was down"];
    let outcome = desk.run(typed).await;
    assert!(outcome.stderr.contains("has more time"), "{}", outcome.stderr);
    let shown = outcome.ok();
    assert!(shown.contains("Thu 13 Jan 2022, 17:00 (in 3 days)") && shown.contains("Their system was down"), "{shown}");
    let sent: v1::ExtendDeadlineRequest = server.only("CalendarService/ExtendDeadline");
    assert_eq!((sent.cycle.as_str(), sent.partnership.as_str()), (CYCLE, crate::world::GATESHEAD));
}
