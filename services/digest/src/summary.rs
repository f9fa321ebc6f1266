//! What a member should know in one minute: who answered, what the figures are, what is asked.
//!
//! What changed comes first, and nothing is called a change that is not one: two points are a difference, and only a series of
//! figures can tell one from the other.

use std::borrow::Cow;

use csp_domain::{
    completeness::{self, Rate, Tally},
    document::{Block, Cell, Column, Inline, Row as TableRow, Table},
    measure::{verdict::Verdict, xmr::LEAST_POINTS},
    observation::{Answer, Figure},
    period::uk_date,
};

use crate::{
    change::Change,
    comparison::{Comparison, Row, Side, Total},
    figures,
    judge::{Judged, Judgement},
    material::{Contribution, Material},
    notes::{Notes, shared_note},
    reasons,
    sheet::Sheet,
    targets, words,
};

/// The summary. `asks_in` is the number of the section with the recommendations.
pub(crate) fn summary(shared: &Sheet<'_>, own: &[Sheet<'_>], asks_in: &str) -> Vec<Block> {
    let mut blocks = headlines(shared, own);
    blocks.extend(returns(shared, own));
    blocks.extend(asked(shared.material, asks_in));
    blocks
}

fn returns(shared: &Sheet<'_>, own: &[Sheet<'_>]) -> Vec<Block> {
    let material = shared.material;
    // Of whom the committee asks nothing, no return is missed.
    let owing: Vec<&Contribution> = material.contributions.iter().filter(|contribution| owes(contribution, material)).collect();
    let all = owing.len();
    let received = owing.iter().filter(|contribution| contribution.answer.is_some() || contribution.unsigned).count();
    let lead = match (owing.as_slice(), received) {
        ([], _) if !material.contributions.is_empty() => "Nobody is asked for a return.".to_owned(),
        ([], _) => "No partnership reports to this committee.".to_owned(),
        ([only], 0) => format!("{} has not sent a return.", only.partnership.name.printed()),
        ([only], _) => format!("{} has sent a return.", only.partnership.name.printed()),
        (_, 0) => format!("None of the {all} partnerships has sent a return."),
        (_, n) if n == all => format!("All {all} partnerships have sent a return."),
        (_, n) => format!("{n} of {all} partnerships have sent a return."),
    };
    let mut blocks = vec![led_by("Returns.", &lead)];
    let entries = exceptions(shared, own);
    if !entries.is_empty() {
        blocks.push(list(entries.into_iter().map(|entry| vec![Inline::text(entry)])));
    }
    blocks.extend(over_time(&material.tallies).map(Block::paragraph));
    blocks
}

/// Whether a return is expected, or has come all the same.
fn owes(contribution: &Contribution, material: &Material) -> bool {
    contribution.answer.is_some() || contribution.unsigned || material.committee.expects_return(contribution.partnership.id)
}

/// How often returns came, in one line that names nobody; none where there is no cycle but this one to tell of.
fn over_time(tallies: &[Tally]) -> Option<String> {
    let (complete, on_time) = (completeness::complete(tallies), completeness::on_time(tallies));
    if complete.cycles < 2 || complete.whole == 0 {
        return None;
    }
    let share = |rate: Rate| rate.percent().map(|percent| format!(" ({percent}%)")).unwrap_or_default();
    Some(format!(
        "Over the last {} reports {} of {} returns were received{}, {} by the deadline{}.",
        complete.cycles,
        complete.part,
        complete.whole,
        share(complete),
        on_time.part,
        share(on_time)
    ))
}

/// Everything a reader of the tables should not have to discover there.
fn exceptions(shared: &Sheet<'_>, own: &[Sheet<'_>]) -> Vec<String> {
    let material = shared.material;
    let names = |wanted: &dyn Fn(usize) -> bool| -> Vec<Cow<'_, str>> {
        (0..material.contributions.len()).filter(|at| wanted(*at)).map(|at| material.contributions[at].partnership.name.printed()).collect()
    };
    let mut out = Vec::new();
    let unsigned = names(&|at| material.contributions[at].unsigned);
    if !unsigned.is_empty() {
        out.push(format!("Received, not signed off, and so not printed: {}.", words::list(&unsigned)));
    }
    let missing = names(&|at| {
        let contribution = &material.contributions[at];
        contribution.answer.is_none() && !contribution.unsigned && owes(contribution, material)
    });
    if !missing.is_empty() {
        out.push(words::no_return(Some(&words::list(&missing)), &material.cycle, material.zone));
    }
    let entered = names(&|at| material.contributions[at].entered);
    if !entered.is_empty() {
        out.push(format!("Entered by the committee's editor on the partnership's behalf: {}.", words::list(&entered)));
    }
    let nil = names(&|at| material.contributions[at].nil_statement().is_some());
    if !nil.is_empty() {
        out.push(format!("Nil return, with nothing to report: {}.", words::list(&nil)));
    }
    for (at, contribution) in material.contributions.iter().enumerate() {
        let name = contribution.partnership.name.printed();
        let kept = own.iter().flat_map(|sheet| &sheet.comparisons).flat_map(|comparison| &comparison.rows);
        let kept = kept.filter(|row| row.partnership.id == contribution.partnership.id);
        let rows: Vec<&Row<'_>> = shared.comparisons.iter().map(|comparison| &comparison.rows[at]).chain(kept).collect();
        let rows: Vec<&Row<'_>> = rows.into_iter().filter(|row| !matches!(row.now, Side::NotAsked)).collect();
        let of_all = |count: usize| format!("{count} of {}", words::figures(rows.len()));
        let mut dates: Vec<_> = rows.iter().filter_map(|row| expected(row.now.figure()?)).collect();
        let late = dates.len();
        dates.sort_unstable();
        dates.dedup();
        if late > 0 {
            let dates: Vec<String> = dates.into_iter().map(uk_date).collect();
            out.push(format!("Late from {name}: {}, expected {}.", of_all(late), words::list(&dates)));
        }
        let withheld =
            rows.iter().filter(|row| row.now.figure().is_some_and(|figure| matches!(figure.answer, Answer::Withheld { .. }))).count();
        if withheld > 0 {
            out.push(format!("Withheld by {name}: {}; the reason is below the table.", of_all(withheld)));
        }
        let gaps = rows.iter().filter(|row| matches!(row.now, Side::NotReported | Side::Incomplete(_))).count();
        if gaps > 0 {
            out.push(format!("Not reported by {name}: {}.", of_all(gaps)));
        }
    }
    out
}

fn expected(figure: &Figure) -> Option<chrono::NaiveDate> {
    match figure.answer {
        Answer::Late { expected_on } => Some(expected_on),
        _ => None,
    }
}

/// What changed, who could be judged, and the figures in one table.
fn headlines(shared: &Sheet<'_>, own: &[Sheet<'_>]) -> Vec<Block> {
    let Sheet { material, comparisons, judged } = shared;
    if comparisons.is_empty() && own.is_empty() || material.contributions.is_empty() {
        return Vec::new();
    }
    let mut blocks = changed(shared, own);
    blocks.extend(missed(shared, own));
    if comparisons.is_empty() {
        return blocks;
    }
    let (period, then) = material.committee.template.heading().periods(material.cycle.period);
    blocks.push(led_by("Figures.", &format!("{} against {}.", period.months(), then.months())));
    blocks.push(Block::Table(overview(comparisons, judged, material)));
    blocks.extend(circumstances(comparisons).into_iter().map(Block::paragraph));
    blocks
}

/// Exceptions first, worse before better. A paper that finds nothing says among how many it looked.
fn changed(shared: &Sheet<'_>, own: &[Sheet<'_>]) -> Vec<Block> {
    let sheets = || std::iter::once(shared).chain(own);
    let rows = || sheets().flat_map(|sheet| &sheet.judged).flat_map(|judged| &judged.rows);
    let (all, could) = (rows().count(), rows().filter(|row| row.verdict().is_some()).count());
    let (signals, silent) =
        (rows().filter(|row| row.signal().is_some()).count(), rows().filter(|row| matches!(row, Judgement::NoFigure)).count());
    let guarded = rows().filter(|row| matches!(row, Judgement::Guarded)).count();
    let no_series = rows().filter(|row| matches!(row, Judgement::NoSeries)).count();
    let no_wave = rows().filter(|row| matches!(row, Judgement::NoWave)).count();
    let few = all - could - silent - guarded - no_series - no_wave;
    let series = "one for each partnership and measure";
    let told = |sheet: &Sheet<'_>| sheet.pairs().filter_map(|(c, j)| signals_of(sheet.material, c, j)).collect::<Vec<_>>();
    let mut entries: Vec<(usize, Vec<Inline>)> = sheets().flat_map(told).collect();
    entries.sort_by_key(|(rank, _)| *rank);
    let unjudged: Vec<String> = [
        (silent, "without a figure for the period"),
        (few, "with too few figures in a row"),
        (no_series, "with figures that make no series"),
        (no_wave, "of surveys without an earlier result from other people"),
        (guarded, "to protect small numbers"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    let unjudged = if unjudged.is_empty() { String::new() } else { format!(" Not judged: {}.", words::list(&unjudged)) };
    let lead = match (could, entries.is_empty()) {
        (0, _) => format!(
            "Cannot be said: none of the {all} series of figures, {series}, could be judged; a judgement needs {LEAST_POINTS} figures in a row."
        ),
        (_, true) => format!("No real change in any of the {could} of {all} series of figures, {series}, that could be judged."),
        (_, false) => {
            let changed = if signals == 0 { "none of them changed by itself".to_owned() } else { format!("{signals} of them changed") };
            format!("{could} of {all} series of figures, {series}, could be judged; {changed}.")
        }
    };
    let mut blocks = vec![led_by("What changed.", &format!("{lead}{unjudged}"))];
    if !entries.is_empty() {
        blocks.push(list(entries.into_iter().map(|(_, entry)| entry)));
    }
    blocks
}

/// The targets that are missed, of how many that could be judged; nothing where none is set.
fn missed(shared: &Sheet<'_>, own: &[Sheet<'_>]) -> Vec<Block> {
    let told: Vec<_> = std::iter::once(shared).chain(own).map(targets::missed).collect();
    let judged: Vec<String> = told.iter().flat_map(|(_, judged)| judged.clone()).collect();
    let missed: Vec<Vec<Inline>> = told.into_iter().flat_map(|(missed, _)| missed).collect();
    match (judged.len(), missed.len()) {
        (0, _) => Vec::new(),
        (1, 0) => vec![led_by("Targets.", &format!("The one that can be judged is met: {}.", judged.concat()))],
        (2, 0) => vec![led_by("Targets.", "Both that can be judged are met.")],
        (all, 0) => vec![led_by("Targets.", &format!("All {all} that can be judged are met."))],
        (all, count) => {
            let lead = match (all, count) {
                (1, _) => "The one that can be judged is missed:".to_owned(),
                (2, 2) => "Both that can be judged are missed:".to_owned(),
                (all, count) if all == count => format!("All {all} that can be judged are missed:"),
                (all, 1) => format!("1 of the {all} that can be judged is missed:"),
                (all, count) => format!("{count} of the {all} that can be judged are missed:"),
            };
            vec![led_by("Targets.", &lead), list(missed.into_iter())]
        }
    }
}

/// Who of one measure changed, and how seriously.
fn signals_of(material: &Material, comparison: &Comparison<'_>, judged: &Judged) -> Option<(usize, Vec<Inline>)> {
    let rank = |verdict: Verdict| match verdict {
        Verdict::Worsening(_) => 0,
        Verdict::Changed(_) => 1,
        _ => 2,
    };
    let mut found: Vec<(Verdict, String)> = Vec::new();
    if let Some(verdict) = judged.region.as_ref().and_then(Judgement::signal) {
        let (of, all) = (judged.covered.len(), comparison.rows.len());
        let whom = if of == all { format!("all {all} partnerships together") } else { format!("{of} of {all} partnerships together") };
        let provisional = judged.covered.iter().any(|at| comparison.is_provisional(*at, true));
        found.push((verdict, format!("{whom}{}", if provisional { " (in part provisional)" } else { "" })));
    }
    for (at, (row, judgement)) in comparison.rows.iter().zip(&judged.rows).enumerate() {
        let Some(verdict) = judgement.signal() else { continue };
        let note = row.now.figure().and_then(|figure| figure.note.as_ref());
        let said = note.map_or_else(String::new, |note| format!(" (its note: {})", note.printed()));
        let reason = reasons::beside(&material.contributions[at], comparison.indicator, false);
        let provisional = if comparison.is_provisional(at, true) { " (provisional)" } else { "" };
        found.push((verdict, format!("{}{provisional}{reason}{said}", row.partnership.name.printed())));
    }
    let worst = found.iter().map(|(verdict, _)| rank(*verdict)).min()?;
    found.sort_by_key(|(verdict, _)| rank(*verdict));
    // Whoever changed in the same way for the same reason is named together.
    let mut told: Vec<(Verdict, Vec<String>)> = Vec::new();
    for (verdict, whom) in found {
        match told.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, names)) => names.push(whom),
            None => told.push((verdict, vec![whom])),
        }
    }
    let told: Vec<String> = told
        .into_iter()
        .map(|(verdict, names)| format!("{} in {}: {}", words::verdict(verdict), words::list(&names), verdict.reason()))
        .collect();
    let text = format!(", {}: {}.", judged.by(), told.join("; "));
    Some((worst, vec![Inline::Strong { content: vec![Inline::text(comparison.indicator.name.printed())] }, Inline::text(text)]))
}

/// Every measure in a row: its value, what it is set beside, the change, the verdict.
fn overview(comparisons: &[Comparison<'_>], judged: &[Judged], material: &Material) -> Table {
    let (period, then) = material.committee.template.heading().periods(material.cycle.period);
    let (this, last) = (period.short_label(), then.short_label());
    let mut notes = Notes::default();
    let rows = comparisons.iter().zip(judged).map(|(comparison, judged)| Line { comparison, judged }.row(&mut notes)).collect();
    let columns = [("Measure", false), (&*this, true), (&*last, true), ("Change", true), ("Verdict", false)]
        .map(|(heading, numeric)| Column { heading: heading.to_owned(), numeric })
        .into();
    let caption = match material.contributions.as_slice() {
        [only] => only.partnership.name.printed().into_owned(),
        _ => "All partnerships that have figures for both periods".to_owned(),
    };
    Table {
        caption: format!("{caption}. The verdict is on the latest figure of the series, not on the change beside it."),
        columns,
        rows,
        notes: notes.finish(),
    }
}

/// One measure of the overview.
struct Line<'c, 'm> {
    comparison: &'c Comparison<'m>,
    judged: &'c Judged,
}

impl Line<'_, '_> {
    fn row(&self, notes: &mut Notes) -> TableRow {
        let Self { comparison, judged } = self;
        let all = comparison.rows.len();
        let mut name = Cell::of(comparison.indicator.name.printed());
        let (covered, before) = match comparison.total() {
            Total::LikeForLike(covered) => (covered, true),
            Total::NowOnly { covered, .. } => (covered, false),
            Total::NotAddedUp | Total::Nothing => (Vec::new(), false),
        };
        let samples = matches!(comparison.total(), Total::NotAddedUp);
        if all > 1 && !samples {
            name = notes.attach(name, &format!("{}.", words::total_of(covered.len(), all)));
        }
        if comparison.indicator.definition.stock {
            let (this, last) = (uk_date(comparison.period.end()), uk_date(comparison.then.end()));
            name = notes.attach(name, &format!("The state at {this} and at {last}."));
        }
        let (now, then, change) = if covered.is_empty() {
            let why = if samples { "each by itself" } else { "no figures" };
            (Cell::absent(why), figures::dash(), figures::dash())
        } else {
            let now = figures::sum_cell(comparison, &covered, true, notes);
            if before {
                let then = figures::sum_cell(comparison, &covered, false, notes);
                let change = Change::between(comparison, comparison.sum(&covered, false).as_ref(), comparison.sum(&covered, true).as_ref());
                let told = match &change {
                    Change::KeptBack => Cell::absent("not shown"),
                    Change::Broken(refusal) => {
                        notes.attach(Cell::absent("not compared"), &words::sentence(&format!("Not compared: {refusal}")))
                    }
                    Change::Samples { real: false, .. } => figures::no_real_change(notes),
                    other => words::change_in_short(other, comparison.indicator).map_or_else(figures::dash, Cell::of),
                };
                (now, then, told)
            } else {
                (now, Cell::absent("no earlier figure"), figures::dash())
            }
        };
        let verdict = judged.whole().map_or_else(figures::dash, |whole| figures::whole_verdict(comparison, judged, whole, notes));
        TableRow { total: false, cells: vec![name, now, then, change, verdict] }
    }
}

/// What every figure of a period carries as its note must not stay in the tables: a fall against a
/// quarter in which restrictions were in force reads differently once that is known.
fn circumstances(comparisons: &[Comparison<'_>]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for comparison in comparisons {
        let (covered, sides): (_, &[bool]) = match comparison.total() {
            Total::LikeForLike(covered) => (covered, &[false, true]),
            Total::NowOnly { covered, .. } => (covered, &[true]),
            Total::NotAddedUp | Total::Nothing => continue,
        };
        for now in sides {
            let period = if *now { comparison.period } else { comparison.then };
            let of: Vec<&Side<'_>> = covered.iter().map(|at| comparison.rows[*at].side(*now)).collect();
            if let Some(note) = shared_note(&of) {
                let line = words::sentence(&format!("About {}: {note}", period.short_label()));
                if !out.contains(&line) {
                    out.push(line);
                }
            }
        }
    }
    out
}

fn asked(material: &Material, asks_in: &str) -> Vec<Block> {
    let lead = "What is asked of you.";
    match &*material.committee.template.recommendations {
        [] => vec![led_by(lead, "Nothing beyond reading this report.")],
        [one] => vec![led_by(lead, &format!("{} (section {asks_in}).", one.as_str().trim_end_matches('.')))],
        several => {
            vec![led_by(lead, &format!("Section {asks_in}, in short:")), list(several.iter().map(|line| vec![Inline::text(line.as_str())]))]
        }
    }
}

fn led_by(lead: &str, text: &str) -> Block {
    Block::Paragraph { text: vec![Inline::Strong { content: vec![Inline::text(lead)] }, Inline::text(format!(" {text}"))] }
}

fn list(entries: impl Iterator<Item = Vec<Inline>>) -> Block {
    Block::List { ordered: false, entries: entries.map(|text| vec![Block::Paragraph { text }]).collect() }
}
