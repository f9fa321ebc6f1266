//! How many requests there were, for which method, how they ended and how long they took.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use tonic::Code;

use crate::authorise::Call;

/// What is measured of requests. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Meter(Family<Labels, Histogram, fn() -> Histogram>);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    code: &'static str,
}

impl Meter {
    pub(crate) fn new() -> Self {
        // From an answer out of memory to longer than anybody waits: 1 ms to 32 s, doubling.
        Self(Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 16))))
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("cspd_request_duration_seconds", "gRPC requests, by method and by the code of the answer", self.0.clone());
    }

    pub(crate) fn answered(&self, path: &str, code: Code, took: Duration) {
        self.0.get_or_create(&Labels { method: method(path), code: word(code) }).observe(took.as_secs_f64());
    }
}

/// The method as the contract has it. A stranger could invent paths without end, and each would be a line of its own for ever.
fn method(path: &str) -> &'static str {
    Call::ALL.iter().map(|call| call.path()).find(|known| *known == path).unwrap_or("other")
}

/// As the documents of gRPC write it.
fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_invent_counts_as_one() {
        assert_eq!(method("csp.v1.NewsService/CreateNewsItem"), "csp.v1.NewsService/CreateNewsItem");
        assert_eq!(method("csp.v1.NewsService/BurnNewsItem"), "other");
        assert_eq!(method("../../etc/passwd"), "other");
    }
}
