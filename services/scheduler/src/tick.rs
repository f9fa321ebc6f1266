//! One tick: plan, open, close, freeze, release, rehearse whatever is due and not yet done.

use std::collections::BTreeMap;

use csp_domain::{
    Act, Scope,
    cycle::{CycleState, NewCycle},
    digest::Digest,
    id::{CommitteeId, CycleId, DigestId, RegionId},
    schedule::{self, Entry, Job, JobState, Known},
};
use csp_store::{CycleRef, Decisions, Page};
use tracing::Instrument as _;

use crate::{DueLine, ScheduleError, Scheduler, due};

/// What people decided about the jobs of each region.
pub(crate) type AllDecisions = BTreeMap<RegionId, Decisions>;

/// What a tick did. Mostly nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tick {
    /// Cycles planned.
    pub planned: usize,
    /// Cycles opened.
    pub opened: usize,
    /// Cycles closed.
    pub closed: usize,
    /// Digests frozen.
    pub frozen: usize,
    /// Digests released.
    pub released: usize,
    /// Releases rehearsed.
    pub rehearsed: usize,
    /// Reminders queued.
    pub reminded: usize,
    /// People told of dates that moved.
    pub told_of_moves: usize,
    /// Owners told that their token ends.
    pub warned: usize,
    /// Steps that were due and that another server took first.
    pub overtaken: usize,
    /// Things that were due and failed; they stay due.
    pub failed: usize,
    /// Jobs that are too late to be done unasked: a person has to decide.
    pub missed: usize,
    /// Jobs that somebody holds back.
    pub held: usize,
    /// Letters about returns that were sent back, or signed late.
    pub told: usize,
    /// Receipts mailed to whoever asked for one.
    pub receipted: usize,
    /// Administrators asked about jobs that were missed.
    pub asked: usize,
}

/// A cycle and what of it was missed.
pub(crate) type Missed = (CycleRef, Vec<Entry>);

impl Tick {
    /// Whether letters were queued, which can be carried at once.
    pub(crate) fn queued(&self) -> bool {
        let Self { released, rehearsed, reminded, told_of_moves, told, receipted, asked, warned, .. } = *self;
        released + rehearsed + reminded + told_of_moves + told + receipted + asked + warned > 0
    }

    /// Whether anything happened, by us or by who was faster, that may make something else due at once. Who was overtaken looks
    /// again too: a tick that has ended has left nothing due undone.
    fn something_happened(&self) -> bool {
        self.planned + self.opened + self.closed + self.frozen + self.released + self.overtaken > 0
    }
}

impl Scheduler {
    /// Does everything that is due. Doing it again, later, or on two servers at once is harmless. What
    /// fails for one committee is logged and does not keep others waiting.
    pub async fn tick(&self) -> Result<Tick, ScheduleError> {
        let ticked = self.do_what_is_due().instrument(tracing::debug_span!("tick")).await;
        self.meter.ticked(ticked.as_ref().ok(), self.clock.now());
        ticked
    }

    async fn do_what_is_due(&self) -> Result<Tick, ScheduleError> {
        let mut total = Tick::default();
        total.failed += self.follow_holidays().await?;
        // One thing makes the next due: a cycle found after a long silence is opened, closed and frozen in
        // turn. Six rounds are one more than there are steps.
        let (mut decisions, mut missed) = (AllDecisions::new(), Vec::new());
        let mut failed = 0;
        for _ in 0..6 {
            let mut round = Tick::default();
            missed.clear();
            self.plan(&mut round).await?;
            decisions = self.store.living_decisions().await?.into_iter().collect();
            for cycle in self.store.list_unfinished().await? {
                let late = self.advance(&cycle, decisions.get(&cycle.region), &mut round).await;
                if !late.is_empty() {
                    missed.push((cycle, late));
                }
            }
            total.planned += round.planned;
            total.opened += round.opened;
            total.closed += round.closed;
            total.frozen += round.frozen;
            total.released += round.released;
            total.rehearsed += round.rehearsed;
            total.overtaken += round.overtaken;
            (failed, total.missed, total.held) = (round.failed, round.missed, round.held);
            if !round.something_happened() {
                break;
            }
        }
        total.failed += failed;
        let (told, failed) = self.tell_moves().await?;
        total.told_of_moves = told;
        total.failed += failed;
        let (reminded, failed) = self.remind(&decisions).await?;
        total.reminded = reminded;
        total.failed += failed;
        total.asked = self.ask(&missed).await?;
        let (told, failed) = self.tell().await?;
        total.told = told;
        total.failed += failed;
        let (receipted, failed) = self.mail_receipts().await?;
        total.receipted = receipted;
        total.failed += failed;
        total.warned = self.warn_of_tokens().await?;
        Ok(total)
    }

    /// Plans the cycles of committees that recur.
    async fn plan(&self, tick: &mut Tick) -> Result<(), ScheduleError> {
        for (region, committee) in self.store.list_recurring().await? {
            let span = tracing::info_span!("job", job = "plan", %committee);
            match self.plan_committee(region, committee).instrument(span.clone()).await {
                Ok(planned) => tick.planned += planned,
                Err(error) => {
                    tick.failed += 1;
                    span.in_scope(|| tracing::error!(%error, "planning failed"));
                }
            }
        }
        Ok(())
    }

    async fn plan_committee(&self, region: RegionId, id: CommitteeId) -> Result<usize, ScheduleError> {
        let scope = Scope::Region(region);
        let now = self.clock.now();
        let committee = self.store.get_committee(scope, id).await?;
        let Some(recurrence) = committee.recurrence else { return Ok(0) };
        let zone = self.store.get_region(scope).await?.zone;
        let known = self.store.list_cycles(scope, id, Page::all()).await?.items;
        let mut planned = 0;
        for (quarter, slug, timetable) in due::quarters(&recurrence, zone, committee.created_at, now) {
            // Also under another name, by hand; one that was cancelled was cancelled on purpose.
            if known.iter().any(|cycle| cycle.slug == slug || cycle.period == quarter.period()) {
                continue;
            }
            let new = NewCycle { id: CycleId(self.chance.id(now)), committee: id, slug, period: quarter.period(), timetable };
            tracing::info!(cycle = %new.slug, "planning a cycle");
            planned += usize::from(self.store.plan_cycle(scope, &Act::by_system(now), new).await?);
        }
        Ok(planned)
    }

    /// Takes one cycle a step further, if a step is due. Answers what of it was missed.
    async fn advance(&self, cycle: &CycleRef, decisions: Option<&Decisions>, tick: &mut Tick) -> Vec<Entry> {
        let span = tracing::info_span!("job", job = tracing::field::Empty, cycle = %cycle.cycle);
        let step = self.step(cycle, decisions, tick, &span).instrument(span.clone()).await;
        step.unwrap_or_else(|error| {
            tick.failed += 1;
            span.in_scope(|| tracing::error!(%error, "a job failed and stays due"));
            Vec::new()
        })
    }

    async fn step(
        &self,
        cycle: &CycleRef,
        decisions: Option<&Decisions>,
        tick: &mut Tick,
        span: &tracing::Span,
    ) -> Result<Vec<Entry>, ScheduleError> {
        let (mut entries, digest) = self.entries(cycle, decisions).await?;
        tick.held += entries.iter().filter(|entry| entry.state == JobState::Held).count();
        // A rehearsal last: one that fails keeps nothing of what it rehearses from being done.
        let due = entries.iter().filter(|entry| entry.state == JobState::Due).min_by_key(|entry| entry.job == Job::Rehearse);
        if let Some(due) = due {
            span.record("job", due.job.word());
            match (due.job, &digest) {
                (Job::Open | Job::Close, _) => self.move_on(cycle, due, tick).await?,
                (Job::Freeze, _) => self.freeze(cycle, due, tick).await?,
                (Job::Rehearse, _) => match self.rehearse(cycle, due.due_at).await {
                    Ok(done) => tick.rehearsed += usize::from(done),
                    Err(error) => {
                        tick.failed += 1;
                        tracing::error!(%error, "a rehearsal failed and stays due");
                    }
                },
                (Job::Release, Some(digest)) => tick.released += usize::from(self.release(cycle, digest).await?),
                // Reminders go out in rounds, for a region as a whole.
                (Job::Release, None) | (Job::Remind, _) => {}
            }
        }
        entries.retain(|entry| entry.state == JobState::Missed);
        tick.missed += entries.len();
        Ok(entries)
    }

    /// The jobs of a cycle as they stand now, but for reminders; and the last version of its digest, where that matters.
    async fn entries(&self, cycle: &CycleRef, decisions: Option<&Decisions>) -> Result<(Vec<Entry>, Option<Digest>), ScheduleError> {
        let digest = match cycle.state {
            CycleState::Closed => self.store.list_digests(Scope::Region(cycle.region), cycle.cycle).await?.items.pop(),
            CycleState::Planned | CycleState::Open | CycleState::Published | CycleState::Cancelled => None,
        };
        let (runs, orders) = decisions.map_or_else(Default::default, |all| {
            let runs: Vec<_> = all.runs.iter().filter(|run| run.cycle == cycle.cycle).cloned().collect();
            let orders: Vec<_> = all.orders.iter().filter(|order| order.cycle == cycle.cycle).cloned().collect();
            (runs, orders)
        });
        let known =
            Known { state: cycle.state, timetable: cycle.timetable, digest: digest.as_ref(), runs: &runs, orders: &orders, rungs: &[] };
        Ok((schedule::entries(&known, self.clock.now()), digest))
    }

    async fn move_on(&self, cycle: &CycleRef, due: &Entry, tick: &mut Tick) -> Result<(), ScheduleError> {
        let act = Act::by_system(self.clock.now());
        if self.store.advance_cycle(Scope::Region(cycle.region), &act, cycle.cycle, due.job, due.due_at).await? {
            tracing::info!(job = due.job.word(), "done");
            match due.job {
                Job::Open => tick.opened += 1,
                _ => tick.closed += 1,
            }
        } else {
            tick.overtaken += 1;
        }
        Ok(())
    }

    /// Freezes the digest of a closed cycle; or makes it anew, where a moved date has superseded what was.
    async fn freeze(&self, cycle: &CycleRef, due: &Entry, tick: &mut Tick) -> Result<(), ScheduleError> {
        let now = self.clock.now();
        let (id, act) = (DigestId(self.chance.id(now)), Act::by_system(now));
        let frozen = csp_edition::freeze_first(&self.store, Scope::Region(cycle.region), &act, id, cycle.cycle, due.due_at).await?;
        if let Some(digest) = frozen {
            tracing::info!(digest = %digest.id, "froze the digest");
            tick.frozen += 1;
        }
        Ok(())
    }

    /// What is due and not yet done, what comes next, and what waits for a person's decision, the most urgent first.
    pub async fn due(&self) -> Result<Vec<DueLine>, ScheduleError> {
        let now = self.clock.now();
        let mut lines = Vec::new();
        for found in self.store.list_unfinished().await? {
            let scope = Scope::Region(found.region);
            let committee = self.store.get_committee(scope, found.committee).await?;
            let cycle = self.store.get_cycle(scope, found.cycle).await?;
            let entries = self.store.list_jobs(scope, found.cycle, now).await?;
            lines.extend(due::lines(&format!("{}, {}", committee.name, cycle.slug), &entries, now));
        }
        lines.sort_by_key(|line| line.due_at);
        Ok(lines)
    }
}
