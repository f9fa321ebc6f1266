//! The XmR chart: every figure, where figures usually lie, and which do not.

use csp_domain::{
    document::Cell,
    indicator::Polarity,
    measure::{
        target::Trajectory,
        verdict::{Shape, Verdict},
        xmr::{Beginning, Chart, Direction, Limits, Plotted, Segment},
    },
    period::Period,
};
use rust_decimal::Decimal;

use super::{
    Context, Drawing, Measure, Print as _, Width,
    context::{Lettered, ends},
    marks, notes,
    plot::{Plot, TARGET},
    scale::Scale,
    sentence,
    svg::Canvas,
    table,
};

/// An XmR chart to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct ControlChart<'c> {
    /// Of what, and of whom: `Burglary in Gateshead, by month`.
    pub title: &'c str,
    /// What its values are.
    pub measure: Measure,
    /// Which direction is good.
    pub polarity: Polarity,
    /// The figures.
    pub chart: &'c Chart,
    /// What is wanted, if anything is.
    pub target: Option<&'c Trajectory>,
    /// What must be known beside some of the figures.
    pub context: Context<'c>,
}

impl ControlChart<'_> {
    /// Draws it. None of no figures at all.
    pub fn draw(&self, width: Width) -> Option<Drawing> {
        let periods: Vec<Period> = self.chart.points().map(|plotted| plotted.point.period).collect();
        let (first, last) = (*periods.first()?, *periods.last()?);
        let current = self.chart.current()?;
        let mut canvas = Canvas::new(width.units());
        let said = self.said(current);
        let top = notes::head(&mut canvas, self.title, &said);
        let scale = Scale::holding(self.values(&periods), self.measure.counts_whole());
        let names = self.names(current, last);
        let room = names.iter().map(|(_, text, bold)| name_width(text, *bold)).fold(0.0, f64::max);
        let plot = Plot::new(
            (Plot::margin(&scale, self.measure), top),
            (canvas.width - room - 8.0, top + if width == Width::Phone { 210.0 } else { 250.0 }),
            scale,
            (first, last),
        );
        for segment in &self.chart.segments {
            plot.ground(&mut canvas, segment, self.floor());
        }
        let figures: Vec<(Period, Decimal)> = self.chart.points().map(|plotted| (plotted.point.period, plotted.point.value())).collect();
        for Lettered { letter, span, .. } in self.lettered(&periods) {
            if let Some(ends) = ends(span, &periods) {
                plot.span(&mut canvas, ends, &letter, &figures);
            }
        }
        plot.axes(&mut canvas, self.measure, &periods);
        for segment in &self.chart.segments {
            if let (Beginning::Rebased(_), Some(first)) = (&segment.beginning, segment.points.first()) {
                let x = plot.x(first.point.period) - 6.0;
                canvas.line((x, plot.top), (x, plot.bottom), "stroke=\"#000\" stroke-width=\"1\" stroke-dasharray=\"1 2\"");
            }
            plot.figures(&mut canvas, segment);
        }
        if let Some(target) = self.target {
            let way: Vec<(f64, f64)> =
                periods.iter().filter_map(|period| Some((plot.x(*period), plot.y(target.expected(*period)?)))).collect();
            canvas.polyline(&way, TARGET);
        }
        for plotted in self.chart.points() {
            let at = (plot.x(plotted.point.period), plot.y(plotted.point.value()));
            let shape = marks::of_point(plotted, self.polarity);
            let small = if shape == Shape::Ring { 3.0 } else { 5.0 };
            marks::draw(&mut canvas, shape, at, if width == Width::Phone && shape == Shape::Ring { 2.5 } else { small });
        }
        plot.names(&mut canvas, names.into_iter().map(|(value, text, bold)| (plot.y(value), text, bold)).collect());
        let y = notes::key(&mut canvas, plot.bottom + 42.0, &marks::key(self.chart.points(), self.polarity));
        let remarks = self.remarks();
        let grey = current.limits.map(|limits| format!("Grey: where figures lie while nothing changes, {}.", self.basis(&limits)));
        let height = notes::foot(&mut canvas, y, &grey.into_iter().chain(remarks.iter().cloned()).collect::<Vec<_>>());
        let alternative = self.alternative(&said, &remarks);
        Some(Drawing { svg: canvas.finish(height, self.title, &alternative), alternative, table: self.table() })
    }

    /// Nothing that is counted is below zero, so neither is a limit drawn there.
    fn floor(&self) -> Option<Decimal> {
        self.chart.points().all(|plotted| !plotted.point.value().is_sign_negative()).then_some(Decimal::ZERO)
    }

    fn values(&self, periods: &[Period]) -> Vec<Decimal> {
        let mut values: Vec<Decimal> = self.chart.points().map(|plotted| plotted.point.value()).collect();
        for limits in self.chart.segments.iter().filter_map(|segment| segment.limits) {
            let lower = limits.lower();
            values.extend([limits.upper(), self.floor().map_or(lower, |floor| lower.max(floor))]);
        }
        values.extend(self.target.iter().flat_map(|target| periods.iter().filter_map(|period| target.expected(*period))));
        values
    }

    fn said(&self, current: &Segment) -> Vec<(Shape, String)> {
        let verdict = Verdict::of(self.chart, self.polarity);
        let mut said = vec![(verdict.shape(), sentence(&verdict.to_string()))];
        if let Some(target) = self.target {
            let aim = format!("{} {}", target.aim().words(), self.measure.print(target.last().value));
            let judged = match (current.limits, current.points.last()) {
                (Some(limits), _) => Some(target.assurance(&limits)),
                (None, Some(plotted)) => target.judge(plotted.point.period, plotted.point.value()),
                (None, None) => None,
            };
            said.extend(judged.map(|judged| (judged.shape(), format!("Target, {aim}: {judged}."))));
        }
        said
    }

    /// The lines that end at the right, with their names.
    fn names(&self, current: &Segment, last: Period) -> Vec<(Decimal, String, bool)> {
        let print = |value| self.measure.print(value);
        let mut names = Vec::new();
        if let Some(plotted) = current.points.last() {
            names.push((plotted.point.value(), format!("latest {}", print(plotted.point.value())), true));
        }
        if let Some(limits) = current.limits {
            names.push((limits.upper(), format!("limit {}", print(limits.upper())), false));
            names.push((limits.mean(), format!("average {}", print(limits.mean())), false));
            if self.floor().is_none_or(|floor| limits.lower() > floor) {
                names.push((limits.lower(), format!("limit {}", print(limits.lower())), false));
            }
        }
        if let Some(expected) = self.target.and_then(|target| target.expected(last)) {
            names.push((expected, format!("target {}", print(expected)), false));
        }
        names
    }

    /// What the limits are computed from.
    fn basis(&self, limits: &Limits) -> String {
        let points = limits.points();
        match self.chart.baseline {
            Some(baseline) => {
                format!("from {points} figures, fixed to {} to {}", baseline.first.short_label(), baseline.last.short_label())
            }
            None => format!("from {points} figures"),
        }
    }

    /// What must be known of figures that are drawn.
    fn lettered(&self, periods: &[Period]) -> Vec<Lettered<'_>> {
        self.context.lettered(|_, span| ends(span, periods).is_some())
    }

    /// What must be known of some figures, where limits begin anew, and what is missing.
    fn remarks(&self) -> Vec<String> {
        let periods: Vec<Period> = self.chart.points().map(|plotted| plotted.point.period).collect();
        let mut remarks: Vec<String> =
            self.lettered(&periods).iter().map(|found| format!("{}: {}", found.letter, found.span.text)).collect();
        remarks.extend(self.context.rest());
        for segment in &self.chart.segments {
            if let (Beginning::Rebased(reason), Some(first)) = (&segment.beginning, segment.points.first()) {
                remarks.push(sentence(&format!("Limits begin anew in {}: {reason}", first.point.period.short_label())));
            }
        }
        let points: Vec<&Plotted> = self.chart.points().collect();
        for pair in points.windows(2) {
            let (before, after) = (pair[0].point.period, pair[1].point.period);
            if !before.adjoins(after) {
                let gap = before.end().succ_opt().zip(after.start().pred_opt()).and_then(|(from, to)| Period::new(from, to).ok());
                let gap = gap.map(Period::months).unwrap_or_default();
                let bridge = self.chart.bridges.iter().find(|bridge| bridge.to == after);
                remarks.push(sentence(&match bridge {
                    Some(bridge) => format!("No figure for {gap}: {}", bridge.reason),
                    None => format!("No figure for {gap}; what follows is judged apart"),
                }));
            }
        }
        remarks
    }

    fn alternative(&self, said: &[(Shape, String)], remarks: &[String]) -> String {
        let points: Vec<&Plotted> = self.chart.points().collect();
        let mut sentences = Vec::new();
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let (from, to) = (first.point.period.short_label(), last.point.period.short_label());
            sentences.push(format!("{}: {} figures, {from} to {to}.", self.title, points.len()));
            sentences.push(format!("Latest, {to}: {}.", self.measure.print(last.point.value())));
        }
        sentences.extend(said.iter().map(|(_, words)| words.clone()));
        if let Some(limits) = self.chart.current().and_then(|segment| segment.limits) {
            let lower = self.floor().map_or(limits.lower(), |floor| limits.lower().max(floor));
            let print = |value| self.measure.print(value);
            let (mean, lower, upper) = (print(limits.mean()), print(lower), print(limits.upper()));
            sentences.push(format!("Average {mean}; usual from {lower} to {upper}, {}.", self.basis(&limits)));
        }
        let unusual: Vec<String> = points
            .iter()
            .filter(|plotted| !plotted.flags.is_empty())
            .map(|plotted| format!("{} ({})", plotted.point.period.short_label(), self.measure.print(plotted.point.value())))
            .collect();
        if !unusual.is_empty() {
            sentences.push(format!("Unusual: {}.", unusual.join(", ")));
        }
        sentences.extend(remarks.iter().cloned());
        sentences.join(" ")
    }

    fn table(&self) -> csp_domain::document::Table {
        let seen = |plotted: &Plotted| match plotted.flags.first().map(|flag| flag.direction) {
            Some(Direction::Up) => Cell::of("unusually high"),
            Some(Direction::Down) => Cell::of("unusually low"),
            None => Cell::of(""),
        };
        let row = |plotted: &Plotted| {
            vec![Cell::of(plotted.point.period.short_label()), Cell::of(self.measure.print(plotted.point.value())), seen(plotted)]
        };
        table(self.title, &["Period", "Figure", "What it shows"], self.chart.points().map(row).collect())
    }
}

fn name_width(text: &str, bold: bool) -> f64 {
    let style = if bold { super::svg::Style::TEXT.bold() } else { super::svg::Style::TEXT };
    style.width(text)
}
