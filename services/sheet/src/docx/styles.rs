//! What styles and lists of a document mean.

use std::collections::HashMap;

use crate::{
    Fault, limits,
    package::{Package, too_large},
    xml::{Piece, Xml},
};

/// What a style says of its paragraphs or letters.
#[derive(Debug, Clone, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<String>,
    hidden: Option<bool>,
    bold: Option<bool>,
    italic: Option<bool>,
}

/// All styles and lists.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// Which lists are counted, by list and depth.
    ordered: HashMap<(String, u8), bool>,
}

/// How far styles are followed that are based on others.
const STEPS: usize = 12;

impl Styles {
    fn first<T>(&self, id: &str, of: impl Fn(&Style) -> Option<T>) -> Option<T> {
        let mut next = Some(id);
        for _ in 0..STEPS {
            let style = self.styles.get(next?)?;
            if let Some(found) = of(style) {
                return Some(found);
            }
            next = style.based_on.as_deref();
        }
        None
    }

    /// The level of a heading's style.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        self.first(id, |style| {
            let name = style.name.to_lowercase();
            let named = name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok());
            named.or_else(|| (name == "title").then_some(1)).or_else(|| style.outline.map(|level| level + 1))
        })
        .filter(|level| (1..=9).contains(level))
    }

    pub(super) fn list(&self, id: &str) -> Option<String> {
        self.first(id, |style| style.list.clone())
    }

    pub(super) fn hidden(&self, id: &str) -> bool {
        self.first(id, |style| style.hidden).unwrap_or(false)
    }

    pub(super) fn bold(&self, id: &str) -> bool {
        self.first(id, |style| style.bold).unwrap_or(false)
    }

    pub(super) fn italic(&self, id: &str) -> bool {
        self.first(id, |style| style.italic).unwrap_or(false)
    }

    /// Whether a list is counted.
    pub(super) fn ordered(&self, list: &str, depth: u8) -> bool {
        self.ordered.get(&(list.to_owned(), depth)).copied().unwrap_or(false)
    }
}

pub(super) fn read(package: &mut Package<'_>, styles: Option<&str>, numbering: Option<&str>) -> Result<Styles, Fault> {
    let mut found = Styles::default();
    if let Some(part) = styles {
        read_styles(package, part, &mut found)?;
    }
    if let Some(part) = numbering {
        read_lists(package, part, &mut found)?;
    }
    Ok(found)
}

fn read_styles(package: &mut Package<'_>, part: &str, found: &mut Styles) -> Result<(), Fault> {
    let Some(source) = package.part(part)? else { return Ok(()) };
    let mut xml = Xml::new(source);
    let mut current: Option<(String, Style)> = None;
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Open(element) => {
                let value = element.attribute("val");
                if element.name == "style" {
                    current = element.attribute("styleId").map(|id| (id.to_owned(), Style::default()));
                    continue;
                }
                let Some((_, style)) = &mut current else { continue };
                match element.name.as_str() {
                    "name" => value.unwrap_or_default().clone_into(&mut style.name),
                    "basedOn" => style.based_on = value.map(str::to_owned),
                    "outlineLvl" => style.outline = value.and_then(|level| level.parse().ok()).filter(|level: &u8| *level < 9),
                    "numId" => style.list = value.map(str::to_owned),
                    "vanish" => style.hidden = Some(element.is_on()),
                    "b" => style.bold = Some(element.is_on()),
                    "i" => style.italic = Some(element.is_on()),
                    // What tables look like in part is nobody's style.
                    "tblStylePr" => xml.skip()?,
                    _ => {}
                }
            }
            Piece::Close(name) if name == "style" => {
                if let Some((id, style)) = current.take() {
                    found.styles.insert(id, style);
                }
                if found.styles.len() > limits::PARAGRAPHS {
                    return Err(too_large());
                }
            }
            Piece::Close(_) | Piece::Text(_) => {}
        }
    }
    Ok(())
}

fn read_lists(package: &mut Package<'_>, part: &str, found: &mut Styles) -> Result<(), Fault> {
    let Some(source) = package.part(part)? else { return Ok(()) };
    let mut xml = Xml::new(source);
    // Lists are of kinds; a kind says for each depth whether it is counted.
    let mut kinds: HashMap<String, Vec<(u8, bool)>> = HashMap::new();
    let (mut kind, mut depth, mut list) = (None::<String>, 0_u8, None::<String>);
    while let Some(piece) = xml.next()? {
        let Piece::Open(element) = piece else { continue };
        let value = element.attribute("val");
        match element.name.as_str() {
            "abstractNum" => kind = element.attribute("abstractNumId").map(str::to_owned),
            "lvl" => depth = element.attribute("ilvl").and_then(|depth| depth.parse().ok()).unwrap_or(0),
            "numFmt" => {
                if let Some(kind) = &kind {
                    let kind = kinds.entry(kind.clone()).or_default();
                    if kind.len() < 16 {
                        kind.push((depth, !matches!(value, Some("bullet" | "none"))));
                    }
                }
            }
            "num" => list = element.attribute("numId").map(str::to_owned),
            "abstractNumId" => {
                if let (Some(list), Some(kind)) = (&list, value.and_then(|kind| kinds.get(kind))) {
                    found.ordered.extend(kind.iter().map(|(depth, ordered)| ((list.clone(), *depth), *ordered)));
                }
            }
            _ => {}
        }
        if kinds.len() > limits::PARAGRAPHS || found.ordered.len() > limits::SHARED {
            return Err(too_large());
        }
    }
    Ok(())
}
