//! `cspd demo`: one quarter of a real region, lived through in a few seconds.
//!
//! Nothing here is pretended. The server is the one `cspd serve` runs, on a database of its own; every officer, editor,
//! approver and administrator calls it with a token of their own, through the same contract as everybody else. Only the clock
//! is moved by hand. What is real and what is invented, `demo/README.md` says, and every page and mail says so too.
//!
//! Where to start: [`Demo::run`] is the story in its order; `setup`, `collecting`, `publishing`, `cabinet` and `meeting` are its acts, `stage`
//! is where it takes place, `telling` how it is told.

mod asking;
mod cabinet;
mod caller;
mod collecting;
mod data;
mod joint;
mod meeting;
mod outcome;
mod publishing;
mod setup;
mod signing;
mod stage;
mod telling;
mod trying;
mod wording;

use std::{path::PathBuf, time::Instant};

use clap::Args;
use csp_proto::v1;

use self::{
    collecting::at,
    outcome::Outcome,
    setup::Cast,
    stage::{Folder, Stage},
    telling::Telling,
};
use crate::{
    Failure, Terminal, Traces,
    config::{Format, Log},
    log,
    signal::told_to_stop,
};

/// Live through one quarter of a real region in a few seconds; nothing needs to be set up
///
/// Six partnerships of Northumbria send in real recorded crime and news, one is late, one has nothing to report, one sends
/// nothing; a second person approves the committee's paper; every member is mailed, into a folder. In a second region a Cabinet
/// follows its partnership's board, its meeting moves, and its cycle is lived through to that meeting. Beside each step stands the command that does the same. Then the server stays, so that you can try them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd demo
  cspd demo --once --out /tmp/digest")]
pub(crate) struct Demo {
    /// End when the story does, instead of staying to be tried
    #[arg(long)]
    once: bool,
    /// Folder for the digest, the mail and the summary; one in the system's temporary folder when not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Demo {
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        // The story is told below; the log speaks up only when something goes wrong.
        log::start(&Log { format: Format::Text, filter: "warn".to_owned() }, &Traces::default());
        let folder = Folder::prepare(self.out)?;
        let mut tell = Telling::new(terminal);
        tell.heading("CSP Digest: one quarter of Northumbria, from the first figure to the members' inboxes");
        tell.say("DEMONSTRATION. The figures are real: police-recorded crime and anti-social behaviour from");
        tell.say("data.police.uk, Open Government Licence v3.0. The news is real, but of 2009 and 2010. The gaps and");
        tell.say("the people are invented, and one joint item. Every page and every letter says so.");

        let began = Instant::now();
        let stage = Stage::set(&folder, at("2021-12-31T10:00:00Z")).await?;
        let cast = setup::set_up(&stage, &mut tell).await?;
        collecting::collect(&stage, &cast, &mut tell).await?;
        collecting::close(&stage, &cast, &mut tell).await?;
        let digest = publishing::approve(&stage, &cast, &folder, &mut tell).await?;
        let messages = publishing::publish(&stage, &cast, &digest, &folder, &mut tell).await?;
        cabinet::follow_its_board(&stage, &mut tell).await?;
        tell.finish();

        let outcome = look_back(&cast, &messages, &digest, began).await?;
        outcome.write(&folder)?;
        outcome.tell(&mut tell);
        where_to_look(&folder, &mut tell);
        if !self.once {
            trying::invite(&stage, &cast, &folder, &mut tell).await?;
            trying::stay(&stage, &mut tell, told_to_stop()).await?;
        }
        stage.clear().await
    }
}

/// Everything as the server tells it, not as we remember it.
async fn look_back(cast: &Cast, messages: &[v1::Message], digest: &v1::Digest, began: Instant) -> Result<Outcome, Failure> {
    let returns = collecting::returns(&cast.editor).await?;
    let mut news = Vec::new();
    for parent in [data::partnership_name("-"), data::committee_name()] {
        let list = v1::ListNewsItemsRequest { parent, cycle: data::cycle_name(), page_size: 500, page_token: String::new() };
        news.extend(cast.editor.news().list_news_items(list).await?.into_inner().news_items);
    }
    let list = v1::ListMembersRequest { parent: data::committee_name(), page_size: 500, page_token: String::new() };
    let members = cast.administrator.committees().list_members(list).await?.into_inner().members.len();
    Ok(Outcome::of(&returns, &news, members, messages, digest, began.elapsed().as_secs_f64()))
}

fn where_to_look(folder: &Folder, tell: &mut Telling<'_>) {
    tell.say("");
    tell.heading("Where to look");
    for (what, path) in [
        ("the digest", folder.html()),
        ("as plain text", folder.text()),
        ("the letters", folder.mail()),
        ("the outcome in numbers", folder.summary()),
    ] {
        tell.say(&format!("  {what:<24}{}", path.display()));
    }
}
