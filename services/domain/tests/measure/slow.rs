//! The XmR rules a second time: every rule as it would be told at a blackboard, window by window, in whole numbers
//! and fractions of them. Both versions must say the same of any series.

use csp_domain::measure::xmr::{Bridge, Chart, Direction, Flag, Plan, Rebase, Signal};
use proptest::{collection::vec, option, prelude::*};
use rust_decimal::Decimal;

use crate::{chart, month};

struct Slow<'s> {
    values: &'s [Option<i64>],
    rebased: &'s [usize],
    bridged: &'s [usize],
}

impl Slow<'_> {
    fn value(&self, at: usize) -> Option<i128> {
        self.values.get(at).copied().flatten().map(i128::from)
    }

    fn begins(&self, at: usize) -> bool {
        let nothing_before = (0..at).all(|before| self.value(before).is_none());
        let gap = at > 0 && self.value(at - 1).is_none();
        self.rebased.contains(&at) || nothing_before || (gap && !self.bridged.contains(&at))
    }

    /// The months of the segment that `at` is in.
    fn segment(&self, at: usize) -> Vec<usize> {
        let begin = (0..=at).rev().find(|begin| self.value(*begin).is_some() && self.begins(*begin)).unwrap();
        let mut months = vec![begin];
        for next in begin + 1..self.values.len() {
            if self.value(next).is_some() {
                if self.begins(next) {
                    break;
                }
                months.push(next);
            }
        }
        months
    }

    /// `size` months in a row, all with figures, all of the segment.
    fn windows(&self, at: usize, size: usize) -> Vec<Vec<usize>> {
        let segment = self.segment(at);
        let begins = at.saturating_sub(size - 1)..=at;
        begins
            .map(|begin| (begin..begin + size).collect::<Vec<_>>())
            .filter(|window| window.iter().all(|month| segment.contains(month)))
            .collect()
    }

    fn flags(&self, at: usize) -> Vec<Flag> {
        let segment = self.segment(at);
        let ranges: Vec<i128> = segment
            .iter()
            .filter(|month| **month > 0 && segment.contains(&(**month - 1)))
            .map(|month| (self.value(*month).unwrap() - self.value(*month - 1).unwrap()).abs())
            .collect();
        if segment.len() < 12 || ranges.len() < 11 {
            return Vec::new();
        }
        let (n, m) = (i128::try_from(segment.len()).unwrap(), i128::try_from(ranges.len()).unwrap());
        let sum: i128 = segment.iter().map(|month| self.value(*month).unwrap()).sum();
        let moved: i128 = ranges.iter().sum();
        // Everything times n·m·300.
        let mean = sum * m * 300;
        let x = |month: usize| self.value(month).unwrap() * n * m * 300;
        let reach = moved * n * 266 * 3;
        let third = moved * n * 266 * 2;
        let outside = |month| x(month) > mean + reach || x(month) < mean - reach;
        let near = |month| !outside(month) && (x(month) > mean + third || x(month) < mean - third);
        let above = |month: &usize| x(*month) > mean;
        let below = |month: &usize| x(*month) < mean;
        let up = |window: &Vec<usize>| window.windows(2).all(|pair| x(pair[1]) > x(pair[0]));
        let down = |window: &Vec<usize>| window.windows(2).all(|pair| x(pair[1]) < x(pair[0]));
        let two_near = |window: &&Vec<usize>| window.iter().filter(|month| near(**month)).count() >= 2;

        let mut flags = Vec::new();
        let mut say = |yes: bool, signal, direction| {
            if yes {
                flags.push(Flag { signal, direction });
            }
        };
        let (sevens, threes) = (self.windows(at, 7), self.windows(at, 3));
        say(outside(at) && above(&at), Signal::Outside, Direction::Up);
        say(outside(at) && below(&at), Signal::Outside, Direction::Down);
        say(sevens.iter().any(|window| window.iter().all(above)), Signal::Run, Direction::Up);
        say(sevens.iter().any(|window| window.iter().all(below)), Signal::Run, Direction::Down);
        say(near(at) && threes.iter().filter(two_near).any(|window| window.iter().all(above)), Signal::NearLimit, Direction::Up);
        say(near(at) && threes.iter().filter(two_near).any(|window| window.iter().all(below)), Signal::NearLimit, Direction::Down);
        say(sevens.iter().any(up), Signal::Trend, Direction::Up);
        say(sevens.iter().any(down), Signal::Trend, Direction::Down);
        flags
    }
}

/// Series that have what the rules look for: long flat or rising stretches, jumps, ties, and gaps.
fn series() -> impl Strategy<Value = Vec<Option<i64>>> {
    let stretch = (-3i64..=3, 0i64..60, 1usize..24, 0i64..=12).prop_flat_map(|(slope, level, length, noise)| {
        vec(0..=noise, length).prop_map(move |noise| {
            noise.iter().zip(0i64..).map(|(noise, at)| Some(level + slope * at + noise)).collect::<Vec<Option<i64>>>()
        })
    });
    let gap = (1usize..3).prop_map(|length| vec![None; length]);
    vec(prop_oneof![5 => stretch, 1 => gap], 1..5).prop_map(|parts| parts.concat())
}

fn decided() -> impl Strategy<Value = (Vec<Option<i64>>, Vec<usize>, Vec<usize>)> {
    series().prop_flat_map(|values| {
        let present: Vec<usize> = (0..values.len()).filter(|at| values[*at].is_some()).collect();
        let after_gap: Vec<usize> = present.iter().copied().filter(|at| *at > 0 && values[*at - 1].is_none()).collect();
        let some = |of: Vec<usize>, likely: f64| {
            vec(option::weighted(likely, Just(())), of.len())
                .prop_map(move |picks| of.iter().zip(picks).filter(|(_, pick)| pick.is_some()).map(|(at, _)| *at).collect::<Vec<usize>>())
        };
        (Just(values), some(present, 0.03), some(after_gap, 0.5))
    })
}

fn quick(values: &[Option<i64>], rebased: &[usize], bridged: &[usize]) -> Chart {
    let plan = Plan {
        rebases: rebased.iter().map(|at| Rebase::new(month(*at), "the recording rule changed").unwrap()).collect(),
        bridges: bridged.iter().map(|at| Bridge::new(month(*at), "the force's system was down").unwrap()).collect(),
        baseline: None,
    };
    let decimals: Vec<Option<Decimal>> = values.iter().map(|value| value.map(Decimal::from)).collect();
    chart(&decimals, plan)
}

/// A valley ends a fall and begins a rise, and is part of both. Which is told first is nobody's concern.
fn turned(mut flags: Vec<Flag>) -> Vec<Flag> {
    if let [.., before, after] = flags.as_mut_slice()
        && before.signal == after.signal
        && before.direction == Direction::Down
    {
        std::mem::swap(before, after);
    }
    flags
}

/// Long form: `CSP_TEST_LONG=1`.
fn config() -> ProptestConfig {
    let cases = if std::env::var_os("CSP_TEST_LONG").is_some() { 4_000 } else { 100 };
    ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_quick_version_finds_what_the_slow_one_finds((values, rebased, bridged) in decided()) {
        prop_assume!(values.iter().any(Option::is_some));
        let quick = quick(&values, &rebased, &bridged);
        let slow = Slow { values: &values, rebased: &rebased, bridged: &bridged };
        let found: Vec<Vec<Flag>> = quick.points().map(|plotted| turned(plotted.flags.clone())).collect();
        let expected: Vec<Vec<Flag>> = (0..values.len()).filter(|at| values[*at].is_some()).map(|at| slow.flags(at)).collect();
        prop_assert_eq!(found, expected);
    }

    /// Limits are where the rules say they are: a hair inside is inside, a hair outside is outside.
    #[test]
    fn the_printed_limits_are_those_the_rules_use(values in vec(0i64..200, 12..40)) {
        let values: Vec<Option<Decimal>> = values.into_iter().map(|value| Some(Decimal::from(value))).collect();
        let limits = chart(&values, Plan::default()).current().unwrap().limits.unwrap();
        let hair = Decimal::new(1, 9);
        prop_assert!(limits.outside(limits.upper() + hair));
        prop_assert!(limits.outside(limits.lower() - hair));
        if limits.mean_range() > hair {
            prop_assert!(!limits.outside(limits.upper() - hair));
            prop_assert!(!limits.outside(limits.lower() + hair));
        }
    }
}

/// The generator above is of no use if it never makes what the rules look for.
#[test]
fn the_series_that_are_tried_have_every_signal() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..400 {
        let (values, rebased, bridged) = decided().new_tree(&mut runner).unwrap().current();
        if values.iter().any(Option::is_some) {
            seen.extend(quick(&values, &rebased, &bridged).points().flat_map(|plotted| plotted.flags.clone()));
        }
    }
    assert_eq!(seen.len(), 8, "four rules in two directions: {seen:?}");
}
