//! The rules that make a point a signal.

use std::cmp::Ordering;

use super::{Direction, Flag, Limits, Plotted, RUN, Signal};

/// Marks the points that are part of a signal. Rules look only at neighbours: what is not joined is not
/// followed.
pub(super) fn flag(points: &mut [Plotted], limits: &Limits) {
    let mut begin = 0;
    while begin < points.len() {
        let end = points[begin + 1..].iter().position(|plotted| !plotted.joined).map_or(points.len(), |more| begin + 1 + more);
        flag_stretch(&mut points[begin..end], limits);
        begin = end;
    }
}

fn flag_stretch(points: &mut [Plotted], limits: &Limits) {
    let values: Vec<_> = points.iter().map(|plotted| plotted.point.value()).collect();
    let sides: Vec<Ordering> = values.iter().map(|value| limits.side(*value)).collect();
    for (index, value) in values.iter().enumerate() {
        if limits.outside(*value) {
            mark(&mut points[index..=index], Signal::Outside, sides[index]);
        }
    }
    // A point on the mean is on neither side and ends a run.
    for (begin, end) in streaks(&sides) {
        if end - begin >= RUN {
            mark(&mut points[begin..end], Signal::Run, sides[begin]);
        }
    }
    let near: Vec<bool> = values.iter().map(|value| limits.near_limit(*value)).collect();
    for begin in 0..points.len().saturating_sub(2) {
        let three = begin..begin + 3;
        let one_side = sides[three.clone()].iter().all(|side| *side == sides[begin]);
        if one_side && near[three.clone()].iter().filter(|near| **near).count() >= 2 {
            for index in three.filter(|index| near[*index]) {
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
