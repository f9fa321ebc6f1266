//! What a Word document's paragraphs say.

use csp_sheet::{
    Fault,
    docx::{self, Content, Span},
};

use crate::zipped::document;

fn markdown(body: &str) -> docx::Markdown {
    docx::read(&document(body)).unwrap().to_markdown()
}

fn faults(body: &str) -> Vec<Fault> {
    docx::read(&document(body)).unwrap_err()
}

fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn headings_lists_emphasis_and_links_are_kept() {
    let body = r#"<w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr><w:r><w:t>Wardens win </w:t></w:r><w:r><w:t>award</w:t></w:r></w:p>
        <w:p/>
        <w:p><w:r><w:t>The </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>wardens </w:t></w:r><w:r><w:t>won</w:t></w:r>
             <w:hyperlink r:id="rId3"><w:r><w:rPr><w:i/></w:rPr><w:t>again</w:t></w:r></w:hyperlink>
             <w:hyperlink r:id="rId4"><w:r><w:t> here</w:t></w:r></w:hyperlink></w:p>
        <w:p><w:pPr><w:pStyle w:val="H2"/></w:pPr><w:r><w:t>What they did</w:t></w:r></w:p>
        <w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr></w:pPr><w:r><w:t>Bensham</w:t></w:r></w:p>
        <w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="5"/></w:numPr></w:pPr><w:r><w:t>first</w:t><w:br/><w:t>second line</w:t></w:r></w:p>"#;
    let (headline, rest) = docx::read(&document(body)).unwrap().take_headline();
    assert_eq!(headline.as_deref(), Some("Wardens win award"));
    let written = rest.to_markdown();
    assert_eq!(
        written.text,
        "The **wardens** won[*again*](<https://www.gateshead.gov.uk/wardens?a=1&b=2>) here\n\n## What they did\n\n-   Bensham\n    1.  first\\\n        second line\n"
    );
    // Empty paragraphs are not counted: nobody sees them.
    assert_eq!(written.lines, [2, 3, 3, 4, 4, 5, 5]);
}

#[test]
fn letters_that_mean_something_in_markdown_mean_themselves() {
    let body = ["1. not a list", "- nor this", "# nor a heading", "a * b _c_ &lt;b&gt; [d](e) `f` &amp;amp; g|h"].map(paragraph).concat();
    assert_eq!(
        markdown(&body).text,
        "1\\. not a list\n\n\\- nor this\n\n\\# nor a heading\n\na \\* b \\_c\\_ \\<b\\> \\[d\\](e) \\`f\\` \\&amp; g\\|h\n"
    );
}

#[test]
fn a_number_and_its_point_that_look_different_begin_no_list() {
    let body = r"<w:p><w:r><w:t>12</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>. Foo</w:t></w:r></w:p>
        <w:p><w:r><w:t>1</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>2) Foo</w:t></w:r></w:p>
        <w:p><w:r><w:t>Of 12</w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>. Foo</w:t></w:r></w:p>";
    assert_eq!(markdown(body).text, "12\\. Foo\n\n1**2) Foo**\n\nOf 12. Foo\n");
}

#[test]
fn a_table_becomes_a_list_and_a_picture_is_told_of() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", paragraph(text));
    let row = |cells: [&str; 2]| format!("<w:tr>{}</w:tr>", cells.map(cell).concat());
    let table = format!("<w:tbl>{}{}{}</w:tbl>", row(["Ward", "Incidents"]), row(["Bensham", "12"]), row(["Felling", ""]));
    let picture = r#"<w:p><w:r><w:drawing><wp:docPr id="1" descr="Two wardens"/></w:drawing></w:r></w:p>"#;
    let written = markdown(&format!("{}{table}{picture}", paragraph("By ward:")));
    assert_eq!(written.text.trim(), "By ward:\n\n*   Ward: Bensham; Incidents: 12\n*   Ward: Felling; Incidents:");
    assert_eq!((written.tables, written.pictures), (vec![2], vec![(6, "Two wardens".to_owned())]));
}

#[test]
fn what_a_reader_would_not_see_is_refused_by_its_name_and_place() {
    let run = |inner: &str| format!("<w:p><w:r><w:t>Before.</w:t></w:r>{inner}</w:p>");
    for (body, words) in [
        (run("<w:ins><w:r><w:t>new</w:t></w:r></w:ins>"), "there are tracked changes here"),
        (run("<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"), "there are tracked changes here"),
        (run("<w:r><w:rPr><w:rPrChange/></w:rPr><w:t>x</w:t></w:r>"), "there are tracked changes here"),
        (run("<w:commentRangeStart w:id=\"0\"/>"), "there are comments here"),
        (run("<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"), "there is hidden text here"),
        (run("<w:r><w:rPr><w:rStyle w:val=\"Unseen\"/></w:rPr><w:t>secret</w:t></w:r>"), "there is hidden text here"),
        (run("<w:r><w:footnoteReference w:id=\"2\"/></w:r>"), "there is a footnote or endnote here"),
        (
            run("<w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r>"),
            "there is a text box here",
        ),
        (run("<m:oMath><m:r/></m:oMath>"), "there is an equation here"),
        (run("<w:r><w:object/></w:r>"), "there is something embedded"),
        (run("<w:r><w:sym w:font=\"Wingdings\" w:char=\"F04A\"/></w:r>"), "there is a sign of a symbol font"),
        (
            run("<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent></w:sdt>"),
            "a field that was not filled in",
        ),
        ("<w:ins><w:p/></w:ins>".to_owned(), "there are tracked changes here"),
        (
            format!("<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>", paragraph("Click here")),
            "a field that was not filled in",
        ),
        (
            format!(
                "<w:tbl><w:tr><w:tc><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt></w:tc></w:tr></w:tbl>",
                paragraph("Click here")
            ),
            "a field that was not filled in",
        ),
        ("<w:altChunk r:id=\"rId9\"/>".to_owned(), "there is another document inside this one (altChunk)"),
        (
            format!("<w:tbl><w:tr><w:tc><w:altChunk r:id=\"rId9\"/>{}</w:tc></w:tr></w:tbl>", paragraph("x")),
            "there is another document inside this one",
        ),
        (
            "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>".to_owned(),
            "a table with joined cells",
        ),
        ("<w:tbl><w:tr><w:tc><w:tbl/></w:tc></w:tr></w:tbl>".to_owned(), "a table inside a table"),
    ] {
        let faults = faults(&format!("{}{body}", paragraph("First.")));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].words.starts_with(words) || faults[0].words.contains(words), "{faults:?}");
        assert!(faults[0].place.starts_with("paragraph "), "{faults:?}");
    }
    // Where it is, and how often, and that it is not hidden when it is switched off.
    let tracked = run("<w:ins><w:r><w:t>new</w:t></w:r></w:ins>");
    let found = faults(&format!("{}{tracked}{tracked}{tracked}", paragraph("First.")));
    assert_eq!(found[0].place, "paragraph 2 (“Before.”)");
    assert!(found[0].words.contains("and in 2 more places"), "{found:?}");
    assert_eq!(markdown(&run("<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t> Seen.</w:t></w:r>")).text, "Before. Seen.\n");
}

#[test]
fn every_sort_of_trouble_is_told_at_once() {
    let body = format!(
        "{}<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:r><w:commentReference/></w:r></w:p>",
        paragraph("First.")
    );
    assert_eq!(faults(&body).len(), 3);
}

#[test]
fn what_two_programs_say_twice_is_read_once() {
    let body = "<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>new</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>old</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>";
    let document = docx::read(&document(body)).unwrap();
    assert_eq!(document.blocks[0].content, Content::Paragraph(vec![Span { text: "new".into(), ..Span::default() }]));
}
