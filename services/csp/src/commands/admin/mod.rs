//! `csp admin`: setting up what a region consists of.

use clap::Subcommand;

use crate::{error::Error, session::Session};

mod catalogue;
mod closed_days;
mod committee;
mod committee_template;
mod cycle;
mod cycle_schedule;
pub(crate) mod definition;
mod history;
mod history_file;
mod import;
pub(crate) mod indicator;
mod member;
mod note;
mod partnership;
mod permissions;
mod person;
mod population;
mod region;
mod role;
mod rule;
mod rules;
mod schedule;
mod target;
pub(crate) mod token;

/// Set up regions, partnerships, persons, committees and cycles
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp admin partnership create gateshead --name Gateshead --ons-code E22000244
  csp admin member import members.csv --committee citizen-focus --dry-run")]
pub(crate) enum Admin {
    #[command(subcommand)]
    Region(region::Region),
    #[command(subcommand)]
    Partnership(partnership::Partnership),
    #[command(subcommand)]
    Person(person::Person),
    #[command(subcommand)]
    Role(role::Role),
    Roles(permissions::Permissions),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Committee(committee::Committee),
    #[command(subcommand)]
    Member(member::Member),
    #[command(subcommand)]
    Cycle(cycle::Cycle),
    #[command(subcommand)]
    ClosedDays(closed_days::ClosedDays),
    #[command(subcommand)]
    Indicator(indicator::Indicator),
    #[command(subcommand)]
    Schedule(schedule::Schedule),
    #[command(subcommand)]
    Rule(rule::Rule),
    #[command(subcommand)]
    Population(population::Population),
    #[command(subcommand)]
    Target(target::Target),
    #[command(subcommand)]
    Note(note::Note),
    #[command(subcommand)]
    History(history::History),
}

impl Admin {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Region(region) => region.run(session).await,
            Self::Partnership(partnership) => partnership.run(session).await,
            Self::Person(person) => person.run(session).await,
            Self::Role(role) => role.run(session).await,
            Self::Roles(permissions) => permissions.run(session).await,
            Self::Token(token) => token.run(session).await,
            Self::Committee(committee) => committee.run(session).await,
            Self::Member(member) => member.run(session).await,
            Self::Cycle(cycle) => cycle.run(session).await,
            Self::ClosedDays(days) => days.run(session).await,
            Self::Indicator(indicator) => indicator.run(session).await,
            Self::Schedule(schedule) => schedule.run(session).await,
            Self::Rule(rule) => rule.run(session).await,
            Self::Population(population) => population.run(session).await,
            Self::Target(target) => target.run(session).await,
            Self::Note(note) => note.run(session).await,
            Self::History(history) => history.run(session).await,
        }
    }
}

/// Sets what was typed, and notes that it is to be changed.
pub(crate) fn change<T>(field: &mut T, typed: Option<T>, path: &str, paths: &mut Vec<String>) {
    if let Some(typed) = typed {
        *field = typed;
        paths.push(path.to_owned());
    }
}

/// The mask of an update that changes something.
pub(crate) fn mask(paths: Vec<String>, options: &str) -> Result<Option<prost_types::FieldMask>, Error> {
    if paths.is_empty() {
        return Err(Error::usage(format!("What is to be changed? Name at least one of {options}.")));
    }
    Ok(Some(prost_types::FieldMask { paths }))
}

/// Puts places in the contract into the words of the options: `committee.display_name` is `--name`.
pub(crate) fn options(error: Error, words: &[(&str, &str)]) -> Error {
    error.places(|field| {
        let found = words.iter().find(|(path, _)| field == *path || field.ends_with(&format!(".{path}")));
        found.map_or_else(|| field.to_owned(), |(_, option)| (*option).to_owned())
    })
}
