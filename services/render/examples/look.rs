//! Renders a stored document, to look at it: `cargo run -p csp-render --example look -- document.json
//! DIR` writes `digest.html` and `digest.txt` into DIR. Without arguments it takes the paper the tests
//! use and the current directory.

use std::{env, error::Error, fs, path::PathBuf};

use csp_domain::document::PublicDocument;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let document =
        arguments.next().unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../digest/tests/expected/northumbria.json").into());
    let dir = PathBuf::from(arguments.next().unwrap_or_else(|| ".".into()));
    let document = PublicDocument::from_bytes(&fs::read(document)?)?;
    fs::write(dir.join("digest.html"), csp_render::html_mail(&document))?;
    fs::write(dir.join("digest.txt"), csp_render::text(&document))?;
    Ok(())
}
