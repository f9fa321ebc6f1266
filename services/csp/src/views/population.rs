//! Estimates of residents.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    output::{Page, Show, count},
};

#[derive(Debug, Serialize)]
pub(crate) struct PopulationView {
    ons_code: String,
    mid_year: i32,
    people: i64,
    source: String,
    create_time: Option<Instant>,
}

impl From<v1::Population> for PopulationView {
    fn from(population: v1::Population) -> Self {
        let v1::Population { ons_code, mid_year, people, source, create_time } = population;
        Self { ons_code, mid_year, people, source, create_time: instant(create_time) }
    }
}

/// Estimates in the order of areas and years.
#[derive(Debug, Serialize)]
pub(crate) struct PopulationList {
    populations: Vec<PopulationView>,
}

impl PopulationList {
    pub(crate) fn of(populations: Vec<v1::Population>) -> Self {
        let mut populations: Vec<PopulationView> = populations.into_iter().map(Into::into).collect();
        populations.sort_by(|a, b| (&a.ons_code, a.mid_year).cmp(&(&b.ons_code, b.mid_year)));
        Self { populations }
    }
}

/// `201950` as `201,950`.
fn thousands(people: i64) -> String {
    let digits = people.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("{sign}{}", groups.join(","))
}

impl Show for PopulationList {
    fn draw(&self, page: &mut Page) {
        let rows =
            self.populations.iter().map(|p| [p.ons_code.clone(), format!("mid-{}", p.mid_year), thousands(p.people), p.source.clone()]);
        page.table(["ONS code", "Of", "Residents", "Source"], rows, "There are no estimates of residents, so that no rates are printed.");
    }
}

/// What came of an import.
#[derive(Debug, Serialize)]
pub(crate) struct PopulationsImported {
    pub(crate) added: usize,
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
    pub(crate) validate_only: bool,
}

impl Show for PopulationsImported {
    fn draw(&self, page: &mut Page) {
        let would = if self.validate_only { "Would be entered" } else { "Entered" };
        let new = count(self.added, "new estimate", "new estimates");
        page.line(format!("{would}: {new}; {} changed; {} as they were.", self.changed, self.unchanged));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residents_are_written_with_their_thousands() {
        assert_eq!([0, 999, 1_000, 201_950, -1_234_567].map(thousands), ["0", "999", "1,000", "201,950", "-1,234,567"]);
    }
}
