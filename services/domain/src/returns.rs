//! A partnership's answer for one cycle.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{CycleId, PartnershipId, PersonId, ReturnId},
    observation::{Figure, QuotedFigure},
    text::Line,
};

/// Where a return stands. What leads from one to the other is in [`crate::signoff`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnState {
    /// Recalled by whoever sent it in; not received.
    Draft,
    /// Sent in by the officer; nobody has answered for it.
    Submitted,
    /// Given back to the officer, with reasons.
    SentBack,
    /// The lead or a deputy answers for it.
    Signed,
    /// The editor has taken it into the paper.
    Accepted,
    /// It is in a frozen paper.
    Frozen,
    /// Taken back by the partnership; does not count, and may be sent in again.
    Withdrawn,
}

impl ReturnState {
    /// Every state.
    pub const ALL: [Self; 7] = [Self::Draft, Self::Submitted, Self::SentBack, Self::Signed, Self::Accepted, Self::Frozen, Self::Withdrawn];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::SentBack => "sent_back",
            Self::Signed => "signed",
            Self::Accepted => "accepted",
            Self::Frozen => "frozen",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::Submitted => "sent in and not signed",
            Self::SentBack => "sent back",
            Self::Signed => "signed",
            Self::Accepted => "accepted",
            Self::Frozen => "frozen",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What a return carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Figures.
    Full {
        /// In the order they were sent.
        figures: Vec<Figure>,
        /// Values someone else stated.
        quoted: Vec<QuotedFigure>,
    },
    /// A statement that there is nothing to report: an answer, not a gap.
    Nil {
        /// In the partnership's words.
        statement: Line,
    },
}

impl Content {
    /// The most figures one return may carry.
    pub const MAX_FIGURES: usize = 2_000;
    /// The most quoted figures one return may carry.
    pub const MAX_QUOTED: usize = 100;

    /// The figures; none in a nil return.
    pub fn figures(&self) -> &[Figure] {
        match self {
            Self::Full { figures, .. } => figures,
            Self::Nil { .. } => &[],
        }
    }

    /// The quoted figures.
    pub fn quoted(&self) -> &[QuotedFigure] {
        match self {
            Self::Full { quoted, .. } => quoted,
            Self::Nil { .. } => &[],
        }
    }
}

/// A return. Each correction is a new revision; the figures of earlier ones are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Identifier.
    pub id: ReturnId,
    /// Whose.
    pub partnership: PartnershipId,
    /// For which cycle; one return for each.
    pub cycle: CycleId,
    /// Where it stands.
    pub state: ReturnState,
    /// What it carries.
    pub content: Content,
    /// A remark to the editor; not printed.
    pub remark: Option<Line>,
    /// Who sent in this revision.
    pub submitted_by: PersonId,
    /// When this revision was sent in.
    pub submitted_at: Instant,
    /// 1, and one more with every step.
    pub revision: i64,
    /// The revision that carried what stands.
    pub sent: i64,
}

/// How a return is sent in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manner {
    /// Where the committee's editor enters it for the partnership: how it came.
    pub on_behalf: Option<Line>,
    /// Whoever sends it in wants its receipt by mail.
    pub mail_receipt: bool,
}

/// A return being sent in or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReturn {
    /// Identifier, used if there is no return for the cycle yet.
    pub id: ReturnId,
    /// Whose.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// What it carries.
    pub content: Content,
    /// A remark to the editor.
    pub remark: Option<Line>,
}

impl NewReturn {
    /// The return as it stands once this is its content.
    pub fn made(self, id: ReturnId, state: ReturnState, by: PersonId, at: Instant, revision: i64) -> Return {
        Return {
            id,
            partnership: self.partnership,
            cycle: self.cycle,
            state,
            content: self.content,
            remark: self.remark,
            submitted_by: by,
            submitted_at: at,
            revision,
            sent: revision,
        }
    }
}
