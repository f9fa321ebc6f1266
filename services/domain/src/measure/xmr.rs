//! XmR charts: whether a series of figures shows more than the noise it always has.
//!
//! The chart draws each figure (X), the mean, and limits 2.66 mean moving ranges (mR) away from it; what
//! lies between is the ordinary come and go of the process. The method is Shewhart's and Wheeler's (D. J.
//! Wheeler, *Understanding Variation*); the rules and their lengths are those NHS England's *Making Data
//! Count* uses, as its `NHSRplotthedots` package computes them. Where we are stricter, it says so here:
//!
//! * Limits rest on at least twelve points and eleven moving ranges between neighbours ([`LEAST_POINTS`]).
//! * A gap ends everything: no moving range, run, trend or limit reaches across one, and the points after it
//!   are a new segment, unless somebody has recorded why the process is the same ([`Bridge`]); then
//!   the segment goes on, and still no range or run crosses the gap.
//! * Limits are begun anew only with a recorded reason ([`Rebase`]).
//!
//! Everything is compared multiplied out (`x·n` with `Σx`, and so on), never divided, so a point that lies
//! on a limit is on it and not, by the last digit of a quotient, outside.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{percent::rounded, refusal::Refusal};
use crate::{
    period::{Length, Period},
    text::{Line, Refused},
};

mod rules;

/// Points, in one segment, that limits need: fewer move too much with each new one.
pub const LEAST_POINTS: usize = 12;

/// Points of a run on one side of the mean, and of a trend.
pub const RUN: usize = 7;

/// A figure on the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Its period.
    pub period: Period,
    /// Its value, to six decimals: enough for a rate, and few enough for every product below to be exact.
    value: Decimal,
}

impl Point {
    /// A figure of `value` for `period`.
    pub fn new(period: Period, value: Decimal) -> Self {
        Self { period, value: rounded(value, 6) }
    }

    /// Its value.
    pub fn value(self) -> Decimal {
        self.value
    }
}

/// Begin limits anew, because the process changed and somebody can say how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebase {
    /// The first period of the new process.
    pub from: Period,
    /// What changed. Printed on the chart.
    pub reason: Line,
}

/// Go on across a gap, because the process did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// The first period after the gap.
    pub to: Period,
    /// Why the figures on both sides are of one process. Printed under the chart.
    pub reason: Line,
}

/// The periods that limits are computed from, fixed; later points are judged by them and do not move them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baseline {
    /// The first period.
    pub first: Period,
    /// The last period.
    pub last: Period,
}

/// What people decided about a chart.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Where limits begin anew.
    pub rebases: Vec<Rebase>,
    /// Which gaps are crossed.
    pub bridges: Vec<Bridge>,
    /// What limits are fixed to. It rules the segment it lies in.
    pub baseline: Option<Baseline>,
}

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Higher, or rising.
    Up,
    /// Lower, or falling.
    Down,
}

impl Direction {
    fn of(ordering: Ordering) -> Option<Self> {
        match ordering {
            Ordering::Greater => Some(Self::Up),
            Ordering::Less => Some(Self::Down),
            Ordering::Equal => None,
        }
    }
}

/// What is unlikely enough to be called a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// A point outside the limits.
    Outside,
    /// Seven neighbours or more on one side of the mean.
    Run,
    /// Two of three neighbours in the outer third of one side, the third on that side too.
    NearLimit,
    /// Seven neighbours or more, each higher (or each lower) than the one before.
    Trend,
    /// Of a survey, which no chart judges: two samples that differ by more than samples do.
    Samples,
}

/// A signal that a point is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flag {
    /// Which rule.
    pub signal: Signal,
    /// Which way.
    pub direction: Direction,
}

/// A point with what was found about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plotted {
    /// The figure.
    pub point: Point,
    /// Whether its neighbour before it is on the chart and in its segment, so that a line joins them.
    pub joined: bool,
    /// The signals it is part of, the strongest first.
    pub flags: Vec<Flag>,
}

/// Mean and limits, kept as sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    points: u32,
    sum: Decimal,
    ranges: u32,
    range_sum: Decimal,
}

/// The limits are this many hundredths of the mean moving range away from the mean: 3 / d₂, where d₂ = 1.128
/// is the expected range of two values in standard deviations (Wheeler, *Understanding Variation*).
const HUNDREDTHS: i64 = 266;
/// The upper limit of moving ranges is this many thousandths of their mean: D₄ for two values (ibid.).
const RANGE_THOUSANDTHS: i64 = 3267;

impl Limits {
    /// Of the points of one segment. None where there are too few.
    fn of(points: &[Plotted]) -> Option<Self> {
        let pairs = points.windows(2).filter(|pair| pair[1].joined);
        let ranges = pairs.map(|pair| (pair[1].point.value - pair[0].point.value).abs());
        let (ranges, range_sum) = ranges.fold((0, Decimal::ZERO), |(count, sum), range| (count + 1, sum + range));
        let enough = points.len() >= LEAST_POINTS && ranges + 1 >= LEAST_POINTS;
        enough.then_some(())?;
        Some(Self {
            points: u32::try_from(points.len()).ok()?,
            sum: points.iter().map(|plotted| plotted.point.value).sum(),
            ranges: u32::try_from(ranges).ok()?,
            range_sum,
        })
    }

    /// How many points they rest on.
    pub fn points(&self) -> u32 {
        self.points
    }

    /// The mean.
    pub fn mean(&self) -> Decimal {
        self.sum / Decimal::from(self.points)
    }

    /// The mean moving range.
    pub fn mean_range(&self) -> Decimal {
        self.range_sum / Decimal::from(self.ranges)
    }

    fn reach(&self) -> Decimal {
        Decimal::from(HUNDREDTHS) * self.range_sum / (Decimal::ONE_HUNDRED * Decimal::from(self.ranges))
    }

    /// The upper limit.
    pub fn upper(&self) -> Decimal {
        self.mean() + self.reach()
    }

    /// The lower limit. It may lie below zero, where no count can; whoever draws it stops at zero.
    pub fn lower(&self) -> Decimal {
        self.mean() - self.reach()
    }

    /// The upper limit of the moving ranges.
    pub fn range_upper(&self) -> Decimal {
        Decimal::from(RANGE_THOUSANDTHS) * self.range_sum / (Decimal::ONE_THOUSAND * Decimal::from(self.ranges))
    }

    /// On which side of the mean `value` is.
    pub fn side(&self, value: Decimal) -> Ordering {
        (value * Decimal::from(self.points)).cmp(&self.sum)
    }

    /// By which any number of values is measured.
    fn ruler(&self) -> Ruler {
        let (points, ranges) = (Decimal::from(self.points), Decimal::from(self.ranges));
        let third = Decimal::from(HUNDREDTHS) * self.range_sum * points;
        Ruler { points, sum: self.sum, ranges: ranges * Decimal::from(300), near: third * Decimal::TWO, limit: third * Decimal::from(3) }
    }

    /// Whether `value` is outside the limits; on one is not outside.
    pub fn outside(&self, value: Decimal) -> bool {
        self.ruler().place(value).1 == Zone::Outside
    }

    /// Whether `value` is inside the limits and in the outer third of its side.
    pub fn near_limit(&self, value: Decimal) -> bool {
        self.ruler().place(value).1 == Zone::NearLimit
    }

    /// How the upper limit compares with `value`.
    pub fn upper_against(&self, value: Decimal) -> Ordering {
        if self.side(value) == Ordering::Less { Ordering::Greater } else { self.ruler().against_limit(value).reverse() }
    }

    /// How the lower limit compares with `value`.
    pub fn lower_against(&self, value: Decimal) -> Ordering {
        if self.side(value) == Ordering::Greater { Ordering::Less } else { self.ruler().against_limit(value) }
    }
}

/// Where a value lies between the mean and the limit of its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// Nearer to the mean.
    Usual,
    /// In the outer third, or on the limit.
    NearLimit,
    /// Beyond the limit.
    Outside,
}

/// Limits multiplied out, once for all values that are measured by them.
struct Ruler {
    points: Decimal,
    sum: Decimal,
    ranges: Decimal,
    /// Two thirds of the way from the mean to a limit.
    near: Decimal,
    /// The whole way.
    limit: Decimal,
}

impl Ruler {
    /// How far from the mean, with its sign.
    fn distance(&self, value: Decimal) -> Decimal {
        (value * self.points - self.sum) * self.ranges
    }

    /// How the distance of `value` from the mean compares with that of the limits.
    fn against_limit(&self, value: Decimal) -> Ordering {
        self.distance(value).abs().cmp(&self.limit)
    }

    /// On which side of the mean, and how far.
    fn place(&self, value: Decimal) -> (Ordering, Zone) {
        let distance = self.distance(value);
        let (side, far) = (distance.cmp(&Decimal::ZERO), distance.abs());
        let zone = if far > self.limit {
            Zone::Outside
        } else if far > self.near {
            Zone::NearLimit
        } else {
            Zone::Usual
        };
        (side, zone)
    }
}

/// Why a segment begins where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// The first figure there is.
    First,
    /// Figures are missing before it.
    AfterGap,
    /// It was decided, for this reason.
    Rebased(Line),
}

/// Points of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Why it begins here.
    pub beginning: Beginning,
    /// Its points, in order; never empty.
    pub points: Vec<Plotted>,
    /// Mean and limits, where there are points enough.
    pub limits: Option<Limits>,
}

/// A whole chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its segments, in order; never empty.
    pub segments: Vec<Segment>,
    /// The gaps that are crossed, with why.
    pub bridges: Vec<Bridge>,
    /// The baseline, where limits are fixed.
    pub baseline: Option<Baseline>,
}

impl Chart {
    /// The chart of `points`, which are put in order. Every fault of the plan is told at once.
    pub fn new(mut points: Vec<Point>, plan: Plan) -> Result<Self, Vec<Refusal>> {
        points.sort_by_key(|point| point.period);
        let lengths: Vec<Length> = points.iter().map(|point| point.period.length()).collect();
        let pairs = points.windows(2).zip(lengths.windows(2));
        let mut faults: Vec<Refusal> =
            pairs.filter_map(|(pair, lengths)| unlike(pair[1].period, pair[0].period, lengths[0] == lengths[1])).collect();
        let known = |period: Period| points.iter().any(|point| point.period == period);
        let named = plan.rebases.iter().map(|rebase| rebase.from).chain(plan.bridges.iter().map(|bridge| bridge.to));
        faults.extend(named.filter(|period| !known(*period)).map(|period| Refusal::NoSuchPoint { period }));
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut segments = split(&points, &plan);
        if let Some(baseline) = plan.baseline {
            fix(&mut segments, baseline).map_err(|fault| vec![fault])?;
        }
        for segment in &mut segments {
            if let Some(limits) = segment.limits {
                rules::flag(&mut segment.points, &limits);
            }
        }
        Ok(Self { segments, bridges: plan.bridges, baseline: plan.baseline })
    }

    /// The segment that the latest figure is in. None of a chart without figures.
    pub fn current(&self) -> Option<&Segment> {
        self.segments.last()
    }

    /// Every point, in order.
    pub fn points(&self) -> impl Iterator<Item = &Plotted> {
        self.segments.iter().flat_map(|segment| &segment.points)
    }
}

impl Rebase {
    /// A new beginning at `from`, with its reason in a sentence.
    pub fn new(from: Period, reason: &str) -> Result<Self, Refused> {
        Ok(Self { from, reason: Line::parse(reason, Line::SENTENCE)? })
    }
}

impl Bridge {
    /// A crossing to `to`, with its reason in a sentence.
    pub fn new(to: Period, reason: &str) -> Result<Self, Refused> {
        Ok(Self { to, reason: Line::parse(reason, Line::SENTENCE)? })
    }
}

fn unlike(now: Period, then: Period, of_one_length: bool) -> Option<Refusal> {
    if !of_one_length {
        return Some(Refusal::DifferentLengths { now, then });
    }
    now.overlaps(then).then_some(Refusal::Overlapping { now, then })
}

fn split(points: &[Point], plan: &Plan) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let joined = index > 0 && points[index - 1].period.adjoins(point.period);
        let bridged = plan.bridges.iter().any(|bridge| bridge.to == point.period);
        let rebase = plan.rebases.iter().find(|rebase| rebase.from == point.period);
        let beginning = match rebase {
            Some(rebase) => Some(Beginning::Rebased(rebase.reason.clone())),
            None if index == 0 => Some(Beginning::First),
            None if joined || bridged => None,
            None => Some(Beginning::AfterGap),
        };
        let plotted = Plotted { point: *point, joined: joined && beginning.is_none(), flags: Vec::new() };
        match (beginning, segments.last_mut()) {
            (None, Some(segment)) => segment.points.push(plotted),
            (beginning, _) => {
                let beginning = beginning.unwrap_or(Beginning::First);
                segments.push(Segment { beginning, points: vec![plotted], limits: None });
            }
        }
    }
    for segment in &mut segments {
        segment.limits = Limits::of(&segment.points);
    }
    segments
}

/// Fixes the limits of the segment that `baseline` lies in.
fn fix(segments: &mut [Segment], baseline: Baseline) -> Result<(), Refusal> {
    let Baseline { first, last } = baseline;
    let short = |have| Refusal::ShortBaseline { first, last, have, need: LEAST_POINTS };
    let holds = |segment: &Segment, period| segment.points.iter().position(|plotted| plotted.point.period == period);
    let segment = segments.iter_mut().find(|segment| holds(segment, first).is_some()).ok_or(Refusal::NoSuchPoint { period: first })?;
    let begin = holds(segment, first).ok_or(Refusal::NoSuchPoint { period: first })?;
    let end = holds(segment, last).ok_or_else(|| short(segment.points.len() - begin))?;
    if end < begin {
        return Err(short(0));
    }
    let points = &segment.points[begin..=end];
    segment.limits = Some(Limits::of(points).ok_or_else(|| short(points.len()))?);
    Ok(())
}
