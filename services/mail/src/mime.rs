//! The parts of a message (RFC 2045, 2046).

use csp_domain::document::Hash;
use lettre::message::{Body, header::ContentTransferEncoding};

/// A part, or parts within a part.
#[derive(Debug)]
pub(crate) enum Part {
    /// One piece of content, already encoded.
    Leaf {
        /// `text/plain; charset=utf-8`.
        kind: &'static str,
        /// Quoted-printable.
        encoded: Vec<u8>,
    },
    /// A picture that another part shows, in base64.
    Picture {
        /// Without its angle brackets.
        id: String,
        /// As it stands in the HTML, in one line.
        encoded: String,
    },
    /// A file that goes with the letter.
    Attachment {
        /// What it is called: short words of ours, in ASCII.
        name: String,
        /// What it is.
        kind: &'static str,
        /// Base64, in lines.
        encoded: Vec<u8>,
    },
    /// A letter and the files that go with it.
    Mixed(Vec<Part>),
    /// The same thing in several forms, the plainest first.
    Alternatives(Vec<Part>),
    /// A page, and the pictures in it.
    Related(Vec<Part>),
}

impl Part {
    /// Text in UTF-8. Any line ends become CRLF; everything else arrives as it is.
    pub(crate) fn text(kind: &'static str, content: &[u8]) -> Self {
        // As bytes, which lettre takes as they are: its conversion of line ends is quadratic.
        let body = Body::new_with_encoding(with_crlf(content), ContentTransferEncoding::QuotedPrintable);
        Self::Leaf { kind, encoded: body.map_or_else(|bytes| bytes, Body::into_vec) }
    }

    /// A file. Every byte of it arrives as it is.
    pub(crate) fn attachment(name: &str, kind: &'static str, content: &[u8]) -> Self {
        let body = Body::new_with_encoding(content.to_vec(), ContentTransferEncoding::Base64);
        Self::Attachment { name: name.to_owned(), kind, encoded: body.map_or_else(|bytes| bytes, Body::into_vec) }
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
            Self::Picture { id, encoded } => {
                out.extend_from_slice(b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <");
                out.extend_from_slice(id.as_bytes());
                out.extend_from_slice(b">\r\nContent-Disposition: inline\r\n\r\n");
                for line in encoded.as_bytes().chunks(76) {
                    out.extend_from_slice(line);
                    out.extend_from_slice(b"\r\n");
                }
            }
            Self::Attachment { name, kind, encoded } => {
                out.extend_from_slice(format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n").as_bytes());
                out.extend_from_slice(format!("Content-Disposition: attachment;\r\n filename=\"{name}\"\r\n\r\n").as_bytes());
                out.extend_from_slice(encoded);
                out.extend_from_slice(b"\r\n");
            }
            Self::Alternatives(parts) | Self::Related(parts) | Self::Mixed(parts) => {
                let written: Vec<Vec<u8>> = parts
                    .iter()
                    .map(|part| {
                        let mut bytes = Vec::new();
                        part.write(&mut bytes);
                        bytes
                    })
                    .collect();
                let boundary = boundary(&written);
                let kind = match self {
                    // The page is the whole's own type (RFC 2387).
                    Self::Related(_) => "related; type=\"text/html\"",
                    Self::Mixed(_) => "mixed",
                    _ => "alternative",
                };
                out.extend_from_slice(format!("Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"\r\n\r\n").as_bytes());
                for part in &written {
                    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
                    out.extend_from_slice(part);
                }
                out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            }
        }
    }
}

/// How a picture stands in a page that is complete in itself. Nobody can type it: in what people write, quotation marks are escaped.
const IN_PAGE: &str = "src=\"data:image/png;base64,";

/// A page with its pictures as parts of their own, which mail programs show where they would not show them in the page. The page
/// and the pictures are the bytes that were approved; only where they stand is changed.
pub(crate) fn page(html: &[u8]) -> Part {
    let mut pictures: Vec<Part> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut page = Vec::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = find(rest, IN_PAGE.as_bytes()) {
        let (before, after) = rest.split_at(at);
        let data = &after[IN_PAGE.len()..];
        page.extend_from_slice(before);
        let end = data.iter().position(|&b| b == b'"').unwrap_or(data.len());
        let (encoded, following) = data.split_at(end);
        let id = format!("{}@figures", &Hash::of(encoded).to_string()[..32]);
        page.extend_from_slice(format!("src=\"cid:{id}").as_bytes());
        if !known.contains(&id) && encoded.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)) {
            pictures.push(Part::Picture { id: id.clone(), encoded: String::from_utf8_lossy(encoded).into_owned() });
            known.push(id);
        }
        rest = following;
    }
    page.extend_from_slice(rest);
    let page = Part::text("text/html; charset=utf-8", &page);
    if pictures.is_empty() { page } else { Part::Related(std::iter::once(page).chain(pictures).collect()) }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
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
    fn a_page_without_pictures_is_one_part_and_each_picture_is_one_more() {
        assert!(matches!(page(b"<p>data:image/png;base64, is not shown</p>"), Part::Leaf { .. }));
        let html =
            b"<img src=\"data:image/png;base64,AAAA\"><img src=\"data:image/png;base64,QUJD\"><img src=\"data:image/png;base64,AAAA\">";
        let Part::Related(parts) = page(html) else { panic!("there are pictures") };
        assert_eq!(parts.len(), 3, "the same picture is sent once");
        let mut out = Vec::new();
        Part::Related(parts).write(&mut out);
        let out = String::from_utf8(out).unwrap();
        let ids: Vec<&str> = out.split("Content-ID: <").skip(1).map(|rest| &rest[..rest.find('>').unwrap()]).collect();
        assert_eq!(ids.len(), 2);
        // Soft line breaks part the page's lines.
        let page = out.replace("=\r\n", "");
        assert_eq!(page.matches(&format!("cid:{}", ids[0])).count(), 2, "{page}");
        assert_eq!(page.matches(&format!("cid:{}", ids[1])).count(), 1, "{page}");
        assert!(out.contains("\r\n\r\nQUJD\r\n") && !out.contains("data:image"), "{out}");
        assert!(out.split("\r\n").all(|line| line.len() <= 77));
    }

    #[test]
    fn text_fits_short_lines_of_ascii() {
        let mut out = Vec::new();
        Part::text("text/plain; charset=utf-8", "naïve ".repeat(500).as_bytes()).write(&mut out);
        assert!(out.is_ascii());
        assert!(out.split(|&b| b == b'\n').all(|line| line.len() <= 77));
    }
}
