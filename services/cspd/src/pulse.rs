//! Whether what moves in this process still moves: the tick, and the question to the database.
//!
//! What fails is no reason to end the process, what hangs is. When PostgreSQL is away, ticks and questions end with an error,
//! and a new process would be no better off; when one of them does not end at all, something in here is stuck. So `/livez` and
//! systemd's watchdog ask [`Pulse::what_hangs`], and `/readyz` asks [`Pulse::what_fails`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use csp_scheduler::Scheduler;
use tokio::{sync::watch, time::Instant};

use crate::{config, health::Health};

/// A tick freezes digests, which can take a while where many are due at once.
const LEAST: Duration = Duration::from_mins(2);
/// The same for a question to the database, however seldom it is asked.
const LEAST_QUESTION: Duration = Duration::from_secs(30);

/// The pulse of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Pulse {
    scheduler: Option<Scheduler>,
    /// Longer between two ticks is too long.
    longest: Duration,
    /// A good look that is longer ago is the last of a server that does not do its work.
    heartbeat: Duration,
    /// Longer between two answers of the database is too long.
    longest_question: Duration,
    began: Instant,
    asked: Arc<Mutex<Instant>>,
}

impl Pulse {
    /// `probe` is how often the database is asked.
    pub(crate) fn new(scheduler: &Scheduler, settings: config::Scheduler, probe: Duration) -> Self {
        let began = Instant::now();
        Self {
            scheduler: settings.enabled.then(|| scheduler.clone()),
            longest: LEAST.max(settings.every * 4),
            heartbeat: settings.heartbeat.max(settings.every * 4),
            longest_question: LEAST_QUESTION.max(probe * 3),
            began,
            asked: Arc::new(Mutex::new(began)),
        }
    }

    /// Notes every answer about the database's health, for as long as there are any.
    pub(crate) async fn feel(self, mut health: watch::Receiver<Health>) {
        while health.changed().await.is_ok() {
            health.borrow_and_update();
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }

    /// What has not come to an end for too long. Nothing: the process is alive.
    pub(crate) fn what_hangs(&self) -> Vec<String> {
        let mut hangs = Vec::new();
        let ended = self.scheduler.as_ref().map(|scheduler| scheduler.pulse().ended);
        if let Some(ended) = ended
            && self.too_long_ago(ended)
        {
            hangs.push(format!("no tick of the scheduler has ended for {} seconds", self.longest.as_secs()));
        }
        if self.asked.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > self.longest_question {
            hangs.push(format!("no question to the database has ended for {} seconds", self.longest_question.as_secs()));
        }
        hangs
    }

    /// What does not succeed, besides what the health of the database tells.
    pub(crate) fn what_fails(&self) -> Vec<String> {
        let succeeded = self.scheduler.as_ref().map(|scheduler| scheduler.pulse().succeeded);
        match succeeded {
            Some(succeeded) if self.too_long_ago(succeeded) => {
                vec![format!("no tick of the scheduler has succeeded for {} seconds", self.longest.as_secs())]
            }
            _ => Vec::new(),
        }
    }

    /// For how long no look at what is due has succeeded, if that is too long; by the process's own steady clock. Never where the
    /// scheduler is switched off: then another server looks.
    pub(crate) fn last_look_too_long_ago(&self) -> Option<Duration> {
        let succeeded = self.scheduler.as_ref().map(|scheduler| scheduler.pulse().succeeded)?;
        Some(succeeded.unwrap_or(self.began).elapsed()).filter(|elapsed| *elapsed > self.heartbeat)
    }

    fn too_long_ago(&self, moment: Option<Instant>) -> bool {
        moment.unwrap_or(self.began).elapsed() > self.longest
    }
}
