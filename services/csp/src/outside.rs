//! What reads the user's files and words, opened for tests that hand it anything.

use chrono_tz::Europe::London;
use csp_proto::v1;

use crate::{commands::figures, config, dates, files, names, sheet, terminal};

/// A refusal as the user would be told it.
fn told(error: crate::error::Error) -> String {
    error.for_people(false)
}

/// A file of text.
pub fn file(bytes: Vec<u8>) -> Result<String, String> {
    files::decode("figures.csv", bytes).map(|decoded| decoded.text).map_err(told)
}

/// A file of figures, and one of quoted figures.
pub fn figures(figures: &str, quoted: &str) -> Result<v1::Figures, String> {
    let load = |file, text: &str| sheet::load(file, text.as_bytes().to_vec()).map(|loaded| (file, loaded.grid)).map_err(told);
    let (figures, quoted) = (load("figures.csv", figures)?, load("quoted.csv", quoted)?);
    figures::read(Some(figures), Some(quoted), "regions/northumbria").map(|read| read.figures).map_err(told)
}

/// A workbook of figures, as it would be sent in.
pub fn workbook(bytes: Vec<u8>) -> Result<v1::Figures, String> {
    let loaded = sheet::load("figures.xlsx", bytes).map_err(told)?;
    figures::read(Some(("figures.xlsx", loaded.grid)), None, "regions/northumbria").map(|read| read.figures).map_err(told)
}

/// A day as typed.
pub fn day(text: &str) -> Result<String, String> {
    dates::parse_day(text)
}

/// A moment as typed, in seconds, and how it would be shown.
pub fn moment(text: &str) -> Result<(i64, Option<String>), String> {
    let stamp = dates::parse_instant(text, None, London, "--deadline").map_err(told)?;
    Ok((stamp.seconds, dates::instant(Some(stamp)).map(|instant| instant.in_zone(London))))
}

/// Settings as they are kept: whether they can be read.
pub fn settings(text: &str) -> Result<(), String> {
    config::Config::read(text).map(|_| ()).map_err(|fault| fault.message().to_owned())
}

/// A token as it is read from a file or a pipe: whether it is one.
pub fn token(text: &str) -> Result<(), String> {
    config::Secret::new(text, "the pipe").map(|_| ()).map_err(told)
}

/// A cycle as typed, in full and as it would be shown.
pub fn cycle(typed: &str) -> Result<(String, String), String> {
    let full = names::Names::in_region("northumbria").and_then(|names| names.cycle(typed)).map_err(told)?;
    let short = names::short(&full);
    Ok((full, short))
}

/// Text as a terminal is given it.
pub fn shown(text: &str) -> String {
    terminal::printable(text)
}
