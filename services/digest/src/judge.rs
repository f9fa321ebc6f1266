//! Which series show a real change, by their XmR charts.
//!
//! A verdict is about the latest figure, so a series without one for the period reported on is not judged, and it is counted
//! who was: a paper that finds nothing among the few it could judge must not sound as if it had looked at all.

use csp_domain::{
    measure::{
        verdict::Verdict,
        xmr::{Chart, LEAST_POINTS, Plan, Point},
    },
    period::{Length, Period},
};
use rust_decimal::Decimal;

use crate::{
    comparison::{Comparison, Row},
    waves,
};

/// What came of one series.
#[derive(Debug, Clone)]
pub(crate) enum Judgement {
    /// There is a verdict, if only that there are too few points.
    Of {
        verdict: Verdict,
        /// What it rests on, in order.
        points: Vec<Point>,
    },
    /// There is no figure for the period reported on.
    NoFigure,
    /// There is one, and nothing that a line could be drawn through: figures of another length, or a share whose whole is not known
    /// for the same periods.
    NoSeries,
    /// A survey's result without an earlier one of other people to set it beside.
    NoWave,
    /// It would tell small numbers.
    Guarded,
}

/// One indicator's series, all of one grain: months and quarters are never mixed.
pub(crate) struct Judged {
    pub(crate) grain: Length,
    /// By row.
    pub(crate) rows: Vec<Judgement>,
    /// All who can be judged together; none over one partnership.
    pub(crate) region: Option<Judgement>,
    /// Who is in it.
    pub(crate) covered: Vec<usize>,
}

impl Judgement {
    /// The verdict, if the chart had points enough for one.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Of { verdict: Verdict::TooFewPoints { .. }, .. } | Self::NoFigure | Self::NoSeries | Self::NoWave | Self::Guarded => None,
            Self::Of { verdict, .. } => Some(*verdict),
        }
    }

    /// The verdict where it says that something changed.
    pub(crate) fn signal(&self) -> Option<Verdict> {
        self.verdict().filter(|verdict| *verdict != Verdict::NoRealChange)
    }

    fn of(points: Vec<Point>, comparison: &Comparison<'_>) -> Self {
        if points.last().is_none_or(|point| point.period.end() != comparison.period.end()) {
            return Self::NoFigure;
        }
        match Chart::new(points.clone(), Plan::default()) {
            Ok(chart) => Self::Of { verdict: Verdict::of(&chart, comparison.indicator.polarity), points },
            // Figures of one length that overlap: nothing that a line could join.
            Err(_) => Self::NoFigure,
        }
    }
}

impl Judged {
    pub(crate) fn of(comparison: &Comparison<'_>) -> Self {
        if comparison.indicator.definition.survey.is_some() && !comparison.guard.as_ref().is_some_and(|guard| guard.silent) {
            return waves::of(comparison);
        }
        let (grain, pairs) = counted(comparison);
        if comparison.guard.as_ref().is_some_and(|guard| guard.silent) {
            let rows = vec![Judgement::Guarded; comparison.rows.len()];
            let region = (comparison.rows.len() > 1).then_some(Judgement::Guarded);
            return Self { grain, rows, region, covered: Vec::new() };
        }
        let drawn = |pairs: &[Pair]| points(pairs, comparison);
        let rows: Vec<Judgement> = comparison
            .rows
            .iter()
            .zip(&pairs)
            .map(|(row, pairs)| match (row.now.amount(), Judgement::of(drawn(pairs), comparison)) {
                // What the table does not have is not judged by what was told elsewhere.
                (None, _) => Judgement::NoFigure,
                (Some(_), Judgement::NoFigure) => Judgement::NoSeries,
                (Some(_), judged) => judged,
            })
            .collect();
        if comparison.rows.len() < 2 {
            return Self { grain, rows, region: None, covered: Vec::new() };
        }
        let covered = together(&rows);
        let summed = sum(&covered.iter().map(|at| &*pairs[*at]).collect::<Vec<_>>());
        let region = Some(Judgement::of(drawn(&summed), comparison));
        Self { grain, rows, region, covered }
    }

    /// What stands beside the total: the region's verdict, or that of the only partnership.
    pub(crate) fn whole(&self) -> Option<&Judgement> {
        self.region.as_ref().or_else(|| self.rows.first())
    }

    /// Whether anybody could be judged.
    pub(crate) fn any(&self) -> bool {
        self.rows.iter().chain(&self.region).any(|judged| judged.verdict().is_some())
    }

    /// Whether anything changed.
    pub(crate) fn has_signal(&self) -> bool {
        self.rows.iter().chain(&self.region).any(|judged| judged.signal().is_some())
    }

    /// `by month`.
    pub(crate) fn by(&self) -> &'static str {
        match self.grain {
            Length::Months(1) => "by month",
            Length::Months(3) => "by quarter",
            Length::Months(12) => "by year",
            Length::Months(_) | Length::Days(_) => "by period",
        }
    }
}

/// A figure with its whole; of a plain amount the whole is nothing.
type Pair = (Period, Decimal, Decimal);

/// The figures of each partnership, all of one length: months where any partnership has enough of them up to the end of the period,
/// otherwise periods like the one reported on.
fn counted(comparison: &Comparison<'_>) -> (Length, Vec<Vec<Pair>>) {
    let of = |length: Length| -> Vec<Vec<Pair>> { comparison.rows.iter().map(|row| pairs(row, length)).collect() };
    let enough =
        |pairs: &Vec<Pair>| pairs.len() >= LEAST_POINTS && pairs.last().is_some_and(|(period, ..)| period.end() == comparison.period.end());
    let (month, own) = (Length::Months(1), comparison.period.length());
    let months = of(month);
    if own == month || months.iter().any(enough) { (month, months) } else { (own, of(own)) }
}

fn pairs(row: &Row<'_>, grain: Length) -> Vec<Pair> {
    row.told
        .series
        .points(grain)
        .into_iter()
        .filter_map(|point| Some((point.period, point.value(), row.whole(point.period).ok()?)))
        .collect()
}

fn points(pairs: &[Pair], comparison: &Comparison<'_>) -> Vec<Point> {
    let value = |part: Decimal, whole: Decimal| match &comparison.indicator.definition.ratio {
        None => Some(part),
        Some(ratio) => ratio.value(part, whole),
    };
    pairs.iter().filter_map(|(period, part, whole)| Some(Point::new(*period, value(*part, *whole)?))).collect()
}

/// Those with a figure for the period. Somebody who has only just begun would make all others' years too short to be judged,
/// so who can be judged goes without who cannot.
fn together(rows: &[Judgement]) -> Vec<usize> {
    let with = |wanted: &dyn Fn(&Judgement) -> bool| -> Vec<usize> { (0..rows.len()).filter(|at| wanted(&rows[*at])).collect() };
    let judged = with(&|row| row.verdict().is_some());
    if judged.is_empty() { with(&|row| matches!(row, Judgement::Of { .. })) } else { judged }
}

/// Period by period, where everybody has a figure.
fn sum(all: &[&[Pair]]) -> Vec<Pair> {
    let Some((first, rest)) = all.split_first() else { return Vec::new() };
    let of = |pairs: &[Pair], period: Period| pairs.iter().find(|(found, ..)| *found == period).map(|(_, part, whole)| (*part, *whole));
    first
        .iter()
        .filter_map(|(period, part, whole)| {
            rest.iter().try_fold((*period, *part, *whole), |(period, part, whole), pairs| {
                let (more, of_more) = of(pairs, period)?;
                Some((period, part + more, whole + of_more))
            })
        })
        .collect()
}
