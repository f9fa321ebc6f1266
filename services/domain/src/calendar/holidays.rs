//! Bank holidays: a list that is shipped, can be replaced by a newer file, and knows where it ends.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, sync::LazyLock};

use chrono::{Datelike as _, NaiveDate};
use serde::Deserialize;

use crate::text::{Fault, Line};

/// The parts of the United Kingdom that have bank holidays of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Division {
    /// One list for both.
    EnglandAndWales,
    /// Scotland.
    Scotland,
    /// Northern Ireland.
    NorthernIreland,
}

impl Division {
    /// All three.
    pub const ALL: [Self; 3] = [Self::EnglandAndWales, Self::Scotland, Self::NorthernIreland];

    /// As the published list names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::EnglandAndWales => "england-and-wales",
            Self::Scotland => "scotland",
            Self::NorthernIreland => "northern-ireland",
        }
    }
}

/// Whether a date can still be moved by a bank holiday that nobody has announced yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Every day that was counted is in a year whose bank holidays are known.
    Firm,
    /// It is not.
    Provisional,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Firm => "firm",
            Self::Provisional => "provisional",
        })
    }
}

/// The bank holidays of one division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeMap<NaiveDate, String>,
    years: RangeInclusive<i32>,
}

impl Holidays {
    /// What `day` is called, if it is one.
    pub fn name_of(&self, day: NaiveDate) -> Option<&str> {
        self.days.get(&day).map(String::as_str)
    }

    /// The first and the last year that are known from New Year to Christmas.
    pub fn years(&self) -> RangeInclusive<i32> {
        self.years.clone()
    }

    /// What can be said of a date that was reached by counting from `from` to `to`.
    pub fn certainty(&self, from: NaiveDate, to: NaiveDate) -> Certainty {
        if self.years.contains(&from.year()) && self.years.contains(&to.year()) { Certainty::Firm } else { Certainty::Provisional }
    }
}

/// The bank holidays of the United Kingdom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankHolidays {
    england_and_wales: Holidays,
    scotland: Holidays,
    northern_ireland: Holidays,
}

/// The published list, as far as it is read. What else a later edition may hold is left alone.
#[derive(Deserialize)]
#[serde(expecting = "a division with its events")]
struct Published {
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(expecting = "an event with its title and date")]
struct Event {
    title: String,
    date: String,
}

static SHIPPED: LazyLock<BankHolidays> = LazyLock::new(|| {
    BankHolidays::parse(include_str!("../../data/bank-holidays.json")).expect("the shipped list is read by a test before it is shipped")
});

impl BankHolidays {
    /// The largest file taken: some fifteen times the list published today.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// The list this program was built with.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a list in the format of <https://www.gov.uk/bank-holidays.json>, and says everything
    /// that is wrong with it.
    pub fn parse(json: &str) -> Result<Self, Vec<Fault>> {
        if json.len() > Self::MAX_BYTES {
            return Err(vec![Fault::new("file", format!("must be at most {} bytes long", Self::MAX_BYTES))]);
        }
        let mut divisions: BTreeMap<String, Published> = serde_json::from_str(json)
            .map_err(|error| vec![Fault::new("file", format!("must be a list of bank holidays as gov.uk publishes it: {error}"))])?;
        let mut faults = Vec::new();
        let mut take = |division: Division| match divisions.remove(division.word()) {
            Some(published) => holidays(division, published, &mut faults),
            None => {
                faults.push(Fault::new(division.word(), "must be there: the list has three divisions"));
                None
            }
        };
        let taken = (take(Division::EnglandAndWales), take(Division::Scotland), take(Division::NorthernIreland));
        faults.extend(divisions.into_keys().take(3).map(|other| {
            let shown: String = other.escape_debug().take(40).collect();
            Fault::new(
                "file",
                format!("must not have a division {shown:?}: the three are england-and-wales, scotland and northern-ireland"),
            )
        }));
        match taken {
            (Some(england_and_wales), Some(scotland), Some(northern_ireland)) if faults.is_empty() => {
                Ok(Self { england_and_wales, scotland, northern_ireland })
            }
            _ => Err(faults),
        }
    }

    /// Those of one division.
    pub fn of(&self, division: Division) -> &Holidays {
        match division {
            Division::EnglandAndWales => &self.england_and_wales,
            Division::Scotland => &self.scotland,
            Division::NorthernIreland => &self.northern_ireland,
        }
    }
}

fn holidays(division: Division, published: Published, faults: &mut Vec<Fault>) -> Option<Holidays> {
    let before = faults.len();
    let mut days = BTreeMap::new();
    for (index, event) in published.events.into_iter().enumerate() {
        let field = |name: &str| format!("{}.events[{index}].{name}", division.word());
        let day = event.date.parse::<NaiveDate>().ok().filter(|day| (1990..=2200).contains(&day.year()));
        let title = Line::parse(&event.title, Line::NAME);
        if let Err(refused) = &title {
            faults.push(Fault::new(field("title"), refused));
        }
        match (day, title) {
            (None, _) => faults.push(Fault::new(field("date"), "must be a day between 1990 and 2200, such as 2026-12-25")),
            (Some(day), Ok(title)) if days.insert(day, title.as_str().to_owned()).is_some() => {
                faults.push(Fault::new(field("date"), format!("must not be there twice: {day}")));
            }
            _ => {}
        }
    }
    if faults.len() > before {
        return None;
    }
    match whole_years(&days) {
        Ok(years) => Some(Holidays { days, years }),
        Err(reason) => {
            faults.push(Fault::new(format!("{}.events", division.word()), reason));
            None
        }
    }
}

/// The years known from one end to the other. A list that stops in May says nothing about Christmas,
/// so a year counts when it has both its ends: New Year's Day or its substitute (in Scotland as late as the
/// fourth), and Christmas or what stands for it. A year that is missing in the middle is a broken list.
fn whole_years(days: &BTreeMap<NaiveDate, String>) -> Result<RangeInclusive<i32>, String> {
    let has_both_ends = |year: i32| {
        let has = |month, first, last| match (NaiveDate::from_ymd_opt(year, month, first), NaiveDate::from_ymd_opt(year, month, last)) {
            (Some(first), Some(last)) => days.range(first..=last).next().is_some(),
            _ => false,
        };
        has(1, 1, 4) && has(12, 25, 31)
    };
    let listed = match (days.first_key_value(), days.last_key_value()) {
        (Some((first, _)), Some((last, _))) => first.year()..=last.year(),
        _ => return Err("must not be empty".to_owned()),
    };
    let first = listed.clone().find(|&year| has_both_ends(year));
    let last = listed.rev().find(|&year| has_both_ends(year));
    let (Some(first), Some(last)) = (first, last) else {
        return Err("must have at least one year from New Year's Day to Christmas".to_owned());
    };
    match (first..=last).find(|&year| !has_both_ends(year)) {
        Some(year) => Err(format!("must not leave out New Year or Christmas of {year}, which lies between years that have both")),
        None => Ok(first..=last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A list with the same days in all three divisions.
    fn list(days: &[&str]) -> String {
        let events: Vec<_> =
            days.iter().map(|day| serde_json::json!({"title": "A holiday", "date": day, "notes": "", "bunting": true})).collect();
        let divisions: BTreeMap<_, _> =
            Division::ALL.into_iter().map(|d| (d.word(), serde_json::json!({"division": d.word(), "events": events}))).collect();
        serde_json::to_string(&divisions).unwrap()
    }

    #[test]
    fn the_shipped_list_is_read_and_knows_its_years() {
        let shipped = BankHolidays::shipped();
        for division in Division::ALL {
            assert_eq!(shipped.of(division).years(), 2012..=2028, "{division:?}");
        }
        let england = shipped.of(Division::EnglandAndWales);
        assert_eq!(england.name_of(day("2014-05-05")), Some("Early May bank holiday"));
        assert_eq!(england.name_of(day("2020-05-04")), None, "moved to Friday 8 May 2020 for VE Day");
        assert!(england.name_of(day("2020-05-08")).is_some());
        assert!(england.name_of(day("2022-09-19")).is_some_and(|name| name.contains("State Funeral")), "announced nine days before");
        let scotland = shipped.of(Division::Scotland);
        assert!(scotland.name_of(day("2014-04-21")).is_none(), "Easter Monday is none in Scotland");
        assert!(shipped.of(Division::NorthernIreland).name_of(day("2022-07-12")).is_some(), "Battle of the Boyne");
    }

    #[test]
    fn a_list_that_stops_in_may_does_not_know_the_year() {
        let holidays = BankHolidays::parse(&list(&["2029-01-01", "2029-12-25", "2030-01-01", "2030-05-06"])).unwrap();
        let scotland = holidays.of(Division::Scotland);
        assert_eq!(scotland.years(), 2029..=2029);
        assert!(scotland.name_of(day("2030-05-06")).is_some(), "what is known is still used");
        assert_eq!(scotland.certainty(day("2029-12-20"), day("2029-12-31")), Certainty::Firm);
        assert_eq!(scotland.certainty(day("2029-12-20"), day("2030-01-07")), Certainty::Provisional);
    }

    #[test]
    fn everything_wrong_with_a_list_is_told_at_once() {
        let faults = |json: &str| {
            let faults = BankHolidays::parse(json).unwrap_err();
            faults.into_iter().map(|fault| format!("{} {}", fault.field, fault.reason)).collect::<Vec<_>>()
        };
        let broken = r#"{
            "england-and-wales": {"events": [{"title": "", "date": "2029-01-01"}, {"title": "Easter", "date": "29-04-01"}]},
            "scotland": {"events": []},
            "cornwall": {"events": []}
        }"#;
        assert_eq!(
            faults(broken),
            [
                "england-and-wales.events[0].title must not be empty",
                "england-and-wales.events[1].date must be a day between 1990 and 2200, such as 2026-12-25",
                "scotland.events must not be empty",
                "northern-ireland must be there: the list has three divisions",
                "file must not have a division \"cornwall\": the three are england-and-wales, scotland and northern-ireland",
            ]
        );
        assert!(faults(&list(&["2029-01-01", "2029-12-25", "2031-01-01", "2031-12-25"]))[0].contains("Christmas of 2030"));
        assert!(faults(&list(&["2029-01-01", "2029-01-01", "2029-12-25"]))[0].contains("must not be there twice: 2029-01-01"));
        assert!(faults(&list(&["2029-05-07"]))[0].contains("at least one year"));
        assert!(faults("[]")[0].starts_with("file must be a list of bank holidays as gov.uk publishes it"));
        assert!(faults(&" ".repeat(BankHolidays::MAX_BYTES + 1))[0].starts_with("file must be at most"));
    }
}
