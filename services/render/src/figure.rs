//! Charts of a document: from the figures in the tree to pictures and words.

use csp_domain::{
    document::chart::{Chart, ChartPoint, Span},
    measure::{
        target::Trajectory,
        xmr::{self, Plan, Point},
    },
};

use rust_decimal::Decimal;

use crate::chart::{Bar, Comparison, Context, ControlChart, Drawing, Multiples, Panel, Progress, Reference, Width};

/// The most a chart may hold, the largest value in it, and the longest title: what a digest writes is far below, and a stored tree may
/// be damaged.
const MOST: usize = 400;
const LARGEST: u64 = 1_000_000_000_000;
const LONGEST: usize = 2_000;

fn is_sane(chart: &Chart) -> bool {
    let sane = |value: &Decimal| value.abs() <= Decimal::from(LARGEST);
    let told = |context: &[Span]| context.len() <= MOST / 4 && context.iter().all(|span| span.text.len() <= LONGEST);
    let points = |points: &[ChartPoint]| points.len() <= MOST && points.iter().all(|point| sane(&point.value));
    chart.title().len() <= LONGEST
        && match chart {
            Chart::Control { points: all, context, .. } => points(all) && told(context),
            Chart::Multiples { panels, context, .. } => {
                let panel = |panel: &csp_domain::document::chart::Panel| points(&panel.points) && panel.context.len() <= MOST / 4;
                panels.len() <= MOST / 4 && panels.iter().all(panel) && told(context)
            }
            Chart::Progress { points: all, target, context, .. } => points(all) && walkable(all, target) && told(context),
            Chart::Comparison { bars, reference, .. } => {
                bars.len() <= MOST / 4
                    && bars.iter().filter_map(|bar| bar.value.as_ref()).chain(reference.iter().map(|known| &known.value)).all(sane)
            }
        }
}

/// Whether the way from the first figure to what is wanted in the end is one that can be walked.
fn walkable(points: &[ChartPoint], target: &Trajectory) -> bool {
    let Some(first) = points.first() else { return false };
    let end = points.iter().map(|point| point.period.end()).fold(target.last().period.end(), std::cmp::max);
    let step = (first.period.end() - first.period.start()).num_days() + 1;
    let alike = points.iter().all(|point| point.period.length() == target.length());
    alike && usize::try_from((end - first.period.start()).num_days() / step).is_ok_and(|periods| periods <= MOST)
}

/// The chart, drawn. None of figures that no chart can be made of, which no digest writes: a stored tree may be damaged.
pub(crate) fn drawing(chart: &Chart, width: Width) -> Option<Drawing> {
    if !is_sane(chart) {
        return None;
    }
    match chart {
        Chart::Control { title, measure, polarity, points, context: spans, unsaid } => {
            let context = Context { spans, unsaid: *unsaid };
            let chart = &control(points)?;
            ControlChart { title, measure: *measure, polarity: *polarity, chart, target: None, context }.draw(width)
        }
        Chart::Multiples { title, measure, polarity, panels, context: spans, unsaid } => {
            let context = Context { spans, unsaid: *unsaid };
            let charts: Vec<Option<xmr::Chart>> = panels.iter().map(|panel| control(&panel.points)).collect();
            let drawn = panels.iter().zip(&charts).map(|(panel, chart)| Panel {
                name: &panel.name,
                chart: match (chart, &panel.note) {
                    (Some(chart), None) => Ok(chart),
                    (_, note) => Err(note.clone().unwrap_or_else(|| "no figure".to_owned())),
                },
                context: &panel.context,
            });
            Multiples { title, measure: *measure, polarity: *polarity, panels: &drawn.collect::<Vec<_>>(), context }.draw(width)
        }
        Chart::Progress { title, measure, points, target, context: spans, unsaid } => {
            let context = Context { spans, unsaid: *unsaid };
            let points: Vec<Point> = points.iter().map(|point| Point::new(point.period, point.value)).collect();
            Progress { title, measure: *measure, points: &points, target, context }.draw(width)
        }
        Chart::Comparison { title, measure, bars, reference } => {
            let bars: Vec<Bar> = bars
                .iter()
                .map(|bar| {
                    let value = bar.value.ok_or_else(|| bar.note.clone().unwrap_or_else(|| "no figure".to_owned()));
                    Bar { name: bar.name.clone(), value, own: false }
                })
                .collect();
            let reference = reference.as_ref().map(|reference| Reference {
                name: reference.name.clone(),
                value: reference.value,
                coverage: reference.coverage.clone(),
            });
            Some(Comparison { title, measure: *measure, bars: &bars, reference: reference.as_ref() }.draw(width))
        }
    }
}

fn control(points: &[ChartPoint]) -> Option<xmr::Chart> {
    let points: Vec<Point> = points.iter().map(|point| Point::new(point.period, point.value)).collect();
    if points.is_empty() { None } else { xmr::Chart::new(points, Plan::default()).ok() }
}

/// What a chart says, in sentences.
pub(crate) fn words(chart: &Chart) -> String {
    drawing(chart, Width::Page).map_or_else(|| format!("{}: cannot be drawn.", chart.title()), |drawing| drawing.alternative)
}
