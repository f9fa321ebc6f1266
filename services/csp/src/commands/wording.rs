//! `csp wording`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use super::{admin::options, news_text::Text};
use crate::{
    error::Error,
    session::{Session, all_pages},
    views::wording::{WordingList, WordingView},
    words::BodyFormatOption,
};

/// Propose another wording of what a partnership sent in, and answer one; figures cannot be changed this way
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp wording list
  csp wording accept gateshead/0190b0a2-7c1e-7000-8000-000000000001

What was sent in is printed until the lead or a deputy has accepted the wording.")]
pub(crate) enum Wording {
    Propose(Propose),
    List(List),
    /// Show a wording beside what was sent in
    #[command(after_help = "Example:\n  csp wording show gateshead/0190b0a2-7c1e-7000-8000-000000000001")]
    Show {
        /// The wording, as `csp wording list` lists it
        wording: String,
    },
    /// Accept a wording: it is printed in place of what was sent in; for leads and deputies
    #[command(after_help = "\
Example:
  csp wording accept gateshead/0190b0a2-7c1e-7000-8000-000000000001

The two texts are shown side by side, and asked about. Until the paper is frozen
you can still refuse it.")]
    Accept {
        /// The wording, as `csp wording list` lists it
        wording: String,
    },
    /// Refuse a wording, with a reason: what was sent in is printed; for leads and deputies
    #[command(after_help = "\
Example:
  csp wording refuse gateshead/0190b0a2-7c1e-7000-8000-000000000001 \\
      --reason \"The wardens asked for their own words\"")]
    Refuse {
        /// The wording, as `csp wording list` lists it
        wording: String,
        /// Why, for the editor; at most 300 characters
        #[arg(long)]
        reason: String,
    },
    /// Take back a wording that you or another editor proposed
    #[command(after_help = "Example:\n  csp wording withdraw gateshead/0190b0a2-7c1e-7000-8000-000000000001")]
    Withdraw {
        /// The wording, as `csp wording list` lists it
        wording: String,
    },
}

/// Propose another wording of a news item, or of the statement of a nil return; for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp wording propose gateshead/0190b0a2-7c1e-7000-8000-000000000001 \\
      --file wardens.md --note \"Shorter, and without the names\"
  csp wording propose gateshead/0190b0a2-7c1e-7000-8000-000000000001 \\
      --headline \"Wardens in Bensham\"
  csp wording propose gateshead/citizen-focus.2021-q3 \\
      --statement \"Nothing to report.\"

What is not named stays as it was sent in. The lead or a deputy answers; csp
cycle status shows what became of it.")]
pub(crate) struct Propose {
    /// The news item, as `csp news list` lists it; or the nil return
    text: String,
    /// The text as you would put it. Without --headline, its first heading is the headline
    #[arg(long, conflicts_with = "statement")]
    file: Option<String>,
    /// The headline as you would put it
    #[arg(long, conflicts_with = "statement")]
    headline: Option<String>,
    /// The statement of a nil return as you would put it
    #[arg(long)]
    statement: Option<String>,
    /// Why, for the lead; at most 300 characters
    #[arg(long)]
    note: Option<String>,
    /// How the text is written, when the name of the file does not tell
    #[arg(long, value_enum, requires = "file")]
    format: Option<BodyFormatOption>,
    /// Check everything and propose nothing
    #[arg(long)]
    dry_run: bool,
}

/// List wordings: of your partnership's words, or for editors of everybody's
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp wording list
  csp wording list --cycle citizen-focus/2021-q3 --partnership -")]
pub(crate) struct List {
    /// Of this cycle only
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Of this partnership; - is all of them, for editors and administrators
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
}

impl Wording {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Propose(propose) => propose.run(session).await,
            Self::List(list) => list.run(session).await,
            Self::Show { wording } => {
                let wording = read(&wording, session).await?;
                session.show(&WordingView::from(wording)).await
            }
            Self::Accept { wording } => {
                let wording = read(&wording, session).await?;
                let view = WordingView::from(wording.clone());
                session.tell(&view).await;
                session.confirm("This prints the wording on the right in place of what your partnership sent in.")?;
                let question = v1::AcceptWordingRequest { name: wording.name, etag: wording.etag };
                let wording = session.accept_wording(question).await?;
                session.terminal.announce("Accepted. It is printed in place of what was sent in.");
                session.show(&WordingView::from(wording)).await
            }
            Self::Refuse { wording, reason } => {
                let wording = read(&wording, session).await?;
                let question = v1::RefuseWordingRequest { name: wording.name, reason, etag: wording.etag };
                let wording = session.refuse_wording(question).await.map_err(|error| options(error, &[("reason", "--reason")]))?;
                session.terminal.announce("Refused. What was sent in is printed, and the editor reads your reason.");
                session.show(&WordingView::from(wording)).await
            }
            Self::Withdraw { wording } => {
                let wording = read(&wording, session).await?;
                let view = WordingView::from(wording.clone());
                session.confirm(&format!("This takes back the wording of “{}”.", view.of()))?;
                let question = v1::WithdrawWordingRequest { name: wording.name, etag: wording.etag };
                let wording = session.withdraw_wording(question).await?;
                session.terminal.announce("Taken back. What was sent in is printed.");
                session.show(&WordingView::from(wording)).await
            }
        }
    }
}

/// The wording as it is now: what is done next is done to this and to nothing later.
async fn read(typed: &str, session: &Session<'_>) -> Result<v1::Wording, Error> {
    let name = session.names_within().await?.wording(typed)?;
    session.get_wording(v1::GetWordingRequest { name }).await
}

/// The partnership in whose name something is: `regions/…/partnerships/…`.
fn parent_of(name: &str) -> String {
    name.split('/').take(4).collect::<Vec<_>>().join("/")
}

impl Propose {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        if self.file.is_none() && self.headline.is_none() && self.statement.is_none() {
            return Err(Error::usage("How would you put it? Name at least one of --file, --headline, --statement."));
        }
        let mut text = Text::default();
        let (subject, subject_etag, proposed) = match self.statement {
            Some(statement) => {
                let name = session.names_within().await?.returned(&self.text)?;
                let answer = session.get_return(v1::GetReturnRequest { name }).await?;
                (answer.name, answer.etag, v1::WordedText { statement, ..Default::default() })
            }
            None => {
                let name = session.names_within().await?.news_item(&self.text)?;
                let item = session.get_news_item(v1::GetNewsItemRequest { name }).await?;
                let mut proposed =
                    v1::WordedText { headline: item.headline, body: item.body, body_format: item.body_format, statement: String::new() };
                let mut headline = self.headline.clone();
                if let Some(file) = &self.file {
                    text = Text::read(file, self.format, self.headline, false, session.terminal)?;
                    headline.clone_from(&text.headline);
                    proposed.body.clone_from(&text.body);
                    proposed.body_format = text.format.code();
                }
                if let Some(headline) = headline {
                    proposed.headline = headline;
                }
                (item.name, item.etag, proposed)
            }
        };
        let wording = v1::Wording {
            subject: subject.clone(),
            subject_etag,
            proposed: Some(proposed),
            note: self.note.unwrap_or_default(),
            ..Default::default()
        };
        let question = v1::CreateWordingRequest {
            parent: parent_of(&subject),
            wording: Some(wording),
            request_id: String::new(),
            validate_only: self.dry_run,
        };
        let words = &[("note", "--note"), ("statement", "--statement"), ("subject", "TEXT")];
        let wording = session.create_wording(question).await.map_err(|error| options(text.explain(error), words))?;
        session.terminal.announce(if self.dry_run {
            "Checked: it could be proposed. Nothing was changed."
        } else {
            "Proposed. It is printed once the partnership’s lead or a deputy has accepted it."
        });
        session.show(&WordingView::from(wording)).await
    }
}

impl List {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let (parent, cycle) = session.listed(self.partnership.as_deref(), self.cycle.as_deref()).await?;
        let wordings = all_pages(async |page_token| {
            let (parent, cycle) = (parent.clone(), cycle.clone());
            let answer = session.list_wordings(v1::ListWordingsRequest { parent, cycle, page_size: 100, page_token }).await?;
            Ok((answer.wordings, answer.next_page_token))
        })
        .await?;
        session.show(&WordingList { wordings: wordings.into_iter().map(Into::into).collect() }).await
    }
}
