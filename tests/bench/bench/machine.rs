//! The machine a figure was measured on, and what its disk can do at this moment.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{Outcome, options::Bench, process::output};

/// What a reader of the figures has to know, in order.
pub(crate) fn facts(bench: &Bench) -> Outcome<Vec<(String, String)>> {
    let said = |program: &str, arguments: &[&str]| output(Command::new(program).args(arguments)).unwrap_or_default().trim().to_owned();
    let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = file("/proc/cpuinfo");
    let model =
        info.lines().find_map(|line| line.strip_prefix("model name")).map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism()?.get();
    let memory = file("/proc/meminfo").lines().next().unwrap_or_default().trim_start_matches("MemTotal:").trim().to_owned();
    let disk = said("df", &["--output=source,fstype", &bench.data.display().to_string()]);
    let load = file("/proc/loadavg");
    let mode = if bench.quick { "quick: it works; the figures mean nothing" } else { "whole" };
    Ok([
        ("when", said("date", &["-u", "+%d/%m/%Y %H:%M UTC"])),
        ("mode", format!("{mode}; {} rounds", bench.rounds)),
        ("server", format!("{} ({})", bench.server.display(), said(&bench.server.display().to_string(), &["--version"]))),
        ("processor", format!("{model}, {cores} cores")),
        ("memory", memory),
        ("system", said("uname", &["-sr"])),
        ("disk", disk.lines().last().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")),
        ("load when it began", load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec())
}

/// How often a second the disk can be made to keep 4 KiB, as each commit must.
pub(crate) fn syncs_a_second(folder: &Path) -> Outcome<f64> {
    let path = folder.join("sync.probe");
    let mut file: File = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let page = [7_u8; 4096];
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < Duration::from_millis(250) {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / began.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
