//! The cycle is quarterly by itself.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use csp_domain::clock::{Clock as _, SharedClock};
use csp_proto::v1;
use csp_tests::{Bed, at};

use crate::{
    held,
    world::{COMMITTEE, CYCLE, MEMBERS, REGION, World, scheduler, two_figures},
};

/// How often each address was written to about each subject.
fn by_subject(world: &World) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    // In two years people are reminded too, and told that their tokens end; these are the papers.
    for mail in world.papers() {
        let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).expect("mail reads as mail");
        let subject = parsed.subject().unwrap_or_default();
        *found.entry(format!("{subject} {}", mail.to)).or_default() += 1;
    }
    found
}

/// Whoever's look at the table has ended finds everything done that was due, also what another server took out of its hands.
pub(crate) async fn who_is_overtaken_looks_again(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let store = world.bed.second_store(Arc::new(csp_domain::chance::SeededChance::new(98))).await;
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let other = scheduler(&store, clock, 9, &world.sink);
    let found = async |scheduler: &csp_scheduler::Scheduler| {
        scheduler.tick().await.unwrap();
        let list = v1::GetDigestRequest { name: format!("{CYCLE}/digests/-") };
        world.digests().get_digest(world.editor.call(list)).await.map(|digest| digest.into_inner().version)
    };
    world.bed.clock.set(at("2022-01-12T17:00:01Z"));
    let (one, two, three) = tokio::join!(found(&world.scheduler), found(&other), found(&world.scheduler));
    assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), (1, 1, 1));
    store.close().await;
}

/// Two servers share the database and tick at once, for two years, over four changes of the clocks.
/// Between their ticks, people do nothing but submit and approve.
pub(crate) async fn two_years_untouched_give_eight_digests(bed: Bed) {
    bed.clock.set(at("2021-12-30T09:00:00Z"));
    let mut world = World::on(bed).await;
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let other_store = match world.bed.engine() {
        // SQLite has one writer: the second server of an embedded database is a second scheduler.
        csp_store::Engine::Sqlite => world.bed.store.clone(),
        csp_store::Engine::Postgres => world.bed.second_store(Arc::new(csp_domain::chance::SeededChance::new(99))).await,
    };
    let other = scheduler(&other_store, clock, 8, &world.sink);
    let end = at("2023-12-30T09:00:00Z");
    let (mut submitted, mut approved) = (Vec::new(), Vec::new());
    let mut step = 0_i64;
    while world.bed.clock.now() < end {
        // Between 9 and 41 hours, never in step with the days.
        step = (step * 31 + 17) % 16;
        world.bed.clock.advance(TimeDelta::hours(9 + 2 * step) + TimeDelta::minutes(7 * step));
        let (one, two) = tokio::join!(world.scheduler.tick(), other.tick());
        assert_eq!((one.unwrap().failed, two.unwrap().failed), (0, 0));
        let (one, two) = tokio::join!(world.scheduler.deliver(), other.deliver());
        one.unwrap();
        two.unwrap();
        let list = v1::ListCyclesRequest { parent: COMMITTEE.into(), page_size: 100, page_token: String::new() };
        for cycle in world.committees().list_cycles(world.system.call(list)).await.unwrap().into_inner().cycles {
            if cycle.state() == v1::CycleState::Open && !submitted.contains(&cycle.name) {
                let officer = world.token(&world.system, &world.officers[0].person.clone()).await.unwrap();
                let figures = two_figures(0, &cycle.name, &cycle.period, "206", "291");
                world.returns().create_return(officer.call(figures)).await.unwrap();
                submitted.push(cycle.name.clone());
            }
            if cycle.state() == v1::CycleState::Closed && !approved.contains(&cycle.name) {
                world.approver = world.token(&world.system, &world.approver.person.clone()).await.unwrap();
                world.approve(&cycle.name).await.unwrap();
                approved.push(cycle.name.clone());
            }
        }
    }
    assert_eq!((submitted.len(), approved.len()), (8, 8), "{submitted:?}");
    let mails = by_subject(&world);
    assert_eq!(mails.len(), 8 * MEMBERS.len(), "none missing: {mails:?}");
    assert!(mails.values().all(|&times| times == 1), "none twice: {mails:?}");
    let list = v1::ListCyclesRequest { parent: COMMITTEE.into(), page_size: 100, page_token: String::new() };
    let cycles = world.committees().list_cycles(world.system.call(list)).await.unwrap().into_inner().cycles;
    let published: Vec<&str> = cycles.iter().filter(|c| c.state() == v1::CycleState::Published).map(|c| c.period.as_str()).collect();
    assert_eq!(published, ["2021-q3", "2021-q4", "2022-q1", "2022-q2", "2022-q3", "2022-q4", "2023-q1", "2023-q2"]);
    // The second year's paper compares with the first year's figures, which nobody sent twice.
    let text = v1::GetRenditionRequest { name: format!("{COMMITTEE}/cycles/2022-q3/digests/-"), kind: v1::RenditionKind::Text.into() };
    let text = world.digests().get_rendition(world.system.call(text)).await.unwrap().into_inner();
    assert!(String::from_utf8(text.data).unwrap().contains("no change"), "the same figure as a year before");
}

pub(crate) async fn a_server_that_was_down_catches_up_once(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "206", "291"))).await.unwrap();
    // Down over the deadline, the freeze and the publication, and over the whole of the next cycle.
    let back = world.at("2022-05-10T03:00:00Z").await;
    assert_eq!((back.closed, back.frozen, back.released), (0, 0, 0), "both meetings are over: nothing stale is made by itself");
    assert_eq!((back.missed, back.asked), (2, 2), "of either closing a person is asked");
    assert!(world.papers().is_empty());
    // A person decides: this paper is made for the record, and so is each step towards it.
    for job in ["close", "freeze"] {
        held::run(&world, job).await.unwrap();
    }
    let ordered = world.at("2022-05-10T03:00:10Z").await;
    assert_eq!((ordered.closed, ordered.frozen, ordered.released), (1, 1, 0));
    let digest = world.approve(CYCLE).await.unwrap();
    assert_eq!(world.at("2022-05-10T03:00:30Z").await.released, 0, "it cools off, late or not");
    let reason = "The meeting is over; members wait for the record.".into();
    let end = v1::EndCoolingOffRequest { name: digest.name, reason, etag: String::new() };
    world.digests().end_cooling_off(world.approver.call(end)).await.unwrap();
    assert_eq!(world.at("2022-05-10T03:01:00Z").await.released, 0, "members have met, and are not surprised with it");
    held::run(&world, "release").await.unwrap();
    assert_eq!(world.at("2022-05-10T03:01:30Z").await.released, 1, "an administrator has said so: now it goes");
    assert_eq!(world.at("2022-05-10T03:02:00Z").await.released, 0);
    assert_eq!(world.papers().len(), MEMBERS.len());
    // Of the cycle that it slept through nothing is made, and a person is still asked.
    let slept = held::standing_of(&world, &format!("{COMMITTEE}/cycles/2021-q4")).await;
    assert!(slept.contains(&("close".to_owned(), v1::JobState::Missed)), "{slept:?}");
    let list = v1::ListDigestsRequest { parent: format!("{COMMITTEE}/cycles/2021-q4"), ..Default::default() };
    assert!(world.digests().list_digests(world.editor.call(list)).await.unwrap().into_inner().digests.is_empty());
}

pub(crate) async fn a_moved_publication_moves_the_release(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    let get = v1::GetCycleRequest { name: CYCLE.into() };
    let mut cycle = world.committees().get_cycle(world.administrator.call(get)).await.unwrap().into_inner();
    cycle.publication_time = Some(prost_types::Timestamp { seconds: at("2022-01-20T09:00:00Z").timestamp(), nanos: 0 });
    let mask = |path: &str| Some(prost_types::FieldMask { paths: vec![path.into()] });
    let update = v1::UpdateCycleRequest { cycle: Some(cycle.clone()), update_mask: mask("publication_time") };
    let moved = world.committees().update_cycle(world.administrator.call(update)).await.unwrap().into_inner();
    // The paper prints its dates: it is made anew, and approved anew.
    assert_eq!(world.at("2022-01-14T09:00:00Z").await.frozen, 1);
    let digest = world.approve(CYCLE).await.unwrap();
    assert_eq!(digest.version, 2);
    let text = v1::GetRenditionRequest { name: digest.name, kind: v1::RenditionKind::Text.into() };
    let text = world.digests().get_rendition(world.approver.call(text)).await.unwrap().into_inner();
    assert!(String::from_utf8(text.data).unwrap().contains("Thursday 20 January 2022 at 09:00"));
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 0);
    assert_eq!(world.at("2022-01-20T09:00:00Z").await.released, 1);
    // What has passed stays where it was.
    let update = v1::UpdateCycleRequest {
        cycle: Some(v1::Cycle { deadline_time: moved.meeting_time, ..moved }),
        update_mask: mask("deadline_time"),
    };
    assert!(world.committees().update_cycle(world.administrator.call(update)).await.is_err());
}

/// A committee that is set up late in a quarter accuses nobody of a deadline that had passed by then.
pub(crate) async fn a_committee_set_up_after_the_deadline_begins_with_the_next_quarter(bed: Bed) {
    bed.clock.set(at("2022-01-14T09:00:00Z"));
    let world = World::on(bed).await;
    world.at("2022-01-14T09:01:00Z").await;
    let list = v1::ListCyclesRequest { parent: COMMITTEE.into(), ..Default::default() };
    let cycles = world.committees().list_cycles(world.administrator.call(list)).await.unwrap().into_inner().cycles;
    assert_eq!(cycles.iter().map(|cycle| cycle.period.as_str()).collect::<Vec<_>>(), ["2021-q4"]);
}

pub(crate) async fn a_cancelled_cycle_sends_nothing(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    let cancel = v1::CancelCycleRequest { name: CYCLE.into(), etag: String::new() };
    world.committees().cancel_cycle(world.administrator.call(cancel)).await.unwrap();
    assert_eq!(world.at("2022-01-20T09:00:00Z").await.released, 0);
    let list = v1::ListMessagesRequest { parent: REGION.into(), ..Default::default() };
    let all = world.messages().list_messages(world.administrator.call(list)).await.unwrap().into_inner().messages;
    assert!(all.iter().all(|message| message.kind() != v1::MessageKind::Digest), "{all:?}");
    assert!(all.iter().all(|message| message.subject.starts_with("REHEARSAL") || message.subject.ends_with("called off")), "{all:?}");
}
