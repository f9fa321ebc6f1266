//! What must be known beside the figures of certain days: said below each table once, and drawn into the chart.

use csp_digest::{Material, assemble};
use csp_domain::{
    context_note::Matter,
    document::{Block, Chart, Item, chart::Span},
    id::{IndicatorId, PartnershipId, TargetId},
    measure::target::{Aim, Milestone, Trajectory},
    observation::Figure,
    period::Period,
    target::{Target, Terms},
};
use uuid::Uuid;

use crate::world::{BURGLARY, burglary, day, epoch, indicator, line, lines, period, reads, table_of, told};

const LOCKDOWN: &str = "5 November 2020 to 2 December 2020: restrictions on meeting indoors were in force.";

fn lockdown() -> Matter {
    let days = Period::new(day("2020-11-05"), day("2020-12-02")).unwrap();
    Matter { indicator: None, partnership: None, days, sentence: line("restrictions on meeting indoors were in force") }
}

fn two() -> Material {
    let both = |then: i64, now: i64| Some(vec![burglary("2020-q3", then), burglary("2021-q3", now)]);
    told(&[("Gateshead", both(293, 206)), ("Sunderland", both(420, 457))])
}

fn figures(told: &Material) -> Vec<Item> {
    assemble(told).sections[2].items.clone()
}

#[test]
fn a_note_stands_beside_every_figure_of_its_days_and_is_said_once() {
    let mut told = two();
    told.context = vec![lockdown()];
    let items = figures(&told);
    let table = table_of(&items[0]);
    assert_eq!(table.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), [LOCKDOWN]);
    let rows: Vec<String> = table.rows.iter().map(reads).collect();
    assert_eq!(
        rows,
        [
            "Gateshead | 293 [1] | 206 | −87 | −29.7%",
            "Sunderland | 420 [1] | 457 | +37 | +8.8%",
            "Total of all 2 partnerships | 713 [1] | 663 | −50 | −7.0%",
        ]
    );
    // The first page has it too, below its own table.
    let document = assemble(&told);
    let overview = document.summary.iter().find_map(|block| if let Block::Table(table) = block { Some(table) } else { None }).unwrap();
    assert!(overview.notes.iter().any(|note| note.text == LOCKDOWN), "{:?}", overview.notes);
}

#[test]
fn what_was_so_in_one_place_is_said_of_that_place_alone() {
    let mut told = two();
    told.context = vec![Matter { partnership: Some(PartnershipId(Uuid::from_u128(2))), ..lockdown() }];
    let rows: Vec<String> = table_of(&figures(&told)[0]).rows.iter().map(reads).collect();
    assert_eq!(rows[0], "Gateshead | 293 | 206 | −87 | −29.7%");
    assert_eq!(rows[1], "Sunderland | 420 [1] | 457 | +37 | +8.8%");
    assert_eq!(rows[2], "Total of all 2 partnerships | 713 | 663 | −50 | −7.0%");
}

#[test]
fn what_was_so_of_one_measure_or_in_other_days_is_not_said_of_this() {
    let mut told = two();
    let robbery = Matter { indicator: Some(IndicatorId(Uuid::from_u128(BURGLARY + 1))), ..lockdown() };
    told.context = vec![robbery, Matter { days: period("2021-01"), ..lockdown() }];
    told.indicators.push(indicator(BURGLARY + 1, "Robbery", csp_domain::indicator::Unit::Count));
    assert!(table_of(&figures(&told)[0]).notes.is_empty());
}

#[test]
fn a_chart_over_time_has_the_days_as_a_span() {
    let months = ["2020-05", "2020-06", "2020-07", "2020-08", "2020-09", "2020-10", "2020-11", "2020-12"];
    let later = (1..=12).map(|month| format!("2021-{month:02}"));
    let series = months.iter().map(|month| (*month).to_owned()).chain(later).map(|month| burglary(&month, 60)).collect();
    let mut told = told(&[("Gateshead", Some(series))]);
    told.context = vec![lockdown(), Matter { days: period("2019-01"), ..lockdown() }];
    let items = figures(&told);
    let chart = items[0].blocks.iter().find_map(|block| if let Block::Chart(chart) = block { Some(chart) } else { None }).unwrap();
    let Chart::Control { context, .. } = chart else { panic!("a chart over time: {:?}", lines(&items[0].blocks)) };
    assert_eq!(context.iter().map(|span| span.text.as_str()).collect::<Vec<_>>(), [LOCKDOWN]);
}

/// Twenty months up to December 2021.
fn months(count: i64) -> Vec<Figure> {
    (0..20).map(|n| burglary(&format!("{}-{:02}", 2020 + (n + 4) / 12, (n + 4) % 12 + 1), count + i64::from(n % 3))).collect()
}

fn charts(told: &Material) -> Vec<Chart> {
    let blocks = figures(told).remove(0).blocks;
    blocks.into_iter().filter_map(|block| if let Block::Chart(chart) = block { Some(chart) } else { None }).collect()
}

#[test]
fn small_multiples_say_of_each_partnership_what_was_so_there() {
    let flood = Matter { partnership: Some(PartnershipId(Uuid::from_u128(2))), sentence: line("the station was closed"), ..lockdown() };
    let mut told = told(&[("Gateshead", Some(months(60))), ("Sunderland", Some(months(80)))]);
    told.context = vec![flood, lockdown(), lockdown(), Matter { days: period("2019-01"), ..lockdown() }];
    let charts = charts(&told);
    let [Chart::Control { context: together, .. }, Chart::Multiples { panels, context, unsaid, .. }] = &charts[..] else {
        panic!("{charts:?}")
    };
    let said = |spans: &[Span]| spans.iter().map(|span| span.text.clone()).collect::<Vec<_>>();
    let closed = "5 November 2020 to 2 December 2020: the station was closed.";
    assert_eq!(said(together), [LOCKDOWN], "of both together what was so of both, once");
    assert_eq!(said(context), [LOCKDOWN, closed]);
    assert_eq!(panels.iter().map(|panel| &panel.context[..]).collect::<Vec<_>>(), [&[0][..], &[0, 1]]);
    assert_eq!(*unsaid, 0);
}

#[test]
fn the_way_to_a_target_has_the_days_too() {
    let mut told = told(&[("Gateshead", Some(months(60)))]);
    told.context = vec![lockdown()];
    let trajectory = Trajectory::standing(Aim::AtMost, Milestone { period: period("2020-08"), value: 50.into() });
    let terms = Terms {
        indicator: IndicatorId(Uuid::from_u128(BURGLARY)),
        partnership: Some(PartnershipId(Uuid::from_u128(1))),
        trajectory: Some(trajectory),
        baseline: None,
        reason: line("the plan of 2020"),
    };
    let id = TargetId(Uuid::from_u128(700));
    told.targets = vec![Target { id, terms, ends_on: None, end_reason: None, created_at: epoch(), revision: 1 }];
    let charts = charts(&told);
    let Some(Chart::Progress { context, .. }) = charts.iter().find(|chart| matches!(chart, Chart::Progress { .. })) else {
        panic!("{charts:?}")
    };
    assert_eq!(context.iter().map(|span| span.text.as_str()).collect::<Vec<_>>(), [LOCKDOWN]);
}

#[test]
fn what_finds_no_room_in_a_chart_is_counted_and_is_the_oldest() {
    let mut told = told(&[("Gateshead", Some(months(60))), ("Sunderland", Some(months(80)))]);
    let of_day = |n: u64| {
        let first = day("2020-05-01") + chrono::Days::new(n * 7);
        Matter { days: Period::new(first, first).unwrap(), sentence: line(&format!("event {n}")), ..lockdown() }
    };
    told.context = (0..30).rev().map(of_day).collect();
    for chart in charts(&told) {
        let (Chart::Control { context, unsaid, .. } | Chart::Multiples { context, unsaid, .. }) = &chart else { continue };
        assert_eq!((context.len(), *unsaid), (26, 4), "{}", chart.title());
        assert!(context[0].text.ends_with("event 4.") && context[25].text.ends_with("event 29."), "{context:?}");
    }
}
