//! Reading a token without showing it.

use std::{
    io::{self, BufRead as _},
    process::{Command, ExitStatus, Stdio},
};

use crate::{config::Secret, error::Error, terminal::Terminal};

/// A token from a pipe, or from a person, whose typing is not shown where that can be had.
pub(crate) async fn read(terminal: &mut Terminal) -> Result<Secret, Error> {
    if !terminal.input_is_terminal {
        let line = terminal.read_line()?;
        return Secret::new(&line, "what was piped in");
    }
    let hidden = Hidden::begin();
    let unseen = if hidden.is_some() { " (it is not shown)" } else { "" };
    let _ = terminal.talk.write_all(format!("Paste your token{unseen}, then press Enter: ").as_bytes());
    let _ = terminal.talk.flush();
    let typed = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = tokio::select! {
        line = typed => line,
        // The terminal must show again what is typed, whatever happens.
        _ = tokio::signal::ctrl_c() => {
            drop(hidden);
            terminal.say("");
            std::process::exit(130);
        }
    };
    drop(hidden);
    terminal.say("");
    match line {
        Ok(Ok(line)) => Secret::new(&line, "what was typed"),
        _ => Err(Error::unexpected("The token could not be read.")),
    }
}

/// While this lives, the terminal does not show what is typed.
struct Hidden;

impl Hidden {
    fn begin() -> Option<Self> {
        stty("-echo").ok().filter(ExitStatus::success).map(|_| Self)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = stty("echo");
    }
}

/// Every Unix has it; elsewhere what is typed is shown.
fn stty(setting: &str) -> io::Result<ExitStatus> {
    Command::new("stty").arg(setting).stdin(Stdio::inherit()).stdout(Stdio::null()).stderr(Stdio::null()).status()
}
