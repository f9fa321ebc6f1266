//! Cycles.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    calendar::Timetable,
    clock::Instant,
    cycle::{Cycle, CycleState, NewCycle, NotOpen, Sent},
    id::{CommitteeId, CycleId, PartnershipId, RegionId, Slug},
    period::Period,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Job, Listing, Page, Refusal, Store, StoreError,
    audit::Facts,
    engine::{CYCLE_FOR_SIGNING, STANDING_CYCLE, on},
    error,
    job::once,
    statement::statements,
    unit::Tx,
};

statements! {
    INSERT_CYCLE = "INSERT INTO cycles (region_id, cycle_id, committee_id, slug, period_start, period_end, opens_at, deadline_at, publication_at, \
        meeting_at, state, created_at, revision, closed_to_new_at, freeze_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'planned', $11, 1, $12, $13)";
    UPDATE_TIMETABLE = "UPDATE cycles SET opens_at = $3, deadline_at = $4, publication_at = $5, meeting_at = $6, closed_to_new_at = $8, freeze_at = $9, \
        period_start = $10, period_end = $11, revision = revision + 1 WHERE region_id = $1 AND cycle_id = $2 AND revision = $7";
    UPDATE_CYCLE_STATE = "UPDATE cycles SET state = $3, revision = revision + 1 WHERE region_id = $1 AND cycle_id = $2 AND revision = $4";
    GET_CYCLE = "SELECT cycle_id, committee_id, slug, period_start, period_end, opens_at, deadline_at, closed_to_new_at, freeze_at, publication_at, meeting_at, state, created_at, revision \
        FROM cycles WHERE region_id = $1 AND cycle_id = $2";
    FIND_CYCLE = "SELECT cycle_id, committee_id, slug, period_start, period_end, opens_at, deadline_at, closed_to_new_at, freeze_at, publication_at, meeting_at, state, created_at, revision \
        FROM cycles WHERE region_id = $1 AND committee_id = $2 AND slug = $3";
    LIST_CYCLES = "SELECT cycle_id, committee_id, slug, period_start, period_end, opens_at, deadline_at, closed_to_new_at, freeze_at, publication_at, meeting_at, state, created_at, revision \
        FROM cycles WHERE region_id = $1 AND committee_id = $2 AND cycle_id > $3 ORDER BY cycle_id LIMIT $4";
    LIST_CURRENT_CYCLES = "SELECT cycle_id, committee_id, slug, period_start, period_end, opens_at, deadline_at, closed_to_new_at, freeze_at, publication_at, meeting_at, state, created_at, revision \
        FROM cycles WHERE region_id = $1 AND state IN ('planned', 'open', 'closed') ORDER BY deadline_at, cycle_id";
    /// For the tick, over all regions.
    LIST_UNFINISHED = "SELECT region_id, cycle_id, committee_id, state, opens_at, deadline_at, closed_to_new_at, freeze_at, publication_at, meeting_at FROM cycles \
        WHERE state IN ('planned', 'open', 'closed') ORDER BY opens_at, cycle_id";
    CARRY_SKIP = "UPDATE job_runs SET due_at = $5 WHERE region_id = $1 AND subject_id = $2 AND job = $3 AND due_at = $4 AND outcome = 'skipped'";
    OWES = "SELECT COUNT(*) FROM committee_partnerships WHERE region_id = $1 AND committee_id = $2 AND partnership_id = $3";
}

/// The dates of a cycle as they are stored: where a committee has no rules there is one end.
#[derive(sqlx::FromRow)]
#[expect(clippy::struct_field_names, reason = "the columns are called so")]
struct Times {
    opens_at: Instant,
    deadline_at: Instant,
    closed_to_new_at: Option<Instant>,
    freeze_at: Option<Instant>,
    publication_at: Instant,
    meeting_at: Instant,
}

impl From<Times> for Timetable {
    fn from(times: Times) -> Self {
        Self {
            opens_at: times.opens_at,
            deadline_at: times.deadline_at,
            closed_to_new_at: times.closed_to_new_at.unwrap_or(times.deadline_at),
            freeze_at: times.freeze_at.unwrap_or(times.deadline_at),
            publication_at: times.publication_at,
            meeting_at: times.meeting_at,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    cycle_id: Uuid,
    committee_id: Uuid,
    slug: String,
    period_start: NaiveDate,
    period_end: NaiveDate,
    #[sqlx(flatten)]
    times: Times,
    state: String,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Cycle {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("cycles", column);
        Ok(Self {
            id: CycleId(row.cycle_id),
            committee: CommitteeId(row.committee_id),
            slug: row.slug.parse().map_err(|_| bad("slug"))?,
            period: Period::new(row.period_start, row.period_end).map_err(|_| bad("period_end"))?,
            timetable: row.times.into(),
            state: CycleState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

/// What the tick needs to know of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CycleRef {
    /// Its region.
    pub region: RegionId,
    /// Its identifier.
    pub cycle: CycleId,
    /// Its committee.
    pub committee: CommitteeId,
    /// Where it stands.
    pub state: CycleState,
    /// When what happens.
    pub timetable: Timetable,
}

#[derive(sqlx::FromRow)]
struct RefRow {
    region_id: Uuid,
    cycle_id: Uuid,
    committee_id: Uuid,
    state: String,
    #[sqlx(flatten)]
    times: Times,
}

pub(crate) fn facts(c: &Cycle) -> Facts {
    Facts::open(
        json!({ "committee": c.committee, "slug": c.slug.as_str(), "period": c.period, "timetable": c.timetable, "state": c.state.word() }),
    )
}

fn refusal(why: NotOpen, cycle: &Cycle) -> Refusal {
    match why {
        NotOpen::NotYet(opens_at) => Refusal::CycleNotOpen { opens_at },
        NotOpen::ClosedToNew { since, freeze_at } => Refusal::ClosedToNew { since, freeze_at },
        NotOpen::Over(frozen_at) => Refusal::CycleClosed { deadline_at: cycle.timetable.deadline_at, frozen_at },
        NotOpen::Cancelled => Refusal::CycleCancelled,
    }
}

impl Tx {
    /// All cycles of a committee, in the order they were planned.
    pub(crate) async fn cycles_of(&mut self, committee: CommitteeId) -> Result<Vec<Cycle>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_CYCLES)
            .bind(region.0)
            .bind(committee.0)
            .bind(Uuid::nil())
            .bind(i64::from(u32::MAX))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub(crate) async fn get_cycle(&mut self, id: CycleId) -> Result<Cycle, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_CYCLE).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("cycle"))?.try_into()
    }

    pub(crate) async fn find_cycle(&mut self, committee: CommitteeId, slug: &Slug) -> Result<Option<Cycle>, StoreError> {
        let region = self.region();
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(FIND_CYCLE).bind(region.0).bind(committee.0).bind(slug.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The cycle, in a state that it keeps until the unit ends.
    pub(crate) async fn standing_cycle(&mut self, id: CycleId) -> Result<Cycle, StoreError> {
        let region = self.region();
        let text = STANDING_CYCLE.on(&self.conn);
        let row: Option<Row> = on!(self, |c| sqlx::query_as(text).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("cycle"))?.try_into()
    }

    /// The cycle, to which nobody else sends anything until the unit ends.
    pub(crate) async fn cycle_for_signing(&mut self, id: CycleId) -> Result<Cycle, StoreError> {
        let region = self.region();
        let text = CYCLE_FOR_SIGNING.on(&self.conn);
        let row: Option<Row> = on!(self, |c| sqlx::query_as(text).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("cycle"))?.try_into()
    }

    /// The cycle, if `partnership` owes it something and it takes what is `sent` now; it stays so until the unit ends.
    pub(crate) async fn cycle_for_submission(
        &mut self,
        id: CycleId,
        partnership: Option<PartnershipId>,
        sent: Sent,
        now: Instant,
    ) -> Result<Cycle, StoreError> {
        let cycle = self.standing_cycle(id).await?;
        if let Some(partnership) = partnership {
            self.check_owed(&cycle, partnership).await?;
        }
        let judged = match (cycle.accepts(sent, None, now), partnership) {
            // Few are given more time: it is looked for where it would help.
            (Err(NotOpen::ClosedToNew { .. }), Some(partnership)) => {
                let extended = self.extended_until(id, partnership).await?;
                cycle.accepts(sent, extended, now)
            }
            (judged, _) => judged,
        };
        judged.map_err(|why| refusal(why, &cycle))?;
        // The bell that opens it may ring a moment late; but an opening that somebody holds back has not come.
        if cycle.state == CycleState::Planned && self.is_held_or_skipped(Job::Open, id, cycle.timetable.opens_at).await? {
            return Err(Refusal::CycleNotOpen { opens_at: cycle.timetable.opens_at }.into());
        }
        Ok(cycle)
    }

    /// Refuses a partnership that does not report to the cycle's committee.
    pub(crate) async fn check_owed(&mut self, cycle: &Cycle, partnership: PartnershipId) -> Result<(), StoreError> {
        let region = self.region();
        self.check_partnership(partnership)?;
        let owes: i64 =
            on!(self, |c| sqlx::query_scalar(OWES).bind(region.0).bind(cycle.committee.0).bind(partnership.0).fetch_one(c).await)?;
        if owes == 0 { Err(Refusal::NotOwed.into()) } else { Ok(()) }
    }

    pub(crate) async fn insert_cycle(&mut self, act: &Act, new: &NewCycle) -> Result<Cycle, StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_CYCLE)
            .bind(region.0)
            .bind(new.id.0)
            .bind(new.committee.0)
            .bind(new.slug.as_str())
            .bind(new.period.start())
            .bind(new.period.end())
            .bind(new.timetable.opens_at)
            .bind(new.timetable.deadline_at)
            .bind(new.timetable.publication_at)
            .bind(new.timetable.meeting_at)
            .bind(act.at)
            .bind(new.timetable.closed_to_new_at)
            .bind(new.timetable.freeze_at)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| StoreError::from(e).or_exists(|| format!("a cycle {}", new.slug)))?;
        let made = self.get_cycle(new.id).await?;
        self.audit(act, "create", "cycle", new.id.0, None, Some(facts(&made))).await?;
        Ok(made)
    }

    pub(crate) async fn set_cycle_state(&mut self, act: &Act, old: &Cycle, state: CycleState) -> Result<Cycle, StoreError> {
        let region = self.region();
        let changed = on!(self, |c| sqlx::query(UPDATE_CYCLE_STATE)
            .bind(region.0)
            .bind(old.id.0)
            .bind(state.word())
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("cycle", changed)?;
        let new = self.get_cycle(old.id).await?;
        let action = match state {
            CycleState::Planned => "plan",
            CycleState::Open => "open",
            CycleState::Closed => "close",
            CycleState::Published => "publish",
            CycleState::Cancelled => "cancel",
        };
        self.audit(act, action, "cycle", old.id.0, Some(facts(old)), Some(facts(&new))).await?;
        if matches!(state, CycleState::Published | CycleState::Cancelled) {
            self.expire_wordings(act, old.id).await?;
        }
        Ok(new)
    }
}

impl Tx {
    /// Calls a cycle off. Where collecting had opened, people rely on its dates, and what was due is on record: the reason is noted as a
    /// move is, so that they are told, and that what came by its deadline and what did not is still counted.
    pub(crate) async fn call_off_cycle(&mut self, act: &Act, old: &Cycle, why: &str) -> Result<Cycle, StoreError> {
        let new = self.set_cycle_state(act, old, CycleState::Cancelled).await?;
        if old.state != CycleState::Planned {
            self.note_moves(act, &new, &[], None, why).await?;
        }
        Ok(new)
    }

    /// Gives a cycle other dates. What is frozen prints the old ones, so it is superseded, its approval with it.
    pub(crate) async fn set_timetable(
        &mut self,
        act: &Act,
        old: &Cycle,
        timetable: Timetable,
        period: Period,
    ) -> Result<Cycle, StoreError> {
        let region = self.region();
        let changed = on!(self, |c| sqlx::query(UPDATE_TIMETABLE)
            .bind(region.0)
            .bind(old.id.0)
            .bind(timetable.opens_at)
            .bind(timetable.deadline_at)
            .bind(timetable.publication_at)
            .bind(timetable.meeting_at)
            .bind(old.revision)
            .bind(timetable.closed_to_new_at)
            .bind(timetable.freeze_at)
            .bind(period.start())
            .bind(period.end())
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("cycle", changed)?;
        // What somebody skipped stays skipped, whatever becomes of its date.
        let before = old.timetable;
        for (job, from, to) in [
            (Job::Open, before.opens_at, timetable.opens_at),
            (Job::Close, before.freeze_at, timetable.freeze_at),
            (Job::Freeze, before.freeze_at, timetable.freeze_at),
            (Job::Release, before.publication_at, timetable.publication_at),
            (Job::Rehearse, before.rehearsal_at(), timetable.rehearsal_at()),
        ] {
            if from != to {
                on!(self, |c| sqlx::query(CARRY_SKIP)
                    .bind(region.0)
                    .bind(old.id.0)
                    .bind(job.word())
                    .bind(from)
                    .bind(to)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
            }
        }
        if old.state == CycleState::Closed {
            self.supersede_digests(old.id).await?;
        }
        let new = self.get_cycle(old.id).await?;
        self.audit(act, "update", "cycle", old.id.0, Some(facts(old)), Some(facts(&new))).await?;
        Ok(new)
    }
}

impl Store {
    /// Sets a cycle by hand.
    pub async fn create_cycle(&self, scope: Scope, act: &Act, new: NewCycle) -> Result<Cycle, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_cycle(CycleId(id)).await;
                }
                tx.get_committee(new.committee).await?;
                let made = tx.insert_cycle(&act, &new).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// Plans a cycle by recurrence. Answers false when it is planned already, by whomever.
    pub async fn plan_cycle(&self, scope: Scope, act: &Act, new: NewCycle) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    tx.insert_cycle(&act, &new).await?;
                    Ok(true)
                })
            })
            .await;
        match done {
            Err(StoreError::AlreadyExists(_)) => Ok(false),
            done => done,
        }
    }

    /// One cycle.
    pub async fn get_cycle(&self, scope: Scope, id: CycleId) -> Result<Cycle, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_cycle(id).await })).await
    }

    /// The cycle of a committee with a short name.
    pub async fn find_cycle(&self, scope: Scope, committee: CommitteeId, slug: &Slug) -> Result<Option<Cycle>, StoreError> {
        let slug = slug.clone();
        self.read(scope, move |tx| Box::pin(async move { tx.find_cycle(committee, &slug).await })).await
    }

    /// The cycles of a committee, in the order they were planned.
    pub async fn list_cycles(&self, scope: Scope, committee: CommitteeId, page: Page) -> Result<Listing<Cycle>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_CYCLES)
                    .bind(region.0)
                    .bind(committee.0)
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let items = rows.into_iter().map(Cycle::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |c| c.id.0))
            })
        })
        .await
    }

    /// The cycles of the region that are not at their end, the nearest deadline first.
    pub async fn list_current_cycles(&self, scope: Scope) -> Result<Vec<Cycle>, StoreError> {
        self.read(scope, |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_CURRENT_CYCLES).bind(region.0).fetch_all(c).await)?;
                rows.into_iter().map(TryInto::try_into).collect()
            })
        })
        .await
    }

    /// The cycles of all regions that are not at their end. For the tick.
    pub async fn list_unfinished(&self) -> Result<Vec<CycleRef>, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let rows: Vec<RefRow> = on!(tx, |c| sqlx::query_as(LIST_UNFINISHED).fetch_all(c).await)?;
                rows.into_iter()
                    .map(|row| {
                        Ok(CycleRef {
                            region: RegionId(row.region_id),
                            cycle: CycleId(row.cycle_id),
                            committee: CommitteeId(row.committee_id),
                            state: CycleState::from_word(&row.state).ok_or_else(|| error::inconsistent("cycles", "state"))?,
                            timetable: row.times.into(),
                        })
                    })
                    .collect()
            })
        })
        .await
    }

    /// Opens or closes a cycle by schedule, once. Answers false when it was done already.
    pub async fn advance_cycle(&self, scope: Scope, act: &Act, id: CycleId, job: Job, due_at: Instant) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let cycle = tx.run_cycle_job(job, id, due_at, act.at).await?;
                    let timetable = cycle.timetable;
                    let next = match (job, cycle.state) {
                        (Job::Open, CycleState::Planned) if timetable.opens_at == due_at => CycleState::Open,
                        (Job::Close, CycleState::Planned | CycleState::Open) if timetable.freeze_at == due_at => CycleState::Closed,
                        // Somebody moved or cancelled it between the question and now: nothing to do, and the
                        // row of the job stays unwritten.
                        _ => return Err(StoreError::Changed("cycle")),
                    };
                    tx.set_cycle_state(&act, &cycle, next).await?;
                    Ok(true)
                })
            })
            .await;
        once(done)
    }

    /// Moves dates that have not passed.
    pub async fn update_timetable(
        &self,
        scope: Scope,
        act: &Act,
        id: CycleId,
        timetable: Timetable,
        revision: Option<i64>,
    ) -> Result<Cycle, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_cycle(id).await?;
                error::check_revision("cycle", revision, old.revision)?;
                let moved = |before: Instant, after: Instant, passed: bool, what: &'static str| {
                    if before != after && (passed || before <= act.at) {
                        Err(StoreError::from(Refusal::AlreadyPassed(what)))
                    } else {
                        Ok(())
                    }
                };
                let over = matches!(old.state, CycleState::Published | CycleState::Cancelled);
                let closed = over || old.state == CycleState::Closed;
                moved(old.timetable.opens_at, timetable.opens_at, closed || old.state == CycleState::Open, "open_time")?;
                moved(old.timetable.deadline_at, timetable.deadline_at, closed, "deadline_time")?;
                moved(old.timetable.closed_to_new_at, timetable.closed_to_new_at, closed, "closed_to_new_time")?;
                moved(old.timetable.freeze_at, timetable.freeze_at, closed, "freeze_time")?;
                moved(old.timetable.publication_at, timetable.publication_at, over, "publication_time")?;
                moved(old.timetable.meeting_at, timetable.meeting_at, over, "meeting_time")?;
                // Who sets a date by hand has taken the cycle out of the rules.
                tx.forget_plan(id).await?;
                let new = tx.set_timetable(&act, &old, timetable, old.period).await?;
                let moves = csp_domain::calendar::moves(&old.timetable, &timetable);
                if !moves.is_empty() {
                    tx.note_moves(&act, &new, &moves, None, "the dates were set by hand").await?;
                }
                Ok(new)
            })
        })
        .await
    }

    /// Calls a cycle off, unless its digest has gone.
    pub async fn cancel_cycle(&self, scope: Scope, act: &Act, id: CycleId, revision: Option<i64>) -> Result<Cycle, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_cycle(id).await?;
                error::check_revision("cycle", revision, old.revision)?;
                match old.state {
                    CycleState::Published => Err(Refusal::AlreadyReleased.into()),
                    CycleState::Cancelled => Ok(old),
                    _ => tx.call_off_cycle(&act, &old, "the cycle was called off by an administrator").await,
                }
            })
        })
        .await
    }
}
