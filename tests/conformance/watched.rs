//! What whoever runs the service watches: how far each cycle has come, what has not arrived, and whether anything can be written.

use chrono::TimeDelta;
use csp_domain::{
    cycle::CycleState,
    digest::DigestState,
    message::{MessageKind, MessageState, Outcome},
    token::Token,
};
use csp_store::{CycleGauge, Gauges, StoreError};
use csp_tests::{Bed, at};

use crate::{courier::queue, verdict::Verdict as _};

async fn look(bed: &Bed) -> Gauges {
    bed.store.gauges(bed.now(), bed.now() + TimeDelta::days(30)).await.done()
}

async fn only_cycle(bed: &Bed) -> CycleGauge {
    let cycles = look(bed).await.cycles;
    let [cycle] = &cycles[..] else { panic!("one cycle: {cycles:?}") };
    cycle.clone()
}

/// The way of one cycle, as the gauges tell it at each step.
pub(crate) async fn the_gauges_follow_a_cycle_to_its_meeting(bed: &Bed) {
    let county = bed.county("north").await;
    let planned = only_cycle(bed).await;
    assert_eq!([planned.region.as_str(), planned.committee.as_str(), planned.cycle.as_str()], ["north", "citizen-focus", "2021-q3"]);
    assert_eq!((planned.expected, planned.missing, planned.undelivered, planned.digest), (3, 3, 0, None));
    let timetable = &county.cycle.timetable;
    assert_eq!(planned.deadline_at, timetable.deadline_at);
    assert_eq!((planned.publication_at, planned.meeting_at), (timetable.publication_at, timetable.meeting_at));
    // Published during the day; whoever has it by midnight has it that day.
    assert_eq!(planned.notice_ends_at, at("2022-01-19T00:00:00Z"), "published at {}", planned.publication_at);

    bed.submit(&county, 1, 41).await;
    assert_eq!(only_cycle(bed).await.missing, 2);
    bed.close(&county).await;
    let digest = bed.freeze(&county, "First").await;
    let frozen = only_cycle(bed).await;
    assert_eq!((frozen.state, frozen.digest), (CycleState::Closed, Some(DigestState::Frozen)));
    bed.approve(&county, &digest).await;
    assert_eq!(only_cycle(bed).await.digest, Some(DigestState::Approved));

    bed.release(&county, &digest).await;
    let released = only_cycle(bed).await;
    assert_eq!((released.state, released.digest), (CycleState::Published, Some(DigestState::Released)));
    assert_eq!(released.undelivered, 2, "one copy for each member");
    for message in bed.store.claim_messages(bed.now(), bed.now() + TimeDelta::minutes(10), 10).await.done() {
        let outcome = Outcome::Accepted { reply: "250 ok".to_owned() };
        assert!(bed.store.settle(&message, &bed.by_schedule(), outcome).await.done());
    }
    assert_eq!(only_cycle(bed).await.undelivered, 0);

    bed.clock.set(timetable.meeting_at);
    assert_eq!(look(bed).await, Gauges::default(), "what is over is no longer watched");
}

pub(crate) async fn what_is_not_settled_is_counted_for_each_region(bed: &Bed) {
    let (north, south) = (bed.county("north").await, Box::pin(bed.county("south")).await);
    let first = bed.now();
    queue(bed, &north, 3, first).await;
    bed.clock.advance(TimeDelta::hours(1));
    queue(bed, &south, 1, bed.now()).await;
    queue(bed, &north, 1, bed.now()).await;
    let told: Vec<_> = look(bed).await.messages.into_iter().map(|of| (of.region.to_string(), of.kind, of.state, of.messages)).collect();
    let queued = |region: &str, n| (region.to_owned(), MessageKind::Notice, MessageState::Queued, n);
    assert_eq!(told, [queued("north", 4), queued("south", 1)]);
    assert_eq!(look(bed).await.messages[0].oldest, first, "the oldest has waited for an hour");
}

pub(crate) async fn tokens_are_told_before_they_end(bed: &Bed) {
    let county = bed.county("north").await;
    let officer = &county.officers[0];
    let (token, _) = bed.token(county.scope(), officer).await;
    assert_eq!(look(bed).await.tokens, [], "it has long to live");
    bed.clock.advance(Token::DEFAULT_LIFE - TimeDelta::days(30));
    let [told] = &look(bed).await.tokens[..] else { panic!("one region's tokens end before long") };
    assert_eq!((told.region.as_str(), told.tokens), ("north", 1));
    bed.clock.set(token.expires_at);
    assert_eq!(look(bed).await.tokens, [], "what has ended cannot be put off any more");
}

/// Somebody put an old copy of the database under a running server.
pub(crate) async fn a_database_that_fell_behind_is_found_out(bed: &Bed) {
    bed.store.probe(bed.now()).await.done();
    let before = bed.raw().number("SELECT COUNT(*) FROM audit").await;
    bed.raw().execute("DELETE FROM _sqlx_migrations").await;
    let error = bed.store.probe(bed.now()).await.expect_err("what is not there cannot be up to date");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM audit").await, before, "asking leaves nothing behind");
}

/// A replica that was not promoted, or a disk that was mounted to be read only.
pub(crate) async fn a_database_that_only_reads_is_found_out(bed: &Bed) {
    let database = bed.raw().texts("SELECT current_database()").await.remove(0);
    bed.raw().execute(&format!("ALTER DATABASE \"{database}\" SET default_transaction_read_only = on")).await;
    let second = bed.second_store(bed.chance.clone()).await;
    let refused = second.probe(bed.now()).await;
    assert!(refused.is_err(), "what was open before still writes; who comes now cannot");
    second.close().await;
}
