//! Estimates of residents.

use std::collections::HashMap;

use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::EstimateId,
    measure::population::{Estimate, NewEstimate},
    partnership::OnsCode,
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_POPULATION = "INSERT INTO populations (region_id, population_id, ons_code, mid_year, people, source, entered_at, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
    UPDATE_POPULATION = "UPDATE populations SET people = $3, source = $4, entered_at = $5, revision = revision + 1 \
        WHERE region_id = $1 AND population_id = $2 AND revision = $6";
    LIST_POPULATIONS = "SELECT population_id, ons_code, mid_year, people, source, entered_at, revision FROM populations \
        WHERE region_id = $1 AND population_id > $2 ORDER BY population_id LIMIT $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    population_id: Uuid,
    ons_code: String,
    mid_year: i64,
    people: i64,
    source: String,
    entered_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Estimate {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("populations", column);
        Ok(Self {
            id: EstimateId(row.population_id),
            ons_code: row.ons_code.parse().map_err(|_| bad("ons_code"))?,
            mid_year: row.mid_year.try_into().map_err(|_| bad("mid_year"))?,
            people: row.people.try_into().map_err(|_| bad("people"))?,
            source: Line::parse(&row.source, Line::SENTENCE).map_err(|_| bad("source"))?,
            entered_at: row.entered_at,
            revision: row.revision,
        })
    }
}

fn fact(estimate: &Estimate) -> serde_json::Value {
    let Estimate { ons_code, mid_year, people, source, .. } = estimate;
    json!({ "ons_code": ons_code.as_str(), "mid_year": mid_year, "people": people, "source": source.as_str() })
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entered {
    /// Every estimate of the file as it now stands, in its order.
    pub estimates: Vec<Estimate>,
    /// How many areas and years were new.
    pub added: usize,
    /// How many said something else before.
    pub changed: usize,
}

impl Tx {
    pub(crate) async fn list_populations(&mut self, page: Page) -> Result<Vec<Estimate>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(LIST_POPULATIONS).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
        rows.into_iter().map(Estimate::try_from).collect()
    }

    async fn insert_population(&mut self, act: &Act, new: &NewEstimate) -> Result<(), StoreError> {
        let region = self.region();
        let people = i64::try_from(new.people).unwrap_or(i64::MAX);
        on!(self, |c| sqlx::query(INSERT_POPULATION)
            .bind(region.0)
            .bind(new.id.0)
            .bind(new.ons_code.as_str())
            .bind(i64::from(new.mid_year))
            .bind(people)
            .bind(new.source.as_str())
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()))
        // Somebody else entered the same area and year meanwhile; what they entered is compared with when it is tried again.
        .map_err(|e| StoreError::from(e).or_exists(|| format!("an estimate for {} of mid-{}", new.ons_code, new.mid_year)))
    }

    async fn replace_population(&mut self, act: &Act, old: &Estimate, new: &NewEstimate) -> Result<(), StoreError> {
        let region = self.region();
        let people = i64::try_from(new.people).unwrap_or(i64::MAX);
        let changed = on!(self, |c| sqlx::query(UPDATE_POPULATION)
            .bind(region.0)
            .bind(old.id.0)
            .bind(people)
            .bind(new.source.as_str())
            .bind(act.at)
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("population", changed)
    }
}

impl Store {
    /// Enters estimates, all or none, each in the place of what was known of its area and year. What says nothing new changes
    /// nothing, so that a file may be imported again.
    pub async fn import_populations(&self, scope: Scope, act: &Act, new: Vec<NewEstimate>) -> Result<Entered, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let key = |code: &OnsCode, year: i32| (code.clone(), year);
                let kept = tx.list_populations(Page::all()).await?;
                let mut known: HashMap<(OnsCode, i32), Estimate> =
                    kept.into_iter().map(|estimate| (key(&estimate.ons_code, estimate.mid_year), estimate)).collect();
                let (mut before, mut after, mut subject) = (Vec::new(), Vec::new(), None);
                let mut entered = Entered::default();
                for new in new {
                    let at = key(&new.ons_code, new.mid_year);
                    let standing = match known.remove(&at) {
                        Some(old) if old.people == new.people && old.source == new.source => old,
                        Some(old) => {
                            tx.replace_population(&act, &old, &new).await?;
                            entered.changed += 1;
                            before.push(fact(&old));
                            let NewEstimate { people, source, .. } = new;
                            let standing = Estimate { people, source, entered_at: act.at, revision: old.revision + 1, ..old };
                            after.push(fact(&standing));
                            subject = subject.or(Some(standing.id));
                            standing
                        }
                        None => {
                            tx.insert_population(&act, &new).await?;
                            entered.added += 1;
                            let NewEstimate { id, ons_code, mid_year, people, source } = new;
                            let standing = Estimate { id, ons_code, mid_year, people, source, entered_at: act.at, revision: 1 };
                            after.push(fact(&standing));
                            subject = subject.or(Some(standing.id));
                            standing
                        }
                    };
                    known.insert(at, standing.clone());
                    entered.estimates.push(standing);
                }
                if known.len() > NewEstimate::MOST_KEPT {
                    return Err(Refusal::TooManyPopulations.into());
                }
                // One entry for the file: what it replaced, and what it says now.
                if let Some(subject) = subject {
                    let old = (!before.is_empty()).then(|| Facts::open(json!({ "estimates": before })));
                    tx.audit(&act, "import", "population", subject.0, old, Some(Facts::open(json!({ "estimates": after })))).await?;
                }
                Ok(entered)
            })
        })
        .await
    }

    /// The estimates of the region, in the order they were entered in.
    pub async fn list_populations(&self, scope: Scope, page: Page) -> Result<Listing<Estimate>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { Ok(Listing::cut(tx.list_populations(page).await?, page, |e| e.id.0)) })).await
    }
}
