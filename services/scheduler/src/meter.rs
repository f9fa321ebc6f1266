//! How the tick and the courier are doing: for whoever watches, and for whoever decides whether the process is alive.
//!
//! Two questions are kept apart. *Alive*: do ticks come to an end, well or badly? If not, only a new process helps. *Well*: do
//! they end well? If not, something else is wrong (the database, most often), and a new process would not help.

use std::sync::{Arc, Mutex, PoisonError};

use csp_domain::{clock::Instant, message::Outcome};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tokio::time;

use crate::{Scheduler, Tick};

/// What is measured of a scheduler. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    ticks: Family<Ended, Counter>,
    last_success: Gauge,
    steps: Family<Step, Counter>,
    overdue: Gauge,
    undecided: Family<Undecided, Gauge>,
    settled: Family<Settled, Counter>,
    pulse: Arc<Mutex<Pulse>>,
}

/// When ticks last ended, by the process's own steady clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pulse {
    /// Well or badly.
    pub ended: Option<time::Instant>,
    /// Well.
    pub succeeded: Option<time::Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Step {
    step: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Undecided {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Settled {
    outcome: &'static str,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let (ticks, steps, settled) = (Family::default(), Family::default(), Family::default());
        // Told from the beginning, so that the first of each is seen as a rise from 0.
        for outcome in ["done", "failed"] {
            let _: Counter = ticks.get_or_create_owned(&Ended { outcome });
        }
        for step in ["plan", "open", "close", "freeze", "release", "rehearse", "remind", "warn", "ask", "tell", "receipt"] {
            let _: Counter = steps.get_or_create_owned(&Step { step });
        }
        for outcome in ["accepted", "refused_for_now", "in_doubt", "refused", "objected"] {
            let _: Counter = settled.get_or_create_owned(&Settled { outcome });
        }
        let undecided: Family<Undecided, Gauge> = Family::default();
        for state in ["missed", "held"] {
            let _: Gauge = undecided.get_or_create_owned(&Undecided { state });
        }
        Self { ticks, last_success: Gauge::default(), steps, overdue: Gauge::default(), undecided, settled, pulse: Arc::default() }
    }

    /// A tick ended: with what it did, or with nothing to say.
    pub(crate) fn ticked(&self, tick: Option<&Tick>, now: Instant) {
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = time::Instant::now();
        pulse.ended = Some(moment);
        let Some(tick) = tick else {
            self.ticks.get_or_create(&Ended { outcome: "failed" }).inc();
            return;
        };
        pulse.succeeded = Some(moment);
        drop(pulse);
        self.ticks.get_or_create(&Ended { outcome: "done" }).inc();
        self.last_success.set(now.timestamp());
        self.overdue.set(i64::try_from(tick.failed).unwrap_or(i64::MAX));
        for (state, jobs) in [("missed", tick.missed), ("held", tick.held)] {
            self.undecided.get_or_create(&Undecided { state }).set(i64::try_from(jobs).unwrap_or(i64::MAX));
        }
        let Tick {
            planned,
            opened,
            closed,
            frozen,
            released,
            rehearsed,
            reminded,
            warned,
            overtaken: _,
            failed: _,
            missed: _,
            held: _,
            asked,
            told,
            told_of_moves,
            receipted,
        } = *tick;
        for (step, count) in [
            ("plan", planned),
            ("open", opened),
            ("close", closed),
            ("freeze", frozen),
            ("release", released),
            ("rehearse", rehearsed),
            ("remind", reminded),
            ("warn", warned),
            ("ask", asked),
            ("tell", told + told_of_moves),
            ("receipt", receipted),
        ] {
            self.steps.get_or_create(&Step { step }).inc_by(count as u64);
        }
    }

    /// A message was carried, and this became of it.
    pub(crate) fn settled(&self, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::RefusedForNow { .. } => "refused_for_now",
            Outcome::Doubtful { .. } => "in_doubt",
            Outcome::Refused { .. } => "refused",
            Outcome::Objected { .. } => "objected",
        };
        self.settled.get_or_create(&Settled { outcome }).inc();
    }
}

impl Scheduler {
    /// Hands the scheduler's numbers to a registry.
    pub fn register(&self, registry: &mut Registry) {
        let Meter { ticks, last_success, steps, overdue, undecided, settled, pulse: _ } = self.meter.clone();
        registry.register("cspd_ticks", "Looks at what is due, by how they ended", ticks);
        registry.register("cspd_tick_last_success_timestamp_seconds", "When a look at what is due last ended well", last_success);
        registry.register("cspd_tick_steps", "Steps that cycles took by themselves", steps);
        registry.register("cspd_tick_failing_steps", "Steps that were due at the last tick and failed; they stay due", overdue);
        registry.register("cspd_jobs_undecided", "Jobs that wait for a person: missed, or held back, at the last tick", undecided);
        registry.register("cspd_messages_settled", "Messages that this server carried, by what became of them", settled);
    }

    /// When ticks last ended.
    pub fn pulse(&self) -> Pulse {
        *self.meter.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
