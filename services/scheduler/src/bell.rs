//! The bell: rings at a short fixed interval, and decides nothing.
//!
//! tokio-cron-scheduler keeps a zone as the offset it had when a job was made, so it is an hour off
//! after the clocks change; it forgets what it missed while the process was down; and a repeated job
//! can fall silent for good once its loop is late. None of that matters to a bell that only says "look
//! at the table", and a plain interval rings the same bell should it fall silent.

use std::time::Duration;

use csp_store::Engine;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use crate::Scheduler;

impl Scheduler {
    /// Ticks and carries mail until `stop`, then finishes the work in hand and returns. Starting is a
    /// tick.
    pub async fn run(self, every: Duration, stop: CancellationToken) {
        if self.store.engine() == Engine::Sqlite {
            match self.store.reclaim_messages(self.clock.now()).await {
                Ok(0) => {}
                Ok(messages) => tracing::info!(messages, "put back what the server held when it was last stopped"),
                Err(error) => tracing::error!(%error, "what was held when the server was last stopped waits for its lease to end"),
            }
        }
        let (bell, _) = watch::channel(0_u64);
        let mut clockwork = match ring_by_schedule(&bell, every).await {
            Ok(clockwork) => Some(clockwork),
            Err(error) => {
                tracing::error!(%error, "the scheduler's clockwork did not start; the plain interval rings alone");
                None
            }
        };
        tokio::join!(self.tick_at_the_bell(&bell, &stop), self.deliver_at_the_bell(&bell, &stop), ring_by_interval(&bell, every, &stop));
        if let Some(clockwork) = clockwork.as_mut()
            && let Err(error) = clockwork.shutdown().await
        {
            tracing::warn!(%error, "the scheduler's clockwork did not stop cleanly");
        }
    }

    async fn tick_at_the_bell(&self, bell: &watch::Sender<u64>, stop: &CancellationToken) {
        let mut ringing = bell.subscribe();
        loop {
            match self.tick().await {
                // What was queued can be carried at once.
                Ok(tick) if tick.queued() => ring(bell),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "a tick failed; the next one will find the same work"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                rung = ringing.changed() => if rung.is_err() { return },
            }
        }
    }

    async fn deliver_at_the_bell(&self, bell: &watch::Sender<u64>, stop: &CancellationToken) {
        let mut ringing = bell.subscribe();
        loop {
            if let Err(error) = self.deliver_until(stop).await {
                tracing::error!(%error, "carrying mail failed; what is due stays due");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                rung = ringing.changed() => if rung.is_err() { return },
            }
        }
    }
}

fn ring(bell: &watch::Sender<u64>) {
    bell.send_modify(|rung| *rung = rung.wrapping_add(1));
}

async fn ring_by_schedule(bell: &watch::Sender<u64>, every: Duration) -> Result<JobScheduler, JobSchedulerError> {
    let clockwork = JobScheduler::new().await?;
    let bell = bell.clone();
    let job = Job::new_repeated(every, move |_, _| ring(&bell))?;
    clockwork.add(job).await?;
    clockwork.start().await?;
    Ok(clockwork)
}

async fn ring_by_interval(bell: &watch::Sender<u64>, every: Duration, stop: &CancellationToken) {
    let mut beat = interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = beat.tick() => ring(bell),
        }
    }
}
