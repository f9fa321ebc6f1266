//! Returns that somebody is to be told about: what was sent back, and what was signed when the paper was frozen already.
//!
//! Whoever was told has a message with the return as its matter and the return's revision as its step; the row of a message is unique,
//! so nobody is told twice.

use csp_domain::{
    Scope,
    clock::Instant,
    id::{CycleId, PartnershipId, RegionId, ReturnId},
};
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, error, statement::statements};

statements! {
    /// For the tick, over all regions. What is older than a week is no news.
    UNTOLD = "SELECT r.region_id, r.return_id, r.partnership_id, r.cycle_id, r.revision, s.deed, s.reasons \
        FROM returns r JOIN return_steps s ON s.region_id = r.region_id AND s.return_id = r.return_id AND s.revision = r.revision \
        JOIN cycles c ON c.region_id = r.region_id AND c.cycle_id = r.cycle_id \
        WHERE s.done_at > $1 AND ((s.deed = 'send_back' AND r.state = 'sent_back' AND c.state IN ('open', 'closed')) \
            OR (s.deed = 'sign' AND r.state = 'signed' AND c.state = 'closed' AND EXISTS (SELECT 1 FROM digests d WHERE d.region_id = r.region_id \
                AND d.cycle_id = r.cycle_id AND d.state <> 'superseded' AND d.frozen_at < s.done_at))) \
        AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.region_id = r.region_id AND m.kind = 'notice' AND m.matter_id = r.return_id \
            AND m.step = r.revision) \
        ORDER BY r.region_id, r.return_id LIMIT 500";
}

/// What somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tidings {
    /// It was sent back, with these reasons.
    SentBack(String),
    /// It was signed, and the paper is frozen without it.
    SignedLate,
}

/// A return, and what somebody is to be told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Whose.
    pub region: RegionId,
    /// Which return.
    pub answer: ReturnId,
    /// Of which partnership.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// The revision that the step made.
    pub revision: i64,
    /// What.
    pub tidings: Tidings,
}

#[derive(sqlx::FromRow)]
struct Row {
    region_id: Uuid,
    return_id: Uuid,
    partnership_id: Uuid,
    cycle_id: Uuid,
    revision: i64,
    deed: String,
    reasons: Option<String>,
}

impl TryFrom<Row> for Untold {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let tidings = match (row.deed.as_str(), row.reasons) {
            ("send_back", Some(reasons)) => Tidings::SentBack(reasons),
            ("sign", None) => Tidings::SignedLate,
            _ => return Err(error::inconsistent("return_steps", "deed")),
        };
        Ok(Self {
            region: RegionId(row.region_id),
            answer: ReturnId(row.return_id),
            partnership: PartnershipId(row.partnership_id),
            cycle: CycleId(row.cycle_id),
            revision: row.revision,
            tidings,
        })
    }
}

impl Store {
    /// Returns of all regions that somebody is to be told about, of steps made after `since`. For the tick.
    pub async fn list_untold(&self, since: Instant) -> Result<Vec<Untold>, StoreError> {
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(UNTOLD).bind(since).fetch_all(c).await)?;
                rows.into_iter().map(TryInto::try_into).collect()
            })
        })
        .await
    }
}
