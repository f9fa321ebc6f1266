//! How many units of work there were, of what, how long they took and how they ended.
//!
//! The numbers live in the store and are handed to whoever publishes them ([`Store::register`]), so that two stores in one
//! process count apart. A label is a word of this program, never anything that was stored.

use std::{panic::Location, path::Path, time::Instant};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use tracing::Instrument as _;

use crate::{Engine, Store, StoreError};

/// What is measured of a store. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    units: Family<Unit, Histogram, fn() -> Histogram>,
    /// Units that wait for SQLite's one writer.
    pub(crate) waiting: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Unit {
    engine: &'static str,
    noun: &'static str,
    kind: &'static str,
    outcome: &'static str,
}

impl Meter {
    pub(crate) fn new() -> Self {
        // From a read of a small file to what a person calls slow: 0.25 ms to 4 s, doubling.
        Self { units: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_25, 2.0, 15))), waiting: Gauge::default() }
    }
}

impl Store {
    /// Hands the store's numbers to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "cspd_store_unit_duration_seconds",
            "Units of work on the database: by the noun they are about, whether they read or write, and how they ended",
            self.meter.units.clone(),
        );
        registry.register("cspd_store_units_waiting", "Units that wait for the one writer of SQLite", self.meter.waiting.clone());
    }

    /// Runs a unit under a span, and counts it with its time and its end. A unit belongs to the module it is written in; that
    /// is the noun.
    pub(crate) async fn measured<T>(
        &self,
        kind: &'static str,
        place: &'static Location<'static>,
        unit: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let noun = Path::new(place.file()).file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or("store");
        let engine = match self.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        // What nobody asked for (a probe, a look at the tables) would begin a trace of its own every few seconds.
        let span = if tracing::Span::current().is_none() {
            tracing::Span::none()
        } else {
            tracing::debug_span!("unit", db.system.name = engine, unit.noun = noun, unit.kind = kind, unit.outcome = tracing::field::Empty)
        };
        let began = Instant::now();
        let result = unit.instrument(span.clone()).await;
        let outcome = outcome(&result);
        span.record("unit.outcome", outcome);
        self.meter.units.get_or_create(&Unit { engine, noun, kind, outcome }).observe(began.elapsed().as_secs_f64());
        result
    }
}

/// A refusal is the store doing its work; a failure is not.
fn outcome<T>(result: &Result<T, StoreError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(StoreError::Unavailable(_)) => "unavailable",
        Err(StoreError::Inconsistent { .. } | StoreError::Failed(_)) => "failed",
        Err(_) => "refused",
    }
}

/// One that waits, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Waits(Gauge);

impl Waits {
    pub(crate) fn begin(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.dec();
    }
}
