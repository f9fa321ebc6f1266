//! Telling systemd how the service is: ready, reloading, stopping, and alive.
//!
//! The protocol is a line or two of text to a socket that systemd names in `NOTIFY_SOCKET` (sd_notify(3)). Anywhere else the
//! variable is not set, and nothing is said.

use std::{collections::BTreeMap, io, os::unix::net::UnixDatagram, path::PathBuf, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::pulse::Pulse;

/// The way to systemd, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Notify {
    socket: Option<PathBuf>,
    /// How often systemd wants to hear that we are alive.
    watchdog: Option<Duration>,
}

impl Notify {
    /// As the environment says.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Self {
        let socket = variables.get("NOTIFY_SOCKET").filter(|path| path.starts_with(['/', '@'])).map(PathBuf::from);
        // A variable inherited from a parent is meant for the parent.
        let ours = variables.get("WATCHDOG_PID").is_none_or(|pid| *pid == std::process::id().to_string());
        let every = variables.get("WATCHDOG_USEC").and_then(|text| text.parse().ok()).filter(|usec| *usec > 0);
        Self { socket, watchdog: every.filter(|_| ours).map(Duration::from_micros) }
    }

    /// Requests are answered from now on.
    pub(crate) fn ready(&self, status: &str) {
        self.say(&format!("READY=1\nSTATUS={status}"));
    }

    /// What systemctl shows beside the service.
    pub(crate) fn status(&self, status: &str) {
        self.say(&format!("STATUS={}", status.replace('\n', " ")));
    }

    /// The certificate is being read anew; [`Self::ready`] follows.
    pub(crate) fn reloading(&self) {
        self.say("RELOADING=1");
    }

    /// No more requests are taken.
    pub(crate) fn stopping(&self) {
        self.say("STOPPING=1\nSTATUS=finishing what was begun");
    }

    /// Says that we are alive for as long as it is so, until `stop`. Whoever then hears nothing any more restarts the process.
    pub(crate) async fn feed_watchdog(self, pulse: Pulse, stop: CancellationToken) {
        let Some(within) = self.watchdog else { return };
        let mut beat = tokio::time::interval(within / 3);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = beat.tick() => {}
            }
            let hangs = pulse.what_hangs();
            if hangs.is_empty() {
                self.say("WATCHDOG=1");
            } else {
                tracing::error!(hangs = hangs.join("; "), "something hangs; the watchdog is no longer fed");
                self.status(&hangs.join("; "));
            }
        }
    }

    fn say(&self, message: &str) {
        if let Some(socket) = &self.socket
            && let Err(error) = send(socket, message)
        {
            tracing::warn!(%error, "systemd cannot be told how the service is");
        }
    }
}

fn send(socket: &std::path::Path, message: &str) -> io::Result<()> {
    let ours = UnixDatagram::unbound()?;
    // A full queue must not hold up the server: systemd will hear the next word.
    ours.set_nonblocking(true)?;
    match socket.to_str().and_then(|path| path.strip_prefix('@')) {
        #[cfg(target_os = "linux")]
        Some(name) => {
            use std::os::linux::net::SocketAddrExt as _;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
            ours.send_to_addr(message.as_bytes(), &address)?;
        }
        _ => {
            ours.send_to(message.as_bytes(), socket)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn systemd_hears_what_is_said_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let systemd = UnixDatagram::bind(&path).unwrap();
        let notify = Notify::from_variables(&variables(&[("NOTIFY_SOCKET", path.to_str().unwrap())]));
        let heard = || {
            let mut bytes = [0; 200];
            let length = systemd.recv(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        };
        notify.ready("serving");
        assert_eq!(heard(), "READY=1\nSTATUS=serving");
        notify.reloading();
        assert_eq!(heard(), "RELOADING=1");
        notify.status("two\nlines");
        assert_eq!(heard(), "STATUS=two lines");
        notify.stopping();
        assert!(heard().starts_with("STOPPING=1\n"));
    }

    #[test]
    fn anywhere_else_nothing_is_said_and_nothing_breaks() {
        let notify = Notify::from_variables(&BTreeMap::new());
        notify.ready("serving");
        let gone = Notify::from_variables(&variables(&[("NOTIFY_SOCKET", "/no/such/socket")]));
        gone.ready("serving");
    }

    #[test]
    fn a_watchdog_is_fed_only_by_the_process_it_watches() {
        let of = |pid: &str| Notify::from_variables(&variables(&[("WATCHDOG_USEC", "60000000"), ("WATCHDOG_PID", pid)])).watchdog;
        assert_eq!(of(&std::process::id().to_string()), Some(Duration::from_mins(1)));
        assert_eq!(of("1"), None);
        assert_eq!(Notify::from_variables(&variables(&[("WATCHDOG_USEC", "0")])).watchdog, None);
    }
}
