//! Who is missing, and how often: returns expected, received and in time, over a committee's last cycles.

use crate::{
    clock::Instant,
    cycle::Extension,
    id::{CycleId, PartnershipId, Slug},
    joint::JointTally,
    returns::{Content, Return, ReturnState},
    signoff::Hand,
    wording::WordingTally,
};

/// How many returns came for one cycle that has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Which cycle.
    pub cycle: CycleId,
    /// Its short name.
    pub slug: Slug,
    /// How many partnerships owed one.
    pub expected: u32,
    /// How many came, and were not taken back.
    pub received: u32,
    /// How many of those came by the deadline, as they stand.
    pub on_time: u32,
}

/// A share of what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub part: u32,
    /// Of how many.
    pub whole: u32,
    /// Over how many cycles.
    pub cycles: usize,
}

impl Rate {
    /// Over so many cycles a rate is told; over fewer the counts alone.
    pub const CYCLES: usize = 8;

    /// Whole percent, rounded half up; none where too few cycles or nothing was expected.
    pub fn percent(self) -> Option<u32> {
        let whole = u64::from(self.whole);
        (self.cycles >= Self::CYCLES && whole > 0)
            .then(|| u32::try_from((200 * u64::from(self.part) + whole) / (2 * whole)).unwrap_or(u32::MAX))
    }
}

fn rate(tallies: &[Tally], part: impl Fn(&Tally) -> u32) -> Rate {
    let last = &tallies[..tallies.len().min(Rate::CYCLES)];
    Rate { part: last.iter().map(part).sum(), whole: last.iter().map(|tally| tally.expected).sum(), cycles: last.len() }
}

/// How much of what was expected came at all; `tallies` the latest first.
pub fn complete(tallies: &[Tally]) -> Rate {
    rate(tallies, |tally| tally.received)
}

/// How much of what was expected came by the deadline; `tallies` the latest first.
pub fn on_time(tallies: &[Tally]) -> Rate {
    rate(tallies, |tally| tally.on_time)
}

/// Where one partnership stands in one cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which partnership.
    pub partnership: PartnershipId,
    /// Its return; none where none was ever sent in.
    pub answer: Option<Return>,
    /// Whether its lead has signed it as it stands, whatever became of it since.
    pub signed: bool,
    /// Whether the editor has accepted it as it stands, whatever became of it since.
    pub accepted: bool,
    /// How many items of news stand.
    pub news: u32,
    /// Whether its lead must sign before a paper prints what it sent.
    pub signing: bool,
    /// How often its return came, and came in time, over the committee's last closed cycles.
    pub cycles: u32,
    /// In how many of them it came.
    pub received: u32,
    /// In how many it came by the deadline.
    pub on_time: u32,
    /// More time, if it was given any.
    pub extension: Option<Extension>,
    /// How many other wordings of its words were proposed, and what became of them.
    pub wordings: WordingTally,
    /// What of the cycle's joint items it is concerned with.
    pub joint: JointTally,
}

impl Standing {
    /// Where the return stands, if there is one.
    pub fn state(&self) -> Option<ReturnState> {
        self.answer.as_ref().map(|answer| answer.state)
    }

    /// Whether a return is in.
    pub fn received(&self) -> bool {
        self.state().is_some_and(ReturnState::received)
    }

    /// Whether what is in came after `deadline`, or after the partnership's own where it was given more time.
    pub fn late(&self, deadline: Instant) -> bool {
        let deadline = self.extension.as_ref().map_or(deadline, |extension| extension.until.max(deadline));
        self.received() && self.answer.as_ref().is_some_and(|answer| answer.submitted_at > deadline)
    }

    /// Whether what is in says that there is nothing to report.
    pub fn nil(&self) -> bool {
        self.received() && self.answer.as_ref().is_some_and(|answer| matches!(answer.content, Content::Nil { .. }))
    }

    /// Whose turn it is; nobody's when the paper has it or waits for nothing.
    pub fn awaits(&self) -> Option<Hand> {
        self.state().map_or(Some(Hand::Officer), |state| state.awaits(self.signing))
    }
}

/// How many of the returns that one cycle expects stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many partnerships owe one.
    pub expected: usize,
    /// How many are in.
    pub received: usize,
    /// How many of those their leads have signed as they stand, those in a frozen paper included.
    pub signed: usize,
    /// How many of those the editor has accepted as they stand, those in a frozen paper included.
    pub accepted: usize,
    /// How many say that there is nothing to report.
    pub nil: usize,
    /// How many came after their deadline.
    pub late: usize,
    /// How many partnerships were given more time.
    pub extended: usize,
    /// How many wait for their lead.
    pub unsigned: usize,
}

impl Counts {
    /// Of the partnerships of one cycle, whose returns are due at `deadline`.
    pub fn of(standings: &[Standing], deadline: Instant) -> Self {
        let count = |wanted: &dyn Fn(&Standing) -> bool| standings.iter().filter(|standing| wanted(standing)).count();
        Self {
            expected: standings.len(),
            received: count(&Standing::received),
            signed: count(&|one| one.received() && one.signed),
            accepted: count(&|one| one.received() && one.accepted),
            nil: count(&Standing::nil),
            late: count(&|one| one.late(deadline)),
            extended: count(&|one| one.extension.is_some()),
            unsigned: count(&|one| one.awaits() == Some(Hand::Lead)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tallies(count: usize, expected: u32, received: u32, on_time: u32) -> Vec<Tally> {
        let one = |at: usize| Tally {
            cycle: CycleId(Uuid::from_u128(at as u128)),
            slug: format!("2021-q{at}").parse().unwrap(),
            expected,
            received,
            on_time,
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_rate_needs_eight_cycles_and_counts_need_none() {
        let seven = complete(&tallies(7, 6, 5, 4));
        assert_eq!((seven.part, seven.whole, seven.percent()), (35, 42, None));
        let eight = complete(&tallies(8, 6, 5, 4));
        assert_eq!((eight.part, eight.whole, eight.percent()), (40, 48, Some(83)));
        assert_eq!(on_time(&tallies(8, 6, 5, 4)).percent(), Some(67));
    }

    #[test]
    fn only_the_last_eight_count_and_nothing_is_divided_by_nothing() {
        let mut many = tallies(8, 2, 2, 1);
        many.extend(tallies(5, 2, 0, 0));
        assert_eq!((complete(&many).part, complete(&many).percent()), (16, Some(100)));
        assert_eq!(on_time(&many).percent(), Some(50));
        assert_eq!(complete(&tallies(8, 0, 0, 0)).percent(), None);
        assert_eq!(complete(&[]), Rate { part: 0, whole: 0, cycles: 0 });
    }
}
