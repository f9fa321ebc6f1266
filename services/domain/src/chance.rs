//! Chance is an argument too: identifiers, secrets and jitter come from a [`Chance`] that tests can
//! seed.

use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::clock::Instant;

/// Where random bytes come from.
pub trait Chance: Send + Sync + std::fmt::Debug {
    /// Fills `bytes` with bytes nobody can guess.
    fn fill(&self, bytes: &mut [u8]);

    /// A number one higher than the last.
    fn next(&self) -> u32;

    /// A new identifier, ordered by time, and within a millisecond in the order they were asked for (UUID
    /// version 7 with a counter, RFC 9562 §6.2, method 1): lists are in order of identifiers.
    fn id(&self, now: Instant) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        // 26 bits of counter stand between the version and the variant and after it: 4 and 8, 6 and 8.
        let count = self.next();
        let bits = |shift: u32, mask: u32| u8::try_from((count >> shift) & mask).unwrap_or(0);
        random[..4].copy_from_slice(&[bits(22, 0x0f), bits(14, 0xff), bits(8, 0x3f), bits(0, 0xff)]);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// A source of chance that several owners share.
pub type SharedChance = Arc<dyn Chance>;

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for chance")]
        getrandom::fill(bytes).expect("the operating system's random source answers");
    }

    fn next(&self) -> u32 {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        COUNTER.fetch_add(1, Ordering::Relaxed)
    }
}

/// A repeatable source for tests: SHA-256 of a seed and a counter. Never for secrets.
#[derive(Debug, Default)]
pub struct SeededChance {
    seed: u64,
    drawn: AtomicU64,
    counted: AtomicU32,
}

impl SeededChance {
    /// A source that always yields the same bytes in the same order.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0), counted: AtomicU32::new(0) }
    }
}

impl Chance for SeededChance {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let draw = self.drawn.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(draw.to_le_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }

    fn next(&self) -> u32 {
        self.counted.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_made_in_the_same_instant_keep_their_order() {
        let chance = SeededChance::new(1);
        let now = chrono::DateTime::UNIX_EPOCH;
        let made: Vec<Uuid> = (0..10_000).map(|_| chance.id(now)).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        assert!(made.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        let later = chance.id(now + chrono::TimeDelta::milliseconds(1));
        assert!(made.iter().all(|id| *id < later));
    }
}
