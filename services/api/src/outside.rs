//! What reads requests, as far as it goes without a store, opened for tests that hand it anything.
//!
//! Each answers what is wrong, by field. With nothing wrong, what was read is written back as an answer
//! would write it, so that a test can compare the two.

use std::collections::HashMap;

use chrono::NaiveDate;
use csp_domain::{
    clock::Instant,
    committee::{Committee, Template},
    id::{CommitteeId, IndicatorId, RegionId},
    indicator::{Definition, Indicator, Polarity, Unit},
    period::Period,
    region::Region,
    text::{Fault, Line},
};
use csp_proto::v1;
use uuid::Uuid;

use crate::{
    convert::{self, Faults, committee, news, returns},
    member, names,
};

/// What was read, or everything that is wrong with it.
pub type Read<T> = Result<T, Vec<Fault>>;

fn read<T>(value: Option<T>, faults: Faults) -> Read<T> {
    match value {
        Some(value) if faults.check().is_ok() => Ok(value),
        _ => Err(faults.told()),
    }
}

/// A committee: its display name, its recurrence and its standing text.
pub fn committee(given: v1::Committee) -> Read<v1::Committee> {
    let mut faults = Faults::default();
    let name = faults.line("committee.display_name", &given.display_name, Line::NAME);
    let recurrence = given.recurrence.and_then(|given| committee::recurrence_from("committee.recurrence", given, &mut faults));
    let template = given.template.and_then(|given| committee::template_from("committee.template", given, &mut faults));
    let sign_off = committee::sign_off_from("committee.sign_off", given.sign_off, &mut faults).unwrap_or_default();
    let name = read(name, faults)?;
    let template = template.unwrap_or_else(|| Template::over_partnerships(&name));
    let made = Committee {
        id: CommitteeId(Uuid::nil()),
        slug: slug("citizen-focus"),
        name,
        partnerships: Vec::new(),
        indicators: Vec::new(),
        exemptions: Vec::new(),
        recurrence,
        template,
        sign_off,
        created_at: Instant::UNIX_EPOCH,
        revision: 1,
    };
    Ok(committee::to_proto(&region(), &made, Vec::new(), Vec::new()))
}

/// A partnership's answer, about a catalogue that has `burglary` (a count) and `costs` (pounds), in a cycle
/// that reports on `period`.
pub fn answer(given: v1::Return, period: Period, today: NaiveDate) -> Read<()> {
    let indicator = |n: u128, name: &str, unit| {
        let (id, slug) = (IndicatorId(Uuid::from_u128(n)), slug(name));
        let source = line("Police-recorded crime");
        let created_at = Instant::UNIX_EPOCH;
        let found = Indicator {
            id,
            owner: None,
            ends_on: None,
            slug,
            name: line(name),
            unit,
            polarity: Polarity::LowerIsBetter,
            source,
            definition: Definition::default(),
            created_at,
            revision: 1,
        };
        (names::indicator(&region(), &found), found)
    };
    let catalogue: HashMap<String, Indicator> = [indicator(1, "burglary", Unit::Count), indicator(2, "costs", Unit::Pounds)].into();
    let mut faults = Faults::default();
    let remark = faults.optional_line("answer.remark", &given.remark, Line::SENTENCE);
    let content = returns::content(given.content, &catalogue, period, today, &mut faults);
    read(content, faults).map(|_| drop(remark))
}

/// A piece of news: its headline, its day and its body, which is answered as Markdown.
pub fn news(given: &v1::NewsItem) -> Read<String> {
    let mut faults = Faults::default();
    faults.take("news_item.kind", news::kind(given.kind));
    faults.line("news_item.headline", &given.headline, Line::SENTENCE);
    faults.optional_date("news_item.happened_on", &given.happened_on);
    faults.etag("news_item.etag", &given.etag);
    let body = news::body("news_item.body", &given.body, given.body_format, &mut faults);
    read(body, faults).map(|body| body.to_markdown())
}

/// A file of members: their names and addresses.
pub fn members(csv: &str, today: NaiveDate) -> Read<Vec<(String, String)>> {
    let mut faults = Faults::default();
    let lines = member::read_csv(csv, today, &mut faults);
    let lines = lines.into_iter().map(|line| (line.name.to_string(), line.email.as_str().to_owned())).collect();
    read(Some(lines), faults)
}

/// An iCalendar file of meetings: their days and what their calendar calls them.
pub fn meetings(ics: &str) -> Read<Vec<(NaiveDate, Option<String>)>> {
    let mut faults = Faults::default();
    let found = crate::calendar::meetings_in(ics, &region(), &mut faults);
    read(Some(found.into_iter().map(|one| (one.day, one.uid.map(|uid| uid.to_string()))).collect()), faults)
}

/// Which page is asked for: whether it can be told.
pub fn page(size: i32, token: &str) -> bool {
    convert::page(size, token).is_ok()
}

/// The fields a mask names, of those that can be changed.
pub fn mask(paths: Vec<String>, changeable: &[&str]) -> Option<Vec<String>> {
    convert::mask(Some(prost_types::FieldMask { paths }), changeable).ok()
}

/// The last part of a resource name that follows a pattern.
pub fn name<'n>(text: &'n str, collections: &[&str]) -> Option<&'n str> {
    names::split(text, collections)?.last().copied()
}

/// Whether a moment is one people plan for.
pub fn moment(stamp: prost_types::Timestamp) -> bool {
    Faults::default().instant("time", Some(stamp)).is_some()
}

fn region() -> Region {
    Region {
        id: RegionId(Uuid::nil()),
        slug: slug("northumbria"),
        name: line("Northumbria"),
        zone: csp_domain::region::parse_zone("").expect("nothing said is London"),
        created_at: Instant::UNIX_EPOCH,
        revision: 1,
    }
}

fn slug(text: &str) -> csp_domain::id::Slug {
    text.parse().expect("the built-in short names are short names")
}

fn line(text: &str) -> Line {
    Line::parse(text, Line::NAME).expect("the built-in text is a line")
}
