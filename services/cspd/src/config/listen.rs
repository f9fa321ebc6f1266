//! `[listen]`

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use rustls::ServerConfig;

use super::{Certificate, Environment, Reader};

/// The words that allow plaintext where other machines can reach it.
const BEHIND_A_PROXY: &str = "yes, behind a proxy";

/// Where clients find the server.
#[derive(Clone)]
pub struct Listen {
    /// Address and port for gRPC.
    pub api: SocketAddr,
    /// Address and port for metrics and probes. Nothing: there are none.
    pub web: Option<SocketAddr>,
    /// Certificate and key, ready to use. Nothing: plaintext.
    pub tls: Option<Arc<ServerConfig>>,
    /// The same, to be renewed.
    pub certificate: Option<Certificate>,
    /// Whether it answers questions about the contract.
    pub reflection: bool,
}

impl fmt::Debug for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, web, tls, certificate: _, reflection } = self;
        f.debug_struct("Listen").field("api", api).field("web", web).field("tls", &tls.is_some()).field("reflection", reflection).finish()
    }
}

impl Listen {
    /// Whether tokens would pass in the clear between machines.
    pub fn is_exposed(&self) -> bool {
        self.tls.is_none() && !self.api.ip().is_loopback()
    }
}

pub(super) fn read(reader: &mut Reader<'_>, environment: Environment) -> Listen {
    let api = reader.parse(
        "listen.api",
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        "an address and a port, such as 127.0.0.1:7443, 0.0.0.0:7443 or [::]:7443",
    );
    let web = reader.path("listen.web").map(|_| {
        reader.parse("listen.web", SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), "empty, or an address and a port, such as 127.0.0.1:7480")
    });
    if web.is_some_and(|web| web == api && web.port() != 0) {
        reader.fault("listen.web", "must not be the address of listen.api");
    }
    let tls = match (reader.path("listen.certificate"), reader.path("listen.key")) {
        (Some(certificate), Some(key)) => read_tls(reader, &certificate, &key),
        (None, None) => None,
        (Some(_), None) => {
            reader.fault("listen.key", "must name the private key that belongs to listen.certificate");
            None
        }
        (None, Some(_)) => {
            reader.fault("listen.certificate", "must name the certificate that belongs to listen.key");
            None
        }
    };
    let plaintext = reader.text("listen.plaintext");
    if !plaintext.is_empty() && plaintext != BEHIND_A_PROXY {
        reader.fault("listen.plaintext", format_args!("must be empty, or \"{BEHIND_A_PROXY}\""));
    }
    let without_tls = reader.path("listen.certificate").is_none() && reader.path("listen.key").is_none();
    if environment == Environment::Production && without_tls && !api.ip().is_loopback() && plaintext != BEHIND_A_PROXY {
        reader.fault(
            "listen.certificate",
            format_args!(
                "must name a certificate: in production, {api} would let tokens pass in the clear. (A proxy on this machine \
                 reaches 127.0.0.1; one elsewhere needs listen.plaintext = \"{BEHIND_A_PROXY}\".)"
            ),
        );
    }
    let (tls, certificate) = tls.unzip();
    Listen { api, web, tls, certificate, reflection: reader.flag("listen.reflection") }
}

/// Reads both files, so that a wrong one is found before anything is bound.
fn read_tls(reader: &mut Reader<'_>, chain: &Path, key: &Path) -> Option<(Arc<ServerConfig>, Certificate)> {
    let certificate = match Certificate::read(chain, key) {
        Ok(certificate) => certificate,
        Err(faults) => {
            for fault in faults {
                reader.fault(&fault.field, &fault.reason);
            }
            return None;
        }
    };
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    match builder.with_safe_default_protocol_versions() {
        Ok(builder) => {
            let mut tls = builder.with_no_client_auth().with_cert_resolver(Arc::new(certificate.clone()));
            tls.alpn_protocols = vec![b"h2".to_vec()];
            Some((Arc::new(tls), certificate))
        }
        Err(error) => {
            reader.fault("listen.certificate", format_args!("cannot be used ({error})"));
            None
        }
    }
}
