//! What is thrown at every field and every parser: refused with the field's name, or carried faithfully to
//! the mail; never a panic, never another header, never another's data. `docs/hostile-input.md` says what is
//! refused where.
//!
//! Strangers are hostile too: `matrix` calls every method as everybody there is, and `canary` looks for another region's words in
//! whatever comes back.
//!
//! Where to start: `cells` puts every string into every field of the contract, `paper` reads what was carried
//! in the members' mailboxes, `wire` sends what is hardly a message, `outside` tries the properties that the
//! fuzz targets drive. With `CSP_TEST_LONG=1` nothing is left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod canary;
mod cells;
mod matrix;
mod outside;
mod paper;
mod raw;
mod requests;
mod strings;
mod walk;
mod wire;
#[path = "../stories/world.rs"]
#[expect(dead_code, reason = "the stories need more of it")]
mod world;

use std::{
    panic,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts panics from now on, also those that a server would swallow.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            // Chance that breaks a property is told by the property; it is no server's panic.
            if !std::thread::current().name().is_some_and(|name| name.starts_with("outside::")) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(about);
        }));
    });
}

/// How many there were.
fn panics() -> usize {
    PANICS.load(Ordering::SeqCst)
}

/// Whether there is time for everything.
fn long() -> bool {
    std::env::var("CSP_TEST_LONG").is_ok_and(|value| value == "1")
}

/// Tries each on each engine, under a name that says which.
macro_rules! tried {
    ($($module:ident::$name:ident;)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::count_panics();
                crate::canary::listen();
                crate::$module::$name(csp_tests::Bed::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::count_panics();
                crate::canary::listen();
                if let Some(bed) = csp_tests::Bed::postgres().await {
                    crate::$module::$name(bed).await;
                }
            })*
        }
    };
}

tried! {
    matrix::everybody_may_what_the_table_says_and_no_more;
    canary::nothing_of_another_region_is_ever_seen;
    cells::every_field_refuses_or_carries_every_string;
    paper::what_was_taken_is_read_in_every_mailbox_and_does_nothing_else;
    wire::what_is_hardly_a_message_is_refused_and_the_next_caller_served;
}
