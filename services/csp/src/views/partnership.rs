//! Partnerships.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct PartnershipView {
    name: String,
    display_name: String,
    ons_code: String,
    create_time: Option<Instant>,
    etag: Option<String>,
    comparison_group: Option<GroupView>,
}

#[derive(Debug, Serialize)]
struct GroupView {
    display_name: String,
    ons_codes: Vec<String>,
}

impl From<v1::Partnership> for PartnershipView {
    fn from(partnership: v1::Partnership) -> Self {
        let v1::Partnership { name, display_name, ons_code, create_time, etag, comparison_group } = partnership;
        let comparison_group =
            comparison_group.map(|v1::ComparisonGroup { display_name, ons_codes }| GroupView { display_name, ons_codes });
        Self { name, display_name, ons_code, create_time: instant(create_time), etag: given(etag), comparison_group }
    }
}

impl Show for PartnershipView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.display_name);
        let set_up = page.when(self.create_time);
        let mut facts = vec![("Partnership", short(&self.name)), ("ONS code", self.ons_code.clone()), ("Set up", set_up)];
        let group = self.comparison_group.as_ref();
        facts.extend(group.map(|group| ("Compared with", format!("{}: {}", group.display_name, group.ons_codes.join(", ")))));
        page.facts(facts);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct PartnershipList {
    pub(crate) partnerships: Vec<PartnershipView>,
}

impl Show for PartnershipList {
    fn draw(&self, page: &mut Page) {
        let rows = self.partnerships.iter().map(|p| [short(&p.name), p.display_name.clone(), p.ons_code.clone()]);
        page.table(["Partnership", "Called", "ONS code"], rows, "There are no partnerships.");
    }
}
