//! Learning the revision of a region, and of a return ([`crate::known`]).
//!
//! On SQLite there is one writer, in this process: it says which revisions stand after each commit, before anybody is answered.
//! On PostgreSQL other servers write too, so the server is asked, anew for each call, and on a connection kept for that: whoever
//! came in while it was asked before waits and shares the next question. A call thus learns of everything that was committed
//! before it came in, and a thousand calls at once cost a few questions.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use csp_domain::id::{CycleId, PartnershipId, RegionId};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use uuid::Uuid;

use crate::{
    StoreError,
    engine::{RETURN_REVISIONS, REVISIONS},
    known::Known,
    lines::Lines,
};

/// A question that is not answered by then will not be. Longer than a server takes that is only busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many may wait before callers wait to be let in, and so many share one question.
const QUEUE: usize = 1024;

/// Revisions of regions, as they stand.
pub(crate) type Revisions = HashMap<RegionId, i64>;

/// Where there is a return, or none.
pub(crate) type ReturnPlace = (RegionId, PartnershipId, CycleId);

/// What was learned for all who waited.
#[derive(Debug, Default)]
struct Learned {
    regions: Revisions,
    returns: HashMap<ReturnPlace, i64>,
}

/// Where revisions are learned.
#[derive(Debug, Clone)]
pub(crate) enum Lookout {
    /// From the one writer.
    Published(Published),
    /// From the server.
    Asked(mpsc::Sender<Question>),
}

/// What SQLite's writer says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Published(Arc<Standing>);

#[derive(Debug, Default)]
struct Standing {
    revisions: RwLock<Revisions>,
    /// Counts what was written, whatever it was.
    writes: AtomicU64,
}

impl Published {
    /// From now on these stand. None at all where they could not be read: then nothing is remembered.
    pub(crate) fn publish(&self, revisions: Revisions) {
        let mut standing = self.0.revisions.write().unwrap_or_else(PoisonError::into_inner);
        if *standing != revisions {
            *standing = revisions;
        }
        self.0.writes.fetch_add(1, Ordering::SeqCst);
    }
}

/// What the lookout is asked for.
#[derive(Debug)]
pub(crate) enum Question {
    /// A region's revision; none where there is no such region, or it could not be learned.
    Revision(RegionId, oneshot::Sender<Result<Option<i64>, StoreError>>),
    /// The same of a return; none where there is no return.
    Return(ReturnPlace, oneshot::Sender<Result<Option<i64>, StoreError>>),
    /// To end.
    Close,
}

impl Lookout {
    /// Asks a server of PostgreSQL, from a task of its own. It ends when it is told to, or nobody is left to ask.
    pub(crate) fn asking(options: PgConnectOptions, lines: Lines, known: Arc<Known>) -> Self {
        let (ask, inbox) = mpsc::channel(QUEUE);
        tokio::spawn(keep(options, lines, known, inbox));
        Self::Asked(ask)
    }

    /// The revision of a region at a moment between this call and its answer. None where it could not be learned, though a server
    /// answers: units have connections of their own, and may fare better.
    pub(crate) async fn look(&self, region: RegionId) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Published(Published(standing)) => {
                Ok(standing.revisions.read().unwrap_or_else(PoisonError::into_inner).get(&region).copied())
            }
            Self::Asked(ask) => learn(ask, |send| Question::Revision(region, send)).await,
        }
    }

    /// The same of a return, where others may write it. None where all writes are counted, too.
    pub(crate) async fn look_at_return(&self, place: ReturnPlace) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Published(_) => Ok(None),
            Self::Asked(ask) => learn(ask, |send| Question::Return(place, send)).await,
        }
    }

    /// How often anything was written so far. What is read after this was asked is still so when the answer is the same. None
    /// where others write too.
    pub(crate) fn writes(&self) -> Option<u64> {
        match self {
            Self::Published(Published(standing)) => Some(standing.writes.load(Ordering::SeqCst)),
            Self::Asked(_) => None,
        }
    }

    /// Waits until the connection is closed.
    pub(crate) async fn close(&self) {
        if let Self::Asked(ask) = self
            && ask.send(Question::Close).await.is_ok()
        {
            ask.closed().await;
        }
    }
}

/// Puts a question and waits for its answer.
async fn learn<T>(
    ask: &mpsc::Sender<Question>,
    question: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Question,
) -> Result<T, StoreError> {
    let gone = || StoreError::Unavailable("the store is closed".into());
    let (send, receive) = oneshot::channel();
    ask.send(question(send)).await.map_err(|_| gone())?;
    receive.await.unwrap_or_else(|_| Err(gone()))
}

async fn keep(options: PgConnectOptions, lines: Lines, known: Arc<Known>, mut inbox: mpsc::Receiver<Question>) {
    let mut line = None;
    let mut questions = Vec::new();
    while inbox.recv_many(&mut questions, QUEUE).await > 0 {
        let (mut regions, mut returns) = (BTreeSet::new(), BTreeSet::new());
        let mut close = false;
        for question in &questions {
            match question {
                Question::Revision(region, _) => drop(regions.insert(*region)),
                Question::Return(place, _) => drop(returns.insert(*place)),
                Question::Close => close = true,
            }
        }
        if close {
            break;
        }
        let found = match timeout(PATIENCE, ask(&mut line, &options, &known, &regions, &returns)).await {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the revisions of regions could not be learned; everything is read");
                line = None;
                known.forget();
                Some(Learned::default())
            }
            Err(_) => {
                // What rests would not answer either, and each would have to be waited for.
                line = None;
                lines.forget();
                known.forget();
                None
            }
        };
        for question in questions.drain(..) {
            let (send, revision) = match question {
                Question::Revision(region, send) => (send, found.as_ref().map(|found| found.regions.get(&region).copied())),
                Question::Return(place, send) => (send, found.as_ref().map(|found| found.returns.get(&place).copied())),
                Question::Close => continue,
            };
            // Whoever asked may have gone.
            let _ = send.send(revision.ok_or_else(|| StoreError::Unavailable("the database does not answer".into())));
        }
    }
    if let Some(line) = line {
        let _ = timeout(PATIENCE, line.close()).await;
    }
    drop(inbox);
}

/// Asks on the connection that is there. One that was lost meanwhile is replaced, once: the server may have been restarted.
async fn ask(
    line: &mut Option<PgConnection>,
    options: &PgConnectOptions,
    known: &Known,
    regions: &BTreeSet<RegionId>,
    returns: &BTreeSet<ReturnPlace>,
) -> Result<Learned, sqlx::Error> {
    // Out of its place while it is asked, so that one given up half way is not asked again.
    if let Some(mut rested) = line.take() {
        if let Ok(found) = revisions(&mut rested, regions, returns).await {
            *line = Some(rested);
            return Ok(found);
        }
        // Nobody knows whether it is the same server that answers next.
        known.forget();
    }
    let mut fresh = options.connect().await?;
    // For good, on this one connection: it is lent to nobody and asks nothing else.
    sqlx::query("SELECT set_config('csp.scope', 'system', FALSE)").execute(&mut fresh).await?;
    let found = revisions(&mut fresh, regions, returns).await?;
    *line = Some(fresh);
    Ok(found)
}

async fn revisions(conn: &mut PgConnection, regions: &BTreeSet<RegionId>, returns: &BTreeSet<ReturnPlace>) -> Result<Learned, sqlx::Error> {
    let mut learned = Learned::default();
    if !regions.is_empty() {
        let asked: Vec<Uuid> = regions.iter().map(|region| region.0).collect();
        let rows: Vec<(Uuid, i64)> = sqlx::query_as(REVISIONS.postgres).bind(asked).fetch_all(&mut *conn).await?;
        learned.regions = rows.into_iter().map(|(region, revision)| (RegionId(region), revision)).collect();
    }
    if !returns.is_empty() {
        let column = |of: fn(&ReturnPlace) -> Uuid| returns.iter().map(of).collect::<Vec<Uuid>>();
        let rows: Vec<(Uuid, Uuid, Uuid, i64)> = sqlx::query_as(RETURN_REVISIONS.postgres)
            .bind(column(|place| place.0.0))
            .bind(column(|place| place.1.0))
            .bind(column(|place| place.2.0))
            .fetch_all(&mut *conn)
            .await?;
        let place = |(region, partnership, cycle, revision)| ((RegionId(region), PartnershipId(partnership), CycleId(cycle)), revision);
        learned.returns = rows.into_iter().map(place).collect();
    }
    Ok(learned)
}
