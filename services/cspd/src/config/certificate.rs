//! The certificate of the server: read and checked before anything is bound, and again whenever it was renewed.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use chrono::NaiveDateTime;
use csp_domain::{Instant, text::Fault};
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// A certificate and its key, and the files they came from. All clones change together.
#[derive(Clone)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: Arc<RwLock<Arc<CertifiedKey>>>,
}

impl Certificate {
    pub(super) fn read(chain: &Path, key: &Path) -> Result<Self, Vec<Fault>> {
        let current = Arc::new(RwLock::new(Arc::new(read_pair(chain, key)?)));
        Ok(Self { chain: chain.to_owned(), key: key.to_owned(), current })
    }

    /// Reads both files again. New connections get what they hold now; where they will not do, what held before.
    pub fn renew(&self) -> Result<(), Vec<Fault>> {
        let renewed = Arc::new(read_pair(&self.chain, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    /// When it ends.
    pub fn ends(&self) -> Option<Instant> {
        self.current().cert.first().and_then(|certificate| not_after(certificate))
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

/// Everything that is wrong with either file, at once.
fn read_pair(chain: &Path, key: &Path) -> Result<CertifiedKey, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, reason: String| faults.push(Fault::new(name, reason));
    let certificates: Vec<_> = match CertificateDer::pem_file_iter(chain).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => {
            fault("listen.certificate", format!("must name a PEM file with a certificate; {} has none", chain.display()));
            Vec::new()
        }
        Err(error) => {
            fault("listen.certificate", format!("must name a PEM file that can be read; {}: {error}", chain.display()));
            Vec::new()
        }
    };
    let private = match PrivateKeyDer::from_pem_file(key) {
        Ok(private) => Some(private),
        Err(error) => {
            fault("listen.key", format!("must name a PEM file with a private key; {}: {error}", key.display()));
            None
        }
    };
    let Some(private) = private.filter(|_| faults.is_empty()) else { return Err(faults) };
    CertifiedKey::from_der(certificates, private, &ring::default_provider())
        .map_err(|error| vec![Fault::new("listen.key", format!("must belong to listen.certificate ({error})"))])
}

/// The end of validity, which stands in the fourth field behind the optional version (RFC 5280 §4.1): serial number,
/// algorithm, issuer, validity. A library for the whole of X.509 would be a long way to go for one date.
fn not_after(certificate: &[u8]) -> Option<Instant> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    const UTC_TIME: u8 = 0x17;
    const GENERALIZED_TIME: u8 = 0x18;

    let (_, certificate, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, mut fields, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    if *fields.first()? == VERSION {
        fields = element(fields)?.2;
    }
    for _serial_algorithm_issuer in 0..3 {
        fields = element(fields)?.2;
    }
    let (_, validity, _) = element(fields).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, _not_before, rest) = element(validity)?;
    let (tag, text, _) = element(rest)?;
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        // Two digits for the year: from 50 on they mean the last century.
        UTC_TIME => format!("{}{text}", if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok().map(|civil| civil.and_utc())
}

/// Tag, content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
        (digits.iter().fold(0, |length, &digit| (length << 8) | usize::from(digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid_until(year: i32) -> Vec<u8> {
        let mut asked = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        asked.not_after = rcgen::date_time_ymd(year, 3, 9);
        let key = rcgen::KeyPair::generate().unwrap();
        asked.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_in_either_form_of_date() {
        // Up to 2049 in one, afterwards in the other.
        for year in [2031, 2049, 2050, 2150] {
            let ends = not_after(&valid_until(year)).unwrap();
            assert_eq!(ends.to_rfc3339(), format!("{year}-03-09T00:00:00+00:00"));
        }
    }

    #[test]
    fn a_certificate_cut_short_has_no_end_and_breaks_nothing() {
        let whole = valid_until(2031);
        for length in 0..whole.len() {
            assert_eq!(not_after(&whole[..length]), None, "{length} bytes");
        }
        assert_eq!(not_after(&[0x30, 0xff, 0xff]), None);
    }
}
