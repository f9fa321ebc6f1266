//! Receipts that somebody wants by mail.
//!
//! The wish is written in the unit of the submission, and struck in the unit that queues the letter: whoever was promised a receipt gets
//! one, however often a request is repeated and however many servers look.

use csp_domain::{
    Act, Scope,
    id::{PartnershipId, PersonId, RegionId, ReturnId},
    message::NewMessage,
    returns::{Manner, Return},
};
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, error, job::once, statement::statements, unit::Tx};

statements! {
    INSERT_WISH = "INSERT INTO receipt_wishes (region_id, return_id, revision, partnership_id, person_id, wished_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// For the tick, over all regions; what is not among the first comes at the next look.
    LIST_WISHES = "SELECT region_id, return_id, revision, partnership_id, person_id FROM receipt_wishes ORDER BY wished_at, return_id LIMIT 200";
    DELETE_WISH = "DELETE FROM receipt_wishes WHERE region_id = $1 AND return_id = $2 AND revision = $3";
}

/// Somebody wants a receipt by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptWish {
    /// In which region.
    pub region: RegionId,
    /// Of which return.
    pub answer: ReturnId,
    /// Of which of its revisions.
    pub revision: i64,
    /// Whose return.
    pub partnership: PartnershipId,
    /// Who sent it in.
    pub person: PersonId,
}

#[derive(sqlx::FromRow)]
struct Row {
    region_id: Uuid,
    return_id: Uuid,
    revision: i64,
    partnership_id: Uuid,
    person_id: Uuid,
}

impl From<Row> for ReceiptWish {
    fn from(row: Row) -> Self {
        Self {
            region: RegionId(row.region_id),
            answer: ReturnId(row.return_id),
            revision: row.revision,
            partnership: PartnershipId(row.partnership_id),
            person: PersonId(row.person_id),
        }
    }
}

impl Tx {
    /// Writes down that whoever sent this in wants its receipt by mail, if they do.
    pub(crate) async fn want_receipt(&mut self, act: &Act, made: &Return, manner: &Manner) -> Result<(), StoreError> {
        if !manner.mail_receipt {
            return Ok(());
        }
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_WISH)
            .bind(region.0)
            .bind(made.id.0)
            .bind(made.sent)
            .bind(made.partnership.0)
            .bind(made.submitted_by.0)
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Store {
    /// Receipts that are wanted and not yet queued, of any region, the oldest first. For the tick.
    pub async fn list_receipt_wishes(&self) -> Result<Vec<ReceiptWish>, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_WISHES).fetch_all(c).await)?;
                Ok(rows.into_iter().map(Into::into).collect())
            })
        })
        .await
    }

    /// What was sent in, of which a receipt is wanted: in that revision, whatever became of it since.
    pub async fn return_to_receipt(&self, scope: Scope, wish: ReceiptWish) -> Result<Return, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let found = tx.load_revision(wish.answer, wish.revision).await?;
                if found.partnership == wish.partnership { Ok(found) } else { Err(StoreError::NotFound("return")) }
            })
        })
        .await
    }

    /// Queues the letter with a receipt, and strikes the wish, in one unit. Answers false when another server was faster.
    pub async fn mail_receipt(
        &self,
        scope: Scope,
        act: &Act,
        wish: ReceiptWish,
        letter: (Vec<u8>, NewMessage),
    ) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let region = tx.region();
                    let rows = on!(tx, |c| sqlx::query(DELETE_WISH)
                        .bind(region.0)
                        .bind(wish.answer.0)
                        .bind(wish.revision)
                        .execute(c)
                        .await
                        .map(|r| r.rows_affected()))?;
                    error::check_changed("receipt", rows)?;
                    tx.queue_letters(&act, &[letter]).await?;
                    Ok(true)
                })
            })
            .await;
        once(done)
    }
}
