//! What must hold of every parser that takes bytes from outside, whatever the bytes.
//!
//! Each property is a function that takes any bytes and panics when something does not hold. The
//! ordinary tests (`tests/hostile`) try them on a corpus and on chance; the fuzz targets
//! (`tests/fuzz`) try them for as long as they are left running. [`ALL`] is the list both go by.

mod check;
mod document;
mod file;
mod html;
mod mail;
mod narrative;
mod request;
mod settings;
mod sheet;
mod stored;
mod word;

pub use html::{Page, Tag};
pub use request::{REQUESTS, Reader};

/// A property under the name of its fuzz target and of its corpus.
pub type Property = (&'static str, fn(&[u8]));

/// Every property.
pub const ALL: &[Property] = &[
    ("cells", sheet::cells_hold),
    ("checks", check::holds),
    ("document", document::holds),
    ("figures", file::figures_hold),
    ("mail", mail::message_holds),
    ("meetings", file::meetings_hold),
    ("members", file::members_hold),
    ("narrative", narrative::holds),
    ("reply", mail::reply_holds),
    ("request", request::holds),
    ("settings", settings::holds),
    ("stored", stored::holds),
    ("typed", file::typed_holds),
    ("word", word::holds),
    ("word-file", sheet::document_holds),
    ("workbook", sheet::workbook_holds),
];

/// Tries the property called `name`.
///
/// # Panics
/// When there is none, or it does not hold.
pub fn try_on(name: &str, bytes: &[u8]) {
    let (_, property) = ALL.iter().find(|(known, _)| *known == name).expect("the property is in the list");
    property(bytes);
}

/// Words, whatever white space stood between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
