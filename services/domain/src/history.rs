//! Figures from before partnerships reported here.
//!
//! A committee's first paper needs a year before it, and a chart needs two. Both exist, in files that a police force or a ministry
//! publishes. Such a figure is nobody's return: it is kept with its source, and a partnership's own answer about the same
//! period comes before it.

use rust_decimal::Decimal;

use crate::{
    clock::Instant,
    id::{HistoryImportId, IndicatorId, PartnershipId, PersonId},
    measure,
    observation::Figure,
    period::Period,
    text::Line,
};

/// One indicator of one partnership over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Whose.
    pub partnership: PartnershipId,
    /// Of what.
    pub indicator: IndicatorId,
    /// The figures, each period once.
    pub points: Vec<(Period, Decimal)>,
}

/// Leaves out what was imported about a time of which the partnership itself told in other pieces: its own months come before somebody
/// else's quarter.
pub fn own_before_imported<T>(said: &mut Vec<T>, figure: impl Fn(&T) -> &Figure, imported: impl Fn(&T) -> bool) {
    if !said.iter().any(&imported) {
        return;
    }
    let own = measure::series::Series::of(said.iter().filter(|one| !imported(one)).map(&figure));
    said.retain(|one| !imported(one) || !own.covers(figure(one).period));
}

/// A file's figures, about to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHistory {
    /// Identifier of the import.
    pub id: HistoryImportId,
    /// Who counted it.
    pub source: Line,
    /// The figures.
    pub series: Vec<Series>,
}

impl NewHistory {
    /// How many points one import takes. More would be more than one unit should hold.
    pub const MAX_POINTS: usize = 200_000;

    /// How many there are.
    pub fn count(&self) -> usize {
        self.series.iter().map(|series| series.points.len()).sum()
    }
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryImport {
    /// Identifier.
    pub id: HistoryImportId,
    /// Who counted it.
    pub source: Line,
    /// How many figures there were.
    pub points: u64,
    /// How many were new.
    pub added: u64,
    /// How many replaced another figure.
    pub changed: u64,
    /// Who imported it.
    pub imported_by: PersonId,
    /// When.
    pub imported_at: Instant,
}
