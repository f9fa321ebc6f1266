//! The tables: one for each indicator the committee asks for, and one for what a partnership sent
//! besides.

use csp_domain::{
    document::{Block, Cell, Column, Item, Origin, Row as TableRow, Table},
    indicator::Indicator,
    observation::{Answer, Figure, print_answer, print_value},
    period::Period,
    text::thousands,
};

use crate::{
    assemble::item,
    comparison::{Change, Comparison, Now, Percent, Row, Total},
    material::{Contribution, Material},
    notes::{Notes, remarks_of_sum},
    words,
};

const NONE_A_YEAR_EARLIER: &str = "Not calculated: there were none a year earlier, and nothing is a percentage of none.";
const BOTH_PERIODS_ONLY: &str = "Adds up only the partnerships that have a figure for both periods.";

/// The items of the section with the figures.
pub(crate) fn items(comparisons: &[Comparison<'_>], period: Period) -> Vec<Item> {
    if comparisons.is_empty() {
        return vec![item(None, Vec::new(), vec![Block::paragraph("This committee asks for no figures.")])];
    }
    comparisons.iter().map(|comparison| compared(comparison, period)).collect()
}

fn compared(comparison: &Comparison<'_>, period: Period) -> Item {
    let indicator = comparison.indicator;
    let mut notes = Notes::default();
    let mut rows: Vec<TableRow> = comparison.rows.iter().map(|row| partnership_row(row, indicator, &mut notes)).collect();
    // Over one partnership the row is the total.
    if comparison.rows.len() > 1 {
        rows.push(total_row(comparison, &mut notes));
    }
    let (this, last) = (period.short_label(), period.a_year_earlier().short_label());
    let table = Table {
        caption: words::sentence(&format!("{} by partnership. Source: {}", indicator.name.printed(), indicator.source.printed())),
        columns: [("Partnership", false), (&*last, true), (&*this, true), ("Change", true), ("Change %", true)]
            .map(|(heading, numeric)| Column { heading: heading.to_owned(), numeric })
            .into(),
        rows,
        notes: notes.finish(),
    };
    let mut origins: Vec<Origin> = Vec::new();
    for origin in comparison.rows.iter().flat_map(|row| &row.origins) {
        if !origins.contains(origin) {
            origins.push(*origin);
        }
    }
    item(Some(indicator.name.printed().into_owned()), origins, vec![Block::Table(table)])
}

fn partnership_row(row: &Row<'_>, indicator: &Indicator, notes: &mut Notes) -> TableRow {
    let answered = |figure: &Figure, notes: &mut Notes| {
        let text = print_answer(&figure.answer, indicator);
        let cell = if figure.answer.amount().is_some() { Cell::of(text) } else { Cell::absent(text) };
        notes.about(cell, figure, row.partnership)
    };
    let before = row.before.map_or_else(|| Cell::absent("no earlier figure"), |figure| answered(figure, notes));
    let now = match row.now {
        Now::Figure(figure) => answered(figure, notes),
        Now::NotReported => Cell::absent("not reported"),
        Now::NilReturn => Cell::absent("nil return"),
        Now::NoReturn => Cell::absent("no return received"),
        Now::NotSignedOff => Cell::absent("not signed off"),
    };
    let [amount, percent] = change_cells(row.amounts(), indicator, notes);
    TableRow { total: false, cells: vec![Cell::of(row.partnership.name.printed()), before, now, amount, percent] }
}

fn total_row(comparison: &Comparison<'_>, notes: &mut Notes) -> TableRow {
    let all = comparison.rows.len();
    let indicator = comparison.indicator;
    let value = |value| Cell::of(print_value(value, indicator.unit));
    let cells = match comparison.total() {
        Total::LikeForLike { covered, before, after } => {
            let befores: Vec<&Figure> = covered.iter().filter_map(|row| row.before).collect();
            let mut name = Cell::of(words::total_of(covered.len(), all));
            if comparison.rows.iter().any(Row::one_sided) {
                name = notes.attach(name, BOTH_PERIODS_ONLY);
            }
            let before_cell = sum_cell(value(before), &befores, notes);
            let after_cell = sum_cell(value(after), &figures_now(&covered), notes);
            let [amount, percent] = change_cells(Some((before, after)), indicator, notes);
            vec![name, before_cell, after_cell, amount, percent]
        }
        Total::NowOnly { covered, after, disjoint } => {
            let before = Cell::absent(if disjoint { "not comparable" } else { "no earlier figure" });
            let after_cell = sum_cell(value(after), &figures_now(&covered), notes);
            vec![Cell::of(words::total_of(covered.len(), all)), before, after_cell, dash(), dash()]
        }
        Total::Nothing => vec![Cell::of(words::total_of(0, all)), dash(), Cell::absent("no figures"), dash(), dash()],
    };
    TableRow { total: true, cells }
}

/// This period's figures of `rows`.
pub(crate) fn figures_now<'m>(rows: &[&Row<'m>]) -> Vec<&'m Figure> {
    rows.iter().filter_map(|row| row.now.figure()).collect()
}

fn sum_cell(mut cell: Cell, figures: &[&Figure], notes: &mut Notes) -> Cell {
    for text in remarks_of_sum(figures) {
        cell = notes.attach(cell, text);
    }
    cell
}

fn change_cells(amounts: Option<(rust_decimal::Decimal, rust_decimal::Decimal)>, indicator: &Indicator, notes: &mut Notes) -> [Cell; 2] {
    let Some((before, after)) = amounts else { return [dash(), dash()] };
    let change = Change::between(before, after);
    let text = words::percent(&change.percent);
    let percent = match change.percent {
        Percent::FromNothing => notes.attach(Cell::absent(text), NONE_A_YEAR_EARLIER),
        Percent::Of(_) | Percent::UnderATenth | Percent::NoChange => Cell::of(text),
    };
    [Cell::of(words::signed(change.amount, indicator.unit)), percent]
}

fn dash() -> Cell {
    Cell::absent(words::DASH)
}

/// What a partnership sent besides: other periods, and measures the committee does not ask for.
pub(crate) fn others(contribution: &Contribution, material: &Material) -> Option<Table> {
    let compared = [material.cycle.period, material.cycle.period.a_year_earlier()];
    let asked = |figure: &Figure| material.asked().any(|indicator| indicator.id == figure.indicator);
    let mut notes = Notes::default();
    let rows: Vec<TableRow> = contribution
        .figures()
        .iter()
        .filter(|figure| !(asked(figure) && compared.contains(&figure.period)))
        .map(|figure| {
            let indicator = material.indicators.iter().find(|indicator| indicator.id == figure.indicator);
            let name =
                indicator.map_or_else(|| "A measure this committee does not ask for".to_owned(), |known| known.name.printed().into_owned());
            // Without its indicator a value has no unit, so it is printed as the bare number.
            let text = match (indicator, &figure.answer) {
                (Some(indicator), answer) => print_answer(answer, indicator),
                (None, Answer::Reported { value }) => thousands(&value.normalize().to_string()),
                (None, Answer::Nil) => "none".to_owned(),
                (None, Answer::Late { expected_on }) => format!("expected {}", csp_domain::period::uk_date(*expected_on)),
                (None, Answer::Withheld { .. }) => "withheld".to_owned(),
                (None, Answer::NotApplicable) => "not applicable".to_owned(),
            };
            let cell = if figure.answer.amount().is_some() { Cell::of(text) } else { Cell::absent(text) };
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
