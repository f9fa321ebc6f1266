//! `csp news`.

use clap::{Args, Subcommand};
use csp_proto::v1::{self, NewsKind};
use prost_types::FieldMask;

use super::news_text::Text;
use crate::{
    dates::parse_day,
    defaults::Part,
    error::{Error, Kind},
    names::short,
    session::{Session, all_pages},
    views::news::{NewsItemList, NewsItemView},
    words::{BodyFormatOption, NewsKindOption},
};

/// Send in, correct and withdraw news
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp news submit wardens.md --kind award")]
pub(crate) enum News {
    Submit(Submit),
    List(List),
    /// Show one item
    #[command(after_help = "Example:\n  csp news show gateshead/0190b0a2-7c1e-7000-8000-000000000001")]
    Show {
        /// The item, as `csp news list` lists it
        item: String,
    },
    Update(Update),
    /// Take an item back, while the cycle is open
    #[command(after_help = "Example:\n  csp news withdraw gateshead/0190b0a2-7c1e-7000-8000-000000000001")]
    Withdraw {
        /// The item, as `csp news list` lists it
        item: String,
    },
}

/// Send in a piece of news
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp news submit wardens.docx --kind award --happened-on 2022-03-23
  csp news submit - --headline \"New wardens in Bensham\" < text.md
  csp news submit national.md --national
  csp news submit operation.md --with newcastle --with north-tyneside

What others own too is printed once, when the lead or a deputy of each
has signed it: csp joint list.")]
pub(crate) struct Submit {
    /// The text: .docx is Word, .md is Markdown, .txt is plain text, - is what is piped in
    file: String,
    /// Of a Word document: leave its pictures out, which cannot be printed yet
    #[arg(long)]
    without_pictures: bool,
    /// For which meeting: committee/cycle. Need not be said when only one is open for you
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose news it is. Need not be said when you report for one partnership only
    #[arg(long, value_name = "PARTNERSHIP", conflicts_with = "national")]
    partnership: Option<String>,
    /// The national part, written once for all partnerships; for editors
    #[arg(long, conflicts_with = "kind")]
    national: bool,
    /// What kind of news
    #[arg(long, value_enum, default_value_t = NewsKindOption::News)]
    kind: NewsKindOption,
    /// What it is about, in a line. The first heading when not given, which is then left out of the text
    #[arg(long)]
    headline: Option<String>,
    /// The day it happened on: 2022-03-23
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    happened_on: Option<String>,
    /// Another partnership that owns it too, and must sign it before it is printed. May be said more than once
    #[arg(long, value_name = "PARTNERSHIP", conflicts_with = "national")]
    with: Vec<String>,
    /// How the text is written, when the name of the file does not tell
    #[arg(long, value_enum)]
    format: Option<BodyFormatOption>,
    /// Check everything and send nothing in
    #[arg(long)]
    dry_run: bool,
}

/// List news: your partnership's, or for editors everybody's
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp news list
  csp news list --cycle citizen-focus/2021-q3 --partnership -
  csp news list --national --committee citizen-focus")]
pub(crate) struct List {
    /// Of this cycle only
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Of this partnership; - is all of them, for editors and administrators
    #[arg(long, value_name = "PARTNERSHIP", conflicts_with = "national")]
    partnership: Option<String>,
    /// The national part
    #[arg(long)]
    national: bool,
    /// With --national: of this committee, when no cycle names it
    #[arg(long, value_name = "COMMITTEE", requires = "national")]
    committee: Option<String>,
}

/// Correct an item; what is not named stays as it is
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp news update gateshead/0190b0a2-7c1e-7000-8000-000000000001 --kind award
  csp news update gateshead/0190b0a2-7c1e-7000-8000-000000000001 --file new.md
  csp news update gateshead/0190b0a2-7c1e-7000-8000-000000000001 --again

Every change of a joint item takes its owners' signatures away.")]
pub(crate) struct Update {
    /// The item, as `csp news list` lists it
    item: String,
    /// The new text. Without --headline, its first heading is the new headline
    #[arg(long)]
    file: Option<String>,
    /// Of a Word document: leave its pictures out
    #[arg(long, requires = "file")]
    without_pictures: bool,
    /// The new headline
    #[arg(long)]
    headline: Option<String>,
    /// What kind of news it is after all
    #[arg(long, value_enum)]
    kind: Option<NewsKindOption>,
    /// The day it happened on
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    happened_on: Option<String>,
    /// Of a joint item: another partnership that owns it. Say all of them: who is not named owns it no more
    #[arg(long, value_name = "PARTNERSHIP", conflicts_with = "alone")]
    with: Vec<String>,
    /// It is no joint item: your partnership's alone
    #[arg(long)]
    alone: bool,
    /// How the text is written, when the name of the file does not tell
    #[arg(long, value_enum, requires = "file")]
    format: Option<BodyFormatOption>,
    /// Send it in again, if it was withdrawn: as it was, or as it is corrected here
    #[arg(long)]
    again: bool,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl News {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Submit(submit) => submit.run(session).await,
            Self::List(list) => list.run(session).await,
            Self::Show { item } => {
                let name = session.names_within().await?.news_item(&item)?;
                let item = session.get_news_item(v1::GetNewsItemRequest { name }).await?;
                session.show(&NewsItemView::from(item)).await
            }
            Self::Update(update) => update.run(session).await,
            Self::Withdraw { item } => {
                let name = session.names_within().await?.news_item(&item)?;
                let item = session.get_news_item(v1::GetNewsItemRequest { name }).await?;
                session.confirm(&format!("This takes back “{}”.", item.headline))?;
                let (name, etag) = (item.name, item.etag);
                let item = session.withdraw_news_item(v1::WithdrawNewsItemRequest { name, etag }).await?;
                session.terminal.announce("It is withdrawn and will not be printed.");
                session.show(&NewsItemView::from(item)).await
            }
        }
    }
}

impl Submit {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let text = Text::read(&self.file, self.format, self.headline, self.without_pictures, session.terminal)?;
        let Some(headline) = text.headline.clone() else {
            return Err(Error::usage(format!("What is {} about? It has no heading to take the headline from.", self.file))
                .hint("  --headline \"New wardens in Bensham\""));
        };
        let (parent, cycle) = if self.national {
            let cycle = session.cycle(self.cycle.as_deref(), Part::National, "--cycle").await?;
            (committee_of(&cycle), cycle)
        } else {
            let partnership = session.partnership(self.partnership.as_deref()).await?;
            let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
            (partnership, cycle)
        };
        let item = v1::NewsItem {
            cycle: cycle.clone(),
            kind: if self.national { NewsKind::NationalDevelopment as i32 } else { self.kind.code() },
            headline,
            body: text.body.clone(),
            body_format: text.format.code(),
            happened_on: self.happened_on.unwrap_or_default(),
            joint_owners: owners(&self.with, session).await?,
            ..Default::default()
        };
        let joint = !item.joint_owners.is_empty();
        let question = v1::CreateNewsItemRequest { parent, news_item: Some(item), request_id: String::new(), validate_only: self.dry_run };
        let item = session.create_news_item(question).await.map_err(|error| text.explain(error))?;
        let item = NewsItemView::from(item);
        if self.dry_run {
            session.terminal.announce("Checked: it would be accepted. Nothing was sent in.");
        } else {
            session.terminal.announce(&format!("Received: “{}”.", item.headline));
            if joint {
                session.terminal.say("It is printed once every owner has signed it: csp joint list");
            }
            session.terminal.say(format!("See how it will print: csp digest preview {}", short(&cycle)));
        }
        session.show(&item).await
    }
}

/// The partnerships that own an item besides.
async fn owners(typed: &[String], session: &Session<'_>) -> Result<Vec<String>, Error> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let names = session.names_within().await?;
    typed.iter().map(|typed| names.partnership(typed)).collect()
}

/// `regions/…/committees/{committee}` of a cycle.
fn committee_of(cycle: &str) -> String {
    cycle.split("/cycles/").next().unwrap_or(cycle).to_owned()
}

impl List {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let (parent, cycle) = if self.national {
            let names = session.names_within().await?;
            let cycle = self.cycle.as_deref().map(|typed| names.cycle(typed)).transpose()?;
            let parent = match (&self.committee, &cycle) {
                (Some(committee), _) => names.committee(committee)?,
                (None, Some(cycle)) => committee_of(cycle),
                (None, None) => committee_of(&session.cycle(None, Part::National, "--cycle").await?),
            };
            (parent, cycle.unwrap_or_default())
        } else {
            session.listed(self.partnership.as_deref(), self.cycle.as_deref()).await?
        };
        let news_items = all_pages(async |page_token| {
            let (parent, cycle) = (parent.clone(), cycle.clone());
            let answer = session.list_news_items(v1::ListNewsItemsRequest { parent, cycle, page_size: 100, page_token }).await?;
            Ok((answer.news_items, answer.next_page_token))
        })
        .await?;
        session.show(&NewsItemList { news_items: news_items.into_iter().map(Into::into).collect() }).await
    }
}

impl Update {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.names_within().await?.news_item(&self.item)?;
        let mut item = session.get_news_item(v1::GetNewsItemRequest { name }).await?;
        let withdrawn = item.state == v1::NewsState::Withdrawn as i32;
        if withdrawn && !self.again {
            return Err(Error::new(
                Kind::NotNow,
                format!("“{}” was withdrawn, and a correction would send it in again. Nothing was changed.", item.headline),
            )
            .hint(format!("If that is meant: csp news update {} --again, with what is to be corrected.", self.item)));
        }
        let mut paths = Vec::new();
        let mut headline = self.headline;
        let mut text = Text::default();
        if let Some(file) = &self.file {
            text = Text::read(file, self.format, headline, self.without_pictures, session.terminal)?;
            headline = text.headline.clone();
            item.body.clone_from(&text.body);
            item.body_format = text.format.code();
            paths.push("body".to_owned());
        }
        if let Some(headline) = headline {
            item.headline = headline;
            paths.push("headline".to_owned());
        }
        if let Some(kind) = self.kind {
            item.kind = kind.code();
            paths.push("kind".to_owned());
        }
        if let Some(day) = self.happened_on {
            item.happened_on = day;
            paths.push("happened_on".to_owned());
        }
        if self.alone || !self.with.is_empty() {
            item.joint_owners = owners(&self.with, session).await?;
            paths.push("joint_owners".to_owned());
        }
        if paths.is_empty() && withdrawn {
            paths.push("headline".to_owned());
        }
        if paths.is_empty() {
            return Err(Error::usage(
                "What is to be changed? Name at least one of --file, --headline, --kind, --happened-on, --with, --alone.",
            ));
        }
        let question =
            v1::UpdateNewsItemRequest { news_item: Some(item), update_mask: Some(FieldMask { paths }), validate_only: self.dry_run };
        let item = session.update_news_item(question).await.map_err(|error| text.explain(error))?;
        session.terminal.announce(if self.dry_run {
            "Checked: the correction would be accepted. Nothing was changed."
        } else if withdrawn {
            "It was sent in again."
        } else {
            "The correction was received."
        });
        session.show(&NewsItemView::from(item)).await
    }
}
