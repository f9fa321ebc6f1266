//! Somebody who has the printed table, every change and rate, and these very rules, tries to learn a number that
//! is printed "fewer than 5".
//!
//! Two attacks. The first is algebra: all printed sums as equations, solved. The second is stronger and tries
//! every table there might be: those that, put through the rules, would print exactly what was printed, are
//! possible; and in them each small cell must still take every value from 1 to 4.

use std::collections::BTreeSet;

use csp_domain::measure::suppression::{Keep, Published, Row, Rule, Shown};
use proptest::{collection::vec, prelude::*};

use crate::month;

const CODES: [&str; 4] = ["E22000244", "E22000245", "E22000246", "E22000248"];

type Counts = Vec<Vec<Option<u64>>>;

fn rows(counts: &Counts, people: &[u64]) -> Vec<Row> {
    let row =
        |(at, counts): (usize, &Vec<Option<u64>>)| Row { code: CODES[at].parse().unwrap(), people: people[at], counts: counts.clone() };
    counts.iter().enumerate().map(row).collect()
}

fn publish(counts: &Counts, people: &[u64], keep: Keep) -> Published {
    let periods = (0..counts[0].len()).map(month).collect();
    Published::new(periods, &rows(counts, people), Rule { keep, ..Rule::default() })
}

/// The least a paper could do: hide the small cells and print every sum.
struct Printed {
    cells: Vec<Vec<Shown>>,
    totals: Vec<Option<u64>>,
    sums: Vec<Option<u64>>,
}

impl Printed {
    fn of(published: &Published, height: usize, width: usize) -> Self {
        Self {
            cells: (0..height).map(|row| (0..width).map(|column| published.cell(row, column)).collect()).collect(),
            totals: (0..width).map(|column| published.total(column).count()).collect(),
            sums: (0..height).map(|row| published.sum(row).count()).collect(),
        }
    }

    fn carelessly(counts: &Counts) -> Self {
        let cell = |count: &Option<u64>| match count {
            Some(count @ 1..=4) if *count > 0 => Shown::Fewer(5),
            Some(count) => Shown::Count(*count),
            None => Shown::Absent,
        };
        let cells: Vec<Vec<Shown>> = counts.iter().map(|row| row.iter().map(cell).collect()).collect();
        let width = counts[0].len();
        Self {
            totals: (0..width).map(|column| Some(counts.iter().filter_map(|row| row[column]).sum())).collect(),
            sums: counts.iter().map(|row| Some(row.iter().flatten().sum())).collect(),
            cells,
        }
    }

    fn unknown(&self) -> Vec<(usize, usize)> {
        let hidden = |shown: Shown| matches!(shown, Shown::Fewer(_) | Shown::Hidden);
        let all = self.cells.iter().enumerate().flat_map(|(row, cells)| (0..cells.len()).map(move |column| (row, column)));
        all.filter(|(row, column)| hidden(self.cells[*row][*column])).collect()
    }

    /// The cells that the printed sums determine: solves them by elimination, in fractions.
    fn solved(&self) -> Vec<(usize, usize)> {
        let unknown = self.unknown();
        let mut equations: Vec<Vec<i128>> = Vec::new();
        let mut add = |line: Vec<(usize, usize)>, sum: Option<u64>| {
            if sum.is_some() {
                equations.push(unknown.iter().map(|cell| i128::from(line.contains(cell))).collect());
            }
        };
        for (column, total) in self.totals.iter().enumerate() {
            add((0..self.cells.len()).map(|row| (row, column)).collect(), *total);
        }
        for (row, sum) in self.sums.iter().enumerate() {
            add((0..self.totals.len()).map(|column| (row, column)).collect(), *sum);
        }
        let mut done = 0;
        for column in 0..unknown.len() {
            let Some(pivot) = (done..equations.len()).find(|line| equations[*line][column] != 0) else { continue };
            equations.swap(done, pivot);
            let pivot = equations[done].clone();
            for (line, equation) in equations.iter_mut().enumerate() {
                if line != done && equation[column] != 0 {
                    let (a, b) = (pivot[column], equation[column]);
                    for (left, right) in equation.iter_mut().zip(&pivot) {
                        *left = *left * a - right * b;
                    }
                    let divisor = equation.iter().fold(0, |a, b| gcd(a, b.abs())).max(1);
                    for left in equation.iter_mut() {
                        *left /= divisor;
                    }
                }
            }
            done += 1;
        }
        let alone = |equation: &Vec<i128>| equation.iter().filter(|factor| **factor != 0).count() == 1;
        equations
            .iter()
            .filter(|equation| alone(equation))
            .filter_map(|e| e.iter().position(|factor| *factor != 0))
            .map(|at| unknown[at])
            .collect()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// For each small cell, the values it has in some table that would have been printed the same.
fn possible(published: &Published, people: &[u64], keep: Keep, height: usize, width: usize) -> Vec<BTreeSet<u64>> {
    let printed = Printed::of(published, height, width);
    let unknown = printed.unknown();
    let small: Vec<(usize, usize)> =
        unknown.iter().copied().filter(|(row, column)| printed.cells[*row][*column] == Shown::Fewer(5)).collect();
    // A hidden cell that is not small is none at all, or five or more; beyond what the totals leave is not possible.
    let most = |column: usize| {
        let shown: u64 = printed.cells.iter().filter_map(|row| row[column].count()).sum();
        printed.totals[column].map_or(24, |total| total - shown)
    };
    let domain = |(row, column): (usize, usize)| -> Vec<u64> {
        match printed.cells[row][column] {
            Shown::Fewer(_) => (1..=4).collect(),
            _ => std::iter::once(0).chain(5..=most(column).max(5)).collect(),
        }
    };
    let mut found = vec![BTreeSet::new(); small.len()];
    let mut counts: Counts = printed
        .cells
        .iter()
        .map(|row| row.iter().map(|cell| if *cell == Shown::Absent { None } else { Some(cell.count().unwrap_or(0)) }).collect())
        .collect();
    let domains: Vec<Vec<u64>> = unknown.iter().map(|cell| domain(*cell)).collect();
    let mut pick = vec![0; unknown.len()];
    loop {
        for (at, (row, column)) in unknown.iter().enumerate() {
            counts[*row][*column] = Some(domains[at][pick[at]]);
        }
        if publish(&counts, people, keep) == *published {
            for (values, (row, column)) in found.iter_mut().zip(&small) {
                values.extend(counts[*row][*column]);
            }
        }
        // The next table, like a mileage counter.
        let Some(at) = (0..pick.len()).find(|at| pick[*at] + 1 < domains[*at].len()) else { return found };
        pick[..at].fill(0);
        pick[at] += 1;
    }
}

fn counts() -> impl Strategy<Value = Counts> {
    let count = prop_oneof![5 => (1u64..=4).prop_map(Some), 2 => (5u64..=12).prop_map(Some), 1 => (13u64..=18).prop_map(Some), 1 => Just(Some(0)), 1 => Just(None)];
    (2usize..=4).prop_flat_map(move |height| vec(vec(count.clone(), 1), height))
}

fn wide() -> impl Strategy<Value = Counts> {
    let count = prop_oneof![3 => (1u64..=4).prop_map(Some), 3 => (5u64..=40).prop_map(Some), 1 => Just(Some(0)), 1 => Just(None)];
    (2usize..=4, 2usize..=5).prop_flat_map(move |(height, width)| vec(vec(count.clone(), width), height))
}

fn keep() -> impl Strategy<Value = Keep> {
    prop_oneof![3 => Just(Keep::Total), 1 => Just(Keep::Cells)]
}

fn config() -> ProptestConfig {
    let cases = if std::env::var_os("CSP_TEST_LONG").is_some() { 4_000 } else { 250 };
    ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn somebody_who_knows_the_rules_cannot_rule_out_a_single_value(counts in counts(), people in vec(1u64..4, 4), keep in keep()) {
        let published = publish(&counts, &people, keep);
        for values in possible(&published, &people, keep, counts.len(), 1) {
            prop_assert_eq!(values, BTreeSet::from([1, 2, 3, 4]));
        }
    }

    #[test]
    fn no_subtraction_gives_a_hidden_number_back(counts in wide(), people in vec(1u64..4, 4), keep in keep()) {
        let published = publish(&counts, &people, keep);
        let printed = Printed::of(&published, counts.len(), counts[0].len());
        prop_assert_eq!(printed.solved(), Vec::new());
        // Nothing that is kept back comes out by another door.
        for (row, column) in printed.unknown() {
            prop_assert!(published.rate(row, column, 1000).is_err());
            prop_assert!(published.points(row).is_err());
            prop_assert!(published.sum(row).count().is_none());
            for other in 0..counts[0].len() {
                prop_assert!(published.change(row, column, other).is_err());
                prop_assert!(published.change(row, other, column).is_err());
            }
        }
        // And what need not be is not kept back.
        for column in 0..counts[0].len() {
            let small = counts.iter().filter(|row| matches!(row[column], Some(1..=4))).count();
            let hidden = printed.cells.iter().filter(|row| row[column] == Shown::Hidden).count();
            prop_assert!(hidden <= usize::from(small > 0));
            if small == 0 && counts.iter().any(|row| row[column].is_some()) {
                prop_assert!(published.total(column).count().is_some());
            }
        }
    }
}

/// Two periods at once: the columns are not tied to each other.
#[test]
fn two_periods_together_tell_no_more_than_each_alone() {
    let people = [2, 3, 1];
    let counts: Counts = vec![vec![Some(3), Some(2)], vec![Some(9), Some(8)], vec![Some(14), Some(4)]];
    let published = publish(&counts, &people, Keep::Total);
    for values in possible(&published, &people, Keep::Total, 3, 2) {
        assert_eq!(values, BTreeSet::from([1, 2, 3, 4]));
    }
}

/// Newcastle has the most residents and, here, not the smallest count. Were the smallest hidden, readers would know
/// that 11 is no less than what is hidden, and 4 + 10 could be nothing else.
#[test]
fn which_cell_is_hidden_besides_says_nothing_about_it() {
    let (people, counts): (_, Counts) = ([1, 3, 2], vec![vec![Some(4)], vec![Some(11)], vec![Some(10)]]);
    let published = publish(&counts, &people, Keep::Total);
    assert_eq!((published.cell(1, 0), published.cell(2, 0), published.total(0)), (Shown::Hidden, Shown::Count(10), Shown::Count(25)));
    assert_eq!(possible(&published, &people, Keep::Total, 3, 1), [BTreeSet::from([1, 2, 3, 4])]);
}

/// The attacks must be able to succeed, or their failing would say nothing.
#[test]
fn a_careless_paper_is_read_like_a_book() {
    let counts: Counts = vec![vec![Some(3), Some(20)], vec![Some(12), Some(15)], vec![Some(9), Some(2)]];
    let printed = Printed::carelessly(&counts);
    let mut solved = printed.solved();
    solved.sort_unstable();
    assert_eq!(solved, vec![(0, 0), (2, 1)]);
    assert_eq!(publish(&counts, &[1, 3, 2], Keep::Total).total(0), Shown::Count(24));
}
