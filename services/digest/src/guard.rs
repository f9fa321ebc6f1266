//! A sensitive indicator: what of its table may be printed. The rules are `csp_domain::measure::suppression`'s; here is decided
//! over which rows a total is one, so that no second total can be set against it.

use csp_domain::measure::suppression::{Published, Row as Counts, Rule, Shown};
use rust_decimal::prelude::ToPrimitive as _;

use crate::comparison::{Comparison, Row, Total, Value};

/// What stands in the cells of one table, and in its total. None: what is there.
pub(crate) struct Guard {
    /// By row: a year earlier, and now.
    cells: Vec<[Option<Value>; 2]>,
    totals: [Option<Value>; 2],
    /// Something, somewhere in what is known, is small: nothing is drawn or judged, since limits and
    /// averages are made of every figure.
    pub(crate) silent: bool,
}

impl Guard {
    /// Of counts that add up.
    pub(crate) fn of_counts(comparison: &Comparison<'_>) -> Self {
        let rule = Rule::default();
        let count = |row: &Row<'_>, now: bool| row.side(now).amount().and_then(|amount| amount.to_u64());
        let mut cells: Vec<[Option<Value>; 2]> = vec![[None, None]; comparison.rows.len()];
        let mut totals = [None, None];
        let (covered, over) = match comparison.total() {
            Total::LikeForLike(covered) => (covered, vec![false, true]),
            Total::NowOnly { covered, .. } => (covered, vec![true]),
            Total::Nothing | Total::NotAddedUp => (Vec::new(), Vec::new()),
        };
        for now in [false, true] {
            // Over everybody who has a figure, whether or not the total covers them: this period's column and the same one a year
            // later, when others answer, are hidden alike, and cannot be set against each other.
            let having: Vec<usize> = (0..comparison.rows.len()).filter(|at| count(&comparison.rows[*at], now).is_some()).collect();
            let rows: Vec<Counts> = having
                .iter()
                .map(|at| Counts {
                    code: comparison.rows[*at].partnership.ons_code.clone(),
                    people: 0,
                    counts: vec![count(&comparison.rows[*at], now)],
                })
                .collect();
            let published = Published::new(vec![if now { comparison.period } else { comparison.then }], &rows, rule);
            for (row, at) in having.iter().enumerate() {
                cells[*at][usize::from(now)] = kept(published.cell(row, 0));
            }
            let any = having.iter().any(|at| cells[*at][usize::from(now)].is_some());
            totals[usize::from(now)] = match over.contains(&now) {
                true if having == covered => kept(published.total(0)),
                // A total over fewer is a second one, from which what is hidden of the first could be worked out.
                true if any => Some(Value::Hidden),
                _ => None,
            };
        }
        let small =
            |row: &Row<'_>| row.told.series.readings().any(|(_, reading)| reading.value.to_u64().is_none_or(|count| rule.is_small(count)));
        let silent = comparison.rows.iter().any(small) || cells.iter().flatten().any(Option::is_some);
        Self { cells, totals, silent }
    }

    /// Of shares neither the few within nor the few without may be told, and a total only where nobody has few; and nothing
    /// that is hidden in the table of the `whole`s, whose counts stand beside each share.
    pub(crate) fn of_shares(comparison: &Comparison<'_>, whole: Option<&Self>) -> Self {
        let rule = Rule::default();
        let few = |at: usize, now: bool| {
            let row = &comparison.rows[at];
            if whole.is_some_and(|whole| whole.cell(at, now).is_some()) {
                return row.side(now).amount().map(|_| Value::Hidden);
            }
            let period = if now { comparison.period } else { comparison.then };
            let part = row.side(now).amount()?.to_u64()?;
            // Without its whole there is no telling how few are left.
            let Some(whole) = row.whole(period).ok().and_then(|whole| whole.to_u64()) else { return Some(Value::Hidden) };
            rule.share(part, whole).is_err().then_some(Value::Hidden)
        };
        let cells: Vec<[Option<Value>; 2]> = (0..comparison.rows.len()).map(|at| [few(at, false), few(at, true)]).collect();
        let silent = whole.is_some_and(|whole| whole.silent)
            || comparison.rows.iter().any(|row| {
                row.told.series.readings().any(|(period, reading)| {
                    let whole = row.whole(period).ok().and_then(|whole| whole.to_u64());
                    reading.value.to_u64().zip(whole).is_none_or(|(part, whole)| rule.share(part, whole).is_err())
                })
            });
        let hides = |cells: &[[Option<Value>; 2]], side: usize| cells.iter().any(|row| row[side].is_some());
        let total = |side: usize| (hides(&cells, side) || whole.is_some_and(|whole| hides(&whole.cells, side))).then_some(Value::Hidden);
        let totals = [total(0), total(1)];
        Self { cells, totals, silent }
    }

    /// Of what one partnership keeps for itself, where a share tells how many of a shared measure of few people it had: the table that all
    /// are in may hide just that, so nothing of it is told anywhere else.
    pub(crate) fn shut(comparison: &Comparison<'_>) -> Self {
        let hide = |row: &Row<'_>, now: bool| row.side(now).amount().map(|_| Value::Hidden);
        let cells = comparison.rows.iter().map(|row| [hide(row, false), hide(row, true)]).collect();
        Self { cells, totals: [Some(Value::Hidden), Some(Value::Hidden)], silent: true }
    }

    pub(crate) fn cell(&self, at: usize, now: bool) -> Option<Value> {
        self.cells[at][usize::from(now)].clone()
    }

    pub(crate) fn total(&self, now: bool) -> Option<Value> {
        self.totals[usize::from(now)].clone()
    }
}

fn kept(shown: Shown) -> Option<Value> {
    match shown {
        Shown::Count(_) | Shown::Absent => None,
        Shown::Fewer(below) => Some(Value::Fewer(below)),
        Shown::Hidden => Some(Value::Hidden),
    }
}
