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
use prometheus_client::registry::Registry;
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;
use tonic_reflection::server::Builder as Reflection;

use crate::{
    config::{self, Config, Limits, Mail},
    connection::Terms,
    diaries::Diaries,
    door,
    health::{Health, Herald},
    measures::Measures,
    metrics::{Metrics, Surroundings},
    notify::Notify,
    pulse::Pulse,
    signal::Hangups,
    web::{self, Pages},
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
    #[error("{setting}: {address} cannot be listened on")]
    Bind {
        /// Which of the two doors.
        setting: &'static str,
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
#[derive(Debug)]
pub struct Server {
    config: Config,
    store: Store,
    api: Api,
    scheduler: Scheduler,
    clock: SharedClock,
    chance: SharedChance,
    measures: Measures,
    metrics: Metrics,
    health: watch::Sender<Health>,
    pulse: Pulse,
    web: Option<TcpListener>,
    notify: Notify,
    /// The last to go: as long as it is held, no other server opens this SQLite file.
    lock: Arc<Lock>,
}

/// The store, counting by the bank holidays that the settings name.
pub(crate) fn by_holidays(store: Store, config: &Config) -> Store {
    match config.holidays.clone() {
        Some(newer) => store.with_holidays(newer),
        None => store,
    }
}

impl Server {
    /// Opens the database, migrating it first where that is this program's to do: always on SQLite, and on PostgreSQL when
    /// it was given the owner's address.
    pub async fn open(config: Config, clock: SharedClock, chance: SharedChance) -> Result<Self, ServeError> {
        make_folder(&config.database);
        let lock = Arc::new(Lock::take(&config.database)?);
        let store = by_holidays(open_store(&config.database, chance.clone()).await?, &config);
        let api = Api::new(store.clone(), clock.clone(), chance.clone()).within(config.limits.api).at(config.listen.web_address.clone());
        let scheduler = scheduler(&config, store.clone(), clock.clone(), chance.clone());
        // The database has just been opened; whether it stays well, the watch over it finds out.
        let health = watch::Sender::new(Health::Serving);
        let measures = Measures::new();
        let mut registry = Registry::default();
        store.register(&mut registry);
        api.register(&mut registry);
        scheduler.register(&mut registry);
        measures.register(&mut registry);
        let surroundings = Surroundings {
            last_backup: crate::last_backup::path(&config),
            certificate: config.listen.tls.clone(),
            health: health.subscribe(),
        };
        let metrics = Metrics::new(registry, store.clone(), clock.clone(), surroundings);
        let pulse = Pulse::new(&scheduler, config.scheduler, config.limits.probe);
        let notify = Notify::default();
        Ok(Self { config, store, api, scheduler, clock, chance, measures, metrics, health, pulse, web: None, notify, lock })
    }

    /// Whether it serves, now and whenever that changes.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Opens a second door, for machines that watch the service (`listen.web`).
    #[must_use]
    pub fn with_web(mut self, listener: Option<TcpListener>) -> Self {
        self.web = listener;
        self
    }

    /// Tells systemd how the service is.
    #[must_use]
    pub fn with_notify(mut self, notify: Notify) -> Self {
        self.notify = notify;
        self
    }

    /// What does by itself what is due. For those who do not want to wait for it.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// Serves `listener` until `stop`, then finishes what was begun. The database is closed when this returns.
    pub async fn run(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { config, store, api, scheduler, clock, chance, measures, metrics, health, pulse, web, notify, lock } = self;
        let Limits { shutdown, .. } = config.limits;
        let (soft_stop, hard_stop) = (CancellationToken::new(), CancellationToken::new());
        let (reporter, health_service) = tonic_health::server::health_reporter();
        let routes = api.routes().add_service(health_service.max_decoding_message_size(MAX_QUESTION_BYTES));
        let routes = if config.listen.reflection { with_reflection(routes)? } else { routes };
        let (work, connections) = (TaskTracker::new(), TaskTracker::new());
        let terms = Arc::new(Terms {
            routes: routes.prepare(),
            tls: config.listen.tls.as_ref().map(|certificate| certificate.tls().into()),
            limits: config.limits,
            chance,
            measures,
            requests: work.clone(),
            soft_stop: soft_stop.clone(),
            hard_stop: hard_stop.clone(),
        });

        let state = health.subscribe();
        let (herald, stop_watching) = (Herald::open(reporter, health).await, CancellationToken::new());
        announce(&listener, &config);
        if let Some(web) = web {
            announce_web(&web);
            let diaries = Diaries::new(store.clone(), clock.clone());
            let pages = Pages { metrics, health: state.clone(), pulse: pulse.clone(), diaries };
            // To the very end: whoever watches shall see the stopping too.
            tokio::spawn(web::keep(web, pages, hard_stop.clone()));
        }
        tokio::spawn(pulse.clone().feel(state));
        tokio::spawn(notify.clone().feed_watchdog(pulse.clone(), hard_stop.clone()));
        let mut door = work.spawn(door::keep(listener, terms, connections.clone()));
        let mut clockwork = work.spawn(run_scheduler(scheduler, config.scheduler, soft_stop.clone(), hard_stop.clone()));

        let watch = tokio::spawn(herald.watch(store.clone(), pulse, config.limits.probe, clock.clone(), stop_watching.clone()));
        if let Some(certificate) = config.listen.tls.clone() {
            work.spawn(certificate.keep(config.listen.renewal, clock, Hangups::listen(), notify.clone(), soft_stop.clone()));
        }
        notify.ready("serving");

        let verdict = tokio::select! {
            () = stop => Ok(()),
            _ = &mut door => Err(ServeError::Ended("the door for connections")),
            _ = &mut clockwork => Err(ServeError::Ended("the scheduler")),
        };
        tracing::info!("stopping: finishing what was begun");
        notify.stopping();
        let end = Instant::now() + shutdown;
        stop_watching.cancel();
        if let Ok(herald) = watch.await {
            herald.retire().await;
        }
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

fn announce_web(listener: &TcpListener) {
    let Ok(address) = listener.local_addr() else { return };
    tracing::info!(listen.web = %address, "metrics and probes on http://{address}");
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
