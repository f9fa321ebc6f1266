//! Building a message: once for everybody, then three lines for each person.
//!
//! A message is its head and its body put together. The body (all fields that are the same for every
//! recipient, and the content) is built once for each version of a digest and stored once, by its
//! hash. The head (`To`, `Message-ID`, `Date`) is made when the message is queued, and stored with
//! it, so that every attempt sends the very same bytes.

use csp_domain::{
    Instant,
    document::Hash,
    id::{MessageId, Slug},
    person::EmailAddress,
    text::{Line, Refused},
};

use crate::{
    header::{mailbox, phrase_and_route, single, unstructured},
    mime::{self, Part},
};

/// What is written, whoever it is for.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// In whose name: `Northumbria community safety digest`.
    pub from_name: &'a Line,
    /// The address it comes from.
    pub from: &'a EmailAddress,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<&'a EmailAddress>,
    /// The subject line.
    pub subject: &'a str,
    /// Which list it belongs to, so that readers can sort it.
    pub list_id: Option<&'a ListId>,
    /// Asks Exchange servers to send no out-of-office answers. Bounces still come: they are wanted.
    pub discourage_auto_replies: bool,
    /// The content as text, in UTF-8. The canonical form.
    pub text: &'a [u8],
    /// The content as HTML, in UTF-8. Pictures that are written into it (`data:`) become parts of their own.
    pub html: &'a [u8],
    /// Files that go with it.
    pub attachments: &'a [Attachment],
}

/// What a file that goes with a letter is called: words of this program and short names, never what anybody typed as they liked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// A word of ours, if any, and short names, joined by hyphens, and an ending: `gateshead-citizen-focus-2021-q3.xlsx`.
    pub fn new(word: &'static str, slugs: &[&Slug], ending: &'static str) -> Self {
        let parts = std::iter::once(word).filter(|word| !word.is_empty()).chain(slugs.iter().map(|slug| slug.as_str()));
        Self(format!("{}.{ending}", parts.collect::<Vec<_>>().join("-")))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `returns-due.ics`.
    pub name: FileName,
    /// `text/calendar; charset=utf-8; method=PUBLISH`.
    pub kind: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A list's name in mail (RFC 2919): `Citizen Focus Committee <citizen-focus.northumbria.example.org>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListId {
    name: Line,
    id: String,
}

impl ListId {
    /// A list called `name`, with `id` made of at least two labels joined by dots, the last ones a
    /// domain of ours.
    pub fn new(name: &Line, id: &str) -> Result<Self, Refused> {
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if id.len() <= 255 && id.contains('.') && id.split('.').all(label_ok) {
            Ok(Self { name: name.clone(), id: id.to_ascii_lowercase() })
        } else {
            Err(Refused::new("must be labels of letters, digits and hyphens joined by dots, such as members.example.org"))
        }
    }
}

/// The part of a message that all its recipients share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Header fields, an empty line and the content: ASCII, CRLF only.
    pub bytes: Vec<u8>,
    /// Their hash, by which they are stored.
    pub hash: Hash,
}

/// Builds what all recipients share. The same letter gives the same bytes.
pub fn body(letter: &Letter<'_>) -> Body {
    let mut out = Vec::with_capacity(letter.text.len() + letter.html.len() * 5 / 4 + 1024);
    mailbox(&mut out, "From", letter.from_name.as_str(), letter.from);
    if let Some(reply_to) = letter.reply_to {
        single(&mut out, "Reply-To", reply_to.as_str());
    }
    unstructured(&mut out, "Subject", letter.subject);
    if let Some(list) = letter.list_id {
        phrase_and_route(&mut out, "List-Id", list.name.as_str(), &list.id);
    }
    // RFC 3834: no robot should answer a robot.
    single(&mut out, "Auto-Submitted", "auto-generated");
    if letter.discourage_auto_replies {
        // Not `All`: that would also suppress the bounces.
        unstructured(&mut out, "X-Auto-Response-Suppress", "OOF, AutoReply");
    }
    single(&mut out, "MIME-Version", "1.0");
    let text = Part::text("text/plain; charset=utf-8", letter.text);
    let html = mime::page(letter.html);
    // The last alternative is the one a reader prefers (RFC 2046 §5.1.4).
    let content = Part::Alternatives(vec![text, html]);
    if letter.attachments.is_empty() {
        content.write(&mut out);
    } else {
        let files = letter.attachments.iter().map(|file| Part::attachment(file.name.as_str(), file.kind, &file.bytes));
        Part::Mixed(std::iter::once(content).chain(files).collect()).write(&mut out);
    }
    let hash = Hash::of(&out);
    Body { bytes: out, hash }
}

/// The lines that are one recipient's own: `To`, `Message-ID` and `Date`, each ending in CRLF.
pub fn head(recipient_name: &Line, address: &EmailAddress, message_id: &str, date: Instant) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    mailbox(&mut out, "To", recipient_name.as_str(), address);
    single(&mut out, "Message-ID", message_id);
    out.extend_from_slice(date.format("Date: %a, %d %b %Y %H:%M:%S +0000\r\n").to_string().as_bytes());
    out
}

/// Whether a letter's own lines name the address it is about to be sent to. They are part of what was approved, under a hash;
/// the address the envelope gets is kept beside them, and a bit of it that a disk turned would be a stranger.
pub fn names(head: &[u8], address: &EmailAddress) -> bool {
    head.windows(address.as_str().len()).any(|part| part == address.as_str().as_bytes())
}

/// `<…@domain>`, the same for a message on every attempt.
pub fn message_id(id: MessageId, domain: &str) -> String {
    format!("<{id}@{domain}>")
}

/// The whole message: what goes down the wire.
pub fn whole(head: &[u8], body: &[u8]) -> Vec<u8> {
    [head, body].concat()
}

/// The hash of the whole message.
pub fn mime_hash(head: &[u8], body: &[u8]) -> Hash {
    Hash::of(&whole(head, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_id_is_a_name_and_labels() {
        let name = Line::parse("Citizen Focus", Line::NAME).unwrap();
        assert!(ListId::new(&name, "citizen-focus.northumbria.example.org").is_ok());
        for bad in ["", "a", "a..b", "a b.org", "a.b>\r\nBcc: x", "-a.org", "a.org-"] {
            assert!(ListId::new(&name, bad).is_err(), "{bad:?} should be refused");
        }
    }

    #[test]
    fn a_message_id_is_the_messages_identifier_at_our_domain() {
        let id = MessageId(uuid::Uuid::nil());
        assert_eq!(message_id(id, "mail.example.org"), "<00000000-0000-0000-0000-000000000000@mail.example.org>");
    }
}
