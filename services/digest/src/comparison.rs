//! One indicator over all partnerships: one period beside another, such as the same period a year earlier.
//!
//! Decides what may be compared and added, and says none of it in words. The rules: what is missing is
//! never zero, a total holds the same partnerships on both sides, so that a partnership which did
//! not answer cannot look like a fall, and nothing is compared across a change of what is counted.

use csp_domain::{
    context_note::Matter,
    document::Origin,
    indicator::Indicator,
    measure::{
        comparator::{Comparator, Rules, comparable},
        population::Population,
        refusal::Refusal,
        series::{Reading, Series},
    },
    observation::Figure,
    partnership::Partnership,
    period::Period,
};
use rust_decimal::Decimal;

use crate::{
    guard::Guard,
    ledger::{Ledger, Told, Wholes, Word, about, breaks},
    material::{Contribution, Material},
    waves,
};

/// One indicator, by partnership.
pub(crate) struct Comparison<'m> {
    /// Where everything is read that partnerships told.
    pub(crate) ledger: &'m Ledger<'m>,
    pub(crate) indicator: &'m Indicator,
    /// With which other time.
    pub(crate) comparator: Comparator,
    /// What the committee asks of a percentage.
    pub(crate) rules: Rules,
    /// The period reported on, or one that ends with it.
    pub(crate) period: Period,
    /// The one it is set beside.
    pub(crate) then: Period,
    pub(crate) rows: Vec<Row<'m>>,
    /// Why the two are not compared at all.
    pub(crate) broken: Option<Refusal>,
    /// What must be known beside its figures, whenever.
    pub(crate) context: Vec<&'m Matter>,
    /// What may be printed of a sensitive indicator.
    pub(crate) guard: Option<Guard>,
}

/// One partnership's two figures, and all that is known from before.
pub(crate) struct Row<'m> {
    pub(crate) partnership: &'m Partnership,
    pub(crate) now: Side<'m>,
    pub(crate) before: Side<'m>,
    /// What an earlier return said of the year before, where the partnership now says something else.
    pub(crate) revised_from: Option<Decimal>,
    /// Everything that is known of it.
    pub(crate) told: &'m Told<'m>,
    material: &'m Material,
    /// The returns that were read for it: the one before us, and the one that spoke of the other period.
    pub(crate) origins: [Option<Origin>; 2],
}

/// What stands where a figure belongs.
pub(crate) enum Side<'m> {
    /// The answer that was given.
    Figure(&'m Figure),
    /// No answer for the whole period, and answers that fill it: three months a quarter.
    Sum(Reading),
    /// Answers for a part of it.
    Incomplete(Refusal),
    /// There is a return, and this figure is not in it.
    NotReported,
    /// The committee does not ask this partnership for it, and it said nothing.
    NotAsked,
    /// A signed statement that there is nothing to report. It is not a count of zero, so no total has it.
    NilReturn,
    /// Nothing was received.
    NoReturn,
    /// Something was received that nobody has signed off.
    NotSignedOff,
    /// Of the year before: nobody ever said.
    NoEarlier,
}

/// The region's line.
pub(crate) enum Total {
    /// Sums over the partnerships (by their place) that have an amount in both periods.
    LikeForLike(Vec<usize>),
    /// There is nothing to compare with; the sum over those that have an amount in this period.
    NowOnly {
        covered: Vec<usize>,
        /// Other partnerships have an amount a year earlier: the two sides have nobody in common.
        disjoint: bool,
    },
    /// They are samples, which are not added up.
    NotAddedUp,
    /// Nobody has an amount in this period.
    Nothing,
}

/// What is printed as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// An amount in the indicator's unit.
    Amount(Decimal),
    /// So many of so many.
    Share { part: Decimal, whole: Decimal },
    /// So many of so few that it is printed as two counts.
    Few { part: Decimal, whole: Decimal },
    /// A share without its whole, and why.
    Bare { part: Decimal, why: Refusal },
    /// Small, below so many.
    Fewer(u32),
    /// Kept back, so that a small one cannot be worked out.
    Hidden,
}

impl<'m> Comparison<'m> {
    /// Every indicator the committee asks for, beside what heads its tables.
    pub(crate) fn all(ledger: &'m Ledger<'m>) -> Vec<Self> {
        let comparator = ledger.material.committee.template.heading();
        ledger.material.asked().map(|indicator| Self::of(indicator, ledger, comparator)).collect()
    }

    pub(crate) fn of(indicator: &'m Indicator, ledger: &'m Ledger<'m>, comparator: Comparator) -> Self {
        let material = ledger.material;
        let rules = material.committee.template.rules();
        let (period, then) = comparator.periods(material.cycle.period);
        let rows = |indicator: &'m Indicator| -> Vec<Row<'m>> {
            let each = material.contributions.iter().zip(ledger.told(indicator.id));
            each.map(|(contribution, told)| Row::of(contribution, told, indicator, material, (then, period))).collect()
        };
        let (survey, adds_up) = (indicator.definition.survey, indicator.definition.adds_up());
        let series = Series::default().broken(breaks(indicator, material)).of_states(!adds_up);
        let added = |refusal| if survey.is_some() { Refusal::SamplesNotAddedUp { period } } else { refusal };
        let allowed = comparable(period, then).and_then(|()| series.adds_up(comparator, period).map_err(added));
        let allowed = allowed.and_then(|()| survey.map_or(Ok(()), |months| waves::overlap(months, period, then)));
        let broken = allowed.and_then(|()| series.same_definition(period, then)).err();
        let context = material.context.iter().filter(|matter| matter.indicator.is_none_or(|of| of == indicator.id)).collect();
        let mut made = Self { ledger, indicator, comparator, rules, period, then, rows: rows(indicator), broken, context, guard: None };
        // What is hidden of the whole must not be read off the share.
        let whole = indicator.whole_in(&material.indicators);
        let of_all = indicator.owner.is_some() && whole.is_some_and(|whole| whole.owner.is_none() && whole.definition.sensitive);
        let whole = whole.filter(|whole| whole.definition.sensitive).map(|whole| {
            let (broken, context, guard) = (None, Vec::new(), None);
            Guard::of_counts(&Self { ledger, indicator: whole, comparator, rules, period, then, rows: rows(whole), broken, context, guard })
        });
        if of_all {
            made.guard = Some(Guard::shut(&made));
        } else if indicator.definition.sensitive || whole.is_some() {
            made.guard = Some(match &indicator.definition.ratio {
                Some(_) => Guard::of_shares(&made, whole.as_ref()),
                None => Guard::of_counts(&made),
            });
        }
        made
    }

    /// The region's line. It covers only whom it can cover on both sides.
    pub(crate) fn total(&self) -> Total {
        // Samples that were drawn apart are no larger sample: what is in the sum may move where nobody has.
        if self.indicator.definition.survey.is_some() && self.rows.len() > 1 {
            return Total::NotAddedUp;
        }
        let having =
            |wanted: &dyn Fn(&Row<'_>) -> bool| -> Vec<usize> { (0..self.rows.len()).filter(|at| wanted(&self.rows[*at])).collect() };
        let both = having(&|row| row.now.amount().is_some() && row.before.amount().is_some());
        if !both.is_empty() {
            return Total::LikeForLike(both);
        }
        let covered = having(&|row| row.now.amount().is_some());
        if covered.is_empty() {
            return Total::Nothing;
        }
        Total::NowOnly { covered, disjoint: self.rows.iter().any(|row| row.before.amount().is_some()) }
    }

    /// What stands for the value of one partnership.
    pub(crate) fn value(&self, at: usize, now: bool) -> Option<Value> {
        let row = &self.rows[at];
        let part = row.side(now).amount()?;
        let period = self.of_which(now);
        let open = || self.share(part, row.whole(period), period);
        Some(self.guard.as_ref().and_then(|guard| guard.cell(at, now)).unwrap_or_else(open))
    }

    /// What stands for the sum over `covered`.
    pub(crate) fn sum(&self, covered: &[usize], now: bool) -> Option<Value> {
        if let Some(kept) = self.guard.as_ref().and_then(|guard| guard.total(now)) {
            return Some(kept);
        }
        let mut part = Decimal::ZERO;
        let mut whole = Ok(Decimal::ZERO);
        for at in covered {
            let row = &self.rows[*at];
            part += row.side(now).amount()?;
            whole = whole.and_then(|sum| Ok(sum + row.whole(self.of_which(now))?));
        }
        Some(self.share(part, whole, self.of_which(now)))
    }

    fn share(&self, part: Decimal, whole: Result<Decimal, Refusal>, period: Period) -> Value {
        match (&self.indicator.definition.ratio, whole) {
            (None, _) => Value::Amount(part),
            (Some(_), Err(why)) => Value::Bare { part, why },
            (Some(_), Ok(whole)) if whole.is_zero() => Value::Bare { part, why: Refusal::FromNothing { period } },
            (Some(ratio), Ok(whole)) if ratio.is_percent() && part > whole => {
                Value::Bare { part, why: Refusal::NotAShare { period, part, whole } }
            }
            (Some(_), Ok(whole)) if whole < Decimal::from(self.rules.least_base) => Value::Few { part, whole },
            (Some(_), Ok(whole)) => Value::Share { part, whole },
        }
    }

    /// The estimates of residents that the figures of `rows` are divided by, the latest first, each with whether a later one could be
    /// true of the period. None where nothing is divided by residents.
    pub(crate) fn estimates(&self, rows: &[usize], now: bool) -> Vec<(Population, Option<String>)> {
        let period = self.of_which(now);
        let mut found: Vec<(Population, Option<String>)> = Vec::new();
        for row in rows.iter().map(|at| &self.rows[*at]).filter(|row| matches!(row.told.wholes, Some(Wholes::Residents))) {
            let Ok(estimate) = row.residents(period) else { continue };
            if !found.iter().any(|(known, _)| known.mid_year == estimate.mid_year) {
                found.push((estimate, row.source_of(estimate)));
            }
        }
        found.sort_by_key(|(estimate, _)| std::cmp::Reverse(estimate.mid_year));
        found
    }

    /// What must be known beside a figure of all these rows together, of one period: what was so where each of them is.
    pub(crate) fn context_of(&self, rows: &[usize], period: Period) -> Vec<&'m Matter> {
        let everywhere = |matter: &Matter| rows.iter().all(|at| matter.is_in(self.rows[*at].partnership.id));
        self.context.iter().copied().filter(|matter| matter.is_about(self.indicator.id, period) && everywhere(matter)).collect()
    }

    /// Whether one partnership's value will be revised.
    pub(crate) fn is_provisional(&self, at: usize, now: bool) -> bool {
        self.rows[at].is_provisional(now, self.of_which(now))
    }

    pub(crate) fn of_which(&self, now: bool) -> Period {
        if now { self.period } else { self.then }
    }
}

impl<'m> Row<'m> {
    fn of(
        contribution: &'m Contribution,
        told: &'m Told<'m>,
        indicator: &'m Indicator,
        material: &'m Material,
        (then, period): (Period, Period),
    ) -> Self {
        let states = !indicator.definition.adds_up();
        // Of the period reported on the return before us speaks alone; of a longer one, such as the year to date, earlier ones
        // have told the beginning.
        let (reported, own) = (material.cycle.period, told.own());
        let speaking = if period == reported { own } else { &told.words };
        // Of a time that reaches further than what is reported on nothing is told that what is reported on withholds.
        let at_hand = if period == reported || own.iter().any(|word| word.period == period) {
            None
        } else {
            let word = about(own, reported).next().map(|word| Side::Figure(word.figure));
            let side = word.or_else(|| Side::from_parts(own, reported, states));
            Some(side.unwrap_or(Side::NotReported)).filter(|side| side.amount().is_none())
        };
        let exempt = material.committee.exempts(contribution.partnership.id, indicator.id);
        let now = match (at_hand, about(speaking, period).next(), &contribution.answer) {
            (_, None, _) if exempt => Side::from_parts(speaking, period, states).unwrap_or(Side::NotAsked),
            (_, _, Some(_)) if contribution.nil_statement().is_some() => Side::NilReturn,
            (_, _, None) if contribution.unsigned => Side::NotSignedOff,
            (_, _, None) => Side::NoReturn,
            (Some(silent), _, Some(_)) => silent,
            (None, Some(word), Some(_)) => Side::Figure(word.figure),
            (None, None, Some(_)) => Side::from_parts(speaking, period, states).unwrap_or(Side::NotReported),
        };
        // The partnership's latest word about last year is the one in the return before us; only
        // where that has none do earlier returns speak, the latest of them first.
        let mut of_then = about(&told.words, then);
        let latest = of_then.next();
        let before = match latest {
            Some(word) => Side::Figure(word.figure),
            None => Side::from_parts(&told.words, then, states).unwrap_or(Side::NoEarlier),
        };
        // Where the latest word is no amount, such as "withheld", the one before is not told either.
        let revised_from = latest.and_then(|latest| {
            let latest = latest.figure.answer.amount()?;
            let earlier = of_then.find_map(|word| word.figure.answer.amount())?;
            (earlier != latest).then_some(earlier)
        });
        let ours = contribution.origin();
        let other = latest.and_then(|word| word.origin.copied()).filter(|origin| ours != Some(*origin));
        Self { partnership: &contribution.partnership, now, before, revised_from, told, material, origins: [ours, other] }
    }

    /// How many live in its area, for rates of `period`.
    pub(crate) fn residents(&self, period: Period) -> Result<Population, Refusal> {
        self.material.populations.at(&self.partnership.ons_code, period)
    }

    /// Who says so.
    pub(crate) fn source_of(&self, estimate: Population) -> Option<String> {
        self.material.populations.source(&self.partnership.ons_code, estimate.mid_year).map(|source| source.printed().into_owned())
    }

    /// This period's side, or the other.
    pub(crate) fn side(&self, now: bool) -> &Side<'m> {
        if now { &self.now } else { &self.before }
    }

    /// Of what a share is one, in a period. Nothing of a plain amount.
    pub(crate) fn whole(&self, period: Period) -> Result<Decimal, Refusal> {
        match &self.told.wholes {
            None => Ok(Decimal::ZERO),
            Some(Wholes::Counted(series)) => series.over(period).map(|reading| reading.value),
            Some(Wholes::Residents) => self.residents(period).map(|known| Decimal::from(known.people)),
        }
    }

    /// Whether the figure of a period will be revised, or what it is a share of.
    pub(crate) fn is_provisional(&self, now: bool, period: Period) -> bool {
        let whole = match &self.told.wholes {
            Some(Wholes::Counted(series)) => series.over(period).is_ok_and(|reading| reading.provisional),
            None | Some(Wholes::Residents) => false,
        };
        self.side(now).is_provisional() || whole && self.side(now).amount().is_some()
    }

    /// Whether one side has an amount that the other side cannot answer.
    pub(crate) fn one_sided(&self) -> bool {
        self.before.amount().is_some() != self.now.amount().is_some()
    }
}

impl<'m> Side<'m> {
    /// From figures for parts of `period`. None where there are none.
    fn from_parts(words: &[Word<'m>], period: Period, states: bool) -> Option<Self> {
        // Of a state at the end only figures that end with the period speak.
        let speaks = |found: Period| !states || found.end() == period.end();
        let inside = |found: Period| found.start() >= period.start() && found.end() <= period.end() && speaks(found);
        let parts: Vec<&Figure> = words.iter().filter(|word| inside(word.period)).map(|word| word.figure).collect();
        if !parts.iter().any(|figure| figure.answer.amount().is_some()) {
            // Answers without an amount, such as "late" for each month, are the answer for the whole.
            return parts.first().map(|figure| Self::Figure(figure));
        }
        Some(Series::of(parts).of_states(states).over(period).map_or_else(Self::Incomplete, Self::Sum))
    }

    /// The figure, where one was answered.
    pub(crate) fn figure(&self) -> Option<&'m Figure> {
        match self {
            Self::Figure(figure) => Some(figure),
            _ => None,
        }
    }

    /// What it adds to a total.
    pub(crate) fn amount(&self) -> Option<Decimal> {
        match self {
            Self::Figure(figure) => figure.answer.amount(),
            Self::Sum(reading) => Some(reading.value),
            _ => None,
        }
    }

    /// Whether it will be revised, or any part of it.
    pub(crate) fn is_provisional(&self) -> bool {
        match self {
            Self::Figure(figure) => figure.provisional,
            Self::Sum(reading) => reading.provisional,
            _ => false,
        }
    }
}
