//! The text of a news item, from Markdown, plain text or a Word document: its headline found in the text, and places kept, so
//! that a fault the server finds in line 7 is in line 7 of the file, or in the paragraph of the document that became line 7.

use std::path::Path;

use csp_sheet::docx;

use crate::{
    error::{Error, Violation},
    files,
    output::count,
    sheet::violation,
    terminal::Terminal,
    words::BodyFormatOption,
};

/// A text as it is sent.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) file: String,
    pub(super) headline: Option<String>,
    pub(super) body: String,
    pub(super) format: BodyFormatOption,
    /// Of a Word document: the paragraph that each line of the body came from.
    paragraphs: Vec<usize>,
}

impl Default for Text {
    fn default() -> Self {
        let (file, format) = ("--file".to_owned(), BodyFormatOption::Markdown);
        Self { file, headline: None, body: String::new(), format, paragraphs: Vec::new() }
    }
}

impl Text {
    /// Reads a file. A headline that is given is the headline; otherwise it is the first heading, which leaves the text.
    pub(super) fn read(
        file: &str,
        format: Option<BodyFormatOption>,
        headline: Option<String>,
        without_pictures: bool,
        terminal: &mut Terminal,
    ) -> Result<Self, Error> {
        let ending = Path::new(file).extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        let format = match (format, ending.as_str()) {
            (_, "docx" | "docm" | "doc" | "odt") => {
                return Self::from_word(file, files::read_bytes(file, terminal)?, headline, without_pictures, terminal);
            }
            (Some(format), _) => format,
            (None, "md" | "markdown") => BodyFormatOption::Markdown,
            (None, "txt") => BodyFormatOption::PlainText,
            (None, _) if file == "-" => BodyFormatOption::Markdown,
            (None, _) => {
                return Err(Error::usage(format!("How is {file} written? Its name tells nothing that is known (.docx, .md or .txt)."))
                    .hint("  --format markdown")
                    .hint("  --format plain-text"));
            }
        };
        let body = files::read_text(file, terminal)?;
        let text = Self { file: file.to_owned(), headline, body, format, paragraphs: Vec::new() };
        if text.headline.is_some() || format == BodyFormatOption::PlainText {
            return Ok(text);
        }
        Ok(match take_heading(&text.body) {
            Some((heading, body)) => Self { headline: Some(heading), body, ..text },
            None => text,
        })
    }

    fn from_word(
        file: &str,
        bytes: Vec<u8>,
        headline: Option<String>,
        without_pictures: bool,
        terminal: &mut Terminal,
    ) -> Result<Self, Error> {
        let cannot = |violations| Error::refused(format!("{file} cannot be used. Nothing was sent."), violations);
        let document = docx::read(&bytes).map_err(|faults| cannot(faults.into_iter().map(|fault| violation(file, fault)).collect()))?;
        let (headline, document) = match headline {
            Some(given) => (Some(given), document),
            None => document.take_headline(),
        };
        let docx::Markdown { text, lines, tables, pictures } = document.to_markdown();
        if !pictures.is_empty() && !without_pictures {
            let violations = pictures.iter().map(|(paragraph, what)| {
                let shows = if what.is_empty() { String::new() } else { format!(" (“{what}”)") };
                Violation {
                    place: format!("{file}:paragraph {paragraph}"),
                    fault: format!("there is a picture here{shows}, which cannot be printed yet"),
                }
            });
            return Err(cannot(violations.collect()).hint("Take it out, or send the text alone: --without-pictures"));
        }
        if !pictures.is_empty() {
            terminal.say(format!("{file}: {} left out.", count(pictures.len(), "picture", "pictures")));
        }
        for paragraph in tables {
            terminal.say(format!("{file}:paragraph {paragraph}: the table is printed as a list, an entry for each row."));
        }
        Ok(Self { file: file.to_owned(), headline, body: text, format: BodyFormatOption::Markdown, paragraphs: lines })
    }

    /// Of a plain text without a headline: its first line, when an empty one is below it. No line moves.
    pub(super) fn with_first_line(mut self) -> Self {
        if self.headline.is_some() || self.format != BodyFormatOption::PlainText {
            return self;
        }
        let lines: Vec<&str> = self.body.lines().collect();
        let Some(first) = lines.iter().position(|line| !line.trim().is_empty()) else { return self };
        if lines.get(first + 1).is_some_and(|below| below.trim().is_empty()) {
            self.headline = Some(lines[first].trim().to_owned());
            self.body = without(&lines, first, 1);
        }
        self
    }

    /// A refusal in the words of the file and the command.
    pub(super) fn explain(&self, mut error: Error) -> Error {
        for Violation { place, fault } in &mut error.violations {
            let field = place.rsplit('.').next().unwrap_or(place).to_owned();
            *place = match field.as_str() {
                "body" | "body_format" => match self.paragraph_of(fault) {
                    Some((paragraph, rest)) => {
                        *fault = rest;
                        format!("{}:paragraph {paragraph}", self.file)
                    }
                    None => self.file.clone(),
                },
                "headline" => "--headline".to_owned(),
                "kind" => "--kind".to_owned(),
                "happened_on" => "--happened-on".to_owned(),
                "cycle" => "--cycle".to_owned(),
                "parent" => "--partnership".to_owned(),
                owner if owner.starts_with("joint_owners") => "--with".to_owned(),
                _ => place.clone(),
            };
        }
        error
    }

    /// Which paragraph of a Word document `line 7: …` is about.
    fn paragraph_of(&self, fault: &str) -> Option<(usize, String)> {
        let (line, rest) = fault.strip_prefix("line ")?.split_once(": ")?;
        let line: usize = line.parse().ok()?;
        Some((*self.paragraphs.get(line.checked_sub(1)?)?, rest.to_owned()))
    }
}

/// The first heading of a Markdown text, and the text with empty lines in its place.
pub(crate) fn take_heading(text: &str) -> Option<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut fence: Option<&str> = None;
    for (index, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let indented = line.len() - bare.len() > 3;
        if let Some(mark) = fence {
            if bare.trim_end().chars().all(|c| mark.starts_with(c)) && bare.starts_with(mark) {
                fence = None;
            }
            continue;
        }
        if indented || bare.is_empty() {
            continue;
        }
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark)) {
            fence = Some(mark);
            continue;
        }
        if let Some(heading) = hashed(bare) {
            return Some((heading, without(&lines, index, 1)));
        }
        // A line with a rule of `=` or `-` under it, at the head of a paragraph.
        let at_head = index == 0 || lines[index - 1].trim().is_empty();
        let ruled = lines.get(index + 1).is_some_and(|below| is_rule(below));
        if at_head && ruled && !bare.starts_with(['-', '*', '+', '>', '|']) {
            return Some((bare.trim_end().to_owned(), without(&lines, index, 2)));
        }
    }
    None
}

/// The text of `## A heading ##`.
fn hashed(line: &str) -> Option<String> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    if !(1..=6).contains(&level) || !(text.is_empty() || text.starts_with([' ', '\t'])) {
        return None;
    }
    let text = text.trim();
    let open = text.trim_end_matches('#');
    let text = if open.is_empty() || open.ends_with([' ', '\t']) { open.trim() } else { text };
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 2 && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

fn without(lines: &[&str], first: usize, number: usize) -> String {
    let gone = first..first + number;
    lines.iter().enumerate().map(|(index, line)| format!("{}\n", if gone.contains(&index) { "" } else { line })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_heading_becomes_the_headline_and_no_line_moves() {
        let (headline, body) = take_heading("# Wardens win award\n\nThe wardens …\n").unwrap();
        assert_eq!(headline, "Wardens win award");
        assert_eq!(body, "\n\nThe wardens …\n");
        let (headline, body) = take_heading("Wardens\n=======\nText\n").unwrap();
        assert_eq!((headline.as_str(), body.as_str()), ("Wardens", "\n\nText\n"));
        assert_eq!(take_heading("## With marks ##\n").unwrap().0, "With marks");
    }

    #[test]
    fn what_only_looks_like_a_heading_is_none() {
        for text in ["#hashtag\n", "```\n# comment\n```\n", "    # code\n", "plain\n", "- item\n---\n", ""] {
            assert_eq!(take_heading(text), None, "{text:?}");
        }
        assert_eq!(take_heading("```\n# no\n```\n# Yes\n").unwrap().0, "Yes");
    }
}
