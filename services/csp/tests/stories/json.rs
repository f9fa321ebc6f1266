//! What programs read: one document on the standard output, with the contract's field names.

use csp_proto::v1;

use crate::{
    support::Desk,
    world::{self, CYCLE, GATESHEAD, REGION, time},
};

macro_rules! snapshot {
    ($text:expr) => {{
        let text = $text;
        let _: serde_json::Value = serde_json::from_str(&text).expect("one JSON document");
        insta::assert_snapshot!(text);
    }};
}

#[tokio::test]
async fn the_guide() {
    let server = world::officer().await;
    let text = Desk::at(&server).run(["--output", "json"]).await.ok();
    snapshot!(text.replace(&server.url, "http://server"));
}

#[tokio::test]
async fn a_committee() {
    let server = world::officer().await;
    snapshot!(Desk::at(&server).run(["admin", "committee", "show", "citizen-focus", "--output", "json"]).await.ok());
}

#[tokio::test]
async fn a_cycle() {
    let server = world::officer().await;
    snapshot!(Desk::at(&server).run(["admin", "cycle", "show", "citizen-focus/2021-q3", "--output", "json"]).await.ok());
}

#[tokio::test]
async fn a_digest() {
    let server = world::officer().await;
    snapshot!(Desk::at(&server).run(["digest", "show", "citizen-focus/2021-q3", "--output", "json"]).await.ok());
}

#[tokio::test]
async fn a_return_with_every_status() {
    use v1::figure::Answer;
    let server = world::officer().await;
    server.on("ReturnService/GetReturn", |q: v1::GetReturnRequest| {
        let figure = |indicator: &str, answer| v1::Figure {
            indicator: format!("{REGION}/indicators/{indicator}"),
            period: "2021-q3".into(),
            answer: Some(answer),
            provisional: false,
            note: String::new(),
        };
        let figures = vec![
            figure("burglary", Answer::Value("12".into())),
            figure("robbery", Answer::Nil(v1::Nil {})),
            figure("hate-crime", Answer::Late(v1::Late { expected_date: "2022-01-31".into() })),
            figure("weapons", Answer::Withheld(v1::Withheld { reason: "a case in court".into() })),
            figure("arson", Answer::NotApplicable(v1::NotApplicable {})),
        ];
        Ok(v1::Return {
            name: q.name,
            cycle: CYCLE.into(),
            content: Some(v1::r#return::Content::Figures(v1::Figures { figures, quoted_figures: vec![] })),
            remark: String::new(),
            state: v1::ReturnState::Submitted as i32,
            submitter: format!("{REGION}/persons/jo-brown"),
            submit_time: time("2022-01-10T09:00:00.25Z"),
            revision: 1,
            etag: "v1".into(),
            reasons: String::new(),
        })
    });
    snapshot!(Desk::at(&server).run(["return", "show", "--output", "json"]).await.ok());
}

#[tokio::test]
async fn a_list_of_news() {
    let server = world::officer().await;
    server.on("NewsService/ListNewsItems", |_: v1::ListNewsItemsRequest| {
        let item = v1::NewsItem {
            name: format!("{GATESHEAD}/newsItems/9"),
            cycle: CYCLE.into(),
            kind: v1::NewsKind::CaseStudy as i32,
            headline: "A case".into(),
            body: "Text".into(),
            body_format: v1::BodyFormat::Markdown as i32,
            state: v1::NewsState::Submitted as i32,
            revision: 1,
            ..Default::default()
        };
        Ok(v1::ListNewsItemsResponse { news_items: vec![item], next_page_token: String::new() })
    });
    snapshot!(Desk::at(&server).run(["news", "list", "--output", "json"]).await.ok());
}

#[tokio::test]
async fn messages_and_their_counts() {
    let server = world::officer().await;
    server.on("MessageService/ListMessages", |q: v1::ListMessagesRequest| {
        assert_eq!(q.digest, format!("{CYCLE}/digests/1"));
        let message = |id: u8, state: v1::MessageState| v1::Message {
            name: format!("{REGION}/messages/{id}"),
            kind: v1::MessageKind::Digest as i32,
            recipient: format!("{REGION}/persons/sam-hill"),
            recipient_display_name: "Sam Hill".into(),
            email: "sam@example.gov.uk".into(),
            state: state as i32,
            attempts: 1,
            digest: q.digest.clone(),
            ..Default::default()
        };
        let messages = vec![message(1, v1::MessageState::Accepted), message(2, v1::MessageState::InDoubt)];
        Ok(v1::ListMessagesResponse { messages, next_page_token: String::new() })
    });
    let desk = Desk::at(&server);
    let args = ["messages", "--digest", "citizen-focus/2021-q3"];
    let page = desk.run(args).await.ok();
    assert!(page.ends_with("2 messages: 1 accepted, 1 in doubt\n"), "{page}");
    snapshot!(desk.run(["messages", "--digest", "citizen-focus/2021-q3", "--output", "json"]).await.ok());
}

#[tokio::test]
async fn a_code_this_program_does_not_know_is_shown_as_it_came() {
    let server = world::officer().await;
    server.on("CommitteeService/GetCycle", |_: v1::GetCycleRequest| Ok(v1::Cycle { state: 77, ..world::cycle() }));
    let desk = Desk::at(&server);
    let text = desk.run(["admin", "cycle", "show", "citizen-focus/2021-q3", "--output", "json"]).await.ok();
    assert!(text.contains("\"state\": \"77\""), "{text}");
    assert!(desk.run(["admin", "cycle", "show", "citizen-focus/2021-q3"]).await.ok().contains("unknown (77)"));
}
