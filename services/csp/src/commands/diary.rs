//! `csp diary`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use crate::{
    error::Error,
    session::{Session, all_pages},
    views::diary::{DiaryView, LinkList, LinkView},
};

/// Show the dates of a partnership or a committee, or put them into your diary
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  csp diary --partnership gateshead
  csp diary --committee citizen-focus --output ics > meetings.ics
  csp diary link --partnership gateshead

A file is true on the day it was made. A link is followed by the diary itself:
it shows dates that move, and whoever has it reads the dates and nothing else."
)]
pub(crate) struct Diary {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Option<Change>,
}

/// Whose dates.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Whose {
    /// When this partnership's returns are due
    #[arg(long)]
    partnership: Option<String>,
    /// All dates of this committee
    #[arg(long)]
    committee: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Make a link for a diary to follow; it is shown once
    #[command(after_help = "\
Example:
  csp diary link --committee citizen-focus

What is answered is an address to follow; where the service was not told its own
web address, the path below it, and whoever runs it can say what that is.
In Outlook: Add calendar, Subscribe from web.")]
    Link(Whose),
    /// List your links; administrators see everybody's
    #[command(after_help = "Example:\n  csp diary links --committee citizen-focus")]
    Links(Whose),
    /// Take a link away: whoever follows it finds nothing
    #[command(after_help = "Example:\n  csp diary unlink committees/citizen-focus/diaryLinks/ID")]
    Unlink {
        /// As links lists it
        link: String,
    },
}

impl Whose {
    /// The full name of the partnership or committee.
    async fn name(&self, session: &Session<'_>) -> Result<String, Error> {
        let names = session.names_within().await?;
        match (&self.partnership, &self.committee) {
            (Some(partnership), _) => names.partnership(partnership),
            (None, Some(committee)) => names.committee(committee),
            (None, None) => Err(Error::usage("Whose dates? Name --partnership or --committee.")),
        }
    }
}

impl Diary {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self.command {
            None => {
                let name = format!("{}/diary", self.whose.name(session).await?);
                // Asked first, so that what has passed is told from what comes by the server's time.
                session.me().await?;
                let calendar = session.get_diary(v1::GetDiaryRequest { name }).await?;
                session.show(&DiaryView::from(calendar)).await
            }
            Some(Change::Link(whose)) => {
                let parent = whose.name(session).await?;
                let made = session.create_diary_link(v1::CreateDiaryLinkRequest { parent, request_id: String::new() }).await?;
                let v1::CreateDiaryLinkResponse { diary_link, path, uri } = made;
                session.terminal.announce("The link is made. It is shown once: put it into your diary now.");
                let mut link = LinkView::from(diary_link.unwrap_or_default());
                link.path = Some(path);
                link.uri = (!uri.is_empty()).then_some(uri);
                session.show(&link).await
            }
            Some(Change::Links(whose)) => {
                let parent = whose.name(session).await?;
                let links = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let question = v1::ListDiaryLinksRequest { parent, page_size: 500, page_token };
                    let answer = session.list_diary_links(question).await?;
                    Ok((answer.diary_links, answer.next_page_token))
                })
                .await?;
                session.show(&LinkList { diary_links: links.into_iter().map(Into::into).collect() }).await
            }
            Some(Change::Unlink { link }) => {
                let name = session.names_within().await?.diary_link(&link)?;
                let gone = session.revoke_diary_link(v1::RevokeDiaryLinkRequest { name }).await?;
                session.terminal.announce("The link is taken away.");
                session.show(&LinkView::from(gone)).await
            }
        }
    }
}
