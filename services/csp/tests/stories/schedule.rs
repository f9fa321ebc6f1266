//! What the server does by itself, seen and decided about; and dates for a diary.

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{CYCLE, GATESHEAD, REGION, northumbria, role, time},
};

async fn administrator() -> Server {
    northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await
}

fn job(name: &str, kind: v1::JobKind, state: v1::JobState) -> v1::Job {
    v1::Job {
        name: format!("{CYCLE}/jobs/{name}"),
        kind: kind as i32,
        state: state as i32,
        due_time: time("2022-01-18T09:00:00Z"),
        latest_time: time("2022-01-20T09:00:00Z"),
        committee_display_name: "Citizen Focus Committee".into(),
        period_label: "Q3 2021/22 (October to December 2021)".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_editor_sees_what_is_scheduled_of_their_own_committees() {
    let committee = format!("{REGION}/committees/citizen-focus");
    let server = northumbria(vec![role(v1::Role::Editor, &committee)], vec![]).await;
    server.on("ScheduleService/ListJobs", |_: v1::ListJobsRequest| Ok(v1::ListJobsResponse::default()));
    Desk::at(&server).run(["admin", "schedule", "list"]).await.ok();
    assert_eq!(server.only::<v1::ListJobsRequest>("ScheduleService/ListJobs").parent, committee);
}

#[tokio::test]
async fn what_is_held_is_listed_with_who_and_why() {
    let server = administrator().await;
    server.on("ScheduleService/ListJobs", |_: v1::ListJobsRequest| {
        let decision = v1::JobDecision {
            person: format!("{REGION}/persons/sam-hill"),
            person_display_name: "Sam Hill".into(),
            reason: "The venue is flooded.".into(),
            time: time("2022-01-05T10:00:00Z"),
        };
        let held = v1::Job { decision: Some(decision), ..job("release", v1::JobKind::Release, v1::JobState::Held) };
        let blocked = v1::Job { note: "collecting is not closed".into(), ..job("freeze", v1::JobKind::Freeze, v1::JobState::Blocked) };
        Ok(v1::ListJobsResponse { jobs: vec![blocked, held], next_page_token: String::new() })
    });
    let desk = Desk::at(&server);
    let text = desk.run(["admin", "schedule", "list"]).await.ok();
    let line = text.lines().find(|line| line.contains("citizen-focus/2021-q3/release")).unwrap();
    assert!(line.contains("held back") && line.contains("Sam Hill: The venue is flooded."), "{text}");
    assert!(text.contains("collecting is not closed"), "{text}");
    let text = desk.run(["admin", "schedule", "list", "citizen-focus", "--output", "json"]).await.ok();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["jobs"][1]["state"], "JOB_STATE_HELD");
    assert_eq!(document["jobs"][1]["decision"]["reason"], "The venue is flooded.");
    desk.run(["admin", "schedule", "list", "citizen-focus/2021-q3"]).await.ok();
    let parents: Vec<String> = server.asked("ScheduleService/ListJobs").iter().map(|q| q.message::<v1::ListJobsRequest>().parent).collect();
    assert_eq!(parents, [REGION.to_owned(), format!("{REGION}/committees/citizen-focus"), CYCLE.to_owned()]);
}

#[tokio::test]
async fn a_decision_has_a_reason_and_a_skip_is_meant() {
    let server = administrator().await;
    server.on("ScheduleService/SkipJob", |_: v1::SkipJobRequest| Ok(job("open", v1::JobKind::Open, v1::JobState::Skipped)));
    server.on("ScheduleService/RunJob", |_: v1::RunJobRequest| {
        let facts = std::collections::HashMap::from([("due_time".to_owned(), "2022-01-18T09:00:00Z".to_owned())]);
        let details = ErrorDetails::with_error_info("JOB_NOT_DUE", "csp.v1", facts);
        let said = "the time of this job has not come; to do it sooner, move the cycle's dates";
        Err::<v1::Job, _>(Status::with_error_details(Code::FailedPrecondition, said, details))
    });
    let desk = Desk::at(&server);
    let name = "citizen-focus/2021-q3/open";
    desk.run(["admin", "schedule", "skip", name]).await.failed(2);
    desk.run(["admin", "schedule", "skip", name, "--reason", "By telephone."]).await.failed(2);
    desk.run(["admin", "schedule", "skip", name, "--reason", "By telephone.", "--yes"]).await.ok();
    let sent: v1::SkipJobRequest = server.only("ScheduleService/SkipJob");
    assert_eq!((sent.name, sent.reason.as_str()), (format!("{CYCLE}/jobs/open"), "By telephone."));
    let said = desk.run(["admin", "schedule", "run", name, "--reason", "Now."]).await.failed(7);
    assert!(said.contains("move the cycle's dates"), "{said}");
}

#[tokio::test]
async fn a_diary_is_a_table_a_document_or_a_file() {
    let server = administrator().await;
    server.on("DiaryService/GetDiary", |q: v1::GetDiaryRequest| {
        let entry = v1::DiaryEntry {
            uid: "deadline.1@calendar.csp-digest".into(),
            time: time("2032-01-12T17:00:00Z"),
            title: "Returns due: Citizen Focus Committee, Q3 2021/22".into(),
            description: "Returns are due. More time was given: Their system was down.\nFor the meeting of 2 February.".into(),
            cancelled: false,
        };
        let ics = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into();
        Ok(v1::Diary { name: q.name, display_name: "Gateshead".into(), entries: vec![entry], ics })
    });
    let desk = Desk::at(&server);
    let file = desk.run(["diary", "--partnership", "gateshead", "--output", "ics"]).await.ok();
    assert_eq!(file, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    let table = desk.run(["diary", "--partnership", "gateshead"]).await.ok();
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Returns due: Citizen Focus Committee, Q3 2021/22 (more time was given: Their system was down)"), "{table}");
    let names: Vec<String> = server.asked("DiaryService/GetDiary").iter().map(|q| q.message::<v1::GetDiaryRequest>().name).collect();
    assert_eq!(names, [format!("{GATESHEAD}/diary"), format!("{GATESHEAD}/diary")]);
    assert!(desk.run(["diary"]).await.failed(2).contains("--committee"));
    assert!(desk.run(["whoami", "--output", "ics"]).await.failed(2).contains("csp diary"));
}

#[tokio::test]
async fn a_link_is_shown_once_and_taken_away_by_its_name() {
    let server = administrator().await;
    let name = format!("{REGION}/committees/citizen-focus/diaryLinks/7");
    let made = name.clone();
    server.on("DiaryService/CreateDiaryLink", move |q: v1::CreateDiaryLinkRequest| {
        let link =
            v1::DiaryLink { name: made.clone(), person: String::new(), create_time: time("2022-01-05T10:00:00Z"), revoke_time: None };
        let path = "/diary/abc-def.ics".to_owned();
        // The service knows its own address only if it was told.
        let uri = if q.parent.contains("/committees/") { format!("https://digest.example.org{path}") } else { String::new() };
        Ok(v1::CreateDiaryLinkResponse { diary_link: Some(link), path, uri })
    });
    server.on("DiaryService/RevokeDiaryLink", |q: v1::RevokeDiaryLinkRequest| {
        Ok(v1::DiaryLink { name: q.name, revoke_time: time("2022-01-06T10:00:00Z"), ..Default::default() })
    });
    let desk = Desk::at(&server);
    let outcome = desk.run(["diary", "link", "--committee", "citizen-focus"]).await;
    assert!(outcome.stderr.contains("shown once"), "{}", outcome.stderr);
    let shown = outcome.ok();
    assert!(shown.contains("https://digest.example.org/diary/abc-def.ics") && !shown.contains("Path"), "{shown}");
    let shown = desk.run(["diary", "link", "--partnership", "gateshead"]).await.ok();
    assert!(shown.contains("Path") && !shown.contains("https:"), "{shown}");
    desk.run(["diary", "unlink", "committees/citizen-focus/diaryLinks/7"]).await.ok();
    assert_eq!(server.only::<v1::RevokeDiaryLinkRequest>("DiaryService/RevokeDiaryLink").name, name);
}
