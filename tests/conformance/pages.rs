//! Long lists, a page at a time: in one order, nothing twice and nothing missing, whatever is added meanwhile.

use std::collections::HashSet;

use csp_domain::{
    committee::Member,
    measure::population::NewEstimate,
    message::MessageKind,
    news::NewsOwner,
    person::{Role, RoleGrant},
};
use csp_store::{Listing, MessageFilter, NewsFilter, Page, ReturnFilter};
use csp_tests::{Bed, County, number};
use uuid::Uuid;

use crate::verdict::Verdict as _;

/// Turns the pages of a list, three sizes of them, while things are added to it.
async fn turn<T: std::fmt::Debug>(what: &str, list: impl AsyncFn(Page) -> Listing<T>, id: impl Fn(&T) -> Uuid, add: impl AsyncFn()) {
    while list(Page::all()).await.items.len() < 5 {
        add().await;
    }
    for size in [1, 2, 3] {
        let before: Vec<Uuid> = list(Page::all()).await.items.iter().map(&id).collect();
        let mut seen: Vec<Uuid> = Vec::new();
        let mut page = Page::first(size);
        let mut turned = 0;
        loop {
            let listing = list(page).await;
            assert!(listing.items.len() <= size as usize, "{what}: a page of {size} has {}", listing.items.len());
            seen.extend(listing.items.iter().map(&id));
            let Some(after) = listing.next else { break };
            assert_eq!(seen.last(), Some(&after), "{what}: the next page begins after the last thing seen");
            page.after = after;
            turned += 1;
            // Not for ever, or the end is never reached.
            if turned <= 3 {
                add().await;
            }
        }
        assert!(seen.is_sorted(), "{what}: pages of {size} are in order");
        let different: HashSet<Uuid> = seen.iter().copied().collect();
        assert_eq!(different.len(), seen.len(), "{what}: pages of {size} show nothing twice");
        assert!(before.iter().all(|id| different.contains(id)), "{what}: pages of {size} miss nothing");
    }
    let everything = list(Page::all()).await;
    let exact = list(Page::first(u32::try_from(everything.items.len()).expect("these are few"))).await;
    assert_eq!(exact.next, None, "{what}: a page that is just full is the last");
}

pub(crate) async fn the_pages_of_a_regions_lists_are_stable(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, store, officer) = (county.scope(), &bed.store, &county.officers[0]);
    let name = || number("thing", usize::from(u16::from_be_bytes(Uuid::into_bytes(bed.id())[14..].try_into().expect("two bytes"))));
    let named = || format!("{}-{}", name(), name());

    turn(
        "regions",
        async |page| store.list_regions(page).await.done(),
        |region| region.id.0,
        async || {
            bed.region(&named()).await;
        },
    )
    .await;
    turn(
        "partnerships",
        async |page| store.list_partnerships(scope, page).await.done(),
        |partnership| partnership.id.0,
        async || {
            bed.partnership(scope, &named()).await;
        },
    )
    .await;
    turn(
        "persons",
        async |page| store.list_persons(scope, page).await.done(),
        |person| person.id.0,
        async || {
            bed.person(scope, &named()).await;
        },
    )
    .await;
    let days = std::cell::Cell::new(0);
    turn(
        "roles",
        async |page| store.list_role_grants(scope, officer.id, page).await.done(),
        |grant| grant.id.0,
        async || {
            let role = Role::Lead(county.partnerships[0].id);
            // One day each: nobody holds a role twice.
            let starts_on = bed.today() + chrono::Days::new(days.replace(days.get() + 1));
            let new = RoleGrant { id: bed.id(), person: officer.id, role, deputy: false, starts_on, ends_on: Some(starts_on) };
            store.create_role_grant(scope, &bed.by_schedule(), new).await.done();
        },
    )
    .await;
    turn(
        "tokens",
        async |page| store.list_tokens(scope, officer.id, page).await.done(),
        |token| token.id.0,
        async || {
            bed.token(scope, officer).await;
        },
    )
    .await;
    turn(
        "indicators",
        async |page| store.list_indicators(scope, page).await.done(),
        |indicator| indicator.id.0,
        async || {
            bed.indicator(scope, &named(), csp_domain::indicator::Unit::Count).await;
        },
    )
    .await;
    turn(
        "estimates of residents",
        async |page| store.list_populations(scope, page).await.done(),
        |estimate| estimate.id.0,
        async || {
            let ons_code = bed.new_partnership(&named()).ons_code;
            let new = NewEstimate { id: bed.id(), ons_code, mid_year: 2020, people: 1, source: csp_tests::line("ONS") };
            store.import_populations(scope, &bed.by_schedule(), vec![new]).await.done();
        },
    )
    .await;
    turn(
        "targets",
        async |page| store.list_targets(scope, page).await.done(),
        |target| target.id.0,
        async || {
            let mut new = bed.new_target(&county, None, 700);
            new.terms.indicator = bed.indicator(scope, &named(), csp_domain::indicator::Unit::Count).await.id;
            store.create_target(scope, &bed.by_schedule(), new).await.done();
        },
    )
    .await;
    turn(
        "context notes",
        async |page| store.list_context_notes(scope, page).await.done(),
        |note| note.id.0,
        async || {
            store.create_context_note(scope, &bed.by_schedule(), bed.new_context_note()).await.done();
        },
    )
    .await;
    turn(
        "committees",
        async |page| store.list_committees(scope, page).await.done(),
        |committee| committee.id.0,
        async || {
            bed.committee(scope, &named(), &county.partnerships, &county.indicators).await;
        },
    )
    .await;
    let committee = county.committee.id;
    turn(
        "members",
        async |page| store.list_members(scope, committee, page).await.done(),
        |(member, _)| member.id.0,
        async || {
            let new = Member { id: bed.id(), person: officer.id, starts_on: bed.today(), ends_on: None, revision: 1 };
            store.create_member(scope, &bed.by_schedule(), committee, new).await.done();
        },
    )
    .await;
    turn(
        "cycles",
        async |page| store.list_cycles(scope, committee, page).await.done(),
        |cycle| cycle.id.0,
        async || {
            let slug = csp_tests::slug(&named());
            let new = csp_domain::cycle::NewCycle { slug, ..bed.new_cycle(&county.committee, "2021-q3") };
            store.create_cycle(scope, &bed.by_schedule(), new).await.done();
        },
    )
    .await;
    turn(
        "the audit",
        async |page| store.list_audit(scope, csp_store::AuditFilter::default(), page).await.done(),
        |row| row.id,
        async || {
            bed.person(scope, &named()).await;
        },
    )
    .await;
}

pub(crate) async fn the_pages_of_what_was_sent_in_and_sent_out_are_stable(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, own, store) = (county.scope(), county.scope_of(0), &bed.store);
    let (national, partnership, cycle) = (NewsOwner::Committee(county.committee.id), county.partnerships[0].id, Some(county.cycle.id));
    for filter in [
        NewsFilter { owner: Some(county.owner(0)), cycle: None },
        NewsFilter { owner: Some(county.owner(0)), cycle },
        NewsFilter { owner: Some(national), cycle },
        NewsFilter { owner: None, cycle: None },
        NewsFilter { owner: None, cycle },
    ] {
        turn(
            &format!("{filter:?}"),
            async |page| store.list_news_items(scope, filter, page).await.done(),
            |item| item.id.0,
            async || {
                // One that is in this list and one that is not.
                for owner in [county.owner(0), national] {
                    let new = bed.new_news(&county, owner, "News");
                    store.create_news_item(scope, &bed.by(&county.editor), county.editor.id, new).await.done();
                }
            },
        )
        .await;
    }
    let another = async |n: usize| {
        let new = csp_domain::cycle::NewCycle { slug: number("cycle", n), ..bed.new_cycle(&county.committee, "2021-q3") };
        County { cycle: store.create_cycle(scope, &bed.by_schedule(), new).await.done(), ..county.clone() }
    };
    let made = std::sync::atomic::AtomicUsize::new(0);
    let add = async || {
        let county = another(made.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).await;
        bed.submit(&county, 0, 1).await;
        bed.submit(&county, 1, 1).await;
    };
    let of_one = ReturnFilter { partnership: Some(partnership), cycle: None };
    turn("a partnership's returns", async |page| store.list_returns(own, of_one, page).await.done(), |answer| answer.id.0, &add).await;
    let of_all = ReturnFilter { partnership: None, cycle: None };
    turn("all returns", async |page| store.list_returns(scope, of_all, page).await.done(), |answer| answer.id.0, &add).await;

    let matter = bed.id();
    for filter in [MessageFilter::default(), MessageFilter { matter: Some(matter), state: Some(csp_domain::message::MessageState::Queued) }]
    {
        let step = std::sync::atomic::AtomicI32::new(if filter.matter.is_some() { 1000 } else { 0 });
        turn(
            &format!("{filter:?}"),
            async |page| store.list_messages(scope, filter, page).await.done(),
            |message| message.id.0,
            async || {
                let step = step.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let new = csp_domain::message::NewMessage { step, ..bed.new_message(MessageKind::Notice, matter, &county.editor) };
                store.queue_messages(scope, &bed.by_schedule(), Bed::BODY.to_vec(), vec![new]).await.done();
            },
        )
        .await;
    }
}
