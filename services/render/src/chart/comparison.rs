//! Partnerships side by side, with their region.

use csp_domain::document::Cell;
use rust_decimal::Decimal;

use super::{
    Drawing, Measure, Print as _, Width, notes,
    scale::Scale,
    svg::{Anchor, Canvas, Style},
    table,
};

/// How high a bar is.
const BAR: f64 = 19.0;

/// One partnership's bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Its value, or in words why there is none: `no return received`, `fewer than 5`.
    pub value: Result<Decimal, String>,
    /// Drawn black among greys: the partnership the reader came for.
    pub own: bool,
}

/// What all are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `Northumbria`, `the group's average`.
    pub name: String,
    /// Its value.
    pub value: Decimal,
    /// Whom it covers: `5 of 6 partnerships`.
    pub coverage: String,
}

/// A comparison to be drawn.
#[derive(Debug, Clone)]
pub struct Comparison<'c> {
    /// Of what, and when: `Burglary per 1,000 residents, October to December 2021`.
    pub title: &'c str,
    /// What its values are.
    pub measure: Measure,
    /// The bars, from top to bottom.
    pub bars: &'c [Bar],
    /// The region, if there is a figure for it.
    pub reference: Option<&'c Reference>,
}

impl Comparison<'_> {
    /// Draws it.
    pub fn draw(&self, width: Width) -> Drawing {
        let mut canvas = Canvas::new(width.units());
        let mut y = notes::head(&mut canvas, self.title, &[]);
        let values = self.bars.iter().filter_map(|bar| bar.value.as_ref().ok()).copied();
        let scale = Scale::from_zero(values.chain(self.reference.map(|reference| reference.value)));
        let style = |bar: &Bar| if bar.own { Style::TEXT.bold() } else { Style::TEXT };
        let names = self.bars.iter().map(|bar| style(bar).width(&bar.name)).fold(0.0, f64::max);
        // On a telephone names stand above their bars, on a page beside them. Values stand in a column of their own, so
        // that the region's line meets bars only.
        let beside = width == Width::Page;
        let left = if beside { names.min(280.0) + 16.0 } else { 8.0 };
        let known = self.bars.iter().filter(|bar| bar.value.is_ok());
        let room = known.map(|bar| style(bar).width(&self.value(bar))).fold(0.0, f64::max);
        let full = canvas.width - left - room - 24.0;
        let place = |value: Decimal| left + full * scale.place(value);
        if let Some(reference) = self.reference {
            let name = format!("{} {}", reference.name, self.measure.print(reference.value));
            let half = Style::TEXT.width(&name) / 2.0;
            let x = place(reference.value).clamp(8.0 + half, canvas.width - 8.0 - half);
            canvas.text(x, y, Style::TEXT.anchored(Anchor::Middle), &name);
            y += 6.0;
        }
        for bar in self.bars {
            let at = y + if beside { 4.0 } else { 18.0 };
            if beside {
                canvas.text(left - 8.0, at + 14.0, style(bar).anchored(Anchor::End), &bar.name);
            } else {
                canvas.text(left, at - 4.0, style(bar), &bar.name);
            }
            if let Ok(value) = bar.value {
                let paint = if bar.own { "fill=\"#000\"" } else { "fill=\"#bbb\" stroke=\"#555\" stroke-width=\"1\"" };
                canvas.rect(left, at, (place(value) - left).max(1.0), BAR, paint);
                canvas.text(canvas.width - 8.0, at + 14.0, style(bar).anchored(Anchor::End), &self.value(bar));
                if let Some(reference) = self.reference {
                    let x = place(reference.value);
                    // White beneath, so that it is seen on a black bar too.
                    canvas.line((x, at - 3.0), (x, at + BAR + 3.0), "stroke=\"#fff\" stroke-width=\"5\"");
                    canvas.line((x, at - 3.0), (x, at + BAR + 3.0), "stroke=\"#000\" stroke-width=\"2\" stroke-dasharray=\"4 2\"");
                }
            } else {
                canvas.text(left, at + 14.0, style(bar), &self.value(bar));
            }
            y += if beside { BAR + 9.0 } else { BAR + 23.0 };
        }
        let remarks: Vec<String> =
            self.reference.map(|reference| format!("Dashed: {}, {}.", reference.name, reference.coverage)).into_iter().collect();
        let height = notes::foot(&mut canvas, y + 20.0, &remarks);
        let alternative = self.alternative();
        Drawing { svg: canvas.finish(height, self.title, &alternative), alternative, table: self.table() }
    }

    fn value(&self, bar: &Bar) -> String {
        match &bar.value {
            Ok(value) => self.measure.print(*value),
            Err(words) => words.clone(),
        }
    }

    fn alternative(&self) -> String {
        let bars: Vec<String> = self.bars.iter().map(|bar| format!("{} {}", bar.name, self.value(bar))).collect();
        let mut text = format!("{}: {}.", self.title, bars.join("; "));
        if let Some(reference) = self.reference {
            let print = self.measure.print(reference.value);
            text.push_str(&format!(" {} ({}): {print}.", reference.name, reference.coverage));
            let above = self.bars.iter().filter(|bar| bar.value.as_ref().is_ok_and(|value| *value > reference.value));
            let above: Vec<&str> = above.map(|bar| bar.name.as_str()).collect();
            text.push_str(&match above.as_slice() {
                [] => " Nobody is above it.".to_owned(),
                names => format!(" Above it: {}.", names.join(", ")),
            });
        }
        text
    }

    fn table(&self) -> csp_domain::document::Table {
        let cell = |bar: &Bar| if bar.value.is_ok() { Cell::of(self.value(bar)) } else { Cell::absent(self.value(bar)) };
        let mut rows: Vec<Vec<Cell>> = self.bars.iter().map(|bar| vec![Cell::of(bar.name.clone()), cell(bar)]).collect();
        if let Some(reference) = self.reference {
            let name = format!("{} ({})", reference.name, reference.coverage);
            rows.push(vec![Cell::of(name), Cell::of(self.measure.print(reference.value))]);
        }
        table(self.title, &["Partnership", "Figure"], rows)
    }
}
