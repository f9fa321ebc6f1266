//! What is due, the tick, the courier.
//!
//! The table decides, the bell only rings. A tick asks of every cycle "what is due and not yet done?"
//! and does it; a unique row for each job and due time, written in the same unit as the job's effect,
//! answers whether it is done. So a tick may come late, twice, or on two servers at once, and starting
//! up is a tick like any other. The courier carries whatever messages are due, under leases.
//!
//! Where to start: [`Scheduler::tick`] in `tick.rs`, then [`Scheduler::deliver`] in `courier.rs`. The
//! one place that names tokio-cron-scheduler is `bell.rs`, which says why it decides nothing.

mod ask;
mod bell;
mod courier;
mod due;
mod meter;
mod moved;
mod notice;
mod receipt;
mod rehearse;
mod release;
mod remind;
mod tell;
mod tick;

use csp_domain::{chance::SharedChance, clock::SharedClock, person::EmailAddress, text::Line};
use csp_edition::EditionError;
use csp_mail::carrier::Carrier;
use csp_store::{Store, StoreError};

pub use due::DueLine;
pub use meter::Pulse;
pub use tick::Tick;

/// In whose name mail is sent.
#[derive(Debug, Clone)]
pub struct Post {
    /// `Northumbria community safety digest`.
    pub from_name: Line,
    /// The address mail comes from, and bounces go to.
    pub from: EmailAddress,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<EmailAddress>,
    /// The domain of our Message-IDs and List-Ids.
    pub domain: String,
    /// How many connections carry mail at once.
    pub connections: usize,
}

/// Does what is due. Cheap to clone; several may run over the same store, here or elsewhere.
#[derive(Debug, Clone)]
pub struct Scheduler {
    store: Store,
    clock: SharedClock,
    chance: SharedChance,
    carrier: Carrier,
    post: Post,
    meter: meter::Meter,
    /// Committees whose dates agree with the bank holidays this server knows.
    followed: std::sync::Arc<std::sync::Mutex<std::collections::BTreeSet<csp_domain::id::CommitteeId>>>,
}

/// Why something due could not be done. It stays due.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The digest could not be made.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

impl Scheduler {
    /// A scheduler over `store` that sends through `carrier`.
    pub fn new(store: Store, clock: SharedClock, chance: SharedChance, carrier: Carrier, post: Post) -> Self {
        Self { store, clock, chance, carrier, post, meter: meter::Meter::new(), followed: std::sync::Arc::default() }
    }
}
