//! Two weeks before a paper goes, everything is gone through, and nobody but administrators hears of it.

use std::sync::Arc;

use csp_domain::{chance::SeededChance, clock::SharedClock};
use csp_mail::{
    carrier::{Carrier, Folder},
    sink::{Act, Received, Script, Step},
};
use csp_proto::v1::{self, JobState};
use csp_scheduler::{Post, Scheduler};
use csp_tests::{Bed, at};
use mail_parser::{MessageParser, MimeHeaders as _};
use tonic::Code;

use crate::{
    held::{hold, listed, reason, resume, run, skip, stands},
    world::{CYCLE, MEMBERS, REGION, Who, World, partnership, scheduler, two_figures},
};

/// The letters that tell of a rehearsal.
fn letters(world: &World) -> Vec<Received> {
    let tells = |mail: &Received| MessageParser::default().parse(&mail.bytes).unwrap().subject().unwrap().starts_with("REHEARSAL");
    world.sink.messages().into_iter().filter(tells).collect()
}

fn text(mail: &Received) -> String {
    MessageParser::default().parse(&mail.bytes).unwrap().body_text(0).unwrap().replace("\r\n", "\n")
}

/// A world in which the whole quarter is still to come.
async fn before_the_quarter(bed: Bed) -> World {
    bed.clock.set(at("2021-12-30T09:00:00Z"));
    World::on(bed).await
}

fn seconds(text: &str) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at(text).timestamp(), nanos: 0 }
}

/// Sets when the paper goes, and when the committee meets.
async fn moves(world: &World, publication: &str, meeting: &str) {
    let get = v1::GetCycleRequest { name: CYCLE.into() };
    let mut cycle = world.committees().get_cycle(world.administrator.call(get)).await.unwrap().into_inner();
    (cycle.publication_time, cycle.meeting_time) = (Some(seconds(publication)), Some(seconds(meeting)));
    let update_mask = Some(prost_types::FieldMask { paths: vec!["publication_time".into(), "meeting_time".into()] });
    let update = v1::UpdateCycleRequest { cycle: Some(cycle), update_mask };
    world.committees().update_cycle(world.administrator.call(update)).await.unwrap();
}

/// Takes somebody's only role away.
async fn leaves(world: &World, who: &Who) {
    let list = v1::ListRoleGrantsRequest { parent: who.person.clone(), ..Default::default() };
    let held = world.persons().list_role_grants(world.administrator.call(list)).await.unwrap().into_inner().role_grants.remove(0);
    world.persons().end_role_grant(world.administrator.call(v1::EndRoleGrantRequest { name: held.name })).await.unwrap();
}

pub(crate) async fn a_release_is_rehearsed_two_weeks_before_and_only_administrators_hear_of_it(bed: Bed) {
    let world = before_the_quarter(bed).await;
    world.person(&world.administrator, "second-administrator", v1::Role::Administrator, "").await.unwrap();
    world.at("2022-01-03T10:00:00Z").await;
    world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "206", "291"))).await.unwrap();
    assert_eq!(stands(&world, "rehearse").await, JobState::Waiting);
    assert_eq!(world.at("2022-01-04T08:59:59Z").await.rehearsed, 0);
    assert_eq!(world.at("2022-01-04T09:00:00Z").await.rehearsed, 1);
    let told = letters(&world);
    let mut to: Vec<_> = told.iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["administrator@example.org", "second-administrator@example.org"], "administrators, each once, and nobody else");
    let letter = told.iter().find(|mail| mail.to.starts_with("administrator")).unwrap();
    // Sizes follow the words of the templates.
    let said = text(letter);
    let said: Vec<&str> = said.lines().filter(|line| !line.contains("Size of each message")).collect();
    insta::assert_snapshot!("rehearsal", said.join("\n"));
    assert!(text(letter).contains("KB"), "{}", text(letter));

    // With it, the paper as it would print, which says above everything what it is.
    let parsed = MessageParser::default().parse(&letter.bytes).unwrap();
    let files: Vec<_> = parsed.attachments().filter_map(|part| Some((part.attachment_name()?.to_owned(), part.contents()))).collect();
    let of = |name: &str| {
        let file = files.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name} comes with it"));
        String::from_utf8_lossy(file.1).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for name in ["rehearsal-citizen-focus-2021-q3.txt", "rehearsal-citizen-focus-2021-q3.html"] {
        let paper = of(name);
        assert!(paper.contains("REHEARSAL of Tuesday 4 January 2022, for administrators only."), "{paper}");
        assert!(paper.contains("206") && paper.contains("Sunderland"), "{paper}");
    }

    // Nothing else came of it: no version, no delivery, and members heard nothing.
    let get = v1::GetDigestRequest { name: format!("{CYCLE}/digests/-") };
    assert_eq!(world.digests().get_digest(world.approver.call(get)).await.unwrap_err().code(), Code::NotFound);
    let list = v1::ListMessagesRequest { parent: REGION.into(), page_size: 500, ..Default::default() };
    let all = world.messages().list_messages(world.administrator.call(list)).await.unwrap().into_inner().messages;
    assert!(all.iter().all(|message| message.kind() != v1::MessageKind::Digest));
    assert!(world.papers().is_empty() && !world.sink.messages().iter().any(|mail| MEMBERS.contains(&mail.to.as_str())));
    assert_eq!(stands(&world, "rehearse").await, JobState::Done);
    assert_eq!(reason(&run(&world, "rehearse").await.unwrap_err()), "JOB_STATE");

    // The real thing says nothing of it, and the rehearsal is not repeated.
    assert_eq!(world.at("2022-01-12T17:00:01Z").await.frozen, 1);
    world.approve(CYCLE).await.unwrap();
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 1);
    assert_eq!(world.papers().len(), MEMBERS.len());
    assert!(world.papers().iter().all(|mail| !String::from_utf8_lossy(&mail.bytes).contains("REHEARSAL")));
    assert_eq!(letters(&world).len(), 2);
}

pub(crate) async fn what_would_go_wrong_is_found_while_there_is_time(bed: Bed) {
    let world = before_the_quarter(bed).await;
    leaves(&world, &world.approver).await;
    leaves(&world, &world.officers[2]).await;
    let list = v1::ListMembersRequest { parent: crate::world::COMMITTEE.into(), page_size: 100, ..Default::default() };
    let members = world.committees().list_members(world.administrator.call(list)).await.unwrap().into_inner().members;
    for mut member in members {
        // Their terms end before the paper goes.
        member.end_date = "2022-01-17".into();
        let update = v1::UpdateMemberRequest { member: Some(member), ..Default::default() };
        world.committees().update_member(world.administrator.call(update)).await.unwrap();
    }
    world.at("2022-01-04T09:00:00Z").await;
    let told = letters(&world);
    assert_eq!(told.len(), 1);
    let subject = MessageParser::default().parse(&told[0].bytes).unwrap().subject().unwrap().to_owned();
    assert_eq!(subject, "REHEARSAL, Citizen Focus Committee, Q3 2021/22: three things to see to");
    let said = text(&told[0]).split_whitespace().collect::<Vec<_>>().join(" ");
    for found in [
        "The Citizen Focus Committee has no member in term on the day of publication: nobody would get the paper.",
        "Sunderland has neither officer nor lead: nobody is asked for its return.",
        "The Citizen Focus Committee has no approver on that day: its paper cannot go.",
        "If it went as things stand, nobody would get it.",
    ] {
        assert!(said.contains(found), "{found:?} in {said}");
    }
    // Whoever approves and edits cannot do both of one paper.
    let approves = v1::RoleGrant { role: v1::Role::Approver.into(), committee: crate::world::COMMITTEE.into(), ..Default::default() };
    let grant = v1::CreateRoleGrantRequest { parent: world.editor.person.clone(), role_grant: Some(approves), request_id: String::new() };
    world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    world.at("2022-03-01T10:00:00Z").await;
    world.at("2022-04-05T09:00:00Z").await;
    let said = text(letters(&world).last().unwrap()).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Everybody who approves the paper also edits it"), "{said}");
}

pub(crate) async fn a_joint_item_whose_owner_has_lost_its_lead_is_found_while_there_is_time(bed: Bed) {
    let world = before_the_quarter(bed).await;
    let lead = world.person(&world.administrator, "lead-newcastle", v1::Role::Lead, &partnership(1)).await.unwrap();
    world.at("2022-01-03T10:00:00Z").await;
    let item = v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::Event.into(),
        headline: "Patrols on both banks".into(),
        body: "Six Fridays.".into(),
        body_format: v1::BodyFormat::Markdown.into(),
        joint_owners: vec![partnership(1)],
        ..Default::default()
    };
    let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(item), ..Default::default() };
    world.news().create_news_item(world.officers[0].call(create)).await.unwrap();
    leaves(&world, &lead).await;
    world.at("2022-01-04T09:00:00Z").await;
    let said = letters(&world).first().map(text).expect("it was rehearsed");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = "Newcastle upon Tyne owns a joint item and has no lead who could sign it: the item is held out.";
    assert!(said.contains(found), "{said}");
    assert!(!said.contains("Gateshead owns a joint item"), "{said}");
}

pub(crate) async fn two_servers_hold_one_rehearsal(bed: Bed) {
    let world = before_the_quarter(bed).await;
    world.at("2022-01-03T10:00:00Z").await;
    let store = world.bed.second_store(Arc::new(SeededChance::new(41))).await;
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let other = scheduler(&store, clock, 42, &world.sink);
    world.bed.clock.set(at("2022-01-04T09:00:00Z"));
    let (one, two) = tokio::join!(world.scheduler.tick(), other.tick());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.rehearsed + two.rehearsed, one.failed + two.failed), (1, 0), "{one:?} {two:?}");
    // Clocks that go back and forth find it held.
    for moment in ["2022-01-04T08:30:00Z", "2022-01-04T09:00:01Z", "2022-01-06T09:00:00Z"] {
        world.bed.clock.set(at(moment));
        assert_eq!(world.scheduler.tick().await.unwrap().rehearsed + other.tick().await.unwrap().rehearsed, 0, "{moment}");
    }
    world.scheduler.deliver().await.unwrap();
    other.deliver().await.unwrap();
    assert_eq!(letters(&world).len(), 1);
    store.close().await;
}

pub(crate) async fn it_is_held_skipped_and_ordered_as_other_jobs_are(bed: Bed) {
    let world = before_the_quarter(bed).await;
    world.at("2022-01-03T10:00:00Z").await;
    assert_eq!(reason(&run(&world, "rehearse").await.unwrap_err()), "JOB_NOT_DUE");
    assert_eq!(hold(&world, "rehearse").await.unwrap().kind(), v1::JobKind::Rehearse);
    assert_eq!(world.at("2022-01-04T09:00:00Z").await.rehearsed, 0);
    assert_eq!(stands(&world, "rehearse").await, JobState::Held);
    let lines: Vec<String> = world.scheduler.due().await.unwrap().iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.contains("rehearsed, for administrators alone (held back: The venue is flooded.)")), "{lines:?}");
    // Late, and worth it: there is a week left.
    run(&world, "rehearse").await.unwrap();
    assert_eq!(world.at("2022-01-11T09:00:00Z").await.rehearsed, 1);
    assert_eq!(stands(&world, "rehearse").await, JobState::Done);
    assert_eq!(reason(&resume(&world, "rehearse").await.unwrap_err()), "JOB_STATE");
    assert_eq!(letters(&world).len(), 1);

    // The next one somebody does without.
    world.at("2022-03-01T10:00:00Z").await;
    let next = CYCLE.replace("2021-q3", "2021-q4");
    let name = format!("{next}/jobs/rehearse");
    let wanted = v1::SkipJobRequest { name, reason: "We know that it works.".into() };
    let skipped = world.schedule().skip_job(world.administrator.call(wanted)).await.unwrap().into_inner();
    assert_eq!(skipped.state(), JobState::Skipped);
    assert_eq!(world.at("2022-04-05T09:00:00Z").await.rehearsed, 0);
    assert_eq!(letters(&world).len(), 1);
    assert_eq!(reason(&skip(&world, "rehearse").await.unwrap_err()), "JOB_STATE", "what took place cannot be skipped");
}

pub(crate) async fn it_moves_with_the_release_and_after_it_there_is_nothing_to_rehearse(bed: Bed) {
    let world = before_the_quarter(bed).await;
    world.at("2022-01-03T10:00:00Z").await;
    moves(&world, "2022-01-25T09:00:00Z", "2022-02-02T10:00:00Z").await;
    let rehearsal = listed(&world, CYCLE).await.into_iter().find(|job| job.kind() == v1::JobKind::Rehearse).unwrap();
    assert_eq!(rehearsal.due_time, Some(seconds("2022-01-11T09:00:00Z")), "a week later, as the release");
    assert_eq!(world.at("2022-01-04T09:00:00Z").await.rehearsed, 0);
    // Nobody looks until the paper should have gone: nobody is asked, and why is said.
    let tick = world.at("2022-01-25T09:00:00Z").await;
    assert_eq!((tick.rehearsed, tick.missed), (0, 0));
    let rehearsal = listed(&world, CYCLE).await.into_iter().find(|job| job.kind() == v1::JobKind::Rehearse).unwrap();
    assert_eq!(rehearsal.state(), JobState::Lapsed);
    assert_eq!(rehearsal.note, "it is too late to rehearse: the paper's publication has come");
    assert!(letters(&world).is_empty());
}

/// The first rehearsal's letter is no reason to keep the second one's back.
pub(crate) async fn a_release_that_is_put_off_by_some_hours_is_rehearsed_again_the_same_day_and_both_letters_arrive(bed: Bed) {
    let world = before_the_quarter(bed).await;
    world.at("2022-01-03T10:00:00Z").await;
    assert_eq!(world.at("2022-01-04T09:00:00Z").await.rehearsed, 1);
    moves(&world, "2022-01-18T12:00:00Z", "2022-01-26T10:00:00Z").await;
    assert_eq!(world.at("2022-01-04T11:59:59Z").await.rehearsed, 0);
    assert_eq!(world.at("2022-01-04T12:00:00Z").await.rehearsed, 1);
    let told: Vec<String> = letters(&world).iter().map(text).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("18 January 2022 at 09:00") && told[1].contains("18 January 2022 at 12:00"), "{told:?}");
    assert_eq!(world.at("2022-01-04T12:10:00Z").await.rehearsed, 0);
}

/// What the last letter about a rehearsal says, on one line, and its subject.
fn last(world: &World) -> (String, String) {
    let letter = letters(world).pop().unwrap();
    let subject = MessageParser::default().parse(&letter.bytes).unwrap().subject().unwrap().to_owned();
    (subject, text(&letter).split_whitespace().collect::<Vec<_>>().join(" "))
}

pub(crate) async fn who_stands_in_the_way_and_what_mail_does_not_reach_is_found_too(bed: Bed) {
    let world = before_the_quarter(bed).await;
    world.at("2022-01-03T10:00:00Z").await;
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    let dead = Script::accepting().always_for("rowan@example.org", Step::Rcpt, Act::reply("550 5.1.1 no such user"));
    world.sink.set_script(dead);
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 1);
    world.sink.set_script(Script::accepting());

    // Whoever approves the next paper sends a return in for it; nobody edits it any more.
    let reports = v1::RoleGrant { role: v1::Role::Officer.into(), partnership: partnership(2), ..Default::default() };
    let grant = v1::CreateRoleGrantRequest { parent: world.approver.person.clone(), role_grant: Some(reports), request_id: String::new() };
    world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    leaves(&world, &world.editor).await;
    world.at("2022-03-01T10:00:00Z").await;
    world.at("2022-04-01T08:00:00Z").await;
    let next = CYCLE.replace("2021-q3", "2021-q4");
    world.returns().create_return(world.approver.call(two_figures(2, &next, "2021-q4", "206", "291"))).await.unwrap();
    // The server was set up to try things out with.
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(world.bed.clock.clone()) as SharedClock);
    let post = Post {
        from_name: csp_tests::line("Northumbria community safety digest"),
        from: "digest@example.org".parse().unwrap(),
        reply_to: None,
        domain: "example.org".to_owned(),
        connections: 1,
    };
    let carrier = Carrier::Folder(Folder::new(folder.path()));
    let trying = Scheduler::new(world.bed.store.clone(), clock, Arc::new(SeededChance::new(61)), carrier, post);
    world.bed.clock.set(at("2022-04-05T09:00:00Z"));
    assert_eq!(trying.tick().await.unwrap().rehearsed, 1);
    world.scheduler.deliver().await.unwrap();
    let (subject, said) = last(&world);
    assert_eq!(subject, "REHEARSAL, Citizen Focus Committee, Q4 2021/22: five things to see to");
    for found in [
        "Mail to these members did not arrive lately, see csp messages: Rowan O'Thistle.",
        "The Citizen Focus Committee has no editor: nobody hears who is missing, or writes the national part.",
        "Everybody who approves the paper also edits it, or wrote part of it: nobody may approve it as it stands. It needs a second person.",
        "The server writes its mail into a folder, and none of it reaches anybody.",
        "The sender's address is the one for trying out, and answers to it reach nobody.",
    ] {
        assert!(said.contains(found), "{found:?} in {said}");
    }
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "a rehearsal sends nothing");

    // The summer's paper prints only what a lead has signed, and there is none. What did not arrive in January is no news any more.
    let committee =
        v1::Committee { name: crate::world::COMMITTEE.into(), sign_off: v1::SignOffRule::Required.into(), ..Default::default() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["sign_off".into()] });
    let update = v1::UpdateCommitteeRequest { committee: Some(committee), update_mask };
    world.committees().update_committee(world.administrator.call(update)).await.unwrap();
    world.at("2022-06-01T10:00:00Z").await;
    world.at("2022-07-05T09:00:00Z").await;
    let (_, said) = last(&world);
    for name in ["Gateshead", "Newcastle upon Tyne", "Sunderland"] {
        let found = format!("{name} has no lead, and nothing of it is printed that no lead has signed.");
        assert!(said.contains(&found), "{found:?} in {said}");
    }
    assert!(!said.contains("did not arrive") && !said.contains("into a folder"), "{said}");
}
