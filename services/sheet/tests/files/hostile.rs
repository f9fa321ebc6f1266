//! Files made to hurt, and files that are broken: each ends in a sentence, before much of it is read.

use csp_sheet::{Fault, docx, xlsx};

use crate::zipped::{BOOK, around, document, workbook, workbook_of, zip, zip_with_long};

/// The one fault of a workbook. That nothing of it is kept beyond its bounds is seen to in `tests/memory`.
#[track_caller]
fn refused(bytes: &[u8]) -> Fault {
    let faults = xlsx::read(bytes).expect_err("it is refused");
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].clone()
}

#[track_caller]
fn says(bytes: &[u8], words: &str) {
    let fault = refused(bytes);
    assert!(fault.words.contains(words), "{fault:?}");
}

#[test]
fn a_million_rows() {
    let rows = |piece| {
        zip_with_long(&around(), "xl/worksheets/sheet1.xml", ("<worksheet><sheetData>", piece, 1_000_000, "</sheetData></worksheet>"))
    };
    let filled = rows("<row><c><v>1</v></c></row>");
    let fault = refused(&filled);
    assert!(fault.place.starts_with("Figures!row 20001") && fault.words.contains("more than is ever read"), "{fault:?}");
    // A million rows with nothing in them are no rows; with much in their attributes they are too much.
    let empty = rows("<row/>");
    assert!(xlsx::read(&empty).unwrap().sheets[0].rows.is_empty());
    says(&rows("<row spans=\"1:16384\" ht=\"15\" customHeight=\"1\"/>"), "formatted down to its last row");
}

#[test]
fn a_small_file_that_unpacks_to_far_more() {
    let bytes = zip_with_long(
        &around(),
        "xl/worksheets/sheet1.xml",
        ("<worksheet><sheetData><row><c t=\"str\"><v>", "AAAAAAAAAA", 5_000_000, "</v></c></row></sheetData></worksheet>"),
    );
    assert!(bytes.len() < 1024 * 1024, "{}", bytes.len());
    says(&bytes, "unpacks to more than 32 MiB");
    let mut parts = around();
    parts.push(("xl/worksheets/sheet1.xml", b"<worksheet/>"));
    let strings = zip_with_long(&parts, "xl/sharedStrings.xml", ("<sst>", "<si><t>A</t></si>", 3_000_000, "</sst>"));
    says(&strings, "unpacks to more than 32 MiB");
    let attribute = zip_with_long(&around(), "xl/worksheets/sheet1.xml", ("<worksheet a=\"", "AAAAAAAAAA", 5_000_000, "\"/>"));
    says(&attribute, "unpacks to more than 32 MiB");
}

#[test]
fn one_long_text_in_every_cell() {
    let long = "A".repeat(30_000);
    let strings = format!("<sst><si><t>{long}</t></si></sst>");
    let mut parts = around();
    parts.push(("xl/sharedStrings.xml", strings.as_bytes()));
    let bytes = zip_with_long(
        &parts,
        "xl/worksheets/sheet1.xml",
        ("<worksheet><sheetData><row>", "<c t=\"s\"><v>0</v></c>", 16_000, "</row></sheetData></worksheet>"),
    );
    says(&bytes, "more than is ever read");
}

#[test]
fn a_file_that_is_not_whole() {
    let whole = workbook("<row><c><v>1</v></c></row>");
    for length in (0..whole.len()).step_by(7) {
        let fault = refused(&whole[..length]);
        assert!(
            fault.words.contains("is damaged") || fault.words.contains("is not a file of Excel") || fault.words == "is empty",
            "{length}: {fault:?}"
        );
    }
    // A flipped byte is found, or does not matter; it never gets through as another number.
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x20;
        if let Ok(book) = xlsx::read(&bytes) {
            let cells: Vec<&str> =
                book.sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells).map(|cell| cell.value.text()).collect();
            assert!(cells.is_empty() || cells == ["1"], "{place}: {cells:?}");
        }
    }
}

#[test]
fn files_of_other_kinds_are_named() {
    let locked =
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    says(&locked, "locked with a password");
    says(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "older kind than .xlsx");
    says(b"indicator,value\n", "not a file of Excel");
    says(&zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]), "OpenDocument");
    says(&zip(&[("xl/workbook.bin", b"")]), ".xlsb");
    says(&zip(&[("word/document.xml", b"<w:document/>")]), "not a workbook of Excel");
    let mut macros = around();
    macros.push(("xl/vbaProject.bin", b"Sub Auto_Open()"));
    macros.push(("xl/worksheets/sheet1.xml", b"<worksheet/>"));
    says(&zip(&macros), "holds macros");
}

#[test]
fn workbooks_that_lie() {
    for (rows, words) in [
        // Rows and cells that go backwards, or beyond what a sheet has.
        (r#"<row r="2"/><row r="1"/>"#, "damaged"),
        (r#"<row r="1048577"/>"#, "damaged"),
        (r#"<row r="18446744073709551616"/>"#, "damaged"),
        (r#"<row r="1"><c r="B1"/><c r="A1"/></row>"#, "damaged"),
        (r#"<row r="1"><c r="A9"/></row>"#, "damaged"),
        (r#"<row r="1"><c r="XFE1"/></row>"#, "damaged"),
        // A text that is not there.
        (r#"<row><c t="s"><v>99</v></c></row>"#, "damaged"),
        (r#"<row><c t="s"><v>-1</v></c></row>"#, "damaged"),
        // Names that stand for other text, and markup without end.
        ("<row><c><v>&lol;</v></c></row>", "damaged"),
        ("<row><c><v>1</c></row>", "damaged"),
        ("<row><c>", "damaged"),
    ] {
        says(&workbook(rows), words);
    }
    says(&workbook_of("<!DOCTYPE a [<!ENTITY b \"bbb\">]><worksheet/>"), "damaged");
    says(&workbook_of(&format!("{}{}", "<a>".repeat(200), "</a>".repeat(200))), "nested more than 128 deep");
    let sheets = format!("<workbook>{}</workbook>", r#"<sheet name="S" id="rId1"/>"#.repeat(101));
    let mut parts = around();
    parts[1].1 = sheets.as_bytes();
    says(&zip(&parts), "more than 100 sheets");
    // The same sheet a hundred times takes its room a hundred times.
    let sheets = BOOK.replace(r#"<sheet name="Figures" sheetId="1" r:id="rId1"/>"#, &r#"<sheet name="S" id="rId1"/>"#.repeat(100));
    let mut parts = around();
    parts[1].1 = sheets.as_bytes();
    let often = zip_with_long(
        &parts,
        "xl/worksheets/sheet1.xml",
        ("<worksheet><sheetData>", "<row><c><v>1</v></c></row>", 10_000, "</sheetData></worksheet>"),
    );
    says(&often, "more than is ever read");
    let names: Vec<String> = (0..3_000).map(|number| format!("xl/media/{number}.png")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    says(&zip(&many), "more than 2000 parts");
}

#[test]
fn documents_that_do_not_end() {
    let fault = |bytes: &[u8]| docx::read(bytes).expect_err("it is refused").remove(0).words;
    let root = "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let long = |piece, times| {
        zip_with_long(
            &[("_rels/.rels", root.as_bytes())],
            "word/document.xml",
            ("<w:document><w:body>", piece, times, "</w:body></w:document>"),
        )
    };
    assert!(fault(&long("<w:p/>", 1_000_000)).contains("more than 5,000 paragraphs"));
    let much = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "A".repeat(1_000));
    assert!(fault(&long(&much, 1_000)).contains("512 KiB"));
    assert!(fault(&long("<w:tbl><w:tr/></w:tbl>", 5_000_000)).contains("unpacks to more than 32 MiB"));
    assert!(fault(&long("<w:tbl>", 1_000)).contains("nested more than 128 deep") || fault(&long("<w:tbl>", 1_000)).contains("damaged"));
    assert!(fault(&document("<w:p><w:r>")).contains("damaged"));
    assert!(fault(&workbook("")).contains("not a document of Word"));
    let whole = document("<w:p><w:r><w:t>Text</w:t></w:r></w:p>");
    for length in (0..whole.len()).step_by(11) {
        assert!(docx::read(&whole[..length]).is_err());
    }
}
