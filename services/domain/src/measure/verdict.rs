//! What is said of an indicator: in words, with a shape that needs no colour.

use std::fmt;

use super::xmr::{Chart, Direction, Flag, LEAST_POINTS, Segment, Signal};
use crate::indicator::Polarity;

/// Whether an indicator really changed, as its latest figure shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A signal in the good direction.
    Improving(Flag),
    /// A signal in the bad direction.
    Worsening(Flag),
    /// A signal, of an indicator where neither direction is good.
    Changed(Flag),
    /// Nothing but the ordinary come and go.
    NoRealChange,
    /// There are not yet points enough to tell one from the other.
    TooFewPoints {
        /// Points since the last gap or new beginning.
        have: usize,
    },
}

impl Verdict {
    /// Of the latest figure of `chart`.
    ///
    /// Where several signals meet, the level decides before the trend: a figure that has been below the mean
    /// for a year and rises is low first, and rising second.
    pub fn of(chart: &Chart, polarity: Polarity) -> Self {
        let Some(segment) = chart.current() else { return Self::TooFewPoints { have: 0 } };
        if segment.limits.is_none() {
            return Self::TooFewPoints { have: segment.points.len() };
        }
        let Some(flag) = latest(segment) else { return Self::NoRealChange };
        match (polarity, flag.direction) {
            (Polarity::Neither, _) => Self::Changed(flag),
            (Polarity::LowerIsBetter, Direction::Down) | (Polarity::HigherIsBetter, Direction::Up) => Self::Improving(flag),
            (Polarity::LowerIsBetter, Direction::Up) | (Polarity::HigherIsBetter, Direction::Down) => Self::Worsening(flag),
        }
    }

    /// In words, as short as they go.
    pub fn words(self) -> &'static str {
        match self {
            Self::Improving(_) => "improving",
            Self::Worsening(_) => "worsening",
            Self::Changed(_) => "changed",
            Self::NoRealChange => "no real change",
            Self::TooFewPoints { .. } => "too few points to tell",
        }
    }

    /// The shape printed beside the words.
    pub fn shape(self) -> Shape {
        match self {
            Self::Improving(_) => Shape::Disc,
            Self::Worsening(_) => Shape::Triangle,
            Self::Changed(_) => Shape::Diamond,
            Self::NoRealChange => Shape::Ring,
            Self::TooFewPoints { .. } => Shape::Square,
        }
    }

    /// What was seen.
    pub fn reason(self) -> String {
        match self {
            Self::Improving(flag) | Self::Worsening(flag) | Self::Changed(flag) => seen(flag).to_owned(),
            Self::NoRealChange => "the latest figure is within what is usual".to_owned(),
            Self::TooFewPoints { have } => format!("{have} of the {LEAST_POINTS} figures in a row that a judgement needs"),
        }
    }
}

impl fmt::Display for Verdict {
    /// `Worsening: the latest figure is above the upper limit`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words();
        let (first, rest) = words.split_at(1);
        write!(f, "{}{rest}: {}", first.to_uppercase(), self.reason())
    }
}

fn latest(segment: &Segment) -> Option<Flag> {
    segment.points.last()?.flags.first().copied()
}

fn seen(flag: Flag) -> &'static str {
    match (flag.signal, flag.direction) {
        (Signal::Outside, Direction::Up) => "the latest figure is above the upper limit",
        (Signal::Outside, Direction::Down) => "the latest figure is below the lower limit",
        (Signal::Run, Direction::Up) => "seven figures or more in a row are above the average",
        (Signal::Run, Direction::Down) => "seven figures or more in a row are below the average",
        (Signal::NearLimit, Direction::Up) => "two of the last three figures are close to the upper limit",
        (Signal::NearLimit, Direction::Down) => "two of the last three figures are close to the lower limit",
        (Signal::Samples, Direction::Up) => "the rise is more than two samples differ by anyway",
        (Signal::Samples, Direction::Down) => "the fall is more than two samples differ by anyway",
        (Signal::Trend, Direction::Up) => "seven figures or more in a row rise",
        (Signal::Trend, Direction::Down) => "seven figures or more in a row fall",
    }
}

/// Whether a target is met, and whether it can be relied on to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetVerdict {
    /// The latest figure meets it; there are too few points to say more.
    Met,
    /// The latest figure misses it; there are too few points to say more.
    Missed,
    /// The limits are on the right side of it: it will be met unless something changes.
    ConsistentlyMet,
    /// The limits are on the wrong side of it: it will be missed unless something changes.
    ConsistentlyMissed,
    /// It lies between the limits: met or missed by chance.
    HitAndMiss,
}

impl TargetVerdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::ConsistentlyMet => "consistently met",
            Self::ConsistentlyMissed => "consistently missed",
            Self::HitAndMiss => "hit and miss",
        }
    }

    /// The shape printed beside the words.
    pub fn shape(self) -> Shape {
        match self {
            Self::Met => Shape::Tick,
            Self::Missed => Shape::Cross,
            Self::ConsistentlyMet => Shape::DoubleTick,
            Self::ConsistentlyMissed => Shape::DoubleCross,
            Self::HitAndMiss => Shape::TickCross,
        }
    }
}

impl fmt::Display for TargetVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// A shape that says the verdict again to the eye. Never alone: the words stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A filled circle.
    Disc,
    /// A filled triangle, like a warning sign.
    Triangle,
    /// A filled diamond.
    Diamond,
    /// An empty circle.
    Ring,
    /// An empty square.
    Square,
    /// A tick.
    Tick,
    /// A cross.
    Cross,
    /// Two ticks.
    DoubleTick,
    /// Two crosses.
    DoubleCross,
    /// A tick and a cross.
    TickCross,
}

impl Shape {
    /// As text.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Disc => "●",
            Self::Triangle => "▲",
            Self::Diamond => "◆",
            Self::Ring => "○",
            Self::Square => "□",
            Self::Tick => "✓",
            Self::Cross => "✗",
            Self::DoubleTick => "✓✓",
            Self::DoubleCross => "✗✗",
            Self::TickCross => "✓✗",
        }
    }
}
