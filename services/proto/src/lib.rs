//! The contract, as Rust: generated types and services of `proto/csp/v1`, and nothing else but [`figures`],
//! the one message that is written by hand.
//!
//! Generated types stay at the edge. `csp-api` converts them to the domain's; the client shows them.

/// `package csp.v1`.
#[expect(missing_docs, reason = "tonic's clients and servers carry no documentation of their own")]
#[expect(clippy::pedantic, clippy::allow_attributes, reason = "generated code")]
pub mod v1 {
    tonic::include_proto!("csp.v1");

    pub use crate::figures::Figures;
}

pub mod figures;

/// Every file of the contract, as reflection serves it.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Every method of the contract, as a request names it: `csp.v1.RegionService/CreateRegion`.
pub const METHODS: &[&str] = include!(concat!(env!("OUT_DIR"), "/methods.rs"));
