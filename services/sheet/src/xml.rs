//! XML, an element at a time, with its depth bounded and its faults in words.

use std::io::BufRead;

use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
};

use crate::{Fault, limits, package};

/// What comes next in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// An element begins.
    Open(Element),
    /// An element ends.
    Close(String),
    /// Text between them.
    Text(String),
}

/// An element's name, without its prefix, and its attributes, without theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Of a switch, which is on when it is named and not said to be off.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(self.attribute("val"), Some("0" | "false" | "off" | "none"))
    }

    /// Of an attribute that is a switch, which is off when it is not there.
    pub(crate) fn has_on(&self, name: &str) -> bool {
        matches!(self.attribute(name), Some("1" | "true" | "on"))
    }
}

/// Reads a part.
pub(crate) struct Xml<R> {
    reader: quick_xml::Reader<R>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: BufRead> Xml<R> {
    pub(crate) fn new(source: R) -> Self {
        let mut reader = quick_xml::Reader::from_reader(source);
        let config = reader.config_mut();
        // `<v/>` is `<v></v>`.
        config.expand_empty_elements = true;
        config.allow_dangling_amp = false;
        Self { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next piece; nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, Fault> {
        loop {
            self.buffer.clear();
            // A long piece is not kept in memory for the sake of the short ones after it.
            self.buffer.shrink_to(64 * 1024);
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|fault| in_words(&fault))?;
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > limits::DEPTH {
                        return Err(Fault::of_file(format!("is nested more than {} deep, which no such file is", limits::DEPTH)));
                    }
                    return Ok(Some(Piece::Open(element(&start)?)));
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Piece::Close(end.local_name().into_inner().to_owned())));
                }
                Event::Text(text) => return Ok(Some(Piece::Text(text.xml10_content().into_owned()))),
                Event::CData(text) => return Ok(Some(Piece::Text(text.xml10_content().into_owned()))),
                Event::GeneralRef(name) => {
                    let letter = match name.resolve_char_ref().map_err(|_| package::damaged())? {
                        Some(letter) => letter.to_string(),
                        None => match &*name {
                            "amp" => "&".to_owned(),
                            "lt" => "<".to_owned(),
                            "gt" => ">".to_owned(),
                            "quot" => "\"".to_owned(),
                            "apos" => "'".to_owned(),
                            // What a file of Excel or Word never has: names that stand for other text.
                            _ => return Err(package::damaged()),
                        },
                    };
                    return Ok(Some(Piece::Text(letter)));
                }
                Event::DocType(_) => return Err(package::damaged()),
                Event::Eof if self.depth > 0 => return Err(package::damaged()),
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// Passes over what is in the element that was just opened.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if self.next()?.is_none() {
                return Err(package::damaged());
            }
        }
        Ok(())
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Fault> {
    let name = start.local_name().into_inner().to_owned();
    let mut attributes = Vec::new();
    // Without the check for an attribute that is there twice, whose time grows with the square of their number.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| package::damaged())?;
        if attributes.len() == 64 {
            return Err(package::damaged());
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| package::damaged())?;
        attributes.push((attribute.key.local_name().into_inner().to_owned(), value.into_owned()));
    }
    Ok(Element { name, attributes })
}

fn in_words(fault: &quick_xml::Error) -> Fault {
    match fault {
        quick_xml::Error::Io(cause) if cause.kind() == std::io::ErrorKind::FileTooLarge => package::too_large(),
        _ => package::damaged(),
    }
}
