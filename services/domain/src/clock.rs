//! Time is an argument.
//!
//! A quarterly system has four real tries a year, so its tests must be able to live through years in
//! a second. Whoever needs the time is handed a [`Clock`]; asking the machine directly is refused by
//! `clippy.toml` everywhere but here.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// A moment, in UTC and whole microseconds: the finest both database engines keep.
pub type Instant = DateTime<Utc>;

/// Where the time comes from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment, in whole microseconds.
    fn now(&self) -> Instant;
}

/// A clock that several owners share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
        whole_microseconds(Utc::now())
    }
}

/// A clock moved by hand, for tests and the demo.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Instant>>);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Instant) -> Self {
        Self(Arc::new(Mutex::new(whole_microseconds(start))))
    }

    /// Puts the hands to `instant`, forwards or back.
    pub fn set(&self, instant: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = whole_microseconds(instant);
    }

    /// Moves the hands forward.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is finer than a microsecond. PostgreSQL would drop it and SQLite would keep it, and
/// then the same row would compare differently on the two.
pub fn whole_microseconds(instant: Instant) -> Instant {
    instant.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(instant)
}
