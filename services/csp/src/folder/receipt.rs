//! What was sent from a folder, for whoever must be able to show it: as a text and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    About, Folder,
    sent::{Entry, Sent, Sort, write_whole},
};
use crate::{
    dates::Instant,
    error::Error,
    names::short,
    output::{Page, Show},
};

/// The text's name.
pub(crate) const TEXT: &str = "receipt.txt";
/// The name of the one for programs.
pub(crate) const JSON: &str = "receipt.json";

/// A receipt.
#[derive(Debug, Serialize)]
pub(crate) struct Receipt {
    partnership: String,
    cycle: String,
    server: String,
    written: Option<Instant>,
    received: Vec<Line>,
    /// Sent, and no answer has come: it may have arrived.
    uncertain: Vec<Line>,
    /// Not sent.
    not_sent: Vec<String>,
}

/// One thing.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    sort: Sort,
    sha256: String,
    name: Option<String>,
    time: Option<String>,
    version: i64,
    by: String,
}

impl Receipt {
    /// Of all that was ever sent from a folder; `not_sent` is what should have gone and did not.
    pub(crate) fn of(about: &About, sent: &Sent, not_sent: Vec<String>, written: Option<Instant>) -> Self {
        let line = |entry: &Entry| Line {
            file: entry.file.clone(),
            sort: entry.sort,
            sha256: entry.sha256.clone(),
            name: entry.name.clone(),
            time: entry.time.clone(),
            version: entry.revision,
            by: entry.by.clone(),
        };
        let (uncertain, received): (Vec<&Entry>, Vec<&Entry>) = sent.entries.iter().partition(|entry| entry.under_way.is_some());
        // What arrived in an earlier version is on record even while a correction is under way.
        let earlier = uncertain.iter().filter(|entry| entry.name.is_some());
        Self {
            partnership: about.partnership.clone(),
            cycle: about.cycle.clone(),
            server: about.server.clone(),
            written,
            received: received.iter().chain(earlier).map(|entry| line(entry)).collect(),
            uncertain: uncertain.iter().map(|entry| line(entry)).collect(),
            not_sent,
        }
    }

    /// Puts it into the folder.
    pub(crate) fn keep(&self, folder: &Folder, zone: chrono_tz::Tz) -> Result<(), Error> {
        let mut page = Page::new(false, false, zone, None);
        self.draw(&mut page);
        let mut text = page.into_text();
        for line in self.received.iter().chain(&self.uncertain) {
            let _ = write!(text, "\n{}\n  SHA-256 {}\n", line.file, line.sha256);
        }
        // Notepad of old wants it so.
        write_whole(&folder.path, TEXT, text.replace('\n', "\r\n").as_bytes())?;
        let json = serde_json::to_string_pretty(self).map_err(|fault| Error::unexpected(format!("{JSON} cannot be written: {fault}.")))?;
        write_whole(&folder.path, JSON, json.as_bytes())
    }
}

impl Show for Receipt {
    fn draw(&self, page: &mut Page) {
        page.title(format!("Receipt: {} for {}", short(&self.partnership), short(&self.cycle)));
        let when = page.when(self.written);
        page.facts([("Server", self.server.clone()), ("As of", when)]);
        page.blank();
        let time = |page: &Page, line: &Line| {
            let time = line.time.as_deref().and_then(|time| chrono::DateTime::parse_from_rfc3339(time).ok());
            page.when(time.map(|time| Instant(time.to_utc())))
        };
        let rows: Vec<[String; 5]> = self
            .received
            .iter()
            .map(|line| {
                let name = line.name.as_deref().map(short).unwrap_or_default();
                [line.file.clone(), name, time(page, line), line.version.to_string(), short(&line.by)]
            })
            .collect();
        page.table(["Received", "Called", "When", "Version", "Sent in by"], rows, "Nothing was received yet.");
        if !self.uncertain.is_empty() {
            page.blank();
            page.line("No answer came for these; it is not certain whether they arrived:");
            for line in &self.uncertain {
                page.line(format!("  {}", line.file));
            }
        }
        if !self.not_sent.is_empty() {
            page.blank();
            page.line("Not sent:");
            for file in &self.not_sent {
                page.line(format!("  {file}"));
            }
        }
    }
}
