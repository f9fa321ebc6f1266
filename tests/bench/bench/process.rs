//! Programs that are started, waited for and stopped.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::net::TcpStream;

use crate::{
    Outcome,
    watch::{Log, Seen, Watch},
};

/// How long a program may be silent before it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that listens; it ends with this value.
#[derive(Debug)]
pub(crate) struct Listening {
    child: Child,
    pub(crate) address: String,
    /// When it was started.
    pub(crate) began: Instant,
    watch: Watch,
}

impl Listening {
    /// Starts a program and waits until its port answers. What it says goes into `log`; that it listens it says there too, and
    /// then the port is tried again.
    pub(crate) async fn start(mut command: Command, address: String, log: &Path) -> Outcome<Self> {
        let file = File::create(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let watched = Log::watch(log)?;
        let began = Instant::now();
        let child = command.spawn().map_err(|error| format!("{} does not start: {error}", command.get_program().display()))?;
        let watch = Watch::over(&child, watched)?;
        let listening = Self { child, address, began, watch };
        let silent = |why: &str| {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            format!("{} did not come to listen: {why}\n{said}", command.get_program().display())
        };
        while TcpStream::connect(&listening.address).await.is_err() {
            listening.says_more().await.map_err(|error| silent(&error.to_string()))?;
        }
        Ok(listening)
    }

    /// Waits until it has written into its log again.
    pub(crate) async fn says_more(&self) -> Outcome<()> {
        match self.watch.next(PATIENCE).await? {
            Seen::Written => Ok(()),
            Seen::Ended => Err("it has ended".into()),
            Seen::Nothing => Err(format!("it said nothing for {} seconds", PATIENCE.as_secs()).into()),
        }
    }

    /// Lets it be for a while; an error if it ends meanwhile.
    pub(crate) async fn left_alone(&self, time: Duration) -> Outcome<()> {
        match self.watch.end(time).await? {
            Seen::Ended => Err("it has ended".into()),
            Seen::Written | Seen::Nothing => Ok(()),
        }
    }

    /// Resident memory in MiB, its children's included.
    pub(crate) fn memory(&self) -> Outcome<f64> {
        let own = self.child.id();
        let mut total = resident(own)?;
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            total += resident(child.parse()?)?;
        }
        Ok(total)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It keeps what it answered through worse.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resident(process: u32) -> Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("a process without resident memory")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> Outcome<String> {
    let probe = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(probe.local_addr()?.to_string())
}

/// Runs a program to its end and answers what it printed.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().display().to_string();
    let done = command.stdin(Stdio::null()).output().map_err(|error| format!("{name} does not start: {error}"))?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(said);
    }
    Err(format!("{name} failed: {said}{}", String::from_utf8_lossy(&done.stderr)).into())
}
