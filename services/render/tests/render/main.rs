//! Every rendition says everything the document says, and nothing gets out of hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its story should stop")]

use csp_domain::{
    digest::RenditionKind,
    document::{Block, Cell, Column, HeaderField, Inline, Item, PublicDocument, Row, Section, Table, TableNote, plain},
};
use csp_render::{html_mail, renditions, text};

mod charts;

/// The paper that `csp-digest` assembles in its own tests.
fn northumbria() -> PublicDocument {
    PublicDocument::from_bytes(include_bytes!("../../../digest/tests/expected/northumbria.json")).unwrap()
}

fn empty() -> PublicDocument {
    PublicDocument {
        format: PublicDocument::FORMAT,
        title: "Update".to_owned(),
        subtitle: "Committee, 26 January 2022".to_owned(),
        notice: None,
        header: Vec::new(),
        summary: Vec::new(),
        sections: Vec::new(),
    }
}

/// A document whose every text is `text`.
fn saying(text: &str) -> PublicDocument {
    let text = || text.to_owned();
    let blocks = || {
        vec![
            Block::paragraph(text()),
            Block::Subheading { text: vec![Inline::Strong { content: vec![Inline::text(text())] }] },
            Block::List { ordered: true, entries: vec![vec![Block::paragraph(text())]] },
            Block::Quote { blocks: vec![Block::paragraph(text())] },
            Block::Callout { blocks: vec![Block::paragraph(text())] },
            Block::Paragraph { text: vec![Inline::Link { target: text(), content: vec![Inline::text(text())] }] },
            Block::Table(Table {
                caption: text(),
                columns: vec![Column { heading: text(), numeric: false }, Column { heading: text(), numeric: true }],
                rows: vec![Row { total: false, cells: vec![Cell::of(text()), Cell::absent(text()).noted(1)] }],
                notes: vec![TableNote { mark: 1, text: text() }],
            }),
        ]
    };
    let item =
        |number: &str, heading| Item { number: number.to_owned(), heading, origins: Vec::new(), blocks: blocks(), items: Vec::new() };
    PublicDocument {
        title: text(),
        subtitle: text(),
        notice: Some(text()),
        header: vec![HeaderField { label: text(), value: text() }],
        summary: blocks(),
        sections: vec![Section { number: "1".to_owned(), heading: text(), items: vec![item("1.1", Some(text())), item("1.2", None)] }],
        ..empty()
    }
}

/// What a reader of the page sees, tags gone and entities read, white space made single.
fn seen(html: &str) -> String {
    let body = html.split_once("<body").unwrap().1;
    let mut out = String::new();
    let mut in_tag = true;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            c if !in_tag => out.push(c),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&#39;", "'"), ("&amp;", "&")];
    spaced(&entities.iter().fold(out, |text, (entity, sign)| text.replace(entity, sign)))
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every text of the tree, in reading order, however deep it lies.
fn texts(document: &PublicDocument) -> Vec<String> {
    fn of_blocks(blocks: &[Block], out: &mut Vec<String>) {
        for block in blocks {
            match block {
                Block::Paragraph { text } | Block::Subheading { text } => {
                    for inline in text {
                        out.push(spaced(&plain(std::slice::from_ref(inline))));
                    }
                }
                Block::List { entries, .. } => entries.iter().for_each(|entry| of_blocks(entry, out)),
                Block::Quote { blocks } | Block::Callout { blocks } => of_blocks(blocks, out),
                Block::Table(table) => {
                    out.push(table.caption.clone());
                    out.extend(table.columns.iter().map(|column| column.heading.clone()));
                    out.extend(table.rows.iter().flat_map(|row| &row.cells).map(|cell| spaced(&cell.text)));
                    out.extend(table.notes.iter().map(|note| format!("[{}] {}", note.mark, note.text)));
                }
                // What a picture says to whoever does not see it is told in `charts`.
                Block::Chart(_) => {}
            }
        }
    }
    let mut out = vec![document.title.clone(), document.subtitle.clone()];
    out.extend(document.notice.clone());
    out.extend(document.header.iter().flat_map(|field| [field.label.clone(), field.value.clone()]));
    of_blocks(&document.summary, &mut out);
    out.extend(document.sections.iter().map(|section| format!("{} {}", section.number, section.heading)));
    for item in document.items() {
        out.push(item.heading.as_ref().map_or_else(|| item.number.clone(), |heading| format!("{} {heading}", item.number)));
        of_blocks(&item.blocks, &mut out);
    }
    out
}

#[test]
fn every_rendition_holds_every_number_heading_and_text_of_the_tree() {
    let document = northumbria();
    assert!(document.items().len() > 20);
    let page = seen(&html_mail(&document));
    // In a table of plain text a cell may be broken over lines with its neighbours between, so there it
    // is enough that every word is somewhere.
    let plain_text = text(&document);
    let (lines, words) = (spaced(&plain_text), plain_text.split_whitespace().collect::<std::collections::HashSet<_>>());
    let quoted = spaced(&plain_text.replace("\n       > ", " "));
    for wanted in texts(&document) {
        assert!(page.contains(&wanted), "the page lacks {wanted:?}");
        let there = lines.contains(&wanted) || quoted.contains(&wanted) || wanted.split(' ').all(|word| words.contains(word));
        assert!(there, "the text lacks {wanted:?}");
    }
}

#[test]
fn every_number_stands_before_its_heading_in_the_text() {
    let document = northumbria();
    let printed = text(&document);
    for item in document.items() {
        let line =
            printed.lines().find(|line| line.split_whitespace().next() == Some(&item.number)).unwrap_or_else(|| panic!("{}", item.number));
        if let Some(heading) = &item.heading {
            assert!(line.contains(heading.split(' ').next().unwrap()), "{line}");
        }
    }
}

#[test]
fn hostile_text_comes_out_as_text() {
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img onerror=alert(1)>",
        "Tom & Jerry's \"show\"",
        "{{ 7*7 }}",
        "{% raw %}",
        "{% include 'digest.html' %}",
        "{# gone #}",
        "<mj-raw>",
        "<!--[if mso]>",
        "&lt;b&gt;",
    ] {
        let document = saying(hostile);
        let html = html_mail(&document);
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<mj-"), "{hostile}");
        assert_eq!(html.matches("<!--").count(), html_mail(&saying("plain")).matches("<!--").count(), "{hostile}");
        assert!(!html.contains("href="), "a target that is no address leads nowhere: {hostile}");
        let escaped = hostile.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let escaped = escaped.replace('"', "&quot;").replace('\'', "&#x27;").replace('/', "&#x2f;");
        assert!(html.matches(&escaped).count() >= 20, "{hostile} is not printed as it was written");
        assert!(text(&document).matches(hostile).count() >= 20, "{hostile}");
    }
}

#[test]
fn nobody_can_write_a_heading_of_the_paper() {
    let forged = "9  Recommendations\n------------------\n\n9.1  Members are asked to resign.";
    let mut document = northumbria();
    let broken: Vec<Inline> = forged.lines().flat_map(|line| [Inline::text(line), Inline::Break]).collect();
    let blocks = vec![
        Block::paragraph(forged),
        Block::Paragraph { text: broken.clone() },
        Block::Subheading { text: broken.clone() },
        Block::List { ordered: false, entries: vec![vec![Block::Paragraph { text: broken.clone() }]] },
        Block::Quote { blocks: vec![Block::Paragraph { text: broken }] },
    ];
    document.sections[3].items[0].blocks.clone_from(&blocks);
    document.sections[3].items[0].items[0].blocks = blocks;
    let printed = text(&document);
    let own: Vec<String> = document
        .sections
        .iter()
        .map(|section| section.number.clone())
        .chain(document.items().iter().map(|item| item.number.clone()))
        .collect();
    let at_margin: Vec<&str> =
        printed.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).filter_map(|line| line.split(' ').next()).collect();
    let mut expected: Vec<&str> = Vec::new();
    for section in &document.sections {
        expected.extend(own.iter().map(String::as_str).filter(|number| **number == section.number));
        expected.extend(own.iter().map(String::as_str).filter(|number| number.starts_with(&format!("{}.", section.number))));
    }
    assert_eq!(at_margin, expected, "a number stands at the margin that is not the paper's");
    let rules = printed.lines().filter(|line| !line.is_empty() && line.chars().all(|c| c == '-')).count();
    assert_eq!(rules, document.sections.len() + 1, "only sections and the summary are underlined at the margin");
}

#[test]
fn a_page_asks_for_nothing_from_elsewhere() {
    let html = html_mail(&northumbria());
    for call in ["<mj-", "src=", "url(", "@import", "<link", "<script", "<img", "<iframe", "{{", "{%"] {
        assert!(!html.contains(call), "{call} is in the page");
    }
    let addresses: Vec<&str> = html
        .match_indices("http")
        .filter(|(at, _)| html[*at..].starts_with("http:") || html[*at..].starts_with("https:"))
        .map(|(at, _)| &html[at.saturating_sub(7)..at])
        .collect();
    assert!(addresses.iter().all(|before| before.ends_with("href=\"") || before.ends_with("xmlns=\"")), "{addresses:?}");
}

#[test]
fn a_page_is_made_to_be_heard_as_well_as_seen() {
    let html = html_mail(&northumbria());
    assert!(html.contains("<html lang=\"en-GB\""));
    assert_eq!(html.matches("<h1>").count(), 1);
    let levels: Vec<u32> = html.match_indices("<h").filter_map(|(at, _)| html[at + 2..=at + 2].parse().ok()).collect();
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "a heading level is skipped: {levels:?}");
    // Every table is either laid out only, or has a name and named rows and columns.
    for table in html.split("<table").skip(1) {
        let (tag, rest) = table.split_once('>').unwrap();
        let body = rest.split("</table>").next().unwrap();
        if tag.contains("role=\"presentation\"") {
            assert!(!body.split("<table").next().unwrap().contains("<th"), "a layout table has headings");
        } else {
            assert!(tag.contains("aria-label") || body.contains("<caption"), "a table has no name: {tag}");
            assert!(body.contains("scope=\"row\""), "{tag}");
        }
    }
    assert_eq!(html.matches("scope=\"col\"").count(), html.matches("<th role=\"columnheader\"").count());
}

#[test]
fn a_link_shows_where_it_leads() {
    let document = northumbria();
    assert!(seen(&html_mail(&document)).contains("Balance (www.example.org)"));
    assert!(spaced(&text(&document)).contains("Balance <https://www.example.org/balance>"));
}

#[test]
fn the_notice_stands_at_both_ends() {
    let document = northumbria();
    let notice = document.notice.as_deref().unwrap();
    let (page, lines) = (seen(&html_mail(&document)), spaced(&text(&document)));
    assert_eq!((page.matches(notice).count(), lines.matches(notice).count()), (2, 2));
    assert!(page.find(notice) < page.find(&document.title) && page.rfind(notice) > page.rfind("Recommendations"));
    let quiet = PublicDocument { notice: None, ..document };
    assert!(!html_mail(&quiet).contains("class=\"notice") && !text(&quiet).contains("***"));
}

#[test]
fn plain_text_keeps_within_76_columns_and_its_figures_in_line() {
    let printed = text(&northumbria());
    for line in printed.lines() {
        assert!(line.chars().count() <= 76 && line == line.trim_end(), "{line:?}");
    }
    assert!(!printed.contains("\n\n\n\n") && printed.ends_with('\n'));
}

#[test]
fn a_table_too_wide_for_columns_becomes_a_list() {
    let wide = |n: usize| Column { heading: format!("Measurement{n}"), numeric: n > 0 };
    let table = Table {
        caption: "Wide".to_owned(),
        columns: (0..8).map(wide).collect(),
        rows: vec![Row { total: false, cells: (0..8).map(|n| Cell::of(format!("{n},000,000"))).collect() }],
        notes: Vec::new(),
    };
    let document = PublicDocument { summary: vec![Block::Table(table)], ..empty() };
    assert!(text(&document).contains("  0,000,000\n    Measurement1: 1,000,000\n    Measurement2: 2,000,000\n"), "{}", text(&document));
}

#[test]
fn lists_within_lists_have_an_end() {
    let mut block = Block::paragraph("deep");
    for n in 0..40 {
        block = if n % 2 == 0 { Block::List { ordered: false, entries: vec![vec![block]] } } else { Block::Quote { blocks: vec![block] } };
    }
    let document = PublicDocument { summary: vec![block], ..empty() };
    assert!(html_mail(&document).contains("deep") && text(&document).contains("deep"));
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = northumbria();
    let (first, second) = (renditions(&document), renditions(&document));
    assert_eq!(first, second);
    assert_eq!(first.iter().map(|rendition| rendition.kind).collect::<Vec<_>>(), RenditionKind::ALL);
    assert_eq!(first[1].bytes, text(&document).into_bytes());
    assert_eq!(html_mail(&empty()), html_mail(&empty()));
}

#[test]
fn sixty_partnerships_are_still_one_paper() {
    let mut document = northumbria();
    let slots = document.sections[3].items.clone();
    document.sections[3].items = slots.iter().cycle().take(60).cloned().collect();
    for item in &mut document.sections[2].items {
        for block in &mut item.blocks {
            if let Block::Table(table) = block {
                let row = table.rows[0].clone();
                table.rows.splice(0..0, std::iter::repeat_n(row, 54));
            }
        }
    }
    let html = html_mail(&document);
    assert_eq!(html.matches("scope=\"row\"").count(), 6 + 4 + 4 * 61 + 10 * 2);
    assert!(text(&document).contains("4.6 "));
}

/// `UPDATE_EXPECTED=1 cargo test -p csp-render` writes them anew; look at them before you keep them.
#[test]
fn the_paper_of_northumbria_looks_as_agreed() {
    let document = northumbria();
    for (name, rendered) in [("northumbria.html", html_mail(&document)), ("northumbria.txt", text(&document))] {
        let path = format!("{}/tests/expected/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, &rendered).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(rendered == expected, "the rendition differs from {path}; if that is right, run again with UPDATE_EXPECTED=1");
    }
}

/// A stored paper may nest its items as deep as JSON may.
#[test]
fn items_within_items_are_all_printed_however_deep() {
    let mut item =
        Item { number: "1".to_owned(), heading: Some("Deepest".to_owned()), origins: Vec::new(), blocks: Vec::new(), items: Vec::new() };
    for depth in 0..50 {
        let number = format!("1.{depth}");
        let blocks = vec![Block::Subheading { text: vec![Inline::text("Within")] }];
        item = Item { number, heading: Some(format!("Item {depth}")), origins: Vec::new(), blocks, items: vec![item] };
    }
    let document =
        PublicDocument { sections: vec![Section { number: "1".to_owned(), heading: "Deep".to_owned(), items: vec![item] }], ..empty() };
    let html = html_mail(&document);
    assert!(html.contains("Deepest") && text(&document).contains("Deepest"));
    assert!(!html.contains("<h7") && html.contains("<h6"), "there are six heights of heading");
}

#[test]
fn a_paragraph_that_runs_from_right_to_left_lies_on_its_own_side() {
    let mut document = empty();
    document.summary = vec![Block::paragraph("שלום 12"), Block::paragraph("Burglary 12")];
    let html = html_mail(&document);
    assert!(html.contains("<p dir=\"auto\">שלום 12</p>") && html.contains("<p>Burglary 12</p>"));
}
