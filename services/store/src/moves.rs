//! What moved, and whether those concerned were told.

use csp_domain::{
    Act, Scope,
    calendar::{Move, PeriodMove},
    clock::Instant,
    cycle::Cycle,
    id::{CycleId, RegionId},
    message::NewMessage,
};
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_MOVE = "INSERT INTO cycle_moves (region_id, cycle_id, revision, moves, why, moved_by, moved_at, period_move) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// For the tick, over all regions.
    LIST_UNTOLD = "SELECT region_id, cycle_id, revision, moves, period_move, why, moved_at FROM cycle_moves WHERE told_at IS NULL \
        ORDER BY region_id, moved_at, cycle_id, revision";
    LIST_MOVES = "SELECT region_id, cycle_id, revision, moves, period_move, why, moved_at FROM cycle_moves \
        WHERE region_id = $1 AND cycle_id = $2 ORDER BY revision";
    TELL_MOVE = "UPDATE cycle_moves SET told_at = $4 WHERE region_id = $1 AND cycle_id = $2 AND revision = $3 AND told_at IS NULL";
}

/// Dates of a cycle that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRecord {
    /// Its region.
    pub region: RegionId,
    /// The cycle.
    pub cycle: CycleId,
    /// The revision of the cycle that the move made.
    pub revision: i64,
    /// Which dates, from when to when.
    pub moves: Vec<Move>,
    /// What the cycle reports on, where that moved too.
    pub period: Option<PeriodMove>,
    /// Why.
    pub why: String,
    /// When.
    pub at: Instant,
}

impl MoveRecord {
    /// Whether it says that the cycle was called off: nothing moved, and yet somebody relied on dates that hold no more.
    pub fn is_call_off(&self) -> bool {
        self.moves.is_empty() && self.period.is_none()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    region_id: Uuid,
    cycle_id: Uuid,
    revision: i64,
    moves: String,
    period_move: Option<String>,
    why: String,
    moved_at: Instant,
}

impl TryFrom<Row> for MoveRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let period = row.period_move.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            region: RegionId(row.region_id),
            cycle: CycleId(row.cycle_id),
            revision: row.revision,
            moves: serde_json::from_str(&row.moves).map_err(|_| error::inconsistent("cycle_moves", "moves"))?,
            period: period.map_err(|_| error::inconsistent("cycle_moves", "period_move"))?,
            why: row.why,
            at: row.moved_at,
        })
    }
}

impl Tx {
    /// Puts on record what moved with the change that made this cycle.
    pub(crate) async fn note_moves(
        &mut self,
        act: &Act,
        cycle: &Cycle,
        moves: &[Move],
        period: Option<PeriodMove>,
        why: &str,
    ) -> Result<(), StoreError> {
        let region = self.region();
        let failed = |error: serde_json::Error| StoreError::Failed(Box::new(error));
        let text = serde_json::to_string(moves).map_err(failed)?;
        let period = period.map(|moved| serde_json::to_string(&moved)).transpose().map_err(failed)?;
        on!(self, |c| sqlx::query(INSERT_MOVE)
            .bind(region.0)
            .bind(cycle.id.0)
            .bind(cycle.revision)
            .bind(&text)
            .bind(why)
            .bind(act.actor.person().map(|id| id.0))
            .bind(act.at)
            .bind(&period)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Store {
    /// What moved in any region and nobody was told of yet. For the tick.
    pub async fn list_untold_moves(&self) -> Result<Vec<MoveRecord>, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_UNTOLD).fetch_all(c).await)?;
                rows.into_iter().map(TryInto::try_into).collect()
            })
        })
        .await
    }

    /// Everything that ever moved of a cycle, the first first.
    pub async fn list_moves(&self, scope: Scope, cycle: CycleId) -> Result<Vec<MoveRecord>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_MOVES).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
                rows.into_iter().map(TryInto::try_into).collect()
            })
        })
        .await
    }

    /// Queues the letters that tell of moves, and puts on record that they were told, in one unit. Answers false when another server
    /// was faster.
    pub async fn tell_moves(
        &self,
        scope: Scope,
        act: &Act,
        told: Vec<(CycleId, i64)>,
        letters: Vec<(Vec<u8>, NewMessage)>,
    ) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let region = tx.region();
                    for (cycle, revision) in told {
                        let rows = on!(tx, |c| sqlx::query(TELL_MOVE)
                            .bind(region.0)
                            .bind(cycle.0)
                            .bind(revision)
                            .bind(act.at)
                            .execute(c)
                            .await
                            .map(|r| r.rows_affected()))?;
                        error::check_changed("move", rows)?;
                    }
                    tx.queue_letters(&act, &letters).await?;
                    Ok(true)
                })
            })
            .await;
        crate::job::once(done)
    }
}
