//! The order of the paper, and its numbers.

use csp_domain::{
    calendar::{civil_day, full},
    document::{Block, HeaderField, Item, Origin, PublicDocument, Section},
    period::uk_date,
};

use crate::{figures, ledger::Ledger, material::Material, news, sheet::Sheet, summary::summary};

/// Makes the document.
///
/// The sections stand in the order of the paper whose shape this is: purpose, national developments,
/// (new) figures, local news, the implications, and the recommendations last, because members vote on
/// them after the implications have been read, and the minutes cite the last section. What is asked of
/// members is nevertheless said early: the summary ends with it and names the section.
///
/// Numbers are given by position once the tree stands, so no two items share one.
pub fn assemble(material: &Material) -> PublicDocument {
    let template = &material.committee.template;
    let ledger = Ledger::of(material);
    let owners = material.of_owners();
    let ledgers: Vec<Ledger<'_>> = owners.iter().map(Ledger::of).collect();
    let (shared, own): (_, Vec<Sheet<'_>>) = (Sheet::of(&ledger), ledgers.iter().map(Sheet::of).collect());
    let period = material.cycle.period;

    let mut sections = vec![
        section("Purpose", vec![said(template.purpose.as_str())]),
        section("National developments", news::national(&material.national)),
        section(&format!("Figures for {}", period.short_label()), figures::items(&shared)),
        section("Local community safety partnership news", news::local(material, &own)),
    ];
    sections.extend(
        template.implications.iter().map(|implication| section(&implication.heading.printed(), vec![said(implication.statement.as_str())])),
    );
    sections.push(section("Recommendations", recommendations(material)));
    number(&mut sections);

    let asks_in = sections.last().map_or("", |section| section.number.as_str());
    PublicDocument {
        format: PublicDocument::FORMAT,
        title: template.title.printed().into_owned(),
        subtitle: sitting(material),
        notice: template.notice.as_ref().map(ToString::to_string),
        header: header(material),
        summary: summary(&shared, &own, asks_in),
        sections,
    }
}

/// The subject of the mail: `Community Safety Partnerships update: Citizen Focus Committee, 26 January
/// 2022`.
pub fn subject(material: &Material) -> String {
    format!("{}: {}", material.committee.template.title.printed(), sitting(material))
}

/// `Citizen Focus Committee, 26 January 2022`.
fn sitting(material: &Material) -> String {
    let day = civil_day(material.cycle.timetable.meeting_at, material.zone);
    format!("{}, {}", material.committee.name.printed(), uk_date(day))
}

fn header(material: &Material) -> Vec<HeaderField> {
    let (dates, zone) = (&material.cycle.timetable, material.zone);
    // The template says "Report of the Chief Executive" in full; under the label that would be twice.
    let report_of = material.committee.template.report_of.as_str();
    let author =
        report_of.strip_prefix("Report of ").map_or_else(|| material.committee.template.report_of.printed().into_owned(), capitalised);
    [
        ("Report of", author),
        ("Report to", material.committee.name.printed().into_owned()),
        ("Meeting", full(dates.meeting_at, zone)),
        ("Period reported on", material.cycle.period.label()),
        ("Returns due by", full(dates.deadline_at, zone)),
        ("Published", full(dates.publication_at, zone)),
    ]
    .map(|(label, value)| HeaderField { label: label.to_owned(), value })
    .into()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn recommendations(material: &Material) -> Vec<Item> {
    match &*material.committee.template.recommendations {
        [] => vec![said("There are no recommendations.")],
        some => some.iter().map(|line| said(line.as_str())).collect(),
    }
}

fn section(heading: &str, items: Vec<Item>) -> Section {
    Section { number: String::new(), heading: heading.to_owned(), items }
}

fn said(text: &str) -> Item {
    item(None, Vec::new(), vec![Block::paragraph(text)])
}

/// An item that has no number yet.
pub(crate) fn item(heading: Option<String>, origins: Vec<Origin>, blocks: Vec<Block>) -> Item {
    Item { number: String::new(), heading, origins, blocks, items: Vec::new() }
}

fn number(sections: &mut [Section]) {
    fn within(parent: &str, items: &mut [Item]) {
        for (at, item) in items.iter_mut().enumerate() {
            item.number = format!("{parent}.{}", at + 1);
            within(&item.number, &mut item.items);
        }
    }
    for (at, section) in sections.iter_mut().enumerate() {
        section.number = (at + 1).to_string();
        within(&section.number, &mut section.items);
    }
}
