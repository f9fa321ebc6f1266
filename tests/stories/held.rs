//! Scheduled work is seen, held back, skipped and ordered by people, each with a reason.

use csp_domain::clock::SharedClock;
use csp_proto::v1::{self, JobState};
use csp_tests::{Bed, at};
use std::sync::Arc;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, CYCLE, MEMBERS, REGION, World, scheduler, two_figures};

/// The jobs of the first cycle, each with where it stands.
pub(crate) async fn standing(world: &World) -> Vec<(String, JobState)> {
    standing_of(world, CYCLE).await
}

/// The jobs of a cycle, each with where it stands.
pub(crate) async fn standing_of(world: &World, cycle: &str) -> Vec<(String, JobState)> {
    listed(world, cycle).await.iter().map(|job| (job.name.rsplit('/').next().unwrap_or_default().to_owned(), job.state())).collect()
}

pub(crate) async fn listed(world: &World, parent: &str) -> Vec<v1::Job> {
    let list = v1::ListJobsRequest { parent: parent.into(), page_size: 500, page_token: String::new() };
    world.schedule().list_jobs(world.administrator.call(list)).await.unwrap().into_inner().jobs
}

pub(crate) async fn stands(world: &World, job: &str) -> JobState {
    let all = standing(world).await;
    all.iter()
        .find(|(name, state)| name == job && *state != JobState::Skipped)
        .or_else(|| all.iter().find(|(name, _)| name == job))
        .unwrap()
        .1
}

pub(crate) const REASON: &str = "The venue is flooded.";

fn job(name: &str) -> String {
    format!("{CYCLE}/jobs/{name}")
}

pub(crate) async fn hold(world: &World, name: &str) -> Result<v1::Job, Status> {
    let hold = v1::HoldJobRequest { name: job(name), reason: REASON.into() };
    Ok(world.schedule().hold_job(world.administrator.call(hold)).await?.into_inner())
}

pub(crate) async fn resume(world: &World, name: &str) -> Result<v1::Job, Status> {
    let resume = v1::ResumeJobRequest { name: job(name), reason: "There is another venue.".into() };
    Ok(world.schedule().resume_job(world.administrator.call(resume)).await?.into_inner())
}

pub(crate) async fn skip(world: &World, name: &str) -> Result<v1::Job, Status> {
    let skip = v1::SkipJobRequest { name: job(name), reason: REASON.into() };
    Ok(world.schedule().skip_job(world.administrator.call(skip)).await?.into_inner())
}

pub(crate) async fn run(world: &World, name: &str) -> Result<v1::Job, Status> {
    let run = v1::RunJobRequest { name: job(name), reason: "Members were told that it comes late.".into() };
    Ok(world.schedule().run_job(world.administrator.call(run)).await?.into_inner())
}

pub(crate) fn reason(refused: &Status) -> String {
    refused.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// What the administrator hears by `csp due`.
async fn duties(world: &World) -> Vec<v1::Duty> {
    let list = v1::ListDutiesRequest { page_size: 500, page_token: String::new() };
    world.identity().list_duties(world.administrator.call(list)).await.unwrap().into_inner().duties
}

pub(crate) async fn a_held_release_waits_until_it_is_resumed(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    assert_eq!(stands(&world, "open").await, JobState::Done);
    assert_eq!(stands(&world, "close").await, JobState::Waiting);
    let held = hold(&world, "release").await.unwrap();
    assert_eq!((held.state(), held.name.as_str()), (JobState::Held, format!("{CYCLE}/jobs/release").as_str()));
    let decision = held.decision.unwrap();
    assert_eq!((decision.reason.as_str(), decision.person_display_name.as_str()), (REASON, "administrator"));
    assert_eq!(reason(&hold(&world, "release").await.unwrap_err()), "JOB_STATE", "it is held already");

    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    let tick = world.at("2022-01-18T09:00:00Z").await;
    assert_eq!((tick.released, tick.held), (0, 1), "its time has come, and it is held");
    assert!(world.papers().is_empty());

    // Whoever asks is told: by csp due, and by cspd check.
    let decide: Vec<_> = duties(&world).await.into_iter().filter(|duty| duty.kind() == v1::DutyKind::Decide).collect();
    assert_eq!(decide.len(), 1);
    assert_eq!(decide[0].summary, format!("held back: it has its paper sent to members ({REASON})"));
    let lines: Vec<String> = world.scheduler.due().await.unwrap().iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.contains("its digest is published (held back: The venue is flooded.)")), "{lines:?}");

    resume(&world, "release").await.unwrap();
    assert_eq!(reason(&resume(&world, "release").await.unwrap_err()), "JOB_STATE", "there is nothing to take back any more");
    assert_eq!(world.at("2022-01-18T09:30:00Z").await.released, 1);
    assert_eq!(world.papers().len(), MEMBERS.len());
    assert_eq!(reason(&hold(&world, "release").await.unwrap_err()), "JOB_STATE", "what is done cannot be held");

    // Each decision is on record, with its reason.
    let list = v1::ListAuditEntriesRequest { parent: REGION.into(), subject: "cycle".into(), page_size: 500, ..Default::default() };
    let record = world.audit().list_audit_entries(world.administrator.call(list)).await.unwrap().into_inner().audit_entries;
    let found: Vec<_> = record.iter().filter(|row| row.action.ends_with("_job")).collect();
    assert_eq!(found.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["hold_job", "resume_job"]);
    assert!(found[0].new_value.contains(REASON) && found[0].person.ends_with("/administrator"), "{:?}", found[0]);
}

pub(crate) async fn a_skipped_job_is_never_done(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    assert_eq!(skip(&world, "freeze").await.unwrap().state(), JobState::Skipped);
    assert_eq!(reason(&skip(&world, "freeze").await.unwrap_err()), "JOB_STATE", "once and for all");
    assert_eq!(reason(&run(&world, "freeze").await.unwrap_err()), "JOB_STATE");
    let tick = world.at("2022-01-12T17:00:01Z").await;
    assert_eq!((tick.closed, tick.frozen), (1, 0));
    assert_eq!(world.at("2022-01-13T17:00:00Z").await.frozen, 0, "also not at the next look");
    // The editor may do by hand what the schedule was told to leave.
    let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() };
    world.digests().freeze_digest(world.editor.call(freeze)).await.unwrap();
    assert_eq!(stands(&world, "freeze").await, JobState::Done);
    skip(&world, "release").await.unwrap();
    world.bed.clock.set(at("2022-01-14T09:00:00Z"));
    world.approve(CYCLE).await.unwrap();
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 0);
    assert!(world.papers().is_empty());
}

pub(crate) async fn while_the_opening_is_held_nothing_can_be_sent_in(bed: Bed) {
    let world = World::on(bed).await;
    // The cycle after the next is planned, and not open yet.
    let next = format!("{COMMITTEE}/cycles/2021-q4");
    world.at("2022-01-05T10:00:00Z").await;
    let hold = v1::HoldJobRequest { name: format!("{next}/jobs/open"), reason: REASON.into() };
    world.schedule().hold_job(world.administrator.call(hold)).await.unwrap();
    assert_eq!(world.at("2022-04-04T10:00:00Z").await.opened, 0);
    let refused = world.returns().create_return(world.officers[0].call(two_figures(0, &next, "2021-q4", "1", "2"))).await.unwrap_err();
    assert_eq!(reason(&refused), "CYCLE_NOT_OPEN");
    let list = v1::ListDutiesRequest { page_size: 500, page_token: String::new() };
    let duties = world.identity().list_duties(world.officers[0].call(list)).await.unwrap().into_inner().duties;
    let duty = duties.iter().find(|duty| duty.cycle == next).unwrap();
    assert_eq!(duty.state(), v1::DutyState::Upcoming);
    assert!(duty.summary.ends_with(&format!("held back: it opens for returns ({REASON})")), "{}", duty.summary);
    let resume = v1::ResumeJobRequest { name: format!("{next}/jobs/open"), reason: "There is another venue.".into() };
    world.schedule().resume_job(world.administrator.call(resume)).await.unwrap();
    assert_eq!(world.at("2022-04-04T10:00:30Z").await.opened, 1);
    world.returns().create_return(world.officers[0].call(two_figures(0, &next, "2021-q4", "1", "2"))).await.unwrap();
}

pub(crate) async fn a_cycle_whose_opening_was_skipped_takes_nothing_and_is_nobodys_duty_yet(bed: Bed) {
    let world = World::on(bed).await;
    let next = format!("{COMMITTEE}/cycles/2021-q4");
    world.at("2022-01-05T10:00:00Z").await;
    let skip = v1::SkipJobRequest { name: format!("{next}/jobs/open"), reason: REASON.into() };
    world.schedule().skip_job(world.administrator.call(skip)).await.unwrap();
    assert_eq!(world.at("2022-04-04T10:00:00Z").await.opened, 0);
    let refused = world.returns().create_return(world.officers[0].call(two_figures(0, &next, "2021-q4", "1", "2"))).await.unwrap_err();
    assert_eq!(reason(&refused), "CYCLE_NOT_OPEN");
    let list = v1::ListDutiesRequest { page_size: 500, page_token: String::new() };
    let duties = world.identity().list_duties(world.officers[0].call(list)).await.unwrap().into_inner().duties;
    let states: Vec<_> = duties.iter().filter(|duty| duty.cycle == next).map(v1::Duty::state).collect();
    assert_eq!(states, [v1::DutyState::Upcoming], "it is not due of anybody who cannot send it in");
}

pub(crate) async fn what_was_missed_is_asked_about_once_and_done_when_somebody_says_so(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    assert_eq!(reason(&run(&world, "close").await.unwrap_err()), "JOB_NOT_DUE", "its date is moved instead");
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    // Down from the thirteenth to three days after publication: longer than members would expect it.
    let tick = world.at("2022-01-21T09:00:00Z").await;
    assert_eq!((tick.released, tick.missed, tick.asked), (0, 1, 1));
    assert_eq!(stands(&world, "release").await, JobState::Missed);
    assert!(world.papers().is_empty(), "never a stale paper by surprise");
    let letters: Vec<_> = world.sink.messages().into_iter().filter(|mail| mail.to == "administrator@example.org").collect();
    assert_eq!(letters.len(), 2, "the rehearsal, and the question");
    let text = mail_parser::MessageParser::default().parse(&letters[1].bytes).unwrap().body_text(0).unwrap().into_owned();
    assert!(text.contains("csp admin schedule run citizen-focus/2021-q3/release"), "{text}");
    let again = world.at("2022-01-21T09:00:30Z").await;
    assert_eq!((again.missed, again.asked), (1, 0), "it stays missed, and nobody is asked twice");
    let decide: Vec<_> = duties(&world).await.into_iter().filter(|duty| duty.kind() == v1::DutyKind::Decide).collect();
    assert_eq!((decide.len(), decide[0].state()), (1, v1::DutyState::Due));
    assert!(world.scheduler.due().await.unwrap().iter().any(|line| line.missed), "cspd check ends with a problem");

    assert_eq!(run(&world, "release").await.unwrap().state(), JobState::Due);
    assert_eq!(world.at("2022-01-21T09:01:00Z").await.released, 1);
    assert_eq!(world.papers().len(), MEMBERS.len());
    assert_eq!(stands(&world, "release").await, JobState::Done);
}

pub(crate) async fn reminders_of_one_cycle_are_held_skipped_and_ordered(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let letters = |world: &World| world.sink.messages().iter().filter(|mail| mail.to == "officer-gateshead@example.org").count();
    hold(&world, "remind").await.unwrap();
    assert_eq!(world.at("2022-01-06T09:00:00Z").await.reminded, 0, "five working days before");
    resume(&world, "remind").await.unwrap();
    assert_eq!(skip(&world, "remind").await.unwrap().state(), JobState::Skipped);
    assert_eq!(world.at("2022-01-11T09:00:00Z").await.reminded, 0, "the working day before was skipped");
    assert_eq!(letters(&world), 0);
    // Somebody wants everybody to be told now, in the afternoon.
    assert_eq!(run(&world, "remind").await.unwrap().state(), JobState::Due);
    assert!(world.at("2022-01-11T15:00:00Z").await.reminded >= 3);
    assert_eq!(letters(&world), 1);
    run(&world, "remind").await.unwrap();
    world.at("2022-01-11T16:00:00Z").await;
    assert_eq!(letters(&world), 1, "no second letter on the same day");
    world.at("2022-01-12T09:00:00Z").await;
    assert_eq!(letters(&world), 2, "on the day they go out as ever");
}

pub(crate) async fn only_administrators_decide_and_every_fault_is_told(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let request = v1::HoldJobRequest { name: job("release"), reason: REASON.into() };
    let refused = world.schedule().hold_job(world.editor.call(request.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let list = v1::ListJobsRequest { parent: COMMITTEE.into(), ..Default::default() };
    assert!(!world.schedule().list_jobs(world.editor.call(list.clone())).await.unwrap().into_inner().jobs.is_empty(), "an editor may look");
    assert_eq!(world.schedule().list_jobs(world.officers[0].call(list)).await.unwrap_err().code(), Code::PermissionDenied);
    let empty = v1::HoldJobRequest { reason: String::new(), ..request.clone() };
    let refused = world.schedule().hold_job(world.administrator.call(empty)).await.unwrap_err();
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "reason");
    let unknown = v1::HoldJobRequest { name: job("dance"), ..request };
    assert_eq!(world.schedule().hold_job(world.administrator.call(unknown)).await.unwrap_err().code(), Code::NotFound);
    // Of the whole region, page by page.
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let list = v1::ListJobsRequest { parent: REGION.into(), page_size: 2, page_token };
        let page = world.schedule().list_jobs(world.administrator.call(list)).await.unwrap().into_inner();
        found.extend(page.jobs.into_iter().map(|job| job.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, listed(&world, REGION).await.into_iter().map(|job| job.name).collect::<Vec<_>>());
    assert!(found.len() >= 9, "{found:?}");
}

/// Whoever holds it and the servers that want to do it come at once: it is held and not done, or done and not held.
pub(crate) async fn of_holding_and_doing_at_once_one_wins(bed: Bed) {
    let world = World::on(bed).await;
    let store = world.bed.second_store(Arc::new(csp_domain::chance::SeededChance::new(97))).await;
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let other = scheduler(&store, clock, 9, &world.sink);
    world.at("2022-01-05T10:00:00Z").await;
    world.at("2022-01-12T17:00:01Z").await;
    world.approve(CYCLE).await.unwrap();
    world.bed.clock.set(at("2022-01-18T09:00:00Z"));
    let (held, one, two) = tokio::join!(hold(&world, "release"), world.scheduler.tick(), other.tick());
    let released = one.unwrap().released + two.unwrap().released;
    let state = stands(&world, "release").await;
    match held {
        Ok(_) => assert_eq!((released, state), (0, JobState::Held)),
        Err(refused) => {
            assert_eq!(reason(&refused), "JOB_STATE");
            assert_eq!((released, state), (1, JobState::Done));
        }
    }
    store.close().await;
}
