//! What comes after its time: a cycle planned when it should have been open, one that is called off, a paper approved when members have met.

use csp_proto::v1::{self, JobState};
use csp_tests::{Bed, at};
use mail_parser::MessageParser;

use crate::{
    calendar::{SCRUTINY, calendar_of, notices, schedule, scrutiny},
    folder::{csp, dialled},
    held::{run, stands},
    workbook::files,
    world::{CYCLE, MEMBERS, World, partnership, two_figures},
};

/// How many letters about open returns an officer of Gateshead has had.
fn opened(world: &World) -> usize {
    told(world, " are open").iter().filter(|told| told.starts_with("officer-gateshead")).count()
}

/// Who was mailed something whose subject says so.
fn told(world: &World, about: &str) -> Vec<String> {
    let subject = |bytes: &[u8]| MessageParser::default().parse(bytes).unwrap().subject().unwrap().to_owned();
    let mails = world.sink.messages();
    let told = mails.iter().map(|mail| (mail.to.split('@').next().unwrap().to_owned(), subject(&mail.bytes)));
    let mut told: Vec<String> =
        told.filter(|(_, subject)| subject.contains(about)).map(|(to, subject)| format!("{to}: {subject}")).collect();
    told.sort();
    told
}

/// The last letter to somebody, as one line.
fn last_said(world: &World, to: &str) -> String {
    let mails = world.sink.messages();
    let mail = mails.iter().rfind(|mail| mail.to.starts_with(to)).expect("was written to");
    let text = MessageParser::default().parse(&mail.bytes).unwrap().body_text(0).unwrap().into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// On 6 April a meeting is planned whose collecting should have begun on the fifth.
pub(crate) async fn a_cycle_planned_after_its_opening_is_told_of_the_next_morning_and_once(bed: Bed) {
    let world = World::on(bed).await;
    scrutiny(&world).await;
    world.at("2022-02-01T10:00:00Z").await;
    world.at("2022-04-06T10:00:00Z").await;
    let before = opened(&world);
    let planned = schedule(&world, calendar_of(&[("may@council", "20220519")]), false).await.remove(0);
    let cycle = planned.cycle.unwrap();
    assert!(cycle.open_time.unwrap().seconds < at("2022-04-06T08:00:00Z").timestamp(), "{:?}", cycle.open_time);
    world.at("2022-04-06T10:00:30Z").await;
    assert_eq!(opened(&world), before, "a letter a day, and today's has gone");
    world.at("2022-04-07T08:00:00Z").await;
    assert_eq!(opened(&world), before + 1);
    let names: Vec<_> = files(&world, "officer-gateshead").into_iter().map(|(name, _, _)| name).collect();
    assert_eq!(names, ["returns-due.ics", "gateshead-scrutiny-2021-q4.xlsx"]);
    world.at("2022-04-08T08:00:00Z").await;
    assert_eq!(opened(&world), before + 1, "never twice");
    // The next reminder is about its deadline, and brings no workbook.
    world.at("2022-04-28T08:00:00Z").await;
    assert!(last_said(&world, "officer-gateshead").contains("scrutiny/2021-q4"), "{}", last_said(&world, "officer-gateshead"));
    assert_eq!(files(&world, "officer-gateshead").len(), 1, "the dates alone");
}

/// Somebody holds an opening over its morning.
pub(crate) async fn a_cycle_whose_opening_was_held_back_is_told_of_when_it_opens(bed: Bed) {
    bed.clock.set(at("2021-12-20T09:00:00Z"));
    let world = World::on(bed).await;
    world.at("2021-12-29T10:00:00Z").await;
    crate::held::hold(&world, "open").await.unwrap();
    // It should open on New Year's Day; the first working day is the fourth.
    world.at("2022-01-04T09:00:00Z").await;
    assert_eq!(opened(&world), 0, "nobody is told of what cannot be sent in");
    world.bed.clock.set(at("2022-01-04T10:00:00Z"));
    crate::held::resume(&world, "open").await.unwrap();
    world.at("2022-01-04T10:00:30Z").await;
    assert_eq!(opened(&world), 0);
    // The morning after is a week before the deadline, and so the letter says when that is: more urgent than that it is open.
    world.at("2022-01-05T09:00:00Z").await;
    let names: Vec<_> = files(&world, "officer-gateshead").into_iter().map(|(name, _, _)| name).collect();
    assert_eq!(names, ["returns-due.ics", "gateshead-citizen-focus-2021-q3.xlsx"]);
    world.at("2022-01-11T09:00:00Z").await;
    assert_eq!(files(&world, "officer-gateshead").len(), 1, "the workbook comes once");
}

pub(crate) async fn a_cycle_that_is_called_off_is_told_of_once_and_what_never_came_stays_on_record(bed: Bed) {
    let world = World::on(bed).await;
    let editor = scrutiny(&world).await;
    world.at("2022-03-01T10:00:00Z").await;
    let both = calendar_of(&[("april@council", "20220428"), ("july@council", "20220728")]);
    let cycle = schedule(&world, both.clone(), false).await[0].cycle.clone().unwrap().name;
    world.at("2022-04-01T09:00:00Z").await;
    world.returns().create_return(world.officers[0].call(two_figures(0, &cycle, "2021-q4", "10", "20"))).await.unwrap();
    // Returns were due on the 12th; two never came. The day after, the clerk strikes out both meetings.
    world.at("2022-04-13T10:00:00Z").await;
    let struck = both.replace("BEGIN:VEVENT\r\n", "BEGIN:VEVENT\r\nSTATUS:CANCELLED\r\nSEQUENCE:1\r\n");
    let answers = schedule(&world, struck.clone(), false).await;
    assert!(answers.iter().all(|answer| answer.outcome() == v1::PlanningOutcome::CalledOff), "{answers:?}");
    world.at("2022-04-13T10:00:30Z").await;
    let about = "Scrutiny Committee, Q4 2021/22 (January to March 2022): called off";
    let everybody = ["officer-gateshead", "officer-newcastle", "officer-sunderland", "scrutiny-editor"];
    assert_eq!(told(&world, "called off"), everybody.map(|to| format!("{to}: {about}")), "and nobody of July, which nobody knew");
    let mails = world.sink.messages();
    let letter = mails.iter().rfind(|mail| mail.to.starts_with("officer-gateshead")).unwrap();
    let text = MessageParser::default().parse(&letter.bytes).unwrap().body_text(0).unwrap().replace("\r\n", "\n");
    insta::assert_snapshot!("called_off", text);
    schedule(&world, struck, false).await;
    let cancel = v1::CancelCycleRequest { name: cycle.clone(), etag: String::new() };
    world.committees().cancel_cycle(world.administrator.call(cancel)).await.unwrap();
    world.at("2022-04-14T12:00:00Z").await;
    assert_eq!(told(&world, "called off").len(), 4, "once each");

    // That a return never came is not forgotten because the meeting was called off.
    let status = v1::GetCycleStatusRequest { name: cycle };
    let status = world.returns().get_cycle_status(editor.call(status)).await.unwrap().into_inner();
    let complete = status.complete.unwrap();
    assert_eq!((complete.part, complete.whole, complete.cycles), (1, 3, 1));
    let newcastle = status.partnerships[1].complete.unwrap();
    assert_eq!((newcastle.part, newcastle.whole), (0, 1));
}

pub(crate) async fn a_cycle_called_off_before_its_deadline_is_told_of_and_owes_nobody_anything(bed: Bed) {
    let world = World::on(bed).await;
    let editor = scrutiny(&world).await;
    world.at("2022-03-01T10:00:00Z").await;
    let cycle = schedule(&world, calendar_of(&[("april@council", "20220428")]), false).await[0].cycle.clone().unwrap().name;
    world.at("2022-04-01T09:00:00Z").await;
    let cancel = v1::CancelCycleRequest { name: cycle.clone(), etag: String::new() };
    world.committees().cancel_cycle(world.administrator.call(cancel)).await.unwrap();
    world.at("2022-04-01T10:00:00Z").await;
    assert_eq!(told(&world, "called off").len(), 4);
    assert!(
        last_said(&world, "officer-newcastle").contains("called off by an administrator"),
        "{}",
        last_said(&world, "officer-newcastle")
    );
    let plan = v1::GetCyclePlanRequest { name: cycle.clone() };
    let plan = world.calendars().get_cycle_plan(world.officers[0].call(plan)).await.unwrap().into_inner();
    assert_eq!(plan.changes.last().unwrap().reason, "the cycle was called off by an administrator");
    let status = world.returns().get_cycle_status(editor.call(v1::GetCycleStatusRequest { name: cycle })).await.unwrap().into_inner();
    assert_eq!(status.complete.map_or(0, |rate| rate.whole), 0);
}

pub(crate) async fn a_paper_approved_after_its_meeting_waits_for_somebodys_word(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-12T17:00:01Z").await;
    // The committee met on 26 January; in February somebody approves the paper after all.
    world.at("2022-02-18T10:00:00Z").await;
    let get = v1::GetDigestRequest { name: format!("{CYCLE}/digests/-") };
    let digest = world.digests().get_digest(world.approver.call(get)).await.unwrap().into_inner();
    let url = dialled(&world).await;
    let begins = &digest.document_hash[..8];
    let (code, _, talk) = csp(&url, &world.approver.token, &["digest", "approve", "citizen-focus/2021-q3/1", "--hash", begins]).await;
    assert_eq!(code, 0, "{talk}");
    let talk = talk.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(talk.contains("does not go to members by itself") && !talk.contains("at publication time"), "{talk}");
    // Monday, when its cooling-off is over, and for days after.
    for moment in ["2022-02-21T10:00:00Z", "2022-02-22T10:00:00Z", "2022-02-24T10:00:00Z"] {
        assert_eq!(world.at(moment).await.released, 0);
        assert_eq!(stands(&world, "release").await, JobState::Missed);
    }
    assert!(world.papers().is_empty(), "nobody gets by surprise what they have met about");
    let asked = told(&world, "was missed, and waits for you");
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(last_said(&world, "administrator").contains("approved after members had met"), "{}", last_said(&world, "administrator"));
    run(&world, "release").await.unwrap();
    assert_eq!(world.at("2022-02-24T10:01:00Z").await.released, 1);
    assert_eq!(world.papers().len(), MEMBERS.len());
}

/// Newcastle has until the freeze, and a closed day moves that a day ahead.
pub(crate) async fn who_loses_some_of_the_time_they_were_given_is_told_until_when_they_have_it(bed: Bed) {
    let world = World::on(bed).await;
    let editor = scrutiny(&world).await;
    world.at("2022-03-01T10:00:00Z").await;
    let cycle = schedule(&world, calendar_of(&[("april@council", "20220428")]), false).await[0].cycle.clone().unwrap().name;
    world.at("2022-04-01T09:00:00Z").await;
    let extend = v1::ExtendDeadlineRequest {
        cycle,
        partnership: partnership(1),
        until_time: Some(prost_types::Timestamp { seconds: at("2022-04-14T11:00:00Z").timestamp(), nanos: 0 }),
        reason: "Their system was down on the 11th.".into(),
    };
    world.calendars().extend_deadline(editor.call(extend)).await.unwrap();
    let add = vec![v1::ClosedDay { date: "2022-04-14".into(), reason: "Offices shut".into() }];
    let change = v1::ChangeClosedDaysRequest { parent: SCRUTINY.into(), add, remove: Vec::new(), validate_only: false };
    world.calendars().change_closed_days(world.administrator.call(change)).await.unwrap();
    world.at("2022-04-01T10:00:00Z").await;
    let own = "Returns due from Newcastle upon Tyne Wednesday 13 April 2022 at 12:00, was Thursday 14 April 2022 at 12:00";
    let all = "Returns due Monday 11 April 2022 at 17:00, was Tuesday 12 April 2022 at 17:00";
    for (who, hears_own, hears_all) in
        [("officer-gateshead", false, true), ("officer-newcastle", true, false), ("scrutiny-editor", true, true)]
    {
        let said = last_said(&world, who);
        assert_eq!((said.contains(own), said.contains(all)), (hears_own, hears_all), "{who}: {said}");
    }
    let about = "returns are due on Wednesday 13 April 2022 at 12:00 now";
    assert!(notices(&world).iter().any(|told| told.starts_with("officer-newcastle") && told.ends_with(about)), "{:?}", notices(&world));
}
