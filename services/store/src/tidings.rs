//! What somebody is to be told about: returns that were sent back, and what was signed when the paper was frozen already.
//!
//! Whoever was told has a message with the return, or the item of news, as its matter, and its revision as its step; the row of a message
//! is unique, so nobody is told twice.

use csp_domain::{
    Scope,
    clock::Instant,
    id::{CycleId, NewsItemId, PartnershipId, RegionId},
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
    /// The same, of joint items: the last of the other owners has signed when the paper was frozen without it. With every step the
    /// revisions of an item's owners add up to more.
    UNTOLD_JOINT = "SELECT t.region_id, t.news_item_id, t.first_id, t.cycle_id, t.step FROM ( \
            SELECT j.region_id, j.news_item_id, j.first_id, j.cycle_id, CAST(SUM(j.revision) AS BIGINT) AS step, \
                MAX(CASE WHEN j.state = 'signed' THEN j.changed_at END) AS signed_at, COUNT(CASE WHEN j.state <> 'signed' THEN 1 END) AS others \
            FROM joint_owners j WHERE j.state <> 'dropped' GROUP BY j.region_id, j.news_item_id, j.first_id, j.cycle_id) t \
        JOIN news_items n ON n.region_id = t.region_id AND n.news_item_id = t.news_item_id AND n.state = 'submitted' \
        JOIN cycles c ON c.region_id = t.region_id AND c.cycle_id = t.cycle_id AND c.state = 'closed' \
        WHERE t.others = 0 AND t.signed_at > $1 AND EXISTS (SELECT 1 FROM digests d WHERE d.region_id = t.region_id \
            AND d.cycle_id = t.cycle_id AND d.state <> 'superseded' AND d.frozen_at < t.signed_at) \
        AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.region_id = t.region_id AND m.kind = 'notice' AND m.matter_id = t.news_item_id \
            AND m.step = t.step) \
        ORDER BY t.region_id, t.news_item_id LIMIT 500";
}

/// What somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tidings {
    /// It was sent back, with these reasons.
    SentBack(String),
    /// It was signed, and the paper is frozen without it.
    SignedLate,
    /// This joint item of theirs was signed by the last of its other owners, and the paper is frozen without it.
    JointSignedLate(NewsItemId),
}

/// What somebody is to be told, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Whose.
    pub region: RegionId,
    /// Which return, or item of news.
    pub matter: Uuid,
    /// Of which partnership; of a joint item the first owner.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// Which of several about the same matter.
    pub step: i64,
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

#[derive(sqlx::FromRow)]
struct JointRow {
    region_id: Uuid,
    news_item_id: Uuid,
    first_id: Uuid,
    cycle_id: Uuid,
    step: i64,
}

impl From<JointRow> for Untold {
    fn from(row: JointRow) -> Self {
        Self {
            region: RegionId(row.region_id),
            matter: row.news_item_id,
            partnership: PartnershipId(row.first_id),
            cycle: CycleId(row.cycle_id),
            step: row.step,
            tidings: Tidings::JointSignedLate(NewsItemId(row.news_item_id)),
        }
    }
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
            matter: row.return_id,
            partnership: PartnershipId(row.partnership_id),
            cycle: CycleId(row.cycle_id),
            step: row.revision,
            tidings,
        })
    }
}

impl Store {
    /// What somebody in any region is to be told, of steps made after `since`. For the tick.
    pub async fn list_untold(&self, since: Instant) -> Result<Vec<Untold>, StoreError> {
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(UNTOLD).bind(since).fetch_all(c).await)?;
                let mut untold: Vec<Untold> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
                let joint: Vec<JointRow> = on!(tx, |c| sqlx::query_as(UNTOLD_JOINT).bind(since).fetch_all(c).await)?;
                untold.extend(joint.into_iter().map(Untold::from));
                Ok(untold)
            })
        })
        .await
    }
}
