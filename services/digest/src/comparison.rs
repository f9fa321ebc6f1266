//! One indicator over all partnerships: one period beside another, such as the same period a year earlier.
//!
//! Decides what may be compared and added, and says none of it in words. The rules: what is missing is
//! never zero, a total holds the same partnerships on both sides, so that a partnership which did
//! not answer cannot look like a fall, and nothing is compared across a change of what is counted.

use csp_domain::{
    context_note::Matter,
    document::Origin,
    history::own_before_imported,
    id::IndicatorId,
    indicator::{Break, Denominator, Indicator},
    measure::{
        comparator::{Comparator, Rules, comparable},
        population::{Population, Populations},
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
    material::{Contribution, Material},
    waves,
};

/// One indicator, by partnership.
pub(crate) struct Comparison<'m> {
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
    /// Every figure that is known, the latest word of each.
    pub(crate) series: Series,
    /// Of a share or rate: of what it is one.
    pub(crate) wholes: Option<Wholes>,
    /// How many live where.
    populations: &'m Populations,
    /// The returns that were read for it.
    pub(crate) origins: Vec<Origin>,
}

/// The lower half of a division.
pub(crate) enum Wholes {
    /// What another indicator counts.
    Counted(Series),
    /// Residents, by the estimates there are.
    Residents,
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
    pub(crate) fn all(material: &'m Material) -> Vec<Self> {
        let comparator = material.committee.template.heading();
        material.asked().map(|indicator| Self::of(indicator, material, comparator)).collect()
    }

    pub(crate) fn of(indicator: &'m Indicator, material: &'m Material, comparator: Comparator) -> Self {
        let rules = material.committee.template.rules();
        let (period, then) = comparator.periods(material.cycle.period);
        let rows = |indicator: &'m Indicator| -> Vec<Row<'m>> {
            material.contributions.iter().map(|contribution| Row::of(contribution, indicator, material, (then, period))).collect()
        };
        let (survey, adds_up) = (indicator.definition.survey, indicator.definition.adds_up());
        let series = Series::default().broken(breaks(indicator, material)).of_states(!adds_up);
        let added = |refusal| if survey.is_some() { Refusal::SamplesNotAddedUp { period } } else { refusal };
        let allowed = comparable(period, then).and_then(|()| series.adds_up(comparator, period).map_err(added));
        let allowed = allowed.and_then(|()| survey.map_or(Ok(()), |months| waves::overlap(months, period, then)));
        let broken = allowed.and_then(|()| series.same_definition(period, then)).err();
        let context = material.context.iter().filter(|matter| matter.indicator.is_none_or(|of| of == indicator.id)).collect();
        let mut made = Self { indicator, comparator, rules, period, then, rows: rows(indicator), broken, context, guard: None };
        // What is hidden of the whole must not be read off the share.
        let whole = indicator.whole_in(&material.indicators);
        let of_all = indicator.owner.is_some() && whole.is_some_and(|whole| whole.owner.is_none() && whole.definition.sensitive);
        let whole = whole.filter(|whole| whole.definition.sensitive).map(|whole| {
            let (broken, context, guard) = (None, Vec::new(), None);
            Guard::of_counts(&Self { indicator: whole, comparator, rules, period, then, rows: rows(whole), broken, context, guard })
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
        for row in rows.iter().map(|at| &self.rows[*at]).filter(|row| matches!(row.wholes, Some(Wholes::Residents))) {
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

/// Whatever was said of one indicator, the latest word last, and who carried it.
fn said(contribution: &Contribution, indicator: IndicatorId) -> Vec<(&Figure, Option<Origin>)> {
    let mut earlier: Vec<_> = contribution.earlier.iter().filter(|earlier| earlier.figure.indicator == indicator).collect();
    earlier.sort_by_key(|earlier| earlier.origin.rank());
    let earlier = earlier.into_iter().map(|earlier| (&earlier.figure, Some(earlier.origin)));
    let own = contribution.figures().iter().filter(|figure| figure.indicator == indicator).map(|figure| (figure, contribution.origin()));
    let mut said: Vec<(&Figure, Option<Origin>)> = earlier.chain(own).collect();
    own_before_imported(&mut said, |(figure, _)| figure, |(_, origin)| matches!(origin, Some(Origin::History { .. })));
    said
}

/// The days up to the end of the period on which what is counted changed: the part, or the whole it is a share of. What changes
/// after it changes nothing of what is reported on.
fn breaks(indicator: &Indicator, material: &Material) -> Vec<Break> {
    let whole = indicator.whole_in(&material.indicators).map(Indicator::breaks).unwrap_or_default();
    let end = material.cycle.period.end();
    indicator.breaks().into_iter().chain(whole).filter(|found| found.on <= end).collect()
}

fn series(contribution: &Contribution, indicator: &Indicator, material: &Material) -> Series {
    let said = Series::of(said(contribution, indicator.id).into_iter().map(|(figure, _)| figure));
    said.broken(breaks(indicator, material)).of_states(!indicator.definition.adds_up())
}

impl<'m> Row<'m> {
    fn of(contribution: &'m Contribution, indicator: &'m Indicator, material: &'m Material, (then, period): (Period, Period)) -> Self {
        let states = !indicator.definition.adds_up();
        let said = said(contribution, indicator.id);
        // Of the period reported on the return before us speaks alone; of a longer one, such as the year to date, earlier ones
        // have told the beginning.
        let own: Vec<&Figure> = if period == material.cycle.period {
            contribution.figures().iter().filter(|figure| figure.indicator == indicator.id).collect()
        } else {
            said.iter().map(|(figure, _)| *figure).collect()
        };
        // Of a time that reaches further than what is reported on nothing is told that what is reported on withholds.
        let reported = material.cycle.period;
        let mine: Vec<&Figure> = contribution.figures().iter().filter(|figure| figure.indicator == indicator.id).collect();
        let at_hand = mine.iter().rev().find(|figure| figure.period == reported).map(|figure| Side::Figure(figure));
        let at_hand = at_hand.or_else(|| Side::from_parts(&mine, reported, states));
        let silent =
            period != reported && !mine.iter().any(|figure| figure.period == period) && at_hand.as_ref().and_then(Side::amount).is_none();
        let now = match (own.iter().rev().find(|figure| figure.period == period), &contribution.answer) {
            (_, Some(_)) if contribution.nil_statement().is_some() => Side::NilReturn,
            (_, None) if contribution.unsigned => Side::NotSignedOff,
            (_, None) => Side::NoReturn,
            (_, Some(_)) if silent => at_hand.unwrap_or(Side::NotReported),
            (Some(figure), Some(_)) => Side::Figure(figure),
            (None, Some(_)) => Side::from_parts(&own, period, states).unwrap_or(Side::NotReported),
        };
        // The partnership's latest word about last year is the one in the return before us; only
        // where that has none do earlier returns speak, the latest of them first.
        let of_then: Vec<_> = said.iter().filter(|(figure, _)| figure.period == then).collect();
        let mut origins: Vec<Origin> = contribution.origin().into_iter().collect();
        let before = match of_then.last() {
            Some((figure, origin)) => {
                origins.extend(origin.filter(|origin| !origins.contains(origin)));
                Side::Figure(figure)
            }
            None => {
                let all: Vec<&Figure> = said.iter().map(|(figure, _)| *figure).collect();
                Side::from_parts(&all, then, states).unwrap_or(Side::NoEarlier)
            }
        };
        // Where the latest word is no amount, such as "withheld", the one before is not told either.
        let revised_from = of_then.split_last().and_then(|((latest, _), others)| {
            let latest = latest.answer.amount()?;
            let earlier = others.iter().rev().find_map(|(figure, _)| figure.answer.amount())?;
            (earlier != latest).then_some(earlier)
        });
        let wholes = indicator.definition.ratio.as_ref().map(|ratio| match &ratio.of {
            Denominator::Residents => Wholes::Residents,
            Denominator::Indicator(_) => Wholes::Counted(
                indicator
                    .whole_in(&material.indicators)
                    .map(|known| series(contribution, known, material).of_states(states || !known.definition.adds_up()))
                    .unwrap_or_default(),
            ),
        });
        let series = series(contribution, indicator, material);
        let populations = &material.populations;
        Self { partnership: &contribution.partnership, now, before, revised_from, series, wholes, populations, origins }
    }

    /// How many live in its area, for rates of `period`.
    pub(crate) fn residents(&self, period: Period) -> Result<Population, Refusal> {
        self.populations.at(&self.partnership.ons_code, period)
    }

    /// Who says so.
    pub(crate) fn source_of(&self, estimate: Population) -> Option<String> {
        self.populations.source(&self.partnership.ons_code, estimate.mid_year).map(|source| source.printed().into_owned())
    }

    /// This period's side, or the other.
    pub(crate) fn side(&self, now: bool) -> &Side<'m> {
        if now { &self.now } else { &self.before }
    }

    /// Of what a share is one, in a period. Nothing of a plain amount.
    pub(crate) fn whole(&self, period: Period) -> Result<Decimal, Refusal> {
        match &self.wholes {
            None => Ok(Decimal::ZERO),
            Some(Wholes::Counted(series)) => series.over(period).map(|reading| reading.value),
            Some(Wholes::Residents) => self.residents(period).map(|known| Decimal::from(known.people)),
        }
    }

    /// Whether the figure of a period will be revised, or what it is a share of.
    pub(crate) fn is_provisional(&self, now: bool, period: Period) -> bool {
        let whole = match &self.wholes {
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
    fn from_parts(figures: &[&'m Figure], period: Period, states: bool) -> Option<Self> {
        // Of a state at the end only figures that end with the period speak.
        let speaks = |figure: &Figure| !states || figure.period.end() == period.end();
        let inside = |figure: &&&Figure| figure.period.start() >= period.start() && figure.period.end() <= period.end() && speaks(figure);
        let parts: Vec<&Figure> = figures.iter().filter(inside).copied().collect();
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
