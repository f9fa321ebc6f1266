//! Errors of five published papers, played again: which of them the figures alone give away.

use csp_domain::{
    check::{Finding, Rule},
    indicator::Unit,
    measure::{
        comparator::{Comparator, Comparison, Rules},
        series::Series,
    },
    observation::parse_value,
};
use rust_decimal::Decimal;

use crate::{Desk, of};

fn asked(found: &[Finding], rule: Rule) -> bool {
    found.iter().any(|finding| finding.id.rule == rule)
}

fn asb(period: &str) -> Desk {
    Desk::reporting(period).counting("asb", "Anti-social behaviour", None)
}

#[test]
fn a_change_that_is_a_tenth_off_is_asked_about_and_a_right_one_is_not() {
    let july = asb("2012-07").sends("asb", "2012-07", 237).noting("-28.9%").told("asb", "2011-07", 333);
    assert!(july.says(Rule::TypedPercentage).unwrap().ends_with("the counts give −28.8% on July 2011."));
    let august = asb("2012-08").sends("asb", "2012-08", 234).noting("-28.7%").told("asb", "2011-08", 328);
    assert_eq!(august.says(Rule::TypedPercentage), None);
    // 11% fewer crimes than 6,508: 705 fewer.
    let year = asb("2011-fy").sends("asb", "2011-fy", 5803).noting("-11%").told("asb", "2010-fy", 6508);
    assert_eq!(year.says(Rule::TypedPercentage), None);
}

/// Of a thousand residents asked.
fn survey(safe: u32, note: &str, before: u32) -> Desk {
    let desk =
        Desk::reporting("2012-fy").counting("asked", "Residents asked", None).counting("safe", "Feel safe after dark", Some("asked"));
    let desk = desk.sends("safe", "2012-fy", safe).noting(note).sends("asked", "2012-fy", 1000);
    desk.told("safe", "2011-fy", before).told("asked", "2011-fy", 1000)
}

#[test]
fn those_who_feel_safe_taken_for_those_who_do_not_are_far_from_last_year() {
    assert!(asked(&survey(290, "29% feel safe", 700).findings(), Rule::FarFromLastYear));
    assert!(!asked(&survey(710, "71% feel safe", 700).findings(), Rule::FarFromLastYear));
}

#[test]
fn ten_percentage_points_that_are_called_ten_percent_are_asked_about() {
    let said = survey(800, "10% increase", 700).says(Rule::TypedPercentage).unwrap();
    assert!(said.ends_with("the counts give 80.0%, +10.0 percentage points on 2011/12, +14.3% on 2011/12."), "{said}");
    assert_eq!(survey(800, "10 percentage points up", 700).says(Rule::TypedPercentage), None);
}

#[test]
fn no_draft_mark_is_a_number() {
    for mark in ["??", "??%", "TBC", "tbc", "info awaited", ""] {
        assert_eq!(parse_value(mark, Unit::Count).unwrap_err().to_string(), Rule::NotANumber.says(), "{mark}");
    }
}

#[test]
fn a_percentage_without_its_sign_is_no_count() {
    assert_eq!(parse_value("20.16", Unit::Count).unwrap_err().to_string(), "must be a whole number");
}

#[test]
fn nine_months_are_not_compared_with_eight() {
    let series = Series::new([(of("2009-09-01..2010-05-31"), Decimal::from(323)), (of("2010-09-01..2011-04-30"), Decimal::from(160))]);
    let compared =
        Comparison::of(&series, Comparator::Baseline(of("2009-09-01..2010-05-31")), of("2010-09-01..2011-04-30"), Rules::default());
    assert!(compared.unwrap_err().to_string().contains("9 months"));
}

#[test]
fn adults_counted_among_young_people_exceed_them() {
    let desk = Desk::reporting("2012-fy").counting("young", "Young people referred", None);
    let desk =
        desk.counting("targeted", "Young people targeted", Some("young")).sends("targeted", "2012-fy", 30).sends("young", "2012-fy", 22);
    assert!(desk.says(Rule::PartExceedsWhole).unwrap().ends_with("30 of 22 (Young people referred)."));
}

#[test]
fn half_of_a_cost_that_is_entered_in_full_is_no_half() {
    let desk = Desk::reporting("2012-fy").counting("cost", "Cost of the system", None).counting("own", "Our share of it", Some("cost"));
    let desk = desk.sends("own", "2012-fy", 5475).noting("the police pay 50%").sends("cost", "2012-fy", 5475);
    assert!(desk.says(Rule::TypedPercentage).unwrap().ends_with("the counts give 100.0%."));
}

#[test]
fn completions_are_printed_with_the_rate_they_are() {
    let desk = Desk::reporting("2012-fy").counting("referred", "Referrals", None).counting("completed", "Completed", Some("referred"));
    let ratio = desk.catalogue.values().find_map(|indicator| indicator.definition.ratio.clone()).unwrap();
    let printed = |part: i64, whole: i64| ratio.print(ratio.value(part.into(), whole.into()).unwrap());
    assert_eq!((printed(28, 45), printed(42, 50)), ("62.2%".to_owned(), "84.0%".to_owned()));
}

#[test]
fn last_quarters_figures_sent_again_are_unchanged_to_the_digit() {
    let desk = asb("2012-q3").sends("asb", "2012-q3", 661).told("asb", "2012-q2", 661);
    assert!(desk.says(Rule::Unchanged).is_some());
}
