//! Returns, with every revision of their figures.

use std::collections::HashMap;

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    cycle::Sent,
    document::Origin,
    id::{CycleId, PartnershipId, PersonId, ReturnId},
    observation::Figure,
    period::Period,
    returns::{Content, Manner, NewReturn, Return, ReturnState},
    signoff::{self, Deed, Hand, Who},
    text::Line,
    wording::Subject,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Listing, Page, Refusal, Store, StoreError,
    audit::Facts,
    engine::on,
    error,
    known::Mark,
    statement::statements,
    stored_return::{
        FIND_RETURN, FigureRow, GET_RETURN, GET_REVISION, LIST_RETURNS_OF_ALL, LIST_RETURNS_OF_CYCLE, LIST_RETURNS_OF_PARTNERSHIP,
        StoredReturn,
    },
    unit::Tx,
};

statements! {
    UPDATE_RETURN = "UPDATE returns SET state = $3, revision = $4, content = $5 WHERE region_id = $1 AND return_id = $2 AND revision = $6";
    LIST_SUBMITTERS_OF_CYCLE = "SELECT DISTINCT v.submitted_by FROM returns r JOIN return_revisions v ON v.region_id = r.region_id AND v.return_id = r.return_id \
        WHERE r.region_id = $1 AND r.cycle_id = $2 AND r.state IN ('submitted', 'sent_back', 'signed', 'accepted', 'frozen') ORDER BY v.submitted_by";
    /// What the returns of a cycle say, as they stand. Which returns those are is settled first, as in `LIST_EARLIER`.
    LIST_FIGURES_OF_CYCLE = "WITH standing AS MATERIALIZED (SELECT r.return_id, r.content FROM returns r WHERE r.region_id = $1 AND r.cycle_id = $2) \
        SELECT o.return_id, o.indicator_id, o.period_start, o.period_end, o.status, o.value, o.expected_on, o.reason, o.provisional, o.note \
        FROM standing r JOIN observations o ON o.region_id = $1 AND o.return_id = r.return_id AND o.revision = r.content \
        ORDER BY o.return_id, o.line";
    /// What was answered about any period within some time, in any return that counts but those of one cycle. What no lead has signed does not
    /// count where a signature is asked for; nor does what its own published paper left out, whatever is asked for now.
    /// Which returns count is settled first: taken figure by figure, PostgreSQL would go through all returns of a cycle for each.
    LIST_EARLIER = "WITH rounds AS MATERIALIZED (SELECT c.cycle_id, c.state, k.sign_off FROM cycles c \
            JOIN committees k ON k.region_id = c.region_id AND k.committee_id = c.committee_id WHERE c.region_id = $1 AND c.cycle_id <> $2), \
        counting AS MATERIALIZED (SELECT r.return_id, r.content FROM rounds c JOIN returns r ON r.region_id = $1 AND r.cycle_id = c.cycle_id \
            WHERE r.state IN ('signed', 'accepted', 'frozen') OR (r.state = 'submitted' AND c.state <> 'published' AND (c.sign_off = 'not_required' \
            OR (c.sign_off = 'where_led' AND NOT EXISTS (SELECT 1 FROM role_grants g WHERE g.region_id = $1 \
                AND g.partnership_id = r.partnership_id AND g.role = 'lead' AND g.starts_on <= $5 AND (g.ends_on IS NULL OR g.ends_on >= $5)))))) \
        SELECT o.partnership_id, o.return_id, o.revision, o.indicator_id, o.period_start, o.period_end, o.status, o.value, o.expected_on, o.reason, \
        o.provisional, o.note FROM counting r JOIN observations o ON o.region_id = $1 AND o.return_id = r.return_id AND o.revision = r.content \
        WHERE o.period_start >= $3 AND o.period_end <= $4 ORDER BY o.return_id, o.line";
}

#[derive(sqlx::FromRow)]
struct FigureOfReturn {
    return_id: Uuid,
    #[sqlx(flatten)]
    figure: FigureRow,
}

#[derive(sqlx::FromRow)]
struct EarlierRow {
    partnership_id: Uuid,
    return_id: Uuid,
    revision: i64,
    #[sqlx(flatten)]
    figure: FigureRow,
}

/// Which returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnFilter {
    /// Whose; none: of every partnership.
    pub partnership: Option<PartnershipId>,
    /// For which cycle; none: for any.
    pub cycle: Option<CycleId>,
}

/// A figure from elsewhere: a return of another cycle carried it, or it was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierFigure {
    /// Where it comes from: a return, in one of its revisions, or an import.
    pub origin: Origin,
    /// The figure.
    pub figure: Figure,
}

pub(crate) fn facts(r: &Return) -> Facts {
    Facts::open(json!({ "cycle": r.cycle, "partnership": r.partnership, "state": r.state.word(), "revision": r.revision }))
        .and_personal(json!({ "content": r.content, "remark": r.remark.as_ref().map(Line::as_str) }))
}

impl Tx {
    async fn get_return(&mut self, partnership: PartnershipId, id: ReturnId) -> Result<Return, StoreError> {
        self.check_partnership(partnership)?;
        let found = self.load_return(id).await?;
        if found.partnership == partnership { Ok(found) } else { Err(StoreError::NotFound("return")) }
    }

    pub(crate) async fn load_return(&mut self, id: ReturnId) -> Result<Return, StoreError> {
        let (region, text) = (self.region(), GET_RETURN.on(&self.conn));
        let row: Option<StoredReturn> = on!(self, |c| sqlx::query_as(text).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("return"))?.try_into()
    }

    /// What a return said in one of the revisions that were sent in.
    pub(crate) async fn load_revision(&mut self, id: ReturnId, revision: i64) -> Result<Return, StoreError> {
        let (region, text) = (self.region(), GET_REVISION.on(&self.conn));
        let row: Option<StoredReturn> =
            on!(self, |c| sqlx::query_as(text).bind(region.0).bind(id.0).bind(revision).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("return"))?.try_into()
    }

    pub(crate) async fn find_return(&mut self, partnership: PartnershipId, cycle: CycleId) -> Result<Option<Return>, StoreError> {
        let (region, text) = (self.region(), FIND_RETURN.on(&self.conn));
        self.check_partnership(partnership)?;
        let row: Option<StoredReturn> =
            on!(self, |c| sqlx::query_as(text).bind(region.0).bind(partnership.0).bind(cycle.0).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Before the revision's own rows: of two who correct the same revision, the second must find here that it
    /// was overtaken, not stumble over the first one's rows.
    pub(crate) async fn set_return(&mut self, old: &Return, state: ReturnState, content: i64) -> Result<(), StoreError> {
        let region = self.region();
        let changed = on!(self, |c| sqlx::query(UPDATE_RETURN)
            .bind(region.0)
            .bind(old.id.0)
            .bind(state.word())
            .bind(old.revision + 1)
            .bind(content)
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("return", changed)
    }

    /// Everyone who sent in any revision of what counts in a cycle.
    pub(crate) async fn submitters_of(&mut self, cycle: CycleId) -> Result<Vec<PersonId>, StoreError> {
        let region = self.region();
        let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_SUBMITTERS_OF_CYCLE).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        Ok(ids.into_iter().map(PersonId).collect())
    }

    /// The returns that were received for a cycle, whether or not they are printed.
    pub(crate) async fn returns_of_cycle(&mut self, cycle: CycleId) -> Result<Vec<Return>, StoreError> {
        let (region, text) = (self.region(), LIST_RETURNS_OF_CYCLE.on(&self.conn));
        let rows: Vec<StoredReturn> = on!(self, |c| sqlx::query_as(text).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let told: Vec<FigureOfReturn> =
            on!(self, |c| sqlx::query_as(LIST_FIGURES_OF_CYCLE).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let mut figures_of: HashMap<Uuid, Vec<Figure>> = HashMap::new();
        for row in told {
            figures_of.entry(row.return_id).or_default().push(row.figure.try_into()?);
        }
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let mut answer = Return::try_from(row)?;
            if let Content::Full { figures, .. } = &mut answer.content {
                *figures = figures_of.remove(&answer.id.0).unwrap_or_default();
            }
            if answer.state.received() {
                found.push(answer);
            }
        }
        Ok(found)
    }

    /// Returns of every partnership, for one cycle or for all.
    async fn returns(&mut self, cycle: Option<CycleId>, after: Uuid, limit: i64) -> Result<Vec<Return>, StoreError> {
        let (region, text) = (self.region(), LIST_RETURNS_OF_ALL.on(&self.conn));
        let rows: Vec<StoredReturn> = on!(self, |c| sqlx::query_as(text)
            .bind(region.0)
            .bind(cycle.is_none())
            .bind(cycle.map_or_else(Uuid::nil, |id| id.0))
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns of one partnership, for one cycle or for all.
    async fn returns_of(&mut self, partnership: PartnershipId, cycle: Option<CycleId>, page: Page) -> Result<Vec<Return>, StoreError> {
        self.check_partnership(partnership)?;
        let (region, text) = (self.region(), LIST_RETURNS_OF_PARTNERSHIP.on(&self.conn));
        let rows: Vec<StoredReturn> = on!(self, |c| sqlx::query_as(text)
            .bind(region.0)
            .bind(partnership.0)
            .bind(cycle.is_none())
            .bind(cycle.map_or_else(Uuid::nil, |id| id.0))
            .bind(page.after)
            .bind(page.limit())
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// What other cycles' returns say about anything within a time, by partnership; the newest last.
    pub(crate) async fn earlier_figures(
        &mut self,
        cycle: CycleId,
        within: Period,
        day: NaiveDate,
    ) -> Result<HashMap<PartnershipId, Vec<EarlierFigure>>, StoreError> {
        let region = self.region();
        let rows: Vec<EarlierRow> = on!(self, |c| sqlx::query_as(LIST_EARLIER)
            .bind(region.0)
            .bind(cycle.0)
            .bind(within.start())
            .bind(within.end())
            .bind(day)
            .fetch_all(c)
            .await)?;
        let mut by_partnership: HashMap<PartnershipId, Vec<EarlierFigure>> = HashMap::new();
        for row in rows {
            let figure = EarlierFigure {
                origin: Origin::Return { id: ReturnId(row.return_id), revision: row.revision },
                figure: row.figure.try_into()?,
            };
            by_partnership.entry(PartnershipId(row.partnership_id)).or_default().push(figure);
        }
        Ok(by_partnership)
    }
}

impl Store {
    /// Takes in a return, while its cycle accepts submissions. One that was withdrawn may be sent in
    /// again; one that counts is corrected, not sent twice.
    pub async fn create_return(&self, scope: Scope, act: &Act, by: PersonId, new: NewReturn) -> Result<Return, StoreError> {
        self.submit_return(scope, act, by, new, Manner::default()).await
    }

    /// The same, and how it is sent in.
    pub async fn submit_return(&self, scope: Scope, act: &Act, by: PersonId, new: NewReturn, manner: Manner) -> Result<Return, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let Some(met) = tx.enter_return(&act, &new).await? else {
                    let made = tx.made_before(&act).await?.ok_or(StoreError::NotFound("return"))?;
                    return tx.get_return(new.partnership, ReturnId(made)).await;
                };
                let old = if met.is_first() { None } else { tx.find_return(new.partnership, new.cycle).await? };
                // Whatever stands in the way is said in one place.
                if old.is_some() || !met.takes_new(act.at)? {
                    tx.cycle_for_return(new.cycle, new.partnership, act.at, old.as_ref()).await?;
                }
                let (id, state, revision) = match &old {
                    None => (new.id, ReturnState::Submitted, 1),
                    Some(old) if !matches!(old.state, ReturnState::Submitted | ReturnState::Signed | ReturnState::Accepted) => {
                        let state = signoff::after(old.state, Deed::Submit, &Who::apart(Hand::Officer), false)?;
                        tx.set_return(old, state, old.revision + 1).await?;
                        tx.move_request(&act, old.id.0).await?;
                        tx.lapse_wordings(&act, old.cycle, Subject::Return(old.id)).await?;
                        (old.id, state, old.revision + 1)
                    }
                    Some(_) => return Err(StoreError::AlreadyExists("a return for this cycle; correct it instead".to_owned())),
                };
                let made = new.made(id, state, by, act.at, revision);
                tx.put_revision(&act, Deed::Submit, &made, old.is_none(), manner.on_behalf.as_ref()).await?;
                tx.want_receipt(&act, &made, &manner).await?;
                tx.audit(&act, "submit", "return", id.0, old.as_ref().map(facts), Some(facts(&made))).await?;
                Ok(made)
            })
        })
        .await
    }

    /// Corrects a return as a whole, while its cycle accepts submissions.
    pub async fn update_return(
        &self,
        scope: Scope,
        act: &Act,
        by: PersonId,
        new: NewReturn,
        revision: Option<i64>,
    ) -> Result<Return, StoreError> {
        self.correct_return(scope, act, by, new, revision, Manner::default()).await
    }

    /// The same, and how it is sent in.
    pub async fn correct_return(
        &self,
        scope: Scope,
        act: &Act,
        by: PersonId,
        new: NewReturn,
        revision: Option<i64>,
        manner: Manner,
    ) -> Result<Return, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.find_return(new.partnership, new.cycle).await?.ok_or(StoreError::NotFound("return"))?;
                error::check_revision("return", revision, old.revision)?;
                tx.cycle_for_return(new.cycle, new.partnership, act.at, Some(&old)).await?;
                let state = signoff::after(old.state, Deed::Correct, &Who::apart(Hand::Officer), false)?;
                tx.set_return(&old, state, old.revision + 1).await?;
                let made = new.made(old.id, state, by, act.at, old.revision + 1);
                tx.put_revision(&act, Deed::Correct, &made, false, manner.on_behalf.as_ref()).await?;
                tx.want_receipt(&act, &made, &manner).await?;
                tx.audit(&act, "correct", "return", old.id.0, Some(facts(&old)), Some(facts(&made))).await?;
                tx.lapse_wordings(&act, old.cycle, Subject::Return(old.id)).await?;
                Ok(made)
            })
        })
        .await
    }

    /// Takes a return back, while its cycle accepts submissions. What it said stays on record.
    pub async fn withdraw_return(
        &self,
        scope: Scope,
        act: &Act,
        partnership: PartnershipId,
        cycle: CycleId,
        revision: Option<i64>,
    ) -> Result<Return, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.find_return(partnership, cycle).await?.ok_or(StoreError::NotFound("return"))?;
                error::check_revision("return", revision, old.revision)?;
                tx.cycle_for_submission(cycle, Some(partnership), Sent::Correction, act.at).await?;
                if old.state == ReturnState::Withdrawn {
                    return Err(Refusal::AlreadyWithdrawn.into());
                }
                let state = signoff::after(old.state, Deed::Withdraw, &Who::apart(Hand::Officer), false)?;
                // The content that counted stays where it is; the revision counts the withdrawal.
                tx.set_return(&old, state, old.sent).await?;
                let new = tx.load_return(old.id).await?;
                tx.note_step(&act, Deed::Withdraw, &new, None, None, None).await?;
                tx.audit(&act, "withdraw", "return", old.id.0, Some(facts(&old)), Some(facts(&new))).await?;
                tx.lapse_wordings(&act, old.cycle, Subject::Return(old.id)).await?;
                Ok(new)
            })
        })
        .await
    }

    /// A partnership's return for a cycle.
    pub async fn find_return(&self, scope: Scope, partnership: PartnershipId, cycle: CycleId) -> Result<Option<Return>, StoreError> {
        let (asked, writes) = ((scope, partnership, cycle), self.lookout.writes().map(Mark::Writes));
        let mark = match (writes, scope.region()) {
            (None, Some(region)) if self.known.knows_return(&asked) => {
                self.lookout.look_at_return((region, partnership, cycle)).await?.map(Mark::Revision)
            }
            (writes, _) => writes,
        };
        if let Some(found) = mark.and_then(|mark| self.known.recall_return(&asked, mark)) {
            return Ok(Some(found));
        }
        let found = self.read(scope, move |tx| Box::pin(async move { tx.find_return(partnership, cycle).await })).await?;
        if let Some(found) = &found {
            self.known.remember_return(asked, writes.unwrap_or(Mark::Revision(found.revision)), found);
        }
        Ok(found)
    }

    /// Returns, withdrawn ones included, in order of first submission.
    pub async fn list_returns(&self, scope: Scope, filter: ReturnFilter, page: Page) -> Result<Listing<Return>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let items = match filter.partnership {
                    Some(partnership) => tx.returns_of(partnership, filter.cycle, page).await?,
                    None if tx.confined_to().is_some() => return Err(StoreError::NotFound("partnership")),
                    None => tx.returns(filter.cycle, page.after, page.limit()).await?,
                };
                Ok(Listing::cut(items, page, |r| r.id.0))
            })
        })
        .await
    }
}
