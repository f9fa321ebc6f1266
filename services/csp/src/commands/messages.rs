//! `csp messages`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use crate::{
    error::Error,
    session::{Session, all_pages},
    views::message::{MessageList, MessageView},
    words::MessageStateOption,
};

/// List what was sent to whom, and how it went
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  csp messages
  csp messages --digest citizen-focus/2021-q3/1 --state failed

Editors name the digest; administrators may leave it out."
)]
pub(crate) struct Messages {
    /// Of this digest only: committee/cycle/version
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// In this state only
    #[arg(long, value_enum)]
    state: Option<MessageStateOption>,
    #[command(subcommand)]
    one: Option<OneMessage>,
}

#[derive(Debug, Subcommand)]
enum OneMessage {
    /// Show one message and what became of it
    #[command(after_help = "Example:\n  csp messages show 0190b0a2-7c1e-7000-8000-000000000001")]
    Show {
        /// The message, as `csp messages` lists it
        message: String,
    },
    /// Send a failed message again, byte for byte
    #[command(after_help = "Example:\n  csp messages retry 0190b0a2-7c1e-7000-8000-000000000001")]
    Retry {
        /// The message, as `csp messages` lists it
        message: String,
    },
}

impl Messages {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names().await?;
        match self.one {
            None => {
                // A message belongs to a version; which one is the newest is the server's to say.
                let digest = match &self.digest {
                    Some(typed) => {
                        let name = names.digest(typed)?;
                        if name.ends_with("/-") { session.get_digest(v1::GetDigestRequest { name }).await?.name } else { name }
                    }
                    None => String::new(),
                };
                let state = self.state.map_or(0, MessageStateOption::code);
                let messages = all_pages(async |page_token| {
                    let (parent, digest) = (names.region().to_owned(), digest.clone());
                    let question = v1::ListMessagesRequest { parent, digest, state, page_size: 500, page_token };
                    let answer = session.list_messages(question).await?;
                    Ok((answer.messages, answer.next_page_token))
                })
                .await?;
                session.show(&MessageList::from(messages)).await
            }
            Some(OneMessage::Show { message }) => {
                let name = names.message(&message)?;
                let message = session.get_message(v1::GetMessageRequest { name }).await?;
                session.show(&MessageView::from(message)).await
            }
            Some(OneMessage::Retry { message }) => {
                let name = names.message(&message)?;
                let message = session.retry_message(v1::RetryMessageRequest { name }).await?;
                session.terminal.announce("The message is queued again.");
                session.show(&MessageView::from(message)).await
            }
        }
    }
}
