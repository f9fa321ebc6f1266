//! From bytes to content lines: unfolding, names, parameters, values.

use crate::text::Fault;

/// The longest line taken, unfolded.
const MAX_LINE: usize = 16 * 1024;

/// `NAME;PARAMETER=VALUE:value`, and the number of the line it began on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentLine {
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals, values without quotation marks.
    pub(super) parameters: Vec<(String, String)>,
    /// As it stands, escapes and all.
    pub(super) value: String,
    /// Counted from 1.
    pub(super) number: usize,
}

impl ContentLine {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a text property: `\n`, `\,`, `\;` and `\\` resolved, a line break as a space.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => text.push(' '),
                    Some(other) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        text
    }

    pub(super) fn fault(&self, reason: impl std::fmt::Display) -> Fault {
        fault(self.number, reason)
    }
}

/// A fault of line `number`.
pub(super) fn fault(number: usize, reason: impl std::fmt::Display) -> Fault {
    Fault::new(format!("line {number}"), reason)
}

/// The lines of a file, each as read or with what is wrong with it. Lines may end in CRLF, as they should, or in LF, as they
/// do where somebody has opened the file in between. They are joined before they are read as text, because some programs fold
/// in the middle of a letter.
pub(super) fn content_lines(file: &[u8]) -> impl Iterator<Item = Result<ContentLine, Fault>> {
    let ended = file.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut physical = (1..).zip(ended).peekable();
    std::iter::from_fn(move || {
        let (number, first) = physical.next()?;
        let mut line = first.to_owned();
        while let Some((_, next)) = physical.next_if(|(_, next)| next.starts_with(b" ") || next.starts_with(b"\t")) {
            // One byte over is enough to know, and all that is kept.
            let room = (MAX_LINE + 1).saturating_sub(line.len());
            line.extend(next.iter().skip(1).take(room));
        }
        Some((number, line))
    })
    .filter(|(_, line)| !line.trim_ascii().is_empty())
    .map(|(number, line)| {
        if line.len() > MAX_LINE {
            return Err(fault(number, format!("must be at most {MAX_LINE} bytes long")));
        }
        let line = String::from_utf8(line).map_err(|_| fault(number, "must be text in UTF-8"))?;
        split(&line, number).ok_or_else(|| fault(number, "must be a name, a colon and a value"))
    })
}

fn split(line: &str, number: usize) -> Option<ContentLine> {
    let end = line.find([';', ':'])?;
    let name = name(&line[..end])?;
    let mut rest = &line[end..];
    let mut parameters = Vec::new();
    while let Some(after) = rest.strip_prefix(';') {
        let (parameter, after) = after.split_once('=')?;
        let parameter = self::name(parameter)?;
        let mut value = String::new();
        rest = after;
        // Quotation marks guard colons, semicolons and commas; a value may be a list of such pieces.
        loop {
            let next = rest.find([';', ':', '"'])?;
            value.push_str(&rest[..next]);
            rest = &rest[next..];
            let Some(quoted) = rest.strip_prefix('"') else { break };
            let (inside, after) = quoted.split_once('"')?;
            value.push_str(inside);
            rest = after;
        }
        parameters.push((parameter, value));
    }
    Some(ContentLine { name, parameters, value: rest.strip_prefix(':')?.to_owned(), number })
}

fn name(text: &str) -> Option<String> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> ContentLine {
        let mut lines: Vec<_> = content_lines(text.as_bytes()).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0).unwrap()
    }

    #[test]
    fn a_folded_line_is_one_and_keeps_its_number() {
        let folded = "\r\nsummary;LANGUAGE=en-GB:Citizen Fo\r\n cus Commit\r\n\ttee\r\nNEXT:1\r\n";
        let lines: Vec<_> = content_lines(folded.as_bytes()).map(Result::unwrap).collect();
        assert_eq!((lines[0].name.as_str(), lines[0].value.as_str(), lines[0].number), ("SUMMARY", "Citizen Focus Committee", 2));
        assert_eq!(lines[0].parameter("LANGUAGE"), Some("en-GB"));
        assert_eq!(lines[1].number, 5);
    }

    #[test]
    fn quotation_marks_guard_colons_and_escapes_are_resolved() {
        let line = only(r#"LOCATION;ALTREP="http://example.org/a;b";X=1:Civic Centre\, Room 2\; ground floor\nby the \\ lift"#);
        assert_eq!(line.parameter("ALTREP"), Some("http://example.org/a;b"));
        assert_eq!(line.parameter("X"), Some("1"));
        assert_eq!(line.text(), "Civic Centre, Room 2; ground floor by the \\ lift");
    }

    #[test]
    fn a_letter_folded_in_its_middle_is_whole_again() {
        let folded = b"SUMMARY:Caf\xc3\r\n \xa9\r\n";
        assert_eq!(content_lines(folded).next().unwrap().unwrap().value, "Café");
        assert_eq!(content_lines(b"SUMMARY:Caf\xe9").next().unwrap().unwrap_err().reason, "must be text in UTF-8");
    }

    #[test]
    fn what_is_no_content_line_is_told_by_its_number() {
        for bad in ["hello", "A B:c", ":x", "NAME;P:x", "NAME;P=\"open:x", "NAME;=1:x", "é:1"] {
            let fault = content_lines(bad.as_bytes()).next().unwrap().unwrap_err();
            assert_eq!((fault.field.as_str(), fault.reason.as_str()), ("line 1", "must be a name, a colon and a value"), "{bad}");
        }
        let endless = format!("A:\n{}", format!(" {}\n", "x".repeat(60)).repeat(1000));
        assert!(content_lines(endless.as_bytes()).next().unwrap().unwrap_err().reason.contains("at most"));
    }
}
