//! One connection, from its first byte to its last.
//!
//! Whoever connects and says nothing would be kept for ever, so every step has its time: the TLS handshake, the first words
//! of HTTP/2, and from then on an answer whenever we ask whether somebody is still there. An answer must be taken in its
//! time, and a connection that has grown old is let go when what runs on it is done, so that its client comes back to
//! whichever server has room.

use std::{
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use csp_api::Held;
use csp_domain::chance::SharedChance;
use http::Request;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{service::Routes, transport::server::TcpConnectInfo};

use crate::{answers::Answers, config::Limits, deadline, measures::Measures, traces};

/// The first words of every HTTP/2 connection (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The request line and headers may take so much.
const MAX_HEADER_BYTES: u32 = 16 * 1024;
/// So much of an answer is handed over before the peer has made room for it; a peer that makes none holds no more than that
/// for each of its requests.
const MAX_AHEAD_BYTES: usize = 64 * 1024;
/// For somebody who came with a browser.
const NOT_FOR_BROWSERS: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
    This is the server of CSP Digest. It speaks gRPC: use the program csp.\n";

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) routes: Routes,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) limits: Limits,
    pub(crate) chance: SharedChance,
    pub(crate) measures: Measures,
    /// Every request that is being answered.
    pub(crate) requests: TaskTracker,
    /// Asks every connection to finish what it has begun and go.
    pub(crate) soft_stop: CancellationToken,
    /// Ends every connection.
    pub(crate) hard_stop: CancellationToken,
}

impl Terms {
    /// How long a connection is used: a tenth more or less, or all that came together would leave together.
    fn age(&self) -> Duration {
        let mut drawn = [0; 1];
        self.chance.fill(&mut drawn);
        let age = self.limits.connection_age;
        age * 9 / 10 + age / 5 * u32::from(drawn[0]) / 255
    }
}

/// Serves one connection until either side has had enough.
pub(crate) async fn serve(stream: TcpStream, terms: Arc<Terms>) {
    let hard_stop = terms.hard_stop.clone();
    let served = hard_stop.run_until_cancelled(Box::pin(async {
        stream.set_nodelay(true)?;
        let info = TcpConnectInfo { local_addr: stream.local_addr().ok(), remote_addr: stream.peer_addr().ok() };
        match &terms.tls {
            None => greet(stream, info, &terms).await,
            Some(acceptor) => {
                let secured = within(terms.limits.handshake, acceptor.accept(stream)).await;
                greet(counted(secured, "limits.handshake_seconds", &terms)?, info, &terms).await
            }
        }
    }));
    if let Some(Err(error)) = served.await {
        // Clients come and go as they like; only somebody who looks for it wants to know.
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(mut stream: S, info: TcpConnectInfo, terms: &Terms) -> io::Result<()> {
    let mut first = [0; PREFACE.len()];
    // Not one wait for each byte but one for all of them, or a byte now and then would hold the place for long.
    let spoke = within(terms.limits.first_bytes, async {
        let mut read = 0;
        while read < first.len() && first[..read] == PREFACE[..read] {
            match stream.read(&mut first[read..]).await? {
                0 => break,
                some => read += some,
            }
        }
        Ok(read)
    });
    let read = tokio::select! {
        spoke = spoke => counted(spoke, "limits.first_bytes_seconds", terms)?,
        // Nothing was begun, so nothing is left to finish.
        () = terms.soft_stop.cancelled() => return Ok(()),
    };
    if read == 0 {
        return Ok(());
    }
    if first != *PREFACE {
        return within(terms.limits.first_bytes, async {
            stream.write_all(NOT_FOR_BROWSERS).await?;
            stream.shutdown().await
        })
        .await;
    }
    converse(Resumed { said: PREFACE, stream }, info, terms).await
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, info: TcpConnectInfo, terms: &Terms) -> io::Result<()> {
    let Limits { request, answer, keepalive, keepalive_answer, requests_per_connection, connection_grace, .. } = terms.limits;
    let answers = Answers::default();
    let service = service_fn(|mut asked: Request<Incoming>| {
        asked.extensions_mut().insert(info.clone());
        let span = traces::of_request(&asked);
        // Health and reflection answer for as long as somebody listens; they never have much to say.
        let ours = asked.uri().path().starts_with("/csp.").then(|| answers.clone());
        let answer = deadline::answer(terms.routes.clone(), asked, request, terms.measures.clone());
        terms.requests.track_future(async move {
            let answer = traces::follow(span, answer).await?;
            let on_its_way = ours.map(|answers| answers.begin());
            Ok::<_, Infallible>(answer.map(|body| Held::new(body, on_its_way)))
        })
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(requests_per_connection)
        .max_header_list_size(MAX_HEADER_BYTES)
        .max_send_buf_size(MAX_AHEAD_BYTES)
        .keep_alive_interval(keepalive)
        .keep_alive_timeout(keepalive_answer)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut overdue = pin!(answers.overdue(answer));
    let too_late = || Err(io::Error::new(io::ErrorKind::TimedOut, "an answer was not taken"));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = overdue.as_mut() => return too_late(),
        () = terms.soft_stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = sleep(terms.age()) => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = overdue => return too_late(),
                () = sleep(connection_grace) => return Ok(()),
            }
        }
    };
    ended.map_err(io::Error::other)
}

/// Counts it when it was the time that was over.
fn counted<T>(result: io::Result<T>, limit: &'static str, terms: &Terms) -> io::Result<T> {
    if result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
        terms.measures.reached(limit);
    }
    result
}

async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(time, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// A stream of which a piece was read already.
struct Resumed<S> {
    said: &'static [u8],
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Resumed<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.said.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let (now, later) = self.said.split_at(self.said.len().min(into.remaining()));
        into.put_slice(now);
        self.said = later;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Resumed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
