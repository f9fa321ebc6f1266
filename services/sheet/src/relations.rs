//! Which part of a package is which.

use std::collections::BTreeMap;

use crate::{
    Fault, limits,
    package::Package,
    xml::{Piece, Xml},
};

/// What one part says of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relation {
    /// The last word of its type: `worksheet`, `hyperlink`.
    pub(crate) sort: String,
    /// The part's name, or an address outside.
    pub(crate) target: String,
}

/// The relations of `part`, by their ids; those of the package itself for an empty name.
pub(crate) fn of(package: &mut Package<'_>, part: &str) -> Result<BTreeMap<String, Relation>, Fault> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
    let mut found = BTreeMap::new();
    let Some(source) = package.part(&name)? else { return Ok(found) };
    let mut xml = Xml::new(source);
    while let Some(piece) = xml.next()? {
        let Piece::Open(element) = piece else { continue };
        let (Some(id), Some(sort), Some(target)) = (element.attribute("Id"), element.attribute("Type"), element.attribute("Target")) else {
            continue;
        };
        let sort = sort.rsplit('/').next().unwrap_or_default().to_owned();
        let target = if element.attribute("TargetMode") == Some("External") { target.to_owned() } else { resolve(folder, target) };
        found.insert(id.to_owned(), Relation { sort, target });
        if found.len() > limits::PARTS {
            return Err(crate::package::damaged());
        }
    }
    Ok(found)
}

/// The main part, as the package names it.
pub(crate) fn main_part(package: &mut Package<'_>, usual: &str) -> Result<String, Fault> {
    let relations = of(package, "")?;
    let main = relations.into_values().find(|relation| relation.sort == "officeDocument");
    Ok(main.map_or_else(|| usual.to_owned(), |relation| relation.target))
}

/// `../media/image1.png` seen from `word`.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_from_where_they_are_named() {
        assert_eq!(resolve("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolve("word", "../media/a.png"), "media/a.png");
        assert_eq!(resolve("", "../../../etc"), "etc");
    }
}
