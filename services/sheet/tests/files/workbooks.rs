//! What a workbook's cells say.

use csp_sheet::{Row, Value, xlsx};

use crate::zipped::{BOOK, ROOT, around, workbook, workbook_of, zip};

fn rows(bytes: &[u8]) -> Vec<Row> {
    xlsx::read(bytes).unwrap().sheets.remove(0).rows
}

fn number(digits: &str, shown: &str) -> Value {
    Value::Number { digits: digits.into(), shown: shown.into() }
}

#[test]
fn cells_are_what_the_sheet_shows() {
    let rows = rows(&workbook(
        r#"<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>1234</v></c><c r="C2" s="1"><v>0.61</v></c><c r="D2" s="2"><v>96466.5</v></c></row>
           <row r="5"><c t="s"><v>1</v></c><c r="C5" t="inlineStr"><is><t>in </t><r><t>line</t></r></is></c><c r="D5" s="3"><v>44592</v></c>
           <c r="E5" t="b"><v>1</v></c><c r="F5" t="e"><v>#REF!</v></c><c r="G5" t="str"><f>A1</f><v>&lt;5 &amp; &#163;</v></c></row>"#,
    ));
    let values = |row: &Row| row.cells.iter().map(|cell| (cell.column, cell.value.clone())).collect::<Vec<_>>();
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(rows[0].number, 2);
    assert_eq!(
        values(&rows[0]),
        [(0, text("burglary")), (1, number("1234", "1234")), (2, number("0.61", "61%")), (3, number("96466.5", "£96466.50"))]
    );
    assert_eq!(rows[1].number, 5);
    assert_eq!(
        values(&rows[1]),
        [
            (0, text("antisocial")),
            (2, text("in line")),
            (3, Value::Date("2022-01-31".into())),
            (4, Value::Boolean(true)),
            (5, Value::Error("#REF!".into())),
            (6, text("<5 & £")),
        ]
    );
}

#[test]
fn a_formula_counts_by_what_it_showed() {
    let rows = rows(&workbook(
        r#"<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>IF(1,"")</f><v></v></c><c r="C1"><f>NOW()</f></c>
           <c r="D1" t="str"><f>X</f><v/></c><c r="E1" s="1"/><c r="F1"><v>3</v></c></row>"#,
    ));
    let cells: Vec<_> = rows[0].cells.iter().map(|cell| (cell.column, cell.value.clone(), cell.computed)).collect();
    assert_eq!(cells, [(0, number("2", "2"), true), (2, Value::Unknown, true), (5, number("3", "3"), false)]);
}

#[test]
fn a_formula_that_nobody_worked_out_is_not_an_empty_cell() {
    let cells = r#"<row r="1"><c r="A1"><f>1+1</f><v></v></c><c r="B1"><f>1+1</f><v>0</v></c><c r="C1" t="str"><f>X</f><v></v></c><c r="D1"><v>3</v></c></row>"#;
    let found = |bytes: &[u8]| rows(bytes)[0].cells.iter().map(|cell| (cell.column, cell.value.clone())).collect::<Vec<_>>();
    assert_eq!(found(&workbook(cells)), [(0, Value::Unknown), (1, number("0", "0")), (3, number("3", "3"))]);
    // A program that writes workbooks and works nothing out says that Excel should, and puts a nought there meanwhile.
    let book = BOOK.replace("</sheets>", r#"</sheets><calcPr calcId="124519" fullCalcOnLoad="1"/>"#);
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let mut parts = around();
    parts[1].1 = book.as_bytes();
    parts.push(("xl/worksheets/sheet1.xml", sheet.as_bytes()));
    assert_eq!(found(&zip(&parts)), [(0, Value::Unknown), (1, Value::Unknown), (2, Value::Unknown), (3, number("3", "3"))]);
}

#[test]
fn what_is_hidden_or_joined_is_known() {
    let sheet = r#"<worksheet><cols><col min="2" max="3" hidden="1"/></cols>
        <sheetData><row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData>
        <mergeCells><mergeCell ref="A2:B3"/></mergeCells></worksheet>"#;
    let book = xlsx::read(&workbook_of(sheet)).unwrap();
    let sheet = &book.sheets[0];
    assert!(sheet.rows[0].hidden && !sheet.rows[1].hidden);
    assert!(sheet.hides_column(1) && sheet.hides_column(2) && !sheet.hides_column(3));
    assert_eq!(sheet.joined_in(1).with(3).as_deref(), Some("A2:B3"));
}

#[test]
fn hidden_sheets_are_not_read_and_that_is_said() {
    let book = BOOK
        .replace("</sheets>", r#"<sheet name="Old" state="hidden" r:id="rId4"/><sheet name="V" state="veryHidden" r:id="rId4"/></sheets>"#);
    let relations = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let bytes = zip(&[
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData/></worksheet>"),
    ]);
    let read = xlsx::read(&bytes).unwrap();
    assert_eq!((read.sheets.len(), read.hidden), (1, vec!["Old".to_owned(), "V".to_owned()]));
}

#[test]
fn days_are_counted_from_where_the_workbook_says() {
    let book = BOOK.replace("<sheets>", r#"<workbookPr date1904="1"/><sheets>"#);
    let relations = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s" Type="x/styles" Target="styles.xml"/></Relationships>"#;
    let bytes = zip(&[
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/styles.xml", br#"<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>"#),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c s=\"0\"><v>43130</v></c></row></sheetData></worksheet>"),
    ]);
    assert_eq!(rows(&bytes)[0].cells[0].value, Value::Date("2022-01-31".into()));
}
