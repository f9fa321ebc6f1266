//! Sign-off: every step of a return after it was sent in, and the record of all of them.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    calendar::civil_day,
    clock::Instant,
    committee::Committee,
    cycle::{Cycle, CycleState, Sent},
    document::Hash,
    id::{CycleId, NewsItemId, PartnershipId, PersonId, ReturnId},
    receipt,
    returns::{Return, ReturnState},
    signoff::{self, Deed, Hand, Who},
    text::Line,
};
use uuid::Uuid;

use crate::{Refusal, Store, StoreError, engine::on, error, returns::facts, statement::statements, unit::Tx};

statements! {
    INSERT_STEP = "INSERT INTO return_steps (region_id, return_id, revision, partnership_id, deed, state, reasons, content_hash, done_by, done_at, on_behalf) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    LIST_STEPS = "SELECT revision, deed, state, reasons, content_hash, done_by, done_at, on_behalf FROM return_steps \
        WHERE region_id = $1 AND return_id = $2 ORDER BY revision";
    LIST_LED = "SELECT DISTINCT partnership_id FROM role_grants WHERE region_id = $1 AND role = 'lead' AND starts_on <= $2 \
        AND (ends_on IS NULL OR ends_on >= $2)";
    LIST_SIGNED_NEWS = "SELECT news_item_id, revision FROM news_items WHERE region_id = $1 AND cycle_id = $2 AND partnership_id = $3 \
        AND state = 'submitted' ORDER BY news_item_id";
    /// Whose return, as it stands, an editor has entered.
    LIST_ENTERED = "SELECT r.partnership_id FROM returns r JOIN return_steps s ON s.region_id = r.region_id AND s.return_id = r.return_id \
        AND s.revision = r.content WHERE r.region_id = $1 AND r.cycle_id = $2 AND s.on_behalf IS NOT NULL";
    FIND_STANDING = "SELECT return_id FROM returns WHERE region_id = $1 AND partnership_id = $2 AND cycle_id = $3 AND state IN ('submitted', 'signed', 'accepted')";
}

/// News looks so often at a return that somebody else keeps changing.
const ALTER_ATTEMPTS: usize = 5;

/// A step to be taken with a return that was sent in.
#[derive(Debug, Clone)]
pub struct ReturnStep {
    /// Whose return.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// What is done.
    pub deed: Deed,
    /// As what the person may act.
    pub hands: Vec<Hand>,
    /// Why, where it is sent back.
    pub reasons: Option<Line>,
    /// The revision that was looked at, if the caller minds.
    pub revision: Option<i64>,
}

/// A step on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The revision it made.
    pub revision: i64,
    /// What was done.
    pub deed: Deed,
    /// Where the return then stood.
    pub state: ReturnState,
    /// Why it was sent back.
    pub reasons: Option<Line>,
    /// Of what was sent in or signed; none where nothing was, or before there were receipts.
    pub content_hash: Option<Hash>,
    /// Who; none for the schedule.
    pub by: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// Where an editor entered it for the partnership: how it came.
    pub on_behalf: Option<Line>,
}

#[derive(sqlx::FromRow)]
struct Row {
    revision: i64,
    deed: String,
    state: String,
    reasons: Option<String>,
    content_hash: Option<String>,
    done_by: Option<Uuid>,
    done_at: Instant,
    on_behalf: Option<String>,
}

impl TryFrom<Row> for StepRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("return_steps", column);
        Ok(Self {
            revision: row.revision,
            deed: Deed::from_word(&row.deed).ok_or_else(|| bad("deed"))?,
            state: ReturnState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            reasons: row.reasons.map(|text| Line::parse(&text, Line::SENTENCE)).transpose().map_err(|_| bad("reasons"))?,
            content_hash: row.content_hash.map(|text| Hash::parse(&text).ok_or_else(|| bad("content_hash"))).transpose()?,
            by: row.done_by.map(PersonId),
            at: row.done_at,
            on_behalf: row.on_behalf.map(|text| Line::parse(&text, Line::SENTENCE)).transpose().map_err(|_| bad("on_behalf"))?,
        })
    }
}

impl Tx {
    /// The step that made this revision, for the record.
    pub(crate) async fn note_step(
        &mut self,
        act: &Act,
        deed: Deed,
        made: &Return,
        reasons: Option<&Line>,
        hash: Option<Hash>,
        on_behalf: Option<&Line>,
    ) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_STEP)
            .bind(region.0)
            .bind(made.id.0)
            .bind(made.revision)
            .bind(made.partnership.0)
            .bind(deed.word())
            .bind(made.state.word())
            .bind(reasons.map(Line::as_str))
            .bind(hash.map(|hash| hash.to_string()))
            .bind(act.actor.person().map(|id| id.0))
            .bind(act.at)
            .bind(on_behalf.map(Line::as_str))
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The cycle, if it takes this return now. Closed to new ones it still takes, until its paper is out, one that was sent back
    /// or recalled.
    pub(crate) async fn cycle_for_return(
        &mut self,
        id: CycleId,
        partnership: PartnershipId,
        now: Instant,
        old: Option<&Return>,
    ) -> Result<Cycle, StoreError> {
        let again = old.is_some_and(|old| matches!(old.state, ReturnState::SentBack | ReturnState::Draft));
        // One that was withdrawn is not there to be corrected.
        let sent = if old.is_some_and(|old| old.state != ReturnState::Withdrawn) { Sent::Correction } else { Sent::New };
        match self.cycle_for_submission(id, Some(partnership), sent, now).await {
            Err(StoreError::Refused(Refusal::CycleClosed { .. })) if again => {
                let cycle = self.standing_cycle(id).await?;
                if cycle.state == CycleState::Published { Err(Refusal::AlreadyReleased.into()) } else { Ok(cycle) }
            }
            judged => judged,
        }
    }

    /// News of a partnership changes: what its lead signed, or has read and is about to sign, is not what stands.
    pub(crate) async fn alter_return(&mut self, act: &Act, partnership: Option<PartnershipId>, cycle: CycleId) -> Result<(), StoreError> {
        let Some(partnership) = partnership else { return Ok(()) };
        let region = self.region();
        for _ in 0..ALTER_ATTEMPTS {
            let id: Option<Uuid> =
                on!(self, |c| sqlx::query_scalar(FIND_STANDING).bind(region.0).bind(partnership.0).bind(cycle.0).fetch_optional(c).await)?;
            let Some(id) = id else { return Ok(()) };
            let old = self.load_return(ReturnId(id)).await?;
            let state = signoff::after(old.state, Deed::Alter, &Who::apart(Hand::Officer), true)?;
            match self.take_step(act, &old, Deed::Alter, state, None, None).await {
                Ok(_) => return Ok(()),
                // Somebody was faster, and it may have been the lead with a signature: looked at again.
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Changed("return"))
    }

    /// Writes a step that leaves the content as it is.
    pub(crate) async fn take_step(
        &mut self,
        act: &Act,
        old: &Return,
        deed: Deed,
        state: ReturnState,
        reasons: Option<&Line>,
        hash: Option<Hash>,
    ) -> Result<Return, StoreError> {
        self.set_return(old, state, old.sent).await?;
        let new = self.load_return(old.id).await?;
        self.note_step(act, deed, &new, reasons, hash, None).await?;
        let told = facts(&new);
        let told = match reasons {
            Some(reasons) => told.and_personal(serde_json::json!({ "content": new.content, "reasons": reasons.as_str() })),
            None => told,
        };
        self.audit(act, deed.word(), "return", old.id.0, Some(facts(old)), Some(told)).await?;
        Ok(new)
    }

    /// The items of news that go with a return.
    async fn signed_news(&mut self, partnership: PartnershipId, cycle: CycleId) -> Result<Vec<(NewsItemId, i64)>, StoreError> {
        let region = self.region();
        let rows: Vec<(Uuid, i64)> =
            on!(self, |c| sqlx::query_as(LIST_SIGNED_NEWS).bind(region.0).bind(cycle.0).bind(partnership.0).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id, revision)| (NewsItemId(id), revision)).collect())
    }

    /// Which of a committee's partnerships must sign what a paper prints, by who leads them on `day`.
    pub(crate) async fn signing(&mut self, committee: &Committee, day: NaiveDate) -> Result<Vec<PartnershipId>, StoreError> {
        let region = self.region();
        let led: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_LED).bind(region.0).bind(day).fetch_all(c).await)?;
        let asks = |id: &PartnershipId| committee.sign_off.asks(led.contains(&id.0));
        Ok(committee.partnerships.iter().copied().filter(asks).collect())
    }

    /// For which partnerships an editor has entered the return that stands.
    pub(crate) async fn entered(&mut self, cycle: CycleId) -> Result<Vec<PartnershipId>, StoreError> {
        let region = self.region();
        let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_ENTERED).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        Ok(ids.into_iter().map(PartnershipId).collect())
    }

    pub(crate) async fn signing_for(&mut self, cycle: &Cycle) -> Result<Vec<PartnershipId>, StoreError> {
        let committee = self.get_committee(cycle.committee).await?;
        let region = self.region();
        let zone = self.get_region(region).await?.zone;
        self.signing(&committee, civil_day(cycle.timetable.deadline_at, zone)).await
    }

    /// Everything that a frozen paper prints is frozen with it. What was changed since it was gathered is not what is printed.
    pub(crate) async fn freeze_returns(&mut self, act: &Act, printed: &[(ReturnId, i64)]) -> Result<(), StoreError> {
        for (id, revision) in printed {
            let old = self.load_return(*id).await?;
            if old.revision != *revision {
                return Err(StoreError::Changed("return"));
            }
            if old.state != ReturnState::Frozen {
                // Whether it had to be signed was judged when it was gathered, and it has not changed since.
                let state = signoff::after(old.state, Deed::Freeze, &Who::apart(Hand::Schedule), false)?;
                self.take_step(act, &old, Deed::Freeze, state, None, None).await?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// Signs a return, sends it back, accepts or recalls it, until its cycle's paper is out.
    pub async fn step_return(&self, scope: Scope, act: &Act, by: PersonId, step: ReturnStep) -> Result<Return, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                tx.check_partnership(step.partnership)?;
                let cycle = tx.cycle_for_signing(step.cycle).await?;
                let old = tx.find_return(step.partnership, step.cycle).await?.ok_or(StoreError::NotFound("return"))?;
                error::check_revision("return", step.revision, old.revision)?;
                match cycle.state {
                    CycleState::Published => return Err(Refusal::AlreadyReleased.into()),
                    CycleState::Cancelled => return Err(Refusal::CycleCancelled.into()),
                    CycleState::Planned | CycleState::Open | CycleState::Closed => {}
                }
                let news = tx.signed_news(step.partnership, step.cycle).await?;
                let mut writer = false;
                for (item, _) in &news {
                    writer |= tx.writers(*item).await?.contains(&by);
                }
                // Whoever explains what is asked about a return writes a part of it, which may be printed.
                writer |= tx.explanations(old.id).await?.iter().any(|note| note.by == by);
                let who = Who { hands: step.hands, submitter: old.submitted_by == by, writer };
                let signing = tx.signing_for(&cycle).await?.contains(&step.partnership);
                let state = signoff::after(old.state, step.deed, &who, signing)?;
                // Whoever signs first off answers for what is asked about it; where nobody signs, whoever accepts.
                let signs_off = step.deed == Deed::Sign || (step.deed == Deed::Accept && old.state == ReturnState::Submitted);
                let notes = if signs_off { tx.all_explained(&old, &cycle).await? } else { Vec::new() };
                let hash = (step.deed == Deed::Sign).then(|| receipt::signed_hash(&old, &news, &notes));
                tx.take_step(&act, &old, step.deed, state, step.reasons.as_ref(), hash).await
            })
        })
        .await
    }

    /// Everyone who wrote or changed any of the news that goes with a return, and so cannot sign it.
    pub async fn list_news_writers(&self, scope: Scope, partnership: PartnershipId, cycle: CycleId) -> Result<Vec<PersonId>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                tx.check_partnership(partnership)?;
                let mut all = Vec::new();
                for (item, _) in tx.signed_news(partnership, cycle).await? {
                    all.extend(tx.writers(item).await?);
                }
                all.sort_unstable();
                all.dedup();
                Ok(all)
            })
        })
        .await
    }

    /// Which partnerships must sign what a cycle's paper prints.
    pub async fn list_signing(&self, scope: Scope, cycle: CycleId) -> Result<Vec<PartnershipId>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let cycle = tx.get_cycle(cycle).await?;
                tx.signing_for(&cycle).await
            })
        })
        .await
    }

    /// Every step of a return, the first first.
    pub async fn list_return_steps(&self, scope: Scope, partnership: PartnershipId, cycle: CycleId) -> Result<Vec<StepRecord>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let found = tx.find_return(partnership, cycle).await?.ok_or(StoreError::NotFound("return"))?;
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_STEPS).bind(region.0).bind(found.id.0).fetch_all(c).await)?;
                rows.into_iter().map(TryInto::try_into).collect()
            })
        })
        .await
    }
}
