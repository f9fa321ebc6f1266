//! `[scheduler]`

use std::time::Duration;

use super::Reader;

/// What happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduler {
    /// Whether this process does it.
    pub enabled: bool,
    /// How often it looks for what is due.
    pub every: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Scheduler {
    Scheduler { enabled: reader.flag("scheduler.enabled"), every: reader.seconds("scheduler.every_seconds", 1..=300) }
}
