//! The state machine of a wording, walked at random beside a table that was written by hand and knows nothing of the code.

#![expect(clippy::unwrap_used, reason = "a table without a row for a step should stop the test")]

use csp_domain::{
    signoff::Hand,
    wording::{Answerer, WhyNot, WordingDeed, WordingState, after, drawing},
};
use proptest::prelude::*;

/// Which step leads where, and who may take it: `o` officer, `l` lead, `e` editor, `s` the schedule. `-`: no such step.
/// From proposed, and from accepted; from everywhere else there is none.
const STEPS: [(&str, &str, [&str; 2]); 6] = [
    ("accept", "l", ["accepted", "-"]),
    ("refuse", "l", ["refused", "refused"]),
    ("withdraw", "e", ["withdrawn", "withdrawn"]),
    ("replace", "le", ["replaced", "replaced"]),
    ("lapse", "ole", ["lapsed", "lapsed"]),
    ("expire", "es", ["unanswered", "-"]),
];

/// What the table says: the new state, or none.
fn table(state: WordingState, deed: WordingDeed, who: &Answerer) -> Option<&'static str> {
    let (word, hands, row) = STEPS.into_iter().find(|(word, ..)| *word == deed.word()).unwrap();
    let column = ["proposed", "accepted"].iter().position(|word| *word == state.word())?;
    let held: Vec<char> = who.hands.iter().map(|hand| hand.word().chars().next().unwrap()).collect();
    match word {
        _ if row[column] == "-" || !held.iter().any(|hand| hands.contains(*hand)) => None,
        "accept" | "refuse" if who.proposer => None,
        // What a frozen paper prints only the freezing itself brings to its end.
        "expire" => Some(row[column]),
        _ if who.frozen => None,
        _ => Some(row[column]),
    }
}

fn anybody() -> impl Strategy<Value = Answerer> {
    (proptest::sample::subsequence(Hand::ALL.to_vec(), 0..=3), any::<bool>(), proptest::bool::weighted(0.1))
        .prop_map(|(hands, proposer, frozen)| Answerer { hands, proposer, frozen })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_walk_of_any_length_goes_where_the_table_says(
        steps in prop::collection::vec((proptest::sample::select(WordingDeed::ALL.to_vec()), anybody()), 1..30),
    ) {
        let mut state = WordingState::Proposed;
        let mut answered_for = false;
        for (deed, who) in steps {
            match (after(state, deed, &who), table(state, deed, &who)) {
                (Ok(to), Some(wanted)) => {
                    prop_assert_eq!(to.word(), wanted);
                    answered_for |= deed == WordingDeed::Accept && who.hands.contains(&Hand::Lead) && !who.proposer && !who.frozen;
                    // Nothing is printed that no lead but the proposer has accepted.
                    prop_assert!(to != WordingState::Accepted || answered_for);
                    prop_assert!(state.lives(), "what came to its end stays there");
                    state = to;
                }
                (Err(refused), None) => {
                    prop_assert_eq!((refused.deed, refused.state), (deed, state));
                    prop_assert!(!refused.to_string().is_empty() && !refused.lifted_by().is_empty());
                    prop_assert_eq!(refused.who_can().is_empty(), refused.why == WhyNot::Frozen);
                }
                (found, wanted) => prop_assert!(false, "{state:?} {deed:?} {who:?}: {found:?}, the table says {wanted:?}"),
            }
        }
    }
}

#[test]
fn every_step_from_every_state_is_as_the_table_says() {
    let mut steps = 0;
    for (state, deed) in WordingState::ALL.into_iter().flat_map(|state| WordingDeed::ALL.into_iter().map(move |deed| (state, deed))) {
        for (hand, part) in Hand::ALL.into_iter().flat_map(|hand| (0..4).map(move |part| (hand, part))) {
            let who = Answerer { hands: vec![hand], proposer: part & 1 > 0, frozen: part & 2 > 0 };
            assert_eq!(after(state, deed, &who).ok().map(WordingState::word), table(state, deed, &who), "{state:?} {deed:?} {who:?}");
            steps += 1;
        }
    }
    assert_eq!(steps, 7 * 6 * 4 * 4);
}

#[test]
fn a_refusal_says_what_would_lift_it_and_who_can() {
    let own = Answerer { hands: vec![Hand::Editor, Hand::Lead], proposer: true, frozen: false };
    let refused = after(WordingState::Proposed, WordingDeed::Accept, &own).unwrap_err();
    assert_eq!((refused.reason(), refused.who_can()), ("PROPOSER_CANNOT_ANSWER", &[Hand::Lead][..]));
    assert_eq!(refused.to_string(), "whoever proposed a wording cannot answer it for the partnership");

    let late = Answerer { frozen: true, ..Answerer::apart(Hand::Lead) };
    let refused = after(WordingState::Proposed, WordingDeed::Accept, &late).unwrap_err();
    assert_eq!((refused.reason(), refused.who_can()), ("WORDING_FROZEN", &[][..]));
    let refused = after(WordingState::Lapsed, WordingDeed::Accept, &Answerer::apart(Hand::Lead)).unwrap_err();
    assert_eq!((refused.reason(), refused.lifted_by()), ("WORDING_STATE", "The editor proposes a wording of what stands now."));
    assert_eq!(refused.to_string(), "this wording lapsed, because the partnership changed the text");
    let refused = after(WordingState::Proposed, WordingDeed::Accept, &Answerer::apart(Hand::Officer)).unwrap_err();
    assert_eq!((refused.reason(), refused.who_can()), ("WORDING_ROLE", &[Hand::Lead][..]));
}

#[test]
fn every_word_is_read_back() {
    assert!(WordingState::ALL.into_iter().all(|state| WordingState::from_word(state.word()) == Some(state)));
}

#[test]
fn the_picture_in_the_handbook_is_the_machine() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wording.md")).unwrap();
    let drawn = page.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    assert_eq!(drawn, drawing(), "docs/wording.md: put this between the marks:\n{}", drawing());
}
