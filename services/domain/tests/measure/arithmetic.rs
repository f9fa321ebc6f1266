//! Sums, percentages, averages and trajectories a second time, in whole numbers and fractions.

use std::cmp::Ordering;

use chrono::NaiveDate;
use csp_domain::{
    measure::{
        aggregate::{self, ComparisonGroup, Member},
        percent::{Percent, Rate, Share},
        population::Population,
        refusal::Refusal,
        series::Series,
        target::{Aim, Milestone, Trajectory},
    },
    partnership::OnsCode,
    period::Period,
};
use proptest::{collection::vec, option, prelude::*};
use rust_decimal::Decimal;

use crate::month;

/// `above / below` to a tenth, halves away from zero: in tenths.
fn tenths(above: i128, below: i128) -> i128 {
    let (sign, above) = (above.signum(), above.abs());
    sign * ((above * 20 + below) / (below * 2))
}

fn exactly(value: Decimal, tenths: i128) -> bool {
    value == Decimal::from_i128_with_scale(tenths, 1)
}

fn span(from: usize, to: usize) -> Period {
    Period::new(month(from).start(), month(to).end()).unwrap()
}

fn code(at: usize) -> OnsCode {
    format!("E22{at:06}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn percentages_round_as_whole_numbers_do(before in 1i64..100_000_000, after in 0i64..100_000_000) {
        let percent = Percent::change(Decimal::from(before), Decimal::from(after)).unwrap();
        let (before, after) = (i128::from(before), i128::from(after));
        prop_assert!(exactly(percent.to_a_tenth(), tenths((after - before) * 100, before)));
    }

    /// Ties are where rounding goes wrong, and random figures seldom meet one.
    #[test]
    fn ties_round_away_from_zero(half in -999i64..999, times in 1i64..5_000) {
        // A change of (half + ½) tenths of a per cent of 2,000 × times.
        let (before, change) = (2_000 * times, (2 * half + 1) * times);
        let percent = Percent::change(Decimal::from(before), Decimal::from(before + change)).unwrap();
        let away = if half >= 0 { half + 1 } else { half };
        prop_assert!(exactly(percent.to_a_tenth(), i128::from(away)));
    }

    #[test]
    fn points_are_the_difference_of_shares((a, b) in (1i64..5_000, 1i64..5_000), (x, y) in (0.0..=1.0f64, 0.0..=1.0f64)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "some part of the whole, any will do")]
        let part = |whole: i64, of: f64| (whole as f64 * of) as i64;
        let (p, q) = (part(a, x), part(b, y));
        let share = |part, whole| Share::of(Decimal::from(part), Decimal::from(whole)).unwrap();
        let points = share(q, b).since(share(p, a));
        let [a, b, p, q] = [a, b, p, q].map(i128::from);
        prop_assert!(exactly(points.to_a_tenth(), tenths((q * a - p * b) * 100, a * b)));
    }

    #[test]
    fn a_sum_is_over_every_month_or_names_each_that_is_missing(counts in vec(option::weighted(0.9, 0i64..500), 1..48), ends in any::<(prop::sample::Index, prop::sample::Index)>()) {
        let (a, b) = (ends.0.index(counts.len()), ends.1.index(counts.len()));
        let (from, to) = (a.min(b), a.max(b));
        let series = Series::new(counts.iter().enumerate().filter_map(|(at, count)| Some((month(at), Decimal::from((*count)?)))));
        let absent: Vec<NaiveDate> = (from..=to).filter(|at| counts[*at].is_none()).map(|at| month(at).start()).collect();
        prop_assert_eq!(series.covers(span(from, to)), absent.is_empty());
        match series.over(span(from, to)) {
            Ok(reading) => {
                prop_assert!(absent.is_empty());
                prop_assert_eq!(reading.value, counts[from..=to].iter().flatten().sum::<i64>().into());
            }
            Err(Refusal::Incomplete { missing, .. }) => {
                let told: Vec<NaiveDate> =
                    (from..=to).map(|at| month(at).start()).filter(|day| missing.iter().any(|gap| gap.start() <= *day && *day <= gap.end())).collect();
                prop_assert_eq!(told, absent);
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn aggregates_are_sums_and_averages_of_whom_they_cover(rows in vec((option::weighted(0.8, 0i64..5_000), option::weighted(0.9, 1u64..400_000)), 1..9)) {
        let member = |(at, (amount, people)): (usize, &(Option<i64>, Option<u64>))| Member {
            code: code(at),
            amount: amount.map(Decimal::from),
            population: people.map(|people| Population { people, mid_year: 2020 }),
        };
        let members: Vec<Member> = rows.iter().enumerate().map(member).collect();
        let both: Vec<(i64, u64)> = rows.iter().filter_map(|(amount, people)| Some(((*amount)?, (*people)?))).collect();
        let period = month(0);

        let amounts: Vec<i64> = rows.iter().filter_map(|(amount, _)| *amount).collect();
        let total = aggregate::total(&members);
        prop_assert_eq!(total.map(|total| (total.value, total.coverage.covered)), (!amounts.is_empty()).then(|| (amounts.iter().sum::<i64>().into(), amounts.len())));

        let rate = aggregate::rate(&members);
        let expected = Rate::of(both.iter().map(|(count, _)| *count).sum::<i64>().into(), both.iter().map(|(_, people)| people).sum());
        prop_assert_eq!(rate.map(|rate| rate.value), expected);

        let group = ComparisonGroup::of(code(0), (1..rows.len()).map(code));
        match group.average(&members, period) {
            Ok(standing) => {
                // Over the common denominator: Σ countᵢ · Π peopleⱼ (j ≠ i) is too large to hold, so one by one.
                let mut sum = 0.0;
                for (count, people) in &both {
                    #[expect(clippy::cast_precision_loss, reason = "both are far below 2⁵³")]
                    let rate = *count as f64 * 1000.0 / *people as f64;
                    sum += rate;
                }
                let ours: f64 = standing.average.value.to_string().parse().unwrap();
                #[expect(clippy::cast_precision_loss, reason = "at most eight")]
                let average = sum / both.len() as f64;
                prop_assert!((ours - average).abs() <= average * 1e-12 + 1e-12, "{ours} {average}");
                prop_assert_eq!(standing.average.coverage.covered, both.len());
            }
            Err(refusal) => {
                prop_assert_eq!(refusal, Refusal::NothingToCompare { period });
                prop_assert!(rows[0].0.is_none() || rows[0].1.is_none());
            }
        }
    }

    #[test]
    fn rates_compare_as_fractions_do((a, p) in (0i64..5_000, 1u64..400_000), (b, q) in (0i64..5_000, 1u64..400_000)) {
        let ordering = Rate::of(a.into(), p).unwrap().compare(Rate::of(b.into(), q).unwrap());
        prop_assert_eq!(ordering, (i128::from(a) * i128::from(q)).cmp(&(i128::from(b) * i128::from(p))));
        prop_assert_eq!(ordering == Ordering::Equal, i128::from(a) * i128::from(q) == i128::from(b) * i128::from(p));
    }

    #[test]
    fn a_trajectory_takes_equal_steps(from in 0i64..1_000, to in 0i64..1_000, length in 1usize..40, at in 0usize..50) {
        let on = |at, value: i64| Milestone { period: month(at), value: value.into() };
        let target = Trajectory::straight(Aim::AtMost, on(0, from), on(length, to)).unwrap();
        let gone = i64::try_from(at.min(length)).unwrap();
        let length = i64::try_from(length).unwrap();
        // value · length = from · length + (to − from) · gone, to the last digits of a division.
        let difference = target.expected(month(at)).unwrap() * Decimal::from(length) - Decimal::from(from * length + (to - from) * gone);
        prop_assert!(difference.abs() < Decimal::new(1, 20), "{difference}");
    }
}
