//! Small numbers of a sensitive indicator: what of a table may be printed so that none can be worked out.
//!
//! A count of one to four, of hate crimes in a district or of domestic homicides, can point to a person. It is
//! printed "fewer than 5" (*primary* suppression). That is not enough: where a total is printed, the rest
//! of its column subtracted from it gives the number back. So one more partnership of the column is hidden
//! (*complementary* suppression), or the total is.
//!
//! The promise is stronger than that nobody can work a number out: with everything that is printed, and with
//! these rules in hand, each of the numbers 1, 2, 3 and 4 stays possible for every cell printed "fewer than
//! 5". It holds because
//!
//! * which cells are hidden depends only on which are small, and that is printed; the further cell is chosen by
//!   residents, never by its value. (Hiding the smallest of the others would say that it is the smallest.)
//! * a total is printed only where the hidden cells sum to enough: with `k` small cells below `t`, to at least
//!   `(t − 1)k + t`. Whatever the small cells are, the further one can make up the difference as a number
//!   that would not have been small itself.
//! * where it is not enough the total is hidden and *so stays the further cell*: shown, it would say
//!   that the sum was not enough, and by how much.
//! * a partnership's sum over the periods is printed only where none of its cells is hidden, so no equation
//!   ties one column to another; the sum of everything only where every total is.
//!
//! Changes, rates, averages and charts are made from what is shown, by the methods here, and refused where any
//! of it is hidden. One table has one total for each period: who prints a second one, over fewer partnerships, must make
//! a table of those, not print both.

use std::fmt;

use rust_decimal::Decimal;

use super::{
    percent::{Rate, Share},
    refusal::Refusal,
    xmr::Point,
};
use crate::{partnership::OnsCode, period::Period, text::thousands};

/// What a committee decided about small numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Counts below this and above zero are small.
    pub below: u32,
    /// What is given up for them.
    pub keep: Keep,
}

/// A small cell costs either one more cell or the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Print the total wherever that is safe, and hide one partnership more.
    Total,
    /// Print every cell that is not small, and hide the total.
    Cells,
}

impl Default for Rule {
    /// Fewer than five, and keep the total.
    fn default() -> Self {
        Self { below: 5, keep: Keep::Total }
    }
}

impl Rule {
    /// Whether `count` is small. None at all is not: it is nobody.
    pub fn is_small(self, count: u64) -> bool {
        count > 0 && count < u64::from(self.below)
    }

    /// A share that may be printed: neither those in it nor those outside it are few.
    pub fn share(self, part: u64, whole: u64) -> Result<Option<Share>, Refusal> {
        if self.is_small(part) || self.is_small(whole.saturating_sub(part)) || self.is_small(whole) {
            return Err(Refusal::SmallNumbers);
        }
        Ok(Share::of(Decimal::from(part), Decimal::from(whole)))
    }
}

/// One partnership's counts, one for each period of the table; `None` where there is no figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its code.
    pub code: OnsCode,
    /// Its residents, which decide whose cell is hidden besides.
    pub people: u64,
    /// The counts, in the order of the periods.
    pub counts: Vec<Option<u64>>,
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    /// The number.
    Count(u64),
    /// That it is small, and below what.
    Fewer(u32),
    /// Nothing, to protect a small number elsewhere.
    Hidden,
    /// There is no figure.
    Absent,
}

impl Shown {
    /// The number, if it may be read.
    pub fn count(self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Fewer(_) | Self::Hidden | Self::Absent => None,
        }
    }

    fn is_kept_back(self) -> bool {
        matches!(self, Self::Fewer(_) | Self::Hidden)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => f.write_str(&thousands(&count.to_string())),
            Self::Fewer(below) => write!(f, "fewer than {below}"),
            Self::Hidden => f.write_str("not shown"),
            Self::Absent => f.write_str("no figure"),
        }
    }
}

/// A table as it may be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    periods: Vec<Period>,
    /// By partnership, then by period.
    cells: Vec<Vec<Shown>>,
    totals: Vec<Shown>,
    sums: Vec<Shown>,
    all: Shown,
}

impl Published {
    /// What may be printed of `rows` over `periods`. A row with fewer counts than there are periods has no
    /// figures for the rest.
    pub fn new(periods: Vec<Period>, rows: &[Row], rule: Rule) -> Self {
        let columns: Vec<(Vec<Shown>, Shown)> = (0..periods.len()).map(|column| suppress(rows, column, rule)).collect();
        let cells: Vec<Vec<Shown>> = (0..rows.len()).map(|row| columns.iter().map(|(cells, _)| cells[row]).collect()).collect();
        let totals: Vec<Shown> = columns.iter().map(|(_, total)| *total).collect();
        let sums = cells.iter().map(|row| sum(row)).collect();
        let all = sum(&totals);
        Self { periods, cells, totals, sums, all }
    }

    /// One cell.
    pub fn cell(&self, row: usize, column: usize) -> Shown {
        self.cells[row][column]
    }

    /// The total of a period, over all who have a figure.
    pub fn total(&self, column: usize) -> Shown {
        self.totals[column]
    }

    /// A partnership's sum over all periods.
    pub fn sum(&self, row: usize) -> Shown {
        self.sums[row]
    }

    /// The sum of everything.
    pub fn all(&self) -> Shown {
        self.all
    }

    /// The change of a partnership's count from one period to another.
    pub fn change(&self, row: usize, from: usize, to: usize) -> Result<Decimal, Refusal> {
        difference(self.cell(row, from), self.cell(row, to), self.periods[from])
    }

    /// The change of the total.
    pub fn total_change(&self, from: usize, to: usize) -> Result<Decimal, Refusal> {
        difference(self.total(from), self.total(to), self.periods[from])
    }

    /// A partnership's rate among `people`.
    pub fn rate(&self, row: usize, column: usize, people: u64) -> Result<Rate, Refusal> {
        rate(self.cell(row, column), people, self.periods[column])
    }

    /// The region's rate among `people`.
    pub fn total_rate(&self, column: usize, people: u64) -> Result<Rate, Refusal> {
        rate(self.total(column), people, self.periods[column])
    }

    /// The rates that an average over the partnerships `rows` is made of, each with its residents. Refused where any
    /// is kept back: an average weighs the cells otherwise than the total does, and the two together would tell
    /// them apart.
    pub fn rates(&self, rows: &[(usize, u64)], column: usize) -> Result<Vec<Rate>, Refusal> {
        rows.iter().map(|(row, people)| self.rate(*row, column, *people)).collect()
    }

    /// A partnership's points, for a chart. Refused where any is kept back: a mean over all of them would tell it.
    pub fn points(&self, row: usize) -> Result<Vec<Point>, Refusal> {
        points(&self.periods, &self.cells[row])
    }

    /// The totals' points, for a chart.
    pub fn total_points(&self) -> Result<Vec<Point>, Refusal> {
        points(&self.periods, &self.totals)
    }
}

/// One column, and its total.
fn suppress(rows: &[Row], column: usize, rule: Rule) -> (Vec<Shown>, Shown) {
    let count = |row: &Row| row.counts.get(column).copied().flatten();
    let mut cells: Vec<Shown> = rows
        .iter()
        .map(|row| match count(row) {
            None => Shown::Absent,
            Some(count) if rule.is_small(count) => Shown::Fewer(rule.below),
            Some(count) => Shown::Count(count),
        })
        .collect();
    if cells.iter().all(|cell| *cell == Shown::Absent) {
        return (cells, Shown::Absent);
    }
    let total: u64 = rows.iter().filter_map(count).sum();
    let small = cells.iter().filter(|cell| cell.is_kept_back()).count() as u64;
    if small == 0 {
        return (cells, Shown::Count(total));
    }
    // By residents, and by code where those are equal: both are public, so the choice says nothing.
    let further = (0..rows.len())
        .filter(|row| cells[*row].count().is_some())
        .max_by(|a, b| (rows[*a].people, &rows[*b].code).cmp(&(rows[*b].people, &rows[*a].code)));
    let (Keep::Total, Some(further)) = (rule.keep, further) else { return (cells, Shown::Hidden) };
    cells[further] = Shown::Hidden;
    let kept_back: u64 = rows.iter().zip(&cells).filter(|(_, cell)| cell.is_kept_back()).filter_map(|(row, _)| count(row)).sum();
    let below = u64::from(rule.below);
    let enough = kept_back >= (below - 1) * small + below;
    (cells, if enough { Shown::Count(total) } else { Shown::Hidden })
}

/// The sum of what is shown, or that something is not.
fn sum(cells: &[Shown]) -> Shown {
    if cells.iter().any(|cell| cell.is_kept_back()) {
        return Shown::Hidden;
    }
    cells.iter().map(|cell| cell.count()).sum::<Option<u64>>().map_or(Shown::Absent, Shown::Count)
}

fn readable(cell: Shown, period: Period) -> Result<Decimal, Refusal> {
    match cell {
        Shown::Count(count) => Ok(Decimal::from(count)),
        Shown::Fewer(_) | Shown::Hidden => Err(Refusal::SmallNumbers),
        Shown::Absent => Err(Refusal::NothingToCompare { period }),
    }
}

fn difference(from: Shown, to: Shown, period: Period) -> Result<Decimal, Refusal> {
    Ok(readable(to, period)? - readable(from, period)?)
}

fn rate(cell: Shown, people: u64, period: Period) -> Result<Rate, Refusal> {
    Rate::of(readable(cell, period)?, people).ok_or(Refusal::NoPopulation { period })
}

fn points(periods: &[Period], cells: &[Shown]) -> Result<Vec<Point>, Refusal> {
    if cells.iter().any(|cell| cell.is_kept_back()) {
        return Err(Refusal::SmallNumbers);
    }
    Ok(periods.iter().zip(cells).filter_map(|(period, cell)| Some(Point::new(*period, Decimal::from(cell.count()?)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gateshead is the smallest here, Newcastle the largest.
    fn table(counts: [[Option<u64>; 2]; 3], keep: Keep) -> Published {
        let people = [201_950, 306_824, 277_846];
        let codes = ["E22000244", "E22000245", "E22000248"];
        let rows: Vec<Row> =
            (0..3).map(|at| Row { code: codes[at].parse().unwrap(), people: people[at], counts: counts[at].to_vec() }).collect();
        Published::new(vec!["2020-q3".parse().unwrap(), "2021-q3".parse().unwrap()], &rows, Rule { keep, ..Rule::default() })
    }

    fn print(published: &Published) -> String {
        let mut lines: Vec<String> =
            (0..3).map(|row| format!("{} | {} | {}", published.cell(row, 0), published.cell(row, 1), published.sum(row))).collect();
        lines.push(format!("{} | {} | {}", published.total(0), published.total(1), published.all()));
        lines.join("\n")
    }

    #[test]
    fn a_small_number_takes_one_more_with_it_and_the_total_stays() {
        let published = table([[Some(3), Some(7)], [Some(12), Some(15)], [Some(9), Some(0)]], Keep::Total);
        insta::assert_snapshot!(print(&published), @r"
        fewer than 5 | 7 | not shown
        not shown | 15 | not shown
        9 | 0 | 9
        24 | 22 | 46
        ");
    }

    #[test]
    fn or_every_other_number_stays_and_the_total_goes() {
        let published = table([[Some(3), Some(7)], [Some(12), Some(15)], [Some(9), Some(0)]], Keep::Cells);
        insta::assert_snapshot!(print(&published), @r"
        fewer than 5 | 7 | not shown
        12 | 15 | 27
        9 | 0 | 9
        not shown | 22 | not shown
        ");
    }

    #[test]
    fn a_total_that_would_tell_goes_too() {
        // 3 and 5 would be 8: at least one of the possible small numbers would leave a small number for Newcastle.
        let published = table([[Some(3), None], [Some(5), None], [Some(9), None]], Keep::Total);
        insta::assert_snapshot!(print(&published), @r"
        fewer than 5 | no figure | not shown
        not shown | no figure | not shown
        9 | no figure | no figure
        not shown | no figure | not shown
        ");
    }

    #[test]
    fn nothing_is_computed_from_what_is_not_shown() {
        let published = table([[Some(3), Some(7)], [Some(12), Some(15)], [Some(9), Some(0)]], Keep::Total);
        assert_eq!(published.change(0, 0, 1), Err(Refusal::SmallNumbers));
        assert_eq!(published.change(1, 0, 1), Err(Refusal::SmallNumbers));
        assert_eq!(published.change(2, 0, 1), Ok(Decimal::from(-9)));
        assert_eq!(published.total_change(0, 1), Ok(Decimal::from(-2)));
        assert_eq!(published.rate(0, 0, 201_950), Err(Refusal::SmallNumbers));
        assert!(published.total_rate(0, 786_620).is_ok());
        assert_eq!(published.points(1), Err(Refusal::SmallNumbers));
        assert_eq!(published.total_points().unwrap().len(), 2);
        assert_eq!(published.rates(&[(0, 201_950), (2, 277_846)], 0), Err(Refusal::SmallNumbers));
        assert_eq!(published.rates(&[(0, 201_950), (2, 277_846)], 1).unwrap().len(), 2);
    }

    #[test]
    fn a_share_hides_the_few_on_either_side() {
        let rule = Rule::default();
        assert_eq!(rule.share(3, 40), Err(Refusal::SmallNumbers));
        assert_eq!(rule.share(38, 40), Err(Refusal::SmallNumbers));
        assert_eq!(rule.share(20, 40).unwrap().unwrap().to_string(), "50.0%");
        assert_eq!(rule.share(40, 40).unwrap().unwrap().to_string(), "100.0%");
        assert_eq!(rule.share(0, 0), Ok(None));
    }
}
