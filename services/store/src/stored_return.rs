//! Returns as they are stored: a return with all that its revision says, read in one message.
//!
//! A return is many rows, and each statement is a journey to the engine and back, which is most of what reading costs. So the
//! figures come with the return they belong to, as JSON. Only of a whole cycle they come as rows of their own.

use chrono::NaiveDate;
use csp_domain::{
    clock::Instant,
    id::{CycleId, IndicatorId, PartnershipId, PersonId, ReturnId},
    observation::{Answer, Figure, QuotedFigure},
    period::Period,
    returns::{Content, Return, ReturnState},
    text::Line,
};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{StoreError, engine::Differing, error};

macro_rules! stored {
    (figures: $figures:literal, quoted: $quoted:literal, $revision:literal, $condition:literal) => {
        concat!(
            "SELECT r.return_id, r.partnership_id, r.cycle_id, r.state, r.revision, v.revision AS content, v.kind, v.statement, v.remark, v.submitted_by, ",
            "v.submitted_at, ",
            $figures,
            " AS figures, ",
            $quoted,
            " AS quoted FROM returns r JOIN return_revisions v ON v.region_id = r.region_id AND v.return_id = r.return_id AND v.revision = ",
            $revision,
            " WHERE r.region_id = $1 AND ",
            $condition
        )
    };
    ($condition:literal) => {
        stored!("r.content", $condition)
    };
    ($revision:literal, $condition:literal) => {
        stored!(
            both: "(SELECT json_group_array(json_array(lower(hex(o.indicator_id)), o.period_start, o.period_end, o.status, o.value, \
                o.expected_on, o.reason, json(iif(o.provisional, 'true', 'false')), o.note) ORDER BY o.line) FROM observations o \
                WHERE o.region_id = r.region_id AND o.return_id = r.return_id AND o.revision = v.revision)",
            "COALESCE((SELECT json_agg(json_build_array(o.indicator_id, o.period_start, o.period_end, o.status, o.value, \
                o.expected_on, o.reason, o.provisional, o.note) ORDER BY o.line) FROM observations o \
                WHERE o.region_id = r.region_id AND o.return_id = r.return_id AND o.revision = v.revision)::TEXT, '[]')",
            $revision,
            $condition
        )
    };
    (both: $sqlite:literal, $postgres:literal, $revision:literal, $condition:literal) => {
        Differing::new(
            stored!(
                figures: $sqlite,
                quoted: "(SELECT json_group_array(json_array(q.subject, q.value, q.source, q.period_start, q.period_end) ORDER BY q.line) \
                    FROM quoted_figures q WHERE q.region_id = r.region_id AND q.return_id = r.return_id AND q.revision = v.revision)",
                $revision,
                $condition
            ),
            stored!(
                figures: $postgres,
                quoted: "COALESCE((SELECT json_agg(json_build_array(q.subject, q.value, q.source, q.period_start, q.period_end) ORDER BY q.line) \
                    FROM quoted_figures q WHERE q.region_id = r.region_id AND q.return_id = r.return_id AND q.revision = v.revision)::TEXT, '[]')",
                $revision,
                $condition
            ),
        )
    };
}

pub(crate) const GET_RETURN: Differing = stored!("r.return_id = $2");
/// What it said in one of the revisions that were sent in.
pub(crate) const GET_REVISION: Differing = stored!("$3", "r.return_id = $2");
pub(crate) const FIND_RETURN: Differing = stored!("r.partnership_id = $2 AND r.cycle_id = $3");
pub(crate) const LIST_RETURNS_OF_PARTNERSHIP: Differing =
    stored!("r.partnership_id = $2 AND ($3 OR r.cycle_id = $4) AND r.return_id > $5 ORDER BY r.return_id LIMIT $6");
/// All of one cycle, without their figures: of thousands of returns those are read in one go, as rows, in less time than it takes to
/// write them as JSON and to read that.
pub(crate) const LIST_RETURNS_OF_CYCLE: Differing = stored!(both: "'[]'", "'[]'", "r.content", "r.cycle_id = $2 ORDER BY r.return_id");
pub(crate) const LIST_RETURNS_OF_ALL: Differing = stored!("($2 OR r.cycle_id = $3) AND r.return_id > $4 ORDER BY r.return_id LIMIT $5");

#[derive(sqlx::FromRow)]
pub(crate) struct StoredReturn {
    return_id: Uuid,
    partnership_id: Uuid,
    cycle_id: Uuid,
    state: String,
    revision: i64,
    content: i64,
    kind: String,
    statement: Option<String>,
    remark: Option<String>,
    submitted_by: Uuid,
    submitted_at: Instant,
    figures: String,
    quoted: String,
}

/// A figure as it is stored. As JSON it is its columns in this order.
#[derive(sqlx::FromRow, Deserialize)]
pub(crate) struct FigureRow {
    indicator_id: Uuid,
    period_start: NaiveDate,
    period_end: NaiveDate,
    status: String,
    value: Option<String>,
    expected_on: Option<NaiveDate>,
    reason: Option<String>,
    provisional: bool,
    note: Option<String>,
}

/// A quoted figure as it is stored, in JSON.
#[derive(Deserialize)]
struct QuotedRow {
    subject: String,
    value: String,
    source: String,
    period_start: NaiveDate,
    period_end: NaiveDate,
}

impl TryFrom<FigureRow> for Figure {
    type Error = StoreError;

    fn try_from(row: FigureRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("observations", column);
        let answer = match row.status.as_str() {
            "reported" => Answer::Reported { value: row.value.as_deref().and_then(|text| text.parse().ok()).ok_or_else(|| bad("value"))? },
            "nil" => Answer::Nil,
            "late" => Answer::Late { expected_on: row.expected_on.ok_or_else(|| bad("expected_on"))? },
            "withheld" => Answer::Withheld {
                reason: row.reason.as_deref().and_then(|text| Line::parse(text, Line::SENTENCE).ok()).ok_or_else(|| bad("reason"))?,
            },
            "not_applicable" => Answer::NotApplicable,
            _ => return Err(bad("status")),
        };
        Ok(Self {
            indicator: IndicatorId(row.indicator_id),
            period: Period::new(row.period_start, row.period_end).map_err(|_| bad("period_end"))?,
            answer,
            provisional: row.provisional,
            note: row.note.map(|text| Line::parse(&text, Line::SENTENCE)).transpose().map_err(|_| bad("note"))?,
        })
    }
}

impl TryFrom<QuotedRow> for QuotedFigure {
    type Error = StoreError;

    fn try_from(row: QuotedRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("quoted_figures", column);
        Ok(Self {
            subject: Line::parse(&row.subject, Line::SENTENCE).map_err(|_| bad("subject"))?,
            value: Line::parse(&row.value, Line::NAME).map_err(|_| bad("value"))?,
            source: Line::parse(&row.source, Line::SENTENCE).map_err(|_| bad("source"))?,
            period: Period::new(row.period_start, row.period_end).map_err(|_| bad("period_end"))?,
        })
    }
}

/// The rows that came as JSON, each as what it says.
fn each<R, T>(json: &str, table: &'static str) -> Result<Vec<T>, StoreError>
where
    R: DeserializeOwned + TryInto<T, Error = StoreError>,
{
    let rows: Vec<R> = serde_json::from_str(json).map_err(|_| error::inconsistent(table, "line"))?;
    rows.into_iter().map(TryInto::try_into).collect()
}

impl TryFrom<StoredReturn> for Return {
    type Error = StoreError;

    fn try_from(row: StoredReturn) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("returns", column);
        let line = |text: &str, column| Line::parse(text, Line::SENTENCE).map_err(|_| bad(column));
        let content = match (row.kind.as_str(), &row.statement) {
            ("nil", Some(statement)) => Content::Nil { statement: line(statement, "statement")? },
            ("full", None) => Content::Full {
                figures: each::<FigureRow, _>(&row.figures, "observations")?,
                quoted: each::<QuotedRow, _>(&row.quoted, "quoted_figures")?,
            },
            _ => return Err(bad("kind")),
        };
        Ok(Self {
            id: ReturnId(row.return_id),
            partnership: PartnershipId(row.partnership_id),
            cycle: CycleId(row.cycle_id),
            state: ReturnState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            content,
            remark: row.remark.as_deref().map(|text| line(text, "remark")).transpose()?,
            submitted_by: PersonId(row.submitted_by),
            submitted_at: row.submitted_at,
            revision: row.revision,
            sent: row.content,
        })
    }
}
