//! When to try again.
//!
//! The curve of Postfix, which has carried the world's mail for decades: five minutes, doubled each
//! time, never more than 4,000 seconds, for five days. Chance is an argument: without it, a thousand
//! messages refused in the same minute would all come back in the same minute.

use chrono::TimeDelta;
use csp_domain::Instant;

/// A message that was queued this long ago and still cannot go is given up (RFC 5321 §4.5.4.1).
pub const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(5);

/// How long a message in doubt waits before the same bytes are sent again: longer than any answer
/// to a final dot is waited for, and soon enough for mailboxes that drop a second copy.
pub const IN_DOUBT_WAIT: TimeDelta = TimeDelta::minutes(15);

const FIRST_SECONDS: i64 = 300;
const LONGEST_SECONDS: i64 = 4000;

/// How long to wait after the attempt numbered `attempts` (the first is 1): 5, 10, 20, 40, 67 minutes
/// and no longer. `chance` is a random byte: 0 makes the wait a fifth shorter, 255 a fifth longer.
pub fn delay(attempts: i32, chance: u8) -> TimeDelta {
    let doublings = attempts.clamp(1, 16) - 1;
    let seconds = (FIRST_SECONDS << doublings).min(LONGEST_SECONDS);
    let per_mille = 800 + 400 * i64::from(chance) / 255;
    TimeDelta::milliseconds(seconds * per_mille)
}

/// When a message queued at `created_at` is given up.
pub fn gives_up_at(created_at: Instant) -> Instant {
    created_at + GIVE_UP_AFTER
}

/// When to try again after attempt `attempts` failed at `now`. None: the next try would come too
/// late, give up.
pub fn next_attempt(created_at: Instant, now: Instant, attempts: i32, chance: u8) -> Option<Instant> {
    let next = now + delay(attempts, chance);
    (next < gives_up_at(created_at)).then_some(next)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_refused_message_waits_longer_each_time() {
        // 128 is the middle of the byte, but for a 1/255 of a fifth.
        let minutes: Vec<i64> = (1..=7).map(|attempts| delay(attempts, 128).num_minutes()).collect();
        assert_eq!(minutes, [5, 10, 20, 40, 66, 66, 66]);
    }

    #[test]
    fn five_days_are_enough() {
        let created = DateTime::UNIX_EPOCH;
        let mut now = created;
        let mut attempts = 0;
        while let Some(next) = next_attempt(created, now, attempts + 1, 128) {
            now = next;
            attempts += 1;
        }
        assert!((100..=115).contains(&attempts), "{attempts} attempts in five days");
    }

    proptest! {
        #[test]
        fn chance_moves_a_wait_by_a_fifth_at_most(attempts in any::<i32>(), chance in any::<u8>()) {
            let exact = (300_f64 * 2_f64.powi(attempts.clamp(1, 16) - 1)).min(4000.0) * 1000.0;
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour fit")]
            let waited = delay(attempts, chance).num_milliseconds() as f64;
            prop_assert!(waited >= exact * 0.8 - 1.0 && waited <= exact * 1.2 + 1.0);
        }

        #[test]
        fn more_attempts_never_wait_less(attempts in 1..100, chance in any::<u8>()) {
            prop_assert!(delay(attempts + 1, chance) >= delay(attempts, chance));
        }

        #[test]
        fn nothing_is_tried_after_it_was_given_up(age in 0_i64..700_000, attempts in 1..100, chance in any::<u8>()) {
            let created = DateTime::UNIX_EPOCH;
            let now = created + TimeDelta::seconds(age);
            if let Some(next) = next_attempt(created, now, attempts, chance) {
                prop_assert!(next > now && next < gives_up_at(created));
            }
        }
    }
}
