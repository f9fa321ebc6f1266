//! After a restore nothing is mailed by surprise.
//!
//! What waited at the backup's moment may have gone out before the disaster that made the restore necessary. So every
//! message that was on its way is held, and every paper that was approved and not yet released is approved again, by a
//! person who knows what members have in their hands. Both are on record.

use csp_domain::{Act, Scope, chance::SharedChance, clock::Instant, id::RegionId};
use serde_json::json;
use uuid::Uuid;

use crate::{
    StoreError,
    audit::Facts,
    engine::{Conn, on},
    statement::statements,
    unit::Tx,
};

statements! {
    ON_THEIR_WAY = "SELECT region_id, message_id, state FROM messages WHERE state IN ('queued', 'claimed', 'in_doubt') ORDER BY region_id, message_id";
    HOLD = "UPDATE messages SET state = 'held', epoch = epoch + 1, lease_until = NULL, last_outcome = $3 WHERE region_id = $1 AND message_id = $2";
    APPROVED = "SELECT region_id, digest_id FROM digests WHERE state = 'approved' ORDER BY region_id, digest_id";
    UNAPPROVE = "UPDATE digests SET state = 'frozen', approved_by = NULL, approved_at = NULL, \
        cooling_off_until = NULL, cooling_off_ended_by = NULL, cooling_off_reason = NULL, revision = revision + 1 WHERE region_id = $1 AND digest_id = $2";
}

/// Holds what was on its way, in the transaction that `conn` is in. Answers how many messages, how many papers.
pub(super) async fn hold(conn: Conn, moment: Instant, now: Instant, chance: SharedChance) -> Result<(Conn, (usize, usize)), StoreError> {
    let mut tx = Tx::over(conn, Scope::System, chance);
    let act = Act::by_system(now);
    let outcome = format!("restored from the backup of {}: look before it goes again", moment.format("%d/%m/%Y %H:%M UTC"));
    let messages: Vec<(Uuid, Uuid, String)> = on!(tx, |c| sqlx::query_as(ON_THEIR_WAY).fetch_all(c).await)?;
    for (region, message, state) in &messages {
        tx.turn_to(Scope::Region(RegionId(*region)));
        on!(tx, |c| sqlx::query(HOLD).bind(region).bind(message).bind(&outcome).execute(c).await.map(|_| ()))?;
        tx.audit(
            &act,
            "held",
            "message",
            *message,
            Some(Facts::open(json!({ "state": state }))),
            Some(Facts::open(json!({ "state": "held", "reply": outcome }))),
        )
        .await?;
    }
    tx.turn_to(Scope::System);
    let digests: Vec<(Uuid, Uuid)> = on!(tx, |c| sqlx::query_as(APPROVED).fetch_all(c).await)?;
    for (region, digest) in &digests {
        tx.turn_to(Scope::Region(RegionId(*region)));
        on!(tx, |c| sqlx::query(UNAPPROVE).bind(region).bind(digest).execute(c).await.map(|_| ()))?;
        let why = json!({ "state": "frozen", "reason": outcome });
        tx.audit(&act, "unapprove", "digest", *digest, Some(Facts::open(json!({ "state": "approved" }))), Some(Facts::open(why))).await?;
    }
    Ok((tx.conn, (messages.len(), digests.len())))
}
