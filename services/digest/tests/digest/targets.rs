//! What was promised: where it stands, whether it can be relied on, and what the baseline was.

use csp_digest::{Material, assemble};
use csp_domain::{
    document::{Block, Chart, Table},
    id::{PartnershipId, TargetId},
    indicator::{Break, Denominator, Ratio},
    measure::{
        population::Populations,
        target::{Aim, Milestone, Trajectory},
    },
    target::{Target, Terms},
};
use uuid::Uuid;

use crate::world::*;

fn on(about: &str, value: i64) -> Milestone {
    Milestone { period: period(about), value: value.into() }
}

fn at_most(milestone: Milestone) -> Trajectory {
    Trajectory::standing(Aim::AtMost, milestone)
}

/// A target for burglary; of all, or of the `at`th partnership.
pub(crate) fn target(at: Option<u128>, trajectory: Trajectory) -> Target {
    Target {
        id: TargetId(Uuid::from_u128(600)),
        terms: Terms {
            indicator: burglary("2021-q3", 1).indicator,
            partnership: at.map(|at| PartnershipId(Uuid::from_u128(1 + at))),
            trajectory: Some(trajectory),
            baseline: None,
            reason: line("the plan of 2021"),
        },
        ends_on: None,
        end_reason: None,
        created_at: epoch(),
        revision: 1,
    }
}

fn quarters() -> Material {
    let of = |counts: [i64; 5]| {
        let periods = ["2020-q3", "2020-q4", "2021-q1", "2021-q2", "2021-q3"];
        Some(periods.iter().zip(counts).map(|(period, count)| burglary(period, count)).collect())
    };
    told(&[("Gateshead", of([293, 168, 231, 232, 206])), ("Newcastle", of([433, 390, 480, 510, 516]))])
}

fn with(mut told: Material, targets: Vec<Target>) -> Material {
    told.targets = targets;
    told
}

fn blocks(told: &Material) -> Vec<Block> {
    assemble(told).sections[2].items[0].blocks.clone()
}

fn targets(told: &Material) -> Option<Table> {
    blocks(told).into_iter().find_map(|block| match block {
        Block::Table(table) if table.caption.starts_with("Targets for") => Some(table),
        _ => None,
    })
}

fn promised(told: &Material) -> Vec<String> {
    targets(told).map(|table| table.rows.iter().map(reads).collect()).unwrap_or_default()
}

#[test]
fn a_target_is_met_or_missed_on_the_way_to_what_is_wanted() {
    let straight = Trajectory::straight(Aim::AtMost, on("2020-q3", 293), on("2022-q3", 205)).unwrap();
    let told = with(quarters(), vec![target(Some(0), straight), target(None, at_most(on("2021-q1", 700)))]);
    assert_eq!(
        promised(&told),
        [
            "Gateshead [1] | 206 | at most 249 | ✓\u{a0}met | at most 205 by Q3 2022/23",
            "All 2 partnerships [1] | 722 | at most 700 | ✗\u{a0}missed | at most 700 from Q1 2021/22",
        ]
    );
    assert_eq!(targets(&told).unwrap().notes[0].text, "The plan of 2021.");
}

#[test]
fn what_is_missed_is_drawn_first_with_the_way_to_the_target() {
    let straight = Trajectory::straight(Aim::AtMost, on("2020-q3", 293), on("2022-q3", 205)).unwrap();
    let told = with(quarters(), vec![target(Some(0), straight), target(Some(1), at_most(on("2021-q1", 400)))]);
    let drawn: Vec<Chart> =
        blocks(&told).into_iter().filter_map(|block| if let Block::Chart(chart) = block { Some(chart) } else { None }).collect();
    let [Chart::Progress { title, points, .. }, Chart::Progress { title: second, points: all, .. }] = &drawn[..] else {
        panic!("{drawn:?}")
    };
    assert_eq!(title, "Burglary: Newcastle, progress against the target");
    assert_eq!(points.len(), 3, "from where the target begins");
    assert_eq!((second.as_str(), all.len()), ("Burglary: Gateshead, progress against the target", 5));
}

#[test]
fn with_points_enough_it_is_said_whether_the_target_can_be_relied_on() {
    let months: Vec<(String, i64)> =
        (0..20).map(|n| (format!("{}-{:02}", 2020 + (n + 4) / 12, (n + 4) % 12 + 1), 60 + [3, -2, 1, -4, 2][n % 5])).collect();
    let figures = months.iter().map(|(month, count)| burglary(month, *count)).collect();
    let verdict = |at_most_so_many: i64| {
        let told = with(told(&[("Gateshead", Some(Vec::clone(&figures)))]), vec![target(Some(0), at_most(on("2021-04", at_most_so_many)))]);
        promised(&told)[0].split(" | ").nth(3).unwrap().to_owned()
    };
    assert_eq!(verdict(90), "✓\u{a0}met; ✓✓\u{a0}consistently met");
    assert_eq!(verdict(30), "✗\u{a0}missed; ✗✗\u{a0}consistently missed");
    assert_eq!(verdict(61), "✗\u{a0}missed; ✓✗\u{a0}hit and miss");
}

#[test]
fn a_monthly_target_is_judged_by_the_last_month_and_a_yearly_one_when_the_year_is_over() {
    let mut figures = vec![burglary("2021-10", 70), burglary("2021-11", 71), burglary("2021-12", 65)];
    figures.push(burglary("2020-q3", 293));
    let told = with(
        told(&[("Gateshead", Some(figures))]),
        vec![
            target(Some(0), at_most(on("2021-04", 66))),
            target(Some(0), at_most(on("2021-fy", 800))),
            target(Some(0), at_most(on("2022-q1", 200))),
        ],
    );
    let table = targets(&told).unwrap();
    assert_eq!(reads(&table.rows[0]), "Gateshead [1] | 65 [2] | at most 66 | ✓\u{a0}met | at most 66 from April 2021");
    assert_eq!(table.notes[1].text, "For December 2021.");
    assert_eq!(reads(&table.rows[1]), "Gateshead [1] | not yet | judged by periods of 12 months | not judged | at most 800 from 2021/22");
    assert_eq!(reads(&table.rows[2]), "Gateshead [1] | 206 | begins with Q1 2022/23 | not judged | at most 200 from Q1 2022/23");
}

#[test]
fn a_sum_over_fewer_than_all_is_not_held_against_a_target_of_all() {
    let mut told = with(quarters(), vec![target(None, at_most(on("2021-q1", 700)))]);
    told.contributions[1].answer = None;
    assert_eq!(
        promised(&told),
        ["All 2 partnerships [1] | figures of 1 of 2 only | at most 700 | not judged | at most 700 from Q1 2021/22"]
    );
}

#[test]
fn a_target_that_ended_or_is_somebody_elses_is_not_printed() {
    let ended = Target { ends_on: Some(day("2021-12-30")), ..target(Some(0), at_most(on("2021-q1", 200))) };
    assert!(promised(&with(quarters(), vec![ended, target(Some(7), at_most(on("2021-q1", 200)))])).is_empty());
    let still = Target { ends_on: Some(day("2021-12-31")), ..target(Some(0), at_most(on("2021-q1", 200))) };
    assert_eq!(promised(&with(quarters(), vec![still])).len(), 1);
}

#[test]
fn the_baseline_stands_beside_the_latest_figure_with_its_reason() {
    let mut kept = target(None, at_most(on("2021-q1", 700)));
    kept.terms.trajectory = None;
    kept.terms.baseline = Some(period("2020-q4"));
    let told = with(quarters(), vec![kept]);
    let said = lines(&blocks(&told));
    assert!(said.contains(&"Gateshead | 168 | 206 | +38 | +22.6%".to_owned()), "{said:?}");
    assert!(said.contains(&"About the baseline: the plan of 2021.".to_owned()), "{said:?}");
    let captions: Vec<String> =
        blocks(&told).into_iter().filter_map(|block| if let Block::Table(table) = block { Some(table.caption) } else { None }).collect();
    assert!(captions.contains(&"The baseline, October to December 2021 against January to March 2021.".to_owned()), "{captions:?}");
}

#[test]
fn a_baseline_of_long_ago_is_said_to_be_out_of_sight_and_not_to_be_missing() {
    let mut kept = target(None, at_most(on("2021-q1", 700)));
    kept.terms.trajectory = None;
    kept.terms.baseline = Some(period("2014-q1"));
    let said = lines(&blocks(&with(quarters(), vec![kept])));
    let wanted = "The baseline, October to December 2021 against April to June 2014: not compared. It lies further back than the five years \
        that this paper looks at.";
    assert!(said.contains(&wanted.to_owned()), "{said:?}");
}

#[test]
fn a_target_of_few_people_tells_no_small_number() {
    let mut told = with(quarters(), vec![target(Some(0), at_most(on("2021-q1", 4)))]);
    told.indicators[0].definition.sensitive = true;
    told.contributions[0].answer = Some(answered(0, full(vec![burglary("2021-q3", 3), burglary("2020-q3", 7)])));
    assert!(promised(&told).is_empty());
    assert!(lines(&blocks(&told)).contains(&"Targets: not shown, so that a small number cannot be worked out.".to_owned()));
    assert!(!blocks(&told).iter().any(|block| matches!(block, Block::Chart(_))));
}

#[test]
fn a_missed_target_is_an_exception_of_the_first_page_with_the_reason_that_was_given() {
    let straight = Trajectory::straight(Aim::AtMost, on("2020-q3", 293), on("2022-q3", 205)).unwrap();
    let mut told = with(quarters(), vec![target(Some(0), straight), target(Some(1), at_most(on("2021-q1", 400)))]);
    let indicator = burglary("2021-q3", 1).indicator;
    told.contributions[1].reasons = vec![csp_digest::Reason { indicator, of_target: true, text: line("Two gangs moved in") }];
    let said: Vec<String> = crate::world::lines(&assemble(&told).summary);
    let at = said.iter().position(|line| line == "Targets. 1 of the 2 that can be judged is missed:").unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(said[at + 1], "• Burglary, Newcastle: 516, expected at most 400 (its reason: Two gangs moved in.).");
    assert!(at < said.iter().position(|line| line.starts_with("Figures.")).unwrap(), "before the figures: {said:?}");
    told.targets.pop();
    assert!(
        crate::world::lines(&assemble(&told).summary)
            .contains(&"Targets. The one that can be judged is met: Burglary, Gateshead.".to_owned())
    );
    told.targets.clear();
    assert!(!crate::world::lines(&assemble(&told).summary).iter().any(|line| line.starts_with("Targets.")));
}

#[test]
fn one_and_many_are_said_as_people_say_them() {
    let missed = |at| target(Some(at), at_most(on("2021-q1", 100)));
    let said = |targets: Vec<Target>| {
        let told = crate::world::lines(&assemble(&with(quarters(), targets)).summary);
        told.into_iter().find(|line| line.starts_with("Targets.")).unwrap()
    };
    let met = || target(None, at_most(on("2021-q1", 900)));
    assert_eq!(said(vec![missed(0)]), "Targets. The one that can be judged is missed:");
    assert_eq!(said(vec![missed(0), missed(1)]), "Targets. Both that can be judged are missed:");
    assert_eq!(said(vec![missed(0), missed(1), met()]), "Targets. 2 of the 3 that can be judged are missed:");
    assert_eq!(said(vec![met(), met()]), "Targets. Both that can be judged are met.");
}

#[test]
fn a_target_is_written_with_the_decimals_of_its_measure() {
    let mut told = with(quarters(), vec![target(Some(0), at_most(Milestone { value: "1.5".parse().unwrap(), ..on("2021-q1", 0) }))]);
    let people = Populations::new([(told.contributions[0].partnership.ons_code.clone(), 2021, 201_950)]);
    told.populations = people;
    told.indicators[0].definition.ratio = Some(Ratio { per: 1_000, of: Denominator::Residents, decimals: 2 });
    let promised = promised(&told);
    assert!(promised[0].contains("| at most 1.50 per 1,000 |"), "{promised:?}");
    assert!(promised[0].contains("met"), "{promised:?}");
}

#[test]
fn a_chart_of_progress_does_not_join_what_was_counted_otherwise() {
    let straight = || Trajectory::straight(Aim::AtMost, on("2020-q3", 293), on("2022-q3", 205)).unwrap();
    let drawn = |told: &Material| {
        blocks(told).into_iter().find_map(|block| match block {
            Block::Chart(Chart::Progress { points, .. }) => Some(points.len()),
            _ => None,
        })
    };
    let mut told = with(quarters(), vec![target(Some(0), straight())]);
    assert_eq!(drawn(&told), Some(5));
    told.indicators[0].definition.breaks = vec![Break::new(day("2021-04-01"), "attempts are counted apart").unwrap()];
    assert_eq!(drawn(&told), Some(3), "from where it is counted as it is now");
}
