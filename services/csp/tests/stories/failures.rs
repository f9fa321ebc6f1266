//! What goes wrong, and what is done about it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world,
};

/// A server that answers the sending in of news with `status` so many times before it takes it.
async fn failing(times: usize, status: Status) -> Server {
    let server = world::officer().await;
    let asked = AtomicUsize::new(0);
    server.on("NewsService/CreateNewsItem", move |q: v1::CreateNewsItemRequest| {
        if asked.fetch_add(1, Ordering::Relaxed) < times { Err(status.clone()) } else { Ok(q.news_item.unwrap_or_default()) }
    });
    server
}

async fn send_news(server: &Server) -> crate::support::Outcome {
    let desk = Desk::at(server);
    let file = desk.file("news.md", "# News\n\nText\n");
    desk.run(["news", "submit", &file]).await
}

#[tokio::test]
async fn sending_in_is_tried_again_as_the_same_request_while_the_server_is_away() {
    let server = failing(2, Status::unavailable("starting")).await;
    send_news(&server).await.ok();
    let ids: Vec<String> =
        server.asked("NewsService/CreateNewsItem").iter().map(|asked| asked.message::<v1::CreateNewsItemRequest>().request_id).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let parsed: uuid::Uuid = ids[0].parse().expect("a UUID");
    assert_eq!(parsed.get_version_num(), 4);
}

#[tokio::test]
async fn two_sendings_are_two_requests() {
    let server = failing(0, Status::unavailable("")).await;
    send_news(&server).await.ok();
    send_news(&server).await.ok();
    let asked = server.asked("NewsService/CreateNewsItem");
    let id = |index: usize| asked[index].message::<v1::CreateNewsItemRequest>().request_id;
    assert_ne!(id(0), id(1));
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up_in_the_end() {
    let server = failing(usize::MAX, Status::unavailable("stopping")).await;
    let said = send_news(&server).await.failed(8);
    assert!(said.contains("Stopping."), "{said}");
    assert_eq!(server.asked("NewsService/CreateNewsItem").len(), 4);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let server = world::officer().await;
    server.on("MessageService/RetryMessage", |_: v1::RetryMessageRequest| Err::<v1::Message, _>(Status::unavailable("away")));
    let said = Desk::at(&server).run(["messages", "retry", "7"]).await.failed(8);
    assert!(said.contains("It is not certain whether the change was made"), "{said}");
    assert_eq!(server.asked("MessageService/RetryMessage").len(), 1);
}

/// A server that has too much to do, and asks to be left alone for so long.
fn busy(wait: Duration) -> Status {
    let mut details = ErrorDetails::with_retry_info(Some(wait));
    details.set_error_info("TENANT_RATE", "csp.v1", []);
    Status::with_error_details(Code::ResourceExhausted, "your partnership is asking too much at once", details)
}

#[tokio::test]
async fn a_server_that_has_too_much_to_do_is_asked_again_when_it_says() {
    let server = failing(2, busy(Duration::from_millis(2))).await;
    send_news(&server).await.ok();
    let asked = server.asked("NewsService/CreateNewsItem");
    let ids: Vec<String> = asked.iter().map(|asked| asked.message::<v1::CreateNewsItemRequest>().request_id).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_pause_that_is_too_long_to_wait_for_is_told_in_words() {
    let server = failing(usize::MAX, busy(Duration::from_secs(66))).await;
    let said = send_news(&server).await.failed(7);
    assert_eq!(
        said,
        "Error: Your partnership is asking too much at once.\n  Reason: TENANT_RATE\nNothing was done. Try again in 66 seconds.\n"
    );
    assert_eq!(server.asked("NewsService/CreateNewsItem").len(), 1);
    let server = failing(usize::MAX, busy(Duration::from_secs(3_601))).await;
    let said = send_news(&server).await.failed(7);
    assert!(said.ends_with("Try again in 61 minutes.\n"), "{said}");
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up_in_the_end() {
    let server = failing(usize::MAX, busy(Duration::from_millis(1))).await;
    let said = send_news(&server).await.failed(7);
    assert!(said.ends_with("Try again in 1 second.\n"), "{said}");
    assert_eq!(server.asked("NewsService/CreateNewsItem").len(), 4);
}

#[tokio::test]
async fn a_change_that_found_the_server_busy_is_left_to_the_person() {
    let server = world::officer().await;
    server.on("MessageService/RetryMessage", |_: v1::RetryMessageRequest| Err::<v1::Message, _>(busy(Duration::from_secs(1))));
    let said = Desk::at(&server).run(["messages", "retry", "7"]).await.failed(7);
    assert!(said.ends_with("Nothing was done. Try again in 1 second.\n"), "{said}");
    assert_eq!(server.asked("MessageService/RetryMessage").len(), 1);
}

#[tokio::test]
async fn what_is_too_much_at_any_time_is_not_tried_again() {
    let server = failing(usize::MAX, Status::resource_exhausted("more news than one cycle takes")).await;
    send_news(&server).await.failed(7);
    assert_eq!(server.asked("NewsService/CreateNewsItem").len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let mut desk = Desk::new();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    desk.environment.insert("CSP_SERVER".into(), format!("http://127.0.0.1:{port}"));
    desk.environment.insert("CSP_TOKEN".into(), "csp_secret".into());
    let said = desk.run(["whoami"]).await.failed(8);
    assert!(said.contains(&format!("127.0.0.1:{port} cannot be reached")), "{said}");
}

#[tokio::test]
async fn every_refusal_has_its_exit_code() {
    for (status, code) in [
        (Status::invalid_argument("no"), 3),
        (Status::unauthenticated("no"), 4),
        (Status::permission_denied("no"), 4),
        (Status::not_found("no"), 5),
        (Status::already_exists("no"), 6),
        (Status::aborted("no"), 6),
        (Status::failed_precondition("no"), 7),
        (Status::internal("no"), 1),
    ] {
        let server = failing(usize::MAX, status).await;
        send_news(&server).await.failed(code);
    }
}

fn closed() -> Status {
    let metadata = [("deadline_time".to_owned(), "2022-07-12T16:00:00Z".to_owned())];
    let details = ErrorDetails::with_error_info("CYCLE_CLOSED", "csp", metadata);
    Status::with_error_details(Code::FailedPrecondition, "the cycle closed at 17:00 on 12 July 2022", details)
}

#[tokio::test]
async fn a_closed_cycle_is_said_with_its_reason() {
    let server = failing(usize::MAX, closed()).await;
    let said = send_news(&server).await.failed(7);
    assert_eq!(
        said,
        "Error: The cycle closed at 17:00 on 12 July 2022.\n  Reason: CYCLE_CLOSED\n  deadline time: Tue 12 Jul 2022, 17:00\n"
    );
}

#[tokio::test]
async fn programs_get_errors_as_one_document() {
    let server = failing(usize::MAX, closed()).await;
    let desk = Desk::at(&server);
    let file = desk.file("news.md", "# News\n\nText\n");
    let said = desk.run(["news", "submit", &file, "--output", "json"]).await.failed(7);
    let document: serde_json::Value = serde_json::from_str(&said).expect("one document");
    assert_eq!(document["error"]["reason"], "CYCLE_CLOSED");
    assert_eq!(document["error"]["exit_code"], 7);
    assert_eq!(document["error"]["metadata"]["deadline_time"], "2022-07-12T16:00:00Z");
}

#[tokio::test]
async fn an_encrypted_server_is_trusted_by_its_authority_only() {
    let (server, certificate) = Server::start_encrypted().await;
    server.on("IdentityService/WhoAmI", |_: v1::WhoAmIRequest| Ok(world::jo(vec![])));
    let desk = Desk::at(&server);
    let authority = desk.file("authority.pem", &certificate);
    let page = desk.run(["whoami", "--ca-file", &authority]).await.ok();
    assert!(page.starts_with("You are Jo Brown"), "{page}");
    let said = desk.run(["whoami"]).await.failed(8);
    assert!(said.contains("certificate") && said.contains("--ca-file"), "{said}");
    assert_eq!(server.asked("IdentityService/WhoAmI").len(), 1);
}

#[tokio::test]
async fn the_line_must_be_encrypted_to_another_machine() {
    let mut desk = Desk::new();
    desk.environment.insert("CSP_TOKEN".into(), "csp_secret".into());
    let said = desk.run(["whoami", "--server", "http://csp.example.gov.uk"]).await.failed(2);
    assert!(said.contains("not encrypted") && !said.contains("csp_secret"), "{said}");
}

#[tokio::test]
async fn what_is_not_understood_is_told_to_programs_as_any_other_failure() {
    let desk = Desk::at(&world::officer().await);
    for said in [
        desk.run(["return", "list", "--cycl", "x", "--output=json"]).await.failed(2),
        desk.run(["--output", "json", "return", "lst"]).await.failed(2),
    ] {
        let told: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        let error = &told["error"];
        assert_eq!((error["exit_code"].as_i64(), error["kind"].as_str()), (Some(2), Some("usage")), "{said}");
        assert!(error["message"].as_str().is_some_and(|message| !message.contains("error:")), "{said}");
    }
    let said = desk.run(["return", "list", "--cycl", "x"]).await.failed(2);
    assert!(said.contains("error:") && said.contains("--cycle"), "{said}");
}
