//! Whatever partnerships answer, the totals are like for like and every percentage follows from counts.

use std::collections::BTreeSet;

use csp_digest::assemble;
use csp_domain::{
    document::{Block, PublicDocument},
    observation::{Answer, Figure},
    returns::Content,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::world::*;

/// What one partnership does about one indicator: this quarter, a year earlier in its own return, a
/// year earlier in a return of old.
#[derive(Debug, Clone)]
struct Deed {
    sent: bool,
    now: Option<Answer>,
    own: Option<Answer>,
    old: Option<Answer>,
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => (0_i64..5_000).prop_map(reported),
        1 => Just(reported(0)),
        1 => Just(Answer::Nil),
        1 => Just(late("2022-01-31")),
        1 => Just(withheld("small numbers")),
        1 => Just(Answer::NotApplicable),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let maybe = || proptest::option::weighted(0.7, answer());
    (proptest::bool::weighted(0.8), maybe(), maybe(), maybe()).prop_map(|(sent, now, own, old)| Deed { sent, now, own, old })
}

fn document(deeds: &[Deed]) -> PublicDocument {
    let names: Vec<String> = (0..deeds.len()).map(|n| format!("Partnership {n}")).collect();
    let mut material = region(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (at, deed) in deeds.iter().enumerate() {
        let said = |period, answer: &Option<Answer>| -> Option<Figure> { answer.clone().map(|answer| figure(BURGLARY, period, answer)) };
        let contribution = &mut material.contributions[at];
        if deed.sent {
            let figures = said("2021-q3", &deed.now).into_iter().chain(said("2020-q3", &deed.own)).collect();
            contribution.answer = Some(answered(at, Content::Full { figures, quoted: Vec::new() }));
        }
        contribution.earlier = said("2020-q3", &deed.old).map(|figure| earlier(250, figure)).into_iter().collect();
    }
    assemble(&material)
}

/// `1,234`, `none`, or not a figure.
fn value(cell: &csp_domain::document::Cell) -> Option<i64> {
    if cell.absent {
        return None;
    }
    if cell.text == "none" { Some(0) } else { Some(cell.text.replace(',', "").parse().unwrap()) }
}

/// Written again from the definition, in whole numbers: tenths of a percent, halves away from zero.
fn percent_by_hand(before: i64, after: i64) -> String {
    if before == 0 {
        return "not calculated".to_owned();
    }
    if before == after {
        return "no change".to_owned();
    }
    if before < 50 {
        return "not calculated".to_owned();
    }
    let (difference, base) = (i128::from((after - before).abs()), i128::from(before));
    let tenths = (difference * 2_000 + base) / (2 * base);
    if tenths == 0 {
        return "under 0.1%".to_owned();
    }
    let sign = if after < before { '−' } else { '+' };
    format!("{sign}{}.{}%", csp_domain::text::thousands(&(tenths / 10).to_string()), tenths % 10)
}

proptest! {
    #[test]
    fn totals_are_like_for_like_and_percentages_follow_from_counts(deeds in proptest::collection::vec(deed(), 2..9)) {
        let document = document(&deeds);
        let table = table(&document);
        let amount = |answer: &Option<Answer>| answer.as_ref().and_then(Answer::amount);
        let mut expected = (0, Decimal::ZERO, Decimal::ZERO);
        for (deed, row) in deeds.iter().zip(&table.rows) {
            let now = if deed.sent { amount(&deed.now) } else { None };
            let own = if deed.sent && deed.own.is_some() { &deed.own } else { &deed.old };
            if let (Some(now), Some(before)) = (now, amount(own)) {
                expected = (expected.0 + 1, expected.1 + before, expected.2 + now);
            }
            prop_assert_eq!(value(&row.cells[2]).is_some(), now.is_some(), "{:?} prints as {:?}", deed, row.cells[2]);
            prop_assert_eq!(value(&row.cells[2]).map(Decimal::from), now);
        }
        let total = table.rows.last().unwrap();
        if expected.0 > 0 {
            let covered = if expected.0 == deeds.len() { format!("all {}", deeds.len()) } else { format!("{} of {}", expected.0, deeds.len()) };
            prop_assert_eq!(&total.cells[0].text, &format!("Total of {covered} partnerships"));
            prop_assert_eq!(value(&total.cells[1]).map(Decimal::from), Some(expected.1));
            prop_assert_eq!(value(&total.cells[2]).map(Decimal::from), Some(expected.2));
        } else {
            prop_assert!(total.cells[3].absent && total.cells[4].absent);
        }
        for row in &table.rows {
            match (value(&row.cells[1]), value(&row.cells[2])) {
                (Some(before), Some(after)) => prop_assert_eq!(&row.cells[4].text, &percent_by_hand(before, after)),
                _ => prop_assert!(row.cells[4].absent && !row.cells[4].text.contains('%'), "{:?}", row),
            }
        }
        // The summary prints no percentage that the total does not.
        for line in lines(&document.summary) {
            if line.contains('%') {
                prop_assert!(line.contains(&total.cells[4].text), "{} has a percentage of its own", line);
            }
        }
    }

    #[test]
    fn every_number_is_given_once_and_every_note_is_explained(deeds in proptest::collection::vec(deed(), 1..9)) {
        let document = document(&deeds);
        let numbers: Vec<&str> =
            document.sections.iter().map(|section| section.number.as_str()).chain(document.items().iter().map(|item| item.number.as_str())).collect();
        prop_assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "{:?}", numbers);
        for item in document.items() {
            for block in &item.blocks {
                let Block::Table(table) = block else { continue };
                let used: BTreeSet<u32> = table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| cell.notes.clone()).collect();
                let explained: Vec<u32> = table.notes.iter().map(|note| note.mark).collect();
                prop_assert_eq!(used.into_iter().collect::<Vec<_>>(), explained);
                prop_assert!(table.rows.iter().all(|row| row.cells.len() == table.columns.len()));
            }
        }
    }

    #[test]
    fn the_same_material_gives_the_same_bytes(deeds in proptest::collection::vec(deed(), 1..5)) {
        prop_assert_eq!(document(&deeds).to_bytes(), document(&deeds).to_bytes());
    }
}
