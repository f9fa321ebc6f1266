//! Handing a message to an SMTP server, one step at a time and each step with its own deadline.

use std::{
    fmt, io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use csp_domain::{person::EmailAddress, text::thousands};
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials as LettreCredentials, DEFAULT_MECHANISMS},
    client::AsyncSmtpConnection,
    commands::{Data, Ehlo, Quit},
    extension::ClientId,
    response::Response,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::{
    carrier::Refusal,
    reply::clean,
    sent::{Phase, Sent, judge},
    settings::{SettingsError, SmtpSettings, Tls},
    wire::Wire,
};

/// Content goes down the wire in pieces of this size.
const PIECE: usize = 64 * 1024;
/// A server need not be polite for long when we leave.
const GOODBYE: Duration = Duration::from_secs(5);

/// An SMTP server we may hand mail to, with everything checked that can be checked without it.
#[derive(Clone)]
pub struct Smtp {
    settings: Arc<SmtpSettings>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Smtp {
    /// Checks the settings and reads the certificates they name.
    pub fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        settings.validate()?;
        let tls = match settings.tls {
            Tls::Implicit => Some(connector(&settings)?),
            Tls::LoopbackPlain => None,
        };
        Ok(Self { settings: Arc::new(settings), tls })
    }

    /// Connects, encrypts, greets and signs in.
    pub(crate) async fn open(&self) -> Result<Talk, Refusal> {
        let SmtpSettings { host, port, deadlines, .. } = &*self.settings;
        let lost = |phase| move |error: io::Error| Refusal::passing(phase, &error.to_string());

        let stream = timeout(deadlines.connect, TcpStream::connect((host.as_str(), *port)))
            .await
            .map_err(|_| Refusal::silent(Phase::Connect, deadlines.connect))?
            .map_err(lost(Phase::Connect))?;
        stream.set_nodelay(true).map_err(lost(Phase::Connect))?;

        let (wire, privacy) = match &self.tls {
            None => {
                // The name `localhost` is only as good as the machine's hosts file.
                if !stream.peer_addr().map_err(lost(Phase::Connect))?.ip().is_loopback() {
                    return Err(Refusal::lasting(Phase::Connect, "the relay is not on this machine; use TLS"));
                }
                (Wire::plain(stream), "without encryption on this machine".to_owned())
            }
            Some((connector, name)) => {
                let stream = timeout(deadlines.connect, connector.connect(name.clone(), stream))
                    .await
                    .map_err(|_| Refusal::silent(Phase::Tls, deadlines.connect))?
                    .map_err(|error| {
                        let broken = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()).is_some();
                        Refusal { lasting: broken, ..Refusal::passing(Phase::Tls, &error.to_string()) }
                    })?;
                let version = match stream.get_ref().1.protocol_version() {
                    Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
                    _ => "TLS 1.2",
                };
                (Wire::tls(stream), format!("over {version}"))
            }
        };
        self.greet(wire, privacy).await
    }

    async fn greet(&self, wire: Wire, privacy: String) -> Result<Talk, Refusal> {
        let deadlines = self.settings.deadlines;
        let me = match self.settings.helo_name.parse() {
            Ok(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(self.settings.helo_name.clone()),
        };
        // lettre reads the banner and the answer to EHLO in one step.
        let connection = within(deadlines.command * 2, AsyncSmtpConnection::connect_with_transport(Box::new(wire), &me)).await;
        let connection = connection.map_err(|trouble| trouble.refusal(Phase::Greeting))?;
        let mut talk = Talk { connection, settings: Arc::clone(&self.settings), privacy, size_limit: None };

        // Once more, because lettre does not hand on the SIZE it was told. RFC 5321 §4.1.4 lets us; a server
        // that thinks otherwise (503) is taken at its first word, and its limit stays unknown.
        match talk.command(Ehlo::new(me)).await {
            Ok(greeting) => talk.size_limit = greeting.message().find_map(size_limit),
            Err(Trouble::Said { code: 500..=504, .. }) => {}
            Err(trouble) => return Err(trouble.refusal(Phase::Greeting)),
        }

        if let Some(credentials) = &self.settings.credentials {
            let credentials = LettreCredentials::new(credentials.username.clone(), credentials.secret.clone());
            within(deadlines.command, talk.connection.auth(DEFAULT_MECHANISMS, &credentials))
                .await
                .map_err(|trouble| trouble.refusal(Phase::SignIn))?;
        }
        Ok(talk)
    }

    /// Tries everything short of a message, and says in a sentence what was found.
    pub(crate) async fn check(&self) -> Result<String, Refusal> {
        let talk = self.open().await?;
        let SmtpSettings { host, port, credentials, .. } = &*self.settings;
        let name = clean(talk.connection.server_info().name(), None);
        let size = talk
            .size_limit
            .map_or_else(String::new, |limit| format!(" and takes messages of up to {} bytes", thousands(&limit.to_string())));
        let signed_in = if credentials.is_some() { ", lets us sign in" } else { "" };
        let privacy = talk.privacy.clone();
        talk.close().await;
        Ok(format!("{host}:{port} answers {privacy} as {name}{signed_in}{size}"))
    }
}

/// The well-known authorities, and those of the file if there is one.
fn connector(settings: &SmtpSettings) -> Result<(TlsConnector, ServerName<'static>), SettingsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = &settings.ca_file {
        let refused = |error: &dyn fmt::Display| {
            SettingsError::new("ca_file", format!("must name a file of certificates in PEM ({}: {error})", path.display()))
        };
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| refused(&error))? {
            roots.add(certificate.map_err(|error| refused(&error))?).map_err(|error| refused(&error))?;
        }
        if roots.len() == before {
            return Err(refused(&"it holds none"));
        }
    }
    let name = ServerName::try_from(settings.host.clone())
        .map_err(|_| SettingsError::new("host", "must be a host name or an IP address that a certificate can be for"))?;
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SettingsError::new("tls", format!("cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((TlsConnector::from(Arc::new(config)), name))
}

/// `SIZE 10240000` (RFC 1870); 0 means no limit is known.
fn size_limit(line: &str) -> Option<usize> {
    let (keyword, limit) = line.split_once(' ')?;
    let limit = limit.trim().parse().ok()?;
    (keyword.eq_ignore_ascii_case("SIZE") && limit > 0).then_some(limit)
}

/// Why there is no positive reply.
enum Trouble {
    /// There is a negative one.
    Said { code: u16, text: String },
    /// We would not go on: no way to sign in that both know.
    Unable(String),
    /// The connection broke, or what was said makes no sense.
    Lost(String),
    /// Nothing was said in time.
    Silent(Duration),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        match error.status() {
            Some(code) => Self::Said { code: code.into(), text: cause },
            None if error.is_client() => Self::Unable(cause),
            None if cause == "incomplete response" => Self::Lost("the server closed the connection".into()),
            None if error.is_response() => Self::Lost(format!("the server's reply makes no sense ({cause})")),
            None => Self::Lost(cause),
        }
    }
}

impl Trouble {
    fn text(&self, recipient: Option<&EmailAddress>) -> String {
        match self {
            Self::Said { code, text } => clean(&format!("{code} {text}"), recipient),
            Self::Unable(text) | Self::Lost(text) => clean(text, recipient),
            Self::Silent(waited) => format!("no answer within {waited:?}"),
        }
    }

    fn refusal(&self, phase: Phase) -> Refusal {
        let lasting = match self {
            Self::Said { code, .. } => *code >= 500,
            Self::Unable(_) => true,
            Self::Lost(_) | Self::Silent(_) => false,
        };
        Refusal { phase, reason: self.text(None), lasting }
    }

    /// For a message whose final dot was not sent.
    fn sent(self, phase: Phase, recipient: &EmailAddress) -> Sent {
        let reply = self.text(Some(recipient));
        match self {
            Self::Said { code, text } => judge(phase, code, &text, reply),
            _ => Sent::NotStarted { reason: format!("{reply} while {phase}") },
        }
    }
}

async fn within<T>(deadline: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match timeout(deadline, step).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Trouble::Silent(deadline)),
    }
}

/// A dialogue with a server, between two messages.
pub(crate) struct Talk {
    connection: AsyncSmtpConnection,
    settings: Arc<SmtpSettings>,
    privacy: String,
    size_limit: Option<usize>,
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk").field("privacy", &self.privacy).finish_non_exhaustive()
    }
}

impl Talk {
    /// Why this message cannot be sent here whoever it is for, if so. Nothing is said to the server.
    pub(crate) fn objection(&self, bytes: &[u8]) -> Option<String> {
        match self.size_limit {
            Some(limit) if bytes.len() > limit => Some(format!(
                "the message has {} bytes and the server takes {}",
                thousands(&bytes.len().to_string()),
                thousands(&limit.to_string())
            )),
            _ => None,
        }
    }

    /// Sends one message to one recipient. After anything but [`Sent::Accepted`], and when the future
    /// was dropped, nobody knows what the server will say next: drop the talk.
    pub(crate) async fn send(
        &mut self,
        from: &EmailAddress,
        to: &EmailAddress,
        bytes: &[u8],
        before_last_byte: impl AsyncFnOnce() -> bool,
    ) -> Sent {
        let size = self.size_limit.map_or_else(String::new, |_| format!(" SIZE={}", bytes.len()));
        let sender = self.expect(2, format!("MAIL FROM:<{}>{size}\r\n", from.as_str())).await;
        if let Err(trouble) = sender {
            return trouble.sent(Phase::Sender, to);
        }
        if let Err(trouble) = self.expect(2, format!("RCPT TO:<{}>\r\n", to.as_str())).await {
            return trouble.sent(Phase::Recipient, to);
        }
        if let Err(trouble) = self.expect(3, Data).await {
            return trouble.sent(Phase::Data, to);
        }
        if !before_last_byte().await {
            return Sent::NotStarted { reason: "called off before the content".into() };
        }
        self.content(to, bytes).await
    }

    async fn content(&mut self, to: &EmailAddress, bytes: &[u8]) -> Sent {
        let deadlines = self.settings.deadlines;
        // lettre ends the content with a CRLF of its own.
        let stem = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let dot_may_have_gone = AtomicBool::new(false);
        let mut pieces = stem.chunks(PIECE);
        // lettre asks for the next piece when the last one is written. When there is none it goes on
        // to the final dot: up to that moment it is certain that no server has the message.
        let pieces = std::iter::from_fn(|| {
            let piece = pieces.next();
            dot_may_have_gone.store(piece.is_none(), Ordering::Relaxed);
            piece
        });
        let mut sending = pin!(self.connection.message_iter(pieces));
        let up_to_the_dot = std::future::poll_fn(|cx| match sending.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if dot_may_have_gone.load(Ordering::Relaxed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        let answer = match timeout(deadlines.content, up_to_the_dot).await {
            Err(_) => Err(Trouble::Silent(deadlines.content)),
            Ok(Some(answer)) => answer.map_err(Trouble::from),
            Ok(None) => within(deadlines.answer, sending).await,
        };
        match answer {
            Ok(response) if response.code().severity as u8 == 2 => Sent::Accepted { reply: clean(&said(&response), Some(to)) },
            // The answer to an earlier question, perhaps. It tells nothing about this message.
            Ok(response) => Sent::InDoubt { reply: clean(&said(&response), Some(to)) },
            Err(trouble @ Trouble::Said { .. }) => trouble.sent(Phase::Content, to),
            Err(trouble) if dot_may_have_gone.load(Ordering::Relaxed) => Sent::InDoubt { reply: trouble.text(Some(to)) },
            Err(trouble) => trouble.sent(Phase::Content, to),
        }
    }

    /// Sends a line and wants a reply that begins with `class`.
    async fn expect(&mut self, class: u8, line: impl fmt::Display) -> Result<(), Trouble> {
        let response = self.command(line).await?;
        if response.code().severity as u8 == class {
            Ok(())
        } else {
            Err(Trouble::Lost(format!("the server's reply makes no sense here ({})", said(&response))))
        }
    }

    async fn command(&mut self, line: impl fmt::Display) -> Result<Response, Trouble> {
        within(self.settings.deadlines.command, self.connection.command(line)).await
    }

    /// Says goodbye and hangs up.
    pub(crate) async fn close(mut self) {
        // All messages are accounted for; what is said now does not matter.
        let _ = timeout(GOODBYE.min(self.settings.deadlines.command), self.connection.command(Quit)).await;
    }
}

fn said(response: &Response) -> String {
    let mut text = response.code().to_string();
    for line in response.message() {
        text.push(' ');
        text.push_str(line);
    }
    text
}
