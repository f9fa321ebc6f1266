//! What came of it: a table for whoever watches, Markdown for people, JSON for programs.

use std::{fmt::Write as _, path::Path};

use serde::Serialize;

use crate::Outcome;

/// Everything that was measured in one run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: Vec<(String, String)>,
    sections: Vec<Section>,
    left_out: Vec<String>,
}

/// One comparison.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Section {
    title: String,
    notes: Vec<String>,
    series: Vec<Series>,
    ratios: Vec<Ratio>,
}

/// One value for each round.
#[derive(Debug, Serialize)]
struct Series {
    what: String,
    unit: &'static str,
    rounds: Vec<f64>,
}

/// One ratio for each round, and what it should be.
#[derive(Debug, Serialize)]
struct Ratio {
    what: String,
    rounds: Vec<f64>,
    aim: Option<Aim>,
}

/// What a ratio, or a value, should be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Aim {
    fn words(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least}"),
            Self::AtMost(most) => format!("≤ {most}"),
        }
    }

    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl Section {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        let title = title.into();
        eprintln!("{title}");
        Self { title, ..Self::default() }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Notes a round's value.
    pub(crate) fn add(&mut self, what: &str, unit: &'static str, value: f64) {
        match self.series.iter_mut().find(|series| series.what == what) {
            Some(series) => series.rounds.push(value),
            None => self.series.push(Series { what: what.to_owned(), unit, rounds: vec![value] }),
        }
    }

    /// Compares two series round by round; nothing where one of them was left out.
    pub(crate) fn compare(&mut self, one: &str, other: &str, aim: Option<Aim>) {
        let rounds = |what: &str| self.series.iter().find(|series| series.what == what).map(|series| series.rounds.as_slice());
        let (Some(ours), Some(theirs)) = (rounds(one), rounds(other)) else { return };
        let rounds = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        self.ratios.push(Ratio { what: format!("{one} / {other}"), rounds, aim });
    }

    /// Holds a series itself against an aim.
    pub(crate) fn judge(&mut self, what: &str, aim: Aim) {
        let Some(series) = self.series.iter().find(|series| series.what == what) else { return };
        self.ratios.push(Ratio { what: format!("{what}, {}", series.unit), rounds: series.rounds.clone(), aim: Some(aim) });
    }
}

impl Report {
    pub(crate) fn new(machine: Vec<(String, String)>) -> Self {
        Self { machine, sections: Vec::new(), left_out: Vec::new() }
    }

    pub(crate) fn push(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// Says what is missing, and why.
    pub(crate) fn leave_out(&mut self, what: impl Into<String>) {
        let what = what.into();
        eprintln!("left out: {what}");
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    /// Prints the report, and writes it into `folder`.
    pub(crate) fn publish(&self, folder: &Path) -> Outcome<()> {
        let text = self.markdown();
        println!("{text}");
        let (markdown, json) = (folder.join("report.md"), folder.join("report.json"));
        std::fs::write(&markdown, &text)?;
        std::fs::write(&json, serde_json::to_string_pretty(self)?)?;
        eprintln!("written: {} and {}", markdown.display(), json.display());
        Ok(())
    }

    fn markdown(&self) -> String {
        let mut text = String::from("# What the server does a second\n\n");
        for (name, value) in &self.machine {
            text.push_str(&format!("* {name}: {value}\n"));
        }
        for what in &self.left_out {
            text.push_str(&format!("* left out: {what}\n"));
        }
        for section in &self.sections {
            text.push_str(&format!("\n## {}\n\n", section.title));
            for note in &section.notes {
                text.push_str(&format!("{note}\n\n"));
            }
            let mut rows = vec![["what", "median", "min–max", "unit"].map(str::to_owned)];
            for Series { what, unit, rounds } in &section.series {
                rows.push([what.clone(), number(median(rounds)), range(rounds), (*unit).to_owned()]);
            }
            table(&mut text, &rows);
            if section.ratios.is_empty() {
                continue;
            }
            text.push('\n');
            let mut rows = vec![["ratio, round by round", "median", "min–max", "aim", ""].map(str::to_owned)];
            for Ratio { what, rounds, aim } in &section.ratios {
                let middle = median(rounds);
                let verdict = aim.map_or("", |aim| if aim.is_met(middle) { "met" } else { "missed" });
                rows.push([what.clone(), number(middle), range(rounds), aim.map(Aim::words).unwrap_or_default(), verdict.to_owned()]);
            }
            table(&mut text, &rows);
        }
        text
    }
}

/// A table of Markdown that reads as one in a terminal too. The first row is the head.
fn table<const N: usize>(text: &mut String, rows: &[[String; N]]) {
    let widths: [usize; N] = std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3));
    for (place, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if place == 0 {
            for width in widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
}

fn median(rounds: &[f64]) -> f64 {
    let mut sorted = rounds.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

fn range(rounds: &[f64]) -> String {
    let least = rounds.iter().copied().fold(f64::INFINITY, f64::min);
    let most = rounds.iter().copied().fold(0.0, f64::max);
    format!("{}–{}", number(least), number(most))
}

/// Three figures that count, and no more.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}
