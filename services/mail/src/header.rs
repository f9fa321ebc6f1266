//! Header fields: any text in, lines of ASCII out that every reader understands alike.
//!
//! lettre's own encoders are not used here: they leave text alone that merely looks encoded
//! (`=?utf-8?…?=`), and a name of one long word can outgrow a line.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use csp_domain::person::EmailAddress;

/// Lines are folded to stay within this (RFC 5322 §2.1.1 says should; 998 is the must).
const WIDTH: usize = 76;
/// So many bytes of text make an encoded word that fits a line beside the longest name used here (RFC
/// 2047 §2: the word at most 75 characters, its line at most 76).
const ENCODED_WORD_BYTES: usize = 39;

/// `name: text`, for text that is only for people to read: a subject.
pub(crate) fn unstructured(out: &mut Vec<u8>, name: &str, text: &str) {
    let text = printable(text);
    let plain = is_plain(&text) && text.split(' ').all(|word| word.len() + name.len() + 2 <= WIDTH);
    let words = if plain { text.split(' ').map(str::to_owned).collect() } else { encoded_words(&text) };
    field(out, name, words);
}

/// `name: "Display name" <address>`.
pub(crate) fn mailbox(out: &mut Vec<u8>, name: &str, display: &str, address: &EmailAddress) {
    phrase_and_route(out, name, display, address.as_str());
}

/// `name: Display name <route>`: the shape of mailboxes and of a List-Id.
pub(crate) fn phrase_and_route(out: &mut Vec<u8>, name: &str, display: &str, route: &str) {
    let mut words = phrase(&printable(display));
    words.push(format!("<{}>", token(route)));
    field(out, name, words);
}

/// `name: value`, for a value that machines read and that has no spaces in it.
pub(crate) fn single(out: &mut Vec<u8>, name: &str, value: &str) {
    field(out, name, vec![token(value)]);
}

/// Keeps what may stand in a value for machines. What is dropped here cannot come from our own
/// types; this is the second lock on the door against a line smuggled into the header.
fn token(value: &str) -> String {
    value.chars().filter(char::is_ascii_graphic).take(900).collect()
}

/// Control characters become spaces: a header is one line, whoever the text comes from.
fn printable(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// Whether the text may stand as it is. Two spaces in a row may not: folding could eat one.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains("=?") && !text.contains("  ") && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}

/// A display name: bare where it may be bare, quoted where it must be, encoded where it cannot be
/// either or would make a long line.
fn phrase(text: &str) -> Vec<String> {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~ ".contains(&b);
    if !is_plain(text) || text.len() > WIDTH - 16 {
        encoded_words(text)
    } else if text.bytes().all(bare) {
        text.split(' ').map(str::to_owned).collect()
    } else {
        vec![format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))]
    }
}

/// RFC 2047, always UTF-8 in base64. A reader joins neighbouring encoded words without the space
/// between them, so a word may end anywhere but within a character.
fn encoded_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(ENCODED_WORD_BYTES));
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    words
}

/// Writes the words with a space or a fold between them.
fn field(out: &mut Vec<u8>, name: &str, words: Vec<String>) {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    let mut column = name.len() + 1;
    for (i, word) in words.iter().enumerate() {
        if i > 0 && column + 1 + word.len() > WIDTH {
            out.extend_from_slice(b"\r\n");
            column = 0;
        }
        out.push(b' ');
        out.extend_from_slice(word.as_bytes());
        column += 1 + word.len();
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> String {
        let mut out = Vec::new();
        unstructured(&mut out, "Subject", text);
        String::from_utf8(out).unwrap()
    }

    fn to(name: &str) -> String {
        let mut out = Vec::new();
        mailbox(&mut out, "To", name, &"a@example.org".parse().unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(subject("Papers for 26 January"), "Subject: Papers for 26 January\r\n");
        assert_eq!(to("Zoe O'Neill"), "To: Zoe O'Neill <a@example.org>\r\n");
    }

    #[test]
    fn a_name_with_marks_is_quoted() {
        assert_eq!(to("Neill, Zoe (Cllr.)"), "To: \"Neill, Zoe (Cllr.)\" <a@example.org>\r\n");
        assert_eq!(to(r#"The "Chair" \ Lead"#), "To: \"The \\\"Chair\\\" \\\\ Lead\" <a@example.org>\r\n");
    }

    #[test]
    fn other_scripts_are_encoded() {
        assert_eq!(subject("Tŷ"), "Subject: =?utf-8?B?VMW3?=\r\n");
        assert_eq!(to("Tŷ"), "To: =?utf-8?B?VMW3?= <a@example.org>\r\n");
    }

    #[test]
    fn text_that_looks_encoded_is_not_decoded_by_the_reader() {
        assert_eq!(subject("=?utf-8?B?VMW3?="), "Subject: =?utf-8?B?PT91dGYtOD9CP1ZNVzM/PQ==?=\r\n");
    }

    #[test]
    fn a_line_break_in_a_subject_adds_no_field() {
        assert_eq!(subject("a\r\nBcc: b@example.org"), subject("a  Bcc: b@example.org"));
    }

    #[test]
    fn long_text_is_folded() {
        for text in ["word ".repeat(60), "é".repeat(300), "x".repeat(300)] {
            for line in subject(&text).split("\r\n").chain(to(&text).split("\r\n")) {
                assert!(line.len() <= 76 + 16, "{} characters in {line:?}", line.len());
            }
        }
    }
}
