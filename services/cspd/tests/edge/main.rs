//! The edge of the server, met over real sockets by clients that mean well, peers that do not, and renewed certificates. No
//! test sleeps: what must happen is waited for. The floods have a long form: `CSP_TEST_LONG=1`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
mod floods;
mod frames;
mod limits;
mod peers;
mod renewal;
mod running;
mod sizes;
