//! Wordings: what editors propose for a partnership's words, and what leads answer.

use csp_domain::{
    Act, Scope,
    act::Actor,
    clock::Instant,
    cycle::{Cycle, CycleState},
    id::{CycleId, NewsItemId, PartnershipId, PersonId, RegionId, ReturnId, WordingId},
    joint::JointState,
    news::{NewsItem, NewsOwner, NewsState},
    returns::{Return, ReturnState},
    signoff::Hand,
    text::Line,
    wording::{
        Answerer, Ended, NewWording, Subject, WhyNot, Wording, WordingDeed, WordingRefused, WordingState, WordingTally, Words, after,
    },
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

macro_rules! selected {
    ($rest:literal) => {
        concat!(
            "SELECT wording_id, partnership_id, cycle_id, news_item_id, return_id, of_revision, original, proposed, note, state, proposed_by, \
            proposed_at, ended_by, ended_at, reason, revision FROM wordings WHERE region_id = $1 AND ",
            $rest
        )
    };
}

// In order of proposal by its time, not by the key: SQLite would read all of a region's along the key, and leave the index.
statements! {
    INSERT_WORDING = "INSERT INTO wordings (region_id, wording_id, partnership_id, cycle_id, news_item_id, return_id, of_revision, original, proposed, note, \
        state, proposed_by, proposed_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'proposed', $11, $12, 1)";
    UPDATE_WORDING = "UPDATE wordings SET state = $3, ended_by = $4, ended_at = $5, reason = $6, revision = revision + 1 \
        WHERE region_id = $1 AND wording_id = $2 AND revision = $7";
    GET_WORDING = selected!("wording_id = $2");
    LIST_WORDINGS = selected!("($2 OR partnership_id = $3) AND ($4 OR cycle_id = $5) AND wording_id > $6 ORDER BY wording_id LIMIT $7");
    LIST_ACCEPTED = selected!("cycle_id = $2 AND state = 'accepted' ORDER BY proposed_at, wording_id");
    LIST_PROPOSED = selected!("cycle_id = $2 AND state = 'proposed' ORDER BY proposed_at, wording_id");
    LIST_LIVING = selected!("cycle_id = $2 AND (news_item_id = $3 OR return_id = $3) \
        AND state IN ('proposed', 'accepted') ORDER BY proposed_at, wording_id");
    LIST_ACCEPTED_IDS = "SELECT wording_id FROM wordings WHERE region_id = $1 AND cycle_id = $2 AND state = 'accepted' \
        ORDER BY proposed_at, wording_id";
    LIST_WAITING = "SELECT partnership_id, cycle_id, proposed_by, proposed_at, told_at FROM wordings WHERE region_id = $1 AND state = 'proposed' \
        ORDER BY proposed_at, wording_id";
    TELL_WORDINGS = "UPDATE wordings SET told_at = $3 WHERE region_id = $1 AND cycle_id = $2 AND state = 'proposed' AND told_at IS NULL AND proposed_at < $3";
    UNTELL_WORDINGS = "UPDATE wordings SET told_at = NULL WHERE region_id = $1 AND state = 'proposed' AND told_at = $2";
    TALLY_WORDINGS = "SELECT partnership_id, state, COUNT(*) FROM wordings WHERE region_id = $1 AND cycle_id = $2 GROUP BY partnership_id, state \
        ORDER BY partnership_id, state";
    /// What was proposed for one partnership's words in a cycle, to be kept within bounds.
    SIZE_OF_WORDINGS = "SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(proposed) + LENGTH(original)), 0) AS BIGINT) FROM wordings \
        WHERE region_id = $1 AND cycle_id = $2 AND partnership_id = $3";
}

/// The most wordings that editors may propose for one partnership's words in a cycle: two for each item that it may send in.
const MAX_WORDINGS: i64 = 400;
/// The most they may hold together, in characters as stored, the words they are wordings of among them.
const MAX_SIZE: i64 = 8 * 1024 * 1024;

#[derive(sqlx::FromRow)]
struct Row {
    wording_id: Uuid,
    partnership_id: Uuid,
    cycle_id: Uuid,
    news_item_id: Option<Uuid>,
    return_id: Option<Uuid>,
    of_revision: i64,
    original: String,
    proposed: String,
    note: Option<String>,
    state: String,
    proposed_by: Uuid,
    proposed_at: Instant,
    ended_by: Option<Uuid>,
    ended_at: Option<Instant>,
    reason: Option<String>,
    revision: i64,
}

impl TryFrom<Row> for Wording {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("wordings", column);
        let line = |text: Option<String>, column| text.map(|text| Line::parse(&text, Line::SENTENCE)).transpose().map_err(|_| bad(column));
        let subject = match (row.news_item_id, row.return_id) {
            (Some(id), None) => Subject::News(NewsItemId(id)),
            (None, Some(id)) => Subject::Return(ReturnId(id)),
            _ => return Err(bad("news_item_id")),
        };
        let reason = line(row.reason, "reason")?;
        Ok(Self {
            id: WordingId(row.wording_id),
            partnership: PartnershipId(row.partnership_id),
            cycle: CycleId(row.cycle_id),
            subject,
            of_revision: row.of_revision,
            original: serde_json::from_str(&row.original).map_err(|_| bad("original"))?,
            proposed: serde_json::from_str(&row.proposed).map_err(|_| bad("proposed"))?,
            note: line(row.note, "note")?,
            state: WordingState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            by: PersonId(row.proposed_by),
            at: row.proposed_at,
            ended: row.ended_at.map(|at| Ended { by: row.ended_by.map(PersonId), at, reason }),
            revision: row.revision,
        })
    }
}

/// Which wordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordingFilter {
    /// Of whose words; none: of every partnership's.
    pub partnership: Option<PartnershipId>,
    /// For which cycle; none: for any.
    pub cycle: Option<CycleId>,
}

/// A step to be taken with a wording.
#[derive(Debug, Clone)]
pub struct WordingStep {
    /// Whose words.
    pub partnership: PartnershipId,
    /// Which wording.
    pub id: WordingId,
    /// What is done.
    pub deed: WordingDeed,
    /// As what the person may act.
    pub hands: Vec<Hand>,
    /// Why, where it is refused.
    pub reason: Option<Line>,
    /// The revision that was read, if the caller minds.
    pub revision: Option<i64>,
}

/// A wording that waits for an answer, in a cycle whose paper is not out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingWording {
    /// Of whose words.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// Who proposed it.
    pub by: PersonId,
    /// When.
    pub at: Instant,
    /// Whether a letter has spoken of it.
    pub told: bool,
}

fn facts(w: &Wording) -> Facts {
    let (subject, of) = match w.subject {
        Subject::News(id) => ("news_item", id.0),
        Subject::Return(id) => ("return", id.0),
    };
    let reason = w.ended.as_ref().and_then(|ended| ended.reason.as_ref());
    Facts::open(json!({
        "cycle": w.cycle, "partnership": w.partnership, "subject": subject, "of": of, "of_revision": w.of_revision,
        "state": w.state.word(), "revision": w.revision,
    }))
    .and_personal(json!({
        "original": w.original, "proposed": w.proposed, "note": w.note.as_ref().map(Line::as_str), "reason": reason.map(Line::as_str),
    }))
}

/// What a wording may be of, as it stands.
struct Read {
    words: Words,
    /// The version of the words.
    revision: i64,
    /// The version of what they stand in, as whoever reads it is told.
    etag: i64,
}

impl Tx {
    async fn get_wording(&mut self, partnership: PartnershipId, id: WordingId) -> Result<Wording, StoreError> {
        let region = self.region();
        self.check_partnership(partnership)?;
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_WORDING).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        let found: Wording = row.ok_or(StoreError::NotFound("wording"))?.try_into()?;
        if found.partnership == partnership { Ok(found) } else { Err(StoreError::NotFound("wording")) }
    }

    /// The wordings of a cycle that a paper prints.
    pub(crate) async fn accepted_wordings(&mut self, cycle: CycleId) -> Result<Vec<Wording>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_ACCEPTED).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Refuses to freeze a paper with other wordings than have been accepted by now.
    pub(crate) async fn check_worded(&mut self, cycle: CycleId, gathered: &[WordingId]) -> Result<(), StoreError> {
        let region = self.region();
        let now: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_ACCEPTED_IDS).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        if now.into_iter().eq(gathered.iter().map(|id| id.0)) { Ok(()) } else { Err(StoreError::Changed("wording")) }
    }

    /// The wordings of one text that wait for an answer or are printed.
    pub(crate) async fn living_wordings(&mut self, cycle: CycleId, of: Subject) -> Result<Vec<Wording>, StoreError> {
        let region = self.region();
        let of = match of {
            Subject::News(id) => id.0,
            Subject::Return(id) => id.0,
        };
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_LIVING).bind(region.0).bind(cycle.0).bind(of).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One step, with its row on record.
    async fn step_wording(
        &mut self,
        act: &Act,
        old: &Wording,
        deed: WordingDeed,
        state: WordingState,
        reason: Option<&Line>,
    ) -> Result<Wording, StoreError> {
        let region = self.region();
        let changed = on!(self, |c| sqlx::query(UPDATE_WORDING)
            .bind(region.0)
            .bind(old.id.0)
            .bind(state.word())
            .bind(act.actor.person().map(|id| id.0))
            .bind(act.at)
            .bind(reason.map(Line::as_str))
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("wording", changed)?;
        let new = self.get_wording(old.partnership, old.id).await?;
        self.audit(act, deed.word(), "wording", old.id.0, Some(facts(old)), Some(facts(&new))).await?;
        // What is printed is another text now: whoever signed it as an owner signed what stood before. Where the text itself changes, that
        // is said with the change.
        if let Subject::News(item) = old.subject
            && deed != WordingDeed::Lapse
            && (old.state == WordingState::Accepted) != (state == WordingState::Accepted)
        {
            self.alter_joint(act, item, &[]).await?;
        }
        Ok(new)
    }

    /// The partnership changes or withdraws a text: no wording of what it was counts any more.
    pub(crate) async fn lapse_wordings(&mut self, act: &Act, cycle: CycleId, of: Subject) -> Result<(), StoreError> {
        for old in self.living_wordings(cycle, of).await? {
            let state = after(old.state, WordingDeed::Lapse, &Answerer::apart(Hand::Officer)).map_err(Refusal::Wording)?;
            self.step_wording(act, &old, WordingDeed::Lapse, state, None).await?;
        }
        Ok(())
    }

    /// A paper of the cycle has just been frozen, or the cycle is over: of what counts no more, nothing waits for an answer.
    pub(crate) async fn expire_wordings(&mut self, act: &Act, cycle: CycleId) -> Result<(), StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_PROPOSED).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        if rows.is_empty() {
            return Ok(());
        }
        let cycle = self.get_cycle(cycle).await?;
        let hand = if matches!(act.actor, Actor::System) { Hand::Schedule } else { Hand::Editor };
        for row in rows {
            let old: Wording = row.try_into()?;
            if self.are_words_frozen(&cycle, old.partnership, old.subject, act.at).await? {
                let state = after(old.state, WordingDeed::Expire, &Answerer::apart(hand)).map_err(Refusal::Wording)?;
                self.step_wording(act, &old, WordingDeed::Expire, state, None).await?;
            }
        }
        Ok(())
    }

    /// Whether a partnership's words are in a frozen paper. Where its lead must sign, they are with its return; elsewhere with the
    /// first paper, which prints whatever was there.
    async fn are_words_frozen(
        &mut self,
        cycle: &Cycle,
        partnership: PartnershipId,
        subject: Subject,
        now: Instant,
    ) -> Result<bool, StoreError> {
        // What is over prints nothing more.
        if matches!(cycle.state, CycleState::Published | CycleState::Cancelled) {
            return Ok(true);
        }
        // What others own too is frozen with their signatures, whatever becomes of the first owner's return.
        if let Subject::News(item) = subject
            && self.joint_owners(item).await?.iter().any(|owner| owner.state == JointState::Frozen)
        {
            return Ok(true);
        }
        match self.find_return(partnership, cycle.id).await?.map(|answer| answer.state) {
            Some(ReturnState::Frozen) => return Ok(true),
            // What was sent back or taken back was not printed, and may come again.
            Some(ReturnState::SentBack | ReturnState::Draft) => return Ok(false),
            _ => {}
        }
        let past = cycle.state == CycleState::Closed || now > cycle.timetable.freeze_at;
        Ok(past && !self.signing_for(cycle).await?.contains(&partnership))
    }

    /// The words that stand, if they are there to be worded otherwise.
    async fn words_of(&mut self, partnership: PartnershipId, cycle: CycleId, subject: Subject) -> Result<Read, StoreError> {
        match subject {
            Subject::News(id) => {
                let item: NewsItem = self.get_news_item(NewsOwner::Partnership(partnership), id).await?;
                if item.cycle != cycle {
                    return Err(StoreError::NotFound("news item"));
                }
                if item.state == NewsState::Withdrawn {
                    return Err(Refusal::AlreadyWithdrawn.into());
                }
                Ok(Read { words: Words::of_news(&item), revision: item.revision, etag: item.revision })
            }
            Subject::Return(id) => {
                let answer = self.find_return(partnership, cycle).await?.filter(|answer| answer.id == id);
                let answer: Return = answer.ok_or(StoreError::NotFound("return"))?;
                if !answer.state.received() {
                    return Err(Refusal::AlreadyWithdrawn.into());
                }
                let words = Words::of_return(&answer).ok_or(Refusal::FiguresStand)?;
                // A signature changes the return, and leaves the words.
                Ok(Read { words, revision: answer.sent, etag: answer.revision })
            }
        }
    }

    /// The round of `at` has spoken of what waits for leads in a cycle.
    pub(crate) async fn tell_wordings(&mut self, cycle: CycleId, at: Instant) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(TELL_WORDINGS).bind(region.0).bind(cycle.0).bind(at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// A letter of the round of `at` has not set out: what it spoke of is told by another.
    pub(crate) async fn untell_wordings(&mut self, at: Instant) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(UNTELL_WORDINGS).bind(region.0).bind(at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    async fn check_wording_size(&mut self, partnership: PartnershipId, cycle: CycleId) -> Result<(), StoreError> {
        let region = self.region();
        let (count, size): (i64, i64) =
            on!(self, |c| sqlx::query_as(SIZE_OF_WORDINGS).bind(region.0).bind(cycle.0).bind(partnership.0).fetch_one(c).await)?;
        if count > MAX_WORDINGS || size > MAX_SIZE { Err(Refusal::TooManyWordings.into()) } else { Ok(()) }
    }

    async fn insert_wording(&mut self, act: &Act, by: PersonId, new: &NewWording, read: &Read) -> Result<Wording, StoreError> {
        let region = self.region();
        let (news, answer) = match new.subject {
            Subject::News(id) => (Some(id.0), None),
            Subject::Return(id) => (None, Some(id.0)),
        };
        let (original, proposed) = (words_json(&read.words)?, words_json(&new.proposed)?);
        on!(self, |c| sqlx::query(INSERT_WORDING)
            .bind(region.0)
            .bind(new.id.0)
            .bind(new.partnership.0)
            .bind(new.cycle.0)
            .bind(news)
            .bind(answer)
            .bind(read.revision)
            .bind(&original)
            .bind(&proposed)
            .bind(new.note.as_ref().map(Line::as_str))
            .bind(by.0)
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()))?;
        let made = self.get_wording(new.partnership, new.id).await?;
        self.audit(act, "propose", "wording", new.id.0, None, Some(facts(&made))).await?;
        Ok(made)
    }

    /// How many wordings of each partnership's words stand where.
    pub(crate) async fn wording_tallies(&mut self, cycle: CycleId) -> Result<Vec<(PartnershipId, WordingTally)>, StoreError> {
        let region = self.region();
        let rows: Vec<(Uuid, String, i64)> = on!(self, |c| sqlx::query_as(TALLY_WORDINGS).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let mut tallies: Vec<(PartnershipId, WordingTally)> = Vec::new();
        for (partnership, state, count) in rows {
            let state = WordingState::from_word(&state).ok_or_else(|| error::inconsistent("wordings", "state"))?;
            if tallies.last().is_none_or(|(last, _)| last.0 != partnership) {
                tallies.push((PartnershipId(partnership), WordingTally::default()));
            }
            if let Some((_, tally)) = tallies.last_mut() {
                tally.add(state, u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
        Ok(tallies)
    }
}

fn words_json(words: &Words) -> Result<String, StoreError> {
    serde_json::to_string(words).map_err(|error| StoreError::Failed(Box::new(error)))
}

/// Refuses a cycle whose paper is out, or that was called off.
fn check_not_out(cycle: &Cycle) -> Result<(), StoreError> {
    match cycle.state {
        CycleState::Published => Err(Refusal::AlreadyReleased.into()),
        CycleState::Cancelled => Err(Refusal::CycleCancelled.into()),
        CycleState::Planned | CycleState::Open | CycleState::Closed => Ok(()),
    }
}

impl Store {
    /// Proposes another wording of what a partnership sent in. One that waits for an answer is replaced; one that was accepted
    /// is printed until this one is.
    pub async fn propose_wording(&self, scope: Scope, act: &Act, by: PersonId, new: NewWording) -> Result<Wording, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_wording(new.partnership, WordingId(id)).await;
                }
                tx.check_partnership(new.partnership)?;
                let cycle = tx.cycle_for_signing(new.cycle).await?;
                check_not_out(&cycle)?;
                let read = tx.words_of(new.partnership, new.cycle, new.subject).await?;
                error::check_revision("text", new.etag, read.etag)?;
                if tx.are_words_frozen(&cycle, new.partnership, new.subject, act.at).await? {
                    let (deed, state) = (WordingDeed::Replace, WordingState::Unanswered);
                    return Err(Refusal::Wording(WordingRefused { deed, state, why: WhyNot::Frozen }).into());
                }
                if read.words == new.proposed {
                    return Err(Refusal::SameWords.into());
                }
                for old in tx.living_wordings(new.cycle, new.subject).await? {
                    if old.state == WordingState::Proposed {
                        let state = after(old.state, WordingDeed::Replace, &Answerer::apart(Hand::Editor)).map_err(Refusal::Wording)?;
                        tx.step_wording(&act, &old, WordingDeed::Replace, state, None).await?;
                    }
                }
                let made = tx.insert_wording(&act, by, &new, &read).await?;
                tx.check_wording_size(new.partnership, new.cycle).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One wording of a partnership's words.
    pub async fn get_wording(&self, scope: Scope, partnership: PartnershipId, id: WordingId) -> Result<Wording, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_wording(partnership, id).await })).await
    }

    /// Wordings, whatever became of them, in order of proposal.
    pub async fn list_wordings(&self, scope: Scope, filter: WordingFilter, page: Page) -> Result<Listing<Wording>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                match filter.partnership {
                    Some(partnership) => tx.check_partnership(partnership)?,
                    None if tx.confined_to().is_some() => return Err(StoreError::NotFound("partnership")),
                    None => {}
                }
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_WORDINGS)
                    .bind(region.0)
                    .bind(filter.partnership.is_none())
                    .bind(filter.partnership.map_or_else(Uuid::nil, |id| id.0))
                    .bind(filter.cycle.is_none())
                    .bind(filter.cycle.map_or_else(Uuid::nil, |id| id.0))
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let items = rows.into_iter().map(Wording::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |w| w.id.0))
            })
        })
        .await
    }

    /// Accepts, refuses or takes back a wording, until the words are in a frozen paper.
    pub async fn step_wording(&self, scope: Scope, act: &Act, by: PersonId, step: WordingStep) -> Result<Wording, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let found = tx.get_wording(step.partnership, step.id).await?;
                let cycle = tx.cycle_for_signing(found.cycle).await?;
                // Read again: nobody else changes it from now on.
                let old = tx.get_wording(step.partnership, step.id).await?;
                error::check_revision("wording", step.revision, old.revision)?;
                check_not_out(&cycle)?;
                let frozen = tx.are_words_frozen(&cycle, step.partnership, old.subject, act.at).await?;
                let who = Answerer { hands: step.hands, proposer: old.by == by, frozen };
                let state = after(old.state, step.deed, &who).map_err(Refusal::Wording)?;
                if state == WordingState::Accepted {
                    for before in tx.living_wordings(old.cycle, old.subject).await?.into_iter().filter(|before| before.id != old.id) {
                        let state = after(before.state, WordingDeed::Replace, &Answerer::apart(Hand::Lead)).map_err(Refusal::Wording)?;
                        tx.step_wording(&act, &before, WordingDeed::Replace, state, None).await?;
                    }
                }
                // What prints is another text from here on: whoever signed, or has read and is about to, reads it again. Where the lead accepts
                // after signing, it is the lead who changed it.
                if old.state == WordingState::Accepted || state == WordingState::Accepted {
                    let answer = tx.find_return(step.partnership, found.cycle).await?;
                    let unsigned = answer.is_some_and(|answer| answer.state == ReturnState::Submitted);
                    if unsigned || step.deed == WordingDeed::Withdraw {
                        tx.alter_return(&act, Some(step.partnership), found.cycle).await?;
                    }
                }
                tx.step_wording(&act, &old, step.deed, state, step.reason.as_ref()).await
            })
        })
        .await
    }

    /// What waits for leads in a region, the oldest first.
    pub async fn list_waiting_wordings(&self, scope: Scope) -> Result<Vec<WaitingWording>, StoreError> {
        self.read(scope, |tx| {
            Box::pin(async move {
                let RegionId(region) = tx.region();
                let rows: Vec<(Uuid, Uuid, Uuid, Instant, Option<Instant>)> =
                    on!(tx, |c| sqlx::query_as(LIST_WAITING).bind(region).fetch_all(c).await)?;
                let own = tx.confined_to();
                let waiting = rows.into_iter().map(|(partnership, cycle, by, at, told)| WaitingWording {
                    partnership: PartnershipId(partnership),
                    cycle: CycleId(cycle),
                    by: PersonId(by),
                    at,
                    told: told.is_some(),
                });
                Ok(waiting.filter(|waiting| own.is_none_or(|own| own == waiting.partnership)).collect())
            })
        })
        .await
    }
}
