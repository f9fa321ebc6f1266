//! The tables: one for each indicator the committee asks for, and one for what a partnership sent
//! besides.

use std::collections::HashSet;

use csp_domain::{
    document::{Block, Cell, Column, Item, Origin, Row as TableRow, Table},
    measure::{suppression::Rule, xmr::LEAST_POINTS},
    observation::{Answer, Figure, print_answer, print_value},
    period::{Length, Period, uk_date},
    text::thousands,
};
use rust_decimal::prelude::ToPrimitive as _;

use crate::{
    assemble::item,
    beside::{self, Below},
    change::{Change, Percent},
    charts,
    comparison::{Comparison, Side, Total, Value},
    judge::{Judged, Judgement},
    material::{Contribution, Material},
    notes::{Notes, PROVISIONAL, shared_note},
    sheet::Sheet,
    targets, waves, words,
};

const BOTH_PERIODS_ONLY: &str = "Adds up only the partnerships that have a figure for both periods.";
pub(crate) const KEPT_BACK: &str = "Not shown, so that a small number cannot be worked out.";
/// So many pictures one partnership's own measures may have.
const MOST_OWN_DRAWN: usize = 2;
const SUM_OF_PARTS: &str = "The sum of the figures for its months.";

/// The items of the section with the figures.
pub(crate) fn items(shared: &Sheet<'_>) -> Vec<Item> {
    if shared.comparisons.is_empty() {
        return vec![item(None, Vec::new(), vec![Block::paragraph("This committee asks for no figures.")])];
    }
    each(shared, &charts::chosen(&shared.judged))
}

/// What a partnership keeps for itself, in its own part of the paper; none where it keeps nothing.
pub(crate) fn own(contribution: &Contribution, own: &[Sheet<'_>]) -> Option<Item> {
    let whose = contribution.partnership.id;
    let sheet = own.iter().find(|sheet| sheet.material.contributions.iter().any(|theirs| theirs.partnership.id == whose))?;
    // A picture of what did not change is not worth its room in everybody's paper.
    let drawn: Vec<usize> =
        charts::chosen(&sheet.judged).into_iter().filter(|at| sheet.judged[*at].has_signal()).take(MOST_OWN_DRAWN).collect();
    let lead = format!(
        "Measures that {} keeps for itself. They are in no total and in no comparison with others.",
        contribution.partnership.name.printed()
    );
    let mut made = item(Some("Its own measures".to_owned()), contribution.origin().into_iter().collect(), vec![Block::paragraph(lead)]);
    made.items = each(sheet, &drawn);
    Some(made)
}

fn each(sheet: &Sheet<'_>, drawn: &[usize]) -> Vec<Item> {
    let mut below: Vec<Vec<Below>> = sheet.comparisons.iter().map(|comparison| beside::below(comparison, sheet.material)).collect();
    let shared = beside::shared(&below);
    let said_once = |below: &Below| matches!(below, Below::NotCompared(said) if shared.iter().any(|(known, _)| known == said));
    for below in &mut below {
        below.retain(|below| !said_once(below));
    }
    let one = |((at, (comparison, judged)), below): ((usize, (&Comparison<'_>, &Judged)), Vec<Below>)| {
        compared(comparison, judged, drawn.contains(&at), below, sheet.material)
    };
    let mut items: Vec<Item> = sheet.pairs().enumerate().zip(below).map(one).collect();
    if !shared.is_empty() {
        let all = sheet.comparisons.len();
        let names = |places: &[usize]| -> Vec<_> { places.iter().map(|at| sheet.comparisons[*at].indicator.name.printed()).collect() };
        let of = |places: &[usize]| if places.len() == all { "every measure".to_owned() } else { words::list(&names(places)) };
        let told = shared.iter().map(|(said, places)| Block::paragraph(format!("For {}: {}", of(places), words::decapital(said))));
        items.push(item(Some("Not compared".to_owned()), Vec::new(), told.collect()));
    }
    items
}

fn compared(comparison: &Comparison<'_>, judged: &Judged, drawn: bool, below: Vec<Below>, material: &Material) -> Item {
    let indicator = comparison.indicator;
    let judges = judged.any();
    let caption = words::sentence(&format!("{} by partnership. Source: {}", indicator.name.printed(), indicator.source.printed()));
    let table = table(comparison, caption, judges.then_some(judged));
    let mut seen = HashSet::new();
    let read = comparison.rows.iter().flat_map(|row| row.origins).flatten();
    let origins: Vec<Origin> = read.filter(|origin| seen.insert(*origin)).collect();
    let meaning = indicator.definition.meaning.as_ref().map(|meaning| Block::paragraph(words::sentence(&meaning.printed())));
    let mut blocks: Vec<Block> = meaning.into_iter().collect();
    blocks.push(Block::Table(table));
    blocks.extend(comparison.broken.as_ref().map(|refusal| Block::paragraph(words::sentence(&format!("Not compared: {refusal}")))));
    if !judges && !comparison.rows.is_empty() {
        blocks.push(Block::paragraph(unjudged(judged)));
    }
    blocks.extend(below.into_iter().map(Below::block));
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
    if judged.rows.iter().any(|row| matches!(row, Judgement::NoWave)) {
        return "No verdict: a survey is judged beside an earlier result, from other people, of the period that heads the table."
            .to_owned();
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
        Judgement::NoFigure | Judgement::NoSeries | Judgement::NoWave | Judgement::Guarded => Cell::absent("not judged"),
    }
}

/// The verdict beside the total, with whom it covers where that is not whom the total covers.
pub(crate) fn whole_verdict(comparison: &Comparison<'_>, judged: &Judged, region: &Judgement, notes: &mut Notes) -> Cell {
    let mut cell = verdict_cell(region);
    if comparison.indicator.definition.survey.is_some() && region.verdict().is_some() {
        cell = notes.attach(cell, waves::BY_SAMPLES);
    }
    let same = match comparison.total() {
        Total::LikeForLike(covered) | Total::NowOnly { covered, .. } => covered == judged.covered,
        Total::NotAddedUp | Total::Nothing => false,
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
        (Side::NotAsked, None) => Cell::absent("not asked for"),
        (Side::NotReported | Side::Sum(_), None) => Cell::absent("not reported"),
    };
    cell = about_value(cell, value.as_ref(), comparison, notes);
    if value.is_some() {
        cell = about_residents(cell, comparison, &[at], now, notes);
        cell = about_days(cell, comparison, &[at], comparison.of_which(now), notes);
    }
    match row.side(now) {
        Side::Figure(figure) => cell = notes.about(cell, figure, row.partnership),
        Side::Sum(reading) => {
            cell = if indicator.definition.adds_up() { notes.attach(cell, SUM_OF_PARTS) } else { cell };
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

/// What must be known of the days that a figure is about.
pub(crate) fn about_days(mut cell: Cell, comparison: &Comparison<'_>, rows: &[usize], period: Period, notes: &mut Notes) -> Cell {
    for matter in comparison.context_of(rows, period) {
        cell = notes.attach(cell, &matter.printed());
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
        Total::NotAddedUp => {
            rest(vec![Cell::of(format!("All {all} partnerships")), Cell::absent("not added up"), Cell::absent("not added up")])
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
    cell = about_days(cell, comparison, covered, comparison.of_which(now), notes);
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
    if let Change::Samples { real: false, .. } = change {
        cells[0] = no_real_change(notes);
    }
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

/// Of two samples that differ by no more than samples do.
pub(crate) fn no_real_change(notes: &mut Notes) -> Cell {
    notes.attach(Cell::of("no real change"), waves::WITHIN_NOISE)
}

pub(crate) fn dash() -> Cell {
    Cell::absent(words::DASH)
}

/// What a partnership sent besides: other periods, and measures the committee does not ask for. Months and quarters of what
/// the committee asks for are not repeated here: they are the series that verdicts and charts are made of.
pub(crate) fn others(contribution: &Contribution, material: &Material) -> Option<Table> {
    let own = |known: &csp_domain::indicator::Indicator| known.is_own_in(contribution.partnership.id, &material.cycle);
    let asked = |figure: &Figure| {
        let of = |indicator: &csp_domain::indicator::Indicator| indicator.id == figure.indicator;
        material.asked().any(of) || material.indicators.iter().any(|known| of(known) && own(known))
    };
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
