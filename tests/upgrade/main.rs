//! Databases of earlier days: every schema that ever was in use, with what a service had in it, is brought up to date
//! and worked with, on both engines. `README.md` beside this file says how a fixture is made.
//!
//! Where to start: `story.rs`; `lived_in.rs` is what is in a fixture.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod fixture;
mod half_way;
mod lived_in;
mod newer;
mod readings;
mod service;
mod story;

use csp_domain::message::MessageState;
use csp_tests::Bed;

use crate::fixture::{Facts, Fixture};

/// Names what each story is told of and on which engine.
macro_rules! on_both_engines {
    ($($module:ident :: $name:ident;)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                for fixture in crate::fixture::all() {
                    crate::$module::$name(&fixture, csp_tests::Ground::sqlite()).await;
                }
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                for fixture in crate::fixture::all() {
                    if let Some(ground) = csp_tests::Ground::postgres().await {
                        crate::$module::$name(&fixture, ground).await;
                    }
                }
            })*
        }
    };
}

on_both_engines! {
    story::an_old_service_is_brought_up_to_date_and_goes_on;
    half_way::a_migration_that_stops_anywhere_leaves_the_old_schema_whole;
    newer::an_older_program_refuses_a_newer_schema_in_words;
}

#[test]
fn there_is_a_fixture_for_the_first_schema() {
    let known: Vec<i64> = fixture::all().iter().map(|fixture| fixture.facts().schema).collect();
    assert!(known.contains(&1), "{known:?}");
    assert!(known.is_sorted_by(|a, b| a < b), "each folder is named after its schema: {known:?}");
}

/// What a fixture is made by; see the README. Without the variable this only sees that one could be made, and that both
/// engines would say the same of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_fixture_of_the_schema_of_this_day_can_be_made() {
    let make = std::env::var("CSP_TEST_MAKE_UPGRADE_FIXTURE").is_ok_and(|value| value == "1");
    let one = Bed::sqlite().await;
    let facts = Facts::of(&one, lived_in::live(&one).await).await;
    let states: Vec<_> = one.store.tally_messages().await.unwrap().into_iter().map(|(state, _)| state).collect();
    assert_eq!(states.len(), MessageState::ALL.len(), "there is a message in every state: {states:?}");
    assert!(facts.rows.values().all(|&count| count > 0), "there is a row in every table: {:?}", facts.rows);
    let Some(other) = Bed::postgres().await else {
        assert!(!make, "a fixture is for both engines");
        return;
    };
    let same = Facts::of(&other, lived_in::live(&other).await).await;
    assert_eq!(same, facts);
    if make {
        let fixture = Fixture::of_schema(facts.schema);
        fixture.write(&one, &facts).await;
        fixture.write(&other, &same).await;
    }
}
