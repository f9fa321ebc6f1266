//! Messages on their way out, and what servers say to them.

use csp_domain::{Instant, id::MessageId, person::EmailAddress, text::Line};
use csp_mail::compose::{Letter, ListId, body, head, message_id, whole};
use mail_parser::MessageParser;
use uuid::Uuid;

/// Every field a message to a member has, in their order, as the parser spells them.
pub(super) const FIELDS: [&str; 9] =
    ["To", "Message-ID", "Date", "From", "Subject", "List-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];

/// A message has the fields we set and no other, whatever the names, the subject and the content; its
/// bytes are lines of ASCII that every server carries.
pub(super) fn message_holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut texts = text.split('\u{1}').chain(std::iter::repeat("x"));
    let mut name = || texts.next().and_then(|text| Line::parse(text, Line::SENTENCE).ok());
    let (Some(to), Some(from)) = (name(), name()) else { return };
    let subject = texts.next().unwrap_or_default();
    let content = texts.next().unwrap_or_default();
    let address: EmailAddress = "zoe@example.org".parse().expect("this is an address");
    let list = ListId::new(&from, "citizen-focus.northumbria.example.org").expect("this is the name of a list");
    let letter = Letter {
        from_name: &from,
        from: &address,
        reply_to: None,
        subject,
        list_id: Some(&list),
        discourage_auto_replies: false,
        text: content.as_bytes(),
        html: content.as_bytes(),
        attachments: &[],
    };
    let id = message_id(MessageId(Uuid::from_u128(7)), "mail.example.org");
    let bytes = whole(&head(&to, &address, &id, Instant::UNIX_EPOCH), &body(&letter).bytes);

    assert!(bytes.is_ascii(), "every server carries ASCII");
    for line in bytes.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        assert!(line.len() <= 998 && !line.contains(&b'\r'), "a line that servers refuse");
    }
    let parsed = MessageParser::default().parse(&bytes).expect("a message can be read");
    let fields: Vec<&str> = parsed.headers_raw().map(|(name, _)| name).collect();
    assert_eq!(fields, FIELDS);
    let reached = parsed.to().and_then(|to| to.first()).expect("it is to somebody");
    assert_eq!((reached.address(), reached.name().map(ToOwned::to_owned)), (Some("zoe@example.org"), Some(to.to_string())));
    assert_eq!(parsed.to().map(|to| to.clone().into_list().len()), Some(1), "one person");
    assert_eq!(parsed.message_id(), id.strip_prefix('<').and_then(|id| id.strip_suffix('>')));
    assert_eq!((parsed.text_body_count(), parsed.html_body_count()), (1, 1));
    // Nothing is attached but the pictures that the page holds.
    let pictures = content.matches("src=\"data:image/png;base64,").count();
    assert!(parsed.attachment_count() <= pictures, "{} attached of {pictures}", parsed.attachment_count());
    let shown = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(parsed.body_text(0).map(|text| shown(&text)).as_deref().map(str::trim_end), Some(shown(content).trim_end()));
}

/// A reply is kept short, in one line, and without the address it is about.
pub(super) fn reply_holds(bytes: &[u8]) {
    let recipient: EmailAddress = "zoe.o-neill@example.org".parse().expect("this is an address");
    let said = String::from_utf8_lossy(bytes);
    let check = |kept: &str| {
        assert!(kept.chars().count() <= 200 && !kept.contains(char::is_control), "{kept:?}");
        assert!(!kept.to_lowercase().contains("zoe.o-neill@"), "{kept:?}");
    };
    check(&csp_mail::outside::kept(&said, Some(&recipient)));
    check(&csp_mail::outside::kept(&format!("550 <{}> {said}", recipient.as_str()), Some(&recipient)));
    if let Some((code, kept)) = csp_mail::outside::reply(bytes, Some(&recipient)) {
        assert!((200..600).contains(&code), "{code}");
        check(&kept);
    }
}
