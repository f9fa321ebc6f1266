//! Letting connections in.

use std::{io, sync::Arc, time::Duration};

use tokio::{net::TcpListener, time::Instant};
use tokio_util::task::TaskTracker;

use crate::{
    connection::{self, Terms},
    crowd::{Crowd, Full},
};

/// After the system refused to hand over a connection (too many open files, most often), trying again at once would only
/// heat the room.
const PAUSE: Duration = Duration::from_millis(250);
/// At most one line in so long about connections that were refused.
const SILENCE: Duration = Duration::from_secs(10);

/// Lets connections in until told to stop. Each is served in a task of its own.
pub(crate) async fn keep(listener: TcpListener, terms: Arc<Terms>, tasks: TaskTracker) {
    let crowd = Crowd::new(terms.limits.connections, terms.limits.connections_per_address);
    let mut refused = Refused::default();
    loop {
        let accepted = tokio::select! {
            () = terms.soft_stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted at the moment");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // A full house says so at once, by closing: a client that is turned away can try another server, one that is kept
        // waiting cannot.
        match crowd.enter(peer.ip()) {
            Ok(place) => {
                let open = terms.measures.enter();
                let terms = Arc::clone(&terms);
                tasks.spawn(async move {
                    Box::pin(connection::serve(stream, terms)).await;
                    drop((place, open));
                });
            }
            Err(full) => {
                terms.measures.reached(setting(full));
                refused.note(full);
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Which setting said no.
fn setting(full: Full) -> &'static str {
    match full {
        Full::Everywhere => "limits.connections",
        Full::ForAddress => "limits.connections_per_address",
    }
}

/// Whoever knocks a thousand times shall not fill the log a thousand times.
#[derive(Default)]
struct Refused {
    count: u64,
    told: Option<Instant>,
}

impl Refused {
    fn note(&mut self, full: Full) {
        self.count += 1;
        if self.told.is_some_and(|told| told.elapsed() < SILENCE) {
            return;
        }
        let setting = setting(full);
        tracing::warn!(refused.count = self.count, refused.setting = setting, "connections are refused: {setting} is reached");
        *self = Self { count: 0, told: Some(Instant::now()) };
    }
}
