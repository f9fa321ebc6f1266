//! Who did what: a row with every change, in the same unit as the change.
//!
//! What names, locates or describes a person stands apart from the deed, in a row of its own: names, addresses, free text, the
//! network address. So it can be erased when its time has come while the record of the deed stands, and the record can be
//! chained without holding what must be erasable.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{PersonId, TokenId},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Listing, Page, Store, StoreError,
    engine::{INSERT_DEED, on},
    statement::statements,
    unit::Tx,
};

statements! {
    INSERT_AUDIT = "INSERT INTO audit (region_id, audit_id, at, actor_id, action, subject, subject_id, old_value, new_value, token_id) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST_AUDIT = "SELECT a.audit_id, a.at, a.actor_id, a.token_id, a.action, a.subject, a.subject_id, a.old_value, a.new_value, p.origin, \
        p.old_value AS old_personal, p.new_value AS new_personal \
        FROM audit a LEFT JOIN audit_personal p ON p.region_id = a.region_id AND p.audit_id = a.audit_id \
        WHERE a.region_id = $1 AND ($2 OR a.actor_id = $3) AND ($4 OR a.token_id = $5) AND ($6 OR a.subject = $7) AND ($8 OR a.subject_id = $9) \
        AND a.at >= $10 AND a.at < $11 AND a.audit_id > $12 ORDER BY a.audit_id LIMIT $13";
}

/// What is noted of a thing: what may be kept for ever, and what may have to be erased.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// Identifiers, words of closed lists, dates, numbers, hashes, and the names of things that are not people.
    open: Value,
    /// Whatever names, locates or describes a person, and all free text.
    personal: Option<Value>,
}

impl Facts {
    pub(crate) fn open(open: Value) -> Self {
        Self { open, personal: None }
    }

    #[must_use]
    pub(crate) fn and_personal(self, personal: Value) -> Self {
        Self { personal: Some(personal), ..self }
    }
}

/// The kinds of thing that deeds are done to.
pub const AUDIT_SUBJECTS: [&str; 20] = [
    "committee",
    "context_note",
    "cycle",
    "diary_link",
    "digest",
    "history",
    "indicator",
    "joint_item",
    "member",
    "message",
    "news_item",
    "partnership",
    "person",
    "population",
    "region",
    "return",
    "role_grant",
    "target",
    "token",
    "wording",
];

/// Which deeds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of this person; none: of anybody.
    pub actor: Option<PersonId>,
    /// By this token; none: by any, or none.
    pub token: Option<TokenId>,
    /// On this kind of thing (`return`); none: on any.
    pub subject: Option<String>,
    /// On this thing; none: on any.
    pub subject_id: Option<Uuid>,
    /// From this moment on.
    pub from: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
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
    /// By which token.
    pub token: Option<TokenId>,
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
    token_id: Option<Uuid>,
    action: String,
    subject: String,
    subject_id: Uuid,
    old_value: Option<String>,
    new_value: Option<String>,
    origin: Option<String>,
    old_personal: Option<String>,
    new_personal: Option<String>,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.audit_id,
            at: row.at,
            actor: row.actor_id.map(PersonId),
            token: row.token_id.map(TokenId),
            origin: row.origin,
            action: row.action,
            subject: row.subject,
            subject_id: row.subject_id,
            old_value: together(row.old_value, row.old_personal),
            new_value: together(row.new_value, row.new_personal),
        }
    }
}

/// Both halves of what was noted, as one object again.
fn together(open: Option<String>, personal: Option<String>) -> Option<String> {
    let (Some(open), Some(personal)) = (&open, &personal) else { return open.or(personal) };
    match (serde_json::from_str(open), serde_json::from_str(personal)) {
        (Ok(Value::Object(mut all)), Ok(Value::Object(more))) => {
            all.extend(more);
            Some(Value::Object(all).to_string())
        }
        _ => Some(open.clone()),
    }
}

impl Tx {
    /// Puts a deed on record.
    pub(crate) async fn audit(
        &mut self,
        act: &Act,
        action: &'static str,
        subject: &'static str,
        subject_id: Uuid,
        old: Option<Facts>,
        new: Option<Facts>,
    ) -> Result<(), StoreError> {
        debug_assert!(AUDIT_SUBJECTS.contains(&subject), "{subject} is not listed");
        let region = self.region();
        let id = self.id(act.at);
        let actor = act.actor.person().map(|id| id.0);
        let token = act.token.map(|id| id.0);
        let (old, old_personal) = halves(old);
        let (new, new_personal) = halves(new);
        let whole = act.origin.is_some() || old_personal.is_some() || new_personal.is_some();
        if !whole {
            on!(self, |c| sqlx::query(INSERT_AUDIT)
                .bind(region.0)
                .bind(id)
                .bind(act.at)
                .bind(actor)
                .bind(action)
                .bind(subject)
                .bind(subject_id)
                .bind(&old)
                .bind(&new)
                .bind(token)
                .execute(c)
                .await
                .map(|_| ()))?;
            return Ok(());
        }
        let text = INSERT_DEED.on(&self.conn);
        on!(self, |c| sqlx::query(text)
            .bind(region.0)
            .bind(id)
            .bind(act.at)
            .bind(actor)
            .bind(action)
            .bind(subject)
            .bind(subject_id)
            .bind(&old)
            .bind(&new)
            .bind(token)
            .bind(&act.origin)
            .bind(&old_personal)
            .bind(&new_personal)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

/// As they are stored.
pub(crate) fn halves(facts: Option<Facts>) -> (Option<String>, Option<String>) {
    facts.map_or((None, None), |facts| (Some(facts.open.to_string()), facts.personal.map(|personal| personal.to_string())))
}

/// Instants that both engines can compare with, before and after all that will ever be noted.
fn bound(year: i32) -> Instant {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN).and_utc()
}

impl Store {
    /// The deeds of a region that the filter asks for, the oldest first.
    pub async fn list_audit(&self, scope: Scope, filter: AuditFilter, page: Page) -> Result<Listing<AuditRow>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let AuditFilter { actor, token, subject, subject_id, from, until } = filter;
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_AUDIT)
                    .bind(region.0)
                    .bind(actor.is_none())
                    .bind(actor.map_or_else(Uuid::nil, |id| id.0))
                    .bind(token.is_none())
                    .bind(token.map_or_else(Uuid::nil, |id| id.0))
                    .bind(subject.is_none())
                    .bind(subject.as_deref().unwrap_or_default())
                    .bind(subject_id.is_none())
                    .bind(subject_id.unwrap_or_else(Uuid::nil))
                    .bind(from.unwrap_or_else(|| bound(1970)))
                    .bind(until.unwrap_or_else(|| bound(9999)))
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                Ok(Listing::cut(rows.into_iter().map(AuditRow::from).collect(), page, |row| row.id))
            })
        })
        .await
    }
}
