//! What was promised of a measure: where it stands, where it should stand, and what is wanted in the end.

use csp_domain::{
    document::{Block, Cell, Chart, Column, Inline, Row as TableRow, Table, chart::ChartPoint},
    indicator::{Indicator, Ratio},
    measure::{
        comparator::Comparator,
        target::{Milestone, Trajectory},
        verdict::TargetVerdict,
        xmr::{self, Plan},
    },
    observation::print_value,
    period::Period,
    target::Target,
};
use rust_decimal::Decimal;

use crate::{
    beside, charts,
    comparison::{Comparison, Row},
    figures,
    judge::{Judged, Judgement},
    material::Material,
    notes::Notes,
    reasons,
    sheet::Sheet,
    waves, words,
};

/// The most that are drawn of one measure.
const MOST_DRAWN: usize = 3;

/// The targets of one measure that hold at the end of the period reported on.
fn in_force<'m>(indicator: &Indicator, material: &'m Material) -> impl Iterator<Item = &'m Target> {
    let (of, period) = (indicator.id, material.cycle.period);
    material.targets.iter().filter(move |target| target.terms.indicator == of && target.holds_at(period))
}

/// What stands below the table of one measure about its baseline and its targets.
pub(crate) fn blocks(first: &Comparison<'_>, judged: &Judged, drawn: bool, material: &Material) -> Vec<Block> {
    let set: Vec<&Target> = in_force(first.indicator, material).collect();
    let mut blocks = Vec::new();
    for target in &set {
        let Some(baseline) = target.terms.baseline else { continue };
        if let Some(below) = beside::another_time(first, Comparator::Baseline(baseline), material) {
            blocks.push(below.block());
            blocks.push(Block::paragraph(words::sentence(&format!("About the baseline: {}", target.terms.reason.printed()))));
        }
    }
    let promised: Vec<Promised<'_, '_>> = set.iter().filter_map(|target| Promised::of(target, first, judged)).collect();
    if promised.is_empty() {
        return blocks;
    }
    if first.guard.as_ref().is_some_and(|guard| guard.silent) {
        blocks.push(Block::paragraph(format!("Targets: {}", words::decapital(figures::KEPT_BACK))));
        return blocks;
    }
    blocks.push(Block::Table(table(&promised, first)));
    if drawn {
        let mut order: Vec<&Promised<'_, '_>> = promised.iter().collect();
        order.sort_by_key(|promised| promised.verdict() == Some(TargetVerdict::Met));
        blocks.extend(order.into_iter().filter_map(|promised| promised.chart(material)).take(MOST_DRAWN).map(Block::Chart));
    }
    blocks
}

/// Which targets are missed, each in words: they are exceptions. And which could be judged, each by its name.
pub(crate) fn missed(sheet: &Sheet<'_>) -> (Vec<Vec<Inline>>, Vec<String>) {
    let (mut missed, mut could) = (Vec::new(), Vec::new());
    for (comparison, judged) in sheet.pairs() {
        if comparison.guard.as_ref().is_some_and(|guard| guard.silent) {
            continue;
        }
        let set = in_force(comparison.indicator, sheet.material);
        for promised in set.filter_map(|target| Promised::of(target, comparison, judged)) {
            let Some(verdict) = promised.verdict() else { continue };
            could.push(format!("{}, {}", comparison.indicator.name.printed(), promised.whom));
            if verdict == TargetVerdict::Missed {
                missed.push(promised.told(sheet.material));
            }
        }
    }
    (missed, could)
}

/// A target of somebody who is in this paper.
struct Promised<'c, 'm> {
    target: &'c Target,
    trajectory: &'c Trajectory,
    comparison: &'c Comparison<'m>,
    /// Whose figures it is about.
    rows: Vec<usize>,
    /// What their series shows, of periods as long as the target's.
    series: Option<&'c Judgement>,
    whom: String,
    /// The period it is judged by: the last as long as the target's that ends with the one reported on.
    at: Option<Period>,
}

impl<'c, 'm> Promised<'c, 'm> {
    fn of(target: &'c Target, comparison: &'c Comparison<'m>, judged: &'c Judged) -> Option<Self> {
        let trajectory = target.terms.trajectory.as_ref()?;
        let all = comparison.rows.len();
        let (rows, whom, series) = match target.terms.partnership {
            Some(id) => {
                let at = comparison.rows.iter().position(|row| row.partnership.id == id)?;
                (vec![at], comparison.rows[at].partnership.name.printed().into_owned(), judged.rows.get(at))
            }
            None => {
                let together = judged.whole().filter(|_| judged.region.is_none() || judged.covered.len() == all);
                let whom = match comparison.rows.as_slice() {
                    [only] => only.partnership.name.printed().into_owned(),
                    _ => format!("all {all} partnerships"),
                };
                ((0..all).collect(), whom, together)
            }
        };
        let series = series.filter(|_| judged.grain == trajectory.length());
        let at = trajectory.period_ending(comparison.period.end());
        Some(Self { target, trajectory, comparison, rows, series, whom, at })
    }

    /// The figure of one period, or in words why there is none.
    fn reading(&self, period: Period) -> Result<Decimal, String> {
        if self.rows.len() > 1 && self.comparison.indicator.definition.survey.is_some() {
            return Err("samples are not added up".to_owned());
        }
        let having = |row: &Row<'_>| row.told.series.over(period).is_ok();
        let silent = self.rows.iter().filter(|at| !having(&self.comparison.rows[**at])).count();
        if silent > 0 {
            let (all, have) = (self.rows.len(), self.rows.len() - silent);
            return Err(if all == 1 { "no figure".to_owned() } else { format!("figures of {have} of {all} only") });
        }
        let (mut part, mut whole) = (Decimal::ZERO, Decimal::ZERO);
        for row in self.rows.iter().map(|at| &self.comparison.rows[*at]) {
            row.told.series.same_definition(period, period).map_err(|why| why.to_string())?;
            part += row.told.series.over(period).map_err(|why| why.to_string())?.value;
            whole += row.whole(period).map_err(|why| why.to_string())?;
        }
        match &self.comparison.indicator.definition.ratio {
            None => Ok(part),
            Some(_) if whole < Decimal::from(self.comparison.rules.least_base) => Err("too few for a percentage".to_owned()),
            Some(ratio) => ratio.value(part, whole).ok_or_else(|| "none".to_owned()),
        }
    }

    /// Where it stands at the end of the period reported on. What the table above does not have is not told here.
    fn now(&self) -> Result<Decimal, String> {
        let absent = self.rows.iter().filter(|at| self.comparison.rows[**at].now.amount().is_none()).count();
        match (absent, self.at) {
            (0, Some(at)) => self.reading(at),
            (0, None) => Err("not yet".to_owned()),
            (_, _) if self.rows.len() == 1 => Err("no figure".to_owned()),
            (absent, _) => Err(format!("figures of {} of {} only", self.rows.len() - absent, self.rows.len())),
        }
    }

    /// Of a survey only where the sample itself is sure: what was wanted lies outside its interval.
    fn verdict(&self) -> Option<TargetVerdict> {
        let at = self.at?;
        let verdict = self.trajectory.judge(at, self.now().ok()?)?;
        let expected = self.trajectory.expected(at)?;
        let sure = |row: usize| waves::is_sure(self.comparison, row, at, expected);
        (verdict == TargetVerdict::Met || self.rows.iter().all(|row| sure(*row))).then_some(verdict)
    }

    /// `Burglary, Gateshead: 206, expected at most 180 (its reason: …).`
    fn told(&self, material: &Material) -> Vec<Inline> {
        let now = self.now().map(|value| self.print(value)).unwrap_or_default();
        let expected = self.at.and_then(|at| self.trajectory.expected(at)).map(|value| self.print(value)).unwrap_or_default();
        let aim = self.trajectory.aim().words();
        // A reason is one partnership's; of all together nobody is asked.
        let reason = match self.rows.as_slice() {
            [only] => reasons::beside(&material.contributions[*only], self.comparison.indicator, true),
            _ => String::new(),
        };
        let name = self.comparison.indicator.name.printed();
        let text = format!(", {}: {now}, expected {aim} {expected}{reason}.", self.whom);
        vec![Inline::Strong { content: vec![Inline::text(name)] }, Inline::text(text)]
    }

    /// Whether the process as it is can be relied on, where there are points enough.
    fn assurance(&self) -> Option<TargetVerdict> {
        let Some(Judgement::Of { points, .. }) = self.series else { return None };
        let chart = xmr::Chart::new(points.clone(), Plan::default()).ok()?;
        let limits = chart.current()?.limits.as_ref()?;
        Some(self.trajectory.assurance(limits))
    }

    fn print(&self, value: Decimal) -> String {
        match &self.comparison.indicator.definition.ratio {
            // With the decimals of what was promised, or 12.5% is printed as a promise of 13%.
            Some(ratio) => {
                let promised = self.trajectory.milestones().iter().map(|milestone| milestone.value.normalize().scale()).max();
                Ratio { decimals: ratio.decimals.max(promised.unwrap_or(0)), ..ratio.clone() }.print(value)
            }
            None if value.fract().is_zero() => print_value(value, self.comparison.indicator.unit),
            // A straight way passes between whole things.
            None => {
                let unit = self.comparison.indicator.unit;
                print_value(csp_domain::measure::percent::rounded(value, unit.decimals().max(1)), unit)
            }
        }
    }

    fn row(&self, notes: &mut Notes) -> TableRow {
        let aim = self.trajectory.aim().words();
        let Milestone { period, value } = self.trajectory.last();
        let whom =
            notes.attach(Cell::of(words::capital(&self.whom)), &words::sentence(&words::capital(&self.target.terms.reason.printed())));
        let now = self.now();
        let mut figure = match &now {
            Ok(value) => Cell::of(self.print(*value)),
            Err(why) => Cell::absent(why.clone()),
        };
        if let Some(at) = self.at.filter(|at| *at != self.comparison.period && now.is_ok()) {
            figure = notes.attach(figure, &format!("For {}.", at.months()));
        }
        if let (Some(at), Ok(_)) = (self.at, &now) {
            figure = figures::about_days(figure, self.comparison, &self.rows, at, notes);
        }
        if now.is_ok() && self.rows.iter().any(|at| self.comparison.is_provisional(*at, true)) {
            figure = notes.attach(figure, crate::notes::PROVISIONAL);
        }
        let expected = self.at.and_then(|at| self.trajectory.expected(at));
        let expected = match (expected, self.at) {
            (Some(value), _) => Cell::of(format!("{aim} {}", self.print(value))),
            (None, Some(_)) => Cell::absent(format!("begins with {}", self.trajectory.first().period.short_label())),
            (None, None) => Cell::absent(format!("judged by {}", length(self.trajectory))),
        };
        let told: Vec<String> = self
            .verdict()
            .into_iter()
            .chain(self.assurance().filter(|_| now.is_ok()))
            .map(|verdict| format!("{}\u{a0}{}", verdict.shape().symbol(), verdict.words()))
            .collect();
        let verdict = if told.is_empty() { Cell::absent("not judged") } else { Cell::of(told.join("; ")) };
        let since = if self.trajectory.is_standing() { "from" } else { "by" };
        let wanted = Cell::of(format!("{aim} {} {since} {}", self.print(value), period.short_label()));
        TableRow { total: false, cells: vec![whom, figure, expected, verdict, wanted] }
    }

    /// The figures so far, from where the target begins, with what is expected on the way.
    fn chart(&self, material: &Material) -> Option<Chart> {
        let at = self.at?;
        self.now().ok()?;
        let begin = self.trajectory.first().period.start();
        let mut points = Vec::new();
        let mut period = at;
        // As far as the paper looks back; further than that no figure is known.
        while period.start() >= begin && points.len() < 60 {
            // What was counted otherwise is no part of this way.
            if self.rows.iter().any(|row| self.comparison.rows[*row].told.series.same_definition(period, at).is_err()) {
                break;
            }
            if let Ok(value) = self.reading(period) {
                points.push(ChartPoint { period, value });
            }
            if period.previous().end() < material.cycle.period.looking_back().start() {
                break;
            }
            period = period.previous();
        }
        points.reverse();
        let measure = charts::measure(self.comparison);
        let title = format!("{}: {}, progress against the target", charts::subject(self.comparison), self.whom);
        let periods: Vec<Period> = points.iter().map(|point| point.period).collect();
        let (context, unsaid) = charts::fitting(charts::known(self.comparison, &self.rows, &periods));
        let (target, context) = (self.trajectory.clone(), charts::spans(&context));
        (points.len() > 1).then_some(Chart::Progress { title, measure, points, target, context, unsaid })
    }
}

/// `periods of 12 months`.
fn length(trajectory: &Trajectory) -> String {
    format!("periods of {}", trajectory.length())
}

fn table(promised: &[Promised<'_, '_>], first: &Comparison<'_>) -> Table {
    let mut notes = Notes::default();
    let rows = promised.iter().map(|promised| promised.row(&mut notes)).collect();
    let heading = words::heading(first, true);
    let columns = [("Of", false), (&*heading, true), ("Expected", true), ("Verdict", false), ("Target", true)];
    Table {
        caption: format!("Targets for {}.", first.indicator.name.printed()),
        columns: columns.map(|(heading, numeric)| Column { heading: heading.to_owned(), numeric }).into(),
        rows,
        notes: notes.finish(),
    }
}
