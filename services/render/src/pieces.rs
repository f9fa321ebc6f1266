//! Running text, flattened: however deep emphasis is nested in emphasis, a word is strong or it is
//! not. No renderer needs to recurse over what somebody typed.

use csp_domain::document::Inline;
use serde::Serialize;

use crate::link;

/// A stretch of running text in one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "piece", rename_all = "snake_case")]
pub(crate) enum Piece {
    /// Text.
    Text {
        text: String,
        #[serde(flatten)]
        style: Style,
    },
    /// A link that may be followed; links do not nest.
    Link {
        target: String,
        /// What must stand beside it.
        destination: Option<String>,
        pieces: Vec<Piece>,
    },
    /// A line break.
    Break,
}

/// How a stretch is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Style {
    pub(crate) strong: bool,
    pub(crate) emphasis: bool,
}

/// The pieces of `inlines`, in order.
pub(crate) fn pieces(inlines: &[Inline]) -> Vec<Piece> {
    let mut out = Vec::new();
    // The link being read, and how many levels lay around it.
    let mut open: Option<(usize, &str, Vec<Piece>)> = None;
    let mut levels = vec![(inlines.iter(), Style::default())];
    while let Some((level, style)) = levels.last_mut() {
        let style = *style;
        let Some(inline) = level.next() else {
            levels.pop();
            if open.as_ref().is_some_and(|(around, ..)| *around == levels.len())
                && let Some((_, target, pieces)) = open.take()
            {
                let destination = link::destination(target, &plain(&pieces)).map(str::to_owned);
                out.push(Piece::Link { target: target.to_owned(), destination, pieces });
            }
            continue;
        };
        let current = open.as_mut().map_or(&mut out, |(_, _, pieces)| pieces);
        match inline {
            Inline::Text { text } => match current.last_mut() {
                Some(Piece::Text { text: before, style: same }) if *same == style => before.push_str(text),
                _ => current.push(Piece::Text { text: text.clone(), style }),
            },
            Inline::Break => current.push(Piece::Break),
            Inline::Strong { content } => levels.push((content.iter(), Style { strong: true, ..style })),
            Inline::Emphasis { content } => levels.push((content.iter(), Style { emphasis: true, ..style })),
            Inline::Link { target, content } => {
                if open.is_none() && link::may_be_followed(target) {
                    open = Some((levels.len(), target, Vec::new()));
                }
                levels.push((content.iter(), style));
            }
        }
    }
    out
}

/// What pieces read without their style, and without the destinations of links.
pub(crate) fn plain(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text { text, .. } => out.push_str(text),
            Piece::Link { pieces, .. } => out.push_str(&plain(pieces)),
            Piece::Break => out.push(' '),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, strong: bool, emphasis: bool) -> Piece {
        Piece::Text { text: text.to_owned(), style: Style { strong, emphasis } }
    }

    #[test]
    fn nested_emphasis_becomes_a_row_of_pieces() {
        let inlines = [
            Inline::text("a "),
            Inline::text("b"),
            Inline::Strong { content: vec![Inline::text("c"), Inline::Emphasis { content: vec![Inline::text("d"), Inline::Break] }] },
            Inline::text("e"),
        ];
        assert_eq!(
            pieces(&inlines),
            [text("a b", false, false), text("c", true, false), text("d", true, true), Piece::Break, text("e", false, false)]
        );
    }

    #[test]
    fn a_link_keeps_its_words_and_shows_where_it_leads() {
        let link = |target: &str| Inline::Link {
            target: target.to_owned(),
            content: vec![Inline::Strong { content: vec![Inline::text("here")] }],
        };
        assert_eq!(
            pieces(&[link("https://example.org/a"), Inline::text(".")]),
            [
                Piece::Link {
                    target: "https://example.org/a".to_owned(),
                    destination: Some("example.org".to_owned()),
                    pieces: vec![text("here", true, false)]
                },
                text(".", false, false)
            ]
        );
        assert_eq!(pieces(&[link("javascript:alert(1)")]), [text("here", true, false)], "what may not be followed is only words");
    }

    #[test]
    fn a_thousand_levels_are_as_good_as_one() {
        let mut inline = Inline::text("deep");
        for _ in 0..1_000 {
            inline = Inline::Emphasis { content: vec![inline] };
        }
        assert_eq!(pieces(&[inline]), [text("deep", false, true)]);
    }
}
