//! A document as Markdown, so that it can be sent in, and which line of it came from which paragraph.

use super::{Block, Content, Document, Span};

/// A document as Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markdown {
    /// The text.
    pub text: String,
    /// Of each line of the text, the paragraph it came from.
    pub lines: Vec<usize>,
    /// Tables, which become lists: the paragraph each begins at.
    pub tables: Vec<usize>,
    /// Pictures, which are not in the text: the paragraph each is at, and what it shows.
    pub pictures: Vec<(usize, String)>,
}

impl Document {
    /// The first heading, without its markup, and the document without it.
    pub fn take_headline(mut self) -> (Option<String>, Self) {
        let first = self.blocks.iter().position(|block| matches!(block.content, Content::Heading(..)));
        let headline = first.map(|index| self.blocks.remove(index)).and_then(|block| match block.content {
            Content::Heading(_, spans) => Some(plain(&spans)),
            _ => None,
        });
        (headline, self)
    }

    /// As Markdown.
    pub fn to_markdown(&self) -> Markdown {
        let mut out = Markdown::default();
        let mut before: Option<&Content> = None;
        for Block { paragraph, content } in &self.blocks {
            // Entries of one list stand together; all else has an empty line between.
            let together = matches!((before, content), (Some(Content::Item { .. }), Content::Item { .. }));
            if before.is_some() && !together {
                out.line("", *paragraph);
            }
            match content {
                Content::Heading(level, spans) => {
                    let text = inline(spans).replace('\n', " ");
                    out.line(&format!("{} {text}", "#".repeat(usize::from((*level).clamp(1, 6)))), *paragraph);
                }
                Content::Paragraph(spans) => out.lines_of(&inline(spans), "", "", *paragraph),
                Content::Item { depth, ordered, spans } => {
                    let indent = "    ".repeat(usize::from(*depth).min(usize::from(allowed(before))));
                    let mark = if *ordered { "1.  " } else { "-   " };
                    out.lines_of(&inline(spans), &format!("{indent}{mark}"), &format!("{indent}    "), *paragraph);
                }
                Content::Table(rows) => {
                    out.tables.push(*paragraph);
                    out.table(rows, *paragraph);
                }
                Content::Picture(what) => out.pictures.push((*paragraph, what.clone())),
            }
            before = Some(content);
        }
        out
    }
}

/// How deep an entry may stand after `before`: one deeper than its neighbour, or it would become something else.
fn allowed(before: Option<&Content>) -> u8 {
    match before {
        Some(Content::Item { depth, .. }) => depth.saturating_add(1).min(5),
        _ => 0,
    }
}

impl Markdown {
    fn line(&mut self, line: &str, paragraph: usize) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
        self.lines.push(paragraph);
    }

    fn lines_of(&mut self, text: &str, first: &str, rest: &str, paragraph: usize) {
        for (index, line) in text.trim().lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
            // A break made by hand is a line of its own.
            if index > 0 {
                self.text.pop();
                self.text.push_str("\\\n");
            }
            self.line(&format!("{}{line}", if index == 0 { first } else { rest }), paragraph);
        }
    }

    /// A row as an entry: what stands at the head of a column, and what stands in the row.
    fn table(&mut self, rows: &[Vec<Vec<Span>>], paragraph: usize) {
        let flat = |cell: &Vec<Span>| inline(cell).split_whitespace().collect::<Vec<_>>().join(" ");
        let (head, body) = match rows {
            [head, body @ ..] if !body.is_empty() && head.len() > 1 => (head.iter().map(flat).collect(), body),
            rows => (Vec::new(), rows),
        };
        for row in body {
            let cells = row.iter().enumerate().map(|(index, cell)| {
                let cell = flat(cell);
                match head.get(index).filter(|head: &&String| !head.is_empty()) {
                    Some(head) => format!("{head}: {cell}"),
                    None => cell,
                }
            });
            let text = cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("; ");
            // Another mark than other lists have, or it would go on with the one before it.
            self.line(&format!("*   {text}"), paragraph);
        }
    }
}

fn plain(spans: &[Span]) -> String {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The spans of a line with their markup.
fn inline(spans: &[Span]) -> String {
    let mut out = String::new();
    for (index, span) in spans.iter().enumerate() {
        let text = span.text.as_str();
        let inner = text.trim();
        if inner.is_empty() {
            out.push_str(text);
            continue;
        }
        let (before, after) = (&text[..text.len() - text.trim_start().len()], &text[text.trim_end().len()..]);
        out.push_str(before);
        // What stands in the line so far.
        let lead = out.rsplit('\n').next().unwrap_or_default().trim();
        let mark = if safe(&out, inner, after, spans.get(index + 1)) {
            match (span.bold, span.italic) {
                (true, true) => "***",
                (true, false) => "**",
                (false, true) => "*",
                (false, false) => "",
            }
        } else {
            ""
        };
        let body = escape(inner, if mark.is_empty() { lead } else { mark });
        let body = if mark.is_empty() {
            body
        } else {
            body.lines().map(|line| format!("{mark}{}{mark}", line.trim())).collect::<Vec<_>>().join("\n")
        };
        match span.link.as_deref().filter(|link| is_address(link)) {
            Some(link) => out.push_str(&format!("[{body}](<{link}>)")),
            None => out.push_str(&body),
        }
        out.push_str(after);
    }
    out
}

/// Addresses that a paper may have.
fn is_address(link: &str) -> bool {
    let known = ["https://", "http://", "mailto:"].iter().any(|start| link.to_ascii_lowercase().starts_with(start));
    known && link.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '\\'))
}

/// Whether marks around a text are marks to every reader of Markdown, and not signs: they must touch letters from inside,
/// or stand free outside.
fn safe(before: &str, inner: &str, after: &str, next: Option<&Span>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let free = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let ahead = after.chars().next().or_else(|| next.and_then(|span| span.text.chars().next()));
    // Two marked texts side by side would run into each other.
    let alone = !after.is_empty() || next.is_none_or(|span| !span.bold && !span.italic);
    let left = free(before.chars().last()) || letter(inner.chars().next()) && !before.ends_with('*');
    let right = free(ahead) || letter(inner.chars().last());
    alone && left && right && inner.lines().all(|line| !line.trim().is_empty())
}

/// Text that is nothing but text to a reader of Markdown, behind what stands in its line already.
fn escape(text: &str, mut lead: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
            lead = "";
        }
        let at_start = lead.is_empty();
        let line = line.trim_matches(|c: char| c == '\t' || (at_start && c == ' '));
        // `12. ` and `12) ` begin a list, also where the number looks other than its point.
        let may_count = lead.bytes().all(|b| b.is_ascii_digit());
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        for (place, letter) in line.char_indices() {
            let begins = at_start && place == 0 && matches!(letter, '-' | '+' | '=' | ':');
            let counts = may_count && digits + lead.len() > 0 && place == digits && matches!(letter, '.' | ')');
            if begins || counts || matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '!' | '|' | '~') {
                out.push('\\');
            }
            // Other line ends that a file can hold are spaces to a reader.
            out.push(if letter.is_control() { ' ' } else { letter });
        }
    }
    out
}
