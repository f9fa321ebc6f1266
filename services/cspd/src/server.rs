//! The server: what it is made of, how it starts and how it stops.
//!
//! Told to stop, it says on its health service that it no longer serves, lets nobody in, finishes what it has begun, and
//! goes; after `limits.shutdown_seconds` it goes in any case. Nothing is lost by that: what was answered is stored, what was
//! claimed is claimed again when its lease ends.

use std::{io, path::Path, sync::Arc, time::Duration};

use csp_api::Api;
use csp_domain::{chance::SharedChance, clock::SharedClock};
use csp_scheduler::Scheduler;
use csp_store::{Engine, Lock, OpenError, Store};
use tokio::{
    net::TcpListener,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_reflection::server::Builder as Reflection;

use crate::{
    config::{self, Config, Limits, Mail},
    connection::Terms,
    door,
};

/// Health and reflection are asked in a line or two.
const MAX_QUESTION_BYTES: usize = 4 * 1024;
/// How long a connection is waited for on which nothing runs any more: long enough for the last answer to arrive.
const TO_LEAVE: Duration = Duration::from_secs(1);
/// Of the time for stopping, so much is kept for closing the database.
const TO_CLOSE: Duration = Duration::from_secs(2);

/// Why the server does not run, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database does not open.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Reflection was given something that is no contract.
    #[error("reflection cannot be set up")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The address cannot be had.
    #[error("listen.api: {address} cannot be listened on")]
    Bind {
        /// Which.
        address: std::net::SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A part of the server ended by itself, which none does in good health.
    #[error("{0} ended by itself")]
    Ended(&'static str),
}

/// A server that has opened its database and not yet its door: `Server::open(…).await?.run(listener, stop).await`.
#[derive(Debug, Clone)]
pub struct Server {
    config: Config,
    store: Store,
    api: Api,
    scheduler: Scheduler,
    /// The last to go: as long as it is held, no other server opens this SQLite file.
    lock: Arc<Lock>,
}

impl Server {
    /// Opens the database, migrating it first where that is this program's to do: always on SQLite, and on PostgreSQL when
    /// it was given the owner's address.
    pub async fn open(config: Config, clock: SharedClock, chance: SharedChance) -> Result<Self, ServeError> {
        make_folder(&config.database);
        let lock = Arc::new(Lock::take(&config.database)?);
        let store = open_store(&config.database, chance.clone()).await?;
        let api = Api::new(store.clone(), clock.clone(), chance.clone());
        let scheduler = scheduler(&config, store.clone(), clock, chance);
        Ok(Self { config, store, api, scheduler, lock })
    }

    /// What does by itself what is due. For those who do not want to wait for it.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// Serves `listener` until `stop`, then finishes what was begun. The database is closed when this returns.
    pub async fn run(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { config, store, api, scheduler, lock } = self;
        let Limits { shutdown, .. } = config.limits;
        let (soft_stop, hard_stop) = (CancellationToken::new(), CancellationToken::new());
        let (mut health, health_service) = tonic_health::server::health_reporter();
        let routes = api.routes().add_service(health_service.max_decoding_message_size(MAX_QUESTION_BYTES));
        let routes = if config.listen.reflection { with_reflection(routes)? } else { routes };
        let (work, connections) = (TaskTracker::new(), TaskTracker::new());
        let terms = Arc::new(Terms {
            routes: routes.prepare(),
            tls: config.listen.tls.clone().map(Into::into),
            limits: config.limits,
            requests: work.clone(),
            soft_stop: soft_stop.clone(),
            hard_stop: hard_stop.clone(),
        });

        announce(&listener, &config);
        let mut door = work.spawn(door::keep(listener, terms, connections.clone()));
        let mut clockwork = work.spawn(run_scheduler(scheduler, config.scheduler, soft_stop.clone(), hard_stop.clone()));

        let verdict = tokio::select! {
            () = stop => Ok(()),
            _ = &mut door => Err(ServeError::Ended("the door for connections")),
            _ = &mut clockwork => Err(ServeError::Ended("the scheduler")),
        };
        tracing::info!("stopping: finishing what was begun");
        let end = Instant::now() + shutdown;
        health.set_service_status("", ServingStatus::NotServing).await;
        // Whoever is watching hears that, and then the end; otherwise a watcher would keep us here to the last second.
        health.clear_service_status("").await;
        soft_stop.cancel();
        work.close();
        connections.close();
        match timeout_at(end - TO_CLOSE, work.wait()).await {
            // Some clients never leave by themselves; with nothing running for them, nothing is lost.
            Ok(()) => drop(timeout(TO_LEAVE, connections.wait()).await),
            Err(_) => tracing::warn!("not everything was finished in time; the rest is broken off"),
        }
        hard_stop.cancel();
        if timeout(TO_CLOSE, store.close()).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
        drop(lock);
        tracing::info!("stopped");
        verdict
    }
}

/// Opens the database, brought up to date first where that is this program's to do.
pub(crate) async fn open_store(settings: &csp_store::Settings, chance: SharedChance) -> Result<Store, OpenError> {
    if settings.engine()? == Engine::Sqlite || settings.migrate_url.is_some() {
        let steps = migrate(settings).await?;
        if steps > 0 {
            tracing::info!(steps, "the database schema was brought up to date");
        }
    }
    Store::open(settings, chance).await
}

/// Brings the schema up to date.
pub(crate) async fn migrate(settings: &csp_store::Settings) -> Result<usize, OpenError> {
    make_folder(settings);
    Store::migrate(settings).await
}

/// A folder that must be made for SQLite's file is for its owner alone: there are people's addresses in it.
fn make_folder(settings: &csp_store::Settings) {
    let file = settings.url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next());
    if let Some(folder) = file.and_then(|file| Path::new(file).parent()) {
        // What cannot be made, the store cannot make either, and says so.
        let _ = make_private(folder);
    }
}

#[cfg(unix)]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// What does by itself what is due, as configured.
pub(crate) fn scheduler(config: &Config, store: Store, clock: SharedClock, chance: SharedChance) -> Scheduler {
    let Mail { carrier, post } = config.mail.clone();
    Scheduler::new(store, clock, chance, carrier, post)
}

fn announce(listener: &TcpListener, config: &Config) {
    let Ok(address) = listener.local_addr() else { return };
    let how = if config.listen.tls.is_some() { "TLS" } else { "plaintext" };
    if config.listen.is_exposed() {
        tracing::warn!("without TLS, whoever is on the line can read tokens: see listen.certificate");
    }
    tracing::info!(listen.address = %address, "listening on {address} ({how})");
}

/// The scheduler for as long as the server lives. Switched off, it waits for the end without doing anything.
async fn run_scheduler(scheduler: Scheduler, settings: config::Scheduler, soft_stop: CancellationToken, hard_stop: CancellationToken) {
    if settings.enabled {
        hard_stop.run_until_cancelled(Box::pin(scheduler.run(settings.every, soft_stop))).await;
    } else {
        soft_stop.cancelled().await;
    }
}

fn with_reflection(routes: Routes) -> Result<Routes, ServeError> {
    let builder = || {
        Reflection::configure()
            .register_encoded_file_descriptor_set(csp_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let v1 = builder().build_v1().map_err(ServeError::Reflection)?.max_decoding_message_size(MAX_QUESTION_BYTES);
    // Many clients still ask in the words of the draft.
    let draft = builder().build_v1alpha().map_err(ServeError::Reflection)?.max_decoding_message_size(MAX_QUESTION_BYTES);
    Ok(routes.add_service(v1).add_service(draft))
}
