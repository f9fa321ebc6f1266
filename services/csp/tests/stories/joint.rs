//! Joint items: sent in with their owners, read and signed by another owner's lead.

use csp_proto::v1;

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, GATESHEAD, duty, northumbria, role, time},
};

const NEWCASTLE: &str = "regions/northumbria/partnerships/newcastle";

fn joint(name: &str, state: v1::JointState) -> v1::JointItem {
    let owner = |display_name: &str, first, state: v1::JointState| v1::JointOwner {
        display_name: display_name.into(),
        first,
        state: state as i32,
        reason: if state == v1::JointState::SentBack { "It was seven Fridays.".into() } else { String::new() },
        state_time: time("2022-01-10T09:00:00Z").filter(|_| !first),
    };
    v1::JointItem {
        name: name.into(),
        cycle: CYCLE.into(),
        kind: v1::NewsKind::Event as i32,
        headline: "Patrols on both banks".into(),
        body: "Wardens of **both banks** were out on six Fridays.\n".into(),
        happened_on: "2021-12-17".into(),
        state: v1::NewsState::Submitted as i32,
        owners: vec![owner("Gateshead", true, v1::JointState::Signed), owner("Newcastle upon Tyne", false, state)],
        signed: state == v1::JointState::Signed,
        etag: "4".into(),
        left_out: false,
    }
}

/// A lead's server, with a joint item that waits.
async fn with(kind: v1::DutyKind) -> Server {
    let due = v1::Duty { partnership: NEWCASTLE.into(), ..duty(kind, v1::DutyState::Due) };
    let server = northumbria(vec![role(v1::Role::Lead, NEWCASTLE)], vec![due]).await;
    server.on("JointService/GetJointItem", |q: v1::GetJointItemRequest| Ok(joint(&q.name, v1::JointState::Waiting)));
    server.on("JointService/SignJointItem", |q: v1::SignJointItemRequest| Ok(joint(&q.name, v1::JointState::Signed)));
    server.on("JointService/SendBackJointItem", |q: v1::SendBackJointItemRequest| Ok(joint(&q.name, v1::JointState::SentBack)));
    server.on("JointService/ListJointItems", |q: v1::ListJointItemsRequest| {
        let name = |id: u32| format!("{}/jointItems/{id}", q.parent);
        let joint_items = vec![joint(&name(6), v1::JointState::Signed), joint(&name(7), v1::JointState::Waiting)];
        Ok(v1::ListJointItemsResponse { joint_items, ..Default::default() })
    });
    server
}

#[tokio::test]
async fn a_joint_item_is_shown_with_its_owners_and_who_has_signed() {
    let server = with(v1::DutyKind::SignJoint).await;
    let desk = Desk::at(&server);
    insta::assert_snapshot!(desk.run(["joint", "show", "newcastle/7"]).await.ok());
    let json: serde_json::Value = serde_json::from_str(&desk.run(["joint", "show", "newcastle/7", "--output", "json"]).await.ok()).unwrap();
    assert_eq!((json["signed"].as_bool(), json["owners"][1]["state"].as_str()), (Some(false), Some("JOINT_STATE_WAITING")));
}

#[tokio::test]
async fn a_lead_is_told_what_waits_and_signs_what_they_have_read() {
    let server = with(v1::DutyKind::SignJoint).await;
    let desk = Desk::at(&server);
    let page = desk.run([]).await.ok();
    assert!(page.contains("csp joint list --cycle citizen-focus/2021-q3") && page.contains("csp joint sign"), "{page}");
    let said = desk.run(["joint", "sign", "newcastle/7"]).await.failed(2);
    for text in ["--yes", "six Fridays", "Newcastle upon Tyne", "for newcastle."] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(server.asked("JointService/SignJointItem").is_empty());
    let outcome = desk.run(["joint", "sign", "newcastle/7", "--yes"]).await;
    assert!(outcome.stderr.contains("Signed."), "{}", outcome.stderr);
    assert!(outcome.ok().contains("signed by all"));
    let asked: v1::SignJointItemRequest = server.only("JointService/SignJointItem");
    assert_eq!((asked.name.as_str(), asked.etag.as_str()), ("regions/northumbria/partnerships/newcastle/jointItems/7", "4"));
    // A program signs what it has read, and not what is there by now.
    desk.run(["joint", "sign", "newcastle/7", "--yes", "--etag", "3"]).await.ok();
    let asked: Vec<v1::SignJointItemRequest> =
        server.asked("JointService/SignJointItem").into_iter().map(|asked| asked.message()).collect();
    assert_eq!(asked[1].etag, "3");
}

#[tokio::test]
async fn it_is_not_sent_back_without_a_reason() {
    let server = with(v1::DutyKind::SignJoint).await;
    let desk = Desk::at(&server);
    let said = desk.run(["joint", "send-back", "newcastle/7"]).await.failed(2);
    assert!(said.contains("--reason"), "{said}");
    // It may have been mended since it was read: what would be sent back is shown and asked about.
    let said = desk.run(["joint", "send-back", "newcastle/7", "--reason", "It was seven Fridays."]).await.failed(2);
    assert!(said.contains("--yes") && said.contains("six Fridays"), "{said}");
    assert!(server.asked("JointService/SendBackJointItem").is_empty());
    let page = desk.run(["joint", "send-back", "newcastle/7", "--reason", "It was seven Fridays.", "--yes"]).await.ok();
    assert!(page.contains("sent back: It was seven Fridays."), "{page}");
    let asked: v1::SendBackJointItemRequest = server.only("JointService/SendBackJointItem");
    assert_eq!((asked.reason.as_str(), asked.etag.as_str()), ("It was seven Fridays.", "4"));
    let page = desk.run(["joint", "list"]).await.ok();
    assert!(page.contains("newcastle/6") && page.contains("held out: not signed by Newcastle upon Tyne"), "{page}");
}

#[tokio::test]
async fn whoever_sends_news_in_names_the_other_owners_and_names_them_anew() {
    let server = world::officer().await;
    server.on("NewsService/CreateNewsItem", |q: v1::CreateNewsItemRequest| {
        let item = q.news_item.expect("an item");
        Ok(v1::NewsItem { name: format!("{}/newsItems/9", q.parent), state: v1::NewsState::Submitted as i32, ..item })
    });
    server.on("NewsService/GetNewsItem", |q: v1::GetNewsItemRequest| {
        Ok(v1::NewsItem { name: q.name, headline: "Patrols".into(), joint_owners: vec![NEWCASTLE.into()], ..Default::default() })
    });
    server.on("NewsService/UpdateNewsItem", |q: v1::UpdateNewsItemRequest| Ok(q.news_item.expect("an item")));
    let desk = Desk::at(&server);
    let file = desk.file("patrols.md", "# Patrols on both banks\n\nSix Fridays.\n");
    let outcome = desk.run(["news", "submit", &file, "--with", "newcastle", "--with", "north-tyneside"]).await;
    assert!(outcome.stderr.contains("csp joint list"), "{}", outcome.stderr);
    assert!(outcome.ok().contains("newcastle, north-tyneside"));
    let sent: v1::CreateNewsItemRequest = server.only("NewsService/CreateNewsItem");
    let north = "regions/northumbria/partnerships/north-tyneside";
    assert_eq!((sent.parent.as_str(), sent.news_item.unwrap().joint_owners), (GATESHEAD, vec![NEWCASTLE.to_owned(), north.to_owned()]));

    desk.run(["news", "update", "gateshead/9", "--alone"]).await.ok();
    let asked: v1::UpdateNewsItemRequest = server.only("NewsService/UpdateNewsItem");
    assert_eq!(asked.update_mask.unwrap().paths, ["joint_owners"]);
    assert!(asked.news_item.unwrap().joint_owners.is_empty());
    let said = desk.run(["news", "update", "gateshead/9", "--alone", "--with", "newcastle"]).await.failed(2);
    assert!(said.contains("--alone"), "{said}");
}
