//! Worked examples with published answers, each with its source. Numbers only; the tolerance of each is the
//! last digit that its source prints, unless it says more.

use csp_domain::{
    indicator::Polarity,
    measure::{
        survey::Wave,
        verdict::Verdict,
        xmr::{Limits, Plan},
    },
    text::Line,
};
use rust_decimal::Decimal;

use crate::chart;

fn close(ours: Decimal, theirs: &str, tolerance: &str) {
    let (theirs, tolerance): (Decimal, Decimal) = (theirs.parse().unwrap(), tolerance.parse().unwrap());
    assert!((ours - theirs).abs() <= tolerance, "{ours}, published {theirs}");
}

fn limits(values: &[&str]) -> Limits {
    let values: Vec<Option<Decimal>> = values.iter().map(|value| Some(value.parse().unwrap())).collect();
    chart(&values, Plan::default()).current().unwrap().limits.unwrap()
}

/// D. C. Montgomery, *Introduction to Statistical Quality Control*: viscosity of aircraft primer paint, fifteen
/// batches; also an example of the R package `qcc`, which gives 33.52333 (32.24484, 34.80183).
#[test]
fn viscosity_of_primer_paint() {
    let viscosity = limits(&[
        "33.75", "33.05", "34.00", "33.81", "33.46", "34.02", "33.68", "33.27", "33.49", "33.20", "33.62", "33.00", "33.54", "33.12",
        "33.84",
    ]);
    close(viscosity.mean(), "33.52333", "0.00001");
    close(viscosity.mean_range(), "0.48", "0.005");
    // They divide 3 by 1.128, which is 2.6596; Wheeler rounds it to 2.66, and so does Making Data Count.
    close(viscosity.upper(), "34.80183", "0.0005");
    close(viscosity.lower(), "32.24484", "0.0005");
    close(viscosity.range_upper(), "1.57", "0.005");
}

/// G. B. Wetherill and D. W. Brown, *Statistical Process Control* (1991), p. 120: water content of antifreeze;
/// also an example of `qcc`, which gives 2.569706 (2.031344, 3.108068) and no point outside.
#[test]
fn water_in_antifreeze() {
    let values = [
        "2.23", "2.53", "2.62", "2.63", "2.58", "2.44", "2.49", "2.34", "2.95", "2.54", "2.60", "2.45", "2.17", "2.58", "2.57", "2.44",
        "2.38", "2.23", "2.23", "2.54", "2.66", "2.84", "2.81", "2.39", "2.56", "2.70", "3.00", "2.81", "2.77", "2.89", "2.54", "2.98",
        "2.35", "2.53",
    ];
    let water = limits(&values);
    close(water.mean(), "2.569706", "0.000001");
    close(water.upper(), "3.108068", "0.0005");
    close(water.lower(), "2.031344", "0.0005");
    assert!(values.iter().all(|value| !water.outside(value.parse().unwrap())));
}

/// NIST/SEMATECH *e-Handbook of Statistical Methods*, 6.3.2.2: ten batches of flow rate, mean 50.81, mean moving range
/// 1.8778, limits 45.8159 and 55.8041. The handbook draws limits from ten; we do not. So the ten are read forwards, backwards
/// and forwards: the mean stays, and the mean moving range is 27 of 29 parts of theirs, for where it turns there is none.
#[test]
fn flow_rate_of_ten_batches() {
    let ten = ["49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1"];
    let values: Vec<Option<Decimal>> = ten.iter().map(|value| Some(value.parse().unwrap())).collect();
    let verdict = Verdict::of(&chart(&values, Plan::default()), Polarity::Neither);
    assert_eq!(verdict, Verdict::TooFewPoints { have: 10 });

    let sum: Decimal = values.iter().flatten().sum();
    close(sum / Decimal::TEN, "50.81", "0");
    let there_and_back: Vec<&str> = ten.iter().chain(ten.iter().rev()).chain(&ten).copied().collect();
    let flow = limits(&there_and_back);
    close(flow.mean(), "50.81", "0.00001");
    close(flow.mean_range() * Decimal::from(29) / Decimal::from(27), "1.8778", "0.00005");
    let reach = (flow.upper() - flow.mean()) * Decimal::from(29) / Decimal::from(27);
    close(flow.mean() + reach, "55.8041", "0.001");
    close(flow.mean() - reach, "45.8159", "0.001");
}

fn wave(said: u32, asked: u32, fieldwork: &str) -> Wave {
    Wave::new(Line::parse("A wave", Line::NAME).unwrap(), fieldwork.parse().unwrap(), said, asked).unwrap()
}

fn is(ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() < 0.000_051, "{ours}, published {theirs}");
}

/// R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods",
/// *Statistics in Medicine* 17 (1998), 857–872, table I, method 3.
#[test]
fn wilsons_interval() {
    for (said, asked, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)] {
        let interval = wave(said, asked, "2012-05").interval();
        is(interval.low, low);
        is(interval.high, high);
    }
}

/// R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
/// methods", *Statistics in Medicine* 17 (1998), 873–890, table II, method 10.
#[test]
fn newcombes_interval_for_a_difference() {
    for (a, of_a, b, of_b, low, high) in [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ] {
        let movement = wave(a, of_a, "2012-05").since(&wave(b, of_b, "2011-05")).unwrap();
        is(movement.interval.low, low);
        is(movement.interval.high, high);
        assert_eq!(movement.is_real(), low > 0.0, "{a}/{of_a} and {b}/{of_b}");
    }
}
