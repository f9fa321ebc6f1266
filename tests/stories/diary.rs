//! Deadlines and meetings in anybody's diary.

use csp_proto::v1;
use csp_tests::Bed;
use tonic::Code;

use crate::world::{COMMITTEE, CYCLE, World, partnership};

pub(crate) async fn dates_are_read_followed_and_taken_away(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let officer = &world.officers[0];
    let get = v1::GetDiaryRequest { name: format!("{}/diary", partnership(0)) };
    let calendar = world.diary().get_diary(officer.call(get)).await.unwrap().into_inner();
    assert_eq!(calendar.entries.len(), 8, "two cycles are planned, with four dates each");
    assert_eq!(calendar.entries[1].title, "Returns due: Citizen Focus Committee, Q3 2021/22");
    assert_eq!(calendar.entries[1].time.as_ref().unwrap().seconds, csp_tests::at("2022-01-12T17:00:00Z").timestamp());
    // Written in UTC, so that no diary needs to know British summer time: the next returns are due at 17:00 in April.
    assert!(calendar.ics.contains("DTSTART:20220412T160000Z"), "{}", calendar.ics);

    let create = v1::CreateDiaryLinkRequest { parent: COMMITTEE.into(), request_id: "9f0c1b1e-6f3a-4c52-9a0e-0a4d6a1f7f10".into() };
    let made = world.diary().create_diary_link(officer.call(create.clone())).await.unwrap().into_inner();
    assert!(made.path.strip_prefix("/diary/").is_some_and(|secret| secret.contains(".ics")), "{}", made.path);
    let again = world.diary().create_diary_link(officer.call(create)).await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists, "it is shown once");

    // One's own links, and to an administrator everybody's.
    let list = v1::ListDiaryLinksRequest { parent: COMMITTEE.into(), ..Default::default() };
    let links = async |who: &crate::world::Who| {
        world.diary().list_diary_links(who.call(list.clone())).await.unwrap().into_inner().diary_links.len()
    };
    assert_eq!((links(officer).await, links(&world.officers[1]).await, links(&world.administrator).await), (1, 0, 1));
    let link = made.diary_link.unwrap();
    assert!(link.person.ends_with("/officer-gateshead"));
    let revoke = v1::RevokeDiaryLinkRequest { name: link.name };
    let refused = world.diary().revoke_diary_link(world.officers[1].call(revoke.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "another's is not there");
    let gone = world.diary().revoke_diary_link(officer.call(revoke)).await.unwrap().into_inner();
    assert!(gone.revoke_time.is_some());

    // A cycle that is called off is struck out of diaries that have it.
    let cancel = v1::CancelCycleRequest { name: CYCLE.into(), etag: String::new() };
    world.committees().cancel_cycle(world.administrator.call(cancel)).await.unwrap();
    let get = v1::GetDiaryRequest { name: format!("{COMMITTEE}/diary") };
    let calendar = world.diary().get_diary(officer.call(get)).await.unwrap().into_inner();
    assert_eq!(calendar.entries.iter().filter(|entry| entry.cancelled).count(), 4);
    assert_eq!(calendar.ics.matches("STATUS:CANCELLED").count(), 4);
    let wrong = v1::GetDiaryRequest { name: CYCLE.into() };
    assert_eq!(world.diary().get_diary(officer.call(wrong)).await.unwrap_err().code(), Code::InvalidArgument);
}
