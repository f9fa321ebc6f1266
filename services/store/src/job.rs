//! Scheduled work: what is over, and what people ordered about the rest. The table decides, the bell only rings.

use std::sync::Arc;

use csp_domain::{
    Act, Scope,
    calendar::BankHolidays,
    clock::Instant,
    cycle::Cycle,
    id::{CycleId, PersonId, RegionId},
    message::NewMessage,
    schedule::{self, Decision, Entry, Job, JobState, Known, Order, OrderKind, Run},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    LAST_JOB_RUN = "SELECT MAX(due_at) FROM job_runs WHERE region_id = $1 AND job = $2 AND subject_id = $3 AND due_at <= $4";
    /// Cycles that were opened after the last round of reminders was made, so that it could not speak of them, and no round has since.
    OPENED_UNTOLD = "SELECT o.subject_id FROM job_runs o WHERE o.region_id = $1 AND o.job = 'open' AND o.outcome = 'done' \
        AND o.done_at > COALESCE((SELECT MAX(r.done_at) FROM job_runs r WHERE r.region_id = $1 AND r.job = 'remind' AND r.subject_id = $1 \
        AND r.due_at <= $2), $3) \
        AND NOT EXISTS (SELECT 1 FROM job_runs t WHERE t.region_id = o.region_id AND t.job = 'remind' AND t.subject_id = o.subject_id \
        AND t.outcome = 'done') ORDER BY o.subject_id";
    TELL_OPENED = "INSERT INTO job_runs (region_id, job, subject_id, due_at, done_at) VALUES ($1, 'remind', $2, $3, $4) \
        ON CONFLICT (region_id, job, subject_id, due_at) DO NOTHING";
    INSERT_JOB_RUN = "INSERT INTO job_runs (region_id, job, subject_id, due_at, done_at, outcome, reason, decided_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    RUNS_OF = "SELECT region_id, subject_id, job, due_at, done_at, outcome, reason, decided_by FROM job_runs WHERE region_id = $1 AND subject_id = $2 ORDER BY due_at, job";
    ORDERS_OF = "SELECT region_id, cycle_id, job, kind, due_at, reason, ordered_by, ordered_at FROM job_orders WHERE region_id = $1 AND cycle_id = $2 ORDER BY job";
    /// A freeze that a moved date has undone was done at the same time before: what is decided now stands.
    SKIP_JOB_RUN = "INSERT INTO job_runs (region_id, job, subject_id, due_at, done_at, outcome, reason, decided_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (region_id, job, subject_id, due_at) DO UPDATE SET done_at = excluded.done_at, outcome = excluded.outcome, reason = excluded.reason, \
        decided_by = excluded.decided_by";
    HELD = "SELECT COUNT(*) FROM job_orders WHERE region_id = $1 AND cycle_id = $2 AND job = $3 AND kind = 'hold'";
    SKIPPED = "SELECT COUNT(*) FROM job_runs WHERE region_id = $1 AND subject_id = $2 AND job = $3 AND due_at = $4 AND outcome = 'skipped'";
    INSERT_ORDER = "INSERT INTO job_orders (region_id, cycle_id, job, kind, due_at, reason, ordered_by, ordered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    DELETE_ORDER = "DELETE FROM job_orders WHERE region_id = $1 AND cycle_id = $2 AND job = $3";
    /// For the tick, over all regions: what people decided about cycles that are not at their end.
    LIVING_ORDERS = "SELECT o.region_id, o.cycle_id, o.job, o.kind, o.due_at, o.reason, o.ordered_by, o.ordered_at FROM job_orders o \
        JOIN cycles c ON c.region_id = o.region_id AND c.cycle_id = o.cycle_id WHERE c.state IN ('planned', 'open', 'closed') ORDER BY o.cycle_id, o.job";
    /// Of what was done, rehearsals alone: that the rest was done, the states say too.
    LIVING_RUNS = "SELECT j.region_id, j.subject_id, j.job, j.due_at, j.done_at, j.outcome, j.reason, j.decided_by FROM job_runs j \
        JOIN cycles c ON c.region_id = j.region_id AND c.cycle_id = j.subject_id \
        WHERE (j.outcome = 'skipped' OR j.job = 'rehearse') AND c.state IN ('planned', 'open', 'closed') ORDER BY j.subject_id, j.due_at, j.job";
}

/// What it means that a unit was refused by the row of its job, or by somebody who was faster: it is done, and not by us.
pub(crate) fn once(done: Result<bool, StoreError>) -> Result<bool, StoreError> {
    match done {
        Err(StoreError::Changed(_) | StoreError::AlreadyExists(_)) => Ok(false),
        done => done,
    }
}

/// What people decided about the jobs of cycles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Jobs that are over: all of them, or where the tick asks, those that were skipped, and rehearsals.
    pub runs: Vec<Run>,
    /// Orders that stand.
    pub orders: Vec<Order>,
}

/// What is to become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobChange {
    /// It is left until somebody says otherwise.
    Hold,
    /// What was ordered is taken back.
    Resume,
    /// It is never done.
    Skip,
    /// It is done at the next look, late as it is.
    Run,
}

/// A decision about a job, before it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDecision {
    /// Whose.
    pub by: PersonId,
    /// About which cycle.
    pub cycle: CycleId,
    /// About which of its jobs.
    pub job: Job,
    /// What is to become of it.
    pub change: JobChange,
    /// Why.
    pub reason: Line,
}

impl JobChange {
    fn word(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Skip => "skip",
            Self::Run => "run",
        }
    }
}

#[derive(sqlx::FromRow)]
struct RunRow {
    region_id: Uuid,
    subject_id: Uuid,
    job: String,
    due_at: Instant,
    done_at: Instant,
    outcome: String,
    reason: Option<String>,
    decided_by: Option<Uuid>,
}

impl TryFrom<RunRow> for Run {
    type Error = StoreError;

    fn try_from(row: RunRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("job_runs", column);
        let skipped = match (row.outcome.as_str(), row.reason, row.decided_by) {
            ("done", None, None) => None,
            ("skipped", Some(reason), Some(by)) => Some(Decision {
                by: PersonId(by),
                at: row.done_at,
                reason: Line::parse(&reason, Line::SENTENCE).map_err(|_| bad("reason"))?,
            }),
            _ => return Err(bad("outcome")),
        };
        let job = Job::from_word(&row.job).ok_or_else(|| bad("job"))?;
        Ok(Self { cycle: CycleId(row.subject_id), job, due_at: row.due_at, done_at: row.done_at, skipped })
    }
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    region_id: Uuid,
    cycle_id: Uuid,
    job: String,
    kind: String,
    due_at: Instant,
    reason: String,
    ordered_by: Uuid,
    ordered_at: Instant,
}

impl TryFrom<OrderRow> for Order {
    type Error = StoreError;

    fn try_from(row: OrderRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("job_orders", column);
        Ok(Self {
            cycle: CycleId(row.cycle_id),
            job: Job::from_word(&row.job).ok_or_else(|| bad("job"))?,
            kind: OrderKind::from_word(&row.kind).ok_or_else(|| bad("kind"))?,
            due_at: row.due_at,
            decision: Decision {
                by: PersonId(row.ordered_by),
                at: row.ordered_at,
                reason: Line::parse(&row.reason, Line::SENTENCE).map_err(|_| bad("reason"))?,
            },
        })
    }
}

impl Tx {
    /// Writes that a job of the region is done, in the same unit as what it does. Of all who try, one succeeds.
    pub(crate) async fn run_once(&mut self, job: Job, subject: Uuid, due_at: Instant, now: Instant) -> Result<(), StoreError> {
        self.insert_run(job, subject, due_at, now, None).await
    }

    /// Writes that a job of a cycle is done, unless it is held. Whoever holds it waits for us, or we for them: what is held when
    /// this is committed was not done, and what was done is not held afterwards.
    pub(crate) async fn run_cycle_job(&mut self, job: Job, cycle: CycleId, due_at: Instant, now: Instant) -> Result<Cycle, StoreError> {
        let found = self.cycle_not_held(job, cycle, due_at).await?;
        self.insert_run(job, cycle.0, due_at, now, None).await?;
        self.delete_order(cycle, job).await?;
        Ok(found)
    }

    /// The cycle, to which nobody else does anything until the unit ends, if the job is neither held nor skipped.
    pub(crate) async fn cycle_not_held(&mut self, job: Job, cycle: CycleId, due_at: Instant) -> Result<Cycle, StoreError> {
        let found = self.cycle_for_signing(cycle).await?;
        if self.is_held_or_skipped(job, cycle, due_at).await? { Err(StoreError::Changed("job")) } else { Ok(found) }
    }

    /// Whether somebody has decided that the schedule is not to do it.
    pub(crate) async fn is_held_or_skipped(&mut self, job: Job, cycle: CycleId, due_at: Instant) -> Result<bool, StoreError> {
        let (region, word) = (self.region(), job.word());
        let held: i64 = on!(self, |c| sqlx::query_scalar(HELD).bind(region.0).bind(cycle.0).bind(word).fetch_one(c).await)?;
        let skipped: i64 =
            on!(self, |c| sqlx::query_scalar(SKIPPED).bind(region.0).bind(cycle.0).bind(word).bind(due_at).fetch_one(c).await)?;
        Ok(held + skipped > 0)
    }

    /// Puts on record that a round of reminders has told of a cycle that it is open.
    pub(crate) async fn tell_opened(&mut self, cycle: CycleId, round: Instant, now: Instant) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(TELL_OPENED).bind(region.0).bind(cycle.0).bind(round).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    async fn insert_run(
        &mut self,
        job: Job,
        subject: Uuid,
        due_at: Instant,
        now: Instant,
        skipped: Option<(PersonId, &Line)>,
    ) -> Result<(), StoreError> {
        let region = self.region();
        let text = if skipped.is_some() { SKIP_JOB_RUN } else { INSERT_JOB_RUN };
        on!(self, |c| sqlx::query(text)
            .bind(region.0)
            .bind(job.word())
            .bind(subject)
            .bind(due_at)
            .bind(now)
            .bind(if skipped.is_some() { "skipped" } else { "done" })
            .bind(skipped.map(|(_, reason)| reason.as_str()))
            .bind(skipped.map(|(by, _)| by.0))
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| StoreError::from(e).or_exists(|| format!("a run of {}", job.word())))
    }

    /// Strikes what was ordered. Answers whether anything was.
    pub(crate) async fn delete_order(&mut self, cycle: CycleId, job: Job) -> Result<bool, StoreError> {
        let region = self.region();
        let rows = on!(self, |c| sqlx::query(DELETE_ORDER)
            .bind(region.0)
            .bind(cycle.0)
            .bind(job.word())
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows > 0)
    }

    async fn decisions_about(&mut self, cycle: CycleId) -> Result<Decisions, StoreError> {
        let region = self.region();
        let runs: Vec<RunRow> = on!(self, |c| sqlx::query_as(RUNS_OF).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let orders: Vec<OrderRow> = on!(self, |c| sqlx::query_as(ORDERS_OF).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        Ok(Decisions {
            runs: runs.into_iter().map(Run::try_from).collect::<Result<_, _>>()?,
            orders: orders.into_iter().map(Order::try_from).collect::<Result<_, _>>()?,
        })
    }

    /// The jobs of a cycle as they stand.
    async fn entries_of(&mut self, cycle: &Cycle, holidays: &Arc<BankHolidays>, now: Instant) -> Result<Vec<Entry>, StoreError> {
        let office = self.office_of(cycle.committee, holidays).await?;
        let region = self.region();
        let zone = self.get_region(region).await?.zone;
        let Decisions { runs, orders } = self.decisions_about(cycle.id).await?;
        let digests = self.digests(cycle.id).await?;
        let known = Known {
            state: cycle.state,
            timetable: cycle.timetable,
            digest: digests.last(),
            runs: &runs,
            orders: &orders,
            rungs: &office.rungs(&cycle.timetable, zone),
        };
        Ok(schedule::entries(&known, now))
    }

    async fn decide(&mut self, act: &Act, wanted: &JobDecision, holidays: &Arc<BankHolidays>) -> Result<(), StoreError> {
        let &JobDecision { by, cycle, job, change, ref reason } = wanted;
        let region = self.region();
        // Locked first: whoever does the job meanwhile is through, or finds what is decided here.
        let found = self.cycle_for_signing(cycle).await?;
        let entry = self.entry_to_change(&found, job, holidays, act.at).await?;
        match change {
            _ if entry.state.is_over() => return Err(Refusal::JobState(entry.state).into()),
            JobChange::Hold if entry.state == JobState::Held => return Err(Refusal::JobState(entry.state).into()),
            JobChange::Resume if entry.decision.is_none() => return Err(Refusal::JobState(entry.state).into()),
            JobChange::Run if job != Job::Remind && act.at < entry.due_at => {
                return Err(Refusal::JobNotDue { due_at: entry.due_at }.into());
            }
            JobChange::Hold | JobChange::Resume | JobChange::Skip | JobChange::Run => {}
        }
        self.delete_order(cycle, job).await?;
        let order = match change {
            JobChange::Hold => Some(OrderKind::Hold),
            JobChange::Run => Some(OrderKind::Run),
            JobChange::Resume | JobChange::Skip => None,
        };
        if let Some(kind) = order {
            on!(self, |c| sqlx::query(INSERT_ORDER)
                .bind(region.0)
                .bind(cycle.0)
                .bind(job.word())
                .bind(kind.word())
                .bind(entry.due_at)
                .bind(reason.as_str())
                .bind(by.0)
                .bind(act.at)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        if change == JobChange::Skip {
            self.insert_run(job, cycle.0, entry.due_at, act.at, Some((by, reason))).await?;
        }
        let old = Facts::open(json!({ "job": job.word(), "due_at": entry.due_at, "state": entry.state.word() }));
        let new = Facts::open(json!({ "job": job.word(), "due_at": entry.due_at, "change": change.word() }))
            .and_personal(json!({ "reason": reason.as_str() }));
        let action = match change {
            JobChange::Hold => "hold_job",
            JobChange::Resume => "resume_job",
            JobChange::Skip => "skip_job",
            JobChange::Run => "run_job",
        };
        self.audit(act, action, "cycle", cycle.0, Some(old), Some(new)).await
    }

    /// The entry of a job that somebody decides about. Of several reminders, the next that is not over.
    async fn entry_to_change(&mut self, cycle: &Cycle, job: Job, holidays: &Arc<BankHolidays>, now: Instant) -> Result<Entry, StoreError> {
        let mut entries = self.entries_of(cycle, holidays, now).await?;
        entries.retain(|entry| entry.job == job);
        let open = entries.iter().position(|entry| !entry.state.is_over()).unwrap_or(0);
        if entries.is_empty() { Err(StoreError::NotFound("job")) } else { Ok(entries.swap_remove(open)) }
    }
}

impl Store {
    /// When the last round of reminders was due that a region has had by `until`, if it has had any.
    pub async fn last_round(&self, scope: Scope, until: Instant) -> Result<Option<Instant>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                Ok(on!(tx, |c| sqlx::query_scalar(LAST_JOB_RUN)
                    .bind(region.0)
                    .bind(Job::Remind.word())
                    .bind(region.0)
                    .bind(until)
                    .fetch_one(c)
                    .await)?)
            })
        })
        .await
    }

    /// The cycles that were opened after the last round by `until` was made, or after `since` where there was none, and of which no round
    /// has told that they are open: they were planned after their opening, moved to before it, or it was held back.
    pub async fn list_opened_untold(&self, scope: Scope, until: Instant, since: Instant) -> Result<Vec<CycleId>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let found: Vec<Uuid> =
                    on!(tx, |c| sqlx::query_scalar(OPENED_UNTOLD).bind(region.0).bind(until).bind(since).fetch_all(c).await)?;
                Ok(found.into_iter().map(CycleId).collect())
            })
        })
        .await
    }

    /// The jobs of a cycle as they stand at `now`.
    pub async fn list_jobs(&self, scope: Scope, cycle: CycleId, now: Instant) -> Result<Vec<Entry>, StoreError> {
        let holidays = self.holidays.clone();
        self.read(scope, move |tx| {
            Box::pin(async move {
                let cycle = tx.get_cycle(cycle).await?;
                tx.entries_of(&cycle, &holidays, now).await
            })
        })
        .await
    }

    /// Decides about a job, with a reason, and answers the cycle's jobs as they stand then.
    pub async fn decide_job(&self, scope: Scope, act: &Act, wanted: JobDecision) -> Result<Vec<Entry>, StoreError> {
        let (act, holidays) = (act.clone(), self.holidays.clone());
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                tx.decide(&act, &wanted, &holidays).await?;
                let cycle = tx.get_cycle(wanted.cycle).await?;
                tx.entries_of(&cycle, &holidays, act.at).await
            })
        })
        .await
    }

    /// Queues the letters that tell administrators of a rehearsal, and puts on record that it took place, in one unit. Nothing else comes
    /// of a rehearsal: no version, no delivery, no new state. Answers false when it took place already, or somebody holds it back.
    pub async fn rehearse(
        &self,
        scope: Scope,
        act: &Act,
        cycle: CycleId,
        due_at: Instant,
        letters: Vec<(Vec<u8>, NewMessage)>,
    ) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let cycle = tx.run_cycle_job(Job::Rehearse, cycle, due_at, act.at).await?;
                    // Another date, and another rehearsal.
                    if cycle.timetable.rehearsal_at() != due_at {
                        return Err(StoreError::Changed("cycle"));
                    }
                    tx.queue_letters(&act, &letters).await?;
                    Ok(true)
                })
            })
            .await;
        once(done)
    }

    /// What people decided about the jobs of all cycles that are not at their end, and which of them were rehearsed. For the tick.
    pub async fn living_decisions(&self) -> Result<Vec<(RegionId, Decisions)>, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let mut found: std::collections::BTreeMap<RegionId, Decisions> = std::collections::BTreeMap::new();
                let orders: Vec<OrderRow> = on!(tx, |c| sqlx::query_as(LIVING_ORDERS).fetch_all(c).await)?;
                for row in orders {
                    found.entry(RegionId(row.region_id)).or_default().orders.push(row.try_into()?);
                }
                let runs: Vec<RunRow> = on!(tx, |c| sqlx::query_as(LIVING_RUNS).fetch_all(c).await)?;
                for row in runs {
                    found.entry(RegionId(row.region_id)).or_default().runs.push(row.try_into()?);
                }
                Ok(found.into_iter().collect())
            })
        })
        .await
    }
}
