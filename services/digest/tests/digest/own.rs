//! What one partnership measures for itself: asked of it alone, printed in its own part, and in no total, comparison or picture of
//! several.

use csp_digest::{Material, assemble};
use csp_domain::{
    document::{Block, Chart, Item},
    id::{PartnershipId, Slug},
    indicator::{Denominator, Indicator, Ratio, Unit},
    observation::Figure,
};
use uuid::Uuid;

use crate::world::{answered, burglary, day, figure, full, indicator, lines, reads, region, reported, table_of};

const FOULING: u128 = 601;

fn fouling(owner: u128) -> Indicator {
    let plain = indicator(FOULING, "Dog fouling", Unit::Count);
    let slug = Slug::within(&"gateshead".parse().unwrap(), &plain.slug);
    Indicator { owner: Some(PartnershipId(Uuid::from_u128(owner))), slug, ..plain }
}

/// Gateshead has burglaries and its own measure, Sunderland burglaries.
fn county(own: Vec<Figure>) -> Material {
    let mut material = region(&["Gateshead", "Sunderland"]);
    let burglaries = || vec![burglary("2020-q3", 293), burglary("2021-q3", 206)];
    material.contributions[0].answer = Some(answered(0, full([burglaries(), own].concat())));
    material.contributions[1].answer = Some(answered(1, full(burglaries())));
    material.indicators.push(fouling(1));
    material
}

fn own_of(material: &Material, at: usize) -> Option<Item> {
    let slot = assemble(material).sections[3].items[at].clone();
    slot.items.into_iter().find(|item| item.heading.as_deref() == Some("Its own measures"))
}

#[test]
fn it_is_printed_in_the_part_of_whose_it_is_and_nowhere_else() {
    let material = county(vec![figure(FOULING, "2020-q3", reported(70)), figure(FOULING, "2021-q3", reported(61))]);
    let own = own_of(&material, 0).unwrap();
    assert_eq!(lines(&own.blocks), ["Measures that Gateshead keeps for itself. They are in no total and in no comparison with others."]);
    let rows: Vec<String> = table_of(&own.items[0]).rows.iter().map(reads).collect();
    assert_eq!(rows, ["Gateshead | 70 | 61 | −9 | −12.9%"], "no total, and nobody beside it");
    assert!(!lines(&own.items[0].blocks).iter().any(|line| line.contains("Beside the other partnerships")));
    assert!(own_of(&material, 1).is_none(), "Sunderland is not told of it");
    let document = assemble(&material);
    assert_eq!(document.sections[2].items.len(), 1, "the shared figures are burglary alone");
    let elsewhere: Vec<String> =
        document.sections[2].items.iter().flat_map(|item| lines(&item.blocks)).chain(lines(&document.summary)).collect();
    assert!(!elsewhere.iter().any(|line| line.contains("Dog fouling")), "{elsewhere:?}");
    // It is not printed a second time among what was sent besides.
    let slot = &document.sections[3].items[0];
    assert!(!slot.items.iter().any(|item| item.heading.as_deref() == Some("Other figures")));
}

#[test]
fn it_is_owed_by_its_partnership_alone() {
    let summary = lines(&assemble(&county(Vec::new())).summary);
    assert!(summary.iter().any(|line| line == "• Not reported by Gateshead: 1 of 2 figures."), "{summary:?}");
    assert!(!summary.iter().any(|line| line.contains("Not reported by Sunderland")), "{summary:?}");
}

#[test]
fn it_is_not_asked_for_after_its_last_day() {
    let mut material = county(Vec::new());
    material.indicators.last_mut().unwrap().ends_on = Some(day("2021-12-30"));
    assert!(own_of(&material, 0).is_none());
    assert!(!lines(&assemble(&material).summary).iter().any(|line| line.contains("Not reported")));
    material.indicators.last_mut().unwrap().ends_on = Some(day("2021-12-31"));
    assert!(own_of(&material, 0).is_some());
}

#[test]
fn a_change_of_it_is_told_first_and_is_drawn_for_its_partnership() {
    let months = ["2020-05", "2020-06", "2020-07", "2020-08", "2020-09", "2020-10", "2020-11", "2020-12"];
    let later = (1..=12).map(|month| format!("2021-{month:02}"));
    let months: Vec<String> = months.iter().map(|month| (*month).to_owned()).chain(later).collect();
    let count = |at: usize| if at == 19 { 200 } else { 60 + i64::try_from(at % 3).unwrap() };
    let own = months.iter().enumerate().map(|(at, month)| figure(FOULING, month, reported(count(at)))).collect();
    let material = county(own);
    let summary = lines(&assemble(&material).summary);
    assert_eq!(summary[1], "• Dog fouling, by month: ▲\u{a0}worsening in Gateshead: the latest figure is above the upper limit.");
    let own = own_of(&material, 0).unwrap();
    let charts: Vec<&Chart> =
        own.items[0].blocks.iter().filter_map(|block| if let Block::Chart(chart) = block { Some(chart) } else { None }).collect();
    assert!(matches!(charts[..], [Chart::Control { .. }]), "one picture, of Gateshead alone: {charts:?}");
}

/// Hate crimes of three: 3, 12 and 45. Together they are 60, and whoever reads the 12 elsewhere knows the 3.
#[test]
fn a_share_of_a_shared_measure_of_few_people_tells_nothing_that_its_table_hides() {
    let mut material = region(&["Gateshead", "Newcastle", "Sunderland"]);
    material.indicators[0].definition.sensitive = true;
    for (at, count) in [(0, 12), (1, 3), (2, 45)] {
        let own = if at == 0 { vec![figure(FOULING, "2021-q3", reported(6)), figure(FOULING, "2020-q3", reported(6))] } else { Vec::new() };
        let shared = vec![burglary("2021-q3", count), burglary("2020-q3", count)];
        material.contributions[at].answer = Some(answered(at, full([shared, own].concat())));
    }
    let mut repeated = fouling(1);
    repeated.definition.ratio = Some(Ratio { per: 100, of: Denominator::Indicator(material.indicators[0].slug.clone()), decimals: 0 });
    material.indicators.push(repeated);
    let own = own_of(&material, 0).unwrap();
    let rows: Vec<String> = table_of(&own.items[0]).rows.iter().map(reads).collect();
    assert!(rows[0].contains("not shown") && !rows[0].contains("12"), "{rows:?}");
    assert!(!own.items[0].blocks.iter().any(|block| matches!(block, Block::Chart(_))));
}
