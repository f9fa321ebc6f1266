//! A short letter to one person: what has happened, what is to be done, and what to type.
//!
//! Reminders, receipts and notices are letters; the digest is a paper. A letter says one thing, in both renditions alike.

use std::sync::LazyLock;

use minijinja::{Environment, value::Serde};
use serde::Serialize;

use crate::{
    html,
    text::{WIDTH, hang, width, wrap},
};

const PAGE: &str = include_str!("../templates/letter.mjml");
/// The name ends in `.html`, and by that the engine knows to escape.
const NAME: &str = "letter.html";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = html::environment().expect("the settings of the engine are its own");
    let page = html::compiled(PAGE).expect("the built-in template compiles: every test of this module renders it");
    templates.add_template_owned(NAME, page).expect("the built-in template compiles: every test of this module renders it");
    templates
});

/// A letter to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// What it is about, as its heading: `Your token ends in 30 days`.
    pub title: String,
    /// `Dear Jo Brown,`
    pub greeting: String,
    /// What is to be said, a paragraph each.
    pub paragraphs: Vec<String>,
    /// Names and values, in two columns.
    pub facts: Vec<(String, String)>,
    /// What to do, and the command that does it.
    pub commands: Vec<(String, String)>,
    /// Why it was sent, and by what: the last lines.
    pub why: String,
}

#[derive(Serialize)]
struct View<'l> {
    /// What a mailbox shows beside the subject.
    preview: &'l str,
    #[serde(flatten)]
    letter: &'l Letter,
}

impl Letter {
    /// The HTML part: complete in itself, nothing is fetched when it is opened.
    pub fn html(&self) -> String {
        let preview = self.paragraphs.first().map_or("", String::as_str);
        TEMPLATES
            .get_template(NAME)
            .and_then(|page| page.render(Serde(View { preview, letter: self })))
            .expect("the template takes every letter: its fields are all texts")
    }

    /// The text part, which is the canonical one.
    pub fn text(&self) -> String {
        let mut blocks = vec![wrap(&self.title, WIDTH), vec!["=".repeat(width(&self.title).min(WIDTH))]];
        let heading = blocks.concat();
        blocks = vec![heading, wrap(&self.greeting, WIDTH)];
        blocks.extend(self.paragraphs.iter().map(|paragraph| wrap(paragraph, WIDTH)));
        if !self.facts.is_empty() {
            let labels = self.facts.iter().map(|(label, _)| width(label)).max().unwrap_or(0) + 2;
            let line = |(label, value): &(String, String)| {
                let first = format!("  {label}{}", " ".repeat(labels.saturating_sub(width(label))));
                hang(&first, &" ".repeat(labels + 2), wrap(value, WIDTH.saturating_sub(labels + 2)))
            };
            blocks.push(self.facts.iter().flat_map(line).collect());
        }
        for (purpose, command) in &self.commands {
            // A command is one line, however long: it is copied whole.
            blocks.push([wrap(purpose, WIDTH), vec![format!("    {command}")]].concat());
        }
        blocks.push(vec!["-".repeat(20)]);
        blocks.push(wrap(&self.why, WIDTH));
        let mut text = blocks.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            title: "Your token ends in 30 days".to_owned(),
            greeting: "Dear Jo <b>Brown</b>,".to_owned(),
            paragraphs: vec!["After that day csp would not let you in.".to_owned()],
            facts: vec![("Token".to_owned(), "laptop".to_owned()), ("Ends on".to_owned(), "Tuesday 12 July 2022".to_owned())],
            commands: vec![("Give it a new secret:".to_owned(), "csp token rotate".to_owned())],
            why: "You get this because the token is yours.".to_owned(),
        }
    }

    #[test]
    fn both_renditions_say_the_same() {
        let letter = letter();
        let (html, text) = (letter.html(), letter.text());
        for said in ["Your token ends in 30 days", "After that day", "laptop", "Tuesday 12 July 2022", "csp token rotate", "You get this"] {
            assert!(html.contains(said) && text.contains(said), "{said}");
        }
        assert_eq!(
            text,
            "Your token ends in 30 days\n==========================\n\nDear Jo <b>Brown</b>,\n\nAfter that day csp would not let you in.\n\n\
             \u{20} Token    laptop\n  Ends on  Tuesday 12 July 2022\n\nGive it a new secret:\n    csp token rotate\n\n--------------------\n\n\
             You get this because the token is yours.\n"
        );
    }

    #[test]
    fn what_people_are_called_is_text_and_nothing_is_fetched() {
        let html = letter().html();
        assert!(html.contains("Dear Jo &lt;b&gt;Brown&lt;") && !html.contains("<b>Brown"), "{html}");
        for fetching in ["src=", "href=", "<img", "<script", "@import", "url("] {
            assert!(!html.contains(fetching), "{fetching}");
        }
    }
}
