//! What the HTML templates print, prepared so that they decide nothing.

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use csp_domain::{
    characters::has_right_to_left,
    document::{self, Block, Cell, Chart, Inline, Item, PublicDocument, Section, Table},
};
use serde::Serialize;

use crate::{
    chart::Width,
    figure,
    picture::{Picture, picture},
    pieces::{Piece, pieces, plain},
};

/// The page.
#[derive(Serialize)]
pub(crate) struct View<'d> {
    title: &'d str,
    subtitle: &'d str,
    notice: Option<&'d str>,
    /// What a mailbox shows beside the subject.
    preview: String,
    header: Vec<[&'d str; 2]>,
    summary: Vec<BlockView<'d>>,
    sections: Vec<SectionView<'d>>,
}

#[derive(Serialize)]
struct SectionView<'d> {
    number: &'d str,
    heading: &'d str,
    items: Vec<ItemView<'d>>,
}

#[derive(Serialize)]
struct ItemView<'d> {
    number: &'d str,
    heading: Option<&'d str>,
    /// Where there is no heading, the number stands at the head of this paragraph.
    opening: Option<Vec<Piece>>,
    blocks: Vec<BlockView<'d>>,
    items: Vec<ItemView<'d>>,
}

#[derive(Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
enum BlockView<'d> {
    Paragraph { text: Vec<Piece>, mixed: bool },
    Subheading { text: Vec<Piece>, mixed: bool },
    List { ordered: bool, entries: Vec<EntryView<'d>> },
    Quote { blocks: Vec<BlockView<'d>> },
    Callout { blocks: Vec<BlockView<'d>> },
    Table(TableView<'d>),
    Chart(ChartView),
}

/// A chart: one picture for a page and one for a telephone, of which one is shown, both with the same words.
#[derive(Serialize)]
struct ChartView {
    words: String,
    /// None where there is nothing to see: the words stand alone.
    pictures: Option<[PictureView; 2]>,
}

#[derive(Serialize)]
struct PictureView {
    /// In base64.
    png: String,
    width: u32,
    height: u32,
}

fn chart_view(chart: &Chart) -> ChartView {
    let Some(drawing) = figure::drawing(chart, Width::Page) else { return ChartView { words: figure::words(chart), pictures: None } };
    let encoded = |svg: &str| {
        let Picture { png, width, height } = picture(svg)?;
        Some(PictureView { png: BASE64.encode(png), width, height })
    };
    let phone = figure::drawing(chart, Width::Phone).and_then(|drawing| encoded(&drawing.svg));
    ChartView { words: drawing.alternative, pictures: encoded(&drawing.svg).zip(phone).map(|(page, phone)| [page, phone]) }
}

/// An entry of a list. Most are a single paragraph, which needs no paragraph mark.
#[derive(Serialize)]
struct EntryView<'d> {
    line: Option<Vec<Piece>>,
    mixed: bool,
    blocks: Vec<BlockView<'d>>,
}

#[derive(Serialize)]
struct TableView<'d> {
    caption: &'d str,
    /// On a narrow screen each row's name takes a line of its own, with the other cells evenly below.
    stacks: bool,
    /// How wide each of those figures is, in hundredths of the row. Words have a line of their own, or the other half of one.
    share: usize,
    columns: Vec<ColumnView<'d>>,
    rows: Vec<RowView<'d>>,
    notes: Vec<(u32, &'d str)>,
}

#[derive(Serialize)]
struct ColumnView<'d> {
    heading: &'d str,
    numeric: bool,
    /// For how many marks its figures keep room (2 at most), so that they stay in line.
    room: usize,
}

#[derive(Serialize)]
struct RowView<'d> {
    total: bool,
    cells: Vec<CellView<'d>>,
}

#[derive(Serialize)]
struct CellView<'d> {
    text: &'d str,
    absent: bool,
    numeric: bool,
    /// It has a part that must not be parted from the rest, so it stays on one line where there is room for it.
    whole: bool,
    room: usize,
    notes: &'d [u32],
}

/// Deeper than any narrative may nest. What lies deeper is printed at this depth, so that a template
/// can never be asked to recurse without end.
const DEEPEST: usize = 12;
/// There are six heights of heading: two for the paper and its sections, three for items within items, and
/// one for what a narrative divides itself with.
const DEEPEST_ITEM: usize = 2;

impl<'d> View<'d> {
    /// What the page needs of `document`.
    pub(crate) fn of(document: &'d PublicDocument) -> Self {
        Self {
            title: &document.title,
            subtitle: &document.subtitle,
            notice: document.notice.as_deref(),
            preview: preview(&document.summary),
            header: document.header.iter().map(|field| [&*field.label, &*field.value]).collect(),
            summary: blocks(&document.summary, 0),
            sections: document.sections.iter().map(section).collect(),
        }
    }
}

fn section(section: &Section) -> SectionView<'_> {
    SectionView { number: &section.number, heading: &section.heading, items: row(&section.items, 0) }
}

fn item(source: &Item, depth: usize) -> ItemView<'_> {
    let (opening, rest) = match (&source.heading, &*source.blocks) {
        (None, [Block::Paragraph { text }, rest @ ..]) => (Some(pieces(text)), rest),
        (_, all) => (None, all),
    };
    ItemView {
        number: &source.number,
        heading: source.heading.as_deref(),
        opening,
        blocks: blocks(rest, 0),
        items: if depth < DEEPEST_ITEM { row(&source.items, depth + 1) } else { Vec::new() },
    }
}

/// Items beside each other. Those that lie too deep for a heading of their own stand beside the last that
/// has one.
fn row(items: &[Item], depth: usize) -> Vec<ItemView<'_>> {
    let mut out = Vec::new();
    let mut left: Vec<&Item> = items.iter().rev().collect();
    while let Some(next) = left.pop() {
        out.push(item(next, depth));
        if depth == DEEPEST_ITEM {
            left.extend(next.items.iter().rev());
        }
    }
    out
}

fn blocks(source: &[Block], depth: usize) -> Vec<BlockView<'_>> {
    let mut out = Vec::new();
    for block in source {
        match block {
            Block::Paragraph { text } => out.push(BlockView::Paragraph { text: pieces(text), mixed: is_mixed(text) }),
            Block::Subheading { text } => out.push(BlockView::Subheading { text: pieces(text), mixed: is_mixed(text) }),
            Block::Table(table) => out.push(BlockView::Table(table_view(table))),
            Block::Chart(chart) => out.push(BlockView::Chart(chart_view(chart))),
            Block::List { entries, .. } if depth >= DEEPEST => out.extend(entries.iter().flat_map(|entry| blocks(entry, depth))),
            Block::Quote { blocks: inner } | Block::Callout { blocks: inner } if depth >= DEEPEST => out.extend(blocks(inner, depth)),
            Block::List { ordered, entries } => {
                out.push(BlockView::List { ordered: *ordered, entries: entries.iter().map(|within| entry(within, depth)).collect() });
            }
            Block::Quote { blocks: inner } => out.push(BlockView::Quote { blocks: blocks(inner, depth + 1) }),
            Block::Callout { blocks: inner } => out.push(BlockView::Callout { blocks: blocks(inner, depth + 1) }),
        }
    }
    out
}

/// Whether a text asks its reader's program to find out which way it runs.
fn is_mixed(text: &[Inline]) -> bool {
    has_right_to_left(&document::plain(text))
}

fn entry(source: &[Block], depth: usize) -> EntryView<'_> {
    match source {
        [Block::Paragraph { text }, rest @ ..] => {
            EntryView { line: Some(pieces(text)), mixed: is_mixed(text), blocks: blocks(rest, depth + 1) }
        }
        all => EntryView { line: None, mixed: false, blocks: blocks(all, depth + 1) },
    }
}

fn table_view(table: &Table) -> TableView<'_> {
    let within = |at: usize| table.rows.iter().filter_map(move |row| row.cells.get(at));
    let columns: Vec<ColumnView<'_>> = (0..)
        .zip(&table.columns)
        .map(|(at, column)| {
            let marks = within(at).map(|cell| cell.notes.len()).max().unwrap_or(0);
            ColumnView { heading: &column.heading, numeric: column.numeric, room: if column.numeric { marks.min(2) } else { 0 } }
        })
        .collect();
    let rows = table.rows.iter().map(|row| RowView { total: row.total, cells: cells(&row.cells, &columns) }).collect();
    // A quarter of a telephone's width holds nine figures and signs, or eight beside a mark.
    let long = columns.iter().enumerate().any(|(at, column)| {
        let longest = within(at).filter(|cell| column.numeric && !cell.absent).map(|cell| cell.text.chars().count()).max();
        longest.unwrap_or(0) > 9 - column.room.min(1)
    });
    let beside_name = table.columns.len().saturating_sub(1);
    let figures = columns.iter().filter(|column| column.numeric).count();
    TableView {
        caption: &table.caption,
        stacks: beside_name > 2,
        share: 100 / if long { 2 } else { figures.clamp(1, 4) },
        rows,
        columns,
        notes: table.notes.iter().map(|note| (note.mark, &*note.text)).collect(),
    }
}

fn cells<'d>(cells: &'d [Cell], columns: &[ColumnView<'_>]) -> Vec<CellView<'d>> {
    cells
        .iter()
        .zip(columns)
        .map(|(cell, column)| CellView {
            text: &cell.text,
            absent: cell.absent,
            numeric: column.numeric,
            whole: cell.text.contains('\u{a0}'),
            room: column.room,
            notes: &cell.notes,
        })
        .collect()
}

/// The first words of the summary, as many as a mailbox shows.
fn preview(summary: &[Block]) -> String {
    const LONGEST: usize = 160;
    let mut out = String::new();
    let mut texts = Vec::new();
    collect(summary, &mut texts);
    for word in texts.iter().flat_map(|text| text.split_whitespace()) {
        if out.chars().count() + word.chars().count() >= LONGEST {
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn collect(blocks: &[Block], texts: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Paragraph { text } | Block::Subheading { text } => texts.push(plain(&pieces(text))),
            Block::List { entries, .. } => entries.iter().for_each(|entry| collect(entry, texts)),
            Block::Quote { blocks } | Block::Callout { blocks } => collect(blocks, texts),
            Block::Table(_) | Block::Chart(_) => {}
        }
    }
}
