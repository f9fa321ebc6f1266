//! The catalogue of indicators.

use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{IndicatorId, Slug},
    indicator::{Indicator, NewIndicator, Polarity, Unit},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_INDICATOR = "INSERT INTO indicators (region_id, indicator_id, slug, name, unit, polarity, source, created_at, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)";
    UPDATE_INDICATOR = "UPDATE indicators SET name = $3, polarity = $4, source = $5, revision = revision + 1 WHERE region_id = $1 AND indicator_id = $2 AND revision = $6";
    GET_INDICATOR = "SELECT indicator_id, slug, name, unit, polarity, source, created_at, revision FROM indicators WHERE region_id = $1 AND indicator_id = $2";
    FIND_INDICATOR = "SELECT indicator_id, slug, name, unit, polarity, source, created_at, revision FROM indicators WHERE region_id = $1 AND slug = $2";
    LIST_INDICATORS = "SELECT indicator_id, slug, name, unit, polarity, source, created_at, revision FROM indicators \
        WHERE region_id = $1 AND indicator_id > $2 ORDER BY indicator_id LIMIT $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    indicator_id: Uuid,
    slug: String,
    name: String,
    unit: String,
    polarity: String,
    source: String,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Indicator {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("indicators", column);
        Ok(Self {
            id: IndicatorId(row.indicator_id),
            slug: row.slug.parse().map_err(|_| bad("slug"))?,
            name: Line::parse(&row.name, Line::NAME).map_err(|_| bad("name"))?,
            unit: Unit::from_word(&row.unit).ok_or_else(|| bad("unit"))?,
            polarity: Polarity::from_word(&row.polarity).ok_or_else(|| bad("polarity"))?,
            source: Line::parse(&row.source, Line::SENTENCE).map_err(|_| bad("source"))?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(i: &Indicator) -> Facts {
    Facts::open(
        json!({ "slug": i.slug.as_str(), "name": i.name.as_str(), "unit": i.unit.word(), "polarity": i.polarity.word(), "source": i.source.as_str() }),
    )
}

impl Tx {
    pub(crate) async fn get_indicator(&mut self, id: IndicatorId) -> Result<Indicator, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_INDICATOR).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("indicator"))?.try_into()
    }
}

impl Tx {
    pub(crate) async fn list_indicators(&mut self, page: Page) -> Result<Vec<Indicator>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(LIST_INDICATORS).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
        rows.into_iter().map(Indicator::try_from).collect()
    }
}

impl Store {
    /// Enters an indicator.
    pub async fn create_indicator(&self, scope: Scope, act: &Act, new: NewIndicator) -> Result<Indicator, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_indicator(IndicatorId(id)).await;
                }
                let region = tx.region();
                on!(tx, |c| sqlx::query(INSERT_INDICATOR)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(new.slug.as_str())
                    .bind(new.name.as_str())
                    .bind(new.unit.word())
                    .bind(new.polarity.word())
                    .bind(new.source.as_str())
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))
                .map_err(|e| StoreError::from(e).or_exists(|| format!("an indicator {}", new.slug)))?;
                let made = tx.get_indicator(new.id).await?;
                tx.audit(&act, "create", "indicator", new.id.0, None, Some(facts(&made))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// The indicator with a short name.
    pub async fn find_indicator(&self, scope: Scope, slug: &Slug) -> Result<Indicator, StoreError> {
        let slug = slug.clone();
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let row: Option<Row> =
                    on!(tx, |c| sqlx::query_as(FIND_INDICATOR).bind(region.0).bind(slug.as_str()).fetch_optional(c).await)?;
                row.ok_or(StoreError::NotFound("indicator"))?.try_into()
            })
        })
        .await
    }

    /// The catalogue, in order of creation.
    pub async fn list_indicators(&self, scope: Scope, page: Page) -> Result<Listing<Indicator>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { Ok(Listing::cut(tx.list_indicators(page).await?, page, |i| i.id.0)) })).await
    }

    /// Changes what is said of an indicator; its unit stays.
    pub async fn update_indicator(
        &self,
        scope: Scope,
        act: &Act,
        id: IndicatorId,
        change: (Option<Line>, Option<Polarity>, Option<Line>),
        revision: Option<i64>,
    ) -> Result<Indicator, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_indicator(id).await?;
                error::check_revision("indicator", revision, old.revision)?;
                let region = tx.region();
                let (name, polarity, source) = change;
                let name = name.unwrap_or_else(|| old.name.clone());
                let polarity = polarity.unwrap_or(old.polarity);
                let source = source.unwrap_or_else(|| old.source.clone());
                let changed = on!(tx, |c| sqlx::query(UPDATE_INDICATOR)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(name.as_str())
                    .bind(polarity.word())
                    .bind(source.as_str())
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("indicator", changed)?;
                let new = tx.get_indicator(id).await?;
                tx.audit(&act, "update", "indicator", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
