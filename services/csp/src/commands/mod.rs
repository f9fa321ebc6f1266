//! The commands, a module for each noun.

use crate::{cli::Command, error::Error, session::Session};

pub(crate) mod admin;
pub(crate) mod audit;
pub(crate) mod checks;
pub(crate) mod completions;
pub(crate) mod cycle;
pub(crate) mod diary;
pub(crate) mod digest;
mod digest_approve;
mod digest_cooling_off;
pub(crate) mod due;
pub(crate) mod figures;
mod guide;
pub(crate) mod indicator;
pub(crate) mod joint;
pub(crate) mod login;
pub(crate) mod messages;
pub(crate) mod news;
mod news_text;
mod return_check;
mod return_findings;
mod return_signoff;
mod return_template;
pub(crate) mod returns;
mod secret;
pub(crate) mod start;
pub(crate) mod submit;
mod submit_plan;
pub(crate) mod token;
pub(crate) mod wording;

/// Does what was typed; without a command, guides.
pub(crate) async fn run(command: Option<Command>, session: &mut Session<'_>) -> Result<(), Error> {
    match command {
        None => guide::run(session).await,
        Some(Command::Login(login)) => login.run(session).await,
        Some(Command::Logout(login::Logout {})) => login::Logout::run(session),
        Some(Command::Whoami(whoami)) => whoami.run(session).await,
        Some(Command::Due(due)) => due.run(session).await,
        Some(Command::Start(start)) => start.run(session).await,
        Some(Command::Submit(submit)) => submit.run(session).await,
        Some(Command::News(news)) => news.run(session).await,
        Some(Command::Return(answer)) => answer.run(session).await,
        Some(Command::Indicator(indicator)) => indicator.run(session).await,
        Some(Command::Joint(joint)) => joint.run(session).await,
        Some(Command::Wording(wording)) => wording.run(session).await,
        Some(Command::Cycle(cycle)) => cycle.run(session).await,
        Some(Command::Diary(diary)) => diary.run(session).await,
        Some(Command::Digest(digest)) => digest.run(session).await,
        Some(Command::Messages(messages)) => messages.run(session).await,
        Some(Command::Token(token)) => token.run(session).await,
        Some(Command::Checks(checks)) => checks.run(session).await,
        Some(Command::Audit(audit)) => audit.run(session).await,
        Some(Command::Admin(admin)) => admin.run(session).await,
        Some(Command::Completions(completions)) => completions.run(session),
    }
}
