//! A version of a committee's paper, from freeze to release.
//!
//! ```text
//! frozen ──a second person names the hashes──► approved ──publication time, cooling-off over──► released
//!    └──────────────── a new version ─────────────────┴──► superseded
//! ```
//!
//! What was approved is what is sent: freezing turns the tree and its renditions into stored bytes;
//! approval names their hashes; nothing is rendered again afterwards.

use serde::{Deserialize, Serialize};

use crate::{
    act::Actor,
    calendar::{self, WorkingDays, civil_day},
    clock::Instant,
    document::Hash,
    id::{CycleId, DigestId, NewsItemId, PartnershipId, PersonId, ReturnId, WordingId},
    text::Line,
};

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestState {
    /// Its bytes are fixed; nobody has approved them.
    Frozen,
    /// A second person has approved exactly these bytes.
    Approved,
    /// It has gone to members.
    Released,
    /// A newer version took its place before release.
    Superseded,
}

impl DigestState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Frozen, Self::Approved, Self::Released, Self::Superseded];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Approved => "approved",
            Self::Released => "released",
            Self::Superseded => "superseded",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// In what form a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenditionKind {
    /// The HTML part of the mail.
    HtmlMail,
    /// Plain text.
    Text,
}

impl RenditionKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::HtmlMail, Self::Text];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::HtmlMail => "html_mail",
            Self::Text => "text",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// As in `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::HtmlMail => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// How a file of it ends.
    pub fn ending(self) -> &'static str {
        match self {
            Self::HtmlMail => "html",
            Self::Text => "txt",
        }
    }
}

/// One rendition, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// In what form.
    pub kind: RenditionKind,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: Hash,
}

impl Rendition {
    /// A rendition with its hash.
    pub fn new(kind: RenditionKind, bytes: Vec<u8>) -> Self {
        let hash = Hash::of(&bytes);
        Self { kind, bytes, hash }
    }
}

/// A version, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Identifier.
    pub id: DigestId,
    /// For which cycle.
    pub cycle: CycleId,
    /// 1, 2, 3 …
    pub version: i64,
    /// Where it stands.
    pub state: DigestState,
    /// The subject of its mail.
    pub subject: String,
    /// Hash of the stored tree.
    pub document_hash: Hash,
    /// Hashes of the stored renditions, in order of kind.
    pub rendition_hashes: Vec<(RenditionKind, Hash)>,
    /// Who froze it.
    pub frozen_by: Actor,
    /// When.
    pub frozen_at: Instant,
    /// Who wrote or sent in any of what is printed, or froze it: none of them may approve it.
    pub authors: Vec<PersonId>,
    /// Who approved it.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<Instant>,
    /// How long it is kept back; none while it is not approved, or where it was approved before there was any cooling-off.
    pub cooling_off: Option<CoolingOff>,
    /// When it went to members.
    pub released_at: Option<Instant>,
    /// Counts changes of state.
    pub revision: i64,
}

/// The time after approval in which a slip can still be caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoolingOff {
    /// When it ends, or was ended.
    pub until: Instant,
    /// By whom it was ended early, and why.
    pub ended: Option<EndedEarly>,
}

/// Who ended a cooling-off early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedEarly {
    /// Who.
    pub by: PersonId,
    /// Why.
    pub reason: Line,
}

/// So many working days of an office after `approved`, at the same time of day.
pub fn cooling_off_until(approved: Instant, zone: chrono_tz::Tz, office: WorkingDays<'_>, days: u8) -> Instant {
    if days == 0 {
        return approved;
    }
    let time = approved.with_timezone(&zone).time();
    calendar::instant(office.after(civil_day(approved, zone), days).and_time(time), zone)
}

impl Digest {
    /// Whether it is kept back at `now`.
    pub fn cools_off(&self, now: Instant) -> bool {
        self.cooling_off.as_ref().is_some_and(|kept| now < kept.until)
    }

    /// What approval must name: the tree's hash, then the renditions'.
    pub fn hashes(&self) -> Vec<Hash> {
        std::iter::once(self.document_hash).chain(self.rendition_hashes.iter().map(|(_, hash)| *hash)).collect()
    }
}

/// A version being frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDigest {
    /// Identifier.
    pub id: DigestId,
    /// For which cycle.
    pub cycle: CycleId,
    /// The revision the cycle had when the digest was gathered. If it has another by now, dates in the paper
    /// may be wrong, and it is not frozen.
    pub cycle_revision: i64,
    /// The subject of its mail.
    pub subject: String,
    /// The stored tree.
    pub document: Vec<u8>,
    /// Its renditions.
    pub renditions: Vec<Rendition>,
    /// Who wrote any of it.
    pub authors: Vec<PersonId>,
    /// The returns that are printed, each in the revision that was gathered. If one has another by now, it is not frozen.
    pub printed: Vec<(ReturnId, i64)>,
    /// The wordings that were accepted when it was gathered, in order. If others are by now, it is not frozen.
    pub worded: Vec<WordingId>,
    /// The signatures of other owners of joint items as they were gathered, each in its revision, in order. If one has another by now,
    /// it is not frozen.
    pub joint: Vec<(NewsItemId, PartnershipId, i64)>,
    /// The joint items that are printed.
    pub joint_printed: Vec<NewsItemId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{BankHolidays, ClosedDays, Division};

    fn until(division: Division, approved: &str, days: u8) -> String {
        let shut = Line::parse("offices shut", Line::SENTENCE).unwrap();
        let closed = ClosedDays::new([("2022-07-04".parse().unwrap(), shut)]).unwrap();
        let office = WorkingDays::new(BankHolidays::shipped().of(division), &closed);
        cooling_off_until(approved.parse().unwrap(), chrono_tz::Europe::London, office, days).to_rfc3339()
    }

    #[test]
    fn a_working_day_passes_over_weekends_and_bank_holidays() {
        let england = |at| until(Division::EnglandAndWales, at, 1);
        // Friday; the Thursday before Easter; the Friday before the clocks go forward.
        assert_eq!(england("2022-01-14T10:00:00Z"), "2022-01-17T10:00:00+00:00");
        assert_eq!(england("2022-04-14T09:30:00Z"), "2022-04-19T09:30:00+00:00");
        assert_eq!(england("2022-03-25T10:00:00Z"), "2022-03-28T09:00:00+00:00");
    }

    #[test]
    fn an_office_rests_as_long_as_its_committee_says_by_its_own_calendar() {
        // Easter Monday is no holiday in Scotland; the first Monday of July the office is shut.
        assert_eq!(until(Division::Scotland, "2022-04-14T09:30:00Z", 1), "2022-04-18T09:30:00+00:00");
        assert_eq!(until(Division::EnglandAndWales, "2022-07-01T10:00:00Z", 1), "2022-07-05T10:00:00+00:00");
        assert_eq!(until(Division::EnglandAndWales, "2022-01-14T10:00:00Z", 2), "2022-01-18T10:00:00+00:00");
        assert_eq!(until(Division::EnglandAndWales, "2022-01-15T10:00:00Z", 0), "2022-01-15T10:00:00+00:00", "not at all");
    }
}
