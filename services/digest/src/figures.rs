//! The tables: one for each indicator the committee asks for, and one for what a partnership sent
//! besides.

use csp_domain::{
    document::{Block, Cell, Column, Item, Origin, Row as TableRow, Table},
    measure::{suppression::Rule, xmr::LEAST_POINTS},
    observation::{Answer, Figure, print_answer, print_value},
    period::{Length, uk_date},
    text::thousands,
};
use rust_decimal::prelude::ToPrimitive as _;

use crate::{
    assemble::item,
    beside,
    change::{Change, Percent},
    charts,
    comparison::{Comparison, Side, Total, Value},
    judge::{Judged, Judgement},
    material::{Contribution, Material},
    notes::{Notes, PROVISIONAL, shared_note},
    targets, words,
};

const BOTH_PERIODS_ONLY: &str = "Adds up only the partnerships that have a figure for both periods.";
pub(crate) const KEPT_BACK: &str = "Not shown, so that a small number cannot be worked out.";
const SUM_OF_PARTS: &str = "The sum of the figures for its months.";

/// The items of the section with the figures.
pub(crate) fn items(comparisons: &[Comparison<'_>], judged: &[Judged], material: &Material) -> Vec<Item> {
    if comparisons.is_empty() {
        return vec![item(None, Vec::new(), vec![Block::paragraph("This committee asks for no figures.")])];
    }
    let drawn = charts::chosen(judged);
    let one = |(at, (comparison, judged)): (usize, (&Comparison<'_>, &Judged))| compared(comparison, judged, drawn.contains(&at), material);
    comparisons.iter().zip(judged).enumerate().map(one).collect()
}

fn compared(comparison: &Comparison<'_>, judged: &Judged, drawn: bool, material: &Material) -> Item {
    let indicator = comparison.indicator;
    let judges = judged.any();
    let caption = words::sentence(&format!("{} by partnership. Source: {}", indicator.name.printed(), indicator.source.printed()));
    let table = table(comparison, caption, judges.then_some(judged));
    let mut origins: Vec<Origin> = Vec::new();
    for origin in comparison.rows.iter().flat_map(|row| &row.origins) {
        if !origins.contains(origin) {
            origins.push(*origin);
        }
    }
    let meaning = indicator.definition.meaning.as_ref().map(|meaning| Block::paragraph(words::sentence(&meaning.printed())));
    let mut blocks: Vec<Block> = meaning.into_iter().collect();
    blocks.push(Block::Table(table));
    blocks.extend(comparison.broken.as_ref().map(|refusal| Block::paragraph(words::sentence(&format!("Not compared: {refusal}")))));
    if !judges && !comparison.rows.is_empty() {
        blocks.push(Block::paragraph(unjudged(judged)));
    }
    blocks.extend(beside::blocks(comparison, material));
    blocks.extend(targets::blocks(comparison, judged, drawn, material));
    if drawn {
        blocks.extend(charts::of(comparison, judged, material).into_iter().map(Block::Chart));
    }
    item(Some(indicator.name.printed().into_owned()), origins, blocks)
}

/// Both periods of every partnership and of all, with the change, and with the verdicts where there are any.
pub(crate) fn table(comparison: &Comparison<'_>, caption: String, judged: Option<&Judged>) -> Table {
    let mut notes = Notes::default();
    let percent = !comparison.indicator.definition.ratio.as_ref().is_some_and(csp_domain::indicator::Ratio::is_percent);
    let mut rows: Vec<TableRow> = (0..comparison.rows.len())
        .map(|at| {
            let mut cells = partnership_cells(comparison, at, percent, &mut notes);
            cells.extend(judged.map(|judged| verdict_cell(&judged.rows[at])));
            TableRow { total: false, cells }
        })
        .collect();
    // Over one partnership the row is the total.
    if comparison.rows.len() > 1 {
        let mut cells = total_cells(comparison, percent, &mut notes);
        if let Some(judged) = judged {
            cells.push(judged.whole().map_or_else(dash, |whole| whole_verdict(comparison, judged, whole, &mut notes)));
        }
        rows.push(TableRow { total: true, cells });
    }
    let (this, last) = (words::heading(comparison, true), words::heading(comparison, false));
    let mut columns = vec![("Partnership", false), (&*last, true), (&*this, true), ("Change", true)];
    if percent {
        columns.push(("Change %", true));
    }
    if judged.is_some() {
        columns.push(("Verdict", false));
    }
    Table {
        caption,
        columns: columns.into_iter().map(|(heading, numeric)| Column { heading: heading.to_owned(), numeric }).collect(),
        rows,
        notes: notes.finish(),
    }
}

/// Why there is no verdict about anybody.
fn unjudged(judged: &Judged) -> String {
    let longest = judged.rows.iter().filter_map(|row| if let Judgement::Of { points, .. } = row { Some(points.len()) } else { None }).max();
    if judged.rows.iter().any(|row| matches!(row, Judgement::Guarded)) {
        return "Not judged and not drawn, so that a small number cannot be worked out.".to_owned();
    }
    match longest {
        Some(have) if have >= LEAST_POINTS => format!("No verdict: a judgement needs {LEAST_POINTS} figures in a row without a gap."),
        Some(have) => {
            let longest = if judged.rows.len() == 1 { "there are".to_owned() } else { "the longest series has".to_owned() };
            format!("No verdict: {longest} {have} of the {LEAST_POINTS} figures in a row that a judgement needs.")
        }
        None if judged.rows.iter().any(|row| matches!(row, Judgement::NoSeries)) => {
            "No verdict: the figures make no series. All must be of one length, and a share needs its whole for the same periods."
                .to_owned()
        }
        None => "No verdict: there is no figure for the period.".to_owned(),
    }
}

fn verdict_cell(judged: &Judgement) -> Cell {
    match judged {
        Judgement::Of { verdict, .. } => Cell::of(words::verdict(*verdict)),
        Judgement::NoFigure | Judgement::NoSeries | Judgement::Guarded => Cell::absent("not judged"),
    }
}

/// The verdict beside the total, with whom it covers where that is not whom the total covers.
pub(crate) fn whole_verdict(comparison: &Comparison<'_>, judged: &Judged, region: &Judgement, notes: &mut Notes) -> Cell {
    let cell = verdict_cell(region);
    let same = match comparison.total() {
        Total::LikeForLike(covered) | Total::NowOnly { covered, .. } => covered == judged.covered,
        Total::Nothing => false,
    };
    if same || region.verdict().is_none() || judged.region.is_none() {
        return cell;
    }
    let (of, all) = (judged.covered.len(), comparison.rows.len());
    notes.attach(cell, &format!("Judged {} from the sum over {of} of {all} partnerships, those with figures enough.", judged.by()))
}

fn side_cell(comparison: &Comparison<'_>, at: usize, now: bool, notes: &mut Notes) -> Cell {
    let (row, indicator) = (&comparison.rows[at], comparison.indicator);
    let value = comparison.value(at, now);
    let mut cell = match (row.side(now), &value) {
        (_, Some(value @ (Value::Fewer(_) | Value::Hidden))) => Cell::absent(words::value(value, indicator)),
        (Side::Figure(Figure { answer: Answer::Nil, .. }), _) => Cell::of("none"),
        (_, Some(value)) => Cell::of(words::value(value, indicator)),
        (Side::Figure(figure), None) => Cell::absent(print_answer(&figure.answer, indicator)),
        (Side::Incomplete(refusal), None) => notes.attach(Cell::absent("incomplete"), &words::sentence(&refusal.to_string())),
        (Side::NilReturn, None) => Cell::absent("nil return"),
        (Side::NoReturn, None) => Cell::absent("no return received"),
        (Side::NotSignedOff, None) => Cell::absent("not signed off"),
        (Side::NoEarlier, None) => Cell::absent("no earlier figure"),
        (Side::NotReported | Side::Sum(_), None) => Cell::absent("not reported"),
    };
    cell = about_value(cell, value.as_ref(), comparison, notes);
    if value.is_some() {
        cell = about_residents(cell, comparison, &[at], now, notes);
    }
    match row.side(now) {
        Side::Figure(figure) => cell = notes.about(cell, figure, row.partnership),
        Side::Sum(reading) => {
            cell = if indicator.definition.stock { cell } else { notes.attach(cell, SUM_OF_PARTS) };
            if reading.provisional {
                cell = notes.attach(cell, PROVISIONAL);
            }
        }
        _ => {}
    }
    if comparison.is_provisional(at, now) && !row.side(now).is_provisional() {
        cell = notes.attach(cell, PROVISIONAL);
    }
    match (&row.revised_from, now) {
        // What was printed of a sensitive figure before may be what is not to be read now.
        (Some(_), false) if comparison.guard.is_some() => notes.attach(cell, "Revised."),
        (Some(before), false) => notes.attach(cell, &format!("Revised from {}.", print_value(*before, indicator.unit))),
        _ => cell,
    }
}

/// By which estimates of residents it is a rate.
pub(crate) fn about_residents(mut cell: Cell, comparison: &Comparison<'_>, rows: &[usize], now: bool, notes: &mut Notes) -> Cell {
    for (estimate, source) in comparison.estimates(rows, now) {
        cell = notes.attach(cell, &words::residents(estimate, comparison.of_which(now), source.as_deref()));
    }
    cell
}

/// What must be said of a value itself.
fn about_value(cell: Cell, value: Option<&Value>, comparison: &Comparison<'_>, notes: &mut Notes) -> Cell {
    match value {
        Some(Value::Hidden) => notes.attach(cell, KEPT_BACK),
        Some(Value::Bare { why, .. }) => notes.attach(cell, &words::sentence(&words::capital(&why.to_string()))),
        Some(Value::Few { .. }) => {
            notes.attach(cell, &format!("Of fewer than {} no percentage is given.", thousands(&comparison.rules.least_base.to_string())))
        }
        _ => cell,
    }
}

fn partnership_cells(comparison: &Comparison<'_>, at: usize, percent: bool, notes: &mut Notes) -> Vec<Cell> {
    let mut cells = vec![Cell::of(comparison.rows[at].partnership.name.printed())];
    cells.extend([false, true].map(|now| side_cell(comparison, at, now, notes)));
    let change = Change::between(comparison, comparison.value(at, false).as_ref(), comparison.value(at, true).as_ref());
    cells.extend(change_cells(&change, comparison, percent, notes));
    cells
}

/// The region's line, without its verdict.
pub(crate) fn total_cells(comparison: &Comparison<'_>, percent: bool, notes: &mut Notes) -> Vec<Cell> {
    let all = comparison.rows.len();
    let rest = |mut cells: Vec<Cell>| {
        cells.push(dash());
        if percent {
            cells.push(dash());
        }
        cells
    };
    match comparison.total() {
        Total::LikeForLike(covered) => {
            let mut name = Cell::of(words::total_of(covered.len(), all));
            if comparison.rows.iter().any(crate::comparison::Row::one_sided) {
                name = notes.attach(name, BOTH_PERIODS_ONLY);
            }
            let mut cells = vec![name];
            cells.extend([false, true].map(|now| sum_cell(comparison, &covered, now, notes)));
            let change = Change::between(comparison, comparison.sum(&covered, false).as_ref(), comparison.sum(&covered, true).as_ref());
            cells.extend(change_cells(&change, comparison, percent, notes));
            cells
        }
        Total::NowOnly { covered, disjoint } => {
            let before = Cell::absent(if disjoint { "not comparable" } else { "no earlier figure" });
            let after = sum_cell(comparison, &covered, true, notes);
            rest(vec![Cell::of(words::total_of(covered.len(), all)), before, after])
        }
        Total::Nothing => rest(vec![Cell::of(words::total_of(0, all)), dash(), Cell::absent("no figures")]),
    }
}

/// A sum, with what must be said of it: that it is provisional if any part is, and what every part says.
pub(crate) fn sum_cell(comparison: &Comparison<'_>, covered: &[usize], now: bool, notes: &mut Notes) -> Cell {
    let value = comparison.sum(covered, now);
    let mut cell = match &value {
        None => return Cell::absent("no figures"),
        Some(value @ (Value::Fewer(_) | Value::Hidden)) => Cell::absent(words::value(value, comparison.indicator)),
        Some(value) => Cell::of(words::value(value, comparison.indicator)),
    };
    cell = about_value(cell, value.as_ref(), comparison, notes);
    cell = about_residents(cell, comparison, covered, now, notes);
    let sides: Vec<&Side<'_>> = covered.iter().map(|at| comparison.rows[*at].side(now)).collect();
    if covered.iter().any(|at| comparison.is_provisional(*at, now)) {
        cell = notes.attach(cell, PROVISIONAL);
    }
    if let Some(note) = shared_note(&sides) {
        cell = notes.attach(cell, note);
    }
    if !now && covered.iter().any(|at| comparison.rows[*at].revised_from.is_some()) {
        cell = notes.attach(cell, "A part of it is revised.");
    }
    cell
}

pub(crate) fn change_cells(change: &Change, comparison: &Comparison<'_>, percent: bool, notes: &mut Notes) -> Vec<Cell> {
    let mut cells = vec![words::change(change, comparison.indicator).map_or_else(dash, Cell::of)];
    if *change == Change::KeptBack {
        cells[0] = notes.attach(Cell::absent("not shown"), KEPT_BACK);
    }
    if percent {
        let share = match change {
            Change::Amount { percent, .. } | Change::Rate { percent, .. } => Some(*percent),
            _ => None,
        };
        cells.push(match share {
            None => dash(),
            Some(share @ Percent::FromNothing) => {
                let why = format!("Not calculated: there were none {}, and nothing is a percentage of none.", words::then(comparison));
                notes.attach(Cell::absent(words::percent(share)), &why)
            }
            Some(share @ Percent::FromFew) => {
                let least = thousands(&comparison.rules.least_base.to_string());
                let why = format!("Not calculated: a percentage of fewer than {least} says more than is known.");
                notes.attach(Cell::absent(words::percent(share)), &why)
            }
            Some(share) => Cell::of(words::percent(share)),
        });
    }
    cells
}

pub(crate) fn dash() -> Cell {
    Cell::absent(words::DASH)
}

/// What a partnership sent besides: other periods, and measures the committee does not ask for. Months and quarters of what
/// the committee asks for are not repeated here: they are the series that verdicts and charts are made of.
pub(crate) fn others(contribution: &Contribution, material: &Material) -> Option<Table> {
    let asked = |figure: &Figure| material.asked().any(|indicator| indicator.id == figure.indicator);
    let of_a_series = |figure: &Figure| {
        let length = figure.period.length();
        let grain = length == material.cycle.period.length() || length == Length::Months(1);
        grain && figure.period.end() <= material.cycle.period.end()
    };
    let shown: Vec<&Figure> = contribution.figures().iter().filter(|figure| !(asked(figure) && of_a_series(figure))).collect();
    let mut notes = Notes::default();
    let rows: Vec<TableRow> = shown
        .iter()
        .map(|figure| {
            let indicator = material.indicators.iter().find(|indicator| indicator.id == figure.indicator);
            let name =
                indicator.map_or_else(|| "A measure this committee does not ask for".to_owned(), |known| known.name.printed().into_owned());
            // Without its indicator a value has no unit, so it is printed as the bare number.
            let text = match (indicator, &figure.answer) {
                (Some(indicator), answer) => print_answer(answer, indicator),
                (None, Answer::Reported { value }) => thousands(&value.normalize().to_string()),
                (None, Answer::Nil) => "none".to_owned(),
                (None, Answer::Late { expected_on }) => format!("expected {}", uk_date(*expected_on)),
                (None, Answer::Withheld { .. }) => "withheld".to_owned(),
                (None, Answer::NotApplicable) => "not applicable".to_owned(),
            };
            let sensitive = indicator.is_some_and(|indicator| indicator.definition.sensitive);
            let cell = match figure.answer.amount() {
                Some(amount) if sensitive => {
                    // Figures that overlap, or that another table has, could be set against each other.
                    let alone = shown.iter().filter(|other| other.indicator == figure.indicator).count() == 1 && !asked(figure);
                    let ratio = indicator.is_some_and(|indicator| indicator.definition.ratio.is_some());
                    let rule = Rule::default();
                    match amount.to_u64() {
                        Some(count) if alone && !ratio && rule.is_small(count) => Cell::absent(format!("fewer than {}", rule.below)),
                        Some(_) if alone && !ratio => Cell::of(text),
                        _ => notes.attach(Cell::absent("not shown"), KEPT_BACK),
                    }
                }
                Some(_) => Cell::of(text),
                None => Cell::absent(text),
            };
            let cell = notes.about(cell, figure, &contribution.partnership);
            TableRow { total: false, cells: vec![Cell::of(name), Cell::of(figure.period.short_label()), cell] }
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let columns = [("Measure", false), ("Period", false), ("Figure", true)]
        .map(|(heading, numeric)| Column { heading: heading.to_owned(), numeric })
        .into();
    Some(Table { caption: format!("Other figures from {}", contribution.partnership.name.printed()), columns, rows, notes: notes.finish() })
}
