//! The page of numbers for Prometheus: who counts what, and what is read from the database.
//!
//! Whoever does a thing counts it and registers its own numbers here. What only the database knows is read when somebody asks
//! for the page, and not again within [`FRESH`]: however many ask, the database is asked once. All times are points in time, so
//! that a number that is a few seconds old still says the truth about how long is left.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use csp_domain::{
    clock::{Instant, SharedClock},
    cycle::CycleState,
    digest::DigestState,
};
use csp_store::{CycleGauge, Engine, Gauges, MessageGauge, Store};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, EncodeMetric as _, MetricEncoder, prometheus_text},
    metrics::{MetricType, gauge::ConstGauge, info::Info},
    registry::Registry,
};
use tokio::{
    sync::{Mutex, watch},
    time::{self, timeout},
};

use crate::{certificate::Certificate, health::Health, last_backup, process::Process};

/// What was read from the database serves so long.
const FRESH: Duration = Duration::from_secs(15);
/// A database that is slower than this does not hold the page up: the numbers are those of last time, and say so.
const PATIENCE: Duration = Duration::from_secs(3);
/// Tokens that end within so long are told.
const TOKENS_AHEAD: TimeDelta = TimeDelta::days(30);
/// Writes the page.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    store: Store,
    clock: SharedClock,
    read: Arc<Mutex<Option<time::Instant>>>,
    found: Found,
}

/// What was last read, and when.
type Found = Arc<RwLock<Option<(Instant, Gauges)>>>;

/// What the page tells of the world around the process.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// The file that says when the last backup was made.
    pub(crate) last_backup: PathBuf,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) health: watch::Receiver<Health>,
}

impl Metrics {
    /// The page, with what others have registered already.
    pub(crate) fn new(mut registry: Registry, store: Store, clock: SharedClock, surroundings: Surroundings) -> Self {
        let found = Found::default();
        let engine = match store.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        registry.register("cspd_build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION")), ("engine", engine)]));
        registry.register_collector(Box::new(Process { started: clock.now().timestamp() }));
        registry.register_collector(Box::new(Around { engine: store.engine(), surroundings }));
        registry.register_collector(Box::new(Watched(found.clone())));
        Self { registry: Arc::new(registry), store, clock, read: Arc::default(), found }
    }

    /// The page as it stands.
    pub(crate) async fn page(&self) -> Result<String, fmt::Error> {
        self.refresh().await;
        let mut page = String::new();
        prometheus_text::encode(&mut page, &self.registry)?;
        Ok(page)
    }

    async fn refresh(&self) {
        // Whoever comes second waits for the first, and then finds its answer.
        let mut read = self.read.lock().await;
        if read.is_some_and(|read| read.elapsed() < FRESH) {
            return;
        }
        let now = self.clock.now();
        match timeout(PATIENCE, self.store.gauges(now, now + TOKENS_AHEAD)).await {
            Ok(Ok(gauges)) => *self.found.write().unwrap_or_else(PoisonError::into_inner) = Some((now, gauges)),
            Ok(Err(error)) => tracing::warn!(%error, "the numbers for whoever watches could not be read"),
            Err(_) => tracing::warn!("the numbers for whoever watches could not be read in time"),
        }
        // After a failure too: a database in trouble is not asked again by everybody who looks.
        *read = Some(time::Instant::now());
    }
}

/// Health, the certificate, the last backup.
#[derive(Debug)]
struct Around {
    engine: Engine,
    surroundings: Surroundings,
}

impl Around {
    /// When the last backup was made. Where the embedded database has none yet that is told too, as the year 1970; PostgreSQL
    /// is often backed up by somebody else, and then nothing is claimed.
    fn backup(&self) -> Option<i64> {
        match last_backup::read(&self.surroundings.last_backup) {
            Some(moment) => Some(moment.timestamp()),
            None => (self.engine == Engine::Sqlite).then_some(0),
        }
    }
}

impl Collector for Around {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let serving = *self.surroundings.health.borrow() == Health::Serving;
        let mut one = |name: &str, help: &str, value: i64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        one("cspd_health_serving", "1 while the database answers and can be written to", i64::from(serving))?;
        if let Some(ends) = self.surroundings.certificate.as_ref().and_then(Certificate::ends) {
            one("cspd_certificate_expiry_timestamp_seconds", "When the certificate of listen.api ends", ends.timestamp())?;
        }
        if let Some(at) = self.backup() {
            one("cspd_backup_last_success_timestamp_seconds", "When the last backup was made", at)?;
        }
        Ok(())
    }
}

/// What is read from the database. Labels are slugs and words of the program: no name, no address.
#[derive(Debug)]
struct Watched(Found);

impl Collector for Watched {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some((read_at, gauges)) = found.as_ref() else { return Ok(()) };

        let mut metric = family(&mut encoder, "cspd_gauges_read_timestamp_seconds", "When the database was last read for this page")?;
        metric.encode_gauge(&read_at.timestamp())?;

        for (name, help, value) in CYCLE_GAUGES {
            let mut metric = family(&mut encoder, name, help)?;
            for of in &gauges.cycles {
                let labels = [("region", of.region.as_str()), ("committee", of.committee.as_str()), ("cycle", of.cycle.as_str())];
                put(&mut metric, &labels, value(of))?;
            }
        }
        for (name, help, value) in MESSAGE_GAUGES {
            let mut metric = family(&mut encoder, name, help)?;
            for of in &gauges.messages {
                put(&mut metric, &[("region", of.region.as_str()), ("kind", of.kind.word()), ("state", of.state.word())], value(of))?;
            }
        }
        let mut metric = family(&mut encoder, "cspd_tokens_expiring", "Tokens that end within 30 days")?;
        for of in &gauges.tokens {
            put(&mut metric, &[("region", of.region.as_str())], of.tokens)?;
        }
        Ok(())
    }
}

/// Name, help and value.
type Told<Of> = (&'static str, &'static str, fn(&Of) -> i64);

/// What is told of messages of one kind in one state.
const MESSAGE_GAUGES: [Told<MessageGauge>; 2] = [
    ("cspd_messages", "Messages that are not settled, by state", |of| of.messages),
    ("cspd_messages_oldest_timestamp_seconds", "Since when the oldest of them has been waiting", |of| of.oldest.timestamp()),
];

/// What is told of each cycle.
const CYCLE_GAUGES: [Told<CycleGauge>; 10] = [
    ("cspd_cycle_deadline_timestamp_seconds", "When returns are due", |of| of.deadline_at.timestamp()),
    ("cspd_cycle_publication_timestamp_seconds", "When the digest goes out", |of| of.publication_at.timestamp()),
    ("cspd_cycle_notice_ends_timestamp_seconds", "The end of the day of publication: who has the digest by then has it in time", |of| {
        of.notice_ends_at.timestamp()
    }),
    ("cspd_cycle_meeting_timestamp_seconds", "When the committee meets", |of| of.meeting_at.timestamp()),
    ("cspd_cycle_open", "1 while partnerships may send in", |of| i64::from(of.state == CycleState::Open)),
    ("cspd_cycle_published", "1 once the digest has gone out", |of| i64::from(of.state == CycleState::Published)),
    ("cspd_cycle_digest_approved", "1 once a second person has approved the latest version of the digest", |of| {
        i64::from(matches!(of.digest, Some(DigestState::Approved | DigestState::Released)))
    }),
    ("cspd_cycle_returns_expected", "Partnerships that report to the committee", |of| of.expected),
    ("cspd_cycle_returns_missing", "Partnerships whose return is not in", |of| of.missing),
    ("cspd_cycle_messages_undelivered", "Members' copies that no mail server has taken", |of| of.undelivered),
];

fn family<'e>(encoder: &'e mut DescriptorEncoder<'_>, name: &'static str, help: &str) -> Result<MetricEncoder<'e>, fmt::Error> {
    encoder.encode_descriptor(name, help, None, MetricType::Gauge)
}

fn put(metric: &mut MetricEncoder<'_>, labels: &impl EncodeLabelSet, value: impl EncodeGaugeValue) -> fmt::Result {
    metric.encode_family(labels)?.encode_gauge(&value)
}
