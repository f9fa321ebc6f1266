//! Text that people typed, bounded and free of what could harm a header, a log or a page.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::characters::{MOST_MARKS, has_tower, is_bidi_control, is_invisible, is_line_break, is_noncharacter, is_tag, isolated};

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

/// `Gateshead, Newcastle and Sunderland`.
pub fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [firsts @ .., last] => {
            let firsts: Vec<&str> = firsts.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", firsts.join(", "), last.as_ref())
        }
    }
}

impl AsRef<str> for Line {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
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
        if text.is_empty() {
            return Err(Refused::new("must not be empty"));
        }
        if text.chars().count() > max {
            return Err(Refused::new(format!("must be at most {max} characters long")));
        }
        if text.chars().any(|c| c.is_control() || is_line_break(c)) {
            return Err(Refused::new("must be one line without control characters"));
        }
        check_letters(text)?;
        // Nobody who is asked to take it out can see it: it is named, and so is its place.
        if let Some((place, hidden)) = text.chars().enumerate().find(|(_, c)| is_invisible(*c) || is_tag(*c)) {
            let place = place + 1;
            return Err(Refused::new(format!(
                "must not contain the invisible character U+{:04X}, its character {place}",
                u32::from(hidden)
            )));
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err(Refused::new("must have a letter or a digit"));
        }
        Ok(Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As text for print, beside other text: see [`isolated`].
    pub fn printed(&self) -> Cow<'_, str> {
        isolated(&self.0)
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
    check_letters(&text)?;
    if without_flags(&text).chars().any(is_tag) {
        return Err(Refused::new("must not contain text in letters that are not shown (U+E0000 to U+E007F)"));
    }
    Ok(text)
}

/// What no text may have, however many lines it is.
fn check_letters(text: &str) -> Result<(), Refused> {
    if text.chars().any(is_bidi_control) {
        return Err(Refused::new("must not contain characters that change the direction of text"));
    }
    if let Some(bad) = text.chars().find(|c| is_noncharacter(*c)) {
        return Err(Refused::new(format!("must not contain U+{:04X}, which is no character", u32::from(bad))));
    }
    if has_tower(text) {
        return Err(Refused::new(format!("must not have more than {MOST_MARKS} marks on one letter")));
    }
    Ok(())
}

/// The text without the flags of England, Scotland and Wales, the only emoji that are spelt with letters
/// that are not shown.
fn without_flags(text: &str) -> String {
    ["gbeng", "gbsct", "gbwls"].iter().fold(text.to_owned(), |text, code| {
        let hidden: String = code.bytes().filter_map(|b| char::from_u32(0xE_0000 + u32::from(b))).collect();
        text.replace(&format!("\u{1F3F4}{hidden}\u{E007F}"), "")
    })
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
    fn a_line_shows_everything_it_says() {
        let hidden: String = "pay him".bytes().filter_map(|b| char::from_u32(0xE_0000 + u32::from(b))).collect();
        for (bad, reason) in [
            ("Gates\u{200B}head", "U+200B, its character 6"),
            ("\u{3164}", "invisible"),
            ("\u{FEFF}a", "invisible"),
            (&*format!("Approved{hidden}"), "invisible"),
            ("a\u{2066}b", "direction"),
            ("a\u{FFFE}b", "no character"),
            (&*format!("Z{}", "\u{0336}".repeat(20)), "marks"),
            ("\u{1F600}", "a letter or a digit"),
        ] {
            let refused = Line::parse(bad, 50).unwrap_err().to_string();
            assert!(refused.contains(reason), "{bad:?}: {refused}");
        }
        for good in
            ["Zoë", "می\u{200C}خواهم", "क्\u{200D}ष", "Family 👩\u{200D}👩\u{200D}👧 day ❤\u{FE0F}", "עיריית חיפה 3", "Аpple", "=1+1"]
        {
            assert_eq!(Line::parse(good, 50).unwrap().as_str(), good);
        }
    }

    #[test]
    fn lines_carry_the_flag_of_wales_and_no_other_hidden_letters() {
        let hidden = |text: &str| -> String { text.bytes().filter_map(|b| char::from_u32(0xE_0000 + u32::from(b))).collect() };
        let wales = format!("Cymru \u{1F3F4}{}\u{E007F} am byth", hidden("gbwls"));
        assert_eq!(lines(&wales, 100).unwrap(), wales);
        for bad in [hidden("gbwls"), format!("{wales}{}", hidden("x")), format!("\u{1F3F4}{}\u{E007F}", hidden("run this"))] {
            assert!(lines(&bad, 200).is_err(), "{bad:?} should be refused");
        }
        // A soft hyphen or a zero-width space, as word processors and web pages leave them in running text, does no harm there.
        assert_eq!(lines("Gates\u{00AD}head\u{200B}", 100).unwrap(), "Gates\u{00AD}head\u{200B}");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (digits, text) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.5", "−1,234,567.5")] {
            assert_eq!(thousands(digits), text);
        }
    }
}
