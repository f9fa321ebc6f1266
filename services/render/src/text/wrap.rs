//! Lines of a bounded width.

/// How many columns `text` takes: a column for each character, which is right for the languages of
/// these papers.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

/// `text` in lines of at most `room` columns, broken between words; a word that is longer has a line of
/// its own. All white space is the same here, so no text can break a line by itself.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What lines are broken between. A no-break space holds its neighbours together.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() && c != '\u{a0}').filter(|word| !word.is_empty())
}

/// The lines, with `first` before the first of them and `rest` before the others.
pub(crate) fn hang(first: &str, rest: &str, lines: Vec<String>) -> Vec<String> {
    let prefix =
        |(at, line): (usize, String)| if at == 0 { format!("{first}{line}") } else { format!("{rest}{line}").trim_end().to_owned() };
    lines.into_iter().enumerate().map(prefix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two  three\n\nfour", 9), ["one two", "three", "four"]);
        assert_eq!(wrap("a https://example.org/long b", 5), ["a", "https://example.org/long", "b"]);
        assert!(wrap(" \n ", 9).is_empty());
        assert_eq!(wrap("so ●\u{a0}improving", 9), ["so", "●\u{a0}improving"]);
    }

    #[test]
    fn a_list_hangs_from_its_mark() {
        assert_eq!(hang("- ", "  ", wrap("one two three", 7)), ["- one two", "  three"]);
    }
}
