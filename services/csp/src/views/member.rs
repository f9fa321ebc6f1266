//! Terms of members on committees.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    names::short,
    output::{Page, Show},
};

use super::{given, term};

#[derive(Debug, Serialize)]
pub(crate) struct MemberView {
    name: Option<String>,
    person: String,
    display_name: String,
    email: String,
    start_date: Option<String>,
    end_date: Option<String>,
}

impl From<v1::Member> for MemberView {
    fn from(member: v1::Member) -> Self {
        let v1::Member { name, person, display_name, email, start_date, end_date, etag: _ } = member;
        Self { name: given(name), person, display_name, email, start_date: given(start_date), end_date: given(end_date) }
    }
}

impl MemberView {
    fn row(&self) -> [String; 4] {
        [
            self.name.as_deref().map(short).unwrap_or_default(),
            self.display_name.clone(),
            self.email.clone(),
            term(self.start_date.as_deref(), self.end_date.as_deref()),
        ]
    }
}

impl Show for MemberView {
    fn draw(&self, page: &mut Page) {
        let [name, called, address, term] = self.row();
        page.title(called);
        page.facts([("Member", name), ("Person", short(&self.person)), ("Address", address), ("Term", term)]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct MemberList {
    pub(crate) members: Vec<MemberView>,
}

impl Show for MemberList {
    fn draw(&self, page: &mut Page) {
        page.table(["Member", "Called", "Address", "Term"], self.members.iter().map(MemberView::row), "There are no members.");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct MemberImport {
    pub(crate) members: Vec<MemberView>,
    pub(crate) new_persons: i32,
}

impl Show for MemberImport {
    fn draw(&self, page: &mut Page) {
        page.table(["Member", "Called", "Address", "Term"], self.members.iter().map(MemberView::row), "The file holds no members.");
    }
}
