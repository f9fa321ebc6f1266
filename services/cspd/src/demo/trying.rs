//! After the story: the server stays, with its clock going, so that whoever watched can take part.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    pin::pin,
};

use chrono::TimeDelta;
use csp_proto::v1;
use tokio::sync::mpsc;

use super::{
    caller::Caller,
    collecting::{at, with_slips},
    data,
    setup::Cast,
    stage::{Folder, Stage, write},
    telling::{Telling, date, instant},
};
use crate::Failure;

/// The next quarter has just opened.
const THE_NEXT_QUARTER: &str = "2022-04-01T08:30:00Z";

/// Writes tokens and files, and says what can be typed.
pub(super) async fn invite(stage: &Stage, cast: &Cast, folder: &Folder, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at(THE_NEXT_QUARTER)).await?;
    let gateshead = cast.officer("gateshead");
    for (name, caller) in [
        ("officer", gateshead),
        ("lead", cast.lead("gateshead")),
        ("editor", &cast.editor),
        ("approver", &cast.approver),
        ("administrator", &cast.administrator),
    ] {
        write_secret(&folder.tokens().join(name), caller)?;
    }
    write_files(folder)?;

    let duties = gateshead.identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    let due = duties.iter().find(|duty| duty.state() == v1::DutyState::Due);
    tell.say("");
    tell.heading("Now you");
    tell.say(&format!("  The server stays at http://{}.", stage.address));
    tell.say(&format!("  There it is {} now, and the clock goes on.", date(stage.now())));
    if let Some(duty) = due {
        tell.say(&format!("  The next quarter is open: {}, due by {}.", duty.period_label, date(instant(duty.due_time))));
    }
    tell.say("  Try it, in another terminal in this folder:");
    tell.say("");
    tell.say("    cargo build --bin csp && export PATH=\"$PWD/target/debug:$PATH\"");
    tell.say(&format!("    export CSP_SERVER=http://{}", stage.address));
    tell.say("");
    let tokens = folder.tokens();
    let files = folder.files();
    for (who, token, command) in [
        ("as Gateshead's officer", "officer", "due".to_owned()),
        ("", "officer", "return template --to figures.csv".to_owned()),
        ("", "officer", format!("news submit {} --kind news", files.join("gateshead-award.md").display())),
        ("as its lead", "lead", "return receipt gateshead/citizen-focus.2021-q3".to_owned()),
        ("as the editor", "editor", "cycle status citizen-focus/2021-q3".to_owned()),
        ("", "editor", "digest preview citizen-focus/2021-q4".to_owned()),
        ("as the approver", "approver", "digest show citizen-focus/2021-q3/1 --text -".to_owned()),
        ("as the administrator", "administrator", "messages --digest citizen-focus/2021-q3/1".to_owned()),
    ] {
        if !who.is_empty() {
            tell.say(&format!("  {who}:"));
        }
        tell.say(&format!("    csp --token-file {} {command}", tokens.join(token).display()));
    }
    tell.say("");
    tell.say(&format!("  The files that were sent in are in {}.", files.display()));
    Ok(())
}

/// Serves until told to stop. Whoever sits at the terminal can move the clock on to the next thing that is due.
pub(super) async fn stay(stage: &Stage, tell: &mut Telling<'_>, stop: impl Future<Output = ()>) -> Result<(), Failure> {
    let mut enter = pressed_enter();
    tell.say(match enter {
        Some(_) => "  Enter moves the clock on to the next thing that is due. Ctrl-C ends the demonstration.",
        None => "  Ctrl-C ends the demonstration.",
    });
    let clock = stage.let_time_pass();
    let mut stop = pin!(stop);
    loop {
        let pressed = async {
            match &mut enter {
                Some(enter) => enter.recv().await,
                None => None,
            }
        };
        tokio::select! {
            () = &mut stop => break,
            Some(()) = pressed => move_on(stage, tell).await?,
            // Nobody sits there any more.
            else => {
                stop.await;
                break;
            }
        }
    }
    clock.abort();
    tell.say("");
    tell.say("The server stops. What it printed and mailed stays where it is.");
    Ok(())
}

async fn move_on(stage: &Stage, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let Some(event) = stage.next_event().await else {
        tell.say("  Nothing is due in the months ahead.");
        return Ok(());
    };
    // Closing comes after the last moment that is still in time.
    stage.move_to(event.due_at + TimeDelta::microseconds(1)).await?;
    tell.say(&format!("  {}  {}: {}", date(event.due_at), event.cycle, event.what));
    Ok(())
}

/// One message for each time somebody at this terminal pressed Enter; none when nobody sits there.
fn pressed_enter() -> Option<mpsc::Receiver<()>> {
    let input = io::stdin();
    if !input.is_terminal() {
        return None;
    }
    let (pressed, received) = mpsc::channel(1);
    // Not a task: reading a terminal cannot be broken off, and must not keep the process.
    std::thread::spawn(move || {
        let mut line = String::new();
        while input.read_line(&mut line).is_ok_and(|read| read > 0) && pressed.blocking_send(()).is_ok() {
            line.clear();
        }
    });
    Some(received)
}

fn write_files(folder: &Folder) -> Result<(), Failure> {
    let files = folder.files();
    for data::Partnership { slug, .. } in data::partnerships() {
        write(&files.join(format!("{slug}.csv")), data::as_csv(&data::figures(&slug)))?;
        for news in data::news(&slug) {
            write(&files.join(&news.file), format!("# {}\n\n{}", news.headline, news.body()))?;
        }
    }
    for news in data::news("national") {
        write(&files.join(&news.file), format!("# {}\n\n{}", news.headline, news.body()))?;
    }
    write(&files.join("newcastle-with-slips.csv"), data::as_csv(&with_slips().figures))?;
    write(&files.join("members.csv"), data::MEMBERS_CSV.as_str())?;
    // The client calls the first column by what it is to the server.
    write(&files.join("partnerships.csv"), data::PARTNERSHIPS.replacen("slug", "id", 1))?;
    write(&files.join("indicators.csv"), data::INDICATORS.replacen("slug", "id", 1))
}

/// A token, in a file that only its owner can read.
fn write_secret(path: &Path, caller: &Caller) -> Result<(), Failure> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        writeln!(options.open(path)?, "{}", caller.secret)
    };
    write().map_err(|error| Failure::new(format!("{} could not be written", path.display())).because(&error))
}
