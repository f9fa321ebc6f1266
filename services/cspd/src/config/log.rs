//! `[log]`

use tracing_subscriber::EnvFilter;

use super::Reader;

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// What the server says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a line is written.
    pub format: Format,
    /// Which lines are written.
    pub filter: String,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Log {
    let format = reader.word("log.format", &[("text", Format::Text), ("json", Format::Json)]);
    let filter = reader.text("log.filter");
    if filter.is_empty() || EnvFilter::builder().parse(&filter).is_err() {
        reader.fault("log.filter", "must be error, warn, info or debug, and such per module, as in \"info,csp_scheduler=debug\"");
    }
    Log { format, filter }
}
