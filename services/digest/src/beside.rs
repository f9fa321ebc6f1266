//! What a committee has its figures set beside besides the comparison that heads the table: other times, the region, and the
//! comparison group of each partnership. What cannot be compared is refused in a sentence, with its exact periods.

use csp_domain::{
    committee::Beside,
    document::{Block, Cell, Column, Row as TableRow, Table},
    indicator::{Denominator, Ratio, Unit},
    measure::{
        aggregate::{Aggregate, ComparisonGroup, Coverage},
        comparator::Comparator,
        percent::rounded,
        refusal::Refusal,
    },
    partnership::OnsCode,
};
use rust_decimal::Decimal;

use crate::{
    comparison::{Comparison, Row, Side, Total, Value},
    figures,
    material::Material,
    notes::{Notes, PROVISIONAL},
    words,
};

/// What stands below the table of one measure.
pub(crate) enum Below {
    /// This.
    Block(Block),
    /// Why something is not compared: a sentence that is said once where it is true of several measures.
    NotCompared(String),
}

impl Below {
    /// As it is printed where nothing of it is said elsewhere.
    pub(crate) fn block(self) -> Block {
        match self {
            Self::Block(block) => block,
            Self::NotCompared(said) => Block::paragraph(said),
        }
    }
}

/// Everything that stands below the table of one measure.
pub(crate) fn below(first: &Comparison<'_>, material: &Material) -> Vec<Below> {
    let asked = &material.committee.template.beside;
    let mut below: Vec<Below> = Vec::new();
    let mut others = false;
    for beside in asked {
        match beside.comparator() {
            Some(comparator) if comparator == first.comparator => {}
            Some(comparator) => below.extend(another_time(first, comparator, material)),
            None if others => {}
            None => {
                others = true;
                let [region, group] = [Beside::Region, Beside::Group].map(|wanted| asked.contains(&wanted));
                below.push(Below::Block(Others::of(first, material).block(region, group)));
            }
        }
    }
    below
}

/// The sentences that are true of several measures, each with their places.
pub(crate) fn shared(all: &[Vec<Below>]) -> Vec<(String, Vec<usize>)> {
    let mut found: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, below) in all.iter().enumerate() {
        for said in below.iter().filter_map(|below| if let Below::NotCompared(said) = below { Some(said) } else { None }) {
            match found.iter_mut().find(|(known, _)| known == said) {
                Some((_, places)) => places.push(at),
                None => found.push((said.clone(), vec![at])),
            }
        }
    }
    found.retain(|(_, places)| places.len() > 1);
    found
}

/// The figures beside another time; none where that is what heads the table already, as the year to date in its first quarter.
pub(crate) fn another_time(first: &Comparison<'_>, comparator: Comparator, material: &Material) -> Option<Below> {
    if comparator.periods(material.cycle.period) == (first.period, first.then) || first.rows.is_empty() {
        return None;
    }
    let made = Comparison::of(first.indicator, first.ledger, comparator);
    let label = format!("{}, {}", words::capital(&comparator.to_string()), words::periods(&made));
    // Sums that overlap what stands above could be set against it.
    let silent = [first, &made].iter().any(|known| known.guard.as_ref().is_some_and(|guard| guard.silent));
    if silent {
        return Some(Below::Block(Block::paragraph(format!("{label}: {}", words::decapital(figures::KEPT_BACK)))));
    }
    let why = match (&made.broken, made.total()) {
        (Some(refusal), _) => Some(refusal.to_string()),
        (None, Total::LikeForLike(_)) => None,
        (None, _) if made.then.start() < material.cycle.period.looking_back().start() => {
            Some("it lies further back than the five years that this paper looks at".to_owned())
        }
        (None, Total::NowOnly { .. } | Total::NotAddedUp | Total::Nothing) => Some(reasons(&made)),
    };
    Some(match why {
        Some(why) => Below::NotCompared(words::sentence(&format!("{label}: not compared. {}", words::capital(&why)))),
        None => Below::Block(Block::Table(figures::table(&made, format!("{label}."), None))),
    })
}

/// Why nobody can be compared, each reason once with whom it is about, unless it is everybody's.
fn reasons(comparison: &Comparison<'_>) -> String {
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for row in &comparison.rows {
        let (reason, name) = (reason(row, comparison), row.partnership.name.printed().into_owned());
        match told.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => told.push((reason, vec![name])),
        }
    }
    match told.as_slice() {
        [(reason, _)] => reason.clone(),
        several => several.iter().map(|(reason, names)| format!("{}: {reason}", words::list(names))).collect::<Vec<_>>().join("; "),
    }
}

fn reason(row: &Row<'_>, comparison: &Comparison<'_>) -> String {
    let refused = [&row.now, &row.before].into_iter().find_map(|side| if let Side::Incomplete(why) = side { Some(why) } else { None });
    if let Some(refusal) = refused {
        return refusal.to_string();
    }
    match &row.now {
        Side::NilReturn => "nil return".to_owned(),
        Side::NoReturn => "no return received".to_owned(),
        Side::NotSignedOff => "not signed off".to_owned(),
        Side::NotAsked => "not asked for".to_owned(),
        now if now.amount().is_none() => Refusal::NothingToCompare { period: comparison.period }.to_string(),
        _ => Refusal::NothingToCompare { period: comparison.then }.to_string(),
    }
}

/// Who stands beside whom at the same time.
struct Others<'c, 'm> {
    comparison: &'c Comparison<'m>,
    material: &'m Material,
    /// In what: the indicator's own share or rate; of a plain count, for each thousand residents.
    ratio: Option<Ratio>,
}

/// A partnership's share or rate as its two counts, or in words why it has none.
type Known = Result<(Decimal, Decimal), String>;

impl<'c, 'm> Others<'c, 'm> {
    fn of(comparison: &'c Comparison<'m>, material: &'m Material) -> Self {
        let of_residents = Ratio { per: 1_000, of: Denominator::Residents, decimals: 2 };
        let plain = (comparison.indicator.unit == Unit::Count).then_some(of_residents);
        Self { comparison, material, ratio: comparison.indicator.definition.ratio.clone().or(plain) }
    }

    fn block(&self, region: bool, group: bool) -> Block {
        let comparison = self.comparison;
        let refused = |why: &str| Block::paragraph(format!("Beside the other partnerships: {why}"));
        let Some(ratio) = &self.ratio else {
            return refused("not compared. Sums of money and of days only say who is large.");
        };
        if comparison.indicator.definition.survey.is_some() {
            return refused("not compared. Samples differ by chance; each result stands beside its own earlier one.");
        }
        if comparison.rows.len() < 2 {
            return refused("there are none; one partnership alone reports to this committee.");
        }
        if comparison.guard.as_ref().is_some_and(|guard| guard.silent) {
            return refused(&words::decapital(figures::KEPT_BACK));
        }
        let known: Vec<Known> = (0..comparison.rows.len()).map(|at| self.known(at)).collect();
        let rates: Vec<(&OnsCode, Decimal)> = comparison
            .rows
            .iter()
            .zip(&known)
            .filter_map(|(row, known)| {
                let (part, whole) = known.as_ref().ok()?;
                Some((&row.partnership.ons_code, ratio.value(*part, *whole)?))
            })
            .collect();
        let Some(all) = whole(&known, ratio) else {
            let why = known.iter().find_map(|known| known.as_ref().err()).cloned().unwrap_or_default();
            return refused(&words::sentence(&format!("not compared, {why}")));
        };
        Block::Table(self.table(ratio, &known, &rates, all, (region, group)))
    }

    /// The counts of one partnership.
    fn known(&self, at: usize) -> Known {
        let (comparison, row) = (self.comparison, &self.comparison.rows[at]);
        match comparison.value(at, true) {
            Some(Value::Share { part, whole }) => Ok((part, whole)),
            Some(Value::Amount(part)) => match row.residents(comparison.period) {
                Ok(known) => Ok((part, Decimal::from(known.people))),
                Err(why) => Err(why.to_string()),
            },
            Some(Value::Bare { why, .. }) => Err(why.to_string()),
            Some(value) => Err(words::value(&value, comparison.indicator)),
            None => Err("no figure".to_owned()),
        }
    }

    fn table(
        &self,
        ratio: &Ratio,
        known: &[Known],
        rates: &[(&OnsCode, Decimal)],
        all: Aggregate<Decimal>,
        (region, group): (bool, bool),
    ) -> Table {
        let (comparison, name) = (self.comparison, self.material.region.printed().into_owned());
        let mut notes = Notes::default();
        let mut rows: Vec<TableRow> = Vec::with_capacity(known.len() + 1);
        for (at, known) in known.iter().enumerate() {
            let row = &comparison.rows[at];
            let mut cells = vec![Cell::of(row.partnership.name.printed())];
            let value = known.as_ref().ok().and_then(|(part, whole)| ratio.value(*part, *whole));
            let cell = match (value, known) {
                (Some(value), _) => self.about(at, Cell::of(ratio.print(value)), &mut notes),
                (None, Err(why)) if why.len() > 30 => notes.attach(Cell::absent("not known"), &words::sentence(&words::capital(why))),
                (None, Err(why)) => Cell::absent(why.clone()),
                (None, Ok(_)) => figures::dash(),
            };
            cells.push(cell);
            if region {
                cells.push(value.map_or_else(figures::dash, |value| Cell::of(apart(value - all.value, ratio))));
            }
            if group {
                cells.extend(self.beside_group(row, value, rates, ratio, &mut notes));
            }
            rows.push(TableRow { total: false, cells });
        }
        if region {
            let whom = format!("{name}: {}", all.coverage);
            let mut cells = vec![Cell::of(whom), Cell::of(ratio.print(all.value)), figures::dash()];
            cells.extend(std::iter::repeat_with(figures::dash).take(if group { 2 } else { 0 }));
            rows.push(TableRow { total: true, cells });
        }
        let against = format!("Against {name}");
        let period = words::heading(comparison, true);
        let mut columns = vec![("Partnership", false), (&*period, true)];
        if region {
            columns.push((&*against, true));
        }
        if group {
            columns.extend([("Its group", true), ("Against the group", true)]);
        }
        let what = if ratio.is_percent() {
            comparison.indicator.name.printed().into_owned()
        } else {
            let of = if ratio.of == Denominator::Residents { " residents" } else { "" };
            format!("{} per {}{of}", comparison.indicator.name.printed(), csp_domain::text::thousands(&ratio.per.to_string()))
        };
        let when = if comparison.indicator.definition.stock { words::decapital(&period) } else { comparison.period.months() };
        Table {
            caption: format!("{what}, each partnership beside the others, {when}."),
            columns: columns.into_iter().map(|(heading, numeric)| Column { heading: heading.to_owned(), numeric }).collect(),
            rows,
            notes: notes.finish(),
        }
    }

    /// What must be said of a partnership's own rate.
    fn about(&self, at: usize, mut cell: Cell, notes: &mut Notes) -> Cell {
        let (comparison, row) = (self.comparison, &self.comparison.rows[at]);
        if comparison.is_provisional(at, true) {
            cell = notes.attach(cell, PROVISIONAL);
        }
        cell = figures::about_days(cell, comparison, &[at], comparison.period, notes);
        let by_residents = self.ratio.as_ref().is_some_and(|ratio| ratio.of == Denominator::Residents);
        match row.residents(comparison.period) {
            Ok(estimate) if by_residents => {
                notes.attach(cell, &words::residents(estimate, comparison.period, row.source_of(estimate).as_deref()))
            }
            _ => cell,
        }
    }

    /// The average of its comparison group, and how far it is from that.
    fn beside_group(
        &self,
        row: &Row<'_>,
        value: Option<Decimal>,
        rates: &[(&OnsCode, Decimal)],
        ratio: &Ratio,
        notes: &mut Notes,
    ) -> [Cell; 2] {
        let Some(peers) = &row.partnership.peers else { return [Cell::absent("no group named"), figures::dash()] };
        let group = ComparisonGroup::of(row.partnership.ons_code.clone(), peers.codes.iter().cloned());
        let average = group.average_of(rates.iter().copied(), self.comparison.period);
        let (Ok(average), Some(value)) = (average, value) else { return [figures::dash(), figures::dash()] };
        let of = if average.coverage.is_whole() {
            format!("all {} members", average.coverage.of)
        } else {
            format!("the {} of {} members whose figures this paper has", average.coverage.covered, average.coverage.of)
        };
        let note = format!("{}: the sum of the rates of {of}, itself among them, over their number.", peers.name.printed());
        [notes.attach(Cell::of(ratio.print(average.value)), &note), Cell::of(apart(value - average.value, ratio))]
    }
}

/// All their counts among all of what they are counted among, over those for whom both are known.
fn whole(known: &[Known], ratio: &Ratio) -> Option<Aggregate<Decimal>> {
    let both: Vec<&(Decimal, Decimal)> = known.iter().filter_map(|known| known.as_ref().ok()).collect();
    let (part, of) = both.iter().fold((Decimal::ZERO, Decimal::ZERO), |(parts, wholes), (part, whole)| (parts + part, wholes + whole));
    Some(Aggregate { value: ratio.value(part, of)?, coverage: Coverage { covered: both.len(), of: known.len() } })
}

/// `0.23 per 1,000 below`, `3.1 points above`, `level`.
fn apart(by: Decimal, ratio: &Ratio) -> String {
    let far = rounded(by.abs(), ratio.decimals);
    if far.is_zero() {
        return "level".to_owned();
    }
    let side = if by.is_sign_negative() { "below" } else { "above" };
    let far = if ratio.is_percent() {
        format!("{far:.*} {}", ratio.decimals as usize, if far == Decimal::ONE { "point" } else { "points" })
    } else {
        ratio.print(far)
    };
    format!("{far} {side}")
}
