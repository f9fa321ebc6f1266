//! `csp joint`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use super::admin::options;
use crate::{
    error::Error,
    names::short,
    session::{Session, all_pages},
    views::joint::{JointItemList, JointItemView},
};

/// Read, sign and send back joint items: news that your partnership owns together with others
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp joint list
  csp joint sign newcastle/0190b0a2-7c1e-7000-8000-000000000001

A joint item is sent in with csp news submit --with, and printed once,
when every owner has signed it.")]
pub(crate) enum Joint {
    List(List),
    /// Show a joint item, and who has signed it
    #[command(after_help = "Example:\n  csp joint show newcastle/0190b0a2-7c1e-7000-8000-000000000001")]
    Show {
        /// The joint item, as `csp joint list` lists it
        item: String,
    },
    /// Sign a joint item that another partnership sent in; for leads and deputies
    #[command(after_help = "\
Example:
  csp joint sign newcastle/0190b0a2-7c1e-7000-8000-000000000001

The whole of it is shown, and asked about. A later change of the text takes the
signature away. What your own partnership sent in you sign with its return.")]
    Sign {
        /// The joint item, as `csp joint list` lists it
        item: String,
        /// Sign only what was read, by the etag of csp joint show --output json: for programs, and so not on the page
        #[arg(long, hide = true)]
        etag: Option<String>,
    },
    /// Give a joint item back to the partnership that sent it in, with a reason; for leads and deputies
    #[command(after_help = "\
Example:
  csp joint send-back newcastle/0190b0a2-7c1e-7000-8000-000000000001 \\
      --reason \"Our wardens were there too\"

The whole of it is shown, and asked about: it may have been mended meanwhile.")]
    SendBack {
        /// The joint item, as `csp joint list` lists it
        item: String,
        /// Why, for all owners; at most 300 characters
        #[arg(long)]
        reason: String,
    },
}

/// List the joint items that your partnership owns, whoever sent them in; for editors everybody's
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp joint list
  csp joint list --cycle citizen-focus/2021-q3 --partnership -")]
pub(crate) struct List {
    /// Of this cycle only
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Of this partnership; - is all of them, for editors and administrators
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
}

impl Joint {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Show { item } => {
                let item = read(&item, session).await?;
                session.show(&JointItemView::from(item)).await
            }
            Self::Sign { item, etag } => {
                let item = read(&item, session).await?;
                let view = JointItemView::from(item.clone());
                session.tell(&view).await;
                session.confirm(&format!("This signs the joint item “{}” for {}.", view.headline, owner_of(&item.name)))?;
                let question = v1::SignJointItemRequest { name: item.name, etag: etag.unwrap_or(item.etag) };
                let signed = session.sign_joint_item(question).await.map_err(|error| options(error, &[("etag", "--etag")]))?;
                session.terminal.announce("Signed. The next paper that is frozen prints it, when every owner has signed.");
                session.show(&JointItemView::from(signed)).await
            }
            Self::SendBack { item, reason } => {
                let item = read(&item, session).await?;
                let view = JointItemView::from(item.clone());
                session.tell(&view).await;
                session.confirm(&format!("This sends the joint item “{}” back to its first owner.", view.headline))?;
                let question = v1::SendBackJointItemRequest { name: item.name, reason, etag: item.etag };
                let back = session.send_back_joint_item(question).await.map_err(|error| options(error, &[("reason", "--reason")]))?;
                session.terminal.announce("Sent back. All owners can read your reason.");
                session.show(&JointItemView::from(back)).await
            }
        }
    }
}

/// The item as it is now: what is done next is done to this and to nothing later.
async fn read(typed: &str, session: &Session<'_>) -> Result<v1::JointItem, Error> {
    let name = session.names_within().await?.joint_item(typed)?;
    session.get_joint_item(v1::GetJointItemRequest { name }).await
}

/// `gateshead` of a joint item's name.
fn owner_of(name: &str) -> String {
    short(name).split('/').next().unwrap_or_default().to_owned()
}

impl List {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let (parent, cycle) = session.listed(self.partnership.as_deref(), self.cycle.as_deref()).await?;
        let joint_items = all_pages(async |page_token| {
            let (parent, cycle) = (parent.clone(), cycle.clone());
            let answer = session.list_joint_items(v1::ListJointItemsRequest { parent, cycle, page_size: 100, page_token }).await?;
            Ok((answer.joint_items, answer.next_page_token))
        })
        .await?;
        session.show(&JointItemList { joint_items: joint_items.into_iter().map(Into::into).collect() }).await
    }
}
