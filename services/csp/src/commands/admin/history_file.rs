//! A file of published figures, one a row: taken apart into series, with its line for whatever cannot be placed.

use std::{
    collections::{BTreeMap, HashMap},
    io::Read,
};

use csp_proto::v1;
use csp_sheet::notation::{self, Number, Reading};

use crate::error::{Error, Violation};

/// The most rows one file may have: more would not be one unit of work.
const MOST: usize = 200_000;
/// The largest number that travels.
const LARGEST: i64 = 1_000_000_000_000;

/// What was counted in hundredths, by month, and on which line that stands.
type Points = BTreeMap<i32, (i64, u64)>;

/// How the columns may be called. The first name of each is the one that is explained.
const PERIOD: &[&str] = &["period", "month", "quarter"];
const PARTNERSHIP: &[&str] = &["ons_code", "csp24_code", "csp_code", "partnership"];
const CALLED: &[&str] = &["csp_name", "partnership_name"];
const INDICATOR: &[&str] = &["indicator", "crime_type", "offence"];
const VALUE: &[&str] = &["value", "count", "number"];

/// What the names and codes in a file mean.
pub(crate) struct Known {
    /// By code and short name.
    pub(crate) partnerships: HashMap<String, String>,
    /// By short name and by what it is called, in small letters.
    pub(crate) indicators: HashMap<String, String>,
}

/// A file's figures.
#[derive(Debug)]
pub(crate) struct HistoryFile {
    pub(crate) series: Vec<v1::Series>,
    pub(crate) points: usize,
    /// Rows that say themselves that they belong to no partnership, by what they call it.
    pub(crate) of_nobody: BTreeMap<String, usize>,
    /// Rows of what this region does not know, by its name.
    pub(crate) unknown: BTreeMap<String, usize>,
    /// On which line each point of each series stands.
    lines: Vec<Vec<u64>>,
    /// What the columns of periods and of values are called in it.
    columns: [String; 2],
}

impl HistoryFile {
    /// Where in the file that is which the contract calls `series[3].steps[5]`, if it is about a row.
    pub(crate) fn place(&self, file: &str, field: &str) -> Option<String> {
        let (series, rest) = field.strip_prefix("series[")?.split_once(']')?;
        let lines = self.lines.get(series.parse::<usize>().ok()?)?;
        let point = |name: &str| rest.strip_prefix(name)?.strip_suffix(']')?.parse::<usize>().ok();
        let [period, value] = &self.columns;
        let (line, column) = match (point(".steps["), point(".values[")) {
            (Some(at), _) => (lines.get(at)?, format!(": {period}")),
            (_, Some(at)) => (lines.get(at)?, format!(": {value}")),
            // It is about all of the series, and so about its earliest row too.
            (None, None) => (lines.first()?, String::new()),
        };
        Some(format!("{file}:{line}{column}"))
    }
}

/// Twelve times the year and the month, for the length in months that a period has.
fn period(text: &str) -> Option<(u32, i32)> {
    let (year, rest) = text.split_once('-')?;
    let year: i32 = year.parse().ok().filter(|year| (1990..=2200).contains(year) && text.len() <= 10)?;
    match rest {
        // Of the financial year, which begins in April.
        "fy" => Some((12, year * 12 + 3)),
        "q1" | "q2" | "q3" | "q4" => Some((3, year * 12 + 3 * rest[1..].parse::<i32>().ok()?)),
        month => {
            let month: i32 = month.parse().ok().filter(|month| rest.len() == 2 && (1..=12).contains(month))?;
            Some((1, year * 12 + month - 1))
        }
    }
}

/// A number as it travels: with two decimals.
fn hundredths(text: &str) -> Option<i64> {
    // What could be meant in two ways is not guessed.
    let Reading::Number(Number { digits, percent: false, .. }) = notation::read(text) else { return None };
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    if digits.starts_with('-') || part.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok().filter(|whole| *whole <= LARGEST)?;
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole * 100 + part)
}

/// `Criminal damage and arson` as `criminal-damage-and-arson`.
fn slug(called: &str) -> String {
    let words = called.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Where a row's cells stand.
struct Columns {
    period: usize,
    partnership: usize,
    called: Option<usize>,
    indicator: usize,
    value: usize,
}

impl Columns {
    fn of(file: &str, head: &csv::StringRecord) -> Result<Self, Error> {
        let names: Vec<String> =
            head.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_lowercase().replace([' ', '-'], "_")).collect();
        let find = |known: &[&str]| known.iter().find_map(|known| names.iter().position(|name| name == known));
        let mut violations = Vec::new();
        let mut must = |known: &[&str]| {
            find(known).unwrap_or_else(|| {
                let fault = format!("needs a column called {}", known.join(" or "));
                violations.push(Violation { place: format!("{file}:1"), fault });
                0
            })
        };
        let columns = Self {
            period: must(PERIOD),
            partnership: must(PARTNERSHIP),
            called: find(CALLED),
            indicator: must(INDICATOR),
            value: must(VALUE),
        };
        if violations.is_empty() { Ok(columns) } else { Err(unusable(file, violations)) }
    }
}

fn unusable(file: &str, violations: Vec<Violation>) -> Error {
    Error::refused(format!("{file} cannot be used. Nothing was sent."), violations)
}

/// Reads all of it, and says all that is wrong.
pub(crate) fn read(file: &str, source: impl Read, known: &Known) -> Result<HistoryFile, Error> {
    let mut rows = csv::ReaderBuilder::new().flexible(false).from_reader(source);
    let head = rows.headers().map_err(|fault| unreadable(file, &fault))?.clone();
    let columns = Columns::of(file, &head)?;
    let mut violations = Vec::new();
    let called = |column: usize| head.get(column).unwrap_or_default().to_owned();
    let mut found = HistoryFile {
        series: Vec::new(),
        points: 0,
        of_nobody: BTreeMap::new(),
        unknown: BTreeMap::new(),
        lines: Vec::new(),
        columns: [columns.period, columns.value].map(called),
    };
    // By partnership, indicator and length: what was counted in which month, and on which line.
    let mut series: BTreeMap<(String, String, u32), Points> = BTreeMap::new();
    let mut row = csv::StringRecord::new();
    let mut count = 0;
    loop {
        match rows.read_record(&mut row) {
            Ok(false) => break,
            Ok(true) => {}
            Err(fault) => {
                violations.push(violation_of(file, &fault));
                break;
            }
        }
        count += 1;
        if count > MOST {
            violations
                .push(Violation { place: file.to_owned(), fault: "has more than 200,000 rows. Divide it into files of fewer".to_owned() });
            break;
        }
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |column: usize| row.get(column).unwrap_or_default().trim();
        let mut fault = |column: usize, fault: String| {
            let name = head.get(column).unwrap_or_default();
            violations.push(Violation { place: format!("{file}:{line}: {name}"), fault });
        };
        if cell(columns.partnership).is_empty() {
            let called = columns.called.map_or("", cell);
            *found.of_nobody.entry(if called.is_empty() { "(no name)".to_owned() } else { called.to_owned() }).or_default() += 1;
            continue;
        }
        let when = period(cell(columns.period));
        if when.is_none() {
            fault(
                columns.period,
                format!(
                    "“{}” is no period. Write 2021-10 for a month, 2021-q3 or 2021-fy for part of a financial year",
                    cell(columns.period)
                ),
            );
        }
        let number = hundredths(cell(columns.value));
        if number.is_none() {
            fault(
                columns.value,
                format!("“{}” is no number. Write how many, such as 1234; leave out rows without a figure", cell(columns.value)),
            );
        }
        let partnership = known.partnerships.get(&cell(columns.partnership).to_lowercase());
        if partnership.is_none() {
            let called =
                columns.called.map(cell).filter(|called| !called.is_empty()).map(|called| format!(" ({called})")).unwrap_or_default();
            *found.unknown.entry(format!("the partnership {}{called}", cell(columns.partnership))).or_default() += 1;
        }
        let called = cell(columns.indicator).to_lowercase();
        let indicator = known.indicators.get(&called).or_else(|| known.indicators.get(&slug(&called)));
        if indicator.is_none() {
            *found.unknown.entry(format!("the indicator {}", cell(columns.indicator))).or_default() += 1;
        }
        let (Some((length, month)), Some(number), Some(partnership), Some(indicator)) = (when, number, partnership, indicator) else {
            continue;
        };
        let one = series.entry((partnership.clone(), indicator.clone(), length)).or_default();
        if let Some((_, first)) = one.get(&month) {
            fault(columns.period, format!("tells the same as line {first}. Keep one of them"));
        } else {
            one.insert(month, (number, line));
            found.points += 1;
        }
    }
    if !violations.is_empty() {
        return Err(unusable(file, violations));
    }
    found.lines = series.values().map(|points| points.values().map(|(_, line)| *line).collect()).collect();
    found.series =
        series.into_iter().map(|((partnership, indicator, length), points)| one_series(partnership, indicator, length, &points)).collect();
    Ok(found)
}

fn one_series(partnership: String, indicator: String, length: u32, points: &Points) -> v1::Series {
    let first = points.keys().next().copied().unwrap_or_default();
    let whole = points.values().all(|(value, _)| value % 100 == 0);
    let mut before = first;
    let steps = points.keys().map(|month| u32::try_from(month - std::mem::replace(&mut before, *month)).unwrap_or_default() / length);
    let frequency = match length {
        1 => v1::Frequency::Month,
        3 => v1::Frequency::Quarter,
        _ => v1::Frequency::Year,
    };
    v1::Series {
        partnership,
        indicator,
        frequency: frequency.into(),
        first_date: format!("{:04}-{:02}-01", first.div_euclid(12), first.rem_euclid(12) + 1),
        steps: steps.collect(),
        values: points.values().map(|(value, _)| if whole { value / 100 } else { *value }).collect(),
        decimals: if whole { 0 } else { 2 },
    }
}

fn violation_of(file: &str, fault: &csv::Error) -> Violation {
    let place = fault.position().map_or_else(|| file.to_owned(), |position| format!("{file}:{}", position.line()));
    let fault = match fault.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells, where the head line has {expected_len}. A cell with a comma in it needs quotation marks")
        }
        csv::ErrorKind::Utf8 { .. } => "is not in UTF-8. Save the file as CSV UTF-8".to_owned(),
        _ => "cannot be read any further".to_owned(),
    };
    Violation { place, fault }
}

fn unreadable(file: &str, fault: &csv::Error) -> Error {
    unusable(file, vec![violation_of(file, fault)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(word, name)| ((*word).to_owned(), (*name).to_owned())).collect();
        Known {
            partnerships: of(&[("e22000244", "p/gateshead"), ("e22000248", "p/sunderland")]),
            indicators: of(&[("burglary", "i/burglary"), ("anti-social-behaviour", "i/asb")]),
        }
    }

    fn faults(text: &str) -> Vec<String> {
        let error = read("f.csv", text.as_bytes(), &known()).unwrap_err();
        error.violations.iter().map(|v| format!("{}: {}", v.place, v.fault)).collect()
    }

    #[test]
    fn rows_become_series_whatever_their_order_and_gaps_stay_gaps() {
        let text = "month,force,csp_name,csp24_code,crime_type,count\n2021-03,N,Gateshead,E22000244,Burglary,\"1,003\"\n\
            2020-12,N,Gateshead,E22000244,Burglary,12\n2021-01,N,Gateshead,E22000244,Burglary,0\n\
            2021-01,N,Sunderland,E22000248,Anti-social behaviour,7\n2021-01,N,(no LSOA),,Burglary,3\n2021-01,N,Cannock Chase,E22000263,Burglary,4\n";
        let found = read("f.csv", text.as_bytes(), &known()).unwrap();
        assert_eq!(found.points, 4);
        let burglary = found.series.iter().find(|series| series.indicator == "i/burglary").unwrap();
        assert_eq!(
            (burglary.first_date.as_str(), &burglary.steps[..], &burglary.values[..]),
            ("2020-12-01", &[0, 1, 2][..], &[12, 0, 1003][..])
        );
        assert_eq!(found.of_nobody.into_iter().collect::<Vec<_>>(), [("(no LSOA)".to_owned(), 1)]);
        assert_eq!(found.unknown.into_iter().collect::<Vec<_>>(), [("the partnership E22000263 (Cannock Chase)".to_owned(), 1)]);
    }

    #[test]
    fn quarters_and_pounds_travel_too() {
        let text = "period,ons_code,indicator,value\n2021-q3,E22000244,burglary,96466.5\n2021-q1,E22000244,burglary,1\n2020-q4,E22000244,burglary,2\n";
        let found = read("f.csv", text.as_bytes(), &known()).unwrap();
        let series = &found.series[0];
        assert_eq!((series.first_date.as_str(), series.decimals), ("2021-01-01", 2));
        assert_eq!((&series.steps[..], &series.values[..]), (&[0, 1, 2][..], &[200, 100, 9_646_650][..]));
    }

    #[test]
    fn what_the_server_says_of_a_point_is_found_in_the_file() {
        let text = "month,csp24_code,crime_type,count\n2021-03,E22000244,Burglary,3\n2021-01,E22000248,Burglary,7\n\
            2021-01,E22000244,Burglary,1\n2021-02,E22000244,Burglary,2\n";
        let found = read("f.csv", text.as_bytes(), &known()).unwrap();
        let gateshead = found.series.iter().position(|series| series.partnership == "p/gateshead").unwrap();
        let place = |field: &str| found.place("f.csv", &format!("series[{gateshead}]{field}"));
        assert_eq!(place(".steps[2]").as_deref(), Some("f.csv:2: month"));
        assert_eq!(place(".values[1]").as_deref(), Some("f.csv:5: count"));
        assert_eq!(place(".indicator").as_deref(), Some("f.csv:4"));
        for elsewhere in ["source", "series", "series[7].steps[0]", "series[x].steps[0]"] {
            assert_eq!(found.place("f.csv", elsewhere), None, "{elsewhere}");
        }
        assert_eq!(place(".steps[9]"), None);
    }

    #[test]
    fn every_fault_has_its_line_and_what_would_be_right() {
        let told = faults(
            "month,csp24_code,crime_type,count\n2021-13,E22000244,Burglary,1\n2021-01,E22000244,Burglary,-1\n\
             2021-02,E22000244,Burglary,n/a\n2021-03,E22000244,Burglary,1\n2021-03,E22000244,Burglary,2\n",
        );
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("f.csv:2: month: “2021-13” is no period"));
        assert!(told[1].starts_with("f.csv:3: count: “-1” is no number"));
        assert!(told[3].starts_with("f.csv:6: month: tells the same as line 5"));
        for unclear in ["1,5", "12,50", "1,2,3", ",100"] {
            assert!(
                faults(&format!("month,csp24_code,crime_type,count\n2021-01,E22000244,Burglary,\"{unclear}\"\n"))[0]
                    .contains("is no number")
            );
        }
        assert_eq!(faults("month,count\n").len(), 2);
        assert!(faults("month,csp24_code,crime_type,count\n2021-01,E22000244\n")[0].contains("has 2 cells, where the head line has 4"));
        assert!(faults("month,csp24_code,crime_type,count\n2021-01,E22000244,B\n")[0].starts_with("f.csv:2"));
    }
}
