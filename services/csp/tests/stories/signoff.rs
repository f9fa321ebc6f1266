//! Signing, sending back, receipts, and who is missing.

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, GATESHEAD, duty, northumbria, role},
};

const RETURN: &str = "regions/northumbria/partnerships/gateshead/returns/citizen-focus.2021-q3";
const JO: &str = "regions/northumbria/persons/jo-brown";

/// A lead with something to sign, and a server that signs.
async fn lead() -> Server {
    let server = northumbria(vec![role(v1::Role::Lead, GATESHEAD)], vec![duty(v1::DutyKind::Sign, v1::DutyState::Due)]).await;
    server.on("ReturnService/GetReturn", |q: v1::GetReturnRequest| {
        let nil = v1::r#return::Content::Nil(v1::NilReturn { statement: "Nothing.".into() });
        Ok(v1::Return {
            name: q.name,
            cycle: CYCLE.into(),
            content: Some(nil),
            etag: "v3".into(),
            submitter: JO.into(),
            ..Default::default()
        })
    });
    server.on("NewsService/ListNewsItems", |q: v1::ListNewsItemsRequest| {
        assert_eq!((q.parent.as_str(), q.cycle.as_str()), (GATESHEAD, CYCLE));
        let item =
            |headline: &str, state: v1::NewsState| v1::NewsItem { headline: headline.into(), state: state as i32, ..Default::default() };
        let mut news_items = vec![item("Wardens in Bensham", v1::NewsState::Submitted), item("Taken back", v1::NewsState::Withdrawn)];
        news_items[0].name = format!("{GATESHEAD}/newsItems/1");
        Ok(v1::ListNewsItemsResponse { news_items, ..Default::default() })
    });
    server.on("WordingService/ListWordings", |q: v1::ListWordingsRequest| {
        assert_eq!((q.parent.as_str(), q.cycle.as_str()), (GATESHEAD, CYCLE));
        let wording = |headline: &str, state: v1::WordingState| v1::Wording {
            subject: format!("{GATESHEAD}/newsItems/1"),
            state: state.into(),
            proposed: Some(v1::WordedText { headline: headline.into(), ..Default::default() }),
            ..Default::default()
        };
        let wordings = vec![wording("Wardens at work", v1::WordingState::Accepted), wording("Not yet", v1::WordingState::Proposed)];
        Ok(v1::ListWordingsResponse { wordings, ..Default::default() })
    });
    server.on("ReturnService/SignReturn", |q: v1::SignReturnRequest| {
        Ok(v1::Return { name: q.name, cycle: CYCLE.into(), state: v1::ReturnState::Signed as i32, ..Default::default() })
    });
    server
}

#[tokio::test]
async fn a_lead_is_told_what_to_read_before_what_to_sign() {
    let page = Desk::at(&lead().await).run([]).await.ok();
    let read = page.find("csp return show --cycle citizen-focus/2021-q3").expect("reading");
    let sign = page.find("csp return sign --cycle citizen-focus/2021-q3").expect("signing");
    assert!(read < sign && page.contains("csp return send-back"), "{page}");
}

#[tokio::test]
async fn signing_is_asked_about_and_signs_what_was_read() {
    let server = lead().await;
    let desk = Desk::at(&server);
    let said = desk.run(["return", "sign"]).await.failed(2);
    for text in ["--yes", "nil return, sent in by jo-brown", "News: Wardens at work", "the piece of news that goes with it"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(!said.contains("Wardens in Bensham") && !said.contains("Not yet"), "what is printed is signed: {said}");
    assert!(!said.contains("Taken back"), "what is withdrawn is not signed: {said}");
    assert!(server.asked("ReturnService/SignReturn").is_empty());
    let outcome = desk.run(["return", "sign", "--yes"]).await;
    assert!(outcome.stderr.contains("Signed."), "{}", outcome.stderr);
    assert!(outcome.ok().contains("signed"));
    let asked: v1::SignReturnRequest = server.only("ReturnService/SignReturn");
    assert_eq!((asked.name.as_str(), asked.etag.as_str()), (RETURN, "v3"));
}

#[tokio::test]
async fn what_was_read_earlier_is_what_is_signed() {
    let server = lead().await;
    Desk::at(&server).run(["return", "sign", "--etag", "v2", "--yes"]).await.ok();
    let asked: v1::SignReturnRequest = server.only("ReturnService/SignReturn");
    assert_eq!(asked.etag, "v2", "whether it still stands is the service's to say");
}

#[tokio::test]
async fn whoever_sent_it_in_is_told_who_can_sign() {
    let server = lead().await;
    server.on("ReturnService/SignReturn", |_: v1::SignReturnRequest| {
        let facts = [("state", "submitted"), ("lifted_by", "The lead or a deputy who sent in none of it signs."), ("who", "lead")];
        let facts: std::collections::HashMap<String, String> = facts.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let details = ErrorDetails::with_error_info("AUTHOR_CANNOT_SIGN", "csp.v1", facts);
        let sentence = "whoever sent in any part of a return cannot sign it";
        Err::<v1::Return, _>(Status::with_error_details(Code::PermissionDenied, sentence, details))
    });
    let said = Desk::at(&server).run(["return", "sign", "--yes"]).await.failed(4);
    for text in ["cannot sign it.", "Reason: AUTHOR_CANNOT_SIGN", "lifted by: The lead or a deputy", "who: lead"] {
        assert!(said.contains(text), "{text}: {said}");
    }
}

#[tokio::test]
async fn a_return_is_not_sent_back_without_reasons() {
    let server = lead().await;
    server.on("ReturnService/SendBackReturn", |q: v1::SendBackReturnRequest| {
        let state = v1::ReturnState::SentBack as i32;
        Ok(v1::Return { name: q.name, cycle: CYCLE.into(), state, reasons: q.reasons, ..Default::default() })
    });
    let desk = Desk::at(&server);
    let said = desk.run(["return", "send-back"]).await.failed(2);
    assert!(said.contains("--reasons"), "{said}");
    let page = desk.run(["return", "send-back", "--reasons", "Robbery is missing."]).await.ok();
    assert!(page.contains("Robbery is missing."), "{page}");
    let asked: v1::SendBackReturnRequest = server.only("ReturnService/SendBackReturn");
    assert_eq!((asked.reasons.as_str(), asked.etag.as_str()), ("Robbery is missing.", "v3"));
}

fn receipt(name: String) -> v1::Receipt {
    let step = |revision, deed: v1::ReturnDeed, person: &str, reasons: &str| v1::ReturnStep {
        revision,
        deed: deed as i32,
        reasons: reasons.into(),
        person: person.into(),
        time: world::time("2022-01-10T09:00:00Z"),
        ..Default::default()
    };
    v1::Receipt {
        number: "gateshead/citizen-focus.2021-q3/1".into(),
        return_name: name,
        revision: 1,
        items: vec![v1::ReceiptItem { number: 1, subject: "burglary".into(), period: "2021-q3".into(), answer: "206".into() }],
        sha256: "5ca1ab1e".into(),
        stored_text: "figure\n".into(),
        text: "Receipt gateshead/citizen-focus.2021-q3/1\n    1  burglary, 2021-q3: 206\n".into(),
        state: v1::ReturnState::SentBack as i32,
        steps: vec![
            step(1, v1::ReturnDeed::Submit, "regions/northumbria/persons/jo-brown", ""),
            step(2, v1::ReturnDeed::SendBack, "regions/northumbria/persons/sam-hill", "Robbery is missing."),
            step(3, v1::ReturnDeed::Freeze, "", ""),
        ],
        ..Default::default()
    }
}

#[tokio::test]
async fn a_receipt_says_what_was_received_and_what_became_of_it() {
    let server = world::officer().await;
    server.on("ReturnService/GetReceipt", |q: v1::GetReceiptRequest| Ok(receipt(q.name)));
    let desk = Desk::at(&server);
    let page = desk.run(["return", "receipt"]).await.ok();
    for text in ["burglary, 2021-q3: 206", "What became of it: sent back", "sam-hill", "Robbery is missing.", "the schedule"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let json: serde_json::Value = serde_json::from_str(&desk.run(["return", "receipt", "--output", "json"]).await.ok()).unwrap();
    assert_eq!((json["sha256"].as_str(), json["stored_text"].as_str()), (Some("5ca1ab1e"), Some("figure\n")));
    assert_eq!(json["steps"][1]["deed"], "RETURN_DEED_SEND_BACK");
}

#[tokio::test]
async fn what_is_sent_in_is_answered_with_its_receipt() {
    let server = world::officer().await;
    server.on("ReturnService/CreateReturn", |q: v1::CreateReturnRequest| Ok(v1::Return { name: RETURN.into(), ..q.answer.unwrap() }));
    let desk = Desk::at(&server);
    // The receipt cannot be had: what was sent in is sent in all the same.
    let outcome = desk.run(["return", "submit", "--nil", "Nothing."]).await;
    assert!(outcome.stderr.contains("csp return receipt gateshead/citizen-focus.2021-q3"), "{}", outcome.stderr);
    outcome.ok();
    server.on("ReturnService/GetReceipt", |q: v1::GetReceiptRequest| Ok(receipt(q.name)));
    let outcome = desk.run(["return", "submit", "--nil", "Nothing."]).await;
    assert!(outcome.stderr.contains("Receipt gateshead/citizen-focus.2021-q3/1, SHA-256 5ca1ab1e"), "{}", outcome.stderr);
}

fn missing_burglary() -> v1::MissingFigure {
    v1::MissingFigure { indicator: "regions/northumbria/indicators/burglary".into(), display_name: "Burglary".into() }
}

const JOINT: &str = "Joint items for GATESHEAD: 1 of its own is held out; 2 wait for its signature";
const WORDED: &str = "Other wordings for GATESHEAD: 1 waits for the lead; 2 lapsed, because the partnership changed the text";

#[tokio::test]
async fn an_editor_sees_who_is_missing_and_whose_turn_it_is() {
    let committee = "regions/northumbria/committees/citizen-focus";
    let server = northumbria(vec![role(v1::Role::Editor, committee)], vec![duty(v1::DutyKind::Edit, v1::DutyState::Due)]).await;
    server.on("ReturnService/GetCycleStatus", |q: v1::GetCycleStatusRequest| {
        let rate = |part, whole, percent| {
            Some(v1::Rate { part, whole, cycles: if percent == 0 { 3 } else { 8 }, percent: Some(percent).filter(|p| *p > 0) })
        };
        let one = |name: &str, state: v1::ReturnState, awaits: v1::Role| v1::PartnershipStatus {
            partnership: format!("regions/northumbria/partnerships/{name}"),
            display_name: name.to_uppercase(),
            state: state as i32,
            late: name == "newcastle",
            signing: true,
            awaits: awaits as i32,
            complete: rate(2, 3, 0),
            open_queries: if name == "gateshead" { vec!["outside-limits.burglary".into(), "older-period".into()] } else { vec![] },
            wordings: Some(v1::WordingTally { proposed: 1, lapsed: 2, ..Default::default() }).filter(|_| name == "gateshead"),
            joint_items: Some(v1::JointTally { held_out: 1, waiting: 2, sent_back: 0 }).filter(|_| name == "gateshead"),
            figures_asked: 2,
            figures_missing: i32::from(name == "gateshead"),
            missing_figures: if name == "gateshead" { vec![missing_burglary()] } else { vec![] },
            ..Default::default()
        };
        Ok(v1::CycleStatus {
            cycle: q.name,
            expected: 3,
            received: 2,
            signed: 1,
            unsigned: 1,
            partnerships: vec![
                one("gateshead", v1::ReturnState::Submitted, v1::Role::Lead),
                one("newcastle", v1::ReturnState::Accepted, v1::Role::Unspecified),
                one("sunderland", v1::ReturnState::Unspecified, v1::Role::Officer),
            ],
            complete: rate(45, 48, 94),
            ..Default::default()
        })
    });
    let desk = Desk::at(&server);
    let page = desk.run(["cycle", "status"]).await.ok();
    for text in ["2 of 3", "1; not printed until signed", "45 of 48 (94%)", "accepted, late", "nothing received", "nobody’s", WORDED, JOINT]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("Asked of GATESHEAD, and not explained yet: outside-limits.burglary, older-period"), "{page}");
    let row = page.lines().find(|line| line.trim_start().starts_with("GATESHEAD")).expect("its row");
    assert!(row.contains(", 1 of 2 figures") && !page.contains("2 of 2 figures"), "{page}");
    assert!(page.contains("Missing from GATESHEAD: Burglary"), "{page}");
    assert!(row.contains("lead") && row.contains("2 of 3") && !row.contains('%'), "{row}");
    let json: serde_json::Value = serde_json::from_str(&desk.run(["cycle", "status", "--output", "json"]).await.ok()).unwrap();
    assert_eq!(json["partnerships"][0]["missing_figures"][0]["display_name"], "Burglary");
    assert_eq!((json["complete"]["percent"].as_i64(), json["partnerships"][0]["awaits"].as_str()), (Some(94), Some("ROLE_LEAD")));
}

#[tokio::test]
async fn an_officer_sees_how_often_their_own_returns_came() {
    let rate = |part| Some(v1::Rate { part, whole: 8, cycles: 8, percent: Some(part * 100 / 8) });
    let due = v1::Duty { complete: rate(8), on_time: rate(6), ..duty(v1::DutyKind::Submit, v1::DutyState::Due) };
    let server = northumbria(vec![role(v1::Role::Officer, "regions/northumbria/partnerships/gateshead")], vec![due]).await;
    let desk = Desk::at(&server);
    let page = desk.run(["due"]).await.ok();
    let wanted = "Over its last 8 reports to the Citizen Focus Committee, Gateshead sent in 8 of 8 (100%), 6 of 8 (75%) by the deadline.";
    assert!(page.contains(wanted), "{page}");
    let json: serde_json::Value = serde_json::from_str(&desk.run(["due", "--output", "json"]).await.ok()).unwrap();
    assert_eq!(json["duties"][0]["on_time"]["percent"], 75);
}

#[tokio::test]
async fn a_cooling_off_is_not_ended_without_a_reason() {
    let committee = "regions/northumbria/committees/citizen-focus";
    let server = northumbria(vec![role(v1::Role::Approver, committee)], vec![duty(v1::DutyKind::Approve, v1::DutyState::Done)]).await;
    server.on("DigestService/GetDigest", |_: v1::GetDigestRequest| Ok(world::digest()));
    server.on("DigestService/EndCoolingOff", |q: v1::EndCoolingOffRequest| {
        let ender = "regions/northumbria/persons/jo-brown".into();
        Ok(v1::Digest { cooling_off_ender: ender, cooling_off_reason: q.reason, ..world::digest() })
    });
    let desk = Desk::at(&server);
    let said = desk.run(["digest", "end-cooling-off", "citizen-focus/2021-q3/1"]).await.failed(2);
    assert!(said.contains("--reason"), "{said}");
    let page = desk.run(["digest", "end-cooling-off", "citizen-focus/2021-q3/1", "--reason", "Clear days.", "--yes"]).await.ok();
    assert!(page.contains("jo-brown: Clear days."), "{page}");
}
