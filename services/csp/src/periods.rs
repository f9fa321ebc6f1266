//! Neighbours of a period, as the contract writes periods.

use chrono::{Datelike as _, Months, NaiveDate};

/// The same period a year before: `2020-q3` of `2021-q3`. None of what is not a period.
pub(crate) fn year_before(period: &str) -> Option<String> {
    if let Some((start, end)) = period.split_once("..") {
        return Some(format!("{}..{}", a_year_earlier(start)?, a_year_earlier(end)?));
    }
    let (year, rest) = period.split_at_checked(4)?;
    Some(format!("{:04}{rest}", year.parse::<u16>().ok()?.checked_sub(1)?)).filter(|_| rest.starts_with('-'))
}

/// The period of the same length before this one: `2021-q2` of `2021-q3`, `2020-q4` of `2021-q1`.
pub(crate) fn before(period: &str) -> Option<String> {
    if let Some((start, end)) = period.split_once("..") {
        let (start, end): (NaiveDate, NaiveDate) = (start.parse().ok()?, end.parse().ok()?);
        let last = start.pred_opt()?;
        // Whole months are counted as months.
        let months = (end.succ_opt()?.year() - start.year()) * 12 + i32::try_from(end.succ_opt()?.month()).ok()?
            - i32::try_from(start.month()).ok()?;
        let first = if start.day() == 1 && end.succ_opt()?.day() == 1 {
            start.checked_sub_months(Months::new(u32::try_from(months).ok()?))?
        } else {
            start.checked_sub_signed(end.succ_opt()? - start)?
        };
        return Some(format!("{first}..{last}"));
    }
    let (year, rest) = period.split_at_checked(4)?;
    let year: u16 = year.parse().ok()?;
    let earlier = year.checked_sub(1)?;
    match rest.strip_prefix('-')? {
        "fy" => Some(format!("{earlier:04}-fy")),
        "q1" => Some(format!("{earlier:04}-q4")),
        quarter @ ("q2" | "q3" | "q4") => Some(format!("{year:04}-q{}", quarter[1..].parse::<u8>().ok()? - 1)),
        month => match month.parse::<u8>().ok()? {
            1 => Some(format!("{earlier:04}-12")),
            month @ 2..=12 => Some(format!("{year:04}-{:02}", month - 1)),
            _ => None,
        },
    }
}

/// Its last day: `2021-12-31` of `2021-q3`. None of what is not a period.
pub(crate) fn end(period: &str) -> Option<String> {
    if let Some((_, end)) = period.split_once("..") {
        return Some(end.to_owned());
    }
    let (year, rest) = period.split_at_checked(4)?;
    let year: i32 = year.parse().ok()?;
    // The first day after it.
    let (year, month) = match rest.strip_prefix('-')? {
        "fy" | "q4" => (year + 1, 4),
        "q1" => (year, 7),
        "q2" => (year, 10),
        "q3" => (year + 1, 1),
        month => match month.parse::<u32>().ok()? {
            12 => (year + 1, 1),
            month => (year, month + 1),
        },
    };
    Some(NaiveDate::from_ymd_opt(year, month, 1)?.pred_opt()?.to_string())
}

fn a_year_earlier(day: &str) -> Option<String> {
    let day: NaiveDate = day.parse().ok()?;
    // The last day of February stays the last day.
    let next = day.succ_opt()?.checked_sub_months(Months::new(12))?;
    Some(next.pred_opt()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_with_its_last_day() {
        for (period, day) in [
            ("2021-q3", "2021-12-31"),
            ("2021-q4", "2022-03-31"),
            ("2021-fy", "2022-03-31"),
            ("2024-02", "2024-02-29"),
            ("2021-12", "2021-12-31"),
            ("2021-10-02..2021-10-30", "2021-10-30"),
        ] {
            assert_eq!(end(period).as_deref(), Some(day), "{period}");
        }
        assert_eq!(end("2021"), None);
        assert_eq!(end("2021-13"), None);
    }

    #[test]
    fn a_year_before_is_the_same_period() {
        for (period, before) in [
            ("2021-q3", "2020-q3"),
            ("2021-10", "2020-10"),
            ("2021-fy", "2020-fy"),
            ("2021-10-01..2021-12-31", "2020-10-01..2020-12-31"),
            ("2021-02-01..2021-02-28", "2020-02-01..2020-02-29"),
            ("2020-02-01..2020-02-29", "2019-02-01..2019-02-28"),
        ] {
            assert_eq!(year_before(period).as_deref(), Some(before));
        }
        assert_eq!(year_before("soon"), None);
        assert_eq!(year_before(""), None);
    }

    #[test]
    fn the_period_before_ends_the_day_before() {
        for (period, earlier) in [
            ("2021-q3", "2021-q2"),
            ("2021-q1", "2020-q4"),
            ("2021-01", "2020-12"),
            ("2021-10", "2021-09"),
            ("2021-fy", "2020-fy"),
            ("2021-10-01..2021-12-31", "2021-07-01..2021-09-30"),
            ("2021-10-02..2021-10-30", "2021-09-03..2021-10-01"),
        ] {
            assert_eq!(before(period).as_deref(), Some(earlier));
        }
        for wrong in ["soon", "2021-q5", "2021-13", "", "b..a"] {
            assert_eq!(before(wrong), None, "{wrong}");
        }
    }
}
