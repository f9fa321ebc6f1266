//! Kinds of characters that matter to whoever reads a page: those that control or hide instead of
//! showing something, marks that pile up, and letters written from right to left.
//!
//! The ranges are those of the Unicode Character Database (version 16), as far as they concern text
//! that people type. What is refused where is decided in [`crate::text`].

use std::borrow::Cow;

/// Changes the direction of the text after it (UAX #9), so that it reads otherwise than it is stored.
pub(crate) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Ends a line or a paragraph and is no control character to Rust.
pub(crate) fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Permanently set aside for programs to use among themselves.
pub(crate) fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// A letter that is not shown: text written in these says one thing to a person and another to a
/// program that reads it.
pub(crate) fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0000}'..='\u{E007F}')
}

/// Shown as nothing, and not needed to write any language or emoji. The joiner, the non-joiner and
/// the first variation selectors are: Persian, the scripts of India and most emoji are spelt with them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0080}'..='\u{E0FFF}'
    )
}

/// The most marks a letter carries. Hebrew with vowels and accents, the heaviest script in use, needs
/// five.
pub(crate) const MOST_MARKS: usize = 8;

/// Stands above or below the letter before it. A tower of these covers the lines around it.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}' | '\u{05BF}'..='\u{05C7}' | '\u{0610}'..='\u{061A}'
            | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}' | '\u{06DF}'..='\u{06E8}' | '\u{0730}'..='\u{074A}'
            | '\u{0E31}' | '\u{0E34}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}' | '\u{0EB1}' | '\u{0EB4}'..='\u{0EBC}' | '\u{0EC8}'..='\u{0ECE}'
            | '\u{0F71}'..='\u{0F84}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{2DE0}'..='\u{2DFF}'
            | '\u{302A}'..='\u{302F}' | '\u{FE20}'..='\u{FE2F}'
    )
}

/// Whether some letter carries more marks than any language writes.
pub(crate) fn has_tower(text: &str) -> bool {
    let mut marks = 0;
    text.chars().any(|c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        marks > MOST_MARKS
    })
}

/// Whether any of it is written from right to left: Hebrew, Arabic and their relatives.
pub fn has_right_to_left(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(
            c,
            '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
        )
    })
}

/// Text for the middle of a sentence. One that runs from right to left is put between isolates (U+2068
/// and U+2069), or it would pull the figures and signs after it over to its other side. Nobody can
/// type these themselves, so none is ever left open.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if has_right_to_left(text) { Cow::Owned(format!("\u{2068}{text}\u{2069}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_written_with_fewer_marks_than_a_tower_has() {
        for text in ["Zoë", "tiếng Việt", "בְּרֵאשִׁ֖ית", "الْعَرَبِيَّةُ", "ที่นี่", "นํ้า"]
        {
            assert!(!has_tower(text), "{text}");
        }
        assert!(has_tower(&format!("Z{}", "\u{0301}".repeat(9))));
    }

    #[test]
    fn only_what_runs_the_other_way_is_isolated() {
        assert_eq!(isolated("Zoë 李 👩‍👩‍👧"), "Zoë 李 👩‍👩‍👧");
        assert_eq!(isolated("שלום"), "\u{2068}שלום\u{2069}");
    }
}
