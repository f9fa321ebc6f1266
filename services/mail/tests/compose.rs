//! What is composed is read back by an implementation that is not ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use csp_domain::{
    Instant,
    document::Hash,
    id::{MessageId, Slug},
    person::EmailAddress,
    text::Line,
};
use csp_mail::compose::{Attachment, FileName, Letter, ListId, body, head, message_id, mime_hash, whole};
use mail_parser::{MessageParser, PartType};
use proptest::prelude::*;

fn line(text: &str) -> Line {
    Line::parse(text, Line::SENTENCE).unwrap()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn day(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

fn letter<'a>(from_name: &'a Line, from: &'a EmailAddress, subject: &'a str, text: &'a str, html: &'a str) -> Letter<'a> {
    Letter {
        from_name,
        from,
        reply_to: None,
        subject,
        list_id: None,
        discourage_auto_replies: false,
        text: text.as_bytes(),
        html: html.as_bytes(),
        attachments: &[],
    }
}

#[test]
fn a_file_that_goes_with_a_letter_arrives_byte_for_byte() {
    let (name, from) = (line("Northumbria"), address("digest@mail.example.org"));
    let bytes = "BEGIN:VCALENDAR\r\nSUMMARY:Zoë’s day\r\n.\r\n\u{0}\u{7f} = =\r\n".repeat(200).into_bytes();
    let ics = FileName::new("returns-due", &[], "ics");
    let files = [Attachment { name: ics, kind: "text/calendar; charset=utf-8; method=PUBLISH", bytes: bytes.clone() }];
    let html = "<p><img src=\"data:image/png;base64,QUJD\"></p>";
    let letter = Letter { attachments: &files, ..letter(&name, &from, "Due", "Due today", html) };
    let whole = whole(&head(&name, &from, "<1@mail.example.org>", day(0)), &body(&letter).bytes);
    assert!(is_clean(&whole), "{}", String::from_utf8_lossy(&whole));
    let message = MessageParser::default().parse(&whole).unwrap();
    assert_eq!(message.body_text(0).as_deref().map(str::trim_end), Some("Due today"));
    assert!(message.body_html(0).unwrap().contains("cid:"));
    let file = message.attachments().find(|part| mail_parser::MimeHeaders::attachment_name(*part).is_some()).unwrap();
    assert_eq!(mail_parser::MimeHeaders::attachment_name(file), Some("returns-due.ics"));
    assert_eq!(mail_parser::MimeHeaders::content_type(file).map(|kind| kind.c_type.to_string()), Some("text".to_owned()));
    assert_eq!(file.contents(), bytes, "every byte of it");
}

#[test]
fn a_file_is_called_by_short_names_however_long_they_are() {
    let (name, from) = (line("Northumbria"), address("digest@mail.example.org"));
    let longest: Slug = "x".repeat(Slug::MAX).parse().unwrap();
    let called = FileName::new("", &[&longest, &longest, &longest], "xlsx");
    assert_eq!(called.as_str(), format!("{longest}-{longest}-{longest}.xlsx"));
    let files = [Attachment { name: called.clone(), kind: "application/octet-stream", bytes: vec![0, 1, 255] }];
    let letter = Letter { attachments: &files, ..letter(&name, &from, "Due", "Due today", "<p>Due today</p>") };
    let whole = whole(&head(&name, &from, "<1@mail.example.org>", day(0)), &body(&letter).bytes);
    assert!(is_clean(&whole), "{}", String::from_utf8_lossy(&whole));
    let message = MessageParser::default().parse(&whole).unwrap();
    let file = message.attachments().next().unwrap();
    assert_eq!(mail_parser::MimeHeaders::attachment_name(file), Some(called.as_str()));
}

/// No server and no reader can take these bytes for anything else.
fn is_clean(bytes: &[u8]) -> bool {
    bytes.is_ascii()
        && bytes.ends_with(b"\r\n")
        && bytes.split_inclusive(|&b| b == b'\n').all(|line| {
            line.len() <= 1000 && line.ends_with(b"\r\n") && !line[..line.len() - 2].iter().any(|&b| b == b'\r' || b == b'\n' || b == 0)
        })
}

fn fields<'m>(message: &'m mail_parser::Message<'_>, name: &str) -> Vec<&'m str> {
    message.headers_raw().filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
}

fn newlines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

#[test]
fn a_member_reads_what_was_written() {
    let name = line("Northumbria community safety digest");
    let from = address("digest@mail.example.org");
    let clerk = address("clerk@example.org");
    let list = ListId::new(&line("Citizen Focus Committee"), "citizen-focus.northumbria.mail.example.org").unwrap();
    let letter = Letter {
        reply_to: Some(&clerk),
        list_id: Some(&list),
        discourage_auto_replies: true,
        ..letter(&name, &from, "Papers for 26 January 2022", "Theft rose.\n.\nSee item 4.1", "<p>Theft rose.</p>")
    };
    let shared = body(&letter);
    let id = message_id(MessageId(uuid::Uuid::from_u128(7)), "mail.example.org");
    let own = head(&line("Cllr Zoë O’Neill"), &address("zoe@example.org"), &id, day(1_643_184_000));
    let bytes = whole(&own, &shared.bytes);
    let message = MessageParser::default().parse(&bytes).unwrap();

    assert_eq!(message.subject(), Some("Papers for 26 January 2022"));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Northumbria community safety digest"));
    assert_eq!(message.to().unwrap().first().unwrap().name(), Some("Cllr Zoë O’Neill"));
    assert_eq!(message.reply_to().unwrap().first().unwrap().address(), Some("clerk@example.org"));
    assert_eq!(message.message_id(), Some("00000000-0000-0000-0000-000000000007@mail.example.org"));
    assert_eq!(fields(&message, "Date"), ["Wed, 26 Jan 2022 08:00:00 +0000"]);
    assert_eq!(fields(&message, "Auto-Submitted"), ["auto-generated"]);
    assert_eq!(fields(&message, "X-Auto-Response-Suppress"), ["OOF, AutoReply"]);
    let listed = message.list_id().as_address().unwrap().first().unwrap();
    assert_eq!(listed.name(), Some("Citizen Focus Committee"));
    assert_eq!(listed.address(), Some("citizen-focus.northumbria.mail.example.org"));
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), "Theft rose.\n.\nSee item 4.1");
    assert_eq!(message.body_html(0).unwrap(), "<p>Theft rose.</p>");
    assert_eq!(message.attachments().count(), 0);
    assert!(is_clean(&bytes));
    assert_eq!(shared.hash, Hash::of(&shared.bytes));
    assert_eq!(mime_hash(&own, &shared.bytes), Hash::of(&bytes));
}

#[test]
fn the_same_letter_is_the_same_bytes() {
    let (name, from) = (line("Digest"), address("digest@mail.example.org"));
    let one = letter(&name, &from, "Papers", "text", "<p>html</p>");
    assert_eq!(body(&one), body(&one));
    let other = Letter { text: b"texts", ..one };
    assert_ne!(body(&one).hash, body(&other).hash);
}

#[test]
fn the_plain_text_comes_before_the_html() {
    let (name, from) = (line("Digest"), address("digest@mail.example.org"));
    let bytes = String::from_utf8(body(&letter(&name, &from, "Papers", "text", "<p>html</p>")).bytes).unwrap();
    assert!(bytes.contains("Content-Type: multipart/alternative;"));
    assert!(bytes.find("text/plain").unwrap() < bytes.find("text/html").unwrap());
}

#[test]
fn a_text_cannot_close_its_own_part() {
    let (name, from) = (line("Digest"), address("digest@mail.example.org"));
    let first = body(&letter(&name, &from, "Papers", "text", "<p>html</p>")).bytes;
    let first = String::from_utf8(first).unwrap();
    let boundary = first.split_once("boundary=\"").unwrap().1.split_once('"').unwrap().0;
    let text = format!("--{boundary}--\n--{boundary}\nContent-Type: text/plain\n\nforged");
    let bytes = whole(&head(&name, &from, "<a@b>", day(0)), &body(&letter(&name, &from, "Papers", &text, "")).bytes);
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(message.body_text(0).unwrap(), newlines(&text));
}

#[test]
fn a_huge_digest_is_composed_at_once() {
    let (name, from) = (line("Digest"), address("digest@mail.example.org"));
    // 80,000 lines: lettre's own conversion of line ends takes 3.5 seconds for them.
    let text = "Theft rose by a fifth in Gateshead.\n".repeat(80_000);
    assert!(is_clean(&body(&letter(&name, &from, "Papers", &text, "")).bytes));
}

/// Anything a person could type into a line, and things only an attacker would.
fn any_line(max: usize) -> impl Strategy<Value = Line> {
    let hostile = prop_oneof![
        "\\PC{1,120}",
        "[ -~]{1,300}",
        "[\"\\\\,;:<>@()\\[\\]. a=?_-]{1,120}",
        "(=\\?utf-8\\?[bqBQ]\\?[a-zA-Z=]{0,9}\\?=[ ]{0,2}){1,4}",
        "[a-z]{300}",
        "(é|日|🦀| ){1,200}",
    ];
    hostile.prop_filter_map("a line", move |text| Line::parse(&text, max).ok())
}

fn any_address() -> impl Strategy<Value = EmailAddress> {
    "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,30}(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,20})?@[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z]{2,10}){1,3}"
        .prop_filter_map("an address", |text| text.parse().ok())
}

/// Text with every kind of line end, dots at the beginnings of lines and spaces at the ends.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,80}",
        "[ -~]{0,200}",
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just(".\r\n".to_owned()),
        Just("\r\n.".to_owned()),
        Just(" \n".to_owned()),
        Just("\t\r\n".to_owned()),
        Just("--=_".to_owned()),
        Just("x".repeat(1200)),
        Just("=3D=\n".to_owned()),
        Just("From me\n".to_owned())
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_is_written_is_what_is_read(
        from_name in any_line(Line::NAME), from in any_address(), reply_to in proptest::option::of(any_address()),
        subject in any_line(Line::SENTENCE), to_name in any_line(Line::NAME), to in any_address(),
        text in any_text(), html in any_text(), id in any::<u128>(), seconds in 0_i64..4_000_000_000,
    ) {
        let letter = Letter { reply_to: reply_to.as_ref(), ..letter(&from_name, &from, subject.as_str(), &text, &html) };
        let shared = body(&letter);
        let id = message_id(MessageId(uuid::Uuid::from_u128(id)), "mail.example.org");
        let own = head(&to_name, &to, &id, day(seconds));
        let bytes = whole(&own, &shared.bytes);
        prop_assert!(is_clean(&bytes));
        prop_assert!(is_clean(&own));

        let message = MessageParser::default().parse(&bytes).unwrap();
        for field in ["To", "From", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"] {
            prop_assert_eq!(fields(&message, field).len(), 1, "{}", field);
        }
        for field in ["Bcc", "Cc", "Sender"] {
            prop_assert_eq!(fields(&message, field).len(), 0, "{}", field);
        }
        prop_assert_eq!(message.headers_raw().count(), 8 + usize::from(reply_to.is_some()));
        prop_assert_eq!(message.subject(), Some(subject.as_str()));
        for (list, name, address) in [(message.from(), &from_name, &from), (message.to(), &to_name, &to)] {
            let list = list.unwrap();
            prop_assert_eq!(list.iter().count(), 1);
            let mailbox = list.first().unwrap();
            prop_assert_eq!(mailbox.name(), Some(name.as_str()));
            prop_assert_eq!(mailbox.address(), Some(address.as_str()));
        }
        prop_assert_eq!(message.message_id(), Some(id.trim_matches(['<', '>'])));
        prop_assert_eq!(message.date().unwrap().to_timestamp(), seconds);
        prop_assert_eq!(message.attachments().count(), 0);
        let parts: Vec<(bool, &str)> = message
            .parts
            .iter()
            .filter_map(|part| match &part.body {
                PartType::Text(text) => Some((false, &**text)),
                PartType::Html(html) => Some((true, &**html)),
                _ => None,
            })
            .collect();
        let (text, html) = (newlines(&text), newlines(&html));
        prop_assert_eq!(parts, [(false, text.as_str()), (true, html.as_str())]);
        prop_assert_eq!(message.parts.len(), 3);
    }

    #[test]
    fn no_string_whatever_smuggles_in_a_field(subject in "[\\x00-\\x7fé\u{2028}]{0,80}", id in "[\\x00-\\x7f]{0,80}") {
        let (name, from) = (line("Digest"), address("digest@mail.example.org"));
        let bytes = whole(&head(&name, &from, &id, day(0)), &body(&letter(&name, &from, &subject, "", "")).bytes);
        prop_assert!(is_clean(&bytes));
        prop_assert_eq!(MessageParser::default().parse(&bytes).unwrap().headers_raw().count(), 8);
    }
}
