//! The certificate the server shows, and its renewal while it runs.
//!
//! The two files are looked at every so often, and at once when the process is sent SIGHUP. What is new and good is shown
//! from the next handshake on; connections that are open stay as they are. What is new and bad is left alone, and said.

use std::{
    fmt, fs, io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use csp_domain::{
    clock::{Clock, Instant, SharedClock},
    document::Hash,
    text::Fault,
};
use rustls::{
    ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_util::sync::CancellationToken;

use crate::{expiry, notify::Notify, signal::Hangups};

/// So long before its end the log begins to say so: the time in which renewal by itself should have happened, and a week.
const WARN_BEFORE: TimeDelta = TimeDelta::days(21);
/// How often it says so.
const SAY_AGAIN: TimeDelta = TimeDelta::days(1);

/// Certificate chain and private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The chain.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// What the server shows whoever connects. Clones show the same. Prints without the key.
#[derive(Clone)]
pub struct Certificate {
    files: Files,
    shown: Arc<RwLock<Shown>>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Shown {
    key: Arc<CertifiedKey>,
    ends_at: Option<Instant>,
    of: Hash,
}

/// Both files as they are now. The key is secret: this does not print.
struct Read {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// Reads both files; all that is wrong with them at once.
    pub fn read(files: Files) -> Result<Self, Vec<Fault>> {
        let shown = files.read().and_then(|read| read.parse(&files))?;
        Ok(Self { files, shown: Arc::new(RwLock::new(shown)) })
    }

    /// TLS that shows whatever the certificate is at the time.
    pub fn tls(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::new(provider()));
        // The provider is ring's own, which has suites for every version.
        let builder = builder.with_safe_default_protocol_versions().expect("ring knows the versions of TLS that rustls thinks safe");
        let mut tls = builder.with_no_client_auth().with_cert_resolver(Arc::new(self.clone()));
        tls.alpn_protocols = vec![b"h2".to_vec()];
        Arc::new(tls)
    }

    /// When what is shown ends, if that can be told.
    pub(crate) fn ends(&self) -> Option<Instant> {
        self.shown().ends_at
    }

    fn shown(&self) -> Shown {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks after the certificate until told to stop.
    pub(crate) async fn keep(self, every: Duration, clock: SharedClock, mut hangups: Hangups, notify: Notify, stop: CancellationToken) {
        let mut keeper = Keeper { certificate: self, doubtful: None, told: None };
        loop {
            keeper.remind(clock.as_ref());
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                () = hangups.next() => true,
                () = tokio::time::sleep(every) => false,
            };
            if asked {
                notify.reloading();
            }
            keeper.look(asked);
            if asked {
                notify.ready("serving");
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown().key)
    }
}

/// Whoever renews certificates writes one file after the other, so what does not fit together is looked at twice before
/// anything is said.
struct Keeper {
    certificate: Certificate,
    doubtful: Option<Doubt>,
    /// When the log last spoke of the end.
    told: Option<Instant>,
}

struct Doubt {
    of: Option<Hash>,
    said: bool,
}

impl Keeper {
    /// Looks at the files; `asked` by somebody who says that they are ready.
    fn look(&mut self, asked: bool) {
        let files = &self.certificate.files;
        let read = files.read();
        let of = read.as_ref().ok().map(Read::hash);
        let shown = self.certificate.shown();
        if of == Some(shown.of) {
            self.doubtful = None;
            if asked {
                tracing::info!("told to look at the certificate: it is still the same");
            }
            return;
        }
        if self.doubtful.as_ref().is_some_and(|doubt| doubt.of == of && doubt.said && !asked) {
            return;
        }
        match read.and_then(|read| read.parse(files)) {
            Ok(new) => {
                let ends = new.ends_at.map(|end| end.format("%d/%m/%Y").to_string()).unwrap_or_default();
                tracing::info!(certificate.ends = ends, "the certificate was renewed: new connections are shown the new one");
                *self.certificate.shown.write().unwrap_or_else(PoisonError::into_inner) = new;
                (self.doubtful, self.told) = (None, None);
            }
            Err(faults) => {
                let again = self.doubtful.as_ref().is_some_and(|doubt| doubt.of == of);
                let said = asked || again;
                if said {
                    for Fault { field, reason } in faults {
                        tracing::error!(setting = field, "the new certificate will not do and the old one is kept: {field} {reason}");
                    }
                }
                self.doubtful = Some(Doubt { of, said });
            }
        }
    }

    /// Says once a day that the certificate ends soon.
    fn remind(&mut self, clock: &dyn Clock) {
        let (now, Some(end)) = (clock.now(), self.certificate.shown().ends_at) else { return };
        if end - now > WARN_BEFORE || self.told.is_some_and(|told| now - told < SAY_AGAIN) {
            return;
        }
        self.told = Some(now);
        let day = end.format("%d/%m/%Y");
        if end <= now {
            tracing::error!(certificate.ends = %day, "the certificate ended on {day}: clients refuse it");
        } else {
            tracing::warn!(certificate.ends = %day, "the certificate ends on {day} and has not been renewed");
        }
    }
}

impl Files {
    fn read(&self) -> Result<Read, Vec<Fault>> {
        let unread = |field: &str, what: &str, path: &PathBuf, error: &io::Error| {
            Fault::new(field, format!("must name a PEM file with {what}; {}: {error}", path.display()))
        };
        match (fs::read(&self.certificate), fs::read(&self.key)) {
            (Ok(certificate), Ok(key)) => Ok(Read { certificate, key }),
            (certificate, key) => {
                let certificate = certificate.err().map(|e| unread("listen.certificate", "a certificate", &self.certificate, &e));
                Err(certificate.into_iter().chain(key.err().map(|e| unread("listen.key", "a private key", &self.key, &e))).collect())
            }
        }
    }
}

impl Read {
    fn hash(&self) -> Hash {
        Hash::of(&[self.certificate.as_slice(), self.key.as_slice()].concat())
    }

    fn parse(&self, files: &Files) -> Result<Shown, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, reason: String| faults.push(Fault::new(field, reason));
        let shown_path = files.certificate.display();
        let chain = match CertificateDer::pem_slice_iter(&self.certificate).collect::<Result<Vec<_>, _>>() {
            Ok(chain) if !chain.is_empty() => Some(chain),
            Ok(_) => {
                fault("listen.certificate", format!("must name a PEM file with a certificate; {shown_path} has none"));
                None
            }
            Err(error) => {
                fault("listen.certificate", format!("must name a PEM file that can be read; {shown_path}: {error}"));
                None
            }
        };
        let key = match PrivateKeyDer::from_pem_slice(&self.key) {
            Ok(key) => Some(key),
            Err(error) => {
                fault("listen.key", format!("must name a PEM file with a private key; {}: {error}", files.key.display()));
                None
            }
        };
        if let (Some(chain), Some(key)) = (chain, key) {
            let ends_at = chain.first().and_then(|first| expiry::of(first));
            match CertifiedKey::from_der(chain, key, &provider()) {
                Ok(key) => return Ok(Shown { key: Arc::new(key), ends_at, of: self.hash() }),
                Err(error) => fault("listen.key", format!("must belong to listen.certificate ({error})")),
            }
        }
        Err(faults)
    }
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

#[cfg(test)]
mod tests;
