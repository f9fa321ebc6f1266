//! Who did what: a row with every change, in the same unit as the change.

use csp_domain::{Act, Scope, clock::Instant, id::PersonId};
use serde_json::Value;
use uuid::Uuid;

use crate::{Listing, Page, Store, StoreError, engine::on, statement::statements, unit::Tx};

statements! {
    INSERT_AUDIT = "INSERT INTO audit (region_id, audit_id, at, actor_id, origin, action, subject, subject_id, old_value, new_value) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST_AUDIT = "SELECT audit_id, at, actor_id, origin, action, subject, subject_id, old_value, new_value \
        FROM audit WHERE region_id = $1 AND audit_id > $2 ORDER BY audit_id LIMIT $3";
}

/// One deed on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Identifier, in order of time.
    pub id: Uuid,
    /// When.
    pub at: Instant,
    /// Who; none for the schedule.
    pub actor: Option<PersonId>,
    /// From which network address.
    pub origin: Option<String>,
    /// `create`, `update`, `withdraw`, `approve` …
    pub action: String,
    /// The kind of thing.
    pub subject: String,
    /// Which one.
    pub subject_id: Uuid,
    /// What it was, as JSON.
    pub old_value: Option<String>,
    /// What it is now, as JSON.
    pub new_value: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    audit_id: Uuid,
    at: Instant,
    actor_id: Option<Uuid>,
    origin: Option<String>,
    action: String,
    subject: String,
    subject_id: Uuid,
    old_value: Option<String>,
    new_value: Option<String>,
}

impl Tx {
    /// Puts a deed on record.
    pub(crate) async fn audit(
        &mut self,
        act: &Act,
        action: &'static str,
        subject: &'static str,
        subject_id: Uuid,
        old: Option<Value>,
        new: Option<Value>,
    ) -> Result<(), StoreError> {
        let region = self.region();
        let id = self.id(act.at);
        let actor = act.actor.person().map(|id| id.0);
        let (old, new) = (old.map(|v| v.to_string()), new.map(|v| v.to_string()));
        on!(self, |c| sqlx::query(INSERT_AUDIT)
            .bind(region.0)
            .bind(id)
            .bind(act.at)
            .bind(actor)
            .bind(&act.origin)
            .bind(action)
            .bind(subject)
            .bind(subject_id)
            .bind(&old)
            .bind(&new)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Store {
    /// The deeds of a region, the oldest first.
    pub async fn list_audit(&self, scope: Scope, page: Page) -> Result<Listing<AuditRow>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> =
                    on!(tx, |c| sqlx::query_as(LIST_AUDIT).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
                let items = rows
                    .into_iter()
                    .map(|row| AuditRow {
                        id: row.audit_id,
                        at: row.at,
                        actor: row.actor_id.map(PersonId),
                        origin: row.origin,
                        action: row.action,
                        subject: row.subject,
                        subject_id: row.subject_id,
                        old_value: row.old_value,
                        new_value: row.new_value,
                    })
                    .collect();
                Ok(Listing::cut(items, page, |row| row.id))
            })
        })
        .await
    }
}
