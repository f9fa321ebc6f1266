//! From a meeting back to the days of its cycle.
//!
//! Everything a committee's cycle does is counted back from the meeting: papers must be open to the
//! public so many *clear days* before it, and somebody must have approved, frozen, collected and
//! reminded before that. The counting is law, local custom and arithmetic, and each has a file here:
//!
//! * [`Nation`] says what the law asks for, [`BankHolidays`] and [`ClosedDays`] which days nobody works;
//! * [`WorkingDays`] counts, [`ClearDays`] counts as the law on notice does;
//! * [`Rules`] are one committee's numbers and times of day, [`Plan`] the dates that follow for one meeting, each
//!   with its reason in words;
//! * [`CommitteeRules`] are what one committee's meetings are planned by, [`Reckoning`] is what became of one of them, and
//!   [`onwards`] what may still move of it;
//! * [`ladder`] says when who owes something is reminded of it;
//! * [`reporting`] says what a meeting reports on, [`ics`] reads meetings and writes feeds.
//!
//! [`Recurrence`] is the simpler rule of committees that have none of these: whole days and weekends, from the end of a quarter.
//! Either way a cycle has a [`Timetable`]. `docs/calendar.md` has the sources of every rule.

mod civil;
mod clear_days;
mod closed_days;
mod committee_rules;
mod holidays;
pub mod ics;
pub mod ladder;
mod nation;
mod plan;
mod reckoning;
mod recurrence;
pub mod reporting;
mod rules;
mod timetable;
mod words;
mod working_days;

pub use civil::{civil_day, day_number, full, instant, time_and_day, weekday_and_day};
pub use clear_days::ClearDays;
pub use closed_days::ClosedDays;
pub use committee_rules::{CommitteeRules, Reckoned, Reports};
pub use holidays::{BankHolidays, Certainty, Division, Holidays};
pub use nation::Nation;
pub use plan::{Moment, Plan, Step};
pub use reckoning::{Move, PeriodMove, ReckonedDate, Reckoning, moves, onwards};
pub use recurrence::{Offset, QuarterKey, Recurrence};
pub use rules::{Before, Rules};
pub use timetable::Timetable;
pub use words::number;
pub use working_days::{Closure, WorkingDays};
