//! What one caller may take from the others, as clients hear it. The clock is moved by hand.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use csp_domain::{
    chance::SystemChance,
    clock::{Clock as _, ManualClock, SystemClock},
    token::Secret,
};
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;

use crate::running::{PATIENCE, Running, call, message, saying, who_am_i};

/// It is too much for now, for this reason, and worth trying again after so long.
#[track_caller]
fn assert_too_much(status: &Status, reason: &str, wait: Duration) {
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, reason);
    assert_eq!(details.retry_info().unwrap().retry_delay, Some(wait));
    assert!(status.message().contains("try again in"), "{}", status.message());
}

/// A token as it should be, of nobody.
fn wrong() -> String {
    Secret::generate(csp_domain::token::TokenKind::Person, &SystemChance).reveal()
}

#[tokio::test]
async fn whoever_tries_one_token_after_another_is_slowed_and_others_are_not() {
    let clock = ManualClock::new(SystemClock.now());
    let running = Running::start_with(&[], Arc::new(clock.clone()), |_| ()).await;
    let channel = running.channel().await;
    running.who_am_i(channel.clone()).await.unwrap();
    for _ in 0..10 {
        assert_eq!(who_am_i(channel.clone(), &wrong()).await.unwrap_err().code(), Code::Unauthenticated);
    }
    let refused = who_am_i(channel.clone(), &wrong()).await.unwrap_err();
    assert_too_much(&refused, "TOO_MANY_FAILURES", Duration::from_secs(6));
    // A colleague behind the same address whose token is known to be good.
    running.who_am_i(channel.clone()).await.unwrap();
    // Another connection is no other address.
    let again = who_am_i(running.channel().await, &wrong()).await.unwrap_err();
    assert_too_much(&again, "TOO_MANY_FAILURES", Duration::from_secs(6));
    // Whoever shows nothing tries nothing.
    let (say, body) = saying();
    drop(say);
    assert_eq!(call(channel.clone(), None, None, body).await.unwrap().code(), Code::Unauthenticated);

    clock.advance(TimeDelta::seconds(6));
    assert_eq!(who_am_i(channel.clone(), &wrong()).await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(who_am_i(channel, "csp_nonsense").await.unwrap_err().code(), Code::ResourceExhausted);
    running.stop().await;
}

#[tokio::test]
async fn a_tenant_in_haste_is_told_when_to_come_again() {
    let clock = ManualClock::new(SystemClock.now());
    let running = Running::start_with(&[], Arc::new(clock.clone()), |config| {
        config.limits.api.tenant_burst = 3;
        config.limits.api.tenant_per_second = 2;
    })
    .await;
    let channel = running.channel().await;
    for _ in 0..3 {
        running.who_am_i(channel.clone()).await.unwrap();
    }
    let refused = running.who_am_i(channel.clone()).await.unwrap_err();
    assert_too_much(&refused, "TENANT_RATE", Duration::from_millis(500));
    assert_eq!(refused.message(), "your region is asking too much at once; try again in a second");
    clock.advance(TimeDelta::milliseconds(500));
    running.who_am_i(channel.clone()).await.unwrap();
    running.who_am_i(channel).await.unwrap_err();
    running.stop().await;
}

#[tokio::test]
async fn a_server_with_as_much_to_do_as_it_can_says_so() {
    let running = Running::start(|config| {
        config.limits.api.requests = 1;
        config.limits.api.requests_per_tenant = 1;
        config.limits.api.tenant_burst = 1_000_000;
    })
    .await;
    let channel = running.channel().await;
    // Which of two is begun first is not known, so both come again until the first is in the second's way.
    let (say, first, refused) = timeout(PATIENCE, async {
        loop {
            let (say, body) = saying();
            let (asked, token) = (channel.clone(), running.token.clone());
            let first = tokio::spawn(async move { call(asked, Some(&token), None, body).await });
            // A question that is nobody's account is answered after the first was heard.
            tokio::task::yield_now().await;
            HealthClient::new(channel.clone()).check(HealthCheckRequest { service: String::new() }).await.unwrap();
            while !first.is_finished() {
                if let Err(refused) = running.who_am_i(channel.clone()).await {
                    return (say, first, refused);
                }
            }
        }
    })
    .await
    .expect("the first is begun");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let details = refused.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "SERVER_BUSY");
    let wait = details.retry_info().unwrap().retry_delay.unwrap();
    assert!((Duration::from_secs(1)..Duration::from_millis(2_100)).contains(&wait), "{wait:?}");

    say.send(message(false, 0, &[])).unwrap();
    drop(say);
    assert!(timeout(PATIENCE, first).await.expect("it ends").unwrap().is_none());
    timeout(PATIENCE, async { while running.who_am_i(channel.clone()).await.is_err() {} }).await.expect("there is room again");
    running.stop().await;
}
