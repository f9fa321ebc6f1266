//! Context notes: what must be known beside the figures of certain days, such as that restrictions were in force.

use crate::{
    clock::Instant,
    id::{ContextNoteId, IndicatorId, PartnershipId},
    period::{Period, uk_date},
    text::Line,
};

/// What was so in certain days. A paper prints it beside every figure whose period has a day of it, once for each table and chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextNote {
    /// Identifier.
    pub id: ContextNoteId,
    /// What it says, and of what.
    pub matter: Matter,
    /// Since when, and why, it is not printed any more.
    pub removed: Option<(Instant, Line)>,
    /// When it was entered.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// What a context note says, and of what. It never changes: a wrong one is taken back, and a right one entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Of which measure; none: of all.
    pub indicator: Option<IndicatorId>,
    /// Where; none: in the whole region.
    pub partnership: Option<PartnershipId>,
    /// From the first day to the last.
    pub days: Period,
    /// `Restrictions on meeting indoors were in force`.
    pub sentence: Line,
}

/// A context note to be entered.
#[derive(Debug, Clone)]
pub struct NewContextNote {
    /// Identifier.
    pub id: ContextNoteId,
    /// What it says.
    pub matter: Matter,
}

impl ContextNote {
    /// The most that a region keeps, those taken back among them.
    pub const MOST: usize = 2_000;
}

impl Matter {
    /// Whether it is to be known beside a figure of this measure, about this period.
    pub fn is_about(&self, indicator: IndicatorId, period: Period) -> bool {
        self.indicator.is_none_or(|of| of == indicator) && self.days.overlaps(period)
    }

    /// Whether it is so where this partnership is.
    pub fn is_in(&self, partnership: PartnershipId) -> bool {
        self.partnership.is_none_or(|of| of == partnership)
    }

    /// As it is printed: `5 November 2020 to 2 December 2020: restrictions on meeting indoors were in force.`
    pub fn printed(&self) -> String {
        let (from, to) = (self.days.start(), self.days.end());
        let days = if from == to { uk_date(from) } else { format!("{} to {}", uk_date(from), uk_date(to)) };
        let sentence = self.sentence.printed();
        let stop = if sentence.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        format!("{days}: {sentence}{stop}")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn matter(days: &str) -> Matter {
        let sentence = Line::parse("restrictions were in force", Line::SENTENCE).unwrap();
        Matter { indicator: None, partnership: None, days: days.parse().unwrap(), sentence }
    }

    #[test]
    fn a_note_is_about_every_period_that_has_a_day_of_it() {
        let lockdown = matter("2020-11-05..2020-12-02");
        let burglary = IndicatorId(Uuid::from_u128(1));
        for (period, is) in [("2020-q3", true), ("2020-11", true), ("2020-12", true), ("2020-10", false), ("2021-q3", false)] {
            assert_eq!(lockdown.is_about(burglary, period.parse().unwrap()), is, "{period}");
        }
        let of_robbery = Matter { indicator: Some(IndicatorId(Uuid::from_u128(2))), ..lockdown };
        assert!(!of_robbery.is_about(burglary, "2020-q3".parse().unwrap()));
    }

    #[test]
    fn a_note_says_its_days_first() {
        assert_eq!(matter("2020-11-05..2020-12-02").printed(), "5 November 2020 to 2 December 2020: restrictions were in force.");
        assert_eq!(matter("2020-11-05..2020-11-05").printed(), "5 November 2020: restrictions were in force.");
    }
}
