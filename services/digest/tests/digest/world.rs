//! A small region to tell stories in: words become valid material.

use chrono::{DateTime, NaiveDate};
use csp_digest::{Contribution, Earlier, Material, assemble};
use csp_domain::{
    Instant,
    calendar::Recurrence,
    committee::{Committee, SignOff, Template},
    cycle::{Cycle, CycleState},
    document::{Block, Cell, Item, Origin, PublicDocument, Row, Table, plain},
    id::{CommitteeId, CycleId, IndicatorId, NewsItemId, PartnershipId, PersonId, ReturnId},
    indicator::{Indicator, Polarity, Unit},
    narrative::Narrative,
    news::{NewsItem, NewsKind, NewsOwner, NewsState},
    observation::{Answer, Figure, QuotedFigure},
    partnership::Partnership,
    period::{Period, Quarter},
    returns::{Content, Return, ReturnState},
    text::Line,
};
use rust_decimal::Decimal;
use uuid::Uuid;

pub(crate) const BURGLARY: u128 = 501;
pub(crate) const PERSON: PersonId = PersonId(Uuid::from_u128(900));

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text, Line::SENTENCE).unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn epoch() -> Instant {
    DateTime::UNIX_EPOCH
}

/// A committee over `partnerships`, asking for burglary, after the deadline of 2021/22 Q3.
pub(crate) fn region(partnerships: &[&str]) -> Material {
    let quarter = Quarter::new(2021, 3).unwrap();
    let name = line("Citizen Focus Committee");
    let zone = chrono_tz::Europe::London;
    let contributions: Vec<Contribution> = (1_u128..)
        .zip(partnerships)
        .map(|(n, partnership)| Contribution {
            partnership: Partnership {
                id: PartnershipId(Uuid::from_u128(n)),
                slug: csp_domain::id::Slug::from_name(partnership).unwrap(),
                ons_code: format!("E22{n:06}").parse().unwrap(),
                name: line(partnership),
                peers: None,
                created_at: epoch(),
                revision: 1,
            },
            news: Vec::new(),
            joint: Vec::new(),
            held_out: Vec::new(),
            shared: Vec::new(),
            answer: None,
            unsigned: false,
            entered: false,
            reasons: Vec::new(),
            earlier: Vec::new(),
        })
        .collect();
    let committee = Committee {
        id: CommitteeId(Uuid::from_u128(100)),
        slug: "citizen-focus".parse().unwrap(),
        template: Template::over_partnerships(&name),
        name,
        partnerships: contributions.iter().map(|contribution| contribution.partnership.id).collect(),
        indicators: vec![IndicatorId(Uuid::from_u128(BURGLARY))],
        exemptions: Vec::new(),
        recurrence: None,
        sign_off: SignOff::WhereLed,
        created_at: epoch(),
        revision: 1,
    };
    Material {
        zone,
        tallies: Vec::new(),
        region: line("Northumbria"),
        cycle: Cycle {
            id: CycleId(Uuid::from_u128(200)),
            committee: committee.id,
            slug: "2021-q3".parse().unwrap(),
            period: quarter.period(),
            timetable: Recurrence::from_first(quarter).timetable(quarter, zone),
            state: CycleState::Closed,
            created_at: epoch(),
            revision: 1,
        },
        committee,
        national: Vec::new(),
        targets: Vec::new(),
        context: Vec::new(),
        populations: csp_domain::measure::population::Populations::default(),
        indicators: vec![indicator(BURGLARY, "Burglary", Unit::Count)],
        contributions,
    }
}

pub(crate) fn indicator(id: u128, name: &str, unit: Unit) -> Indicator {
    Indicator {
        id: IndicatorId(Uuid::from_u128(id)),
        owner: None,
        ends_on: None,
        slug: csp_domain::id::Slug::from_name(name).unwrap(),
        name: line(name),
        unit,
        polarity: Polarity::LowerIsBetter,
        source: line("Police-recorded crime, data.police.uk"),
        definition: csp_domain::indicator::Definition::default(),
        created_at: epoch(),
        revision: 1,
    }
}

pub(crate) fn figure(indicator: u128, about: &str, answer: Answer) -> Figure {
    Figure { indicator: IndicatorId(Uuid::from_u128(indicator)), period: period(about), answer, provisional: false, note: None }
}

pub(crate) fn burglary(about: &str, count: i64) -> Figure {
    figure(BURGLARY, about, reported(count))
}

pub(crate) fn reported(count: i64) -> Answer {
    Answer::Reported { value: Decimal::from(count) }
}

pub(crate) fn late(expected_on: &str) -> Answer {
    Answer::Late { expected_on: day(expected_on) }
}

pub(crate) fn withheld(reason: &str) -> Answer {
    Answer::Withheld { reason: line(reason) }
}

pub(crate) fn noted(mut figure: Figure, note: &str) -> Figure {
    figure.note = Some(line(note));
    figure
}

pub(crate) fn provisional(mut figure: Figure) -> Figure {
    figure.provisional = true;
    figure
}

/// The return of the `at`th partnership.
pub(crate) fn answered(at: usize, content: Content) -> Return {
    let n = at as u128;
    Return {
        id: ReturnId(Uuid::from_u128(300 + n)),
        partnership: PartnershipId(Uuid::from_u128(1 + n)),
        cycle: CycleId(Uuid::from_u128(200)),
        state: ReturnState::Submitted,
        content,
        remark: None,
        submitted_by: PERSON,
        submitted_at: epoch(),
        revision: 2,
        sent: 2,
    }
}

pub(crate) fn full(figures: Vec<Figure>) -> Content {
    Content::Full { figures, quoted: Vec::<QuotedFigure>::new() }
}

pub(crate) fn earlier(id: u128, figure: Figure) -> Earlier {
    Earlier { origin: Origin::Return { id: ReturnId(Uuid::from_u128(id)), revision: 1 }, figure }
}

pub(crate) fn news(id: u128, owner: NewsOwner, kind: NewsKind, headline: &str, happened_on: Option<&str>, body: &str) -> NewsItem {
    NewsItem {
        id: NewsItemId(Uuid::from_u128(id)),
        owner,
        cycle: CycleId(Uuid::from_u128(200)),
        kind,
        state: NewsState::Submitted,
        headline: line(headline),
        body: Narrative::from_markdown(body).unwrap(),
        happened_on: happened_on.map(day),
        joint: Vec::new(),
        submitted_by: PERSON,
        submitted_at: epoch(),
        revision: 1,
    }
}

/// A story: partnerships and what each answered about burglary (figures), if anything.
pub(crate) fn told(answers: &[(&str, Option<Vec<Figure>>)]) -> Material {
    let mut material = region(&answers.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (at, (_, figures)) in answers.iter().enumerate() {
        material.contributions[at].answer = figures.clone().map(|figures| answered(at, full(figures)));
    }
    material
}

/// The first table of section 3.
pub(crate) fn table(document: &PublicDocument) -> &Table {
    table_of(&document.sections[2].items[0])
}

pub(crate) fn table_of(item: &Item) -> &Table {
    item.blocks.iter().find_map(|block| if let Block::Table(table) = block { Some(table) } else { None }).unwrap()
}

/// A row as it reads, notes in brackets: `Gateshead | 293 | 206 | −87 | −29.7%`.
pub(crate) fn reads(row: &Row) -> String {
    let cell = |cell: &Cell| cell.notes.iter().fold(cell.text.clone(), |text, mark| format!("{text} [{mark}]"));
    row.cells.iter().map(cell).collect::<Vec<_>>().join(" | ")
}

/// The rows of the first table.
pub(crate) fn rows(material: &Material) -> Vec<String> {
    table(&assemble(material)).rows.iter().map(reads).collect()
}

/// The text of blocks, a line each.
pub(crate) fn lines(blocks: &[Block]) -> Vec<String> {
    blocks
        .iter()
        .flat_map(|block| match block {
            Block::Paragraph { text } | Block::Subheading { text } => vec![plain(text)],
            Block::List { entries, .. } => entries.iter().flat_map(|entry| lines(entry)).map(|line| format!("• {line}")).collect(),
            Block::Quote { blocks } | Block::Callout { blocks } => lines(blocks),
            Block::Table(table) => table.rows.iter().map(reads).collect(),
            Block::Chart(chart) => vec![format!("[chart] {}", chart.title())],
        })
        .collect()
}
