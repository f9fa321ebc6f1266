//! Targets.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, day, instant},
    names::{last, short},
    output::{Page, Show},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct TargetView {
    name: String,
    indicator: String,
    partnership: Option<String>,
    aim: Coded<v1::Aim>,
    milestones: Vec<MilestoneView>,
    way: Coded<v1::Way>,
    baseline: Option<String>,
    reason: String,
    end_date: Option<String>,
    end_reason: Option<String>,
    create_time: Option<Instant>,
    etag: Option<String>,
}

#[derive(Debug, Serialize)]
struct MilestoneView {
    period: String,
    value: String,
}

impl From<v1::Target> for TargetView {
    fn from(target: v1::Target) -> Self {
        let v1::Target { name, indicator, partnership, aim, milestones, way, baseline, reason, end_date, end_reason, create_time, etag } =
            target;
        Self {
            name,
            indicator,
            partnership: given(partnership),
            aim: Coded::of(aim),
            milestones: milestones.into_iter().map(|v1::Milestone { period, value }| MilestoneView { period, value }).collect(),
            way: Coded::of(way),
            baseline: given(baseline),
            reason,
            end_date: given(end_date),
            end_reason: given(end_reason),
            create_time: instant(create_time),
            etag: given(etag),
        }
    }
}

impl TargetView {
    fn whose(&self) -> String {
        self.partnership.as_deref().map_or_else(|| "all together".to_owned(), short)
    }

    /// `at most 230 (2021-q1), 200 (2021-q4), in steps`; of a baseline alone nothing.
    fn wanted(&self) -> String {
        let milestones: Vec<String> = self.milestones.iter().map(|m| format!("{} ({})", m.value, m.period)).collect();
        match milestones.len() {
            0 => String::new(),
            1 => format!("{} {} and after", self.aim.words(), milestones.join(", ")),
            _ => format!("{} {}, {}", self.aim.words(), milestones.join(", "), self.way.words()),
        }
    }

    fn until(&self) -> String {
        self.end_date.as_deref().map(day).unwrap_or_default()
    }
}

impl Show for TargetView {
    fn draw(&self, page: &mut Page) {
        page.title(format!("{}, {}", short(&self.indicator), self.whose()));
        let set = page.when(self.create_time);
        let mut facts = vec![("Target", last(&self.name).to_owned())];
        facts.extend(given(self.wanted()).map(|wanted| ("Wanted", wanted)));
        facts.extend(self.baseline.clone().map(|baseline| ("Baseline", baseline)));
        facts.push(("Set because", self.reason.clone()));
        facts.extend(given(self.until()).map(|until| ("Holds until", until)));
        facts.extend(self.end_reason.clone().map(|reason| ("Ended because", reason)));
        facts.push(("Entered", set));
        page.facts(facts);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TargetList {
    pub(crate) targets: Vec<TargetView>,
}

impl Show for TargetList {
    fn draw(&self, page: &mut Page) {
        let rows = self.targets.iter().map(|t| {
            let started = t.baseline.clone().unwrap_or_default();
            [last(&t.name).to_owned(), short(&t.indicator), t.whose(), t.wanted(), started, t.until()]
        });
        page.table(["Target", "Measure", "Of", "Wanted", "Baseline", "Until"], rows, "There are no targets.");
    }
}
