//! Peers that are silent, slow, half gone or never read, and connections that have grown old.

use std::time::Duration;

use tokio::time::timeout;
use tonic::{Code, codegen::Bytes};

use crate::{
    frames::{self, END_HEADERS, END_STREAM, GOAWAY, HEADERS, frame},
    running::{PATIENCE, Running, WHO_AM_I, call, message, saying},
};

/// Setting of HTTP/2: how much of an answer may be sent unasked.
const INITIAL_WINDOW_SIZE: u16 = 4;

/// A call of `WhoAmI`, whole: its headers and an empty message.
fn asking(token: &str) -> Vec<u8> {
    let ask = frame(HEADERS, END_HEADERS, 1, &frames::headers(WHO_AM_I, Some(token)));
    [ask, frame(frames::DATA, END_STREAM, 1, &[0; 5])].concat()
}

async fn let_go(peer: tokio::net::TcpStream) -> Vec<u8> {
    timeout(PATIENCE, frames::hear_out(peer, true)).await.expect("the server lets go")
}

#[tokio::test]
async fn the_silent_fill_their_own_place_and_nobody_elses() {
    let running = Running::start(|config| {
        config.limits.connections_per_address = 20;
        config.limits.first_bytes = Duration::from_secs(1);
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..60 {
        silent.push(frames::peer(running.address, b"").await);
    }
    for _ in 0..5 {
        running.who_am_i(running.channel().await).await.unwrap();
    }
    // Forty had no place, and the twenty that had one lose it.
    for peer in silent {
        assert_eq!(let_go(peer).await, b"");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_body_that_comes_byte_by_byte_has_its_time_too() {
    let running = Running::start(|config| config.limits.request = Duration::from_millis(100)).await;
    let (say, body) = saying();
    let drip = tokio::spawn(async move {
        let mut second = tokio::time::interval(Duration::from_millis(20));
        // A message of a thousand bytes, one at a time, until nobody listens.
        let _ = say.send(message(false, 1_000, &[]));
        while say.send(Bytes::from_static(b"z")).is_ok() {
            second.tick().await;
        }
    });
    let refused = call(running.channel().await, Some(&running.token), None, body).await.unwrap();
    assert_eq!(refused.code(), Code::DeadlineExceeded);
    timeout(PATIENCE, drip).await.expect("nobody listens any more").unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_stranger_is_answered_before_a_word_of_theirs_is_read() {
    let running = Running::start(|_| ()).await;
    let (say, body) = saying();
    say.send(message(false, 4_000_000, &[0; 1_000])).unwrap();
    let refused = call(running.channel().await, None, None, body).await.unwrap();
    assert_eq!(refused.code(), Code::Unauthenticated);
    drop(say);
    running.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_given_no_room_is_not_kept_for_ever() {
    let running = Running::start(|config| config.limits.answer = Duration::from_millis(100)).await;
    let hello = frames::hello(&[(INITIAL_WINDOW_SIZE, 0)]);
    let peer = frames::peer(running.address, &[hello, asking(&running.token)].concat()).await;
    let heard = let_go(peer).await;
    assert!(heard.contains(&HEADERS), "it was answered: {heard:?}");
    assert!(!heard.contains(&frames::DATA), "{heard:?}");
    running.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_taken_leaves_the_connection_open() {
    let running = Running::start(|config| config.limits.answer = Duration::from_millis(100)).await;
    let channel = running.channel().await;
    let end = tokio::time::Instant::now() + Duration::from_millis(300);
    while tokio::time::Instant::now() < end {
        running.who_am_i(channel.clone()).await.unwrap();
    }
    running.stop().await;
}

#[tokio::test]
async fn a_peer_that_reads_nothing_at_all_is_let_go() {
    let running = Running::start(|config| {
        config.limits.keepalive = Duration::from_millis(100);
        config.limits.keepalive_answer = Duration::from_millis(100);
        config.limits.connections_per_address = 1;
    })
    .await;
    let mut deaf = frames::peer(running.address, &[frames::hello(&[]), asking(&running.token)].concat()).await;
    // It says ever more and reads nothing, until the server no longer listens either.
    timeout(PATIENCE, async {
        let pings: Vec<u8> = (0..1_000).flat_map(|_| frame(frames::PING, 0, 0, &[7; 8])).collect();
        while tokio::io::AsyncWriteExt::write_all(&mut deaf, &pings).await.is_ok() {}
    })
    .await
    .expect("the server lets go");
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_has_grown_old_is_told_to_come_again() {
    let running = Running::start(|config| config.limits.connection_age = Duration::from_millis(100)).await;
    let channel = running.channel().await;
    for _ in 0..3 {
        let heard = let_go(frames::peer(running.address, &frames::hello(&[])).await).await;
        assert!(heard.contains(&GOAWAY), "{heard:?}");
        // A client connects again by itself. A call that it made at the very moment was never sent, and is made again.
        timeout(PATIENCE, async {
            while let Err(status) = running.who_am_i(channel.clone()).await {
                assert_eq!(status.code(), Code::Cancelled, "{status}");
            }
        })
        .await
        .expect("it is served again");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_peer_that_stays_on_an_old_connection_is_cut_off_in_the_end() {
    let running = Running::start(|config| {
        config.limits.connection_age = Duration::from_millis(100);
        config.limits.connection_grace = Duration::from_millis(100);
    })
    .await;
    // Its request never ends.
    let ask = frame(HEADERS, END_HEADERS, 1, &frames::headers(WHO_AM_I, Some(&running.token)));
    let heard = let_go(frames::peer(running.address, &[frames::hello(&[]), ask].concat()).await).await;
    assert!(heard.contains(&GOAWAY) && !heard.contains(&HEADERS), "{heard:?}");
    running.stop().await;
}

#[tokio::test]
async fn what_runs_on_an_old_connection_is_finished_first() {
    let running = Running::start(|config| config.limits.connection_age = Duration::from_millis(100)).await;
    let (say, body) = saying();
    let (channel, token) = (running.channel().await, running.token.clone());
    let asking = tokio::spawn(async move { call(channel, Some(&token), None, body).await });
    // By the time another connection has been let go, this one was told as well.
    assert!(let_go(frames::peer(running.address, &frames::hello(&[])).await).await.contains(&GOAWAY));
    say.send(message(false, 0, &[])).unwrap();
    drop(say);
    assert!(timeout(PATIENCE, asking).await.expect("it is finished").unwrap().is_none(), "and answered");
    running.stop().await;
}
