//! Meetings out of files, dates into diaries.

use chrono::{NaiveDate, TimeDelta};
use csp_domain::calendar::{
    Nation, Step,
    ics::{Entry, Feed, MAX_EVENTS, Status, read},
};
use proptest::prelude::*;

use crate::{day, plan, rules};

const LONDON: chrono_tz::Tz = chrono_tz::Europe::London;

/// Two meetings and a cancelled third, as a committee system may export them; the body is invented.
const EXPORT: &str = "\u{feff}BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example Council//Committees//EN\r
BEGIN:VTIMEZONE\r
TZID:GMT Standard Time\r
BEGIN:DAYLIGHT\r
DTSTART:16010325T010000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r
TZOFFSETFROM:+0000\r
TZOFFSETTO:+0100\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:cabinet-3@example.org\r
DTSTART;TZID=GMT Standard Time:20150122T160000\r
SUMMARY:Cabinet\r
STATUS:CANCELLED\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:cabinet-1@example.org\r
SEQUENCE:2\r
DTSTART:20141023T150000Z\r
SUMMARY:Cabinet\\, with questions from the public and a title that is long en\r
 ough to be folded\r
LOCATION;ALTREP=\"http://example.org/room:1\":Civic Centre\\nCouncil Chamber\r
BEGIN:VALARM\r
TRIGGER:-PT1H\r
SUMMARY:Go there\r
DTSTART:20141023T000000Z\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:cabinet-1@example.org\r
SEQUENCE:1\r
DTSTART:20141016T150000Z\r
SUMMARY:Cabinet\\, before it was moved\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:cabinet-2@example.org\r
DTSTART;VALUE=DATE:20141120\r
END:VEVENT\r
END:VCALENDAR\r
";

#[test]
fn a_calendar_that_takes_back_what_is_in_it_calls_its_meetings_off() {
    let event = |uid: &str| format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;VALUE=DATE:20141120\r\nEND:VEVENT\r\n");
    let calendar = |method: &str, uid: &str| format!("BEGIN:VCALENDAR\r\nMETHOD:{method}\r\n{}END:VCALENDAR\r\n", event(uid));
    let file = [calendar("cancel", "a@council"), calendar("PUBLISH", "b@council")].concat();
    let read = read(file.as_bytes(), chrono_tz::Europe::London).unwrap();
    assert_eq!(
        read.iter().map(|sitting| (sitting.uid.as_str(), sitting.cancelled)).collect::<Vec<_>>(),
        [("a@council", true), ("b@council", false)]
    );
}

#[test]
fn meetings_are_read_from_what_a_committee_system_exports() {
    let sittings = read(EXPORT.as_bytes(), LONDON).expect("a file without fault");
    let told: Vec<_> =
        sittings.iter().map(|s| (s.uid.as_str(), s.sequence, s.day, s.time.map(|time| time.to_string()), s.cancelled, s.line)).collect();
    assert_eq!(
        told,
        [
            // 15:00 in UTC is four o'clock while summer time lasts.
            ("cabinet-1@example.org", 2, day("2014-10-23"), Some("16:00:00".to_owned()), false, 19),
            ("cabinet-2@example.org", 0, day("2014-11-20"), None, false, 38),
            ("cabinet-3@example.org", 0, day("2015-01-22"), Some("16:00:00".to_owned()), true, 13),
        ]
    );
    let first = &sittings[0];
    assert_eq!(
        first.title.as_ref().map(ToString::to_string).as_deref(),
        Some("Cabinet, with questions from the public and a title that is long enough to be folded")
    );
    assert_eq!(first.place.as_ref().map(ToString::to_string).as_deref(), Some("Civic Centre Council Chamber"));
    assert_eq!(read(EXPORT.replace("\r\n", "\n").as_bytes(), LONDON).as_ref(), Ok(&sittings), "with the line ends of Unix");
}

#[test]
fn occasions_of_a_repeated_event_that_were_written_out_are_meetings_of_their_own() {
    let occasion = |of: &str| format!("BEGIN:VEVENT\nUID:quarterly\nRECURRENCE-ID:{of}\nDTSTART:{of}\nEND:VEVENT\n");
    let file = format!("BEGIN:VCALENDAR\n{}{}END:VCALENDAR\n", occasion("20150122T160000"), occasion("20141023T160000"));
    let sittings = read(file.as_bytes(), LONDON).expect("two meetings");
    let uids: Vec<_> = sittings.iter().map(|sitting| sitting.uid.as_str()).collect();
    assert_eq!(uids, ["quarterly 20141023T160000", "quarterly 20150122T160000"]);
}

/// What is wrong with one event.
fn faults_of(event: &str) -> Vec<String> {
    faults(&format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"))
}

fn faults(file: &str) -> Vec<String> {
    let faults = read(file.as_bytes(), LONDON).expect_err(file);
    faults.into_iter().map(|fault| format!("{}: {}", fault.field, fault.reason)).collect()
}

#[test]
fn what_would_move_a_meeting_is_never_skipped() {
    for (event, told) in [
        (
            "UID:1\nDTSTART:20141023T150000\nRRULE:FREQ=MONTHLY",
            "line 6: must not repeat an event by rule: give each meeting an event of its own",
        ),
        (
            "UID:1\nDTSTART;TZID=Mars/Olympus:20141023T150000",
            "line 5: must be in a zone that is known here, such as Europe/London, and not in \"Mars/Olympus\"",
        ),
        ("UID:1\nDTSTART:20141023T1500", "line 5: must be a day and a time such as 20141023T140000"),
        ("UID:1\nDTSTART:20140230", "line 5: must be a day such as 20141023"),
        ("UID:1\nDTSTART;VALUE=DATE:99991231", "line 5: must be a day such as 20141023"),
        ("UID:1\nDTSTART:20141023\nDTSTART:20141024", "line 6: must not give DTSTART twice for one event"),
        ("UID:1\nSEQUENCE:-1\nDTSTART:20141023", "line 5: must be a whole number"),
        ("UID:1\nSUMMARY:No day", "line 3: must have a DTSTART in its event"),
        ("DTSTART:20141023", "line 3: must have a UID in its event"),
        ("UID:1\nDTSTART:20141023\nSUMMARY:\u{1b}[2Jboo", "line 6: must be one line without control characters"),
        ("UID:1\nDTSTART:20141023\nBEGIN:VEVENT\nEND:VEVENT", "line 6: must not begin an event inside another component"),
        ("UID:1\nDTSTART:20141023\nEND:VCALENDAR", "line 6: must end what began last"),
        (
            "UID:1\nDTSTART:20141023\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nDTSTART:20141024",
            "line 7: must not have the UID and SEQUENCE of the event on line 3",
        ),
    ] {
        assert_eq!(faults_of(event).first().map(String::as_str), Some(told), "{event}");
    }
    assert_eq!(
        faults_of("DTSTART:tomorrow\nSEQUENCE:often\nnonsense"),
        [
            "line 6: must be a name, a colon and a value",
            "line 3: must have a UID in its event",
            "line 5: must be a whole number",
            "line 4: must be a day and a time such as 20141023T140000",
        ],
        "all at once"
    );
    assert_eq!(faults(""), ["file: must be an iCalendar file, which begins with BEGIN:VCALENDAR"]);
    assert_eq!(
        faults("BEGIN:VCALENDAR\nBEGIN:VEVENT\n"),
        ["line 1: must be ended before the file ends", "line 2: must be ended before the file ends"]
    );
    assert_eq!(faults("UID:1\n"), ["line 1: must stand between BEGIN:VCALENDAR and END:VCALENDAR"]);
}

#[test]
fn a_hostile_file_is_refused_before_it_costs_anything() {
    let event = |n: usize| format!("BEGIN:VEVENT\nUID:{n}\nDTSTART:20141023\nEND:VEVENT\n");
    let many: String = (0..=MAX_EVENTS).map(event).collect();
    assert_eq!(
        faults(&format!("BEGIN:VCALENDAR\n{many}END:VCALENDAR\n")),
        [format!("line {}: must not begin more than 1000 events", 4 * MAX_EVENTS + 2)]
    );
    let deep = format!("BEGIN:VCALENDAR\n{}", "BEGIN:VTODO\n".repeat(10_000));
    let told = faults(&deep);
    assert_eq!((told.len(), told[0].as_str()), (51, "line 5: must not begin one component more inside the others"));
    assert!(faults(&"x".repeat(2_000_000))[0].starts_with("file: must be at most"));
    assert!(faults(&format!("BEGIN:VCALENDAR\nX:{}\n", "x".repeat(100_000)))[0].starts_with("line 2: must be at most"));
    let slashes = format!("UID:1\nDTSTART;TZID={}:20141023T150000", "/".repeat(15_000));
    assert!(faults_of(&slashes)[0].starts_with("line 5: must be in a zone that is known here"));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, LONDON);
        let mut file = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART".to_vec();
        file.extend(&bytes);
        file.extend(b"\nEND:VEVENT\nEND:VCALENDAR\n");
        let _ = read(&file, LONDON);
    }

    /// Cut and changed anywhere, an export is read or refused, and what is read is a day that a council could mean.
    #[test]
    fn an_export_damaged_anywhere_is_read_or_refused(at in 0..EXPORT.len(), with in any::<u8>(), end in 0..EXPORT.len()) {
        let mut bytes = EXPORT.as_bytes().to_vec();
        bytes[at] = with;
        for file in [&bytes[..], &bytes[..end]] {
            if let Ok(sittings) = read(file, LONDON) {
                let sane = NaiveDate::from_ymd_opt(1989, 12, 31)..=NaiveDate::from_ymd_opt(2201, 1, 1);
                prop_assert!(sittings.iter().all(|sitting| sane.contains(&Some(sitting.day))));
            }
        }
    }

    /// Whatever a committee is called, its feed has short lines and reads back, with our reader and with another.
    #[test]
    fn a_feed_reads_back(name in "[ -~é€😀\u{300}]{1,60}", sequence in 0_u32..9, meeting in 0_i64..5_000) {
        let meeting = day("2013-01-01") + TimeDelta::days(meeting);
        let plan = plan(&meeting.to_string(), &rules(Nation::Wales));
        let written = Feed { name: name.clone(), entries: plan.entries(&name, "citizen-focus-7", sequence) }.write(stamp());
        prop_assert!(written.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));

        let ours = read(written.as_bytes(), LONDON).expect("our own feed");
        let theirs: icalendar::Calendar = written.parse().expect("another reader takes it");
        prop_assert_eq!(ours.len(), plan.moments().len());
        prop_assert_eq!(theirs.components.len(), plan.moments().len());
        for (moment, (sitting, component)) in plan.moments().iter().zip(ours.iter().zip(&theirs.components)) {
            let title = format!("{}: {name}", moment.step.title());
            prop_assert_eq!(sitting.day.and_time(sitting.time.expect("a time")), moment.civil);
            prop_assert_eq!(sitting.title.as_ref().expect("a title").as_str(), title.trim());
            prop_assert_eq!(sitting.sequence, sequence);
            let icalendar::CalendarComponent::Event(event) = component else { panic!("an event") };
            prop_assert_eq!(icalendar::Component::get_summary(event), Some(title.as_str()));
            let uid = format!("{}.citizen-focus-7@calendar.csp-digest", moment.step.word());
            prop_assert_eq!(icalendar::Component::get_uid(event), Some(uid.as_str()));
            let Some(icalendar::DatePerhapsTime::DateTime(icalendar::CalendarDateTime::Utc(at))) = icalendar::Component::get_start(event) else {
                panic!("a time in UTC")
            };
            prop_assert_eq!(at, moment.at);
        }
    }
}

fn stamp() -> csp_domain::Instant {
    "2014-09-01T08:00:00Z".parse().expect("an instant")
}

#[test]
fn an_entry_is_written_as_the_standard_says() {
    let entry = Entry {
        uid: "release.cabinet-3@calendar.csp-digest".to_owned(),
        sequence: 4,
        at: "2014-10-15T08:00:00Z".parse().expect("an instant"),
        title: "Paper released: Children, Young People; and Families\\Crime".to_owned(),
        description: "One.\nTwo\u{7}.".to_owned(),
        place: Some("Civic Centre".to_owned()),
        status: Status::Cancelled,
    };
    let written = Feed { name: "Cabinet".to_owned(), entries: vec![entry] }.write(stamp());
    assert_eq!(
        written.split("\r\n").collect::<Vec<_>>(),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//CSP Digest//Calendar//EN",
            "METHOD:PUBLISH",
            "NAME:Cabinet",
            "X-WR-CALNAME:Cabinet",
            "BEGIN:VEVENT",
            "UID:release.cabinet-3@calendar.csp-digest",
            "DTSTAMP:20140901T080000Z",
            "SEQUENCE:4",
            "DTSTART:20141015T080000Z",
            "SUMMARY:Paper released: Children\\, Young People\\; and Families\\\\Crime",
            "DESCRIPTION:One.\\nTwo.",
            "LOCATION:Civic Centre",
            "STATUS:CANCELLED",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    );
}

#[test]
fn a_meeting_that_moves_keeps_its_entries_and_counts_them_up() {
    let rules = rules(Nation::England);
    let entries = |meeting: &str| plan(meeting, &rules).entries("Cabinet", "cabinet-3", 0);
    let (first, moved) = (entries("2014-10-23"), entries("2014-10-24"));
    for (before, after) in first.iter().zip(moved) {
        assert_eq!(before.uid, after.uid);
        let same = after.clone().following(&after);
        assert_eq!(same.sequence, 0, "nothing changed");
        let after = after.following(before);
        assert_eq!(after.sequence, 1);
        let cancelled = Entry { status: Status::Cancelled, ..after.clone() }.following(&after);
        assert_eq!(cancelled.sequence, 2);
    }
    let provisional = plan("2030-01-24", &rules).entries("Cabinet", "cabinet-90", 0);
    assert!(provisional.iter().all(|entry| entry.status == Status::Tentative && entry.description.contains("Provisional: ")));
    assert!(plan("2030-01-24", &rules).moment(Step::Release).is_some());
}
