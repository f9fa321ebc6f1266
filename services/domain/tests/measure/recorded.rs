//! Real figures: police-recorded crime in Northumbria by month, May 2020 to March 2022, without January 2022.

use csp_domain::{
    indicator::Polarity,
    measure::{
        comparator::{Comparator, Comparison, Rules},
        series::Series,
        target::{Aim, Milestone, Trajectory},
        verdict::{TargetVerdict, Verdict},
        xmr::{Baseline, Beginning, Bridge, Chart, Direction, Flag, Plan, Rebase, Signal},
    },
    period::{Length, Period},
};
use rust_decimal::Decimal;

fn recorded(indicator: &str, partnership: &str) -> Series {
    let mut reader = csv::Reader::from_reader(&include_bytes!("data/recorded_crime.csv")[..]);
    let rows = reader.records().map(|row| row.unwrap()).filter(|row| &row[0] == indicator && &row[2] == partnership);
    let readings: Vec<(Period, Decimal)> = rows.map(|row| (row[3].parse().unwrap(), row[4].parse().unwrap())).collect();
    assert_eq!(readings.len(), 22);
    Series::new(readings)
}

fn of(text: &str) -> Period {
    text.parse().unwrap()
}

fn drawn(indicator: &str, partnership: &str, plan: Plan) -> Chart {
    Chart::new(recorded(indicator, partnership).points(Length::Months(1)), plan).unwrap()
}

fn bridged() -> Plan {
    Plan {
        bridges: vec![Bridge::new(of("2022-02"), "January 2022 is missing at the source; recording went on").unwrap()],
        ..Plan::default()
    }
}

#[test]
fn the_missing_january_ends_the_chart_unless_somebody_says_why_not() {
    let chart = drawn("burglary", "Gateshead", Plan::default());
    assert_eq!(chart.segments.iter().map(|segment| segment.points.len()).collect::<Vec<_>>(), [20, 2]);
    assert_eq!(chart.current().unwrap().beginning, Beginning::AfterGap);
    let verdict = Verdict::of(&chart, Polarity::LowerIsBetter);
    assert_eq!(verdict.to_string(), "Too few points to tell: 2 of the 12 figures in a row that a judgement needs");

    let chart = drawn("burglary", "Gateshead", bridged());
    assert_eq!(chart.segments.len(), 1);
    let limits = chart.current().unwrap().limits.unwrap();
    // 1,713 burglaries in 22 months; 20 steps between neighbours, for none crosses the gap.
    assert_eq!((limits.points(), limits.mean() * Decimal::from(22)), (22, Decimal::from(1713)));
    assert_eq!(Verdict::of(&chart, Polarity::LowerIsBetter).to_string(), "No real change: the latest figure is within what is usual");
}

#[test]
fn a_fall_of_thirty_percent_on_last_year_need_not_be_a_change() {
    // The quarter's burglaries fell by 29.7%, and no month of it is unusual.
    let series = recorded("burglary", "Gateshead");
    let compared = Comparison::of(&series, Comparator::SamePeriodLastYear, of("2021-q3"), Rules::default()).unwrap();
    assert_eq!(compared.percent.unwrap().to_string(), "−29.7%");
    let before_2022: Vec<_> = series.points(Length::Months(1)).into_iter().filter(|point| point.period < of("2022-01")).collect();
    let chart = Chart::new(before_2022, Plan::default()).unwrap();
    assert_eq!(Verdict::of(&chart, Polarity::LowerIsBetter), Verdict::NoRealChange);
}

#[test]
fn limits_begin_anew_only_for_a_reason_and_a_baseline_stays_where_it_was_put() {
    let rebase = Rebase::new(of("2020-08"), "a new recording system").unwrap();
    let chart = drawn("anti-social behaviour", "Gateshead", Plan { rebases: vec![rebase], ..bridged() });
    assert_eq!(chart.segments.len(), 2);
    assert!(chart.segments[0].limits.is_none(), "three months are no process");
    assert!(matches!(&chart.segments[1].beginning, Beginning::Rebased(reason) if reason.as_str() == "a new recording system"));
    assert!(Rebase::new(of("2020-08"), " ").is_err());

    let baseline = Baseline { first: of("2020-08"), last: of("2021-07") };
    let fixed = drawn("anti-social behaviour", "Gateshead", Plan { baseline: Some(baseline), ..bridged() });
    let segment = fixed.current().unwrap();
    assert_eq!(segment.limits.unwrap().points(), 12);
    // 8,758 in twelve months and 1,234 between neighbours: the lower limit is 8,758/12 − 2.66 × 1,234/11 = 431.4, and
    // December 2021 has 327.
    let improving = Verdict::Improving(Flag { signal: Signal::Outside, direction: Direction::Down });
    let until_december: Vec<_> = recorded("anti-social behaviour", "Gateshead")
        .points(Length::Months(1))
        .into_iter()
        .filter(|point| point.period < of("2022-01"))
        .collect();
    let chart = Chart::new(until_december, Plan { baseline: Some(baseline), ..Plan::default() }).unwrap();
    assert_eq!(Verdict::of(&chart, Polarity::LowerIsBetter), improving);
    assert!(matches!(Verdict::of(&chart, Polarity::Neither), Verdict::Changed(_)));
    assert!(matches!(Verdict::of(&chart, Polarity::HigherIsBetter), Verdict::Worsening(_)));
}

#[test]
fn faults_of_a_plan_are_told_at_once_and_in_words() {
    let points = recorded("burglary", "Gateshead").points(Length::Months(1));
    let plan = Plan {
        rebases: vec![Rebase::new(of("2022-01"), "a new system").unwrap()],
        bridges: vec![Bridge::new(of("2019-01"), "a new system").unwrap()],
        baseline: None,
    };
    let faults: Vec<String> = Chart::new(points.clone(), plan).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["there is no point for January 2022 on the chart", "there is no point for January 2019 on the chart"]);
    let across = Baseline { first: of("2021-10"), last: of("2022-03") };
    let fault = Chart::new(points, Plan { baseline: Some(across), ..Plan::default() }).unwrap_err();
    assert_eq!(fault[0].to_string(), "the baseline from October 2021 to March 2022 has 3 unbroken points, and limits need 12");
}

#[test]
fn a_target_between_the_limits_is_hit_and_miss() {
    let chart = drawn("burglary", "Gateshead", bridged());
    let limits = chart.current().unwrap().limits.unwrap();
    let at_most = |value: i64| Trajectory::standing(Aim::AtMost, Milestone { period: of("2021-04"), value: Decimal::from(value) });
    assert_eq!(at_most(75).assurance(&limits), TargetVerdict::HitAndMiss);
    assert_eq!(at_most(150).assurance(&limits), TargetVerdict::ConsistentlyMet);
    assert_eq!(at_most(20).assurance(&limits), TargetVerdict::ConsistentlyMissed);
    let at_least = |value: i64| Trajectory::standing(Aim::AtLeast, Milestone { period: of("2021-04"), value: Decimal::from(value) });
    assert_eq!(at_least(20).assurance(&limits), TargetVerdict::ConsistentlyMet);
    assert_eq!(at_least(150).assurance(&limits), TargetVerdict::ConsistentlyMissed);
}
