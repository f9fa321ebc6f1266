//! Messages that are too large, in either direction, and compressed ones.

use std::time::Duration;

use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::running::{PATIENCE, Running, call, message, saying};

const LIMIT: usize = 100 * 1024;

/// A message of `WhoAmI` of exactly so many bytes: a field that nobody knows, which is passed over.
fn padded(length: usize) -> Vec<u8> {
    // Field 15, length-delimited; the length takes three bytes from 16 KiB on.
    let content = length - 4;
    let digit = |shift: u32| u8::try_from(content >> shift & 0x7f).unwrap();
    let mut bytes = vec![0x7a, digit(0) | 0x80, digit(7) | 0x80, digit(14)];
    bytes.resize(length, 0);
    bytes
}

#[tokio::test]
async fn a_request_at_the_limit_is_read_and_one_byte_more_is_not() {
    let running = Running::start(|config| config.limits.api.request_bytes = LIMIT).await;
    let (say, body) = saying();
    say.send(message(false, LIMIT, &padded(LIMIT))).unwrap();
    drop(say);
    assert!(call(running.channel().await, Some(&running.token), None, body).await.is_none(), "answered");

    // What it says of its length is enough; the rest never comes, and nobody waits for it.
    let (say, body) = saying();
    say.send(message(false, LIMIT + 1, &[])).unwrap();
    let refused = call(running.channel().await, Some(&running.token), None, body).await.unwrap();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    drop(say);
    running.stop().await;
}

#[tokio::test]
async fn a_hundred_that_claim_gigabytes_are_refused_by_their_claim() {
    let running = Running::start(|_| ()).await;
    let channel = running.channel().await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (say, body) = saying();
        say.send(message(false, u32::MAX as usize, &[1; 64])).unwrap();
        let (channel, token) = (channel.clone(), running.token.clone());
        asked.spawn(async move { (call(channel, Some(&token), None, body).await, say) });
    }
    while let Some(refused) = asked.join_next().await {
        let (refused, _say) = refused.unwrap();
        assert_eq!(refused.unwrap().code(), Code::OutOfRange);
    }
    running.stop().await;
}

#[tokio::test]
async fn a_compressed_request_is_refused_unread() {
    let running = Running::start(|_| ()).await;
    let (say, body) = saying();
    say.send(message(true, 1_000, b"\x1f\x8b\x08")).unwrap();
    let refused = call(running.channel().await, Some(&running.token), Some("gzip"), body).await.unwrap();
    assert_eq!(refused.code(), Code::Unimplemented, "{refused}");
    drop(say);
    // The same without saying so.
    let (say, body) = saying();
    say.send(message(true, 3, b"\x1f\x8b\x08")).unwrap();
    drop(say);
    let refused = call(running.channel().await, Some(&running.token), None, body).await.unwrap();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    running.stop().await;
}

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error_and_no_hang() {
    let running = Running::start(|config| config.limits.api.answer_bytes = 20).await;
    let channel = running.channel().await;
    let answer = timeout(PATIENCE, running.who_am_i(channel.clone())).await.expect("it is answered");
    let refused = answer.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    // The connection is none the worse for it.
    let question = HealthCheckRequest { service: String::new() };
    let health = timeout(Duration::from_secs(30), HealthClient::new(channel).check(question)).await.expect("it is answered");
    assert!(health.is_ok());
    running.stop().await;
}
