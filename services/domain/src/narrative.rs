//! Narrative: text that a partnership wrote, as a tree.
//!
//! Markdown and plain text are parsed when they are submitted, so that everything wrong with them is
//! said to the person who can mend it, months before anything is printed. What is not text (raw HTML,
//! pictures from elsewhere) is refused by line. Size and nesting are bounded before a renderer ever
//! sees the tree.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::{
    document::{Block, Inline},
    text::{Refused, lines},
};

/// A parsed text: at least one block; paragraphs, subheadings, lists and quotes only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Narrative(Vec<Block>);

impl Narrative {
    /// The most bytes a text may have.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// The deepest that lists and quotes may be nested.
    pub const MAX_DEPTH: usize = 6;

    /// Reads Markdown (CommonMark). Everything wrong is told at once, each with its line.
    pub fn from_markdown(text: &str) -> Result<Self, Vec<Refused>> {
        let text = lines(text, Self::MAX_BYTES).map_err(|refused| vec![refused])?;
        check_depth(&text).map_err(|refused| vec![refused])?;
        let mut reader = Reader { text: &text, faults: Vec::new(), too_deep: false, stack: vec![Frame::Blocks(Vec::new())] };
        for (event, range) in Parser::new_ext(&text, Options::empty()).into_offset_iter() {
            reader.take(event, range.start);
            // A tree as deep as an adversary likes would be walked, and dropped, by recursion.
            if reader.too_deep || reader.faults.len() >= MAX_FAULTS {
                break;
            }
        }
        let (blocks, mut faults) = reader.finish();
        if faults.is_empty() && blocks.is_empty() {
            faults.push(Refused::new("must not be empty"));
        }
        if faults.is_empty() { Ok(Self(blocks)) } else { Err(faults) }
    }

    /// Reads plain text: paragraphs are divided by empty lines, and lines that begin with a bullet
    /// make a list. Nothing in it is markup.
    pub fn from_plain_text(text: &str) -> Result<Self, Vec<Refused>> {
        let text = lines(text, Self::MAX_BYTES).map_err(|refused| vec![refused])?;
        let mut blocks = Vec::new();
        for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
            let mut running: Vec<&str> = Vec::new();
            let mut entries: Vec<Vec<Block>> = Vec::new();
            for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let bullet = ["• ", "· ", "- ", "* ", "– "].iter().find_map(|mark| line.strip_prefix(mark));
                match bullet {
                    Some(entry) => {
                        if !running.is_empty() {
                            blocks.push(Block::paragraph(std::mem::take(&mut running).join(" ")));
                        }
                        entries.push(vec![Block::paragraph(entry.trim())]);
                    }
                    None => {
                        if !entries.is_empty() {
                            blocks.push(Block::List { ordered: false, entries: std::mem::take(&mut entries) });
                        }
                        running.push(line);
                    }
                }
            }
            if !running.is_empty() {
                blocks.push(Block::paragraph(running.join(" ")));
            }
            if !entries.is_empty() {
                blocks.push(Block::List { ordered: false, entries });
            }
        }
        if blocks.is_empty() { Err(vec![Refused::new("must not be empty")]) } else { Ok(Self(blocks)) }
    }

    /// The blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// Back to Markdown, for whoever wants to correct it.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        write_blocks(&self.0, "", &mut out);
        out.trim_end().to_owned()
    }
}

/// Refuses lines that open more quotes or lists than a person would, before the parser meets them.
fn check_depth(text: &str) -> Result<(), Refused> {
    for (i, line) in text.lines().enumerate() {
        let quotes = line.bytes().take_while(|b| *b == b'>' || *b == b' ').filter(|b| *b == b'>').count();
        let lists = line.split_ascii_whitespace().take_while(|word| matches!(*word, "-" | "*" | "+" | ">")).count();
        if quotes.max(lists) > Narrative::MAX_DEPTH {
            return Err(Refused::new(format!("line {}: is nested more than {} deep", i + 1, Narrative::MAX_DEPTH)));
        }
    }
    Ok(())
}

/// Enough to be told at once.
const MAX_FAULTS: usize = 50;

/// What is being built while the parser walks the text.
enum Frame {
    Blocks(Vec<Block>),
    List { ordered: bool, entries: Vec<Vec<Block>> },
    Entry(Vec<Block>),
    Quote(Vec<Block>),
    Paragraph(Vec<Inline>),
    Subheading(Vec<Inline>),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Link { target: String, content: Vec<Inline> },
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<Refused>,
    /// Nested deeper than a person would: reading stops there.
    too_deep: bool,
    stack: Vec<Frame>,
}

impl Reader<'_> {
    fn refuse(&mut self, at: usize, what: &str) {
        let line = self.text[..at].bytes().filter(|&b| b == b'\n').count() + 1;
        let fault = Refused::new(format!("line {line}: {what}"));
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn take(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Start(tag) => self.open(&tag, at),
            Event::End(tag) => self.close(tag),
            Event::Text(text) | Event::Code(text) => {
                // What was refused in the source may come back as a character reference.
                if let Err(refused) = lines(&text, Narrative::MAX_BYTES) {
                    self.refuse(at, &refused.to_string());
                }
                // Code has lines, which running text has not: what begins one of them would read as markup once written.
                self.inline(Inline::text(text.replace('\n', " ")));
            }
            Event::SoftBreak => self.inline(Inline::text(" ")),
            Event::HardBreak => self.inline(Inline::Break),
            Event::Html(_) | Event::InlineHtml(_) => {
                self.refuse(at, "contains HTML, which is not accepted; write < as \\< if you mean the sign");
            }
            // A rule divides what headings divide better; task lists are not switched on.
            Event::Rule | Event::TaskListMarker(_) => {}
            // Extensions that are not switched on.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.inline(Inline::text(text.into_string()));
            }
        }
    }

    fn open(&mut self, tag: &Tag<'_>, at: usize) {
        let blocks = self.stack.iter().filter(|f| matches!(f, Frame::List { .. } | Frame::Quote(_))).count();
        let inlines = self.stack.iter().filter(|f| matches!(f, Frame::Strong(_) | Frame::Emphasis(_) | Frame::Link { .. })).count();
        let depth = match tag {
            Tag::List(_) | Tag::BlockQuote(_) => blocks,
            Tag::Strong | Tag::Emphasis | Tag::Link { .. } | Tag::Image { .. } => inlines,
            _ => 0,
        };
        if depth >= Narrative::MAX_DEPTH {
            self.refuse(at, &format!("is nested more than {} deep", Narrative::MAX_DEPTH));
            self.too_deep = true;
            return;
        }
        let frame = match tag {
            Tag::Heading { .. } => Frame::Subheading(Vec::new()),
            Tag::BlockQuote(_) => Frame::Quote(Vec::new()),
            Tag::List(first) => Frame::List { ordered: first.is_some(), entries: Vec::new() },
            Tag::Item => Frame::Entry(Vec::new()),
            Tag::Strong => Frame::Strong(Vec::new()),
            Tag::Emphasis => Frame::Emphasis(Vec::new()),
            Tag::Link { dest_url, .. } => {
                let target = dest_url.to_string();
                let safe = ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
                    && lines(&target, 2_000).is_ok()
                    && !target.chars().any(|c| c.is_control() || c.is_whitespace() || c == '"' || c == '<' || c == '>')
                    && target.len() <= 2_000;
                if !safe {
                    self.refuse(at, "has a link that does not begin with https://, http:// or mailto:");
                }
                Frame::Link { target, content: Vec::new() }
            }
            Tag::Image { .. } => {
                self.refuse(at, "has a picture, which cannot be taken from elsewhere; describe it in words");
                Frame::Emphasis(Vec::new())
            }
            // Code blocks are kept as text: nobody writes code in a committee paper on purpose, but a
            // line indented by four spaces is code to Markdown.
            _ => Frame::Paragraph(Vec::new()),
        };
        self.stack.push(frame);
    }

    fn close(&mut self, tag: TagEnd) {
        if self.stack.len() < 2 {
            return;
        }
        // The text of a tight list entry comes without a paragraph around it.
        if matches!(tag, TagEnd::Item)
            && let Some(Frame::Paragraph(_)) = self.stack.last()
        {
            self.close_top();
        }
        if matches!(tag, TagEnd::Item | TagEnd::List(_) | TagEnd::BlockQuote(_))
            && let Some(Frame::Paragraph(_)) = self.stack.last()
        {
            self.close_top();
        }
        self.close_top();
    }

    fn close_top(&mut self) {
        match self.stack.pop() {
            Some(Frame::Paragraph(text)) if !crate::document::plain(&text).trim().is_empty() => self.block(Block::Paragraph { text }),
            Some(Frame::Subheading(text)) if !crate::document::plain(&text).trim().is_empty() => self.block(Block::Subheading { text }),
            Some(Frame::Quote(blocks)) if !blocks.is_empty() => self.block(Block::Quote { blocks }),
            Some(Frame::List { ordered, entries }) if !entries.is_empty() => self.block(Block::List { ordered, entries }),
            Some(Frame::Entry(blocks)) => {
                if let Some(Frame::List { entries, .. }) = self.stack.last_mut()
                    && !blocks.is_empty()
                {
                    entries.push(blocks);
                }
            }
            Some(Frame::Strong(content)) => self.inline(Inline::Strong { content }),
            Some(Frame::Emphasis(content)) => self.inline(Inline::Emphasis { content }),
            Some(Frame::Link { target, content }) => self.inline(Inline::Link { target, content }),
            Some(root @ Frame::Blocks(_)) => self.stack.push(root),
            // Nothing was written between the marks.
            Some(Frame::Paragraph(_) | Frame::Subheading(_) | Frame::Quote(_) | Frame::List { .. }) | None => {}
        }
    }

    fn block(&mut self, block: Block) {
        // A block inside running text cannot be; a list's entries are its own.
        if let Some(Frame::Blocks(blocks) | Frame::Entry(blocks) | Frame::Quote(blocks)) = self.stack.last_mut() {
            blocks.push(block);
        }
    }

    fn inline(&mut self, inline: Inline) {
        if let Some(Frame::Blocks(_) | Frame::Entry(_) | Frame::Quote(_)) = self.stack.last() {
            self.stack.push(Frame::Paragraph(Vec::new()));
        }
        if let Some(
            Frame::Paragraph(content)
            | Frame::Subheading(content)
            | Frame::Strong(content)
            | Frame::Emphasis(content)
            | Frame::Link { content, .. },
        ) = self.stack.last_mut()
        {
            match (content.last_mut(), inline) {
                (Some(Inline::Text { text: before }), Inline::Text { text }) => before.push_str(&text),
                (_, inline) => content.push(inline),
            }
        }
    }

    fn finish(mut self) -> (Vec<Block>, Vec<Refused>) {
        while self.stack.len() > 1 {
            self.close_top();
        }
        match self.stack.pop() {
            Some(Frame::Blocks(blocks)) => (blocks, self.faults),
            _ => (Vec::new(), self.faults),
        }
    }
}

fn write_blocks(blocks: &[Block], indent: &str, out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph { text } => {
                write_line(&running_markdown(text), indent, out);
            }
            Block::Subheading { text } => {
                let heading = if reads_back(text) { inline_markdown(text, false) } else { inline_markdown(&unstressed(text), false) };
                write_line(&format!("### {}", one_heading(&heading)), indent, out);
            }
            Block::List { ordered, entries } => {
                for (i, entry) in entries.iter().enumerate() {
                    let mark = if *ordered { format!("{}. ", i + 1) } else { "- ".to_owned() };
                    let mut inner = String::new();
                    write_blocks(entry, "", &mut inner);
                    let pad = " ".repeat(mark.len());
                    for (n, line) in inner.trim_end().lines().enumerate() {
                        let lead = if n == 0 { &mark } else { &pad };
                        out.push_str(format!("{indent}{lead}{line}").trim_end());
                        out.push('\n');
                    }
                }
                out.push('\n');
            }
            Block::Quote { blocks } | Block::Callout { blocks } => {
                let mut inner = String::new();
                write_blocks(blocks, "", &mut inner);
                for line in inner.trim_end().lines() {
                    out.push_str(format!("{indent}> {line}").trim_end());
                    out.push('\n');
                }
                out.push('\n');
            }
            // No narrative holds a table or a chart.
            Block::Table(_) | Block::Chart(_) => {}
        }
    }
}

fn write_line(text: &str, indent: &str, out: &mut String) {
    for line in text.lines() {
        out.push_str(indent);
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
}

/// Running text, with its emphasis wherever Markdown can say it. Marks that stand against letters or other
/// marks may be read otherwise than they were meant; there the words matter more than their weight.
fn running_markdown(text: &[Inline]) -> String {
    if reads_back(text) { inline_markdown(text, true) } else { inline_markdown(&unstressed(text), true) }
}

/// Whether text says the same once it was written and read.
fn reads_back(text: &[Inline]) -> bool {
    let written = inline_markdown(text, true);
    let plain = crate::document::plain;
    match Narrative::from_markdown(&written).as_ref().map(Narrative::blocks) {
        Ok([Block::Paragraph { text: read }]) => plain(read).trim() == plain(text).trim(),
        _ => false,
    }
}

/// The same words and links without emphasis.
fn unstressed(text: &[Inline]) -> Vec<Inline> {
    let mut out = Vec::new();
    for inline in text {
        match inline {
            Inline::Strong { content } | Inline::Emphasis { content } => out.extend(unstressed(content)),
            Inline::Link { target, content } => out.push(Inline::Link { target: target.clone(), content: unstressed(content) }),
            Inline::Text { .. } | Inline::Break => out.push(inline.clone()),
        }
    }
    out
}

fn inline_markdown(inlines: &[Inline], at_line_start: bool) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text { text } => {
                for c in text.chars() {
                    if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '!') {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
            Inline::Strong { content } => out.push_str(&format!("**{}**", inline_markdown(content, false))),
            Inline::Emphasis { content } => out.push_str(&format!("*{}*", inline_markdown(content, false))),
            Inline::Link { target, content } => {
                let target = target.replace('\\', "\\\\").replace('&', "\\&");
                out.push_str(&format!("[{}](<{target}>)", inline_markdown(content, false)));
            }
            Inline::Break => out.push_str("\\\n"),
        }
    }
    // A line after a break begins like any other.
    if at_line_start { out.split("\\\n").map(escape_line_start).collect::<Vec<_>>().join("\\\n") } else { out }
}

/// A paragraph that begins like a heading or a list must not become one. Blanks in front say nothing and would hide what
/// must be escaped.
fn escape_line_start(text: &str) -> String {
    let text = text.trim_ascii_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(text.as_bytes().get(digits), Some(b'.' | b')')) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(['#', '-', '+', '=', '~']) { format!("\\{text}") } else { text.to_owned() }
}

/// A heading is one line, and number signs at its end are read as its other fence; meant as text, they must be escaped.
fn one_heading(text: &str) -> String {
    let text = text.replace("\\\n", " ");
    match text.trim_ascii_end().strip_suffix('#') {
        Some(before) => format!("{before}\\#"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_keeps_its_last_word_whatever_it_is() {
        for text in ["### Grade \\#", "### Grade ##\\#", "Over two\\\nlines\n===", "### #1 for *safety \\#*"] {
            let narrative = Narrative::from_markdown(text).unwrap();
            let written = narrative.to_markdown();
            let again = Narrative::from_markdown(&written).unwrap();
            let said = |n: &Narrative| match n.blocks() {
                [Block::Subheading { text }] => crate::document::plain(text).split_whitespace().collect::<Vec<_>>().join(" "),
                blocks => panic!("{written:?}: {blocks:?}"),
            };
            assert_eq!(said(&again), said(&narrative), "{written:?}");
        }
    }

    fn markdown(text: &str) -> Vec<Block> {
        Narrative::from_markdown(text).unwrap().0
    }

    fn refused(text: &str) -> Vec<String> {
        Narrative::from_markdown(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_looks_like_a_heading_inside_code_or_after_a_break_is_still_text_once_it_was_written() {
        for text in ["~~~\none\n\n### two\n\n- three\n~~~", "one\\\n\\# two\\\n\\- three", "&#32;# two", "one\\\n&#32;\\# two", "`  # two`"]
        {
            let narrative = Narrative::from_markdown(text).unwrap();
            let again = Narrative::from_markdown(&narrative.to_markdown()).unwrap();
            assert_eq!(again.blocks().len(), 1, "{:?}", narrative.to_markdown());
            let (Block::Paragraph { text: read }, Block::Paragraph { text: meant }) = (&again.blocks()[0], &narrative.blocks()[0]) else {
                panic!("{again:?}");
            };
            let said = |text: &[Inline]| crate::document::plain(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(said(read), said(meant));
            assert!(said(meant).join(" ").contains("# two"));
        }
    }

    #[test]
    fn an_officers_markdown_becomes_a_tree() {
        let blocks = markdown(
            "An award for **Birtley**.\n\n- sport\n- arts, see [the site](https://example.org/a)\n\n1. one\n2. two\n\n> Well done.",
        );
        assert_eq!(blocks.len(), 4);
        assert!(matches!(&blocks[1], Block::List { ordered: false, entries } if entries.len() == 2));
        assert!(matches!(&blocks[2], Block::List { ordered: true, entries } if entries.len() == 2));
        assert!(matches!(&blocks[3], Block::Quote { .. }));
    }

    #[test]
    fn html_pictures_and_odd_links_are_refused_by_line_all_at_once() {
        let faults = refused(
            "Fine.\n\n<script>alert(1)</script>\n\nSee ![x](https://evil.example/p.png)\n\nand [here](javascript:alert) or a <b>bold</b> word",
        );
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults[0].starts_with("line 3: contains HTML"), "{faults:?}");
        assert!(faults[1].starts_with("line 5: has a picture"));
        assert!(faults[2].starts_with("line 7: has a link"));
    }

    #[test]
    fn a_tower_of_quotes_is_refused_at_once() {
        assert!(refused(&"> ".repeat(20_000))[0].contains("nested"));
        assert!(refused(&"- ".repeat(5_000))[0].contains("nested"));
        assert!(refused(&"x".repeat(Narrative::MAX_BYTES + 1))[0].contains("at most"));
        assert_eq!(refused("  \n \n"), ["must not be empty"]);
        let deep: String = (0..12).map(|i| format!("{}- x\n", "  ".repeat(i))).collect();
        assert!(refused(&deep)[0].contains("nested"), "indented lists count as nesting too");
        let marks = ["*", "_"].repeat(10);
        let opened: String = marks.iter().map(|mark| format!("{mark}a ")).collect();
        let closed: String = marks.iter().rev().map(|mark| format!(" a{mark}")).collect();
        let emphasis = format!("{opened}x{closed}");
        assert!(refused(&emphasis)[0].contains("nested"), "a stored tree must open again, however it was nested");
        let tower = format!("{}x{}", "*a ".repeat(16_200), "*".repeat(16_200));
        assert!(refused(&tower)[0].contains("nested"), "a tower of marks is not climbed");
    }

    #[test]
    fn a_character_reference_brings_in_nothing_that_was_refused() {
        for bad in ["&#x202e;x", "a&#1;b", "&#8232;x", "`x`&#27;[31m", "[x](https://example.org/&#x202e;a)"] {
            assert!(Narrative::from_markdown(bad).is_err(), "{bad:?} should be refused");
        }
        assert!(Narrative::from_markdown("Fish &amp; chips &pound;5").is_ok());
    }

    #[test]
    fn plain_text_is_only_text() {
        let blocks = Narrative::from_plain_text("The aims are:\n• to <listen>\n• to *act*\n\nThank you").unwrap().0;
        assert_eq!(blocks.len(), 3);
        assert!(matches!(&blocks[1], Block::List { entries, .. } if entries[0] == vec![Block::paragraph("to <listen>")]));
    }

    #[test]
    fn words_survive_where_markdown_cannot_say_their_weight() {
        for text in
            ["*a **b *c [d](mailto:e@example.org)**U**", "***[d](mailto:e@example.org)**U* x", "[a](https://example.org/?b=1&amp;copy;)"]
        {
            let first = Narrative::from_markdown(text).unwrap();
            let again = Narrative::from_markdown(&first.to_markdown()).unwrap();
            let said = |n: &Narrative| match &n.0[0] {
                Block::Paragraph { text } => (crate::document::plain(text), format!("{text:?}").matches("target: \"").count()),
                other => panic!("{other:?}"),
            };
            assert_eq!(said(&first), said(&again), "{text:?} -> {:?}", first.to_markdown());
            assert_eq!(said(&again).1, 1, "and its link");
        }
    }

    #[test]
    fn a_narrative_written_back_as_markdown_reads_the_same() {
        for text in [
            "Plain.",
            "Two **strong** and *stressed* words.\n\nNext\\\nline.",
            "- a\n- b\n  - c\n  - d\n\n1. x\n2. y",
            "> quoted\n>\n> twice\n\n### Head\n\n[link](https://example.org/a_b?c=d&e) \\<not html\\>",
            "1\\. not a list\n\n\\# not a heading\n\n\\- nor this",
            "a\\_b\\_c and 5 \\* 3 & 4",
        ] {
            let first = Narrative::from_markdown(text).unwrap();
            let again =
                Narrative::from_markdown(&first.to_markdown()).unwrap_or_else(|e| panic!("{text:?} -> {:?}: {e:?}", first.to_markdown()));
            assert_eq!(first, again, "{text:?} -> {:?}", first.to_markdown());
        }
    }
}
