//! Messages: queued with what caused them, claimed by lease, settled by epoch.

use csp_domain::{
    Act, Scope, calendar,
    clock::Instant,
    cycle::CycleState,
    digest::DigestState,
    document::Hash,
    id::{CycleId, DigestId, MessageId, PersonId, RegionId},
    message::{ClaimedMessage, Message, MessageKind, MessageState, NewMessage, Outcome},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Job, Listing, Page, Refusal, Store, StoreError,
    audit::Facts,
    engine::{CLAIM, on},
    error,
    job::once,
    statement::statements,
    unit::Tx,
};

statements! {
    INSERT_BODY = "INSERT INTO message_bodies (region_id, body_hash, bytes) VALUES ($1, $2, $3) ON CONFLICT (region_id, body_hash) DO NOTHING";
    GET_BODY = "SELECT bytes FROM message_bodies WHERE region_id = $1 AND body_hash = $2";
    INSERT_MESSAGE = "INSERT INTO messages (region_id, message_id, kind, matter_id, recipient_id, step, address, subject, internet_message_id, head, body_hash, \
        mime_hash, state, epoch, attempts, next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', 0, 0, $13, $14) \
        ON CONFLICT (region_id, kind, matter_id, recipient_id, step) DO NOTHING";
    /// The last chance to stop: a worker that slept past its lease, or was overtaken, is told no.
    INTEND = "UPDATE messages SET state = 'in_doubt', next_attempt_at = $4, last_outcome = 'handing over' \
        WHERE region_id = $1 AND message_id = $2 AND epoch = $3 AND state = 'claimed' AND lease_until > $5";
    SETTLE = "UPDATE messages SET state = $4, next_attempt_at = $5, accepted_at = $6, last_outcome = $7, lease_until = NULL \
        WHERE region_id = $1 AND message_id = $2 AND epoch = $3 AND state IN ('claimed', 'in_doubt')";
    /// Nobody else can be holding a claim when the one process of an embedded database starts.
    RECLAIM = "UPDATE messages SET state = 'queued', epoch = epoch + 1, next_attempt_at = $1, lease_until = NULL WHERE state = 'claimed'";
    REQUEUE = "UPDATE messages SET state = 'queued', next_attempt_at = $3, epoch = epoch + 1, lease_until = NULL \
        WHERE region_id = $1 AND message_id = $2 AND state IN ('failed', 'held', 'suppressed')";
    /// Only what has not set out.
    CANCEL = "UPDATE messages SET state = 'cancelled', last_outcome = $3, epoch = epoch + 1, lease_until = NULL \
        WHERE region_id = $1 AND message_id = $2 AND state = 'queued'";
    GET_MESSAGE = "SELECT message_id, kind, matter_id, recipient_id, step, address, subject, internet_message_id, state, attempts, next_attempt_at, accepted_at, \
        last_outcome, created_at FROM messages WHERE region_id = $1 AND message_id = $2";
    LIST_MESSAGES = "SELECT message_id, kind, matter_id, recipient_id, step, address, subject, internet_message_id, state, attempts, next_attempt_at, accepted_at, \
        last_outcome, created_at FROM messages WHERE region_id = $1 AND ($2 OR matter_id = $3) AND ($4 OR state = $5) AND message_id > $6 ORDER BY message_id LIMIT $7";
    /// For health and the courier, over all regions.
    TALLY = "SELECT state, COUNT(*) AS n FROM messages GROUP BY state ORDER BY state";
    NEXT_DUE = "SELECT MIN(next_attempt_at) FROM messages WHERE state IN ('queued', 'in_doubt')";
}

#[derive(sqlx::FromRow)]
struct Row {
    message_id: Uuid,
    kind: String,
    matter_id: Uuid,
    recipient_id: Uuid,
    step: i64,
    address: String,
    subject: String,
    internet_message_id: String,
    state: String,
    attempts: i64,
    next_attempt_at: Instant,
    accepted_at: Option<Instant>,
    last_outcome: Option<String>,
    created_at: Instant,
}

impl TryFrom<Row> for Message {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("messages", column);
        Ok(Self {
            id: MessageId(row.message_id),
            kind: MessageKind::from_word(&row.kind).ok_or_else(|| bad("kind"))?,
            matter: row.matter_id,
            recipient: PersonId(row.recipient_id),
            step: i32::try_from(row.step).map_err(|_| bad("step"))?,
            address: row.address.parse().map_err(|_| bad("address"))?,
            subject: row.subject,
            message_id: row.internet_message_id,
            state: MessageState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            attempts: i32::try_from(row.attempts).map_err(|_| bad("attempts"))?,
            next_attempt_at: row.next_attempt_at,
            accepted_at: row.accepted_at,
            last_outcome: row.last_outcome,
            created_at: row.created_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    region_id: Uuid,
    message_id: Uuid,
    epoch: i64,
    attempts: i64,
    address: String,
    internet_message_id: String,
    head: Vec<u8>,
    body_hash: String,
    mime_hash: String,
    created_at: Instant,
}

impl TryFrom<ClaimedRow> for ClaimedMessage {
    type Error = StoreError;

    fn try_from(row: ClaimedRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("messages", column);
        Ok(Self {
            id: MessageId(row.message_id),
            region: RegionId(row.region_id),
            epoch: row.epoch,
            attempts: i32::try_from(row.attempts).map_err(|_| bad("attempts"))?,
            address: row.address.parse().map_err(|_| bad("address"))?,
            message_id: row.internet_message_id,
            head: row.head,
            body: Hash::parse(&row.body_hash).ok_or_else(|| bad("body_hash"))?,
            mime_hash: Hash::parse(&row.mime_hash).ok_or_else(|| bad("mime_hash"))?,
            created_at: row.created_at,
        })
    }
}

/// A digest going out: its mail's shared part and one message for each member in term.
#[derive(Debug, Clone)]
pub struct Release {
    /// Which version.
    pub digest: DigestId,
    /// The publication time it was due at.
    pub due_at: Instant,
    /// The part that is the same for all.
    pub body: Vec<u8>,
    /// One for each member.
    pub messages: Vec<NewMessage>,
}

/// Which messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageFilter {
    /// About this digest, return or cycle; none: about anything.
    pub matter: Option<Uuid>,
    /// In this state; none: in any.
    pub state: Option<MessageState>,
}

/// How many messages are in each state.
pub type MessageTally = Vec<(MessageState, i64)>;

impl Tx {
    /// Answers whether it is new.
    async fn insert_message(&mut self, act: &Act, new: &NewMessage) -> Result<bool, StoreError> {
        let region = self.region();
        let rows = on!(self, |c| sqlx::query(INSERT_MESSAGE)
            .bind(region.0)
            .bind(new.id.0)
            .bind(new.kind.word())
            .bind(new.matter)
            .bind(new.recipient.0)
            .bind(i64::from(new.step))
            .bind(new.address.as_str())
            .bind(&new.subject)
            .bind(&new.message_id)
            .bind(&new.head)
            .bind(new.body.to_string())
            .bind(new.mime_hash.to_string())
            .bind(new.not_before)
            .bind(act.at)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    async fn insert_body(&mut self, body: &[u8]) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_BODY).bind(region.0).bind(Hash::of(body).to_string()).bind(body).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Letters with a body each; one that was queued before is left as it is.
    pub(crate) async fn queue_letters(&mut self, act: &Act, letters: &[(Vec<u8>, NewMessage)]) -> Result<(), StoreError> {
        for (body, message) in letters {
            self.queue_letter(act, body, message).await?;
        }
        Ok(())
    }

    /// Queues a letter with a body of its own; one that was queued before is left as it is.
    async fn queue_letter(&mut self, act: &Act, body: &[u8], message: &NewMessage) -> Result<(), StoreError> {
        self.insert_body(body).await?;
        if self.insert_message(act, message).await? {
            let new = json!({ "kind": message.kind.word(), "recipient": message.recipient, "step": message.step });
            self.audit(act, "queue", "message", message.id.0, None, Some(Facts::open(new))).await?;
        }
        Ok(())
    }

    async fn get_message(&mut self, id: MessageId) -> Result<Message, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_MESSAGE).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("message"))?.try_into()
    }
}

impl Store {
    /// Releases an approved digest, once: its deliveries, its state, its cycle's state and the row of the
    /// job in one unit. Answers false when that was done already.
    pub async fn release(&self, scope: Scope, act: &Act, release: Release) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let digest = tx.get_digest(release.digest).await?;
                    let cycle = tx.run_cycle_job(Job::Release, digest.cycle, release.due_at, act.at).await?;
                    if digest.state != DigestState::Approved
                        || cycle.state != CycleState::Closed
                        || digest.cools_off(act.at)
                        || act.at < cycle.timetable.publication_at
                    {
                        return Err(StoreError::Changed("digest"));
                    }
                    tx.insert_body(&release.body).await?;
                    for message in &release.messages {
                        tx.insert_message(&act, message).await?;
                    }
                    // The cycle before the digest, as whoever freezes a new version takes them.
                    tx.set_cycle_state(&act, &cycle, CycleState::Published).await?;
                    tx.release_digest(&act, &digest).await?;
                    Ok(true)
                })
            })
            .await;
        once(done)
    }

    /// Queues messages that share a body; one that was queued before is left as it is.
    pub async fn queue_messages(&self, scope: Scope, act: &Act, body: Vec<u8>, messages: Vec<NewMessage>) -> Result<(), StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                tx.insert_body(&body).await?;
                for message in &messages {
                    if tx.insert_message(&act, message).await? {
                        let new = json!({ "kind": message.kind.word(), "matter": message.matter, "recipient": message.recipient, "step": message.step });
                        tx.audit(&act, "queue", "message", message.id.0, None, Some(Facts::open(new))).await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    /// Queues a round of reminders, each letter with its body, and puts on record that it was made, in one unit. `spoken_of`: the cycles of
    /// which they tell what waits for an answer or a signature; `opened`: of which they tell that they are open. Answers false when it was
    /// made already.
    pub async fn remind(
        &self,
        scope: Scope,
        act: &Act,
        due_at: Instant,
        spoken_of: Vec<CycleId>,
        opened: Vec<CycleId>,
        letters: Vec<(Vec<u8>, NewMessage)>,
    ) -> Result<bool, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let region = tx.region();
                    tx.run_once(Job::Remind, region.0, due_at, act.at).await?;
                    tx.queue_letters(&act, &letters).await?;
                    for cycle in spoken_of {
                        tx.tell_wordings(cycle, due_at).await?;
                        tx.tell_joint(cycle, due_at).await?;
                    }
                    for cycle in opened {
                        tx.tell_opened(cycle, due_at, act.at).await?;
                    }
                    Ok(true)
                })
            })
            .await;
        once(done)
    }

    /// Queues the reminders about one cycle that somebody has ordered, and strikes the order, in one unit. Whoever was reminded
    /// today already gets no second letter. Answers false when the order does not stand any more.
    pub async fn remind_as_ordered(
        &self,
        scope: Scope,
        act: &Act,
        cycle: CycleId,
        letters: Vec<(Vec<u8>, NewMessage)>,
    ) -> Result<bool, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if !tx.delete_order(cycle, Job::Remind).await? {
                    return Ok(false);
                }
                tx.queue_letters(&act, &letters).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Takes back a message that has not set out. Answers false if it has. What a round of reminders spoke of in it, that of `unsaid`, is
    /// told by another.
    pub async fn cancel_message(
        &self,
        scope: Scope,
        act: &Act,
        id: MessageId,
        why: &'static str,
        unsaid: Option<Instant>,
    ) -> Result<bool, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows =
                    on!(tx, |c| sqlx::query(CANCEL).bind(region.0).bind(id.0).bind(why).execute(c).await.map(|r| r.rows_affected()))?;
                if rows == 1 {
                    if let Some(round) = unsaid {
                        tx.untell_wordings(round).await?;
                        tx.untell_joint(round).await?;
                    }
                    let new = Facts::open(json!({ "state": MessageState::Cancelled.word(), "reason": why }));
                    tx.audit(&act, "cancel", "message", id.0, Some(Facts::open(json!({ "state": "queued" }))), Some(new)).await?;
                }
                Ok(rows == 1)
            })
        })
        .await
    }

    /// Takes up to `limit` messages that are due, until `lease_until`: queued ones, those whose worker's
    /// lease ran out, and those in doubt whose time to be sent again has come.
    pub async fn claim_messages(&self, now: Instant, lease_until: Instant, limit: u32) -> Result<Vec<ClaimedMessage>, StoreError> {
        self.write(Scope::System, move |tx| {
            Box::pin(async move {
                let text = CLAIM.on(&tx.conn);
                let rows: Vec<ClaimedRow> =
                    on!(tx, |c| sqlx::query_as(text).bind(now).bind(lease_until).bind(i64::from(limit)).fetch_all(c).await)?;
                let mut claimed: Vec<ClaimedMessage> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
                claimed.sort_unstable_by_key(|m| m.id);
                Ok(claimed)
            })
        })
        .await
    }

    /// Puts back what a process that is gone had claimed. Only for an embedded database, of which there is
    /// one server: with several, a claim may be somebody else's, and its lease decides. Either way the
    /// higher epoch keeps a worker that is not gone after all from sending.
    pub async fn reclaim_messages(&self, now: Instant) -> Result<u64, StoreError> {
        self.write(Scope::System, move |tx| {
            Box::pin(async move { Ok(on!(tx, |c| sqlx::query(RECLAIM).bind(now).execute(c).await.map(|r| r.rows_affected()))?) })
        })
        .await
    }

    /// The shared part of messages.
    pub async fn message_body(&self, scope: Scope, hash: Hash) -> Result<Vec<u8>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let bytes: Option<Vec<u8>> =
                    on!(tx, |c| sqlx::query_scalar(GET_BODY).bind(region.0).bind(hash.to_string()).fetch_optional(c).await)?;
                bytes.ok_or(StoreError::NotFound("message body"))
            })
        })
        .await
    }

    /// Puts on record, before the last byte goes, that it is about to go. False: the claim has lapsed, and
    /// it must not go. `retry_at` is when the same bytes may be sent again if no answer is ever recorded.
    pub async fn intend(&self, message: &ClaimedMessage, now: Instant, retry_at: Instant) -> Result<bool, StoreError> {
        let (region, id, epoch) = (message.region, message.id, message.epoch);
        self.write(Scope::Region(region), move |tx| {
            Box::pin(async move {
                let rows = on!(tx, |c| sqlx::query(INTEND)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(epoch)
                    .bind(retry_at)
                    .bind(now)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                Ok(rows == 1)
            })
        })
        .await
    }

    /// Puts on record how an attempt ended. False: the claim has lapsed and somebody else's word counts.
    pub async fn settle(&self, message: &ClaimedMessage, act: &Act, outcome: Outcome) -> Result<bool, StoreError> {
        let (region, id, epoch, act) = (message.region, message.id, message.epoch, act.clone());
        self.apply(Scope::Region(region), act.dry_run, move |tx| {
            Box::pin(async move {
                let (state, next, accepted, reply) = match outcome {
                    Outcome::Accepted { reply } => (MessageState::Accepted, act.at, Some(act.at), reply),
                    Outcome::RefusedForNow { reply, retry_at } => (MessageState::Queued, retry_at, None, reply),
                    Outcome::Refused { reply } => (MessageState::Failed, act.at, None, reply),
                    Outcome::Objected { reply } => (MessageState::Held, act.at, None, reply),
                    Outcome::Doubtful { reply, retry_at } => (MessageState::InDoubt, retry_at, None, reply),
                };
                let rows = on!(tx, |c| sqlx::query(SETTLE)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(epoch)
                    .bind(state.word())
                    .bind(next)
                    .bind(accepted)
                    .bind(&reply)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                if rows == 1 {
                    tx.audit(&act, state.word(), "message", id.0, None, Some(Facts::open(json!({ "epoch": epoch, "reply": reply }))))
                        .await?;
                }
                Ok(rows == 1)
            })
        })
        .await
    }

    /// Queues a message that failed or is held again, byte for byte.
    pub async fn retry_message(&self, scope: Scope, act: &Act, id: MessageId) -> Result<Message, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let old = tx.get_message(id).await?;
                // The step of a reminder is its day: what it says may be wrong on another.
                if old.kind == MessageKind::Reminder {
                    let zone = tx.get_region(region).await?.zone;
                    if old.step < calendar::day_number(act.at, zone) {
                        return Err(Refusal::StaleReminder.into());
                    }
                }
                let rows =
                    on!(tx, |c| sqlx::query(REQUEUE).bind(region.0).bind(id.0).bind(act.at).execute(c).await.map(|r| r.rows_affected()))?;
                if rows == 0 {
                    return Err(Refusal::MessageState(old.state).into());
                }
                tx.audit(
                    &act,
                    "retry",
                    "message",
                    id.0,
                    Some(Facts::open(json!({ "state": old.state.word() }))),
                    Some(Facts::open(json!({ "state": "queued" }))),
                )
                .await?;
                tx.get_message(id).await
            })
        })
        .await
    }

    /// One message.
    pub async fn get_message(&self, scope: Scope, id: MessageId) -> Result<Message, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_message(id).await })).await
    }

    /// Messages of the region, in order of queueing.
    pub async fn list_messages(&self, scope: Scope, filter: MessageFilter, page: Page) -> Result<Listing<Message>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_MESSAGES)
                    .bind(region.0)
                    .bind(filter.matter.is_none())
                    .bind(filter.matter.unwrap_or_default())
                    .bind(filter.state.is_none())
                    .bind(filter.state.map_or("", MessageState::word))
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let items = rows.into_iter().map(Message::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |m| m.id.0))
            })
        })
        .await
    }

    /// How many messages of all regions are in each state.
    pub async fn tally_messages(&self) -> Result<MessageTally, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let rows: Vec<(String, i64)> = on!(tx, |c| sqlx::query_as(TALLY).fetch_all(c).await)?;
                rows.into_iter()
                    .map(|(state, n)| Ok((MessageState::from_word(&state).ok_or_else(|| error::inconsistent("messages", "state"))?, n)))
                    .collect()
            })
        })
        .await
    }

    /// When the next message of any region is due.
    pub async fn next_message_due(&self) -> Result<Option<Instant>, StoreError> {
        self.read(Scope::System, |tx| Box::pin(async move { Ok(on!(tx, |c| sqlx::query_scalar(NEXT_DUE).fetch_one(c).await)?) })).await
    }
}
