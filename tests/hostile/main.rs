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
    collections::BTreeMap,
    panic,
    sync::{Mutex, Once, PoisonError},
    thread,
};

/// How often something panicked, by the name of the thread it was on.
static PANICS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn count<T>(by: impl FnOnce(&mut BTreeMap<String, usize>) -> T) -> T {
    by(&mut PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn own_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// Counts panics from now on, also those that a server would swallow.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            count(|panics| *panics.entry(own_name()).or_default() += 1);
            before(about);
        }));
    });
}

/// How many there were in this test: its server works on threads of the same name.
fn panics() -> usize {
    count(|panics| panics.get(&own_name()).copied().unwrap_or_default())
}

/// Runs a test on threads that bear its name, so that no other is charged with its panics.
fn run(test: impl Future<Output = ()>) {
    count_panics();
    canary::listen();
    // With one thread for all tests the one before had this name.
    count(|panics| panics.remove(&own_name()));
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_name(own_name()).enable_all().build();
    runtime.expect("the machine has threads").block_on(test);
}

/// Whether there is time for everything.
fn long() -> bool {
    std::env::var("CSP_TEST_LONG").is_ok_and(|value| value == "1")
}

/// Tries each on each engine, under a name that says which.
macro_rules! tried {
    ($($module:ident::$name:ident;)*) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                crate::run(async { crate::$module::$name(csp_tests::Bed::sqlite().await).await });
            })*
        }
        mod postgres {
            $(#[test]
            fn $name() {
                crate::run(async {
                    if let Some(bed) = csp_tests::Bed::postgres().await {
                        crate::$module::$name(bed).await;
                    }
                });
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

#[test]
fn what_panics_on_the_servers_side_is_counted_and_charged_to_its_own_test() {
    run(async {
        assert_eq!(panics(), 0);
        let work = tokio::spawn(async { panic!("on purpose, to see that it is counted") });
        assert!(work.await.is_err());
        assert_eq!(panics(), 1);
    });
}
