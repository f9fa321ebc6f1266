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
mod calendar;
mod catalogue;
mod check;
mod committee;
mod context_note;
mod cycle;
mod diary_link;
mod digest;
mod engine;
mod error;
mod extension;
mod first_return;
mod gather;
mod gauges;
mod history;
mod indicator;
mod job;
mod joint;
mod known;
mod lines;
mod lock;
mod look;
mod member;
mod message;
mod meter;
mod moves;
mod news;
mod page;
mod partnership;
mod person;
mod planning;
mod population;
mod probe;
mod receipt_wish;
mod region;
mod request;
mod returns;
mod role;
mod signoff;
mod standing;
mod statement;
mod stored_return;
mod submission;
mod target;
mod tidings;
mod token;
mod unit;
mod walls;
mod wording;

pub use audit::{AUDIT_SUBJECTS, AuditFilter, AuditRow};
pub use backup::{BackupError, Manifest, Restored, Restoring, TableState, backup, restore, verify_backup};
pub use calendar::Office;
pub use check::{Answered, NewExplanation, Reason};
pub use committee::CommitteeChange;
pub use csp_domain::schedule::Job;
pub use cycle::CycleRef;
pub use diary_link::DiaryDates;
pub use engine::{Engine, OpenError, Settings};
pub use error::{Refusal, StoreError};
pub use gather::Gathered;
pub use gauges::{CycleGauge, Gauges, MessageGauge, TokenGauge};
pub use indicator::IndicatorChange;
pub use job::{Decisions, JobChange, JobDecision};
pub use joint::{GatheredJoint, JointStep, OpenJoint};
pub use known::{Catalogue, Seen, Sight};
pub use lock::Lock;
pub use message::{MessageFilter, MessageTally, Release};
pub use moves::MoveRecord;
pub use news::{NewsChange, NewsFilter};
pub use page::{Listing, Page};
pub use partnership::PartnershipChange;
pub use planning::{Meeting, Outcome, Replanned};
pub use population::Entered;
pub use receipt_wish::ReceiptWish;
pub use returns::{EarlierFigure, ReturnFilter};
pub use signoff::{ReturnStep, StepRecord};
pub use statement::every_statement;
pub use tidings::{Tidings, Untold};
pub use token::{Credential, EndingToken};
pub use wording::{WaitingWording, WordingFilter, WordingStep};

use std::sync::Arc;

use csp_domain::{calendar::BankHolidays, chance::SharedChance};
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
    /// What cycles are planned by, beside a committee's rules.
    holidays: Arc<BankHolidays>,
}

impl Store {
    /// The same with a newer list of bank holidays than the one that is shipped.
    #[must_use]
    pub fn with_holidays(self, holidays: BankHolidays) -> Self {
        Self { holidays: Arc::new(holidays), ..self }
    }
}
