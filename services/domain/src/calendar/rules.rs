//! One committee's rules: which days count, how far apart the steps are, and at what time of day.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{ClosedDays, Nation},
    text::{Fault, Refused},
};

/// So many working days before something, at a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Working days; none is the same day.
    pub days: u8,
    /// Time on the clock.
    pub at: NaiveTime,
}

impl Before {
    /// `days` working days before, at `hour` o'clock.
    pub fn new(days: u8, hour: u32) -> Self {
        Self { days, at: NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN) }
    }

    /// Whether this comes later than `earlier`, when both are counted back from the same day.
    fn is_after(self, earlier: Self) -> bool {
        (self.days, earlier.at) < (earlier.days, self.at)
    }
}

/// The rules of one committee. Read from the end: the meeting, release so many clear days before it, and from there each
/// step so many working days before the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Whose law and whose bank holidays.
    pub nation: Nation,
    /// How many clear days must lie between release and meeting.
    pub clear_days: u8,
    /// Whether a Saturday is a clear day. Never a working day.
    pub saturdays: bool,
    /// Local closed days. They are kept apart from the rest.
    #[serde(skip)]
    pub closed: ClosedDays,
    /// When the paper goes out on the day of release.
    pub release_at: NaiveTime,
    /// How many working days an approved paper rests before release. Approval is due at the time of day of release, so
    /// that each of these days is a whole one.
    pub cooling_off: u8,
    /// The paper is frozen so long before approval is due.
    pub freeze: Before,
    /// Only corrections are taken from so long before the freeze.
    pub closed_to_new: Before,
    /// Returns are due so long before that.
    pub deadline: Before,
    /// Who owes a return is reminded so long before the deadline, the first reminder first.
    pub reminders: Vec<Before>,
    /// Collecting opens so long before the deadline, but never before the period reported on is over.
    pub opening: Before,
}

impl Rules {
    /// The most working days between two steps, and the most clear days.
    pub const MAX_DAYS: u8 = 60;
    /// The most reminders.
    pub const MAX_REMINDERS: usize = 10;

    /// The law's number of clear days or the committee's own, and for the rest what leaves returns due
    /// ten working days before a meeting that asks for five clear days: one for each step in between. Reminders go ten, five
    /// and one working days before the deadline; collecting is open for twenty.
    pub fn new(nation: Nation, clear_days: Option<u8>) -> Result<Self, Refused> {
        let clear_days = clear_days
            .or(nation.statutory_clear_days().map(|(days, _)| days))
            .ok_or_else(|| Refused::new(format!("must be given for {}: only England and Wales have a number built in", nation.name())))?;
        Ok(Self {
            nation,
            clear_days,
            saturdays: false,
            closed: ClosedDays::default(),
            release_at: Before::new(0, 9).at,
            cooling_off: 1,
            freeze: Before::new(1, 12),
            closed_to_new: Before::new(1, 17),
            deadline: Before::new(1, 17),
            reminders: vec![Before::new(10, 9), Before::new(5, 9), Before::new(1, 9)],
            opening: Before::new(20, 9),
        })
    }

    /// Everything wrong with them, each under the name of its field. Rules without a fault keep their steps in order
    /// whatever the meeting.
    pub fn faults(&self, field: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |name: &str, reason: String| faults.push(Fault::new(format!("{field}.{name}"), reason));
        let max = Self::MAX_DAYS;
        if !(1..=max).contains(&self.clear_days) {
            fault("clear_days", format!("must be from 1 to {max}"));
        }
        let approval = Before { days: 0, at: self.release_at };
        // Each step, the step it is counted back from at that one's time of day, and whether the two may coincide.
        let steps = [
            ("cooling_off", Before { days: self.cooling_off, at: self.release_at }, approval, true, "release"),
            ("freeze", self.freeze, approval, false, "approval"),
            ("closed_to_new", self.closed_to_new, Before { days: 0, at: self.freeze.at }, true, "the freeze"),
            ("deadline", self.deadline, Before { days: 0, at: self.closed_to_new.at }, true, "returns are closed to new ones"),
            ("opening", self.opening, Before { days: 0, at: self.deadline.at }, false, "the deadline"),
        ];
        for (name, step, next, may_coincide, what) in steps {
            if step.days > max {
                fault(name, format!("must be at most {max} working days before {what}"));
            } else if !(next.is_after(step) || may_coincide && step == next) {
                fault(name, format!("must come before {what}"));
            }
        }
        if self.reminders.len() > Self::MAX_REMINDERS {
            fault("reminders", format!("must be at most {}", Self::MAX_REMINDERS));
        }
        let deadline = Before { days: 0, at: self.deadline.at };
        let mut last = self.opening;
        for (index, &reminder) in self.reminders.iter().enumerate() {
            let name = format!("reminders[{index}]");
            if !deadline.is_after(reminder) {
                fault(&name, "must come before the deadline".to_owned());
            } else if !reminder.is_after(last) {
                fault(&name, if index == 0 { "must come after the opening" } else { "must come after the one before it" }.to_owned());
            }
            last = reminder;
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_england_and_wales_have_a_number_of_clear_days_built_in() {
        assert_eq!(Rules::new(Nation::England, None).unwrap().clear_days, 5);
        assert_eq!(Rules::new(Nation::Wales, None).unwrap().clear_days, 3);
        assert_eq!(Rules::new(Nation::England, Some(7)).unwrap().clear_days, 7, "a constitution may ask for more");
        for nation in [Nation::Scotland, Nation::NorthernIreland] {
            assert!(Rules::new(nation, None).unwrap_err().to_string().contains(nation.name()));
            assert!(Rules::new(nation, Some(3)).is_ok());
        }
        for nation in Nation::ALL {
            assert_eq!(Nation::from_word(nation.word()), Some(nation));
            assert!(Rules::new(nation, Some(3)).unwrap().faults("rules").is_empty());
        }
    }

    #[test]
    fn rules_out_of_order_are_refused_all_at_once() {
        let mut rules = Rules::new(Nation::England, Some(0)).unwrap();
        rules.freeze = Before::new(0, 9);
        rules.closed_to_new = Before::new(0, 17);
        rules.deadline = Before::new(61, 17);
        rules.opening = Before::new(2, 9);
        rules.reminders = vec![Before::new(5, 9), Before::new(6, 9), Before::new(0, 17)];
        let told: Vec<_> = rules.faults("rules").into_iter().map(|fault| format!("{} {}", fault.field, fault.reason)).collect();
        assert_eq!(
            told,
            [
                "rules.clear_days must be from 1 to 60",
                "rules.freeze must come before approval",
                "rules.closed_to_new must come before the freeze",
                "rules.deadline must be at most 60 working days before returns are closed to new ones",
                "rules.reminders[0] must come after the opening",
                "rules.reminders[1] must come after the one before it",
                "rules.reminders[2] must come before the deadline",
            ]
        );
    }

    #[test]
    fn steps_may_share_a_day_where_the_clock_keeps_them_apart() {
        let mut rules = Rules::new(Nation::Wales, None).unwrap();
        rules.cooling_off = 0;
        rules.freeze = Before::new(0, 8);
        rules.closed_to_new = Before::new(0, 8);
        rules.deadline = Before::new(0, 8);
        rules.reminders = vec![Before::new(0, 7)];
        assert_eq!(rules.faults("rules"), []);
    }
}
