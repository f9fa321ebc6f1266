//! `cspd calendar`, as whoever plans a committee's year meets it.

mod common;

use common::Screen;
use serde_json::Value;

async fn calendar(args: &[&str]) -> (u8, Screen) {
    let screen = Screen::default();
    let args = ["cspd", "calendar"].into_iter().chain(args.iter().copied()).map(Into::into);
    // A folder that cannot be made and an address that is none: the command wants neither settings nor data.
    let variables = [("CSPD_DATA_DIRECTORY", "/dev/null/nowhere"), ("CSPD_LISTEN__API", "here")];
    let code = cspd::command(args, &mut screen.terminal(variables)).await;
    (code, screen)
}

/// The answer to what was asked rightly.
async fn answer(args: &[&str]) -> String {
    let (code, screen) = calendar(args).await;
    assert_eq!((code, screen.talk().as_str()), (0, ""), "{args:?}");
    screen.output()
}

#[tokio::test]
async fn the_dates_of_a_cabinet_fit_a_table() {
    insta::assert_snapshot!(
        "cabinet_in_october_2014",
        answer(&["2014-10-23", "--nation", "england", "--time", "16:00", "--committee", "Cabinet"]).await
    );
    insta::assert_snapshot!(
        "wales_in_may_2014_with_saturdays",
        answer(&["2014-05-08", "--nation", "wales", "--saturdays", "--reports-on", "statutory-quarter"]).await
    );
    insta::assert_snapshot!(
        "beyond_the_list_and_closed_between_the_years",
        answer(&["2029-01-09", "--nation", "england", "--closed", "2028-12-27=offices shut", "--closed", "2028-12-28"]).await
    );
    insta::assert_snapshot!(
        "a_board_that_met_twice",
        answer(&["2014-10-23", "--nation", "england", "--board", "2014-07-02", "--board", "2014-09-24", "--last-report", "2014-06-18"])
            .await
    );
}

#[tokio::test]
async fn a_program_reads_the_same_dates_as_json() {
    let text = answer(&["2014-10-23", "--nation", "england", "--output", "json", "--reports-on", "financial-quarter"]).await;
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["nation"], &document["clear_days"]), (&Value::from("england"), &Value::from(5)));
    let meeting = &document["meetings"][0];
    let release = meeting["dates"].as_array().unwrap().iter().find(|date| date["step"] == "release").unwrap();
    assert_eq!(
        *release,
        serde_json::json!({
            "step": "release", "date": "2014-10-15", "time": "09:00", "at": "2014-10-15T08:00:00Z", "provisional": false,
            "why": "five clear days before the meeting on Thursday 23 October 2014",
        })
    );
    // Returns are due on 9 October: the second quarter is over, and collecting waits for its end.
    assert_eq!(meeting["reports_on"]["label"], "Q2 2014/15 (July to September 2014)");
    assert_eq!(meeting["dates"][0]["date"], "2014-10-01");
}

/// Two meetings, the second of them cancelled.
const EXPORT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example Council//EN\r\n\
    BEGIN:VEVENT\r\nUID:a@example.org\r\nSEQUENCE:3\r\nDTSTART;TZID=Europe/London:20141023T160000\r\nSUMMARY:Cabinet\r\nLOCATION:Civic Centre\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:b@example.org\r\nDTSTART;VALUE=DATE:20141120\r\nSUMMARY:Cabinet\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

#[tokio::test]
async fn meetings_from_a_file_become_entries_of_a_diary() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cabinet.ics");
    std::fs::write(&file, EXPORT).unwrap();
    let file = file.to_str().unwrap();
    let asked = ["--meetings", file, "--nation", "england", "--output", "ics"];
    let text = answer(&asked).await;
    let read: icalendar::Calendar = text.parse().unwrap();
    assert_eq!(read.components.len(), 20, "ten dates for each");
    let told = |nth: usize, name: &str| {
        let icalendar::CalendarComponent::Event(event) = &read.components[nth] else { panic!("an event") };
        icalendar::Component::property_value(event, name).map(ToOwned::to_owned)
    };
    assert_eq!(told(8, "SUMMARY").as_deref(), Some("Paper released: Cabinet"));
    assert_eq!((told(8, "DTSTART").as_deref(), told(8, "SEQUENCE").as_deref()), (Some("20141015T080000Z"), Some("3")));
    assert_eq!((told(8, "LOCATION"), told(9, "LOCATION").as_deref()), (None, Some("Civic Centre")));
    assert_eq!((told(9, "STATUS").as_deref(), told(19, "STATUS").as_deref()), (Some("CONFIRMED"), Some("CANCELLED")));

    let uids = |text: &str| text.lines().filter(|line| line.starts_with("UID:")).map(ToOwned::to_owned).collect::<Vec<_>>();
    let moved = EXPORT.replace("20141023T160000", "20141030T160000").replace("SEQUENCE:3", "SEQUENCE:4");
    std::fs::write(file, moved).unwrap();
    assert_eq!(uids(&answer(&asked).await), uids(&text), "a meeting that moves keeps its entries");
    let other = answer(&[&asked[..], &["--committee", "Scrutiny"]].concat()).await;
    assert!(uids(&other).iter().all(|uid| !text.contains(uid.as_str())), "another committee's are others");

    let table = answer(&["--meetings", file, "--nation", "england"]).await;
    assert!(
        table.contains("Cabinet on Thursday 30 October 2014\n")
            && table.ends_with("Cabinet on Thursday 20 November 2014\nwill not take place.\n")
    );
}

#[tokio::test]
async fn a_newer_list_of_bank_holidays_makes_dates_firm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank-holidays.json");
    let events = r#"{"events": [
        {"title": "New Year’s Day", "date": "2028-01-03"}, {"title": "Christmas Day", "date": "2028-12-25"},
        {"title": "New Year’s Day", "date": "2029-01-01"}, {"title": "Christmas Day", "date": "2029-12-25"}
    ]}"#;
    std::fs::write(&file, format!("{{\"england-and-wales\": {events}, \"scotland\": {events}, \"northern-ireland\": {events}}}")).unwrap();
    let asked = ["2029-01-09", "--nation", "scotland", "--clear-days", "3", "--holidays", file.to_str().unwrap()];
    let text = answer(&asked).await;
    assert!(!text.contains("provisional"), "{text}");
    let released = text.lines().find(|line| line.contains("Paper released")).unwrap();
    assert!(released.contains("Wednesday") && released.contains(" 3 January 2029 "), "{text}");

    std::fs::write(&file, r#"{"scotland": {"events": [{"title": "", "date": "tomorrow"}]}}"#).unwrap();
    let (code, screen) = calendar(&asked).await;
    assert_eq!((code, screen.output().as_str()), (1, ""));
    for told in ["england-and-wales must be there", "scotland.events[0].title must not be empty", "scotland.events[0].date must be a day"] {
        assert!(screen.talk().contains(told), "{}", screen.talk());
    }
}

#[tokio::test]
async fn what_cannot_be_counted_is_told_in_words() {
    for (args, code, told) in [
        (&["2014-10-23", "--nation", "scotland"][..], 1, "--clear-days must be given for Scotland"),
        (&["2014-10-23", "--nation", "england", "--clear-days", "0"], 1, "--clear-days must be from 1 to 60"),
        (&["1814-10-23", "--nation", "england"], 1, "meeting must be between 1990 and 2200"),
        (
            &["2014-10-23", "--nation", "england", "--closed", "2014-10-20", "--closed", "2014-10-20"],
            1,
            "must not name a day twice: 2014-10-20",
        ),
        (
            &["2014-10-23", "--nation", "england", "--reports-on", "2014-q3"],
            1,
            "2014-10-23: the period must have one that is over before 9 October 2014",
        ),
        (&["--meetings", "/nowhere.ics", "--nation", "england"], 1, "/nowhere.ics could not be read"),
        (&["2014-10-23", "--nation", "mercia"], 64, "must be one of england, wales, scotland, northern-ireland"),
        (&["2014-10-23", "--nation", "england", "--closed", "tomorrow"], 64, "must be a day such as 2026-12-29"),
        (&["2014-10-23", "--nation", "england", "--time", "noon"], 64, "must be a time of day such as 14:00"),
        (&["23/10/2014", "--nation", "england"], 64, "23/10/2014"),
        (&["2014-10-23"], 64, "--nation"),
        (&["--nation", "england"], 64, "DATE"),
    ] {
        let (got, screen) = calendar(args).await;
        assert_eq!((got, screen.output().as_str()), (code, ""), "{args:?}: {}", screen.talk());
        assert!(screen.talk().contains(told), "{args:?}: {}", screen.talk());
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.ics");
    std::fs::write(&file, EXPORT.replace("UID:b@example.org\r\n", "").replace("20141023T160000", "soon")).unwrap();
    let (code, screen) = calendar(&["--meetings", file.to_str().unwrap(), "--nation", "england"]).await;
    assert_eq!(code, 1);
    let told: Vec<String> = screen.talk().lines().skip(1).map(ToOwned::to_owned).collect();
    assert_eq!(told, ["  line 7 must be a day and a time such as 20141023T140000", "  line 11 must have a UID in its event"]);
}

#[tokio::test]
async fn what_no_clock_shows_is_not_printed_and_no_such_day_is_said_plainly() {
    // Clocks go from 01:00 to 02:00 that night.
    let text = answer(&["2026-03-29", "--nation", "england", "--time", "01:30"]).await;
    assert!(text.contains("02:30") && !text.contains("01:30"), "{text}");
    for day in ["2027-02-29", "29/02/2027"] {
        let (code, screen) = calendar(&[day, "--nation", "england"]).await;
        assert_eq!(code, 64);
        assert!(screen.talk().contains("must be a day that there is, such as 2014-10-23"), "{}", screen.talk());
    }
}

#[tokio::test]
async fn a_bad_list_of_holidays_is_named_as_it_is_and_explained_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hol.json");
    std::fs::write(&file, r#"{"england-and-wales": 3}"#).unwrap();
    let shown = file.display().to_string();
    let (code, screen) = calendar(&["2026-03-29", "--nation", "england", "--holidays", &shown]).await;
    assert_ne!(code, 0);
    let said = screen.talk();
    assert!(said.contains(&format!("The file {shown} is not a list of bank holidays")), "{said}");
    assert!(said.contains("a division with its events") && !said.contains("struct"), "{said}");
}
