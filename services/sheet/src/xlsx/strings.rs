//! The texts of a workbook, each kept once.

use crate::{
    Fault, limits,
    package::{Package, too_large},
    xml::{Piece, Xml},
};

/// All of them, in order.
pub(super) fn read(package: &mut Package<'_>, part: &str) -> Result<Vec<String>, Fault> {
    let mut strings: Vec<String> = Vec::new();
    let Some(source) = package.part(part)? else { return Ok(strings) };
    let mut xml = Xml::new(source);
    // Inside `t`, and not inside the reading aid of a Japanese word.
    let (mut in_text, mut item) = (false, None::<String>);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Open(element) => match element.name.as_str() {
                "si" => item = Some(String::new()),
                "t" => in_text = true,
                "rPh" => xml.skip()?,
                _ => {}
            },
            Piece::Close(name) => match name.as_str() {
                "si" => {
                    if strings.len() == limits::SHARED {
                        return Err(too_large());
                    }
                    strings.push(item.take().unwrap_or_default());
                }
                "t" => in_text = false,
                _ => {}
            },
            Piece::Text(text) if in_text => {
                if let Some(item) = &mut item {
                    item.push_str(&text);
                    if item.len() > limits::CELL {
                        return Err(too_large());
                    }
                }
            }
            Piece::Text(_) => {}
        }
    }
    Ok(strings)
}
