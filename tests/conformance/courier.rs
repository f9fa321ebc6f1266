//! Messages: claimed by lease, by one worker each; settled by epoch; never lost and never doubled.

use std::collections::HashSet;

use chrono::TimeDelta;
use csp_domain::{
    clock::Instant,
    message::{MessageKind, MessageState, NewMessage, Outcome},
};
use csp_store::Page;
use csp_tests::{Bed, County, at};

use crate::verdict::{Verdict as _, at_once};

/// Queues `n` messages about one matter to a county's first member.
pub(crate) async fn queue(bed: &Bed, county: &County, n: usize, not_before: Instant) -> Vec<NewMessage> {
    let matter = bed.id();
    let messages: Vec<NewMessage> = (0..)
        .take(n)
        .map(|step| NewMessage { step, not_before, ..bed.new_message(MessageKind::Notice, matter, &county.members[0]) })
        .collect();
    bed.store.queue_messages(county.scope(), &bed.by_schedule(), Bed::BODY.to_vec(), messages.clone()).await.done();
    messages
}

const LEASE: TimeDelta = TimeDelta::minutes(10);

pub(crate) async fn twelve_workers_claim_six_hundred_messages_once_each(bed: &Bed) {
    let county = bed.county("north").await;
    let queued = queue(bed, &county, 600, bed.now()).await;
    let (now, other) = (bed.now(), bed.second_store(bed.chance.clone()).await);
    let workers = (0..12).map(|n| {
        let store = if n % 2 == 0 { bed.store.clone() } else { other.clone() };
        async move {
            let mut claimed = Vec::new();
            loop {
                let batch = store.claim_messages(now, now + LEASE, 7).await.done();
                if batch.is_empty() {
                    return claimed;
                }
                claimed.extend(batch);
            }
        }
    });
    let claimed: Vec<_> = at_once(workers.collect()).await.into_iter().flatten().collect();
    let different: HashSet<_> = claimed.iter().map(|message| message.id).collect();
    assert_eq!((claimed.len(), different.len()), (600, 600), "each once");
    assert_eq!(different, queued.iter().map(|message| message.id).collect());
    assert!(claimed.iter().all(|message| (message.epoch, message.attempts) == (1, 1)));
    other.close().await;
}

pub(crate) async fn a_lease_that_ran_out_is_claimed_again_and_the_old_worker_is_told_no(bed: &Bed) {
    let county = bed.county("north").await;
    let message = queue(bed, &county, 1, bed.now()).await.remove(0);
    let slow = bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().remove(0);

    bed.clock.advance(LEASE - TimeDelta::microseconds(1));
    assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), [], "it is still in good hands");
    bed.clock.advance(TimeDelta::microseconds(1));
    assert!(!bed.store.intend(&slow, bed.now(), bed.now() + LEASE).await.done(), "its lease has run out, though nobody else has it yet");
    let quick = bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().remove(0);
    assert_eq!((quick.id, quick.epoch, quick.attempts), (message.id, 2, 2));
    assert_eq!((quick.head.clone(), quick.mime_hash), (message.head, message.mime_hash), "byte for byte");

    let accepted = || Outcome::Accepted { reply: "250 ok".to_owned() };
    assert!(!bed.store.intend(&slow, bed.now(), bed.now() + LEASE).await.done());
    assert!(!bed.store.settle(&slow, &bed.by_schedule(), accepted()).await.done());
    assert_eq!(bed.store.get_message(county.scope(), message.id).await.done().state, MessageState::Claimed, "nothing came of it");

    assert!(bed.store.intend(&quick, bed.now(), bed.now() + LEASE).await.done());
    assert!(!bed.store.intend(&quick, bed.now(), bed.now() + LEASE).await.done(), "the last byte goes once");
    assert!(!bed.store.settle(&slow, &bed.by_schedule(), accepted()).await.done());
    assert!(bed.store.settle(&quick, &bed.by_schedule(), accepted()).await.done());
    assert!(!bed.store.settle(&quick, &bed.by_schedule(), accepted()).await.done(), "it is settled already");
    bed.clock.advance(TimeDelta::days(300));
    assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), [], "what was accepted is never sent again");
}

pub(crate) async fn a_message_in_doubt_is_claimed_again_only_after_its_time(bed: &Bed) {
    let county = bed.county("north").await;
    queue(bed, &county, 1, bed.now()).await;
    let lost = bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().remove(0);
    let retry_at = bed.now() + TimeDelta::hours(6);
    assert!(bed.store.intend(&lost, bed.now(), retry_at).await.done());
    let known = bed.store.get_message(county.scope(), lost.id).await.done();
    assert_eq!((known.state, known.next_attempt_at), (MessageState::InDoubt, retry_at));
    assert_eq!(bed.store.next_message_due().await.done(), Some(retry_at));

    // Its worker died. The lease runs out, and the message waits all the same.
    for wait in [LEASE, TimeDelta::hours(5)] {
        bed.clock.advance(wait);
        assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), []);
    }
    bed.clock.set(retry_at - TimeDelta::microseconds(1));
    assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), []);
    bed.clock.set(retry_at);
    let again = bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().remove(0);
    assert_eq!((again.epoch, &again.message_id, again.mime_hash), (2, &lost.message_id, lost.mime_hash));
    assert!(!bed.store.settle(&lost, &bed.by_schedule(), Outcome::Accepted { reply: "250 ok".to_owned() }).await.done());

    // This time the connection broke after the last byte.
    let (reply, retry_at) = ("broken".to_owned(), bed.now() + TimeDelta::hours(6));
    assert!(bed.store.intend(&again, bed.now(), bed.now() + TimeDelta::hours(1)).await.done());
    assert!(bed.store.settle(&again, &bed.by_schedule(), Outcome::Doubtful { reply, retry_at }).await.done());
    bed.clock.advance(TimeDelta::hours(2));
    assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), []);
    bed.clock.set(retry_at);
    assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().len(), 1);
}

pub(crate) async fn every_outcome_leads_where_it_should(bed: &Bed) {
    let county = bed.county("north").await;
    let retry_at = bed.now() + TimeDelta::minutes(15);
    let reply = || "what was said".to_owned();
    let outcomes = [
        (Outcome::Accepted { reply: reply() }, MessageState::Accepted, false),
        (Outcome::RefusedForNow { reply: reply(), retry_at }, MessageState::Queued, false),
        (Outcome::Refused { reply: reply() }, MessageState::Failed, true),
        (Outcome::Objected { reply: reply() }, MessageState::Held, true),
        (Outcome::Doubtful { reply: reply(), retry_at }, MessageState::InDoubt, false),
    ];
    for (outcome, state, may_be_retried) in outcomes {
        bed.clock.set(at("2022-01-05T10:00:00Z"));
        let message = queue(bed, &county, 1, bed.now()).await.remove(0);
        let claimed = bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().remove(0);
        assert_eq!(claimed.id, message.id);
        assert!(bed.store.settle(&claimed, &bed.by_schedule(), outcome.clone()).await.done());
        let known = bed.store.get_message(county.scope(), message.id).await.done();
        assert_eq!((known.state, known.last_outcome.as_deref()), (state, Some("what was said")), "{outcome:?}");
        assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), [], "{outcome:?}");
        let retried = bed.store.retry_message(county.scope(), &bed.by(&county.administrator), message.id).await;
        if may_be_retried {
            assert_eq!(retried.done().state, MessageState::Queued);
            assert!(!bed.store.settle(&claimed, &bed.by_schedule(), outcome.clone()).await.done(), "the old claim is worth nothing");
            let again = bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done().remove(0);
            assert_eq!((again.id, again.mime_hash), (message.id, message.mime_hash));
            assert!(bed.store.settle(&again, &bed.by_schedule(), Outcome::Accepted { reply: reply() }).await.done());
        } else {
            assert_eq!(retried.refused(), csp_store::Refusal::MessageState(state));
        }
        // Out of the way of the next.
        bed.clock.set(retry_at);
        for left in bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done() {
            assert!(bed.store.settle(&left, &bed.by_schedule(), Outcome::Accepted { reply: reply() }).await.done());
        }
    }
}

pub(crate) async fn a_message_queued_twice_is_one_message(bed: &Bed) {
    let county = bed.county("north").await;
    let first = bed.new_message(MessageKind::Receipt, bed.id(), &county.members[0]);
    let again = NewMessage { id: bed.id(), ..bed.new_message(MessageKind::Receipt, first.matter, &county.members[0]) };
    for message in [&first, &again] {
        bed.store.queue_messages(county.scope(), &bed.by_schedule(), Bed::BODY.to_vec(), vec![message.clone()]).await.done();
    }
    let listed = bed.store.list_messages(county.scope(), csp_store::MessageFilter::default(), Page::all()).await.done().items;
    assert_eq!(listed.iter().map(|message| message.id).collect::<Vec<_>>(), [first.id]);
}

pub(crate) async fn messages_are_claimed_in_the_order_they_are_due_to_the_microsecond(bed: &Bed) {
    let county = bed.county("north").await;
    assert_eq!(bed.store.next_message_due().await.done(), None);
    // With no fraction, with one that ends in noughts, and with all six digits; queued in another order.
    let due = ["00", "00.000001", "00.000010", "00.001", "00.010000", "00.0101", "00.1", "00.100001", "00.5", "00.999999", "01", "10"];
    let due = due.map(|seconds| at(&format!("2022-01-05T10:00:{seconds}Z")));
    for n in [7, 0, 10, 3, 11, 5, 1, 9, 2, 8, 4, 6] {
        queue(bed, &county, 1, due[n]).await;
    }
    assert_eq!(bed.store.next_message_due().await.done(), Some(due[0]));
    for (n, now) in due.iter().enumerate() {
        let early = *now - TimeDelta::microseconds(1);
        assert_eq!(bed.store.claim_messages(early, early + LEASE, 10).await.done(), [], "{now} has not come");
        let claimed = bed.store.claim_messages(*now, *now + LEASE, 10).await.done();
        assert_eq!(claimed.len(), 1, "{now} has come");
        assert!(bed.store.settle(&claimed[0], &bed.by_schedule(), Outcome::Refused { reply: "no".to_owned() }).await.done());
        assert_eq!(bed.store.next_message_due().await.done(), due.get(n + 1).copied());
    }

    // All at once, one by one: those that have waited longest go first.
    let listed = bed.store.list_messages(county.scope(), csp_store::MessageFilter::default(), Page::all()).await.done().items;
    let mut wanted = Vec::new();
    for (n, message) in listed.iter().enumerate() {
        let again_at = due[(n * 5) % 12];
        let act = csp_domain::Act { at: again_at, ..bed.by_schedule() };
        bed.store.retry_message(county.scope(), &act, message.id).await.done();
        wanted.push((again_at, message.id));
    }
    wanted.sort_unstable();
    for (_, id) in wanted {
        let claimed = bed.store.claim_messages(due[11], due[11] + LEASE, 1).await.done();
        assert_eq!(claimed[0].id, id);
    }
}

pub(crate) async fn a_round_of_reminders_is_made_once_and_its_letters_can_be_taken_back_until_they_set_out(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, round) = (county.scope(), bed.now());
    assert_eq!(bed.store.last_round(scope, round).await.done(), None);
    let letters = |body: &[u8]| {
        let mut message = bed.new_message(MessageKind::Reminder, county.region.id.0, &county.members[0]);
        message.body = csp_domain::document::Hash::of(body);
        vec![(body.to_vec(), message)]
    };
    let other = bed.second_store(bed.chance.clone()).await;
    let (one, two) = (letters(b"one"), letters(b"two"));
    let act = bed.by_schedule();
    let (one, two) = tokio::join!(
        bed.store.remind(scope, &act, round, Vec::new(), Vec::new(), one),
        other.remind(scope, &act, round, Vec::new(), Vec::new(), two)
    );
    assert_eq!(usize::from(one.done()) + usize::from(two.done()), 1, "of two servers one makes it");
    assert_eq!(bed.store.last_round(scope, round).await.done(), Some(round));
    assert_eq!(bed.store.last_round(scope, round - TimeDelta::microseconds(1)).await.done(), None, "as seen before it");
    let stranger = bed.county("south").await;
    assert_eq!(bed.store.last_round(stranger.scope(), round).await.done(), None, "a region's rounds are its own");

    // A day later there is another round; the day's letter of one person is one letter all the same.
    assert!(bed.store.remind(scope, &act, round + TimeDelta::days(1), Vec::new(), Vec::new(), letters(b"three")).await.done());
    let listed = bed.store.list_messages(scope, csp_store::MessageFilter::default(), Page::all()).await.done().items;
    assert_eq!(listed.len(), 1, "the same person, day and matter");
    let id = listed[0].id;
    assert!(!bed.store.cancel_message(stranger.scope(), &act, id, "not mine", None).await.done());
    assert!(bed.store.cancel_message(scope, &act, id, "nothing is outstanding any more", None).await.done());
    let cancelled = bed.store.get_message(scope, id).await.done();
    assert_eq!((cancelled.state, cancelled.last_outcome.as_deref()), (MessageState::Cancelled, Some("nothing is outstanding any more")));
    assert_eq!(bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done(), [], "and it does not set out");

    // What somebody carries already is out of reach.
    let on_its_way = queue(bed, &county, 1, bed.now()).await.remove(0);
    bed.store.claim_messages(bed.now(), bed.now() + LEASE, 10).await.done();
    assert!(!bed.store.cancel_message(scope, &act, on_its_way.id, "too late", None).await.done());
    other.close().await;
}
