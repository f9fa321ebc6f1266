//! What stands above and below a chart: its name, the verdict, the key and notes.

use csp_domain::measure::verdict::Shape;

use super::{
    marks,
    svg::{Canvas, Style},
};

/// Room between lines of text.
const LINE: f64 = 17.0;

/// The name of the chart and what is said of it, each with its shape. Answers where the chart may begin.
pub(super) fn head(canvas: &mut Canvas, title: &str, said: &[(Shape, String)]) -> f64 {
    let mut y = 20.0;
    for line in Style::TITLE.wrap(title, canvas.width - 16.0) {
        canvas.text(8.0, y, Style::TITLE, &line);
        y += 19.0;
    }
    for (shape, words) in said {
        let wide = marks::draw(canvas, *shape, (14.0, y - 4.5), 5.0);
        let indent = 14.0 + wide + 2.0;
        for line in Style::TEXT.wrap(words, canvas.width - indent - 8.0) {
            canvas.text(indent, y, Style::TEXT, &line);
            y += LINE;
        }
    }
    y
}

/// The shapes that occur, with their meaning, from `y` down. Answers where the next may begin.
pub(super) fn key(canvas: &mut Canvas, mut y: f64, entries: &[(Shape, &str)]) -> f64 {
    let mut x = 8.0;
    for (shape, words) in entries {
        let wide = 18.0 + Style::TEXT.width(words);
        if x > 8.0 && x + wide > canvas.width - 8.0 {
            x = 8.0;
            y += LINE;
        }
        marks::draw(canvas, *shape, (x + 6.0, y - 4.5), 5.0);
        canvas.text(x + 16.0, y, Style::TEXT, words);
        x += wide + 14.0;
    }
    if entries.is_empty() { y } else { y + LINE }
}

/// Notes, from `y` down. Answers how high the picture is.
pub(super) fn foot(canvas: &mut Canvas, mut y: f64, notes: &[String]) -> f64 {
    for note in notes {
        for line in Style::TEXT.wrap(note, canvas.width - 16.0) {
            canvas.text(8.0, y, Style::TEXT, &line);
            y += LINE;
        }
    }
    y - LINE + 10.0
}
