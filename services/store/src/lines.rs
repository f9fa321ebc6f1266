//! Connections to PostgreSQL, each lent to one unit at a time.
//!
//! A pool of our own, because what makes another one safe costs journeys: one that does not know how its borrowers end asks each
//! connection whether it is well before it is lent and again when it comes back. Here a connection comes back only after its
//! transaction has ended in good order, and any doubt closes it; so the first thing a unit says is that it begins. Should the
//! connection have been lost while it rested, the unit begins on another: nothing was done yet.
//!
//! A server that says nothing at all (its machine is gone, a cable was cut) is given up after a while, and with it all that rested.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use csp_domain::Scope;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    StoreError,
    unit::{Scoped, scope_settings},
};

/// How long a unit waits for a connection, and for the first word on it.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that is older is closed when it comes back: what its server keeps for it grows with time.
const AGE: Duration = Duration::from_mins(30);

/// All connections of a store. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Lines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: PgConnectOptions,
    most: u32,
    room: Arc<Semaphore>,
    resting: Mutex<Vec<Rested>>,
}

#[derive(Debug)]
struct Rested {
    conn: PgConnection,
    since: Instant,
}

/// A connection in a transaction. Dropped before its end, it is closed, and PostgreSQL rolls back.
#[derive(Debug)]
pub(crate) struct Line {
    conn: PgConnection,
    since: Instant,
    home: Arc<Inner>,
    _room: OwnedSemaphorePermit,
}

impl Deref for Line {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Line {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}

impl Inner {
    fn resting(&self) -> MutexGuard<'_, Vec<Rested>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Rested, sqlx::Error> {
        let conn = timeout(PATIENCE, self.options.connect()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        Ok(Rested { conn, since: Instant::now() })
    }
}

/// Whether it is the way that failed, not what was said.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(said) => said.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
        _ => true,
    }
}

impl Lines {
    /// So many at most. None is made yet.
    pub(crate) fn new(options: PgConnectOptions, most: u32) -> Self {
        let room = Arc::new(Semaphore::new(most as usize));
        Self(Arc::new(Inner { options, most, room, resting: Mutex::default() }))
    }

    /// Begins a transaction and says for whom it works, in one message.
    pub(crate) async fn begin(&self, how: &str, scope: Scope) -> Result<Line, StoreError> {
        let home = self.0.clone();
        let room = timeout(PATIENCE, home.room.clone().acquire_owned())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        // The values stand in the text itself, which is safe for what they are: a word of ours and identifiers in hexadecimal
        // digits. Should either half fail, there is no transaction and so no unit.
        let Scoped { word, region, partnership } = scope_settings(scope);
        let text = format!(
            "{how}; SELECT set_config('csp.scope', '{word}', TRUE), set_config('csp.region', '{region}', TRUE), \
             set_config('csp.partnership', '{partnership}', TRUE)"
        );
        loop {
            let rested = home.resting().pop();
            let is_fresh = rested.is_none();
            let Rested { mut conn, since } = match rested {
                Some(rested) => rested,
                None => home.connect().await?,
            };
            let begun = async {
                if cfg!(debug_assertions) && !is_fresh {
                    nothing_left_behind(&mut conn).await?;
                }
                conn.execute(AssertSqlSafe(text.clone())).await
            };
            match timeout(PATIENCE, begun).await {
                Ok(Ok(_)) => return Ok(Line { conn, since, home, _room: room }),
                // It was lost while it rested, perhaps with its server.
                Ok(Err(error)) if !is_fresh && is_lost(&error) => {}
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => {
                    self.forget();
                    return Err(StoreError::Unavailable("the database does not answer".into()));
                }
            }
        }
    }

    /// Closes what rests: after the server fell silent, each would have to be given up one by one.
    pub(crate) fn forget(&self) {
        self.0.resting().clear();
    }

    /// Takes in a connection that is in no transaction. A server that is open has one: by it `cspd restore` knows that it is there.
    pub(crate) fn rest(&self, conn: PgConnection) {
        self.0.resting().push(Rested { conn, since: Instant::now() });
    }

    /// A connection outside any transaction, which does not come back.
    pub(crate) async fn aside(&self) -> Result<PgConnection, sqlx::Error> {
        Ok(self.0.connect().await?.conn)
    }

    /// Waits until all have come back, and closes them.
    pub(crate) async fn close(&self) {
        let all = self.0.room.acquire_many(self.0.most).await;
        self.0.room.close();
        drop(all);
        let resting = std::mem::take(&mut *self.0.resting());
        for rested in resting {
            let _ = timeout(PATIENCE, rested.conn.close()).await;
        }
    }
}

impl Line {
    /// Ends the transaction. Only then may the connection be lent again.
    pub(crate) async fn end(mut self, how: &'static str) -> Result<(), sqlx::Error> {
        self.conn.execute(how).await?;
        let Self { conn, since, home, _room: room } = self;
        if since.elapsed() < AGE && !home.room.is_closed() {
            home.resting().push(Rested { conn, since });
        }
        drop(room);
        Ok(())
    }
}

/// Scopes are set for one transaction each, so a connection that is lent says nothing of whoever had it before. Asked in
/// builds for development and tests only, being a round trip for each unit.
async fn nothing_left_behind(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let left: String = sqlx::query_scalar(
        "SELECT concat(current_setting('csp.scope', TRUE), current_setting('csp.region', TRUE), current_setting('csp.partnership', TRUE))",
    )
    .fetch_one(conn)
    .await?;
    assert!(left.is_empty(), "a connection was lent with the scope of another unit");
    Ok(())
}
