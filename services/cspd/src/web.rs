//! What machines ask over plain HTTP: those that look after the service `/metrics`, `/livez`, `/readyz`, and diaries
//! `/diary/….ics`.
//!
//! The page is for whoever runs the service: it tells how every region is doing, and asks nobody who they are. Its address is
//! one of its own, on this machine alone unless the settings say otherwise.
//!
//! One connection, one question, and ten seconds for all of it. Whoever scrapes or probes comes every few seconds with a line
//! of text; there is nothing to gain by keeping the connection, and so nobody can hold a place.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    crowd::Crowd,
    diaries::{self, Diaries},
    health::Health,
    metrics::Metrics,
    pulse::Pulse,
};

/// For one connection, from its first byte to its last.
const WHOLE: Duration = Duration::from_secs(10);
/// For the question.
const QUESTION: Duration = Duration::from_secs(5);
/// A question is a line and a few headers. (8 KiB is the least that hyper takes.)
const MAX_QUESTION_BYTES: usize = 8 * 1024;
/// Connections open at once, and of these from one address. Behind a proxy all come from one.
const CONNECTIONS: u32 = 32;
const PAUSE: Duration = Duration::from_millis(250);

/// What the pages are made of.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    pub(crate) metrics: Metrics,
    pub(crate) health: watch::Receiver<Health>,
    pub(crate) pulse: Pulse,
    pub(crate) diaries: Diaries,
}

/// Answers until `stop`.
pub(crate) async fn keep(listener: TcpListener, pages: Pages, stop: CancellationToken) {
    let router = router(pages);
    let crowd = Crowd::new(CONNECTIONS, CONNECTIONS);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Too many open files, most often: the door for clients says so in the log.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = crowd.enter(peer.ip()) else { continue };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            let served = stop.run_until_cancelled(timeout(WHOLE, answer(stream, router))).await;
            if let Some(Ok(Err(error))) = served {
                tracing::debug!(%error, "a connection of the web ended early");
            }
            drop(place);
        });
    }
}

async fn answer(stream: TcpStream, router: Router) -> io::Result<()> {
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(QUESTION)
        .max_buf_size(MAX_QUESTION_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await
        .map_err(io::Error::other)
}

fn router(pages: Pages) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/diary/{file}", get(diaries::diary))
        .with_state(Arc::new(pages))
}

async fn metrics(State(pages): State<Arc<Pages>>) -> Response {
    match pages.metrics.page().await {
        Ok(page) => ([(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))], page).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the numbers could not be written\n").into_response(),
    }
}

/// Alive: what moves in this process still moves. If not, only a new process helps.
async fn live(State(pages): State<Arc<Pages>>) -> Response {
    tell(pages.pulse.what_hangs())
}

/// Ready: requests sent here can be answered.
async fn ready(State(pages): State<Arc<Pages>>) -> Response {
    let mut troubles = pages.pulse.what_fails();
    if let Health::NotServing { why } = &*pages.health.borrow() {
        troubles.insert(0, (*why).to_owned());
    }
    tell(troubles)
}

fn tell(troubles: Vec<String>) -> Response {
    if troubles.is_empty() {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, troubles.join("\n") + "\n").into_response()
}
