//! The parts of a message (RFC 2045, 2046).

use csp_domain::document::Hash;
use lettre::message::{Body, header::ContentTransferEncoding};

/// A part, or parts within a part. An attached paper will be a further leaf beside the alternatives
/// in a `mixed` whole.
#[derive(Debug)]
pub(crate) enum Part {
    /// One piece of content, already encoded.
    Leaf {
        /// `text/plain; charset=utf-8`.
        kind: &'static str,
        /// Quoted-printable.
        encoded: Vec<u8>,
    },
    /// The same thing in several forms, the plainest first.
    Alternatives(Vec<Part>),
}

impl Part {
    /// Text in UTF-8. Any line ends become CRLF; everything else arrives as it is.
    pub(crate) fn text(kind: &'static str, content: &[u8]) -> Self {
        // As bytes, which lettre takes as they are: its conversion of line ends is quadratic.
        let body = Body::new_with_encoding(with_crlf(content), ContentTransferEncoding::QuotedPrintable);
        Self::Leaf { kind, encoded: body.map_or_else(|bytes| bytes, Body::into_vec) }
    }

    /// Writes the content header fields, an empty line and the content.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Leaf { kind, encoded } => {
                out.extend_from_slice(b"Content-Type: ");
                out.extend_from_slice(kind.as_bytes());
                out.extend_from_slice(b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
                out.extend_from_slice(encoded);
                out.extend_from_slice(b"\r\n");
            }
            Self::Alternatives(parts) => {
                let written: Vec<Vec<u8>> = parts
                    .iter()
                    .map(|part| {
                        let mut bytes = Vec::new();
                        part.write(&mut bytes);
                        bytes
                    })
                    .collect();
                let boundary = boundary(&written);
                out.extend_from_slice(format!("Content-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n").as_bytes());
                for part in &written {
                    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
                    out.extend_from_slice(part);
                }
                out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            }
        }
    }
}

/// A boundary that follows from the content, so that the same letter is the same bytes, and cannot
/// occur in it: `=_` is possible neither in quoted-printable nor in base64.
fn boundary(parts: &[Vec<u8>]) -> String {
    let digest = Hash::of(&parts.concat()).to_string();
    format!("=_{}", &digest[..32])
}

/// CR, LF and CRLF all become CRLF.
fn with_crlf(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 32);
    let mut bytes = content.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&&b'\n');
                out.extend_from_slice(b"\r\n");
            }
            b'\n' => out.extend_from_slice(b"\r\n"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_crlf() {
        assert_eq!(with_crlf(b"a\nb\r\nc\rd\r\r\n\n"), b"a\r\nb\r\nc\r\nd\r\n\r\n\r\n");
    }

    #[test]
    fn text_fits_short_lines_of_ascii() {
        let mut out = Vec::new();
        Part::text("text/plain; charset=utf-8", "naïve ".repeat(500).as_bytes()).write(&mut out);
        assert!(out.is_ascii());
        assert!(out.split(|&b| b == b'\n').all(|line| line.len() <= 77));
    }
}
