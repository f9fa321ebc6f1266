//! `cspd`, the server of CSP Digest: everything that opens the database starts here.
//!
//! # Where to start
//!
//! [`Server`] is starting and stopping on one page. `door` lets connections in, `connection` is one of them from its
//! first byte to its last; [`certificate`] is what it is shown, [`health`] what is said of the whole; `web` is the other door, for
//! machines that watch. [`config`] is what the server is told, [`log`] what it says. `commands` has a module for each word
//! that can stand behind `cspd`; [`main`] is one run from arguments to exit code. `demo` lives through one quarter of a real
//! region in a few seconds, through the same server and the same calls as everybody else.

mod answers;
pub mod certificate;
mod cli;
mod commands;
pub mod config;
mod connection;
mod crowd;
mod deadline;
mod demo;
mod diaries;
mod door;
mod expiry;
mod failure;
pub mod health;
pub mod last_backup;
pub mod log;
mod measures;
mod metrics;
mod notify;
mod process;
mod pulse;
pub mod server;
mod signal;
mod terminal;
mod traces;
mod web;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;

use crate::cli::Cli;
pub use crate::{
    failure::Failure,
    health::Health,
    notify::Notify,
    server::{ServeError, Server},
    terminal::Terminal,
    traces::Traces,
};

/// One run of the program, from arguments to exit code. `args` begins with the program's name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cspd cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(command(args, &mut Terminal::of_process()));
    // What is still running was given its time.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Carries out one command and answers its exit code: 0 done, 1 not done, 64 not understood or badly configured.
pub async fn command(args: impl IntoIterator<Item = OsString>, terminal: &mut Terminal) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(message) => return say_usage(&message, terminal),
    };
    match commands::run(cli, terminal).await {
        Ok(()) => 0,
        Err(failure) => {
            terminal.say(failure.to_string());
            failure.code()
        }
    }
}

/// Help and version are answers; anything else is a misunderstanding.
fn say_usage(message: &clap::Error, terminal: &mut Terminal) -> u8 {
    let (stream, styled, code) = if message.use_stderr() {
        (&mut terminal.talk, terminal.talk_is_terminal, failure::USAGE)
    } else {
        (&mut terminal.output, terminal.output_is_terminal, 0)
    };
    let text = if styled { message.render().ansi().to_string() } else { message.render().to_string() };
    // With nobody left to tell, the exit code still tells.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    code
}
