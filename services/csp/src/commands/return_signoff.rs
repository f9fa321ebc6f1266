//! `csp return sign`, `send-back`, `accept`, `recall` and `receipt`.

use clap::Args;
use csp_proto::v1;

use super::returns::Which;
use crate::{
    error::Error,
    names::short,
    session::Session,
    views::{returns::ReturnView, signoff::ReceiptView},
};

/// Sign a return and the news that goes with it; for leads and deputies who sent in none of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return sign
  csp return sign gateshead/citizen-focus.2021-q3

Read it first: csp return show, csp digest preview. If it is changed while you
read, the signature is refused. A later correction, or later news, takes the
signature away.")]
pub(crate) struct Sign {
    #[command(flatten)]
    which: Which,
}

/// Give a return back to the officer, with reasons; for leads, and for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp return send-back gateshead/citizen-focus.2021-q3 \\
      --reasons \"Burglary is that of December alone.\"

It may be sent in again, after the deadline too, until the paper is out.")]
pub(crate) struct SendBack {
    #[command(flatten)]
    which: Which,
    /// Why, for the officer; at most 300 characters
    #[arg(long)]
    reasons: String,
}

/// Take a signed return into the paper; for editors
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  csp return accept gateshead/citizen-focus.2021-q3")]
pub(crate) struct Accept {
    #[command(flatten)]
    which: Which,
}

/// Take back a return that you sent in, to mend it and send it in again
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp return recall gateshead/citizen-focus.2021-q3

Until it is sent in again it counts as not received.")]
pub(crate) struct Recall {
    #[command(flatten)]
    which: Which,
}

/// Print what was received, item by item, with its number, hash and time, and what became of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return receipt
  csp return receipt gateshead/citizen-focus.2021-q3 --output json

The hash is SHA-256 of the field stored_text of the JSON answer.")]
pub(crate) struct Receipt {
    #[command(flatten)]
    which: Which,
}

impl Sign {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = read(&self.which, session).await?;
        let view = ReturnView::from(answer.clone());
        session.confirm(&format!("This signs the return {} ({}) and the news that goes with it.", short(&answer.name), view.summary()))?;
        let answer = session.sign_return(v1::SignReturnRequest { name: answer.name, etag: answer.etag }).await?;
        session.terminal.announce("Signed.");
        session.show(&ReturnView::from(answer)).await
    }
}

impl SendBack {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = read(&self.which, session).await?;
        let question = v1::SendBackReturnRequest { name: answer.name, reasons: self.reasons, etag: answer.etag };
        let answer = session.send_back_return(question).await.map_err(|error| super::admin::options(error, &[("reasons", "--reasons")]))?;
        session.terminal.announce("Sent back. Whoever sent it in sees your reasons under csp due.");
        session.show(&ReturnView::from(answer)).await
    }
}

impl Accept {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = read(&self.which, session).await?;
        let answer = session.accept_return(v1::AcceptReturnRequest { name: answer.name, etag: answer.etag }).await?;
        session.terminal.announce("Accepted.");
        session.show(&ReturnView::from(answer)).await
    }
}

impl Recall {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = read(&self.which, session).await?;
        session.confirm(&format!("This takes the return {} back to be mended.", short(&answer.name)))?;
        let answer = session.recall_return(v1::RecallReturnRequest { name: answer.name, etag: answer.etag }).await?;
        session.terminal.announce("Recalled. It counts as not received until it is sent in again: csp return submit");
        session.show(&ReturnView::from(answer)).await
    }
}

impl Receipt {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = self.which.find(session).await?;
        let receipt = session.get_receipt(v1::GetReceiptRequest { name }).await?;
        session.show(&ReceiptView::from(receipt)).await
    }
}

/// The return as it is now: what is done next is done to this and to nothing later.
async fn read(which: &Which, session: &Session<'_>) -> Result<v1::Return, Error> {
    let name = which.find(session).await?;
    session.get_return(v1::GetReturnRequest { name }).await
}
