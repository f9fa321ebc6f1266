//! Indicators.

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
pub(crate) struct IndicatorView {
    name: String,
    display_name: String,
    unit: Coded<v1::Unit>,
    polarity: Coded<v1::Polarity>,
    source: String,
    create_time: Option<Instant>,
    etag: Option<String>,
}

impl From<v1::Indicator> for IndicatorView {
    fn from(indicator: v1::Indicator) -> Self {
        let v1::Indicator { name, display_name, unit, polarity, source, create_time, etag } = indicator;
        Self {
            name,
            display_name,
            unit: Coded::of(unit),
            polarity: Coded::of(polarity),
            source,
            create_time: instant(create_time),
            etag: given(etag),
        }
    }
}

impl Show for IndicatorView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.display_name);
        page.facts([
            ("Indicator", short(&self.name)),
            ("Unit", self.unit.words()),
            ("Direction", self.polarity.words()),
            ("Source", self.source.clone()),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct IndicatorList {
    pub(crate) indicators: Vec<IndicatorView>,
}

impl Show for IndicatorList {
    fn draw(&self, page: &mut Page) {
        let rows =
            self.indicators.iter().map(|i| [short(&i.name), i.display_name.clone(), i.unit.words(), i.polarity.words(), i.source.clone()]);
        page.table(["Indicator", "Called", "Unit", "Direction", "Source"], rows, "There are no indicators.");
    }
}
