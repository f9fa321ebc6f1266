//! Scheduled work that was done: the table decides, the bell only rings.

use csp_domain::{Scope, clock::Instant};
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, statement::statements, unit::Tx};

statements! {
    LAST_JOB_RUN = "SELECT MAX(due_at) FROM job_runs WHERE region_id = $1 AND job = $2 AND subject_id = $3 AND due_at <= $4";
    INSERT_JOB_RUN = "INSERT INTO job_runs (region_id, job, subject_id, due_at, done_at) VALUES ($1, $2, $3, $4, $5)";
}

/// What the schedule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// Opens a cycle.
    Open,
    /// Closes a cycle.
    Close,
    /// Assembles and freezes the digest of a closed cycle.
    Freeze,
    /// Releases an approved digest.
    Release,
    /// Writes to everybody in a region who owes something: one round of reminders.
    Remind,
}

impl Job {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Freeze => "freeze",
            Self::Release => "release",
            Self::Remind => "remind",
        }
    }

    /// What it means that a unit was refused by the row of its job, or by somebody who was faster: it
    /// is done, and not by us.
    pub(crate) fn once(done: Result<bool, StoreError>) -> Result<bool, StoreError> {
        match done {
            Err(StoreError::Changed(_) | StoreError::AlreadyExists(_)) => Ok(false),
            done => done,
        }
    }
}

impl Tx {
    /// Writes that a job is done, in the same unit as what it does. Of all who try, one succeeds.
    pub(crate) async fn run_once(&mut self, job: Job, subject: Uuid, due_at: Instant, now: Instant) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_JOB_RUN)
            .bind(region.0)
            .bind(job.word())
            .bind(subject)
            .bind(due_at)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| StoreError::from(e).or_exists(|| format!("a run of {}", job.word())))
    }
}

impl Store {
    /// When the last round of reminders was due that a region has had by `until`, if it has had any.
    pub async fn last_round(&self, scope: Scope, until: Instant) -> Result<Option<Instant>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                Ok(on!(tx, |c| sqlx::query_scalar(LAST_JOB_RUN)
                    .bind(region.0)
                    .bind(Job::Remind.word())
                    .bind(region.0)
                    .bind(until)
                    .fetch_one(c)
                    .await)?)
            })
        })
        .await
    }
}
