//! So many calls in flight, each followed by the next as soon as it is answered, until a number is reached.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::Outcome;

/// One client on one connection. A call fails unless it was answered as it should be.
pub(crate) trait Lane: Send + 'static {
    /// Makes the call of this number.
    fn call(&mut self, number: usize) -> impl Future<Output = Outcome<()>> + Send;
}

/// How a round went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// Calls a second.
    pub(crate) rate: f64,
    /// Half of the calls took no longer, in milliseconds.
    pub(crate) p50: f64,
    /// Of a hundred calls, one took longer.
    pub(crate) p99: f64,
}

/// Makes the calls `first..first + count` on `lanes` at once.
pub(crate) async fn drive<L: Lane>(lanes: &mut [Option<L>], first: usize, count: usize) -> Outcome<Round> {
    let next = Arc::new(AtomicUsize::new(first));
    let mut tasks = JoinSet::new();
    let began = Instant::now();
    for (place, slot) in lanes.iter_mut().enumerate() {
        let mut lane = slot.take().ok_or("a client was lost in the round before")?;
        let next = Arc::clone(&next);
        tasks.spawn(async move {
            let mut took = Vec::with_capacity(count);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= first + count {
                    return Ok::<_, Box<dyn std::error::Error + Send + Sync>>((place, lane, took));
                }
                let asked = Instant::now();
                lane.call(number).await?;
                took.push(asked.elapsed());
            }
        });
    }
    let mut took = Vec::with_capacity(count);
    while let Some(done) = tasks.join_next().await {
        let (place, lane, some) = done??;
        lanes[place] = Some(lane);
        took.extend(some);
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = took.len() as f64 / seconds;
    Ok(Round { rate, p50: milliseconds(&took, 50), p99: milliseconds(&took, 99) })
}

fn milliseconds(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
}
