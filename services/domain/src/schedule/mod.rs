//! What the schedule does of a cycle by itself, when, how long it may be late, and what a person may order about it.
//!
//! One judgement for all: the tick does what [`entries`] calls [`JobState::Due`] and nothing else, and whoever asks is shown the
//! same list. So nothing can be said to be held that is done all the same.
//!
//! # How late each job may be
//!
//! A server that was down, or a clock that jumped, finds jobs whose time has passed. What is still useful is done at once; of the
//! rest a person is asked ([`JobState::Missed`]), because whoever reads a paper cannot see that a machine was late.
//!
//! | job | done late until | because |
//! |---|---|---|
//! | open | the freeze | it is a formality: returns are taken by the clock, whether anybody looked or not |
//! | close, freeze | the meeting | nothing is taken after the freeze in any case, and there is a paper to make until members meet |
//! | rehearse | the release | as long as the paper has not gone, what a rehearsal finds can still be mended; after that there is nothing to rehearse |
//! | release | 48 hours after it could go, and never after the meeting | what goes to members is no longer news, and nobody expects it by then |
//! | remind | the end of the day | the next morning serves better, and says what is true then |

mod judge;

use chrono::TimeDelta;

pub use self::judge::{Known, entries};

use crate::{
    clock::Instant,
    id::{CycleId, PersonId},
    text::Line,
};

/// What the schedule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Opens a cycle.
    Open,
    /// Writes to everybody who owes something.
    Remind,
    /// Closes a cycle.
    Close,
    /// Assembles and freezes the digest of a closed cycle.
    Freeze,
    /// Releases an approved digest.
    Release,
    /// Goes through all of it beforehand, for administrators alone.
    Rehearse,
}

impl Job {
    /// Every job, in the order of a cycle's life, and the rehearsal of it.
    pub const ALL: [Self; 6] = [Self::Open, Self::Remind, Self::Close, Self::Freeze, Self::Release, Self::Rehearse];

    /// A release may come so long after it could have gone.
    pub const RELEASE_GRACE: TimeDelta = TimeDelta::hours(48);

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Freeze => "freeze",
            Self::Release => "release",
            Self::Remind => "remind",
            Self::Rehearse => "rehearse",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.word() == word)
    }

    /// What it does, as a sentence about a cycle goes on.
    pub fn does(self) -> &'static str {
        match self {
            Self::Open => "opens for returns",
            Self::Remind => "reminds whoever owes something",
            Self::Close => "closes",
            Self::Freeze => "has its paper frozen",
            Self::Release => "has its paper sent to members",
            Self::Rehearse => "is rehearsed, for administrators alone",
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Its time has not come.
    Waiting,
    /// Its time has come, and it waits for something else.
    Blocked,
    /// It is done at the next look.
    Due,
    /// Too late to be done unasked: a person decides.
    Missed,
    /// Somebody holds it back.
    Held,
    /// It is done.
    Done,
    /// Somebody decided that it is not done.
    Skipped,
    /// There is nothing left for it to do.
    Lapsed,
}

impl JobState {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Blocked => "blocked",
            Self::Due => "due",
            Self::Missed => "missed",
            Self::Held => "held",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether it waits for a person to decide.
    pub fn asks(self) -> bool {
        matches!(self, Self::Missed | Self::Held)
    }

    /// Whether there is anything left to do.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Lapsed)
    }
}

/// What a person ordered about a job that is still to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// Leave it, until somebody says otherwise; whatever becomes of its date.
    Hold,
    /// Do it, late as it is. Of the time it was due at then, and no other.
    Run,
}

impl OrderKind {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Run => "run",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Hold, Self::Run].into_iter().find(|kind| kind.word() == word)
    }
}

/// Who decided what about a job, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Line,
}

/// An order as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// About which cycle.
    pub cycle: CycleId,
    /// About which of its jobs.
    pub job: Job,
    /// What.
    pub kind: OrderKind,
    /// When the job was due as the order was given.
    pub due_at: Instant,
    /// By whom, and why.
    pub decision: Decision,
}

/// A job that is over: the row that no second one can stand beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Of which cycle.
    pub cycle: CycleId,
    /// Which of its jobs.
    pub job: Job,
    /// Due at.
    pub due_at: Instant,
    /// Over since.
    pub done_at: Instant,
    /// It was not done: who skipped it, and why.
    pub skipped: Option<Decision>,
}

/// One job of a cycle as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub job: Job,
    /// Where it stands.
    pub state: JobState,
    /// When it is or was due.
    pub due_at: Instant,
    /// Until when it is done late without anybody being asked.
    pub until: Option<Instant>,
    /// When it was done or skipped.
    pub done_at: Option<Instant>,
    /// Why it stands so, where the state alone does not say it.
    pub note: Option<&'static str>,
    /// What a person decided about it.
    pub decision: Option<Decision>,
    /// It was ordered to be done.
    pub ordered: bool,
}
