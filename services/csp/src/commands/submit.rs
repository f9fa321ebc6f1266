//! `csp submit`: everything in a cycle's folder, checked as a whole, shown, asked about, sent once.

use clap::Args;
use csp_proto::v1;

use super::{
    return_findings,
    submit_plan::{Plan, Step},
};
use crate::{
    chance,
    dates::instant,
    error::{Error, Kind},
    folder::{
        Folder,
        receipt::Receipt,
        sent::{Entry, Sent, Sort, UnderWay},
    },
    names::short,
    output::count,
    session::Session,
};

/// Send in everything in a cycle's folder: checked first, shown, and asked about
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp submit gateshead-citizen-focus-2021-q3
  csp submit . --dry-run

The folder is made by csp start. In it are sent:
  figures.xlsx or figures.csv   the figures
  quoted.xlsx or quoted.csv     figures that somebody else stated
  nil.txt                       instead of both: a sentence that says that there
                                is nothing to report
  any .docx, .md or .txt        a piece of news each; a name such as
                                “award 2022-03-23 wardens.docx” says what it is
                                and of which day

Nothing is sent until everything is right. What was sent before and has not
changed is not sent again; what has changed is sent as a correction. The receipt
lies in the folder, as receipt.txt and receipt.json. What is asked about a
figure is said beside it; the column explanation of its line answers it.")]
pub(crate) struct Submit {
    /// The folder
    folder: String,
    /// Of Word documents: leave their pictures out, which cannot be printed yet
    #[arg(long)]
    without_pictures: bool,
    /// Have the receipt of the figures, or that there is nothing to report, mailed to you as well
    #[arg(long)]
    receipt_by_mail: bool,
    /// Check everything, say what would change, and send nothing in
    #[arg(long)]
    dry_run: bool,
}

/// A folder and what is known of it, while it is being sent.
pub(super) struct Work {
    pub(super) folder: Folder,
    pub(super) sent: Sent,
    /// Who sends, by name.
    pub(super) me: String,
    pub(super) without_pictures: bool,
    pub(super) receipt_by_mail: bool,
}

impl Submit {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let folder = Folder::open(&self.folder)?;
        let sent = Sent::load(&folder.path)?;
        if session.settings.server.as_ref().is_some_and(|server| *server != folder.about.server) {
            return Err(Error::usage(format!(
                "{} is for the server {}, and you are logged in at {}.",
                self.folder,
                folder.about.server,
                session.settings.server.as_deref().unwrap_or_default()
            )));
        }
        let me = session.me().await?.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
        let mut work = Work { folder, sent, me, without_pictures: self.without_pictures, receipt_by_mail: self.receipt_by_mail };
        if !self.dry_run {
            work.settle(session).await?;
        }
        let plan = work.plan(session).await?;
        plan.tell(session);
        if self.dry_run {
            session.terminal.announce("Checked: everything would be accepted. Nothing was sent in.");
            let now = session.me().await.ok().and_then(|me| instant(me.server_time));
            return session.show(&Receipt::of(&work.folder.about, &work.sent, plan.files(), now)).await;
        }
        if plan.is_empty() {
            work.sent.save(&work.folder.path)?;
            session.terminal.announce("Nothing is left to send: what is in the folder was received.");
            return work.receipt(Vec::new(), session).await;
        }
        let number = count(plan.len(), "thing goes", "things go");
        session.confirm(&format!("{number} in for {}, {}.", short(&work.folder.about.partnership), short(&work.folder.about.cycle)))?;
        work.send(plan, session).await
    }
}

impl Work {
    /// Finds out what became of everything that no answer came for.
    async fn settle(&mut self, session: &mut Session<'_>) -> Result<(), Error> {
        let mut index = 0;
        while let Some(entry) = self.sent.entries.get(index).cloned() {
            index += 1;
            let Some(under_way) = &entry.under_way else { continue };
            if !under_way.is_creation() {
                // Of a correction the plan finds out, by comparing what the server has with what is in the folder: its
                // versions do not tell, because signing counts as one.
                continue;
            }
            if entry.by != self.me {
                return Err(Error::usage(format!(
                    "{} was being sent by {} when the line broke. Only they can find out what became of it, with the same command.",
                    entry.file,
                    short(&entry.by)
                )));
            }
            session.terminal.say(format!("{}: no answer had come. It is asked about.", entry.file));
            if !self.folder.path.join(&entry.file).exists() {
                session.confirm(&format!(
                    "{} is not in the folder any more. To find out whether it arrived it is sent once more; withdraw it afterwards if it is not meant.",
                    entry.file
                ))?;
            }
            let settled = match self.repeat(&entry, under_way, session).await {
                Ok(settled) => Some(settled),
                // It was never taken, and never will be.
                Err(error) if is_a_plain_no(&error, entry.sort) => None,
                Err(error) => return Err(error.hint("Nothing new was sent. What was under way is still known; try again later.")),
            };
            match settled {
                Some(settled) => self.sent.entries[index - 1] = settled,
                None => {
                    index -= 1;
                    self.sent.entries.remove(index);
                }
            }
            self.sent.save(&self.folder.path)?;
        }
        Ok(())
    }

    /// Sends a creation again, to the letter, under its old number: the server answers what it made then, or makes it now.
    async fn repeat(&self, entry: &Entry, under_way: &UnderWay, session: &Session<'_>) -> Result<Entry, Error> {
        Ok(match entry.sort {
            Sort::Return => received(entry, &session.create_return(under_way.request()?).await?),
            Sort::News => received(entry, &session.create_news_item(under_way.request()?).await?),
        })
    }

    /// Sends a plan, a step at a time; each is written down before it goes and when its answer came.
    async fn send(mut self, plan: Plan, session: &mut Session<'_>) -> Result<(), Error> {
        let (mut steps, explains) = plan.into_parts();
        let mailed = self.receipt_by_mail && steps.iter().any(|step| step.sort() == Sort::Return);
        if let Some((name, files)) = explains {
            return_findings::answer(&name, &files, session).await?;
        }
        while !steps.is_empty() {
            let step = steps.remove(0);
            let outcome = match self.send_one(&step, session).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    if is_a_plain_no(&error, step.sort()) {
                        self.forget(&step);
                        self.sent.save(&self.folder.path)?;
                    }
                    Err(step.explain(error))
                }
            };
            if let Err(error) = outcome {
                let uncertain = self.sent.entries.iter().any(|entry| entry.file == step.file() && entry.under_way.is_some());
                let not_sent = steps.iter().map(Step::file).chain((!uncertain).then(|| step.file())).map(str::to_owned).collect();
                let kept = self.written(not_sent, session).await;
                let error = error.hint(format!("{} was not received, or no answer came; what was sent before it stands.", step.file()));
                let error = match kept {
                    Ok(_) => error.hint(format!("The receipt says what was received: {}", self.folder.shown(crate::folder::receipt::TEXT))),
                    Err(fault) => error.hint(fault.sentence.clone()),
                };
                return Err(error.hint("Type the same command again to go on: nothing is sent twice."));
            }
            session.terminal.say(format!("Received: {}", step.file()));
            let of_return = self.sent.entries.iter().find(|entry| entry.sort == Sort::Return).and_then(|entry| entry.name.clone());
            if let (Some(files), Some(name)) = (step.return_files(), of_return) {
                return_findings::answer(&name, files, session).await?;
            }
        }
        session.terminal.announce("Everything was received. The receipt is in the folder.");
        if mailed {
            session.terminal.say("The receipt of the return is mailed to you as well, within a minute.");
        } else if self.receipt_by_mail {
            session.terminal.say("No receipt is mailed: there was no return among it, and what was received is in the folder's receipt.");
        }
        session.terminal.say(format!("See how it will print: csp digest preview {}", short(&self.folder.about.cycle)));
        self.receipt(Vec::new(), session).await
    }

    async fn send_one(&mut self, step: &Step, session: &Session<'_>) -> Result<(), Error> {
        let request_id = chance::request_id()?;
        let index = self.begin(step, &request_id);
        self.sent.save(&self.folder.path)?;
        let entry = self.sent.entries[index].clone();
        let settled = match step {
            Step::CreateReturn { request, .. } => {
                received(&entry, &session.create_return(v1::CreateReturnRequest { request_id, ..request.clone() }).await?)
            }
            Step::CreateNews { request, .. } => {
                received(&entry, &session.create_news_item(v1::CreateNewsItemRequest { request_id, ..request.clone() }).await?)
            }
            Step::CorrectReturn { request, .. } => received(&entry, &session.update_return(request.clone()).await?),
            Step::CorrectNews { request, .. } => received(&entry, &session.update_news_item(request.clone()).await?),
        };
        self.sent.entries[index] = Entry { sha256: step.sha256().to_owned(), ..settled };
        self.sent.save(&self.folder.path)
    }

    /// Writes down what is about to go; the entry's place.
    fn begin(&mut self, step: &Step, request_id: &str) -> usize {
        let under_way = match step {
            Step::CreateReturn { request, .. } => {
                UnderWay::creation(request_id, &v1::CreateReturnRequest { request_id: request_id.to_owned(), ..request.clone() })
            }
            Step::CreateNews { request, .. } => {
                UnderWay::creation(request_id, &v1::CreateNewsItemRequest { request_id: request_id.to_owned(), ..request.clone() })
            }
            Step::CorrectReturn { revision, sha256, .. } | Step::CorrectNews { revision, sha256, .. } => {
                UnderWay::correction(*revision, sha256)
            }
        };
        let known = self
            .sent
            .entries
            .iter()
            .position(|entry| entry.sort == step.sort() && (step.sort() == Sort::Return || entry.file == step.file()));
        let mut entry = match known {
            Some(index) => self.sent.entries[index].clone(),
            None => Entry {
                file: step.file().to_owned(),
                sort: step.sort(),
                sha256: step.sha256().to_owned(),
                by: self.me.clone(),
                name: None,
                time: None,
                revision: 0,
                under_way: None,
            },
        };
        if under_way.is_creation() {
            // Something new, under whatever name: what went by it before is not this.
            (entry.name, entry.time, entry.revision, entry.sha256) = (None, None, 0, step.sha256().to_owned());
        } else {
            entry.name = step.name().or(entry.name);
        }
        step.file().clone_into(&mut entry.file);
        entry.by.clone_from(&self.me);
        entry.under_way = Some(under_way);
        match known {
            Some(index) => {
                self.sent.entries[index] = entry;
                index
            }
            None => {
                self.sent.entries.push(entry);
                self.sent.entries.len() - 1
            }
        }
    }

    /// What was begun and refused: an entry that never arrived goes, an earlier version stays.
    fn forget(&mut self, step: &Step) {
        self.sent.entries.retain_mut(|entry| {
            if entry.file != step.file() || entry.sort != step.sort() {
                return true;
            }
            entry.under_way = None;
            entry.name.is_some()
        });
    }

    async fn written(&self, not_sent: Vec<String>, session: &Session<'_>) -> Result<Receipt, Error> {
        let now = session.me().await.ok().and_then(|me| instant(me.server_time));
        let receipt = Receipt::of(&self.folder.about, &self.sent, not_sent, now);
        receipt.keep(&self.folder, session.zone().await)?;
        Ok(receipt)
    }

    /// Writes the receipt, and shows it.
    async fn receipt(&self, not_sent: Vec<String>, session: &mut Session<'_>) -> Result<(), Error> {
        let receipt = self.written(not_sent, session).await?;
        session.show(&receipt).await
    }
}

/// Whether an error is an answer: it was not taken. Somebody else's return, made meanwhile, is one too.
fn is_a_plain_no(error: &Error, sort: Sort) -> bool {
    error.kind == Kind::Refused || (error.kind == Kind::Conflict && sort == Sort::Return)
}

/// What the server calls a thing, and when it took it.
pub(super) trait Taken {
    fn taken(&self) -> (String, Option<prost_types::Timestamp>, i64);
}

impl Taken for v1::Return {
    fn taken(&self) -> (String, Option<prost_types::Timestamp>, i64) {
        (self.name.clone(), self.submit_time, self.revision)
    }
}

impl Taken for v1::NewsItem {
    fn taken(&self) -> (String, Option<prost_types::Timestamp>, i64) {
        (self.name.clone(), self.submit_time, self.revision)
    }
}

/// An entry whose answer came.
pub(super) fn received(entry: &Entry, answer: &impl Taken) -> Entry {
    let (name, time, revision) = answer.taken();
    let time = instant(time).map(|time| time.0.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)).or_else(|| entry.time.clone());
    Entry { name: Some(name), time, revision, under_way: None, ..entry.clone() }
}
