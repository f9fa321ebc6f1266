//! The text of a document, paragraph by paragraph.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::BufRead,
};

use super::{Block, Content, Document, Span, styles::Styles};
use crate::{
    Fault, limits,
    package::{damaged, too_large},
    relations::Relation,
    xml::{Element, Piece, Xml},
};

/// What is refused: what it is called, and what to do about it. Each is told once, with its first place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    Tracked,
    Comment,
    Hidden,
    TextBox,
    Footnote,
    Equation,
    Embedded,
    Symbol,
    EmptyField,
    Inserted,
    Joined,
    Nested,
}

impl Trouble {
    fn words(self) -> &'static str {
        match self {
            Self::Tracked => "tracked changes. In Word: Review, Accept (or Reject) All Changes, then save",
            Self::Comment => "comments. In Word: Review, Delete All Comments, then save",
            Self::Hidden => {
                "hidden text. In Word: select everything, then Font, and take the tick from Hidden; delete what should not be read"
            }
            Self::TextBox => "a text box. Move its text into the page",
            Self::Footnote => "a footnote or endnote. Put it into the text",
            Self::Equation => "an equation. Write it as text",
            Self::Embedded => "something embedded from another program. Take it out, or write what it says",
            Self::Symbol => "a sign of a symbol font, which prints as something else elsewhere. Write it as a letter or a word",
            Self::EmptyField => "a field that was not filled in. Fill it in or delete it",
            Self::Inserted => "another document inside this one (altChunk). Open it in Word and save it, which makes one of both",
            Self::Joined => "a table with joined cells. Split them, so that every row has the same cells",
            Self::Nested => "a table inside a table. Move it out",
        }
    }
}

/// A paragraph while it is read.
#[derive(Default)]
struct Paragraph {
    style: Option<String>,
    outline: Option<u8>,
    list: Option<(String, u8)>,
    spans: Vec<Span>,
    pictures: Vec<String>,
    troubles: Vec<Trouble>,
}

/// How a run's letters look.
#[derive(Default, Clone)]
struct Look {
    bold: bool,
    italic: bool,
    hidden: bool,
    link: Option<String>,
}

struct Body<'d, R> {
    xml: Xml<R>,
    styles: &'d Styles,
    relations: &'d BTreeMap<String, Relation>,
    document: Document,
    paragraphs: usize,
    all: usize,
    text: usize,
    troubles: BTreeMap<Trouble, (String, usize)>,
    is_document: bool,
}

/// Reads a document's main part; nothing if it is none.
pub(super) fn read<R: BufRead>(
    xml: Xml<R>,
    styles: &Styles,
    relations: &BTreeMap<String, Relation>,
) -> Result<Option<Document>, Vec<Fault>> {
    let document = Document::default();
    let (paragraphs, all, text, troubles, is_document) = (0, 0, 0, BTreeMap::new(), false);
    let mut body = Body { xml, styles, relations, document, paragraphs, all, text, troubles, is_document };
    body.blocks(0).map_err(|fault| vec![fault])?;
    if !body.is_document {
        return Ok(None);
    }
    let mut faults: Vec<Fault> = Vec::new();
    for (trouble, (place, times)) in &body.troubles {
        let more = match times {
            1 => String::new(),
            2 => " (and in one more place)".to_owned(),
            times => format!(" (and in {} more places)", times - 1),
        };
        let (name, mend) = trouble.words().split_once(". ").unwrap_or((trouble.words(), ""));
        let verb = if matches!(trouble, Trouble::Tracked | Trouble::Comment) { "are" } else { "is" };
        faults.push(Fault::at(place.clone(), format!("there {verb} {name} here{more}. {mend}")));
    }
    if faults.is_empty() { Ok(Some(body.document)) } else { Err(faults) }
}

impl<R: BufRead> Body<'_, R> {
    fn next(&mut self) -> Result<Piece, Fault> {
        self.xml.next()?.ok_or_else(damaged)
    }

    /// Everything down to where the element at `depth` closes; at depth 0, to the end.
    fn blocks(&mut self, depth: usize) -> Result<(), Fault> {
        loop {
            if depth > 0 && self.xml.depth() < depth {
                return Ok(());
            }
            let Some(piece) = self.xml.next()? else { return Ok(()) };
            let Piece::Open(element) = piece else { continue };
            match element.name.as_str() {
                "document" => self.is_document = true,
                "p" => self.paragraph_block()?,
                "tbl" => self.table()?,
                "body" | "sdt" | "sdtContent" | "customXml" | "smartTag" | "AlternateContent" | "Choice" => {
                    self.blocks(self.xml.depth())?;
                }
                "ins" | "del" | "moveFrom" | "moveTo" => {
                    self.note(Trouble::Tracked, "");
                    self.xml.skip()?;
                }
                "oMath" | "oMathPara" => {
                    self.note(Trouble::Equation, "");
                    self.xml.skip()?;
                }
                // Of a control around whole paragraphs.
                "sdtPr" => self.control()?,
                "altChunk" | "subDoc" => {
                    self.note(Trouble::Inserted, "");
                    self.xml.skip()?;
                }
                _ => self.xml.skip()?,
            }
        }
    }

    fn note(&mut self, trouble: Trouble, text: &str) {
        let place = self.place(text);
        match self.troubles.entry(trouble) {
            Entry::Vacant(entry) => {
                entry.insert((place, 1));
            }
            Entry::Occupied(mut entry) => entry.get_mut().1 += 1,
        }
    }

    /// `paragraph 4 (“The wardens won …”)`
    fn place(&self, text: &str) -> String {
        let number = self.paragraphs.max(1);
        let text = text.trim();
        if text.is_empty() {
            return format!("paragraph {number}");
        }
        let start: String = text.chars().map(|c| if c == '\n' { ' ' } else { c }).take(30).collect();
        let more = if start.len() < text.len() { "…" } else { "" };
        format!("paragraph {number} (“{}{more}”)", start.trim_end())
    }

    fn paragraph_block(&mut self) -> Result<(), Fault> {
        let paragraph = self.paragraph()?;
        let number = self.paragraphs;
        let level = paragraph.outline.map(|outline| outline + 1).or_else(|| self.styles.heading(paragraph.style.as_deref()?));
        let list = paragraph.list.or_else(|| Some((self.styles.list(paragraph.style.as_deref()?)?, 0))).filter(|(list, _)| list != "0");
        if paragraph.spans.iter().any(|span| !span.text.trim().is_empty()) {
            let spans = paragraph.spans;
            let content = match (level, list) {
                (Some(level), _) => Content::Heading(level, spans),
                (None, Some((list, depth))) => Content::Item { depth, ordered: self.styles.ordered(&list, depth), spans },
                (None, None) => Content::Paragraph(spans),
            };
            self.document.blocks.push(Block { paragraph: number, content });
        }
        let pictures = paragraph.pictures.into_iter().map(|what| Block { paragraph: number.max(1), content: Content::Picture(what) });
        self.document.blocks.extend(pictures);
        Ok(())
    }

    /// Reads a paragraph to its end.
    fn paragraph(&mut self) -> Result<Paragraph, Fault> {
        self.all += 1;
        if self.all > limits::PARAGRAPHS {
            return Err(Fault::of_file("has more than 5,000 paragraphs. Send in one piece of news in each document"));
        }
        let mut paragraph = Paragraph::default();
        self.inline(self.xml.depth(), &mut paragraph, &Look::default())?;
        let text: String = paragraph.spans.iter().map(|span| span.text.as_str()).collect();
        self.paragraphs += usize::from(!text.trim().is_empty());
        for trouble in std::mem::take(&mut paragraph.troubles) {
            self.note(trouble, &text);
        }
        Ok(paragraph)
    }

    /// What stands in a line, down to where the element at `depth` closes.
    fn inline(&mut self, depth: usize, paragraph: &mut Paragraph, look: &Look) -> Result<(), Fault> {
        while self.xml.depth() >= depth {
            let Piece::Open(element) = self.next()? else { continue };
            let inside = self.xml.depth();
            match element.name.as_str() {
                "pPr" => self.paragraph_look(paragraph)?,
                "r" => {
                    let mut look = look.clone();
                    self.run(inside, paragraph, &mut look)?;
                }
                "hyperlink" => {
                    let target =
                        element.attribute("id").and_then(|id| self.relations.get(id)).filter(|relation| relation.sort == "hyperlink");
                    let look = Look { link: target.map(|relation| relation.target.clone()), ..look.clone() };
                    self.inline(inside, paragraph, &look)?;
                }
                "sdtPr" => {
                    if self.is_not_filled_in()? {
                        paragraph.troubles.push(Trouble::EmptyField);
                    }
                }
                "sdt" | "sdtContent" | "smartTag" | "customXml" | "fldSimple" | "dir" | "bdo" | "AlternateContent" | "Choice" => {
                    self.inline(inside, paragraph, look)?;
                }
                name => {
                    paragraph.troubles.extend(trouble_of(name));
                    self.xml.skip()?;
                }
            }
        }
        Ok(())
    }

    /// The properties of a control around whole paragraphs.
    fn control(&mut self) -> Result<(), Fault> {
        if self.is_not_filled_in()? {
            self.note(Trouble::EmptyField, "");
        }
        Ok(())
    }

    /// Whether a content control, whose properties were just opened, shows what it asks for instead of an answer.
    fn is_not_filled_in(&mut self) -> Result<bool, Fault> {
        let depth = self.xml.depth();
        let mut found = false;
        while self.xml.depth() >= depth {
            found |= matches!(self.next()?, Piece::Open(element) if element.name == "showingPlcHdr" && element.is_on());
        }
        Ok(found)
    }

    fn paragraph_look(&mut self, paragraph: &mut Paragraph) -> Result<(), Fault> {
        let depth = self.xml.depth();
        let (mut list, mut level) = (None, 0);
        while self.xml.depth() >= depth {
            let Piece::Open(element) = self.next()? else { continue };
            let value = element.attribute("val");
            match element.name.as_str() {
                "pStyle" => paragraph.style = value.map(str::to_owned),
                "outlineLvl" => paragraph.outline = value.and_then(|level| level.parse().ok()).filter(|level: &u8| *level < 9),
                "numId" => list = value.map(str::to_owned),
                "ilvl" => level = value.and_then(|level| level.parse::<u8>().ok()).unwrap_or(0).min(8),
                "ins" | "del" | "moveFrom" | "moveTo" | "pPrChange" | "rPrChange" => {
                    paragraph.troubles.push(Trouble::Tracked);
                    self.xml.skip()?;
                }
                _ => {}
            }
        }
        paragraph.list = list.map(|list| (list, level));
        Ok(())
    }

    /// A run of letters that look the same.
    fn run(&mut self, depth: usize, paragraph: &mut Paragraph, look: &mut Look) -> Result<(), Fault> {
        while self.xml.depth() >= depth {
            let Piece::Open(element) = self.next()? else { continue };
            let inside = self.xml.depth();
            match element.name.as_str() {
                "rPr" => self.run_look(inside, paragraph, look)?,
                "t" => {
                    while self.xml.depth() >= inside {
                        if let Piece::Text(text) = self.next()? {
                            self.write(&text, paragraph, look)?;
                        }
                    }
                }
                "tab" => self.write(" ", paragraph, look)?,
                "noBreakHyphen" => self.write("-", paragraph, look)?,
                "br" if element.attribute("type").is_none_or(|kind| kind == "textWrapping") => self.write("\n", paragraph, look)?,
                "cr" => self.write("\n", paragraph, look)?,
                "drawing" | "pict" => self.picture(inside, paragraph)?,
                "AlternateContent" | "Choice" => self.run(inside, paragraph, look)?,
                name => {
                    paragraph.troubles.extend(trouble_of(name));
                    self.xml.skip()?;
                }
            }
        }
        Ok(())
    }

    fn run_look(&mut self, depth: usize, paragraph: &mut Paragraph, look: &mut Look) -> Result<(), Fault> {
        while self.xml.depth() >= depth {
            let Piece::Open(element) = self.next()? else { continue };
            match element.name.as_str() {
                "b" => look.bold = element.is_on(),
                "i" => look.italic = element.is_on(),
                "vanish" | "specVanish" => look.hidden = element.is_on(),
                "rStyle" => {
                    let style = element.attribute("val").unwrap_or_default();
                    look.bold |= self.styles.bold(style);
                    look.italic |= self.styles.italic(style);
                    look.hidden |= self.styles.hidden(style);
                }
                "ins" | "del" | "moveFrom" | "moveTo" | "rPrChange" => {
                    paragraph.troubles.push(Trouble::Tracked);
                    self.xml.skip()?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write(&mut self, text: &str, paragraph: &mut Paragraph, look: &Look) -> Result<(), Fault> {
        self.text += text.len();
        if self.text > limits::TEXT {
            return Err(Fault::of_file("holds more than 512 KiB of text. Send in one piece of news in each document"));
        }
        let hidden = look.hidden || paragraph.style.as_deref().is_some_and(|style| self.styles.hidden(style));
        if hidden && !text.trim().is_empty() {
            paragraph.troubles.push(Trouble::Hidden);
        }
        let same = |span: &&mut Span| span.bold == look.bold && span.italic == look.italic && span.link == look.link;
        match paragraph.spans.last_mut().filter(same) {
            Some(span) => span.text.push_str(text),
            None => {
                if paragraph.spans.len() > limits::PARAGRAPHS {
                    return Err(too_large());
                }
                let (bold, italic, link) = (look.bold, look.italic, look.link.clone());
                paragraph.spans.push(Span { text: text.to_owned(), bold, italic, link });
            }
        }
        Ok(())
    }

    fn picture(&mut self, depth: usize, paragraph: &mut Paragraph) -> Result<(), Fault> {
        let mut what = String::new();
        let mut is_text = false;
        while self.xml.depth() >= depth {
            let Piece::Open(element) = self.next()? else { continue };
            match element.name.as_str() {
                "docPr" => what = described(&element),
                "shape" if what.is_empty() => element.attribute("alt").unwrap_or_default().clone_into(&mut what),
                "txbxContent" => {
                    is_text = true;
                    self.xml.skip()?;
                }
                _ => {}
            }
        }
        if is_text {
            paragraph.troubles.push(Trouble::TextBox);
        } else {
            paragraph.pictures.push(what);
        }
        Ok(())
    }

    fn table(&mut self) -> Result<(), Fault> {
        let depth = self.xml.depth();
        let number = self.paragraphs + 1;
        let mut rows: Vec<Vec<Vec<Span>>> = Vec::new();
        let mut pictures = Vec::new();
        // Every row and cell that begins counts, whether or not anything stands in it.
        let mut cells = 0;
        while self.xml.depth() >= depth {
            let Piece::Open(element) = self.next()? else { continue };
            match element.name.as_str() {
                "tr" => rows.push(Vec::new()),
                "tc" => {
                    cells += 1;
                    if let Some(row) = rows.last_mut() {
                        row.push(Vec::new());
                    }
                }
                "sdtPr" => self.control()?,
                "altChunk" => {
                    self.note(Trouble::Inserted, "");
                    self.xml.skip()?;
                }
                "gridSpan" | "vMerge" | "hMerge" => self.note(Trouble::Joined, ""),
                "tbl" => {
                    self.note(Trouble::Nested, "");
                    self.xml.skip()?;
                }
                "p" => {
                    let paragraph = self.paragraph()?;
                    pictures.extend(paragraph.pictures);
                    if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                        if !cell.is_empty() && !paragraph.spans.is_empty() {
                            cell.push(Span { text: " ".to_owned(), ..Span::default() });
                        }
                        cell.extend(paragraph.spans);
                    }
                }
                "ins" | "del" | "cellIns" | "cellDel" | "cellMerge" | "trPrChange" | "tcPrChange" | "tblPrChange" => {
                    self.note(Trouble::Tracked, "");
                    self.xml.skip()?;
                }
                _ => {}
            }
            if rows.len() + cells > limits::PARAGRAPHS * 2 {
                return Err(too_large());
            }
        }
        rows.retain(|row| row.iter().flatten().any(|span| !span.text.trim().is_empty()));
        if !rows.is_empty() {
            self.document.blocks.push(Block { paragraph: number, content: Content::Table(rows) });
        }
        self.document.blocks.extend(pictures.into_iter().map(|what| Block { paragraph: number, content: Content::Picture(what) }));
        Ok(())
    }
}

fn described(element: &Element) -> String {
    ["descr", "title"].iter().find_map(|name| element.attribute(name)).unwrap_or_default().to_owned()
}

/// What an element that is not read says that is wrong.
fn trouble_of(name: &str) -> Option<Trouble> {
    match name {
        "ins" | "del" | "moveFrom" | "moveTo" | "delText" | "delInstrText" => Some(Trouble::Tracked),
        "commentReference" | "commentRangeStart" => Some(Trouble::Comment),
        "footnoteReference" | "endnoteReference" => Some(Trouble::Footnote),
        "oMath" | "oMathPara" => Some(Trouble::Equation),
        "object" => Some(Trouble::Embedded),
        "subDoc" => Some(Trouble::Inserted),
        "sym" => Some(Trouble::Symbol),
        _ => None,
    }
}
