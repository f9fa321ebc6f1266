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
        Mutex, Once, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

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

/// What our own crates log, on every level, from now on. Of lines there are many: those with the canary are kept, the rest counted.
fn listen() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let log = LOG.get_or_init(Log::default);
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ours = tracing_subscriber::filter::Targets::new().with_targets(
            ["csp_api", "csp_store", "csp_scheduler", "csp_edition", "csp_mail", "cspd"].map(|target| (target, tracing::Level::TRACE)),
        );
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Writer(LOG.get_or_init(Log::default)));
        // Whoever came first keeps it; then there is nothing to listen to, and the test that counts lines says so.
        let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
    });
    log
}

/// What was logged.
#[derive(Debug, Default)]
struct Log {
    lines: AtomicUsize,
    with_canary: Mutex<Vec<String>>,
}

struct Writer(&'static Log);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lines.fetch_add(1, Ordering::Relaxed);
        let line = String::from_utf8_lossy(bytes);
        if line.contains(canary::CANARY) {
            self.0.with_canary.lock().unwrap().push(line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
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
                crate::listen();
                crate::$module::$name(csp_tests::Bed::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::count_panics();
                crate::listen();
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
