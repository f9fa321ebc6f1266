//! Whether the database can be written to, found out by writing to it.
//!
//! A unit that is rolled back would not do: on SQLite nothing reaches the file before the COMMIT, so a full disk would pass
//! for a good one. So a row is written and taken away again in one unit that is committed: it leaves nothing, and nobody
//! ever sees it.

use csp_domain::{Scope, clock::Instant};
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, statement::statements};

statements! {
    INSERT_PROBE = "INSERT INTO requests (region_id, person_id, request_id, fingerprint, resource_id, created_at) VALUES ($1, $2, $3, 'probe', $2, $4)";
    DELETE_PROBE = "DELETE FROM requests WHERE region_id = $1 AND person_id = $2 AND request_id = $3";
    SCHEMA_VERSION = "SELECT MAX(version) FROM _sqlx_migrations";
}

impl Store {
    /// Writes something, takes it away again, and answers whether that could be done, and whether the schema is one this program
    /// knows. A newer one is no fault: while servers are replaced one after another, the old ones serve beside it.
    pub async fn probe(&self, now: Instant) -> Result<(), StoreError> {
        let needed = self.newest_migration();
        self.write(Scope::System, move |tx| {
            Box::pin(async move {
                let (region, nobody, request) = (tx.region().0, Uuid::nil(), tx.id(now));
                on!(tx, |c| sqlx::query(INSERT_PROBE).bind(region).bind(nobody).bind(request).bind(now).execute(c).await.map(|_| ()))?;
                on!(tx, |c| sqlx::query(DELETE_PROBE).bind(region).bind(nobody).bind(request).execute(c).await.map(|_| ()))?;
                let found: Option<i64> = on!(tx, |c| sqlx::query_scalar(SCHEMA_VERSION).fetch_one(c).await)?;
                if found.unwrap_or(0) < needed {
                    return Err(StoreError::Unavailable("its schema is older than this program".into()));
                }
                Ok(())
            })
        })
        .await
    }

    /// Waits until a unit could not reach the database: a reason to probe it at once. One waiter hears of it.
    pub async fn trouble(&self) {
        self.trouble.notified().await;
    }
}
