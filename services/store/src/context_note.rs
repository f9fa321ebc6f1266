//! Context notes.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    context_note::{ContextNote, Matter, NewContextNote},
    id::{ContextNoteId, IndicatorId, PartnershipId},
    period::Period,
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_CONTEXT_NOTE = "INSERT INTO context_notes (region_id, context_note_id, indicator_id, partnership_id, starts_on, ends_on, sentence, created_at, \
        revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)";
    REMOVE_CONTEXT_NOTE = "UPDATE context_notes SET removed_at = $3, remove_reason = $4, revision = revision + 1 \
        WHERE region_id = $1 AND context_note_id = $2 AND revision = $5";
    GET_CONTEXT_NOTE = "SELECT context_note_id, indicator_id, partnership_id, starts_on, ends_on, sentence, remove_reason, removed_at, created_at, revision \
        FROM context_notes WHERE region_id = $1 AND context_note_id = $2";
    LIST_CONTEXT_NOTES = "SELECT context_note_id, indicator_id, partnership_id, starts_on, ends_on, sentence, remove_reason, removed_at, created_at, revision \
        FROM context_notes WHERE region_id = $1 AND context_note_id > $2 ORDER BY context_note_id LIMIT $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    context_note_id: Uuid,
    indicator_id: Option<Uuid>,
    partnership_id: Option<Uuid>,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    sentence: String,
    remove_reason: Option<String>,
    removed_at: Option<Instant>,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for ContextNote {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("context_notes", column);
        let line = |text: &str, column| Line::parse(text, Line::SENTENCE).map_err(|_| bad(column));
        let reason = row.remove_reason.map(|text| line(&text, "remove_reason")).transpose()?;
        Ok(Self {
            id: ContextNoteId(row.context_note_id),
            matter: Matter {
                indicator: row.indicator_id.map(IndicatorId),
                partnership: row.partnership_id.map(PartnershipId),
                days: Period::new(row.starts_on, row.ends_on).map_err(|_| bad("starts_on"))?,
                sentence: line(&row.sentence, "sentence")?,
            },
            removed: row.removed_at.zip(reason),
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(note: &ContextNote) -> Facts {
    let Matter { indicator, partnership, days, sentence } = &note.matter;
    Facts::open(json!({
        "indicator": indicator, "partnership": partnership, "days": days, "sentence": sentence.as_str(),
        "removed_at": note.removed.as_ref().map(|(at, _)| at), "remove_reason": note.removed.as_ref().map(|(_, reason)| reason.as_str()),
    }))
}

impl Tx {
    async fn get_context_note(&mut self, id: ContextNoteId) -> Result<ContextNote, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_CONTEXT_NOTE).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("context note"))?.try_into()
    }

    pub(crate) async fn list_context_notes(&mut self, page: Page) -> Result<Vec<ContextNote>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(LIST_CONTEXT_NOTES).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
        rows.into_iter().map(ContextNote::try_from).collect()
    }
}

impl Store {
    /// Enters a context note.
    pub async fn create_context_note(&self, scope: Scope, act: &Act, new: NewContextNote) -> Result<ContextNote, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_context_note(ContextNoteId(id)).await;
                }
                let region = tx.region();
                let Matter { indicator, partnership, days, sentence } = &new.matter;
                if let Some(indicator) = indicator {
                    tx.get_indicator(*indicator).await?;
                }
                if let Some(partnership) = partnership {
                    tx.get_partnership(*partnership).await?;
                }
                on!(tx, |c| sqlx::query(INSERT_CONTEXT_NOTE)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(indicator.map(|id| id.0))
                    .bind(partnership.map(|id| id.0))
                    .bind(days.start())
                    .bind(days.end())
                    .bind(sentence.as_str())
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                let made = tx.get_context_note(new.id).await?;
                if tx.list_context_notes(Page::all()).await?.len() > ContextNote::MOST {
                    return Err(Refusal::TooManyContextNotes.into());
                }
                tx.audit(&act, "create", "context_note", new.id.0, None, Some(facts(&made))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One context note.
    pub async fn get_context_note(&self, scope: Scope, id: ContextNoteId) -> Result<ContextNote, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_context_note(id).await })).await
    }

    /// The context notes of the region, those taken back among them, in the order they were entered.
    pub async fn list_context_notes(&self, scope: Scope, page: Page) -> Result<Listing<ContextNote>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { Ok(Listing::cut(tx.list_context_notes(page).await?, page, |n| n.id.0)) })).await
    }

    /// Takes a context note back, and says why. What was printed of it stays printed.
    pub async fn remove_context_note(
        &self,
        scope: Scope,
        act: &Act,
        id: ContextNoteId,
        reason: Line,
        revision: Option<i64>,
    ) -> Result<ContextNote, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_context_note(id).await?;
                error::check_revision("context note", revision, old.revision)?;
                if old.removed.is_some() {
                    return Err(Refusal::AlreadyRemoved.into());
                }
                let region = tx.region();
                let changed = on!(tx, |c| sqlx::query(REMOVE_CONTEXT_NOTE)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(act.at)
                    .bind(reason.as_str())
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("context note", changed)?;
                let new = tx.get_context_note(id).await?;
                tx.audit(&act, "remove", "context_note", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
