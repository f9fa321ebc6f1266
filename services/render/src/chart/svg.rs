//! Writing SVG: shapes, and text that cannot be anything but text.

use std::fmt::Write as _;

/// Where text is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// How text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) anchor: Anchor,
}

impl Style {
    pub(super) const TEXT: Self = Self { size: 13.0, bold: false, anchor: Anchor::Start };
    pub(super) const TITLE: Self = Self { size: 15.0, bold: true, anchor: Anchor::Start };

    pub(super) fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// About how wide `text` will be in the sans-serif faces screens have. On the generous side.
    pub(super) fn width(self, text: &str) -> f64 {
        let letter = |c: char| match c {
            'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | ';' | '\'' | '’' | '(' | ')' | 'I' => 0.32,
            'm' | 'w' | 'M' | 'W' | '%' => 0.88,
            'A'..='Z' => 0.70,
            _ => 0.57,
        };
        text.chars().map(letter).sum::<f64>() * self.size * if self.bold { 1.07 } else { 1.0 }
    }

    /// Breaks `text` between words into lines no wider than `width`.
    pub(super) fn wrap(self, text: &str, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(line) + self.width(" ") + self.width(word) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

/// A picture that grows from top to bottom.
pub(super) struct Canvas {
    pub(super) width: f64,
    body: String,
}

/// A number as SVG takes it, to a tenth of a unit.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no way to write these at all.
            c if c.is_control() && !matches!(c, '\n' | '\t') => safe.push('\u{FFFD}'),
            c => safe.push(c),
        }
    }
    safe
}

impl Canvas {
    pub(super) fn new(width: f64) -> Self {
        Self { width, body: String::new() }
    }

    pub(super) fn text(&mut self, x: f64, y: f64, style: Style, text: &str) {
        let weight = if style.bold { " font-weight=\"bold\"" } else { "" };
        let anchor = if style.anchor == Anchor::Start { String::new() } else { format!(" text-anchor=\"{}\"", style.anchor.word()) };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{anchor}>{}</text>",
            n(x),
            n(y),
            n(style.size),
            escape(text)
        );
    }

    pub(super) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, paint: &str) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {paint}/>",
            n(x),
            n(y),
            n(width.max(0.0)),
            n(height.max(0.0))
        );
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: &str) {
        let _ = writeln!(self.body, "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {paint}/>", n(from.0), n(from.1), n(to.0), n(to.1));
    }

    pub(super) fn polyline(&mut self, points: &[(f64, f64)], paint: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", n(*x), n(*y))).collect();
        let _ = writeln!(self.body, "<polyline points=\"{}\" fill=\"none\" {paint}/>", points.join(" "));
    }

    pub(super) fn polygon(&mut self, points: &[(f64, f64)], paint: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", n(*x), n(*y))).collect();
        let _ = writeln!(self.body, "<polygon points=\"{}\" {paint}/>", points.join(" "));
    }

    pub(super) fn circle(&mut self, x: f64, y: f64, radius: f64, paint: &str) {
        let _ = writeln!(self.body, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {paint}/>", n(x), n(y), n(radius));
    }

    /// The whole picture, `height` high, with its name and description for whoever cannot see it.
    pub(super) fn finish(self, height: f64, title: &str, alternative: &str) -> String {
        let (width, height) = (n(self.width), n(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             font-family=\"Arial, Helvetica, 'Liberation Sans', sans-serif\" fill=\"#000\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{}</svg>\n",
            escape(title),
            escape(alternative),
            self.body
        )
    }
}
