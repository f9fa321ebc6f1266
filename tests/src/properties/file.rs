//! Files of comma-separated values, on the client's side and on the server's, and what is typed on a
//! command line.

use chrono::NaiveDate;
use csp_domain::calendar::{BankHolidays, ClosedDays, CommitteeRules, Nation, Reports, Rules, reporting::ReportingPeriods};

/// A file of figures becomes as many figures as it has lines, or every fault is told with its place.
pub(super) fn figures_hold(bytes: &[u8]) {
    let Ok(text) = csp::outside::file(bytes.to_vec()) else { return };
    // A line of its own divides the file of figures from that of quoted figures.
    let (figures, quoted) = text.split_once("\n---\n").unwrap_or((&text, "subject,value,source\na,b,c\n"));
    match csp::outside::figures(figures, quoted) {
        Ok(read) => {
            assert!(!read.figures.is_empty() && read.figures.len() <= figures.split(['\n', '\r']).count());
            for figure in &read.figures {
                assert!(!figure.indicator.is_empty() && figure.answer.is_some(), "{figure:?}");
            }
        }
        Err(told) => {
            assert!(told.contains(".csv"), "{told}");
            assert!(!told.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{told:?}");
        }
    }
}

/// A file of members becomes members with addresses, each once, or every fault is told with its line.
pub(super) fn members_hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let today = NaiveDate::from_ymd_opt(2022, 1, 5).expect("there was such a day");
    match csp_api::outside::members(&text, today) {
        Ok(members) => {
            assert!((1..=1_000).contains(&members.len()));
            let addresses: std::collections::BTreeSet<&String> = members.iter().map(|(_, address)| address).collect();
            assert_eq!(addresses.len(), members.len(), "nobody is written to twice");
        }
        Err(faults) => {
            assert!((1..=200).contains(&faults.len()) && faults.iter().all(|fault| fault.field.starts_with("csv")), "{faults:?}");
        }
    }
}

/// A file of meetings becomes meetings, each of which the rules make dates of or say why not; or every fault is told with its line.
pub(super) fn meetings_hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let rules = Rules::new(Nation::England, None).expect("England has a number of its own");
    let meeting_at = rules.release_at;
    let rules = CommitteeRules { rules, meeting_at, reports_on: ReportingPeriods::FinancialQuarters };
    match csp_api::outside::meetings(&text) {
        Ok(meetings) => {
            assert!((1..=1_000).contains(&meetings.len()));
            for (day, uid) in &meetings {
                assert!(uid.is_some(), "a meeting that moves must be known again");
                let (meeting, closed) = (day.and_time(meeting_at), ClosedDays::default());
                match rules.reckon(meeting, Reports::ByRule(None), None, &closed, BankHolidays::shipped()) {
                    Ok(made) => assert!(made.timetable.check().is_ok() && made.period.end() < *day, "{made:?}"),
                    Err(faults) => assert!(!faults.is_empty()),
                }
            }
        }
        Err(faults) => {
            assert!((1..=200).contains(&faults.len()) && faults.iter().all(|fault| fault.field.starts_with("ics")), "{faults:?}");
        }
    }
}

/// What is typed is understood in one way, or refused with an example.
pub(super) fn typed_holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(day) = csp::outside::day(&text) {
        assert_eq!(day, text);
    }
    if let Ok((seconds, shown)) = csp::outside::moment(&text) {
        assert!(shown.is_some_and(|shown| !shown.is_empty()), "{seconds} cannot be shown");
    }
    if let Ok((full, short)) = csp::outside::cycle(&text) {
        assert!(full.starts_with("regions/") && full.split('/').count() == 6, "{full}");
        // Of another region the short form says too little, and the full one is understood as it is.
        assert_eq!(csp::outside::cycle(&full).map(|(again, _)| again), Ok(full.clone()));
        if full.starts_with("regions/northumbria/committees/") && full.split('/').nth(4) == Some("cycles") && !short.starts_with("regions/")
        {
            assert_eq!(csp::outside::cycle(&short).map(|(again, _)| again), Ok(full));
        }
    }
    if csp::outside::token(&text).is_ok() {
        assert!(text.trim().bytes().all(|b| b.is_ascii_graphic()));
    }
    if let Err(told) = csp::outside::settings(&text) {
        assert!(!told.is_empty());
    }
    assert!(!csp::outside::shown(&text).contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
}
