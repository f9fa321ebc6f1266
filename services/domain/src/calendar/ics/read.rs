//! Meetings, read from a file that another program wrote.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::{
    calendar::ics::{
        lines::{ContentLine, content_lines, fault},
        when::When,
    },
    text::{Fault, Line},
};

/// The largest file taken.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The most meetings taken from one file.
pub const MAX_EVENTS: usize = 1_000;
/// How deep components may stand in each other: calendar, event, alarm, and one to spare.
const MAX_DEPTH: usize = 4;
/// How many faults are worth reading.
const MAX_FAULTS: usize = 50;

/// One meeting, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// What the other program calls it, for ever; of a repeated event that was written out, with the occasion.
    pub uid: Line,
    /// How often it was changed.
    pub sequence: u32,
    /// The day.
    pub day: NaiveDate,
    /// When it begins, on the region's clocks; nothing if the file only has the day.
    pub time: Option<NaiveTime>,
    /// What it is called there.
    pub title: Option<Line>,
    /// Where it sits.
    pub place: Option<Line>,
    /// Whether it will not take place.
    pub cancelled: bool,
    /// The line of the file it begins on.
    pub line: usize,
}

/// Reads the events of an iCalendar file, in order of time, or says everything that is wrong with it by line. Of two editions
/// of an event the later counts.
pub fn read(file: &[u8], zone: Tz) -> Result<Vec<Sitting>, Vec<Fault>> {
    if file.len() > MAX_BYTES {
        return Err(vec![Fault::new("file", format!("must be at most {MAX_BYTES} bytes long"))]);
    }
    let mut reader = Reader {
        zone,
        open: Vec::new(),
        event: None,
        calendars: 0,
        takes_back: false,
        events: 0,
        sittings: BTreeMap::new(),
        faults: Vec::new(),
    };
    // Some programs begin a file with a mark that says it is UTF-8.
    for line in content_lines(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file)) {
        match line {
            Ok(line) => reader.take(line),
            Err(fault) => reader.faults.push(fault),
        }
        if reader.faults.len() >= MAX_FAULTS {
            reader.faults.push(Fault::new("file", "has more faults; these are the first"));
            return Err(reader.faults);
        }
    }
    reader.end()
}

/// The properties of an event that are looked at. The rest is for diaries.
#[derive(Default)]
struct Event {
    line: usize,
    seen: BTreeMap<&'static str, ContentLine>,
}

const ONCE: [&str; 7] = ["UID", "SEQUENCE", "DTSTART", "SUMMARY", "LOCATION", "STATUS", "RECURRENCE-ID"];

struct Reader {
    zone: Tz,
    /// What has begun and not ended, with the line it began on.
    open: Vec<(String, usize)>,
    event: Option<Event>,
    calendars: usize,
    /// The calendar that is open takes back what is in it (`METHOD:CANCEL`, RFC 5546 §3.2.5).
    takes_back: bool,
    events: usize,
    /// By what identifies them.
    sittings: BTreeMap<Line, Sitting>,
    faults: Vec<Fault>,
}

impl Reader {
    fn take(&mut self, line: ContentLine) {
        let value = line.value.trim().to_ascii_uppercase();
        match line.name.as_str() {
            "BEGIN" => self.begin(value, &line),
            "END" => self.close(&value, &line),
            "METHOD" if self.open.len() == 1 => self.takes_back = value == "CANCEL",
            _ if self.open.is_empty() => self.faults.push(line.fault("must stand between BEGIN:VCALENDAR and END:VCALENDAR")),
            // Alarms have properties of the same names.
            name if self.open.last().is_some_and(|(inner, _)| inner == "VEVENT") => match name {
                "RRULE" | "RDATE" => {
                    self.faults.push(line.fault("must not repeat an event by rule: give each meeting an event of its own"));
                }
                _ => {
                    let once = ONCE.into_iter().find(|&once| once == name);
                    if let (Some(event), Some(once)) = (&mut self.event, once) {
                        if event.seen.contains_key(once) {
                            self.faults.push(line.fault(format!("must not give {once} twice for one event")));
                        } else {
                            event.seen.insert(once, line);
                        }
                    }
                }
            },
            _ => {}
        }
    }

    fn begin(&mut self, what: String, line: &ContentLine) {
        match (what.as_str(), self.open.len()) {
            ("VCALENDAR", 0) => {
                self.calendars += 1;
                self.takes_back = false;
            }
            ("VCALENDAR", _) | (_, 0) => self.faults.push(line.fault("must begin VCALENDAR first, and once")),
            ("VEVENT", 1) => {
                self.events += 1;
                if self.events == MAX_EVENTS + 1 {
                    self.faults.push(line.fault(format!("must not begin more than {MAX_EVENTS} events")));
                }
                self.event = Some(Event { line: line.number, seen: BTreeMap::new() });
            }
            ("VEVENT", _) => self.faults.push(line.fault("must not begin an event inside another component")),
            (_, depth) if depth == MAX_DEPTH => self.faults.push(line.fault("must not begin one component more inside the others")),
            _ => {}
        }
        // What is too deep closes nothing, so it is not remembered: the file is refused already.
        if self.open.len() < MAX_DEPTH {
            self.open.push((what, line.number));
        }
    }

    fn close(&mut self, what: &str, line: &ContentLine) {
        if self.open.last().is_none_or(|(open, _)| open != what) {
            return self.faults.push(line.fault("must end what began last"));
        }
        self.open.pop();
        if what == "VEVENT"
            && let Some(event) = self.event.take()
            && self.events <= MAX_EVENTS
        {
            self.keep(event);
        }
    }

    fn keep(&mut self, event: Event) {
        let Some(sitting) = self.sitting(&event) else { return };
        match self.sittings.get(&sitting.uid).map(|other| (other.sequence, other.line)) {
            Some((sequence, line)) if sequence == sitting.sequence => {
                self.faults.push(fault(event.line, format!("must not have the UID and SEQUENCE of the event on line {line}")));
            }
            Some((sequence, _)) if sequence > sitting.sequence => {}
            _ => {
                self.sittings.insert(sitting.uid.clone(), sitting);
            }
        }
    }

    fn sitting(&mut self, event: &Event) -> Option<Sitting> {
        let before = self.faults.len();
        let (zone, faults) = (self.zone, &mut self.faults);
        let mut line = |name: &str, max: usize| {
            let property = event.seen.get(name).filter(|property| !property.value.trim().is_empty())?;
            Line::parse(&property.text(), max).map_err(|refused| faults.push(property.fault(refused))).ok()
        };
        let (mut uid, title, place) = (line("UID", 255), line("SUMMARY", Line::SENTENCE), line("LOCATION", Line::SENTENCE));
        if let (Some(series), Some(occasion)) = (&uid, line("RECURRENCE-ID", 40)) {
            uid = Line::parse(&format!("{series} {occasion}"), 300).ok();
        }
        if !event.seen.contains_key("UID") {
            faults.push(fault(event.line, "must have a UID in its event"));
        }
        let sequence = event.seen.get("SEQUENCE").map_or(Some(0), |property| {
            let read = property.value.trim().parse::<u32>();
            read.map_err(|_| faults.push(property.fault("must be a whole number"))).ok()
        });
        let when = match event.seen.get("DTSTART") {
            None => {
                faults.push(fault(event.line, "must have a DTSTART in its event"));
                None
            }
            Some(property) => When::read(property, zone).map_err(|reason| faults.push(property.fault(reason))).ok(),
        };
        let cancelled =
            self.takes_back || event.seen.get("STATUS").is_some_and(|property| property.value.trim().eq_ignore_ascii_case("CANCELLED"));
        if self.faults.len() > before {
            return None;
        }
        let (day, time) = match when? {
            When::Day(day) => (day, None),
            When::Civil(civil) => (civil.date(), Some(civil.time())),
        };
        Some(Sitting { uid: uid?, sequence: sequence?, day, time, title, place, cancelled, line: event.line })
    }

    fn end(mut self) -> Result<Vec<Sitting>, Vec<Fault>> {
        self.faults.extend(self.open.iter().map(|(_, line)| fault(*line, "must be ended before the file ends")));
        if self.calendars == 0 && self.faults.is_empty() {
            self.faults.push(Fault::new("file", "must be an iCalendar file, which begins with BEGIN:VCALENDAR"));
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let mut sittings: Vec<_> = self.sittings.into_values().collect();
        sittings.sort_by(|a, b| (a.day, a.time, &a.uid).cmp(&(b.day, b.time, &b.uid)));
        Ok(sittings)
    }
}
