//! Draws the charts the tests draw, to look at them: `cargo run -p csp-render --example charts -- DIR` writes one SVG for
//! each chart and width into DIR, and `charts.html`, which shows them all.

#![expect(clippy::unwrap_used, clippy::missing_docs_in_private_items, dead_code, reason = "the tests' world, shown")]

#[path = "../tests/chart/northumbria.rs"]
mod northumbria;

use std::{env, error::Error, fs, path::PathBuf};

use csp_render::chart::{Drawing, Width};

type Draw = fn(Width) -> Drawing;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = PathBuf::from(env::args().nth(1).unwrap_or_else(|| ".".into()));
    let all: [(&str, Draw); 5] = [
        ("control", northumbria::control),
        ("rebased", northumbria::rebased),
        ("comparison", northumbria::comparison),
        ("multiples", northumbria::multiples),
        ("progress", northumbria::progress),
    ];
    let mut page =
        String::from("<!doctype html><meta charset=\"utf-8\"><title>Charts</title><style>body{margin:8px;font-family:sans-serif}</style>");
    for (name, draw) in all {
        for (suffix, width) in [("phone", Width::Phone), ("page", Width::Page)] {
            let drawing = draw(width);
            let file = format!("{name}-{suffix}.svg");
            fs::write(dir.join(&file), &drawing.svg)?;
            page.push_str(&format!("<p><img src=\"{file}\" alt=\"\"></p><p>{}</p>", drawing.alternative));
        }
    }
    fs::write(dir.join("charts.html"), page)?;
    Ok(())
}
