//! Scheduled work and what people decide about it; links by which diaries follow its dates.

use chrono::TimeDelta;
use csp_domain::{
    diary::{Diary, DiaryLink, LinkSecret, NewDiaryLink},
    id::{CycleId, DiaryLinkId},
    schedule::{Decision, Entry, Job, JobState, OrderKind},
};
use csp_store::{JobChange, JobDecision, Page, Refusal};
use csp_tests::{Bed, County, line};

use crate::verdict::{Verdict as _, at_once};

/// A decision of the administrator's.
pub(crate) fn decision(county: &County, cycle: CycleId, job: Job, change: JobChange) -> JobDecision {
    JobDecision { by: county.administrator.id, cycle, job, change, reason: line("The venue is “flooded” – Zoë.") }
}

/// A link to the committee's dates, of the administrator's.
pub(crate) fn link(bed: &Bed, county: &County) -> (NewDiaryLink, LinkSecret) {
    let secret = LinkSecret::generate(bed.chance.as_ref());
    let id: DiaryLinkId = bed.id();
    let diary = Diary::Committee(county.committee.id);
    (NewDiaryLink { id, public_id: secret.id().to_owned(), hash: secret.hash(), diary, by: county.administrator.id }, secret)
}

fn of(entries: &[Entry], job: Job) -> Entry {
    entries.iter().rfind(|entry| entry.job == job).cloned().expect("each job is listed")
}

pub(crate) async fn what_is_decided_about_a_job_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, id, act) = (county.scope(), county.cycle.id, bed.by(&county.administrator));
    let wanted = decision(&county, id, Job::Release, JobChange::Hold);
    let held = of(&bed.store.decide_job(scope, &act, wanted.clone()).await.done(), Job::Release);
    let kept = Decision { by: wanted.by, at: bed.now(), reason: wanted.reason.clone() };
    assert_eq!((held.state, held.decision.as_ref()), (JobState::Held, Some(&kept)));
    assert_eq!((held.due_at, held.done_at, held.ordered), (county.cycle.timetable.publication_at, None, false));
    assert_eq!(of(&bed.store.list_jobs(scope, id, bed.now()).await.done(), Job::Release), held);
    let living = bed.store.living_decisions().await.done();
    let (region, found) = &living[0];
    assert_eq!((*region, living.len(), found.orders.len(), found.runs.len()), (county.region.id, 1, 1, 0));
    let order = &found.orders[0];
    assert_eq!(
        (order.cycle, order.job, order.kind, order.due_at),
        (id, Job::Release, OrderKind::Hold, county.cycle.timetable.publication_at)
    );
    assert_eq!(order.decision, kept);

    bed.clock.advance(TimeDelta::minutes(5));
    let act = bed.by(&county.administrator);
    let skipped = of(&bed.store.decide_job(scope, &act, decision(&county, id, Job::Release, JobChange::Skip)).await.done(), Job::Release);
    assert_eq!((skipped.state, skipped.done_at), (JobState::Skipped, Some(bed.now())));
    assert_eq!(skipped.decision, Some(Decision { at: bed.now(), ..kept }));
    let living = bed.store.living_decisions().await.done();
    assert_eq!((living[0].1.orders.len(), living[0].1.runs.len()), (0, 1), "a skip takes the place of the hold");
    let run = &living[0].1.runs[0];
    assert_eq!((run.cycle, run.job, run.due_at, run.done_at), (id, Job::Release, county.cycle.timetable.publication_at, bed.now()));
    assert_eq!(run.skipped, skipped.decision);
}

pub(crate) async fn what_is_over_or_not_due_is_not_decided_about(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, id) = (county.scope(), county.cycle.id);
    let decide = async |job, change| {
        let act = bed.by(&county.administrator);
        bed.store.decide_job(scope, &act, decision(&county, id, job, change)).await
    };
    let due_at = county.cycle.timetable.deadline_at;
    assert_eq!(decide(Job::Close, JobChange::Run).await.refused(), Refusal::JobNotDue { due_at });
    assert_eq!(decide(Job::Close, JobChange::Resume).await.refused(), Refusal::JobState(JobState::Waiting));
    bed.close(&county).await;
    for change in [JobChange::Hold, JobChange::Run, JobChange::Skip, JobChange::Resume] {
        assert_eq!(decide(Job::Close, change).await.refused(), Refusal::JobState(JobState::Done));
    }
    let before = bed.raw().everything().await;
    let dry = csp_domain::Act { dry_run: true, ..bed.by(&county.administrator) };
    bed.store.decide_job(scope, &dry, decision(&county, id, Job::Freeze, JobChange::Skip)).await.done();
    assert_eq!(bed.raw().everything().await, before, "what is only tried changes nothing");
}

pub(crate) async fn a_release_is_rehearsed_once_and_leaves_nothing_but_letters(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, id) = (county.scope(), county.cycle.id);
    let due_at = county.cycle.timetable.rehearsal_at();
    let stands = async || of(&bed.store.list_jobs(scope, id, bed.now()).await.done(), Job::Rehearse).state;
    assert_eq!(stands().await, JobState::Due, "it is late, and worth it");
    let rehearse = async |due_at, held: i32| {
        let message = bed.new_message(csp_domain::message::MessageKind::Notice, id.0, &county.administrator);
        let letter = (Bed::BODY.to_vec(), csp_domain::message::NewMessage { step: held, ..message });
        bed.store.rehearse(scope, &bed.by_schedule(), id, due_at, vec![letter]).await.done()
    };
    let act = bed.by(&county.administrator);
    bed.store.decide_job(scope, &act, decision(&county, id, Job::Rehearse, JobChange::Hold)).await.done();
    assert!(!rehearse(due_at, 1).await, "it is held back");
    bed.store.decide_job(scope, &act, decision(&county, id, Job::Rehearse, JobChange::Resume)).await.done();
    assert!(!rehearse(due_at + TimeDelta::days(1), 2).await, "of another date");
    assert_eq!(stands().await, JobState::Due, "nothing came of either");
    let before = bed.store.get_cycle(scope, id).await.done();
    assert!(rehearse(due_at, 3).await);
    assert!(!rehearse(due_at, 4).await);
    assert_eq!(stands().await, JobState::Done);
    assert_eq!(bed.store.get_cycle(scope, id).await.done(), before);
    assert!(bed.store.list_digests(scope, id).await.done().items.is_empty());
    let letters = bed.store.list_messages(scope, csp_store::MessageFilter::default(), Page::all()).await.done().items;
    assert_eq!(letters.iter().map(|letter| letter.step).collect::<Vec<_>>(), [3]);
    // The tick knows of it, so that it does not try again.
    let living = bed.store.living_decisions().await.done();
    assert_eq!(living[0].1.runs.iter().map(|run| (run.job, run.due_at)).collect::<Vec<_>>(), [(Job::Rehearse, due_at)]);
}

pub(crate) async fn what_was_skipped_stays_skipped_when_its_date_moves(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    let cycle = bed.store.create_cycle(scope, &act, bed.new_cycle(&county.committee, "2021-q4")).await.done();
    let jobs = [Job::Open, Job::Close, Job::Freeze, Job::Release, Job::Rehearse];
    for job in jobs {
        bed.store.decide_job(scope, &act, decision(&county, cycle.id, job, JobChange::Skip)).await.done();
    }
    let week = TimeDelta::days(7);
    let old = cycle.timetable;
    let later = csp_domain::calendar::Timetable {
        opens_at: old.opens_at + week,
        deadline_at: old.deadline_at + week,
        closed_to_new_at: old.closed_to_new_at + week,
        freeze_at: old.freeze_at + week,
        publication_at: old.publication_at + week,
        meeting_at: old.meeting_at + week,
    };
    bed.store.update_timetable(scope, &act, cycle.id, later, None).await.done();
    let entries = bed.store.list_jobs(scope, cycle.id, bed.now()).await.done();
    for (job, due_at) in
        jobs.into_iter().zip([later.opens_at, later.freeze_at, later.freeze_at, later.publication_at, later.rehearsal_at()])
    {
        let entry = of(&entries, job);
        assert_eq!((entry.state, entry.due_at), (JobState::Skipped, due_at), "{job:?}");
    }
    let (due, subject) = (later.opens_at, cycle.id);
    bed.clock.set(due + TimeDelta::hours(1));
    assert!(!bed.store.advance_cycle(scope, &bed.by_schedule(), subject, Job::Open, due).await.done(), "the schedule leaves it");
    let officer = &county.officers[0];
    let new = csp_domain::returns::NewReturn { cycle: subject, ..bed.new_return(&county, 0, vec![county.burglary(3)]) };
    let sent = bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await;
    assert_eq!(sent.refused(), Refusal::CycleNotOpen { opens_at: due }, "nobody is let in by a bell that does not ring");
}

pub(crate) async fn a_freeze_that_was_undone_can_be_skipped(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, id, due_at) = (county.scope(), county.cycle.id, county.cycle.timetable.freeze_at);
    bed.close(&county).await;
    let new = bed.new_digest(&county, "Update");
    bed.store.freeze_first_digest(scope, &bed.by_schedule(), new, due_at).await.done().expect("nobody was faster");
    let freezes = format!("SELECT COUNT(*) FROM job_runs WHERE job = '{}'", Job::Freeze.word());
    assert_eq!(bed.raw().number(&freezes).await, 1);
    // The meeting moves: what was frozen prints the old day, and is to be frozen anew.
    let old = bed.store.get_cycle(scope, id).await.done().timetable;
    let moved = csp_domain::calendar::Timetable { meeting_at: old.meeting_at + TimeDelta::days(7), ..old };
    bed.store.update_timetable(scope, &bed.by(&county.administrator), id, moved, None).await.done();
    assert_ne!(of(&bed.store.list_jobs(scope, id, bed.now()).await.done(), Job::Freeze).state, JobState::Done);

    let act = bed.by(&county.administrator);
    let entries = bed.store.decide_job(scope, &act, decision(&county, id, Job::Freeze, JobChange::Skip)).await.done();
    assert_eq!(of(&entries, Job::Freeze).state, JobState::Skipped);
    assert_eq!(bed.raw().number(&freezes).await, 1, "what is decided took the place of what was undone");
    assert_eq!(bed.raw().number(&format!("{freezes} AND outcome = 'skipped'")).await, 1);
}

/// The schedule and somebody who holds it back come at the same moment, many times over.
pub(crate) async fn a_job_is_held_or_done_and_never_both(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let scope = county.scope();
    let (mut held, mut done) = (0, 0);
    for (round, quarter) in ["2022-q1", "2022-q2", "2022-q3", "2022-q4", "2023-q1", "2023-q2", "2023-q3", "2023-q4"].iter().enumerate() {
        let cycle = bed.store.create_cycle(scope, &bed.by(&county.administrator), bed.new_cycle(&county.committee, quarter)).await.done();
        let (store, act, wanted) =
            (bed.store.clone(), bed.by(&county.administrator), decision(&county, cycle.id, Job::Open, JobChange::Hold));
        let holds: std::pin::Pin<Box<dyn Future<Output = bool> + Send>> =
            Box::pin(async move { store.decide_job(scope, &act, wanted).await.is_ok() });
        let (store, act, opens_at) = (bed.store.clone(), bed.by_schedule(), cycle.timetable.opens_at);
        let opens: std::pin::Pin<Box<dyn Future<Output = bool> + Send>> =
            Box::pin(async move { store.advance_cycle(scope, &act, cycle.id, Job::Open, opens_at).await.done() });
        let both = if round % 2 == 0 { vec![holds, opens] } else { vec![opens, holds] };
        let answers = at_once(both).await;
        assert_eq!(answers.iter().filter(|yes| **yes).count(), 1, "one of the two, and not the other");
        let state = bed.store.get_cycle(scope, cycle.id).await.done().state;
        let entry = of(&bed.store.list_jobs(scope, cycle.id, bed.now()).await.done(), Job::Open);
        match state {
            csp_domain::cycle::CycleState::Planned => {
                held += 1;
                assert_eq!(entry.state, JobState::Held);
            }
            _ => {
                done += 1;
                assert_eq!(entry.state, JobState::Done);
            }
        }
    }
    println!("held {held} times, done {done} times");
}

pub(crate) async fn a_diary_link_keeps_every_field_and_of_its_secret_a_hash(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    let (new, secret) = link(bed, &county);
    let wanted = DiaryLink {
        id: new.id,
        public_id: new.public_id.clone(),
        diary: new.diary,
        created_by: new.by,
        created_at: bed.now(),
        revoked_at: None,
    };
    let asked = csp_domain::Act { request: Some(bed.request("a link")), ..act.clone() };
    assert_eq!(bed.store.create_diary_link(scope, &asked, new.clone()).await.done(), wanted);
    bed.store.create_diary_link(scope, &asked, new.clone()).await.exists_already();
    assert_eq!(bed.store.find_diary_link(secret.id()).await.done(), Some((county.region.id, secret.hash(), wanted.clone())));
    assert_eq!(bed.store.find_diary_link("nobody").await.done(), None);
    let listed = async |diary, of| bed.store.list_diary_links(scope, diary, of, Page::all()).await.done().items;
    assert_eq!(listed(wanted.diary, None).await, std::slice::from_ref(&wanted));
    assert_eq!(listed(wanted.diary, Some(county.administrator.id)).await, std::slice::from_ref(&wanted));
    assert_eq!(listed(wanted.diary, Some(county.editor.id)).await, []);
    let partnership = Diary::Partnership(county.partnerships[0].id);
    assert_eq!(listed(partnership, None).await, []);

    bed.store.revoke_diary_link(scope, &act, wanted.id, partnership, None).await.not_found();
    bed.store.revoke_diary_link(scope, &act, wanted.id, wanted.diary, Some(county.editor.id)).await.not_found();
    bed.clock.advance(TimeDelta::minutes(1));
    let act = bed.by(&county.administrator);
    let gone = bed.store.revoke_diary_link(scope, &act, wanted.id, wanted.diary, Some(county.administrator.id)).await.done();
    assert_eq!(gone, DiaryLink { revoked_at: Some(bed.now()), ..wanted });

    for _ in 0..DiaryLink::MOST {
        bed.store.create_diary_link(scope, &act, link(bed, &county).0).await.done();
    }
    assert_eq!(bed.store.create_diary_link(scope, &act, link(bed, &county).0).await.refused(), Refusal::TooManyLinks);
}

pub(crate) async fn a_diary_has_the_dates_of_its_own_cycles_alone(bed: &Bed) {
    let (north, south) = (bed.county("northumbria").await, bed.county("staffordshire").await);
    let dates = bed.store.diary_dates(north.scope(), Diary::Partnership(north.partnerships[0].id), bed.now()).await.done();
    assert_eq!(dates.name, north.partnerships[0].name);
    assert_eq!(dates.cycles, [(north.committee.name.clone(), north.cycle.clone(), None)]);
    bed.store.diary_dates(north.scope(), Diary::Committee(south.committee.id), bed.now()).await.not_found();
    bed.store.diary_dates(north.scope(), Diary::Partnership(south.partnerships[0].id), bed.now()).await.not_found();
    // Rows alone let a partnership see its region's committees and their dates, which are told to all of it.
    let next_door = bed.store.diary_dates(north.scope_of(0), Diary::Partnership(north.partnerships[1].id), bed.now()).await;
    if csp_tests::rows_alone() {
        assert_eq!(next_door.done().cycles[0].1.timetable.deadline_at, north.cycle.timetable.deadline_at);
    } else {
        next_door.not_found();
    }
    // Of one that was called off before anybody had it, nobody's diary needs to hear.
    let later = bed.now() + TimeDelta::days(500);
    assert_eq!(bed.store.diary_dates(north.scope(), Diary::Committee(north.committee.id), later).await.done().cycles, []);
}

pub(crate) async fn more_time_is_in_ones_own_diary_and_in_nobody_elses(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (_, cycle) = bed.planned_committee(&county).await;
    let (until, editor) = (cycle.timetable.closed_to_new_at, &county.editor);
    assert!(until > cycle.timetable.deadline_at, "there is time to be given");
    let place = (cycle.id, county.partnerships[1].id);
    bed.store.extend(county.scope(), &bed.by(editor), editor.id, place, until, line("their system was down")).await.done();
    let deadline = async |scope, diary| {
        let dates = bed.store.diary_dates(scope, diary, bed.now()).await.done();
        let (_, found, more) = dates.cycles.iter().find(|(_, of, _)| of.id == cycle.id).cloned().expect("the cycle is in it");
        let why = more.is_some_and(|reason| reason.as_str() == "their system was down");
        let told =
            dates.feed().entries.iter().filter(|entry| entry.description.contains("More time was given: their system was down")).count();
        assert_eq!(told, usize::from(why), "with the deadline alone");
        assert_eq!(why, found.timetable.deadline_at == until);
        found.timetable.deadline_at
    };
    let diary = |n: usize| Diary::Partnership(county.partnerships[n].id);
    assert_eq!(deadline(county.scope_of(1), diary(1)).await, until);
    assert_eq!(deadline(county.scope(), diary(1)).await, until);
    assert_eq!(deadline(county.scope_of(0), diary(0)).await, cycle.timetable.deadline_at);
    assert_eq!(deadline(county.scope_of(0), Diary::Committee(cycle.committee)).await, cycle.timetable.deadline_at);
    if csp_tests::rows_alone() {
        assert_eq!(
            deadline(county.scope_of(0), diary(1)).await,
            cycle.timetable.deadline_at,
            "time that was given is not a neighbour's to see"
        );
    }
}
