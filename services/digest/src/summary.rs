//! What a member should know in one minute: who answered, what the figures are, what is asked.
//!
//! It says "fewer" and "more" and never "better": two points are a difference, not a change, and the
//! charts that can tell one from the other come later.

use std::borrow::Cow;

use csp_domain::{
    completeness::{self, Rate, Tally},
    document::{Block, Inline},
    observation::{Answer, Figure, print_value},
    period::uk_date,
};

use crate::{
    comparison::{Change, Comparison, Now, Row, Total},
    figures::figures_now,
    material::Material,
    notes::{PROVISIONAL, remarks_of_sum},
    words,
};

/// The summary. `asks_in` is the number of the section with the recommendations.
pub(crate) fn summary(material: &Material, comparisons: &[Comparison<'_>], asks_in: &str) -> Vec<Block> {
    let mut blocks = returns(material, comparisons);
    blocks.extend(headlines(material, comparisons));
    blocks.extend(asked(material, asks_in));
    blocks
}

fn returns(material: &Material, comparisons: &[Comparison<'_>]) -> Vec<Block> {
    let all = material.contributions.len();
    let received = material.contributions.iter().filter(|contribution| contribution.answer.is_some() || contribution.unsigned).count();
    let lead = match (&*material.contributions, received) {
        ([], _) => "No partnership reports to this committee.".to_owned(),
        ([only], 0) => format!("{} has not sent a return.", only.partnership.name.printed()),
        ([only], _) => format!("{} has sent a return.", only.partnership.name.printed()),
        (_, 0) => format!("None of the {all} partnerships has sent a return."),
        (_, n) if n == all => format!("All {all} partnerships have sent a return."),
        (_, n) => format!("{n} of {all} partnerships have sent a return."),
    };
    let mut blocks = vec![led_by("Returns.", &lead)];
    let entries = exceptions(material, comparisons);
    if !entries.is_empty() {
        blocks.push(list(entries.into_iter().map(|entry| vec![Inline::text(entry)])));
    }
    blocks.extend(over_time(&material.tallies).map(Block::paragraph));
    blocks
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
fn exceptions(material: &Material, comparisons: &[Comparison<'_>]) -> Vec<String> {
    let names = |wanted: &dyn Fn(usize) -> bool| -> Vec<Cow<'_, str>> {
        (0..material.contributions.len()).filter(|at| wanted(*at)).map(|at| material.contributions[at].partnership.name.printed()).collect()
    };
    let mut out = Vec::new();
    let unsigned = names(&|at| material.contributions[at].unsigned);
    if !unsigned.is_empty() {
        out.push(format!("Received, not signed off, and so not printed: {}.", words::list(&unsigned)));
    }
    let missing = names(&|at| material.contributions[at].answer.is_none() && !material.contributions[at].unsigned);
    if !missing.is_empty() {
        out.push(words::no_return(Some(&words::list(&missing)), &material.cycle, material.zone));
    }
    let nil = names(&|at| material.contributions[at].nil_statement().is_some());
    if !nil.is_empty() {
        out.push(format!("Nil return, with nothing to report: {}.", words::list(&nil)));
    }
    for (at, contribution) in material.contributions.iter().enumerate() {
        let name = contribution.partnership.name.printed();
        let rows: Vec<&Row<'_>> = comparisons.iter().map(|comparison| &comparison.rows[at]).collect();
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
        let gaps = rows.iter().filter(|row| matches!(row.now, Now::NotReported)).count();
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

fn headlines(material: &Material, comparisons: &[Comparison<'_>]) -> Vec<Block> {
    if comparisons.is_empty() {
        return Vec::new();
    }
    let period = material.cycle.period;
    let (this, last) = (period.short_label(), period.a_year_earlier().short_label());
    let mut blocks = vec![led_by("Figures.", &format!("{this} beside {last}, a year earlier."))];
    blocks.push(list(comparisons.iter().map(|comparison| {
        vec![Inline::Strong { content: vec![Inline::text(comparison.indicator.name.printed())] }, Inline::text(headline(comparison))]
    })));
    blocks.extend(circumstances(comparisons, &this, &last).into_iter().map(Block::paragraph));
    blocks
}

fn headline(comparison: &Comparison<'_>) -> String {
    let unit = comparison.indicator.unit;
    let (covered, value, compared) = match comparison.total() {
        Total::LikeForLike { covered, before, after } => {
            (covered, after, words::than_a_year_earlier(&Change::between(before, after), unit))
        }
        Total::NowOnly { covered, after, .. } => (covered, after, "no earlier figure to set beside it".to_owned()),
        Total::Nothing => return ": no figures received.".to_owned(),
    };
    let provisional = if remarks_of_sum(&figures_now(&covered)).contains(&PROVISIONAL) { " (provisional)" } else { "" };
    let total = match comparison.rows.len() {
        1 => String::new(),
        all => format!(" {}.", words::total_of(covered.len(), all)),
    };
    format!(": {}{provisional}; {compared}.{total}", print_value(value, unit))
}

/// What every figure of a period carries as its note must not stay in the tables: a fall against a
/// quarter in which restrictions were in force reads differently once that is known.
fn circumstances(comparisons: &[Comparison<'_>], this: &str, last: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for comparison in comparisons {
        let (covered, befores): (_, Vec<&Figure>) = match comparison.total() {
            Total::LikeForLike { covered, .. } => {
                let befores = covered.iter().filter_map(|row| row.before).collect();
                (covered, befores)
            }
            Total::NowOnly { covered, .. } => (covered, Vec::new()),
            Total::Nothing => continue,
        };
        for (label, figures) in [(last, befores), (this, figures_now(&covered))] {
            for remark in remarks_of_sum(&figures).into_iter().filter(|remark| *remark != PROVISIONAL) {
                let line = words::sentence(&format!("About {label}: {remark}"));
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
