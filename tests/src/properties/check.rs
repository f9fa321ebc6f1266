//! What is asked about a return, whatever it says.

use std::collections::{BTreeSet, HashMap};

use csp_domain::{
    check::{self, Case, FindingId, Strengths, Told},
    clock::Instant,
    id::IndicatorId,
    indicator::{Definition, Indicator, Polarity, Ratio, Unit},
    measure::comparator::{Comparator, Rules},
    observation::{Answer, Figure, QuotedFigure, parse_value},
    period::Period,
    returns::Content,
    text::Line,
};
use uuid::Uuid;

/// One line for each figure: a letter that says of what and whether it was told before, its period, its value, its note. Every rule
/// asks at most once of each indicator, in a sentence; and the name of each finding reads back.
pub(super) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = text.parse::<FindingId>();
    let catalogue: HashMap<IndicatorId, Indicator> = [indicator(1, "burglary", None), indicator(2, "arson", Some("burglary"))].into();
    let (mut figures, mut quoted, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for line in text.lines().take(200) {
        let mut parts = line.splitn(4, ' ');
        let (Some(what), Some(period), Some(value)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let note = parts.next().and_then(|note| Line::parse(note, Line::SENTENCE).ok());
        let Ok(period) = period.parse::<Period>() else { continue };
        if let ("q", Some(value)) = (what, &note) {
            let subject = Line::parse("burglary", Line::NAME).expect("this is a line");
            quoted.push(QuotedFigure { subject: subject.clone(), value: value.clone(), source: subject, period });
            continue;
        }
        let of = if what.eq_ignore_ascii_case("a") { 2 } else { 1 };
        let answer = parse_value(value, Unit::Count).map_or(Answer::Nil, |value| Answer::Reported { value });
        let figure = Figure { indicator: IndicatorId(Uuid::from_u128(of)), period, answer, provisional: false, note };
        match what {
            "A" | "B" => told.push(Told { figure, published: what == "B", imported: what == "A" }),
            _ if known.insert((of, period)) => figures.push(figure),
            _ => {}
        }
    }
    let content = Content::Full { figures, quoted };
    let asked: Vec<IndicatorId> = catalogue.keys().copied().collect();
    let reported = "2021-q3".parse().expect("this is a period");
    // By what the first letters happen to say, so that every committee's setting is tried.
    let beside = if text.len().is_multiple_of(2) { Comparator::PreviousPeriod } else { Comparator::SamePeriodLastYear };
    let least_base = u32::try_from(text.len()).unwrap_or(0) % 100;
    let case = Case {
        catalogue: &catalogue,
        asked: &asked,
        reported,
        content: &content,
        told: &told,
        targets: &[],
        beside,
        rules: Rules { least_base },
        residents: None,
    };
    let found = check::findings(&case, &Strengths::default());
    let names: BTreeSet<String> = found.iter().map(|finding| finding.id.to_string()).collect();
    assert_eq!(names.len(), found.len(), "{found:?}");
    for finding in &found {
        assert_eq!(finding.id.to_string().parse(), Ok(finding.id.clone()));
        assert!(
            finding.text.ends_with('.') && finding.text.len() < 4_000 && !finding.text.chars().any(char::is_control),
            "{}",
            finding.text
        );
    }
}

fn indicator(n: u128, slug: &str, of: Option<&str>) -> (IndicatorId, Indicator) {
    let id = IndicatorId(Uuid::from_u128(n));
    let line = |text| Line::parse(text, Line::NAME).expect("the built-in text is a line");
    let ratio = of.map(|of| Ratio { per: 100, of: of.parse().expect("this is a short name"), decimals: 1 });
    let found = Indicator {
        id,
        owner: None,
        ends_on: None,
        slug: slug.parse().expect("this is a short name"),
        name: line(slug),
        unit: Unit::Count,
        polarity: Polarity::LowerIsBetter,
        source: line("Police-recorded crime"),
        definition: Definition { ratio, ..Definition::default() },
        created_at: Instant::UNIX_EPOCH,
        revision: 1,
    };
    (id, found)
}
