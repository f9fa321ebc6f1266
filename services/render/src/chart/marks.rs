//! The shapes that mean something: the verdicts'.

use csp_domain::{
    indicator::Polarity,
    measure::{
        verdict::Shape,
        xmr::{Direction, Plotted},
    },
};

use super::svg::Canvas;

/// Draws `shape` around (`x`, `y`), about two `r` high; answers how wide it is.
pub(super) fn draw(canvas: &mut Canvas, shape: Shape, (x, y): (f64, f64), r: f64) -> f64 {
    const FULL: &str = "fill=\"#000\" stroke=\"#fff\" stroke-width=\"1\"";
    const EMPTY: &str = "fill=\"#fff\" stroke=\"#000\" stroke-width=\"1.5\"";
    const STROKE: &str = "stroke=\"#000\" stroke-width=\"2\"";
    let tick = |canvas: &mut Canvas, x: f64| canvas.polyline(&[(x - r, y), (x - 0.3 * r, y + 0.8 * r), (x + r, y - r)], STROKE);
    let cross = |canvas: &mut Canvas, x: f64| {
        canvas.line((x - 0.8 * r, y - 0.8 * r), (x + 0.8 * r, y + 0.8 * r), STROKE);
        canvas.line((x - 0.8 * r, y + 0.8 * r), (x + 0.8 * r, y - 0.8 * r), STROKE);
    };
    let next = x + 2.5 * r;
    match shape {
        Shape::Disc => canvas.circle(x, y, r, FULL),
        Shape::Triangle => canvas.polygon(&[(x, y - 1.2 * r), (x + 1.15 * r, y + 0.9 * r), (x - 1.15 * r, y + 0.9 * r)], FULL),
        Shape::Diamond => canvas.polygon(&[(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)], FULL),
        Shape::Ring => canvas.circle(x, y, r * 0.9, EMPTY),
        Shape::Square => canvas.rect(x - 0.8 * r, y - 0.8 * r, 1.6 * r, 1.6 * r, EMPTY),
        Shape::Tick => tick(canvas, x),
        Shape::Cross => cross(canvas, x),
        Shape::DoubleTick => {
            tick(canvas, x);
            tick(canvas, next);
        }
        Shape::DoubleCross => {
            cross(canvas, x);
            cross(canvas, next);
        }
        Shape::TickCross => {
            tick(canvas, x);
            cross(canvas, next);
        }
    }
    match shape {
        Shape::DoubleTick | Shape::DoubleCross | Shape::TickCross => 4.5 * r,
        _ => 2.0 * r,
    }
}

/// The shape of one point: what it says for an indicator of `polarity`.
pub(super) fn of_point(plotted: &Plotted, polarity: Polarity) -> Shape {
    let Some(flag) = plotted.flags.first() else { return Shape::Ring };
    match (polarity, flag.direction) {
        (Polarity::Neither, _) => Shape::Diamond,
        (Polarity::LowerIsBetter, Direction::Down) | (Polarity::HigherIsBetter, Direction::Up) => Shape::Disc,
        (Polarity::LowerIsBetter, Direction::Up) | (Polarity::HigherIsBetter, Direction::Down) => Shape::Triangle,
    }
}

/// The shapes of `points` in words. Where all are alike there is nothing to tell apart.
pub(super) fn key<'p>(points: impl Iterator<Item = &'p Plotted>, polarity: Polarity) -> Vec<(Shape, &'static str)> {
    let occurring: Vec<Shape> = points.map(|plotted| of_point(plotted, polarity)).collect();
    let all =
        [(Shape::Ring, "usual"), (Shape::Disc, "better than usual"), (Shape::Triangle, "worse than usual"), (Shape::Diamond, "unusual")];
    let found: Vec<_> = all.into_iter().filter(|(shape, _)| occurring.contains(shape)).collect();
    if found.len() > 1 { found } else { Vec::new() }
}
