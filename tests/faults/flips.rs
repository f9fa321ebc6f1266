//! Bits that a disk turned. Each is detected, by the file being refused or by what is read making no sense, or is harmless;
//! none ever sends a letter to somebody else, or another letter.
//!
//! SQLite keeps no checksum of its rows, so a turned bit in a text may be read as another text. What is approved is under
//! hashes, and what is sent is checked against them.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use csp_domain::{
    Chance as _,
    chance::SeededChance,
    clock::SharedClock,
    message::{MessageKind, MessageState},
};
use csp_mail::{
    carrier::{Carrier, Smtp},
    sink::{Script, Sink},
};
use csp_scheduler::{Post, Scheduler};
use csp_store::{MessageFilter, Page, Settings, Store};
use csp_tests::{Bed, line};

use crate::times;

#[derive(Debug, Default)]
struct Count {
    refused_at_the_door: usize,
    noticed_when_read: usize,
    held_before_sending: usize,
    harmless: usize,
    not_sent: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turned_bit_never_writes_to_a_stranger() {
    let bed = Bed::sqlite().await;
    let county = bed.county("northumbria").await;
    let mut letters: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut queued = Vec::new();
    for n in 0..24 {
        let person = bed.person(county.scope(), &format!("reader-{n}")).await;
        let message = bed.new_message(MessageKind::Notice, bed.id(), &person);
        letters.insert(person.email.as_str().to_owned(), [message.head.as_slice(), Bed::BODY].concat());
        queued.push(message);
    }
    bed.store.queue_messages(county.scope(), &bed.by_schedule(), Bed::BODY.to_vec(), queued).await.unwrap();
    bed.store.close().await;
    // Everything in one file, and the letters where many bits are theirs.
    bed.raw().execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let path = bed.settings().url.trim_start_matches("sqlite://").to_owned();
    let sound = std::fs::read(&path).unwrap();
    let hot: Vec<usize> = (0..sound.len()).filter(|&at| sound[at..].starts_with(b"reader-")).collect();
    assert!(hot.len() >= 24 * 3);

    let sink = Sink::start(Script::accepting()).await;
    let clock: SharedClock = Arc::new(bed.clock.clone());
    bed.clock.advance(TimeDelta::minutes(1));
    let seed = 20_211_225;
    let (chance, flips, mut count) = (SeededChance::new(seed), times(40, 1000), Count::default());
    for n in 0..flips {
        let mut bytes = sound.clone();
        let mut drawn = [0; 9];
        chance.fill(&mut drawn);
        let number = usize::from_le_bytes(drawn[..8].try_into().unwrap());
        // Every other one where it hurts most: in somebody's address.
        let at = if n % 2 == 0 { number % bytes.len() } else { hot[number % hot.len()] + number % 20 };
        bytes[at] ^= 1 << (drawn[8] % 8);
        try_one(&bytes, &letters, &sink, &clock, &mut count).await;
    }
    println!("seed {seed}: {flips} flips: {count:?}");
    assert!(count.held_before_sending + count.refused_at_the_door + count.noticed_when_read > 0, "some of so many are noticed");
}

async fn try_one(bytes: &[u8], letters: &BTreeMap<String, Vec<u8>>, sink: &Sink, clock: &SharedClock, count: &mut Count) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("csp.db");
    std::fs::write(&path, bytes).unwrap();
    let settings = Settings { url: format!("sqlite://{}", path.display()), migrate_url: None, connections: 1 };
    let Ok(store) = Store::open(&settings, Arc::new(SeededChance::new(8))).await else {
        count.refused_at_the_door += 1;
        return;
    };
    let before = sink.messages().len();
    let post = Post {
        from_name: line("Digest"),
        from: "digest@mail.example.org".parse().unwrap(),
        reply_to: None,
        domain: "mail.example.org".to_owned(),
        connections: 1,
    };
    let carrier = Carrier::Smtp(Smtp::new(sink.settings()).unwrap());
    let courier = Scheduler::new(store.clone(), clock.clone(), Arc::new(SeededChance::new(9)), carrier, post);
    let delivered = courier.deliver().await;
    let sent = sink.messages().split_off(before);
    for mail in &sent {
        let letter = letters.get(&mail.to).unwrap_or_else(|| panic!("a letter went to a stranger, {}", mail.to));
        assert_eq!(&mail.bytes, letter, "each gets their own letter");
    }
    let tally = store.tally_messages().await;
    let held = tally.as_ref().is_ok_and(|tally| tally.iter().any(|(state, _)| *state == MessageState::Held));
    match (delivered, tally) {
        (Err(_), _) | (_, Err(_)) => count.noticed_when_read += 1,
        _ if held => count.held_before_sending += 1,
        _ if sent.len() == letters.len() => count.harmless += 1,
        _ => count.not_sent += 1,
    }
    let region =
        store.list_regions(Page::all()).await.ok().and_then(|regions| regions.items.into_iter().find(|r| r.slug.as_str() == "northumbria"));
    if let Some(region) = region {
        // Whatever reads, reads without breaking the process.
        let _ = store.list_messages(csp_domain::Scope::Region(region.id), MessageFilter::default(), Page::all()).await;
    }
    store.close().await;
}
