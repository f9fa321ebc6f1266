//! The catalogue of indicators.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{IndicatorId, PartnershipId, Slug},
    indicator::{Break, Definition, Frequency, Indicator, NewIndicator, Polarity, Ratio, Unit},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

/// What is read of an indicator.
macro_rules! selected {
    ($rest:literal) => {
        concat!(
            "SELECT indicator_id, slug, name, unit, polarity, source, created_at, revision, meaning, per, denominator, decimals, frequency, sensitive, \
            crime, valid_from, breaks, stock, partnership_id, ends_on, survey_months FROM indicators WHERE region_id = $1 AND ",
            $rest
        )
    };
}

statements! {
    INSERT_INDICATOR = "INSERT INTO indicators (region_id, indicator_id, slug, name, unit, polarity, source, created_at, revision, meaning, per, denominator, \
        decimals, frequency, sensitive, crime, valid_from, breaks, stock, partnership_id, survey_months) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    UPDATE_INDICATOR = "UPDATE indicators SET name = $3, polarity = $4, source = $5, revision = revision + 1, meaning = $7, per = $8, denominator = $9, \
        decimals = $10, frequency = $11, sensitive = $12, crime = $13, valid_from = $14, breaks = $15, stock = $16, ends_on = $17, survey_months = $18 \
        WHERE region_id = $1 AND indicator_id = $2 AND revision = $6";
    /// `$3`: the scope is wider than one partnership; otherwise `$4` is that one, which sees the shared ones and its own.
    GET_INDICATOR = selected!("indicator_id = $2 AND ($3 OR partnership_id IS NULL OR partnership_id = $4)");
    FIND_INDICATOR = selected!("slug = $2 AND ($3 OR partnership_id IS NULL OR partnership_id = $4)");
    LIST_INDICATORS = selected!(
        "indicator_id > $2 AND ($4 OR partnership_id IS NULL OR partnership_id = $5) ORDER BY indicator_id LIMIT $3"
    );
    COUNT_OWN_INDICATORS = "SELECT COUNT(*) FROM indicators WHERE region_id = $1 AND partnership_id = $2";
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
    partnership_id: Option<Uuid>,
    ends_on: Option<NaiveDate>,
    #[sqlx(flatten)]
    definition: DefinitionRow,
}

/// What an indicator means, as it is stored.
#[derive(sqlx::FromRow)]
struct DefinitionRow {
    meaning: Option<String>,
    per: Option<i64>,
    denominator: Option<String>,
    decimals: Option<i64>,
    frequency: Option<String>,
    sensitive: bool,
    crime: bool,
    valid_from: Option<NaiveDate>,
    breaks: String,
    stock: bool,
    survey_months: Option<i64>,
}

impl DefinitionRow {
    fn of(definition: &Definition) -> Result<Self, StoreError> {
        let Definition { meaning, ratio, frequency, sensitive, crime, stock, survey, valid_from, breaks } = definition;
        Ok(Self {
            meaning: meaning.as_ref().map(ToString::to_string),
            per: ratio.as_ref().map(|ratio| ratio.per.into()),
            denominator: ratio.as_ref().map(|ratio| ratio.of.to_string()),
            decimals: ratio.as_ref().map(|ratio| ratio.decimals.into()),
            frequency: frequency.map(|frequency| frequency.word().to_owned()),
            sensitive: *sensitive,
            crime: *crime,
            valid_from: *valid_from,
            breaks: serde_json::to_string(breaks).map_err(|e| StoreError::Failed(Box::new(e)))?,
            stock: *stock,
            survey_months: survey.map(i64::from),
        })
    }
}

impl TryFrom<DefinitionRow> for Definition {
    type Error = StoreError;

    fn try_from(row: DefinitionRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("indicators", column);
        let ratio = match (row.per, row.denominator, row.decimals) {
            (None, None, None) => None,
            (Some(per), Some(of), Some(decimals)) => Some(Ratio {
                per: per.try_into().map_err(|_| bad("per"))?,
                of: of.parse().map_err(|_| bad("denominator"))?,
                decimals: decimals.try_into().map_err(|_| bad("decimals"))?,
            }),
            _ => return Err(bad("denominator")),
        };
        let breaks: Vec<Break> = serde_json::from_str(&row.breaks).map_err(|_| bad("breaks"))?;
        Ok(Self {
            meaning: row.meaning.map(|text| Line::parse(&text, Line::SENTENCE)).transpose().map_err(|_| bad("meaning"))?,
            ratio,
            frequency: row.frequency.map(|word| Frequency::from_word(&word).ok_or_else(|| bad("frequency"))).transpose()?,
            sensitive: row.sensitive,
            crime: row.crime,
            stock: row.stock,
            survey: row.survey_months.map(u32::try_from).transpose().map_err(|_| bad("survey_months"))?,
            valid_from: row.valid_from,
            breaks,
        })
    }
}

impl TryFrom<Row> for Indicator {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("indicators", column);
        Ok(Self {
            id: IndicatorId(row.indicator_id),
            slug: Slug::plain_or_within(&row.slug).map_err(|_| bad("slug"))?,
            owner: row.partnership_id.map(PartnershipId),
            name: Line::parse(&row.name, Line::NAME).map_err(|_| bad("name"))?,
            unit: Unit::from_word(&row.unit).ok_or_else(|| bad("unit"))?,
            polarity: Polarity::from_word(&row.polarity).ok_or_else(|| bad("polarity"))?,
            source: Line::parse(&row.source, Line::SENTENCE).map_err(|_| bad("source"))?,
            definition: row.definition.try_into()?,
            ends_on: row.ends_on,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(i: &Indicator) -> Facts {
    Facts::open(json!({
        "slug": i.slug.as_str(), "name": i.name.as_str(), "unit": i.unit.word(), "polarity": i.polarity.word(), "source": i.source.as_str(),
        "definition": i.definition, "partnership": i.owner, "ends_on": i.ends_on,
    }))
}

/// What of an indicator is to change; none: it stays.
#[derive(Debug, Clone, Default)]
pub struct IndicatorChange {
    /// What it is called.
    pub name: Option<Line>,
    /// Which direction is good.
    pub polarity: Option<Polarity>,
    /// Who counts it.
    pub source: Option<Line>,
    /// What it means: the whole of it.
    pub definition: Option<Definition>,
    /// Of one partnership alone: the last day it is asked for, or that it is asked for until further notice.
    pub ends_on: Option<Option<NaiveDate>>,
}

impl Tx {
    /// Whether all of the region's partnerships are in the scope; otherwise the one whose own indicators are.
    fn own_seen(&self) -> (bool, Uuid) {
        let confined = self.confined_to();
        (confined.is_none(), confined.map_or(Uuid::nil(), |own| own.0))
    }

    pub(crate) async fn get_indicator(&mut self, id: IndicatorId) -> Result<Indicator, StoreError> {
        let (region, (wide, own)) = (self.region(), self.own_seen());
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(GET_INDICATOR).bind(region.0).bind(id.0).bind(wide).bind(own).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("indicator"))?.try_into()
    }

    pub(crate) async fn list_indicators(&mut self, page: Page) -> Result<Vec<Indicator>, StoreError> {
        let (region, (wide, own)) = (self.region(), self.own_seen());
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_INDICATORS)
            .bind(region.0)
            .bind(page.after)
            .bind(page.limit())
            .bind(wide)
            .bind(own)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(Indicator::try_from).collect()
    }

    /// The whole catalogue that the scope sees: what is judged by it must not depend on how many there are.
    pub(crate) async fn all_indicators(&mut self) -> Result<Vec<Indicator>, StoreError> {
        self.list_indicators(Page::first(u32::MAX)).await
    }

    pub(crate) async fn indicator_called(&mut self, slug: &Slug) -> Result<Indicator, StoreError> {
        let (region, (wide, own)) = (self.region(), self.own_seen());
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(FIND_INDICATOR).bind(region.0).bind(slug.as_str()).bind(wide).bind(own).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("indicator"))?.try_into()
    }

    /// That one partnership may have one more of its own.
    async fn room_for_own(&mut self, owner: PartnershipId) -> Result<(), StoreError> {
        self.check_partnership(owner)?;
        self.get_partnership(owner).await?;
        let region = self.region();
        let count: i64 = on!(self, |c| sqlx::query_scalar(COUNT_OWN_INDICATORS).bind(region.0).bind(owner.0).fetch_one(c).await)?;
        match usize::try_from(count) {
            Ok(count) if count < Indicator::MOST_OWN => Ok(()),
            _ => Err(Refusal::TooManyOwnIndicators.into()),
        }
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
                if let Some(owner) = new.owner {
                    tx.room_for_own(owner).await?;
                }
                let region = tx.region();
                let definition = DefinitionRow::of(&new.definition)?;
                on!(tx, |c| sqlx::query(INSERT_INDICATOR)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(new.slug.as_str())
                    .bind(new.name.as_str())
                    .bind(new.unit.word())
                    .bind(new.polarity.word())
                    .bind(new.source.as_str())
                    .bind(act.at)
                    .bind(&definition.meaning)
                    .bind(definition.per)
                    .bind(&definition.denominator)
                    .bind(definition.decimals)
                    .bind(&definition.frequency)
                    .bind(definition.sensitive)
                    .bind(definition.crime)
                    .bind(definition.valid_from)
                    .bind(&definition.breaks)
                    .bind(definition.stock)
                    .bind(new.owner.map(|owner| owner.0))
                    .bind(definition.survey_months)
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
        self.read(scope, move |tx| Box::pin(async move { tx.indicator_called(&slug).await })).await
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
        change: IndicatorChange,
        revision: Option<i64>,
    ) -> Result<Indicator, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_indicator(id).await?;
                error::check_revision("indicator", revision, old.revision)?;
                let region = tx.region();
                let IndicatorChange { name, polarity, source, definition, ends_on } = change;
                let ends_on = ends_on.unwrap_or(old.ends_on);
                let definition = DefinitionRow::of(definition.as_ref().unwrap_or(&old.definition))?;
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
                    .bind(&definition.meaning)
                    .bind(definition.per)
                    .bind(&definition.denominator)
                    .bind(definition.decimals)
                    .bind(&definition.frequency)
                    .bind(definition.sensitive)
                    .bind(definition.crime)
                    .bind(definition.valid_from)
                    .bind(&definition.breaks)
                    .bind(definition.stock)
                    .bind(ends_on)
                    .bind(definition.survey_months)
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
