//! A stranger's thing is no thing: whoever asks from another region, or from the partnership next door, is
//! told what they would be told of something that never was, and changes nothing.

use csp_domain::{
    committee::Member,
    diary::Diary,
    id::DiaryLinkId,
    message::MessageKind,
    news::{NewNewsItem, NewsOwner},
    observation::{Answer, Figure},
    person::{Role, RoleGrant},
    returns::NewReturn,
    token::{NewToken, TokenScope},
};
use csp_store::{CommitteeChange, Job, JobChange, MessageFilter, NewsChange, NewsFilter, Page, ReturnFilter, StoreError};
use csp_tests::{Bed, County, line, slug};
use uuid::Uuid;

use crate::{
    courier::queue,
    jobs::{decision, link},
    verdict::{Hidden as _, Verdict as _},
};

pub(crate) async fn a_foreign_regions_things_are_not_found(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let scope = north.scope();
    let theirs = everything_there_can_be(bed, &south).await;

    bed.store.find_region(scope, &south.region.slug).await.not_found();
    bed.store.get_partnership(scope, south.partnerships[0].id).await.not_found();
    bed.store.get_person(scope, south.administrator.id).await.not_found();
    bed.store.get_role_grant(scope, theirs.grant.id).await.not_found();
    bed.store.list_role_grants(scope, south.administrator.id, Page::all()).await.not_found();
    bed.store.get_token(scope, theirs.token).await.not_found();
    bed.store.list_tokens(scope, south.administrator.id, Page::all()).await.not_found();
    bed.store.get_committee(scope, south.committee.id).await.not_found();
    bed.store.list_members(scope, south.committee.id, Page::all()).await.not_found();
    bed.store.get_cycle(scope, south.cycle.id).await.not_found();
    bed.store.gather(scope, south.cycle.id).await.not_found();
    for owner in [south.owner(0), NewsOwner::Committee(south.committee.id)] {
        for id in [theirs.news, theirs.national] {
            bed.store.get_news_item(scope, owner, id).await.not_found();
        }
        let filter = NewsFilter { owner: Some(owner), cycle: None };
        assert_eq!(bed.store.list_news_items(scope, filter, Page::all()).await.done().items, []);
    }
    bed.store.list_jobs(scope, south.cycle.id, bed.now()).await.not_found();
    let diary = Diary::Committee(south.committee.id);
    assert_eq!(bed.store.list_diary_links(scope, diary, None, Page::all()).await.done().items, []);
    bed.store.get_digest(scope, theirs.digest).await.not_found();
    bed.store.get_public_document(scope, theirs.digest).await.not_found();
    for kind in csp_domain::digest::RenditionKind::ALL {
        bed.store.get_rendition(scope, theirs.digest, kind).await.not_found();
    }
    bed.store.get_message(scope, theirs.message).await.not_found();
    bed.store.message_body(scope, csp_domain::document::Hash::of(Bed::BODY)).await.not_found();

    // What may be missing is missing, and lists are empty.
    assert_eq!(bed.store.find_cycle(scope, south.committee.id, &south.cycle.slug).await.done(), None);
    assert_eq!(bed.store.list_cycles(scope, south.committee.id, Page::all()).await.done().items, []);
    assert_eq!(bed.store.members_in_term(scope, south.committee.id, bed.today()).await.done(), []);
    assert_eq!(bed.store.find_return(scope, south.partnerships[0].id, south.cycle.id).await.done(), None);
    let filter = ReturnFilter { partnership: Some(south.partnerships[0].id), cycle: Some(south.cycle.id) };
    assert_eq!(bed.store.list_returns(scope, filter, Page::all()).await.done().items, []);
    assert_eq!(bed.store.list_digests(scope, south.cycle.id).await.done().items, []);
    let filter = MessageFilter { matter: Some(south.cycle.id.0), state: None };
    assert_eq!(bed.store.list_messages(scope, filter, Page::all()).await.done().items, []);
    assert_eq!(bed.store.list_holders(scope, Role::Editor(south.committee.id)).await.done(), []);
    bed.populations(&south).await;
    assert_eq!(bed.store.list_populations(scope, Page::all()).await.done().items, []);

    // The same short names mean one's own things.
    assert_eq!(bed.store.find_partnership(scope, &slug("gateshead")).await.done(), north.partnerships[0]);
    assert_eq!(bed.store.find_person(scope, &slug("administrator")).await.done(), north.administrator);
    assert_eq!(bed.store.find_indicator(scope, &slug("burglary")).await.done(), north.indicators[0]);
    assert_eq!(bed.store.find_committee(scope, &slug("citizen-focus")).await.done(), north.committee);
    let own = bed.store.list_persons(scope, Page::all()).await.done().items;
    assert!(own.iter().all(|person| person.created_at == north.administrator.created_at && person.id != south.administrator.id));
    assert_eq!(own.len(), 8);
}

pub(crate) async fn a_foreign_regions_things_cannot_be_changed(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let scope = north.scope();
    let theirs = everything_there_can_be(bed, &south).await;
    let (act, by) = (bed.by(&north.administrator), north.administrator.id);
    let target = bed.store.create_target(south.scope(), &bed.by_schedule(), bed.new_target(&south, None, 230)).await.done();
    let note = bed.store.create_context_note(south.scope(), &bed.by_schedule(), bed.new_context_note()).await.done();
    let before = bed.raw().everything().await;
    let (store, owner) = (&bed.store, south.owner(0));

    store.update_partnership(scope, &act, south.partnerships[0].id, Some(line("Ours now")), None).await.not_found();
    store.update_person(scope, &act, south.administrator.id, Some(line("Ours now")), None, None).await.not_found();
    store
        .update_indicator(
            scope,
            &act,
            south.indicators[0].id,
            csp_store::IndicatorChange { name: Some(line("Ours now")), ..Default::default() },
            None,
        )
        .await
        .not_found();
    store.update_committee(scope, &act, south.committee.id, CommitteeChange::default(), None).await.not_found();
    store.update_member(scope, &act, south.committee.id, theirs.member.id, None, None, None).await.not_found();
    store.update_timetable(scope, &act, south.cycle.id, south.cycle.timetable, None).await.not_found();
    store.cancel_cycle(scope, &act, south.cycle.id, None).await.not_found();
    let deadline_at = south.cycle.timetable.deadline_at;
    store.advance_cycle(scope, &act, south.cycle.id, Job::Close, deadline_at).await.not_found();
    for change in [JobChange::Hold, JobChange::Resume, JobChange::Skip, JobChange::Run] {
        store.decide_job(scope, &act, decision(&south, south.cycle.id, Job::Remind, change)).await.not_found();
    }
    store.revoke_diary_link(scope, &act, theirs.link, Diary::Committee(south.committee.id), None).await.not_found();
    store.end_role_grant(scope, &act, theirs.grant.id, bed.today()).await.not_found();
    store.revoke_token(scope, &act, theirs.token).await.not_found();
    store.token_used(scope, theirs.token, bed.now()).await.done();
    store.update_news_item(scope, &act, by, owner, theirs.news, NewsChange::default(), None).await.not_found();
    store.withdraw_news_item(scope, &act, owner, theirs.news, None).await.not_found();
    store.update_return(scope, &act, by, bed.new_return(&south, 0, Vec::new()), None).await.not_found();
    store.withdraw_return(scope, &act, south.partnerships[0].id, south.cycle.id, None).await.not_found();
    store.freeze_digest(scope, &act, bed.new_digest(&south, "Ours now")).await.not_found();
    store.freeze_first_digest(scope, &act, bed.new_digest(&south, "Ours now"), deadline_at).await.not_found();
    store.approve_digest(scope, &act, by, theirs.digest, Vec::new()).await.not_found();
    store.retry_message(scope, &act, theirs.message).await.not_found();
    store.end_target(scope, &act, target.id, (bed.today(), line("Ours now")), None).await.not_found();
    store.get_target(scope, target.id).await.not_found();
    store.remove_context_note(scope, &act, note.id, line("Ours now"), None).await.not_found();
    store.get_context_note(scope, note.id).await.not_found();
    assert_eq!(store.list_context_notes(scope, Page::all()).await.done().items, []);
    assert_eq!(bed.raw().everything().await, before);
}

pub(crate) async fn nothing_can_be_made_of_a_foreign_regions_things(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let scope = north.scope();
    let (act, by) = (bed.by(&north.administrator), north.administrator.id);
    let before = bed.raw().everything().await;
    let store = &bed.store;

    let grant = |person, role| RoleGrant { id: bed.id(), person, role, deputy: false, starts_on: bed.today(), ends_on: None };
    store.create_role_grant(scope, &act, grant(south.officers[0].id, Role::Administrator)).await.not_found();
    store.create_role_grant(scope, &act, grant(by, Role::Editor(south.committee.id))).await.not_found();
    store.create_role_grant(scope, &act, grant(by, Role::Officer(south.partnerships[0].id))).await.not_found();

    store.create_token(scope, &act, bed.new_token(&south.administrator).0).await.not_found();
    let narrowed = TokenScope { role: Some(Role::Officer(south.partnerships[0].id)), reading: false };
    let token = NewToken { scope: narrowed, ..bed.new_token(&north.administrator).0 };
    store.create_token(scope, &act, token).await.not_found();

    store.create_target(scope, &act, bed.new_target(&south, None, 230)).await.not_found();
    let mut mixed = bed.new_target(&north, None, 230);
    mixed.terms.partnership = Some(south.partnerships[0].id);
    store.create_target(scope, &act, mixed).await.not_found();
    let mut of_theirs = [bed.new_context_note(), bed.new_context_note()];
    of_theirs[0].matter.indicator = Some(south.indicators[0].id);
    of_theirs[1].matter.partnership = Some(south.partnerships[0].id);
    for note in of_theirs {
        store.create_context_note(scope, &act, note).await.not_found();
    }

    store.create_committee(scope, &act, bed.new_committee("scrutiny", &south.partnerships, &[])).await.not_found();
    store.create_committee(scope, &act, bed.new_committee("scrutiny", &[], &south.indicators)).await.not_found();
    let change = CommitteeChange { partnerships: Some(vec![south.partnerships[0].id]), ..CommitteeChange::default() };
    store.update_committee(scope, &act, north.committee.id, change, None).await.not_found();

    let term = |person| Member { id: bed.id(), person, starts_on: bed.today(), ends_on: None, revision: 1 };
    store.create_member(scope, &act, south.committee.id, term(by)).await.not_found();
    store.create_member(scope, &act, north.committee.id, term(south.members[0].id)).await.not_found();
    store.import_members(scope, &act, south.committee.id, vec![(bed.new_person("newcomer"), term(by))]).await.not_found();
    store.create_cycle(scope, &act, bed.new_cycle(&south.committee, "2021-q4")).await.not_found();

    let news = |county: &County, owner| bed.new_news(county, owner, "News");
    store.create_news_item(scope, &act, by, news(&south, south.owner(0))).await.not_found();
    store
        .create_news_item(scope, &act, by, NewNewsItem { cycle: north.cycle.id, ..news(&south, NewsOwner::Committee(south.committee.id)) })
        .await
        .not_found();
    assert!(store.create_news_item(scope, &act, by, news(&north, south.owner(0))).await.is_err());

    let own = bed.new_return(&north, 0, vec![north.burglary(1)]);
    store.create_return(scope, &act, by, NewReturn { cycle: south.cycle.id, ..own.clone() }).await.not_found();
    assert!(store.create_return(scope, &act, by, NewReturn { partnership: south.partnerships[0].id, ..own }).await.is_err());
    let foreign = bed.new_return(&north, 0, vec![south.burglary(1)]);
    assert!(store.create_return(scope, &act, by, foreign).await.is_err(), "the indicator is of another catalogue");

    let message = bed.new_message(MessageKind::Notice, bed.id(), &south.administrator);
    assert!(store.queue_messages(scope, &act, Bed::BODY.to_vec(), vec![message]).await.is_err());
    assert_eq!(bed.raw().everything().await, before);
}

pub(crate) async fn the_partnership_next_door_sees_nothing_and_changes_nothing(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, neighbour) = (county.scope_of(0), county.partnerships[1].id);
    let (act, by) = (bed.by(&county.officers[0]), county.officers[0].id);
    let (store, owner) = (&bed.store, county.owner(1));
    bed.submit(&county, 0, 1).await;
    bed.submit(&county, 1, 2).await;
    let item = bed.tell(&county, 1, "Not yet for others").await;
    let before = bed.raw().everything().await;

    store.find_return(scope, neighbour, county.cycle.id).await.map(Vec::from_iter).hidden(|_| true);
    for partnership in [Some(neighbour), None] {
        let listed = store.list_returns(scope, ReturnFilter { partnership, cycle: None }, Page::all()).await;
        listed.map(|listing| listing.items).hidden(|found| found.partnership == neighbour);
    }
    store.create_return(scope, &act, by, bed.new_return(&county, 1, Vec::new())).await.not_found();
    store.update_return(scope, &act, by, bed.new_return(&county, 1, Vec::new()), None).await.not_found();
    store.withdraw_return(scope, &act, neighbour, county.cycle.id, None).await.not_found();

    store.get_news_item(scope, owner, item.id).await.not_found();
    store.get_news_item(scope, county.owner(0), item.id).await.not_found();
    for owner in [Some(owner), None] {
        let listed = store.list_news_items(scope, NewsFilter { owner, cycle: None }, Page::all()).await;
        listed.map(|listing| listing.items).hidden(|found| found.owner == county.owner(1));
    }
    store.create_news_item(scope, &act, by, bed.new_news(&county, owner, "In their name")).await.not_found();
    store.update_news_item(scope, &act, by, owner, item.id, NewsChange::default(), None).await.not_found();
    store.withdraw_news_item(scope, &act, owner, item.id, None).await.not_found();
    assert_eq!(bed.raw().everything().await, before);

    // One's own, in the same narrow scope.
    let filter = ReturnFilter { partnership: Some(county.partnerships[0].id), cycle: None };
    assert_eq!(store.list_returns(scope, filter, Page::all()).await.done().items.len(), 1);
}

pub(crate) async fn the_national_part_is_not_a_partnerships_to_see_or_write(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, owner) = (county.scope_of(0), NewsOwner::Committee(county.committee.id));
    let (act, by) = (bed.by(&county.officers[0]), county.officers[0].id);
    let national = bed.new_news(&county, owner, "In the making");
    let item = bed.store.create_news_item(county.scope(), &bed.by(&county.editor), county.editor.id, national).await.done();
    let before = bed.raw().everything().await;

    bed.store.get_news_item(scope, owner, item.id).await.not_found();
    let listed = bed.store.list_news_items(scope, NewsFilter { owner: Some(owner), cycle: None }, Page::all()).await;
    listed.map(|listing| listing.items).hidden(|_| true);
    bed.store.create_news_item(scope, &act, by, bed.new_news(&county, owner, "Ours")).await.not_found();
    bed.store.update_news_item(scope, &act, by, owner, item.id, NewsChange::default(), None).await.not_found();
    bed.store.withdraw_news_item(scope, &act, owner, item.id, None).await.not_found();
    assert_eq!(bed.raw().everything().await, before);
}

pub(crate) async fn a_partnership_cannot_gather_what_the_others_sent_in(bed: &Bed) {
    let county = bed.county("north").await;
    bed.submit(&county, 1, 2).await;
    bed.store.gather(county.scope_of(0), county.cycle.id).await.not_found();
}

/// What a stranger would like to see of a county.
struct Theirs {
    grant: RoleGrant,
    token: csp_domain::id::TokenId,
    member: Member,
    news: csp_domain::id::NewsItemId,
    national: csp_domain::id::NewsItemId,
    digest: csp_domain::id::DigestId,
    message: csp_domain::id::MessageId,
    link: DiaryLinkId,
}

/// One of each thing. The county's first cycle stays open; the digest is of another, which is closed.
async fn everything_there_can_be(bed: &Bed, county: &County) -> Theirs {
    let scope = county.scope();
    let grant = bed.grant(scope, &county.officers[1], Role::Lead(county.partnerships[1].id)).await;
    let (token, _) = bed.token(scope, &county.administrator).await;
    let member = bed.member(scope, &county.committee, &county.administrator).await;
    bed.submit(county, 0, 7).await;
    let news = bed.tell(county, 0, "News").await;
    let national = bed.new_news(county, NewsOwner::Committee(county.committee.id), "National news");
    let national = bed.store.create_news_item(scope, &bed.by(&county.editor), county.editor.id, national).await.done();
    let closed = County { cycle: bed.cycle(scope, &county.committee, "2021-q2").await, ..county.clone() };
    let due_at = closed.cycle.timetable.deadline_at;
    assert!(bed.store.advance_cycle(scope, &bed.by_schedule(), closed.cycle.id, Job::Close, due_at).await.done());
    let digest = bed.freeze(&closed, "Update").await;
    let message = queue(bed, county, 1, bed.now()).await.remove(0);
    let made = bed.store.create_diary_link(scope, &bed.by(&county.administrator), link(bed, county).0).await.done();
    Theirs { grant, token: token.id, member, news: news.id, national: national.id, digest: digest.id, message: message.id, link: made.id }
}

pub(crate) async fn a_return_with_a_figure_nobody_knows_is_not_taken(bed: &Bed) {
    let county = bed.county("north").await;
    let unknown = Figure { indicator: Uuid::from_u128(7).into(), answer: Answer::Nil, ..county.burglary(1) };
    let new = bed.new_return(&county, 0, vec![county.burglary(1), unknown]);
    let officer = &county.officers[0];
    let sent = bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await;
    assert!(matches!(sent, Err(StoreError::NotFound("indicator") | StoreError::Failed(_))), "{sent:?}");
    assert_eq!(bed.store.find_return(county.scope_of(0), county.partnerships[0].id, county.cycle.id).await.done(), None);
}

pub(crate) async fn a_partnerships_own_indicator_is_no_others(bed: &Bed) {
    let county = bed.county("north").await;
    let (mine, theirs, act) = (county.scope_of(0), county.scope_of(1), bed.by(&county.administrator));
    let own = bed.store.create_indicator(mine, &act, bed.new_own_indicator(&county.partnerships[0], "dog-fouling")).await.done();
    let store = &bed.store;
    // Within a partnership's scope there is no other's.
    store.find_indicator(theirs, &own.slug).await.not_found();
    let change = || csp_store::IndicatorChange { name: Some(line("Ours now")), ..Default::default() };
    store.update_indicator(theirs, &act, own.id, change(), None).await.not_found();
    assert!(!store.list_indicators(theirs, Page::all()).await.done().items.contains(&own));
    assert!(store.list_indicators(mine, Page::all()).await.done().items.contains(&own));
    assert!(store.list_indicators(county.scope(), Page::all()).await.done().items.contains(&own));
    // None can be made for another, and the same short name of each is another.
    store.create_indicator(theirs, &act, bed.new_own_indicator(&county.partnerships[0], "litter")).await.not_found();
    let alike = store.create_indicator(theirs, &act, bed.new_own_indicator(&county.partnerships[1], "dog-fouling")).await.done();
    assert_ne!(alike.slug, own.slug);
    assert_eq!(store.find_indicator(theirs, &alike.slug).await.done(), alike);
    // No committee asks all for it, and no target of it is another's.
    let refused =
        store.create_committee(county.scope(), &act, bed.new_committee("scrutiny", &county.partnerships, std::slice::from_ref(&own))).await;
    assert!(matches!(refused, Err(csp_store::StoreError::Refused(csp_store::Refusal::OwnIndicator))), "{refused:?}");
    let mut target = bed.new_target(&county, Some(1), 5);
    target.terms.indicator = own.id;
    let refused = store.create_target(county.scope(), &act, target).await;
    assert!(matches!(refused, Err(csp_store::StoreError::Refused(csp_store::Refusal::OwnIndicator))), "{refused:?}");
    // It is asked of one, beside what the committee asks all for.
    let gathered = store.gather(county.scope(), county.cycle.id).await.done();
    let asked = |at: usize| gathered.asked_of(county.partnerships[at].id).filter(|known| known.owner.is_some()).count();
    assert_eq!((asked(0), asked(1), asked(2)), (1, 1, 0));
}

pub(crate) async fn a_partnership_has_fifty_indicators_of_its_own_at_most(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act) = (county.scope_of(0), bed.by_schedule());
    for n in 0..csp_domain::indicator::Indicator::MOST_OWN {
        bed.store.create_indicator(scope, &act, bed.new_own_indicator(&county.partnerships[0], &format!("own-{n}"))).await.done();
    }
    let refused = bed.store.create_indicator(scope, &act, bed.new_own_indicator(&county.partnerships[0], "one-more")).await;
    assert!(matches!(refused, Err(csp_store::StoreError::Refused(csp_store::Refusal::TooManyOwnIndicators))), "{refused:?}");
}
