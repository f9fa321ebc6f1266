//! Figures from before partnerships reported here.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    document::Origin,
    history::{HistoryImport, NewHistory, Series},
    id::{HistoryImportId, IndicatorId, PartnershipId, PersonId},
    observation::{Answer, Figure},
    period::Period,
    text::Line,
};
use futures::TryStreamExt as _;
use serde_json::json;
use uuid::Uuid;

use crate::{
    EarlierFigure, Listing, Page, Store, StoreError,
    audit::Facts,
    engine::{Differing, on},
    error,
    statement::{Statement, statements},
    unit::Tx,
};

/// How many points go to the engine in one message: a megabyte of text.
const POINTS_AT_ONCE: usize = 10_000;

/// A point is one text of digits at fixed places, which an engine takes apart faster than JSON: partnership, indicator, first day, last
/// day, value. So is a series, which ends after the second.
macro_rules! points {
    ($head:literal, $tail:literal) => {
        Differing::new(
            concat!(
                $head,
                "SELECT unhex(substr(p.value, 1, 32)) AS partnership_id, unhex(substr(p.value, 33, 32)) AS indicator_id, ",
                "substr(p.value, 65, 10) AS period_start, substr(p.value, 75, 10) AS period_end, substr(p.value, 85) AS value FROM json_each($3) p",
                $tail
            ),
            concat!(
                $head,
                "SELECT substr(p.value, 1, 32)::UUID AS partnership_id, substr(p.value, 33, 32)::UUID AS indicator_id, ",
                "substr(p.value, 65, 10)::DATE AS period_start, substr(p.value, 75, 10)::DATE AS period_end, substr(p.value, 85) AS value ",
                "FROM unnest(string_to_array(btrim($3::TEXT, '[]\"'), '\",\"')) AS p (value)",
                $tail
            ),
        )
    };
}

/// Points of series of which nothing is known yet.
pub(crate) const INSERT_NEW_POINTS: Differing = points!(
    "INSERT INTO history (region_id, partnership_id, indicator_id, period_start, period_end, import_id, value) \
    SELECT $1, n.partnership_id, n.indicator_id, n.period_start, n.period_end, $2, n.value FROM (",
    ") n"
);

/// Points that say something else than what counts now, or for which there is nothing yet.
pub(crate) const INSERT_POINTS: Differing = points!(
    "INSERT INTO history (region_id, partnership_id, indicator_id, period_start, period_end, import_id, value) \
    SELECT $1, n.partnership_id, n.indicator_id, n.period_start, n.period_end, $2, n.value FROM (",
    ") n WHERE n.value IS DISTINCT FROM (SELECT h.value FROM history h WHERE h.region_id = $1 AND h.partnership_id = n.partnership_id \
    AND h.indicator_id = n.indicator_id AND h.period_start = n.period_start AND h.period_end = n.period_end \
    ORDER BY h.import_id DESC LIMIT 1)"
);

/// Which of some series, by their places, anything is known of.
pub(crate) const KNOWN_SERIES: Differing = Differing::new(
    "SELECT s.key FROM json_each($2) s WHERE EXISTS (SELECT 1 FROM history h WHERE h.region_id = $1 \
    AND h.partnership_id = unhex(substr(s.value, 1, 32)) AND h.indicator_id = unhex(substr(s.value, 33, 32)))",
    // With a limit, so that it is looked up for each: of a table whose statistics are old PostgreSQL would read all.
    "SELECT s.place - 1 FROM unnest(string_to_array(btrim($2::TEXT, '[]\"'), '\",\"')) WITH ORDINALITY AS s (value, place) \
    CROSS JOIN LATERAL (SELECT 1 FROM history h WHERE h.region_id = $1 AND h.partnership_id = substr(s.value, 1, 32)::UUID \
    AND h.indicator_id = substr(s.value, 33, 32)::UUID LIMIT 1) k",
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
    /// What was imported of some time, for all partnerships or for one, in any order: a million figures are sorted faster in parts.
    LIST_HISTORY = "SELECT h.partnership_id, h.import_id, h.indicator_id, h.period_start, h.period_end, h.value FROM history h \
        WHERE h.region_id = $1 AND h.period_start >= $2 AND h.period_end <= $3 AND ($4 OR h.partnership_id = $5)";
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

/// A point as `LIST_HISTORY` has it. By place and not by name: there may be a million, and a name is looked up for each.
type PointRow = (Uuid, Uuid, Uuid, NaiveDate, NaiveDate, String);

fn point((_, import, indicator, start, end, value): PointRow) -> Result<EarlierFigure, StoreError> {
    let bad = |column| error::inconsistent("history", column);
    Ok(EarlierFigure {
        origin: Origin::History { id: HistoryImportId(import) },
        figure: Figure {
            indicator: IndicatorId(indicator),
            period: Period::new(start, end).map_err(|_| bad("period_end"))?,
            answer: Answer::Reported { value: value.parse().map_err(|_| bad("value"))? },
            provisional: false,
            note: None,
        },
    })
}

impl Tx {
    /// What was imported about any period within a time, of all partnerships or of one.
    pub(crate) async fn history(
        &mut self,
        within: Period,
        of: Option<PartnershipId>,
    ) -> Result<HashMap<PartnershipId, Vec<EarlierFigure>>, StoreError> {
        let region = self.region();
        let mut by_partnership: HashMap<PartnershipId, Vec<EarlierFigure>> = HashMap::new();
        on!(self, |c| {
            let mut rows = sqlx::query_as::<_, PointRow>(LIST_HISTORY)
                .bind(region.0)
                .bind(within.start())
                .bind(within.end())
                .bind(of.is_none())
                .bind(of.map_or_else(Uuid::nil, |id| id.0))
                .fetch(c);
            // Each is understood while the engine reads the next.
            while let Some(row) = rows.try_next().await? {
                by_partnership.entry(PartnershipId(row.0)).or_default().push(point(row)?);
            }
        });
        for figures in by_partnership.values_mut() {
            let about = |earlier: &EarlierFigure| (earlier.figure.indicator, earlier.figure.period);
            // Of several about the same, the one that came in last. Most come in order.
            figures.sort_by_key(|earlier| (about(earlier), Reverse(earlier.origin.rank())));
            figures.dedup_by_key(|earlier| about(earlier));
        }
        Ok(by_partnership)
    }

    /// Writes points of an import; answers how many there were to write.
    async fn insert_points(&mut self, text: Statement, import: HistoryImportId, series: &[&Series]) -> Result<u64, StoreError> {
        let region = self.region();
        let mut written = 0;
        for points in messages(series) {
            written +=
                on!(self, |c| sqlx::query(text).bind(region.0).bind(import.0).bind(points).execute(c).await.map(|r| r.rows_affected()))
                    .map_err(|error| StoreError::from(error).or_missing("partnership or indicator"))?;
        }
        Ok(written)
    }

    /// Whether anything is known of each series.
    async fn known_series(&mut self, series: &[Series]) -> Result<HashSet<usize>, StoreError> {
        let (region, text) = (self.region(), KNOWN_SERIES.on(&self.conn));
        let names = list(series.iter().map(name));
        let places: Vec<i64> = on!(self, |c| sqlx::query_scalar(text).bind(region.0).bind(names).fetch_all(c).await)?;
        Ok(places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect())
    }
}

/// A series as it travels to the engine.
fn name(series: &Series) -> String {
    format!("{}{}", series.partnership.0.simple(), series.indicator.0.simple())
}

/// Texts in which nothing needs escaping: hexadecimal digits, days and numbers.
fn list(texts: impl IntoIterator<Item = String>) -> String {
    let mut all = String::from("[");
    for text in texts {
        all.push_str(if all.len() == 1 { "\"" } else { "\",\"" });
        all.push_str(&text);
    }
    all.push_str(if all.len() == 1 { "]" } else { "\"]" });
    all
}

/// The points as they travel to the engine.
fn messages(series: &[&Series]) -> Vec<String> {
    let mut points = Vec::new();
    for series in series {
        let name = name(series);
        points.extend(series.points.iter().map(|(period, value)| format!("{name}{}{}{}", period.start(), period.end(), value.normalize())));
    }
    points.chunks(POINTS_AT_ONCE).map(|points| list(points.iter().cloned())).collect()
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
                let known = tx.known_series(&new.series).await?;
                let (told, fresh): (Vec<_>, Vec<_>) = new.series.iter().enumerate().partition(|(place, _)| known.contains(place));
                let [told, fresh] = [told, fresh].map(|some| some.into_iter().map(|(_, series)| series).collect::<Vec<&Series>>());
                let mut written = tx.insert_points(INSERT_NEW_POINTS.on(&tx.conn), new.id, &fresh).await?;
                written += tx.insert_points(INSERT_POINTS.on(&tx.conn), new.id, &told).await?;
                let changed: i64 = if told.is_empty() {
                    0
                } else {
                    on!(tx, |c| sqlx::query_scalar(COUNT_CHANGED).bind(region.0).bind(new.id.0).fetch_one(c).await)?
                };
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
