//! No address, body or secret in any line of the log. In a process of its own, so that the one subscriber
//! there may be sees everything.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[expect(dead_code, reason = "the stories use all of it")]
#[path = "../stories/world.rs"]
mod world;

use std::{
    io,
    sync::{Arc, Mutex},
};

use csp_proto::v1;
use csp_tests::Bed;
use tracing_subscriber::fmt::MakeWriter;

use world::{CYCLE, MEMBERS, World, partnership};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn create_news(parent: String, item: v1::NewsItem) -> v1::CreateNewsItemRequest {
    v1::CreateNewsItemRequest { parent, news_item: Some(item), request_id: String::new(), validate_only: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_a_whole_quarter_leaves_no_address_body_or_secret_in_the_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).with_ansi(false).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let world = World::on(Bed::sqlite().await).await;
    world.at("2022-01-05T10:00:00Z").await;
    let item = v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::News.into(),
        headline: "canary-headline".into(),
        body: "canary-body".into(),
        body_format: v1::BodyFormat::Markdown.into(),
        ..Default::default()
    };
    world.news().create_news_item(world.officers[0].call(create_news(partnership(0), item))).await.unwrap();
    let refused = v1::NewsItem { body: "canary-refused <b>".into(), ..Default::default() };
    world.news().create_news_item(world.officers[0].call(create_news(partnership(0), refused))).await.unwrap_err();
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    world.at("2022-01-18T09:00:00Z").await;
    assert_eq!(world.papers().len(), MEMBERS.len());

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    // The libraries' own trace of bytes on the wire is theirs; the service never logs below `info` in
    // production, and its own lines are looked at on every level.
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("csp_")).collect();
    assert!(ours.len() > 20, "the log was seen: {} lines", ours.len());
    assert!(ours.iter().any(|line| line.contains("request answered")) && ours.iter().any(|line| line.contains("released the digest")));
    let mut canaries = vec!["@", "canary-", "Amara", "officer gateshead", "csp_0"];
    canaries.extend(MEMBERS);
    let secrets: Vec<String> = world.officers.iter().map(|who| who.token.clone()).collect();
    canaries.extend(secrets.iter().map(String::as_str));
    for line in ours {
        for canary in &canaries {
            assert!(!line.contains(canary), "{canary:?} in the log: {line}");
        }
    }
}
