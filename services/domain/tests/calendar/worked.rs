//! Days counted by hand.
//!
//! Thursday 23 October 2014, Thursday 15 March 2012, Monday 26 April 2010 and Thursday 8 May 2014 are meetings to which
//! partnerships really reported. The others were chosen for what lies before them: Easter, Christmas, a substitute day, a
//! bank holiday that was moved or added. Bank holidays as on gov.uk.

use csp_domain::{
    calendar::{BankHolidays, Certainty, ClosedDays, Nation, Plan, Step, full},
    text::Line,
};

use crate::{day, plan, release, rules, two_o_clock};

/// Nation, meeting, the latest day of release where Saturdays are not clear days, and where they are.
const COUNTED_BY_HAND: &[(Nation, &str, &str, &str)] = &[
    (Nation::England, "2014-10-23", "2014-10-15", "2014-10-16"),
    (Nation::England, "2012-03-15", "2012-03-07", "2012-03-08"),
    (Nation::England, "2010-04-26", "2010-04-16", "2010-04-19"),
    // Early May bank holiday on the 5th.
    (Nation::England, "2014-05-08", "2014-04-29", "2014-04-30"),
    (Nation::Wales, "2014-05-08", "2014-05-01", "2014-05-02"),
    // A week without holidays, each day of it. A Saturday that counts helps nobody whose notice would fall on it.
    (Nation::England, "2014-10-20", "2014-10-10", "2014-10-13"),
    (Nation::England, "2014-10-21", "2014-10-13", "2014-10-14"),
    (Nation::England, "2014-10-22", "2014-10-14", "2014-10-15"),
    (Nation::England, "2014-10-24", "2014-10-16", "2014-10-17"),
    (Nation::Wales, "2014-10-20", "2014-10-14", "2014-10-15"),
    (Nation::Wales, "2014-10-21", "2014-10-15", "2014-10-16"),
    (Nation::Wales, "2014-10-22", "2014-10-16", "2014-10-17"),
    (Nation::Wales, "2014-10-23", "2014-10-17", "2014-10-17"),
    (Nation::Wales, "2014-10-24", "2014-10-20", "2014-10-20"),
    // Good Friday 18 and Easter Monday 21 April 2014.
    (Nation::England, "2014-04-24", "2014-04-14", "2014-04-15"),
    (Nation::Wales, "2014-04-24", "2014-04-16", "2014-04-17"),
    (Nation::England, "2014-04-17", "2014-04-09", "2014-04-10"),
    // In Scotland Easter Monday is a working day.
    (Nation::Scotland, "2014-04-24", "2014-04-17", "2014-04-17"),
    // Christmas 2014 on Thursday, Boxing Day on Friday, New Year on Thursday.
    (Nation::England, "2015-01-06", "2014-12-24", "2014-12-29"),
    (Nation::Wales, "2015-01-06", "2014-12-30", "2014-12-31"),
    // Scotland has 2 January as well.
    (Nation::Scotland, "2015-01-06", "2014-12-29", "2014-12-30"),
    // Christmas 2021 on Saturday and Boxing Day on Sunday: Monday 27 and Tuesday 28 instead; New Year on Monday 3 January 2022.
    (Nation::England, "2022-01-06", "2021-12-24", "2021-12-29"),
    (Nation::Wales, "2022-01-06", "2021-12-30", "2021-12-31"),
    // The Jubilee: the spring holiday moved to Thursday 2 June 2012, and a day added. Monday 4 and Tuesday 5 in 2012.
    (Nation::England, "2012-06-08", "2012-05-29", "2012-05-30"),
    (Nation::England, "2022-06-08", "2022-05-27", "2022-05-30"),
    // Moved from Monday 4 to Friday 8 May 2020.
    (Nation::England, "2020-05-07", "2020-04-29", "2020-04-30"),
    (Nation::England, "2020-05-14", "2020-05-05", "2020-05-06"),
    // The State Funeral on Monday 19 September 2022.
    (Nation::England, "2022-09-22", "2022-09-13", "2022-09-14"),
    (Nation::Wales, "2022-09-22", "2022-09-15", "2022-09-16"),
    // The Coronation on Monday 8 May 2023, a week after the early May holiday.
    (Nation::England, "2023-05-11", "2023-05-02", "2023-05-03"),
    // The Battle of the Boyne, Tuesday 12 July 2022, and in England nothing.
    (Nation::NorthernIreland, "2022-07-14", "2022-07-07", "2022-07-08"),
    (Nation::Wales, "2022-07-14", "2022-07-08", "2022-07-08"),
    // A leap day counts.
    (Nation::England, "2024-03-05", "2024-02-26", "2024-02-27"),
    (Nation::England, "2024-03-01", "2024-02-22", "2024-02-23"),
];

#[test]
fn papers_are_released_on_the_days_counted_by_hand() {
    for &(nation, meeting, without_saturdays, with_saturdays) in COUNTED_BY_HAND {
        let mut rules = rules(nation);
        assert_eq!(release(meeting, &rules), day(without_saturdays), "{nation:?}, {meeting}");
        rules.saturdays = true;
        assert_eq!(release(meeting, &rules), day(with_saturdays), "{nation:?}, {meeting}, Saturdays counted");
    }
}

/// Everything that follows from a cabinet on Thursday 23 October 2014.
#[test]
fn every_step_of_a_cabinet_in_october_2014() {
    let plan = plan("2014-10-23", &rules(Nation::England));
    let told: Vec<_> = plan
        .moments()
        .iter()
        .map(|moment| format!("{}: {}: {}", moment.step.title(), full(moment.at, chrono_tz::Europe::London), moment.why))
        .collect();
    assert_eq!(
        told,
        [
            "Collecting opens: Thursday 11 September 2014 at 09:00: twenty working days before the deadline",
            "Reminder 1: Thursday 25 September 2014 at 09:00: ten working days before the deadline",
            "Reminder 2: Thursday 2 October 2014 at 09:00: five working days before the deadline",
            "Reminder 3: Wednesday 8 October 2014 at 09:00: one working day before the deadline",
            "Returns due: Thursday 9 October 2014 at 17:00: one working day before closing to new returns",
            "Closed to new returns: Friday 10 October 2014 at 17:00: one working day before the freeze",
            "Paper frozen: Monday 13 October 2014 at 12:00: one working day before approval",
            "Approved by: Tuesday 14 October 2014 at 09:00: one working day of cooling-off before release",
            "Paper released: Wednesday 15 October 2014 at 09:00: five clear days before the meeting on Thursday 23 October 2014",
            "Meeting: Thursday 23 October 2014 at 14:00: all other dates are counted back from it",
        ]
    );
    assert!(plan.moments().is_sorted_by_key(|moment| moment.at));
    assert_eq!(plan.certainty(), Certainty::Firm);
    assert!(plan.notes().is_empty() && plan.uncounted().is_empty());
}

#[test]
fn days_passed_over_are_told_with_their_reason() {
    let mut rules = rules(Nation::England);
    let between = |text: &str| (day(text), Line::parse("offices shut between the years", Line::NAME).expect("a line"));
    rules.closed = ClosedDays::new(["2014-12-29", "2014-12-30", "2014-12-31"].map(between)).expect("three days");
    let plan = plan("2015-01-06", &rules);
    assert_eq!(plan.moment(Step::Release).expect("a release").civil.date(), day("2014-12-19"));
    let told: Vec<_> = plan.uncounted().iter().map(|(day, why)| format!("{day} {why}")).collect();
    assert_eq!(
        told,
        [
            "2014-12-25 Christmas Day",
            "2014-12-26 Boxing Day",
            "2014-12-29 closed locally: offices shut between the years",
            "2014-12-30 closed locally: offices shut between the years",
            "2014-12-31 closed locally: offices shut between the years",
            "2015-01-01 New Year’s Day",
        ]
    );
}

/// Nine days' notice was all there was of 19 September 2022. Whoever counted before had Monday 12 September.
#[test]
fn a_holiday_announced_late_moves_the_release() {
    let rules = rules(Nation::Wales);
    let earlier = include_str!("../../data/bank-holidays.json").replace("2022-09-19", "2022-10-30");
    let earlier = BankHolidays::parse(&earlier).expect("the list without the State Funeral");
    let meeting = day("2022-09-22").and_time(two_o_clock());
    let release = |holidays: &BankHolidays| {
        let plan = Plan::new(meeting, None, &rules, holidays).expect("rules in order");
        plan.moment(Step::Release).expect("a release").civil.date()
    };
    assert_eq!(release(&earlier), day("2022-09-16"));
    assert_eq!(release(BankHolidays::shipped()), day("2022-09-15"));
}

#[test]
fn beyond_the_list_a_date_is_provisional() {
    let rules = rules(Nation::England);
    assert_eq!(plan("2028-12-29", &rules).certainty(), Certainty::Firm);
    let across = plan("2029-01-05", &rules);
    assert!(across.moments().iter().all(|moment| moment.certainty == Certainty::Provisional), "all are counted from the meeting");
    assert!(across.notes()[0].contains("2012 to 2028"), "{:?}", across.notes());
    // The list has a beginning too.
    assert_eq!(plan("2010-04-26", &rules).certainty(), Certainty::Provisional);
}

#[test]
fn what_should_make_one_think_is_noted() {
    let mut rules = rules(Nation::England);
    rules.clear_days = 3;
    rules.saturdays = true;
    let plan = plan("2014-05-05", &rules);
    assert_eq!(
        plan.notes(),
        [
            "The meeting is on a bank holiday: Early May bank holiday.",
            "Saturdays are counted as clear days. Whether they may be is disputed; leaving them out is the safe way.",
            "Three clear days are fewer than the five of section 100B of the Local Government Act 1972 as amended by SI 2002/715, which \
             binds principal councils in England.",
        ]
    );
}

#[test]
fn collecting_waits_for_the_quarter_to_end() {
    let rules = rules(Nation::England);
    let meeting = day("2022-01-26").and_time(two_o_clock());
    let plan = |period: &str| Plan::new(meeting, Some(period.parse().expect("a period")), &rules, BankHolidays::shipped());
    let plan_of_q3 = plan("2021-q3").expect("a quarter that is over in time");
    let opening = plan_of_q3.moment(Step::Opening).expect("an opening");
    assert_eq!(full(opening.at, chrono_tz::Europe::London), "Tuesday 4 January 2022 at 09:00");
    assert_eq!(opening.why, "the first working day after the period, which ends on 31 December 2021");
    let reminders = plan_of_q3.moments().iter().filter(|moment| matches!(moment.step, Step::Reminder(_)));
    assert_eq!(
        reminders.map(|moment| moment.step.word()).collect::<Vec<_>>(),
        ["reminder-2", "reminder-3"],
        "the first would come too soon"
    );
    assert_eq!(plan("2021-q2").expect("long over").moment(Step::Opening).expect("an opening").civil.date(), day("2021-12-10"));
    assert_eq!(plan_of_q3.notes(), [""; 0], "seven working days are enough to say nothing");
    assert_eq!(
        plan("2021-10-08..2022-01-07").expect("over in time").notes(),
        ["Three working days left for collecting: the period reported on ends shortly before returns are due."]
    );
    let fault = &plan("2021-q4").expect_err("not over")[0];
    assert_eq!(
        (fault.field.as_str(), fault.reason.as_str()),
        ("period", "must be over before returns are due at 17:00 on 12 January 2022: it ends on 31 March 2022")
    );
}
