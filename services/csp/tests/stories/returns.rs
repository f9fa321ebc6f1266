//! Sending figures in.

use csp_proto::v1::{self, figure::Answer, r#return::Content};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, GATESHEAD},
};

const FILE: &str = "indicator,period,value,status,expected_date,reason,provisional,note\n\
                    burglary,,12,,,,yes,\n\
                    burglary,2020-q3,9,,,,,restrictions in force\n\
                    robbery,,,late,2022-01-31,,,\n";

/// Keeps what is sent, as the real server would answer it.
fn accepting(server: &Server) {
    let kept = |answer: Option<v1::Return>| {
        let mut answer = answer.expect("a return");
        answer.name = format!("{GATESHEAD}/returns/citizen-focus.2021-q3");
        answer.state = v1::ReturnState::Submitted as i32;
        answer.submitter = "regions/northumbria/persons/jo-brown".into();
        answer.submit_time = world::time("2022-01-10T09:00:00Z");
        answer.revision += 1;
        answer.etag = format!("v{}", answer.revision);
        answer
    };
    server.on("ReturnService/CreateReturn", move |q: v1::CreateReturnRequest| Ok(kept(q.answer)));
    server.on("ReturnService/UpdateReturn", move |q: v1::UpdateReturnRequest| Ok(kept(q.answer)));
}

fn figures(answer: v1::Return) -> v1::Figures {
    match answer.content {
        Some(Content::Figures(figures)) => figures,
        other => panic!("no figures: {other:?}"),
    }
}

#[tokio::test]
async fn an_officer_sends_figures_in_with_nothing_but_the_file() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "submit", &file, "--remark", "one is late"]).await;
    assert!(outcome.stderr.contains("Received: 3 figures."), "{}", outcome.stderr);
    let page = outcome.ok();
    assert!(page.contains("late, expected 31 Jan 2022") && page.contains("provisional"), "{page}");

    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    assert_eq!(sent.parent, GATESHEAD);
    assert!(!sent.validate_only);
    let answer = sent.answer.expect("a return");
    assert_eq!((answer.cycle.as_str(), answer.remark.as_str()), (CYCLE, "one is late"));
    let figures = figures(answer).figures;
    assert_eq!(figures[0].indicator, "regions/northumbria/indicators/burglary");
    assert_eq!(figures[0].answer, Some(Answer::Value("12".into())));
    // What names no period is about the cycle's own.
    let periods: Vec<_> = figures.iter().map(|figure| figure.period.as_str()).collect();
    assert_eq!(periods, ["2021-q3", "2020-q3", "2021-q3"]);
}

#[tokio::test]
async fn a_dry_run_says_that_nothing_was_sent_in() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "submit", &file, "--dry-run"]).await;
    assert!(outcome.stderr.contains("Nothing was sent in."), "{}", outcome.stderr);
    assert!(server.only::<v1::CreateReturnRequest>("ReturnService/CreateReturn").validate_only);
}

#[tokio::test]
async fn a_nil_return_is_a_statement() {
    let server = world::officer().await;
    accepting(&server);
    let outcome = Desk::at(&server).run(["return", "submit", "--nil", "No incidents were recorded."]).await;
    assert!(outcome.stderr.contains("Received: nil return."), "{}", outcome.stderr);
    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    let statement = "No incidents were recorded.".to_owned();
    assert_eq!(sent.answer.unwrap().content, Some(Content::Nil(v1::NilReturn { statement })));
}

#[tokio::test]
async fn figures_that_somebody_else_stated_come_from_a_second_file() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let quoted = desk.file("quoted.csv", "subject,value,source\nSatisfaction,61%,\"MORI, 2021\"\n");
    desk.run(["return", "submit", "--quoted", &quoted]).await.ok();
    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    let figures = figures(sent.answer.unwrap());
    let expected =
        v1::QuotedFigure { subject: "Satisfaction".into(), value: "61%".into(), source: "MORI, 2021".into(), period: "2021-q3".into() };
    assert_eq!(figures.quoted_figures, [expected]);
}

#[tokio::test]
async fn faults_the_server_finds_are_shown_at_their_lines() {
    let server = world::officer().await;
    server.on("ReturnService/CreateReturn", |_: v1::CreateReturnRequest| {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("answer.figures.figures[0].value", "must be a whole number");
        details.add_bad_request_violation("answer.figures.figures[2].late.expected_date", "must be a day to come");
        Err::<v1::Return, _>(Status::with_error_details(Code::InvalidArgument, "the return was refused", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert!(said.contains("figures.csv:2: value: must be a whole number\n"), "{said}");
    assert!(said.contains("figures.csv:4: expected_date: must be a day to come\n"), "{said}");
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_not_sent() {
    let server = world::officer().await;
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator,vlaue\nburglary,1\n");
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert!(said.contains("the column “vlaue” is not known"), "{said}");
    let said = desk.run(["return", "submit", "nowhere.csv"]).await.failed(2);
    assert!(said.contains("There is no file nowhere.csv."), "{said}");
    assert!(server.asked("ReturnService/CreateReturn").is_empty());
}

#[tokio::test]
async fn when_there_is_a_return_already_the_way_to_correct_it_is_shown() {
    let server = world::officer().await;
    server.on("ReturnService/CreateReturn", |_: v1::CreateReturnRequest| {
        Err::<v1::Return, _>(Status::already_exists("there is a return for this cycle"))
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let said = desk.run(["return", "submit", &file]).await.failed(6);
    assert!(said.contains(&format!("csp return correct {file} --cycle citizen-focus/2021-q3")), "{said}");
}

#[tokio::test]
async fn a_correction_takes_the_place_of_what_was_and_notices_other_hands() {
    let server = world::officer().await;
    accepting(&server);
    server.on("ReturnService/GetReturn", |q: v1::GetReturnRequest| {
        assert_eq!(q.name, format!("{GATESHEAD}/returns/citizen-focus.2021-q3"));
        let name = q.name;
        Ok(v1::Return { name, cycle: CYCLE.into(), remark: "kept".into(), etag: "v7".into(), revision: 1, ..Default::default() })
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "correct", &file]).await;
    assert!(outcome.stderr.contains("Corrected: 3 figures."), "{}", outcome.stderr);
    let sent: v1::UpdateReturnRequest = server.only("ReturnService/UpdateReturn");
    let answer = sent.answer.unwrap();
    assert_eq!((answer.etag.as_str(), answer.remark.as_str()), ("v7", "kept"));
    assert_eq!(figures(answer).figures.len(), 3);
}

#[tokio::test]
async fn taking_a_return_back_is_asked_about() {
    let server = world::officer().await;
    let get = |q: v1::GetReturnRequest| Ok(v1::Return { name: q.name, etag: "v1".into(), ..Default::default() });
    server.on("ReturnService/GetReturn", get);
    server.on("ReturnService/WithdrawReturn", |q: v1::WithdrawReturnRequest| {
        Ok(v1::Return { name: q.name, state: v1::ReturnState::Withdrawn as i32, ..Default::default() })
    });
    let mut desk = Desk::at(&server);
    let said = desk.run(["return", "withdraw"]).await.failed(2);
    assert!(said.contains("--yes"), "{said}");
    desk.typing("no\n").run(["return", "withdraw"]).await.failed(2);
    assert!(server.asked("ReturnService/WithdrawReturn").is_empty());
    desk.typing("yes\n").run(["return", "withdraw"]).await.ok();
    desk.run(["return", "withdraw", "--yes"]).await.ok();
    assert_eq!(server.asked("ReturnService/WithdrawReturn")[0].message::<v1::WithdrawReturnRequest>().etag, "v1");
}

#[tokio::test]
async fn the_template_asks_for_this_period_and_the_one_a_year_before_and_can_be_sent_back() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let outcome = desk.run(["return", "template"]).await;
    assert!(outcome.stderr.contains("burglary") && outcome.stderr.contains("Burglary"), "{}", outcome.stderr);
    let template = outcome.ok();
    assert_eq!(
        template,
        "indicator,period,value,status,expected_date,reason,provisional,note\n\
         burglary,2021-q3,,,,,,\n\
         burglary,2020-q3,,,,,,\n\
         robbery,2021-q3,,,,,,\n\
         robbery,2020-q3,,,,,,\n"
    );
    // Left empty, each line is a fault; filled in, it goes.
    let file = desk.file("figures.csv", &template);
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert_eq!(said.matches("is empty, which is no answer").count(), 4, "{said}");
    let file = desk.file("figures.csv", &template.replace("-q3,,", "-q3,5,"));
    desk.run(["return", "submit", &file]).await.ok();
}
