//! Regions.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct RegionView {
    name: String,
    display_name: String,
    time_zone: Option<String>,
    create_time: Option<Instant>,
    etag: Option<String>,
}

impl From<v1::Region> for RegionView {
    fn from(region: v1::Region) -> Self {
        let v1::Region { name, display_name, time_zone, create_time, etag } = region;
        Self { name, display_name, time_zone: given(time_zone), create_time: instant(create_time), etag: given(etag) }
    }
}

impl Show for RegionView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.display_name);
        let set_up = page.when(self.create_time);
        page.facts([("Region", short(&self.name)), ("Time zone", self.time_zone.clone().unwrap_or_default()), ("Set up", set_up)]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RegionList {
    pub(crate) regions: Vec<RegionView>,
}

impl Show for RegionList {
    fn draw(&self, page: &mut Page) {
        let rows = self.regions.iter().map(|r| [short(&r.name), r.display_name.clone(), r.time_zone.clone().unwrap_or_default()]);
        page.table(["Region", "Called", "Time zone"], rows, "There are no regions.");
    }
}
