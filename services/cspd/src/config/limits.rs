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
    /// For everything together to finish, once told to stop.
    pub shutdown: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Limits {
    let limits = Limits {
        connections: reader.number("limits.connections", 1..=100_000),
        connections_per_address: reader.number("limits.connections_per_address", 1..=100_000),
        requests_per_connection: reader.number("limits.requests_per_connection", 1..=1_000),
        handshake: reader.seconds("limits.handshake_seconds", 1..=60),
        first_bytes: reader.seconds("limits.first_bytes_seconds", 1..=60),
        keepalive: reader.seconds("limits.keepalive_seconds", 5..=3_600),
        keepalive_answer: reader.seconds("limits.keepalive_answer_seconds", 1..=60),
        request: reader.seconds("limits.request_seconds", 1..=600),
        shutdown: reader.seconds("limits.shutdown_seconds", 3..=300),
    };
    if limits.connections_per_address > limits.connections {
        reader.fault("limits.connections_per_address", "must not be more than limits.connections");
    }
    limits
}
