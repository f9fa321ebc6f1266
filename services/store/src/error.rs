//! What can go wrong in the store, for its three audiences: a kind for the machine, a sentence for the
//! caller, and a source for whoever looks after the service.

use csp_domain::{
    check::Unexplained,
    clock::Instant,
    digest::DigestState,
    joint::JointRefused,
    message::MessageState,
    schedule::JobState,
    signoff,
    text::{Line, list},
    wording::WordingRefused,
};

/// Why a unit was not applied. None of it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing in the scope. A stranger's thing is no thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// There is one already.
    #[error("there is already {0}")]
    AlreadyExists(String),
    /// The request's identifier was used before, for something else.
    #[error("this request_id was used before for a different request")]
    RequestReused,
    /// Somebody else changed it since it was read.
    #[error("this {0} was changed by somebody else in the meantime; read it again")]
    Changed(&'static str),
    /// A rule of the domain forbids it now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database cannot be reached or written to now. Nothing was applied; trying again is safe.
    #[error("the database is not available at the moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row exists and does not mean anything.
    #[error("the {column} of a row in {table} does not mean anything")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// In which column.
        column: &'static str,
    },
    /// The unit itself failed in a way nobody foresaw.
    #[error("the unit of work failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A rule of the domain that stands in the way, judged inside the unit so that nothing can slip between
/// the judgement and the change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its window has not begun.
    #[error("collecting for this cycle has not begun")]
    CycleNotOpen {
        /// When it begins.
        opens_at: Instant,
    },
    /// Its window is over to what is new.
    #[error("this cycle takes nothing new any more; what is there can be corrected until the paper is frozen")]
    ClosedToNew {
        /// Since when.
        since: Instant,
        /// When the paper is frozen.
        freeze_at: Instant,
    },
    /// Its window is over.
    #[error("collecting for this cycle is over and its paper frozen")]
    CycleClosed {
        /// When returns were due.
        deadline_at: Instant,
        /// When it ended.
        frozen_at: Instant,
    },
    /// More time is given after the deadline and until the freeze, or not at all.
    #[error("more time is given after the deadline, and until the paper is frozen at most")]
    NoMoreTime {
        /// When returns are due.
        deadline_at: Instant,
        /// When the paper is frozen.
        freeze_at: Instant,
    },
    /// The committee has no rules to plan by.
    #[error("this committee has no rules to plan its meetings by")]
    NoRules,
    /// The cycle was called off.
    #[error("this cycle was cancelled")]
    CycleCancelled,
    /// Still collecting: nothing can be frozen yet.
    #[error("collecting for this cycle is not over yet")]
    CycleStillOpen {
        /// When it ends.
        freeze_at: Instant,
    },
    /// The partnership does not report to the cycle's committee.
    #[error("this partnership does not report to the cycle's committee")]
    NotOwed,
    /// One partnership's part of a paper has its bounds.
    #[error("this is more news than one cycle takes from one partnership: at most 200 items, together two million characters")]
    TooMuchNews,
    /// So many areas and years are no region's.
    #[error("a region keeps at most 10,000 estimates of residents; leave out areas or years that no paper needs")]
    TooManyPopulations,
    /// One figure would be judged twice.
    #[error(
        "there is a target already of this measure, for the same partnership and periods as long: “{0}”. End it before the new one begins"
    )]
    TargetStands(Line),
    /// Nobody reads so many.
    #[error("a region keeps at most 5,000 targets")]
    TooManyTargets,
    /// A partnership's own are for its own purposes, and a paper is read by people.
    #[error("a partnership has at most 50 indicators of its own")]
    TooManyOwnIndicators,
    /// What one partnership alone is asked is asked by that partnership.
    #[error("an indicator of one partnership alone cannot be asked of others")]
    OwnIndicator,
    /// Nobody reads so many.
    #[error("a region keeps at most 2,000 context notes")]
    TooManyContextNotes,
    /// It was taken back before.
    #[error("this context note was removed already")]
    AlreadyRemoved,
    /// A date that has passed cannot be moved, nor a cycle changed that is over.
    #[error("what has passed cannot be changed: {}", .0.replace('_', " "))]
    AlreadyPassed(&'static str),
    /// Whoever wrote any of it may not approve it.
    #[error("whoever wrote any part of a digest or froze it cannot approve it")]
    AuthorCannotApprove,
    /// What was named is not what is stored.
    #[error("the hashes named are not those of this version")]
    HashesDiffer,
    /// The version is not in a state for that.
    #[error("this version is {}", .0.word())]
    DigestState(DigestState),
    /// The digest has already gone to members.
    #[error("the digest of this cycle has already been released")]
    AlreadyReleased,
    /// The message is not in a state for that.
    #[error("this message is {}", .0.word().replace('_', " "))]
    MessageState(MessageState),
    /// The return does not go that way, or not by this person.
    #[error(transparent)]
    SignOff(#[from] signoff::Refused),
    /// Somebody has to answer first what is asked about the return.
    #[error(transparent)]
    Unexplained(Unexplained),
    /// The wording does not go that way, or not by this person.
    #[error(transparent)]
    Wording(WordingRefused),
    /// Figures are no words.
    #[error("a return with figures has no words that another wording could change; figures are never changed this way")]
    FiguresStand,
    /// What a partnership sent in is worded by it, or with its lead's consent.
    #[error("this is the partnership's own text; another wording is proposed, and its lead accepts it")]
    ProposeWording,
    /// Nothing would be changed.
    #[error("this is how the partnership worded it")]
    SameWords,
    /// One partnership's words may be worded otherwise so often.
    #[error("these are more wordings than one cycle takes for one partnership: at most 400, together eight million characters")]
    TooManyWordings,
    /// The joint item does not go that way, or not by this person.
    #[error(transparent)]
    Joint(JointRefused),
    /// The first owner answers for a joint item with its return.
    #[error("the first owner of a joint item signs it with its return")]
    FirstOwnerSigns,
    /// Owners without a lead, or with none but whoever sends the item in, could never sign.
    #[error("nobody could sign a joint item for {}: there is no lead or deputy who did not send it in", list(.0))]
    NobodySigns(Vec<Line>),
    /// It is not kept back any more.
    #[error("the cooling-off time of this version is over")]
    CoolingOffOver,
    /// It was withdrawn already.
    #[error("it was withdrawn already")]
    AlreadyWithdrawn,
    /// The term or role does not end after it begins.
    #[error("the last day must not come before the first")]
    EndsBeforeStart,
    /// It opens no doors any more: a new one is made, not this one renewed.
    #[error("this token has ended or was taken away; a new one has to be made")]
    TokenEnded,
    /// Somebody has as many links to calendars as one person may have.
    #[error("you have as many diary links as one person may have; take one away first")]
    TooManyLinks,
    /// The day a reminder is about is over.
    #[error("this reminder was for another day; the next round says what is true then")]
    StaleReminder,
    /// The job does not stand where that could be done.
    #[error("this job is {}", if *.0 == JobState::Lapsed { "no longer needed" } else { .0.word() })]
    JobState(JobState),
    /// Its time has not come.
    #[error("the time of this job has not come; to do it sooner, move the cycle's dates")]
    JobNotDue {
        /// When it comes.
        due_at: Instant,
    },
    /// Whoever it would lock out is the last who could let anybody in.
    #[error("there must remain at least one person with this role")]
    LastOne,
}

impl From<signoff::Refused> for StoreError {
    fn from(refused: signoff::Refused) -> Self {
        Self::Refused(refused.into())
    }
}

impl StoreError {
    /// Turns what the engine said into what it means for a unit that makes `what`.
    pub(crate) fn or_exists(self, what: impl FnOnce() -> String) -> Self {
        match self {
            Self::Failed(source) if is_unique_violation(source.as_ref()) => Self::AlreadyExists(what()),
            other => other,
        }
    }

    /// Turns what the engine said into what it means for a unit that tells of `what`, which has to be there.
    pub(crate) fn or_missing(self, what: &'static str) -> Self {
        match self {
            Self::Failed(source) if is_foreign_key_violation(source.as_ref()) => Self::NotFound(what),
            other => other,
        }
    }

    /// In which table the engine refused a second row with the same key.
    pub(crate) fn duplicate_in(&self) -> Option<String> {
        let Self::Failed(source) = self else { return None };
        let database = source.downcast_ref::<sqlx::Error>()?.as_database_error().filter(|error| error.is_unique_violation())?;
        // SQLite names the columns: `UNIQUE constraint failed: returns.region_id, returns.cycle_id`.
        let named = || database.message().rsplit_once(": ")?.1.split_once('.').map(|(table, _)| table);
        database.table().or_else(named).map(str::to_owned)
    }

    /// Whether the engine refused a second row with the same key.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Failed(source) if is_unique_violation(source.as_ref()))
    }
}

/// What the database itself said.
fn database_error<'e>(source: &'e (dyn std::error::Error + 'static)) -> Option<&'e dyn sqlx::error::DatabaseError> {
    source.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error)
}

fn is_unique_violation(source: &(dyn std::error::Error + 'static)) -> bool {
    database_error(source).is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

fn is_foreign_key_violation(source: &(dyn std::error::Error + 'static)) -> bool {
    database_error(source).is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_passing(&error) {
            Self::Unavailable(Box::new(error))
        } else if is_walled(&error) {
            // What may not be written there is, to whoever asks, nowhere.
            Self::NotFound("place for this in the scope")
        } else {
            Self::Failed(Box::new(error))
        }
    }
}

/// Whether row-level security refused a row. PostgreSQL says it with the same code as a missing right, from another place.
fn is_walled(error: &sqlx::Error) -> bool {
    let database = error.as_database_error().and_then(|error| error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>());
    database.is_some_and(|error| error.code() == "42501" && error.routine() == Some("ExecWithCheckOptions"))
}

/// Whether trying again later may succeed: connections, locks, space, shutdown.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // PostgreSQL: connection (08), resources (53), operator intervention (57), deadlock and
            // serialisation (40). SQLite: BUSY 5, LOCKED 6, READONLY 8, IOERR 10, FULL 13, with extensions.
            // And 55P03, a lock that was not given up in time.
            let postgres = code.len() == 5 && ["08", "53", "57", "40", "55P03"].iter().any(|class| code.starts_with(class));
            let sqlite = code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13));
            postgres || (code.len() < 5 && sqlite)
        }),
        _ => false,
    }
}

/// A row that a release of this program cannot have written.
pub(crate) fn inconsistent(table: &'static str, column: &'static str) -> StoreError {
    StoreError::Inconsistent { table, column }
}

/// Refuses to overwrite what somebody else changed.
pub(crate) fn check_revision(what: &'static str, expected: Option<i64>, found: i64) -> Result<(), StoreError> {
    match expected {
        Some(expected) if expected != found => Err(StoreError::Changed(what)),
        _ => Ok(()),
    }
}

/// Of two who change the same row at once, the second finds none of the revision it read.
pub(crate) fn check_changed(what: &'static str, rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Changed(what)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        assert!(is_passing(&sqlx::Error::PoolTimedOut));
        assert!(!is_passing(&sqlx::Error::RowNotFound));
        assert!(matches!(StoreError::from(sqlx::Error::RowNotFound), StoreError::Failed(_)));
    }
}
