//! What goes wrong beneath the store, and what must be true all the same: what was acknowledged is kept, nothing is half
//! there, callers hear in words that they may try again, and it heals by itself.
//!
//! Each has a short form, and with `CSP_TEST_LONG=1` a long one. Where to start: `ledger.rs` is what tests hold the store
//! to; then a module for each fault.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backups;
mod disk;
mod flips;
mod ledger;
mod occupied;
mod restart;
mod restores;
mod submissions;
mod writers;

/// How often, in the short form and in the long one.
fn times(short: usize, long: usize) -> usize {
    if std::env::var("CSP_TEST_LONG").is_ok_and(|value| value == "1") { long } else { short }
}
