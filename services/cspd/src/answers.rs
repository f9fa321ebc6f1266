//! The answers of one connection that are still on their way.
//!
//! A peer that asks and does not read holds its answers in the server's memory. If it reads nothing at all, it does not
//! hear either that it is asked whether it is there, and is let go for that. If it hears, but gives the answer no room
//! (HTTP/2 has a window for each), only the time tells.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// When each answer was begun. Cheap to clone; all clones are of the same connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    begun: Arc<Mutex<Begun>>,
    first: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Begun {
    last: u64,
    at: BTreeMap<u64, Instant>,
}

/// One answer on its way; dropped when it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    number: u64,
    begun: Arc<Mutex<Begun>>,
}

impl Answers {
    /// One more.
    pub(crate) fn begin(&self) -> Answer {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.last += 1;
        let number = begun.last;
        begun.at.insert(number, Instant::now());
        self.first.notify_one();
        Answer { number, begun: Arc::clone(&self.begun) }
    }

    /// Waits until one was begun longer ago than `longest`.
    pub(crate) async fn overdue(&self, longest: Duration) {
        loop {
            let oldest = self.begun.lock().unwrap_or_else(PoisonError::into_inner).at.values().next().copied();
            match oldest {
                None => self.first.notified().await,
                Some(oldest) if oldest.elapsed() >= longest => return,
                Some(oldest) => sleep_until(oldest + longest).await,
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).at.remove(&self.number);
    }
}
