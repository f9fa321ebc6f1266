//! The digest document becomes something to read: HTML for mail, and plain text.
//!
//! Each rendition is a function of the tree and of nothing else: no clock, no settings, nothing
//! fetched. So they cannot disagree, and the bytes that were approved can be made again and compared.
//! Neither asks the reader's machine for anything: no fonts, scripts or tracking, and no picture that is not in it.
//!
//! Where to start: [`renditions`] makes them all, [`letter`] writes to one person. HTML is written in `templates/`: `digest.mjml` is the
//! page (layout and style), compiled once into HTML with its placeholders left in; `parts.html` are
//! its headings, lists and tables. The `view` module prepares what the templates print, so that they
//! decide nothing, and every text in them is escaped because the engine escapes all of them. Plain
//! text is written by `text`, where everything people wrote is indented: only the paper's own
//! headings begin at the left margin, so nobody can write one.
//!
//! [`chart`] draws figures, each chart with a text and a table of the same data; `figure` draws those of a document, `picture`
//! makes PNG of them. In the HTML pictures are written into the page; whoever mails it gives each a part of its own.

pub mod chart;
mod figure;
mod html;
pub mod letter;
mod link;
mod picture;
mod pieces;
mod text;
mod view;

use csp_domain::{
    digest::{Rendition, RenditionKind},
    document::PublicDocument,
};

pub use html::html_mail;
pub use text::text;

/// Every rendition of `document`, with its hash, in order of kind.
pub fn renditions(document: &PublicDocument) -> Vec<Rendition> {
    let bytes = |kind| match kind {
        RenditionKind::HtmlMail => html_mail(document),
        RenditionKind::Text => text(document),
    };
    RenditionKind::ALL.into_iter().map(|kind| Rendition::new(kind, bytes(kind).into_bytes())).collect()
}
