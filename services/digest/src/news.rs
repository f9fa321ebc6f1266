//! Narrative: the national part, and a slot for every partnership whether or not it has filled it.

use csp_domain::{
    characters::isolated,
    document::{Block, Inline, Item, Origin},
    news::{NewsItem, NewsKind},
    period::uk_date,
    text::Line,
};

use crate::{
    assemble::item,
    figures,
    material::{Contribution, Material},
    sheet::Sheet,
    words,
};

/// The national part, one item each.
pub(crate) fn national(news: &[NewsItem]) -> Vec<Item> {
    if news.is_empty() {
        return vec![item(None, Vec::new(), vec![Block::paragraph("There are no national developments to report.")])];
    }
    news.iter().map(|item| printed(item, &[])).collect()
}

/// A slot for each partnership.
pub(crate) fn local(material: &Material, own: &[Sheet<'_>]) -> Vec<Item> {
    if material.contributions.is_empty() {
        return vec![item(None, Vec::new(), vec![Block::paragraph("No partnership reports to this committee.")])];
    }
    material.contributions.iter().map(|contribution| slot(contribution, material, own)).collect()
}

fn slot(contribution: &Contribution, material: &Material, sheets: &[Sheet<'_>]) -> Item {
    let own: Vec<Origin> = contribution.origin().into_iter().collect();
    let owners = |item: &NewsItem| contribution.joint.iter().find(|joint| joint.item == item.id).map_or(&[][..], |joint| &joint.owners);
    let mut items: Vec<Item> = contribution.news.iter().map(|item| printed(item, owners(item))).collect();
    items.extend(contribution.shared.iter().filter_map(|shared| shared.whole.as_deref().map(|whole| printed(whole, &shared.owners))));
    items.extend(figures::own(contribution, sheets));
    if let Some(list) = stated_by_others(contribution) {
        items.push(item(Some("Figures stated by others".to_owned()), own.clone(), vec![list]));
    }
    if let Some(table) = figures::others(contribution, material) {
        items.push(item(Some("Other figures".to_owned()), own.clone(), vec![Block::Table(table)]));
    }
    let mut blocks = Vec::new();
    match (&contribution.answer, contribution.nil_statement()) {
        (None, _) if contribution.unsigned => blocks.push(Block::paragraph(words::NOT_SIGNED_OFF)),
        (None, _) => blocks.push(Block::paragraph(words::no_return(None, &material.cycle, material.zone))),
        (Some(_), Some(statement)) => blocks.push(Block::Paragraph {
            text: vec![Inline::Strong { content: vec![Inline::text("Nil return.")] }, Inline::text(format!(" “{}”", isolated(statement)))],
        }),
        (Some(_), None) if contribution.news.is_empty() && contribution.held_out.is_empty() && contribution.shared.is_empty() => {
            blocks.push(Block::paragraph("No news was submitted for this report."));
        }
        (Some(_), None) => {}
    }
    blocks.extend(contribution.held_out.iter().map(|held| {
        Block::paragraph(format!("A joint item with {} is held out: not signed by {}.", names(&held.with), names(&held.unsigned)))
    }));
    blocks.extend(contribution.shared.iter().map(|shared| {
        let (headline, first) = (isolated(shared.headline.as_str()), shared.first.printed());
        Block::paragraph(match shared.unsigned.as_slice() {
            [] => format!("Joint item “{headline}”: printed under {first}."),
            unsigned => format!("Joint item “{headline}”: printed under {first} once it is signed by {}.", names(unsigned)),
        })
    }));
    let mut slot = item(Some(contribution.partnership.name.printed().into_owned()), own, blocks);
    slot.items = items;
    slot
}

/// Partnerships, as they are printed.
fn names(lines: &[Line]) -> String {
    words::list(&lines.iter().map(Line::printed).collect::<Vec<_>>())
}

/// One piece of news, under its headline, with what it is, whose it is if not of one alone, and when it happened.
fn printed(news: &NewsItem, owners: &[Line]) -> Item {
    let kind = match news.kind {
        NewsKind::News | NewsKind::NationalDevelopment => None,
        NewsKind::CaseStudy => Some("Case study"),
        NewsKind::Campaign => Some("Campaign"),
        NewsKind::Award => Some("Award"),
        NewsKind::Decision => Some("Decision"),
        NewsKind::Event => Some("Event"),
    };
    let joint = (!owners.is_empty()).then(|| format!("joint item of {}", names(owners)));
    let byline: Vec<String> = kind.map(str::to_owned).into_iter().chain(joint).chain(news.happened_on.map(uk_date)).collect();
    let mut blocks = Vec::new();
    if !byline.is_empty() {
        blocks.push(Block::Paragraph { text: vec![Inline::Emphasis { content: vec![Inline::text(words::capital(&byline.join(", ")))] }] });
    }
    blocks.extend(news.body.blocks().iter().cloned());
    item(Some(news.headline.printed().into_owned()), vec![Origin::News { id: news.id, revision: news.revision }], blocks)
}

/// Quoted figures: printed with who stated them, and in no table, so that nobody adds them up.
fn stated_by_others(contribution: &Contribution) -> Option<Block> {
    let quoted = contribution.answer.as_ref()?.content.quoted();
    if quoted.is_empty() {
        return None;
    }
    let entry = |figure: &csp_domain::observation::QuotedFigure| {
        let period = figure.period.short_label();
        vec![Block::paragraph(format!(
            "{}: {}, as stated by {} ({period})",
            figure.subject.printed(),
            figure.value.printed(),
            figure.source.printed()
        ))]
    };
    Some(Block::List { ordered: false, entries: quoted.iter().map(entry).collect() })
}
