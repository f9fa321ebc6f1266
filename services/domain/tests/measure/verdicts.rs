//! What is said of an indicator, and why.

use csp_domain::{
    indicator::Polarity,
    measure::{verdict::Verdict, xmr::Plan},
};
use rust_decimal::Decimal;

use crate::chart;

/// The usual come and go around 50, and then `end`.
fn ending(end: &[i64], polarity: Polarity) -> String {
    let usual = [50, 53, 48, 51, 47, 52, 49, 54, 50, 46, 51, 49, 52, 48, 50, 53];
    let values: Vec<Option<Decimal>> = usual.iter().chain(end).map(|value| Some(Decimal::from(*value))).collect();
    Verdict::of(&chart(&values, Plan::default()), polarity).to_string()
}

#[test]
fn the_usual_is_no_news() {
    assert_eq!(ending(&[49], Polarity::LowerIsBetter), "No real change: the latest figure is within what is usual");
}

#[test]
fn one_figure_far_outside_is_news_and_polarity_says_whether_it_is_good() {
    assert_eq!(ending(&[80], Polarity::LowerIsBetter), "Worsening: the latest figure is above the upper limit");
    assert_eq!(ending(&[80], Polarity::HigherIsBetter), "Improving: the latest figure is above the upper limit");
    assert_eq!(ending(&[80], Polarity::Neither), "Changed: the latest figure is above the upper limit");
    assert_eq!(ending(&[20], Polarity::LowerIsBetter), "Improving: the latest figure is below the lower limit");
}

#[test]
fn news_that_is_over_is_not_said_again() {
    assert_eq!(ending(&[80, 50], Polarity::LowerIsBetter), "No real change: the latest figure is within what is usual");
}

#[test]
fn a_new_level_is_news_once_it_has_lasted_seven_figures() {
    // 53 and six more; the seventh before them is 53 too, so the run is one longer than what is added.
    assert_eq!(ending(&[53, 54, 53, 55, 54], Polarity::Neither), "No real change: the latest figure is within what is usual");
    assert_eq!(ending(&[53, 54, 53, 55, 54, 53], Polarity::Neither), "Changed: seven figures or more in a row are above the average");
}

#[test]
fn the_level_is_said_before_the_trend() {
    // Below the average for long, and rising all the while.
    let rising = [30, 31, 32, 33, 34, 35, 36, 37, 38];
    assert_eq!(ending(&rising, Polarity::LowerIsBetter), "Improving: seven figures or more in a row are below the average");
}

#[test]
fn a_slow_climb_across_the_average_is_a_trend() {
    let climbing = [47, 48, 49, 50, 51, 52, 53];
    assert_eq!(ending(&climbing, Polarity::LowerIsBetter), "Worsening: seven figures or more in a row rise");
}
