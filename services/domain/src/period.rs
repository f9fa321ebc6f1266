//! Labelled intervals of days: what a figure or a report is about.

use std::{fmt, str::FromStr};

use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::text::Refused;

/// A financial year, which in the United Kingdom's public bodies begins on 1 April. Named by the
/// calendar year it begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FinancialYear(pub i32);

impl fmt::Display for FinancialYear {
    /// `2021/22`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:02}", self.0, (self.0 + 1).rem_euclid(100))
    }
}

/// A quarter of a financial year: the first is April to June.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: FinancialYear,
    number: u8,
}

impl Quarter {
    /// The `number`th quarter (1 to 4) of the financial year beginning in April of `year`.
    pub fn new(year: i32, number: u8) -> Result<Self, Refused> {
        if !(1990..=2200).contains(&year) {
            return Err(Refused::new("must be a year between 1990 and 2200"));
        }
        if !(1..=4).contains(&number) {
            return Err(Refused::new("must be a quarter from 1 (April to June) to 4 (January to March)"));
        }
        Ok(Self { year: FinancialYear(year), number })
    }

    /// The quarter that `day` is in.
    pub fn containing(day: NaiveDate) -> Self {
        let months_since_april = (day.month0() + 9) % 12;
        let year = if day.month() >= 4 { day.year() } else { day.year() - 1 };
        Self { year: FinancialYear(year), number: u8::try_from(months_since_april / 3 + 1).unwrap_or(1) }
    }

    /// Its financial year.
    pub fn year(self) -> FinancialYear {
        self.year
    }

    /// 1 to 4.
    pub fn number(self) -> u8 {
        self.number
    }

    /// The next quarter.
    #[must_use]
    pub fn next(self) -> Self {
        if self.number == 4 {
            Self { year: FinancialYear(self.year.0 + 1), number: 1 }
        } else {
            Self { year: self.year, number: self.number + 1 }
        }
    }

    /// The quarter before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.number == 1 {
            Self { year: FinancialYear(self.year.0 - 1), number: 4 }
        } else {
            Self { year: self.year, number: self.number - 1 }
        }
    }

    /// Its first day.
    pub fn start(self) -> NaiveDate {
        let april = NaiveDate::from_ymd_opt(self.year.0, 4, 1).expect("1 April is in every year");
        april + Months::new(u32::from(self.number - 1) * 3)
    }

    /// Its last day.
    pub fn end(self) -> NaiveDate {
        self.next().start().pred_opt().expect("there is a day before every quarter")
    }

    /// As an interval of days.
    pub fn period(self) -> Period {
        Period { start: self.start(), end: self.end() }
    }
}

/// An interval of whole days, both included. In messages and files it is written `2021-q3` (a
/// financial quarter), `2021-10` (a month), `2021-fy` (a financial year) or
/// `2021-10-01..2021-12-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// How long a period is. Two periods are of one length when this is equal: a quarter is three months,
/// whether it has 90 days or 92.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// So many whole calendar months.
    Months(u32),
    /// So many days, of a period that does not begin and end with a month.
    Days(u32),
}

impl fmt::Display for Length {
    /// `3 months`, `1 day`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Self::Months(number) => (number, "month"),
            Self::Days(number) => (number, "day"),
        };
        write!(f, "{number} {unit}{}", if *number == 1 { "" } else { "s" })
    }
}

/// What shape an interval has.
enum Shape {
    Month,
    Quarter(Quarter),
    Year(FinancialYear),
    Other,
}

impl Period {
    /// From `start` to `end`, both included.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, Refused> {
        let sane = NaiveDate::from_ymd_opt(1990, 1, 1)..=NaiveDate::from_ymd_opt(2200, 12, 31);
        if !sane.contains(&Some(start)) || !sane.contains(&Some(end)) {
            return Err(Refused::new("must lie between 1990 and 2200"));
        }
        if end < start {
            return Err(Refused::new("must not end before it begins"));
        }
        Ok(Self { start, end })
    }

    /// First day.
    pub fn start(self) -> NaiveDate {
        self.start
    }

    /// Last day.
    pub fn end(self) -> NaiveDate {
        self.end
    }

    /// The same days one year earlier; the last day of February stays the last.
    #[must_use]
    pub fn a_year_earlier(self) -> Self {
        let year = Months::new(12);
        let after_end = self.end.succ_opt().map_or(self.end, |day| day - year);
        Self { start: self.start - year, end: after_end.pred_opt().unwrap_or(after_end) }
    }

    /// How long it is.
    pub fn length(self) -> Length {
        let after = self.after();
        if self.start.day() == 1 && after.day() == 1 {
            Length::Months(u32::try_from(months_of(after) - months_of(self.start)).unwrap_or(0))
        } else {
            Length::Days(u32::try_from((after - self.start).num_days()).unwrap_or(0))
        }
    }

    /// The period of the same length that ends the day before this one begins.
    #[must_use]
    pub fn previous(self) -> Self {
        let end = self.start.pred_opt().unwrap_or(self.start);
        let start = match self.length() {
            Length::Months(months) => self.start - Months::new(months),
            Length::Days(days) => self.start - Days::new(days.into()),
        };
        Self { start, end }
    }

    /// The financial year so far: from 1 April to the last day of this period.
    #[must_use]
    pub fn year_to_date(self) -> Self {
        let year = Quarter::containing(self.end).year;
        let april = NaiveDate::from_ymd_opt(year.0, 4, 1).expect("1 April is in every year");
        Self { start: april, end: self.end }
    }

    /// The twelve months that end with this period.
    #[must_use]
    pub fn twelve_months(self) -> Self {
        Self { start: self.after() - Months::new(12), end: self.end }
    }

    /// As far back as a paper about this period looks: five years carry a chart that is still about today, and bound what one paper reads.
    #[must_use]
    pub fn looking_back(self) -> Self {
        Self { start: self.end - Months::new(60), end: self.end }
    }

    /// Whether they have a day in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Whether `next` begins the day after this ends.
    pub fn adjoins(self, next: Self) -> bool {
        self.after() == next.start
    }

    fn after(self) -> NaiveDate {
        self.end.succ_opt().unwrap_or(self.end)
    }

    fn shape(self) -> Shape {
        let quarter = Quarter::containing(self.start);
        let year = FinancialYear(quarter.year.0);
        if quarter.period() == self {
            Shape::Quarter(quarter)
        } else if self.start.day() == 1 && self.start + Months::new(1) == self.end.succ_opt().unwrap_or(self.end) {
            Shape::Month
        } else if quarter.number == 1
            && self.start == quarter.start()
            && self.start + Months::new(12) == self.end.succ_opt().unwrap_or(self.end)
        {
            Shape::Year(year)
        } else {
            Shape::Other
        }
    }

    /// For people: `Q3 2021/22 (October to December 2021)`.
    pub fn label(self) -> String {
        match self.shape() {
            Shape::Quarter(q) => format!("Q{} {} ({})", q.number, q.year, self.months()),
            Shape::Year(year) => format!("{year}"),
            Shape::Month | Shape::Other => self.months(),
        }
    }

    /// For the heads of columns: `Q3 2021/22`.
    pub fn short_label(self) -> String {
        match self.shape() {
            Shape::Quarter(q) => format!("Q{} {}", q.number, q.year),
            Shape::Year(year) => format!("{year}"),
            Shape::Month | Shape::Other => self.months(),
        }
    }

    /// In months or days: `October to December 2021`.
    pub fn months(self) -> String {
        let whole = self.start.day() == 1 && self.end.succ_opt().is_some_and(|d| d.day() == 1);
        if !whole {
            return format!("{} to {}", uk_date(self.start), uk_date(self.end));
        }
        let (start, end) = (self.start, self.end);
        if start.year() == end.year() && start.month() == end.month() {
            start.format("%B %Y").to_string()
        } else if start.year() == end.year() {
            format!("{} to {}", start.format("%B"), end.format("%B %Y"))
        } else {
            format!("{} to {}", start.format("%B %Y"), end.format("%B %Y"))
        }
    }
}

/// Months since the year 0.
fn months_of(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// `12 January 2022`.
pub fn uk_date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

impl fmt::Display for Period {
    /// The written form that [`Period::from_str`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape() {
            Shape::Quarter(q) => write!(f, "{}-q{}", q.year.0, q.number),
            Shape::Month => write!(f, "{}", self.start.format("%Y-%m")),
            Shape::Year(year) => write!(f, "{}-fy", year.0),
            Shape::Other => write!(f, "{}..{}", self.start, self.end),
        }
    }
}

impl FromStr for Period {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        parse(text.trim()).ok_or_else(|| {
            Refused::new("must be a period such as 2021-q3 (October to December 2021), 2021-10, 2021-fy or 2021-10-01..2021-12-31")
        })
    }
}

fn parse(text: &str) -> Option<Period> {
    // Numbers read signs; periods have none.
    if text.contains('+') {
        return None;
    }
    if let Some((start, end)) = text.split_once("..") {
        return Period::new(start.parse().ok()?, end.parse().ok()?).ok();
    }
    let (year, rest) = text.split_once('-')?;
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    if rest == "fy" {
        let q1 = Quarter::new(year, 1).ok()?;
        return Period::new(q1.start(), Quarter::new(year, 4).ok()?.end()).ok();
    }
    if let Some(number) = rest.strip_prefix('q') {
        return Some(Quarter::new(year, number.parse().ok()?).ok()?.period());
    }
    if rest.len() != 2 {
        return None;
    }
    let start = NaiveDate::from_ymd_opt(year, rest.parse().ok()?, 1)?;
    Period::new(start, (start + Months::new(1)).pred_opt()?).ok()
}

impl TryFrom<String> for Period {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_third_quarter_is_october_to_december() {
        let q3: Period = "2021-q3".parse().unwrap();
        assert_eq!((q3.start(), q3.end()), (day("2021-10-01"), day("2021-12-31")));
        assert_eq!(q3.label(), "Q3 2021/22 (October to December 2021)");
        assert_eq!(q3.a_year_earlier().to_string(), "2020-q3");
        assert_eq!(Quarter::containing(day("2022-02-01")).period().label(), "Q4 2021/22 (January to March 2022)");
    }

    #[test]
    fn the_fourth_quarter_of_a_leap_year_compares_with_a_whole_quarter() {
        let february: Period = "2024-02".parse().unwrap();
        assert_eq!(february.a_year_earlier().to_string(), "2023-02");
        assert_eq!("2025-02".parse::<Period>().unwrap().a_year_earlier().to_string(), "2024-02");
    }

    #[test]
    fn every_period_reads_back_as_it_is_written() {
        for text in ["2021-q1", "2021-q4", "2021-10", "2021-fy", "2021-10-02..2021-10-30", "1999-q4"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for bad in [
            "2026-q+1",
            "2026-+1",
            "+2026-10-01..2026-10-31",
            "",
            "2021",
            "2021-q5",
            "2021-13",
            "2021-10-31..2021-10-01",
            "21-q3",
            "2021-1",
            "9999-q1",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad:?} should be refused");
        }
    }

    #[test]
    fn length_counts_months_where_it_can_and_days_where_it_must() {
        let of = |text: &str| text.parse::<Period>().unwrap();
        assert_eq!(of("2021-q3").length(), Length::Months(3));
        assert_eq!(of("2024-02").length(), of("2023-02").length());
        assert_eq!(of("2021-10-02..2021-10-30").length().to_string(), "29 days");
        assert_eq!(of("2021-fy").length().to_string(), "12 months");
        assert_eq!(of("2021-q1").previous().to_string(), "2020-q4");
        assert_eq!(of("2024-03").previous().to_string(), "2024-02");
        assert_eq!(of("2021-10-02..2021-10-30").previous().to_string(), "2021-09-03..2021-10-01");
    }

    #[test]
    fn the_year_to_date_begins_in_april_and_twelve_months_end_with_the_period() {
        let q4: Period = "2021-q4".parse().unwrap();
        assert_eq!(q4.year_to_date().to_string(), "2021-fy");
        assert_eq!("2021-q3".parse::<Period>().unwrap().year_to_date().months(), "April to December 2021");
        assert_eq!("2021-q3".parse::<Period>().unwrap().twelve_months().months(), "January to December 2021");
        assert_eq!("2024-02".parse::<Period>().unwrap().twelve_months().months(), "March 2023 to February 2024");
    }

    #[test]
    fn quarters_follow_each_other_without_gap() {
        let mut quarter = Quarter::new(2019, 1).unwrap();
        for _ in 0..40 {
            assert_eq!(quarter.end().succ_opt().unwrap(), quarter.next().start());
            assert_eq!(quarter.next().previous(), quarter);
            assert_eq!(Quarter::containing(quarter.start()), quarter);
            assert_eq!(Quarter::containing(quarter.end()), quarter);
            quarter = quarter.next();
        }
    }
}
