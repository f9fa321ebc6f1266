//! What is counted back is counted forward again, whatever the meeting, the nation and the closed days.

use chrono::{Days, NaiveDate};
use csp_domain::{
    calendar::{BankHolidays, Before, ClearDays, ClosedDays, Division, Nation, Plan, Rules, WorkingDays},
    text::Line,
};
use proptest::prelude::*;

use crate::{day, rules, two_o_clock};

/// From before the list of bank holidays to after it.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0_u64..8_400).prop_map(|days| day("2010-01-01") + Days::new(days))
}

/// A handful of local closed days near `around`, in one run or strewn.
fn closed(around: NaiveDate) -> impl Strategy<Value = ClosedDays> {
    proptest::collection::btree_set(0_u64..80, 0..12).prop_map(move |days| {
        let reason = Line::parse("closed", Line::NAME).expect("a line");
        ClosedDays::new(days.into_iter().map(|back| (around - Days::new(back), reason.clone()))).expect("each day once")
    })
}

fn any_nation() -> impl Strategy<Value = Nation> {
    proptest::sample::select(&Nation::ALL[..])
}

fn any_rules() -> impl Strategy<Value = (NaiveDate, Rules)> {
    let shape = (any_nation(), 1_u8..=10, any::<bool>(), 0_u8..=3, 1_u8..=4, 1_u8..=4, 1_u8..=6);
    (any_day(), shape).prop_flat_map(|(meeting, (nation, clear_days, saturdays, cooling_off, freeze, closed_to_new, deadline))| {
        let mut rules = rules(nation);
        rules.clear_days = clear_days;
        rules.saturdays = saturdays;
        rules.cooling_off = cooling_off;
        rules.freeze = Before::new(freeze, 12);
        rules.closed_to_new = Before::new(closed_to_new, 17);
        rules.deadline = Before::new(deadline, 17);
        closed(meeting).prop_map(move |closed| (meeting, Rules { closed, ..rules.clone() }))
    })
}

fn planned(meeting: NaiveDate, rules: &Rules) -> Plan {
    Plan::new(meeting.and_time(two_o_clock()), None, rules, BankHolidays::shipped()).expect("rules in order")
}

proptest! {
    #[test]
    fn working_days_counted_back_are_counted_forward((start, closed) in any_day().prop_flat_map(|day| (Just(day), closed(day))),
        division in proptest::sample::select(&Division::ALL[..]), saturdays: bool, count in 0_u8..=60) {
        let days = WorkingDays::new(BankHolidays::shipped().of(division), &closed).with_saturdays(saturdays);
        let start = days.before(start, 0);
        let back = days.before(start, count);
        prop_assert!(days.contains(start) && days.contains(back));
        prop_assert_eq!(days.after(back, count), start);
        if count > 0 {
            prop_assert_eq!(days.between(back, start), usize::from(count) - 1);
        }
    }

    /// Enough days are clear; one working day later they are not.
    #[test]
    fn release_is_the_last_day_that_leaves_enough_clear_days((meeting, rules) in any_rules()) {
        let office = WorkingDays::new(BankHolidays::shipped().of(rules.nation.division()), &rules.closed);
        let clear = ClearDays::new(office, rules.saturdays);
        let notice = clear.latest_notice(meeting, rules.clear_days);
        prop_assert!(office.contains(notice) && notice < meeting);
        prop_assert!(clear.between(notice, meeting) >= usize::from(rules.clear_days));
        prop_assert!(clear.between(office.after(notice, 1), meeting) < usize::from(rules.clear_days));
    }

    #[test]
    fn steps_come_in_order_and_on_working_days((meeting, rules) in any_rules()) {
        let plan = planned(meeting, &rules);
        let office = WorkingDays::new(BankHolidays::shipped().of(rules.nation.division()), &rules.closed);
        prop_assert!(plan.moments().is_sorted_by_key(|moment| moment.at));
        let (_, steps) = plan.moments().split_last().expect("a plan has dates");
        for moment in steps {
            prop_assert!(office.contains(moment.civil.date()), "{:?}", moment);
        }
    }

    /// A meeting moved to a later working day moves no step earlier.
    #[test]
    fn a_later_meeting_makes_nothing_earlier((meeting, rules) in any_rules(), later in 1_u8..=15) {
        let office = WorkingDays::new(BankHolidays::shipped().of(rules.nation.division()), &rules.closed);
        let (earlier, later) = (planned(meeting, &rules), planned(office.after(meeting, later), &rules));
        for (before, after) in earlier.moments().iter().zip(later.moments()) {
            prop_assert_eq!(before.step, after.step);
            prop_assert!(before.civil <= after.civil, "{:?} {:?}", before, after);
        }
    }

    /// More closed days and more clear days never give anybody less time.
    #[test]
    fn stricter_rules_release_no_later((meeting, rules) in any_rules()) {
        let lax = Rules { closed: ClosedDays::default(), saturdays: true, ..rules.clone() };
        let strict = Rules { clear_days: rules.clear_days + 1, saturdays: false, ..rules.clone() };
        let releases = [strict, rules, lax].map(|rules| planned(meeting, &rules).moments().iter().rev().nth(1).map(|moment| moment.civil));
        prop_assert!(releases.is_sorted(), "{:?}", releases);
    }
}
