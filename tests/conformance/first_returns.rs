//! A partnership's first return for a cycle comes in by one statement where nothing stands in its way. Nobody can tell by what is
//! kept, nor by what is said where something does.

use csp_domain::{
    Act, Scope,
    cycle::{Cycle, CycleState},
    person::NewPerson,
    returns::{Content, Manner, NewReturn, Return, ReturnState},
};
use csp_store::{Job, Store, StoreError};
use csp_tests::{Bed, County, line};

use crate::verdict::{Verdict as _, at_once};

/// The county with its cycle open.
async fn opened(bed: &Bed, name: &str) -> County {
    let county = bed.county(name).await;
    let (scope, act, cycle) = (county.scope(), bed.by_schedule(), county.cycle.id);
    assert!(bed.store.advance_cycle(scope, &act, cycle, Job::Open, county.cycle.timetable.opens_at).await.done());
    let cycle = bed.store.get_cycle(scope, cycle).await.done();
    assert_eq!(cycle.state, CycleState::Open);
    County { cycle, ..county }
}

/// One call among many.
type Call = std::pin::Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// As the server sends it in, which has read the cycle.
async fn sent_in(store: &Store, cycle: &Cycle, scope: Scope, act: &Act, new: NewReturn) -> Result<Return, StoreError> {
    let by = act.actor.person().expect("an officer sends it in");
    store.submit_return_to(cycle, scope, act, by, new, Manner::default()).await
}

/// A row without its identifiers and hashes: long runs of hexadecimal digits.
fn without_names(row: &str) -> String {
    let is_of_a_name = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut out = String::new();
    let mut rest = row;
    while let Some(start) = rest.find(is_of_a_name) {
        let (before, here) = rest.split_at(start);
        let (run, after) = here.split_at(here.find(|c| !is_of_a_name(c)).unwrap_or(here.len()));
        out.push_str(before);
        out.push_str(if run.len() < 32 { run } else { "…" });
        rest = after;
    }
    out + rest
}

pub(crate) async fn it_leaves_the_rows_that_any_return_leaves(bed: &Bed) {
    let figures = |county: &County| vec![county.burglary(12)];
    let nil = |new: NewReturn| NewReturn { content: Content::Nil { statement: line("Nothing happened.") }, ..new };
    let mut kept = Vec::new();
    for at_once in [false, true] {
        let county = opened(bed, if at_once { "south" } else { "north" }).await;
        for n in 0..2 {
            let (scope, officer) = (county.scope_of(n), &county.officers[n]);
            let mut new = NewReturn { remark: Some(line("As counted.")), ..bed.new_return(&county, n, figures(&county)) };
            if n == 1 {
                new = nil(new);
            }
            let mut act = bed.by(officer).under(Some(bed.request("body")));
            act.origin = Some("192.0.2.7".to_owned());
            let manner = Manner { on_behalf: Some(line("By telephone.")).filter(|_| n == 1), mail_receipt: false };
            let made = if at_once {
                bed.store.submit_return_to(&county.cycle, scope, &act, officer.id, new, manner).await.done()
            } else {
                bed.store.submit_return(scope, &act, officer.id, new, manner).await.done()
            };
            let found = bed.store.find_return(scope, county.partnerships[n].id, county.cycle.id).await.done();
            assert_eq!(found.as_ref(), Some(&made));
            assert_eq!((made.state, made.revision), (ReturnState::Submitted, 1));
        }
        let mut rows: Vec<String> = bed.raw().everything_of(county.region.id).await.iter().map(|row| without_names(row)).collect();
        rows.retain(|row| !row.starts_with("regions:") && !row.contains("south") && !row.contains("north"));
        rows.sort();
        kept.push(rows);
    }
    assert_eq!(kept[0], kept[1]);
    let of = |table: &str| kept[1].iter().filter(|row| row.starts_with(&format!("{table}: "))).count();
    let tables = ["returns", "return_revisions", "observations", "return_steps", "requests"];
    assert_eq!(tables.map(of), [2, 2, 1, 2, 2]);
}

pub(crate) async fn what_stands_in_its_way_is_said_as_ever(bed: &Bed) {
    let county = opened(bed, "north").await;
    let (store, cycle) = (&bed.store, &county.cycle);
    let officer = |n: usize| bed.by(&county.officers[n]);
    let new = |n: usize, value: u32| bed.new_return(&county, n, vec![county.burglary(value)]);

    // The same request again answers what it made; with another body it is refused.
    let act = officer(0).under(Some(bed.request("body")));
    let made = sent_in(store, cycle, county.scope_of(0), &act, new(0, 1)).await.done();
    assert_eq!(sent_in(store, cycle, county.scope_of(0), &act, new(0, 1)).await.done(), made);
    let other = Act { request: act.request.clone().map(|request| csp_domain::act::Request { fingerprint: [9; 32], ..request }), ..act };
    assert!(matches!(sent_in(store, cycle, county.scope_of(0), &other, new(0, 1)).await, Err(StoreError::RequestReused)));

    let before = bed.raw().everything().await;
    // There is one already.
    sent_in(store, cycle, county.scope_of(0), &officer(0), new(0, 2)).await.exists_already();
    // A figure twice.
    let twice = bed.new_return(&county, 1, vec![county.burglary(1), county.burglary(2)]);
    sent_in(store, cycle, county.scope_of(1), &officer(1), twice).await.exists_already();
    // A neighbour's, and a region's where it is not known.
    sent_in(store, cycle, county.scope_of(0), &officer(0), new(1, 1)).await.not_found();
    // Only to see whether it could be.
    let trying = Act { dry_run: true, ..officer(1) };
    sent_in(store, cycle, county.scope_of(1), &trying, new(1, 1)).await.done();
    // Of a partnership that does not report to the committee.
    let stranger = bed.store.create_partnership(county.scope(), &bed.by_schedule(), bed.new_partnership("elsewhere")).await.done();
    let theirs = NewReturn { partnership: stranger.id, ..new(1, 1) };
    let with_stranger = bed.raw().everything().await;
    let refused = sent_in(store, cycle, county.scope(), &officer(1), theirs.clone()).await;
    let as_ever = bed.store.create_return(county.scope(), &officer(1), county.officers[1].id, theirs).await;
    assert_eq!(format!("{refused:?}"), format!("{as_ever:?}"));
    refused.refused();
    assert_eq!(bed.raw().everything().await, with_stranger);
    assert!(with_stranger.len() > before.len());

    // One that was taken back is sent in again.
    store.withdraw_return(county.scope_of(0), &officer(0), county.partnerships[0].id, cycle.id, None).await.done();
    let again = sent_in(store, cycle, county.scope_of(0), &officer(0), new(0, 3)).await.done();
    assert_eq!((again.id, again.revision, again.state), (made.id, 3, ReturnState::Submitted));

    // Closed since it was read.
    bed.close(&county).await;
    sent_in(store, cycle, county.scope_of(2), &officer(2), new(2, 1)).await.refused();
    assert!(store.find_return(county.scope_of(2), county.partnerships[2].id, cycle.id).await.done().is_none());
}

pub(crate) async fn a_timetable_that_moved_since_the_cycle_was_read_counts(bed: &Bed) {
    let county = opened(bed, "north").await;
    let (store, cycle) = (&bed.store, &county.cycle);
    let now = cycle.timetable.opens_at + chrono::TimeDelta::hours(1);
    assert!(cycle.timetable.closed_to_new_at > now);
    let timetable = csp_domain::calendar::Timetable { deadline_at: now, closed_to_new_at: now, ..cycle.timetable };
    let by = Act { at: cycle.timetable.opens_at, ..bed.by(&county.administrator) };
    let moved = store.update_timetable(county.scope(), &by, cycle.id, timetable, None).await.done();
    assert_eq!(moved.state, CycleState::Open);

    let late = Act { at: now + chrono::TimeDelta::seconds(1), ..bed.by(&county.officers[0]) };
    let new = bed.new_return(&county, 0, vec![county.burglary(1)]);
    sent_in(store, cycle, county.scope_of(0), &late, new.clone()).await.refused();
    assert!(store.find_return(county.scope_of(0), county.partnerships[0].id, cycle.id).await.done().is_none());
    let in_time = Act { at: now, ..late };
    sent_in(store, cycle, county.scope_of(0), &in_time, new).await.done();
}

pub(crate) async fn a_unit_by_itself_and_units_of_many_statements_share_a_group_and_fail_alone(bed: &Bed) {
    let mut county = opened(bed, "north").await;
    // Sixteen partnerships more, and eight of them have sent something in already.
    let mut partnerships = county.partnerships.clone();
    for n in 0..16 {
        partnerships.push(bed.partnership(county.scope(), &format!("more-{n}")).await);
    }
    let committee = bed.committee(county.scope(), "scrutiny", &partnerships, &county.indicators).await;
    let cycle = bed.cycle(county.scope(), &committee, "2021-q3").await;
    assert!(bed.store.advance_cycle(county.scope(), &bed.by_schedule(), cycle.id, Job::Open, cycle.timetable.opens_at).await.done());
    county.cycle = bed.store.get_cycle(county.scope(), cycle.id).await.done();
    county.partnerships.clone_from(&partnerships);
    let officer = county.officers[0].clone();
    let scope = county.scope();
    let send = |n: usize| {
        let (store, cycle, act) = (bed.store.clone(), county.cycle.clone(), bed.by(&officer));
        let new = bed.new_return(&county, n, vec![county.burglary(1)]);
        async move { sent_in(&store, &cycle, scope, &act, new).await.map(|_| ()) }
    };
    for n in 0..8 {
        send(n).await.done();
    }
    // The neighbour's address is taken by every fourth.
    let enter = |n: usize| {
        let email = format!("person-{}@example.org", if n % 4 == 3 { n - 1 } else { n }).parse().expect("this is an address");
        let new = NewPerson { email, ..bed.new_person(&format!("person-{n}")) };
        let (store, act) = (bed.store.clone(), bed.by_schedule());
        async move { store.create_person(scope, &act, new).await.map(|_| ()) }
    };
    let mut calls: Vec<Call> = Vec::new();
    for n in 0..16 {
        calls.push(Box::pin(send(n)));
        calls.push(Box::pin(enter(n)));
    }
    let ended = at_once(calls).await;
    for (n, pair) in ended.chunks(2).enumerate() {
        let [sent, entered] = pair else { panic!("two of each") };
        assert_eq!(sent.is_ok(), n >= 8, "{n}: {sent:?}");
        assert!(bed.store.find_return(scope, county.partnerships[n].id, county.cycle.id).await.done().is_some(), "{n}");
        let known = bed.store.find_person(scope, &csp_tests::slug(&format!("person-{n}"))).await;
        assert_eq!(known.is_ok(), entered.is_ok(), "{n}: {entered:?}");
    }
    assert_eq!(ended.iter().filter(|one| one.is_err()).count(), 8 + 4);
}
