//! How numbers are shown: as they are, in pounds, in per cent, or as days.

use std::collections::HashMap;

use crate::{
    Fault, Value, date, limits,
    package::{Package, too_large},
    xml::{Piece, Xml},
};

/// What a number is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Plain,
    Percent {
        decimals: usize,
    },
    /// With a sign of money before it.
    Money {
        sign: char,
    },
    Day,
}

/// What each style of a cell shows numbers as.
#[derive(Debug, Default)]
pub(super) struct Styles(Vec<Shown>);

pub(super) fn read(package: &mut Package<'_>, part: &str) -> Result<Styles, Fault> {
    let mut styles = Vec::new();
    let Some(source) = package.part(part)? else { return Ok(Styles(styles)) };
    let mut xml = Xml::new(source);
    let mut codes: HashMap<u32, Shown> = HashMap::new();
    let mut in_cells = false;
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Open(element) => match element.name.as_str() {
                "numFmt" => {
                    let id = element.attribute("numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, element.attribute("formatCode")) {
                        codes.insert(id, of_code(code));
                    }
                    if codes.len() > limits::SHARED {
                        return Err(too_large());
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    if styles.len() == limits::SHARED {
                        return Err(too_large());
                    }
                    let id: u32 = element.attribute("numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                    styles.push(codes.get(&id).copied().unwrap_or_else(|| built_in(id)));
                }
                _ => {}
            },
            Piece::Close(name) if name == "cellXfs" => in_cells = false,
            Piece::Close(_) | Piece::Text(_) => {}
        }
    }
    Ok(Styles(styles))
}

impl Styles {
    pub(super) fn of(&self, style: Option<&str>) -> Shown {
        let index: usize = style.and_then(|style| style.parse().ok()).unwrap_or(0);
        self.0.get(index).copied().unwrap_or(Shown::Plain)
    }
}

/// The formats that every spreadsheet knows by number.
fn built_in(id: u32) -> Shown {
    match id {
        9 => Shown::Percent { decimals: 0 },
        10 => Shown::Percent { decimals: 2 },
        // The money of the machine's own region, which is ours.
        5..=8 | 42 | 44 => Shown::Money { sign: '£' },
        14..=22 | 27..=36 | 45..=47 | 50..=58 => Shown::Day,
        _ => Shown::Plain,
    }
}

/// What a format's code makes of a positive number.
fn of_code(code: &str) -> Shown {
    let code = code.split(';').next().unwrap_or_default();
    let mut bare = String::new();
    let mut sign = None;
    let (mut quoted, mut bracketed) = (false, false);
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        if matches!(letter, '£' | '$' | '€') && !(bracketed && letter == '$') {
            sign = sign.or(Some(letter));
        }
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracketed = true,
            ']' => bracketed = false,
            // Hours that go on past a day are in brackets; colours and conditions are longer.
            _ if bracketed => {}
            '\\' | '_' | '*' => {
                letters.next();
            }
            _ => bare.extend(letter.to_lowercase()),
        }
    }
    if bare.contains('%') {
        let decimals = bare.split_once('.').map_or(0, |(_, after)| after.chars().take_while(|c| matches!(c, '0' | '#' | '?')).count());
        return Shown::Percent { decimals: decimals.min(15) };
    }
    if let Some(sign) = sign {
        return Shown::Money { sign };
    }
    let elapsed = ["[h", "[m", "[s"].iter().any(|start| code.to_lowercase().contains(start)) && !code.to_lowercase().contains("[magenta");
    if elapsed || (bare != "general" && bare.contains(['d', 'm', 'y', 'h', 's'])) {
        return Shown::Day;
    }
    Shown::Plain
}

/// A number of a sheet, as the sheet means it. None if it is none.
pub(super) fn value(written: &str, shown: Shown, from_1904: bool) -> Option<Value> {
    let number: f64 = written.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    if shown == Shown::Day {
        return Some(match date::of_serial(number, from_1904) {
            Some(day) => Value::Date(day),
            None => Value::Date(written.trim().to_owned()),
        });
    }
    let digits = plain_digits(number)?;
    let shown = match shown {
        Shown::Percent { decimals } => format!("{}%", percent(number, decimals)?),
        Shown::Money { sign } => {
            // Pence are two, or none.
            let pence = if digits.split_once('.').is_some_and(|(_, pence)| pence.len() == 1) { "0" } else { "" };
            match digits.strip_prefix('-') {
                Some(digits) => format!("-{sign}{digits}{pence}"),
                None => format!("{sign}{digits}{pence}"),
            }
        }
        Shown::Plain | Shown::Day => digits.clone(),
    };
    Some(Value::Number { digits, shown })
}

/// To the decimals that the sheet shows, as the sheet rounds: on the digits people see, not on the binary number.
fn percent(number: f64, decimals: usize) -> Option<String> {
    let digits = plain_digits(number * 100.0)?;
    let precise: f64 = digits.parse().ok()?;
    Some(format!("{precise:.decimals$}"))
}

/// All the digits a spreadsheet knows, which are fifteen, without an exponent.
fn plain_digits(number: f64) -> Option<String> {
    // Larger than any figure, and smaller than any that counts.
    if number.abs() >= 1e20 {
        return None;
    }
    if number.abs() < 1e-12 {
        return Some("0".to_owned());
    }
    let precise: f64 = format!("{number:.14e}").parse().ok()?;
    let text = precise.to_string();
    Some(text).filter(|text| !text.contains(['e', 'E']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_what_a_number_is() {
        for (code, shown) in [
            ("General", Shown::Plain),
            ("#,##0.00", Shown::Plain),
            ("0%", Shown::Percent { decimals: 0 }),
            ("0.0%", Shown::Percent { decimals: 1 }),
            ("\"£\"#,##0", Shown::Money { sign: '£' }),
            ("[$£-809]#,##0.00;[Red]-[$£-809]#,##0.00", Shown::Money { sign: '£' }),
            ("[$€-407]#,##0", Shown::Money { sign: '€' }),
            ("$#,##0", Shown::Money { sign: '$' }),
            ("dd/mm/yyyy", Shown::Day),
            ("mmm-yy", Shown::Day),
            ("[h]:mm", Shown::Day),
            ("0 \"days\"", Shown::Plain),
            ("[Red]0", Shown::Plain),
            ("0\\d", Shown::Plain),
        ] {
            assert_eq!(of_code(code), shown, "{code}");
        }
    }

    #[test]
    fn numbers_have_the_digits_people_see() {
        let shown = |written: &str, shown| value(written, shown, false).map(|value| value.text().to_owned());
        assert_eq!(shown("1234", Shown::Plain).as_deref(), Some("1234"));
        assert_eq!(shown("0.1", Shown::Plain).as_deref(), Some("0.1"));
        assert_eq!(shown("96466.500000000015", Shown::Plain).as_deref(), Some("96466.5"));
        assert_eq!(shown("1.2E+3", Shown::Plain).as_deref(), Some("1200"));
        assert_eq!(shown("1E-20", Shown::Plain).as_deref(), Some("0"));
        assert_eq!(shown("1E300", Shown::Plain), None);
        assert_eq!(shown("NaN", Shown::Plain), None);
        assert_eq!(shown("0.61", Shown::Percent { decimals: 0 }).as_deref(), Some("61%"));
        assert_eq!(shown("0.615", Shown::Percent { decimals: 1 }).as_deref(), Some("61.5%"));
        assert_eq!(shown("96466.5", Shown::Money { sign: '£' }).as_deref(), Some("£96466.50"));
        assert_eq!(shown("-3", Shown::Money { sign: '£' }).as_deref(), Some("-£3"));
        assert_eq!(value("44592", Shown::Day, false), Some(Value::Date("2022-01-31".into())));
    }
}
