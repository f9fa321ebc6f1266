//! The state machine of a return, walked at random beside a table that was written by hand and knows nothing of the code.

#![expect(clippy::unwrap_used, reason = "a table without a row for a step should stop the test")]

use csp_domain::{
    committee::SignOff,
    returns::ReturnState,
    signoff::{Deed, Hand, Who, Why, after, drawing},
};
use proptest::prelude::*;

/// Which step leads where, and who may take it: `o` officer, `l` lead, `e` editor, `s` the schedule. `-`: no such step.
/// Columns: draft, submitted, sent back, signed, accepted, frozen, withdrawn.
const STEPS: [(&str, &str, [&str; 7]); 9] = [
    ("submit", "ol", ["submitted", "-", "submitted", "-", "-", "-", "submitted"]),
    ("correct", "ol", ["submitted", "submitted", "submitted", "submitted", "submitted", "-", "submitted"]),
    ("alter", "ole", ["draft", "submitted", "sent_back", "submitted", "submitted", "-", "withdrawn"]),
    ("sign", "l", ["-", "signed", "-", "-", "-", "-", "-"]),
    ("send_back", "le", ["-", "sent_back", "-", "sent_back", "sent_back", "-", "-"]),
    ("accept", "e", ["-", "accepted", "-", "accepted", "-", "-", "-"]),
    ("recall", "ol", ["-", "draft", "-", "draft", "draft", "-", "-"]),
    ("withdraw", "ol", ["withdrawn", "withdrawn", "withdrawn", "withdrawn", "withdrawn", "-", "-"]),
    ("freeze", "es", ["-", "frozen", "-", "frozen", "frozen", "-", "-"]),
];

/// What the table says: the new state, or none.
fn table(state: ReturnState, deed: Deed, who: &Who, signing: bool) -> Option<&'static str> {
    let column = ["draft", "submitted", "sent_back", "signed", "accepted", "frozen", "withdrawn"];
    let column = column.iter().position(|word| *word == state.word()).unwrap();
    let (_, hands, row) = STEPS.into_iter().find(|(word, ..)| *word == deed.word()).unwrap();
    let letter = |hand: &Hand| hand.word().chars().next().unwrap();
    let held: Vec<char> = who.hands.iter().map(letter).collect();
    let to = (row[column] != "-" && held.iter().any(|hand| hands.contains(*hand))).then_some(row[column])?;
    let unsigned = state.word() == "submitted" && signing;
    match deed.word() {
        "sign" | "accept" if who.submitter || who.writer => None,
        "accept" | "freeze" if unsigned => None,
        "recall" if !who.submitter => None,
        "send_back" if state.word() == "accepted" && !held.contains(&'e') => None,
        _ => Some(to),
    }
}

fn anybody() -> impl Strategy<Value = Who> {
    (proptest::sample::subsequence(Hand::ALL.to_vec(), 0..=3), any::<bool>(), any::<bool>()).prop_map(|(hands, submitter, writer)| Who {
        hands,
        submitter,
        writer,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_walk_of_any_length_goes_where_the_table_says(
        steps in prop::collection::vec((proptest::sample::select(Deed::ALL.to_vec()), anybody(), any::<bool>()), 1..60),
    ) {
        let mut state = ReturnState::Draft;
        let mut signed = false;
        for (deed, who, signing) in steps {
            match (after(state, deed, &who, signing), table(state, deed, &who, signing)) {
                (Ok(to), Some(word)) => {
                    prop_assert_eq!(to.word(), word);
                    // Nothing is printed in a partnership's name that was changed since its lead signed.
                    signed = match deed {
                        Deed::Sign => true,
                        Deed::Submit | Deed::Correct | Deed::Alter | Deed::SendBack | Deed::Recall | Deed::Withdraw => false,
                        Deed::Accept | Deed::Freeze => signed || !signing,
                    };
                    prop_assert!(!to.prints(true) || signed, "{deed:?} led to {to:?} unsigned");
                    prop_assert!(state != ReturnState::Frozen);
                    state = to;
                }
                (Err(refused), None) => {
                    prop_assert_eq!((refused.deed, refused.state), (deed, state));
                    prop_assert!(!refused.to_string().is_empty() && !refused.lifted_by().is_empty());
                    // Only a frozen paper is nobody's to open again.
                    prop_assert_eq!(refused.who_can().is_empty(), refused.why == Why::Frozen);
                }
                (found, wanted) => prop_assert!(false, "{state:?} {deed:?} {who:?}: {found:?}, the table says {wanted:?}"),
            }
        }
    }
}

#[test]
fn every_step_from_every_state_is_as_the_table_says() {
    let mut steps = 0;
    for (state, deed) in ReturnState::ALL.into_iter().flat_map(|state| Deed::ALL.into_iter().map(move |deed| (state, deed))) {
        for (hand, part) in Hand::ALL.into_iter().flat_map(|hand| (0..4).map(move |part| (hand, part))) {
            let who = Who { hands: vec![hand], submitter: part & 1 > 0, writer: part & 2 > 0 };
            for signing in [true, false] {
                let found = after(state, deed, &who, signing).ok().map(ReturnState::word);
                assert_eq!(found, table(state, deed, &who, signing), "{state:?} {deed:?} {who:?} {signing}");
                steps += 1;
            }
        }
    }
    assert_eq!(steps, 7 * 9 * 4 * 4 * 2);
}

#[test]
fn a_refusal_says_what_would_lift_it_and_who_can() {
    let officer = Who { hands: vec![Hand::Officer, Hand::Lead], submitter: true, writer: false };
    let own = after(ReturnState::Submitted, Deed::Sign, &officer, true).unwrap_err();
    assert_eq!((own.reason(), own.who_can()), ("AUTHOR_CANNOT_SIGN", &[Hand::Lead][..]));
    assert_eq!(own.to_string(), "whoever sent in any part of a return cannot sign it");
    assert_eq!(own.lifted_by(), "The lead or a deputy who sent in none of it signs.");

    let editor = Who::apart(Hand::Editor);
    let early = after(ReturnState::Submitted, Deed::Accept, &editor, true).unwrap_err();
    assert_eq!((early.reason(), early.who_can()), ("RETURN_NOT_SIGNED", &[Hand::Lead][..]));

    let lead = Who::apart(Hand::Lead);
    let late = after(ReturnState::Frozen, Deed::Recall, &lead, true).unwrap_err();
    assert_eq!((late.reason(), late.who_can()), ("RETURN_FROZEN", &[][..]));
    let again = after(ReturnState::SentBack, Deed::Sign, &lead, true).unwrap_err();
    assert_eq!((again.reason(), again.lifted_by()), ("RETURN_STATE", "The officer sends it in again."));
    let accepted = after(ReturnState::Accepted, Deed::SendBack, &lead, true).unwrap_err();
    assert_eq!((accepted.reason(), accepted.who_can()), ("RETURN_ROLE", &[Hand::Editor][..]));
}

#[test]
fn where_nobody_leads_nobody_is_waited_for_unless_the_committee_insists() {
    assert!(SignOff::Required.asks(false) && SignOff::Required.asks(true));
    assert!(!SignOff::WhereLed.asks(false) && SignOff::WhereLed.asks(true));
    assert!(!SignOff::NotRequired.asks(true));
    assert_eq!(ReturnState::Submitted.awaits(true), Some(Hand::Lead));
    assert_eq!(ReturnState::Submitted.awaits(false), Some(Hand::Editor));
}

#[test]
fn every_word_is_read_back() {
    assert!(ReturnState::ALL.into_iter().all(|state| ReturnState::from_word(state.word()) == Some(state)));
    assert!(Deed::ALL.into_iter().all(|deed| Deed::from_word(deed.word()) == Some(deed)));
    assert!(SignOff::ALL.into_iter().all(|rule| SignOff::from_word(rule.word()) == Some(rule)));
}

#[test]
fn the_picture_in_the_handbook_is_the_machine() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/signoff.md")).unwrap();
    let drawn = page.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    assert_eq!(drawn, drawing(), "docs/signoff.md: put this between the marks:\n{}", drawing());
}
