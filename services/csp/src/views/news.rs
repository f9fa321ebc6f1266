//! News items.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, day, instant},
    names::short,
    output::{Page, Show},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct NewsItemView {
    /// Absent in a dry run.
    pub(crate) name: Option<String>,
    cycle: String,
    kind: Coded<v1::NewsKind>,
    pub(crate) headline: String,
    body: String,
    body_format: Coded<v1::BodyFormat>,
    happened_on: Option<String>,
    state: Coded<v1::NewsState>,
    submitter: Option<String>,
    submit_time: Option<Instant>,
    revision: i64,
    joint_owners: Vec<String>,
    etag: Option<String>,
}

impl From<v1::NewsItem> for NewsItemView {
    fn from(item: v1::NewsItem) -> Self {
        let v1::NewsItem {
            name,
            cycle,
            kind,
            headline,
            body,
            body_format,
            happened_on,
            state,
            submitter,
            submit_time,
            revision,
            etag,
            joint_owners,
        } = item;
        Self {
            name: given(name),
            cycle,
            kind: Coded::of(kind),
            headline,
            body,
            body_format: Coded::of(body_format),
            happened_on: given(happened_on),
            state: Coded::of(state),
            submitter: given(submitter),
            submit_time: instant(submit_time),
            revision,
            joint_owners,
            etag: given(etag),
        }
    }
}

impl Show for NewsItemView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.headline);
        let sent = page.when(self.submit_time);
        page.facts([
            ("News item", self.name.as_deref().map(short).unwrap_or_default()),
            ("Cycle", short(&self.cycle)),
            ("Kind", self.kind.words()),
            ("Happened on", self.happened_on.as_deref().map(day).unwrap_or_default()),
            ("State", self.state.words()),
            ("Joint with", self.joint_owners.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ")),
            ("Sent in by", self.submitter.as_deref().map(short).unwrap_or_default()),
            ("Sent in", sent),
            ("Version", if self.revision > 1 { self.revision.to_string() } else { String::new() }),
        ]);
        page.blank();
        page.line(self.body.trim_end());
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct NewsItemList {
    pub(crate) news_items: Vec<NewsItemView>,
}

impl Show for NewsItemList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .news_items
            .iter()
            .map(|n| {
                [
                    n.name.as_deref().map(short).unwrap_or_default(),
                    n.headline.clone(),
                    n.kind.words(),
                    short(&n.cycle),
                    n.state.words(),
                    page.when(n.submit_time),
                ]
            })
            .collect();
        page.table(["News item", "Headline", "Kind", "Cycle", "State", "Sent in"], rows, "There is no news yet.");
    }
}
