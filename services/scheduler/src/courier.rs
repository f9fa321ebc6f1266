//! The courier: takes messages that are due, carries them, and puts on record how it ended.
//!
//! Each message passes two commits. Before the last byte goes, that it is in doubt; after the answer,
//! what the answer was. A server killed between the two leaves a message in doubt and no other, and the
//! same bytes under the same Message-ID go again after [`csp_mail::retry::IN_DOUBT_WAIT`].

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use csp_domain::{
    Act, Scope,
    document::Hash,
    id::RegionId,
    message::{ClaimedMessage, Outcome},
};
use csp_mail::{carrier::Connection, compose, retry, sent::Sent};
use csp_store::StoreError;
use tokio::{sync::Mutex, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler};

/// How many messages one connection takes at a time.
const BATCH: u32 = 25;
/// A claim holds so long. A worker that is slower is overtaken, and told so before its last byte.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// The shared parts of messages, read once for each release.
type Bodies = Arc<Mutex<HashMap<(RegionId, Hash), Arc<Vec<u8>>>>>;

impl Scheduler {
    /// Carries everything that is due now. Answers how many messages were settled, for good or for now.
    pub async fn deliver(&self) -> Result<usize, ScheduleError> {
        self.deliver_until(&CancellationToken::new()).await
    }

    pub(crate) async fn deliver_until(&self, stop: &CancellationToken) -> Result<usize, ScheduleError> {
        let bodies = Bodies::default();
        let connections = u32::try_from(self.post.connections.max(1)).unwrap_or(1);
        let mut settled = 0;
        while !stop.is_cancelled() {
            let now = self.clock.now();
            let claimed = self.store.claim_messages(now, now + LEASE, BATCH * connections).await?;
            if claimed.is_empty() {
                break;
            }
            let share = claimed.len().div_ceil(connections as usize);
            let mut workers = JoinSet::new();
            for batch in claimed.chunks(share) {
                let (this, batch, bodies, stop) = (self.clone(), batch.to_vec(), bodies.clone(), stop.clone());
                let span = tracing::info_span!("job", job = "deliver", messages = batch.len());
                workers.spawn(async move { this.carry(batch, &bodies, &stop).await }.instrument(span));
            }
            let mut failed = None;
            while let Some(done) = workers.join_next().await {
                match done {
                    Ok(Ok(count)) => settled += count,
                    // The others go on: to break them off in the middle of a message would leave it in doubt.
                    Ok(Err(error)) => failed = Some(error),
                    // The messages of a worker that broke are claimed again when its lease ends.
                    Err(error) => tracing::error!(%error, "a courier broke"),
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(settled)
    }

    /// Carries a batch, over one connection for as long as it lasts.
    async fn carry(&self, batch: Vec<ClaimedMessage>, bodies: &Bodies, stop: &CancellationToken) -> Result<usize, ScheduleError> {
        let mut connection: Option<Connection> = None;
        let mut settled = 0;
        for message in batch {
            let span = tracing::info_span!("message", message.id = %message.id, attempt = message.attempts);
            async {
                if stop.is_cancelled() {
                    let outcome =
                        Outcome::RefusedForNow { reply: "put back: the service is stopping".to_owned(), retry_at: self.clock.now() };
                    return self.settle(&message, outcome).await;
                }
                if connection.as_ref().is_none_or(|open| !open.is_open()) {
                    connection = match self.carrier.open().await {
                        Ok(open) => Some(open),
                        Err(refusal) => {
                            if refusal.lasting {
                                tracing::error!(reason = %refusal, "the way out for mail is closed and will not open by itself");
                            }
                            return self.settle(&message, self.later(&message, refusal.to_string())).await;
                        }
                    };
                }
                let Some(open) = connection.as_mut() else { return Ok(()) };
                let outcome = match self.body(&message, bodies).await {
                    Ok(body) => self.hand_over(open, &message, &body).await,
                    Err(StoreError::Unavailable(cause)) => return Err(StoreError::Unavailable(cause).into()),
                    // What is wrong with one message's bytes must not keep its neighbours waiting.
                    Err(error) => Outcome::Objected { reply: format!("its content cannot be read: {error}") },
                };
                self.settle(&message, outcome).await
            }
            .instrument(span)
            .await?;
            settled += 1;
        }
        if let Some(open) = connection {
            open.close().await;
        }
        Ok(settled)
    }

    async fn hand_over(&self, connection: &mut Connection, message: &ClaimedMessage, body: &[u8]) -> Outcome {
        let bytes = compose::whole(&message.head, body);
        if Hash::of(&bytes) != message.mime_hash {
            return Outcome::Objected { reply: "the stored bytes are not those that were approved".to_owned() };
        }
        if !compose::names(&message.head, &message.address) {
            return Outcome::Objected { reply: "the stored address is not the one in the letter".to_owned() };
        }
        let now = self.clock.now();
        let intend = async || match self.store.intend(message, now, now + retry::IN_DOUBT_WAIT).await {
            Ok(ours) => ours,
            Err(error) => {
                tracing::warn!(%error, "the intent could not be put on record, so nothing is sent");
                false
            }
        };
        match connection.send(&self.post.from, &message.address, &bytes, intend).await {
            Sent::Accepted { reply } => Outcome::Accepted { reply },
            Sent::NotStarted { reason } => self.later(message, reason),
            Sent::RefusedForNow { reply, phase } => self.later(message, format!("{reply} ({phase})")),
            Sent::Refused { reply, .. } => Outcome::Refused { reply },
            Sent::PolicyRefused { reply, phase } => Outcome::Objected { reply: format!("{reply} ({phase})") },
            Sent::InDoubt { reply } => Outcome::Doubtful { reply, retry_at: self.clock.now() + retry::IN_DOUBT_WAIT },
        }
    }

    /// Another try, after a wait that grows; or none, when it has been tried for long enough.
    fn later(&self, message: &ClaimedMessage, reply: String) -> Outcome {
        let mut byte = [0];
        self.chance.fill(&mut byte);
        match retry::next_attempt(message.created_at, self.clock.now(), message.attempts, byte[0]) {
            Some(retry_at) => Outcome::RefusedForNow { reply, retry_at },
            None => Outcome::Refused { reply: format!("given up after {} attempts: {reply}", message.attempts) },
        }
    }

    async fn settle(&self, message: &ClaimedMessage, outcome: Outcome) -> Result<(), ScheduleError> {
        let act = Act::by_system(self.clock.now());
        match &outcome {
            Outcome::Accepted { .. } => tracing::info!("a server took the message"),
            Outcome::RefusedForNow { reply, .. } => tracing::info!(reply, "the message will be tried again"),
            Outcome::Doubtful { reply, .. } => tracing::warn!(reply, "the message is in doubt"),
            Outcome::Refused { reply } => tracing::warn!(reply, "the message cannot be delivered; a person must look"),
            Outcome::Objected { reply } => tracing::error!(reply, "a server objects to what we send; the message is held"),
        }
        self.meter.settled(&outcome);
        if !self.store.settle(message, &act, outcome).await? {
            tracing::warn!("the claim had lapsed; another worker's word counts");
        }
        Ok(())
    }

    async fn body(&self, message: &ClaimedMessage, bodies: &Bodies) -> Result<Arc<Vec<u8>>, StoreError> {
        let mut bodies = bodies.lock().await;
        if let Some(body) = bodies.get(&(message.region, message.body)) {
            return Ok(body.clone());
        }
        let body = Arc::new(self.store.message_body(Scope::Region(message.region), message.body).await?);
        bodies.insert((message.region, message.body), body.clone());
        Ok(body)
    }
}
