//! Pieces of narrative.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{CommitteeId, CycleId, NewsItemId, PartnershipId, PersonId},
    narrative::Narrative,
    text::Line,
};

/// What kind of news it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// General news.
    News,
    /// The story of one case.
    CaseStudy,
    /// A campaign.
    Campaign,
    /// An award.
    Award,
    /// A decision.
    Decision,
    /// An event.
    Event,
    /// A development beyond the region, written once for all partnerships by the editor.
    NationalDevelopment,
}

impl NewsKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::News, Self::CaseStudy, Self::Campaign, Self::Award, Self::Decision, Self::Event, Self::NationalDevelopment];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::CaseStudy => "case_study",
            Self::Campaign => "campaign",
            Self::Award => "award",
            Self::Decision => "decision",
            Self::Event => "event",
            Self::NationalDevelopment => "national_development",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Whether an item counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewsState {
    /// Sent in; will be printed.
    Submitted,
    /// Taken back.
    Withdrawn,
}

impl NewsState {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Submitted, Self::Withdrawn].into_iter().find(|state| state.word() == word)
    }
}

/// In whose name an item is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsOwner {
    /// A partnership's own news.
    Partnership(PartnershipId),
    /// The national part of a committee's paper, by its editor.
    Committee(CommitteeId),
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsItem {
    /// Identifier; in order of submission.
    pub id: NewsItemId,
    /// In whose name.
    pub owner: NewsOwner,
    /// For which cycle.
    pub cycle: CycleId,
    /// What kind.
    pub kind: NewsKind,
    /// Whether it counts.
    pub state: NewsState,
    /// What it is about, in a line.
    pub headline: Line,
    /// The text.
    pub body: Narrative,
    /// When it happened, if on a day.
    pub happened_on: Option<NaiveDate>,
    /// Who sent in this revision.
    pub submitted_by: PersonId,
    /// When this revision was sent in.
    pub submitted_at: Instant,
    /// Of a joint item: the partnerships that own it besides, in the order in which they were named.
    pub joint: Vec<PartnershipId>,
    /// 1, and one more with every correction or withdrawal.
    pub revision: i64,
}

/// An item being sent in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNewsItem {
    /// Identifier.
    pub id: NewsItemId,
    /// In whose name.
    pub owner: NewsOwner,
    /// For which cycle.
    pub cycle: CycleId,
    /// What kind.
    pub kind: NewsKind,
    /// Headline.
    pub headline: Line,
    /// Text.
    pub body: Narrative,
    /// When it happened.
    pub happened_on: Option<NaiveDate>,
    /// Of a joint item: the partnerships that own it besides.
    pub joint: Vec<PartnershipId>,
}
