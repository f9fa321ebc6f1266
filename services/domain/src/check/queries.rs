//! Queries: what looks wrong beside what was told before, and may be right.

use rust_decimal::Decimal;

use super::{
    case::{Case, Known, amount},
    few::Few,
    finding::{Finding, Part},
    rule::Rule,
    typed,
};
use crate::{
    indicator::{Denominator, Indicator, Polarity},
    measure::{
        percent::rounded,
        series::Series,
        survey::{Wave, printed},
        verdict::{TargetVerdict, Verdict},
        xmr::{Chart, Direction, LEAST_POINTS, Limits, Plan, Point, Signal},
    },
    observation::{Answer, print_value},
    period::{Length, Period},
    target::Target,
    text::thousands,
};

/// A percentage that moved by so many points is far from where it was.
const FAR_POINTS: i64 = 10;
/// Of fewer the same number comes again by chance.
const MANY: u32 = 50;
/// So many names are told; of more, how many there are.
const NAMES: usize = 5;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let known = case.known();
    for one in &known {
        let series = one.series(case);
        let wholes = case.wholes(one.indicator);
        let few = Few::of(case, one, &series, wholes.as_ref());
        if let Some(at) = one.now(case) {
            let (judged, usual) = match (one.indicator.definition.survey, wholes.as_ref()) {
                (Some(months), Some(wholes)) => (samples(case, one, &series, (wholes, months), at), true),
                _ => judged(case, one, &series, wholes.as_ref(), at),
            };
            found.extend(judged.map(|finding| few.say(finding)));
            if !usual {
                found.extend(far(case, one, &series, wholes.as_ref(), at));
            }
        }
        // What is asked about a target is its reason, which the paper would not print.
        if few != Few::Yes {
            found.extend(missed(case, one, &series, wholes.as_ref()).map(|finding| few.say(finding)));
        }
        found.extend(typed::finding(case, one, &series, wholes.as_ref()));
        found.extend(unchanged(case, one, &series));
        found.extend(revised(case, one));
    }
    found.extend(older(case, &known));
    found
}

/// What the chart says of the latest figure; and whether it has limits and says that it is usual.
fn judged(case: &Case<'_>, one: &Known<'_>, series: &Series, wholes: Option<&Series>, at: usize) -> (Option<Finding>, bool) {
    let of = |grain| points(case, one.indicator, series, wholes, grain);
    let months = of(Length::Months(1));
    let by_month = months.len() >= LEAST_POINTS && months.last().is_some_and(|point| point.period.end() == case.reported.end());
    let (points, by) = if by_month { (months, "by month") } else { (of(case.reported.length()), "in a row") };
    let Some(last) = points.last().copied().filter(|point| point.period.end() == case.reported.end()) else { return (None, false) };
    // Figures of one length that overlap are nothing that a line could join.
    let Ok(chart) = Chart::new(points, Plan::default()) else { return (None, false) };
    let Some((segment, limits)) = chart.current().and_then(|segment| Some((segment, segment.limits?))) else { return (None, false) };
    let outside = segment.points.last().and_then(|plotted| plotted.flags.iter().find(|flag| flag.signal == Signal::Outside));
    let name = format!("{} for {}", one.indicator.name, case.reported.short_label());
    let finding = |rule: Rule, detail: String| {
        case.finding(rule, Some(one.indicator), Part::Figure(at), format!("{name} {}: {detail}.", rule.says()))
    };
    if let Some(flag) = outside {
        let detail = beyond(one.indicator, last, flag.direction, &limits, by);
        return (Some(finding(Rule::OutsideLimits, detail)), false);
    }
    match Verdict::of(&chart, one.indicator.polarity) {
        verdict @ Verdict::Worsening(_) => (Some(finding(Rule::Worsening, format!("{}, {by}", verdict.reason()))), true),
        _ => (None, true),
    }
}

/// Whether a survey's result is worse than the one it is set beside by more than two samples differ by anyway.
fn samples(case: &Case<'_>, one: &Known<'_>, series: &Series, (wholes, months): (&Series, u32), at: usize) -> Option<Finding> {
    let (period, then) = (case.reported, case.then());
    series.same_definition(period, then).ok()?;
    let enough = |period: &Period| amount(wholes, *period).is_some_and(|whole| whole >= case.least_base());
    if ![period, then].iter().all(enough) {
        return None;
    }
    let wave = |period| Wave::of_result(period, months, amount(series, period)?, amount(wholes, period)?);
    let movement = wave(period)?.since(&wave(then)?).ok()?;
    let worse = match one.indicator.polarity {
        Polarity::LowerIsBetter => movement.interval.low > 0.0,
        Polarity::HigherIsBetter => movement.interval.high < 0.0,
        Polarity::Neither => false,
    };
    let print = |period| printed(amount(series, period)?, amount(wholes, period)?, one.indicator.definition.ratio.as_ref()?);
    let (now, before) = (print(period)?, print(then)?);
    worse.then(|| {
        let name = format!("{} for {}", one.indicator.name, period.short_label());
        let text = format!("{name} {}: {now}; {} {before}.", Rule::Worsening.says(), case.when());
        case.finding(Rule::Worsening, Some(one.indicator), Part::Figure(at), text)
    })
}

/// `717 is above 640.3, the upper limit of 20 figures by month`.
fn beyond(indicator: &Indicator, last: Point, direction: Direction, limits: &Limits, by: &str) -> String {
    let print = |value: Decimal| match &indicator.definition.ratio {
        Some(ratio) => ratio.print(value),
        None => thousands(&rounded(value, 1).normalize().to_string()),
    };
    let (side, limit, which) = match direction {
        Direction::Up => ("above", limits.upper(), "upper"),
        Direction::Down => ("below", limits.lower(), "lower"),
    };
    format!(
        "{} in {} is {side} {}, the {which} limit of {} figures {by}",
        print(last.value()),
        last.period.months(),
        print(limit),
        limits.points()
    )
}

/// The figures of one length over five years, as the paper draws them: of a share the share.
fn points(case: &Case<'_>, indicator: &Indicator, series: &Series, wholes: Option<&Series>, grain: Length) -> Vec<Point> {
    let since = case.reported.looking_back().start();
    let value = |point: Point| match (&indicator.definition.ratio, wholes) {
        (None, _) => Some(point.value()),
        (Some(ratio), Some(wholes)) => ratio.value(point.value(), amount(wholes, point.period)?),
        // As the paper draws it: by the residents of each period's own year.
        (Some(ratio), None) if ratio.of == Denominator::Residents => {
            let (code, populations) = case.residents?;
            ratio.value(point.value(), populations.at(code, point.period).ok()?.people.into())
        }
        (Some(_), None) => None,
    };
    let known = series.points(grain).into_iter().filter(|point| point.period.start() >= since && point.period.end() <= case.reported.end());
    known.filter_map(|point| Some(Point::new(point.period, value(point)?))).collect()
}

/// A target of the partnership that the figure held against it is on the wrong side of. Of several the first tells.
fn missed(case: &Case<'_>, one: &Known<'_>, series: &Series, wholes: Option<&Series>) -> Option<Finding> {
    let ratio = one.indicator.definition.ratio.as_ref();
    let value = |period: Period| {
        series.same_definition(period, period).ok()?;
        let part = amount(series, period)?;
        let Some(ratio) = ratio else { return Some(part) };
        let whole = match (wholes, case.residents) {
            (Some(wholes), _) => amount(wholes, period)?,
            (None, Some((code, populations))) => populations.at(code, period).ok()?.people.into(),
            (None, None) => return None,
        };
        if whole < case.least_base() { None } else { ratio.value(part, whole) }
    };
    let print = |value: Decimal| match ratio {
        Some(ratio) => ratio.print(value),
        None => thousands(&rounded(value, 2).normalize().to_string()),
    };
    let at = one.now(case)?;
    let of_this = case.targets.iter().filter(|target| target.terms.indicator == one.indicator.id && target.holds_at(case.reported));
    let told = |target: &Target| {
        let trajectory = target.terms.trajectory.as_ref()?;
        let period = trajectory.period_ending(case.reported.end())?;
        let (value, expected) = (value(period)?, trajectory.expected(period)?);
        // Of a survey only where the sample itself is sure.
        let sample = || Wave::of_result(period, one.indicator.definition.survey?, amount(series, period)?, amount(wholes?, period)?);
        if sample().is_some_and(|wave| !wave.is_sure_of(expected)) {
            return None;
        }
        (trajectory.judge(period, value) == Some(TargetVerdict::Missed)).then(|| {
            let aim = trajectory.aim().words();
            let (value, expected) = (print(value), print(expected));
            format!("{value} for {}, where {aim} {expected} was expected ({})", period.short_label(), target.terms.reason)
        })
    };
    let mut of_this = of_this;
    let detail = of_this.find_map(told)?;
    let text = format!("{} for {} {}: {detail}.", one.indicator.name, case.reported.short_label(), Rule::MissedTarget.says());
    Some(case.finding(Rule::MissedTarget, Some(one.indicator), Part::Figure(at), text))
}

/// Far from the period that heads the committee's table.
fn far(case: &Case<'_>, one: &Known<'_>, series: &Series, wholes: Option<&Series>, at: usize) -> Option<Finding> {
    let (period, then) = (case.reported, case.then());
    series.same_definition(period, then).ok()?;
    let (now, before) = (amount(series, period)?, amount(series, then)?);
    let unit = one.indicator.unit;
    let finding = |detail: String| {
        let text = format!("{} for {} {}: {detail}.", one.indicator.name, period.short_label(), Rule::FarFromLastYear.says());
        case.finding(Rule::FarFromLastYear, Some(one.indicator), Part::Figure(at), text)
    };
    if let (Some(ratio), Some(wholes)) = (one.indicator.definition.ratio.as_ref().filter(|ratio| ratio.is_percent()), wholes) {
        let (of_now, of_before) = (amount(wholes, period)?, amount(wholes, then)?);
        if of_now < case.least_base() || of_before < case.least_base() {
            return None;
        }
        let (now, before) = (ratio.value(now, of_now)?, ratio.value(before, of_before)?);
        return ((now - before).abs() >= Decimal::from(FAR_POINTS))
            .then(|| finding(format!("{}, {} {}", ratio.print(now), case.when(), ratio.print(before))));
    }
    let enough = now.max(before) >= case.least_base();
    // Half as much again or more; half or less.
    let far = now * Decimal::TWO >= before * Decimal::from(3) || now * Decimal::TWO <= before;
    (enough && far && now != before).then(|| finding(format!("{}, {} {}", print_value(now, unit), case.when(), print_value(before, unit))))
}

/// The same number again.
fn unchanged(case: &Case<'_>, one: &Known<'_>, series: &Series) -> Option<Finding> {
    let same = |period: Period, value: Decimal| {
        let before = [period.previous(), period.a_year_earlier()];
        before.into_iter().find(|before| series.at(*before).is_some_and(|reading| reading.value == value))
    };
    let mut found = one.own.iter().filter(|(_, figure)| case.in_period(figure)).filter_map(|(at, figure)| match figure.answer {
        Answer::Reported { value } if value >= Decimal::from(MANY) => Some((*at, figure.period, value, same(figure.period, value)?)),
        _ => None,
    });
    let (at, period, value, before) = found.next()?;
    let more = found.count();
    let more = if more == 0 { String::new() } else { format!(", and so are {more} more") };
    let text = format!(
        "{} for {} {}: {}, as for {}{more}.",
        one.indicator.name,
        period.short_label(),
        Rule::Unchanged.says(),
        print_value(value, one.indicator.unit),
        before.short_label()
    );
    Some(case.finding(Rule::Unchanged, Some(one.indicator), Part::Figure(at), text))
}

/// A published value told otherwise.
fn revised(case: &Case<'_>, one: &Known<'_>) -> Option<Finding> {
    let unit = one.indicator.unit;
    let published: std::collections::HashMap<Period, Decimal> =
        one.told.iter().filter(|told| told.published).filter_map(|told| Some((told.figure.period, told.figure.answer.amount()?))).collect();
    let mut found = one.own.iter().filter_map(|(at, figure)| {
        let (now, before) = (figure.answer.amount()?, *published.get(&figure.period)?);
        (now != before)
            .then(|| (*at, format!("{} from {} to {}", figure.period.short_label(), print_value(before, unit), print_value(now, unit))))
    });
    let (at, first) = found.next()?;
    let mut told = vec![first];
    told.extend(found.by_ref().map(|(_, change)| change).take(NAMES - 1));
    let more = found.count();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    let text = format!("{} {}: {}.", one.indicator.name, Rule::Revision.says(), told.join(", "));
    Some(case.finding(Rule::Revision, Some(one.indicator), Part::Figure(at), text))
}

/// Figures for older periods that nobody waits for.
fn older(case: &Case<'_>, known: &[Known<'_>]) -> Option<Finding> {
    let beside = [case.reported.a_year_earlier(), case.then()];
    let mut names = Vec::new();
    let (mut first, mut count) = (None::<usize>, 0);
    let (mut from, mut to) = (None::<Period>, None::<Period>);
    for one in known {
        let told: std::collections::HashSet<Period> = one.told.iter().map(|told| told.figure.period).collect();
        let expected = |period: Period| beside.iter().any(|then| period.start() >= then.start() && period.end() <= then.end());
        let new = one.own.iter().filter(|(_, figure)| {
            figure.period.end() < case.reported.start() && !expected(figure.period) && !told.contains(&figure.period)
        });
        let before = count;
        for (at, figure) in new {
            count += 1;
            first = Some(first.map_or(*at, |first| first.min(*at)));
            from = Some(from.map_or(figure.period, |from| from.min(figure.period)));
            to = Some(to.map_or(figure.period, |to| if figure.period.end() > to.end() { figure.period } else { to }));
        }
        if count > before {
            names.push(format!("{} ({})", one.indicator.name, count - before));
        }
    }
    let (first, from, to) = (first?, from?, to?);
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    if more > 0 {
        names.push(format!("and {more} more measures"));
    }
    let figures = if count == 1 { "1 figure".to_owned() } else { format!("{count} figures") };
    let span = if from == to { from.months() } else { format!("{} to {}", from.months(), to.months()) };
    let text = format!(
        "Of this return {figures} {}, {span}: {}.",
        Rule::OlderPeriod.says().replacen("is for", if count == 1 { "is for" } else { "are for" }, 1),
        names.join(", ")
    );
    Some(case.finding(Rule::OlderPeriod, None, Part::Figure(first), text))
}
