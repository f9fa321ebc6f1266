//! Where each job of a cycle stands: the one judgement.

use super::{Entry, Job, JobState, Order, OrderKind, Run};
use crate::{
    calendar::{Timetable, ladder::Rung},
    clock::Instant,
    cycle::CycleState,
    digest::{Digest, DigestState},
};

/// What is known of a cycle. Rows that say that a job was done may be left out: that it was done, the states say too. Not those of
/// rehearsals, which leave no other trace.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// Where the cycle stands.
    pub state: CycleState,
    /// Its dates.
    pub timetable: Timetable,
    /// The last version of its digest; looked at once the cycle is closed.
    pub digest: Option<&'k Digest>,
    /// What is over.
    pub runs: &'k [Run],
    /// What was ordered.
    pub orders: &'k [Order],
    /// The rounds of reminders, by the committee's own working days and its region's clocks; without them none are listed.
    pub rungs: &'k [(Rung, Instant)],
}

/// A job before anybody's orders are looked at.
struct Bare {
    job: Job,
    due_at: Instant,
    until: Option<Instant>,
    progress: Progress,
}

/// How far it has come by itself.
enum Progress {
    Done(Option<Instant>),
    Lapsed(&'static str),
    Blocked(&'static str),
    /// Nothing stands in its way but the clock. From when its lateness counts.
    Free(Instant),
}

/// Every job of a cycle, as it stands at `now`, in the order of the cycle's life.
pub fn entries(known: &Known<'_>, now: Instant) -> Vec<Entry> {
    let opening = entry(known, now, open(known, now));
    let closing = entry(known, now, close(known, &opening));
    let mut all = vec![opening];
    all.extend(reminders(known, now));
    all.push(entry(known, now, rehearse(known, now)));
    all.push(closing);
    all.push(entry(known, now, freeze(known)));
    all.push(entry(known, now, release(known)));
    all
}

fn open(known: &Known<'_>, now: Instant) -> Bare {
    let Timetable { opens_at, freeze_at, .. } = known.timetable;
    let progress = match known.state {
        // What comes in is judged by the clock, so that nobody had to look for returns to be taken; what is held stays held.
        CycleState::Planned if now > freeze_at && !known.is_held(Job::Open) => {
            Progress::Lapsed("its window had passed before anybody looked")
        }
        CycleState::Planned => Progress::Free(opens_at),
        CycleState::Open => Progress::Done(None),
        CycleState::Closed | CycleState::Published => match known.run(Job::Open, opens_at) {
            Some(run) if run.skipped.is_none() => Progress::Done(None),
            _ => Progress::Lapsed("collecting has closed"),
        },
        CycleState::Cancelled => Progress::Lapsed(CALLED_OFF),
    };
    Bare { job: Job::Open, due_at: opens_at, until: Some(freeze_at), progress }
}

fn close(known: &Known<'_>, opening: &Entry) -> Bare {
    let Timetable { freeze_at, meeting_at, .. } = known.timetable;
    let progress = match known.state {
        CycleState::Planned if opening.state == JobState::Held => Progress::Blocked("its opening is held back"),
        CycleState::Planned | CycleState::Open => Progress::Free(freeze_at),
        CycleState::Closed | CycleState::Published => Progress::Done(None),
        CycleState::Cancelled => Progress::Lapsed(CALLED_OFF),
    };
    Bare { job: Job::Close, due_at: freeze_at, until: Some(meeting_at), progress }
}

fn freeze(known: &Known<'_>) -> Bare {
    let Timetable { freeze_at, meeting_at, .. } = known.timetable;
    let progress = match (known.state, known.digest) {
        (CycleState::Cancelled, _) => Progress::Lapsed(CALLED_OFF),
        (CycleState::Planned | CycleState::Open, _) => Progress::Blocked("collecting is not closed"),
        (CycleState::Closed | CycleState::Published, Some(digest)) if digest.state != DigestState::Superseded => {
            Progress::Done(Some(digest.frozen_at))
        }
        (CycleState::Closed, _) => Progress::Free(freeze_at),
        (CycleState::Published, _) => Progress::Done(None),
    };
    Bare { job: Job::Freeze, due_at: freeze_at, until: Some(meeting_at), progress }
}

fn release(known: &Known<'_>) -> Bare {
    let Timetable { publication_at, meeting_at, .. } = known.timetable;
    let (mut until, mut free) = (publication_at + Job::RELEASE_GRACE, publication_at);
    let progress = match (known.state, known.digest) {
        (CycleState::Cancelled, _) => Progress::Lapsed(CALLED_OFF),
        (CycleState::Published, digest) => Progress::Done(digest.and_then(|digest| digest.released_at)),
        (CycleState::Closed, Some(digest)) if digest.state == DigestState::Approved => {
            // Whoever approves late has read it late: from then on it may go, and from then on it can be late.
            let kept = digest.cooling_off.as_ref().map(|kept| kept.until).or(digest.approved_at);
            free = kept.map_or(free, |kept| free.max(kept));
            until = free + Job::RELEASE_GRACE;
            Progress::Free(free)
        }
        (CycleState::Closed, Some(digest)) if digest.state == DigestState::Frozen => Progress::Blocked("it waits for approval"),
        (CycleState::Planned | CycleState::Open | CycleState::Closed, _) => Progress::Blocked("there is no frozen paper"),
    };
    // Members do not get by surprise what they have met about, however late it was approved.
    until = until.min(meeting_at);
    Bare { job: Job::Release, due_at: publication_at, until: Some(until), progress }
}

fn rehearse(known: &Known<'_>, now: Instant) -> Bare {
    let (due_at, publication_at) = (known.timetable.rehearsal_at(), known.timetable.publication_at);
    // One that was held within the two weeks is a rehearsal of this release, whatever its date was when it was planned.
    let held = |run: &&Run| run.job == Job::Rehearse && run.skipped.is_none() && (run.due_at == due_at || run.done_at >= due_at);
    let progress = match (known.state, known.runs.iter().rfind(held)) {
        (_, Some(run)) => Progress::Done(Some(run.done_at)),
        (CycleState::Cancelled, None) => Progress::Lapsed(CALLED_OFF),
        (CycleState::Published, None) => Progress::Lapsed("the paper has gone to members"),
        (CycleState::Planned | CycleState::Open | CycleState::Closed, None) if now >= publication_at => {
            Progress::Lapsed("it is too late to rehearse: the paper's publication has come")
        }
        (CycleState::Planned | CycleState::Open | CycleState::Closed, None) => Progress::Free(due_at),
    };
    Bare { job: Job::Rehearse, due_at, until: Some(publication_at), progress }
}

const CALLED_OFF: &str = "the cycle was called off";

impl Known<'_> {
    fn run(&self, job: Job, due_at: Instant) -> Option<&Run> {
        self.runs.iter().find(|run| run.job == job && run.due_at == due_at)
    }

    fn is_held(&self, job: Job) -> bool {
        self.order(job).is_some_and(|order| order.kind == OrderKind::Hold)
    }

    fn order(&self, job: Job) -> Option<&Order> {
        self.orders.iter().find(|order| order.job == job)
    }
}

/// The job with what people decided about it.
fn entry(known: &Known<'_>, now: Instant, bare: Bare) -> Entry {
    let Bare { job, due_at, until, progress } = bare;
    let mut entry = Entry { job, state: JobState::Waiting, due_at, until, done_at: None, note: None, decision: None, ordered: false };
    let run = known.run(job, due_at);
    if let Some(Run { skipped: Some(decision), done_at, .. }) = run {
        // A paper may be frozen by hand although the schedule was told not to.
        if !matches!(progress, Progress::Done(_)) {
            return Entry { state: JobState::Skipped, done_at: Some(*done_at), decision: Some(decision.clone()), ..entry };
        }
    }
    let done = |at: Option<Instant>| at.or_else(|| run.map(|run| run.done_at));
    let free = match progress {
        Progress::Done(at) => return Entry { state: JobState::Done, done_at: done(at), ..entry },
        Progress::Lapsed(why) => return Entry { state: JobState::Lapsed, note: Some(why), ..entry },
        Progress::Blocked(why) => {
            entry.note = Some(why);
            None
        }
        Progress::Free(since) => Some(since),
    };
    if let Some(order) = known.order(job) {
        match order.kind {
            OrderKind::Hold => return Entry { state: JobState::Held, decision: Some(order.decision.clone()), ..entry },
            OrderKind::Run if order.due_at == due_at => {
                entry.decision = Some(order.decision.clone());
                entry.ordered = true;
            }
            // It was about another date.
            OrderKind::Run => {}
        }
    }
    entry.state = match free {
        // What arrives at the very freeze is still in time, so closing comes after it.
        _ if now < due_at || (job == Job::Close && now == due_at) => JobState::Waiting,
        None => JobState::Blocked,
        Some(since) if now < since => {
            entry.note = Some("it cools off: a slip can still be caught");
            JobState::Blocked
        }
        Some(_) if !entry.ordered && until.is_some_and(|until| now >= until) => JobState::Missed,
        Some(_) => JobState::Due,
    };
    if entry.state == JobState::Waiting {
        entry.note = None;
    }
    entry
}

/// The reminders that come next, and those ahead that were skipped. Each is one rung; what has passed is no longer spoken of.
fn reminders(known: &Known<'_>, now: Instant) -> Vec<Entry> {
    let mut ahead: Vec<Instant> = known
        .rungs
        .iter()
        .copied()
        .filter(|&(rung, at)| {
            at > now
                && match known.state {
                    CycleState::Planned | CycleState::Open => !rung.is_about_approval(),
                    CycleState::Closed => true,
                    CycleState::Published | CycleState::Cancelled => false,
                }
        })
        .map(|(_, at)| at)
        .collect();
    ahead.dedup();
    let order = known.order(Job::Remind);
    let mut all = Vec::new();
    for due_at in ahead {
        let bare = Entry {
            job: Job::Remind,
            state: JobState::Waiting,
            due_at,
            until: None,
            done_at: None,
            note: None,
            decision: None,
            ordered: false,
        };
        if let Some(Run { skipped: Some(decision), done_at, .. }) = known.run(Job::Remind, due_at) {
            all.push(Entry { state: JobState::Skipped, done_at: Some(*done_at), decision: Some(decision.clone()), ..bare });
            continue;
        }
        all.push(match order {
            Some(order) if order.kind == OrderKind::Hold => Entry { state: JobState::Held, decision: Some(order.decision.clone()), ..bare },
            // Whoever owes something is written to now, and not only in the morning.
            Some(order) => Entry { state: JobState::Due, decision: Some(order.decision.clone()), ordered: true, ..bare },
            None => bare,
        });
        break;
    }
    all
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        calendar::{BankHolidays, ClosedDays, Nation, Recurrence, WorkingDays, ladder},
        id::{CycleId, PersonId},
        period::Quarter,
        schedule::Decision,
        text::Line,
    };

    const LONDON: chrono_tz::Tz = chrono_tz::Europe::London;

    /// Opens 1 January, due 12 January at 17:00, published 18 January at 9:00, meeting 26 January at 10:00.
    fn third_quarter() -> Timetable {
        Recurrence::from_first(Quarter::new(2021, 1).unwrap()).timetable(Quarter::new(2021, 3).unwrap(), LONDON)
    }

    /// Its rounds of reminders, in England.
    fn rungs() -> &'static [(Rung, Instant)] {
        static RUNGS: std::sync::LazyLock<Vec<(Rung, Instant)>> = std::sync::LazyLock::new(|| {
            let open = ClosedDays::default();
            let office = WorkingDays::new(BankHolidays::shipped().of(Nation::England.division()), &open);
            ladder::rungs(&third_quarter(), office, &ladder::REMINDERS, 1, LONDON)
        });
        &RUNGS
    }

    fn known(state: CycleState) -> Known<'static> {
        Known { state, timetable: third_quarter(), digest: None, runs: &[], orders: &[], rungs: rungs() }
    }

    fn decision() -> Decision {
        let at = "2022-01-05T10:00:00Z".parse().unwrap();
        Decision { by: PersonId(Uuid::nil()), at, reason: Line::parse("The venue is flooded.", Line::SENTENCE).unwrap() }
    }

    fn order(job: Job, kind: OrderKind, due_at: Instant) -> Order {
        Order { cycle: CycleId(Uuid::nil()), job, kind, due_at, decision: decision() }
    }

    fn stands(known: &Known<'_>, job: Job, now: Instant) -> JobState {
        entries(known, now).into_iter().find(|entry| entry.job == job).map_or(JobState::Lapsed, |entry| entry.state)
    }

    #[test]
    fn a_job_is_late_as_long_as_it_is_of_use_and_then_missed() {
        let Timetable { opens_at, deadline_at, meeting_at, .. } = third_quarter();
        let open = known(CycleState::Open);
        assert_eq!(stands(&known(CycleState::Planned), Job::Open, opens_at - TimeDelta::seconds(1)), JobState::Waiting);
        assert_eq!(stands(&known(CycleState::Planned), Job::Open, opens_at), JobState::Due);
        assert_eq!(stands(&known(CycleState::Planned), Job::Open, deadline_at + TimeDelta::seconds(1)), JobState::Lapsed);
        assert_eq!(stands(&open, Job::Close, deadline_at), JobState::Waiting, "what arrives at the deadline is in time");
        assert_eq!(stands(&open, Job::Close, deadline_at + TimeDelta::microseconds(1)), JobState::Due);
        assert_eq!(stands(&open, Job::Close, meeting_at - TimeDelta::seconds(1)), JobState::Due);
        assert_eq!(stands(&open, Job::Close, meeting_at), JobState::Missed);
        assert_eq!(stands(&open, Job::Freeze, meeting_at), JobState::Blocked, "it waits for the closing");
        assert_eq!(stands(&known(CycleState::Closed), Job::Freeze, meeting_at), JobState::Missed);
    }

    #[test]
    fn what_is_held_stays_held_whatever_becomes_of_its_date_and_an_order_is_about_one_date() {
        let Timetable { deadline_at, meeting_at, .. } = third_quarter();
        let elsewhen = deadline_at - TimeDelta::days(3);
        let held = [order(Job::Close, OrderKind::Hold, elsewhen)];
        let held = Known { orders: &held, ..known(CycleState::Open) };
        for now in [elsewhen, deadline_at + TimeDelta::hours(1), meeting_at + TimeDelta::days(400)] {
            assert_eq!(stands(&held, Job::Close, now), JobState::Held);
        }
        let ordered = [order(Job::Close, OrderKind::Run, deadline_at)];
        assert_eq!(stands(&Known { orders: &ordered, ..known(CycleState::Open) }, Job::Close, meeting_at), JobState::Due);
        let another = [order(Job::Close, OrderKind::Run, elsewhen)];
        assert_eq!(stands(&Known { orders: &another, ..known(CycleState::Open) }, Job::Close, meeting_at), JobState::Missed);
    }

    #[test]
    fn a_held_opening_keeps_the_cycle_from_closing_and_a_skipped_one_does_not() {
        let Timetable { opens_at, deadline_at, .. } = third_quarter();
        let late = deadline_at + TimeDelta::hours(1);
        let held = [order(Job::Open, OrderKind::Hold, opens_at)];
        let held = Known { orders: &held, ..known(CycleState::Planned) };
        assert_eq!((stands(&held, Job::Open, late), stands(&held, Job::Close, late)), (JobState::Held, JobState::Blocked));
        let run = Run { cycle: CycleId(Uuid::nil()), job: Job::Open, due_at: opens_at, done_at: opens_at, skipped: Some(decision()) };
        let runs = [run];
        let skipped = Known { runs: &runs, ..known(CycleState::Planned) };
        assert_eq!((stands(&skipped, Job::Open, late), stands(&skipped, Job::Close, late)), (JobState::Skipped, JobState::Due));
    }

    #[test]
    fn of_reminders_the_next_is_listed_and_those_that_were_skipped() {
        let now = "2022-01-04T08:00:00Z".parse().unwrap();
        let open = known(CycleState::Open);
        let next: Vec<_> = entries(&open, now).into_iter().filter(|entry| entry.job == Job::Remind).collect();
        assert_eq!(next.len(), 1);
        let run = Run { cycle: CycleId(Uuid::nil()), job: Job::Remind, due_at: next[0].due_at, done_at: now, skipped: Some(decision()) };
        let runs = [run];
        let listed: Vec<_> = entries(&Known { runs: &runs, ..open }, now).into_iter().filter(|entry| entry.job == Job::Remind).collect();
        assert_eq!(listed.iter().map(|entry| entry.state).collect::<Vec<_>>(), [JobState::Skipped, JobState::Waiting]);
        assert!(listed[0].due_at < listed[1].due_at);
    }

    #[test]
    fn a_release_is_rehearsed_two_weeks_before_and_late_as_long_as_it_has_not_come() {
        let Timetable { publication_at, .. } = third_quarter();
        let due_at = third_quarter().rehearsal_at();
        assert_eq!(due_at, "2022-01-04T09:00:00Z".parse::<Instant>().unwrap());
        let open = known(CycleState::Open);
        assert_eq!(stands(&open, Job::Rehearse, due_at - TimeDelta::seconds(1)), JobState::Waiting);
        assert_eq!(stands(&open, Job::Rehearse, due_at), JobState::Due);
        assert_eq!(stands(&known(CycleState::Closed), Job::Rehearse, publication_at - TimeDelta::seconds(1)), JobState::Due);
        for state in CycleState::ALL {
            assert_eq!(stands(&known(state), Job::Rehearse, publication_at), JobState::Lapsed, "{state:?}: nobody is asked about it");
        }
        let late = entries(&open, publication_at).into_iter().find(|entry| entry.job == Job::Rehearse).unwrap();
        assert!(late.note.unwrap().contains("too late to rehearse"), "{late:?}");
    }

    #[test]
    fn a_rehearsal_counts_for_a_release_that_moves_unless_it_moves_far_away() {
        let Timetable { publication_at, .. } = third_quarter();
        let due_at = third_quarter().rehearsal_at();
        let done_at = due_at + TimeDelta::seconds(20);
        let run = |skipped| Run { cycle: CycleId(Uuid::nil()), job: Job::Rehearse, due_at, done_at, skipped };
        let moved = |by: TimeDelta, runs: &[Run]| {
            let mut timetable = third_quarter();
            timetable.publication_at = publication_at + by;
            timetable.meeting_at += by.max(TimeDelta::zero());
            let known = Known { timetable, runs, ..known(CycleState::Open) };
            stands(&known, Job::Rehearse, done_at + TimeDelta::days(2))
        };
        let done = [run(None)];
        assert_eq!(moved(TimeDelta::zero(), &done), JobState::Done);
        assert_eq!(moved(TimeDelta::days(-1), &done), JobState::Done, "it took place within the two weeks before");
        assert_eq!(moved(TimeDelta::days(28), &done), JobState::Waiting, "by then much may have changed");
        assert_eq!(moved(TimeDelta::zero(), &[run(Some(decision()))]), JobState::Skipped);
    }

    /// By the clocks on the wall: a release in the week after the clocks change is rehearsed at its own hour.
    #[test]
    fn a_rehearsal_is_at_the_hour_of_the_release_whatever_the_clocks_do() {
        let mut timetable = third_quarter();
        for (publication, rehearsal) in [("2022-04-05T08:00:00Z", "2022-03-22T09:00:00Z"), ("2022-11-04T09:00:00Z", "2022-10-21T08:00:00Z")]
        {
            timetable.publication_at = publication.parse().unwrap();
            assert_eq!(timetable.rehearsal_at(), rehearsal.parse::<Instant>().unwrap());
        }
    }

    proptest! {
        /// Whatever the state, the hour and the orders: nothing that is held, skipped or not yet due is ever called due, and the list
        /// has each job that is not a reminder once.
        #[test]
        fn nothing_is_done_against_an_order_or_before_its_time(
            state in proptest::sample::select(CycleState::ALL.to_vec()),
            minutes in -40_000_i64..1_000_000,
            held in proptest::sample::subsequence(Job::ALL.to_vec(), 0..=Job::ALL.len()),
            skip in proptest::sample::subsequence(Job::ALL.to_vec(), 0..=Job::ALL.len()),
        ) {
            let timetable = third_quarter();
            let now = timetable.opens_at + TimeDelta::minutes(minutes);
            let due = |job| match job {
                Job::Open => timetable.opens_at,
                Job::Close | Job::Freeze | Job::Remind => timetable.deadline_at,
                Job::Release => timetable.publication_at,
                Job::Rehearse => timetable.rehearsal_at(),
            };
            let orders: Vec<_> = held.iter().map(|&job| order(job, OrderKind::Hold, due(job))).collect();
            let runs: Vec<_> = skip.iter().map(|&job| Run { cycle: CycleId(Uuid::nil()), job, due_at: due(job), done_at: now, skipped: Some(decision()) }).collect();
            let found = entries(&Known { orders: &orders, runs: &runs, ..known(state) }, now);
            for entry in &found {
                if entry.state == JobState::Due {
                    prop_assert!(!held.contains(&entry.job));
                    prop_assert!(entry.job == Job::Remind || !skip.contains(&entry.job));
                    prop_assert!(entry.due_at <= now);
                    prop_assert!(entry.until.is_none_or(|until| now < until));
                }
            }
            for job in [Job::Open, Job::Close, Job::Freeze, Job::Release, Job::Rehearse] {
                prop_assert_eq!(found.iter().filter(|entry| entry.job == job).count(), 1);
            }
        }
    }
}
