//! Imports of history.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    output::{Page, Show, count},
};

#[derive(Debug, Serialize)]
pub(crate) struct HistoryImportView {
    name: String,
    source: String,
    points: i32,
    added: i32,
    changed: i32,
    already_there: i32,
    create_time: Option<Instant>,
    dry_run: bool,
    left_out: Vec<LeftOut>,
}

/// Rows that did not come in.
#[derive(Debug, Serialize)]
struct LeftOut {
    what: String,
    rows: usize,
}

impl HistoryImportView {
    pub(crate) fn of(import: v1::HistoryImport, left_out: Vec<(String, usize)>, dry_run: bool) -> Self {
        let v1::HistoryImport { name, source, point_count, added_count, changed_count, create_time } = import;
        Self {
            name,
            source,
            points: point_count,
            added: added_count,
            changed: changed_count,
            already_there: point_count - added_count - changed_count,
            create_time: instant(create_time),
            dry_run,
            left_out: left_out.into_iter().map(|(what, rows)| LeftOut { what, rows }).collect(),
        }
    }
}

impl Show for HistoryImportView {
    fn draw(&self, page: &mut Page) {
        page.facts([
            ("Figures", self.points.to_string()),
            ("New", self.added.to_string()),
            ("Changed", self.changed.to_string()),
            ("There already", self.already_there.to_string()),
            ("Source", self.source.clone()),
        ]);
        if !self.left_out.is_empty() {
            page.blank();
            page.title("Left out");
            let rows = self.left_out.iter().map(|left| [left.what.clone(), count(left.rows, "row", "rows")]);
            page.table(["What", "How many"], rows, "");
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct HistoryImports {
    pub(crate) imports: Vec<HistoryImportView>,
}

impl Show for HistoryImports {
    fn draw(&self, page: &mut Page) {
        let rows = self.imports.iter().map(|import| {
            [
                page.when(import.create_time),
                import.points.to_string(),
                import.added.to_string(),
                import.changed.to_string(),
                import.source.clone(),
            ]
        });
        let rows: Vec<[String; 5]> = rows.collect();
        page.table(["When", "Figures", "New", "Changed", "Source"], rows, "Nothing was imported.");
    }
}
