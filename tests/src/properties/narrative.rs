//! Markdown and plain text that partnerships send in.

use csp_domain::{
    document::{Block, Inline, plain},
    narrative::Narrative,
    text::lines,
};

use super::words;

/// A text is refused with reasons, or becomes a bounded tree of nothing but text, which reads the same
/// once it was written back.
pub(super) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for parsed in [Narrative::from_markdown(&text), Narrative::from_plain_text(&text)] {
        match parsed {
            Ok(narrative) => taken(&narrative),
            Err(faults) => assert!((1..=50).contains(&faults.len()), "{} faults", faults.len()),
        }
    }
}

fn taken(narrative: &Narrative) {
    assert!(!narrative.blocks().is_empty());
    check_blocks(narrative.blocks(), 0);
    let stored = serde_json::to_vec(narrative).expect("a tree of texts can be written");
    let opened: Narrative = serde_json::from_slice(&stored).expect("what was stored opens again");
    assert_eq!(&opened, narrative);

    let written = narrative.to_markdown();
    // What must be escaped takes more room.
    if written.len() > Narrative::MAX_BYTES {
        return;
    }
    let again = Narrative::from_markdown(&written).unwrap_or_else(|faults| panic!("{written:?} is refused: {faults:?}"));
    assert_eq!(said(again.blocks()), said(narrative.blocks()), "{written:?}");
}

fn check_blocks(blocks: &[Block], depth: usize) {
    assert!(depth <= Narrative::MAX_DEPTH, "nested {depth} deep");
    for block in blocks {
        match block {
            Block::Paragraph { text } | Block::Subheading { text } => check_inlines(text, 0),
            Block::List { entries, .. } => entries.iter().for_each(|entry| check_blocks(entry, depth + 1)),
            Block::Quote { blocks } => check_blocks(blocks, depth + 1),
            Block::Callout { .. } | Block::Table(_) | Block::Chart(_) => panic!("nobody can write this: {block:?}"),
        }
    }
}

fn check_inlines(inlines: &[Inline], depth: usize) {
    assert!(depth <= Narrative::MAX_DEPTH, "nested {depth} deep");
    for inline in inlines {
        match inline {
            Inline::Text { text } => assert!(lines(text, Narrative::MAX_BYTES).is_ok(), "{text:?}"),
            Inline::Strong { content } | Inline::Emphasis { content } => check_inlines(content, depth + 1),
            Inline::Link { target, content } => {
                assert!(["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)), "{target:?}");
                assert!(lines(target, 2_000).is_ok() && !target.contains(|c: char| c.is_whitespace() || "\"<>".contains(c)), "{target:?}");
                check_inlines(content, depth + 1);
            }
            Inline::Break => {}
        }
    }
}

/// Everything that is said, and where its links lead.
fn said(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Paragraph { text } | Block::Subheading { text } => {
                out.push_str(&words(&plain(text)));
                links(text, &mut out);
            }
            Block::List { entries, .. } => entries.iter().for_each(|entry| {
                out.push_str(&said(entry));
                out.push('\n');
            }),
            Block::Quote { blocks } | Block::Callout { blocks } => out.push_str(&said(blocks)),
            Block::Table(_) | Block::Chart(_) => {}
        }
        out.push('\n');
    }
    words(&out)
}

fn links(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Link { target, content } => {
                out.push_str(&format!(" ({target})"));
                links(content, out);
            }
            Inline::Strong { content } | Inline::Emphasis { content } => links(content, out),
            Inline::Text { .. } | Inline::Break => {}
        }
    }
}
