//! One indicator of one partnership over time.

use std::iter;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{comparator::Comparator, refusal::Refusal, xmr::Point};
use crate::{
    observation::{Answer, Figure},
    period::{Length, Period},
};

pub use crate::indicator::Break;

/// An amount, and whether it will be revised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// In the indicator's unit.
    pub value: Decimal,
    /// Any part of it will be revised.
    pub provisional: bool,
}

/// What is known of one indicator for one partnership. What was not answered with an amount is not in
/// it: missing is never zero.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// In the order of the periods, each once.
    readings: Vec<(Period, Reading)>,
    breaks: Vec<Break>,
    /// States at the end of periods, which are never added up.
    states: bool,
}

/// A part of a period.
enum Piece {
    /// A figure for it.
    Figure(Reading),
    /// Nothing is known from one day to another.
    Gap(NaiveDate, NaiveDate),
}

/// Of several words about one period the last one, if it is an amount; in the order of the periods.
fn latest(mut told: Vec<(Period, Option<Reading>)>) -> Vec<(Period, Reading)> {
    told.sort_by_key(|(period, _)| *period);
    let mut readings = Vec::with_capacity(told.len());
    for about in told.chunk_by(|(one, _), (next, _)| one == next) {
        readings.extend(about.last().and_then(|(period, reading)| Some((*period, (*reading)?))));
    }
    readings
}

impl Series {
    /// From amounts by period; a later one for the same period replaces the earlier.
    pub fn new(readings: impl IntoIterator<Item = (Period, Decimal)>) -> Self {
        let told = |(period, value)| (period, Some(Reading { value, provisional: false }));
        Self { readings: latest(readings.into_iter().map(told).collect()), ..Self::default() }
    }

    /// From the figures of returns, the latest word last. A figure without an amount (late, withheld, not
    /// applicable) takes an earlier one for its period away.
    pub fn of<'f>(figures: impl IntoIterator<Item = &'f Figure>) -> Self {
        let told = |figure: &Figure| {
            let reading = Answer::amount(&figure.answer).map(|value| Reading { value, provisional: figure.provisional });
            (figure.period, reading)
        };
        Self { readings: latest(figures.into_iter().map(told).collect()), ..Self::default() }
    }

    /// With the days on which the definition changed.
    #[must_use]
    pub fn broken(mut self, breaks: impl IntoIterator<Item = Break>) -> Self {
        self.breaks.extend(breaks);
        self
    }

    /// Of states at the end of periods, such as a case load; or of what adds up over time.
    #[must_use]
    pub fn of_states(mut self, states: bool) -> Self {
        self.states = states;
        self
    }

    /// The state at the end of `period`: of the figures that end with it the shortest, such as that for the last month of a quarter.
    fn at_end_of(&self, period: Period) -> Result<Reading, Refusal> {
        let ending = self.readings.iter().filter(|(found, _)| found.end() == period.end());
        let last = ending.max_by_key(|(found, _)| found.start());
        last.map(|(_, reading)| *reading).ok_or(Refusal::NoState { on: period.end() })
    }

    /// The amount over the whole of `period`: the figure for it, or the sum of figures that fill it without
    /// gap or overlap, such as three months a quarter. Of states, that at its end.
    pub fn over(&self, period: Period) -> Result<Reading, Refusal> {
        if let Some(reading) = self.at(period) {
            return Ok(reading);
        }
        if self.states {
            return self.at_end_of(period);
        }
        let mut sum = Reading { value: Decimal::ZERO, provisional: false };
        let mut missing = Vec::new();
        for piece in self.pieces(period) {
            match piece {
                Piece::Figure(reading) => {
                    sum.value += reading.value;
                    sum.provisional |= reading.provisional;
                }
                Piece::Gap(first, last) => missing.extend(Period::new(first, last)),
            }
        }
        if missing.is_empty() { Ok(sum) } else { Err(Refusal::Incomplete { period, missing }) }
    }

    /// Whether there is an amount over the whole of `period`.
    pub fn covers(&self, period: Period) -> bool {
        if self.at(period).is_some() {
            return true;
        }
        if self.states {
            return self.at_end_of(period).is_ok();
        }
        self.pieces(period).all(|piece| matches!(piece, Piece::Figure(..)))
    }

    /// What fills `period`, from its first day on: where several figures begin on one day, the longest that fits.
    fn pieces(&self, period: Period) -> impl Iterator<Item = Piece> {
        let mut begin = Some(period.start());
        iter::from_fn(move || {
            let first = begin.filter(|day| *day <= period.end())?;
            // In order of their first days, then of their last.
            let rest = &self.readings[self.readings.partition_point(|(found, _)| found.start() < first)..];
            let mut inside = rest.iter().filter(|(found, _)| found.end() <= period.end()).peekable();
            let mut here = None;
            while let Some(found) = inside.next_if(|(found, _)| found.start() == first) {
                here = Some(found);
            }
            let (last, piece) = if let Some((found, reading)) = here {
                (found.end(), Piece::Figure(*reading))
            } else {
                let next = inside.peek().map(|(found, _)| found.start());
                let last = next.and_then(|next| next.pred_opt()).unwrap_or(period.end());
                (last, Piece::Gap(first, last))
            };
            begin = last.succ_opt();
            Some(piece)
        })
    }

    /// The amount told for exactly this period.
    pub fn at(&self, period: Period) -> Option<Reading> {
        let place = self.readings.binary_search_by_key(&period, |(found, _)| *found).ok()?;
        Some(self.readings[place].1)
    }

    /// Refuses to add up what does not add up.
    pub fn adds_up(&self, comparator: Comparator, over: Period) -> Result<(), Refusal> {
        if self.states && comparator.adds_up() { Err(Refusal::NotAddedUp { period: over }) } else { Ok(()) }
    }

    /// Refuses two periods between or within which the definition changed.
    pub fn same_definition(&self, a: Period, b: Period) -> Result<(), Refusal> {
        let (start, end) = (a.start().min(b.start()), a.end().max(b.end()));
        match self.breaks.iter().find(|found| found.on > start && found.on <= end) {
            Some(found) => Err(Refusal::DefinitionBreak { on: found.on, what: found.what.clone() }),
            None => Ok(()),
        }
    }

    /// Every amount, in the order of the periods.
    pub fn readings(&self) -> impl Iterator<Item = (Period, Reading)> {
        self.readings.iter().copied()
    }

    /// The points of a chart whose grain is `length`: the figures of exactly that length, in order, since the
    /// latest change of definition.
    pub fn points(&self, length: Length) -> Vec<Point> {
        let since = self.breaks.iter().map(|found| found.on).max();
        self.readings
            .iter()
            .filter(|(period, _)| period.length() == length && since.is_none_or(|since| period.start() >= since))
            .map(|(period, reading)| Point::new(*period, reading.value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::IndicatorId;
    use crate::text::Line;

    fn of(text: &str) -> Period {
        text.parse().unwrap()
    }

    fn counts(figures: &[(&str, i64)]) -> Series {
        Series::new(figures.iter().map(|(period, count)| (of(period), Decimal::from(*count))))
    }

    #[test]
    fn three_months_make_a_quarter() {
        let burglary = counts(&[("2021-10", 76), ("2021-11", 66), ("2021-12", 64)]);
        assert_eq!(burglary.over(of("2021-q3")).unwrap().value, Decimal::from(206));
    }

    #[test]
    fn the_fourth_quarter_of_2021_22_lacks_january() {
        let burglary = counts(&[("2021-12", 64), ("2022-02", 102), ("2022-03", 90)]);
        let refusal = burglary.over(of("2021-q4")).unwrap_err();
        assert_eq!(refusal.to_string(), "Q4 2021/22 is incomplete: there is no figure for January 2022");
    }

    #[test]
    fn every_gap_is_named_at_once() {
        let burglary = counts(&[("2021-05", 82), ("2021-07", 61)]);
        let refusal = burglary.over(of("2021-04-01..2021-09-30")).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "April to September 2021 is incomplete: there is no figure for April 2021, June 2021 and August to September 2021"
        );
    }

    #[test]
    fn months_and_quarters_of_one_year_add_up_without_counting_twice() {
        let mixed = counts(&[("2021-q1", 231), ("2021-04", 72), ("2021-q2", 232), ("2021-10", 76), ("2021-11", 66), ("2021-12", 64)]);
        assert_eq!(mixed.over(of("2021-04-01..2021-12-31")).unwrap().value, Decimal::from(231 + 232 + 206));
    }

    #[test]
    fn a_state_is_that_of_the_last_month_and_no_sum() {
        let case_load = counts(&[("2021-10", 40), ("2021-11", 44), ("2021-12", 41), ("2022-q4", 50)]).of_states(true);
        assert_eq!(case_load.over(of("2021-q3")).unwrap().value, Decimal::from(41));
        assert_eq!(case_load.over(of("2022-fy")).unwrap().value, Decimal::from(50), "the year ends with its last quarter");
        let refusal = case_load.over(of("2021-q2")).unwrap_err();
        assert_eq!(refusal.to_string(), "there is no figure for the state at 30 September 2021");
        // A month in the midst of the quarter may be missing: the state at its end is known all the same.
        let gap = counts(&[("2021-10", 40), ("2021-12", 41)]).of_states(true);
        assert_eq!(gap.over(of("2021-q3")).unwrap().value, Decimal::from(41));
    }

    #[test]
    fn a_change_of_definition_separates_what_is_before_it_from_what_is_after() {
        let what = Line::parse("stalking is counted apart from harassment", Line::SENTENCE).unwrap();
        let series = counts(&[]).broken([Break { on: "2021-10-01".parse().unwrap(), what }]);
        assert_eq!(
            series.same_definition(of("2021-q3"), of("2020-q3")).unwrap_err().to_string(),
            "what is counted changed on 1 October 2021: stalking is counted apart from harassment"
        );
        assert_eq!(series.same_definition(of("2021-q3"), of("2021-q4")), Ok(()));
        assert_eq!(series.same_definition(of("2021-q2"), of("2020-q2")), Ok(()));
    }

    #[test]
    fn a_chart_begins_with_the_definition_that_holds() {
        let what = Line::parse("stalking is counted apart from harassment", Line::SENTENCE).unwrap();
        let series = counts(&[("2021-q2", 40), ("2021-q3", 30), ("2021-10", 9), ("2021-q4", 31)]);
        let series = series.broken([Break { on: "2021-10-01".parse().unwrap(), what }]);
        let periods: Vec<Period> = series.points(Length::Months(3)).iter().map(|point| point.period).collect();
        assert_eq!(periods, [of("2021-q3"), of("2021-q4")]);
    }

    #[test]
    fn the_latest_word_counts_and_a_withheld_figure_is_no_zero() {
        let figure = |period, answer, provisional| Figure {
            indicator: IndicatorId(Uuid::nil()),
            period: of(period),
            answer,
            provisional,
            note: None,
        };
        let reported = |value: i64| Answer::Reported { value: Decimal::from(value) };
        let figures = [
            figure("2021-10", reported(70), true),
            figure("2021-10", reported(76), false),
            figure("2021-11", Answer::Nil, true),
            figure("2021-12", reported(64), false),
        ];
        let quarter = Series::of(&figures).over(of("2021-q3")).unwrap();
        assert_eq!(quarter, Reading { value: Decimal::from(140), provisional: true });
        let withheld = figure("2021-12", Answer::Withheld { reason: Line::parse("sub judice", Line::SENTENCE).unwrap() }, false);
        assert!(Series::of(figures.iter().chain([&withheld])).over(of("2021-q3")).is_err());
    }
}
