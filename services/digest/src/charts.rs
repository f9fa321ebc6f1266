//! Charts, where they say more than the row: who changed, over time, and who is apart from the region.

use csp_domain::{
    context_note::Matter,
    document::chart::{Bar, Chart, ChartPoint, Measure, Panel, Reference, Span},
    measure::xmr::Point,
    period::Period,
};

use crate::{
    comparison::{Comparison, Total, Value},
    judge::{Judged, Judgement},
    material::Material,
    words,
};

/// The most indicators of one paper that are drawn: a mail with more of them is not read, and may not be taken.
const MOST: usize = 8;

/// The most partnerships that are drawn beside each other: more is a wall and no picture.
const MOST_PANELS: usize = 24;
/// The most days of which something is said in one chart: it has as many letters.
const MOST_SPANS: usize = 26;
/// The most bars below each other.
const MOST_BARS: usize = 40;

/// Which indicators are drawn, by their place: those that changed first, then in the committee's order.
pub(crate) fn chosen(judged: &[Judged]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..judged.len()).collect();
    places.sort_by_key(|at| (!judged[*at].has_signal(), *at));
    places.truncate(MOST);
    places
}

/// The charts of one indicator.
pub(crate) fn of(comparison: &Comparison<'_>, judged: &Judged, material: &Material) -> Vec<Chart> {
    let mut charts = Vec::new();
    charts.extend(over_time(comparison, judged));
    charts.extend(multiples(comparison, judged));
    charts.extend(side_by_side(comparison, material));
    charts
}

pub(crate) fn measure(comparison: &Comparison<'_>) -> Measure {
    match &comparison.indicator.definition.ratio {
        None => Measure::Amount(comparison.indicator.unit),
        Some(ratio) if ratio.is_percent() => Measure::PercentTo(ratio.decimals),
        Some(ratio) => Measure::RateTo(ratio.decimals),
    }
}

/// `Burglary`, `Referrals per 1,000`.
pub(crate) fn subject(comparison: &Comparison<'_>) -> String {
    let name = comparison.indicator.name.printed();
    match &comparison.indicator.definition.ratio {
        Some(ratio) if !ratio.is_percent() => format!("{name} per {}", csp_domain::text::thousands(&ratio.per.to_string())),
        _ => name.into_owned(),
    }
}

fn drawn(points: &[Point]) -> Vec<ChartPoint> {
    points.iter().map(|point| ChartPoint { period: point.period, value: point.value() }).collect()
}

/// What must be known beside figures of some periods, of all these rows together.
pub(crate) fn known<'m>(comparison: &Comparison<'m>, rows: &[usize], periods: &[Period]) -> Vec<&'m Matter> {
    let about = |matter: &&Matter| {
        let everywhere = rows.iter().all(|at| matter.is_in(comparison.rows[*at].partnership.id));
        everywhere && periods.iter().any(|period| matter.days.overlaps(*period))
    };
    comparison.context.iter().copied().filter(about).collect()
}

/// As much of it as there are letters for, the latest, in the order of its days; and how much is left out.
pub(crate) fn fitting(mut matters: Vec<&Matter>) -> (Vec<&Matter>, usize) {
    let key = |matter: &Matter| (matter.days.end(), matter.days.start());
    matters.sort_by(|one, other| (key(one), one.sentence.as_str()).cmp(&(key(other), other.sentence.as_str())));
    // What was entered twice is known once.
    matters.dedup_by_key(|matter| matter.printed());
    let unsaid = matters.len().saturating_sub(MOST_SPANS);
    matters.drain(..unsaid);
    (matters, unsaid)
}

pub(crate) fn spans(matters: &[&Matter]) -> Vec<Span> {
    matters.iter().map(|matter| Span { days: matter.days, text: matter.printed() }).collect()
}

/// The sum of all who can be judged, or the only one.
fn over_time(comparison: &Comparison<'_>, judged: &Judged) -> Option<Chart> {
    let whole = judged.whole()?;
    let (Judgement::Of { points, .. }, true) = (whole, whole.verdict().is_some()) else { return None };
    // A survey is judged by two samples and not by a line through many.
    if points.is_empty() {
        return None;
    }
    let of = match comparison.rows.as_slice() {
        [only] => only.partnership.name.printed().into_owned(),
        all if judged.covered.len() == all.len() => format!("all {} partnerships", all.len()),
        all if judged.covered.len() < 4 => {
            let names: Vec<_> = judged.covered.iter().map(|at| all[*at].partnership.name.printed()).collect();
            words::list(&names)
        }
        all => format!("{} of {} partnerships", judged.covered.len(), all.len()),
    };
    let rows: Vec<usize> = if judged.region.is_some() { judged.covered.clone() } else { vec![0] };
    let periods: Vec<Period> = points.iter().map(|point| point.period).collect();
    let (context, unsaid) = fitting(known(comparison, &rows, &periods));
    Some(Chart::Control {
        title: format!("{} {}: {of}", subject(comparison), judged.by()),
        measure: measure(comparison),
        polarity: comparison.indicator.polarity,
        points: drawn(points),
        context: spans(&context),
        unsaid,
    })
}

/// Every partnership, where at least two can be judged. Who cannot has a panel that says why.
fn multiples(comparison: &Comparison<'_>, judged: &Judged) -> Option<Chart> {
    let survey = comparison.indicator.definition.survey.is_some();
    if survey || judged.rows.iter().filter(|row| row.verdict().is_some()).count() < 2 {
        return None;
    }
    // Who changed first; in the committee's order otherwise.
    let mut places: Vec<usize> = (0..comparison.rows.len()).collect();
    places.sort_by_key(|at| judged.rows[*at].signal().is_none());
    places.truncate(MOST_PANELS);
    places.sort_unstable();
    let all = comparison.rows.len();
    let whom = if all > MOST_PANELS {
        format!("{MOST_PANELS} of {all} partnerships, those that changed first")
    } else {
        "each partnership".to_owned()
    };
    let panel = |(row, judgement): (&crate::comparison::Row<'_>, &Judgement)| {
        let (points, note) = match judgement {
            Judgement::Of { points, .. } => (drawn(points), None),
            Judgement::NoFigure => (Vec::new(), Some(format!("no figure for {}", comparison.period.short_label()))),
            Judgement::NoSeries | Judgement::NoWave => (Vec::new(), Some("no figures to draw a line through".to_owned())),
            Judgement::Guarded => (Vec::new(), Some("not shown, to protect a small number".to_owned())),
        };
        Panel { name: row.partnership.name.printed().into_owned(), points, note, context: Vec::new() }
    };
    let mut panels: Vec<Panel> = places.iter().map(|at| panel((&comparison.rows[*at], &judged.rows[*at]))).collect();
    let of_each: Vec<Vec<&Matter>> = places
        .iter()
        .zip(&panels)
        .map(|(at, panel)| known(comparison, &[*at], &panel.points.iter().map(|point| point.period).collect::<Vec<_>>()))
        .collect();
    let (context, unsaid) = fitting(of_each.concat());
    for (panel, theirs) in panels.iter_mut().zip(&of_each) {
        let printed: Vec<String> = theirs.iter().map(|matter| matter.printed()).collect();
        panel.context = (0..context.len()).filter(|place| printed.contains(&context[*place].printed())).collect();
    }
    Some(Chart::Multiples {
        title: format!("{} {}, {whom}", subject(comparison), judged.by()),
        measure: measure(comparison),
        polarity: comparison.indicator.polarity,
        panels,
        context: spans(&context),
        unsaid,
    })
}

/// Shares and rates side by side: amounts would only say who is large.
fn side_by_side(comparison: &Comparison<'_>, material: &Material) -> Option<Chart> {
    let ratio = comparison.indicator.definition.ratio.as_ref()?;
    // Samples of different people by different hands are not set beside each other.
    if comparison.indicator.definition.survey.is_some() || comparison.rows.len() > MOST_BARS {
        return None;
    }
    let read = |value: Option<Value>| match value {
        Some(Value::Share { part, whole }) => ratio.value(part, whole).ok_or_else(|| "none".to_owned()),
        Some(value) => Err(words::value(&value, comparison.indicator)),
        None => Err("no figure".to_owned()),
    };
    let bars: Vec<Bar> = comparison
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let name = row.partnership.name.printed().into_owned();
            match read(comparison.value(at, true)) {
                Ok(value) => Bar { name, value: Some(value), note: None },
                Err(words) => Bar { name, value: None, note: Some(words) },
            }
        })
        .collect();
    if bars.iter().filter(|bar| bar.value.is_some()).count() < 2 {
        return None;
    }
    let covered = match comparison.total() {
        Total::LikeForLike(covered) | Total::NowOnly { covered, .. } => covered,
        Total::NotAddedUp | Total::Nothing => Vec::new(),
    };
    let (of, all) = (covered.len(), comparison.rows.len());
    let coverage = if of == all { format!("all {all} partnerships") } else { format!("{of} of {all} partnerships") };
    let reference = read(comparison.sum(&covered, true)).ok();
    Some(Chart::Comparison {
        title: format!("{}, {}", subject(comparison), comparison.period.months()),
        measure: measure(comparison),
        bars,
        reference: reference.map(|value| Reference { name: material.region.printed().into_owned(), value, coverage }),
    })
}
