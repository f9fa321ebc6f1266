//! Figures from before partnerships reported here.

use std::collections::HashMap;

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    document::Origin,
    history::{HistoryImport, NewHistory},
    id::{HistoryImportId, IndicatorId, PartnershipId, PersonId},
    observation::{Answer, Figure},
    period::Period,
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    EarlierFigure, Listing, Page, Store, StoreError,
    audit::Facts,
    engine::{Differing, on},
    error,
    statement::statements,
    unit::Tx,
};

/// How many points go to the engine in one message: some 600 KB of text.
const POINTS_AT_ONCE: usize = 5_000;

/// Points that say something else than what counts now, or for which there is nothing yet.
macro_rules! insert_points {
    ($rows:literal) => {
        concat!(
            "INSERT INTO history (region_id, partnership_id, indicator_id, period_start, period_end, import_id, value) ",
            "SELECT $1, n.partnership_id, n.indicator_id, n.period_start, n.period_end, $2, n.value FROM (",
            $rows,
            ") n WHERE n.value IS DISTINCT FROM (SELECT h.value FROM history h WHERE h.region_id = $1 AND h.partnership_id = n.partnership_id ",
            "AND h.indicator_id = n.indicator_id AND h.period_start = n.period_start AND h.period_end = n.period_end ",
            "ORDER BY h.import_id DESC LIMIT 1)"
        )
    };
}

pub(crate) const INSERT_POINTS: Differing = Differing::new(
    insert_points!(
        "SELECT unhex(p.value ->> 0) AS partnership_id, unhex(p.value ->> 1) AS indicator_id, p.value ->> 2 AS period_start, \
         p.value ->> 3 AS period_end, p.value ->> 4 AS value FROM json_each($3) p"
    ),
    insert_points!(
        "SELECT (p.value ->> 0)::UUID AS partnership_id, (p.value ->> 1)::UUID AS indicator_id, (p.value ->> 2)::DATE AS period_start, \
         (p.value ->> 3)::DATE AS period_end, p.value ->> 4 AS value FROM jsonb_array_elements($3::TEXT::JSONB) p"
    ),
);

statements! {
    INSERT_IMPORT = "INSERT INTO history_imports (region_id, import_id, source, points, added, changed, imported_by, imported_at) \
        VALUES ($1, $2, $3, $4, 0, 0, $5, $6)";
    COUNT_IMPORT = "UPDATE history_imports SET added = $3, changed = $4 WHERE region_id = $1 AND import_id = $2";
    /// How many points of an import replaced another.
    COUNT_CHANGED = "SELECT COUNT(*) FROM history h WHERE h.region_id = $1 AND h.import_id = $2 AND EXISTS (SELECT 1 FROM history o \
        WHERE o.region_id = h.region_id AND o.partnership_id = h.partnership_id AND o.indicator_id = h.indicator_id \
        AND o.period_start = h.period_start AND o.period_end = h.period_end AND o.import_id < h.import_id)";
    LIST_IMPORTS = "SELECT import_id, source, points, added, changed, imported_by, imported_at FROM history_imports \
        WHERE region_id = $1 AND import_id > $2 ORDER BY import_id LIMIT $3";
    /// What counts of some time, for all partnerships or for one.
    LIST_HISTORY = "SELECT h.partnership_id, h.import_id, h.indicator_id, h.period_start, h.period_end, h.value FROM history h \
        WHERE h.region_id = $1 AND h.period_start >= $2 AND h.period_end <= $3 AND ($4 OR h.partnership_id = $5) AND NOT EXISTS (SELECT 1 FROM history o \
        WHERE o.region_id = h.region_id AND o.partnership_id = h.partnership_id AND o.indicator_id = h.indicator_id \
        AND o.period_start = h.period_start AND o.period_end = h.period_end AND o.import_id > h.import_id) \
        ORDER BY h.partnership_id, h.indicator_id, h.period_start, h.period_end";
}

#[derive(sqlx::FromRow)]
struct ImportRow {
    import_id: Uuid,
    source: String,
    points: i64,
    added: i64,
    changed: i64,
    imported_by: Uuid,
    imported_at: Instant,
}

impl TryFrom<ImportRow> for HistoryImport {
    type Error = StoreError;

    fn try_from(row: ImportRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("history_imports", column);
        Ok(Self {
            id: HistoryImportId(row.import_id),
            source: Line::parse(&row.source, Line::SENTENCE).map_err(|_| bad("source"))?,
            points: u64::try_from(row.points).map_err(|_| bad("points"))?,
            added: u64::try_from(row.added).map_err(|_| bad("added"))?,
            changed: u64::try_from(row.changed).map_err(|_| bad("changed"))?,
            imported_by: PersonId(row.imported_by),
            imported_at: row.imported_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct PointRow {
    partnership_id: Uuid,
    import_id: Uuid,
    indicator_id: Uuid,
    period_start: NaiveDate,
    period_end: NaiveDate,
    value: String,
}

impl TryFrom<PointRow> for EarlierFigure {
    type Error = StoreError;

    fn try_from(row: PointRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("history", column);
        Ok(Self {
            origin: Origin::History { id: HistoryImportId(row.import_id) },
            figure: Figure {
                indicator: IndicatorId(row.indicator_id),
                period: Period::new(row.period_start, row.period_end).map_err(|_| bad("period_end"))?,
                answer: Answer::Reported { value: row.value.parse().map_err(|_| bad("value"))? },
                provisional: false,
                note: None,
            },
        })
    }
}

impl Tx {
    /// What was imported about any period within a time, of all partnerships or of one.
    pub(crate) async fn history(
        &mut self,
        within: Period,
        of: Option<PartnershipId>,
    ) -> Result<HashMap<PartnershipId, Vec<EarlierFigure>>, StoreError> {
        let region = self.region();
        let rows: Vec<PointRow> = on!(self, |c| sqlx::query_as(LIST_HISTORY)
            .bind(region.0)
            .bind(within.start())
            .bind(within.end())
            .bind(of.is_none())
            .bind(of.map_or_else(Uuid::nil, |id| id.0))
            .fetch_all(c)
            .await)?;
        let mut by_partnership: HashMap<PartnershipId, Vec<EarlierFigure>> = HashMap::new();
        for row in rows {
            by_partnership.entry(PartnershipId(row.partnership_id)).or_default().push(row.try_into()?);
        }
        Ok(by_partnership)
    }
}

/// The points as they travel to the engine. Nothing in them needs escaping: hexadecimal digits, dates and numbers.
fn messages(new: &NewHistory) -> Vec<String> {
    let mut lines = Vec::with_capacity(new.count());
    for series in &new.series {
        let (partnership, indicator) = (series.partnership.0.simple(), series.indicator.0.simple());
        for (period, value) in &series.points {
            let (start, end, value) = (period.start(), period.end(), value.normalize());
            lines.push(format!("[\"{partnership}\",\"{indicator}\",\"{start}\",\"{end}\",\"{value}\"]"));
        }
    }
    lines.chunks(POINTS_AT_ONCE).map(|lines| format!("[{}]", lines.join(","))).collect()
}

impl Store {
    /// Takes in a file's figures, all or none. What is known already is passed over; what differs counts from now on.
    pub async fn import_history(&self, scope: Scope, act: &Act, by: PersonId, new: NewHistory) -> Result<HistoryImport, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let points = new.count();
                on!(tx, |c| sqlx::query(INSERT_IMPORT)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(new.source.as_str())
                    .bind(i64::try_from(points).unwrap_or(i64::MAX))
                    .bind(by.0)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                let text = INSERT_POINTS.on(&tx.conn);
                let mut written = 0;
                for rows in messages(&new) {
                    written +=
                        on!(tx, |c| sqlx::query(text).bind(region.0).bind(new.id.0).bind(rows).execute(c).await.map(|r| r.rows_affected()))
                            .map_err(|error| StoreError::from(error).or_missing("partnership or indicator"))?;
                }
                let changed: i64 = on!(tx, |c| sqlx::query_scalar(COUNT_CHANGED).bind(region.0).bind(new.id.0).fetch_one(c).await)?;
                let added = i64::try_from(written).unwrap_or(i64::MAX) - changed;
                on!(tx, |c| sqlx::query(COUNT_IMPORT)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(added)
                    .bind(changed)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                let facts = Facts::open(json!({ "source": new.source.as_str(), "points": points, "added": added, "changed": changed }));
                tx.audit(&act, "import", "history", new.id.0, None, Some(facts)).await?;
                Ok(HistoryImport {
                    id: new.id,
                    source: new.source,
                    points: points as u64,
                    added: u64::try_from(added).unwrap_or(0),
                    changed: u64::try_from(changed).unwrap_or(0),
                    imported_by: by,
                    imported_at: act.at,
                })
            })
        })
        .await
    }

    /// The imports of a region, in order of time.
    pub async fn list_history_imports(&self, scope: Scope, page: Page) -> Result<Listing<HistoryImport>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<ImportRow> =
                    on!(tx, |c| sqlx::query_as(LIST_IMPORTS).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
                let items = rows.into_iter().map(HistoryImport::try_from).collect::<Result<_, _>>()?;
                Ok(Listing::cut(items, page, |import| import.id.0))
            })
        })
        .await
    }
}
