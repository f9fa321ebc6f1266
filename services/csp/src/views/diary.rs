//! Dates for anybody's diary, and links to them.

use csp_proto::v1;
use serde::Serialize;

use super::given;
use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
};

/// One date.
#[derive(Debug, Serialize)]
pub(crate) struct EntryView {
    uid: String,
    time: Option<Instant>,
    title: String,
    description: String,
    cancelled: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct DiaryView {
    name: String,
    display_name: String,
    entries: Vec<EntryView>,
    ics: String,
}

impl From<v1::Diary> for DiaryView {
    fn from(calendar: v1::Diary) -> Self {
        let v1::Diary { name, display_name, entries, ics } = calendar;
        let entries = entries.into_iter().map(|entry| {
            let v1::DiaryEntry { uid, time, title, description, cancelled } = entry;
            EntryView { uid, time: instant(time), title, description, cancelled }
        });
        Self { name, display_name, entries: entries.collect(), ics }
    }
}

/// How the server begins to say it.
const MORE_TIME: &str = "More time was given: ";

impl Show for DiaryView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.display_name);
        let ahead = |entry: &&EntryView| match (entry.time, page.now) {
            (Some(time), Some(now)) => time >= now,
            _ => true,
        };
        let mut coming: Vec<&EntryView> = self.entries.iter().filter(ahead).collect();
        coming.sort_by_key(|entry| entry.time);
        let rows: Vec<_> = coming
            .iter()
            .map(|entry| {
                let mut title = entry.title.clone();
                if entry.cancelled {
                    title.push_str(" (called off)");
                }
                // Why a deadline is one's own; what else is said of a date the table says already.
                if let Some((_, why)) = entry.description.split_once(MORE_TIME) {
                    title.push_str(&format!(
                        " ({}{})",
                        MORE_TIME.to_lowercase(),
                        why.lines().next().unwrap_or_default().trim_end_matches('.')
                    ));
                }
                [page.when(entry.time), title]
            })
            .collect();
        page.table(["When", "What"], rows, "There are no dates ahead.");
    }

    fn ics(&self) -> Option<&str> {
        Some(&self.ics)
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct LinkView {
    name: String,
    person: Option<String>,
    create_time: Option<Instant>,
    revoke_time: Option<Instant>,
    /// Only when it was made just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    pub(crate) uri: Option<String>,
}

impl From<v1::DiaryLink> for LinkView {
    fn from(link: v1::DiaryLink) -> Self {
        let v1::DiaryLink { name, person, create_time, revoke_time } = link;
        Self { name, person: given(person), create_time: instant(create_time), revoke_time: instant(revoke_time), path: None, uri: None }
    }
}

impl Show for LinkView {
    fn draw(&self, page: &mut Page) {
        let [made, gone] = [self.create_time, self.revoke_time].map(|time| page.when(time));
        let (address, path) = (self.uri.clone(), self.path.clone().filter(|_| self.uri.is_none()));
        page.facts([
            ("Link", self.name.clone()),
            ("Address", address.unwrap_or_default()),
            ("Path", path.unwrap_or_default()),
            ("Made", made),
            ("Taken away", gone),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct LinkList {
    pub(crate) diary_links: Vec<LinkView>,
}

impl Show for LinkList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .diary_links
            .iter()
            .map(|link| {
                let [made, gone] = [link.create_time, link.revoke_time].map(|time| page.when(time));
                [link.name.clone(), link.person.as_deref().map(short).unwrap_or_default(), made, gone]
            })
            .collect();
        page.table(["Link", "Of", "Made", "Taken away"], rows, "There are no links.");
    }
}
