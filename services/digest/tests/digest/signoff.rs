//! What nobody has signed off, and how often returns came before.

use csp_digest::{HeldOut, Joint, Shared, assemble};
use csp_domain::{
    completeness::Tally,
    id::CycleId,
    news::{NewsKind, NewsOwner},
};
use uuid::Uuid;

use crate::world::*;

#[test]
fn what_is_not_signed_off_is_said_in_summary_table_and_slot_and_never_becomes_zero() {
    let mut told =
        told(&[("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293)])), ("Newcastle", None), ("Sunderland", None)]);
    told.contributions[1].unsigned = true;
    let document = assemble(&told);
    let mut summary = lines(&document.summary);
    summary.retain(|line| ["Returns.", "• Received", "• No return"].iter().any(|start| line.starts_with(start)));
    assert_eq!(summary[0], "Returns. 2 of 3 partnerships have sent a return.", "it was received all the same");
    assert_eq!(summary[1], "• Received, not signed off, and so not printed: Newcastle.");
    assert_eq!(summary[2], "• No return received by 17:00 on 12 January from Sunderland.");
    assert_eq!(rows(&told)[1], "Newcastle | no earlier figure | not signed off | – | –");
    let slot = &document.sections[3].items[1];
    assert_eq!(lines(&slot.blocks), ["Received, not signed off by the partnership’s lead. It is not printed here."]);
    assert!(slot.items.is_empty() && slot.origins.is_empty());
}

#[test]
fn a_joint_item_stands_under_its_first_owner_in_the_names_of_all_or_is_held_out() {
    let full = |value| Some(vec![burglary("2021-q3", value)]);
    let mut told = told(&[("Gateshead", full(206)), ("Newcastle", full(433)), ("Sunderland", full(99))]);
    let owner = NewsOwner::Partnership(told.contributions[0].partnership.id);
    let patrols = news(41, owner, NewsKind::Event, "Patrols on both banks", Some("2021-12-17"), "Six Fridays.");
    let names = |names: &[&str]| names.iter().map(|name| line(name)).collect::<Vec<_>>();
    let owners = names(&["Gateshead", "Newcastle", "Sunderland"]);
    told.contributions[0].joint = vec![Joint { item: patrols.id, owners: owners.clone() }];
    told.contributions[0].news = vec![patrols.clone()];
    let shared = Shared { first: line("Gateshead"), headline: patrols.headline.clone(), owners, whole: None, unsigned: Vec::new() };
    told.contributions[1].shared = vec![shared.clone()];
    let document = assemble(&told);
    let [gateshead, newcastle, sunderland] = &*document.sections[3].items else { panic!("a slot for each") };
    assert_eq!(
        lines(&gateshead.items[0].blocks),
        ["Event, joint item of Gateshead, Newcastle and Sunderland, 17 December 2021", "Six Fridays."]
    );
    assert_eq!(lines(&newcastle.blocks), ["Joint item “Patrols on both banks”: printed under Gateshead."]);
    assert!(newcastle.items.is_empty(), "printed once");
    assert_eq!(lines(&sunderland.blocks), ["No news was submitted for this report."]);

    // Held out, nothing of its words is printed, and the partnership is not said to have sent no news.
    told.contributions[0].news.clear();
    told.contributions[0].held_out = vec![HeldOut { with: names(&["Newcastle", "Sunderland"]), unsigned: names(&["Sunderland"]) }];
    told.contributions[1].shared.clear();
    let document = assemble(&told);
    let slots: Vec<_> = document.sections[3].items.iter().map(|slot| lines(&slot.blocks)).collect();
    assert_eq!(slots[0], ["A joint item with Newcastle and Sunderland is held out: not signed by Sunderland."]);
    assert!(!serde_json::to_string(&document).unwrap().contains("both banks"));

    // Whoever reads their own part before they sign reads all of it.
    told.contributions[1].shared = vec![Shared { whole: Some(Box::new(patrols)), unsigned: names(&["Newcastle"]), ..shared }];
    let document = assemble(&told);
    let slot = &document.sections[3].items[1];
    assert_eq!(lines(&slot.blocks), ["Joint item “Patrols on both banks”: printed under Gateshead once it is signed by Newcastle."]);
    assert_eq!(slot.items[0].heading.as_deref(), Some("Patrols on both banks"));
}

#[test]
fn one_line_says_how_often_returns_came_and_names_nobody() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206)]))]);
    let tally = |n: u128, received, on_time| Tally {
        cycle: CycleId(Uuid::from_u128(n)),
        slug: "2021-q3".parse().unwrap(),
        expected: 6,
        received,
        on_time,
    };
    let line = |told: &csp_digest::Material| lines(&assemble(told).summary).into_iter().find(|line| line.starts_with("Over the last"));
    told.tallies = vec![tally(1, 5, 5)];
    assert_eq!(line(&told), None, "of one report the line above says it all");
    told.tallies = vec![tally(2, 5, 4), tally(1, 6, 6)];
    assert_eq!(line(&told).unwrap(), "Over the last 2 reports 11 of 12 returns were received, 10 by the deadline.");
    told.tallies = (0..8).map(|n| tally(n, 5, 4)).collect();
    assert_eq!(line(&told).unwrap(), "Over the last 8 reports 40 of 48 returns were received (83%), 32 by the deadline (67%).");
}
