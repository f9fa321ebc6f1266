//! Making things: once, as a whole, and under the name that was given.

use csp_domain::{
    Act, Scope,
    act::Request,
    committee::Member,
    news::NewsOwner,
    observation::Answer,
    person::{NewPerson, Role, RoleGrant},
    token::NewToken,
};
use csp_store::{AuditFilter, NewsChange, Page, Refusal, StoreError};
use csp_tests::{Bed, line, slug};

use crate::verdict::{Verdict as _, at_once};

pub(crate) async fn what_there_is_cannot_be_made_again(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, store) = (county.scope(), bed.by_schedule(), &bed.store);
    let elsewhere = |name: &str| format!("{name}@example.net").parse().expect("this is an address");
    let before = bed.raw().everything().await;

    let region =
        csp_domain::region::NewRegion { id: bed.id(), slug: slug("north"), name: line("Another"), zone: chrono_tz::Europe::London };
    store.create_region(&act, region).await.exists_already();
    store.create_partnership(scope, &act, bed.new_partnership("gateshead")).await.exists_already();
    let same_code =
        csp_domain::partnership::NewPartnership { ons_code: county.partnerships[0].ons_code.clone(), ..bed.new_partnership("another") };
    store.create_partnership(scope, &act, same_code).await.exists_already();
    store.create_person(scope, &act, NewPerson { email: elsewhere("a"), ..bed.new_person("editor") }).await.exists_already();
    store.create_person(scope, &act, NewPerson { slug: slug("another"), ..bed.new_person("editor") }).await.exists_already();
    let (id, email) = (county.approver.id, Some(county.editor.email.clone()));
    store.update_person(scope, &act, id, None, email, None).await.exists_already();
    let indicator = csp_domain::indicator::NewIndicator {
        id: bed.id(),
        owner: None,
        slug: slug("burglary"),
        name: line("Another"),
        unit: csp_domain::indicator::Unit::Days,
        polarity: csp_domain::indicator::Polarity::Neither,
        source: line("Another"),
        definition: csp_domain::indicator::Definition::default(),
    };
    store.create_indicator(scope, &act, indicator).await.exists_already();
    store.create_committee(scope, &act, bed.new_committee("citizen-focus", &[], &[])).await.exists_already();
    store.create_cycle(scope, &act, bed.new_cycle(&county.committee, "2021-q3")).await.exists_already();
    assert!(!store.plan_cycle(scope, &act, bed.new_cycle(&county.committee, "2021-q3")).await.done(), "it is planned already");
    assert_eq!(bed.raw().everything().await, before);

    let officer = &county.officers[0];
    let new = bed.new_return(&county, 0, vec![county.burglary(1), county.burglary(2)]);
    store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await.exists_already();
    bed.submit(&county, 0, 1).await;
    let again = bed.new_return(&county, 0, vec![county.burglary(2)]);
    store.create_return(county.scope_of(0), &bed.by(officer), officer.id, again).await.exists_already();

    let (token, secret) = bed.token(scope, officer).await;
    let twin = NewToken::whole(bed.id(), &secret, officer.id, line("laptop"), token.expires_at);
    store.create_token(scope, &act, twin).await.exists_already();
}

pub(crate) async fn the_same_names_are_free_in_another_region_and_another_committee(bed: &Bed) {
    let north = bed.county("north").await;
    let south = bed.county("south").await;
    assert_eq!((&north.cycle.slug, &north.committee.slug), (&south.cycle.slug, &south.committee.slug));
    assert_eq!(north.partnerships[0].ons_code, south.partnerships[0].ons_code);
    let other = bed.committee(north.scope(), "scrutiny", &north.partnerships, &north.indicators).await;
    bed.cycle(north.scope(), &other, "2021-q3").await;
}

pub(crate) async fn identifiers_that_differ_in_case_alone_stay_apart(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act) = (county.scope(), bed.by_schedule());
    let mut owners = Vec::new();
    for (name, address, public_id) in [("first", "Ann.Lee@example.org", "AbCdEf012345"), ("second", "ann.lee@example.org", "aBcDeF012345")]
    {
        let email = address.parse().expect("this is an address");
        let person = bed.store.create_person(scope, &act, NewPerson { email, ..bed.new_person(name) }).await.done();
        let public_id = public_id.to_owned();
        let new = NewToken { public_id: public_id.clone(), ..bed.new_token(&person).0 };
        bed.store.create_token(scope, &act, new).await.done();
        owners.push((public_id, person));
    }
    for (public_id, person) in &owners {
        let found = bed.store.credential(public_id).await.done().expect("the token is known");
        assert_eq!(found.person, *person);
        // An import knows people by their addresses.
        let row = (
            NewPerson { email: person.email.clone(), ..bed.new_person("unused") },
            Member { id: bed.id(), person: bed.id(), starts_on: bed.today(), ends_on: None, revision: 1 },
        );
        let (made, entered) = bed.store.import_members(scope, &act, county.committee.id, vec![row]).await.done();
        assert_eq!((made[0].1.id, entered), (person.id, 0));
    }
    assert!(bed.store.credential("ABCDEF012345").await.done().is_none());
}

pub(crate) async fn a_unit_that_fails_fails_alone(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    // Two hundred at once; every fourth has the address of the one before it.
    let everybody: Vec<NewPerson> = (0..200)
        .map(|n| {
            let email = format!("person-{}@example.org", if n % 4 == 3 { n - 1 } else { n }).parse().expect("this is an address");
            NewPerson { email, ..bed.new_person(&format!("person-{n}")) }
        })
        .collect();
    let before = bed.store.list_audit(scope, AuditFilter::default(), Page::all()).await.done().items.len();
    let mut ended = Vec::new();
    for wave in everybody.chunks(40) {
        let entries = wave.iter().map(|new| {
            let (store, act, new) = (bed.store.clone(), act.clone(), new.clone());
            async move { store.create_person(scope, &act, new).await }
        });
        ended.extend(at_once(entries.collect()).await);
    }
    let mut entered = 0;
    for (n, (new, ended)) in everybody.iter().zip(ended).enumerate() {
        let found = bed.store.find_person(scope, &new.slug).await;
        match ended {
            Ok(person) => {
                entered += 1;
                assert_eq!(found.done(), person, "what was said to be done is done");
            }
            Err(StoreError::AlreadyExists(_)) => {
                assert!(n % 4 >= 2, "nobody has the address of {}", new.slug);
                found.not_found();
            }
            Err(other) => panic!("person {n}: {other:?}"),
        }
    }
    assert_eq!(entered, 150, "one of each pair, and everybody else");
    assert_eq!(bed.store.list_audit(scope, AuditFilter::default(), Page::all()).await.done().items.len() - before, 150);
}

pub(crate) async fn a_batch_that_fails_half_way_leaves_nothing(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act, store) = (county.scope(), bed.by(&county.administrator), &bed.store);
    let before = bed.raw().everything().await;
    let row = |name: &str, ends_on| {
        let member = Member { id: bed.id(), person: bed.id(), starts_on: bed.today(), ends_on, revision: 1 };
        (bed.new_person(name), member)
    };

    // The third row's term ends before it begins; in the other batch the third person has another's short name.
    let rows = vec![row("ann", None), row("ben", None), row("cat", bed.today().pred_opt()), row("dan", None)];
    let refused = store.import_members(scope, &act.clone().under(Some(bed.request("import"))), county.committee.id, rows).await.refused();
    assert_eq!(refused, Refusal::EndsBeforeStart);
    let mut rows = vec![row("ann", None), row("ben", None), row("cat", None)];
    rows[2].0.slug = slug("editor");
    store.import_members(scope, &act, county.committee.id, rows).await.exists_already();

    let mut committee = bed.new_committee("scrutiny", &county.partnerships, &county.indicators);
    committee.indicators.push(bed.id());
    store.create_committee(scope, &act.clone().under(Some(bed.request("committee"))), committee).await.not_found();

    let figures = vec![county.burglary(1), csp_domain::observation::Figure { answer: Answer::Nil, ..county.burglary(1) }];
    let (officer, new) = (&county.officers[0], bed.new_return(&county, 0, figures));
    store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await.exists_already();
    assert_eq!(bed.raw().everything().await, before);

    // A committee keeps what it had when its new order is refused.
    let change = csp_store::CommitteeChange {
        name: Some(line("Renamed")),
        partnerships: Some(vec![county.partnerships[1].id]),
        indicators: Some(vec![bed.id()]),
        ..csp_store::CommitteeChange::default()
    };
    store.update_committee(scope, &act, county.committee.id, change, None).await.not_found();
    assert_eq!(bed.raw().everything().await, before);

    let rows = vec![row("ann", None), row("editor", None)];
    let (made, entered) = store.import_members(scope, &act, county.committee.id, rows).await.done();
    assert_eq!((made.len(), entered), (2, 1), "the editor is known by their address");
}

pub(crate) async fn a_create_repeated_answers_what_it_made_and_another_under_its_name_is_refused(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, store) = (county.scope(), &bed.store);
    // Each of these is called three times: twice with the same request, once with the same name for another.
    macro_rules! repeated {
        ($person:expr, |$act:ident| $call:expr) => {{
            let request = bed.request("the first body");
            let other = Request { fingerprint: bed.request("another body").fingerprint, ..request.clone() };
            let act = |request: &Request| bed.by($person).under(Some(request.clone()));
            let $act = &act(&request);
            let made = $call.await.done();
            let after = bed.raw().everything().await;
            bed.clock.advance(chrono::TimeDelta::seconds(30));
            let $act = &act(&request);
            assert_eq!($call.await.done(), made);
            let $act = &act(&other);
            assert!(matches!($call.await, Err(StoreError::RequestReused)));
            assert_eq!(bed.raw().everything().await, after);
            made
        }};
    }
    let (administrator, officer) = (&county.administrator, &county.officers[0]);
    let partnership = repeated!(administrator, |act| store.create_partnership(scope, act, bed.new_partnership("newcastle")));
    let person = repeated!(administrator, |act| store.create_person(scope, act, bed.new_person("newcomer")));
    let indicator = csp_domain::indicator::NewIndicator {
        id: bed.id(),
        owner: None,
        slug: slug("robbery"),
        name: line("Robbery"),
        unit: csp_domain::indicator::Unit::Count,
        polarity: csp_domain::indicator::Polarity::LowerIsBetter,
        source: line("Police-recorded crime"),
        definition: csp_domain::indicator::Definition::default(),
    };
    repeated!(administrator, |act| store.create_indicator(scope, act, indicator.clone()));
    repeated!(administrator, |act| store.create_target(scope, act, bed.new_target(&county, None, 700)));
    repeated!(administrator, |act| store.create_context_note(scope, act, bed.new_context_note()));
    let grant = || RoleGrant {
        id: bed.id(),
        person: person.id,
        role: Role::Lead(partnership.id),
        deputy: false,
        starts_on: bed.today(),
        ends_on: None,
    };
    repeated!(administrator, |act| store.create_role_grant(scope, act, grant()));
    let committee =
        repeated!(administrator, |act| store.create_committee(scope, act, bed.new_committee("scrutiny", &county.partnerships, &[])));
    let term = || Member { id: bed.id(), person: person.id, starts_on: bed.today(), ends_on: None, revision: 1 };
    repeated!(administrator, |act| store.create_member(scope, act, committee.id, term()));
    repeated!(administrator, |act| store.create_cycle(scope, act, bed.new_cycle(&committee, "2021-q3")));
    let own = county.scope_of(0);
    repeated!(officer, |act| store.create_news_item(own, act, officer.id, bed.new_news(&county, county.owner(0), "News")));
    repeated!(officer, |act| store.create_return(own, act, officer.id, bed.new_return(&county, 0, vec![county.burglary(1)])));
    let new = bed.region("west").await;
    let system = Scope::Region(new.id);
    let keeper = bed.person(system, "keeper").await;
    repeated!(&keeper, |act| store.create_region(
        act,
        csp_domain::region::NewRegion { id: bed.id(), slug: slug("east"), name: line("East"), zone: chrono_tz::Europe::London }
    ));
    bed.close(&county).await;
    repeated!(&county.editor, |act| store.freeze_digest(scope, act, bed.new_digest(&county, "Update")));
}

pub(crate) async fn a_token_and_an_import_are_not_shown_twice(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, store) = (county.scope(), &bed.store);
    let act = bed.by(&county.administrator).under(Some(bed.request("a token")));
    let new = || bed.new_token(&county.editor).0;
    store.create_token(scope, &act, new()).await.done();
    store.create_token(scope, &act, new()).await.exists_already();
    assert_eq!(store.list_tokens(scope, county.editor.id, Page::all()).await.done().items.len(), 1);

    let act = bed.by(&county.administrator).under(Some(bed.request("an import")));
    let rows = || {
        let member = Member { id: bed.id(), person: bed.id(), starts_on: bed.today(), ends_on: None, revision: 1 };
        vec![(bed.new_person("newcomer"), member)]
    };
    store.import_members(scope, &act, county.committee.id, rows()).await.done();
    store.import_members(scope, &act, county.committee.id, rows()).await.exists_already();
}

pub(crate) async fn a_requests_name_belongs_to_whoever_chose_it(bed: &Bed) {
    let county = bed.county("north").await;
    let request = bed.request("a person");
    let mut made = Vec::new();
    for (n, caller) in [&county.administrator, &county.editor].into_iter().enumerate() {
        let act = bed.by(caller).under(Some(request.clone()));
        made.push(bed.store.create_person(county.scope(), &act, bed.new_person(&format!("person-{n}"))).await.done());
    }
    assert_ne!(made[0].id, made[1].id);
}

pub(crate) async fn the_same_request_many_times_at_once_is_one_create(bed: &Bed) {
    let county = bed.county("north").await;
    let scope = county.scope();
    for round in 0..10 {
        let act = bed.by(&county.administrator).under(Some(bed.request("a person")));
        let calls = (0..8).map(|_| {
            let (store, act, new) = (bed.store.clone(), act.clone(), bed.new_person(&format!("person-{round}")));
            async move { store.create_person(scope, &act, new).await }
        });
        let ended: Vec<_> = at_once(calls.collect()).await.into_iter().map(crate::verdict::Verdict::done).collect();
        assert!(ended.iter().all(|person| person.id == ended[0].id), "all are answered the same");
    }
}

pub(crate) async fn a_dry_run_judges_everything_and_changes_nothing(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, own, store) = (county.scope(), county.scope_of(0), &bed.store);
    let dry = |act: Act| Act { dry_run: true, ..act };
    let (act, officer) = (&dry(bed.by(&county.administrator).under(Some(bed.request("a body")))), &county.officers[0]);
    let by_officer = &dry(bed.by(officer));
    let (token, _) = bed.token(scope, officer).await;
    let grant = bed.grant(scope, officer, Role::Lead(county.partnerships[0].id)).await;
    let member = bed.member(scope, &county.committee, officer).await;
    bed.submit(&county, 0, 1).await;
    let item = bed.tell(&county, 0, "News").await;
    let target = store.create_target(scope, &bed.by_schedule(), bed.new_target(&county, None, 230)).await.done();
    let note = store.create_context_note(scope, &bed.by_schedule(), bed.new_context_note()).await.done();
    let mut before = bed.raw().everything().await;
    macro_rules! dry {
        ($($call:expr;)*) => {$(
            $call.await.done();
            assert_eq!(bed.raw().everything().await, before, "{}", stringify!($call));
        )*};
    }
    let region = csp_domain::region::NewRegion { id: bed.id(), slug: slug("west"), name: line("West"), zone: chrono_tz::Europe::London };
    let indicator = csp_domain::indicator::NewIndicator {
        id: bed.id(),
        owner: None,
        slug: slug("robbery"),
        name: line("Robbery"),
        unit: csp_domain::indicator::Unit::Count,
        polarity: csp_domain::indicator::Polarity::LowerIsBetter,
        source: line("Police-recorded crime"),
        definition: csp_domain::indicator::Definition::default(),
    };
    let (new_token, _) = bed.new_token(officer);
    let term = || Member { id: bed.id(), person: officer.id, starts_on: bed.today(), ends_on: None, revision: 1 };
    let new_grant = RoleGrant { id: bed.id(), role: Role::Lead(county.partnerships[1].id), ..grant.clone() };
    let renamed = || Some(line("Renamed"));
    let named = || csp_store::CommitteeChange { name: renamed(), ..csp_store::CommitteeChange::default() };
    let mut timetable = county.cycle.timetable;
    timetable.publication_at += chrono::TimeDelta::hours(1);
    let deadline_at = county.cycle.timetable.deadline_at;
    dry! {
        store.create_region(act, region.clone());
        store.update_region(scope, act, renamed(), None, None);
        store.delete_region(act, county.region.id, county.region.revision);
        store.create_partnership(scope, act, bed.new_partnership("newcastle"));
        store.update_partnership(scope, act, county.partnerships[0].id, renamed(), None);
        store.create_person(scope, act, bed.new_person("newcomer"));
        store.update_person(scope, act, officer.id, renamed(), None, None);
        store.create_role_grant(scope, act, new_grant.clone());
        store.end_role_grant(scope, act, grant.id, bed.today());
        store.create_token(scope, act, new_token.clone());
        store.revoke_token(scope, act, token.id);
        store.create_indicator(scope, act, indicator.clone());
        store.update_indicator(scope, act, county.indicators[0].id, csp_store::IndicatorChange { name: renamed(), ..Default::default() }, None);
        store.create_target(scope, act, bed.new_target(&county, Some(0), 700));
        store.end_target(scope, act, target.id, (bed.today(), line("A new plan was agreed")), None);
        store.create_context_note(scope, act, bed.new_context_note());
        store.remove_context_note(scope, act, note.id, line("The dates were wrong"), None);
        store.import_populations(scope, act, vec![csp_domain::measure::population::NewEstimate {
            id: bed.id(),
            ons_code: county.partnerships[0].ons_code.clone(),
            mid_year: 2020,
            people: 201_950,
            source: line("ONS"),
        }]);
        store.create_committee(scope, act, bed.new_committee("scrutiny", &county.partnerships, &county.indicators));
        store.update_committee(scope, act, county.committee.id, named(), None);
        store.create_member(scope, act, county.committee.id, term());
        store.import_members(scope, act, county.committee.id, vec![(bed.new_person("newcomer"), term())]);
        store.update_member(scope, act, county.committee.id, member.id, Some(bed.today()), None, None);
        store.create_cycle(scope, act, bed.new_cycle(&county.committee, "2021-q4"));
        store.plan_cycle(scope, act, bed.new_cycle(&county.committee, "2021-q4"));
        store.advance_cycle(scope, act, county.cycle.id, csp_store::Job::Open, county.cycle.timetable.opens_at);
        store.update_timetable(scope, act, county.cycle.id, timetable, None);
        store.cancel_cycle(scope, act, county.cycle.id, None);
        store.create_news_item(own, by_officer, officer.id, bed.new_news(&county, county.owner(0), "More news"));
        store.update_news_item(own, by_officer, officer.id, county.owner(0), item.id, NewsChange { headline: renamed(), ..NewsChange::default() }, None);
        store.withdraw_news_item(own, by_officer, county.owner(0), item.id, None);
        store.create_return(county.scope_of(1), by_officer, officer.id, bed.new_return(&county, 1, vec![county.burglary(1)]));
        store.update_return(own, by_officer, officer.id, bed.new_return(&county, 0, vec![county.burglary(2)]), None);
        store.withdraw_return(own, by_officer, county.partnerships[0].id, county.cycle.id, None);
        store.step_return(own, by_officer, county.administrator.id, crate::signoff::step(&county, 0, csp_domain::signoff::Deed::Sign));
    }
    // Judged as if it were meant.
    store.create_person(scope, act, bed.new_person("editor")).await.exists_already();
    store.create_return(own, by_officer, officer.id, bed.new_return(&county, 0, Vec::new())).await.exists_already();
    let foreign = bed.new_news(&county, NewsOwner::Partnership(county.partnerships[1].id), "News");
    store.create_news_item(own, by_officer, officer.id, foreign).await.not_found();

    bed.close(&county).await;
    before = bed.raw().everything().await;
    dry! {
        store.freeze_first_digest(scope, act, bed.new_digest(&county, "Update"), deadline_at);
        store.freeze_digest(scope, act, bed.new_digest(&county, "Update"));
    }
    let digest = bed.freeze(&county, "Update").await;
    before = bed.raw().everything().await;
    dry! { store.approve_digest(scope, act, county.approver.id, digest.id, digest.hashes()); }
    let digest = bed.approve(&county, &digest).await;
    before = bed.raw().everything().await;
    dry! { store.end_cooling_off(scope, act, county.approver.id, digest.id, csp_tests::line("Clear days."), None); }
    bed.clock.set(county.cycle.timetable.publication_at);
    before = bed.raw().everything().await;
    let act = &Act { at: bed.now(), ..act.clone() };
    dry! {
        store.release(scope, act, bed.new_release(&county, &digest));
        store.queue_messages(scope, act, Bed::BODY.to_vec(), vec![bed.new_message(csp_domain::message::MessageKind::Notice, bed.id(), officer)]);
    }
    bed.release(&county, &digest).await;
    let claimed = store.claim_messages(bed.now(), bed.now() + chrono::TimeDelta::hours(1), 1).await.done().remove(0);
    before = bed.raw().everything().await;
    dry! { store.settle(&claimed, act, csp_domain::message::Outcome::Refused { reply: "no".to_owned() }); }
    assert!(store.settle(&claimed, &bed.by_schedule(), csp_domain::message::Outcome::Refused { reply: "no".to_owned() }).await.done());
    before = bed.raw().everything().await;
    dry! { store.retry_message(scope, act, claimed.id); }
}
