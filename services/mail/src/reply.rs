//! What a server says, made fit for keeping: short, one line, without addresses.

use csp_domain::person::EmailAddress;

/// The longest text that is kept, in characters.
const MAX: usize = 200;

/// Cleans `text`. The part before the sign of any address in it is hidden, and so is that of the
/// recipient where it stands alone (`unknown user: jsmith`).
pub(crate) fn clean(text: &str, recipient: Option<&EmailAddress>) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    let masked = mask_addresses(&words.join(" "));
    let masked = match recipient.and_then(|address| address.as_str().split_once('@')) {
        Some((local, _)) => mask_word(&masked, local),
        None => masked,
    };
    masked.chars().take(MAX).collect()
}

/// `john.smith@example.org` becomes `***@example.org`.
fn mask_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '@' {
            let quoted = out.strip_suffix('"').and_then(|before| before.rfind('"'));
            let start = quoted.unwrap_or_else(|| out.trim_end_matches(belongs_to_address).len());
            if start < out.len() {
                out.truncate(start);
                out.push_str("***");
            }
        }
        out.push(c);
    }
    out
}

fn belongs_to_address(c: char) -> bool {
    !c.is_whitespace() && !"<>()[]\",;:@".contains(c)
}

/// Hides `word` wherever it stands by itself, whatever its case.
fn mask_word(text: &str, word: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut piece = String::new();
    let flush = |piece: &mut String, out: &mut String| {
        let kept = piece.trim_end_matches('.');
        out.push_str(if kept.eq_ignore_ascii_case(word) { "***" } else { kept });
        out.push_str(&piece[kept.len()..]);
        piece.clear();
    };
    for c in text.chars() {
        if belongs_to_address(c) && !"'`".contains(c) {
            piece.push(c);
        } else {
            flush(&mut piece, &mut out);
            out.push(c);
        }
    }
    flush(&mut piece, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reply_does_not_name_the_recipient() {
        let jsmith: EmailAddress = "jsmith@example.org".parse().unwrap();
        for (said, kept) in [
            ("550 5.1.1 <jsmith@example.org>: user unknown", "550 5.1.1 <***@example.org>: user unknown"),
            ("550 no such user JSmith.", "550 no such user ***."),
            ("550 no such user 'jsmith' here", "550 no such user '***' here"),
            ("550 \"john smith\"@example.org\r\nis\tunknown", "550 ***@example.org is unknown"),
            ("550 rfc822;other@b.example, a@@b", "550 rfc822;***@b.example, ***@@b"),
            ("250 2.0.0 queued as 4FxZ", "250 2.0.0 queued as 4FxZ"),
        ] {
            assert_eq!(clean(said, Some(&jsmith)), kept);
        }
    }

    #[test]
    fn a_reply_is_kept_short() {
        assert_eq!(clean(&"x".repeat(70_000), None).chars().count(), 200);
    }

    proptest! {
        #[test]
        fn nothing_that_is_kept_breaks_a_line_or_names_anybody(before in "\\PC{0,40}", after in "[ .,;:>)]\\PC{0,40}|", end in "[\\x00-\\x1f]{0,3}") {
            let address: EmailAddress = "zoe.o-neill@example.org".parse().unwrap();
            let kept = clean(&format!("550 {before}<zoe.o-neill@example.org{after}{end}"), Some(&address));
            prop_assert!(!kept.contains("neill@"));
            prop_assert!(kept.chars().all(|c| !c.is_control()) && kept.chars().count() <= 200);
        }
    }
}
