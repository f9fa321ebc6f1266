//! What must be known beside some of the figures that are drawn: days that are shaded under a letter, and said below.

use csp_domain::{document::chart::Span, period::Period};

/// What must be known beside some of the figures, and of how much more there was no room to say it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'c> {
    /// The days, each with its sentence.
    pub spans: &'c [Span],
    /// How many more there are, all of them older.
    pub unsaid: usize,
}

/// A span that touches what is drawn.
pub(super) struct Lettered<'c> {
    pub(super) letter: String,
    pub(super) span: &'c Span,
    /// Its place among all spans of the chart.
    pub(super) place: usize,
}

impl<'c> Context<'c> {
    /// Those spans that touch what is drawn, each with its letter.
    pub(super) fn lettered(&self, touches: impl Fn(usize, &Span) -> bool) -> Vec<Lettered<'c>> {
        let drawn = self.spans.iter().enumerate().filter(|(place, span)| touches(*place, span));
        (0..).zip(drawn).map(|(at, (place, span))| Lettered { letter: letter(at), span, place }).collect()
    }

    /// That there is more than is said; nothing where all is.
    pub(super) fn rest(&self) -> Option<String> {
        match self.unsaid {
            0 => None,
            1 => Some("Not printed here for want of room: 1 earlier note about these figures.".to_owned()),
            more => Some(format!("Not printed here for want of room: {more} earlier notes about these figures.")),
        }
    }
}

/// From which figure to which a span goes; none where it is about none of them. `periods` are in order.
pub(super) fn ends(span: &Span, periods: &[Period]) -> Option<(Period, Period)> {
    let mut of = periods.iter().copied().filter(|period| period.overlaps(span.days));
    let first = of.next()?;
    Some((first, of.next_back().unwrap_or(first)))
}

/// A, B … Z, then by number.
fn letter(at: u32) -> String {
    let known = u8::try_from(at).ok().filter(|at| *at < 26);
    known.map_or_else(|| (at + 1).to_string(), |at| char::from(b'A' + at).to_string())
}
