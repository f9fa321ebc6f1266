//! `csp` alone.

use csp_proto::v1::{DutyKind, DutyState, Role};

use crate::{
    support::Desk,
    world::{self, CYCLE, GATESHEAD, duty, northumbria, role},
};

const COMMITTEE: &str = "regions/northumbria/committees/citizen-focus";

#[tokio::test]
async fn whoever_is_not_logged_in_is_told_how() {
    let said = Desk::new().run([]).await.failed(4);
    assert!(said.contains("You are not logged in."), "{said}");
    assert!(said.contains("csp login --server https://"), "{said}");
}

#[tokio::test]
async fn an_officer_is_told_what_is_due_and_what_to_type() {
    let server = world::officer().await;
    let page = Desk::at(&server).run([]).await.ok();
    assert!(page.starts_with("You are Jo Brown: officer of gateshead. Region: Northumbria."), "{page}");
    assert!(page.contains("Wed 12 Jan 2022, 17:00 (in 2 days)"), "{page}");
    assert!(page.contains("Gateshead, Citizen Focus Committee: Q3 2021/22"), "{page}");
    assert!(page.contains("csp start --cycle citizen-focus/2021-q3"), "{page}");
    assert!(page.contains("csp submit gateshead-citizen-focus-2021-q3"), "{page}");
    assert!(page.contains("csp return submit figures.xlsx --cycle citizen-focus/2021-q3"), "{page}");
    assert!(!page.contains("DUTY_"), "{page}");
}

#[tokio::test]
async fn an_officer_of_two_partnerships_is_told_which_one() {
    let roles = vec![role(Role::Officer, GATESHEAD), role(Role::Officer, "regions/northumbria/partnerships/newcastle")];
    let server = northumbria(roles, vec![duty(DutyKind::Submit, DutyState::Due)]).await;
    let page = Desk::at(&server).run([]).await.ok();
    assert!(page.contains("--cycle citizen-focus/2021-q3 --partnership gateshead"), "{page}");
}

#[tokio::test]
async fn an_officer_who_is_done_is_told_how_to_look_and_to_correct() {
    let server = northumbria(vec![role(Role::Officer, GATESHEAD)], vec![duty(DutyKind::Submit, DutyState::Done)]).await;
    let page = Desk::at(&server).run([]).await.ok();
    assert!(page.contains("csp return show --cycle") && page.contains("csp return correct figures.csv"), "{page}");
}

#[tokio::test]
async fn an_approver_is_told_to_read_first() {
    let server = northumbria(vec![role(Role::Approver, COMMITTEE)], vec![duty(DutyKind::Approve, DutyState::Due)]).await;
    let page = Desk::at(&server).run([]).await.ok();
    let read = page.find("csp digest open citizen-focus/2021-q3/1").expect("reading");
    let approve = page.find("csp digest approve citizen-focus/2021-q3/1").expect("approving");
    assert!(read < approve, "{page}");
}

#[tokio::test]
async fn an_editor_is_told_of_the_national_part_and_the_freeze() {
    let server = northumbria(vec![role(Role::Editor, COMMITTEE)], vec![duty(DutyKind::Edit, DutyState::Due)]).await;
    let page = Desk::at(&server).run([]).await.ok();
    assert!(page.contains("csp news submit national.md --national --cycle citizen-focus/2021-q3"), "{page}");
    assert!(page.contains("csp digest freeze citizen-focus/2021-q3"), "{page}");
}

#[tokio::test]
async fn whoever_holds_no_role_is_told_whom_to_ask() {
    let server = northumbria(vec![], vec![]).await;
    let page = Desk::at(&server).run([]).await.ok();
    assert!(page.contains("no role today") && page.contains("Nothing is due from you."), "{page}");
    assert!(page.contains("Ask your administrator"), "{page}");
}

#[tokio::test]
async fn two_open_cycles_are_a_question_and_no_guess() {
    let mut winter = duty(DutyKind::Submit, DutyState::Due);
    winter.cycle = CYCLE.replace("q3", "q4");
    let server = northumbria(vec![role(Role::Officer, GATESHEAD)], vec![duty(DutyKind::Submit, DutyState::Due), winter]).await;
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator,value\nburglary,1\n");
    let said = desk.run(["return", "submit", &file]).await.failed(2);
    assert!(said.contains("--cycle citizen-focus/2021-q3\n") && said.contains("--cycle citizen-focus/2021-q4\n"), "{said}");
    assert!(server.asked("ReturnService/CreateReturn").is_empty());
}
