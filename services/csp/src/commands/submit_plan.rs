//! What is to be sent of a folder: every file read, matched with what was sent before, and judged by the server; all faults at
//! once, or a plan.

use csp_proto::v1::{self, r#return::Content};

use super::{
    figures::FromFiles,
    news_text::Text,
    return_check::{counts, differences, judge, standing},
    return_findings,
    returns::{Ready, Sources},
    submit::{Work, received},
};
use crate::{
    error::{Error, Kind, Violation},
    folder::{
        NewsFile,
        sent::{Entry, Sort, hash},
    },
    output::count,
    session::Session,
    words::{Coded, NewsKindOption},
};

/// One message that is to go.
pub(super) enum Step {
    CreateReturn { file: String, sha256: String, request: v1::CreateReturnRequest, ready: Ready },
    CorrectReturn { file: String, sha256: String, revision: i64, request: v1::UpdateReturnRequest, ready: Ready },
    CreateNews { file: String, sha256: String, request: v1::CreateNewsItemRequest, text: Text },
    CorrectNews { file: String, sha256: String, revision: i64, request: v1::UpdateNewsItemRequest, text: Text },
}

impl Step {
    pub(super) fn file(&self) -> &str {
        match self {
            Self::CreateReturn { file, .. }
            | Self::CorrectReturn { file, .. }
            | Self::CreateNews { file, .. }
            | Self::CorrectNews { file, .. } => file,
        }
    }

    pub(super) fn sha256(&self) -> &str {
        match self {
            Self::CreateReturn { sha256, .. }
            | Self::CorrectReturn { sha256, .. }
            | Self::CreateNews { sha256, .. }
            | Self::CorrectNews { sha256, .. } => sha256,
        }
    }

    pub(super) fn sort(&self) -> Sort {
        match self {
            Self::CreateReturn { .. } | Self::CorrectReturn { .. } => Sort::Return,
            Self::CreateNews { .. } | Self::CorrectNews { .. } => Sort::News,
        }
    }

    /// What is corrected, by name.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::CorrectReturn { request, .. } => request.answer.as_ref().map(|answer| answer.name.clone()),
            Self::CorrectNews { request, .. } => request.news_item.as_ref().map(|item| item.name.clone()),
            Self::CreateReturn { .. } | Self::CreateNews { .. } => None,
        }
    }

    /// The files that a return was read from.
    pub(super) fn return_files(&self) -> Option<&FromFiles> {
        match self {
            Self::CreateReturn { ready, .. } | Self::CorrectReturn { ready, .. } => Some(&ready.files),
            Self::CreateNews { .. } | Self::CorrectNews { .. } => None,
        }
    }

    /// A refusal in the words of the folder.
    pub(super) fn explain(&self, error: Error) -> Error {
        match self {
            Self::CreateReturn { ready, .. } | Self::CorrectReturn { ready, .. } => ready.files.explain(error),
            Self::CreateNews { text, .. } | Self::CorrectNews { text, .. } => of_folder(text.explain(error), &text.file),
        }
    }
}

/// There is no `--headline` in a folder: there is a heading, and a name of a file.
fn of_folder(error: Error, file: &str) -> Error {
    error.places(|place| match place {
        "--headline" => format!("{file}: its heading"),
        "--kind" | "--happened-on" => format!("{file}: its name"),
        place => place.to_owned(),
    })
}

/// All that is to go, and what to say of it.
#[derive(Default)]
pub(super) struct Plan {
    steps: Vec<Step>,
    lines: Vec<String>,
    /// Of a return that is in: its name, and the file that now explains what is asked about it.
    explains: Option<(String, FromFiles)>,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.explains.is_none()
    }

    /// How many things go.
    pub(super) fn len(&self) -> usize {
        self.steps.len() + usize::from(self.explains.is_some())
    }

    pub(super) fn files(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.file().to_owned()).collect()
    }

    pub(super) fn into_parts(self) -> (Vec<Step>, Option<(String, FromFiles)>) {
        (self.steps, self.explains)
    }

    pub(super) fn tell(&self, session: &mut Session<'_>) {
        for line in &self.lines {
            session.terminal.say(line);
        }
    }
}

impl Work {
    /// Reads everything, and has the server check everything.
    pub(super) async fn plan(&mut self, session: &mut Session<'_>) -> Result<Plan, Error> {
        let (contents, mut faults) = self.folder.contents()?;
        let mut plan = Plan::default();
        plan.lines.extend(contents.left_alone.iter().map(|(file, why)| format!("left alone  {file}: {why}")));
        let sources = [&contents.figures, &contents.quoted, &contents.nil];
        if faults.is_empty() && sources.iter().any(|source| source.is_some()) {
            let outcome = self.plan_return(sources.map(Option::as_deref), &mut plan, session).await;
            gather(outcome, &mut faults)?;
        }
        let mut seen: Vec<(String, String)> = Vec::new();
        let mut files: Vec<String> = contents.news.iter().map(|news| news.file.clone()).collect();
        for news in contents.news {
            let sha256 = hash(&self.folder.bytes(&news.file, session.terminal)?);
            if let Some((_, twin)) = seen.iter().find(|(known, _)| *known == sha256) {
                let fault = format!("is the same as {twin}, letter by letter. Keep one of them");
                faults.push(Violation { place: self.folder.shown(&news.file), fault });
                continue;
            }
            seen.push((sha256.clone(), news.file.clone()));
            let outcome = self.plan_news(&news, sha256, &files, &mut plan, session).await;
            gather(outcome, &mut faults)?;
        }
        files.extend(sources.into_iter().flatten().cloned());
        for entry in self.sent.entries.iter().filter(|entry| !files.contains(&entry.file)) {
            let short = entry.name.as_deref().map(crate::names::short).unwrap_or_default();
            let way = if entry.sort == Sort::News { "csp news withdraw" } else { "csp return withdraw" };
            plan.lines.push(format!("sent before {}: is not in the folder any more, and stays sent ({way} {short})", entry.file));
        }
        if faults.is_empty() {
            return Ok(plan);
        }
        Err(Error::refused(
            format!("The folder cannot be sent as it is, because of {}. Nothing was sent.", count(faults.len(), "fault", "faults")),
            faults,
        ))
    }

    async fn plan_return(&mut self, sources: [Option<&str>; 3], plan: &mut Plan, session: &mut Session<'_>) -> Result<(), Error> {
        let file = sources.iter().flatten().next().copied().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        for source in sources.iter().flatten() {
            bytes.extend(self.folder.bytes(source, session.terminal)?);
        }
        let sha256 = hash(&bytes);
        let (partnership, cycle) = (self.folder.about.partnership.clone(), self.folder.about.cycle.clone());
        let before = standing(&partnership, &cycle, session).await?;
        let known = self.sent.entries.iter_mut().find(|entry| entry.sort == Sort::Return);
        if let Some(entry) = known
            && entry.sha256 == sha256
            && entry.under_way.is_none()
            && before.as_ref().is_some_and(counts)
        {
            plan.lines.push(format!("as it was   {file}"));
            entry.file = file;
            return Ok(());
        }
        let [figures, quoted, nil] = sources.map(|source| source.map(|source| self.folder.shown(source)));
        let nil = nil.map(|nil| statement(&nil, session)).transpose()?;
        let sources = Sources { figures: figures.as_deref(), quoted: quoted.as_deref(), nil: nil.as_deref(), partial: false };
        let ready = sources.read(partnership, cycle, session).await?;
        let judged = judge(before.as_ref(), &ready.partnership, &ready.cycle, ready.content.clone(), session).await;
        let judged = judged.map_err(|error| ready.files.explain(error))?;
        let changes = differences(before.as_ref().and_then(|before| before.content.as_ref()), judged.content.as_ref());
        let asked = return_findings::check(&ready.partnership, &ready.cycle, ready.content.clone(), session).await?;
        let asked = return_findings::lines(&asked, &ready.files);
        let content: Option<Content> = Some(ready.content.clone());
        match before {
            Some(before)
                if counts(&before)
                    && !changes.iter().any(|line| ["  new", "  changed", "  gone"].iter().any(|word| line.starts_with(word))) =>
            {
                plan.lines.push(format!("as it was   {file}: the server has the same answers"));
                let found = session.list_findings(v1::ListFindingsRequest { parent: before.name.clone() }).await?.findings;
                let explained = |finding: &&v1::Finding| return_findings::is_open(finding) && ready.files.explanation_of(finding).is_some();
                let explained = found.iter().filter(explained).count();
                if explained > 0 {
                    plan.lines.push(format!("explains    {file}: {}", count(explained, "query", "queries")));
                    plan.explains = Some((before.name.clone(), ready.files));
                }
                let entry = Entry {
                    file,
                    sort: Sort::Return,
                    sha256,
                    by: before.submitter.clone(),
                    name: None,
                    time: None,
                    revision: 0,
                    under_way: None,
                };
                self.sent.entries.retain(|entry| entry.sort != Sort::Return);
                self.sent.entries.push(received(&entry, &before));
                return Ok(());
            }
            Some(before) => {
                let state = Coded::<v1::ReturnState>::of(before.state).words();
                let why = if counts(&before) { String::new() } else { format!(": it is {state} at the server, and is sent in again") };
                plan.lines.push(format!("correction  {file}{why}"));
                let revision = before.revision;
                let request = v1::UpdateReturnRequest {
                    answer: Some(v1::Return { content, ..before }),
                    mail_receipt: self.receipt_by_mail,
                    ..Default::default()
                };
                plan.steps.push(Step::CorrectReturn { file, sha256, revision, request, ready });
            }
            None => {
                plan.lines.push(format!("new         {file}"));
                let answer = Some(v1::Return { cycle: ready.cycle.clone(), content, ..Default::default() });
                let parent = ready.partnership.clone();
                let request = v1::CreateReturnRequest { parent, answer, mail_receipt: self.receipt_by_mail, ..Default::default() };
                plan.steps.push(Step::CreateReturn { file, sha256, request, ready });
            }
        }
        plan.lines.extend(changes.into_iter().chain(asked).map(|line| format!("          {line}")));
        Ok(())
    }

    async fn plan_news(
        &mut self,
        news: &NewsFile,
        sha256: String,
        files: &[String],
        plan: &mut Plan,
        session: &mut Session<'_>,
    ) -> Result<(), Error> {
        let file = news.file.clone();
        // The same bytes under another name are the same piece of news, if nothing else goes by its old name.
        let same_bytes =
            |entry: &Entry| entry.sha256 == sha256 || entry.under_way.as_ref().is_some_and(|under_way| under_way.sha256 == sha256);
        let renamed = |entry: &Entry| same_bytes(entry) && !files.contains(&entry.file);
        let of_name = self.sent.entries.iter().position(|entry| entry.sort == Sort::News && entry.file == file);
        let found = of_name.or_else(|| self.sent.entries.iter().position(|entry| entry.sort == Sort::News && renamed(entry)));
        let (item, text) = self.item(news, session)?;
        let zone = session.zone().await;
        let Some(headline) = item.headline.split_whitespace().next().map(|_| item.headline.clone()) else {
            let fault = "has no heading to take the headline from. Begin it with one: in Word with the style Heading 1, in Markdown with # before it, in plain text with a line that has an empty line below it";
            return Err(Error::refused("", vec![Violation { place: text.file, fault: fault.to_owned() }]));
        };
        let kind = Coded::<v1::NewsKind>::of(item.kind).words();
        let day = if item.happened_on.is_empty() { String::new() } else { format!(", {}", crate::dates::day(&item.happened_on)) };
        let line = format!("{file}: {kind}{day}, “{headline}”");
        if let Some(index) = found {
            let entry = &mut self.sent.entries[index];
            let before = match entry.name.clone() {
                Some(name) => Some(session.get_news_item(v1::GetNewsItemRequest { name }).await?),
                None => None,
            };
            let stands = before.as_ref().is_none_or(|item| item.state != v1::NewsState::Withdrawn as i32);
            if entry.sha256 == sha256 && entry.under_way.is_none() && stands {
                plan.lines.push(if entry.file == file {
                    format!("as it was   {file}")
                } else {
                    format!("as it was   {file}, sent before as {}", entry.file)
                });
                entry.file = file;
                return Ok(());
            }
            let Some(before) = before else {
                plan.lines.push(format!("under way   {file}: no answer had come; what became of it is found out before anything is sent"));
                return Ok(());
            };
            if stands {
                let revision = before.revision;
                let news_item = Some(v1::NewsItem { name: before.name.clone(), etag: before.etag.clone(), ..item });
                let request = v1::UpdateNewsItemRequest { news_item, update_mask: None, validate_only: false };
                let checked = v1::UpdateNewsItemRequest { validate_only: true, ..request.clone() };
                let judged = session.update_news_item(checked).await.map_err(|error| of_folder(text.explain(error), &text.file))?;
                if says_the_same(&judged, &before) {
                    plan.lines.push(format!("as it was   {file}: the server has the same text"));
                    *entry = Entry { file, sha256, by: before.submitter.clone(), ..received(entry, &before) };
                    return Ok(());
                }
                entry.file.clone_from(&file);
                plan.lines.push(format!("correction  {line}"));
                // What was under way and arrived is one's own.
                let own =
                    entry.under_way.as_ref().is_some_and(|under_way| revision == under_way.corrects + 1) && before.submitter == self.me;
                if revision != entry.revision && !own {
                    let when = entry.time.as_deref().and_then(|time| chrono::DateTime::parse_from_rfc3339(time).ok());
                    let when = when.map(|time| crate::dates::Instant(time.to_utc()).in_zone(zone));
                    let when = when.map_or_else(|| "it was sent".to_owned(), |when| format!("it was sent ({when})"));
                    let now = format!("“{}”, version {revision}, by {}", before.headline, crate::names::short(&before.submitter));
                    plan.lines.push(format!("            changed at the server since {when}: {now}; this replaces it"));
                }
                plan.steps.push(Step::CorrectNews { file, sha256, revision, request, text });
                return Ok(());
            }
            // Sent in anew from here it would be the partnership's alone, and printed without the others' having signed it.
            if !before.joint_owners.is_empty() {
                let others: Vec<String> = before.joint_owners.iter().map(|owner| crate::names::short(owner)).collect();
                let id = crate::names::short(&before.name);
                plan.lines.push(format!(
                    "left alone  {file}: it was a joint item with {}, and was withdrawn at the server. csp news update {id} --again sends it in \
                     again for all of you",
                    others.join(", ")
                ));
                return Ok(());
            }
        }
        let request =
            v1::CreateNewsItemRequest { parent: self.folder.about.partnership.clone(), news_item: Some(item), ..Default::default() };
        let checked = v1::CreateNewsItemRequest { validate_only: true, ..request.clone() };
        session.create_news_item(checked).await.map_err(|error| of_folder(text.explain(error), &text.file))?;
        let again = if found.is_some() { ": it was withdrawn at the server, and is sent in again" } else { "" };
        plan.lines.push(format!("new         {line}{again}"));
        plan.steps.push(Step::CreateNews { file, sha256, request, text });
        Ok(())
    }

    /// A file of news as an item; its headline is empty where it has none.
    fn item(&self, news: &NewsFile, session: &mut Session<'_>) -> Result<(v1::NewsItem, Text), Error> {
        let shown = self.folder.shown(&news.file);
        let text = Text::read(&shown, None, None, self.without_pictures, session.terminal)?.with_first_line();
        let kind: NewsKindOption = news.kind;
        let item = v1::NewsItem {
            cycle: self.folder.about.cycle.clone(),
            kind: kind.code(),
            headline: text.headline.clone().unwrap_or_default(),
            body: text.body.clone(),
            body_format: text.format.code(),
            happened_on: news.happened_on.clone(),
            ..Default::default()
        };
        Ok((item, text))
    }
}

/// Whether two versions of a piece of news print the same.
fn says_the_same(one: &v1::NewsItem, other: &v1::NewsItem) -> bool {
    let told = |item: &v1::NewsItem| (item.kind, item.headline.clone(), item.body.clone(), item.happened_on.clone());
    told(one) == told(other)
}

/// What `nil.txt` says.
fn statement(nil: &str, session: &mut Session<'_>) -> Result<String, Error> {
    let text = crate::files::read_text(nil, session.terminal)?;
    let statement = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if statement.is_empty() {
        let fault = "is empty. It needs a sentence that says that there is nothing to report, which is printed".to_owned();
        return Err(Error::refused("", vec![Violation { place: nil.to_owned(), fault }]));
    }
    Ok(statement)
}

/// What was refused is gathered; anything else ends the walk.
fn gather(outcome: Result<(), Error>, faults: &mut Vec<Violation>) -> Result<(), Error> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error) if error.kind == Kind::Refused && !error.violations.is_empty() => {
            faults.extend(error.violations.iter().cloned());
            Ok(())
        }
        Err(error) => Err(error),
    }
}
