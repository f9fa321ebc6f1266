//! A paper whose every text is hostile.

use csp_domain::{
    characters::has_right_to_left,
    document::{Block, Cell, Column, HeaderField, Inline, Item, PublicDocument, Row, Section, Table, TableNote},
};

use super::{html::Page, words};

/// The page has the shape it would have with harmless words, and both renditions say all of the text.
pub(super) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let texts: Vec<&str> = text.split('\u{1}').collect();
    let harmless: Vec<String> = texts.iter().map(|text| tamed(text)).collect();
    let harmless: Vec<&str> = harmless.iter().map(String::as_str).collect();
    let document = saying(&texts);
    let page = Page::read(&csp_render::html_mail(&document));
    assert_eq!(page.foreign(), Vec::<String>::new());
    let tame = Page::read(&csp_render::html_mail(&saying(&harmless)));
    assert_eq!(page.shape(), tame.shape(), "the words alter the page");
    let plain = csp_render::text(&document);
    let (seen, read) = (words(&page.text), words(&plain));
    for text in &texts {
        // Control characters never get so far, and browsers drop some of them.
        if !text.contains(char::is_control) {
            assert!(seen.contains(&words(text)), "{text:?} is not in the page");
            for word in text.split_whitespace() {
                assert!(read.contains(word), "{word:?} is not in the text");
            }
        }
    }
    let opened = PublicDocument::from_bytes(&document.to_bytes()).expect("a paper opens again");
    assert_eq!(opened, document);
}

/// As many characters, spaces where spaces are, in the same direction, and all of them harmless.
fn tamed(text: &str) -> String {
    let tame = |c: char| match c {
        c if c.is_whitespace() => c,
        c if has_right_to_left(c.encode_utf8(&mut [0; 4])) => 'א',
        _ => 'x',
    };
    text.chars().map(tame).collect()
}

/// A paper that says each of `texts`, in turn, wherever it can say anything.
fn saying(texts: &[&str]) -> PublicDocument {
    let mut turn = texts.iter().cycle();
    let mut next = || turn.next().map_or_else(String::new, |text| (*text).to_owned());
    let mut blocks = || {
        vec![
            Block::paragraph(next()),
            Block::Subheading { text: vec![Inline::Strong { content: vec![Inline::text(next())] }] },
            Block::List {
                ordered: true,
                entries: vec![vec![Block::paragraph(next())], vec![Block::Quote { blocks: vec![Block::paragraph(next())] }]],
            },
            Block::Callout { blocks: vec![Block::paragraph(next())] },
            Block::Paragraph {
                text: vec![
                    Inline::text(next()),
                    Inline::Link {
                        target: "https://example.org/a?b=\"c\"&d".to_owned(),
                        content: vec![Inline::Emphasis { content: vec![Inline::text(next())] }],
                    },
                ],
            },
            Block::Table(Table {
                caption: next(),
                columns: vec![Column { heading: next(), numeric: false }, Column { heading: next(), numeric: true }],
                rows: vec![Row { total: false, cells: vec![Cell::of(next()), Cell::absent(next()).noted(1)] }],
                notes: vec![TableNote { mark: 1, text: next() }],
            }),
        ]
    };
    let (first, second, summary) = (blocks(), blocks(), blocks());
    let item = |number: &str, heading, blocks| Item { number: number.to_owned(), heading, origins: Vec::new(), blocks, items: Vec::new() };
    let items = vec![item("1.1", Some(next()), first), item("1.2", None, second)];
    PublicDocument {
        format: PublicDocument::FORMAT,
        title: next(),
        subtitle: next(),
        notice: Some(next()),
        header: vec![HeaderField { label: next(), value: next() }],
        summary,
        sections: vec![Section { number: "1".to_owned(), heading: next(), items }],
    }
}
