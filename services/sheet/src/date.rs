//! Days as a spreadsheet counts them.

use chrono::{Days, NaiveDate};

/// The day of a serial number, `2022-01-31`, with the time of day where it has one. None before 1900 and after 9999.
pub(crate) fn of_serial(serial: f64, from_1904: bool) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let (mut days, seconds) = (serial.trunc() as u64, (serial.fract() * 86_400.0).round() as u64);
    if seconds == 86_400 {
        days += 1;
    }
    let seconds = seconds % 86_400;
    // Spreadsheets count a 29 February 1900 that never was.
    let first = match (from_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        (false, 0..60) => NaiveDate::from_ymd_opt(1899, 12, 31)?,
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30)?,
    };
    let day = first.checked_add_days(Days::new(days))?;
    Some(if seconds == 0 { day.to_string() } else { format!("{day} {:02}:{:02}", seconds / 3_600, seconds / 60 % 60) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_days() {
        let day = |serial| of_serial(serial, false).unwrap();
        assert_eq!(day(1.0), "1900-01-01");
        assert_eq!(day(61.0), "1900-03-01");
        assert_eq!(day(44_592.0), "2022-01-31");
        assert_eq!(day(44_592.604_166_67), "2022-01-31 14:30");
        assert_eq!(of_serial(43_130.0, true).unwrap(), "2022-01-31");
        assert_eq!(of_serial(-1.0, false), None);
        assert_eq!(of_serial(f64::NAN, false), None);
    }
}
