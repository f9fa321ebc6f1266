//! Many partnerships as one figure: the region, and a comparison group.
//!
//! Every aggregate says how many of how many partnerships it covers. What is missing is left out on both
//! sides of a division, never counted as zero.

use std::{collections::BTreeSet, fmt};

use rust_decimal::Decimal;

use super::{percent::Rate, population::Population, refusal::Refusal};
use crate::{partnership::OnsCode, period::Period};

/// One partnership's part in an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its code.
    pub code: OnsCode,
    /// The figure, where there is one.
    pub amount: Option<Decimal>,
    /// Its residents, where they are known.
    pub population: Option<Population>,
}

impl Member {
    /// Its rate, where both are known.
    pub fn rate(&self) -> Option<Rate> {
        Rate::of(self.amount?, self.population?.people)
    }
}

/// How many of how many partnerships a figure is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Partnerships in the figure.
    pub covered: usize,
    /// Partnerships there are.
    pub of: usize,
}

impl Coverage {
    /// Whether nobody is missing.
    pub fn is_whole(self) -> bool {
        self.covered == self.of
    }
}

impl fmt::Display for Coverage {
    /// `all 6 partnerships`, `5 of 6 partnerships`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() { write!(f, "all {} partnerships", self.of) } else { write!(f, "{} of {} partnerships", self.covered, self.of) }
    }
}

/// A figure over several partnerships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aggregate<T> {
    /// The figure.
    pub value: T,
    /// Whom it covers.
    pub coverage: Coverage,
}

/// The sum over those who have a figure. None where nobody has.
pub fn total(members: &[Member]) -> Option<Aggregate<Decimal>> {
    let amounts: Vec<Decimal> = members.iter().filter_map(|member| member.amount).collect();
    let coverage = Coverage { covered: amounts.len(), of: members.len() };
    (!amounts.is_empty()).then(|| Aggregate { value: amounts.iter().sum(), coverage })
}

/// The region's rate: all its counts among all its residents, over those for whom both are known. A large
/// partnership weighs more, as it should: it is the rate a resident of the region lives with.
pub fn rate(members: &[Member]) -> Option<Aggregate<Rate>> {
    let both: Vec<(Decimal, u64)> =
        members.iter().filter_map(|member| Some((member.amount?, member.population.filter(|known| known.people > 0)?.people))).collect();
    let value = Rate::of(both.iter().map(|(count, _)| count).sum(), both.iter().map(|(_, people)| people).sum())?;
    Some(Aggregate { value, coverage: Coverage { covered: both.len(), of: members.len() } })
}

/// The partnerships most like one of them. It includes the partnership itself, and is not symmetric: those
/// most like Gateshead may each have others that are more like them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonGroup {
    own: OnsCode,
    members: BTreeSet<OnsCode>,
}

impl ComparisonGroup {
    /// The group of `own`: those in `others`, and itself.
    pub fn of(own: OnsCode, others: impl IntoIterator<Item = OnsCode>) -> Self {
        let mut members: BTreeSet<OnsCode> = others.into_iter().collect();
        members.insert(own.clone());
        Self { own, members }
    }

    /// Whose group it is.
    pub fn own(&self) -> &OnsCode {
        &self.own
    }

    /// Everybody in it, itself included.
    pub fn members(&self) -> &BTreeSet<OnsCode> {
        &self.members
    }

    /// The group's average: the sum of its members' rates over their number, so that each partnership counts
    /// once, however large. `known` may hold others too. Refused without the partnership's own rate, for then
    /// there is nothing to compare.
    pub fn average(&self, known: &[Member], period: Period) -> Result<Standing, Refusal> {
        let rates: Vec<(&OnsCode, Rate)> = known.iter().filter_map(|member| Some((&member.code, member.rate()?))).collect();
        let own = rates.iter().find(|(code, _)| **code == self.own).map(|(_, rate)| *rate);
        let own = own.ok_or(Refusal::NothingToCompare { period })?;
        let average = self.average_of(rates.iter().map(|(code, rate)| (*code, rate.per_thousand())), period)?;
        Ok(Standing { period, own, average })
    }

    /// The same of what is already a rate or a share: `known` may hold others too.
    pub fn average_of<'k>(
        &self,
        known: impl IntoIterator<Item = (&'k OnsCode, Decimal)>,
        period: Period,
    ) -> Result<Aggregate<Decimal>, Refusal> {
        let rates: Vec<(&OnsCode, Decimal)> = known.into_iter().filter(|(code, _)| self.members.contains(*code)).collect();
        if !rates.iter().any(|(code, _)| **code == self.own) {
            return Err(Refusal::NothingToCompare { period });
        }
        let value = rates.iter().map(|(_, rate)| *rate).sum::<Decimal>() / Decimal::from(rates.len());
        Ok(Aggregate { value, coverage: Coverage { covered: rates.len(), of: self.members.len() } })
    }
}

/// A partnership's rate beside the average of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The period both are of.
    pub period: Period,
    /// The partnership's own rate.
    pub own: Rate,
    /// The average of the members' rates, for each thousand residents.
    pub average: Aggregate<Decimal>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::percent::rounded;

    fn member(code: &str, amount: Option<i64>, people: u64) -> Member {
        let population = Some(Population { people, mid_year: 2020 });
        Member { code: code.parse().unwrap(), amount: amount.map(Decimal::from), population }
    }

    /// Burglary, October to December 2021, police-recorded; residents of mid-2020.
    fn northumbria() -> Vec<Member> {
        vec![
            member("E22000244", Some(206), 201_950),
            member("E22000245", Some(516), 306_824),
            member("E22000246", Some(193), 208_871),
            member("E22000358", Some(304), 323_820),
            member("E22000247", Some(164), 151_133),
            member("E22000248", Some(457), 277_846),
        ]
    }

    #[test]
    fn the_region_says_whom_it_covers() {
        let mut members = northumbria();
        let all = total(&members).unwrap();
        assert_eq!((all.value, all.coverage.to_string().as_str()), (Decimal::from(1840), "all 6 partnerships"));
        assert_eq!(rate(&members).unwrap().value.to_string(), "1.25 per 1,000 residents");
        members[5].amount = None;
        let five = total(&members).unwrap();
        assert_eq!((five.value, five.coverage.to_string().as_str()), (Decimal::from(1383), "5 of 6 partnerships"));
        // The residents of whoever is missing are left out too.
        assert_eq!(rate(&members).unwrap().value.to_string(), "1.16 per 1,000 residents");
        for member in &mut members {
            member.amount = None;
        }
        assert_eq!(total(&members), None);
        assert_eq!(rate(&members), None);
    }

    #[test]
    fn a_group_is_the_sum_of_rates_over_their_number_and_counts_itself() {
        let code = |text: &str| text.parse::<OnsCode>().unwrap();
        let group = ComparisonGroup::of(code("E22000244"), [code("E22000245"), code("E22000248")]);
        let standing = group.average(&northumbria(), "2021-q3".parse().unwrap()).unwrap();
        // (206/201,950 + 516/306,824 + 457/277,846) × 1,000 ÷ 3 = (1.02005 + 1.68174 + 1.64479) ÷ 3
        assert_eq!(rounded(standing.average.value, 4).to_string(), "1.4489");
        assert_eq!(standing.average.coverage.to_string(), "all 3 partnerships");
    }

    #[test]
    fn a_group_is_nothing_without_the_partnership_it_is_for() {
        let code = |text: &str| text.parse::<OnsCode>().unwrap();
        let group = ComparisonGroup::of(code("E22000244"), [code("E22000245"), code("E22000300")]);
        let mut members = northumbria();
        let period = "2021-q3".parse().unwrap();
        assert_eq!(group.average(&members, period).unwrap().average.coverage.to_string(), "2 of 3 partnerships");
        members[0].amount = None;
        assert_eq!(group.average(&members, period).unwrap_err(), Refusal::NothingToCompare { period });
    }

    #[test]
    fn groups_are_not_symmetric() {
        let code = |text: &str| text.parse::<OnsCode>().unwrap();
        let gateshead = ComparisonGroup::of(code("E22000244"), [code("E22000245")]);
        let newcastle = ComparisonGroup::of(code("E22000245"), [code("E22000248")]);
        assert!(gateshead.members().contains(newcastle.own()));
        assert!(!newcastle.members().contains(gateshead.own()));
    }
}
