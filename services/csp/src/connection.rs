//! The way to the server: encrypted, or on this very machine.

use std::{fs, net::IpAddr, path::Path, time::Duration};

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Uri};

use crate::error::Error;

/// How long to wait for the line to open.
const CONNECT: Duration = Duration::from_secs(10);

/// A channel to `server`. Nothing is sent until the first call.
pub(crate) fn open(server: &str, ca_file: Option<&Path>, insecure_plaintext: bool) -> Result<Channel, Error> {
    let encrypted = check(server, insecure_plaintext)?;
    let mut endpoint = Endpoint::from_shared(server.to_owned())
        .and_then(|endpoint| endpoint.user_agent(concat!("csp/", env!("CARGO_PKG_VERSION"))))
        .map_err(|fault| Error::usage(format!("{server} is not an address that can be used: {fault}.")))?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true);
    if encrypted {
        let trust = match ca_file {
            Some(file) => {
                let pem = fs::read(file)
                    .map_err(|fault| Error::usage(format!("The certificate file {} cannot be read: {fault}.", file.display())))?;
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem))
            }
            None => ClientTlsConfig::new().with_webpki_roots(),
        };
        endpoint =
            endpoint.tls_config(trust).map_err(|fault| Error::usage(format!("The encryption to {server} cannot be set up: {fault}.")))?;
    }
    Ok(endpoint.connect_lazy())
}

/// Whether `server` is an address that may be spoken to, and if so whether encrypted.
fn check(server: &str, insecure_plaintext: bool) -> Result<bool, Error> {
    let example = "It looks like this: https://csp.example.gov.uk";
    let uri: Uri = server.parse().map_err(|_| Error::usage(format!("“{server}” is not the address of a server. {example}")))?;
    let host = uri.host().filter(|host| !host.is_empty());
    match (uri.scheme_str(), host) {
        (Some("https"), Some(_)) => Ok(true),
        (Some("http"), Some(host)) if is_this_machine(host) || insecure_plaintext => Ok(false),
        (Some("http"), Some(_)) => Err(Error::usage(format!(
            "{server} is not encrypted: whoever is on the line could read your token and use it in your name. Use https://"
        ))
        .hint("If the line is protected by other means, say so with --insecure-plaintext.")),
        _ => Err(Error::usage(format!("“{server}” is not the address of a server. {example}"))),
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_encryption() {
        for server in ["http://127.0.0.1:50051", "http://localhost:50051", "http://[::1]:50051"] {
            assert!(!check(server, false).unwrap(), "{server}");
        }
        assert!(check("https://csp.example.gov.uk", false).unwrap());
        let refused = check("http://csp.example.gov.uk", false).unwrap_err();
        assert!(refused.sentence.contains("could read your token"));
        assert!(!check("http://csp.example.gov.uk", true).unwrap());
        assert!(check("http://localhost.evil.example", false).is_err());
    }

    #[test]
    fn an_address_without_a_scheme_is_explained() {
        for server in ["csp.example.gov.uk", "localhost:50051", "ftp://x", ""] {
            assert!(check(server, false).unwrap_err().sentence.contains("https://"), "{server}");
        }
    }
}
