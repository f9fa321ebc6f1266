//! When who owes something is reminded of it: the rungs of a cycle, and the one hour of the day at which anybody is written to.
//!
//! Reminders go out in rounds, at most one a day, on working days at [`ROUND_AT`]. A round takes the highest rung that was reached
//! since the round before, so who sleeps through three mornings sends one letter, not three.

use chrono::{NaiveTime, Timelike as _};
use chrono_tz::Tz;

use crate::{
    calendar::{Timetable, WorkingDays, civil_day, instant},
    clock::Instant,
};

/// The hour of a round.
pub(super) const ROUND_AT: u32 = 9;
/// A round that was missed is made up for until this hour; after it the next morning serves better.
const ROUND_UNTIL: u32 = 18;

/// How far a cycle has come, as somebody who is reminded sees it. In order: a later one takes the place of those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Collecting has opened.
    Opened,
    /// A reminder before the last two: where nobody said otherwise ten working days before returns are due.
    First,
    /// The last but one, five working days before: from here on the lead is written to as well.
    Second,
    /// The last, one working day before: from here on the editor is told who is missing.
    Last,
    /// Returns are due today, or before the next working day.
    DueToday,
    /// The deadline has passed.
    Overdue,
    /// The paper is frozen and waits for approval.
    Approval,
    /// Two working days before publication it still waits: once approved, it is kept back for one.
    ApprovalLast,
    /// Publication has passed without approval.
    ApprovalOverdue,
}

impl Rung {
    /// Whether it is about the paper's approval, and no longer about returns.
    pub fn is_about_approval(self) -> bool {
        self >= Self::Approval
    }

    /// Whether the partnership's lead is written to beside its officer.
    pub fn reaches_the_lead(self) -> bool {
        self >= Self::Second
    }

    /// Whether the committee's editor is told who is missing.
    pub fn reaches_the_editor(self) -> bool {
        self >= Self::Last
    }
}

/// Working days before the deadline on which who owes a return is reminded, where a committee does not say.
pub const REMINDERS: [u8; 3] = [10, 5, 1];

/// The round that is to be made at `now`, if any: this morning's, where an office is open today.
pub fn round<'a>(now: Instant, offices: impl IntoIterator<Item = WorkingDays<'a>>, zone: Tz) -> Option<Instant> {
    let today = civil_day(now, zone);
    this_morning(now, zone).filter(|_| offices.into_iter().any(|office| office.contains(today)))
}

/// This morning's round, at an hour at which one is made; whether any office is open is not asked.
pub fn this_morning(now: Instant, zone: Tz) -> Option<Instant> {
    let hour = now.with_timezone(&zone).hour();
    (ROUND_AT..ROUND_UNTIL).contains(&hour).then(|| instant(civil_day(now, zone).and_time(at(ROUND_AT)), zone))
}

/// The first round at or after `moment`.
pub fn next_round(moment: Instant, office: WorkingDays<'_>, zone: Tz) -> Instant {
    let day = civil_day(moment, zone);
    let this = instant(office.after(day, 0).and_time(at(ROUND_AT)), zone);
    if this >= moment { this } else { instant(office.after(day, 1).and_time(at(ROUND_AT)), zone) }
}

/// The rungs of a cycle and the rounds at which they are reached, the earliest first. Those that would come before collecting
/// opens, or after what they remind of, are left out.
pub fn rungs(timetable: &Timetable, office: WorkingDays<'_>, reminders: &[u8], cooling_off: u8, zone: Tz) -> Vec<(Rung, Instant)> {
    let round_of = |day| instant(office.before(day, 0).and_time(at(ROUND_AT)), zone);
    let before = |moment: Instant, days| round_of(office.before(civil_day(moment, zone), days));
    let (opens, deadline, publication) = (timetable.opens_at, timetable.deadline_at, timetable.publication_at);
    let opened = next_round(opens, office, zone);
    let mut rungs = vec![(Rung::Opened, opened)];
    // The last reminder is the last whatever its number, and so the one before it.
    let names = reminders.iter().enumerate().map(|(nth, &days)| match reminders.len() - nth {
        1 => (Rung::Last, days),
        2 => (Rung::Second, days),
        _ => (Rung::First, days),
    });
    for (rung, days) in names.chain([(Rung::DueToday, 0)]) {
        let at = before(deadline, days);
        // What falls on the morning of the opening says the same with more urgency, and takes its place.
        if at >= opened && at < deadline {
            rungs.push((rung, at));
        }
    }
    rungs.push((Rung::Overdue, next_round(deadline, office, zone)));
    let frozen = next_round(timetable.freeze_at, office, zone);
    rungs.push((Rung::Approval, frozen));
    // A day before that would be too late for publication.
    let last = before(publication, cooling_off.saturating_add(1));
    if last >= frozen {
        rungs.push((Rung::ApprovalLast, last));
    }
    rungs.push((Rung::ApprovalOverdue, next_round(publication, office, zone)));
    rungs.sort_by_key(|&(rung, at)| (at, rung));
    rungs
}

/// The highest rung about returns, and the highest about approval, that were reached after `since` and not after `round`.
pub fn reached(rungs: &[(Rung, Instant)], since: Instant, round: Instant) -> (Option<Rung>, Option<Rung>) {
    let of = |approval| {
        let found = rungs.iter().filter(|&&(rung, at)| rung.is_about_approval() == approval && since < at && at <= round);
        found.map(|&(rung, _)| rung).max()
    };
    (of(false), of(true))
}

fn at(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike as _, TimeDelta, Weekday};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        calendar::{BankHolidays, ClosedDays, Nation, Recurrence},
        period::Quarter,
    };

    const LONDON: Tz = chrono_tz::Europe::London;

    /// The working days of an office in `nation`, without local closed days.
    fn office(nation: Nation) -> WorkingDays<'static> {
        static OPEN: std::sync::LazyLock<ClosedDays> = std::sync::LazyLock::new(ClosedDays::default);
        WorkingDays::new(BankHolidays::shipped().of(nation.division()), &OPEN)
    }

    fn rungs_of(timetable: &Timetable, nation: Nation) -> Vec<(Rung, Instant)> {
        rungs(timetable, office(nation), &REMINDERS, 1, LONDON)
    }

    fn said(rungs: &[(Rung, Instant)]) -> Vec<String> {
        rungs.iter().map(|(rung, at)| format!("{rung:?} {}", at.with_timezone(&LONDON).format("%a %-d %b %H:%M"))).collect()
    }

    fn third_quarter() -> Timetable {
        Recurrence::from_first(Quarter::new(2021, 1).unwrap()).timetable(Quarter::new(2021, 3).unwrap(), LONDON)
    }

    #[test]
    fn the_rungs_of_the_third_quarter_of_2021_22() {
        // It opens on New Year's Day, a Saturday; the Monday is a bank holiday.
        assert_eq!(
            said(&rungs_of(&third_quarter(), Nation::England)),
            [
                "Opened Tue 4 Jan 09:00",
                "Second Wed 5 Jan 09:00",
                "Last Tue 11 Jan 09:00",
                "DueToday Wed 12 Jan 09:00",
                "Overdue Thu 13 Jan 09:00",
                "Approval Thu 13 Jan 09:00",
                "ApprovalLast Fri 14 Jan 09:00",
                "ApprovalOverdue Tue 18 Jan 09:00",
            ]
        );
    }

    #[test]
    fn what_is_due_on_a_sunday_is_due_before_the_next_working_day() {
        let mut timetable = third_quarter();
        timetable.deadline_at = "2022-01-16T17:00:00Z".parse().unwrap();
        timetable.freeze_at = timetable.deadline_at;
        let found = rungs_of(&timetable, Nation::England);
        assert!(said(&found).contains(&"DueToday Fri 14 Jan 09:00".to_owned()), "{:?}", said(&found));
    }

    #[test]
    fn a_committee_reminds_when_its_rules_say_and_not_on_its_own_closed_days() {
        let mut timetable = third_quarter();
        timetable.freeze_at = "2022-01-14T12:00:00Z".parse().unwrap();
        let shut = "2022-01-11".parse().unwrap();
        let closed = ClosedDays::new([(shut, crate::text::Line::parse("training", crate::text::Line::NAME).unwrap())]).unwrap();
        let office = WorkingDays::new(BankHolidays::shipped().of(Nation::England.division()), &closed);
        let found = said(&rungs(&timetable, office, &[3, 1], 1, LONDON));
        assert_eq!(found[..3], ["Opened Tue 4 Jan 09:00", "Second Thu 6 Jan 09:00", "Last Mon 10 Jan 09:00"]);
        assert!(found.contains(&"Overdue Thu 13 Jan 09:00".to_owned()), "{found:?}");
        assert!(found.contains(&"Approval Mon 17 Jan 09:00".to_owned()), "there is no paper before the freeze: {found:?}");
    }

    #[test]
    fn rounds_are_made_on_working_days_from_nine_to_six() {
        let round = |text: &str| round(text.parse().unwrap(), [office(Nation::England)], LONDON).map(|at| at.to_rfc3339());
        assert_eq!(round("2022-01-04T08:59:59Z"), None);
        assert_eq!(round("2022-01-04T09:00:00Z").as_deref(), Some("2022-01-04T09:00:00+00:00"));
        assert_eq!(round("2022-01-04T17:59:59Z").as_deref(), Some("2022-01-04T09:00:00+00:00"));
        assert_eq!(round("2022-01-04T18:00:00Z"), None, "the next morning serves better");
        assert_eq!(round("2022-01-03T10:00:00Z"), None, "New Year's Day, in lieu");
        assert_eq!(round("2022-07-04T08:00:00Z").as_deref(), Some("2022-07-04T08:00:00+00:00"), "nine by the clock in summer");
    }

    #[test]
    fn who_slept_through_three_mornings_sends_the_last_letter_only() {
        let found = rungs_of(&third_quarter(), Nation::England);
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let reached = |since, until| reached(&found, at(since), at(until));
        assert_eq!(reached("2022-01-03T09:00:00Z", "2022-01-11T09:00:00Z"), (Some(Rung::Last), None));
        assert_eq!(reached("2022-01-11T09:00:00Z", "2022-01-11T09:00:00Z"), (None, None));
        assert_eq!(reached("2022-01-12T09:00:00Z", "2022-01-13T09:00:00Z"), (Some(Rung::Overdue), Some(Rung::Approval)));
    }

    proptest! {
        #[test]
        fn rungs_climb_on_working_mornings_between_the_opening_and_publication(
            year in 2012_i32..2027, quarter in 1_u8..=4, open in 1_u16..20, due in 9_u16..40, nation in 0_usize..4,
        ) {
            let nation = Nation::ALL[nation];
            let mut recurrence = Recurrence::from_first(Quarter::new(2010, 1).unwrap());
            recurrence.opens.days = open;
            recurrence.meeting.days = open + due + 10;
            recurrence.deadline.days = due;
            let timetable = recurrence.timetable(Quarter::new(year, quarter).unwrap(), LONDON);
            prop_assume!(timetable.check().is_ok());
            let found = rungs_of(&timetable, nation);
            for pair in found.windows(2) {
                prop_assert!(pair[0].1 <= pair[1].1 && pair[0].0 < pair[1].0, "{:?}", said(&found));
            }
            for &(rung, at) in &found {
                let civil = at.with_timezone(&LONDON);
                prop_assert_eq!(civil.hour(), ROUND_AT);
                prop_assert!(!matches!(civil.weekday(), Weekday::Sat | Weekday::Sun));
                prop_assert!(at >= timetable.opens_at);
                prop_assert_eq!(at < timetable.deadline_at, rung < Rung::Overdue);
                // Each is reached by the round that it names, whoever looks, and by no other.
                prop_assert_eq!(round(at, [office(nation)], LONDON), Some(at));
                prop_assert_eq!(next_round(at, office(nation), LONDON), at);
                prop_assert!(next_round(at + TimeDelta::seconds(1), office(nation), LONDON) > at);
            }
        }
    }
}
