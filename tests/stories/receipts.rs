//! Whoever sends something in can have it in writing what was received.

use std::sync::Arc;

use csp_domain::{chance::SeededChance, clock::SharedClock, document::Hash};
use csp_mail::sink::Received;
use csp_proto::v1;
use csp_tests::{Bed, at};
use mail_parser::MessageParser;
use serde_json::Value;

use crate::{
    folder::{csp, dialled, fill_in},
    workbook::files,
    world::{World, partnership, scheduler},
};

/// The receipts that were mailed.
fn receipts(world: &World) -> Vec<Received> {
    let tells = |mail: &Received| MessageParser::default().parse(&mail.bytes).unwrap().subject().unwrap().ends_with("was received");
    world.sink.messages().into_iter().filter(tells).collect()
}

pub(crate) async fn whoever_asks_for_it_has_the_receipt_by_mail_once(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-02-01T09:00:00Z").await;
    world.at("2022-04-01T08:00:00Z").await;
    let store = world.bed.second_store(Arc::new(SeededChance::new(51))).await;
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let other = scheduler(&store, clock, 52, &world.sink);
    let (url, token) = (dialled(&world).await, world.officers[0].token.clone());
    let desk = tempfile::tempdir().unwrap();
    let file = desk.path().join("figures.csv").display().to_string();
    std::fs::write(&file, "indicator,value\nburglary,1139\n").unwrap();
    // Half past eight by the clocks on the wall.
    world.bed.clock.set(at("2022-04-05T07:30:00Z"));
    let submit = ["return", "submit", &file, "--cycle", "citizen-focus/2021-q4", "--receipt-by-mail"];
    let (code, _, talk) = csp(&url, &token, &[&submit[..], &["--dry-run"]].concat()).await;
    assert_eq!(code, 0, "{talk}");
    let tick = world.scheduler.tick().await.unwrap();
    assert_eq!(tick.receipted, 0, "what is only tried is not received");
    let (code, _, talk) = csp(&url, &token, &submit).await;
    assert_eq!(code, 0, "{talk}");
    assert!(talk.contains("It is mailed to you as well, within a minute."), "{talk}");
    let (one, two) = tokio::join!(world.scheduler.tick(), other.tick());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.receipted + two.receipted, one.failed + two.failed), (1, 0), "{one:?} {two:?}");
    world.scheduler.deliver().await.unwrap();
    other.deliver().await.unwrap();

    let get = v1::GetReceiptRequest { name: format!("{}/returns/citizen-focus.2021-q4", partnership(0)) };
    let receipt = world.returns().get_receipt(world.officers[0].call(get)).await.unwrap().into_inner();
    let mailed = receipts(&world);
    assert_eq!(mailed.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["officer-gateshead@example.org"]);
    let parsed = MessageParser::default().parse(&mailed[0].bytes).unwrap();
    let said = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    // Identifiers of the bed differ from engine to engine, and with them the hash.
    insta::assert_snapshot!("receipt", said.replace(&receipt.sha256, "(64 digits)"));
    let got = files(&world, "officer-gateshead");
    let names: Vec<(&str, &str)> = got.iter().map(|(name, kind, _)| (name.as_str(), kind.as_str())).collect();
    let stem = "receipt-gateshead-citizen-focus-2021-q4";
    assert_eq!(names, [(&*format!("{stem}.txt"), "text/plain"), (&*format!("{stem}.json"), "application/json")]);
    // What is stored, to the last byte: whoever hashes it finds the receipt's hash.
    assert_eq!(String::from_utf8(got[0].2.clone()).unwrap().replace("\r\n", "\n"), receipt.stored_text);
    assert_eq!(Hash::of(&got[0].2).to_string(), receipt.sha256);
    let json: Value = serde_json::from_slice(&got[1].2).unwrap();
    assert_eq!((json["number"].as_str(), json["sha256"].as_str()), (Some(&*receipt.number), Some(&*receipt.sha256)));
    assert_eq!((json["items"][0]["subject"].as_str(), json["items"][0]["answer"].as_str()), (Some("burglary"), Some("1,139")));
    assert_eq!(json["submit_time"], "2022-04-05T07:30:00Z");

    // It was asked for, and takes the place of no reminder.
    world.at("2022-04-05T08:00:00Z").await;
    let last = world.sink.messages().into_iter().rfind(|mail| mail.to.starts_with("officer-gateshead")).unwrap();
    let subject = MessageParser::default().parse(&last.bytes).unwrap().subject().unwrap().to_owned();
    assert_eq!(subject, "Gateshead: the return for Q4 2021/22 is due on Tuesday 12 April 2022");
    assert_eq!(receipts(&world).len(), 1);
    store.close().await;
}

pub(crate) async fn a_folder_and_a_correction_have_receipts_of_their_own(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-02-01T09:00:00Z").await;
    world.at("2022-04-01T08:00:00Z").await;
    let (url, token) = (dialled(&world).await, world.officers[1].token.clone());
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path().join("spring");
    let path = folder.display().to_string();
    let (code, _, talk) = csp(&url, &token, &["start", "--cycle", "citizen-focus/2021-q4", "--to", &path]).await;
    assert_eq!(code, 0, "{talk}");
    fill_in(&folder, "12", "5");
    std::fs::write(folder.join("wardens.md"), "# Wardens on duty\n\nText\n").unwrap();
    let submit = ["submit", &path, "--yes", "--receipt-by-mail"];
    let (code, _, talk) = csp(&url, &token, &submit).await;
    assert_eq!(code, 0, "{talk}");
    assert!(talk.contains("The receipt of the return is mailed to you as well"), "{talk}");
    assert_eq!(world.at("2022-04-01T08:10:00Z").await.receipted, 1);
    let text = |mail: &Received| MessageParser::default().parse(&mail.bytes).unwrap().body_text(0).unwrap().into_owned();
    let first = text(receipts(&world).last().unwrap());
    assert!(first.contains("newcastle/citizen-focus.2021-q4/1") && first.contains("Wardens on duty"), "{first}");

    // Nothing is left to send, and nothing to be told.
    let (code, _, talk) = csp(&url, &token, &submit).await;
    assert!(code == 0 && talk.contains("Nothing is left to send"), "{talk}");
    assert_eq!(world.at("2022-04-01T08:20:00Z").await.receipted, 0);

    // Corrected twice within a minute, and asked for once: the letter is about what it was asked for.
    let file = desk.path().join("figures.csv").display().to_string();
    for (value, more) in [("13", &["--receipt-by-mail"][..]), ("14", &[][..])] {
        std::fs::write(&file, format!("indicator,value\nburglary,{value}\nvehicle-crime,5\n")).unwrap();
        let correct = [&["return", "correct", &file, "--cycle", "citizen-focus/2021-q4"][..], more].concat();
        let (code, _, talk) = csp(&url, &token, &correct).await;
        assert_eq!(code, 0, "{talk}");
    }
    assert_eq!(world.at("2022-04-01T08:30:00Z").await.receipted, 1);
    let second = text(receipts(&world).last().unwrap());
    let number = second.split_whitespace().find(|word| word.starts_with("newcastle/")).unwrap().to_owned();
    let line = second.lines().find(|line| line.contains("burglary")).unwrap();
    assert!(line.ends_with("13"), "{second}");
    let steps = v1::GetReceiptRequest { name: format!("{}/returns/citizen-focus.2021-q4", partnership(1)) };
    let now = world.returns().get_receipt(world.officers[1].call(steps)).await.unwrap().into_inner();
    assert_ne!(now.number, number, "which is not what stands any more");
}
