//! Many at once: two servers, impatient callers, and a bell that rings for all of them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use csp_domain::{
    Scope, act::Actor, cycle::CycleState, digest::DigestState, id::CommitteeId, message::MessageState, observation::Answer, returns::Manner,
};
use csp_store::{CommitteeChange, Gathered, Job, NewsChange, Page, Refusal, Store, StoreError};
use csp_tests::{Bed, County, line, number};
use tokio::task::JoinSet;

use crate::verdict::{Verdict as _, at_once};

/// The same call from `n` callers at once, half of them at another server.
async fn rivals<T, Fut>(bed: &Bed, n: usize, call: impl Fn(Store, usize) -> Fut) -> Vec<Result<T, StoreError>>
where
    T: Send + 'static,
    Fut: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let other = bed.second_store(bed.chance.clone()).await;
    let calls = (0..n).map(|i| call(if i % 2 == 0 { bed.store.clone() } else { other.clone() }, i));
    let ended = at_once(calls.collect()).await;
    other.close().await;
    ended
}

/// Of those who changed the same revision, one did and the others were told.
#[track_caller]
fn one_wins<T: std::fmt::Debug>(ended: Vec<Result<T, StoreError>>) {
    assert_eq!(ended.iter().filter(|one| one.is_ok()).count(), 1, "{ended:?}");
    for one in ended {
        assert!(matches!(one, Ok(_) | Err(StoreError::Changed(_))), "{one:?}");
    }
}

pub(crate) async fn of_those_who_change_the_same_revision_one_does(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    let renamed = |i: usize| Some(line(&format!("Name {i}")));
    let id = county.partnerships[0].id;
    one_wins(
        rivals(bed, 8, |store, i| {
            let act = act.clone();
            async move { store.update_region(scope, &act, renamed(i), None, Some(1)).await }
        })
        .await,
    );
    one_wins(
        rivals(bed, 8, |store, i| {
            let act = act.clone();
            async move { store.update_partnership(scope, &act, id, renamed(i), Some(1)).await }
        })
        .await,
    );
    let id = county.editor.id;
    one_wins(
        rivals(bed, 8, |store, i| {
            let act = act.clone();
            async move { store.update_person(scope, &act, id, renamed(i), None, Some(1)).await }
        })
        .await,
    );
    let id = county.indicators[0].id;
    one_wins(
        rivals(bed, 8, |store, i| {
            let act = act.clone();
            async move {
                store
                    .update_indicator(scope, &act, id, csp_store::IndicatorChange { name: renamed(i), ..Default::default() }, Some(1))
                    .await
            }
        })
        .await,
    );
    let (id, order) = (county.committee.id, county.committee.partnerships.clone());
    one_wins(
        rivals(bed, 8, |store, i| {
            let (act, mut order) = (act.clone(), order.clone());
            order.rotate_left(i % 3);
            let change = CommitteeChange { name: renamed(i), partnerships: Some(order), ..CommitteeChange::default() };
            async move { store.update_committee(scope, &act, id, change, Some(1)).await }
        })
        .await,
    );
    let member = bed.member(scope, &county.committee, &county.editor).await.id;
    one_wins(
        rivals(bed, 8, |store, _| {
            let (act, day) = (act.clone(), bed.today());
            async move { store.update_member(scope, &act, id, member, Some(day), None, Some(1)).await }
        })
        .await,
    );
    let (id, timetable) = (county.cycle.id, county.cycle.timetable);
    one_wins(
        rivals(bed, 8, |store, i| {
            let (act, mut timetable) = (act.clone(), timetable);
            timetable.meeting_at += TimeDelta::minutes(i64::try_from(i).unwrap_or(0));
            async move { store.update_timetable(scope, &act, id, timetable, Some(1)).await }
        })
        .await,
    );
}

pub(crate) async fn of_those_who_correct_the_same_submission_one_does(bed: &Bed) {
    let county = bed.county("north").await;
    let (own, owner, officer) = (county.scope_of(0), county.owner(0), county.officers[0].clone());
    let (act, by) = (bed.by(&officer), officer.id);
    let item = bed.tell(&county, 0, "News").await.id;
    one_wins(
        rivals(bed, 8, |store, i| {
            let (act, change) = (act.clone(), NewsChange { headline: Some(line(&format!("News {i}"))), ..NewsChange::default() });
            async move { store.update_news_item(own, &act, by, owner, item, change, Some(1)).await }
        })
        .await,
    );
    one_wins(
        rivals(bed, 8, |store, _| {
            let act = act.clone();
            async move { store.withdraw_news_item(own, &act, owner, item, Some(2)).await }
        })
        .await,
    );

    let all = county.scope();
    // Of those who give the same role to the same person, one does.
    let given = rivals(bed, 8, |store, _| {
        let act = act.clone();
        let role = csp_domain::person::Role::Lead(county.partnerships[1].id);
        let id = bed.id();
        let new =
            csp_domain::person::RoleGrant { id, person: county.editor.id, role, deputy: false, starts_on: bed.today(), ends_on: None };
        async move { store.create_role_grant(all, &act, new).await }
    })
    .await;
    assert_eq!(given.iter().filter(|one| one.is_ok()).count(), 1, "{given:?}");
    assert!(given.iter().all(|one| matches!(one, Ok(_) | Err(StoreError::AlreadyExists(_)))), "{given:?}");
    // And of those who set the same target.
    let set = rivals(bed, 8, |store, _| {
        let (act, new) = (act.clone(), bed.new_target(&county, Some(0), 700));
        async move { store.create_target(all, &act, new).await }
    })
    .await;
    assert_eq!(set.iter().filter(|one| one.is_ok()).count(), 1, "{set:?}");
    assert!(set.iter().all(|one| matches!(one, Ok(_) | Err(StoreError::Refused(Refusal::TargetStands(_))))), "{set:?}");

    // Of those who send in the first, one does; of those who correct it, one; and so on.
    let figures = |i: usize| vec![county.burglary(u32::try_from(i).unwrap_or(0))];
    let create = |store: Store, i: usize| {
        let (act, new) = (act.clone(), bed.new_return(&county, 0, figures(i)));
        async move { store.create_return(own, &act, by, new).await }
    };
    let sent = rivals(bed, 8, create).await;
    assert_eq!(sent.iter().filter(|one| one.is_ok()).count(), 1, "{sent:?}");
    for one in sent {
        assert!(matches!(one, Ok(_) | Err(StoreError::AlreadyExists(_))), "{one:?}");
    }
    one_wins(
        rivals(bed, 8, |store, i| {
            let (act, new) = (act.clone(), bed.new_return(&county, 0, figures(i)));
            async move { store.update_return(own, &act, by, new, Some(1)).await }
        })
        .await,
    );
    let (partnership, cycle) = (county.partnerships[0].id, county.cycle.id);
    one_wins(
        rivals(bed, 8, |store, _| {
            let act = act.clone();
            async move { store.withdraw_return(own, &act, partnership, cycle, Some(2)).await }
        })
        .await,
    );
    let again = rivals(bed, 8, create).await;
    assert_eq!(again.iter().filter(|one| one.is_ok()).count(), 1, "{again:?}");
    for one in again {
        assert!(matches!(one, Ok(_) | Err(StoreError::Changed(_) | StoreError::AlreadyExists(_))), "{one:?}");
    }
    let kept = bed.store.find_return(own, partnership, cycle).await.done().expect("it was sent in");
    assert_eq!(kept.revision, 4);
    assert!(matches!(kept.content.figures()[0].answer, Answer::Reported { .. }));
}

pub(crate) async fn scheduled_work_is_done_once_however_many_try(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, cycle, timetable) = (county.scope(), bed.by_schedule(), county.cycle.id, county.cycle.timetable);
    let once = |ended: Vec<Result<bool, StoreError>>| {
        let ended: Vec<bool> = ended.into_iter().map(crate::verdict::Verdict::done).collect();
        assert_eq!(ended.iter().filter(|done| **done).count(), 1, "{ended:?}");
    };
    let next = bed.new_cycle(&county.committee, "2021-q4");
    once(
        rivals(bed, 20, |store, _| {
            let (act, new) = (act.clone(), csp_domain::cycle::NewCycle { id: bed.id(), ..next.clone() });
            async move { store.plan_cycle(scope, &act, new).await }
        })
        .await,
    );
    for (job, due_at) in [(Job::Open, timetable.opens_at), (Job::Close, timetable.deadline_at)] {
        bed.clock.set(due_at);
        let act = bed.by_schedule();
        once(
            rivals(bed, 20, |store, _| {
                let act = act.clone();
                async move { store.advance_cycle(scope, &act, cycle, job, due_at).await }
            })
            .await,
        );
        assert!(!bed.store.advance_cycle(scope, &act, cycle, job, due_at).await.done(), "nor later");
    }
    let act = bed.by_schedule();
    let frozen = rivals(bed, 20, |store, i| {
        // It was opened and closed, each a revision.
        let new =
            csp_domain::digest::NewDigest { cycle_revision: county.cycle.revision + 2, ..bed.new_digest(&county, &format!("Update {i}")) };
        let act = act.clone();
        async move { store.freeze_first_digest(scope, &act, new, timetable.deadline_at).await }
    })
    .await;
    once(frozen.into_iter().map(|one| one.map(|digest| digest.is_some())).collect());
    let digest = bed.store.list_digests(scope, cycle).await.done().items.remove(0);
    let digest = bed.approve(&county, &digest).await;
    bed.clock.set(timetable.publication_at);
    let act = bed.by_schedule();
    once(
        rivals(bed, 20, |store, _| {
            let (act, release) = (act.clone(), bed.new_release(&county, &digest));
            async move { store.release(scope, &act, release).await }
        })
        .await,
    );
    assert_eq!(bed.store.tally_messages().await.done(), [(MessageState::Queued, 2)], "one for each member");
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM job_runs").await, 4);
    let acts = bed.store.list_audit(scope, csp_store::AuditFilter::default(), Page::all()).await.done().items;
    for action in ["open", "close", "freeze", "release", "publish"] {
        assert_eq!(acts.iter().filter(|row| row.action == action).count(), 1, "{action}");
    }
}

pub(crate) async fn an_editor_and_the_schedule_freeze_one_first_version(bed: &Bed) {
    let county = bed.county("north").await;
    for round in 0..10 {
        let county = another_cycle(bed, &county, round).await;
        bed.clock.set(bed.now());
        let due_at = county.cycle.timetable.deadline_at;
        let scope = county.scope();
        assert!(bed.store.advance_cycle(scope, &bed.by_schedule(), county.cycle.id, Job::Close, due_at).await.done());
        let ended = rivals(bed, 4, |store, i| {
            let (by_editor, by_schedule) = (bed.by(&county.editor), bed.by_schedule());
            let new = bed.new_digest(&county, &format!("Update {i}"));
            async move {
                if i < 2 {
                    store.freeze_digest(scope, &by_editor, new).await.map(Some)
                } else {
                    store.freeze_first_digest(scope, &by_schedule, new, due_at).await
                }
            }
        })
        .await;
        for one in ended {
            assert!(matches!(one, Ok(_) | Err(StoreError::AlreadyExists(_))), "{one:?}");
        }
        let versions = bed.store.list_digests(scope, county.cycle.id).await.done().items;
        assert!(versions.iter().filter(|digest| digest.frozen_by == Actor::System).count() <= 1);
        assert_eq!(versions.iter().map(|digest| digest.version).collect::<Vec<_>>(), (1..).take(versions.len()).collect::<Vec<_>>());
        assert_eq!(versions.iter().filter(|digest| digest.state == DigestState::Frozen).count(), 1, "{versions:?}");
    }
}

/// The same county with a cycle that nobody has submitted to.
async fn another_cycle(bed: &Bed, county: &County, n: usize) -> County {
    let slug = number("cycle", n);
    let new = csp_domain::cycle::NewCycle { slug, ..bed.new_cycle(&county.committee, "2021-q3") };
    County { cycle: bed.store.create_cycle(county.scope(), &bed.by_schedule(), new).await.done(), ..county.clone() }
}

pub(crate) async fn what_was_taken_is_in_every_paper_gathered_after_closing(bed: &Bed) {
    let county = bed.county("north").await;
    let other = bed.second_store(bed.chance.clone()).await;
    let (mut taken, mut refused) = (0, 0);
    for round in 0..100 {
        let county = another_cycle(bed, &county, round).await;
        let (scope, cycle, due_at, act) = (county.scope(), county.cycle.id, county.cycle.timetable.deadline_at, bed.by_schedule());
        assert!(bed.store.advance_cycle(scope, &act, cycle, Job::Open, county.cycle.timetable.opens_at).await.done());
        let open = bed.store.get_cycle(scope, cycle).await.done();
        let started = Arc::new(AtomicUsize::new(0));
        let submissions = (0..3).map(|n| {
            let store = if (round + n) % 2 == 0 { bed.store.clone() } else { other.clone() };
            let (own, officer) = (county.scope_of(n), county.officers[n].clone());
            let (act, new, news) =
                (bed.by(&officer), bed.new_return(&county, n, vec![county.burglary(1)]), bed.new_news(&county, county.owner(n), "News"));
            let (started, open) = (started.clone(), open.clone());
            async move {
                started.fetch_add(1, Ordering::Relaxed);
                let told = store.create_news_item(own, &act, officer.id, news).await.map(|item| item.id.0);
                let sent = match n {
                    0 => store.create_return(own, &act, officer.id, new).await,
                    // As the server does it, which read the cycle before.
                    _ => store.submit_return_to(&open, own, &act, officer.id, new, Manner::default()).await,
                };
                [told, sent.map(|answer| answer.id.0)]
            }
        });
        let running: Vec<_> = submissions.map(tokio::spawn).collect();
        // The bell rings a little later in each round.
        let store = bed.store.clone();
        while started.load(Ordering::Relaxed) < round % 4 {
            tokio::task::yield_now().await;
        }
        for _ in 0..(round * 7) % 50 {
            tokio::task::yield_now().await;
        }
        assert!(store.advance_cycle(scope, &act, cycle, Job::Close, due_at).await.done());
        let gathered: Gathered = store.gather(scope, cycle).await.done();
        assert_eq!(gathered.cycle.state, CycleState::Closed);
        let printed: Vec<_> = gathered.news.iter().map(|item| item.id.0).chain(gathered.returns.iter().map(|answer| answer.id.0)).collect();
        for one in running {
            for ended in one.await.expect("nobody panics") {
                match ended {
                    Ok(id) => {
                        taken += 1;
                        assert!(printed.contains(&id), "round {round}: taken and not printed");
                    }
                    Err(StoreError::Refused(Refusal::CycleClosed { .. })) => refused += 1,
                    Err(other) => panic!("round {round}: {other:?}"),
                }
            }
        }
        let later = store.gather(scope, cycle).await.done();
        assert_eq!((later.news, later.returns), (gathered.news, gathered.returns), "round {round}: nothing comes after");
    }
    assert_eq!(taken + refused, 600);
    other.close().await;
}

pub(crate) async fn a_new_version_and_a_release_at_once_leave_no_version_in_between(bed: &Bed) {
    let county = bed.county("north").await;
    let scope = county.scope();
    for round in 0..15 {
        bed.clock.set(county.cycle.timetable.opens_at);
        let county = another_cycle(bed, &county, round).await;
        bed.close(&county).await;
        let first = bed.freeze(&county, "First").await;
        let first = bed.approve(&county, &first).await;
        bed.clock.set(county.cycle.timetable.publication_at);
        let ended = rivals(bed, 2, |store, i| {
            let (by_schedule, release) = (bed.by_schedule(), bed.new_release(&county, &first));
            let (by_editor, new) = (bed.by(&county.editor), bed.new_digest(&county, "Second"));
            let swapped = round % 2;
            async move {
                if i == swapped {
                    store.release(scope, &by_schedule, release).await
                } else {
                    store.freeze_digest(scope, &by_editor, new).await.map(|_| true)
                }
            }
        })
        .await;
        let state = bed.store.get_cycle(scope, county.cycle.id).await.done().state;
        let versions: Vec<_> =
            bed.store.list_digests(scope, county.cycle.id).await.done().items.iter().map(|digest| digest.state).collect();
        match state {
            CycleState::Published => assert_eq!(versions, [DigestState::Released], "round {round}: {ended:?}"),
            CycleState::Closed => assert_eq!(versions, [DigestState::Superseded, DigestState::Frozen], "round {round}: {ended:?}"),
            other => panic!("round {round}: {other:?}"),
        }
        for one in ended {
            assert!(matches!(one, Ok(_) | Err(StoreError::Refused(Refusal::AlreadyReleased))), "round {round}: {one:?}");
        }
    }
}

pub(crate) async fn two_thousand_callers_who_walk_away_leave_nothing_half_done(bed: &Bed) {
    let county = bed.county("north").await;
    let scope = county.scope();
    let store = bed.second_store(bed.chance.clone()).await;
    let begun = Arc::new(AtomicUsize::new(0));
    let commission = |n: usize| {
        let new = bed.new_committee(&format!("committee-{n}"), &county.partnerships, &county.indicators);
        let act = bed.by(&county.administrator).under(Some(bed.request(&format!("committee {n}"))));
        let (id, store, begun) = (new.id, store.clone(), begun.clone());
        async move {
            begun.fetch_add(1, Ordering::Relaxed);
            store.create_committee(scope, &act, new).await.done();
            id
        }
    };
    let mut done: Vec<CommitteeId> = Vec::new();
    let mut gone = 0;
    for wave in 0..50 {
        let mut callers = JoinSet::new();
        begun.store(0, Ordering::Relaxed);
        for n in 0..40 {
            callers.spawn(commission(wave * 40 + n));
        }
        // How long they wait is a matter of chance: until some have begun, or until some are answered.
        let mut drawn = [0];
        bed.chance.fill(&mut drawn);
        let some = usize::from(drawn[0] % 40);
        if wave % 2 == 0 {
            while begun.load(Ordering::Relaxed) < some {
                tokio::task::yield_now().await;
            }
        } else {
            for _ in 0..some {
                let one = callers.join_next().await.expect("there are forty");
                done.push(one.expect("nobody panics"));
            }
        }
        callers.abort_all();
        while let Some(one) = callers.join_next().await {
            match one {
                Ok(id) => done.push(id),
                Err(error) => {
                    assert!(error.is_cancelled(), "{error}");
                    gone += 1;
                }
            }
        }
    }
    assert!(gone >= 100 && done.len() >= 100, "{gone} went away, {} were answered", done.len());

    // Those who come later find everything in order.
    let later = at_once((2_000..2_040).map(commission).collect()).await;
    done.extend(later);
    store.close().await;
    let raw = bed.raw();
    let half_done = raw
        .number(
            "SELECT COUNT(*) FROM committees c WHERE \
             (SELECT COUNT(*) FROM committee_partnerships p WHERE p.region_id = c.region_id AND p.committee_id = c.committee_id) <> 3 \
             OR (SELECT COUNT(*) FROM committee_indicators i WHERE i.region_id = c.region_id AND i.committee_id = c.committee_id) <> 2 \
             OR (SELECT COUNT(*) FROM audit a WHERE a.region_id = c.region_id AND a.subject_id = c.committee_id) <> 1",
        )
        .await;
    assert_eq!(half_done, 0);
    let committees = raw.number("SELECT COUNT(*) FROM committees").await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM committee_partnerships").await, 3 * committees);
    assert_eq!(raw.number("SELECT COUNT(*) FROM committee_indicators").await, 2 * committees);
    assert_eq!(raw.number("SELECT COUNT(*) FROM audit WHERE subject = 'committee'").await, committees);
    assert_eq!(raw.number("SELECT COUNT(*) FROM requests").await, committees - 1, "the county's own had no name");
    let kept = bed.store.list_committees(scope, Page::all()).await.done().items;
    for id in done {
        assert!(kept.iter().any(|committee| committee.id == id), "what was said to be done is done");
    }
}

pub(crate) async fn readers_who_walk_away_leave_the_readers_after_them_undisturbed(bed: &Bed) {
    let county = bed.county("north").await;
    let scope: Scope = county.scope();
    for _ in 0..20 {
        let mut readers = JoinSet::new();
        for _ in 0..25 {
            let (store, cycle) = (bed.store.clone(), county.cycle.id);
            readers.spawn(async move { store.gather(scope, cycle).await.done() });
        }
        readers.join_next().await;
        readers.shutdown().await;
    }
    // A reader that kept its view would not see this.
    let sent = bed.submit(&county, 0, 1).await;
    for _ in 0..32 {
        assert_eq!(bed.store.gather(scope, county.cycle.id).await.done().returns, std::slice::from_ref(&sent));
    }
}
