//! Mail that meets trouble on its way.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use csp_domain::clock::{Clock as _, SharedClock};
use csp_mail::sink::{Act, Script, Step};
use csp_proto::v1;
use csp_tests::{Bed, at};

use crate::world::{COMMITTEE, CYCLE, MEMBERS, REGION, World, scheduler};

async fn approved(bed: Bed) -> World {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    world
}

async fn states(world: &World) -> Vec<(String, v1::MessageState, i32, String)> {
    let list = v1::ListMessagesRequest { parent: REGION.into(), ..Default::default() };
    let messages = world.messages().list_messages(world.administrator.call(list)).await.unwrap().into_inner().messages;
    let mut states: Vec<_> = messages.into_iter().map(|m| (m.email.clone(), m.state(), m.attempts, m.last_outcome)).collect();
    states.sort();
    states
}

pub(crate) async fn a_busy_server_is_tried_again_and_a_dead_address_is_shown(bed: Bed) {
    let world = approved(bed).await;
    world.sink.set_script(
        Script::accepting().always_for("rowan@example.org", Step::Rcpt, Act::reply("550 5.1.1 no such user")).always_for(
            "zoe@example.org",
            Step::Rcpt,
            Act::reply("451 4.7.1 greylisted, come back later"),
        ),
    );
    world.at("2022-01-18T09:00:00Z").await;
    let found = states(&world).await;
    let state = |address: &str| {
        found.iter().find(|(email, ..)| email == address).map(|(_, state, attempts, reply)| (*state, *attempts, reply.clone())).unwrap()
    };
    assert_eq!(state("amara@example.org").0, v1::MessageState::Accepted);
    assert_eq!(state("rowan@example.org").0, v1::MessageState::Failed);
    assert!(state("rowan@example.org").2.contains("5.1.1"), "{found:?}");
    assert_eq!((state("zoe@example.org").0, state("zoe@example.org").1), (v1::MessageState::Queued, 1));

    // Not before its time, then once more.
    world.sink.set_script(Script::accepting());
    world.at("2022-01-18T09:03:00Z").await;
    assert_eq!(world.papers().len(), 1);
    world.at("2022-01-18T09:07:00Z").await;
    assert_eq!(world.papers().len(), 2);

    // The clerk has found the mistake at the other end, and says try again: the same bytes.
    let list = v1::ListMessagesRequest { parent: REGION.into(), state: v1::MessageState::Failed.into(), ..Default::default() };
    let failed = world.messages().list_messages(world.administrator.call(list)).await.unwrap().into_inner().messages;
    world.messages().retry_message(world.administrator.call(v1::RetryMessageRequest { name: failed[0].name.clone() })).await.unwrap();
    world.at("2022-01-18T09:08:00Z").await;
    assert!(states(&world).await.iter().all(|(_, state, ..)| *state == v1::MessageState::Accepted));
    let reached: BTreeSet<String> = world.papers().into_iter().map(|mail| mail.to).collect();
    assert_eq!(reached.len(), MEMBERS.len());
}

/// The server answers nothing after the last byte, and the courier dies. Another takes over when the
/// lease has ended; what was in doubt goes again, byte for byte, after its wait, and nobody is lost.
pub(crate) async fn a_courier_that_dies_loses_nobody(bed: Bed) {
    let world = approved(bed).await;
    world.bed.clock.set(at("2022-01-18T09:00:00Z"));
    world.scheduler.tick().await.unwrap();
    // The sink takes the content of the first message on each connection, and never answers.
    world.sink.set_script(Script::accepting().always(Step::Dot, Act::Wait));
    let courier = tokio::spawn({
        let scheduler = world.scheduler.clone();
        async move { scheduler.deliver().await }
    });
    world.sink.reached(Step::Dot, 1).await;
    courier.abort();
    assert!(courier.await.is_err(), "the courier is dead");
    world.sink.set_script(Script::accepting());
    world.sink.release();

    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let other = scheduler(&world.bed.store, clock, 9, &world.sink);
    // Within the lease nobody touches what was claimed.
    world.bed.clock.advance(TimeDelta::minutes(1));
    other.deliver().await.unwrap();
    // After it, what was only claimed goes; after its wait, what was in doubt goes again.
    for minutes in [10, 10] {
        world.bed.clock.advance(TimeDelta::minutes(minutes));
        other.deliver().await.unwrap();
    }
    assert!(world.bed.clock.now() > at("2022-01-18T09:15:00Z"));
    let found = states(&world).await;
    assert!(found.iter().all(|(_, state, ..)| *state == v1::MessageState::Accepted), "{found:?}");
    let mails = world.sink.messages();
    for member in MEMBERS {
        let copies: BTreeSet<Vec<u8>> = mails.iter().filter(|mail| mail.to == member).map(|mail| mail.bytes.clone()).collect();
        assert_eq!(copies.len(), 1, "{member} gets the same bytes, however often");
    }
}

pub(crate) async fn a_member_who_left_gets_nothing_and_one_who_joined_does(bed: Bed) {
    let world = approved(bed).await;
    let list = v1::ListMembersRequest { parent: COMMITTEE.into(), ..Default::default() };
    let members = world.committees().list_members(world.administrator.call(list)).await.unwrap().into_inner().members;
    let mut leaving = members.into_iter().find(|member| member.email == "amara@example.org").unwrap();
    leaving.end_date = "2022-01-17".into();
    let update =
        v1::UpdateMemberRequest { member: Some(leaving), update_mask: Some(prost_types::FieldMask { paths: vec!["end_date".into()] }) };
    world.committees().update_member(world.administrator.call(update)).await.unwrap();
    let import = v1::ImportMembersRequest {
        parent: COMMITTEE.into(),
        csv: "name,email,start_date\nNew Member,new@example.org,2022-01-18\nLater Member,later@example.org,2022-01-19\n".into(),
        validate_only: false,
        request_id: String::new(),
    };
    world.committees().import_members(world.administrator.call(import)).await.unwrap();
    world.at("2022-01-18T09:00:00Z").await;
    let reached: BTreeSet<String> = world.papers().into_iter().map(|mail| mail.to).collect();
    assert_eq!(reached, ["new@example.org", "rowan@example.org", "zoe@example.org"].map(str::to_owned).into());
}
