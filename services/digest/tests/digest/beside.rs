//! What a figure is set beside: other times, the region, the group; rates by residents; states at the end of a period.

use csp_digest::{Material, assemble};
use csp_domain::{
    committee::Beside,
    document::{Block, Table},
    indicator::{Break, Denominator, Ratio},
    measure::population::{Estimate, Populations},
    observation::Figure,
    partnership::{OnsCode, Peers},
};
use uuid::Uuid;

use crate::world::*;

/// Burglary in three partnerships: July to September, and October to December of both years, police-recorded.
fn quarters() -> Material {
    let of =
        |before: i64, now: i64, last: i64| Some(vec![burglary("2021-q2", before), burglary("2021-q3", now), burglary("2020-q3", last)]);
    told(&[("Gateshead", of(232, 206, 293)), ("Newcastle", of(510, 516, 433)), ("Sunderland", of(470, 457, 360))])
}

fn asking(mut told: Material, beside: &[Beside]) -> Material {
    told.committee.template.beside = beside.to_vec();
    told
}

fn code(told: &Material, at: usize) -> OnsCode {
    told.contributions[at].partnership.ons_code.clone()
}

/// With the residents of mid-2020 in each of the three.
fn inhabited(mut told: Material) -> Material {
    let estimate = |(at, people): (usize, u64)| Estimate {
        id: Uuid::from_u128(at as u128).into(),
        ons_code: code(&told, at),
        mid_year: 2020,
        people,
        source: line("ONS mid-year estimates"),
        entered_at: epoch(),
        revision: 1,
    };
    let all = [201_950, 306_824, 277_846].into_iter().take(told.contributions.len());
    let known = Populations::of(all.enumerate().map(estimate).collect::<Vec<_>>());
    told.populations = known;
    told
}

/// The tables of the measure.
fn tables(told: &Material) -> Vec<Table> {
    let document = assemble(told);
    let blocks = document.sections[2].items[0].blocks.iter();
    blocks.filter_map(|block| if let Block::Table(table) = block { Some(table.clone()) } else { None }).collect()
}

fn reading(table: &Table) -> Vec<String> {
    table.rows.iter().map(reads).collect()
}

fn said(told: &Material) -> Vec<String> {
    lines(&assemble(told).sections[2].items[0].blocks)
}

fn heads(table: &Table) -> Vec<&str> {
    table.columns.iter().map(|column| column.heading.as_str()).collect()
}

#[test]
fn a_committee_has_the_quarter_before_set_beside_as_well() {
    let told = asking(quarters(), &[Beside::SamePeriodLastYear, Beside::PreviousPeriod]);
    let [year, before] = &tables(&told)[..] else { panic!("two tables") };
    assert_eq!(heads(year)[1..3], ["Q3 2020/21", "Q3 2021/22"]);
    assert_eq!(before.caption, "The period before, October to December 2021 against July to September 2021.");
    assert_eq!(heads(before), ["Partnership", "Q2 2021/22", "Q3 2021/22", "Change", "Change %"]);
    assert_eq!(
        reading(before),
        [
            "Gateshead | 232 | 206 | −26 | −11.2%",
            "Newcastle | 510 | 516 | +6 | +1.2%",
            "Sunderland | 470 | 457 | −13 | −2.8%",
            "Total of all 3 partnerships | 1,212 | 1,179 | −33 | −2.7%",
        ]
    );
}

#[test]
fn what_a_committee_names_first_heads_its_tables_and_the_summary() {
    let told = asking(quarters(), &[Beside::YearToDate, Beside::PreviousPeriod, Beside::SamePeriodLastYear]);
    let [first, last] = &tables(&told)[..] else { panic!("two tables, and a sentence about the year to date") };
    assert_eq!(heads(first)[1..3], ["Q2 2021/22", "Q3 2021/22"]);
    assert!(last.caption.starts_with("The same period last year, October to December 2021"), "{}", last.caption);
    let summary = lines(&assemble(&told).summary);
    assert!(summary.contains(&"Figures. October to December 2021 against July to September 2021.".to_owned()), "{summary:?}");
    assert!(summary.iter().any(|line| line.starts_with("Burglary [1] | 1,179 | 1,212 | −33 (−2.7%) |")), "{summary:?}");
}

#[test]
fn a_year_to_date_is_made_of_earlier_returns_and_says_what_it_lacks() {
    let usual = quarters();
    assert_eq!(usual.committee.template.beside, [Beside::SamePeriodLastYear, Beside::YearToDate]);
    let lacking = "The year to date, April to December 2021 against April to December 2020: not compared. April to December 2021 is \
                   incomplete: there is no figure for April to June 2021.";
    assert!(said(&usual).contains(&lacking.to_owned()), "{:?}", said(&usual));

    // Gateshead told the rest in earlier returns; Newcastle has said nothing of the year before.
    let mut told = quarters();
    let early = [("2021-q1", 231), ("2020-q1", 200), ("2020-q2", 234)];
    told.contributions[0].earlier = early.iter().map(|(period, count)| earlier(210, burglary(period, *count))).collect();
    told.contributions[1].earlier = vec![earlier(211, burglary("2021-q1", 400))];
    let year = &tables(&told)[1];
    assert_eq!(year.caption, "The year to date, April to December 2021 against April to December 2020.");
    assert_eq!(reading(year)[0], "Gateshead | 727 [1] | 669 [1] | −58 | −8.0%");
    assert!(reading(year)[1].starts_with("Newcastle | incomplete [2] | 1,426 [1] | – | –"), "{:?}", reading(year));
    assert!(reading(year)[3].starts_with("Total of 1 of 3 partnerships [4] | 727 | 669"), "{:?}", reading(year));
}

#[test]
fn in_its_first_quarter_the_year_to_date_is_not_told_twice() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q1", 231), burglary("2020-q1", 200)]))]);
    told.cycle.period = period("2021-q1");
    assert_eq!(tables(&told).len(), 1);
    assert!(!said(&told).iter().any(|line| line.contains("year to date")), "{:?}", said(&told));
}

#[test]
fn each_partnership_stands_beside_its_region_for_each_thousand_who_live_there() {
    let told = inhabited(asking(quarters(), &[Beside::SamePeriodLastYear, Beside::Region]));
    let rates = &tables(&told)[1];
    assert_eq!(rates.caption, "Burglary per 1,000 residents, each partnership beside the others, October to December 2021.");
    assert_eq!(heads(rates), ["Partnership", "Q3 2021/22", "Against Northumbria"]);
    // 206 of 201,950, 516 of 306,824, 457 of 277,846; 1,179 of 786,620.
    assert_eq!(
        reading(rates),
        [
            "Gateshead | 1.02 per 1,000 [1] | 0.48 per 1,000 below",
            "Newcastle | 1.68 per 1,000 [1] | 0.18 per 1,000 above",
            "Sunderland | 1.64 per 1,000 [1] | 0.15 per 1,000 above",
            "Northumbria: all 3 partnerships | 1.50 per 1,000 | –",
        ]
    );
    let notes: Vec<&str> = rates.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["By the residents of mid-2020, the latest that is known. Source: ONS mid-year estimates."]);
}

#[test]
fn without_an_estimate_there_is_no_rate_and_the_region_goes_without_whom_nobody_counted() {
    let mut told = asking(quarters(), &[Beside::Region]);
    let refused =
        "Beside the other partnerships: not compared, no rate: no estimate of residents is known that is recent enough for Q3 2021/22.";
    assert!(said(&told).contains(&refused.to_owned()), "{:?}", said(&told));
    told.populations =
        Populations::new([(code(&told, 0), 2021, 202_000), (code(&told, 1), 2017, 300_000), (code(&told, 2), 2019, 277_705)]);
    let rates = &tables(&told)[1];
    assert_eq!(reading(rates)[1], "Newcastle | not known [2] | –");
    assert_eq!(reading(rates)[3], "Northumbria: 2 of 3 partnerships | 1.38 per 1,000 | –");
    assert_eq!(rates.notes[0].text, "By the residents of mid-2021.", "its own year needs no remark");
    assert_eq!(rates.notes[2].text, "By the residents of mid-2019, the latest that is known.");
}

#[test]
fn a_comparison_group_counts_the_partnership_itself_and_is_not_the_others() {
    let mut told = inhabited(asking(quarters(), &[Beside::Group]));
    let elsewhere: OnsCode = "E22000263".parse().unwrap();
    let codes = [code(&told, 1), elsewhere].into();
    told.contributions[0].partnership.peers = Some(Peers { name: line("Most similar group"), codes });
    let rates = &tables(&told)[1];
    assert_eq!(heads(rates), ["Partnership", "Q3 2021/22", "Its group", "Against the group"]);
    // (1.02005 + 1.68174) ÷ 2 = 1.35090
    assert_eq!(reading(rates)[0], "Gateshead | 1.02 per 1,000 [1] | 1.35 per 1,000 [2] | 0.33 per 1,000 below");
    assert_eq!(reading(rates)[1], "Newcastle | 1.68 per 1,000 [1] | no group named | –");
    assert_eq!(
        rates.notes[1].text,
        "Most similar group: the sum of the rates of the 2 of 3 members whose figures this paper has, itself among them, over their number."
    );
    assert_eq!(rates.rows.len(), 3, "without the region there is no line for it");
}

#[test]
fn a_measure_that_is_a_rate_is_printed_as_one() {
    let mut told = inhabited(asking(quarters(), &[Beside::SamePeriodLastYear]));
    told.indicators[0].definition.ratio = Some(Ratio { per: 1_000, of: Denominator::Residents, decimals: 2 });
    let table = &tables(&told)[0];
    assert_eq!(
        reading(table)[0],
        "Gateshead | 1.45 per 1,000 (293 of 201,950) [1] | 1.02 per 1,000 (206 of 201,950) [2] | −0.43 per 1,000 | −29.7%"
    );
    assert_eq!(table.notes[0].text, "By the residents of mid-2020. Source: ONS mid-year estimates.");
    assert!(reading(table)[3].starts_with("Total of all 3 partnerships | 1.38 per 1,000 (1,086 of 786,620) [1]"), "{:?}", reading(table));
}

#[test]
fn sums_of_money_are_not_set_beside_the_region() {
    let mut told = inhabited(asking(quarters(), &[Beside::Region]));
    told.indicators[0].unit = csp_domain::indicator::Unit::Pounds;
    assert!(said(&told).iter().any(|line| line.ends_with("Sums of money and of days only say who is large.")), "{:?}", said(&told));
    let told = inhabited(asking(crate::world::told(&[("Gateshead", Some(vec![burglary("2021-q3", 206)]))]), &[Beside::Region]));
    assert!(said(&told).iter().any(|line| line.contains("one partnership alone")), "{:?}", said(&told));
}

/// A case load at the end of each month.
fn case_load() -> Material {
    let months: Vec<Figure> =
        [("2020-12", 90), ("2021-09", 120), ("2021-10", 125), ("2021-11", 140), ("2021-12", 118)].map(|(m, n)| burglary(m, n)).into();
    let late = vec![burglary("2021-10", 60), figure(BURGLARY, "2021-12", late("2022-01-31")), burglary("2020-12", 61)];
    let mut told = told(&[("Gateshead", Some(months)), ("Newcastle", Some(late))]);
    told.indicators[0].definition.stock = true;
    told
}

#[test]
fn a_state_is_compared_as_it_was_at_the_end_and_never_added_up() {
    let told = asking(case_load(), &[Beside::SamePeriodLastYear, Beside::PreviousPeriod, Beside::YearToDate]);
    let [year, before] = &tables(&told)[..] else { panic!("two tables") };
    assert_eq!(heads(year)[1..3], ["At 31 December 2020", "At 31 December 2021"]);
    assert_eq!(reading(year)[0], "Gateshead | 90 | 118 | +28 | +31.1%");
    assert!(reading(year)[1].starts_with("Newcastle | 61 | expected 31 January 2022"), "{:?}", reading(year));
    assert_eq!(before.caption, "The period before, at 31 December 2021 against 30 September 2021.");
    assert_eq!(reading(before)[0], "Gateshead | 120 | 118 | −2 | −1.7%");
    let refused = "The year to date, at 31 December 2021 against 31 December 2020: not compared. A state at the end of a period is not \
                   added up over April to December 2021.";
    assert!(said(&told).contains(&refused.to_owned()), "{:?}", said(&told));
    let document = assemble(&told);
    let overview = document.summary.iter().find_map(|block| if let Block::Table(table) = block { Some(table) } else { None }).unwrap();
    assert!(overview.notes.iter().any(|note| note.text == "The state at 31 December 2021 and at 31 December 2020."));
}

#[test]
fn a_committee_says_of_how_few_a_percentage_is_printed() {
    let few = || told(&[("Gateshead", Some(vec![burglary("2021-q3", 26), burglary("2020-q3", 13)]))]);
    let mut lenient = few();
    lenient.committee.template.least_base = 10;
    assert_eq!(rows(&lenient), ["Gateshead | 13 | 26 | +13 | +100.0%"]);
    let mut strict = few();
    strict.committee.template.least_base = 1_000;
    assert_eq!(tables(&strict)[0].notes[0].text, "Not calculated: a percentage of fewer than 1,000 says more than is known.");
    let none = told(&[("Gateshead", Some(vec![burglary("2021-q3", 26), burglary("2020-q3", 0)]))]);
    assert_eq!(tables(&none)[0].notes[0].text, "Not calculated: there were none a year earlier, and nothing is a percentage of none.");
}

#[test]
fn nothing_is_set_beside_across_a_change_of_what_is_counted() {
    let mut told = asking(quarters(), &[Beside::SamePeriodLastYear, Beside::PreviousPeriod]);
    told.indicators[0].definition.breaks = vec![Break { on: day("2021-10-01"), what: line("attempts are counted apart") }];
    let refused = "The period before, October to December 2021 against July to September 2021: not compared. What is counted changed on 1 \
                   October 2021: attempts are counted apart.";
    assert!(said(&told).contains(&refused.to_owned()), "{:?}", said(&told));
}

#[test]
fn of_few_people_nothing_is_set_beside_anything() {
    let mut told = inhabited(asking(quarters(), &[Beside::SamePeriodLastYear, Beside::PreviousPeriod, Beside::Region]));
    told.indicators[0].definition.sensitive = true;
    assert_eq!(tables(&told).len(), 3, "none of them is small");
    told.contributions[0].answer =
        Some(answered(0, full(vec![burglary("2021-q2", 3), burglary("2021-q3", 206), burglary("2020-q3", 293)])));
    assert_eq!(tables(&told).len(), 1);
    let kept = "not shown, so that a small number cannot be worked out.";
    assert_eq!(said(&told).iter().filter(|line| line.ends_with(kept)).count(), 2, "{:?}", said(&told));
}

#[test]
fn what_is_true_of_several_measures_is_said_once() {
    let mut told = quarters();
    told.indicators.push(crate::world::indicator(777, "Robbery", csp_domain::indicator::Unit::Count));
    told.committee.indicators.push(told.indicators[1].id);
    for contribution in &mut told.contributions {
        let answer = contribution.answer.as_mut().unwrap();
        let csp_domain::returns::Content::Full { figures, .. } = &mut answer.content else { continue };
        let robberies: Vec<_> =
            figures.iter().map(|known| csp_domain::observation::Figure { indicator: told.indicators[1].id, ..known.clone() }).collect();
        figures.extend(robberies);
    }
    let items = assemble(&told).sections[2].items.clone();
    let all: Vec<String> = items.iter().flat_map(|item| lines(&item.blocks)).filter(|line| line.contains("he year to date")).collect();
    let once = "For every measure: the year to date, April to December 2021 against April to December 2020: not compared. April to December \
                2021 is incomplete: there is no figure for April to June 2021.";
    assert_eq!(all, [once]);
    assert_eq!(items.last().unwrap().heading.as_deref(), Some("Not compared"));
}

/// A figure of an imported file.
fn imported(figure: Figure) -> csp_digest::Earlier {
    let origin = csp_domain::document::Origin::History { id: Uuid::from_u128(77).into() };
    csp_digest::Earlier { origin, figure }
}

#[test]
fn a_year_to_date_does_not_tell_a_quarter_that_is_withheld() {
    let earlier_quarters = || [("2021-q1", 231), ("2021-q2", 232), ("2020-q1", 200), ("2020-q2", 210), ("2020-q3", 293)];
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206)]))]);
    told.contributions[0].earlier = earlier_quarters().map(|(period, count)| imported(burglary(period, count))).to_vec();
    let told = asking(told, &[Beside::SamePeriodLastYear, Beside::YearToDate]);
    assert!(tables(&told)[1].caption.starts_with("The year to date"), "{:?}", tables(&told)[1].caption);
    assert_eq!(reading(&tables(&told)[1])[0], "Gateshead | 703 [1] | 669 [1] | −34 | −4.8%");

    // It holds back what the file of somebody else tells.
    let mut kept_back = told.clone();
    kept_back.contributions[0].answer = Some(answered(0, full(vec![figure(BURGLARY, "2021-q3", withheld("sub judice"))])));
    kept_back.contributions[0].earlier.push(imported(burglary("2021-q3", 206)));
    let all = format!("{:?}", assemble(&kept_back));
    for number in ["206", "669"] {
        assert!(!all.contains(number), "{number}: {:?}", tables(&kept_back));
    }
}

#[test]
fn months_that_a_partnership_told_itself_come_before_an_imported_quarter() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206)]))]);
    let own = [("2020-10", 100), ("2020-11", 90), ("2020-12", 103)].map(|(month, count)| earlier(210, burglary(month, count)));
    told.contributions[0].earlier = [imported(burglary("2020-q3", 717))].into_iter().chain(own).collect();
    assert!(rows(&told)[0].starts_with("Gateshead | 293"), "{:?}", rows(&told));
    told.contributions[0].earlier.truncate(1);
    assert!(rows(&told)[0].starts_with("Gateshead | 717"), "{:?}", rows(&told));
}
