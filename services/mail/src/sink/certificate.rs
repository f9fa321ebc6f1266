//! A certificate for the sink, from an authority made for the occasion.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

pub(super) struct Issued {
    pub(super) ca_pem: String,
    pub(super) acceptor: TlsAcceptor,
}

/// Makes an authority and a certificate from it for `host`.
pub(super) fn issue(host: &str) -> Issued {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "The sink's own authority");
    let ca_key = KeyPair::generate().expect("a key can be made");
    let ca_pem = ca.self_signed(&ca_key).expect("an authority signs itself").pem();

    let key = KeyPair::generate().expect("a key can be made");
    let certificate = CertificateParams::new([host.to_owned()])
        .and_then(|params| params.signed_by(&key, &Issuer::new(ca, ca_key)))
        .expect("a certificate can be made for a host");

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate.into()], key))
        .expect("a fresh certificate fits its key");
    Issued { ca_pem, acceptor: TlsAcceptor::from(Arc::new(config)) }
}
