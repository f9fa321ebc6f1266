//! Joint items, and who has signed them.

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
pub(crate) struct JointItemView {
    name: String,
    cycle: String,
    kind: Coded<v1::NewsKind>,
    pub(crate) headline: String,
    body: String,
    happened_on: Option<String>,
    state: Coded<v1::NewsState>,
    owners: Vec<JointOwnerView>,
    signed: bool,
    etag: Option<String>,
    left_out: bool,
}

#[derive(Debug, Serialize)]
struct JointOwnerView {
    display_name: String,
    first: bool,
    state: Coded<v1::JointState>,
    reason: Option<String>,
    state_time: Option<Instant>,
}

impl From<v1::JointItem> for JointItemView {
    fn from(item: v1::JointItem) -> Self {
        let v1::JointItem { name, cycle, kind, headline, body, happened_on, state, owners, signed, etag, left_out } = item;
        Self {
            name,
            cycle,
            kind: Coded::of(kind),
            headline,
            body,
            happened_on: given(happened_on),
            state: Coded::of(state),
            owners: owners.into_iter().map(Into::into).collect(),
            signed,
            etag: given(etag),
            left_out,
        }
    }
}

impl From<v1::JointOwner> for JointOwnerView {
    fn from(owner: v1::JointOwner) -> Self {
        let v1::JointOwner { display_name, first, state, reason, state_time } = owner;
        Self { display_name, first, state: Coded::of(state), reason: given(reason), state_time: instant(state_time) }
    }
}

impl JointOwnerView {
    fn has_signed(&self) -> bool {
        self.state.is(v1::JointState::Signed) || self.state.is(v1::JointState::Frozen)
    }

    fn said(&self) -> String {
        let state = self.state.words();
        match (&self.reason, self.first) {
            (Some(reason), _) => format!("{state}: {reason}"),
            // Whether anybody signs its return is the committee's to say.
            (None, true) if self.state.is(v1::JointState::Signed) => "stands with its return".to_owned(),
            (None, true) => format!("{state}, with its return"),
            (None, false) => state,
        }
    }
}

impl JointItemView {
    /// Whether it is printed, or who has not signed.
    fn stands(&self) -> String {
        if self.state.is(v1::NewsState::Withdrawn) {
            return "withdrawn".to_owned();
        }
        let missing: Vec<&str> = self.owners.iter().filter(|owner| !owner.has_signed()).map(|owner| owner.display_name.as_str()).collect();
        match (self.signed, self.left_out) {
            (false, _) => format!("held out: not signed by {}", missing.join(", ")),
            (true, false) if self.owners.iter().any(|owner| !owner.first && owner.state.is(v1::JointState::Frozen)) => "printed".to_owned(),
            (true, false) => "signed by all".to_owned(),
            (true, true) => "signed by all, but not in the paper as it was frozen".to_owned(),
        }
    }
}

impl Show for JointItemView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.headline);
        page.facts([
            ("Joint item", short(&self.name)),
            ("Cycle", short(&self.cycle)),
            ("Kind", self.kind.words()),
            ("Happened on", self.happened_on.as_deref().map(day).unwrap_or_default()),
            ("In the paper", self.stands()),
        ]);
        page.blank();
        page.line(self.body.trim_end());
        page.blank();
        let rows: Vec<_> =
            self.owners.iter().map(|owner| [owner.display_name.clone(), owner.said(), page.when(owner.state_time)]).collect();
        page.table(["Owner", "Signature", "Since"], rows, "It has no owners.");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct JointItemList {
    pub(crate) joint_items: Vec<JointItemView>,
}

impl Show for JointItemList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> =
            self.joint_items.iter().map(|item| [short(&item.name), item.headline.clone(), short(&item.cycle), item.stands()]).collect();
        page.table(["Joint item", "Headline", "Cycle", "In the paper"], rows, "There are no joint items.");
    }
}
