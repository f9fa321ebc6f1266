//! What is counted at the door: connections, and how often a limit said no.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// The numbers of the door. Cheap to clone; all clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measures {
    open: Gauge,
    accepted: Counter,
    limits: Family<Limit, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

/// A connection that is open, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Measures {
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
