//! Telling the story: what happened, and the command that does the same. On a terminal with a bar beneath that shows how far
//! it is; elsewhere as plain lines.

use csp_domain::{Instant, calendar};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Terminal;

/// Northumbria's time.
const ZONE: chrono_tz::Tz = chrono_tz::Europe::London;
/// How often [`Telling::done`] and [`Telling::refused`] are called in one demonstration.
pub(super) const STEPS: u64 = 67;

/// The voice of the demonstration.
pub(super) struct Telling<'a> {
    terminal: &'a mut Terminal,
    bar: ProgressBar,
    styled: bool,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Green,
    Yellow,
}

impl<'a> Telling<'a> {
    pub(super) fn new(terminal: &'a mut Terminal) -> Self {
        let styled = terminal.styled_talk();
        let bar = if terminal.talk_is_terminal {
            let style =
                ProgressStyle::with_template("  {bar:30} {pos} of {len}  {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::stderr()).with_style(style)
        } else {
            ProgressBar::hidden()
        };
        Self { terminal, bar, styled }
    }

    /// A new scene.
    pub(super) fn scene(&mut self, at: Instant, title: &str) {
        let when = self.in_style(Style::Bold, &calendar::full(at, ZONE));
        self.say("");
        self.say(&format!("{when}  {title}"));
        self.bar.set_message(title.to_owned());
    }

    /// Something was done.
    pub(super) fn done(&mut self, sentence: &str) {
        let mark = self.in_style(Style::Green, "✓");
        self.say(&format!("  {mark} {sentence}"));
        self.bar.inc(1);
    }

    /// Something was refused, as it should be.
    pub(super) fn refused(&mut self, sentence: &str) {
        let mark = self.in_style(Style::Yellow, "✗");
        self.say(&format!("  {mark} {sentence}"));
        self.bar.inc(1);
    }

    /// More about what was just told.
    pub(super) fn detail(&mut self, text: &str) {
        self.say(&format!("      {text}"));
    }

    /// What to type to do the same.
    pub(super) fn command(&mut self, command: &str) {
        let command = self.in_style(Style::Dim, &format!("$ {command}"));
        self.say(&format!("      {command}"));
    }

    /// A heading outside the story.
    pub(super) fn heading(&mut self, text: &str) {
        let text = self.in_style(Style::Bold, text);
        self.say(&text);
    }

    /// A line as it is.
    pub(super) fn say(&mut self, line: &str) {
        if self.bar.is_hidden() { self.terminal.say(line) } else { self.bar.println(line) }
    }

    /// The bar goes; what was told stays.
    pub(super) fn finish(&mut self) {
        self.bar.finish_and_clear();
        self.bar = ProgressBar::hidden();
    }

    fn in_style(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Green => "32",
            Style::Yellow => "33",
        };
        if self.styled { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// `Wednesday 12 January 2022 at 17:00`
pub(super) fn date(at: Instant) -> String {
    calendar::full(at, ZONE)
}

/// A timestamp of the wire. What the server leaves out does not happen.
pub(super) fn instant(timestamp: Option<prost_types::Timestamp>) -> Instant {
    let prost_types::Timestamp { seconds, nanos } = timestamp.unwrap_or_default();
    chrono::DateTime::from_timestamp(seconds, u32::try_from(nanos).unwrap_or(0)).unwrap_or_default()
}
