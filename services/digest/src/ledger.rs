//! What partnerships told of the measures of one paper, and what was imported about them, put in order once. Every comparison, verdict
//! and chart reads it here.
//!
//! All of one partnership is read in one go: its figures lie beside each other, and of thousands of partnerships together they are more
//! than a processor has at hand.

use std::collections::HashMap;

use csp_domain::{
    document::Origin,
    history::own_before_imported,
    id::IndicatorId,
    indicator::{Break, Denominator, Indicator},
    measure::series::Series,
    observation::Figure,
    period::Period,
};

use crate::material::{Contribution, Material};

/// What is known of every measure that a paper speaks of.
pub(crate) struct Ledger<'m> {
    pub(crate) material: &'m Material,
    /// By indicator, in the order of the contributions.
    told: HashMap<IndicatorId, Vec<Told<'m>>>,
}

/// What one partnership told of one indicator, and what was imported about it.
pub(crate) struct Told<'m> {
    /// All of it, the latest word last; so what the return before us says comes at the end.
    pub(crate) words: Vec<Word<'m>>,
    /// Every figure that is known, the latest word of each.
    pub(crate) series: Series,
    /// Of a share or rate: of what it is one.
    pub(crate) wholes: Option<Wholes>,
}

/// One figure.
#[derive(Clone, Copy)]
pub(crate) struct Word<'m> {
    /// What it is about: the figure's own, here because it is what words are looked through for.
    pub(crate) period: Period,
    pub(crate) figure: &'m Figure,
    /// Where it comes from; none: the return before us.
    pub(crate) origin: Option<&'m Origin>,
}

/// The lower half of a division.
pub(crate) enum Wholes {
    /// What another indicator counts.
    Counted(Series),
    /// Residents, by the estimates there are.
    Residents,
}

/// How figures of one indicator make a series.
struct Reading<'m> {
    indicator: &'m Indicator,
    breaks: Vec<Break>,
    /// Its whole, by its place among all that is read.
    whole: Option<usize>,
}

impl<'m> Ledger<'m> {
    pub(crate) fn of(material: &'m Material) -> Self {
        let reading = reading(material);
        let places: HashMap<IndicatorId, usize> = reading.iter().enumerate().map(|(at, one)| (one.indicator.id, at)).collect();
        let all = material.contributions.len();
        let mut told: Vec<Vec<Told<'m>>> = reading.iter().map(|_| Vec::with_capacity(all)).collect();
        for contribution in &material.contributions {
            let words = words(contribution, &places);
            let series: Vec<Series> = reading.iter().zip(&words).map(|(one, words)| one.series(words)).collect();
            let wholes: Vec<Option<Wholes>> = reading.iter().map(|one| one.wholes(&reading, &series)).collect();
            let each = words.into_iter().zip(series).zip(wholes);
            for (told, ((words, series), wholes)) in told.iter_mut().zip(each) {
                told.push(Told { words, series, wholes });
            }
        }
        Self { material, told: reading.iter().map(|one| one.indicator.id).zip(told).collect() }
    }

    /// What is known of an indicator that the committee asks for, or of the whole of one, in the order of the contributions.
    pub(crate) fn told(&self, indicator: IndicatorId) -> &[Told<'m>] {
        self.told.get(&indicator).map_or(&[], Vec::as_slice)
    }
}

/// What the committee asks for, and that of which it is a share.
fn reading(material: &Material) -> Vec<Reading<'_>> {
    let mut reading: Vec<Reading<'_>> = Vec::new();
    for indicator in material.asked() {
        add(&mut reading, indicator, material);
    }
    reading
}

/// Adds an indicator and its whole, unless they are there; answers its place.
fn add<'m>(reading: &mut Vec<Reading<'m>>, indicator: &'m Indicator, material: &'m Material) -> usize {
    if let Some(known) = reading.iter().position(|known| known.indicator.id == indicator.id) {
        return known;
    }
    let at = reading.len();
    reading.push(Reading { indicator, breaks: breaks(indicator, material), whole: None });
    reading[at].whole = indicator.whole_in(&material.indicators).map(|whole| add(reading, whole, material));
    at
}

/// The days up to the end of the period on which what is counted changed: the part, or the whole it is a share of. What changes
/// after it changes nothing of what is reported on.
pub(crate) fn breaks(indicator: &Indicator, material: &Material) -> Vec<Break> {
    let whole = indicator.whole_in(&material.indicators).map(Indicator::breaks).unwrap_or_default();
    let end = material.cycle.period.end();
    indicator.breaks().into_iter().chain(whole).filter(|found| found.on <= end).collect()
}

/// Whatever one partnership said, by the places of the indicators, and who carried it.
fn words<'m>(contribution: &'m Contribution, places: &HashMap<IndicatorId, usize>) -> Vec<Vec<Word<'m>>> {
    let mut words: Vec<Vec<Word<'m>>> = places.iter().map(|_| Vec::new()).collect();
    // Figures of one indicator come together, so its place is looked up once for all of them.
    for about in contribution.earlier.chunk_by(|one, next| one.figure.indicator == next.figure.indicator) {
        let Some(place) = about.first().and_then(|first| places.get(&first.figure.indicator)) else { continue };
        words[*place].extend(about.iter().map(|earlier| Word::of(&earlier.figure, Some(&earlier.origin))));
    }
    for words in &mut words {
        words.sort_by_key(|word| word.origin.map(Origin::rank));
    }
    for figure in contribution.figures() {
        if let Some(place) = places.get(&figure.indicator) {
            words[*place].push(Word::of(figure, None));
        }
    }
    for words in &mut words {
        own_before_imported(words, |word| word.figure, |word| matches!(word.origin, Some(Origin::History { .. })));
    }
    words
}

impl Reading<'_> {
    fn is_state(&self) -> bool {
        !self.indicator.definition.adds_up()
    }

    fn series(&self, words: &[Word<'_>]) -> Series {
        Series::of(words.iter().map(|word| word.figure)).broken(self.breaks.iter().cloned()).of_states(self.is_state())
    }

    /// `series`: of the same partnership, by the places of the indicators.
    fn wholes(&self, all: &[Self], series: &[Series]) -> Option<Wholes> {
        let counted = |at: usize| series[at].clone().of_states(self.is_state() || all[at].is_state());
        self.indicator.definition.ratio.as_ref().map(|ratio| match &ratio.of {
            Denominator::Residents => Wholes::Residents,
            Denominator::Indicator(_) => Wholes::Counted(self.whole.map(counted).unwrap_or_default()),
        })
    }
}

impl<'m> Word<'m> {
    fn of(figure: &'m Figure, origin: Option<&'m Origin>) -> Self {
        Self { period: figure.period, figure, origin }
    }
}

impl<'m> Told<'m> {
    /// What the return before us says.
    pub(crate) fn own(&self) -> &[Word<'m>] {
        &self.words[self.words.partition_point(|word| word.origin.is_some())..]
    }
}

/// Of some words those about exactly one period, the latest first.
pub(crate) fn about<'m>(words: &[Word<'m>], period: Period) -> impl Iterator<Item = Word<'m>> {
    words.iter().rev().filter(move |word| word.period == period).copied()
}
