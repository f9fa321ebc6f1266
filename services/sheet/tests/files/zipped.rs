//! Workbooks and documents put together by hand, part by part.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip of these parts.
pub(crate) fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        writer.start_file(*name, options).expect("a part");
        writer.write_all(bytes).expect("room");
    }
    writer.finish().expect("an end").into_inner()
}

/// A part that repeats `piece` so often, packed while it is written.
pub(crate) fn zip_with_long(parts: &[(&str, &[u8])], name: &str, (head, piece, times, tail): (&str, &str, usize, &str)) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        writer.start_file(*name, options).expect("a part");
        writer.write_all(bytes).expect("room");
    }
    writer.start_file(name, options).expect("a part");
    writer.write_all(head.as_bytes()).expect("room");
    let many = piece.repeat(1_000);
    for _ in 0..times / 1_000 {
        writer.write_all(many.as_bytes()).expect("room");
    }
    writer.write_all(tail.as_bytes()).expect("room");
    writer.finish().expect("an end").into_inner()
}

pub(crate) const ROOT: &str = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

pub(crate) const BOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="Figures" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

pub(crate) const BOOK_RELATIONS: &str = r#"<Relationships>
    <Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>
    <Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/>
    <Relationship Id="rId3" Type="x/styles" Target="/xl/styles.xml"/>
    <Relationship Id="rId4" Type="x/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;

/// The parts every workbook has, but for its sheet.
pub(crate) fn around() -> Vec<(&'static str, &'static [u8])> {
    vec![("_rels/.rels", ROOT.as_bytes()), ("xl/workbook.xml", BOOK.as_bytes()), ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS.as_bytes())]
}

/// A workbook of one sheet with this in its `sheetData`.
pub(crate) fn workbook(rows: &str) -> Vec<u8> {
    workbook_of(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))
}

pub(crate) fn workbook_of(sheet: &str) -> Vec<u8> {
    let mut parts = around();
    let strings = r"<sst><si><t>burglary</t></si><si><r><t>anti</t></r><r><t>social</t></r><rPh><t>no</t></rPh></si></sst>";
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="&quot;£&quot;#,##0.00"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    parts.push(("xl/sharedStrings.xml", strings.as_bytes()));
    parts.push(("xl/styles.xml", styles.as_bytes()));
    parts.push(("xl/worksheets/sheet1.xml", sheet.as_bytes()));
    zip(&parts)
}

/// A document with this in its body.
pub(crate) fn document(body: &str) -> Vec<u8> {
    let root = ROOT.replace("xl/workbook.xml", "word/document.xml");
    let relations = r#"<Relationships><Relationship Id="rId1" Type="x/styles" Target="styles.xml"/>
        <Relationship Id="rId2" Type="x/numbering" Target="numbering.xml"/>
        <Relationship Id="rId3" Type="x/hyperlink" Target="https://www.gateshead.gov.uk/wardens?a=1&amp;b=2" TargetMode="External"/>
        <Relationship Id="rId4" Type="x/hyperlink" Target="javascript:alert(1)" TargetMode="External"/></Relationships>"#;
    let styles = r#"<w:styles><w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="H2"><w:name w:val="Mine"/><w:basedOn w:val="Base"/></w:style>
        <w:style w:styleId="Base"><w:name w:val="Base"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
        <w:style w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
        <w:style w:styleId="Unseen"><w:name w:val="Unseen"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>"#;
    let numbering = r#"<w:numbering><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>
        <w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
        <w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#;
    let body = format!("<w:document><w:body>{body}<w:sectPr/></w:body></w:document>");
    zip(&[
        ("_rels/.rels", root.as_bytes()),
        ("word/document.xml", body.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        ("word/numbering.xml", numbering.as_bytes()),
    ])
}
