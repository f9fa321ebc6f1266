//! Text that people typed, bounded and free of what could harm a header, a log or a page.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a piece of input was not taken, as a sentence that says what would be right. It reads after
/// the name of the field: "`email` must be …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    /// A refusal in the words of `reason`.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// One thing that is wrong with what somebody sent, and where. Faults are gathered, so that all are
/// told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The path of the field, as the sender knows it: `return.figures[3].value`.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Fault {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self { field: field.into(), reason: reason.to_string() }
    }
}

/// Bidirectional controls can make text read otherwise than it is stored.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// A single line: trimmed, not empty, without control characters, bounded in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(String);

impl Line {
    /// Room for a name of a person, body or thing.
    pub const NAME: usize = 120;
    /// Room for a headline or a sentence.
    pub const SENTENCE: usize = 300;

    /// Takes one line of at most `max` characters.
    pub fn parse(text: &str, max: usize) -> Result<Self, Refused> {
        let text = text.trim();
        if !text.chars().any(char::is_alphanumeric) {
            return Err(Refused::new("must not be empty"));
        }
        if text.chars().count() > max {
            return Err(Refused::new(format!("must be at most {max} characters long")));
        }
        if text.chars().any(|c| c.is_control() || is_line_break(c)) {
            return Err(Refused::new("must be one line without control characters"));
        }
        if text.chars().any(is_bidi_control) {
            return Err(Refused::new("must not contain characters that change the direction of text"));
        }
        Ok(Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Several lines: like [`Line`], but line breaks and tabs may stay.
///
/// # Errors
/// Says which rule was broken.
pub fn lines(text: &str, max: usize) -> Result<String, Refused> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.len() > max {
        return Err(Refused::new(format!("must be at most {max} bytes long")));
    }
    if let Some(bad) = text.chars().find(|&c| (c.is_control() && c != '\n' && c != '\t') || is_line_break(c)) {
        return Err(Refused::new(format!("must not contain the control character U+{:04X}", u32::from(bad))));
    }
    if text.chars().any(is_bidi_control) {
        return Err(Refused::new("must not contain characters that change the direction of text"));
    }
    Ok(text)
}

/// `1234567` as people in the United Kingdom write it: `1,234,567`.
pub fn thousands(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("\u{2212}", rest),
        None => ("", digits),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_break_a_header() {
        for bad in ["a\r\nBcc: x@example.org", "a\0b", "a\u{2028}b", "", "  ", "\u{202E}evil"] {
            assert!(Line::parse(bad, 50).is_err(), "{bad:?} should be refused");
        }
        assert_eq!(Line::parse("  Zoë O’Neill ", 50).unwrap().as_str(), "Zoë O’Neill");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (digits, text) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.5", "−1,234,567.5")] {
            assert_eq!(thousands(digits), text);
        }
    }
}
