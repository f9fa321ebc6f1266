//! Progress against a target: where it stands, where it should stand, and what is wanted in the end.

use csp_domain::{
    document::Cell,
    measure::{
        target::{Milestone, Trajectory},
        verdict::Shape,
        xmr::Point,
    },
    period::Period,
};
use rust_decimal::Decimal;

use super::{
    Context, Drawing, Measure, Print as _, Width,
    context::{Lettered, ends},
    marks, notes,
    plot::{FIGURES, Plot, TARGET},
    scale::Scale,
    svg::{Canvas, Style},
    table,
};

/// Progress to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'c> {
    /// Of what, and of whom.
    pub title: &'c str,
    /// What its values are.
    pub measure: Measure,
    /// The figures so far, in order.
    pub points: &'c [Point],
    /// What was promised.
    pub target: &'c Trajectory,
    /// What must be known beside some of the figures.
    pub context: Context<'c>,
}

impl Progress<'_> {
    /// Draws it. None of no figures at all.
    pub fn draw(&self, width: Width) -> Option<Drawing> {
        let (first, latest) = (self.points.first()?, self.points.last()?);
        let wanted = self.target.last();
        let end = wanted.period.max(latest.period);
        let periods = periods(first.period, end);
        let expected: Vec<(Period, Decimal)> =
            periods.iter().filter_map(|period| Some((*period, self.target.expected(*period)?))).collect();
        let mut canvas = Canvas::new(width.units());
        let said = self.said(*latest);
        let top = notes::head(&mut canvas, self.title, &said);
        let values = self.points.iter().map(|point| point.value()).chain(expected.iter().map(|(_, value)| *value));
        let scale = Scale::holding(values, self.measure.counts_whole());
        let names = [format!("target {}", self.measure.print(wanted.value)), format!("now {}", self.measure.print(latest.value()))];
        let room = names.iter().map(|name| Style::TEXT.bold().width(name)).fold(0.0, f64::max);
        let plot = Plot::new(
            (Plot::margin(&scale, self.measure), top),
            (canvas.width - room - 8.0, top + if width == Width::Phone { 190.0 } else { 230.0 }),
            scale,
            (first.period, end),
        );
        let reported: Vec<Period> = self.points.iter().map(|point| point.period).collect();
        let lettered = self.context.lettered(|_, span| ends(span, &reported).is_some());
        let figures: Vec<(Period, Decimal)> = self.points.iter().map(|point| (point.period, point.value())).collect();
        for Lettered { letter, span, .. } in &lettered {
            if let Some(ends) = ends(span, &reported) {
                plot.span(&mut canvas, ends, letter, &figures);
            }
        }
        plot.axes(&mut canvas, self.measure, &periods);
        let place = |period: Period, value: Decimal| (plot.x(period), plot.y(value));
        canvas.polyline(&expected.iter().map(|(period, value)| place(*period, *value)).collect::<Vec<_>>(), TARGET);
        for pair in self.points.windows(2).filter(|pair| pair[0].period.adjoins(pair[1].period)) {
            canvas.polyline(&[place(pair[0].period, pair[0].value()), place(pair[1].period, pair[1].value())], FIGURES);
        }
        for point in self.points {
            let (x, y) = place(point.period, point.value());
            canvas.circle(x, y, 3.5, "fill=\"#000\" stroke=\"#fff\" stroke-width=\"1\"");
        }
        let (x, y) = place(wanted.period, wanted.value);
        marks::draw(&mut canvas, Shape::Ring, (x, y), 6.0);
        let [target, now] = names;
        let (at, level) = place(latest.period, latest.value());
        if latest.period == end {
            plot.names(&mut canvas, vec![(y, target, false), (level, now, true)]);
        } else {
            // The line has not come to the right end yet, so its name stands where it is.
            plot.names(&mut canvas, vec![(y, target, false)]);
            canvas.text(at + 6.0, level - 9.0, Style::TEXT.bold(), &now);
        }
        let known: Vec<String> =
            lettered.iter().map(|found| format!("{}: {}", found.letter, found.span.text)).chain(self.context.rest()).collect();
        let mut remarks = vec!["Dashed: what was expected on the way. Solid: what was reported.".to_owned()];
        remarks.extend(known.iter().cloned());
        let height = notes::foot(&mut canvas, plot.bottom + 42.0, &remarks);
        let alternative = self.alternative(&said, *latest, wanted, &known);
        Some(Drawing { svg: canvas.finish(height, self.title, &alternative), alternative, table: self.table(&periods) })
    }

    fn said(&self, latest: Point) -> Vec<(Shape, String)> {
        let judged = self.target.judge(latest.period, latest.value()).zip(self.target.expected(latest.period));
        let words = judged.map(|(judged, expected)| {
            let (aim, now) = (self.target.aim().words(), self.measure.print(latest.value()));
            let text = format!(
                "{} in {}: {now}, expected {aim} {}.",
                super::sentence(judged.words()).trim_end_matches('.'),
                latest.period.short_label(),
                self.measure.print(expected)
            );
            (judged.shape(), text)
        });
        words.into_iter().collect()
    }

    fn alternative(&self, said: &[(Shape, String)], latest: Point, wanted: Milestone, known: &[String]) -> String {
        let mut text = format!("{}: {} figures to {}.", self.title, self.points.len(), latest.period.short_label());
        for (_, words) in said {
            text.push(' ');
            text.push_str(words);
        }
        let (aim, value) = (self.target.aim().words(), self.measure.print(wanted.value));
        let until = if self.target.is_standing() { "from" } else { "by" };
        text.push_str(&format!(" Target: {aim} {value} {until} {}.", wanted.period.short_label()));
        for sentence in known {
            text.push(' ');
            text.push_str(sentence);
        }
        text
    }

    fn table(&self, periods: &[Period]) -> csp_domain::document::Table {
        let print = |value: Option<Decimal>| value.map_or_else(|| Cell::absent("–"), |value| Cell::of(self.measure.print(value)));
        let reported = |period: Period| self.points.iter().find(|point| point.period == period).map(|point| point.value());
        let row = |period: &Period| vec![Cell::of(period.short_label()), print(reported(*period)), print(self.target.expected(*period))];
        table(self.title, &["Period", "Reported", "Expected"], periods.iter().map(row).collect())
    }
}

/// Every period from the `first` to the `end`.
fn periods(first: Period, end: Period) -> Vec<Period> {
    let mut periods = vec![end];
    while let Some(period) = periods.last().copied().filter(|period| period.start() > first.start()) {
        periods.push(period.previous());
    }
    periods.reverse();
    periods
}
