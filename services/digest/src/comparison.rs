//! One indicator over all partnerships: this period beside the same period a year earlier.
//!
//! Decides what may be compared and added, and says none of it in words. The rules: what is missing is
//! never zero, and a total holds the same partnerships on both sides, so that a partnership which did
//! not answer cannot look like a fall.

use csp_domain::{
    document::Origin,
    indicator::Indicator,
    observation::{Figure, change},
    partnership::Partnership,
};
use rust_decimal::Decimal;

use crate::material::{Contribution, Material};

/// One indicator, by partnership.
pub(crate) struct Comparison<'m> {
    pub(crate) indicator: &'m Indicator,
    pub(crate) rows: Vec<Row<'m>>,
}

/// One partnership's two figures.
pub(crate) struct Row<'m> {
    pub(crate) partnership: &'m Partnership,
    pub(crate) now: Now<'m>,
    pub(crate) before: Option<&'m Figure>,
    /// The returns that were read for it.
    pub(crate) origins: Vec<Origin>,
}

/// What stands where this period's figure belongs.
pub(crate) enum Now<'m> {
    /// The answer that was given.
    Figure(&'m Figure),
    /// There is a return, and this figure is not in it.
    NotReported,
    /// A signed statement that there is nothing to report. It is not a count of zero, so no total has it.
    NilReturn,
    /// Nothing was received.
    NoReturn,
    /// Something was received that nobody has signed off.
    NotSignedOff,
}

/// The region's line.
pub(crate) enum Total<'c, 'm> {
    /// Sums over the partnerships that have an amount in both periods.
    LikeForLike { covered: Vec<&'c Row<'m>>, before: Decimal, after: Decimal },
    /// There is nothing to compare with; the sum over those that have an amount in this period.
    NowOnly {
        covered: Vec<&'c Row<'m>>,
        after: Decimal,
        /// Other partnerships have an amount a year earlier: the two sides have nobody in common.
        disjoint: bool,
    },
    /// Nobody has an amount in this period.
    Nothing,
}

/// A change between two amounts.
pub(crate) struct Change {
    pub(crate) amount: Decimal,
    pub(crate) percent: Percent,
}

/// A change in percent, or why there is none.
pub(crate) enum Percent {
    /// To one decimal place, never zero.
    Of(Decimal),
    /// There is a change, and it rounds to nothing.
    UnderATenth,
    /// There is no change.
    NoChange,
    /// From zero, of which nothing is a percentage.
    FromNothing,
}

impl Change {
    /// From `before` to `after`.
    pub(crate) fn between(before: Decimal, after: Decimal) -> Self {
        let amount = after - before;
        let percent = match change::percent(before, after) {
            None => Percent::FromNothing,
            Some(_) if amount.is_zero() => Percent::NoChange,
            Some(percent) if percent.is_zero() => Percent::UnderATenth,
            Some(percent) => Percent::Of(percent),
        };
        Self { amount, percent }
    }
}

impl<'m> Comparison<'m> {
    /// Every indicator the committee asks for.
    pub(crate) fn all(material: &'m Material) -> Vec<Self> {
        let one = |indicator: &'m Indicator| Self {
            indicator,
            rows: material.contributions.iter().map(|contribution| Row::of(contribution, indicator, material)).collect(),
        };
        material.asked().map(one).collect()
    }

    /// The region's line. It covers only whom it can cover on both sides.
    pub(crate) fn total(&self) -> Total<'_, 'm> {
        let both: Vec<_> = self.rows.iter().filter(|row| row.amounts().is_some()).collect();
        if !both.is_empty() {
            let (before, after) =
                both.iter().filter_map(|row| row.amounts()).fold((Decimal::ZERO, Decimal::ZERO), |sum, row| (sum.0 + row.0, sum.1 + row.1));
            return Total::LikeForLike { covered: both, before, after };
        }
        let covered: Vec<_> = self.rows.iter().filter(|row| row.now.amount().is_some()).collect();
        if covered.is_empty() {
            return Total::Nothing;
        }
        let after = covered.iter().filter_map(|row| row.now.amount()).sum();
        Total::NowOnly { covered, after, disjoint: self.rows.iter().any(|row| row.before_amount().is_some()) }
    }
}

impl<'m> Row<'m> {
    fn of(contribution: &'m Contribution, indicator: &Indicator, material: &Material) -> Self {
        let (this, last) = (material.cycle.period, material.cycle.period.a_year_earlier());
        let own = |period| contribution.figures().iter().find(|figure| figure.indicator == indicator.id && figure.period == period);
        let now = match (own(this), &contribution.answer) {
            (Some(figure), _) => Now::Figure(figure),
            (None, Some(_)) if contribution.nil_statement().is_some() => Now::NilReturn,
            (None, Some(_)) => Now::NotReported,
            (None, None) if contribution.unsigned => Now::NotSignedOff,
            (None, None) => Now::NoReturn,
        };
        let mut origins: Vec<Origin> = contribution.origin().into_iter().collect();
        // The partnership's latest word about last year is the one in the return before us; only
        // where that has none do earlier returns speak, the latest of them first.
        let before = own(last).or_else(|| {
            let fits = |figure: &Figure| figure.indicator == indicator.id && figure.period == last;
            let latest = contribution
                .earlier
                .iter()
                .filter(|earlier| fits(&earlier.figure))
                .max_by_key(|earlier| (earlier.return_id, earlier.revision))?;
            origins.push(latest.origin());
            Some(&latest.figure)
        });
        Self { partnership: &contribution.partnership, now, before, origins }
    }

    /// A year earlier, where there is an amount.
    pub(crate) fn before_amount(&self) -> Option<Decimal> {
        self.before.and_then(|figure| figure.answer.amount())
    }

    /// A year earlier and now, where there are both.
    pub(crate) fn amounts(&self) -> Option<(Decimal, Decimal)> {
        Some((self.before_amount()?, self.now.amount()?))
    }

    /// Whether one side has an amount that the other side cannot answer.
    pub(crate) fn one_sided(&self) -> bool {
        self.before_amount().is_some() != self.now.amount().is_some()
    }
}

impl<'m> Now<'m> {
    /// The figure, where one was answered.
    pub(crate) fn figure(&self) -> Option<&'m Figure> {
        match self {
            Self::Figure(figure) => Some(figure),
            Self::NotReported | Self::NilReturn | Self::NoReturn | Self::NotSignedOff => None,
        }
    }

    /// What it adds to a total.
    pub(crate) fn amount(&self) -> Option<Decimal> {
        self.figure().and_then(|figure| figure.answer.amount())
    }
}
