//! Percentages, percentage points and rates: three things that look alike and are not.
//!
//! A [`Share`] is a part of a whole: 70% feel safe. From 70% to 80% is ten [`PercentagePoints`], and at
//! the same time a rise of 14.3 [`Percent`]; a paper that says "10%" has said something untrue. With
//! three types the compiler asks which is meant.

use std::{cmp::Ordering, fmt};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::text::thousands;

/// Rounds for print: halves away from zero, so that a rise and a fall of 0.25 print alike. The one place
/// where results of this module lose digits.
///
/// Division keeps 28 digits. Two amounts of at most fourteen digits give a quotient that is either
/// exactly a tie or further from it than those digits reach, so the digit printed is the true one.
pub fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// `+5.0`, `−28.8`, `0.0`: with its sign, to `places` decimals.
fn signed(value: Decimal, places: u32) -> String {
    let value = rounded(value, places);
    let sign = if value.is_zero() || value.is_sign_negative() { "" } else { "+" };
    let value = if value.is_zero() { Decimal::ZERO } else { value };
    format!("{sign}{}", thousands(&format!("{value:.*}", places as usize)))
}

/// A change of an amount, as a percentage of where it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(Decimal);

impl Percent {
    /// From `before` to `after`. None from nothing: there is no percentage of zero.
    pub fn change(before: Decimal, after: Decimal) -> Option<Self> {
        (after - before).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(before).map(Self)
    }

    /// To one decimal place.
    pub fn to_a_tenth(self) -> Decimal {
        rounded(self.0, 1)
    }
}

impl fmt::Display for Percent {
    /// `−28.8%`. A change that rounds to nothing is not printed as nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() {
            f.write_str("no change")
        } else if self.to_a_tenth().is_zero() {
            f.write_str(if self.0.is_sign_negative() { "down by less than 0.1%" } else { "up by less than 0.1%" })
        } else {
            write!(f, "{}%", signed(self.0, 1))
        }
    }
}

/// A part of a whole, kept as both: a percentage without its counts cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    part: Decimal,
    whole: Decimal,
}

impl Share {
    /// `part` of `whole`. None where there is no whole, or the part is not inside it.
    pub fn of(part: Decimal, whole: Decimal) -> Option<Self> {
        (whole > Decimal::ZERO && part >= Decimal::ZERO && part <= whole).then_some(Self { part, whole })
    }

    /// The part.
    pub fn part(self) -> Decimal {
        self.part
    }

    /// The whole.
    pub fn whole(self) -> Decimal {
        self.whole
    }

    /// From 0 to 100, as exactly as 28 digits can say.
    pub fn in_percent(self) -> Decimal {
        // The part is not larger than the whole, so neither step overflows.
        self.part / self.whole * Decimal::ONE_HUNDRED
    }

    /// How far it moved since `earlier`.
    pub fn since(self, earlier: Self) -> PercentagePoints {
        PercentagePoints(self.in_percent() - earlier.in_percent())
    }
}

impl fmt::Display for Share {
    /// `71.3%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}%", rounded(self.in_percent(), 1))
    }
}

/// The difference of two shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PercentagePoints(Decimal);

impl PercentagePoints {
    /// To one decimal place.
    pub fn to_a_tenth(self) -> Decimal {
        rounded(self.0, 1)
    }
}

impl fmt::Display for PercentagePoints {
    /// `+10.0 percentage points`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} percentage points", signed(self.0, 1))
    }
}

/// So many for each thousand residents, kept as the count and the residents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: Decimal,
    people: u64,
}

impl Rate {
    /// `count` among `people`. None among nobody.
    pub fn of(count: Decimal, people: u64) -> Option<Self> {
        (people > 0).then_some(Self { count, people })
    }

    /// For each thousand, as exactly as 28 digits can say.
    pub fn per_thousand(self) -> Decimal {
        self.count / Decimal::from(self.people) * Decimal::ONE_THOUSAND
    }

    /// Which of the two is higher, without dividing.
    pub fn compare(self, other: Self) -> Ordering {
        (self.count * Decimal::from(other.people)).cmp(&(other.count * Decimal::from(self.people)))
    }
}

impl fmt::Display for Rate {
    /// `2.55 per 1,000 residents`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per 1,000 residents", thousands(&format!("{:.2}", rounded(self.per_thousand(), 2))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn from_70_to_80_percent_is_ten_points_and_not_ten_percent() {
        // A paper of 2012 called this "10% increase (80%)".
        let (before, after) = (Share::of(dec("70"), dec("100")).unwrap(), Share::of(dec("80"), dec("100")).unwrap());
        assert_eq!(after.since(before).to_string(), "+10.0 percentage points");
        assert_eq!(Percent::change(before.in_percent(), after.in_percent()).unwrap().to_string(), "+14.3%");
    }

    #[test]
    fn halves_go_away_from_zero_on_both_sides() {
        assert_eq!(Percent::change(dec("2000"), dec("2001")).unwrap().to_string(), "+0.1%");
        assert_eq!(Percent::change(dec("2000"), dec("1999")).unwrap().to_string(), "−0.1%");
        assert_eq!(Percent::change(dec("400"), dec("401")).unwrap().to_a_tenth(), dec("0.3"));
    }

    #[test]
    fn a_change_too_small_to_print_is_not_printed_as_none() {
        assert_eq!(Percent::change(dec("10000"), dec("10001")).unwrap().to_string(), "up by less than 0.1%");
        assert_eq!(Percent::change(dec("10000"), dec("9999")).unwrap().to_string(), "down by less than 0.1%");
        assert_eq!(Percent::change(dec("7"), dec("7")).unwrap().to_string(), "no change");
        assert_eq!(Percent::change(dec("0"), dec("7")), None);
    }

    #[test]
    fn a_part_is_inside_its_whole() {
        assert_eq!(Share::of(dec("3"), dec("2")), None);
        assert_eq!(Share::of(dec("0"), dec("0")), None);
        assert_eq!(Share::of(dec("-1"), dec("2")), None);
        assert_eq!(Share::of(dec("1"), dec("3")).unwrap().to_string(), "33.3%");
    }

    #[test]
    fn gateshead_has_a_lower_burglary_rate_than_newcastle() {
        // October to December 2021, police-recorded, mid-2020 residents.
        let (gateshead, newcastle) = (Rate::of(dec("206"), 201_950).unwrap(), Rate::of(dec("516"), 306_824).unwrap());
        assert_eq!(gateshead.to_string(), "1.02 per 1,000 residents");
        assert_eq!(newcastle.to_string(), "1.68 per 1,000 residents");
        assert_eq!(gateshead.compare(newcastle), Ordering::Less);
        assert_eq!(Rate::of(dec("1"), 0), None);
    }
}
