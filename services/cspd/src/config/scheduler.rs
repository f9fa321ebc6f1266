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
    /// A server whose last good look is longer ago says that it does not serve.
    pub heartbeat: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Scheduler {
    Scheduler {
        enabled: reader.flag("scheduler.enabled"),
        every: reader.seconds("scheduler.every_seconds", 1..=300),
        heartbeat: reader.seconds("scheduler.heartbeat_seconds", 60..=86_400),
    }
}
