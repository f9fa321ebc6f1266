//! Targets.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{IndicatorId, PartnershipId, TargetId},
    target::{NewTarget, Target, Terms},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_TARGET = "INSERT INTO targets (region_id, target_id, indicator_id, partnership_id, trajectory, baseline, reason, ends_on, created_at, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)";
    END_TARGET = "UPDATE targets SET ends_on = $3, end_reason = $4, revision = revision + 1 WHERE region_id = $1 AND target_id = $2 AND revision = $5";
    GET_TARGET = "SELECT target_id, indicator_id, partnership_id, trajectory, baseline, reason, ends_on, end_reason, created_at, revision \
        FROM targets WHERE region_id = $1 AND target_id = $2";
    LIST_TARGETS = "SELECT target_id, indicator_id, partnership_id, trajectory, baseline, reason, ends_on, end_reason, created_at, revision \
        FROM targets WHERE region_id = $1 AND target_id > $2 ORDER BY target_id LIMIT $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    target_id: Uuid,
    indicator_id: Uuid,
    partnership_id: Option<Uuid>,
    trajectory: Option<String>,
    baseline: Option<String>,
    reason: String,
    ends_on: Option<NaiveDate>,
    end_reason: Option<String>,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Target {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("targets", column);
        let line = |text: &str, column| Line::parse(text, Line::SENTENCE).map_err(|_| bad(column));
        Ok(Self {
            id: TargetId(row.target_id),
            terms: Terms {
                indicator: IndicatorId(row.indicator_id),
                partnership: row.partnership_id.map(PartnershipId),
                trajectory: row.trajectory.map(|json| serde_json::from_str(&json)).transpose().map_err(|_| bad("trajectory"))?,
                baseline: row.baseline.map(|text| text.parse()).transpose().map_err(|_| bad("baseline"))?,
                reason: line(&row.reason, "reason")?,
            },
            ends_on: row.ends_on,
            end_reason: row.end_reason.map(|text| line(&text, "end_reason")).transpose()?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(target: &Target) -> Facts {
    let Terms { indicator, partnership, trajectory, baseline, reason } = &target.terms;
    Facts::open(json!({
        "indicator": indicator, "partnership": partnership, "trajectory": trajectory, "baseline": baseline, "reason": reason.as_str(),
        "ends_on": target.ends_on, "end_reason": target.end_reason.as_ref().map(Line::as_str),
    }))
}

impl Tx {
    async fn get_target(&mut self, id: TargetId) -> Result<Target, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_TARGET).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("target"))?.try_into()
    }

    pub(crate) async fn list_targets(&mut self, page: Page) -> Result<Vec<Target>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(LIST_TARGETS).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
        rows.into_iter().map(Target::try_from).collect()
    }
}

/// What ends before it begins was never promised.
fn check_end(terms: &Terms, ends_on: Option<NaiveDate>) -> Result<(), StoreError> {
    let begins = terms.trajectory.as_ref().map(|trajectory| trajectory.first().period.start());
    match (begins, ends_on) {
        (Some(begins), Some(end)) if end < begins => Err(Refusal::EndsBeforeStart.into()),
        _ => Ok(()),
    }
}

impl Store {
    /// Sets a target.
    pub async fn create_target(&self, scope: Scope, act: &Act, new: NewTarget) -> Result<Target, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_target(TargetId(id)).await;
                }
                let region = tx.region();
                let Terms { indicator, partnership, trajectory, baseline, reason } = &new.terms;
                let owner = tx.get_indicator(*indicator).await?.owner;
                if owner.is_some() && owner != *partnership {
                    return Err(Refusal::OwnIndicator.into());
                }
                if let Some(partnership) = partnership {
                    tx.get_partnership(*partnership).await?;
                }
                check_end(&new.terms, new.ends_on)?;
                tx.alone(&format!("targets of {region}")).await?;
                let set = tx.list_targets(Page::all()).await?;
                if let Some(standing) = set.iter().find(|standing| standing.stands_in_the_way_of(&new)) {
                    return Err(Refusal::TargetStands(standing.terms.reason.clone()).into());
                }
                if set.len() >= Target::MOST {
                    return Err(Refusal::TooManyTargets.into());
                }
                let trajectory = trajectory.as_ref().map(serde_json::to_string).transpose();
                let trajectory = trajectory.map_err(|e| StoreError::Failed(Box::new(e)))?;
                on!(tx, |c| sqlx::query(INSERT_TARGET)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(indicator.0)
                    .bind(partnership.map(|id| id.0))
                    .bind(&trajectory)
                    .bind(baseline.map(|period| period.to_string()))
                    .bind(reason.as_str())
                    .bind(new.ends_on)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                let made = tx.get_target(new.id).await?;
                tx.audit(&act, "create", "target", new.id.0, None, Some(facts(&made))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One target.
    pub async fn get_target(&self, scope: Scope, id: TargetId) -> Result<Target, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_target(id).await })).await
    }

    /// The targets of the region, those that ended among them, in the order they were set.
    pub async fn list_targets(&self, scope: Scope, page: Page) -> Result<Listing<Target>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { Ok(Listing::cut(tx.list_targets(page).await?, page, |t| t.id.0)) })).await
    }

    /// Ends a target with a day, and says why. What was printed of it stays printed.
    pub async fn end_target(
        &self,
        scope: Scope,
        act: &Act,
        id: TargetId,
        (ends_on, reason): (NaiveDate, Line),
        revision: Option<i64>,
    ) -> Result<Target, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_target(id).await?;
                error::check_revision("target", revision, old.revision)?;
                let region = tx.region();
                check_end(&old.terms, Some(ends_on))?;
                // Ended later than it was, it may meet one that was set for afterwards.
                if old.ends_on.is_some_and(|end| end < ends_on) {
                    tx.alone(&format!("targets of {region}")).await?;
                    let longer = NewTarget { id, terms: old.terms.clone(), ends_on: Some(ends_on) };
                    let others = tx.list_targets(Page::all()).await?.into_iter().filter(|other| other.id != id);
                    if let Some(standing) = others.into_iter().find(|other| other.stands_in_the_way_of(&longer)) {
                        return Err(Refusal::TargetStands(standing.terms.reason).into());
                    }
                }
                let changed = on!(tx, |c| sqlx::query(END_TARGET)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(ends_on)
                    .bind(reason.as_str())
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("target", changed)?;
                let new = tx.get_target(id).await?;
                tx.audit(&act, "end", "target", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
