//! The ground a chart over time is drawn on: places for periods and values, the axes, and names at line ends.

use csp_domain::{
    measure::xmr::Segment,
    period::{Length, Period},
};
use rust_decimal::Decimal;

use super::{
    Measure, Print as _,
    scale::Scale,
    svg::{Anchor, Canvas, Style},
};

/// Lines by what they are. Nothing but black, white and greys, and no two alike but for colour.
pub(super) const GRID: &str = "stroke=\"#ddd\" stroke-width=\"1\"";
pub(super) const BAND: &str = "fill=\"#e9e9e9\"";
/// Over the band it is darker, beside it light: seen on both, and the figures are seen through it.
pub(super) const SPAN: &str = "fill=\"#000\" fill-opacity=\"0.1\"";
pub(super) const LIMIT: &str = "stroke=\"#777\" stroke-width=\"1\" stroke-dasharray=\"2 3\"";
pub(super) const MEAN: &str = "stroke=\"#555\" stroke-width=\"1.5\"";
pub(super) const FIGURES: &str = "stroke=\"#000\" stroke-width=\"2\" stroke-linejoin=\"round\"";
pub(super) const TARGET: &str = "stroke=\"#000\" stroke-width=\"1.5\" stroke-dasharray=\"8 4\"";

/// A rectangle with a scale.
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    scale: Scale,
    first: Period,
    days: f64,
}

/// `Sep 2021`, `Q3 2021/22`.
pub(super) fn short(period: Period) -> String {
    match period.length() {
        Length::Months(1) => period.start().format("%b %Y").to_string(),
        Length::Months(_) => period.short_label(),
        Length::Days(_) => period.start().format("%-d %b %Y").to_string(),
    }
}

fn days(from: Period, to: Period) -> f64 {
    let days = i32::try_from((to.start() - from.start()).num_days()).unwrap_or(i32::MAX);
    f64::from(days)
}

impl Plot {
    /// Between (`left`, `top`) and (`right`, `bottom`), over the time from the `first` to the `last` period.
    pub(super) fn new((left, top): (f64, f64), (right, bottom): (f64, f64), scale: Scale, (first, last): (Period, Period)) -> Self {
        Self { left, right, top, bottom, scale, first, days: days(first, last).max(1.0) }
    }

    /// Room on the left for the numbers of `scale`.
    pub(super) fn margin(scale: &Scale, measure: Measure) -> f64 {
        scale.ticks().iter().map(|tick| Style::TEXT.width(&measure.tick(*tick))).fold(0.0, f64::max) + 8.0
    }

    pub(super) fn x(&self, period: Period) -> f64 {
        // A little room on both sides, so that the first and last point are whole.
        let inside = (self.right - self.left - 16.0).max(1.0);
        self.left + 8.0 + inside * days(self.first, period) / self.days
    }

    pub(super) fn y(&self, value: Decimal) -> f64 {
        self.bottom - (self.bottom - self.top) * self.scale.place(value)
    }

    /// Grid, numbers on the left, and as many of `periods` below as there is room for, the latest first.
    pub(super) fn axes(&self, canvas: &mut Canvas, measure: Measure, periods: &[Period]) {
        for tick in self.scale.ticks() {
            let y = self.y(*tick);
            canvas.line((self.left, y), (self.right, y), GRID);
            canvas.text(self.left - 6.0, y + 4.5, Style::TEXT.anchored(Anchor::End), &measure.tick(*tick));
        }
        canvas.line((self.left, self.bottom), (self.right, self.bottom), "stroke=\"#000\" stroke-width=\"1\"");
        let mut free = canvas.width - 2.0;
        for period in periods.iter().rev() {
            let (text, x) = (short(*period), self.x(*period));
            let half = Style::TEXT.width(&text) / 2.0;
            // Near the edge a label moves in a little rather than going.
            let middle = x.min(free.min(canvas.width - 2.0) - half);
            if (middle - x).abs() > half || x + half > free && free < canvas.width - 2.0 || middle - half < 2.0 {
                continue;
            }
            canvas.line((x, self.bottom), (x, self.bottom + 5.0), "stroke=\"#000\" stroke-width=\"1\"");
            canvas.text(middle, self.bottom + 19.0, Style::TEXT.anchored(Anchor::Middle), &text);
            free = middle - half - 14.0;
        }
    }

    /// The time from one figure to another of which something must be known, with its letter at the top; at the bottom, where one of
    /// the figures would lie on it.
    pub(super) fn span(&self, canvas: &mut Canvas, (first, last): (Period, Period), letter: &str, figures: &[(Period, Decimal)]) {
        let (from, to) = (self.x(first) - 6.0, self.x(last) + 6.0);
        let middle = f64::midpoint(from, to);
        let near = |(period, value): &(Period, Decimal)| (self.x(*period) - middle).abs() < 14.0 && self.y(*value) < self.top + 24.0;
        let level = if figures.iter().any(near) { self.bottom - 6.0 } else { self.top + 14.0 };
        canvas.rect(from, self.top, to - from, self.bottom - self.top, SPAN);
        canvas.line((from, self.top), (to, self.top), "stroke=\"#000\" stroke-width=\"2\"");
        canvas.text(middle, level, Style::TEXT.bold().anchored(Anchor::Middle), letter);
    }

    /// Band, limits and mean of a segment.
    pub(super) fn ground(&self, canvas: &mut Canvas, segment: &Segment, floor: Option<Decimal>) {
        let (Some(limits), Some(first), Some(last)) = (segment.limits, segment.points.first(), segment.points.last()) else { return };
        let (from, to) = (self.x(first.point.period) - 6.0, self.x(last.point.period) + 6.0);
        let lower = floor.map_or(limits.lower(), |floor| limits.lower().max(floor));
        let (top, bottom) = (self.y(limits.upper()), self.y(lower));
        canvas.rect(from, top, to - from, bottom - top, BAND);
        canvas.line((from, top), (to, top), LIMIT);
        if lower == limits.lower() {
            canvas.line((from, bottom), (to, bottom), LIMIT);
        }
        let mean = self.y(limits.mean());
        canvas.line((from, mean), (to, mean), MEAN);
    }

    /// The line through a segment's figures, broken where a neighbour is missing. A figure without neighbours is a dot.
    pub(super) fn figures(&self, canvas: &mut Canvas, segment: &Segment) {
        for stretch in segment.points.chunk_by(|_, after| after.joined) {
            let places: Vec<(f64, f64)> =
                stretch.iter().map(|plotted| (self.x(plotted.point.period), self.y(plotted.point.value()))).collect();
            match places.as_slice() {
                [(x, y)] => canvas.circle(*x, *y, 2.0, "fill=\"#000\""),
                places => canvas.polyline(places, FIGURES),
            }
        }
    }

    /// Names at the right end of lines, each as near to its line as the others allow.
    pub(super) fn names(&self, canvas: &mut Canvas, mut names: Vec<(f64, String, bool)>) {
        const APART: f64 = 15.0;
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut least = f64::NEG_INFINITY;
        for name in &mut names {
            name.0 = name.0.max(least);
            least = name.0 + APART;
        }
        let mut most = self.bottom - 2.0;
        for name in names.iter_mut().rev() {
            name.0 = name.0.min(most);
            most = name.0 - APART;
        }
        for (y, text, bold) in names {
            let style = if bold { Style::TEXT.bold() } else { Style::TEXT };
            canvas.text(self.right + 4.0, y + 4.5, style, &text);
        }
    }
}
