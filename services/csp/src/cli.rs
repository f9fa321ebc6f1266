//! The command line: what can be typed, and its help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{
        admin, audit, checks, completions, cycle, diary, digest, due, indicator, joint, login, messages, news, returns, start, submit,
        token, wording,
    },
    error::EXIT_CODES,
    output::Format,
};

const COMMON: &str = "Options of every command";

const GUIDE: &str = "\
Examples:
  csp
  csp login --server https://csp.example.gov.uk
  csp start
  csp submit gateshead-citizen-focus-2021-q3
  csp return submit figures.xlsx
  csp news submit news.docx

Names are short: gateshead, citizen-focus/2021-q3. Full names do as well:
regions/northumbria/partnerships/gateshead.

Answers go to the standard output; questions, receipts and errors go to the
standard error. Times are those of your region. The variable NO_COLOR turns bold
and colour off.
";

/// Send in your partnership's news and figures, and follow them to the committee's inbox.
///
/// Without a command, csp tells you who you are, what is due, and what to type next.
#[derive(Debug, Parser)]
#[command(name = "csp", version, after_help = format!("{GUIDE}\n{EXIT_CODES}"), disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Address of the server (or the variable CSP_SERVER; or else what csp login kept)
    #[arg(long, global = true, value_name = "URL", help_heading = COMMON)]
    pub(crate) server: Option<String>,
    /// File that holds the token (or the token itself in the variable CSP_TOKEN; or else what csp login kept)
    #[arg(long, global = true, value_name = "FILE", help_heading = COMMON)]
    pub(crate) token_file: Option<PathBuf>,
    /// Region that short names are in (or the variable CSP_REGION; or else your own)
    #[arg(long, global = true, value_name = "REGION", help_heading = COMMON)]
    pub(crate) region: Option<String>,
    /// For whom the answer is written: tables for people, one JSON document for programs, and of csp diary a file for diaries
    #[arg(long, global = true, value_enum, default_value_t, help_heading = COMMON)]
    pub(crate) output: Format,
    /// Answer yes to every question
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) yes: bool,
    /// Certificate authority of your own (PEM), to be trusted in place of the public ones
    #[arg(long, global = true, value_name = "FILE", help_heading = COMMON)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Speak without encryption to a server on another machine: whoever is on the line can then read your token
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) insecure_plaintext: bool,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Login(login::Login),
    Logout(login::Logout),
    Whoami(due::Whoami),
    Due(due::Due),
    Start(start::Start),
    Submit(submit::Submit),
    #[command(subcommand)]
    News(news::News),
    #[command(subcommand)]
    Return(returns::Return),
    #[command(subcommand)]
    Indicator(indicator::Indicator),
    #[command(subcommand)]
    Joint(joint::Joint),
    #[command(subcommand)]
    Wording(wording::Wording),
    #[command(subcommand)]
    Cycle(cycle::Cycle),
    Diary(diary::Diary),
    #[command(subcommand)]
    Digest(digest::Digest),
    Messages(messages::Messages),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Checks(checks::Checks),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Admin(admin::Admin),
    Completions(completions::Completions),
}
