//! `[limits]`

use std::time::Duration;

use super::Reader;

/// What one client may take from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at once.
    pub connections: u32,
    /// Of these, from one network address.
    pub connections_per_address: u32,
    /// Requests running at once on one connection.
    pub requests_per_connection: u32,
    /// What the services take at once, from one tenant, and of what size.
    pub api: csp_api::Limits,
    /// For a TLS handshake.
    pub handshake: Duration,
    /// For the first words of HTTP/2.
    pub first_bytes: Duration,
    /// How often a quiet connection is asked whether it is there.
    pub keepalive: Duration,
    /// How long it may take to answer that.
    pub keepalive_answer: Duration,
    /// For a request.
    pub request: Duration,
    /// For an answer to be taken.
    pub answer: Duration,
    /// How long a connection is used, more or less a tenth.
    pub connection_age: Duration,
    /// How long what runs on it then may take.
    pub connection_grace: Duration,
    /// How often the database is tried.
    pub probe: Duration,
    /// For everything together to finish, once told to stop.
    pub shutdown: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Limits {
    let limits = Limits {
        connections: reader.number("limits.connections", 1..=100_000),
        connections_per_address: reader.number("limits.connections_per_address", 1..=100_000),
        requests_per_connection: reader.number("limits.requests_per_connection", 1..=1_000),
        api: csp_api::Limits {
            requests: reader.number("limits.requests", 1..=100_000),
            requests_per_tenant: reader.number("limits.requests_per_tenant", 1..=100_000),
            tenant_per_second: reader.number("limits.tenant_per_second", 1..=100_000),
            tenant_burst: reader.number("limits.tenant_burst", 1..=1_000_000),
            failures_per_minute: reader.number("limits.failures_per_minute", 1..=100_000),
            request_bytes: reader.number("limits.request_kib", 64..=65_536) as usize * 1024,
            answer_bytes: reader.number("limits.answer_kib", 64..=65_536) as usize * 1024,
        },
        handshake: reader.seconds("limits.handshake_seconds", 1..=60),
        first_bytes: reader.seconds("limits.first_bytes_seconds", 1..=60),
        keepalive: reader.seconds("limits.keepalive_seconds", 5..=3_600),
        keepalive_answer: reader.seconds("limits.keepalive_answer_seconds", 1..=60),
        request: reader.seconds("limits.request_seconds", 1..=600),
        answer: reader.seconds("limits.answer_seconds", 5..=600),
        connection_age: reader.seconds("limits.connection_age_seconds", 60..=86_400),
        connection_grace: reader.seconds("limits.connection_grace_seconds", 1..=3_600),
        probe: reader.seconds("limits.probe_seconds", 1..=300),
        shutdown: reader.seconds("limits.shutdown_seconds", 3..=300),
    };
    if limits.connections_per_address > limits.connections {
        reader.fault("limits.connections_per_address", "must not be more than limits.connections");
    }
    if limits.api.requests_per_tenant > limits.api.requests {
        reader.fault("limits.requests_per_tenant", "must not be more than limits.requests");
    }
    limits
}
