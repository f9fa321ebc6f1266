//! The rules that make a point a signal.

use std::cmp::Ordering;

use super::{Direction, Flag, Limits, Plotted, RUN, Ruler, Signal, Zone};

/// Marks the points that are part of a signal. Rules look only at neighbours: what is not joined is not
/// followed.
pub(super) fn flag(points: &mut [Plotted], limits: &Limits) {
    let ruler = limits.ruler();
    let mut begin = 0;
    while begin < points.len() {
        let end = points[begin + 1..].iter().position(|plotted| !plotted.joined).map_or(points.len(), |more| begin + 1 + more);
        flag_stretch(&mut points[begin..end], &ruler);
        begin = end;
    }
}

fn flag_stretch(points: &mut [Plotted], ruler: &Ruler) {
    let values: Vec<_> = points.iter().map(|plotted| plotted.point.value()).collect();
    let (sides, zones): (Vec<Ordering>, Vec<Zone>) = values.iter().map(|value| ruler.place(*value)).unzip();
    for (index, zone) in zones.iter().enumerate() {
        if *zone == Zone::Outside {
            mark(&mut points[index..=index], Signal::Outside, sides[index]);
        }
    }
    // A point on the mean is on neither side and ends a run.
    for (begin, end) in streaks(&sides) {
        if end - begin >= RUN {
            mark(&mut points[begin..end], Signal::Run, sides[begin]);
        }
    }
    let near = |index: &usize| zones[*index] == Zone::NearLimit;
    for begin in 0..points.len().saturating_sub(2) {
        let three = begin..begin + 3;
        let one_side = sides[three.clone()].iter().all(|side| *side == sides[begin]);
        if one_side && three.clone().filter(near).count() >= 2 {
            for index in three.filter(near) {
                mark(&mut points[index..=index], Signal::NearLimit, sides[begin]);
            }
        }
    }
    // Seven points have six steps between them.
    let steps: Vec<Ordering> = values.windows(2).map(|pair| pair[1].cmp(&pair[0])).collect();
    for (begin, end) in streaks(&steps) {
        if end - begin + 1 >= RUN {
            mark(&mut points[begin..=end], Signal::Trend, steps[begin]);
        }
    }
}

/// The longest stretches of equal orderings, as half-open intervals.
fn streaks(of: &[Ordering]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut begin = 0;
    for index in 1..=of.len() {
        if index == of.len() || of[index] != of[begin] {
            found.push((begin, index));
            begin = index;
        }
    }
    found
}

fn mark(points: &mut [Plotted], signal: Signal, ordering: Ordering) {
    let Some(direction) = Direction::of(ordering) else { return };
    let flag = Flag { signal, direction };
    for plotted in points {
        if !plotted.flags.contains(&flag) {
            plotted.flags.push(flag);
        }
    }
}
