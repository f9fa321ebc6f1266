//! The rules of a quarter, judged inside the unit that would break them.

use chrono::TimeDelta;
use csp_domain::{
    Scope,
    cycle::CycleState,
    digest::{DigestState, RenditionKind},
    document::{Hash, Origin},
    measure::target::{Aim, Milestone, Trajectory},
    observation::{Answer, Figure},
    person::{Role, RoleGrant},
    returns::{Content, NewReturn, Return, ReturnState},
};
use csp_store::{Job, NewsChange, Page, Refusal, ReturnFilter};
use csp_tests::{Bed, County, line, quarter};

use crate::verdict::{Verdict as _, at_once};

pub(crate) async fn a_submission_at_the_very_deadline_is_taken_and_one_after_it_is_not(bed: &Bed) {
    let county = bed.county("north").await;
    let (opens_at, deadline_at) = (county.cycle.timetable.opens_at, county.cycle.timetable.deadline_at);
    let (officer, partnership) = (&county.officers[0], county.partnerships[0].id);
    let send = async |n: usize| {
        let new = bed.new_return(&county, n, vec![county.burglary(1)]);
        bed.store.create_return(county.scope_of(n), &bed.by(&county.officers[n]), county.officers[n].id, new).await
    };

    bed.clock.set(opens_at - TimeDelta::microseconds(1));
    assert_eq!(send(0).await.refused(), Refusal::CycleNotOpen { opens_at });
    bed.clock.set(opens_at);
    send(0).await.done();
    let item = bed.tell(&county, 0, "News").await;
    assert!(bed.store.advance_cycle(county.scope(), &bed.by_schedule(), county.cycle.id, Job::Open, opens_at).await.done());

    bed.clock.set(deadline_at);
    send(1).await.done();
    bed.tell(&county, 1, "News at the last moment").await;

    // The bell that closes the cycle has not rung yet; the deadline has passed all the same.
    let before = bed.raw().everything().await;
    let over = Refusal::CycleClosed { deadline_at, frozen_at: deadline_at };
    for closed in [false, true] {
        bed.clock.set(deadline_at + TimeDelta::microseconds(1));
        let (act, own, owner) = (bed.by(officer), county.scope_of(0), county.owner(0));
        assert_eq!(send(2).await.refused(), over);
        assert_eq!(bed.store.create_news_item(own, &act, officer.id, bed.new_news(&county, owner, "Late")).await.refused(), over);
        let correction = bed.new_return(&county, 0, vec![county.burglary(2)]);
        assert_eq!(bed.store.update_return(own, &act, officer.id, correction, None).await.refused(), over);
        assert_eq!(bed.store.withdraw_return(own, &act, partnership, county.cycle.id, None).await.refused(), over);
        let change = NewsChange::default();
        assert_eq!(bed.store.update_news_item(own, &act, officer.id, owner, item.id, change, None).await.refused(), over);
        assert_eq!(bed.store.withdraw_news_item(own, &act, owner, item.id, None).await.refused(), over);
        if !closed {
            assert_eq!(bed.store.get_cycle(county.scope(), county.cycle.id).await.done().state, CycleState::Open);
            assert_eq!(bed.raw().everything().await, before);
            bed.close(&county).await;
        }
    }
}

pub(crate) async fn a_cycle_that_was_called_off_takes_nothing(bed: &Bed) {
    let county = bed.county("north").await;
    bed.store.cancel_cycle(county.scope(), &bed.by(&county.administrator), county.cycle.id, None).await.done();
    let (officer, new) = (&county.officers[0], bed.new_return(&county, 0, vec![county.burglary(1)]));
    let sent = bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await;
    assert_eq!(sent.refused(), Refusal::CycleCancelled);
    let due_at = county.cycle.timetable.deadline_at;
    assert!(!bed.store.advance_cycle(county.scope(), &bed.by_schedule(), county.cycle.id, Job::Close, due_at).await.done());
    let frozen = bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), bed.new_digest(&county, "Update")).await;
    assert_eq!(frozen.refused(), Refusal::CycleCancelled);
}

pub(crate) async fn a_partnership_that_owes_a_committee_nothing_cannot_send_it_anything(bed: &Bed) {
    let county = bed.county("north").await;
    let other = bed.partnership(county.scope(), "newcastle").await;
    let scope = Scope::Partnership(county.region.id, other.id);
    let (act, by) = (bed.by(&county.administrator), county.administrator.id);
    let new = NewReturn { partnership: other.id, ..bed.new_return(&county, 0, Vec::new()) };
    assert_eq!(bed.store.create_return(scope, &act, by, new).await.refused(), Refusal::NotOwed);
    let news = bed.new_news(&county, csp_domain::news::NewsOwner::Partnership(other.id), "News");
    assert_eq!(bed.store.create_news_item(scope, &act, by, news).await.refused(), Refusal::NotOwed);
}

pub(crate) async fn earlier_revisions_of_a_return_are_kept(bed: &Bed) {
    let county = bed.county("north").await;
    let (officer, own) = (&county.officers[0], county.scope_of(0));
    let sent = bed.submit(&county, 0, 100).await;
    for (value, revision) in [(101, 2), (102, 3)] {
        bed.clock.advance(TimeDelta::minutes(1));
        let new = bed.new_return(&county, 0, vec![county.burglary(value)]);
        let corrected = bed.store.update_return(own, &bed.by(officer), officer.id, new, Some(revision - 1)).await.done();
        assert_eq!((corrected.id, corrected.revision, corrected.submitted_at), (sent.id, revision, bed.now()));
    }
    let values = bed.raw().texts("SELECT value FROM observations ORDER BY revision").await;
    assert_eq!(values, ["100", "101", "102"]);
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM return_revisions").await, 3);
}

pub(crate) async fn a_paper_has_every_return_as_it_stands_with_its_own_figures_in_their_order(bed: &Bed) {
    let county = bed.county("north").await;
    let other = bed.county("south").await;
    bed.submit(&other, 0, 9).await;
    let of = |n: usize| (county.scope_of(n), bed.by(&county.officers[n]), county.officers[n].id);
    let month = |text: &str, value: u32| Figure { period: quarter(text), ..county.burglary(value) };
    bed.submit(&county, 0, 100).await;
    let corrected =
        bed.new_return(&county, 0, vec![month("2021-12", 33), county.burglary(101), month("2021-10", 34), month("2021-11", 34)]);
    let (scope, act, by) = of(0);
    bed.store.update_return(scope, &act, by, corrected, Some(1)).await.done();
    let (scope, act, by) = of(1);
    let nil = Content::Nil { statement: line("Nothing happened.") };
    bed.store.create_return(scope, &act, by, NewReturn { content: nil, ..bed.new_return(&county, 1, Vec::new()) }).await.done();

    let gathered = bed.store.gather(county.scope(), county.cycle.id).await.done().returns;
    let filter = ReturnFilter { partnership: None, cycle: Some(county.cycle.id) };
    assert_eq!(gathered, bed.store.list_returns(county.scope(), filter, Page::all()).await.done().items);
    let amounts = |answer: &Return| answer.content.figures().iter().map(|figure| figure.answer.amount()).collect::<Vec<_>>();
    let amount = |value: u32| Some(value.into());
    assert_eq!(gathered.iter().map(amounts).collect::<Vec<_>>(), [vec![amount(33), amount(101), amount(34), amount(34)], Vec::new()]);
}

pub(crate) async fn a_withdrawn_return_counts_no_more_and_may_be_sent_in_again(bed: &Bed) {
    let county = bed.county("north").await;
    let (officer, own, partnership) = (&county.officers[0], county.scope_of(0), county.partnerships[0].id);
    let sent = bed.submit(&county, 0, 100).await;
    let withdraw = async |revision| bed.store.withdraw_return(own, &bed.by(officer), partnership, county.cycle.id, revision).await;
    withdraw(Some(7)).await.changed();
    let withdrawn = withdraw(Some(1)).await.done();
    assert_eq!((withdrawn.id, withdrawn.state, withdrawn.revision), (sent.id, ReturnState::Withdrawn, 2));
    assert_eq!(withdrawn.content, sent.content, "what it said stays on record");
    assert_eq!(withdraw(None).await.refused(), Refusal::AlreadyWithdrawn);
    assert_eq!(bed.store.gather(county.scope(), county.cycle.id).await.done().returns, []);

    let again = bed.submit(&county, 0, 200).await;
    assert_eq!((again.id, again.state, again.revision), (sent.id, ReturnState::Submitted, 3));
    assert_eq!(again.content.figures(), [county.burglary(200)]);
    assert_eq!(bed.store.gather(county.scope(), county.cycle.id).await.done().returns, [again]);

    // A correction brings a withdrawn one back too.
    withdraw(Some(3)).await.done();
    let new = bed.new_return(&county, 0, vec![county.burglary(300)]);
    let back = bed.store.update_return(own, &bed.by(officer), officer.id, new, Some(4)).await.done();
    assert_eq!((back.state, back.revision, back.content.figures()), (ReturnState::Submitted, 5, &[county.burglary(300)][..]));
}

pub(crate) async fn figures_of_earlier_cycles_become_comparators(bed: &Bed) {
    let county = bed.county("north").await;
    let year_ago = |value: u32| Figure { period: quarter("2020-q3"), ..county.burglary(value) };
    let mut sent = Vec::new();
    // Two earlier cycles speak of the quarter a year ago; the later one restates it, and corrects itself.
    for (name, at, values) in [("2020-q3", "2021-01-06T10:00:00Z", vec![717]), ("2021-q2", "2021-10-06T10:00:00Z", vec![700, 712])] {
        bed.clock.set(csp_tests::at(at));
        let earlier = County { cycle: bed.cycle(county.scope(), &county.committee, name).await, ..county.clone() };
        for (n, value) in values.iter().enumerate() {
            let (officer, new) = (&county.officers[0], bed.new_return(&earlier, 0, vec![year_ago(*value)]));
            let answer = if n == 0 {
                bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await.done()
            } else {
                bed.store.update_return(county.scope_of(0), &bed.by(officer), officer.id, new, None).await.done()
            };
            if n + 1 == values.len() {
                sent.push((Origin::Return { id: answer.id, revision: answer.revision }, year_ago(*value)));
            }
        }
        // The neighbour thinks better of it.
        let (officer, new) = (&county.officers[1], bed.new_return(&earlier, 1, vec![year_ago(1)]));
        bed.store.create_return(county.scope_of(1), &bed.by(officer), officer.id, new).await.done();
        bed.store.withdraw_return(county.scope_of(1), &bed.by(officer), county.partnerships[1].id, earlier.cycle.id, None).await.done();
    }
    // What this cycle's own return says of the year before is not among what others said.
    bed.clock.set(csp_tests::at("2022-01-06T10:00:00Z"));
    let (officer, new) = (&county.officers[2], bed.new_return(&county, 2, vec![year_ago(9)]));
    bed.store.create_return(county.scope_of(2), &bed.by(officer), officer.id, new).await.done();

    let earlier = bed.store.gather(county.scope(), county.cycle.id).await.done().earlier;
    assert_eq!(earlier.len(), 1, "{earlier:?}");
    let of_gateshead: Vec<_> = earlier[&county.partnerships[0].id].iter().map(|e| (e.origin, e.figure.clone())).collect();
    assert_eq!(of_gateshead, sent, "the newest last");
}

pub(crate) async fn what_is_gathered_is_in_the_committees_order(bed: &Bed) {
    let county = bed.county("north").await;
    let extra = bed.indicator(county.scope(), "robbery", csp_domain::indicator::Unit::Count).await;
    let places = [2, 0, 1].map(|n| county.partnerships[n].id).to_vec();
    let change = csp_store::CommitteeChange { partnerships: Some(places.clone()), ..csp_store::CommitteeChange::default() };
    bed.store.update_committee(county.scope(), &bed.by_schedule(), county.committee.id, change, None).await.done();
    let (officer, own) = (&county.officers[0], county.scope_of(0));
    let figures = vec![Figure { indicator: extra.id, answer: Answer::Nil, ..county.burglary(0) }];
    bed.store.create_return(own, &bed.by(officer), officer.id, bed.new_return(&county, 0, figures)).await.done();
    let first = bed.tell(&county, 1, "First").await;
    let second = bed.tell(&county, 0, "Second").await;

    let gathered = bed.store.gather(county.scope(), county.cycle.id).await.done();
    assert_eq!(gathered.partnerships.iter().map(|partnership| partnership.id).collect::<Vec<_>>(), places);
    assert_eq!(gathered.indicators, [county.indicators[0].clone(), county.indicators[1].clone(), extra]);
    assert_eq!(gathered.news, [first, second]);
    assert_eq!((gathered.region, gathered.cycle), (county.region, county.cycle));
}

pub(crate) async fn a_paper_is_approved_by_a_second_person_who_names_its_bytes(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, store) = (county.scope(), &bed.store);
    let frozen = store.freeze_digest(scope, &bed.by(&county.editor), bed.new_digest(&county, "Update")).await;
    let deadline_at = county.cycle.timetable.deadline_at;
    assert_eq!(frozen.refused(), Refusal::CycleStillOpen { freeze_at: deadline_at });
    bed.close(&county).await;
    let first = bed.freeze(&county, "First").await;
    let before = bed.raw().everything().await;

    let (editor, approver) = (&county.editor, &county.approver);
    let by_editor = store.approve_digest(scope, &bed.by(editor), editor.id, first.id, first.hashes()).await;
    assert_eq!(by_editor.refused(), Refusal::AuthorCannotApprove);
    let mut wrong = [Vec::new(), vec![Hash::of(b"something else")], first.hashes(), first.hashes()];
    wrong[2].pop();
    wrong[3].reverse();
    for hashes in wrong {
        let approved = store.approve_digest(scope, &bed.by(approver), approver.id, first.id, hashes).await;
        assert_eq!(approved.refused(), Refusal::HashesDiffer);
    }
    assert_eq!(bed.raw().everything().await, before);

    let approved = bed.approve(&county, &first).await;
    let after = bed.raw().everything().await;
    bed.clock.advance(TimeDelta::minutes(1));
    assert_eq!(bed.approve(&county, &first).await, approved, "saying it twice is harmless");
    let another = &county.administrator;
    let second_hand = store.approve_digest(scope, &bed.by(another), another.id, first.id, first.hashes()).await;
    assert_eq!(second_hand.refused(), Refusal::DigestState(DigestState::Approved));
    assert_eq!(bed.raw().everything().await, after);

    let second = bed.freeze(&county, "Second").await;
    assert_eq!(second.version, 2);
    let superseded = store.get_digest(scope, first.id).await.done();
    assert_eq!(superseded.state, DigestState::Superseded, "its approval went with it");
    let late = store.approve_digest(scope, &bed.by(approver), approver.id, first.id, first.hashes()).await;
    assert_eq!(late.refused(), Refusal::DigestState(DigestState::Superseded));

    bed.clock.set(county.cycle.timetable.publication_at);
    for digest in [&first, &second] {
        let released = store.release(scope, &bed.by_schedule(), bed.new_release(&county, digest)).await;
        assert!(!released.done(), "version {} has nobody's word", digest.version);
    }
    let second = bed.approve(&county, &second).await;
    // Approved at the last moment, it would be kept back for a working day.
    let kept = store.release(scope, &bed.by_schedule(), bed.new_release(&county, &second)).await;
    assert!(!kept.done(), "a slip can still be caught");
    let reason = csp_tests::line("Clear days must be kept.");
    store.end_cooling_off(scope, &bed.by(approver), approver.id, second.id, reason, None).await.done();
    bed.release(&county, &second).await;
    let third = store.freeze_digest(scope, &bed.by(editor), bed.new_digest(&county, "Third")).await;
    assert_eq!(third.refused(), Refusal::AlreadyReleased);
    let cancelled = store.cancel_cycle(scope, &bed.by(another), county.cycle.id, None).await;
    assert_eq!(cancelled.refused(), Refusal::AlreadyReleased);
}

pub(crate) async fn bytes_that_are_not_those_that_were_frozen_are_not_handed_out(bed: &Bed) {
    let county = bed.county("north").await;
    bed.close(&county).await;
    let digest = bed.freeze(&county, "Update").await;
    bed.raw().execute("UPDATE digest_renditions SET bytes = (SELECT bytes FROM digest_public_documents) WHERE kind = 'text'").await;
    bed.store.get_rendition(county.scope(), digest.id, RenditionKind::HtmlMail).await.done();
    let read = bed.store.get_rendition(county.scope(), digest.id, RenditionKind::Text).await;
    assert!(matches!(read, Err(csp_store::StoreError::Inconsistent { .. })), "{read:?}");
}

pub(crate) async fn a_paper_is_not_released_before_its_time(bed: &Bed) {
    let county = bed.county("north").await;
    bed.close(&county).await;
    let digest = bed.freeze(&county, "Update").await;
    let digest = bed.approve(&county, &digest).await;
    bed.clock.set(county.cycle.timetable.publication_at - TimeDelta::microseconds(1));
    assert!(!bed.store.release(county.scope(), &bed.by_schedule(), bed.new_release(&county, &digest)).await.done());
    assert_eq!(bed.store.tally_messages().await.done(), []);
    bed.release(&county, &digest).await;
    assert_eq!(bed.store.tally_messages().await.done(), [(csp_domain::message::MessageState::Queued, 2)]);
    assert_eq!(bed.store.get_cycle(county.scope(), county.cycle.id).await.done().state, CycleState::Published);
}

pub(crate) async fn dates_that_have_passed_stay_where_they_are(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, now) = (county.scope(), bed.by(&county.administrator), county.cycle.timetable);
    let later = TimeDelta::hours(1);
    let mut moved = now;
    moved.opens_at += later;
    let update = async |timetable| bed.store.update_timetable(scope, &act, county.cycle.id, timetable, None).await;
    assert_eq!(update(moved).await.refused(), Refusal::AlreadyPassed("open_time"));
    let mut moved = now;
    moved.deadline_at += later;
    moved.closed_to_new_at += later;
    moved.freeze_at += later;
    assert_eq!(update(moved).await.done().timetable, moved);
    bed.store.advance_cycle(scope, &act, county.cycle.id, Job::Close, moved.freeze_at).await.done();
    assert_eq!(update(now).await.refused(), Refusal::AlreadyPassed("deadline_time"));
    moved.meeting_at += later;
    assert_eq!(update(moved).await.done().timetable, moved);
}

pub(crate) async fn the_last_administrator_cannot_be_ended(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, today) = (county.scope(), bed.by(&county.administrator), bed.today());
    let first = bed.store.list_role_grants(scope, county.administrator.id, Page::all()).await.done().items.remove(0);
    let end = async |grant: &RoleGrant| bed.store.end_role_grant(scope, &act, grant.id, today).await;
    assert_eq!(end(&first).await.refused(), Refusal::LastOne);

    // One who will be gone soon, and one who has not begun, do not count.
    let leaving = RoleGrant { id: bed.id(), person: county.editor.id, ends_on: today.succ_opt(), ..first.clone() };
    let coming =
        RoleGrant { id: bed.id(), person: county.approver.id, starts_on: today.succ_opt().expect("there is a tomorrow"), ..first.clone() };
    for grant in [&leaving, &coming] {
        bed.store.create_role_grant(scope, &act, grant.clone()).await.done();
        assert_eq!(end(&first).await.refused(), Refusal::LastOne);
    }
    // Those two can be ended themselves; the one that has not begun is gone as if it had never been.
    end(&leaving).await.done();
    end(&coming).await.done();
    bed.store.get_role_grant(scope, coming.id).await.not_found();

    let second = bed.grant(scope, &county.approver, Role::Administrator).await;
    end(&first).await.done();
    assert_eq!(end(&second).await.refused(), Refusal::LastOne);
}

pub(crate) async fn nobody_holds_a_role_twice_on_one_day(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, today) = (county.scope(), bed.by(&county.administrator), bed.today());
    let officer = &county.officers[0];
    let held = bed.store.list_role_grants(scope, officer.id, Page::all()).await.done().items.remove(0);
    let again = |starts_on, ends_on| RoleGrant { id: bed.id(), starts_on, ends_on, ..held.clone() };
    let before = bed.raw().everything().await;
    let Err(refused) = bed.store.create_role_grant(scope, &act, again(today, None)).await else { panic!("held twice") };
    let since = csp_domain::period::uk_date(held.starts_on);
    assert_eq!(refused.to_string(), format!("there is already this role of theirs, from {since}"));
    let next = today + chrono::Days::new(100);
    bed.store.create_role_grant(scope, &act, RoleGrant { deputy: true, ..again(next, None) }).await.exists_already();
    assert_eq!(bed.raw().everything().await, before);
    // The same of another, or another of the same person, is another role; and so is the same after it has ended.
    bed.grant(scope, officer, Role::Officer(county.partnerships[1].id)).await;
    bed.grant(scope, &county.officers[1], Role::Officer(county.partnerships[0].id)).await;
    bed.grant(scope, officer, Role::Lead(county.partnerships[0].id)).await;
    bed.clock.advance(TimeDelta::days(2));
    let act = bed.by(&county.administrator);
    bed.store.end_role_grant(scope, &act, held.id, bed.today()).await.done();
    bed.store.create_role_grant(scope, &act, again(bed.today(), None)).await.done();
}

pub(crate) async fn a_target_is_ended_before_another_of_the_same_begins(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    let first = bed.store.create_target(scope, &act, bed.new_target(&county, Some(0), 230)).await.done();
    let stands = Refusal::TargetStands(first.terms.reason.clone());
    let before = bed.raw().everything().await;
    assert_eq!(bed.store.create_target(scope, &act, bed.new_target(&county, Some(0), 200)).await.refused(), stands);
    assert_eq!(bed.raw().everything().await, before);
    // Another partnership's, and that of all together, are others.
    bed.store.create_target(scope, &act, bed.new_target(&county, Some(1), 200)).await.done();
    bed.store.create_target(scope, &act, bed.new_target(&county, None, 700)).await.done();
    let later = || {
        let mut new = bed.new_target(&county, Some(0), 200);
        let from = Milestone { period: quarter("2022-q1"), value: 200.into() };
        new.terms.trajectory = Some(Trajectory::standing(Aim::AtMost, from));
        new
    };
    assert_eq!(bed.store.create_target(scope, &act, later()).await.refused(), stands);
    let ended = (quarter("2021-q4").end(), csp_tests::line("A new plan was agreed"));
    bed.store.end_target(scope, &act, first.id, ended, None).await.done();
    let second = bed.store.create_target(scope, &act, later()).await.done();
    // Nor does one come back by being ended later.
    let later = (quarter("2023-q4").end(), csp_tests::line("Two years more"));
    let refused = bed.store.end_target(scope, &act, first.id, later, None).await.refused();
    assert_eq!(refused, Refusal::TargetStands(second.terms.reason));
    let sooner = (quarter("2021-q3").end(), csp_tests::line("A quarter less"));
    bed.store.end_target(scope, &act, first.id, sooner, None).await.done();
    // Nor does one end before it begins.
    let before = (csp_tests::day("2000-01-01"), csp_tests::line("A slip"));
    assert_eq!(bed.store.end_target(scope, &act, first.id, before.clone(), None).await.refused(), Refusal::EndsBeforeStart);
    let never = csp_domain::target::NewTarget { ends_on: Some(before.0), ..bed.new_target(&county, Some(2), 5) };
    assert_eq!(bed.store.create_target(scope, &act, never).await.refused(), Refusal::EndsBeforeStart);
}

pub(crate) async fn two_administrators_cannot_end_each_other_at_once(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, today) = (county.scope(), bed.by(&county.administrator), bed.today());
    for round in 0..15 {
        let next = bed.person(scope, &format!("administrator-{round}")).await;
        let standing = bed.store.list_holders(scope, Role::Administrator).await.done();
        let mut standing: Vec<RoleGrant> = standing.into_iter().filter(|grant| grant.ends_on.is_none()).collect();
        while standing.len() < 2 {
            standing.push(bed.grant(scope, &next, Role::Administrator).await);
        }
        let ends = standing.iter().map(|grant| {
            let (store, act, id) = (bed.store.clone(), act.clone(), grant.id);
            async move { store.end_role_grant(scope, &act, id, today).await }
        });
        let ended = at_once(ends.collect()).await;
        assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
        let left = bed.store.list_holders(scope, Role::Administrator).await.done();
        assert_eq!(left.iter().filter(|grant| grant.ends_on.is_none()).count(), 1);
    }
}

pub(crate) async fn the_largest_things_there_may_be_are_kept(bed: &Bed) {
    let county = bed.county("north").await;
    let (officer, own) = (&county.officers[0], county.scope_of(0));

    // As many paragraphs as fit, which makes the largest tree.
    let text = "a\n\n".repeat(csp_domain::narrative::Narrative::MAX_BYTES / 3);
    let long = "ŵ".repeat(csp_domain::narrative::Narrative::MAX_BYTES / 2);
    for text in [text, long] {
        let body = csp_domain::narrative::Narrative::from_plain_text(&text).expect("it is as long as it may be");
        let new = csp_domain::news::NewNewsItem { body: body.clone(), ..bed.new_news(&county, county.owner(0), "News") };
        let made = bed.store.create_news_item(own, &bed.by(officer), officer.id, new).await.done();
        assert_eq!(bed.store.get_news_item(own, county.owner(0), made.id).await.done().body, body);
    }

    let note = Some(csp_tests::line(&"ŵ".repeat(csp_domain::text::Line::SENTENCE)));
    let first = csp_tests::day("2010-01-01");
    let figures: Vec<Figure> = (0..)
        .map(|n| first + TimeDelta::days(n))
        .map(|day| csp_domain::period::Period::new(day, day).expect("a day is a period"))
        .map(|period| Figure { period, note: note.clone(), ..county.burglary(1) })
        .take(Content::MAX_FIGURES)
        .collect();
    let line = |text: &str| csp_tests::line(text);
    let quoted =
        csp_domain::observation::QuotedFigure { subject: line("S"), value: line("30%"), source: line("S"), period: quarter("2021-q2") };
    let content = Content::Full { figures, quoted: vec![quoted; Content::MAX_QUOTED] };
    let new = NewReturn { content: content.clone(), ..bed.new_return(&county, 0, Vec::new()) };
    bed.store.create_return(own, &bed.by(officer), officer.id, new).await.done();
    let found = bed.store.find_return(own, county.partnerships[0].id, county.cycle.id).await.done();
    assert!(found.expect("it was sent in").content == content);

    bed.close(&county).await;
    let mut new = bed.new_digest(&county, "Update");
    let bytes: Vec<u8> = (0..8 * 1024 * 1024_u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap_or(0)).collect();
    new.renditions[0] = csp_domain::digest::Rendition::new(RenditionKind::HtmlMail, bytes);
    bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), new.clone()).await.done();
    let read = bed.store.get_rendition(county.scope(), new.id, RenditionKind::HtmlMail).await.done();
    assert!(read == new.renditions[0]);
}
