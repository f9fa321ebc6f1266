//! Learning the revision of a region ([`crate::known`]).
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

use csp_domain::id::RegionId;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use uuid::Uuid;

use crate::{StoreError, engine::REVISIONS, known::Known, lines::Lines};

/// A question that is not answered by then will not be. Longer than a server takes that is only busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many may wait before callers wait to be let in, and so many share one question.
const QUEUE: usize = 1024;

/// Revisions of regions, as they stand.
pub(crate) type Revisions = HashMap<RegionId, i64>;

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
            Self::Asked(ask) => {
                let gone = || StoreError::Unavailable("the store is closed".into());
                let (send, receive) = oneshot::channel();
                ask.send(Question::Revision(region, send)).await.map_err(|_| gone())?;
                receive.await.unwrap_or_else(|_| Err(gone()))
            }
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

async fn keep(options: PgConnectOptions, lines: Lines, known: Arc<Known>, mut inbox: mpsc::Receiver<Question>) {
    let mut line = None;
    let mut questions = Vec::new();
    while inbox.recv_many(&mut questions, QUEUE).await > 0 {
        let mut regions = BTreeSet::new();
        let mut close = false;
        for question in &questions {
            match question {
                Question::Revision(region, _) => drop(regions.insert(region.0)),
                Question::Close => close = true,
            }
        }
        if close {
            break;
        }
        let regions: Vec<Uuid> = regions.into_iter().collect();
        let found = match timeout(PATIENCE, ask(&mut line, &options, &known, &regions)).await {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the revisions of regions could not be learned; everything is read");
                line = None;
                known.forget();
                Some(Revisions::new())
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
            if let Question::Revision(region, send) = question {
                // Whoever asked may have gone.
                let _ = send.send(match &found {
                    Some(found) => Ok(found.get(&region).copied()),
                    None => Err(StoreError::Unavailable("the database does not answer".into())),
                });
            }
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
    regions: &[Uuid],
) -> Result<Revisions, sqlx::Error> {
    // Out of its place while it is asked, so that one given up half way is not asked again.
    if let Some(mut rested) = line.take() {
        if let Ok(found) = revisions(&mut rested, regions).await {
            *line = Some(rested);
            return Ok(found);
        }
        // Nobody knows whether it is the same server that answers next.
        known.forget();
    }
    let mut fresh = options.connect().await?;
    // For good, on this one connection: it is lent to nobody and asks nothing else.
    sqlx::query("SELECT set_config('csp.scope', 'system', FALSE)").execute(&mut fresh).await?;
    let found = revisions(&mut fresh, regions).await?;
    *line = Some(fresh);
    Ok(found)
}

async fn revisions(conn: &mut PgConnection, regions: &[Uuid]) -> Result<Revisions, sqlx::Error> {
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(REVISIONS.postgres).bind(regions).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(region, revision)| (RegionId(region), revision)).collect())
}
