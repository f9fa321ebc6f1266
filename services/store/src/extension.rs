//! More time for one partnership.

use std::collections::BTreeMap;

use csp_domain::{
    Act, Scope,
    clock::Instant,
    cycle::{Cycle, CycleState, Extension},
    id::{CycleId, PartnershipId, PersonId},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    PUT_EXTENSION = "INSERT INTO extensions (region_id, cycle_id, partnership_id, until_at, reason, granted_by, granted_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (region_id, cycle_id, partnership_id) \
        DO UPDATE SET until_at = excluded.until_at, reason = excluded.reason, granted_by = excluded.granted_by, granted_at = excluded.granted_at";
    LIST_EXTENSIONS = "SELECT partnership_id, until_at, reason, granted_by, granted_at FROM extensions WHERE region_id = $1 AND cycle_id = $2 \
        ORDER BY partnership_id";
    EXTENDED_UNTIL = "SELECT until_at FROM extensions WHERE region_id = $1 AND cycle_id = $2 AND partnership_id = $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    partnership_id: Uuid,
    until_at: Instant,
    reason: String,
    granted_by: Uuid,
    granted_at: Instant,
}

impl Tx {
    /// Until when a partnership has more time, if it has.
    pub(crate) async fn extended_until(&mut self, cycle: CycleId, partnership: PartnershipId) -> Result<Option<Instant>, StoreError> {
        let region = self.region();
        Ok(on!(self, |c| sqlx::query_scalar(EXTENDED_UNTIL).bind(region.0).bind(cycle.0).bind(partnership.0).fetch_optional(c).await)?)
    }

    pub(crate) async fn extensions_of(&mut self, cycle: &Cycle) -> Result<BTreeMap<PartnershipId, Extension>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_EXTENSIONS).bind(region.0).bind(cycle.id.0).fetch_all(c).await)?;
        let extension = |row: Row| {
            let reason = Line::parse(&row.reason, Line::SENTENCE).map_err(|_| error::inconsistent("extensions", "reason"))?;
            let until = cycle.timetable.given(row.until_at);
            let made = Extension { until, reason, by: PersonId(row.granted_by), at: row.granted_at };
            Ok((PartnershipId(row.partnership_id), made))
        };
        rows.into_iter().map(extension).collect()
    }
}

impl Store {
    /// Gives a partnership more time in a cycle: after the deadline, and until the freeze at most.
    pub async fn extend(
        &self,
        scope: Scope,
        act: &Act,
        by: PersonId,
        (cycle, partnership): (CycleId, PartnershipId),
        until: Instant,
        reason: Line,
    ) -> Result<(Cycle, Extension), StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let cycle = tx.standing_cycle(cycle).await?;
                tx.check_owed(&cycle, partnership).await?;
                let dates = cycle.timetable;
                match cycle.state {
                    CycleState::Cancelled => return Err(Refusal::CycleCancelled.into()),
                    CycleState::Planned | CycleState::Open if act.at <= dates.freeze_at => {}
                    _ => return Err(Refusal::CycleClosed { deadline_at: dates.deadline_at, frozen_at: dates.freeze_at }.into()),
                }
                if until > dates.freeze_at || until <= dates.deadline_at || until <= act.at {
                    return Err(Refusal::NoMoreTime { deadline_at: dates.deadline_at, freeze_at: dates.freeze_at }.into());
                }
                let region = tx.region();
                let old = tx.extended_until(cycle.id, partnership).await?;
                on!(tx, |c| sqlx::query(PUT_EXTENSION)
                    .bind(region.0)
                    .bind(cycle.id.0)
                    .bind(partnership.0)
                    .bind(until)
                    .bind(reason.as_str())
                    .bind(by.0)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                let old = old.map(|until| Facts::open(json!({ "partnership": partnership, "until": until })));
                let new =
                    Facts::open(json!({ "partnership": partnership, "until": until })).and_personal(json!({ "reason": reason.as_str() }));
                tx.audit(&act, "extend", "cycle", cycle.id.0, old, Some(new)).await?;
                Ok((cycle, Extension { until, reason, by, at: act.at }))
            })
        })
        .await
    }

    /// Until when partnerships were given more time, as it was said, whatever became of the dates of all since.
    pub async fn list_given(&self, scope: Scope, cycle: CycleId) -> Result<BTreeMap<PartnershipId, Instant>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let (region, own) = (tx.region(), tx.confined_to());
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_EXTENSIONS).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
                let given = rows.into_iter().map(|row| (PartnershipId(row.partnership_id), row.until_at));
                Ok(given.filter(|(partnership, _)| own.is_none_or(|own| own == *partnership)).collect())
            })
        })
        .await
    }

    /// Which partnerships have more time in a cycle. A partnership's scope sees its own.
    pub async fn list_extensions(&self, scope: Scope, cycle: CycleId) -> Result<BTreeMap<PartnershipId, Extension>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let cycle = tx.get_cycle(cycle).await?;
                let mut all = tx.extensions_of(&cycle).await?;
                if let Some(own) = tx.confined_to() {
                    all.retain(|partnership, _| *partnership == own);
                }
                Ok(all)
            })
        })
        .await
    }
}
