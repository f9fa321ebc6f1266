//! Files people have: cells of CSV, workbooks, Word documents, and what a cell of figures means.

use std::io::{Cursor, Write as _};

use csp_domain::{
    document::{Block, Inline},
    narrative::Narrative,
};
use csp_sheet::{
    Fault, Table,
    docx::{self, Content},
    limits, notation, text, xlsx,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::words;

/// Cells of text have their places, and what they mean has their digits.
pub(super) fn cells_hold(bytes: &[u8]) {
    let decoded = match text::decode(bytes.to_vec()) {
        Ok(decoded) => decoded,
        Err(fault) => return told(&[fault]),
    };
    let lines = decoded.text.chars().filter(|c| matches!(c, '\n' | '\r')).count() as u64 + 1;
    match csp_sheet::csv::read(&decoded.text) {
        Ok(csv) => {
            assert!(csv.table.rows.iter().all(|row| (1..=lines).contains(&row.number)));
            bounded(&csv.table);
            for cell in csv.table.rows.iter().flat_map(|row| &row.cells) {
                meaning(cell.value.text());
            }
        }
        Err(faults) => told(&faults),
    }
}

/// What a cell means is said in one way, and twice the same.
fn meaning(written: &str) {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match notation::read(written) {
        notation::Reading::Number(number) => {
            assert_eq!(digits(&number.digits), digits(written), "{written:?}");
            let plain = notation::Number { pounds: false, percent: false, ..number.clone() };
            // Three decimals after few digits are asked about when they stand alone: it was a comma that told.
            if !written.contains(',') {
                assert_eq!(notation::read(&number.digits), notation::Reading::Number(plain), "{written:?}");
            }
        }
        notation::Reading::PartOf(part, whole) => assert_eq!(digits(&part.digits) + &digits(&whole.digits), digits(written)),
        notation::Reading::Blank => assert!(written.chars().all(|c| c.is_whitespace() || c == '\u{2007}' || c == '\u{202f}')),
        notation::Reading::Nil | notation::Reading::NotApplicable => assert!(written.len() < 60),
        notation::Reading::Unclear(question) => assert!(!question.is_empty()),
    }
    if let Ok(day) = notation::day(written) {
        assert_eq!(notation::day(&day).as_deref(), Ok(day.as_str()), "a day that was understood is understood");
    }
}

fn bounded(table: &Table) {
    assert!(table.rows.len() <= limits::ROWS);
    assert!(table.rows.iter().map(|row| row.cells.len()).sum::<usize>() <= limits::CELLS + limits::CELL);
    for row in &table.rows {
        assert!(row.cells.windows(2).all(|pair| pair[0].column < pair[1].column), "cells stand in order");
        assert!(!row.cells.is_empty());
    }
    assert!(table.rows.windows(2).all(|pair| pair[0].number < pair[1].number), "rows stand in order");
}

/// Faults are told, few, and in words.
fn told(faults: &[Fault]) {
    assert!((1..=limits::FAULTS).contains(&faults.len()));
    assert!(faults.iter().all(|fault| !fault.words.is_empty()));
}

/// The bytes as they are, or as the part of a package that is most worth reading.
fn package(bytes: &[u8], parts: &[(&str, &str)], own: &[&str]) -> Vec<u8> {
    if bytes.starts_with(b"PK") || bytes.starts_with(b"\xd0\xcf") {
        return bytes.to_vec();
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut part = |name: &str, bytes: &[u8]| {
        writer.start_file(name, options).and_then(|()| Ok(writer.write_all(bytes)?)).expect("there is room");
    };
    for (name, text) in parts {
        part(name, text.as_bytes());
    }
    // A line of its own divides one part from the next.
    let mut rest = bytes;
    for (index, name) in own.iter().enumerate() {
        let end = rest.windows(5).position(|window| window == b"\n---\n").filter(|_| index + 1 < own.len());
        part(name, &rest[..end.unwrap_or(rest.len())]);
        rest = end.map_or(&[], |end| &rest[end + 5..]);
    }
    writer.finish().expect("there is room").into_inner()
}

/// A workbook becomes bounded cells with their places, or a sentence.
pub(super) fn workbook_holds(bytes: &[u8]) {
    let relations = r#"<R><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="t.xml"/>
        <Relationship Id="r3" Type="x/styles" Target="y.xml"/></R>"#;
    let book = r#"<workbook><sheet name="S" id="r1"/></workbook>"#;
    let parts = [("xl/workbook.xml", book), ("xl/_rels/workbook.xml.rels", relations)];
    let bytes = package(bytes, &parts, &["xl/s.xml", "xl/t.xml", "xl/y.xml"]);
    match xlsx::read(&bytes) {
        Ok(book) => book.sheets.iter().for_each(bounded),
        Err(faults) => told(&faults),
    }
    if let Err(said) = csp::outside::workbook(bytes) {
        assert!(said.contains("figures.xlsx"), "{said}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{said:?}");
    }
}

/// A Word document becomes Markdown that says the same words, letter for letter, or a sentence.
pub(super) fn document_holds(bytes: &[u8]) {
    let relations = r#"<R><Relationship Id="r1" Type="x/styles" Target="s.xml"/><Relationship Id="r2" Type="x/numbering" Target="n.xml"/>
        <Relationship Id="r3" Type="x/hyperlink" Target="https://example.org/a" TargetMode="External"/></R>"#;
    let parts = [("word/_rels/document.xml.rels", relations)];
    let bytes = package(bytes, &parts, &["word/document.xml", "word/s.xml", "word/n.xml"]);
    let document = match docx::read(&bytes) {
        Ok(document) => document,
        Err(faults) => return told(&faults),
    };
    let written = document.to_markdown();
    assert_eq!(written.lines.len(), written.text.lines().count(), "each line has its paragraph");
    // Tables become sentences of their own, and are told of.
    if !written.tables.is_empty() {
        return;
    }
    let spans = |content: &Content| match content {
        Content::Heading(_, spans) | Content::Paragraph(spans) | Content::Item { spans, .. } => spans.clone(),
        Content::Table(_) | Content::Picture(_) => Vec::new(),
    };
    let meant: String =
        document.blocks.iter().map(|block| spans(&block.content).iter().map(|span| span.text.as_str()).collect::<String>() + " ").collect();
    if let Ok(read) = Narrative::from_markdown(&written.text) {
        let mut said = String::new();
        read.blocks().iter().for_each(|block| block_text(block, &mut said));
        let visible = |text: &str| words(&text.replace(|c: char| c.is_control(), " "));
        assert_eq!(visible(&said), visible(&meant), "{:?}", written.text);
    }
}

fn block_text(block: &Block, out: &mut String) {
    match block {
        Block::Paragraph { text } | Block::Subheading { text } => inline_text(text, out),
        Block::List { entries, .. } => entries.iter().flatten().for_each(|block| block_text(block, out)),
        Block::Quote { blocks } => blocks.iter().for_each(|block| block_text(block, out)),
        // No narrative holds anything else.
        _ => {}
    }
    out.push(' ');
}

fn inline_text(text: &[Inline], out: &mut String) {
    for inline in text {
        match inline {
            Inline::Text { text } => out.push_str(text),
            Inline::Strong { content } | Inline::Emphasis { content } | Inline::Link { content, .. } => inline_text(content, out),
            Inline::Break => out.push(' '),
        }
    }
}
