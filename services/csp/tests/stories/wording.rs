//! Another wording: proposed by an editor, read side by side, answered by a lead.

use csp_proto::v1;

use crate::{
    support::{Desk, Server},
    world::{CYCLE, GATESHEAD, duty, northumbria, role, time},
};

const COMMITTEE: &str = "regions/northumbria/committees/citizen-focus";

fn news(name: &str) -> v1::NewsItem {
    v1::NewsItem {
        name: name.into(),
        cycle: CYCLE.into(),
        headline: "Wardens done great".into(),
        body: "They done a great job in Bensham.\n\nMore soon.".into(),
        body_format: v1::BodyFormat::Markdown as i32,
        etag: "3".into(),
        ..Default::default()
    }
}

fn wording(name: &str, state: v1::WordingState) -> v1::Wording {
    let text = |headline: &str, body: &str| v1::WordedText {
        headline: headline.into(),
        body: body.into(),
        body_format: v1::BodyFormat::Markdown as i32,
        statement: String::new(),
    };
    v1::Wording {
        name: name.into(),
        subject: format!("{GATESHEAD}/newsItems/9"),
        original: Some(text("Wardens done great", "They done a great job in Bensham.\n\nMore soon.")),
        proposed: Some(text("Wardens did well", "They did good work in Bensham.\n\nMore soon.")),
        note: "Plainer.".into(),
        cycle: CYCLE.into(),
        state: state as i32,
        proposer: "regions/northumbria/persons/ed-itor".into(),
        propose_time: time("2022-01-10T09:00:00Z"),
        etag: "1".into(),
        ..Default::default()
    }
}

/// Somebody's server, with a wording that waits.
async fn with(who: v1::Role, of: &str, kind: v1::DutyKind) -> Server {
    let server = northumbria(vec![role(who, of)], vec![duty(kind, v1::DutyState::Due)]).await;
    server.on("WordingService/GetWording", |q: v1::GetWordingRequest| Ok(wording(&q.name, v1::WordingState::Proposed)));
    server.on("WordingService/AcceptWording", |q: v1::AcceptWordingRequest| Ok(wording(&q.name, v1::WordingState::Accepted)));
    server.on("WordingService/RefuseWording", |q: v1::RefuseWordingRequest| {
        Ok(v1::Wording { reason: q.reason, ..wording(&q.name, v1::WordingState::Refused) })
    });
    server.on("WordingService/ListWordings", |q: v1::ListWordingsRequest| {
        let name = format!("{GATESHEAD}/wordings/7");
        assert!(q.parent == GATESHEAD || q.parent.ends_with("/-"), "{}", q.parent);
        let lapsed = wording(&format!("{GATESHEAD}/wordings/6"), v1::WordingState::Lapsed);
        Ok(v1::ListWordingsResponse { wordings: vec![lapsed, wording(&name, v1::WordingState::Proposed)], ..Default::default() })
    });
    server.on("NewsService/GetNewsItem", |q: v1::GetNewsItemRequest| Ok(news(&q.name)));
    server.on("WordingService/CreateWording", |q: v1::CreateWordingRequest| {
        let asked = q.wording.expect("a wording");
        Ok(v1::Wording { proposed: asked.proposed, ..wording(&format!("{}/wordings/7", q.parent), v1::WordingState::Proposed) })
    });
    server
}

#[tokio::test]
async fn a_wording_is_read_beside_what_was_sent_in() {
    let server = with(v1::Role::Lead, GATESHEAD, v1::DutyKind::Answer).await;
    let desk = Desk::at(&server);
    insta::assert_snapshot!(desk.run(["wording", "show", "gateshead/7"]).await.ok());
    let json: serde_json::Value =
        serde_json::from_str(&desk.run(["wording", "show", "gateshead/7", "--output", "json"]).await.ok()).unwrap();
    assert_eq!(json["original"]["headline"], "Wardens done great");
    assert_eq!((json["proposed"]["headline"].as_str(), json["state"].as_str()), (Some("Wardens did well"), Some("WORDING_STATE_PROPOSED")));
}

#[tokio::test]
async fn a_lead_is_told_what_waits_and_accepts_what_they_have_read() {
    let server = with(v1::Role::Lead, GATESHEAD, v1::DutyKind::Answer).await;
    let desk = Desk::at(&server);
    let page = desk.run([]).await.ok();
    assert!(page.contains("csp wording list --cycle citizen-focus/2021-q3") && page.contains("csp wording refuse"), "{page}");
    let said = desk.run(["wording", "accept", "gateshead/7"]).await.failed(2);
    for text in ["--yes", "As sent in", "[-done great-]", "[+did well+]", "in place of what your partnership sent in"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(server.asked("WordingService/AcceptWording").is_empty());
    let outcome = desk.run(["wording", "accept", "gateshead/7", "--yes"]).await;
    assert!(outcome.stderr.contains("Accepted."), "{}", outcome.stderr);
    outcome.ok();
    let asked: v1::AcceptWordingRequest = server.only("WordingService/AcceptWording");
    assert_eq!((asked.name.as_str(), asked.etag.as_str()), ("regions/northumbria/partnerships/gateshead/wordings/7", "1"));
}

#[tokio::test]
async fn a_wording_is_not_refused_without_a_reason() {
    let server = with(v1::Role::Lead, GATESHEAD, v1::DutyKind::Answer).await;
    let desk = Desk::at(&server);
    let said = desk.run(["wording", "refuse", "gateshead/7"]).await.failed(2);
    assert!(said.contains("--reason"), "{said}");
    let page = desk.run(["wording", "refuse", "gateshead/7", "--reason", "Their own words."]).await.ok();
    assert!(page.contains("refused: Their own words."), "{page}");
    assert_eq!(server.only::<v1::RefuseWordingRequest>("WordingService/RefuseWording").etag, "1");
}

#[tokio::test]
async fn an_editor_takes_a_wording_back_and_words_a_nil_return() {
    let server = with(v1::Role::Editor, COMMITTEE, v1::DutyKind::Edit).await;
    server.on("WordingService/WithdrawWording", |q: v1::WithdrawWordingRequest| Ok(wording(&q.name, v1::WordingState::Withdrawn)));
    server.on("ReturnService/GetReturn", |q: v1::GetReturnRequest| {
        let content = Some(v1::r#return::Content::Nil(v1::NilReturn { statement: "Nowt.".into() }));
        Ok(v1::Return { name: q.name, content, ..Default::default() })
    });
    let desk = Desk::at(&server);
    desk.run(["wording", "withdraw", "gateshead/7", "--yes"]).await.ok();
    assert_eq!(server.only::<v1::WithdrawWordingRequest>("WordingService/WithdrawWording").etag, "1");
    desk.run(["wording", "propose", "gateshead/citizen-focus.2021-q3", "--statement", "Nothing."]).await.ok();
    let sent = server.only::<v1::CreateWordingRequest>("WordingService/CreateWording").wording.unwrap();
    assert_eq!(sent.subject, format!("{GATESHEAD}/returns/citizen-focus.2021-q3"));
    assert_eq!(sent.proposed.unwrap().statement, "Nothing.");
}

#[tokio::test]
async fn what_is_listed_is_of_the_cycle_one_works_on_and_for_administrators_of_all() {
    for (who, of, cycle) in [(v1::Role::Editor, COMMITTEE, CYCLE), (v1::Role::Administrator, "", "")] {
        let server = with(who, of, v1::DutyKind::Edit).await;
        server.on("NewsService/ListNewsItems", |_: v1::ListNewsItemsRequest| Ok(v1::ListNewsItemsResponse::default()));
        let desk = Desk::at(&server);
        for command in ["wording", "news", "return"] {
            desk.run([command, "list"]).await.ok();
        }
        let listed: v1::ListWordingsRequest = server.only("WordingService/ListWordings");
        let news: v1::ListNewsItemsRequest = server.only("NewsService/ListNewsItems");
        let returns: v1::ListReturnsRequest = server.only("ReturnService/ListReturns");
        assert_eq!([listed.cycle.as_str(), &news.cycle, &returns.cycle], [cycle; 3], "{who:?}");
        assert!([listed.parent, news.parent, returns.parent].iter().all(|parent| parent.ends_with("/partnerships/-")), "{who:?}");
    }
}

#[tokio::test]
async fn an_editor_words_a_headline_or_a_text_and_keeps_the_rest() {
    let server = with(v1::Role::Editor, COMMITTEE, v1::DutyKind::Edit).await;
    let desk = Desk::at(&server);
    desk.run(["wording", "propose", "gateshead/9", "--headline", "Wardens did well", "--note", "Plainer."]).await.ok();
    let asked: v1::CreateWordingRequest = server.only("WordingService/CreateWording");
    let sent = asked.wording.unwrap();
    assert_eq!((asked.parent.as_str(), sent.subject.as_str()), (GATESHEAD, "regions/northumbria/partnerships/gateshead/newsItems/9"));
    assert_eq!((sent.subject_etag.as_str(), sent.note.as_str()), ("3", "Plainer."));
    let proposed = sent.proposed.unwrap();
    assert_eq!(
        (proposed.headline.as_str(), proposed.body.as_str()),
        ("Wardens did well", "They done a great job in Bensham.\n\nMore soon.")
    );
    let file = desk.file("wardens.md", "# Wardens on duty\n\nEvery evening.\n");
    desk.run(["wording", "propose", "gateshead/9", "--file", &file, "--dry-run"]).await.ok();
    let last: v1::CreateWordingRequest = server.asked("WordingService/CreateWording").last().unwrap().message();
    assert!(last.validate_only);
    let proposed = last.wording.as_ref().unwrap().proposed.as_ref().unwrap();
    assert_eq!((proposed.headline.as_str(), proposed.body.trim()), ("Wardens on duty", "Every evening."));
    let said = desk.run(["wording", "propose", "gateshead/9"]).await.failed(2);
    assert!(said.contains("--file, --headline, --statement"), "{said}");
}

#[tokio::test]
async fn a_lapsed_wording_is_said_in_words() {
    let server = with(v1::Role::Editor, COMMITTEE, v1::DutyKind::Edit).await;
    let page = Desk::at(&server).run(["wording", "list"]).await.ok();
    assert!(page.contains("lapsed: the partnership changed the text") && page.contains("waits for the lead"), "{page}");
    let listed: v1::ListWordingsRequest = server.only("WordingService/ListWordings");
    assert_eq!((listed.parent.as_str(), listed.cycle.as_str()), ("regions/northumbria/partnerships/-", CYCLE));
}
