//! Being told to stop.

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

/// Does `what` each time somebody asks the process to read anew what can be read anew (SIGHUP).
#[cfg(unix)]
pub(crate) async fn at_each_hangup(mut what: impl FnMut()) {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    while hangup.recv().await.is_some() {
        what();
    }
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
