//! What a server remembers of a region, it uses only as long as the database says so: a change counts at the next call, whoever
//! made it, and on every server.

use std::sync::Arc;

use csp_domain::{
    committee::Committee,
    cycle::Cycle,
    id::PartnershipId,
    person::{Person, Role},
};
use csp_store::{CommitteeChange, Credential, Engine, Sight, Store};
use csp_tests::{Bed, County, Raw, line};

use crate::verdict::{Hidden as _, Verdict as _};

/// Another server on the same database. SQLite has one server only.
async fn elsewhere(bed: &Bed) -> Store {
    match bed.engine() {
        Engine::Sqlite => bed.store.clone(),
        Engine::Postgres => bed.second_store(Arc::new(csp_domain::chance::SeededChance::new(2))).await,
    }
}

async fn recognised(store: &Store, public_id: &str) -> (Arc<Credential>, Sight) {
    store.recognise(public_id).await.done().expect("the token is known")
}

/// Changes a row as nobody should: so that no revision tells of it.
async fn past_the_triggers(bed: &Bed, table: &str, change: &str) {
    match bed.raw() {
        // The writer has not written since, so it has not looked.
        raw @ Raw::Sqlite(_) => drop(raw.execute(&format!("UPDATE {table} SET {change}")).await),
        raw @ Raw::Postgres(_) => {
            raw.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
            raw.execute(&format!("UPDATE {table} SET {change}")).await;
            raw.execute(&format!("ALTER TABLE {table} ENABLE TRIGGER USER")).await;
        }
    }
}

pub(crate) async fn a_token_that_was_taken_away_is_known_as_such_at_the_next_call_everywhere(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (token, secret) = bed.token(county.scope(), &county.officers[0]).await;
    let there = elsewhere(bed).await;
    for store in [&bed.store, &there, &bed.store, &there] {
        assert!(recognised(store, secret.id()).await.0.token.revoked_at.is_none());
    }
    bed.store.revoke_token(county.scope(), &bed.by(&county.administrator), token.id).await.done();
    for store in [&bed.store, &there] {
        assert_eq!(recognised(store, secret.id()).await.0.token.revoked_at, Some(bed.now()));
    }
    assert!(there.recognise("0123456789ab").await.done().is_none(), "a stranger's token is nobody's");
}

pub(crate) async fn a_role_that_was_given_or_ended_counts_at_the_next_call_everywhere(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let officer = &county.officers[0];
    let (_, secret) = bed.token(county.scope(), officer).await;
    let there = elsewhere(bed).await;
    let roles = |credential: &Credential| credential.grants.iter().filter(|grant| grant.holds_on(bed.today())).count();
    assert_eq!(roles(&recognised(&there, secret.id()).await.0), 1);
    let given = bed.grant(county.scope(), officer, Role::Lead(county.partnerships[1].id)).await;
    assert_eq!(roles(&recognised(&there, secret.id()).await.0), 2);
    bed.store.end_role_grant(county.scope(), &bed.by(&county.administrator), given.id, bed.today()).await.done();
    assert_eq!(roles(&recognised(&there, secret.id()).await.0), 1);
    assert_eq!(roles(&recognised(&bed.store, secret.id()).await.0), 1);
}

/// What one look at a county shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct View {
    region: String,
    owner: String,
    partnership: [String; 2],
    committee: [Committee; 2],
    cycle: [Cycle; 2],
    person: Person,
    indicators: Vec<String>,
}

async fn look(store: &Store, county: &County, public_id: &str) -> View {
    let (credential, sight) = recognised(store, public_id).await;
    let seen = store.seen(county.region.id, Some(&sight));
    let (partnership, committee, cycle) = (&county.partnerships[0], &county.committee, &county.cycle);
    let mut indicators: Vec<String> = seen.catalogue().await.done().values().map(|indicator| indicator.name.to_string()).collect();
    indicators.sort_unstable();
    View {
        region: credential.region.name.to_string(),
        owner: credential.person.name.to_string(),
        partnership: [
            seen.partnership(&partnership.slug).await.done().name.to_string(),
            seen.partnership_by_id(partnership.id).await.done().name.to_string(),
        ],
        committee: [(*seen.committee(&committee.slug).await.done()).clone(), (*seen.committee_by_id(committee.id).await.done()).clone()],
        cycle: [(*seen.cycle(committee.id, &cycle.slug).await.done()).clone(), (*seen.cycle_by_id(cycle.id).await.done()).clone()],
        person: (*seen.person(county.editor.id).await.done()).clone(),
        indicators,
    }
}

pub(crate) async fn whatever_is_changed_is_seen_at_the_next_call_everywhere(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    let (_, secret) = bed.token(scope, &county.officers[0]).await;
    let there = elsewhere(bed).await;
    let mut last = look(&bed.store, &county, secret.id()).await;
    assert_eq!(look(&there, &county, secret.id()).await, last);

    let store = &bed.store;
    for change in 0..8 {
        match change {
            0 => drop(store.update_region(scope, &act, Some(line("Renamed")), None, None).await.done()),
            1 => drop(store.update_partnership(scope, &act, county.partnerships[0].id, Some(line("Renamed")), None).await.done()),
            2 => drop(store.update_person(scope, &act, county.editor.id, Some(line("Renamed")), None, None).await.done()),
            3 => drop(store.update_person(scope, &act, county.officers[0].id, Some(line("Renamed")), None, None).await.done()),
            4 => {
                let change = csp_store::IndicatorChange { name: Some(line("Renamed")), ..Default::default() };
                drop(store.update_indicator(scope, &act, county.indicators[0].id, change, None).await.done());
            }
            5 => {
                let fewer = CommitteeChange { partnerships: Some(vec![county.partnerships[1].id]), ..CommitteeChange::default() };
                drop(store.update_committee(scope, &act, county.committee.id, fewer, None).await.done());
            }
            6 => drop(bed.indicator(scope, "arson", csp_domain::indicator::Unit::Count).await),
            _ => drop(store.cancel_cycle(scope, &act, county.cycle.id, None).await.done()),
        }
        let now = look(&there, &county, secret.id()).await;
        assert_ne!(now, last, "change {change} is seen");
        assert_eq!(look(&bed.store, &county, secret.id()).await, now, "change {change} is seen by everybody");
        last = now;
    }
}

pub(crate) async fn a_change_in_the_midst_of_a_call_is_not_remembered_as_older_than_it_is(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (_, secret) = bed.token(county.scope(), &county.officers[0]).await;
    let (partnership, act) = (&county.partnerships[0], bed.by(&county.administrator));
    let (_, before) = recognised(&bed.store, secret.id()).await;
    bed.store.update_partnership(county.scope(), &act, partnership.id, Some(line("Renamed")), None).await.done();
    // Whoever looked before and reads only now may see the new name. Whoever looks after must.
    let read = bed.store.seen(county.region.id, Some(&before)).partnership(&partnership.slug).await.done();
    assert_eq!(read.name.as_str(), "Renamed");
    bed.store.update_partnership(county.scope(), &act, partnership.id, Some(line("Renamed again")), None).await.done();
    let read = bed.store.seen(county.region.id, Some(&before)).partnership(&partnership.slug).await.done();
    assert_eq!(read.name.as_str(), "Renamed again", "what was read at another revision was not remembered under that of the look");
}

pub(crate) async fn what_is_remembered_is_not_read_again(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (_, secret) = bed.token(county.scope(), &county.officers[0]).await;
    let before = look(&bed.store, &county, secret.id()).await;
    for (table, change) in [
        ("partnerships", "name = 'By hand'"),
        ("persons", "name = 'By hand'"),
        ("indicators", "name = 'By hand'"),
        ("committees", "name = 'By hand'"),
    ] {
        past_the_triggers(bed, table, change).await;
    }
    assert_eq!(look(&bed.store, &county, secret.id()).await, before, "it is memory that answers");
    // The next change of anything in the region has all of it read again.
    bed.partnership(county.scope(), "gateshead-two").await;
    let after = look(&bed.store, &county, secret.id()).await;
    assert_eq!((after.owner.as_str(), after.partnership[0].as_str(), after.committee[0].name.as_str()), ("By hand", "By hand", "By hand"));
}

pub(crate) async fn a_region_that_was_deleted_is_known_to_nobody(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let ((_, ours), (_, theirs)) = (bed.token(north.scope(), &north.editor).await, bed.token(south.scope(), &south.editor).await);
    let there = elsewhere(bed).await;
    for store in [&bed.store, &there] {
        recognised(store, ours.id()).await;
        recognised(store, theirs.id()).await;
    }
    bed.store.delete_region(&bed.by_schedule(), north.region.id, north.region.revision).await.done();
    for store in [&bed.store, &there] {
        assert!(store.recognise(ours.id()).await.done().is_none());
        recognised(store, theirs.id()).await;
    }
}

pub(crate) async fn a_look_at_one_region_shows_nothing_of_another(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let (_, secret) = bed.token(north.scope(), &north.editor).await;
    let (_, sight) = recognised(&bed.store, secret.id()).await;
    // Both have a partnership of the same name; what was read of one is never answered for the other.
    let ours = bed.store.seen(north.region.id, Some(&sight)).partnership(&north.partnerships[0].slug).await.done();
    let theirs = bed.store.seen(south.region.id, Some(&sight)).partnership(&south.partnerships[0].slug).await.done();
    assert_eq!((ours.id, theirs.id), (north.partnerships[0].id, south.partnerships[0].id));
    bed.store.seen(north.region.id, Some(&sight)).partnership_by_id(south.partnerships[0].id).await.not_found();
    bed.store.seen(north.region.id, Some(&sight)).committee_by_id(south.committee.id).await.not_found();
    bed.store.seen(north.region.id, Some(&sight)).person(south.editor.id).await.not_found();
}

pub(crate) async fn what_was_not_there_is_found_as_soon_as_it_is(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (_, secret) = bed.token(county.scope(), &county.editor).await;
    let (slug, id) = (csp_tests::slug("rothbury"), PartnershipId(bed.id()));
    let (_, sight) = recognised(&bed.store, secret.id()).await;
    bed.store.seen(county.region.id, Some(&sight)).partnership(&slug).await.not_found();
    bed.store.seen(county.region.id, Some(&sight)).partnership_by_id(id).await.not_found();
    let made = bed.partnership(county.scope(), "rothbury").await;
    let (_, sight) = recognised(&bed.store, secret.id()).await;
    assert_eq!(bed.store.seen(county.region.id, Some(&sight)).partnership(&slug).await.done().id, made.id);
}

pub(crate) async fn that_a_token_was_used_forgets_nothing(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (token, secret) = bed.token(county.scope(), &county.editor).await;
    let query = format!("SELECT known_revision FROM regions WHERE region_id = {}", bed.raw().literal(county.region.id));
    let (credential, _) = recognised(&bed.store, secret.id()).await;
    let before = bed.raw().number(&query).await;
    let every = chrono::TimeDelta::minutes(1);
    assert!(credential.noted.is_due(bed.now(), every), "it was never noted");
    bed.store.token_used(county.scope(), token.id, bed.now()).await.done();
    assert_eq!(bed.raw().number(&query).await, before);
    let again = recognised(&bed.store, secret.id()).await.0;
    assert_eq!((again.noted.is_due(bed.now(), every), again.noted.last()), (false, Some(bed.now())), "once in a minute, for all who ask");
    bed.clock.advance(every);
    assert!(again.noted.is_due(bed.now(), every));
}

pub(crate) async fn a_return_is_read_as_it_stands_whoever_changed_it_last(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let there = elsewhere(bed).await;
    let (partnership, cycle, scope) = (county.partnerships[0].id, county.cycle.id, county.scope_of(0));
    let find = |store: Store| async move { store.find_return(scope, partnership, cycle).await.done() };
    assert_eq!(find(there.clone()).await, None);
    let sent = bed.submit(&county, 0, 17).await;
    assert_eq!((find(there.clone()).await, find(bed.store.clone()).await), (Some(sent.clone()), Some(sent.clone())));
    assert_eq!(find(there.clone()).await, Some(sent.clone()), "what was made and what is read are the same, remembered or not");
    past_the_triggers(bed, "return_revisions", "remark = 'By hand'").await;
    assert_eq!(find(there.clone()).await, Some(sent.clone()), "it is memory that answers");
    let officer = &county.officers[0];
    for value in [18, 19] {
        let corrected = bed.new_return(&county, 0, vec![county.burglary(value)]);
        let corrected = bed.store.update_return(scope, &bed.by(officer), officer.id, corrected, None).await.done();
        assert_eq!((find(there.clone()).await, find(bed.store.clone()).await), (Some(corrected.clone()), Some(corrected)));
    }
    let taken_back = bed.store.withdraw_return(scope, &bed.by(officer), partnership, cycle, None).await.done();
    assert_eq!((find(there.clone()).await, find(there.clone()).await), (Some(taken_back.clone()), Some(taken_back)));
    // Sent in again under a request that names itself; its repetition finds it, and does not send it in a third time.
    let again = bed.new_return(&county, 0, vec![county.burglary(20)]);
    let act = bed.by(officer).under(Some(bed.request("again")));
    let sent_again = bed.store.create_return(scope, &act, officer.id, again.clone()).await.done();
    assert_eq!(sent_again.id, sent.id, "the same return, in a further revision");
    assert_eq!(bed.store.create_return(scope, &act, officer.id, again).await.done(), sent_again);
    assert_eq!(find(there.clone()).await, Some(sent_again));
    // What one may see is never answered to another.
    there.find_return(county.scope_of(1), partnership, cycle).await.map(Vec::from_iter).hidden(|_| true);
}

/// The connection on which revisions are learned is lost, and the server lets no other in; those of the units are well.
pub(crate) async fn a_lost_look_refuses_nobody(bed: &Bed) {
    let county = bed.county("north").await;
    let (_, secret) = bed.token(county.scope(), &county.officers[0]).await;
    for _ in 0..2 {
        recognised(&bed.store, secret.id()).await;
    }
    let database = bed.raw().texts("SELECT current_database()").await.remove(0);
    bed.raw().execute(&format!("ALTER DATABASE \"{database}\" CONNECTION LIMIT 0")).await;
    let looks =
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%known_revision%ANY%'";
    assert_eq!(bed.raw().number(&format!("SELECT COUNT(*) {looks}")).await, 1);
    assert_eq!(bed.raw().number(&format!("SELECT COUNT(pg_terminate_backend(pid)) {looks}")).await, 1);
    for _ in 0..3 {
        assert_eq!(recognised(&bed.store, secret.id()).await.0.person.id, county.officers[0].id);
    }
    bed.raw().execute(&format!("ALTER DATABASE \"{database}\" CONNECTION LIMIT -1")).await;
    recognised(&bed.store, secret.id()).await;
}
