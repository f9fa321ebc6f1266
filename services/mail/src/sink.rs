//! A mail server for tests, in the same process, that can be told to misbehave.
//!
//! It listens on a port of its own at 127.0.0.1, keeps what it accepts and ends with its [`Sink`].
//! Every step of the dialogue looks into a [`Script`] first; with an empty one, everything is taken.
//!
//! ```
//! # use csp_mail::{carrier::{Carrier, Smtp}, sink::{Act, Script, Sink, Step}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let sink = Sink::start(Script::accepting().once(Step::Rcpt, Act::reply("451 4.7.1 try later"))).await;
//! let carrier = Carrier::Smtp(Smtp::new(sink.settings()).unwrap());
//! // … send through the carrier …
//! # drop(carrier);
//! assert!(sink.messages().is_empty());
//! # }
//! ```

mod certificate;
mod dialogue;
mod script;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

pub use self::script::{Act, Script, Step};
use crate::settings::{Deadlines, SmtpSettings, Tls};

/// A message the sink took responsibility for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The sender on the envelope.
    pub from: String,
    /// The recipient on the envelope.
    pub to: String,
    /// The content as it was before it was made fit for the wire.
    pub bytes: Vec<u8>,
}

/// The server. Dropping it hangs up on everybody.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    ca_pem: Option<String>,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

/// What the dialogues share with the test.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) script: Mutex<Script>,
    pub(crate) messages: watch::Sender<Vec<Received>>,
    pub(crate) steps: watch::Sender<Vec<Step>>,
    pub(crate) gate: watch::Sender<bool>,
    connections: AtomicUsize,
}

impl Sink {
    /// Starts a server that speaks in the clear.
    pub async fn start(script: Script) -> Self {
        Self::listen(script, None).await
    }

    /// Starts a server that speaks TLS from the first byte, with a certificate for 127.0.0.1 from an
    /// authority of its own: see [`Sink::ca_pem`].
    pub async fn start_tls(script: Script) -> Self {
        Self::listen(script, Some(certificate::issue("127.0.0.1"))).await
    }

    /// Like [`Sink::start_tls`], with a certificate for another host.
    pub async fn start_tls_as(script: Script, host: &str) -> Self {
        Self::listen(script, Some(certificate::issue(host))).await
    }

    async fn listen(script: Script, tls: Option<certificate::Issued>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port at 127.0.0.1");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            messages: watch::Sender::new(Vec::new()),
            steps: watch::Sender::new(Vec::new()),
            gate: watch::Sender::new(false),
            connections: AtomicUsize::new(0),
        });
        let (ca_pem, acceptor) = tls.map(|issued| (issued.ca_pem, issued.acceptor)).unzip();
        let listening = tokio::spawn(serve(listener, acceptor, Arc::clone(&shared)));
        Self { address, ca_pem, shared, listening }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of its authority, in PEM, when it speaks TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Settings that reach it. A sink with TLS is trusted only once `ca_file` names a file with
    /// [`Sink::ca_pem`].
    pub fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            tls: if self.ca_pem.is_some() { Tls::Implicit } else { Tls::LoopbackPlain },
            ca_file: None,
            credentials: None,
            helo_name: "digest.example.org".to_owned(),
            deadlines: Deadlines::default(),
        }
    }

    /// What it has taken so far.
    pub fn messages(&self) -> Vec<Received> {
        self.shared.messages.borrow().clone()
    }

    /// Waits until it has taken `count` messages.
    pub async fn received(&self, count: usize) -> Vec<Received> {
        let mut messages = self.shared.messages.subscribe();
        let arrived = messages.wait_for(|messages| messages.len() >= count).await;
        arrived.expect("the sink owns the sender").clone()
    }

    /// Waits until some dialogue has come to `step` for the `count`th time.
    pub async fn reached(&self, step: Step, count: usize) {
        let mut steps = self.shared.steps.subscribe();
        let reached = steps.wait_for(|steps| steps.iter().filter(|&&s| s == step).count() >= count).await;
        reached.expect("the sink owns the sender");
    }

    /// The steps of all dialogues so far.
    pub fn steps_seen(&self) -> Vec<Step> {
        self.shared.steps.borrow().clone()
    }

    /// How many connections it has been offered.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Behaves by another script from now on, in dialogues that are under way too.
    pub fn set_script(&self, script: Script) {
        *self.shared.script.lock().unwrap_or_else(PoisonError::into_inner) = script;
    }

    /// Lets go on whoever waits at [`Act::Wait`], now and later.
    pub fn release(&self) {
        self.shared.gate.send_replace(true);
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Accepts until aborted; then the set of dialogues is dropped, and that ends them.
async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut dialogues = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        stream.set_nodelay(true).expect("a TCP socket can be told not to wait");
        let shared = Arc::clone(&shared);
        let tls = tls.clone();
        dialogues.spawn(async move {
            // A client that hangs up, at whatever step, is nothing to report.
            let _ = match tls {
                None => dialogue::hold(stream, &shared).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => dialogue::hold(stream, &shared).await,
                    Err(error) => Err(error),
                },
            };
        });
        while dialogues.try_join_next().is_some() {}
    }
}
