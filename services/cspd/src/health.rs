//! Whether the server can do its work: the database is asked every few seconds, and the answer told to whoever listens.

use std::{fmt, time::Duration};

use csp_store::Store;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::failure::with_causes;

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(5);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the server can do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Serving,
    /// It cannot.
    NotServing {
        /// A sentence for whoever looks after the service. No secret is in it.
        why: String,
    },
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serving => f.write_str("serving"),
            Self::NotServing { why } => f.write_str(why),
        }
    }
}

/// Asks the database until `stop`, which is itself a reason not to serve.
pub(crate) async fn watch_over(store: Store, health: watch::Sender<Health>, stop: CancellationToken) {
    let mut beat = interval(EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = beat.tick() => {}
        }
        // Whoever waits is told of every answer, also of one that is the same as before: that there is one is news too.
        tokio::select! {
            () = stop.cancelled() => break,
            found = ask(&store) => health.send_replace(found),
        };
    }
    health.send_replace(Health::NotServing { why: "the server is stopping".to_owned() });
}

async fn ask(store: &Store) -> Health {
    match timeout(PATIENCE, store.probe()).await {
        Ok(Ok(())) => Health::Serving,
        Ok(Err(error)) => Health::NotServing { why: with_causes(&error) },
        Err(_) => Health::NotServing { why: format!("the database did not answer within {} seconds", PATIENCE.as_secs()) },
    }
}
