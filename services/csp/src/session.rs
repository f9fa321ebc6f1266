//! One run: who asks, over which line, and for whom the answers are.

use std::{future::Future, time::Duration};

use chrono_tz::Tz;
use csp_proto::v1;
use tokio::sync::OnceCell;
use tonic::{
    Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    transport::Channel,
};

use crate::{
    config::Settings,
    connection, dates,
    error::Error,
    names::Names,
    output::{Format, Page, Show},
    terminal::Terminal,
};

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// The longest pause a server may ask for that is waited out; a longer one is for the person to know.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Whether a call may be made again when it is not known whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It changes nothing, or the server knows it again by its `request_id`.
    Safe,
    /// It may have been done.
    No,
}

/// One run of the program.
pub(crate) struct Session<'t> {
    pub(crate) terminal: &'t mut Terminal,
    pub(crate) settings: Settings,
    pub(crate) format: Format,
    /// Every question is answered with yes.
    pub(crate) yes: bool,
    channel: OnceCell<Channel>,
    me: OnceCell<v1::WhoAmIResponse>,
}

impl<'t> Session<'t> {
    pub(crate) fn new(terminal: &'t mut Terminal, settings: Settings, format: Format, yes: bool) -> Self {
        Self { terminal, settings, format, yes, channel: OnceCell::new(), me: OnceCell::new() }
    }

    /// Asks the server `question`. What is safe to ask again is asked again while there is no answer, and after the time
    /// a server that has too much to do asks for.
    pub(crate) async fn call<Q, A, F>(&self, again: Again, question: Q, send: impl Fn(Channel, Request<Q>) -> F) -> Result<A, Error>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let Settings { server: Some(server), token: Some(token), ca_file, insecure_plaintext, .. } = &self.settings else {
            return Err(self.settings.not_logged_in());
        };
        let channel = self.channel.get_or_try_init(|| async { connection::open(server, ca_file.as_deref(), *insecure_plaintext) }).await?;
        let mut bearer: MetadataValue<Ascii> = format!("Bearer {}", token.reveal())
            .parse()
            .map_err(|_| Error::usage("What is kept as the token is not a token. Log in again: csp login"))?;
        bearer.set_sensitive(true);

        let mut pauses = self.terminal.pauses.iter();
        loop {
            let mut request = Request::new(question.clone());
            request.set_timeout(DEADLINE);
            request.metadata_mut().insert("authorization", bearer.clone());
            let status = match send(channel.clone(), request).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => status,
            };
            let mut error = Error::from_status(&status, server);
            error.zone = self.known_zone();
            match pauses.next() {
                Some(pause) if error.transient && again == Again::Safe && error.wait.is_none_or(|wait| wait <= LONGEST_WAIT) => {
                    tokio::time::sleep(error.wait.map_or(*pause, |wait| wait.max(*pause))).await;
                }
                _ if error.kind == crate::error::Kind::Unreachable => {
                    let error = error.hint("Check your connection, and the address; another one is named with --server.");
                    let error = if error.sentence.contains("certificate") {
                        error.hint("A certificate of your own authority is named with --ca-file.")
                    } else {
                        error
                    };
                    return Err(match again {
                        Again::Safe => error,
                        Again::No => error.hint("It is not certain whether the change was made: look before you try again."),
                    });
                }
                _ => return Err(error.say_when()),
            }
        }
    }

    /// Who asks.
    pub(crate) async fn me(&self) -> Result<&v1::WhoAmIResponse, Error> {
        self.me.get_or_try_init(|| self.who_am_i(v1::WhoAmIRequest {})).await
    }

    /// How names are built: in the region chosen, or else the caller's own.
    pub(crate) async fn names(&self) -> Result<Names, Error> {
        if let Some(region) = &self.settings.region {
            return Names::in_region(region);
        }
        match &self.me().await?.region {
            Some(region) => Names::in_region(&region.name),
            None => Err(Error::usage("The server does not say which region you belong to. Name it: --region northumbria")),
        }
    }

    /// The same, for what the service's own region does not have: whoever runs the service says which region is meant.
    pub(crate) async fn names_within(&self) -> Result<Names, Error> {
        let names = self.names().await?;
        if !self.settings.region_is_chosen && names.region() == "regions/system" {
            return Err(Error::usage(
                "You run the service, which has no partnerships and committees of its own. Say which region you mean: --region northumbria, \
                 or for all that follows: export CSP_REGION=northumbria",
            )
            .hint("csp admin region list shows them."));
        }
        Ok(names)
    }

    /// The region's time zone; London's where nobody says.
    pub(crate) async fn zone(&self) -> Tz {
        if self.settings.time_zone.is_none() {
            let _ = self.me().await;
        }
        self.known_zone()
    }

    /// The same, without asking.
    fn known_zone(&self) -> Tz {
        let asked = || self.me.get().and_then(|me| me.region.as_ref()).map(|region| region.time_zone.as_str());
        dates::zone(self.settings.time_zone.as_deref().or_else(asked))
    }

    /// Gives the answer of a command.
    pub(crate) async fn show(&mut self, answer: &impl Show) -> Result<(), Error> {
        match self.format {
            Format::Json => {
                let mut text = serde_json::to_string_pretty(answer)
                    .map_err(|fault| Error::unexpected(format!("The answer cannot be written as JSON: {fault}.")))?;
                text.push('\n');
                self.terminal.write(text.as_bytes())
            }
            Format::Ics => {
                let Some(file) = answer.ics() else {
                    return Err(Error::usage("Only csp diary answers with --output ics."));
                };
                self.terminal.write(file.as_bytes())
            }
            Format::Table => {
                let zone = self.zone().await;
                let now = self.me.get().and_then(|me| dates::instant(me.server_time));
                let mut page = Page::new(self.terminal.styled_output(), self.terminal.output_is_terminal, zone, now);
                answer.draw(&mut page);
                self.terminal.write(page.into_text().as_bytes())
            }
        }
    }

    /// Shows something that is about to be decided on, beside the answer.
    pub(crate) async fn tell(&mut self, shown: &impl Show) {
        let zone = self.zone().await;
        let now = self.me.get().and_then(|me| dates::instant(me.server_time));
        let mut page = Page::new(false, false, zone, now);
        shown.draw(&mut page);
        self.terminal.say(page.into_text().trim_end());
    }

    /// Makes sure that `what` is meant: `--yes`, or a person who says so.
    pub(crate) fn confirm(&mut self, what: &str) -> Result<(), Error> {
        if self.yes {
            return Ok(());
        }
        if !self.terminal.input_is_terminal {
            return Err(Error::usage(format!("{what} If that is meant, say so with --yes.")));
        }
        match self.terminal.ask(&format!("{what} Type yes to go on:"))?.to_lowercase().as_str() {
            "yes" | "y" => Ok(()),
            _ => Err(Error::usage("Nothing was changed.")),
        }
    }
}

/// All of a list, page by page.
pub(crate) async fn all_pages<T>(fetch: impl AsyncFn(String) -> Result<(Vec<T>, String), Error>) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let (page, next) = fetch(token.clone()).await?;
        all.extend(page);
        if next.is_empty() {
            return Ok(all);
        }
        if next == token {
            return Err(Error::unexpected("The server answers the same page for ever."));
        }
        token = next;
    }
}
