//! One tick: plan, open, close, freeze, release whatever is due and not yet done.

use csp_domain::{
    Act, Scope, calendar,
    cycle::NewCycle,
    digest::DigestState,
    id::{CommitteeId, CycleId, DigestId, RegionId},
};
use csp_store::{CycleRef, Job, Page};
use tracing::Instrument as _;

use crate::{
    DueLine, ScheduleError, Scheduler,
    due::{self, Step},
};

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
    /// Reminders queued.
    pub reminded: usize,
    /// Owners told that their token ends.
    pub warned: usize,
    /// Steps that were due and that another server took first.
    pub overtaken: usize,
    /// Things that were due and failed; they stay due.
    pub failed: usize,
}

impl Tick {
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
        // One thing makes the next due: a cycle found after a long silence is opened, closed and frozen in
        // turn. Five rounds are one more than there are steps.
        for _ in 0..5 {
            let mut round = Tick::default();
            self.plan(&mut round).await?;
            for cycle in self.store.list_unfinished().await? {
                self.advance(&cycle, &mut round).await;
            }
            total.planned += round.planned;
            total.opened += round.opened;
            total.closed += round.closed;
            total.frozen += round.frozen;
            total.released += round.released;
            total.overtaken += round.overtaken;
            total.failed = round.failed;
            if !round.something_happened() {
                break;
            }
        }
        let (reminded, failed) = self.remind().await?;
        total.reminded = reminded;
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

    /// Takes one cycle a step further, if a step is due.
    async fn advance(&self, cycle: &CycleRef, tick: &mut Tick) {
        let Some((step, due_at)) = due::next_step(cycle) else { return };
        if !due::is_due(step, due_at, self.clock.now()) {
            return;
        }
        let job = match step {
            Step::Open => "open",
            Step::Close => "close",
            Step::Publish => "publish",
        };
        let span = tracing::info_span!("job", job, cycle = %cycle.cycle);
        let done = match step {
            Step::Open => self.move_on(cycle, Job::Open, tick).instrument(span.clone()).await,
            Step::Close => self.move_on(cycle, Job::Close, tick).instrument(span.clone()).await,
            Step::Publish => self.publish(cycle, tick).instrument(span.clone()).await,
        };
        if let Err(error) = done {
            tick.failed += 1;
            span.in_scope(|| tracing::error!(%error, "a job failed and stays due"));
        }
    }

    async fn move_on(&self, cycle: &CycleRef, job: Job, tick: &mut Tick) -> Result<(), ScheduleError> {
        let due_at = if job == Job::Open { cycle.opens_at } else { cycle.deadline_at };
        let act = Act::by_system(self.clock.now());
        if self.store.advance_cycle(Scope::Region(cycle.region), &act, cycle.cycle, job, due_at).await? {
            tracing::info!(job = job.word(), "done");
            match job {
                Job::Open => tick.opened += 1,
                _ => tick.closed += 1,
            }
        } else {
            tick.overtaken += 1;
        }
        Ok(())
    }

    /// Freezes the digest of a closed cycle, and releases an approved one at publication.
    async fn publish(&self, cycle: &CycleRef, tick: &mut Tick) -> Result<(), ScheduleError> {
        let scope = Scope::Region(cycle.region);
        let now = self.clock.now();
        let versions = self.store.list_digests(scope, cycle.cycle).await?.items;
        let last = versions.last();
        if last.is_none_or(|digest| digest.state == DigestState::Superseded) {
            // Nothing is frozen yet, or a moved date has superseded what was: the paper is made anew.
            let id = DigestId(self.chance.id(now));
            let act = Act::by_system(now);
            if let Some(digest) = csp_edition::freeze_first(&self.store, scope, &act, id, cycle.cycle, cycle.deadline_at).await? {
                tracing::info!(digest = %digest.id, "froze the digest");
                tick.frozen += 1;
            }
        } else if let Some(digest) =
            last.filter(|digest| digest.state == DigestState::Approved && cycle.publication_at <= now && !digest.cools_off(now))
        {
            tick.released += usize::from(self.release(cycle, digest).await?);
        }
        Ok(())
    }

    /// What is due and not yet done, and what comes next, the most urgent first.
    pub async fn due(&self) -> Result<Vec<DueLine>, ScheduleError> {
        let now = self.clock.now();
        let mut lines = Vec::new();
        for found in self.store.list_unfinished().await? {
            let scope = Scope::Region(found.region);
            let committee = self.store.get_committee(scope, found.committee).await?;
            let cycle = self.store.get_cycle(scope, found.cycle).await?;
            let (what, due_at) = match due::next_step(&found) {
                None => continue,
                Some((Step::Open, at)) => ("opens for returns", at),
                Some((Step::Close, at)) => ("closes, and its digest is frozen", at),
                Some((Step::Publish, at)) => match self.store.list_digests(scope, found.cycle).await?.items.last() {
                    None => ("its digest is to be frozen", at),
                    Some(digest) if digest.state == DigestState::Approved => {
                        let kept = digest.cooling_off.as_ref().map_or(found.publication_at, |kept| kept.until);
                        ("its digest is published", found.publication_at.max(kept))
                    }
                    Some(_) => ("its digest waits for approval", found.publication_at),
                },
            };
            if let Some((rung, at)) = Self::next_reminders(&cycle, &self.store.get_region(scope).await?, now) {
                let what = if rung.is_about_approval() { "reminds whoever may approve it" } else { "reminds who owes a return" };
                lines.push(DueLine {
                    cycle: format!("{}, {}", committee.name, cycle.slug),
                    what: what.to_owned(),
                    due_at: at,
                    overdue: false,
                });
            }
            lines.push(DueLine {
                cycle: format!("{}, {}", committee.name, cycle.slug),
                what: what.to_owned(),
                due_at,
                overdue: due_at < now,
            });
        }
        lines.sort_by_key(|line| line.due_at);
        Ok(lines)
    }
}

impl std::fmt::Display for DueLine {
    /// `Citizen Focus Committee, 2021-q3: opens for returns, Saturday 1 January 2022 at 09:00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let when = calendar::full(self.due_at, chrono_tz::Europe::London);
        write!(f, "{}: {}, {}{when}", self.cycle, self.what, if self.overdue { "was due " } else { "" })
    }
}
