//! When a certificate ends: the one thing in it that rustls does not tell.
//!
//! A certificate (RFC 5280 §4.1) is nested values, each a tag, a length and that many bytes (DER). The end stands at a
//! fixed place, so a few steps over values lead there and nothing else need be understood. It is only read to be logged:
//! whether a certificate holds is the client's to say.

use chrono::NaiveDateTime;
use csp_domain::clock::Instant;

const SEQUENCE: u8 = 0x30;
/// The version, which the oldest certificates leave out.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When the certificate ends; none if that cannot be found out.
pub(crate) fn of(certificate: &[u8]) -> Option<Instant> {
    let mut outer = Values(certificate).enter()?;
    let mut fields = outer.enter()?;
    if fields.0.first() == Some(&VERSION) {
        fields.next()?;
    }
    // Serial number, signature algorithm and issuer come before the two dates.
    for _ in 0..3 {
        fields.next()?;
    }
    let mut validity = fields.enter()?;
    validity.next()?;
    let (tag, text) = validity.next()?;
    let text = std::str::from_utf8(text).ok()?;
    let full = match tag {
        // Two digits of the year: those from 50 on are of the twentieth century.
        UTC_TIME => format!("{}{text}", if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    Some(NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%SZ").ok()?.and_utc())
}

/// Values one after another.
struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    /// The next value: its tag and its bytes.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            // A long length: so many bytes of it follow. Four are enough for anything that fits into memory.
            let bytes = usize::from(first & 0x7f);
            let (digits, rest) = rest.split_at_checked(bytes).filter(|_| (1..=4).contains(&bytes))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    /// The values within the next value.
    fn enter(&mut self) -> Option<Values<'a>> {
        match self.next()? {
            (SEQUENCE, value) => Some(Values(value)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(year: i32) -> Vec<u8> {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, 3, 9);
        let key = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_found_in_either_way_of_writing_it() {
        for year in [1999, 2026, 2049, 2050, 2126] {
            assert_eq!(of(&made(year)).unwrap().to_rfc3339(), format!("{year}-03-09T00:00:00+00:00"));
        }
    }

    #[test]
    fn what_is_cut_short_or_no_certificate_has_no_end_that_is_known() {
        let whole = made(2030);
        for length in 0..whole.len() {
            assert_eq!(of(&whole[..length]), None, "{length} bytes");
        }
        assert_eq!(of(b"-----BEGIN CERTIFICATE-----"), None);
        assert_eq!(of(&[SEQUENCE, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
