//! How one unit of work runs: as a whole or not at all, for one scope, to its end.
//!
//! On PostgreSQL a unit is a transaction in a task of its own: a caller that goes away (tonic drops a
//! handler at the client's deadline) leaves neither half a unit nor an open transaction behind.
//!
//! On SQLite one task, in a thread of its own, owns the one connection that writes. It takes all units that are waiting, runs
//! them inside one BEGIN IMMEDIATE, commits once, and only then answers each. A unit that may have something to undo runs under a
//! SAVEPOINT, which is set when such a unit comes and moved on only behind one that is kept; a unit of one statement needs none.
//! A unit that fails is rolled back alone. Grouping is worth four times the rate of a commit each, and
//! nobody ever sees "database is locked".

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, Location},
};

use csp_domain::{
    Scope,
    chance::SharedChance,
    clock::Instant,
    id::{PartnershipId, RegionId},
};
use futures::{FutureExt as _, future::BoxFuture};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    Store, StoreError,
    engine::{Conn, Database, REVISIONS, SET_SCOPE},
    look::{Published, Revisions},
    meter::Waits,
    walls,
};

/// How many units one commit carries at most.
const GROUP: usize = 128;
/// How many units may wait before callers wait to be let in.
const QUEUE: usize = 1024;

/// How a unit ends that has not failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// It is kept.
    Kept,
    /// It was only to be judged.
    Undone,
    /// It is kept, and where it fails there is nothing to undo: it is one statement.
    ByItself,
}

impl Ends {
    fn of(dry_run: bool) -> Self {
        if dry_run { Self::Undone } else { Self::Kept }
    }
}

/// The unit's hands: one connection, one scope.
#[derive(Debug)]
pub(crate) struct Tx {
    pub(crate) conn: Conn,
    scope: Scope,
    chance: Option<SharedChance>,
}

impl Tx {
    /// Hands for work on a connection that is in a transaction already.
    pub(crate) fn over(conn: Conn, scope: Scope, chance: SharedChance) -> Self {
        Self { conn, scope, chance: Some(chance) }
    }

    /// Goes on for another region. Only a restore works for several in one transaction.
    pub(crate) fn turn_to(&mut self, scope: Scope) {
        self.scope = scope;
    }

    /// For whom the unit works.
    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }

    /// The region of the scope. What belongs to a region cannot be asked for by the system as a whole.
    pub(crate) fn region(&self) -> RegionId {
        self.scope.region().unwrap_or(RegionId::SYSTEM)
    }

    /// From the whole system to one part of it, once it is known which. Never the other way.
    pub(crate) async fn narrow(&mut self, scope: Scope) -> Result<(), StoreError> {
        debug_assert_eq!(self.scope, Scope::System, "only the widest scope can be narrowed");
        self.scope = scope;
        set_scope(self).await
    }

    /// The one partnership that the scope is confined to, if it is that narrow.
    pub(crate) fn confined_to(&self) -> Option<PartnershipId> {
        self.scope.partnership().filter(|_| walls::predicates_stand())
    }

    /// Refuses a partnership outside the scope, as if it were not there.
    pub(crate) fn check_partnership(&self, partnership: PartnershipId) -> Result<(), StoreError> {
        match self.confined_to() {
            Some(own) if own != partnership => Err(StoreError::NotFound("partnership")),
            _ => Ok(()),
        }
    }

    /// A new identifier.
    pub(crate) fn id(&self, now: Instant) -> Uuid {
        self.chance.as_ref().map_or_else(Uuid::nil, |chance| chance.id(now))
    }
}

impl Store {
    /// Applies a unit as a whole or not at all.
    #[track_caller]
    pub(crate) fn write<T, F>(&self, scope: Scope, unit: F) -> impl Future<Output = Result<T, StoreError>>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.apply(scope, false, unit)
    }

    /// Applies a unit, or with `dry_run` judges it to its end and applies nothing.
    #[track_caller]
    pub(crate) fn apply<T, F>(&self, scope: Scope, dry_run: bool, unit: F) -> impl Future<Output = Result<T, StoreError>>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.measured("write", Location::caller(), Box::pin(self.apply_now(scope, Ends::of(dry_run), unit)))
    }

    /// Applies a unit that changes something with at most one statement, which the engine itself does as a whole or not at all.
    #[track_caller]
    pub(crate) fn apply_one<T, F>(&self, scope: Scope, unit: F) -> impl Future<Output = Result<T, StoreError>>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.measured("write", Location::caller(), Box::pin(self.apply_now(scope, Ends::ByItself, unit)))
    }

    async fn apply_now<T, F>(&self, scope: Scope, ends: Ends, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let applied = match &self.database {
            Database::Sqlite { writer, .. } => {
                let waits = Waits::begin(&self.meter.waiting);
                writer.apply(scope, ends, self.chance.clone(), waits, unit).await
            }
            Database::Postgres { lines } => {
                let (lines, chance) = (lines.clone(), self.chance.clone());
                detached(async move {
                    let conn = Conn::Postgres(Box::new(lines.begin("BEGIN", scope).await?));
                    let mut tx = Tx { conn, scope, chance: Some(chance) };
                    let result = guarded(unit, &mut tx).await;
                    let Conn::Postgres(line) = tx.conn else { return result };
                    match result {
                        Ok(value) if ends != Ends::Undone => {
                            line.end("COMMIT").await?;
                            Ok(value)
                        }
                        result => {
                            line.end("ROLLBACK").await?;
                            result
                        }
                    }
                })
                .await
            }
        };
        self.notice(applied)
    }

    /// Reads, from one consistent view.
    #[track_caller]
    pub(crate) fn read<T, F>(&self, scope: Scope, unit: F) -> impl Future<Output = Result<T, StoreError>>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.measured("read", Location::caller(), Box::pin(self.read_now(scope, unit)))
    }

    async fn read_now<T, F>(&self, scope: Scope, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let found = match &self.database {
            Database::Sqlite { readers, .. } => {
                let readers = readers.clone();
                detached(async move {
                    let mut conn = readers.acquire().await?;
                    (&mut *conn).execute("BEGIN").await?;
                    let mut tx = Tx { conn: Conn::SqliteReader(conn), scope, chance: None };
                    let result = guarded(unit, &mut tx).await;
                    if let Conn::SqliteReader(mut conn) = tx.conn
                        && (&mut *conn).execute("ROLLBACK").await.is_err()
                    {
                        // A connection in an unknown state is not lent again.
                        drop(conn.detach());
                    }
                    result
                })
                .await
            }
            Database::Postgres { lines } => {
                let lines = lines.clone();
                detached(async move {
                    let conn = Conn::Postgres(Box::new(lines.begin("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", scope).await?));
                    let mut tx = Tx { conn, scope, chance: None };
                    let result = guarded(unit, &mut tx).await;
                    if let Conn::Postgres(line) = tx.conn {
                        line.end("ROLLBACK").await?;
                    }
                    result
                })
                .await
            }
        };
        self.notice(found)
    }

    /// Rings for whoever waits for [`Store::trouble`].
    fn notice<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        outcome.inspect_err(|error| self.hear(error))
    }

    pub(crate) fn hear(&self, error: &StoreError) {
        if matches!(error, StoreError::Unavailable(_)) {
            self.trouble.notify_one();
        }
    }
}

/// Runs to its end even when nobody waits for it any more.
async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T, StoreError>> + Send + 'static) -> Result<T, StoreError> {
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error))))
}

/// A unit that panics fails like any other, and takes nobody with it.
async fn guarded<T, F>(unit: F, tx: &mut Tx) -> Result<T, StoreError>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send,
{
    let run = async { unit(tx).await };
    AssertUnwindSafe(run).catch_unwind().await.unwrap_or_else(|_| Err(StoreError::Failed("the unit of work panicked".into())))
}

/// The settings that row-level security reads.
pub(crate) struct Scoped {
    pub(crate) word: &'static str,
    pub(crate) region: String,
    pub(crate) partnership: String,
}

pub(crate) fn scope_settings(scope: Scope) -> Scoped {
    let word = match scope {
        Scope::System => "system",
        Scope::Region(_) => "region",
        Scope::Partnership(..) => "partnership",
    };
    let region = scope.region().map(|id| id.to_string()).unwrap_or_default();
    let partnership = scope.partnership().map(|id| id.to_string()).unwrap_or_default();
    Scoped { word, region, partnership }
}

/// Tells PostgreSQL for whom the transaction works from now on; its row-level security does the rest.
async fn set_scope(tx: &mut Tx) -> Result<(), StoreError> {
    let Scoped { word, region, partnership } = scope_settings(tx.scope);
    if let Conn::Postgres(line) = &mut tx.conn {
        sqlx::query(SET_SCOPE.postgres).bind(word).bind(region).bind(partnership).execute(&mut ***line).await?;
    }
    Ok(())
}

/// A unit with its types hidden.
type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Finished> + Send>;

/// A unit as it waits for the writer.
struct Waiting {
    scope: Scope,
    ends: Ends,
    chance: SharedChance,
    run: Run,
    span: tracing::Span,
    /// Counts it among those that wait. Nothing for the last one, which only closes the door.
    waits: Option<Waits>,
}

/// A unit that has run, and the answer that waits for the commit.
struct Finished {
    keep: bool,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// What the writer is asked for.
enum Request {
    Unit(Waiting),
    Close,
}

/// The way to the task that owns SQLite's one writing connection.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    waiting: mpsc::Sender<Request>,
}

impl Writer {
    /// Starts the task, in a thread of its own. It ends when it is told to close, or the last sender is gone.
    ///
    /// The connection answers from a thread of sqlx's. A task on the server's own runtime would be woken by way of a queue that its
    /// threads look into when they have nothing else to do, so that each statement waited for whatever calls were at work; and everybody
    /// waits for the one who writes. It waits for nothing but that thread and its inbox, so its own thread simply sleeps.
    pub(crate) async fn start(mut conn: SqliteConnection, published: Published) -> Result<Self, sqlx::Error> {
        published.publish(revisions(&mut conn).await?);
        let (waiting, inbox) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || futures::executor::block_on(write_groups(conn, inbox, published)))?;
        Ok(Self { waiting })
    }

    /// Waits until everything that was waiting is written and the connection is closed: only then may the file be
    /// replaced, or another server open it.
    pub(crate) async fn close(&self) {
        if self.waiting.send(Request::Close).await.is_ok() {
            self.waiting.closed().await;
        }
    }

    async fn apply<T, F>(&self, scope: Scope, ends: Ends, chance: SharedChance, waits: Waits, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
            Box::pin(async move {
                let result = guarded(unit, tx).await;
                let keep = result.is_ok() && ends != Ends::Undone;
                let answer = move |committed: Result<(), StoreError>| {
                    let answer = match (result, committed) {
                        (Ok(value), Ok(())) => Ok(value),
                        (Ok(_), Err(error)) | (Err(error), _) => Err(error),
                    };
                    // The caller may have gone; the unit stands all the same.
                    let _ = send.send(answer);
                };
                Finished { keep, answer: Box::new(answer) }
            })
        });
        let gone = || StoreError::Unavailable("the store is closed".into());
        let waiting = Waiting { scope, ends, chance, run, span: tracing::Span::current(), waits: Some(waits) };
        self.waiting.send(Request::Unit(waiting)).await.map_err(|_| gone())?;
        // Dropped unanswered: its group could not be begun, for a reason that is in the log, or the store was closed meanwhile.
        receive.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the unit was not begun".into())))
    }
}

/// What the writer's last commit left standing.
async fn revisions(conn: &mut SqliteConnection) -> Result<Revisions, sqlx::Error> {
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(REVISIONS.sqlite).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(region, revision)| (RegionId(region), revision)).collect())
}

async fn write_groups(conn: SqliteConnection, mut inbox: mpsc::Receiver<Request>, published: Published) {
    let mut tx = Tx { conn: Conn::Sqlite(Box::new(conn)), scope: Scope::System, chance: None };
    while let Some(Request::Unit(first)) = inbox.recv().await {
        if write_group(&mut tx, first, &mut inbox, &published).await.is_break() {
            break;
        }
    }
    if let Conn::Sqlite(conn) = tx.conn {
        let _ = conn.close().await;
    }
    // Whoever waits for the end waits for this; units that came too late are dropped, and their callers hear so.
    drop(inbox);
}

/// Where a group would go back to, were a unit to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    /// There is none yet.
    Missing,
    /// Before something that stays.
    Behind,
    /// Here.
    Here,
}

/// Runs the first unit and all that arrive meanwhile, commits, answers. Breaks when it was told to close.
async fn write_group(tx: &mut Tx, first: Waiting, inbox: &mut mpsc::Receiver<Request>, published: &Published) -> ControlFlow<()> {
    let mut flow = ControlFlow::Continue(());
    let mut finished = Vec::new();
    let mut group = execute(tx, "BEGIN IMMEDIATE").await;
    let mut savepoint = Savepoint::Missing;
    let mut next = Some(first);
    while let Some(waiting) = next {
        if group.is_ok() {
            let done;
            (done, group) = run_one(tx, waiting, &mut savepoint).await;
            finished.extend(done);
        } else {
            // Dropping a unit drops its channel, and its caller hears that the store is not available.
            drop(waiting);
        }
        next = if finished.len() < GROUP {
            match inbox.try_recv() {
                Ok(Request::Unit(waiting)) => Some(waiting),
                Ok(Request::Close) => {
                    flow = ControlFlow::Break(());
                    None
                }
                Err(_) => None,
            }
        } else {
            None
        };
    }
    if group.is_ok() {
        group = execute(tx, "COMMIT").await;
    }
    if let Err(error) = &group {
        tracing::warn!(%error, units = finished.len(), "a group of units could not be written");
        // It may have been rolled back already; then there is nothing to say.
        let _ = execute(tx, "ROLLBACK").await;
    }
    // Before anybody is answered: whoever hears of a change and calls again must find it. Where it cannot be read nothing is
    // remembered until it can be.
    if let Conn::Sqlite(conn) = &mut tx.conn {
        published.publish(revisions(conn).await.unwrap_or_default());
    }
    for done in finished {
        let committed = match &group {
            Ok(()) => Ok(()),
            Err(error) => Err(StoreError::Unavailable(error.to_string().into())),
        };
        (done.answer)(committed);
    }
    flow
}

/// Runs a unit and keeps or undoes it. Fails where the group can neither be gone on with nor be kept; then nothing was begun, or
/// SQLite has rolled back the whole group.
async fn run_one(tx: &mut Tx, waiting: Waiting, savepoint: &mut Savepoint) -> (Option<Finished>, Result<(), sqlx::Error>) {
    drop(waiting.waits);
    tx.scope = waiting.scope;
    tx.chance = Some(waiting.chance);
    let by_itself = waiting.ends == Ends::ByItself;
    if !by_itself && *savepoint != Savepoint::Here {
        let here = if *savepoint == Savepoint::Missing { "SAVEPOINT unit" } else { "RELEASE unit; SAVEPOINT unit" };
        if let Err(error) = execute(tx, here).await {
            return (None, Err(error));
        }
        *savepoint = Savepoint::Here;
    }
    let done = (waiting.run)(tx).instrument(waiting.span).await;
    let stands = match (done.keep, by_itself) {
        (true, _) => {
            if *savepoint == Savepoint::Here {
                *savepoint = Savepoint::Behind;
            }
            Ok(())
        }
        (false, true) => still_in_transaction(tx).await,
        (false, false) => execute(tx, "ROLLBACK TO unit").await,
    };
    (Some(done), stands)
}

/// Some faults, of the disk above all, make SQLite roll back by itself. A transaction that could begin now would be another one.
async fn still_in_transaction(tx: &mut Tx) -> Result<(), sqlx::Error> {
    match execute(tx, "BEGIN IMMEDIATE").await {
        // Nothing but this: what fails otherwise says nothing about the transaction before.
        Err(sqlx::Error::Database(said)) if said.message().contains("within a transaction") => Ok(()),
        Err(error) => Err(error),
        Ok(()) => Err(sqlx::Error::Protocol("SQLite rolled back what was under way".to_owned())),
    }
}

/// One of a handful of statements, each prepared once.
async fn execute(tx: &mut Tx, statement: &'static str) -> Result<(), sqlx::Error> {
    match &mut tx.conn {
        Conn::Sqlite(conn) => sqlx::query(statement).execute(&mut **conn).await.map(|_| ()),
        Conn::SqliteReader(_) | Conn::Postgres(_) => Ok(()),
    }
}
