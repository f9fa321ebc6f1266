//! Peers that send what costs them little and the server much, with a good client beside them.
//!
//! What is asserted is that every call of the good client succeeds, not how fast. The short form lasts for so many of its
//! calls; the long form for a minute each.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{io::AsyncWriteExt as _, task::JoinSet, time::timeout};

use crate::{
    frames::{self, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame},
    running::{PATIENCE, Running, WHO_AM_I},
};

const HOSTILE: u64 = 3;
const CALLS: u32 = 30;
/// So many frames are written at a time.
const AT_ONCE: usize = 200;

/// What a hostile peer sends after its greeting: first `begin`, then `again` with a number that goes up, for ever.
#[derive(Clone, Copy)]
struct Flood {
    begin: fn() -> Vec<u8>,
    again: fn(u32) -> Vec<u8>,
    reads: bool,
}

/// Sends it until the server has had enough, comes back, and so on. Counts frames sent and connections lost.
async fn attack(address: SocketAddr, flood: Flood, sent: Arc<AtomicU64>, lost: Arc<AtomicU64>) {
    loop {
        let stream = frames::peer(address, &[frames::hello(&[]), (flood.begin)()].concat()).await;
        let (reader, mut writer) = stream.into_split();
        // Whoever does not read keeps the half open all the same.
        let (reading, kept) = if flood.reads { (Some(reader), None) } else { (None, Some(reader)) };
        let read = async {
            match reading {
                Some(mut reader) => drop(tokio::io::copy(&mut reader, &mut tokio::io::sink()).await),
                None => std::future::pending().await,
            }
        };
        let write = async {
            for number in 0.. {
                let many: Vec<u8> = (0..AT_ONCE)
                    .flat_map(|n| (flood.again)(number * u32::try_from(AT_ONCE).unwrap() + u32::try_from(n).unwrap()))
                    .collect();
                if writer.write_all(&many).await.is_err() {
                    return;
                }
                sent.fetch_add(AT_ONCE as u64, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = read => {}
            () = write => {}
        }
        drop(kept);
        lost.fetch_add(1, Ordering::Relaxed);
    }
}

async fn withstand(name: &str, flood: Flood) {
    let running = Running::start(|config| {
        config.limits.keepalive = Duration::from_secs(5);
        // The good client works as fast as it can.
        config.limits.api.tenant_burst = 1_000_000;
    })
    .await;
    let (sent, lost) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let mut hostile = JoinSet::new();
    for _ in 0..HOSTILE {
        hostile.spawn(attack(running.address, flood, sent.clone(), lost.clone()));
    }
    // The flood is under way before the first good call.
    timeout(PATIENCE, async {
        while sent.load(Ordering::Relaxed) == 0 && lost.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the flood begins");
    let long = std::env::var_os("CSP_TEST_LONG").is_some_and(|value| value == "1");
    let end = Instant::now() + Duration::from_mins(1);
    let mut calls = 0;
    while if long { Instant::now() < end } else { calls < CALLS } {
        // Every other call comes with a connection of its own: those who are new must get in as well.
        let channel = running.channel().await;
        for _ in 0..2 {
            let answer = timeout(PATIENCE, running.who_am_i(channel.clone())).await.expect("a good call is answered");
            assert_eq!(answer.unwrap().person.unwrap().display_name, "Keeper");
            calls += 1;
        }
    }
    hostile.shutdown().await;
    let (sent, lost) = (sent.load(Ordering::Relaxed), lost.load(Ordering::Relaxed));
    println!("{name}: {calls} good calls answered beside {sent} frames on {} connections, {lost} of them closed", lost + HOSTILE);
    assert!(running.who_am_i(running.channel().await).await.is_ok(), "and all is well afterwards");
    running.stop().await;
}

fn nothing() -> Vec<u8> {
    Vec::new()
}

/// Requests have odd numbers, and each a new one.
fn stream(number: u32) -> u32 {
    number * 2 + 1
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_taken_back_at_once() {
    let again = |number| {
        let ask = frame(HEADERS, END_HEADERS, stream(number), &frames::headers(WHO_AM_I, None));
        [ask, frame(RST_STREAM, 0, stream(number), &8_u32.to_be_bytes())].concat()
    };
    withstand("rapid reset", Flood { begin: nothing, again, reads: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end() {
    let begin = || frame(HEADERS, END_STREAM, 1, &frames::headers(WHO_AM_I, None));
    let again = |_| frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b");
    withstand("CONTINUATION", Flood { begin, again, reads: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_without_end() {
    withstand("SETTINGS", Flood { begin: nothing, again: |_| frame(SETTINGS, 0, 0, &[]), reads: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_without_end() {
    withstand("PING", Flood { begin: nothing, again: |n| frame(PING, 0, 0, &u64::from(n).to_be_bytes()), reads: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_whose_answers_nobody_reads() {
    withstand("PING unread", Flood { begin: nothing, again: |n| frame(PING, 0, 0, &u64::from(n).to_be_bytes()), reads: false }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_nothing_without_end() {
    let begin = || frame(HEADERS, END_HEADERS, 1, &frames::headers("/grpc.health.v1.Health/Check", None));
    withstand("empty DATA", Flood { begin, again: |_| frame(DATA, 0, 1, &[]), reads: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_without_end() {
    withstand("WINDOW_UPDATE", Flood { begin: nothing, again: |_| frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()), reads: true }).await;
}
