//! How much memory files made to hurt take. A process of its own, with one test: what is measured is the process's, and
//! neighbours would be measured with it.

#[path = "../files/zipped.rs"]
#[expect(dead_code, reason = "not all of what puts files together is needed here")]
mod zipped;

use csp_sheet::{csv, xlsx};

use crate::zipped::{around, zip_with_long};

/// The most memory this process ever had, in MiB; nothing where the system does not say.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib / 1024)
}

/// The most that reading any file may add, in MiB.
const MOST: u64 = 160;

fn within(what: &str, read: impl FnOnce() -> bool) {
    let before = most_memory();
    assert!(read(), "{what} is refused");
    if let (Some(before), Some(after)) = (before, most_memory()) {
        println!("{what}: {} MiB more", after - before);
        assert!(after - before < MOST, "{what}: {} MiB more", after - before);
    }
}

#[test]
fn nothing_is_kept_beyond_its_bounds() {
    let sheet = |long| zip_with_long(&around(), "xl/worksheets/sheet1.xml", long);
    let text = "A".repeat(30_000);
    let strings = format!("<sst><si><t>{text}</t></si></sst>");
    let mut with_text = around();
    with_text.push(("xl/sharedStrings.xml", strings.as_bytes()));
    let mut with_sheet = around();
    with_sheet.push(("xl/worksheets/sheet1.xml", b"<worksheet/>"));
    for (what, bytes) in [
        ("a million rows", sheet(("<worksheet><sheetData>", "<row><c><v>1</v></c></row>", 1_000_000, "</sheetData></worksheet>"))),
        (
            "one cell that unpacks to 50 MB",
            sheet(("<worksheet><sheetData><row><c t=\"str\"><v>", "AAAAAAAAAA", 5_000_000, "</v></c></row></sheetData></worksheet>")),
        ),
        ("one attribute that unpacks to 50 MB", sheet(("<worksheet a=\"", "AAAAAAAAAA", 5_000_000, "\"/>"))),
        (
            "one long text in every cell",
            zip_with_long(
                &with_text,
                "xl/worksheets/sheet1.xml",
                ("<worksheet><sheetData><row>", "<c t=\"s\"><v>0</v></c>", 16_000, "</row></sheetData></worksheet>"),
            ),
        ),
        ("three million texts", zip_with_long(&with_sheet, "xl/sharedStrings.xml", ("<sst>", "<si><t>A</t></si>", 3_000_000, "</sst>"))),
    ] {
        within(what, || xlsx::read(&bytes).is_err());
    }
    let wide = format!("a,b\n{}", "1,".repeat(4_000_000));
    within("a line of four million cells", || csv::read(&wide).is_err());
}
