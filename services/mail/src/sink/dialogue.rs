//! One dialogue of the sink with one client.

use std::{io, sync::PoisonError};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::{Act, Received, Shared, Step};

struct Dialogue<'a, S> {
    stream: BufReader<S>,
    shared: &'a Shared,
    from: String,
    to: String,
    signed_in: bool,
}

/// What comes after a step.
enum Next {
    /// The step's usual business.
    Usual,
    /// The next line of the client's; a reply was given.
    Line,
    /// Nothing.
    HangUp,
}

/// Speaks until one side hangs up.
pub(super) async fn hold<S: AsyncRead + AsyncWrite + Unpin>(stream: S, shared: &Shared) -> io::Result<()> {
    let mut dialogue = Dialogue { stream: BufReader::new(stream), shared, from: String::new(), to: String::new(), signed_in: false };
    match dialogue.step(Step::Banner).await? {
        Next::Usual => dialogue.say("220 sink.example.org ready").await?,
        Next::Line => {}
        Next::HangUp => return Ok(()),
    }
    while let Some(line) = dialogue.line().await? {
        if !dialogue.answer(&line).await? {
            break;
        }
    }
    dialogue.stream.shutdown().await
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<'_, S> {
    /// Answers a line; false when there is no more to say.
    async fn answer(&mut self, line: &str) -> io::Result<bool> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let step = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => Step::Ehlo,
            "AUTH" => Step::Auth,
            "MAIL" => {
                self.to.clear();
                Step::Mail
            }
            "RCPT" => {
                self.to = address(rest);
                Step::Rcpt
            }
            "DATA" => Step::Data,
            "QUIT" => {
                self.say("221 goodbye").await?;
                return Ok(false);
            }
            _ => {
                self.say("500 what?").await?;
                return Ok(true);
            }
        };
        match self.step(step).await? {
            Next::Usual => {}
            Next::Line => return Ok(true),
            Next::HangUp => return Ok(false),
        }
        match step {
            Step::Ehlo => self.greet().await?,
            Step::Auth => self.sign_in(rest).await?,
            Step::Mail if !self.signed_in && self.credentials().is_some() => self.say("530 5.7.0 sign in first").await?,
            Step::Mail => {
                self.from = address(rest);
                self.say("250 2.1.0 sender ok").await?;
            }
            Step::Rcpt => self.say("250 2.1.5 recipient ok").await?,
            _ => return self.take().await,
        }
        Ok(true)
    }

    async fn greet(&mut self) -> io::Result<()> {
        let mut lines = vec!["sink.example.org".to_owned()];
        if self.credentials().is_some() {
            lines.push("AUTH PLAIN LOGIN".to_owned());
        }
        if let Some(limit) = self.shared.script.lock().unwrap_or_else(PoisonError::into_inner).size_limit {
            lines.push(format!("SIZE {limit}"));
        }
        let last = lines.len() - 1;
        let text: Vec<String> =
            lines.iter().enumerate().map(|(i, line)| format!("250{}{line}", if i < last { '-' } else { ' ' })).collect();
        self.say(&text.join("\r\n")).await
    }

    async fn sign_in(&mut self, rest: &str) -> io::Result<()> {
        let given = rest.strip_prefix("PLAIN ").and_then(|encoded| STANDARD.decode(encoded).ok());
        let wanted = self.credentials().map(|(username, secret)| format!("\0{username}\0{secret}").into_bytes());
        self.signed_in = given.is_some() && given == wanted;
        self.say(if self.signed_in { "235 2.7.0 welcome" } else { "535 5.7.8 wrong name or secret" }).await
    }

    /// Reads the content; false when there is no more to say.
    async fn take(&mut self) -> io::Result<bool> {
        self.say("354 go on").await?;
        match self.step(Step::Content).await? {
            Next::Usual => {}
            // The content would be read as commands.
            Next::Line | Next::HangUp => return Ok(false),
        }
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(false);
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let message = Received { from: self.from.clone(), to: self.to.clone(), bytes };
        let act = self.act(Step::Dot);
        let taken = match &act {
            Some(Act::Reply(reply)) => reply.starts_with(b"2"),
            Some(Act::Lose) => false,
            _ => true,
        };
        if taken {
            self.shared.messages.send_modify(|messages| messages.push(message));
        }
        Ok(match self.perform(act).await? {
            Next::Usual => {
                self.say("250 2.0.0 taken").await?;
                true
            }
            Next::Line => true,
            Next::HangUp => false,
        })
    }

    /// Does what the script says for this step.
    async fn step(&mut self, step: Step) -> io::Result<Next> {
        let act = self.act(step);
        self.perform(act).await
    }

    fn act(&self, step: Step) -> Option<Act> {
        let act = self.shared.script.lock().unwrap_or_else(PoisonError::into_inner).next(step, &self.to);
        self.shared.steps.send_modify(|steps| steps.push(step));
        act
    }

    async fn perform(&mut self, act: Option<Act>) -> io::Result<Next> {
        match act {
            None => Ok(Next::Usual),
            Some(Act::Reply(bytes)) => {
                self.stream.write_all(&bytes).await?;
                self.stream.flush().await?;
                Ok(if bytes.starts_with(b"421") || bytes.starts_with(b"221") { Next::HangUp } else { Next::Line })
            }
            Some(Act::Silence) => std::future::pending().await,
            Some(Act::Drop | Act::Lose) => Ok(Next::HangUp),
            Some(Act::Wait) => {
                let mut gate = self.shared.gate.subscribe();
                // The sender lives as long as the dialogue.
                let _ = gate.wait_for(|open| *open).await;
                Ok(Next::Usual)
            }
        }
    }

    fn credentials(&self) -> Option<(String, String)> {
        self.shared.script.lock().unwrap_or_else(PoisonError::into_inner).credentials.clone()
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }
}

/// What stands between the angles of `FROM:<…> SIZE=1`.
fn address(rest: &str) -> String {
    rest.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or_else(String::new, |(address, _)| address.to_owned())
}
