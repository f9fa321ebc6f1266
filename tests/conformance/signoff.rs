//! Sign-off: a return's way from the officer to the paper, on both engines.

#![expect(clippy::unwrap_used, reason = "a return that is not there should stop the test")]

use chrono::TimeDelta;
use csp_domain::{
    Scope,
    chance::{Chance as _, SeededChance},
    completeness::{Counts, complete, on_time},
    person::{Person, Role},
    returns::{Content, NewReturn, Return, ReturnState},
    signoff::{Deed, Hand, Who, Why, after},
};
use csp_store::{Job, Refusal, ReturnStep, StoreError};
use csp_tests::{Bed, County, line};

use crate::verdict::{Hidden as _, Verdict as _, at_once};

/// A step with the county's `n`th return, by somebody who may act as anything.
pub(crate) fn step(county: &County, n: usize, deed: Deed) -> ReturnStep {
    ReturnStep {
        partnership: county.partnerships[n].id,
        cycle: county.cycle.id,
        deed,
        hands: Hand::ALL.to_vec(),
        reasons: (deed == Deed::SendBack).then(|| line("Burglary is that of December alone.")),
        revision: None,
    }
}

/// A lead of the `n`th partnership.
async fn lead(bed: &Bed, county: &County, n: usize, name: &str) -> Person {
    let lead = bed.person(county.scope(), name).await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[n].id)).await;
    lead
}

async fn take(bed: &Bed, county: &County, n: usize, by: &Person, deed: Deed) -> Result<Return, StoreError> {
    bed.store.step_return(county.scope(), &bed.by(by), by.id, step(county, n, deed)).await
}

#[track_caller]
fn why(refused: Result<Return, StoreError>) -> Why {
    match refused.refused() {
        Refusal::SignOff(refused) => refused.why,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_return_goes_from_the_officer_to_the_lead_to_the_editor(bed: &Bed) {
    let county = bed.county("north").await;
    let (lead, officer, editor) = (lead(bed, &county, 0, "lead").await, &county.officers[0], &county.editor);
    let sent = bed.submit(&county, 0, 100).await;
    assert_eq!(why(take(bed, &county, 0, officer, Deed::Sign).await), Why::Author, "nobody signs what they sent in");
    assert_eq!(why(take(bed, &county, 0, editor, Deed::Accept).await), Why::NotSigned);
    assert_eq!(why(take(bed, &county, 0, &lead, Deed::Recall).await), Why::NotSubmitter);

    let back = take(bed, &county, 0, &lead, Deed::SendBack).await.done();
    assert_eq!((back.state, back.revision, back.sent), (ReturnState::SentBack, 2, 1));
    assert_eq!(back.content, sent.content, "what it said stays on record");
    let again = bed.submit(&county, 0, 139).await;
    assert_eq!((again.id, again.state, again.revision, again.sent), (sent.id, ReturnState::Submitted, 3, 3));
    let signed = take(bed, &county, 0, &lead, Deed::Sign).await.done();
    assert_eq!((signed.state, signed.revision, signed.submitted_by), (ReturnState::Signed, 4, officer.id));
    let accepted = take(bed, &county, 0, editor, Deed::Accept).await.done();
    assert_eq!(accepted.state, ReturnState::Accepted);
    let recalled = take(bed, &county, 0, officer, Deed::Recall).await.done();
    assert_eq!((recalled.state, recalled.revision), (ReturnState::Draft, 6));
    assert_eq!(bed.store.gather(county.scope(), county.cycle.id).await.done().returns, [], "what is recalled is not received");

    let steps = bed.store.list_return_steps(county.scope_of(0), county.partnerships[0].id, county.cycle.id).await.done();
    let told: Vec<_> = steps.iter().map(|step| (step.revision, step.deed, step.by)).collect();
    let (by_officer, by_lead, by_editor) = (Some(officer.id), Some(lead.id), Some(editor.id));
    assert_eq!(
        told,
        [
            (1, Deed::Submit, by_officer),
            (2, Deed::SendBack, by_lead),
            (3, Deed::Submit, by_officer),
            (4, Deed::Sign, by_lead),
            (5, Deed::Accept, by_editor),
            (6, Deed::Recall, by_officer)
        ]
    );
    assert_eq!(steps[1].reasons.as_ref().map(csp_domain::text::Line::as_str), Some("Burglary is that of December alone."));
    // The receipts of the two versions differ; what is not changed by a step has no hash.
    assert_eq!(steps[0].content_hash, Some(csp_domain::receipt::hash_of(&sent)));
    assert_eq!(steps[2].content_hash, Some(csp_domain::receipt::hash_of(&again)));
    assert_eq!(steps[3].content_hash, steps[2].content_hash, "without news, what is signed is the return alone");
    assert_eq!((steps[4].content_hash, steps[5].content_hash), (None, None));
}

/// What nobody had to sign, and nobody signed, is not signed by being accepted or printed; what was signed stays so in print.
pub(crate) async fn signed_and_accepted_are_counted_by_the_steps_on_record(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    let counted = async || {
        let (standings, _) = bed.store.cycle_standing(county.scope(), county.cycle.id).await.done();
        let counts = Counts::of(&standings, county.cycle.timetable.deadline_at);
        (counts.received, counts.signed, counts.accepted, counts.unsigned)
    };
    for n in 0..3 {
        bed.submit(&county, n, 100).await;
    }
    assert_eq!(counted().await, (3, 0, 0, 1));
    take(bed, &county, 1, &county.editor, Deed::Accept).await.done();
    assert_eq!(counted().await, (3, 0, 1, 1), "nobody signed what the editor accepted");
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    take(bed, &county, 0, &county.editor, Deed::Accept).await.done();
    assert_eq!(counted().await, (3, 1, 2, 0));
    take(bed, &county, 0, &county.editor, Deed::SendBack).await.done();
    assert_eq!(counted().await, (3, 0, 1, 0), "sent back, it is neither");
    bed.submit(&county, 0, 139).await;
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    take(bed, &county, 2, &county.officers[2], Deed::Recall).await.done();
    bed.close(&county).await;
    let mut new = bed.new_digest(&county, "Update");
    for n in 0..2 {
        let sent = bed.store.find_return(county.scope(), county.partnerships[n].id, county.cycle.id).await.done().unwrap();
        new.printed.push((sent.id, sent.revision));
    }
    bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), new).await.done();
    assert_eq!(counted().await, (2, 1, 1, 0));
}

/// The store beside the machine: whatever somebody tries, both say the same, and a refusal changes nothing.
pub(crate) async fn a_walk_at_random_goes_where_the_machine_says(bed: &Bed) {
    let county = bed.county("north").await;
    let (first, second) = (lead(bed, &county, 0, "lead").await, lead(bed, &county, 0, "deputy").await);
    let people = [&county.officers[0], &first, &second, &county.editor];
    let chance = SeededChance::new(20_220_105);
    let pick = |most: usize| {
        let mut byte = [0_u8; 2];
        chance.fill(&mut byte);
        usize::from(u16::from_le_bytes(byte)) % most
    };
    let mut stands = bed.submit(&county, 0, 1).await;
    let (mut taken, mut refused) = (0, 0);
    let acts = [Deed::Submit, Deed::Correct, Deed::Sign, Deed::SendBack, Deed::Accept, Deed::Recall, Deed::Withdraw];
    for value in 2..220 {
        let (deed, by) = (acts[pick(acts.len())], people[pick(people.len())]);
        let hands: Vec<Hand> = Hand::ALL.into_iter().filter(|_| pick(2) == 0).collect();
        let who = Who { hands: hands.clone(), submitter: stands.submitted_by == by.id, writer: false };
        let new = || bed.new_return(&county, 0, vec![county.burglary(value)]);
        let (act, own) = (bed.by(by), county.scope_of(0));
        let (found, wanted) = match deed {
            // The door sees to it that an officer or lead does this; the store is told nothing else.
            Deed::Submit => {
                (bed.store.create_return(own, &act, by.id, new()).await, after(stands.state, deed, &Who::apart(Hand::Officer), true))
            }
            Deed::Correct => {
                (bed.store.update_return(own, &act, by.id, new(), None).await, after(stands.state, deed, &Who::apart(Hand::Officer), true))
            }
            Deed::Withdraw => {
                let gone = bed.store.withdraw_return(own, &act, county.partnerships[0].id, county.cycle.id, None).await;
                (gone, after(stands.state, deed, &Who::apart(Hand::Officer), true))
            }
            _ => {
                let step = ReturnStep { hands, ..step(&county, 0, deed) };
                (bed.store.step_return(county.scope(), &act, by.id, step).await, after(stands.state, deed, &who, true))
            }
        };
        let now = bed.store.find_return(own, county.partnerships[0].id, county.cycle.id).await.done().unwrap();
        match (found, wanted) {
            (Ok(made), Ok(state)) => {
                assert_eq!((made.state, made.revision), (state, stands.revision + 1), "{deed:?} of {stands:?}");
                assert_eq!(made, now);
                stands = made;
                taken += 1;
            }
            (Err(StoreError::Refused(Refusal::SignOff(found))), Err(wanted)) => {
                assert_eq!((found, &now), (wanted, &stands));
                refused += 1;
            }
            (Err(StoreError::AlreadyExists(_)), Err(wanted)) if deed == Deed::Submit => assert_eq!(wanted.why, Why::State),
            (Err(StoreError::Refused(Refusal::AlreadyWithdrawn)), Err(wanted)) => assert_eq!(wanted.state, ReturnState::Withdrawn),
            (found, wanted) => panic!("{deed:?} of {stands:?}: {found:?}, the machine says {wanted:?}"),
        }
    }
    assert!(taken > 60 && refused > 20, "{taken} steps taken, {refused} refused");
    let steps = bed.store.list_return_steps(county.scope(), county.partnerships[0].id, county.cycle.id).await.done();
    assert_eq!(steps.len(), taken + 1);
    assert!(steps.iter().map(|step| step.revision).eq(1..=stands.revision), "every revision has its step");
}

/// The words of the paper as it would be frozen now.
async fn paper(bed: &Bed, county: &County) -> String {
    let edition = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, None).await.expect("the paper can be made");
    String::from_utf8(edition.bytes).expect("the tree is text")
}

pub(crate) async fn what_no_lead_signed_is_not_printed(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    bed.submit(&county, 0, 7_301).await;
    bed.tell(&county, 0, "Gateshead opens a refuge").await;
    // Nobody leads the second partnership, so nobody is waited for.
    bed.submit(&county, 1, 4_407).await;

    let unsigned = paper(bed, &county).await;
    assert!(!unsigned.contains("7,301") && !unsigned.contains("refuge"), "{unsigned}");
    assert!(unsigned.contains("Received, not signed off, and so not printed: gateshead.") && unsigned.contains("4,407"), "{unsigned}");
    assert!(unsigned.contains("2 of 3 partnerships have sent a return."), "{unsigned}");
    // Whoever is to sign it sees how it will print.
    let own = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, Some(vec![county.partnerships[0].id])).await.unwrap();
    let own = String::from_utf8(own.bytes).unwrap();
    assert!(own.contains("7,301") && own.contains("refuge"), "{own}");

    bed.close(&county).await;
    let act = bed.by_schedule();
    let due_at = county.cycle.timetable.deadline_at;
    let first = csp_edition::freeze_first(&bed.store, county.scope(), &act, bed.id(), county.cycle.id, due_at).await.unwrap().unwrap();
    let document = bed.store.get_public_document(county.scope(), first.id).await.done();
    assert_eq!(String::from_utf8(document).unwrap().replace(" yet", ""), paper(bed, &county).await.replace(" yet", ""));
    let state = async |n: usize| {
        let found = bed.store.find_return(county.scope_of(n), county.partnerships[n].id, county.cycle.id).await.done();
        found.map(|answer| answer.state)
    };
    assert_eq!((state(0).await, state(1).await), (Some(ReturnState::Submitted), Some(ReturnState::Frozen)));

    // Signed after all, it is in the next version.
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    let editor = &county.editor;
    let second = csp_edition::freeze(&bed.store, county.scope(), &bed.by(editor), bed.id(), county.cycle.id).await.unwrap();
    let document = String::from_utf8(bed.store.get_public_document(county.scope(), second.id).await.done()).unwrap();
    assert!(document.contains("7,301") && document.contains("refuge") && document.contains("4,407"), "{document}");
    assert_eq!((second.version, state(0).await), (2, Some(ReturnState::Frozen)));
    assert_eq!(why(take(bed, &county, 0, &county.officers[0], Deed::Recall).await), Why::Frozen);
}

pub(crate) async fn news_without_a_return_is_no_return(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    bed.tell(&county, 0, "Gateshead opens a refuge").await;
    bed.submit(&county, 1, 4_407).await;
    let check = async |when: &str| {
        let paper = paper(bed, &county).await;
        assert!(!paper.contains("refuge"), "{when}: nobody answers for it: {paper}");
        assert!(
            paper.contains("1 of 3 partnerships have sent a return.") || paper.contains("1 of 3 partnerships has sent a return."),
            "{when}: {paper}"
        );
        assert!(!paper.contains("not signed off"), "{when}: {paper}");
    };
    check("before").await;
    let (own, officer) = (county.scope_of(0), &county.officers[0]);
    bed.submit(&county, 0, 7_301).await;
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    take(bed, &county, 0, officer, Deed::Recall).await.done();
    check("recalled").await;
    bed.store.withdraw_return(own, &bed.by(officer), county.partnerships[0].id, county.cycle.id, None).await.done();
    check("withdrawn").await;
}

pub(crate) async fn a_signature_covers_no_news_that_its_signer_has_not_seen(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    let (own, officer) = (county.scope_of(0), &county.officers[0]);
    let mut read = bed.submit(&county, 0, 100).await;
    let item = bed.tell(&county, 0, "Wardens").await;
    let sign = async |read: &Return| {
        let step = ReturnStep { revision: Some(read.revision), ..step(&county, 0, Deed::Sign) };
        bed.store.step_return(county.scope(), &bed.by(&lead), lead.id, step).await
    };
    sign(&read).await.changed();
    let find = async || bed.store.find_return(own, county.partnerships[0].id, county.cycle.id).await.done().unwrap();
    read = find().await;
    assert_eq!((read.state, read.sent), (ReturnState::Submitted, 1), "what was sent in is as it was");
    bed.store.withdraw_news_item(own, &bed.by(officer), county.owner(0), item.id, None).await.done();
    sign(&read).await.changed();
    // Whichever of the two is first: what is signed in the end has all the news that stands.
    for n in 0..8 {
        let read = find().await;
        let (store, act, scope) = (bed.store.clone(), bed.by(&lead), county.scope());
        let step = ReturnStep { revision: Some(read.revision), ..step(&county, 0, Deed::Sign) };
        let by = lead.id;
        let signing = async move { store.step_return(scope, &act, by, step).await.map(drop) };
        let (store, act, by) = (bed.store.clone(), bed.by(officer), officer.id);
        let news = bed.new_news(&county, county.owner(0), &format!("Item {n}"));
        let telling = async move { store.create_news_item(own, &act, by, news).await.map(drop) };
        let (signed, told) = tokio::join!(tokio::spawn(signing), tokio::spawn(telling));
        let ended = [signed.unwrap(), told.unwrap()];
        for ended in ended {
            assert!(matches!(ended, Ok(()) | Err(StoreError::Changed(_))), "{ended:?}");
        }
        assert_eq!(find().await.state, ReturnState::Submitted, "nobody has signed item {n}");
    }
    sign(&find().await).await.done();
}

pub(crate) async fn what_a_published_paper_left_out_does_not_count_later(bed: &Bed) {
    bed.clock.set(csp_tests::at("2021-10-05T10:00:00Z"));
    let county = bed.county("north").await;
    lead(bed, &county, 0, "lead").await;
    let before = County { cycle: bed.cycle(county.scope(), &county.committee, "2021-q2").await, ..county.clone() };
    bed.clock.set(before.cycle.timetable.opens_at);
    bed.submit(&before, 0, 7_301).await;
    bed.submit(&before, 1, 4_407).await;
    bed.close(&before).await;
    csp_edition::freeze(&bed.store, county.scope(), &bed.by(&county.editor), bed.id(), before.cycle.id).await.unwrap();
    let digest = bed.store.list_digests(county.scope(), before.cycle.id).await.done().items.remove(0);
    let digest = bed.approve(&before, &digest).await;
    bed.release(&before, &digest).await;
    // The lead leaves: nobody has to sign any more, and what was left out stays left out.
    let grants = bed.store.list_holders(county.scope(), Role::Lead(county.partnerships[0].id)).await.done();
    bed.store
        .end_role_grant(county.scope(), &bed.by(&county.administrator), grants[0].id, grants[0].starts_on.max(bed.now().date_naive()))
        .await
        .done();
    bed.clock.set(county.cycle.timetable.opens_at + TimeDelta::days(2));
    let earlier = bed.store.gather(county.scope(), county.cycle.id).await.done().earlier;
    assert!(earlier.contains_key(&county.partnerships[1].id), "{earlier:?}");
    assert!(!earlier.contains_key(&county.partnerships[0].id), "{earlier:?}");
}

pub(crate) async fn an_approval_of_its_own_cools_off_anew(bed: &Bed) {
    let county = bed.county("north").await;
    bed.close(&county).await;
    let digest = bed.freeze(&county, "Update").await;
    let digest = bed.approve(&county, &digest).await;
    let approver = &county.approver;
    let why = line("Clear days must be kept.");
    bed.store.end_cooling_off(county.scope(), &bed.by(approver), approver.id, digest.id, why, None).await.done();
    // As a program before this one left it after a restore.
    bed.raw().execute("UPDATE digests SET state = 'frozen', approved_by = NULL, approved_at = NULL, cooling_off_until = NULL").await;
    let again = bed.approve(&county, &digest).await;
    let kept = again.cooling_off.unwrap();
    assert!(kept.ended.is_none() && kept.until > bed.now(), "nobody has ended this one: {kept:?}");
}

pub(crate) async fn news_after_a_signature_takes_it_away(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    let item = bed.tell(&county, 0, "Before").await;
    bed.submit(&county, 0, 100).await;
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    let (own, officer) = (county.scope_of(0), &county.officers[0]);
    let state = async || bed.store.find_return(own, county.partnerships[0].id, county.cycle.id).await.done().unwrap().state;

    bed.tell(&county, 0, "After").await;
    assert_eq!(state().await, ReturnState::Submitted);
    let signed = take(bed, &county, 0, &lead, Deed::Sign).await.done();
    bed.store.withdraw_news_item(own, &bed.by(officer), county.owner(0), item.id, None).await.done();
    assert_eq!(state().await, ReturnState::Submitted);
    let again = take(bed, &county, 0, &lead, Deed::Sign).await.done();
    assert_eq!(again.sent, signed.sent);
    let steps = bed.store.list_return_steps(own, county.partnerships[0].id, county.cycle.id).await.done();
    let signatures: Vec<_> = steps.iter().filter(|step| step.deed == Deed::Sign).map(|step| step.content_hash).collect();
    assert_eq!(signatures.len(), 3);
    assert!(signatures[0] != signatures[1] && signatures[1] != signatures[2], "each covers the news as it then was");

    // A neighbour's news and the national part are nobody's business here.
    bed.tell(&county, 1, "Next door").await;
    assert_eq!(state().await, ReturnState::Signed);

    // Whoever wrote the news does not sign for it.
    let new = bed.new_news(&county, county.owner(0), "By the lead");
    bed.store.create_news_item(own, &bed.by(&lead), lead.id, new).await.done();
    assert_eq!(why(take(bed, &county, 0, &lead, Deed::Sign).await), Why::Author);
}

fn over(county: &County) -> Refusal {
    let dates = county.cycle.timetable;
    Refusal::CycleClosed { deadline_at: dates.deadline_at, frozen_at: dates.freeze_at }
}

pub(crate) async fn what_was_sent_back_may_come_after_the_deadline_and_nothing_else(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    bed.submit(&county, 0, 100).await;
    bed.close(&county).await;
    take(bed, &county, 0, &lead, Deed::SendBack).await.done();
    let late = bed.submit(&county, 0, 139).await;
    assert!(late.submitted_at > county.cycle.timetable.deadline_at);
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    let (officer, over) = (&county.officers[1], over(&county));
    let new = bed.new_return(&county, 1, vec![county.burglary(1)]);
    assert_eq!(bed.store.create_return(county.scope_of(1), &bed.by(officer), officer.id, new).await.refused(), over);

    let (standings, tallies) = bed.store.cycle_standing(county.scope(), county.cycle.id).await.done();
    assert!(standings[0].late(county.cycle.timetable.deadline_at));
    assert_eq!((tallies[0].expected, tallies[0].received, tallies[0].on_time), (3, 1, 0));

    // Once the paper is out, nothing moves any more.
    let digest = bed.freeze(&county, "Update").await;
    let digest = bed.approve(&county, &digest).await;
    bed.release(&county, &digest).await;
    for deed in [Deed::Sign, Deed::SendBack, Deed::Accept, Deed::Recall] {
        assert_eq!(take(bed, &county, 0, &lead, deed).await.refused(), Refusal::AlreadyReleased);
    }
}

pub(crate) async fn a_frozen_return_does_not_change_and_one_that_changed_is_not_frozen(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = lead(bed, &county, 0, "lead").await;
    let sent = bed.submit(&county, 0, 100).await;
    bed.close(&county).await;
    let signed = take(bed, &county, 0, &lead, Deed::Sign).await.done();
    let mut new = bed.new_digest(&county, "Update");
    new.printed = vec![(sent.id, sent.revision)];
    let editor = &county.editor;
    let before = bed.raw().everything().await;
    bed.store.freeze_digest(county.scope(), &bed.by(editor), new.clone()).await.changed();
    assert_eq!(bed.raw().everything().await, before);
    new.printed = vec![(sent.id, signed.revision)];
    bed.store.freeze_digest(county.scope(), &bed.by(editor), new).await.done();
    for (by, deed) in [(&lead, Deed::Sign), (&lead, Deed::SendBack), (editor, Deed::Accept), (&county.officers[0], Deed::Recall)] {
        assert_eq!(why(take(bed, &county, 0, by, deed).await), Why::Frozen);
    }
}

pub(crate) async fn of_two_who_act_on_the_same_revision_one_does(bed: &Bed) {
    let county = bed.county("north").await;
    let (first, second) = (lead(bed, &county, 0, "lead").await, lead(bed, &county, 0, "deputy").await);
    let mut both = 0;
    for value in 1..=12 {
        let sent = match value {
            1 => bed.submit(&county, 0, value).await,
            _ => {
                let (officer, new) = (&county.officers[0], bed.new_return(&county, 0, vec![county.burglary(value)]));
                bed.store.update_return(county.scope_of(0), &bed.by(officer), officer.id, new, None).await.done()
            }
        };
        let racers = [(&first, Deed::Sign), (&second, Deed::SendBack)].map(|(by, deed)| {
            let (store, act, by, scope) = (bed.store.clone(), bed.by(by), by.id, county.scope());
            let step = ReturnStep { revision: Some(sent.revision), ..step(&county, 0, deed) };
            async move { store.step_return(scope, &act, by, step).await }
        });
        let [one, other] = racers;
        let futures: Vec<std::pin::Pin<Box<dyn Future<Output = _> + Send>>> = vec![Box::pin(one), Box::pin(other)];
        let ended = at_once(futures).await;
        let done = ended.iter().filter(|ended| ended.is_ok()).count();
        assert_eq!(done, 1, "{ended:?}");
        both += usize::from(ended.iter().any(|ended| matches!(ended, Err(StoreError::Changed(_)))));
    }
    assert_eq!(both, 12, "the second is told that it was overtaken");
}

pub(crate) async fn a_neighbours_return_cannot_be_signed(bed: &Bed) {
    let county = bed.county("north").await;
    bed.submit(&county, 1, 100).await;
    let lead = lead(bed, &county, 0, "lead").await;
    let (own, before) = (county.scope_of(0), bed.raw().everything().await);
    bed.store.step_return(own, &bed.by(&lead), lead.id, step(&county, 1, Deed::Sign)).await.not_found();
    bed.store.list_return_steps(own, county.partnerships[1].id, county.cycle.id).await.not_found();
    bed.store.cycle_standing(own, county.cycle.id).await.not_found();
    let elsewhere = Scope::Region(bed.region("south").await.id);
    bed.store.step_return(elsewhere, &bed.by(&lead), lead.id, step(&county, 1, Deed::Sign)).await.not_found();
    bed.store.cycle_standing(elsewhere, county.cycle.id).await.not_found();
    let after = bed.raw().everything().await;
    assert!(after.len() >= before.len());
    assert_eq!(bed.store.find_return(county.scope(), county.partnerships[1].id, county.cycle.id).await.done().unwrap().revision, 1);
}

pub(crate) async fn who_is_missing_is_counted_over_the_last_cycles(bed: &Bed) {
    bed.clock.set(csp_tests::at("2021-01-05T10:00:00Z"));
    let county = bed.county("north").await;
    let quarters = ["2020-q4", "2021-q1", "2021-q2"];
    for (n, name) in quarters.into_iter().enumerate() {
        let earlier = County { cycle: bed.cycle(county.scope(), &county.committee, name).await, ..county.clone() };
        bed.clock.set(earlier.cycle.timetable.opens_at);
        for at in 0..=n.min(1) {
            bed.submit(&earlier, at, 10).await;
        }
        let officer = &county.officers[2];
        let nil = Content::Nil { statement: line("Nothing.") };
        let new = NewReturn { content: nil, ..bed.new_return(&earlier, 2, Vec::new()) };
        bed.store.create_return(county.scope_of(2), &bed.by(officer), officer.id, new).await.done();
        let act = bed.by_schedule();
        bed.store.advance_cycle(county.scope(), &act, earlier.cycle.id, Job::Open, earlier.cycle.timetable.opens_at).await.done();
        bed.close(&earlier).await;
    }
    // A partnership that came later owed nothing before it came.
    bed.clock.set(county.cycle.timetable.opens_at + TimeDelta::hours(1));
    let lead = lead(bed, &county, 0, "lead").await;
    bed.submit(&county, 0, 10).await;
    let (standings, tallies) = bed.store.cycle_standing(county.scope(), county.cycle.id).await.done();
    let told: Vec<_> = tallies.iter().map(|tally| (tally.slug.as_str(), tally.expected, tally.received, tally.on_time)).collect();
    assert_eq!(told, [("2021-q2", 3, 3, 3), ("2021-q1", 3, 3, 3), ("2020-q4", 3, 2, 2)]);
    assert_eq!((complete(&tallies).part, complete(&tallies).whole, complete(&tallies).percent()), (8, 9, None));
    assert_eq!(on_time(&tallies).part, 8);
    // Each partnership is told its own, and no other's.
    let own = |n: usize, of: usize| bed.store.own_rates(county.scope_of(n), county.cycle.id, county.partnerships[of].id);
    let (came, in_time) = own(1, 1).await.done();
    assert_eq!(((came.part, came.whole, came.cycles), (in_time.part, in_time.percent())), ((2, 3, 3), (2, None)));
    own(1, 0).await.map(|rates| vec![rates]).hidden(|(came, _)| came.part > 0);
    // The one line about all is shown in its own preview, before members read it.
    let only = Some(vec![county.partnerships[1].id]);
    let preview = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, only).await.unwrap();
    let text = String::from_utf8_lossy(&preview.renditions[1].bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Over the last 3 reports 8 of 9 returns were received, 8 by the deadline."), "{text}");
    let counts: Vec<_> = standings.iter().map(|one| (one.received, one.cycles, one.awaits())).collect();
    assert_eq!(counts, [(3, 3, Some(Hand::Lead)), (2, 3, Some(Hand::Officer)), (3, 3, Some(Hand::Officer))]);
    assert_eq!(standings.iter().map(|one| one.signing).collect::<Vec<_>>(), [true, false, false]);
    take(bed, &county, 0, &lead, Deed::Sign).await.done();
    let (standings, _) = bed.store.cycle_standing(county.scope(), county.cycle.id).await.done();
    assert_eq!((standings[0].state(), standings[0].awaits()), (Some(ReturnState::Signed), Some(Hand::Editor)));
}
