//! What a submission costs: few journeys.
//!
//! A return is many rows (itself, its revision, its figures, what it quotes, the step, the request's name, the deed on record and its
//! personal half), and each statement is a journey to the
//! engine and back, which is most of what a call takes. So what has to be known before is asked in one, and what is written of a
//! revision in another. Figures travel as JSON, since their number is the caller's and a statement's text is ours.

use csp_domain::{
    Act,
    clock::Instant,
    cycle::{Cycle, CycleState, Sent},
    id::RegionId,
    observation::Answer,
    receipt,
    returns::{Content, NewReturn, Return},
    signoff::Deed,
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    StoreError,
    cycle::Row as CycleRow,
    engine::{Differing, on},
    request::fingerprint_of,
    unit::Tx,
};

macro_rules! met {
    ($claimed:literal) => {
        concat!(
            "SELECT c.cycle_id, c.committee_id, c.slug, c.period_start, c.period_end, c.opens_at, c.deadline_at, c.closed_to_new_at, ",
            "c.freeze_at, c.publication_at, c.meeting_at, ",
            "c.state, c.created_at, c.revision, (SELECT COUNT(*) FROM committee_partnerships p WHERE p.region_id = $1 ",
            "AND p.committee_id = c.committee_id AND p.partnership_id = $7) AS owes, ",
            "(SELECT r.return_id FROM returns r WHERE r.region_id = $1 AND r.partnership_id = $7 AND r.cycle_id = $8) AS return_id, ",
            $claimed,
            " AS claimed FROM cycles c WHERE c.region_id = $1 AND c.cycle_id = $8"
        )
    };
}

/// Remembers that a request makes a return, and reads what the return meets. PostgreSQL waits for the same request to end where it is
/// under way, and keeps the cycle from being closed as `STANDING_CYCLE` does. SQLite has one writer.
pub(crate) const ENTER_RETURN: Differing = Differing::new(
    concat!(
        "INSERT INTO requests (region_id, person_id, request_id, fingerprint, resource_id, created_at) SELECT $1, $2, $3, $4, $5, $6 ",
        "WHERE $3 IS NOT NULL ON CONFLICT (region_id, person_id, request_id) DO NOTHING; ",
        met!("EXISTS (SELECT 1 FROM requests q WHERE q.region_id = $1 AND q.person_id = $2 AND q.request_id = $3 AND q.resource_id = $5)"),
    ),
    concat!(
        "WITH claim AS (INSERT INTO requests (region_id, person_id, request_id, fingerprint, resource_id, created_at) ",
        "SELECT $1::UUID, $2::UUID, $3::UUID, $4::TEXT, $5::UUID, $6::TIMESTAMPTZ WHERE $3::UUID IS NOT NULL ",
        "ON CONFLICT (region_id, person_id, request_id) DO NOTHING RETURNING 1) ",
        met!("EXISTS (SELECT 1 FROM claim)"),
        " FOR SHARE OF c",
    ),
);

/// With `given`, a table of one row or none: only if there is that row.
macro_rules! put_revision {
    ([$first:expr, $revised:literal, $observed:literal, $quoting:literal, $last:literal], figures: $figures:literal, quoted: $quoted:literal) => {
        $crate::submission::put_revision!(
            [$first, $revised, $observed, $quoting, $last], figures: $figures, quoted: $quoted, given: ("", "")
        )
    };
    ([$first:expr, $revised:literal, $observed:literal, $quoting:literal, $last:literal], figures: $figures:literal, quoted: $quoted:literal,
        given: ($from:literal, $and_from:literal)) => {
        concat!(
            $first,
            "INSERT INTO returns (region_id, return_id, partnership_id, cycle_id, state, revision, content) ",
            "SELECT $1, $2, $4, $5, 'submitted', 1, 1",
            $from,
            " WHERE $6",
            $revised,
            "INSERT INTO return_revisions (region_id, return_id, revision, partnership_id, kind, statement, remark, submitted_by, submitted_at) ",
            "SELECT $1, $2, $3, $4, $7, $8, $9, $10, $11",
            $from,
            $observed,
            "INSERT INTO observations (region_id, return_id, revision, partnership_id, line, indicator_id, period_start, period_end, status, ",
            "value, expected_on, reason, provisional, note) SELECT $1, $2, $3, $4, ",
            $figures,
            $and_from,
            $quoting,
            "INSERT INTO quoted_figures (region_id, return_id, revision, partnership_id, line, subject, value, source, period_start, period_end) ",
            "SELECT $1, $2, $3, $4, ",
            $quoted,
            $and_from,
            $last,
            "INSERT INTO return_steps (region_id, return_id, revision, partnership_id, deed, state, reasons, content_hash, done_by, done_at, ",
            "on_behalf) SELECT $1, $2, $3, $4, $14, $15, NULL, $16, $17, $11, $18",
            $from
        )
    };
    // The figures as each engine takes them apart.
    (sqlite [$first:expr, $revised:literal, $observed:literal, $quoting:literal, $last:literal]) => {
        $crate::submission::put_revision!(
            [$first, $revised, $observed, $quoting, $last],
            figures: "f.key, unhex(f.value ->> 'indicator'), f.value ->> 'start', f.value ->> 'end', f.value ->> 'status', f.value ->> 'value', \
                f.value ->> 'expected', f.value ->> 'reason', f.value ->> 'provisional', f.value ->> 'note' FROM json_each($12) f",
            quoted: "q.key, q.value ->> 'subject', q.value ->> 'value', q.value ->> 'source', q.value ->> 'start', q.value ->> 'end' \
                FROM json_each($13) q"
        )
    };
    (postgres [$first:expr, $revised:literal, $observed:literal, $quoting:literal, $last:literal], given: ($from:literal, $and_from:literal)) => {
        $crate::submission::put_revision!(
            [$first, $revised, $observed, $quoting, $last],
            figures: "f.line, f.indicator, f.start, f.\"end\", f.status, f.value, f.expected, f.reason, f.provisional, f.note \
                FROM jsonb_to_recordset($12::TEXT::JSONB) AS f (line BIGINT, indicator UUID, start DATE, \"end\" DATE, status TEXT, value TEXT, \
                expected DATE, reason TEXT, provisional BOOLEAN, note TEXT)",
            quoted: "q.line, q.subject, q.value, q.source, q.start, q.\"end\" \
                FROM jsonb_to_recordset($13::TEXT::JSONB) AS q (line BIGINT, subject TEXT, value TEXT, source TEXT, start DATE, \"end\" DATE)",
            given: ($from, $and_from)
        )
    };
}
pub(crate) use put_revision;

/// A revision, its figures and the step that made it; the return itself if `$6`. SQLite takes several statements in one message,
/// PostgreSQL one that does all of it.
pub(crate) const PUT_REVISION: Differing = Differing::new(
    put_revision!(sqlite ["", "; ", "; ", "; ", "; "]),
    put_revision!(postgres ["WITH entered AS (", "), revised AS (", "), observed AS (", "), quoting AS (", ") "], given: ("", "")),
);

/// What a new return meets.
#[derive(sqlx::FromRow)]
pub(crate) struct Met {
    #[sqlx(flatten)]
    pub(crate) cycle: CycleRow,
    /// Whether the partnership reports to the cycle's committee: how often it stands on the list.
    owes: i64,
    /// The partnership's return for the cycle, if there is one.
    return_id: Option<Uuid>,
    /// Whether the request is now known under this return's name. Not if it has made something before.
    claimed: bool,
}

impl Met {
    /// Whether the partnership has sent in nothing for the cycle yet.
    pub(crate) fn is_first(&self) -> bool {
        self.return_id.is_none()
    }

    /// Whether nothing stands in the way of a first return now. What does, `cycle_for_return` knows to say; and of a cycle that nobody
    /// has opened yet, whether its opening is held back.
    pub(crate) fn takes_new(self, now: Instant) -> Result<bool, StoreError> {
        let cycle = Cycle::try_from(self.cycle)?;
        Ok(self.owes > 0 && cycle.state == CycleState::Open && cycle.accepts(Sent::New, None, now).is_ok())
    }
}

impl Tx {
    /// Remembers that the request makes this return, keeps the cycle as it is until the unit ends, and answers what there is. Nothing if
    /// the same request was made before.
    pub(crate) async fn enter_return(&mut self, act: &Act, new: &NewReturn) -> Result<Option<Met>, StoreError> {
        let region = self.region();
        self.check_partnership(new.partnership)?;
        let request = act.request.as_ref().zip(act.actor.person());
        let text = ENTER_RETURN.on(&self.conn);
        let met: Option<Met> = on!(self, |c| sqlx::query_as(text)
            .bind(region.0)
            .bind(request.map(|(_, person)| person.0))
            .bind(request.map(|(request, _)| request.id))
            .bind(fingerprint_of(act))
            .bind(new.id.0)
            .bind(act.at)
            .bind(new.partnership.0)
            .bind(new.cycle.0)
            .fetch_optional(c)
            .await)?;
        let met = met.ok_or(StoreError::NotFound("cycle"))?;
        Ok(Some(met).filter(|met| request.is_none() || met.claimed))
    }

    /// Writes a revision with all its rows and the step that made it; with `first` the return itself too. `on_behalf`, where an
    /// editor entered it for the partnership: how it came.
    pub(crate) async fn put_revision(
        &mut self,
        act: &Act,
        deed: Deed,
        made: &Return,
        first: bool,
        on_behalf: Option<&Line>,
    ) -> Result<(), StoreError> {
        let revision = Revision::of(self.region(), act, deed, made, first, on_behalf);
        let text = PUT_REVISION.on(&self.conn);
        on!(self, |c| bind_revision!(sqlx::query(text), revision).execute(c).await.map(|_| ())).map_err(|error| not_twice(error.into()))
    }
}

/// What the engine says of a second one, in words.
pub(crate) fn not_twice(error: StoreError) -> StoreError {
    match error.duplicate_in().as_deref() {
        Some("observations") => error.or_exists(|| "a figure for this indicator and period in the return".to_owned()),
        _ => error.or_exists(|| "a return for this cycle".to_owned()),
    }
}

/// What is written of a revision, ready to be sent: the first parameters of `put_revision!`, in order.
pub(crate) struct Revision {
    pub(crate) region: Uuid,
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) partnership: Uuid,
    pub(crate) cycle: Uuid,
    pub(crate) first: bool,
    pub(crate) kind: &'static str,
    pub(crate) statement: Option<String>,
    pub(crate) remark: Option<String>,
    pub(crate) by: Uuid,
    pub(crate) at: Instant,
    pub(crate) figures: String,
    pub(crate) quoted: String,
    pub(crate) deed: &'static str,
    pub(crate) state: &'static str,
    pub(crate) hash: String,
    pub(crate) done_by: Option<Uuid>,
    pub(crate) on_behalf: Option<String>,
}

impl Revision {
    pub(crate) fn of(region: RegionId, act: &Act, deed: Deed, made: &Return, first: bool, on_behalf: Option<&Line>) -> Self {
        let text = |line: &Line| line.as_str().to_owned();
        let (kind, statement) = match &made.content {
            Content::Full { .. } => ("full", None),
            Content::Nil { statement } => ("nil", Some(text(statement))),
        };
        Self {
            region: region.0,
            id: made.id.0,
            number: made.revision,
            partnership: made.partnership.0,
            cycle: made.cycle.0,
            first,
            kind,
            statement,
            remark: made.remark.as_ref().map(text),
            by: made.submitted_by.0,
            at: act.at,
            figures: figures(&made.content),
            quoted: quoted(&made.content),
            deed: deed.word(),
            state: made.state.word(),
            hash: receipt::hash_of(made).to_string(),
            done_by: act.actor.person().map(|id| id.0),
            on_behalf: on_behalf.map(text),
        }
    }
}

macro_rules! bind_revision {
    ($query:expr, $revision:ident) => {
        $query
            .bind($revision.region)
            .bind($revision.id)
            .bind($revision.number)
            .bind($revision.partnership)
            .bind($revision.cycle)
            .bind($revision.first)
            .bind($revision.kind)
            .bind($revision.statement)
            .bind($revision.remark)
            .bind($revision.by)
            .bind($revision.at)
            .bind($revision.figures)
            .bind($revision.quoted)
            .bind($revision.deed)
            .bind($revision.state)
            .bind($revision.hash)
            .bind($revision.done_by)
            .bind($revision.on_behalf)
    };
}
pub(crate) use bind_revision;

/// Figures in the order in which they were sent.
fn figures(content: &Content) -> String {
    let rows = (0_i64..).zip(content.figures()).map(|(line, figure)| {
        let (value, expected_on, reason) = match &figure.answer {
            Answer::Reported { value } => (Some(value.to_string()), None, None),
            Answer::Late { expected_on } => (None, Some(*expected_on), None),
            Answer::Withheld { reason } => (None, None, Some(reason.as_str())),
            Answer::Nil | Answer::NotApplicable => (None, None, None),
        };
        json!({
            "line": line, "indicator": figure.indicator.0.simple().to_string(), "start": figure.period.start(), "end": figure.period.end(),
            "status": figure.answer.word(), "value": value, "expected": expected_on, "reason": reason, "provisional": figure.provisional,
            "note": figure.note.as_ref().map(Line::as_str),
        })
    });
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Quoted figures in the order in which they were sent.
fn quoted(content: &Content) -> String {
    let rows = (0_i64..).zip(content.quoted()).map(|(line, quoted)| {
        json!({
            "line": line, "subject": quoted.subject.as_str(), "value": quoted.value.as_str(), "source": quoted.source.as_str(),
            "start": quoted.period.start(), "end": quoted.period.end(),
        })
    });
    serde_json::Value::Array(rows.collect()).to_string()
}
