//! Committees.

use csp_domain::{
    Act, Scope,
    calendar::Recurrence,
    clock::Instant,
    committee::{Committee, Exemption, NewCommittee, SignOff, Template},
    id::{CommitteeId, IndicatorId, PartnershipId, Slug},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_COMMITTEE = "INSERT INTO committees (region_id, committee_id, slug, name, recurrence, template, created_at, sign_off, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)";
    UPDATE_COMMITTEE = "UPDATE committees SET name = $3, recurrence = $4, template = $5, sign_off = $7, revision = revision + 1 \
        WHERE region_id = $1 AND committee_id = $2 AND revision = $6";
    GET_COMMITTEE = "SELECT committee_id, slug, name, recurrence, template, sign_off, created_at, revision FROM committees WHERE region_id = $1 AND committee_id = $2";
    FIND_COMMITTEE = "SELECT committee_id FROM committees WHERE region_id = $1 AND slug = $2";
    LIST_COMMITTEES = "SELECT committee_id FROM committees WHERE region_id = $1 AND committee_id > $2 ORDER BY committee_id LIMIT $3";
    /// For the tick, over all regions.
    /// Those that plan by recurrence: whose meetings are planned by rules waits for them.
    LIST_RECURRING = "SELECT k.region_id, k.committee_id FROM committees k WHERE k.recurrence IS NOT NULL AND NOT EXISTS (SELECT 1 FROM committee_rules r \
        WHERE r.region_id = k.region_id AND r.committee_id = k.committee_id) ORDER BY k.region_id, k.committee_id";
    INSERT_COMMITTEE_PARTNERSHIP = "INSERT INTO committee_partnerships (region_id, committee_id, partnership_id, position) VALUES ($1, $2, $3, $4)";
    DELETE_COMMITTEE_PARTNERSHIPS = "DELETE FROM committee_partnerships WHERE region_id = $1 AND committee_id = $2";
    LIST_COMMITTEE_PARTNERSHIPS = "SELECT partnership_id FROM committee_partnerships WHERE region_id = $1 AND committee_id = $2 ORDER BY position";
    INSERT_COMMITTEE_INDICATOR = "INSERT INTO committee_indicators (region_id, committee_id, indicator_id, position) VALUES ($1, $2, $3, $4)";
    DELETE_COMMITTEE_INDICATORS = "DELETE FROM committee_indicators WHERE region_id = $1 AND committee_id = $2";
    LIST_COMMITTEE_INDICATORS = "SELECT indicator_id FROM committee_indicators WHERE region_id = $1 AND committee_id = $2 ORDER BY position";
    INSERT_EXEMPTION = "INSERT INTO committee_exemptions (region_id, committee_id, partnership_id, indicator_id) VALUES ($1, $2, $3, $4)";
    DELETE_EXEMPTIONS = "DELETE FROM committee_exemptions WHERE region_id = $1 AND committee_id = $2";
    /// Of whom or what is in the committee's lists no more.
    PRUNE_EXEMPTIONS = "DELETE FROM committee_exemptions WHERE region_id = $1 AND committee_id = $2 AND (\
        partnership_id NOT IN (SELECT partnership_id FROM committee_partnerships WHERE region_id = $1 AND committee_id = $2) \
        OR indicator_id NOT IN (SELECT indicator_id FROM committee_indicators WHERE region_id = $1 AND committee_id = $2))";
    LIST_EXEMPTIONS = "SELECT e.partnership_id, e.indicator_id FROM committee_exemptions e \
        JOIN committee_partnerships p ON p.region_id = e.region_id AND p.committee_id = e.committee_id AND p.partnership_id = e.partnership_id \
        JOIN committee_indicators i ON i.region_id = e.region_id AND i.committee_id = e.committee_id AND i.indicator_id = e.indicator_id \
        WHERE e.region_id = $1 AND e.committee_id = $2 ORDER BY p.position, i.position";
}

#[derive(sqlx::FromRow)]
struct Row {
    committee_id: Uuid,
    slug: String,
    name: String,
    recurrence: Option<String>,
    template: String,
    sign_off: String,
    created_at: Instant,
    revision: i64,
}

fn facts(c: &Committee) -> Facts {
    Facts::open(json!({
        "slug": c.slug.as_str(), "name": c.name.as_str(), "partnerships": c.partnerships, "indicators": c.indicators, "exemptions": c.exemptions,
        "recurrence": c.recurrence, "template": c.template, "sign_off": c.sign_off,
    }))
}

/// What may be changed of a committee; none keeps what is.
#[derive(Debug, Clone, Default)]
pub struct CommitteeChange {
    /// Name.
    pub name: Option<Line>,
    /// Partnerships in printing order.
    pub partnerships: Option<Vec<PartnershipId>>,
    /// Indicators in printing order.
    pub indicators: Option<Vec<IndicatorId>>,
    /// What of it is not asked of whom.
    pub exemptions: Option<Vec<Exemption>>,
    /// How its year runs; the inner none: cycles are set by hand.
    pub recurrence: Option<Option<Recurrence>>,
    /// What its paper always says.
    pub template: Option<Template>,
    /// Whether a return must be signed before it is printed.
    pub sign_off: Option<SignOff>,
}

impl Tx {
    pub(crate) async fn get_committee(&mut self, id: CommitteeId) -> Result<Committee, StoreError> {
        let region = self.region();
        let bad = |column| error::inconsistent("committees", column);
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_COMMITTEE).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        let row = row.ok_or(StoreError::NotFound("committee"))?;
        let partnerships: Vec<Uuid> =
            on!(self, |c| sqlx::query_scalar(LIST_COMMITTEE_PARTNERSHIPS).bind(region.0).bind(id.0).fetch_all(c).await)?;
        let indicators: Vec<Uuid> =
            on!(self, |c| sqlx::query_scalar(LIST_COMMITTEE_INDICATORS).bind(region.0).bind(id.0).fetch_all(c).await)?;
        let exemptions: Vec<(Uuid, Uuid)> = on!(self, |c| sqlx::query_as(LIST_EXEMPTIONS).bind(region.0).bind(id.0).fetch_all(c).await)?;
        let exemption = |(partnership, indicator)| Exemption { partnership: PartnershipId(partnership), indicator: IndicatorId(indicator) };
        Ok(Committee {
            id: CommitteeId(row.committee_id),
            slug: row.slug.parse().map_err(|_| bad("slug"))?,
            name: Line::parse(&row.name, Line::NAME).map_err(|_| bad("name"))?,
            partnerships: partnerships.into_iter().map(PartnershipId).collect(),
            indicators: indicators.into_iter().map(IndicatorId).collect(),
            exemptions: exemptions.into_iter().map(exemption).collect(),
            recurrence: row.recurrence.map(|json| serde_json::from_str(&json)).transpose().map_err(|_| bad("recurrence"))?,
            template: serde_json::from_str(&row.template).map_err(|_| bad("template"))?,
            sign_off: SignOff::from_word(&row.sign_off).ok_or_else(|| bad("sign_off"))?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }

    pub(crate) async fn find_committee(&mut self, slug: &Slug) -> Result<Committee, StoreError> {
        let region = self.region();
        let id: Option<Uuid> =
            on!(self, |c| sqlx::query_scalar(FIND_COMMITTEE).bind(region.0).bind(slug.as_str()).fetch_optional(c).await)?;
        self.get_committee(CommitteeId(id.ok_or(StoreError::NotFound("committee"))?)).await
    }

    async fn set_partnerships(&mut self, id: CommitteeId, partnerships: &[PartnershipId]) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(DELETE_COMMITTEE_PARTNERSHIPS).bind(region.0).bind(id.0).execute(c).await.map(|_| ()))?;
        for (position, partnership) in (0_i64..).zip(partnerships) {
            self.get_partnership(*partnership).await?;
            on!(self, |c| sqlx::query(INSERT_COMMITTEE_PARTNERSHIP)
                .bind(region.0)
                .bind(id.0)
                .bind(partnership.0)
                .bind(position)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    async fn set_indicators(&mut self, id: CommitteeId, indicators: &[IndicatorId]) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(DELETE_COMMITTEE_INDICATORS).bind(region.0).bind(id.0).execute(c).await.map(|_| ()))?;
        for (position, indicator) in (0_i64..).zip(indicators) {
            if self.get_indicator(*indicator).await?.owner.is_some() {
                return Err(Refusal::OwnIndicator.into());
            }
            on!(self, |c| sqlx::query(INSERT_COMMITTEE_INDICATOR)
                .bind(region.0)
                .bind(id.0)
                .bind(indicator.0)
                .bind(position)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}

impl Tx {
    async fn set_exemptions(&mut self, id: CommitteeId, exemptions: &[Exemption]) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(DELETE_EXEMPTIONS).bind(region.0).bind(id.0).execute(c).await.map(|_| ()))?;
        for exemption in exemptions {
            on!(self, |c| sqlx::query(INSERT_EXEMPTION)
                .bind(region.0)
                .bind(id.0)
                .bind(exemption.partnership.0)
                .bind(exemption.indicator.0)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        self.prune_exemptions(id).await
    }

    /// Who does not report to the committee is exempt from nothing, and nobody from what it does not ask for.
    async fn prune_exemptions(&mut self, id: CommitteeId) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(PRUNE_EXEMPTIONS).bind(region.0).bind(id.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed(Box::new(error)))
}

impl Store {
    /// Sets up a committee.
    pub async fn create_committee(&self, scope: Scope, act: &Act, new: NewCommittee) -> Result<Committee, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_committee(CommitteeId(id)).await;
                }
                let region = tx.region();
                let recurrence = new.recurrence.as_ref().map(to_json).transpose()?;
                let template = to_json(&new.template)?;
                on!(tx, |c| sqlx::query(INSERT_COMMITTEE)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(new.slug.as_str())
                    .bind(new.name.as_str())
                    .bind(&recurrence)
                    .bind(&template)
                    .bind(act.at)
                    .bind(new.sign_off.word())
                    .execute(c)
                    .await
                    .map(|_| ()))
                .map_err(|e| StoreError::from(e).or_exists(|| format!("a committee {}", new.slug)))?;
                tx.set_partnerships(new.id, &new.partnerships).await?;
                tx.set_indicators(new.id, &new.indicators).await?;
                tx.set_exemptions(new.id, &new.exemptions).await?;
                let made = tx.get_committee(new.id).await?;
                tx.audit(&act, "create", "committee", new.id.0, None, Some(facts(&made))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One committee.
    pub async fn get_committee(&self, scope: Scope, id: CommitteeId) -> Result<Committee, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_committee(id).await })).await
    }

    /// The committee with a short name.
    pub async fn find_committee(&self, scope: Scope, slug: &Slug) -> Result<Committee, StoreError> {
        let slug = slug.clone();
        self.read(scope, move |tx| Box::pin(async move { tx.find_committee(&slug).await })).await
    }

    /// The committees of the region, in order of creation.
    pub async fn list_committees(&self, scope: Scope, page: Page) -> Result<Listing<Committee>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let ids: Vec<Uuid> =
                    on!(tx, |c| sqlx::query_scalar(LIST_COMMITTEES).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
                let mut items = Vec::with_capacity(ids.len());
                for id in ids {
                    items.push(tx.get_committee(CommitteeId(id)).await?);
                }
                Ok(Listing::cut(items, page, |c| c.id.0))
            })
        })
        .await
    }

    /// Every committee whose cycles recur, with its region. For the tick.
    pub async fn list_recurring(&self) -> Result<Vec<(csp_domain::id::RegionId, CommitteeId)>, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let rows: Vec<(Uuid, Uuid)> = on!(tx, |c| sqlx::query_as(LIST_RECURRING).fetch_all(c).await)?;
                Ok(rows.into_iter().map(|(region, committee)| (csp_domain::id::RegionId(region), CommitteeId(committee))).collect())
            })
        })
        .await
    }

    /// Changes a committee. Cycles already planned keep their dates.
    pub async fn update_committee(
        &self,
        scope: Scope,
        act: &Act,
        id: CommitteeId,
        change: CommitteeChange,
        revision: Option<i64>,
    ) -> Result<Committee, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_committee(id).await?;
                error::check_revision("committee", revision, old.revision)?;
                let region = tx.region();
                let name = change.name.unwrap_or_else(|| old.name.clone());
                let recurrence = change.recurrence.unwrap_or(old.recurrence).as_ref().map(to_json).transpose()?;
                let template = to_json(change.template.as_ref().unwrap_or(&old.template))?;
                let changed = on!(tx, |c| sqlx::query(UPDATE_COMMITTEE)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(name.as_str())
                    .bind(&recurrence)
                    .bind(&template)
                    .bind(old.revision)
                    .bind(change.sign_off.unwrap_or(old.sign_off).word())
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("committee", changed)?;
                if let Some(partnerships) = &change.partnerships {
                    tx.set_partnerships(id, partnerships).await?;
                }
                if let Some(indicators) = &change.indicators {
                    tx.set_indicators(id, indicators).await?;
                }
                match &change.exemptions {
                    Some(exemptions) => tx.set_exemptions(id, exemptions).await?,
                    None => tx.prune_exemptions(id).await?,
                }
                let new = tx.get_committee(id).await?;
                tx.audit(&act, "update", "committee", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
