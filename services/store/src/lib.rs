//! The store: everything that is kept, and the one crate that knows a database.
//!
//! [`Store`] is concrete and speaks the domain's words; that there are two engines beneath, SQLite and
//! PostgreSQL, nobody outside can tell. Each statement is one text for both; what differs stands in
//! `engine.rs`, each difference with its reason.
//!
//! One method is one atomic unit. It begins with the [`Scope`] it may see, is applied as a whole or not
//! at all, writes its audit row with it, and survives its caller: a cancelled call cannot leave it half
//! way. Nothing but SQL is awaited inside.
//!
//! Where to start: `unit.rs` says how a unit runs on either engine; each noun has a module with its
//! statements and its methods; the contract they keep is the suite in `tests/conformance`.
//!
//! [`Scope`]: csp_domain::Scope

mod audit;
mod backup;
mod catalogue;
mod committee;
mod cycle;
mod digest;
mod engine;
mod error;
mod gauges;
mod history;
mod indicator;
mod job;
mod known;
mod lines;
mod lock;
mod look;
mod member;
mod message;
mod meter;
mod news;
mod page;
mod partnership;
mod person;
mod probe;
mod region;
mod request;
mod returns;
mod role;
mod signoff;
mod standing;
mod statement;
mod submission;
mod token;
mod unit;
mod walls;

pub use audit::{AUDIT_SUBJECTS, AuditFilter, AuditRow};
pub use backup::{BackupError, Manifest, Restored, Restoring, TableState, backup, restore, verify_backup};
pub use committee::CommitteeChange;
pub use cycle::CycleRef;
pub use digest::Gathered;
pub use engine::{Engine, OpenError, Settings};
pub use error::{Refusal, StoreError};
pub use gauges::{CycleGauge, Gauges, MessageGauge, TokenGauge};
pub use indicator::IndicatorChange;
pub use job::Job;
pub use known::{Catalogue, Seen, Sight};
pub use lock::Lock;
pub use message::{MessageFilter, MessageTally, Release};
pub use news::{NewsChange, NewsFilter};
pub use page::{Listing, Page};
pub use returns::{EarlierFigure, ReturnFilter};
pub use signoff::{ReturnStep, StepRecord};
pub use statement::every_statement;
pub use token::{Credential, EndingToken};

use std::sync::Arc;

use csp_domain::chance::SharedChance;
use engine::Database;
use tokio::sync::Notify;

/// Everything that is kept. Cheap to clone; all clones share the same connections.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    chance: SharedChance,
    /// Rung whenever a unit could not reach the database.
    trouble: Arc<Notify>,
    meter: meter::Meter,
    /// What need not be read again, and where it is learned whether it must.
    known: Arc<known::Known>,
    lookout: look::Lookout,
}
