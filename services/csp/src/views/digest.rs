//! Digests.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct DigestView {
    name: String,
    version: i64,
    state: Coded<v1::DigestState>,
    subject: String,
    document_hash: String,
    renditions: Vec<RenditionInfoView>,
    hashes: Vec<String>,
    freezer: Option<String>,
    freeze_time: Option<Instant>,
    authors: Vec<String>,
    approver: Option<String>,
    approve_time: Option<Instant>,
    release_time: Option<Instant>,
    etag: Option<String>,
    cooling_off_end_time: Option<Instant>,
    cooling_off_ender: Option<String>,
    cooling_off_reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct RenditionInfoView {
    kind: Coded<v1::RenditionKind>,
    media_type: String,
    sha256: String,
}

impl From<v1::Digest> for DigestView {
    fn from(digest: v1::Digest) -> Self {
        let v1::Digest {
            name,
            version,
            state,
            subject,
            document_hash,
            renditions,
            hashes,
            freezer,
            freeze_time,
            authors,
            approver,
            approve_time,
            release_time,
            etag,
            cooling_off_end_time,
            cooling_off_ender,
            cooling_off_reason,
        } = digest;
        let rendition = |info| {
            let v1::RenditionInfo { kind, media_type, sha256 } = info;
            RenditionInfoView { kind: Coded::of(kind), media_type, sha256 }
        };
        Self {
            name,
            version,
            state: Coded::of(state),
            subject,
            document_hash,
            renditions: renditions.into_iter().map(rendition).collect(),
            hashes,
            freezer: given(freezer),
            freeze_time: instant(freeze_time),
            authors,
            approver: given(approver),
            approve_time: instant(approve_time),
            release_time: instant(release_time),
            etag: given(etag),
            cooling_off_end_time: instant(cooling_off_end_time),
            cooling_off_ender: given(cooling_off_ender),
            cooling_off_reason: given(cooling_off_reason),
        }
    }
}

/// `jo-brown, Wed 12 Jan 2022, 17:00`; `by schedule` where nobody did it.
fn who_and_when(page: &Page, person: Option<&str>, time: Option<Instant>, nobody: &str) -> String {
    match (person, time) {
        (_, None) => String::new(),
        (person, time) => [person.map_or_else(|| nobody.to_owned(), short), page.when(time)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

impl Show for DigestView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.subject);
        let frozen = who_and_when(page, self.freezer.as_deref(), self.freeze_time, "by schedule");
        let approved = who_and_when(page, self.approver.as_deref(), self.approve_time, "");
        let sent = page.when(self.release_time);
        let kept = page.when(self.cooling_off_end_time);
        let reason = self.cooling_off_reason.as_deref().unwrap_or_default();
        let ended = self.cooling_off_ender.as_deref().map(|ender| format!("{}: {reason}", short(ender))).unwrap_or_default();
        page.facts([
            ("Digest", short(&self.name)),
            ("Version", self.version.to_string()),
            ("State", self.state.words()),
            ("Frozen", frozen),
            ("Written by", self.authors.iter().map(|author| short(author)).collect::<Vec<_>>().join(", ")),
            ("Approved", approved),
            ("Kept back until", kept),
            ("Ended early by", ended),
            ("Sent", sent),
        ]);
        page.blank();
        let document = ["the document".to_owned(), self.document_hash.clone()];
        let renditions = self.renditions.iter().map(|r| [r.kind.words(), r.sha256.clone()]);
        page.table(["What", "Hash (SHA-256)"], std::iter::once(document).chain(renditions), "");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct DigestList {
    pub(crate) digests: Vec<DigestView>,
}

impl Show for DigestList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .digests
            .iter()
            .map(|d| {
                let approved = who_and_when(page, d.approver.as_deref(), d.approve_time, "");
                [short(&d.name), d.state.words(), page.when(d.freeze_time), approved, page.when(d.release_time)]
            })
            .collect();
        page.table(["Digest", "State", "Frozen", "Approved", "Sent"], rows, "There is no digest yet.");
    }
}

/// A preview, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct PreviewView {
    pub(crate) subject: String,
    pub(crate) renditions: Vec<RenditionView>,
}

/// A rendition, for programs. All that there are, are text.
#[derive(Debug, Serialize)]
pub(crate) struct RenditionView {
    pub(crate) kind: Coded<v1::RenditionKind>,
    pub(crate) media_type: String,
    pub(crate) sha256: String,
    pub(crate) data: String,
}

impl From<v1::Rendition> for RenditionView {
    fn from(rendition: v1::Rendition) -> Self {
        let v1::Rendition { kind, media_type, sha256, data } = rendition;
        Self { kind: Coded::of(kind), media_type, sha256, data: String::from_utf8_lossy(&data).into_owned() }
    }
}

impl Show for PreviewView {
    fn draw(&self, page: &mut Page) {
        for rendition in self.renditions.iter().filter(|r| r.kind.is(v1::RenditionKind::Text)) {
            page.line(&rendition.data);
        }
    }
}
