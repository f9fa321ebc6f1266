//! What the server says about itself: one line an event, to the standard error, as text or as JSON.
//!
//! No line holds a person's address, the text of a message or a secret. Our own code takes care what it hands over; libraries
//! are kept from telling what passes through them, whatever the filter says.

use std::io::{self, IsTerminal as _};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{Targets, filter_fn},
    fmt,
    layer::{Filter, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

use crate::{
    config::{Format, Log},
    traces::Traces,
};

/// What the bell's maker has to say about itself, nobody needs to know.
const CHATTERERS: [&str; 1] = ["tokio_cron_scheduler"];
/// Libraries that see headers, bodies or statements, and at the finer levels would show them.
const CONFIDANTS: [&str; 8] = ["h2", "hyper", "hyper_util", "rustls", "sqlx", "tokio_rustls", "tonic", "tower"];

/// Begins writing the log, and making traces where there is a collector for them. Once in a process; later calls change nothing.
pub fn start(log: &Log, traces: &Traces) {
    // The settings were checked, so the filter reads.
    let filter = chosen(&log.filter);
    let lines = match log.format {
        Format::Text => fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).with_target(false).boxed(),
        Format::Json => fmt::layer().with_writer(io::stderr).json().flatten_event(true).boxed(),
    };
    // Whoever started one before (a test) keeps it.
    let _ =
        tracing_subscriber::registry().with(traces.layer()).with(lines.with_filter(filter).with_filter(filter_fn(is_discreet))).try_init();
}

/// Levels and targets need nothing noted of the spans a line is written in. Only what asks for a span by name does, and costs
/// every span of every request something.
fn chosen<S>(words: &str) -> Box<dyn Filter<S> + Send + Sync> {
    match words.parse::<Targets>() {
        Ok(targets) if !words.contains('[') => Box::new(targets),
        _ => Box::new(EnvFilter::try_new(words).unwrap_or_else(|_| EnvFilter::new("info"))),
    }
}

fn is_discreet(about: &Metadata<'_>) -> bool {
    let library = about.target().split("::").next().unwrap_or_default();
    let most = match library {
        library if CHATTERERS.contains(&library) => Level::WARN,
        library if CONFIDANTS.contains(&library) => Level::INFO,
        _ => Level::TRACE,
    };
    *about.level() <= most
}
