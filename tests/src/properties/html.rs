//! HTML as a browser reads it.

use html5ever::{parse_document, tendril::TendrilSink as _};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// `td`.
    pub name: String,
    /// Attributes in the order they stand, as name and value.
    pub attributes: Vec<(String, String)>,
}

/// A page, read as a browser would read it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Every element, in the order they begin.
    pub tags: Vec<Tag>,
    /// What can be read of it, without styles.
    pub text: String,
}

impl Page {
    /// Reads a page.
    pub fn read(html: &str) -> Self {
        let dom = parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(html);
        let mut page = Self::default();
        // Not by recursion: the page may be as deep as an adversary likes.
        let mut left: Vec<Handle> = vec![dom.document.clone()];
        while let Some(node) = left.pop() {
            match &node.data {
                NodeData::Element { name, attrs, .. } => {
                    let attributes = attrs.borrow().iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                    page.tags.push(Tag { name: name.local.to_string(), attributes });
                    if matches!(&*name.local, "style") {
                        continue;
                    }
                    // Text of neighbouring blocks is not one word.
                    page.text.push(if matches!(&*name.local, "a" | "bdi" | "em" | "span" | "strong") { '\u{0}' } else { ' ' });
                }
                NodeData::Text { contents } => page.text.push_str(&contents.borrow()),
                _ => {}
            }
            left.extend(node.children.borrow().iter().rev().cloned());
        }
        page.text.retain(|c| c != '\u{0}');
        page
    }

    /// What an adversary could have brought in: an element or attribute that the templates never make,
    /// anything that loads, a link to anywhere but the web and mail. Empty when there is nothing.
    pub fn foreign(&self) -> Vec<String> {
        const ELEMENTS: &str = " a bdi blockquote body br caption div em h1 h2 h3 h4 h5 h6 head html li meta ol p span strong style table tbody td th thead title tr ul ";
        const ATTRIBUTES: &str = " align aria-label aria-roledescription bgcolor border cellpadding cellspacing class content dir height href http-equiv id lang media name role scope style type valign width xmlns xmlns:o xmlns:v ";
        let mut out = Vec::new();
        for tag in &self.tags {
            if !ELEMENTS.contains(&format!(" {} ", tag.name)) {
                out.push(format!("<{}>", tag.name));
            }
            for (name, value) in &tag.attributes {
                let known = ATTRIBUTES.contains(&format!(" {name} "));
                let leads = name != "href" || ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
                let loads = name == "style" && (value.contains("url(") || value.contains("expression"));
                if !known || !leads || loads {
                    out.push(format!("<{} {name}={value:?}>", tag.name));
                }
            }
        }
        out
    }

    /// The page's shape: its elements and attributes, but for where links lead and what says so, and for the
    /// title that is read to who cannot see it.
    pub fn shape(&self) -> Vec<Tag> {
        let shown = |tag: &&Tag| !(tag.name == "span" && tag.attributes.iter().any(|(_, value)| value == "quiet"));
        let mut shape: Vec<Tag> = self.tags.iter().filter(shown).cloned().collect();
        for tag in &mut shape {
            tag.attributes.iter_mut().filter(|(name, _)| name == "href" || name == "aria-label").for_each(|(_, value)| value.clear());
        }
        shape
    }
}
