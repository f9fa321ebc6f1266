//! The state machine of an owner's signature under a joint item, walked at random beside a table that was written by hand and knows
//! nothing of the code.

#![expect(clippy::unwrap_used, reason = "a table without a row for a step should stop the test")]

use csp_domain::{
    id::{NewsItemId, PartnershipId},
    joint::{JointDeed, JointOwner, JointState, JointTally, JointWhy, Signatory, after, drawing, tally_of},
    signoff::Hand,
};
use proptest::prelude::*;
use uuid::Uuid;

/// Which step leads where, and who may take it: `o` officer, `l` lead, `e` editor, `s` the schedule. `-`: no such step.
const STATES: [&str; 5] = ["waiting", "signed", "sent_back", "dropped", "frozen"];
const STEPS: [(&str, &str, [&str; 5]); 6] = [
    ("name", "ole", ["-", "-", "-", "waiting", "-"]),
    ("sign", "l", ["signed", "-", "signed", "-", "-"]),
    ("send_back", "l", ["sent_back", "sent_back", "-", "-", "-"]),
    ("alter", "ole", ["waiting", "waiting", "waiting", "-", "-"]),
    ("drop", "ole", ["dropped", "dropped", "dropped", "-", "-"]),
    ("freeze", "es", ["-", "frozen", "-", "-", "frozen"]),
];

/// What the table says: the new state, or none.
fn table(state: JointState, deed: JointDeed, who: &Signatory) -> Option<&'static str> {
    let (word, hands, row) = STEPS.into_iter().find(|(word, ..)| *word == deed.word()).unwrap();
    let column = STATES.iter().position(|word| *word == state.word()).unwrap();
    let held: Vec<char> = who.hands.iter().map(|hand| hand.word().chars().next().unwrap()).collect();
    match word {
        _ if row[column] == "-" || !held.iter().any(|hand| hands.contains(*hand)) => None,
        "sign" if who.writer => None,
        _ => Some(row[column]),
    }
}

fn anybody() -> impl Strategy<Value = Signatory> {
    (proptest::sample::subsequence(Hand::ALL.to_vec(), 0..=3), any::<bool>()).prop_map(|(hands, writer)| Signatory { hands, writer })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_walk_of_any_length_goes_where_the_table_says(
        steps in prop::collection::vec((proptest::sample::select(JointDeed::ALL.to_vec()), anybody()), 1..40),
    ) {
        let mut state = JointState::Waiting;
        let mut answered_for = false;
        for (deed, who) in steps {
            match (after(state, deed, &who), table(state, deed, &who)) {
                (Ok(to), Some(wanted)) => {
                    prop_assert_eq!(to.word(), wanted);
                    // A signature is of what stands, by a lead who wrote none of it; whatever changes takes it away.
                    answered_for = match deed {
                        JointDeed::Sign => who.hands.contains(&Hand::Lead) && !who.writer,
                        JointDeed::Freeze => answered_for,
                        JointDeed::Name | JointDeed::SendBack | JointDeed::Alter | JointDeed::Drop => false,
                    };
                    prop_assert_eq!(to.stands(), answered_for, "nothing is printed that this owner's lead has not signed as it stands");
                    prop_assert!(state != JointState::Frozen || to == state, "what is in a paper stays there");
                    state = to;
                }
                (Err(refused), None) => {
                    prop_assert_eq!((refused.deed, refused.state), (deed, state));
                    prop_assert!(!refused.to_string().is_empty() && !refused.lifted_by().is_empty());
                    prop_assert_eq!(refused.who_can().is_empty(), refused.why == JointWhy::Frozen);
                }
                (found, wanted) => prop_assert!(false, "{state:?} {deed:?} {who:?}: {found:?}, the table says {wanted:?}"),
            }
        }
    }
}

#[test]
fn every_step_from_every_state_is_as_the_table_says() {
    let mut steps = 0;
    for (state, deed) in JointState::ALL.into_iter().flat_map(|state| JointDeed::ALL.into_iter().map(move |deed| (state, deed))) {
        for (hand, writer) in Hand::ALL.into_iter().flat_map(|hand| [true, false].into_iter().map(move |writer| (hand, writer))) {
            let who = Signatory { hands: vec![hand], writer };
            assert_eq!(after(state, deed, &who).ok().map(JointState::word), table(state, deed, &who), "{state:?} {deed:?} {who:?}");
            steps += 1;
        }
    }
    assert_eq!(steps, 5 * 6 * 4 * 2);
}

#[test]
fn a_refusal_says_what_would_lift_it_and_who_can() {
    let own = Signatory { hands: vec![Hand::Officer, Hand::Lead], writer: true };
    let refused = after(JointState::Waiting, JointDeed::Sign, &own).unwrap_err();
    assert_eq!((refused.reason(), refused.who_can()), ("AUTHOR_CANNOT_SIGN", &[Hand::Lead][..]));
    assert_eq!(refused.to_string(), "whoever wrote any part of a joint item cannot sign it");
    let refused = after(JointState::Frozen, JointDeed::SendBack, &Signatory::apart(Hand::Lead)).unwrap_err();
    assert_eq!((refused.reason(), refused.who_can()), ("JOINT_FROZEN", &[][..]));
    let refused = after(JointState::Signed, JointDeed::Sign, &Signatory::apart(Hand::Lead)).unwrap_err();
    assert_eq!((refused.reason(), refused.to_string().as_str()), ("JOINT_STATE", "for this owner the joint item is signed"));
    let refused = after(JointState::Waiting, JointDeed::Sign, &Signatory::apart(Hand::Editor)).unwrap_err();
    assert_eq!((refused.reason(), refused.who_can()), ("JOINT_ROLE", &[Hand::Lead][..]));
    assert_eq!(refused.lifted_by(), "The lead or a deputy of this owner does it.");
}

#[test]
fn an_item_that_two_have_not_signed_is_held_out_once() {
    let partnership = |n: u128| PartnershipId(Uuid::from_u128(n));
    let owner = |item: u128, of: u128, state| JointOwner {
        item: NewsItemId(Uuid::from_u128(item)),
        partnership: partnership(of),
        first: partnership(1),
        state,
        by: None,
        at: chrono::DateTime::UNIX_EPOCH,
        reason: None,
        revision: 1,
    };
    let owners = [
        owner(7, 2, JointState::Waiting),
        owner(7, 3, JointState::SentBack),
        owner(8, 2, JointState::Signed),
        owner(8, 3, JointState::Frozen),
        owner(9, 2, JointState::Waiting),
    ];
    assert_eq!(tally_of(&owners, partnership(1)), JointTally { held_out: 2, ..JointTally::default() });
    assert_eq!(tally_of(&owners, partnership(2)), JointTally { waiting: 2, ..JointTally::default() });
    assert_eq!(tally_of(&owners, partnership(3)), JointTally { sent_back: 1, ..JointTally::default() });
}

#[test]
fn every_word_is_read_back() {
    assert!(JointState::ALL.into_iter().all(|state| JointState::from_word(state.word()) == Some(state)));
}

#[test]
fn the_picture_in_the_handbook_is_the_machine() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/joint.md")).unwrap();
    let drawn = page.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    assert_eq!(drawn, drawing(), "docs/joint.md: put this between the marks:\n{}", drawing());
}
