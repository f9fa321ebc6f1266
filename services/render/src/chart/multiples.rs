//! Small multiples: every partnership's XmR chart on one scale.

use csp_domain::{
    document::{Cell, chart::Span},
    indicator::Polarity,
    measure::{
        verdict::{Shape, Verdict},
        xmr::Chart,
    },
    period::Period,
};
use rust_decimal::Decimal;

use super::{
    Context, Drawing, Measure, Print as _, Width,
    context::{Lettered, ends},
    marks, notes,
    plot::{Plot, short},
    scale::Scale,
    svg::{Anchor, Canvas, Style},
    table,
};

/// One partnership's chart, or why it is not shown.
#[derive(Debug, Clone)]
pub struct Panel<'c> {
    /// The partnership.
    pub name: &'c str,
    /// Its figures.
    pub chart: Result<&'c Chart, String>,
    /// Which of the spans are about it, by their places.
    pub context: &'c [usize],
}

/// Small multiples to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Multiples<'c> {
    /// Of what: `Burglary by month`.
    pub title: &'c str,
    /// What its values are.
    pub measure: Measure,
    /// Which direction is good.
    pub polarity: Polarity,
    /// The panels, in reading order.
    pub panels: &'c [Panel<'c>],
    /// What must be known beside some of the figures.
    pub context: Context<'c>,
}

impl Panel<'_> {
    /// From which of its figures to which a span of the chart goes, if it is about any.
    fn ends(&self, place: usize, span: &Span) -> Option<(Period, Period)> {
        let chart = self.chart.as_ref().ok().filter(|_| self.context.contains(&place))?;
        let periods: Vec<Period> = chart.points().map(|plotted| plotted.point.period).collect();
        ends(span, &periods)
    }
}

impl Multiples<'_> {
    /// Draws them. None where no panel has a figure.
    pub fn draw(&self, width: Width) -> Option<Drawing> {
        let charts = || self.panels.iter().filter_map(|panel| panel.chart.as_ref().ok());
        let points = || charts().flat_map(|chart| chart.points());
        let period = |plotted: &csp_domain::measure::xmr::Plotted| plotted.point.period;
        let (first, last) = (points().map(period).min()?, points().map(period).max()?);
        let mut values: Vec<Decimal> = points().map(|plotted| plotted.point.value()).collect();
        values.extend(charts().flat_map(|chart| &chart.segments).filter_map(|segment| segment.limits).map(|limits| limits.upper()));
        let scale = Scale::holding(values, self.measure.counts_whole());

        let mut canvas = Canvas::new(width.units());
        let top = notes::head(&mut canvas, self.title, &[]) - 6.0;
        let columns = if width == Width::Phone { 2 } else { 3 };
        let wide = canvas.width / f64::from(columns);
        let high = 148.0;
        let (mut column, mut y) = (0, top);
        let lettered = self.lettered();
        for panel in self.panels {
            if column == columns {
                column = 0;
                y += high;
            }
            self.panel(&mut canvas, panel, &lettered, (f64::from(column) * wide, y, wide), &scale, (first, last));
            column += 1;
        }
        let ticks = scale.ticks();
        let (low, top) = (self.measure.tick(ticks[0]), self.measure.tick(ticks[ticks.len() - 1]));
        let time = format!("{} to {}", short(first), short(last));
        let said = self.said(&lettered);
        let mut remarks =
            vec![format!("Each from {low} to {top}, {time}. Grey: where the partnership's figures usually lie; line: their average.")];
        remarks.extend(said.iter().cloned());
        let mut key = marks::key(points(), self.polarity);
        key.retain(|(shape, _)| *shape != Shape::Ring);
        let y = notes::key(&mut canvas, y + high + 16.0, &key);
        let height = notes::foot(&mut canvas, y, &remarks);
        let alternative = self.alternative(first, last, &said);
        Some(Drawing { svg: canvas.finish(height, self.title, &alternative), alternative, table: self.table() })
    }

    /// What must be known of figures that are drawn in any panel.
    fn lettered(&self) -> Vec<Lettered<'_>> {
        self.context.lettered(|place, span| self.panels.iter().any(|panel| panel.ends(place, span).is_some()))
    }

    /// What must be known, with the partnerships it is about where that is not all that are drawn.
    fn said(&self, lettered: &[Lettered<'_>]) -> Vec<String> {
        let drawn = self.panels.iter().filter(|panel| panel.chart.is_ok()).count();
        let told = |Lettered { letter, span, place }: &Lettered<'_>| {
            let of: Vec<&str> = self.panels.iter().filter(|panel| panel.ends(*place, span).is_some()).map(|panel| panel.name).collect();
            let whom = if of.len() == drawn { String::new() } else { format!(" ({})", of.join(", ")) };
            format!("{letter}{whom}: {}", span.text)
        };
        lettered.iter().map(told).chain(self.context.rest()).collect()
    }

    fn panel(
        &self,
        canvas: &mut Canvas,
        panel: &Panel<'_>,
        lettered: &[Lettered<'_>],
        (x, y, wide): (f64, f64, f64),
        scale: &Scale,
        time: (Period, Period),
    ) {
        let (left, right) = (x + 8.0, x + wide - 8.0);
        let name = Style::TEXT.bold();
        // One line for the name: where it does not fit, the letters are pressed rather than the name cut.
        let size = (name.size * (right - left) / name.width(panel.name)).clamp(9.0, name.size);
        canvas.text(left, y + 16.0, Style { size, ..name }, panel.name);
        let chart = match &panel.chart {
            Ok(chart) => *chart,
            Err(refusal) => {
                for (line, words) in (0..).zip(Style::TEXT.wrap(&super::sentence(refusal), right - left)) {
                    canvas.text(left, y + 34.0 + 16.0 * f64::from(line), Style::TEXT, &words);
                }
                return;
            }
        };
        let verdict = Verdict::of(chart, self.polarity);
        marks::draw(canvas, verdict.shape(), (left + 5.0, y + 28.5), 4.5);
        let words = Style::TEXT.width(verdict.words());
        let size = (Style::TEXT.size * (right - left - 14.0) / words).clamp(10.0, Style::TEXT.size);
        canvas.text(left + 14.0, y + 33.0, Style { size, ..Style::TEXT }, verdict.words());
        let latest = chart.points().last().map(|plotted| (plotted.point, self.measure.print(plotted.point.value())));
        let room = latest.as_ref().map_or(0.0, |(_, text)| name.width(text)) + 2.0;
        let plot = Plot::new((left, y + 46.0), (right - room, y + 134.0), scale.clone(), time);
        for segment in &chart.segments {
            plot.ground(canvas, segment, Some(Decimal::ZERO));
        }
        let figures: Vec<(Period, Decimal)> = chart.points().map(|plotted| (plotted.point.period, plotted.point.value())).collect();
        for Lettered { letter, span, place } in lettered {
            if let Some(ends) = panel.ends(*place, span) {
                plot.span(canvas, ends, letter, &figures);
            }
        }
        for segment in &chart.segments {
            plot.figures(canvas, segment);
        }
        canvas.line((plot.left, plot.bottom), (plot.right, plot.bottom), "stroke=\"#000\" stroke-width=\"1\"");
        for plotted in chart.points() {
            let shape = marks::of_point(plotted, self.polarity);
            if shape != Shape::Ring {
                marks::draw(canvas, shape, (plot.x(plotted.point.period), plot.y(plotted.point.value())), 3.5);
            }
        }
        if let Some((point, text)) = latest {
            canvas.text(right, plot.y(point.value()) + 4.5, name.anchored(Anchor::End), &text);
        }
    }

    fn alternative(&self, first: Period, last: Period, said: &[String]) -> String {
        let told: Vec<String> = self
            .panels
            .iter()
            .map(|panel| match &panel.chart {
                Ok(chart) => {
                    let latest = chart.points().last().map(|plotted| self.measure.print(plotted.point.value())).unwrap_or_default();
                    format!("{}: {}, latest {latest}", panel.name, Verdict::of(chart, self.polarity).words())
                }
                Err(refusal) => format!("{}: {refusal}", panel.name),
            })
            .collect();
        let mut text = format!("{}, {} to {}. {}.", self.title, first.short_label(), last.short_label(), told.join("; "));
        for sentence in said {
            text.push(' ');
            text.push_str(sentence);
        }
        text
    }

    fn table(&self) -> csp_domain::document::Table {
        let rows = self.panels.iter().map(|panel| {
            let mut cells = vec![Cell::of(panel.name)];
            match &panel.chart {
                Ok(chart) => {
                    let print =
                        |value: Option<Decimal>| value.map_or_else(|| Cell::absent("–"), |value| Cell::of(self.measure.print(value)));
                    let limits = chart.current().and_then(|segment| segment.limits);
                    cells.push(print(chart.points().last().map(|plotted| plotted.point.value())));
                    cells.push(print(limits.map(|limits| limits.mean())));
                    cells.push(print(limits.map(|limits| limits.lower().max(Decimal::ZERO))));
                    cells.push(print(limits.map(|limits| limits.upper())));
                    cells.push(Cell::of(Verdict::of(chart, self.polarity).words()));
                }
                Err(refusal) => {
                    cells.extend(std::iter::repeat_n(Cell::absent("–"), 4));
                    cells.push(Cell::absent(refusal.as_str()));
                }
            }
            cells
        });
        table(self.title, &["Partnership", "Latest", "Average", "Usual from", "Usual to", "Verdict"], rows.collect())
    }
}
