//! Excel workbooks (.xlsx), read a piece at a time.
//!
//! What a workbook says of itself (how many cells, which range) is never believed: what is there is counted. Values of formulas are
//! those the workbook was saved with; nothing is worked out here. Hidden sheets are not read, and that is said.

mod sheet;
mod strings;
mod styles;

use crate::{
    Fault, Table, limits,
    package::{Package, Sort, damaged},
    relations,
    xml::{Piece, Xml},
};

/// A workbook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workbook {
    /// The sheets that are shown, in their order.
    pub sheets: Vec<Table>,
    /// Sheets that were not read because they are hidden.
    pub hidden: Vec<String>,
}

/// Reads a workbook, or says what it cannot be read for.
pub fn read(bytes: &[u8]) -> Result<Workbook, Vec<Fault>> {
    read_parts(bytes).map_err(|fault| vec![fault])
}

/// A sheet as the workbook lists it.
struct Listed {
    name: String,
    id: String,
    hidden: bool,
}

fn read_parts(bytes: &[u8]) -> Result<Workbook, Fault> {
    let mut package = Package::open(bytes, Sort::Workbook)?;
    let main = relations::main_part(&mut package, "xl/workbook.xml")?;
    let About { listed, from_1904, not_worked_out } = about(&mut package, &main)?;
    let relations = relations::of(&mut package, &main)?;
    let part = |sort: &str| relations.values().find(|relation| relation.sort == sort).map(|relation| relation.target.clone());
    let styles = match part("styles") {
        Some(part) => styles::read(&mut package, &part)?,
        None => styles::Styles::default(),
    };
    let strings = match part("sharedStrings") {
        Some(part) => strings::read(&mut package, &part)?,
        None => Vec::new(),
    };
    let mut workbook = Workbook::default();
    let mut room = sheet::Room::default();
    for Listed { name, id, hidden } in listed {
        if hidden {
            workbook.hidden.push(name);
            continue;
        }
        let Some(relation) = relations.get(&id).filter(|relation| relation.sort == "worksheet") else {
            // A sheet that is nothing but a chart holds no cells.
            continue;
        };
        let book = sheet::Book { strings: &strings, styles: &styles, from_1904, not_worked_out };
        let Some(source) = package.part(&relation.target)? else { return Err(damaged()) };
        workbook.sheets.push(sheet::read(source, name, &book, &mut room)?);
    }
    Ok(workbook)
}

/// What a workbook says of itself.
#[derive(Default)]
struct About {
    /// The sheets.
    listed: Vec<Listed>,
    /// Whether days are counted from 1904.
    from_1904: bool,
    /// Whether it asks for all its formulas to be worked out when it is next opened: what it was saved with is not their values.
    not_worked_out: bool,
}

fn about(package: &mut Package<'_>, main: &str) -> Result<About, Fault> {
    let Some(source) = package.part(main)? else {
        return Err(Fault::of_file("is not a workbook of Excel, whatever its name says. Save it as .xlsx"));
    };
    let mut xml = Xml::new(source);
    let mut about = About::default();
    let mut is_workbook = false;
    while let Some(piece) = xml.next()? {
        let Piece::Open(element) = piece else { continue };
        match element.name.as_str() {
            "workbook" => is_workbook = true,
            "calcPr" => about.not_worked_out |= element.has_on("fullCalcOnLoad"),
            "workbookPr" => about.from_1904 = element.has_on("date1904"),
            "sheet" => {
                if about.listed.len() == limits::SHEETS {
                    return Err(Fault::of_file(format!(
                        "has more than {} sheets. Keep the figures in a workbook of their own",
                        limits::SHEETS
                    )));
                }
                let (Some(name), Some(id)) = (element.attribute("name"), element.attribute("id")) else { return Err(damaged()) };
                let hidden = matches!(element.attribute("state"), Some("hidden" | "veryHidden"));
                about.listed.push(Listed { name: name.to_owned(), id: id.to_owned(), hidden });
            }
            _ => {}
        }
    }
    if !is_workbook {
        return Err(Fault::of_file("is not a workbook of Excel, whatever its name says. Save it as .xlsx"));
    }
    Ok(about)
}
