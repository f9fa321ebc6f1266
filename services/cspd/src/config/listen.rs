//! `[listen]`

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::Reader;
use crate::certificate::{Certificate, Files};

/// The words that allow plaintext where other machines can reach it.
const BEHIND_A_PROXY: &str = "yes, behind a proxy";

/// Where clients find the server.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Address and port for gRPC.
    pub api: SocketAddr,
    /// Address and port for metrics and probes. Nothing: there are none.
    pub web: Option<SocketAddr>,
    /// Under which web address the world finds `web`, without a slash at its end; none: nobody said.
    pub web_address: Option<String>,
    /// What is shown for TLS. Nothing: plaintext.
    pub tls: Option<Certificate>,
    /// How often its files are looked at.
    pub renewal: Duration,
    /// Whether it answers questions about the contract.
    pub reflection: bool,
}

impl Listen {
    /// Whether tokens would pass in the clear between machines.
    pub fn is_exposed(&self) -> bool {
        self.tls.is_none() && !self.api.ip().is_loopback()
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Listen {
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
    let web_address = web_address(reader);
    let tls = match (reader.path("listen.certificate"), reader.path("listen.key")) {
        (Some(certificate), Some(key)) => read_tls(reader, Files { certificate, key }),
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
    if without_tls && !api.ip().is_loopback() && plaintext != BEHIND_A_PROXY {
        reader.fault(
            "listen.certificate",
            format_args!(
                "must name a certificate: without one, tokens would pass to {api} in the clear. (A proxy on this machine \
                 reaches 127.0.0.1; one elsewhere needs listen.plaintext = \"{BEHIND_A_PROXY}\".)"
            ),
        );
    }
    let renewal = reader.seconds("listen.certificate_check_seconds", 1..=86_400);
    Listen { api, web, web_address, tls, renewal, reflection: reader.flag("listen.reflection") }
}

fn web_address(reader: &mut Reader<'_>) -> Option<String> {
    let given = reader.text("listen.web_address");
    if given.is_empty() {
        return None;
    }
    let address = given.trim_end_matches('/');
    let uri = address.parse::<http::Uri>().ok().filter(|uri| {
        let scheme = uri.scheme_str().is_some_and(|scheme| scheme == "https" || scheme == "http");
        let host = uri.authority().is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
        scheme && host && uri.query().is_none() && !address.contains('#')
    });
    if uri.is_none() {
        reader.fault("listen.web_address", "must be empty, or an address such as https://digest.example.org");
    }
    uri.map(|_| address.to_owned())
}

/// Reads both files, so that a wrong one is found before anything is bound.
fn read_tls(reader: &mut Reader<'_>, files: Files) -> Option<Certificate> {
    match Certificate::read(files) {
        Ok(certificate) => Some(certificate),
        Err(faults) => {
            for fault in faults {
                reader.fault(&fault.field, fault.reason);
            }
            None
        }
    }
}
