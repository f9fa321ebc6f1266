//! What is counted at the door: connections, and how often a limit said no.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// The numbers of the door. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Measures {
    open: Gauge,
    accepted: Counter,
    limits: Family<Limit, Counter>,
}

/// Every limit there is. All are told from the beginning, so that the first time one says no is seen as a rise from 0.
const LIMITS: [&str; 5] = [
    "limits.connections",
    "limits.connections_per_address",
    "limits.handshake_seconds",
    "limits.first_bytes_seconds",
    "limits.request_seconds",
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

/// A connection that is open, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Measures {
    pub(crate) fn new() -> Self {
        let limits = Family::default();
        for limit in LIMITS {
            let _: Counter = limits.get_or_create_owned(&Limit { limit });
        }
        Self { open: Gauge::default(), accepted: Counter::default(), limits }
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        let Self { open, accepted, limits } = self.clone();
        registry.register("cspd_connections_open", "Connections of clients that are open", open);
        registry.register("cspd_connections_accepted", "Connections of clients that were let in", accepted);
        registry.register("cspd_limits_reached", "How often a limit said no, by the name of the setting", limits);
    }

    /// Somebody was let in.
    pub(crate) fn enter(&self) -> Open {
        self.accepted.inc();
        self.open.inc();
        Open(self.open.clone())
    }

    /// A limit said no. `limit` is the name of its setting, as in `limits.connections`.
    pub(crate) fn reached(&self, limit: &'static str) {
        self.limits.get_or_create(&Limit { limit }).inc();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
