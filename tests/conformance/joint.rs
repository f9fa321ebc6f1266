//! Joint items: who owns one, who has signed it, and when it is printed, on both engines.

use csp_domain::{
    chance::{Chance as _, SeededChance},
    id::{NewsItemId, PartnershipId},
    joint::{JointDeed, JointItem, JointOwner, JointState, JointTally, JointWhy, Signatory, after},
    news::{NewNewsItem, NewsItem, NewsState},
    person::{Person, Role},
    signoff::Hand,
    wording::WordingDeed,
};
use csp_store::{CommitteeChange, JointStep, NewsChange, Page, Refusal, StoreError};
use csp_tests::{Bed, County, line};

use crate::verdict::{Verdict as _, at_once};

/// A county whose second and third partnership have a lead.
pub(crate) async fn led_county(bed: &Bed, name: &str) -> (County, [Person; 2]) {
    let county = bed.county(name).await;
    let mut leads = Vec::new();
    for n in [1, 2] {
        let lead = bed.person(county.scope(), &format!("lead-{n}")).await;
        bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[n].id)).await;
        leads.push(lead);
    }
    let [first, second] = <[Person; 2]>::try_from(leads).expect("there are two");
    (county, [first, second])
}

pub(crate) fn ids(county: &County, others: &[usize]) -> Vec<PartnershipId> {
    others.iter().map(|n| county.partnerships[*n].id).collect()
}

/// News of the first partnership's, that others own too.
pub(crate) fn new_joint(bed: &Bed, county: &County, others: &[usize], headline: &str) -> NewNewsItem {
    NewNewsItem { joint: ids(county, others), ..bed.new_news(county, county.owner(0), headline) }
}

/// The first partnership's officer sends it in.
pub(crate) async fn tell(bed: &Bed, county: &County, others: &[usize], headline: &str) -> NewsItem {
    let officer = &county.officers[0];
    bed.store.create_news_item(county.scope_of(0), &bed.by(officer), officer.id, new_joint(bed, county, others, headline)).await.done()
}

async fn correct(bed: &Bed, county: &County, item: &NewsItem, change: NewsChange) -> Result<NewsItem, StoreError> {
    let officer = &county.officers[0];
    bed.store.update_news_item(county.scope_of(0), &bed.by(officer), officer.id, item.owner, item.id, change, None).await
}

fn headline(text: &str) -> NewsChange {
    NewsChange { headline: Some(line(text)), ..NewsChange::default() }
}

pub(crate) fn step(county: &County, n: usize, item: NewsItemId, deed: JointDeed) -> JointStep {
    JointStep {
        partnership: county.partnerships[n].id,
        item,
        deed,
        hands: Hand::ALL.to_vec(),
        reason: (deed == JointDeed::SendBack).then(|| line("Our wardens were there too.")),
        revision: None,
    }
}

/// Somebody who may act as anything takes a step for the `n`th partnership.
async fn take(bed: &Bed, county: &County, n: usize, by: &Person, item: NewsItemId, deed: JointDeed) -> Result<JointItem, StoreError> {
    bed.store.step_joint_item(county.scope(), &bed.by(by), by.id, step(county, n, item, deed)).await
}

async fn seen(bed: &Bed, county: &County, n: usize, item: NewsItemId) -> Result<JointItem, StoreError> {
    bed.store.get_joint_item(county.scope(), county.partnerships[n].id, item).await
}

async fn states(bed: &Bed, county: &County, item: NewsItemId) -> Vec<JointState> {
    seen(bed, county, 0, item).await.done().owners.iter().map(|owner| owner.state).collect()
}

#[track_caller]
fn why(refused: Result<JointItem, StoreError>) -> JointWhy {
    match refused.refused() {
        Refusal::Joint(refused) => refused.why,
        other => panic!("{other:?}"),
    }
}

/// The words of the paper as it would be frozen now; of some partnerships' part alone.
async fn paper(bed: &Bed, county: &County, only: Option<&[usize]>) -> String {
    let only = only.map(|only| ids(county, only));
    let edition = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, only).await.expect("the paper can be made");
    String::from_utf8(edition.bytes).expect("the tree is text")
}

pub(crate) async fn a_joint_item_keeps_its_owners_and_their_signatures(bed: &Bed) {
    let (county, [lead, _]) = led_county(bed, "north").await;
    let officer = &county.officers[0];
    let new = new_joint(bed, &county, &[2, 1], "Patrols on both banks");
    let made = bed.store.create_news_item(county.scope_of(0), &bed.by(officer), officer.id, new.clone()).await.done();
    assert_eq!(made.joint, ids(&county, &[2, 1]), "in the order in which they were named");
    assert_eq!(bed.store.get_news_item(county.scope_of(0), made.owner, made.id).await.done(), made);
    let plain = bed.tell(&county, 0, "Alone").await;
    let listed = csp_store::NewsFilter { owner: Some(made.owner), cycle: None };
    let listed = bed.store.list_news_items(county.scope_of(0), listed, Page::all()).await.done().items;
    assert_eq!(listed, [made.clone(), plain]);

    let owner = |n: usize, state, by: &Person, revision, reason| JointOwner {
        item: made.id,
        partnership: county.partnerships[n].id,
        first: county.partnerships[0].id,
        state,
        by: Some(by.id),
        at: bed.now(),
        reason,
        revision,
    };
    let waiting = |n| owner(n, JointState::Waiting, officer, 1, None);
    let wanted = JointItem {
        item: made.clone(),
        first: county.partnerships[0].id,
        first_state: JointState::Signed,
        owners: vec![waiting(2), waiting(1)],
    };
    for n in 0..3 {
        assert_eq!(seen(bed, &county, n, made.id).await.done(), wanted, "each owner sees the same");
    }
    let back = take(bed, &county, 1, &lead, made.id, JointDeed::SendBack).await.done();
    let reason = Some(line("Our wardens were there too."));
    assert_eq!(back.owners, [waiting(2), owner(1, JointState::SentBack, &lead, 2, reason)]);
    let signed = take(bed, &county, 1, &lead, made.id, JointDeed::Sign).await.done();
    assert_eq!(signed.owners, [waiting(2), owner(1, JointState::Signed, &lead, 3, None)]);
    let first = JointState::Signed;
    assert!(!signed.stands() && signed.first_state == first, "its first owner needs no signature here: it has no lead");
    for (of, cycle) in [(None, None), (Some(2), Some(county.cycle.id))] {
        let of = of.map(|n: usize| county.partnerships[n].id);
        let listed = bed.store.list_joint_items(county.scope(), of, cycle, Page::all()).await.done().items;
        assert_eq!(listed, std::slice::from_ref(&signed));
    }
}

pub(crate) async fn a_joint_item_is_printed_once_when_every_owner_has_signed(bed: &Bed) {
    let (county, [one, two]) = led_county(bed, "north").await;
    bed.submit(&county, 0, 7).await;
    let item = tell(bed, &county, &[1, 2], "Patrols on both banks").await;
    let [a, b, c] = [0, 1, 2].map(|n| county.partnerships[n].name.to_string());
    let now = paper(bed, &county, None).await;
    assert!(!now.contains("Patrols on both banks"), "{now}");
    let held = format!("A joint item with {b} and {c} is held out: not signed by {b} and {c}.");
    assert!(now.contains(&held) && !now.contains("No news was submitted"), "{now}");
    // Each owner sees in its own part how it will print, before it signs.
    for n in 0..3 {
        let own = paper(bed, &county, Some(&[n])).await;
        assert_eq!(own.matches("Joint item of").count(), 1, "{own}");
        assert!(
            own.contains("Patrols on both banks") && own.contains("It went well.") && own.contains("not signed by") == (n == 0),
            "{own}"
        );
    }

    take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.done();
    let now = paper(bed, &county, None).await;
    assert!(now.contains(&format!("A joint item with {b} and {c} is held out: not signed by {c}.")), "{now}");
    let status = bed.store.cycle_standing(county.scope(), county.cycle.id).await.done().0;
    let told: Vec<_> = status.iter().map(|standing| standing.joint).collect();
    let (held_out, waiting) = (JointTally { held_out: 1, ..Default::default() }, JointTally { waiting: 1, ..Default::default() });
    assert_eq!(told, [held_out, JointTally::default(), waiting]);

    take(bed, &county, 2, &two, item.id, JointDeed::Sign).await.done();
    let now = paper(bed, &county, None).await;
    assert_eq!(now.matches("It went well.").count(), 1, "printed once: {now}");
    assert!(now.contains(&format!("Joint item of {a}, {b} and {c}")) && !now.contains("held out"), "{now}");
    assert_eq!(now.matches(&format!("“Patrols on both banks”: printed under {a}.")).count(), 2, "{now}");

    // Whoever withdraws it takes it from all.
    let officer = &county.officers[0];
    bed.store.withdraw_news_item(county.scope_of(0), &bed.by(officer), item.owner, item.id, None).await.done();
    let now = paper(bed, &county, None).await;
    assert!(!now.contains("Patrols on both banks") && !now.contains("oint item"), "{now}");
    assert_eq!(seen(bed, &county, 1, item.id).await.done().item.state, NewsState::Withdrawn);
    assert_eq!(take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.refused(), Refusal::AlreadyWithdrawn);
    assert!(bed.store.list_open_joint(county.scope()).await.done().is_empty());
    correct(bed, &county, &item, headline("Patrols again")).await.done();
    assert_eq!(states(bed, &county, item.id).await, [JointState::Waiting; 2], "sent in again, it is signed again");
}

pub(crate) async fn whatever_changes_takes_the_signatures_away(bed: &Bed) {
    let (county, [one, two]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1, 2], "Patrols").await;
    let signed = [JointState::Signed; 2];
    let sign = async || {
        for (n, lead) in [(1, &one), (2, &two)] {
            take(bed, &county, n, lead, item.id, JointDeed::Sign).await.done();
        }
        assert_eq!(states(bed, &county, item.id).await, signed);
    };
    sign().await;
    let changed = correct(bed, &county, &item, headline("Patrols on both banks")).await.done();
    assert_eq!(states(bed, &county, item.id).await, [JointState::Waiting; 2]);
    // Nobody signs what they have not read, whether or not it was signed before.
    let read = seen(bed, &county, 1, item.id).await.done().owners[0].revision;
    correct(bed, &county, &changed, headline("Patrols on three banks")).await.done();
    let stale = JointStep { revision: Some(read), ..step(&county, 1, item.id, JointDeed::Sign) };
    bed.store.step_joint_item(county.scope(), &bed.by(&one), one.id, stale).await.changed();

    // Another wording that comes into print, or out of it, is another text; one that waits is not.
    sign().await;
    let now = bed.store.get_news_item(county.scope_of(0), item.owner, item.id).await.done();
    let waits = crate::wordings::propose(bed, &county, crate::wordings::of_news(bed, &county, 0, &now, "On three banks")).await.done();
    assert_eq!(states(bed, &county, item.id).await, signed);
    crate::wordings::answer(bed, &county, 0, &county.administrator, waits.id, WordingDeed::Accept).await.done();
    assert_eq!(states(bed, &county, item.id).await, [JointState::Waiting; 2]);
    let read = seen(bed, &county, 1, item.id).await.done();
    assert_eq!(read.item.headline, line("On three banks"), "what is signed is what is printed");
    assert_eq!(why(take(bed, &county, 1, &county.editor, item.id, JointDeed::Sign).await), JointWhy::Author, "who worded it wrote it");
    sign().await;
    crate::wordings::answer(bed, &county, 0, &county.administrator, waits.id, WordingDeed::Refuse).await.done();
    assert_eq!(states(bed, &county, item.id).await, [JointState::Waiting; 2]);
    sign().await;
    assert!(paper(bed, &county, None).await.contains("Patrols on three banks"));
}

pub(crate) async fn who_owns_it_is_named_by_the_first_owner_and_named_anew(bed: &Bed) {
    let (county, [one, two]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1], "Patrols").await;
    take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.done();
    let to = |others: &[usize]| NewsChange { joint: Some(ids(&county, others)), ..NewsChange::default() };
    let changed = correct(bed, &county, &item, to(&[2, 1])).await.done();
    assert_eq!(changed.joint, ids(&county, &[2, 1]));
    assert_eq!(states(bed, &county, item.id).await, [JointState::Waiting; 2], "with whom it is told is a part of what was signed");
    take(bed, &county, 2, &two, item.id, JointDeed::Sign).await.done();
    let changed = correct(bed, &county, &item, to(&[2])).await.done();
    assert_eq!(changed.joint, ids(&county, &[2]));
    seen(bed, &county, 1, item.id).await.not_found();
    take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.not_found();
    let again = correct(bed, &county, &item, to(&[1])).await.done();
    assert_eq!((again.joint, states(bed, &county, item.id).await), (ids(&county, &[1]), vec![JointState::Waiting]));
    // Of many who name another owner at once, one does.
    let naming = (0..6).map(|_| {
        let (store, act, item, to) = (bed.store.clone(), bed.by(&county.officers[0]), item.clone(), to(&[1, 2]));
        let (scope, by) = (county.scope_of(0), county.officers[0].id);
        async move { store.update_news_item(scope, &act, by, item.owner, item.id, to, None).await }
    });
    for named in crate::verdict::at_once(naming.collect()).await {
        assert!(matches!(named, Ok(_) | Err(StoreError::Changed(_))), "{named:?}");
    }
    assert_eq!(seen(bed, &county, 2, item.id).await.done().item.joint, ids(&county, &[1, 2]));
    // Who reports to the committee no more has no say in it.
    let still = vec![county.partnerships[0].id, county.partnerships[1].id];
    let change = csp_store::CommitteeChange { partnerships: Some(still), ..Default::default() };
    bed.store.update_committee(county.scope(), &bed.by_schedule(), county.committee.id, change, None).await.done();
    assert_eq!(take(bed, &county, 2, &two, item.id, JointDeed::SendBack).await.refused(), Refusal::NotOwed);
    let whole = Some(county.committee.partnerships.clone());
    let change = csp_store::CommitteeChange { partnerships: whole, ..Default::default() };
    bed.store.update_committee(county.scope(), &bed.by_schedule(), county.committee.id, change, None).await.done();
    let alone = correct(bed, &county, &item, to(&[])).await.done();
    assert!(alone.joint.is_empty());
    seen(bed, &county, 0, item.id).await.not_found();
    assert!(paper(bed, &county, None).await.contains("Patrols"), "it is the first owner's alone");

    // Only who reports to the committee, and could sign.
    let (officer, stranger) = (&county.officers[0], bed.partnership(county.scope(), "elsewhere").await);
    let of = |joint| NewNewsItem { joint, ..bed.new_news(&county, county.owner(0), "Refused") };
    let create = async |joint| bed.store.create_news_item(county.scope_of(0), &bed.by(officer), officer.id, of(joint)).await;
    assert_eq!(create(vec![stranger.id]).await.refused(), Refusal::NotOwed);
    let grants = bed.store.list_holders(county.scope(), Role::Lead(county.partnerships[2].id)).await.done();
    bed.store
        .end_role_grant(county.scope(), &bed.by(&county.administrator), grants[0].id, bed.today() - chrono::TimeDelta::days(1))
        .await
        .done();
    let nobody = create(ids(&county, &[1, 2])).await.refused();
    assert_eq!(nobody, Refusal::NobodySigns(vec![county.partnerships[2].name.clone()]));
    // The one lead they have is who sends it in, and so cannot sign it.
    let by_lead = bed.store.create_news_item(county.scope_of(0), &bed.by(&one), one.id, of(ids(&county, &[1]))).await;
    assert_eq!(by_lead.refused(), Refusal::NobodySigns(vec![county.partnerships[1].name.clone()]));
}

pub(crate) async fn nobody_signs_what_they_wrote_nor_the_first_owner_for_others(bed: &Bed) {
    let (county, [one, _]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1], "Patrols").await;
    for deed in [JointDeed::Sign, JointDeed::SendBack] {
        assert_eq!(take(bed, &county, 0, &county.administrator, item.id, deed).await.refused(), Refusal::FirstOwnerSigns);
        take(bed, &county, 2, &county.administrator, item.id, deed).await.not_found();
    }
    assert_eq!(why(take(bed, &county, 1, &county.officers[0], item.id, JointDeed::Sign).await), JointWhy::Author);
    // Also whoever wrote an earlier version.
    let by = &county.administrator;
    bed.store.update_news_item(county.scope(), &bed.by(by), by.id, item.owner, item.id, headline("Patrols, mended"), None).await.done();
    for writer in [by, &county.officers[0]] {
        assert_eq!(why(take(bed, &county, 1, writer, item.id, JointDeed::Sign).await), JointWhy::Author);
    }
    let officer = JointStep { hands: vec![Hand::Officer], ..step(&county, 1, item.id, JointDeed::Sign) };
    let refused = bed.store.step_joint_item(county.scope(), &bed.by(&one), one.id, officer).await;
    assert_eq!(why(refused), JointWhy::Role(&[Hand::Lead]));
    let open = bed.store.list_open_joint(county.scope()).await.done();
    assert_eq!((open.len(), open[0].writers.len(), open[0].headline.as_str()), (1, 2, "Patrols, mended"));
}

pub(crate) async fn what_is_frozen_prints_what_was_signed_by_then(bed: &Bed) {
    let (county, [one, two]) = led_county(bed, "north").await;
    let printed = tell(bed, &county, &[1], "Signed in time").await;
    let late = tell(bed, &county, &[1, 2], "Signed too late").await;
    for item in [&printed, &late] {
        take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.done();
    }
    bed.close(&county).await;
    let (act, due_at) = (bed.by_schedule(), county.cycle.timetable.deadline_at);
    let first = csp_edition::freeze_first(&bed.store, county.scope(), &act, bed.id(), county.cycle.id, due_at);
    let first = first.await.expect("it freezes").expect("once");
    let document = String::from_utf8(bed.store.get_public_document(county.scope(), first.id).await.done()).expect("text");
    assert!(document.contains("Signed in time") && !document.contains("Signed too late"), "{document}");
    assert!(document.contains("is held out: not signed by"), "{document}");
    assert_eq!(states(bed, &county, printed.id).await, [JointState::Frozen]);
    assert_eq!(why(take(bed, &county, 1, &one, printed.id, JointDeed::SendBack).await), JointWhy::Frozen);

    // What was held out goes on until the paper is out.
    assert_eq!(states(bed, &county, late.id).await, [JointState::Signed, JointState::Waiting]);
    take(bed, &county, 2, &two, late.id, JointDeed::Sign).await.done();
    let editor = &county.editor;
    let second =
        csp_edition::freeze(&bed.store, county.scope(), &bed.by(editor), bed.id(), county.cycle.id).await.expect("a second version");
    let document = String::from_utf8(bed.store.get_public_document(county.scope(), second.id).await.done()).expect("text");
    assert!(document.contains("Signed in time") && document.contains("Signed too late") && !document.contains("held out"), "{document}");
    assert_eq!(states(bed, &county, late.id).await, [JointState::Frozen; 2]);
}

pub(crate) async fn who_worded_what_is_held_out_wrote_nothing_that_is_printed(bed: &Bed) {
    let (county, [one, _]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1], "Patrols").await;
    let worded = crate::wordings::propose(bed, &county, crate::wordings::of_news(bed, &county, 0, &item, "On both banks")).await.done();
    crate::wordings::answer(bed, &county, 0, &county.administrator, worded.id, WordingDeed::Accept).await.done();
    let authors =
        async || csp_edition::preview(&bed.store, county.scope(), county.cycle.id, None).await.expect("the paper can be made").authors;
    assert!(!authors().await.contains(&worded.by), "whoever worded what nobody reads may approve the paper");
    take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.done();
    assert!(authors().await.contains(&worded.by));
}

pub(crate) async fn a_paper_is_not_frozen_with_signatures_that_changed_since_it_was_gathered(bed: &Bed) {
    let (county, [one, _]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1], "Patrols").await;
    bed.close(&county).await;
    // Gathered before the lead signs, frozen after.
    let gathered = (item.id, county.partnerships[1].id, 1);
    let new = csp_domain::digest::NewDigest { joint: vec![gathered], ..bed.new_digest(&county, "Update") };
    take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.done();
    let editor = bed.by(&county.editor);
    bed.store.freeze_digest(county.scope(), &editor, new.clone()).await.changed();
    let joint = vec![(item.id, county.partnerships[1].id, 2)];
    let new = csp_domain::digest::NewDigest { joint, joint_printed: vec![item.id], ..new };
    bed.store.freeze_digest(county.scope(), &editor, new).await.done();
    assert_eq!(states(bed, &county, item.id).await, [JointState::Frozen]);
}

pub(crate) async fn who_reports_no_more_is_not_asked_and_what_they_signed_stays(bed: &Bed) {
    let (county, [one, two]) = led_county(bed, "north").await;
    let signed = tell(bed, &county, &[1], "Signed before they left").await;
    take(bed, &county, 1, &one, signed.id, JointDeed::Sign).await.done();
    let waits = tell(bed, &county, &[1], "Never signed").await;
    assert_eq!(bed.store.list_open_joint(county.scope()).await.done().len(), 1);
    let change = CommitteeChange { partnerships: Some(ids(&county, &[0, 2])), ..CommitteeChange::default() };
    let act = bed.by(&county.administrator);
    bed.store.update_committee(county.scope(), &act, county.committee.id, change, None).await.done();
    let open = bed.store.list_open_joint(county.scope()).await.done();
    assert_eq!(open.iter().map(|joint| joint.owner.item).collect::<Vec<_>>(), [waits.id], "it is in the way until it is named no more");
    let now = paper(bed, &county, None).await;
    assert!(now.contains("Signed before they left") && !now.contains("Never signed"), "{now}");
    // The first owner names the owners anew.
    let alone = NewsChange { joint: Some(Vec::new()), ..NewsChange::default() };
    correct(bed, &county, &waits, alone).await.done();
    assert!(paper(bed, &county, None).await.contains("Never signed"));
    // The first owner leaves: nothing is printed under whoever is not in the paper.
    let with_them = tell(bed, &county, &[2], "With the third").await;
    take(bed, &county, 2, &two, with_them.id, JointDeed::Sign).await.done();
    assert!(paper(bed, &county, None).await.contains("With the third"));
    let change = CommitteeChange { partnerships: Some(ids(&county, &[1, 2])), ..CommitteeChange::default() };
    bed.store.update_committee(county.scope(), &act, county.committee.id, change, None).await.done();
    let now = paper(bed, &county, None).await;
    assert!(!now.contains("With the third") && !now.contains("printed under"), "{now}");
}

pub(crate) async fn what_its_first_owner_has_not_signed_is_said_to_be_held_out(bed: &Bed) {
    let (county, [one, _]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1], "Patrols").await;
    take(bed, &county, 1, &one, item.id, JointDeed::Sign).await.done();
    assert!(paper(bed, &county, None).await.contains("Patrols"));
    // What changes nothing takes nobody's signature away.
    let same = correct(bed, &county, &item, headline("Patrols")).await.done();
    assert_eq!((same.revision, states(bed, &county, item.id).await), (item.revision, vec![JointState::Signed]));
    // From now on its return must be signed, and there is none.
    let lead = bed.person(county.scope(), "their-lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[0].id)).await;
    let now = paper(bed, &county, None).await;
    let (first, second) = (&county.partnerships[0].name, &county.partnerships[1].name);
    assert!(now.contains(&format!("A joint item with {second} is held out: not signed by {first}.")), "{now}");
    assert!(!now.contains("Patrols"), "{now}");
}

pub(crate) async fn of_two_who_answer_for_one_owner_one_does(bed: &Bed) {
    let (county, [one, _]) = led_county(bed, "north").await;
    let deputy = bed.person(county.scope(), "deputy").await;
    bed.grant(county.scope(), &deputy, Role::Lead(county.partnerships[1].id)).await;
    for n in 0..6 {
        let item = tell(bed, &county, &[1], &format!("Item {n}")).await;
        let calls = [(JointDeed::Sign, &one), (JointDeed::SendBack, &deputy)].map(|(deed, by)| {
            let (store, act, scope, by) = (bed.store.clone(), bed.by(by), county.scope(), by.id);
            let step = JointStep { revision: Some(1), ..step(&county, 1, item.id, deed) };
            async move { store.step_joint_item(scope, &act, by, step).await }
        });
        let ended = at_once(calls.into()).await;
        assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
        for lost in ended.into_iter().filter(Result::is_err) {
            lost.changed();
        }
    }
}

pub(crate) async fn a_walk_at_random_with_a_joint_item_goes_where_the_machine_says(bed: &Bed) {
    let (county, [one, two]) = led_county(bed, "north").await;
    let people = [&one, &two, &county.officers[0], &county.editor];
    let chance = SeededChance::new(20_261_130);
    let pick = |most: usize| {
        let mut byte = [0_u8; 2];
        chance.fill(&mut byte);
        usize::from(u16::from_le_bytes(byte)) % most
    };
    let item = tell(bed, &county, &[1, 2], "Patrols").await;
    let mut known = [JointState::Waiting; 2];
    let owns = |state: &JointState| *state != JointState::Dropped;
    let (mut taken, mut refused, mut printed) = (0, 0, 0);
    for n in 0..300 {
        match pick(8) {
            0 => {
                correct(bed, &county, &item, headline(&format!("Patrols {n}"))).await.done();
                known.iter_mut().filter(|state| owns(state)).for_each(|state| *state = JointState::Waiting);
            }
            1 => {
                let others: Vec<usize> = [1, 2].into_iter().filter(|_| pick(4) > 0).collect();
                let to = NewsChange { joint: Some(ids(&county, &others)), ..NewsChange::default() };
                correct(bed, &county, &item, to).await.done();
                let before: Vec<usize> = [1, 2].into_iter().filter(|n| owns(&known[n - 1])).collect();
                // To name them as they are changes nothing.
                if others == before {
                    continue;
                }
                known = [1, 2].map(|n| if others.contains(&n) { JointState::Waiting } else { JointState::Dropped });
            }
            _ => {
                let at = pick(2);
                let deed = [JointDeed::Sign, JointDeed::Sign, JointDeed::SendBack][pick(3)];
                let by = people[pick(people.len())];
                let hands: Vec<Hand> = Hand::ALL.into_iter().filter(|_| pick(4) > 0).collect();
                let who = Signatory { hands: hands.clone(), writer: by.id == county.officers[0].id };
                let step = JointStep { hands, ..step(&county, at + 1, item.id, deed) };
                let found = bed.store.step_joint_item(county.scope(), &bed.by(by), by.id, step).await;
                if !owns(&known[at]) {
                    found.not_found();
                    refused += 1;
                    continue;
                }
                match (found, after(known[at], deed, &who)) {
                    (Ok(_), Ok(state)) => {
                        known[at] = state;
                        taken += 1;
                    }
                    (Err(StoreError::Refused(Refusal::Joint(found))), Err(wanted)) => {
                        assert_eq!(found, wanted);
                        refused += 1;
                    }
                    (found, wanted) => panic!("{deed:?} of {:?}: {found:?}, the machine says {wanted:?}", known[at]),
                }
            }
        }
        let owners: Vec<JointState> = known.into_iter().filter(owns).collect();
        if owners.is_empty() {
            seen(bed, &county, 0, item.id).await.not_found();
        } else {
            assert_eq!(states(bed, &county, item.id).await, owners);
        }
        if n % 10 == 0 {
            let prints = owners.iter().all(|state| state.stands());
            assert_eq!(paper(bed, &county, None).await.contains("It went well."), prints, "{owners:?}");
            printed += usize::from(prints);
        }
    }
    assert!(taken > 40 && refused > 60 && printed > 1, "{taken} steps taken, {refused} refused, printed {printed} times");
}

pub(crate) async fn a_strangers_joint_items_are_none(bed: &Bed) {
    let ((north, [northerner, _]), (south, _)) = (led_county(bed, "north").await, led_county(bed, "south").await);
    let theirs = tell(bed, &south, &[1], "Not yet for others").await;
    let before = bed.raw().everything().await;
    let steps = [JointDeed::Sign, JointDeed::SendBack];
    // Another region, whatever name is given; and no partnership's scope, because the text is in another's name.
    for scope in [north.scope(), north.scope_of(1), south.scope_of(0), south.scope_of(1), south.scope_of(2)] {
        for n in 0..3 {
            bed.store.get_joint_item(scope, south.partnerships[n].id, theirs.id).await.not_found();
            for deed in steps {
                let act = bed.by(&northerner);
                bed.store.step_joint_item(scope, &act, northerner.id, step(&south, n, theirs.id, deed)).await.not_found();
            }
        }
        for of in [None, Some(south.partnerships[1].id)] {
            let listed = bed.store.list_joint_items(scope, of, None, Page::all()).await;
            assert!(matches!(&listed, Err(StoreError::NotFound(_))) || listed.is_ok_and(|listed| listed.items.is_empty()), "{scope:?}");
        }
        let open = bed.store.list_open_joint(scope).await;
        assert!(matches!(&open, Err(StoreError::NotFound(_))) || open.is_ok_and(|open| open.is_empty()), "{scope:?}");
    }
    // The partnership next door owns none of it.
    seen(bed, &south, 2, theirs.id).await.not_found();
    for deed in steps {
        take(bed, &south, 2, &south.administrator, theirs.id, deed).await.not_found();
    }
    let listed = bed.store.list_joint_items(south.scope(), Some(south.partnerships[2].id), None, Page::all()).await.done();
    assert!(listed.items.is_empty());
    assert_eq!(bed.raw().everything().await, before);
}

pub(crate) async fn a_try_changes_nothing(bed: &Bed) {
    let (county, [one, _]) = led_county(bed, "north").await;
    let item = tell(bed, &county, &[1], "Patrols").await;
    let before = bed.raw().everything().await;
    for deed in [JointDeed::Sign, JointDeed::SendBack] {
        let act = csp_domain::Act { dry_run: true, ..bed.by(&one) };
        bed.store.step_joint_item(county.scope(), &act, one.id, step(&county, 1, item.id, deed)).await.done();
        assert_eq!(bed.raw().everything().await, before);
    }
}
