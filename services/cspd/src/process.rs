//! What the operating system says of this process, in the names that every Prometheus library uses.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _},
    metrics::gauge::ConstGauge,
};

/// Asks at each scrape. Where there is no `/proc`, only the start is told.
#[derive(Debug)]
pub(crate) struct Process {
    /// Seconds since 1970.
    pub(crate) started: i64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let mut tell = |name: &str, help: &str, value: i64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        tell("process_start_time_seconds", "When the process started", self.started)?;
        if let Some(bytes) = resident() {
            tell("process_resident_memory_bytes", "Memory in use", bytes)?;
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            tell("process_open_fds", "Open files and connections", i64::try_from(open.count()).unwrap_or(i64::MAX))?;
        }
        if let Some(most) = most_files() {
            tell("process_max_fds", "Files and connections that may be open", most)?;
        }
        Ok(())
    }
}

/// `VmRSS:     12345 kB`
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// `Max open files            1024                 524288               files`: the first is what holds.
fn most_files() -> Option<i64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
