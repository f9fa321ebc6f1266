//! Sending news in.

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, GATESHEAD, duty, northumbria, role},
};

fn accepting(server: &Server) {
    server.on("NewsService/CreateNewsItem", |q: v1::CreateNewsItemRequest| {
        let mut item = q.news_item.expect("an item");
        item.name = format!("{}/newsItems/9", q.parent);
        item.state = v1::NewsState::Submitted as i32;
        item.revision = 1;
        Ok(item)
    });
}

#[tokio::test]
async fn the_first_heading_is_the_headline_and_lines_stay_where_they_were() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("wardens.md", "# Wardens win award\n\nThe wardens won.\n");
    let outcome = desk.run(["news", "submit", &file, "--kind", "award", "--happened-on", "2022-01-05"]).await;
    assert!(outcome.stderr.contains("Received: “Wardens win award”."), "{}", outcome.stderr);
    let sent: v1::CreateNewsItemRequest = server.only("NewsService/CreateNewsItem");
    assert_eq!(sent.parent, GATESHEAD);
    let item = sent.news_item.unwrap();
    assert_eq!(item.headline, "Wardens win award");
    assert_eq!(item.body, "\n\nThe wardens won.\n");
    assert_eq!(item.kind, v1::NewsKind::Award as i32);
    assert_eq!(item.body_format, v1::BodyFormat::Markdown as i32);
    assert_eq!((item.cycle.as_str(), item.happened_on.as_str()), (CYCLE, "2022-01-05"));
}

#[tokio::test]
async fn plain_text_and_piped_text_need_a_headline() {
    let server = world::officer().await;
    accepting(&server);
    let mut desk = Desk::at(&server);
    let file = desk.file("wardens.txt", "The # of wardens grew.\n");
    let said = desk.run(["news", "submit", &file]).await.failed(2);
    assert!(said.contains("--headline"), "{said}");
    desk.piping("Text").run(["news", "submit", "-", "--headline", "More wardens", "--format", "plain-text"]).await.ok();
    let item = server.only::<v1::CreateNewsItemRequest>("NewsService/CreateNewsItem").news_item.unwrap();
    assert_eq!((item.body.as_str(), item.body_format), ("Text", v1::BodyFormat::PlainText as i32));
}

#[tokio::test]
async fn an_unknown_kind_of_file_is_asked_about() {
    let server = world::officer().await;
    let desk = Desk::at(&server);
    let file = desk.file("wardens.pages", "");
    let said = desk.run(["news", "submit", &file]).await.failed(2);
    assert!(said.contains("--format markdown") && said.contains(".docx"), "{said}");
}

#[tokio::test]
async fn the_national_part_belongs_to_the_committee() {
    let committee = "regions/northumbria/committees/citizen-focus";
    let roles = vec![role(v1::Role::Editor, committee)];
    let server = northumbria(roles, vec![duty(v1::DutyKind::Edit, v1::DutyState::Due)]).await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("national.md", "# New powers\n\nText\n");
    desk.run(["news", "submit", &file, "--national"]).await.ok();
    let sent: v1::CreateNewsItemRequest = server.only("NewsService/CreateNewsItem");
    assert_eq!(sent.parent, committee);
    assert_eq!(sent.news_item.unwrap().kind, v1::NewsKind::NationalDevelopment as i32);
}

#[tokio::test]
async fn faults_are_told_in_the_words_of_the_command() {
    let server = world::officer().await;
    server.on("NewsService/CreateNewsItem", |_: v1::CreateNewsItemRequest| {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("news_item.body", "line 3: pictures are not taken");
        details.add_bad_request_violation("news_item.headline", "must not be longer than 300 characters");
        Err::<v1::NewsItem, _>(Status::with_error_details(Code::InvalidArgument, "the news item was refused", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("wardens.md", "# W\n\n![](x)\n");
    let said = desk.run(["news", "submit", &file]).await.failed(3);
    assert!(said.starts_with("Error: This was refused, because of 2 faults:\n"), "{said}");
    assert!(said.contains(&format!("{file}: line 3: pictures are not taken\n")), "{said}");
    assert!(said.contains("--headline: must not be longer"), "{said}");
}

#[tokio::test]
async fn a_correction_sends_only_what_changed() {
    let server = world::officer().await;
    server.on("NewsService/GetNewsItem", |q: v1::GetNewsItemRequest| {
        Ok(v1::NewsItem { name: q.name, headline: "Old".into(), etag: "n1".into(), ..Default::default() })
    });
    server.on("NewsService/UpdateNewsItem", |q: v1::UpdateNewsItemRequest| Ok(q.news_item.unwrap()));
    let desk = Desk::at(&server);
    desk.run(["news", "update", "gateshead/9", "--headline", "New"]).await.ok();
    let sent: v1::UpdateNewsItemRequest = server.only("NewsService/UpdateNewsItem");
    assert_eq!(sent.update_mask.unwrap().paths, ["headline"]);
    let item = sent.news_item.unwrap();
    assert_eq!((item.headline.as_str(), item.etag.as_str()), ("New", "n1"));
    assert_eq!(item.name, format!("{GATESHEAD}/newsItems/9"));
    let said = desk.run(["news", "update", "gateshead/9"]).await.failed(2);
    assert!(said.contains("What is to be changed?"), "{said}");
}

#[tokio::test]
async fn what_was_withdrawn_is_sent_in_again_only_where_that_is_said() {
    let server = world::officer().await;
    server.on("NewsService/GetNewsItem", |q: v1::GetNewsItemRequest| {
        Ok(v1::NewsItem { name: q.name, headline: "Old".into(), state: v1::NewsState::Withdrawn as i32, ..Default::default() })
    });
    server.on("NewsService/UpdateNewsItem", |q: v1::UpdateNewsItemRequest| Ok(q.news_item.unwrap()));
    let desk = Desk::at(&server);
    let said = desk.run(["news", "update", "gateshead/9", "--headline", "New"]).await.failed(7);
    assert!(said.contains("“Old” was withdrawn") && said.contains("csp news update gateshead/9 --again"), "{said}");
    assert!(server.asked("NewsService/UpdateNewsItem").is_empty());
    let outcome = desk.run(["news", "update", "gateshead/9", "--again"]).await;
    assert!(outcome.stderr.contains("It was sent in again."), "{}", outcome.stderr);
    let sent: v1::UpdateNewsItemRequest = server.only("NewsService/UpdateNewsItem");
    assert_eq!((sent.update_mask.unwrap().paths, sent.news_item.unwrap().headline), (vec!["headline".to_owned()], "Old".to_owned()));
}

#[tokio::test]
async fn between_two_cycles_an_approver_reads_what_was_sent_in_for_the_last() {
    let committee = "regions/northumbria/committees/citizen-focus";
    let server = northumbria(vec![role(v1::Role::Approver, committee)], vec![]).await;
    server.on("CommitteeService/ListCycles", |q: v1::ListCyclesRequest| {
        let cycle = |slug: &str, state: v1::CycleState, deadline: &str| v1::Cycle {
            name: format!("{}/cycles/{slug}", q.parent),
            state: state.into(),
            deadline_time: crate::world::time(deadline),
            ..Default::default()
        };
        let cycles = vec![
            cycle("2021-q3", v1::CycleState::Published, "2022-01-12T17:00:00Z"),
            cycle("2021-q2", v1::CycleState::Published, "2021-10-12T17:00:00Z"),
            cycle("2021-q4", v1::CycleState::Planned, "2022-04-12T17:00:00Z"),
        ];
        Ok(v1::ListCyclesResponse { cycles, ..Default::default() })
    });
    server.on("NewsService/ListNewsItems", |_: v1::ListNewsItemsRequest| Ok(v1::ListNewsItemsResponse::default()));
    Desk::at(&server).run(["news", "list"]).await.ok();
    let asked: v1::ListNewsItemsRequest = server.only("NewsService/ListNewsItems");
    assert_eq!((asked.parent.as_str(), asked.cycle.as_str()), ("regions/northumbria/partnerships/-", CYCLE));

    server.on("CommitteeService/ListCycles", |_: v1::ListCyclesRequest| Ok(v1::ListCyclesResponse::default()));
    let said = Desk::at(&server).run(["news", "list"]).await.failed(2);
    assert!(said.contains("No cycle of a committee that you work for has been opened yet"), "{said}");
}

#[tokio::test]
async fn a_list_goes_on_to_its_last_page() {
    let server = world::officer().await;
    server.on("NewsService/ListNewsItems", |q: v1::ListNewsItemsRequest| {
        let item = |id: u8| v1::NewsItem {
            name: format!("{GATESHEAD}/newsItems/{id}"),
            cycle: CYCLE.into(),
            headline: format!("Item \u{1b}[2J{id}"),
            kind: v1::NewsKind::CaseStudy as i32,
            state: v1::NewsState::Submitted as i32,
            ..Default::default()
        };
        Ok(match q.page_token.as_str() {
            "" => v1::ListNewsItemsResponse { news_items: vec![item(1)], next_page_token: "more".into() },
            _ => v1::ListNewsItemsResponse { news_items: vec![item(2)], next_page_token: String::new() },
        })
    });
    let page = Desk::at(&server).run(["news", "list"]).await.ok();
    assert!(page.contains("gateshead/1") && page.contains("gateshead/2") && page.contains("case study"), "{page}");
    assert!(!page.contains('\u{1b}'), "a stranger's headline plays tricks on the terminal");
}
