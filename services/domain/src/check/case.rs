//! What a return is judged by: the catalogue, what the committee asks for, and what earlier returns said.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{
    finding::{Finding, FindingId, Part, about},
    rule::Rule,
};
use crate::{
    history::own_before_imported,
    id::IndicatorId,
    indicator::Indicator,
    measure::{
        comparator::{Comparator, Rules},
        population::Populations,
        series::Series,
    },
    observation::Figure,
    partnership::OnsCode,
    period::{Length, Period},
    returns::Content,
    target::Target,
};

/// A figure that an earlier return told, or that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The figure.
    pub figure: Figure,
    /// Whether a paper that is out printed it.
    pub published: bool,
    /// Whether somebody else told it, in a file that was imported.
    pub imported: bool,
}

/// A return, and all that it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Case<'c> {
    /// The region's indicators.
    pub catalogue: &'c HashMap<IndicatorId, Indicator>,
    /// Those that the committee asks for.
    pub asked: &'c [IndicatorId],
    /// What is reported on.
    pub reported: Period,
    /// What the return carries.
    pub content: &'c Content,
    /// What the partnership's other returns told, the latest word last.
    pub told: &'c [Told],
    /// What was promised of these indicators by the partnership alone, as far as it holds.
    pub targets: &'c [Target],
    /// What heads the committee's tables.
    pub beside: Comparator,
    /// What a comparison of the committee keeps to.
    pub rules: Rules,
    /// Whose residents rates are of, and how many there are; where nobody looked, rates are not judged.
    pub residents: Option<(&'c OnsCode, &'c Populations)>,
}

/// All that is known of one indicator.
pub(super) struct Known<'c> {
    pub(super) indicator: &'c Indicator,
    /// The figures of the return, each with its place.
    pub(super) own: Vec<(usize, &'c Figure)>,
    pub(super) told: Vec<&'c Told>,
}

impl<'c> Case<'c> {
    /// Every indicator that the return speaks of, in the order in which it does. What is in no catalogue is not judged.
    pub(super) fn known(&self) -> Vec<Known<'c>> {
        let mut known: Vec<Known<'c>> = Vec::new();
        let mut places: HashMap<IndicatorId, usize> = HashMap::new();
        for (at, figure) in self.content.figures().iter().enumerate() {
            let Some(indicator) = self.catalogue.get(&figure.indicator) else { continue };
            let place = *places.entry(indicator.id).or_insert_with(|| {
                known.push(Known { indicator, own: Vec::new(), told: Vec::new() });
                known.len() - 1
            });
            known[place].own.push((at, figure));
        }
        for told in self.told {
            if let Some(place) = places.get(&told.figure.indicator) {
                known[*place].told.push(told);
            }
        }
        known
    }

    /// What an indicator is a share of, where another indicator counts it.
    pub(super) fn whole_of(&self, indicator: &Indicator) -> Option<&'c Indicator> {
        indicator.whole_in(self.catalogue.values())
    }

    /// The series of what an indicator is a share of; none of a plain amount.
    pub(super) fn wholes(&self, indicator: &Indicator) -> Option<Series> {
        let whole = self.whole_of(indicator)?;
        let told = self.told.iter().filter(|told| told.figure.indicator == whole.id);
        let own = self.content.figures().iter().filter(|figure| figure.indicator == whole.id);
        Some(series_of(told, own).of_states(!whole.definition.adds_up() || indicator.definition.survey.is_some()))
    }

    /// Whether a figure is for the period reported on, or for a part of it.
    pub(super) fn in_period(&self, figure: &Figure) -> bool {
        figure.period.start() >= self.reported.start() && figure.period.end() <= self.reported.end()
    }

    /// The period that the one reported on is set beside.
    pub(super) fn then(&self) -> Period {
        self.beside.periods(self.reported).1
    }

    /// When that was, in the midst of a sentence.
    pub(super) fn when(&self) -> String {
        match self.beside {
            Comparator::SamePeriodLastYear => "a year earlier".to_owned(),
            beside => beside.to_string(),
        }
    }

    /// The least that a percentage may be of.
    pub(super) fn least_base(&self) -> Decimal {
        Decimal::from(self.rules.least_base)
    }

    /// A finding about an indicator, or about the return as a whole.
    pub(super) fn finding(&self, rule: Rule, indicator: Option<&Indicator>, part: Part, text: String) -> Finding {
        let of = indicator.map(|indicator| concerned(indicator, self.catalogue.values())).unwrap_or_default();
        Finding {
            id: FindingId { rule, indicator: indicator.map(|indicator| indicator.slug.clone()) },
            strength: rule.strength(),
            part,
            text,
            exception: rule.is_exception() && indicator.is_some_and(|indicator| self.asked.contains(&indicator.id)),
            about: about(rule, &of, self.reported, self.content),
        }
    }
}

/// An indicator, and what it is a share of: what a finding about it looks at.
pub fn concerned<'i>(indicator: &Indicator, catalogue: impl Iterator<Item = &'i Indicator>) -> Vec<IndicatorId> {
    std::iter::once(indicator.id).chain(indicator.whole_in(catalogue).map(|whole| whole.id)).collect()
}

impl Known<'_> {
    /// Everything that was ever told, the return's own word last, with the days on which what is counted changed.
    pub(super) fn series(&self, case: &Case<'_>) -> Series {
        let whole = case.whole_of(self.indicator).map(Indicator::breaks).unwrap_or_default();
        let breaks = self.indicator.breaks().into_iter().chain(whole).filter(|found| found.on <= case.reported.end());
        let said = series_of(self.told.iter().copied(), self.own.iter().map(|(_, figure)| *figure));
        said.broken(breaks).of_states(!self.indicator.definition.adds_up())
    }

    /// The first figure for the period reported on, or for a part of it, that has an amount.
    pub(super) fn now(&self, case: &Case<'_>) -> Option<usize> {
        self.own.iter().find(|(_, figure)| case.in_period(figure) && figure.answer.amount().is_some()).map(|(at, _)| *at)
    }
}

/// Everything that was told of one indicator, as it counts: the return's own word last.
fn series_of<'f>(told: impl Iterator<Item = &'f Told>, own: impl Iterator<Item = &'f Figure>) -> Series {
    let told = told.map(|told| (&told.figure, told.imported));
    let mut said: Vec<(&Figure, bool)> = told.chain(own.map(|figure| (figure, false))).collect();
    own_before_imported(&mut said, |(figure, _)| figure, |(_, imported)| *imported);
    Series::of(said.into_iter().map(|(figure, _)| figure))
}

/// The amount for a period. Sums of parts are looked for only where they are few: of whole months.
pub(super) fn amount(series: &Series, period: Period) -> Option<Decimal> {
    let sum = || matches!(period.length(), Length::Months(_)).then(|| series.over(period).ok()).flatten();
    series.at(period).or_else(sum).map(|reading| reading.value)
}
