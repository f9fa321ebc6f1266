//! Being told to stop, or that there is something new to read.

/// Waits until somebody asks the process to stop: Ctrl-C, or SIGTERM as systemd and containers send it. A second time ends it
/// at once.
pub(crate) async fn told_to_stop() {
    once().await;
    tokio::spawn(async {
        once().await;
        tracing::warn!("told to stop a second time: going at once");
        std::process::exit(1);
    });
}

#[cfg(unix)]
async fn once() {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        // A process that cannot be told to stop is killed in the end; nothing is lost by it.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn once() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The times somebody sends SIGHUP, which by custom means: read again what may have changed.
pub(crate) struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    /// From now on SIGHUP no longer ends the process.
    pub(crate) fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
