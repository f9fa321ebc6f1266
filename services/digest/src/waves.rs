//! Results of surveys: whether two samples really differ, and what stands in the place of a verdict made of a chart.
//!
//! A chart over time is no judge of them: each result is uncertain by how few were asked, and of a rolling survey neighbours share
//! respondents. So each is set beside the earlier one that heads the table, by the interval of the difference.

use csp_domain::{
    indicator::Polarity,
    measure::{
        refusal::Refusal,
        survey::{Movement, Wave},
        verdict::Verdict,
        xmr::{Direction, Flag, Signal},
    },
    period::Period,
};

use rust_decimal::Decimal;

use crate::{
    comparison::{Comparison, Total, Value},
    judge::{Judged, Judgement},
};

/// Below the verdict of a survey, which is made otherwise than the others.
pub(crate) const BY_SAMPLES: &str = "A survey: judged by the difference between the two samples, with 95% confidence.";
/// Where the difference between two samples is none.
pub(crate) const WITHIN_NOISE: &str = "The two results differ by no more than two samples of so many differ by anyway (95% confidence).";

/// What was said of so many who were asked, where it is a survey's result that is printed as a share.
fn wave(comparison: &Comparison<'_>, value: &Value, period: Period) -> Option<Wave> {
    let Value::Share { part, whole } = value else { return None };
    Wave::of_result(period, comparison.indicator.definition.survey?, *part, *whole)
}

/// Why two periods of a survey are not compared: they share respondents.
pub(crate) fn overlap(months: u32, period: Period, then: Period) -> Result<(), Refusal> {
    let of = |period| Wave::of_result(period, months, 1.into(), 1.into());
    match (of(period), of(then)) {
        (Some(now), Some(before)) => now.apart_from(&before),
        _ => Ok(()),
    }
}

/// Whether what was wanted lies outside what a survey's sample of one partnership can tell; of anything else, always.
pub(crate) fn is_sure(comparison: &Comparison<'_>, at: usize, period: Period, wanted: Decimal) -> bool {
    let Some(months) = comparison.indicator.definition.survey else { return true };
    let row = &comparison.rows[at];
    let sample = row.told.series.over(period).ok().zip(row.whole(period).ok());
    sample.and_then(|(part, whole)| Wave::of_result(period, months, part.value, whole)).is_none_or(|wave| wave.is_sure_of(wanted))
}

/// What became of a survey's result since the other period.
pub(crate) fn movement(comparison: &Comparison<'_>, before: &Value, after: &Value) -> Option<Movement> {
    let (now, then) = (wave(comparison, after, comparison.period)?, wave(comparison, before, comparison.then)?);
    now.since(&then).ok()
}

fn verdict(movement: Movement, polarity: Polarity) -> Verdict {
    let direction = match (movement.interval.low > 0.0, movement.interval.high < 0.0) {
        (true, _) => Direction::Up,
        (_, true) => Direction::Down,
        (false, false) => return Verdict::NoRealChange,
    };
    let flag = Flag { signal: Signal::Samples, direction };
    match (polarity, direction) {
        (Polarity::Neither, _) => Verdict::Changed(flag),
        (Polarity::LowerIsBetter, Direction::Down) | (Polarity::HigherIsBetter, Direction::Up) => Verdict::Improving(flag),
        (Polarity::LowerIsBetter, Direction::Up) | (Polarity::HigherIsBetter, Direction::Down) => Verdict::Worsening(flag),
    }
}

fn judged(comparison: &Comparison<'_>, before: Option<Value>, after: Option<Value>) -> Judgement {
    let Some(after) = after else { return Judgement::NoFigure };
    let moved = before.filter(|_| comparison.broken.is_none()).and_then(|before| movement(comparison, &before, &after));
    moved.map_or(Judgement::NoWave, |moved| Judgement::Of { verdict: verdict(moved, comparison.indicator.polarity), points: Vec::new() })
}

/// Each partnership's result beside its own earlier one, and that of all who have both.
pub(crate) fn of(comparison: &Comparison<'_>) -> Judged {
    let one = |at| judged(comparison, comparison.value(at, false), comparison.value(at, true));
    let rows: Vec<Judgement> = (0..comparison.rows.len()).map(one).collect();
    let grain = comparison.period.length();
    let (region, covered) = match comparison.total() {
        _ if comparison.rows.len() < 2 => (None, Vec::new()),
        Total::LikeForLike(covered) => {
            let all = judged(comparison, comparison.sum(&covered, false), comparison.sum(&covered, true));
            (Some(all), covered)
        }
        Total::NowOnly { covered, .. } => (Some(Judgement::NoWave), covered),
        Total::NotAddedUp => (Some(Judgement::NoWave), Vec::new()),
        Total::Nothing => (Some(Judgement::NoFigure), Vec::new()),
    };
    Judged { grain, rows, region, covered }
}
