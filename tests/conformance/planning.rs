//! Meetings become cycles: by rules, closed days and bank holidays, and anew whenever one of them changes.

use chrono::NaiveDate;
use csp_domain::{
    calendar::{
        BankHolidays, ClosedDays, CommitteeRules, Step, full,
        reporting::{BoardMeetings, ReportingPeriods},
    },
    committee::{Committee, NewCommittee},
    cycle::{Cycle, CycleState},
    digest::DigestState,
    id::CommitteeId,
    returns::{Content, NewReturn},
};
use csp_store::{Job, Meeting, Outcome, Refusal, Replanned};
use csp_tests::{Bed, County, at, day, line};

use crate::verdict::Verdict as _;

fn said(at: csp_domain::Instant) -> String {
    full(at, chrono_tz::Europe::London)
}

fn closed(days: &[(&str, &str)]) -> ClosedDays {
    ClosedDays::new(days.iter().map(|(on, why)| (day(on), line(why)))).expect("each day once")
}

async fn committee(bed: &Bed, county: &County, rules: CommitteeRules) -> Committee {
    let new = bed.new_committee("scrutiny", &county.partnerships, &county.indicators);
    let new = NewCommittee { recurrence: None, ..new };
    let committee = bed.store.create_committee(county.scope(), &bed.by_schedule(), new).await.done();
    bed.store.set_rules(county.scope(), &bed.by_schedule(), committee.id, Some(rules)).await.done();
    committee
}

async fn schedule(bed: &Bed, county: &County, of: CommitteeId, meetings: Vec<Meeting>) -> Vec<Replanned> {
    bed.store.schedule_meetings(county.scope(), &bed.by(&county.administrator), of, meetings).await.done()
}

async fn one(bed: &Bed, county: &County, of: CommitteeId, meeting: Meeting) -> Replanned {
    schedule(bed, county, of, vec![meeting]).await.remove(0)
}

fn moved_from_to(found: &Replanned, step: Step) -> (String, String) {
    let moved = found.moves.iter().find(|moved| moved.step == step).unwrap_or_else(|| panic!("{step:?} moved: {found:?}"));
    (said(moved.from), said(moved.to))
}

pub(crate) async fn rules_and_closed_days_are_kept_as_they_were_set(bed: &Bed) {
    let county = &bed.county("north").await;
    let (scope, store, of) = (county.scope(), &bed.store, county.committee.id);
    assert_eq!(store.get_office(scope, of).await.done().rules, None);
    let mut rules = bed.rules();
    rules.rules.saturdays = true;
    rules.rules.clear_days = 7;
    rules.reports_on = ReportingPeriods::StatutoryQuarters;
    let (office, moved) = store.set_rules(scope, &bed.by_schedule(), of, Some(rules.clone())).await.done();
    assert_eq!((office.rules.as_ref(), moved.len()), (Some(&rules), 0), "what was planned by recurrence is left as it is");
    assert_eq!(store.list_ruled().await.done(), [(county.region.id, of)]);

    let everywhere = closed(&[("2022-04-14", "offices shut"), ("2022-12-28", "between the years")]);
    store.change_closed_days(scope, &bed.by_schedule(), None, everywhere.clone(), Vec::new()).await.done();
    let own = closed(&[("2022-04-14", "training"), ("2022-05-03", "count of votes")]);
    let (kept, _) = store.change_closed_days(scope, &bed.by_schedule(), Some(of), own.clone(), Vec::new()).await.done();
    assert_eq!(kept, own);
    let office = store.get_office(scope, of).await.done();
    assert_eq!((&office.closed, &office.all_closed), (&own, &own.and(&everywhere)));
    assert_eq!(office.all_closed.reason(day("2022-04-14")), Some("training"), "the committee knows best why");
    assert!(!office.days().contains(day("2022-12-28")) && office.days().contains(day("2022-12-30")));
    let (kept, _) = store.change_closed_days(scope, &bed.by_schedule(), None, ClosedDays::default(), vec![day("2022-12-28")]).await.done();
    assert_eq!(kept, closed(&[("2022-04-14", "offices shut")]));
    assert_eq!(store.closed_days(scope).await.done(), kept);

    let (office, _) = store.set_rules(scope, &bed.by_schedule(), of, None).await.done();
    assert_eq!((office.rules, store.list_ruled().await.done().len()), (None, 0));
    let planned = store.schedule_meetings(scope, &bed.by_schedule(), of, vec![bed.meeting("2022-04-28")]).await;
    assert_eq!(planned.refused(), Refusal::NoRules);
}

pub(crate) async fn a_meeting_becomes_a_cycle_and_a_moved_meeting_moves_it(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let planned = one(bed, county, committee.id, bed.meeting("2022-04-28")).await;
    assert_eq!((&planned.outcome, planned.day), (&Outcome::Planned, day("2022-04-28")));
    let cycle = planned.cycle.expect("it is a cycle now");
    assert_eq!((cycle.slug.as_str(), cycle.period.to_string()), ("2021-q4", "2021-q4".to_owned()));
    let dates = cycle.timetable;
    // Good Friday and Easter Monday are 15 and 18 April.
    assert_eq!(said(dates.meeting_at), "Thursday 28 April 2022 at 10:00");
    assert_eq!(said(dates.publication_at), "Wednesday 20 April 2022 at 09:00");
    assert_eq!(said(dates.freeze_at), "Thursday 14 April 2022 at 12:00");
    assert_eq!(said(dates.closed_to_new_at), "Wednesday 13 April 2022 at 17:00");
    assert_eq!(said(dates.deadline_at), "Tuesday 12 April 2022 at 17:00");
    assert_eq!(said(dates.opens_at), "Friday 1 April 2022 at 09:00");
    let plan = bed.store.get_plan(county.scope(), cycle.id).await.done().expect("it was planned by rules");
    assert_eq!(plan.date(Step::Deadline).map(|date| date.why.as_str()), Some("one working day before closing to new returns"));
    assert_eq!(Some(plan), planned.plan);

    let again = one(bed, county, committee.id, bed.meeting("2022-04-28")).await;
    assert_eq!((again.outcome, again.cycle.map(|found| found.revision)), (Outcome::Unchanged, Some(1)));

    let moves = Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-05-05") };
    let moved = one(bed, county, committee.id, moves).await;
    assert_eq!(moved.outcome, Outcome::Moved);
    let deadline = ("Tuesday 12 April 2022 at 17:00".to_owned(), "Wednesday 20 April 2022 at 17:00".to_owned());
    assert_eq!(moved_from_to(&moved, Step::Deadline), deadline);
    let stored = bed.store.get_cycle(county.scope(), cycle.id).await.done();
    assert_eq!((Some(&stored), stored.revision), (moved.cycle.as_ref(), 2));
    let history = bed.store.list_moves(county.scope(), cycle.id).await.done();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].why, "the meeting moved from Thursday 28 April 2022 to Thursday 5 May 2022");
    assert_eq!(history[0].moves, moved.moves);

    // A closed day moves it again, and back when it is opened.
    let change =
        async |add, remove: Vec<NaiveDate>| bed.store.change_closed_days(county.scope(), &bed.by_schedule(), None, add, remove).await;
    let (_, shut) = change(closed(&[("2022-04-21", "offices shut")]), Vec::new()).await.done();
    assert_eq!(moved_from_to(&shut[0], Step::Deadline).1, "Tuesday 19 April 2022 at 17:00");
    let (_, open) = change(ClosedDays::default(), vec![day("2022-04-21")]).await.done();
    assert_eq!(moved_from_to(&open[0], Step::Deadline).1, "Wednesday 20 April 2022 at 17:00");
    let history = bed.store.list_moves(county.scope(), cycle.id).await.done();
    assert_eq!(history[1].why, "21 April 2022 is a closed day (offices shut)");
    assert_eq!(history[2].why, "21 April 2022 is a working day again");

    // A date that somebody sets is theirs from then on.
    let by_hand = csp_domain::calendar::Timetable { deadline_at: at("2022-04-20T11:00:00Z"), ..stored.timetable };
    bed.store.update_timetable(county.scope(), &bed.by_schedule(), cycle.id, by_hand, None).await.done();
    assert_eq!(bed.store.get_plan(county.scope(), cycle.id).await.done(), None);
    let (_, untouched) = change(closed(&[("2022-04-19", "offices shut")]), Vec::new()).await.done();
    assert!(untouched.is_empty(), "{untouched:?}");
}

pub(crate) async fn the_same_calendar_may_be_sent_again_and_again(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let entry = |uid: &str, on: &str| Meeting { uid: Some(line(uid)), ..bed.meeting(on) };
    let file = || vec![entry("a@council", "2022-07-28"), entry("b@council", "2022-04-28"), entry("c@council", "2021-10-28")];
    let planned = schedule(bed, county, committee.id, file()).await;
    let outcomes: Vec<&Outcome> = planned.iter().map(|one| &one.outcome).collect();
    assert!(matches!(outcomes[..], [Outcome::Kept(_), Outcome::Planned, Outcome::Planned]), "{outcomes:?}");
    let Outcome::Kept(why) = &planned[0].outcome else { unreachable!() };
    assert_eq!(why, "its returns would have been due on Thursday 14 October 2021 at 17:00, which has passed");
    let slugs = async || {
        let cycles = bed.store.list_cycles(county.scope(), committee.id, csp_store::Page::all()).await.done().items;
        cycles.into_iter().map(|cycle| (cycle.slug.to_string(), cycle.state)).collect::<Vec<_>>()
    };
    assert_eq!(slugs().await, [("2021-q4".to_owned(), CycleState::Planned), ("2022-q1".to_owned(), CycleState::Planned)]);
    let again = schedule(bed, county, committee.id, file()).await;
    assert!(again[1..].iter().all(|one| one.outcome == Outcome::Unchanged), "{again:?}");

    // In the next edition one is moved, one is called off and one is new, about a quarter that has a meeting already.
    let off = Meeting { cancelled: true, ..entry("a@council", "2022-07-28") };
    let edition = || vec![entry("b@council", "2022-05-05"), off.clone(), entry("d@council", "2022-05-26")];
    let planned = schedule(bed, county, committee.id, edition()).await;
    let outcomes: Vec<&Outcome> = planned.iter().map(|one| &one.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Moved, &Outcome::Planned, &Outcome::CalledOff]);
    let wanted = [
        ("2021-q4".to_owned(), CycleState::Planned),
        ("2022-q1".to_owned(), CycleState::Cancelled),
        ("2022-05-26".to_owned(), CycleState::Planned),
    ];
    assert_eq!(slugs().await, wanted);
    let again = schedule(bed, county, committee.id, edition()).await;
    assert!(again.iter().all(|one| one.outcome == Outcome::Unchanged), "{again:?}");
    assert_eq!(slugs().await, wanted);
}

pub(crate) async fn an_older_edition_of_a_calendar_moves_nothing_back(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let entry = |sequence: u32, on: &str| Meeting { uid: Some(line("a@council")), sequence: Some(sequence), ..bed.meeting(on) };
    let planned = one(bed, county, committee.id, entry(0, "2022-04-28")).await;
    let id = planned.cycle.expect("a cycle").id;
    assert_eq!(one(bed, county, committee.id, entry(1, "2022-05-05")).await.outcome, Outcome::Moved);
    let meeting = async || bed.store.get_cycle(county.scope(), id).await.done().timetable.meeting_at;
    let (second, kept) =
        (meeting().await, |n| Outcome::Kept(format!("a newer edition of this entry is known already: its SEQUENCE is {n}, here it is 0")));
    assert_eq!(one(bed, county, committee.id, entry(0, "2022-04-28")).await.outcome, kept(1));
    assert_eq!(meeting().await, second);
    assert_eq!(one(bed, county, committee.id, entry(1, "2022-05-05")).await.outcome, Outcome::Unchanged);
    // Called off by its third edition; no earlier one calls it into being again, a fourth does.
    assert_eq!(one(bed, county, committee.id, Meeting { cancelled: true, ..entry(2, "2022-05-05") }).await.outcome, Outcome::CalledOff);
    assert_eq!(one(bed, county, committee.id, entry(0, "2022-05-05")).await.outcome, kept(2));
    assert_eq!(one(bed, county, committee.id, entry(3, "2022-05-05")).await.outcome, Outcome::Planned);
}

pub(crate) async fn a_meeting_that_is_moved_keeps_its_hour(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let half_past_two = chrono::NaiveTime::from_hms_opt(14, 30, 0);
    let cycle = one(bed, county, committee.id, Meeting { time: half_past_two, ..bed.meeting("2022-04-28") }).await.cycle.expect("a cycle");
    let moved = one(bed, county, committee.id, Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-05-05") }).await;
    assert_eq!(said(moved.cycle.expect("a cycle").timetable.meeting_at), "Thursday 5 May 2022 at 14:30");
}

/// A cycle that has opened, on 5 April 2022, two days before its deadline.
async fn opened(bed: &Bed, county: &County) -> (Committee, Cycle) {
    let committee = committee(bed, county, bed.rules()).await;
    let cycle = one(bed, county, committee.id, bed.meeting("2022-04-28")).await.cycle.expect("a cycle");
    bed.clock.set(at("2022-04-05T09:00:00Z"));
    assert!(bed.store.advance_cycle(county.scope(), &bed.by_schedule(), cycle.id, Job::Open, cycle.timetable.opens_at).await.done());
    (committee, bed.store.get_cycle(county.scope(), cycle.id).await.done())
}

pub(crate) async fn what_has_passed_stays_and_what_would_pass_is_kept(bed: &Bed) {
    let county = &bed.county("north").await;
    let (committee, cycle) = opened(bed, county).await;
    // The deadline has passed, the freeze has not.
    bed.clock.set(at("2022-04-13T09:00:00Z"));
    let moved = one(bed, county, committee.id, Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-05-26") }).await;
    let now = moved.cycle.expect("the cycle");
    assert_eq!((now.timetable.opens_at, now.timetable.deadline_at), (cycle.timetable.opens_at, cycle.timetable.deadline_at));
    assert_eq!(said(now.timetable.freeze_at), "Monday 16 May 2022 at 12:00");
    let plan = moved.plan.expect("a plan");
    assert_eq!(plan.date(Step::Deadline).map(|date| date.at), Some(now.timetable.deadline_at));
    assert_eq!(
        plan.date(Step::Deadline).map(|date| date.why.as_str()),
        Some("as it was planned: one working day before closing to new returns")
    );

    // Brought forward, its paper would have had to be out already.
    let forward = one(bed, county, committee.id, Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-04-21") }).await;
    assert_eq!(forward.outcome, Outcome::Kept("it would move the release into the past".to_owned()));
    assert_eq!(bed.store.get_cycle(county.scope(), cycle.id).await.done(), now);
}

pub(crate) async fn a_frozen_paper_whose_meeting_moves_is_made_anew(bed: &Bed) {
    let county = &bed.county("north").await;
    let (committee, cycle) = opened(bed, county).await;
    let freeze_at = cycle.timetable.freeze_at;
    bed.clock.set(freeze_at + chrono::TimeDelta::seconds(1));
    assert!(bed.store.advance_cycle(county.scope(), &bed.by_schedule(), cycle.id, Job::Close, freeze_at).await.done());
    let closed_cycle = bed.store.get_cycle(county.scope(), cycle.id).await.done();
    let of_this = County { cycle: cycle.clone(), ..county.clone() };
    bed.freeze(&of_this, "First").await;
    let moved = one(bed, county, committee.id, Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-05-05") }).await;
    let now = moved.cycle.expect("the cycle");
    let (old, new) = (closed_cycle.timetable, now.timetable);
    assert_eq!((new.deadline_at, new.closed_to_new_at, new.freeze_at), (old.deadline_at, old.closed_to_new_at, old.freeze_at));
    assert_eq!(said(new.publication_at), "Tuesday 26 April 2022 at 09:00");
    let versions = bed.store.list_digests(county.scope(), cycle.id).await.done().items;
    assert_eq!(versions.iter().map(|digest| digest.state).collect::<Vec<_>>(), [DigestState::Superseded]);
}

pub(crate) async fn the_window_has_three_ends(bed: &Bed) {
    let county = &bed.county("north").await;
    let (_, cycle) = opened(bed, county).await;
    let send = |n: usize| {
        let content = Content::Full { figures: vec![county.burglary(7)], quoted: Vec::new() };
        let new = NewReturn { cycle: cycle.id, content, ..bed.new_return(county, n, Vec::new()) };
        let officer = &county.officers[n];
        async move { bed.store.create_return(county.scope_of(n), &bed.by(officer), officer.id, new).await }
    };
    let correct = |n: usize| {
        let content = Content::Full { figures: vec![county.burglary(8)], quoted: Vec::new() };
        let new = NewReturn { cycle: cycle.id, content, ..bed.new_return(county, n, Vec::new()) };
        let officer = &county.officers[n];
        async move { bed.store.update_return(county.scope_of(n), &bed.by(officer), officer.id, new, None).await }
    };
    let dates = cycle.timetable;
    let instant = chrono::TimeDelta::microseconds(1);
    bed.clock.set(dates.deadline_at);
    send(0).await.done();
    // Late, and taken.
    bed.clock.set(dates.closed_to_new_at);
    send(1).await.done();
    bed.clock.set(dates.closed_to_new_at + instant);
    let closed_to_new = Refusal::ClosedToNew { since: dates.closed_to_new_at, freeze_at: dates.freeze_at };
    assert_eq!(send(2).await.refused(), closed_to_new);
    correct(0).await.done();
    let own = (county.scope_of(0), county.partnerships[0].id);
    bed.store.withdraw_return(own.0, &bed.by(&county.officers[0]), own.1, cycle.id, None).await.done();
    assert_eq!(send(0).await.refused(), closed_to_new, "what was taken back is not there to be corrected");
    bed.clock.set(dates.freeze_at);
    correct(1).await.done();
    bed.clock.set(dates.freeze_at + instant);
    let frozen = Refusal::CycleClosed { deadline_at: dates.deadline_at, frozen_at: dates.freeze_at };
    assert_eq!(correct(1).await.refused(), frozen);
    assert_eq!(send(2).await.refused(), frozen);

    assert!(bed.store.advance_cycle(county.scope(), &bed.by_schedule(), cycle.id, Job::Close, dates.freeze_at).await.done());
    let (standings, tallies) = bed.store.cycle_standing(county.scope(), cycle.id).await.done();
    assert!(standings[1].late(dates.deadline_at));
    assert_eq!((tallies[0].expected, tallies[0].received, tallies[0].on_time), (3, 1, 0));
}

pub(crate) async fn one_partnership_is_given_more_time_until_the_freeze_and_no_longer(bed: &Bed) {
    let county = &bed.county("north").await;
    let (_, cycle) = opened(bed, county).await;
    let (dates, instant) = (cycle.timetable, chrono::TimeDelta::microseconds(1));
    let extend = |n: usize, until| {
        let (act, by) = (bed.by(&county.editor), county.editor.id);
        let reason = line("their system was down");
        async move { bed.store.extend(county.scope(), &act, by, (cycle.id, county.partnerships[n].id), until, reason).await }
    };
    let no_more = Refusal::NoMoreTime { deadline_at: dates.deadline_at, freeze_at: dates.freeze_at };
    assert_eq!(extend(0, dates.deadline_at).await.refused(), no_more);
    assert_eq!(extend(0, dates.freeze_at + instant).await.refused(), no_more);
    extend(0, dates.freeze_at - chrono::TimeDelta::hours(2)).await.done();
    let until = dates.freeze_at - chrono::TimeDelta::hours(1);
    let (_, made) = extend(0, until).await.done();
    assert_eq!((made.until, made.by), (until, county.editor.id));
    let listed = bed.store.list_extensions(county.scope(), cycle.id).await.done();
    assert_eq!(listed.into_iter().collect::<Vec<_>>(), [(county.partnerships[0].id, made.clone())], "a second time gives another deadline");
    assert_eq!(bed.store.list_extensions(county.scope_of(0), cycle.id).await.done().len(), 1);
    assert!(bed.store.list_extensions(county.scope_of(1), cycle.id).await.done().is_empty(), "not a neighbour's to see");

    let send = |n: usize| {
        let content = Content::Full { figures: vec![county.burglary(7)], quoted: Vec::new() };
        let new = NewReturn { cycle: cycle.id, content, ..bed.new_return(county, n, Vec::new()) };
        let officer = &county.officers[n];
        async move { bed.store.create_return(county.scope_of(n), &bed.by(officer), officer.id, new).await }
    };
    bed.clock.set(until);
    assert_eq!(send(1).await.refused(), Refusal::ClosedToNew { since: dates.closed_to_new_at, freeze_at: dates.freeze_at });
    send(0).await.done();
    bed.clock.set(dates.freeze_at + instant);
    let frozen = Refusal::CycleClosed { deadline_at: dates.deadline_at, frozen_at: dates.freeze_at };
    assert_eq!(extend(1, dates.freeze_at).await.refused(), frozen);
    assert!(bed.store.advance_cycle(county.scope(), &bed.by_schedule(), cycle.id, Job::Close, dates.freeze_at).await.done());
    let (standings, tallies) = bed.store.cycle_standing(county.scope(), cycle.id).await.done();
    assert_eq!(standings[0].extension, Some(made));
    assert!(!standings[0].late(dates.deadline_at), "it came by its own deadline");
    assert_eq!((tallies[0].received, tallies[0].on_time, standings[0].on_time), (1, 1, 1));
}

pub(crate) async fn more_time_that_was_given_follows_dates_that_move(bed: &Bed) {
    let county = &bed.county("north").await;
    let (committee, cycle) = opened(bed, county).await;
    let (dates, hour) = (cycle.timetable, chrono::TimeDelta::hours(1));
    let given = dates.freeze_at - hour;
    let place = (cycle.id, county.partnerships[0].id);
    bed.store.extend(county.scope(), &bed.by(&county.editor), county.editor.id, place, given, line("their system was down")).await.done();
    let until = async || bed.store.list_extensions(county.scope(), cycle.id).await.done()[&county.partnerships[0].id].until;
    let to = async |on: &str| {
        let moved = one(bed, county, committee.id, Meeting { cycle: Some(cycle.id), ..bed.meeting(on) }).await;
        assert_eq!(moved.outcome, Outcome::Moved);
        moved.cycle.expect("the cycle").timetable
    };
    // Put off by four weeks, everybody has more time than was given.
    let later = to("2022-05-26").await;
    assert!(later.deadline_at > given);
    assert_eq!(until().await, later.deadline_at, "nobody has less time than all");
    // A day before where it was, the freeze comes before what was given.
    let sooner = to("2022-04-27").await;
    assert!(sooner.freeze_at < given);
    assert_eq!(until().await, sooner.freeze_at, "and nobody longer than until the freeze");
    assert_eq!(to("2022-04-28").await, dates);
    assert_eq!(until().await, given, "where the dates are as they were, it is as it was given");
}

pub(crate) async fn an_approved_paper_cools_off_as_long_as_its_committees_rules_say(bed: &Bed) {
    let county = &bed.county("north").await;
    bed.close(county).await;
    // Thursday 14 April 2022, before Easter; the Tuesday after it the offices are shut.
    bed.clock.set(at("2022-04-14T09:00:00Z"));
    let days = closed(&[("2022-04-19", "offices shut")]);
    bed.store.change_closed_days(county.scope(), &bed.by_schedule(), None, days, Vec::new()).await.done();
    for (cooling_off, until) in [(1, "Wednesday 20 April 2022 at 10:00"), (2, "Thursday 21 April 2022 at 10:00")] {
        let mut rules = bed.rules();
        rules.rules.cooling_off = cooling_off;
        bed.store.set_rules(county.scope(), &bed.by_schedule(), county.committee.id, Some(rules)).await.done();
        let digest = bed.freeze(county, &format!("Version {cooling_off}")).await;
        let approved = bed.approve(county, &digest).await;
        assert_eq!(approved.cooling_off.as_ref().map(|kept| said(kept.until)).as_deref(), Some(until));
        assert!(approved.cools_off(bed.now()));
    }
    let mut rules = bed.rules();
    rules.rules.cooling_off = 0;
    bed.store.set_rules(county.scope(), &bed.by_schedule(), county.committee.id, Some(rules)).await.done();
    let digest = bed.freeze(county, "None").await;
    let approved = bed.approve(county, &digest).await;
    assert!(!approved.cools_off(bed.now()), "it goes out as soon as it is time");
}

pub(crate) async fn what_somebody_named_to_report_on_stays(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let named = csp_tests::quarter("2021-q3");
    let planned = one(bed, county, committee.id, Meeting { period: Some(named), ..bed.meeting("2022-04-28") }).await;
    let cycle = planned.cycle.expect("a cycle");
    assert_eq!(cycle.period, named, "and not the quarter before the meeting");
    let moved = one(bed, county, committee.id, Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-05-26") }).await;
    assert_eq!(moved.cycle.map(|cycle| cycle.period), Some(named));
    let other = Meeting { cycle: Some(cycle.id), period: Some(csp_tests::quarter("2021-q4")), ..bed.meeting("2022-05-26") };
    let kept = one(bed, county, committee.id, other).await;
    assert_eq!(kept.outcome, Outcome::Kept(format!("its cycle reports on {}, which stays", named.label())));
    assert_eq!(bed.store.get_cycle(county.scope(), cycle.id).await.done().period, named);
}

pub(crate) async fn meetings_that_report_on_the_same_say_so(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let notes = |found: &Replanned| found.plan.as_ref().map(|plan| plan.notes.join(" ")).unwrap_or_default();
    let first = one(bed, county, committee.id, bed.meeting("2022-04-28")).await;
    assert!(!notes(&first).contains("reported on"), "{first:?}");
    let second = one(bed, county, committee.id, bed.meeting("2022-05-26")).await;
    let wanted = "Q4 2021/22 (January to March 2022) is already reported on by 2021-q4, for the meeting on Thursday 28 April 2022.";
    assert!(notes(&second).contains(wanted), "{second:?}");
    let earlier = one(bed, county, committee.id, bed.meeting("2022-04-21")).await;
    assert!(notes(&earlier).contains("is reported on again by 2021-q4, for the meeting on Thursday 28 April 2022."), "{earlier:?}");
    let called_off = Meeting { cancelled: true, cycle: second.cycle.as_ref().map(|cycle| cycle.id), ..bed.meeting("2022-05-26") };
    one(bed, county, committee.id, called_off).await;
    let moved = one(bed, county, committee.id, Meeting { cycle: first.cycle.map(|cycle| cycle.id), ..bed.meeting("2022-05-05") }).await;
    assert!(!notes(&moved).contains("26 May"), "what was called off reports on nothing: {moved:?}");
    assert!(notes(&moved).contains("for the meeting on Thursday 21 April 2022."), "{moved:?}");
}

pub(crate) async fn a_cabinet_hears_what_its_board_did_since(bed: &Bed) {
    let county = &bed.county("north").await;
    let board = BoardMeetings {
        board: line("Strategic Board"),
        last_reported: day("2021-12-01"),
        days: ["2022-02-09", "2022-04-06", "2022-06-22"].map(day).to_vec(),
    };
    let rules = CommitteeRules { reports_on: ReportingPeriods::SinceLastReport(board), ..bed.rules() };
    let committee = committee(bed, county, rules).await;
    let planned = schedule(bed, county, committee.id, vec![bed.meeting("2022-03-17"), bed.meeting("2022-07-21")]).await;
    let cycles: Vec<&Cycle> = planned.iter().filter_map(|one| one.cycle.as_ref()).collect();
    assert_eq!(cycles[0].period.to_string(), "2021-12-02..2022-02-09");
    assert_eq!(cycles[0].slug.as_str(), "2022-03-17", "a period that is no quarter lends no name");
    assert_eq!(cycles[1].period.to_string(), "2022-02-10..2022-06-22");
    let notes = &planned[1].plan.as_ref().expect("a plan").notes;
    assert!(notes[0].starts_with("The Strategic Board has met twice since the last report, which went to 9 February 2022"), "{notes:?}");

    // Put off past another meeting of the board, the first report has to tell of that as well, and the second no longer does.
    let first = Meeting { cycle: Some(cycles[0].id), ..bed.meeting("2022-05-12") };
    let moved = one(bed, county, committee.id, first).await;
    let cycle = moved.cycle.expect("a cycle");
    assert_eq!((moved.outcome, cycle.period.to_string()), (Outcome::Moved, "2021-12-02..2022-04-06".to_owned()));
    assert!(moved.plan.expect("a plan").notes[0].contains("has met twice"));
}

/// The shipped list with one more day in all divisions.
fn with_one_more(on: &str) -> BankHolidays {
    let shipped = include_str!("../../services/domain/data/bank-holidays.json");
    let mut list: serde_json::Value = serde_json::from_str(shipped).expect("it is JSON");
    for division in ["england-and-wales", "scotland", "northern-ireland"] {
        let events = list[division]["events"].as_array_mut().expect("a list of events");
        events.push(serde_json::json!({ "title": "A day of mourning", "date": on, "notes": "", "bunting": false }));
    }
    BankHolidays::parse(&list.to_string()).expect("it is a list of bank holidays")
}

pub(crate) async fn a_newer_list_of_bank_holidays_moves_what_it_touches_and_nothing_else(bed: &Bed) {
    let county = &bed.county("north").await;
    let committee = committee(bed, county, bed.rules()).await;
    let planned = schedule(bed, county, committee.id, vec![bed.meeting("2022-04-28"), bed.meeting("2022-07-28")]).await;
    let (scope, act) = (county.scope(), bed.by_schedule());
    assert!(bed.store.replan_committee(scope, &act, committee.id).await.done().is_empty(), "nothing has changed");
    let newer = bed.store.clone().with_holidays(with_one_more("2022-07-18"));
    let moved = newer.replan_committee(scope, &act, committee.id).await.done();
    let ids: Vec<_> = moved.iter().filter_map(|one| one.cycle.as_ref().map(|cycle| cycle.id)).collect();
    assert_eq!(ids, [planned[1].cycle.as_ref().expect("a cycle").id]);
    assert_eq!(
        moved_from_to(&moved[0], Step::Freeze),
        ("Monday 18 July 2022 at 12:00".to_owned(), "Friday 15 July 2022 at 12:00".to_owned())
    );
    assert!(newer.replan_committee(scope, &act, committee.id).await.done().is_empty(), "it follows already");
    let history = newer.list_moves(scope, ids[0]).await.done();
    assert_eq!(history[0].why, "the list of bank holidays has changed");
}

pub(crate) async fn those_who_tell_of_moves_tell_once(bed: &Bed) {
    let county = &bed.county("north").await;
    let (_, cycle) = bed.planned_committee(county).await;
    let untold = bed.store.list_untold_moves().await.done();
    let keys: Vec<_> = untold.iter().map(|found| (found.cycle, found.revision)).collect();
    assert_eq!(keys, [(cycle.id, cycle.revision)]);
    let tell = async || bed.store.tell_moves(county.scope(), &bed.by_schedule(), keys.clone(), Vec::new()).await;
    assert!(tell().await.done());
    assert!(!tell().await.done(), "another was faster");
    assert!(bed.store.list_untold_moves().await.done().is_empty());
    assert_eq!(bed.store.list_moves(county.scope(), cycle.id).await.done().len(), 1, "what moved stays on record");
}

pub(crate) async fn a_dry_run_of_planning_changes_nothing(bed: &Bed) {
    let county = &bed.county("north").await;
    let (committee, cycle) = bed.planned_committee(county).await;
    let before = bed.raw().everything().await;
    let dry = csp_domain::Act { dry_run: true, ..bed.by(&county.administrator) };
    let (scope, store) = (county.scope(), &bed.store);
    let meetings = vec![Meeting { cycle: Some(cycle.id), ..bed.meeting("2022-05-05") }, bed.meeting("2022-07-28")];
    let told = store.schedule_meetings(scope, &dry, committee.id, meetings).await.done();
    assert_eq!(told.iter().map(|one| &one.outcome).collect::<Vec<_>>(), [&Outcome::Moved, &Outcome::Planned]);
    let (_, told) = store.change_closed_days(scope, &dry, None, closed(&[("2022-04-12", "offices shut")]), Vec::new()).await.done();
    assert_eq!(told.len(), 1);
    let mut rules = bed.rules();
    rules.rules.clear_days = 9;
    let (office, told) = store.set_rules(scope, &dry, committee.id, Some(rules.clone())).await.done();
    assert_eq!((office.rules, told.len()), (Some(rules), 1));
    assert_eq!(bed.raw().everything().await, before);
}

pub(crate) async fn a_committee_that_is_given_rules_takes_its_planned_cycles_along(bed: &Bed) {
    let county = &bed.county("north").await;
    let of = county.committee.id;
    let spring = bed.cycle(county.scope(), &county.committee, "2021-q4").await;
    bed.store.set_rules(county.scope(), &bed.by_schedule(), of, Some(bed.rules())).await.done();
    let adopted = one(bed, county, of, bed.meeting("2022-04-28")).await;
    let cycle = adopted.cycle.expect("a cycle");
    assert_eq!((adopted.outcome, cycle.id, cycle.slug), (Outcome::Moved, spring.id, spring.slug));
    assert!(!cycle.timetable.has_one_end());
    let history = bed.store.list_moves(county.scope(), cycle.id).await.done();
    assert_eq!(history[0].why, "the committee's dates are counted back from its meetings now");
}
