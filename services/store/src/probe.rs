//! Whether the database takes writes now: asked of the database, not guessed from errors.

use csp_domain::{Scope, id::RegionId};

use crate::{Store, StoreError, engine::on, statement::statements};

statements! {
    /// Changed and changed back in one unit: SQLite does not write what stays the same.
    PROBE = "UPDATE regions SET revision = -revision WHERE region_id = $1";
}

impl Store {
    /// Tries a write through to the disk, which leaves nothing. Waits its turn behind other units.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.write(Scope::System, |tx| {
            Box::pin(async move {
                for _ in 0..2 {
                    let rows = on!(tx, |c| sqlx::query(PROBE).bind(RegionId::SYSTEM.0).execute(c).await.map(|done| done.rows_affected()))?;
                    if rows != 1 {
                        return Err(StoreError::NotFound("region"));
                    }
                }
                Ok(())
            })
        })
        .await
    }
}
