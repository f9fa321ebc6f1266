//! Percentages that somebody typed, worked out again from the counts.

use rust_decimal::Decimal;

use super::{
    case::{Case, Known, amount},
    finding::{Finding, Part},
    rule::Rule,
};
use crate::{
    indicator::Indicator,
    measure::{
        percent::{Percent, rounded},
        series::Series,
    },
    period::Period,
};

/// So many are read of one text.
const MOST: usize = 10;

/// A percentage as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Typed {
    /// Without its sign.
    value: Decimal,
    places: u32,
    /// Whether it falls, where that is said.
    falls: Option<bool>,
    /// Percentage points.
    points: bool,
}

/// What can be worked out.
struct Computed {
    /// The exact value.
    value: Decimal,
    kind: Kind,
    /// `on Q3 2020/21`.
    words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Share,
    Change,
    Points,
}

pub(super) fn finding(case: &Case<'_>, one: &Known<'_>, series: &Series, wholes: Option<&Series>) -> Option<Finding> {
    let notes = one.own.iter().filter_map(|(at, figure)| Some((Part::Figure(*at), figure.period, figure.note.as_ref()?.as_str())));
    let quoted = case.content.quoted().iter().enumerate();
    let quoted = quoted.filter(|(_, quoted)| is_named(one.indicator, quoted.subject.as_str()));
    let quoted = quoted.map(|(at, quoted)| (Part::Quoted(at), quoted.period, quoted.value.as_str()));
    notes.chain(quoted).find_map(|(part, period, text)| {
        let typed = read(text);
        if typed.is_empty() {
            return None;
        }
        let computed = computed(case, one.indicator, series, wholes, period);
        // What cannot be worked out cannot be checked.
        if computed.is_empty() || typed.iter().all(|typed| computed.iter().any(|computed| typed.is(computed))) {
            return None;
        }
        let told: Vec<String> = computed.iter().map(Computed::told).collect();
        let text = format!(
            "{} for {} {}: “{text}”, and the counts give {}.",
            one.indicator.name,
            period.short_label(),
            Rule::TypedPercentage.says(),
            told.join(", ")
        );
        Some(case.finding(Rule::TypedPercentage, Some(one.indicator), part, text))
    })
}

/// Whether a text names an indicator, by its name or its short name.
fn is_named(indicator: &Indicator, text: &str) -> bool {
    let plain = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
    };
    let text = plain(text);
    text == plain(indicator.name.as_str()) || text == plain(indicator.slug.as_str())
}

/// All that the counts say in percent of one period.
fn computed(case: &Case<'_>, indicator: &Indicator, series: &Series, wholes: Option<&Series>, period: Period) -> Vec<Computed> {
    // Sums of parts for the period reported on alone: of the many others each is looked up once.
    let of = |series: &Series, wanted: Period| {
        if period == case.reported { amount(series, wanted) } else { series.at(wanted).map(|reading| reading.value) }
    };
    let Some(now) = of(series, period) else { return Vec::new() };
    let mut found = Vec::new();
    let share_of = |part: Decimal, wanted: Period| {
        let ratio = indicator.definition.ratio.as_ref().filter(|ratio| ratio.is_percent())?;
        ratio.value(part, of(wholes?, wanted)?)
    };
    let share = share_of(now, period);
    found.extend(share.map(|value| Computed { value, kind: Kind::Share, words: String::new() }));
    let befores = [Some(period.a_year_earlier()), Some(period.previous()).filter(|before| *before != period.a_year_earlier())];
    for before in befores.into_iter().flatten() {
        let Some(then) = of(series, before).filter(|_| series.same_definition(period, before).is_ok()) else { continue };
        let words = format!("on {}", before.short_label());
        match (share, share_of(then, before)) {
            (Some(now), Some(then)) => {
                found.push(Computed { value: now - then, kind: Kind::Points, words: words.clone() });
                found.extend(change(then, now).map(|value| Computed { value, kind: Kind::Change, words }));
            }
            _ => found.extend(change(then, now).map(|value| Computed { value, kind: Kind::Change, words })),
        }
    }
    found
}

/// From one to the other, in percent. None of nothing.
fn change(before: Decimal, after: Decimal) -> Option<Decimal> {
    Percent::change(before, after).map(|_| (after - before) * Decimal::ONE_HUNDRED / before)
}

impl Computed {
    fn told(&self) -> String {
        let value = rounded(self.value, 1);
        let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "+" };
        let digits = format!("{:.1}", value.abs());
        match self.kind {
            Kind::Share => format!("{digits}%"),
            Kind::Change => format!("{sign}{digits}% {}", self.words),
            Kind::Points => format!("{sign}{digits} percentage points {}", self.words),
        }
    }
}

impl Typed {
    /// Whether this is what was worked out, to as many places as were typed.
    fn is(&self, computed: &Computed) -> bool {
        let kind = self.points == (computed.kind == Kind::Points);
        let falls = computed.value.is_sign_negative() && !computed.value.is_zero();
        let sign = computed.kind == Kind::Share || self.falls.is_none_or(|said| said == falls || computed.value.is_zero());
        kind && sign && rounded(computed.value.abs(), self.places) == self.value
    }
}

const FALLS: [&str; 8] = ["down", "fall", "fell", "reduction", "reduced", "decrease", "fewer", "less"];
const RISES: [&str; 7] = ["up", "rise", "rose", "risen", "increase", "increased", "more"];

/// Every percentage in a text.
fn read(text: &str) -> Vec<Typed> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
    let any = |of: &[&str]| words.iter().any(|word| of.contains(word));
    // Where both directions are told, nobody knows which belongs to which.
    let direction = match (any(&FALLS), any(&RISES)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    };
    let mut found = Vec::new();
    let mut rest = lower.as_str();
    let mut before = ' ';
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        before = rest[..start].chars().next_back().unwrap_or(before);
        let end = rest[start..].find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').map_or(rest.len(), |end| start + end);
        let digits = rest[start..end].trim_end_matches(['.', ',']).replace(',', "");
        let after = rest[start..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',').trim_start();
        if let (Some(points), Ok(value)) = (unit(after), digits.parse::<Decimal>()) {
            let falls = match before {
                '-' | '−' | '–' => Some(true),
                '+' => Some(false),
                _ => direction,
            };
            found.push(Typed { value: value.normalize(), places: value.scale(), falls, points });
            if found.len() == MOST {
                break;
            }
        }
        before = '0';
        rest = &rest[end..];
    }
    found
}

/// Whether what follows a number makes a percentage of it, and whether of points.
fn unit(after: &str) -> Option<bool> {
    let rest = ["%", "per cent", "percentage", "percent"].iter().find_map(|word| after.strip_prefix(word))?;
    let points = rest.trim_start_matches([' ', '-']).starts_with("point");
    // “percentage” by itself is no unit.
    (points || !after.starts_with("percentage")).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, Option<bool>, bool)> {
        read(text).into_iter().map(|typed| (format!("{:.*}", typed.places as usize, typed.value), typed.falls, typed.points)).collect()
    }

    #[test]
    fn percentages_are_read_as_people_type_them() {
        let one = |value: &str, falls, points| vec![(value.to_owned(), falls, points)];
        assert_eq!(of("-28.9%"), one("28.9", Some(true), false));
        assert_eq!(of("down 28.9 % on last year"), one("28.9", Some(true), false));
        assert_eq!(of("up by 10 percentage points"), one("10", Some(false), true));
        assert_eq!(of("a 5 percent rise"), one("5", Some(false), false));
        assert_eq!(of("49.0 per cent"), one("49.0", None, false));
        assert_eq!(of("rose 4% and then fell 5%").len(), 2);
        assert_eq!(of("rose 4% and then fell 5%")[0].1, None);
        for none in ["restrictions in force", "12 of 34", "1,234", "the percentage of 3", "", "%", "5 percentage of them"] {
            assert!(of(none).is_empty(), "{none}");
        }
        assert_eq!(read(&"1% ".repeat(100)).len(), MOST);
    }

    proptest::proptest! {
        /// Whatever is typed is read, or is none; and all that is read is bounded.
        #[test]
        fn whatever_is_typed_is_read_or_is_none(text in "[0-9%., a-zé−+-]{0,80}|\\PC{0,40}") {
            proptest::prop_assert!(read(&text).len() <= MOST);
        }
    }
}
