//! Whether the server can do its work: whether its database can be written to, and whether somebody looks at what is due.
//!
//! The first is found out by writing, every so often and as soon as a request could not reach the database. Nobody needs to
//! restart anything: the first write that succeeds again says so. gRPC's health service tells it to clients and load
//! balancers; everybody inside reads [`Health`] from a watch channel.

use std::{fmt, time::Duration};

use csp_api::Api;
use csp_domain::clock::SharedClock;
use csp_store::Store;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{failure::with_causes, pulse::Pulse};

/// A database that takes so long for one row cannot be said to serve.
const TOO_SLOW: Duration = Duration::from_secs(5);
/// At most one look in so long, however often requests find trouble; and while it does not serve, so often.
const PAUSE: Duration = Duration::from_secs(1);

/// Whether the server serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Serving,
    /// It does not.
    NotServing {
        /// Why, in a few words for whoever runs it.
        why: &'static str,
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

/// Tells everybody who asks.
#[derive(Debug)]
pub(crate) struct Herald {
    reporter: HealthReporter,
    report: watch::Sender<Health>,
    services: Vec<&'static str>,
}

impl Herald {
    /// For the server as a whole (the empty name, as the protocol has it) and each of its services. What is known so far is
    /// told before anybody can ask.
    pub(crate) async fn open(reporter: HealthReporter, report: watch::Sender<Health>) -> Self {
        let services = std::iter::once("").chain(Api::services()).collect();
        let first = *report.borrow();
        let herald = Self { reporter, report, services };
        herald.say(first).await;
        herald
    }

    /// Tells it.
    pub(crate) async fn say(&self, health: Health) {
        self.report.send_replace(health);
        let status = match health {
            Health::Serving => ServingStatus::Serving,
            Health::NotServing { .. } => ServingStatus::NotServing,
        };
        for service in &self.services {
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// Tells that the server stops. Whoever is watching hears that, and then the end; otherwise a watcher would keep it to
    /// the last second.
    pub(crate) async fn retire(mut self) {
        self.say(Health::NotServing { why: "the server is stopping" }).await;
        for service in &self.services {
            self.reporter.clear_service_status(service).await;
        }
    }

    /// Looks after the database and the scheduler and tells how they are, until told to stop; then the herald goes back to whoever
    /// sent it.
    pub(crate) async fn watch(self, store: Store, pulse: Pulse, every: Duration, clock: SharedClock, stop: CancellationToken) -> Self {
        stop.run_until_cancelled(async {
            loop {
                self.look(&store, &pulse, &clock).await;
                let serving = *self.report.borrow() == Health::Serving;
                sleep(PAUSE.min(every)).await;
                if serving {
                    // Either will do.
                    let _ = timeout(every.saturating_sub(PAUSE), store.trouble()).await;
                }
            }
        })
        .await;
        self
    }

    async fn look(&self, store: &Store, pulse: &Pulse, clock: &SharedClock) {
        let before = *self.report.borrow();
        let found = match timeout(TOO_SLOW, store.probe(clock.now())).await {
            Ok(Ok(())) => match pulse.last_look_too_long_ago() {
                Some(ago) => {
                    if before == Health::Serving {
                        tracing::error!(seconds = ago.as_secs(), "no look at what is due has succeeded: not serving until one does");
                    }
                    Health::NotServing { why: "what is due has not been looked at for too long" }
                }
                None => Health::Serving,
            },
            Ok(Err(error)) => {
                if before == Health::Serving {
                    tracing::error!(error = with_causes(&error), "the database cannot be written to: not serving until it can");
                }
                Health::NotServing { why: "the database cannot be written to" }
            }
            Err(_) => {
                if before == Health::Serving {
                    tracing::error!("the database does not answer in {} s: not serving until it does", TOO_SLOW.as_secs());
                }
                Health::NotServing { why: "the database does not answer" }
            }
        };
        if found == before {
            // That there was an answer is news too: whoever feels the pulse counts them.
            self.report.send_replace(found);
            return;
        }
        if found == Health::Serving {
            tracing::info!("the database can be written to and what is due is looked at: serving again");
        }
        self.say(found).await;
    }
}
