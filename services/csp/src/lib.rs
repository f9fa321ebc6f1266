//! `csp`, the client: how a person of any role uses the service from a terminal.
//!
//! It speaks gRPC and nothing else (*csp speaks, cspd stores*): no database, no file of the server, and of our crates
//! only `csp-proto` and `csp-sheet`. That every role can do its work with it proves that the contract suffices. It judges as
//! little as it can: files are taken apart into cells with their places (`csp-sheet`); what a cell may be is the server's to
//! say, and a fault the server finds is shown at the place it is at.
//!
//! # Where to start
//!
//! [`run`] is one run from arguments to exit code. `cli` is all that can be typed, `commands` has a module for each noun,
//! and a command is always the same walk: build names (`names`, `defaults`), make a call (`calls`, through `session`),
//! show the answer (`views`, `output`). What goes wrong becomes an `error::Error`: a sentence, details, an exit code.

mod calls;
mod chance;
mod cli;
mod commands;
mod config;
mod connection;
mod dates;
mod defaults;
mod difference;
mod error;
mod files;
mod folder;
mod names;
mod output;
#[cfg(feature = "outside")]
pub mod outside;
mod periods;
mod session;
mod sheet;
mod terminal;
mod views;
mod words;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser as _};

use crate::{cli::Cli, config::Settings, output::Format, session::Session};

pub use crate::terminal::Terminal;

/// Runs one command and answers its exit code. `args` begins with the program's name.
pub async fn run(args: impl IntoIterator<Item = OsString>, terminal: &mut Terminal) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(message) if message.use_stderr() && asks_for_json(&args) => {
            let error = misunderstood(&message);
            let _ = terminal.talk.write_all(error.for_programs().as_bytes()).and_then(|()| terminal.talk.flush());
            return error.kind as u8;
        }
        Err(message) => return say_usage(&message, terminal),
    };
    let format = cli.common.output;
    match perform(cli, terminal).await {
        Ok(()) => 0,
        Err(error) => {
            let text = match format {
                Format::Table | Format::Ics => error.for_people(terminal.styled_talk()),
                Format::Json => error.for_programs(),
            };
            // With nobody left to tell, the exit code still tells.
            let _ = terminal.talk.write_all(text.as_bytes());
            let _ = terminal.talk.flush();
            error.kind as u8
        }
    }
}

/// The whole command line as `clap` sees it: for manual pages, and for tests that read every page of help.
pub fn command_line() -> clap::Command {
    Cli::command()
}

async fn perform(cli: Cli, terminal: &mut Terminal) -> Result<(), error::Error> {
    let Cli { common, command } = cli;
    let settings = Settings::gather(&common, terminal)?;
    let mut session = Session::new(terminal, settings, common.output, common.yes);
    commands::run(command, &mut session).await
}

/// Whether a command that was not understood was a program's.
fn asks_for_json(args: &[OsString]) -> bool {
    let follows = args.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json");
    follows || args.iter().any(|arg| arg == "--output=json")
}

/// What the parser says, as any other failure: its first paragraph says what is wrong, the rest what would be right.
fn misunderstood(message: &clap::Error) -> error::Error {
    let text = message.render().to_string();
    let (wrong, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let wrong = wrong.split_whitespace().collect::<Vec<_>>().join(" ");
    let error = error::Error::usage(wrong.strip_prefix("error: ").unwrap_or(&wrong));
    rest.lines().map(str::trim).filter(|line| !line.is_empty()).fold(error, error::Error::hint)
}

/// Help and version are answers; anything else is a misunderstanding.
fn say_usage(message: &clap::Error, terminal: &mut Terminal) -> u8 {
    let styled = if message.use_stderr() { terminal.styled_talk() } else { terminal.styled_output() };
    let text = if styled { message.render().ansi().to_string() } else { message.render().to_string() };
    let stream = if message.use_stderr() { &mut terminal.talk } else { &mut terminal.output };
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    if message.use_stderr() { error::Kind::Usage as u8 } else { 0 }
}
