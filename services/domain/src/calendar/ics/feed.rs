//! A calendar for anybody's diary.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::{
    calendar::{Certainty, Plan, Step, ics::when::utc},
    clock::Instant,
};

/// How sure an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It will be so.
    Confirmed,
    /// It may still move.
    Tentative,
    /// It will not take place. It is still written, so that diaries strike it out.
    Cancelled,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The same for ever: by it a diary knows what it has already.
    pub uid: String,
    /// Counts changes; a diary takes the higher.
    pub sequence: u32,
    /// When. Written in UTC, so that no diary needs to know British summer time.
    pub at: Instant,
    /// One line.
    pub title: String,
    /// More.
    pub description: String,
    /// Where, if anywhere.
    pub place: Option<String>,
    /// How sure.
    pub status: Status,
}

impl Entry {
    /// This entry as the one after `earlier`, which diaries may have: the same number if nothing they show has changed, the
    /// next if it has.
    #[must_use]
    pub fn following(self, earlier: &Self) -> Self {
        let unchanged = Self { sequence: earlier.sequence, ..self.clone() } == *earlier;
        let sequence = if unchanged { earlier.sequence } else { earlier.sequence.saturating_add(1) };
        Self { sequence, ..self }
    }
}

/// Something that identifies a meeting, made fit to be part of a UID: other programs' own UIDs hold anything at all.
pub fn key_of(identity: &str) -> String {
    Sha256::digest(identity).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// A calendar of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// What diaries call it.
    pub name: String,
    /// In any order.
    pub entries: Vec<Entry>,
}

impl Plan {
    /// The plan as entries of a feed. `key` identifies the meeting and must outlive its date: a meeting that moves keeps its key,
    /// and so each entry its UID. `committee` is whose meeting it is.
    pub fn entries(&self, committee: &str, key: &str, sequence: u32) -> Vec<Entry> {
        let meeting =
            self.moment(Step::Meeting).map_or_else(String::new, |meeting| meeting.civil.format("%A %-d %B %Y at %H:%M").to_string());
        let entry = |moment: &crate::calendar::Moment| {
            let provisional = moment.certainty == Certainty::Provisional;
            let mut description = format!("{}.\nFor the meeting of {meeting}.", moment.why);
            if provisional {
                description.push_str("\nProvisional: not all bank holidays on the way are known yet.");
            }
            Entry {
                uid: format!("{}.{key}@calendar.csp-digest", moment.step.word()),
                sequence,
                at: moment.at,
                title: format!("{}: {committee}", moment.step.title()),
                description,
                place: None,
                status: if provisional { Status::Tentative } else { Status::Confirmed },
            }
        };
        self.moments().iter().map(entry).collect()
    }
}

impl Feed {
    /// Writes it as of `stamp`.
    pub fn write(&self, stamp: Instant) -> String {
        let mut out = String::new();
        for (name, value) in [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//CSP Digest//Calendar//EN"), ("METHOD", "PUBLISH")]
        {
            line(&mut out, name, value);
        }
        // Both names are in use: the first is RFC 7986's, the second older.
        line(&mut out, "NAME", &escaped(&self.name));
        line(&mut out, "X-WR-CALNAME", &escaped(&self.name));
        let stamp = utc(stamp);
        for entry in &self.entries {
            line(&mut out, "BEGIN", "VEVENT");
            line(&mut out, "UID", &escaped(&entry.uid));
            line(&mut out, "DTSTAMP", &stamp);
            line(&mut out, "SEQUENCE", &entry.sequence.to_string());
            line(&mut out, "DTSTART", &utc(entry.at));
            line(&mut out, "SUMMARY", &escaped(&entry.title));
            line(&mut out, "DESCRIPTION", &escaped(&entry.description));
            if let Some(place) = &entry.place {
                line(&mut out, "LOCATION", &escaped(place));
            }
            line(
                &mut out,
                "STATUS",
                match entry.status {
                    Status::Confirmed => "CONFIRMED",
                    Status::Tentative => "TENTATIVE",
                    Status::Cancelled => "CANCELLED",
                },
            );
            // A deadline has no length and makes nobody busy.
            line(&mut out, "TRANSP", "TRANSPARENT");
            line(&mut out, "END", "VEVENT");
        }
        line(&mut out, "END", "VCALENDAR");
        out
    }
}

/// Text as a value. Control characters have no business in a diary and could forge a line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    out
}

/// The longest line of a file, in bytes and without its end.
const FOLD: usize = 75;

/// One property, folded between letters so that no line is longer than [`FOLD`].
fn line(out: &mut String, name: &str, value: &str) {
    let mut width = 0;
    let mut piece = |text: &str, out: &mut String| {
        for letter in text.chars() {
            if width + letter.len_utf8() > FOLD {
                out.push_str("\r\n ");
                width = 1;
            }
            out.push(letter);
            width += letter.len_utf8();
        }
    };
    piece(name, out);
    piece(":", out);
    piece(value, out);
    // Writing to a string cannot fail.
    let _ = write!(out, "\r\n");
}
