//! Defined measures.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    cycle::Cycle,
    id::{IndicatorId, PartnershipId, Slug},
    text::Line,
};

mod definition;

pub use definition::{Break, Definition, Denominator, Frequency, Ratio};

/// In what an indicator is measured. All of these add up across partnerships; measures that do not
/// (percentages, rates) are computed from those that do, never typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Whole things: offences, incidents, referrals.
    Count,
    /// Pounds sterling, with pence.
    Pounds,
    /// Whole days.
    Days,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 3] = [Self::Count, Self::Pounds, Self::Days];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Pounds => "pounds",
            Self::Days => "days",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.word() == word)
    }

    /// Digits after the point that a value may have.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Count | Self::Days => 0,
            Self::Pounds => 2,
        }
    }
}

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Fewer is better.
    LowerIsBetter,
    /// More is better.
    HigherIsBetter,
    /// A rise may mean more harm or more trust in reporting it; the paper does not judge.
    Neither,
}

impl Polarity {
    /// Every polarity.
    pub const ALL: [Self; 3] = [Self::LowerIsBetter, Self::HigherIsBetter, Self::Neither];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::LowerIsBetter => "lower_is_better",
            Self::HigherIsBetter => "higher_is_better",
            Self::Neither => "neither",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|polarity| polarity.word() == word)
    }

    /// Which direction is good where nobody has said so: of what a rise may mean more harm or more trust in reporting
    /// it, neither. Of anything else it has to be said.
    pub fn unsaid(slug: &Slug, name: &Line) -> Option<Self> {
        const OF_TRUST: [&str; 5] = ["domestic", "sexual", "hate", "helpline", "rape"];
        let both = format!("{slug} {name}").to_lowercase();
        both.split(|c: char| !c.is_alphanumeric()).any(|word| OF_TRUST.contains(&word)).then_some(Self::Neither)
    }
}

/// A defined measure of a region's catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Identifier.
    pub id: IndicatorId,
    /// Short name, unique in the region: `anti-social-behaviour`; of one partnership alone `gateshead.dog-fouling`.
    pub slug: Slug,
    /// Whose it is; none: the region's, shared by all.
    pub owner: Option<PartnershipId>,
    /// `Anti-social behaviour incidents`.
    pub name: Line,
    /// In what it is measured.
    pub unit: Unit,
    /// Which direction is good.
    pub polarity: Polarity,
    /// Who counts it, and how: `Police-recorded crime, data.police.uk`.
    pub source: Line,
    /// What it means, and how it is printed.
    pub definition: Definition,
    /// Of one partnership alone: the last day it is asked for; none: until further notice.
    pub ends_on: Option<NaiveDate>,
    /// When it was entered.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// An indicator to be entered.
#[derive(Debug, Clone)]
pub struct NewIndicator {
    /// Identifier.
    pub id: IndicatorId,
    /// Short name.
    pub slug: Slug,
    /// Whose it is; none: the region's.
    pub owner: Option<PartnershipId>,
    /// Name.
    pub name: Line,
    /// In what it is measured.
    pub unit: Unit,
    /// Which direction is good.
    pub polarity: Polarity,
    /// Who counts it.
    pub source: Line,
    /// What it means.
    pub definition: Definition,
}

impl Indicator {
    /// The most that one partnership may have of its own, those that are no longer asked for among them.
    pub const MOST_OWN: usize = 50;

    /// Whether a partnership may answer it: it is shared, or its own.
    pub fn is_for(&self, partnership: PartnershipId) -> bool {
        self.owner.is_none_or(|owner| owner == partnership)
    }

    /// Whether it is a partnership's own, and asked for in a cycle. What is entered after returns were due is asked for from the next on.
    pub fn is_own_in(&self, partnership: PartnershipId, cycle: &Cycle) -> bool {
        let end = cycle.period.end();
        self.owner == Some(partnership)
            && self.created_at <= cycle.timetable.deadline_at
            && self.definition.valid_from.is_none_or(|from| from <= end)
            && self.ends_on.is_none_or(|last| end <= last)
    }

    /// Of what it is a share, where another indicator counts it.
    pub fn whole_in<'i>(&self, catalogue: impl IntoIterator<Item = &'i Self>) -> Option<&'i Self> {
        match &self.definition.ratio.as_ref()?.of {
            Denominator::Indicator(slug) => catalogue.into_iter().find(|known| known.slug == *slug),
            Denominator::Residents => None,
        }
    }

    /// Every day on which what is counted changed, that on which the definition in use began among them.
    pub fn breaks(&self) -> Vec<Break> {
        let mut breaks = self.definition.breaks.clone();
        if let Some(on) = self.definition.valid_from
            && !breaks.iter().any(|known| known.on == on)
        {
            breaks.extend(Break::new(on, "the definition now in use began"));
        }
        breaks
    }
}

impl Break {
    /// A change on a day, in a sentence. None where it is not one.
    pub fn new(on: NaiveDate, what: &str) -> Option<Self> {
        Line::parse(what, Line::SENTENCE).ok().map(|what| Self { on, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_reported_more_with_more_trust_neither_direction_is_good() {
        let unsaid = |slug: &str, name: &str| Polarity::unsaid(&slug.parse().unwrap(), &Line::parse(name, Line::NAME).unwrap());
        for (slug, name) in [
            ("domestic-abuse", "Domestic abuse incidents"),
            ("vaso", "Violence and sexual offences"),
            ("hate-crime", "Hate crime"),
            ("calls", "Calls to the helpline"),
        ] {
            assert_eq!(unsaid(slug, name), Some(Polarity::Neither), "{slug}");
        }
        assert_eq!(unsaid("burglary", "Burglary"), None);
        assert_eq!(unsaid("whatever", "Chateau thefts"), None);
    }
}
