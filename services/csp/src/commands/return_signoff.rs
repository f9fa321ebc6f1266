//! `csp return sign`, `send-back`, `accept`, `recall` and `receipt`.

use clap::Args;
use csp_proto::v1;

use super::{admin::options, return_findings, returns::Which};
use crate::{
    dates::instant,
    error::Error,
    names::short,
    session::{Session, all_pages},
    views::{returns::ReturnView, signoff::ReceiptView},
};

/// Sign a return and the news that goes with it; for leads and deputies who sent in none of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return sign
  csp return sign gateshead/citizen-focus.2021-q3

Read it first: csp return show, csp digest preview. What you are about to sign
is shown once more, and asked about, with the queries and how they were
explained. While one is open nothing can be signed: csp return explain. If the
return or its news is changed meanwhile, the signature is refused. A later
correction, explanation or piece of news takes the signature away.")]
pub(crate) struct Sign {
    #[command(flatten)]
    which: Which,
    /// Sign only what was read, by the etag of csp return show --output json: for programs, and so not on the page
    #[arg(long, hide = true)]
    etag: Option<String>,
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
        // Read after the return: news that comes later than this changes the return's etag.
        let news = news_with(&answer, session).await?;
        let view = ReturnView::from(answer.clone());
        let zone = session.zone().await;
        let sent = instant(answer.submit_time).map(|at| format!(" on {}", at.in_zone(zone))).unwrap_or_default();
        let by = if answer.submitter.is_empty() { String::new() } else { format!(", sent in by {}{sent}", short(&answer.submitter)) };
        session.terminal.announce(&format!("Return {}: {}{by}", short(&answer.name), view.summary()));
        for item in &news {
            session.terminal.announce(&format!("News: {}", item.headline));
        }
        return_findings::tell(&answer.name, session).await;
        let with = match news.len() {
            0 => "no news goes with it".to_owned(),
            1 => "the piece of news that goes with it".to_owned(),
            many => format!("the {many} pieces of news that go with it"),
        };
        let with = if news.is_empty() { format!("; {with}") } else { format!(" and {with}") };
        session.confirm(&format!("This signs the return {} ({}){with}.", short(&answer.name), view.summary()))?;
        let etag = self.etag.unwrap_or(answer.etag);
        let answer = session
            .sign_return(v1::SignReturnRequest { name: answer.name, etag })
            .await
            .map_err(|error| options(error, &[("etag", "--etag")]))?;
        session.terminal.announce("Signed.");
        session.show(&ReturnView::from(answer)).await
    }
}

impl SendBack {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = read(&self.which, session).await?;
        let question = v1::SendBackReturnRequest { name: answer.name, reasons: self.reasons, etag: answer.etag };
        let answer = session.send_back_return(question).await.map_err(|error| options(error, &[("reasons", "--reasons")]))?;
        session.terminal.announce("Sent back. Whoever sent it in sees your reasons under csp due.");
        session.show(&ReturnView::from(answer)).await
    }
}

impl Accept {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = read(&self.which, session).await?;
        return_findings::tell(&answer.name, session).await;
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

/// The news that goes with a return: what was sent in for the same partnership and cycle, and stands.
async fn news_with(answer: &v1::Return, session: &Session<'_>) -> Result<Vec<v1::NewsItem>, Error> {
    let parent = answer.name.split("/returns/").next().unwrap_or_default();
    let mut items = all_pages(async |page_token| {
        let (parent, cycle) = (parent.to_owned(), answer.cycle.clone());
        let answer = session.list_news_items(v1::ListNewsItemsRequest { parent, cycle, page_size: 100, page_token }).await?;
        Ok((answer.news_items, answer.next_page_token))
    })
    .await?;
    items.retain(|item| item.state == v1::NewsState::Submitted as i32);
    // What is signed is what is printed: where another wording was accepted, that.
    let wordings = all_pages(async |page_token| {
        let (parent, cycle) = (parent.to_owned(), answer.cycle.clone());
        let answer = session.list_wordings(v1::ListWordingsRequest { parent, cycle, page_size: 100, page_token }).await?;
        Ok((answer.wordings, answer.next_page_token))
    })
    .await?;
    for wording in wordings.into_iter().filter(|wording| wording.state == v1::WordingState::Accepted as i32) {
        let worded = items.iter_mut().find(|item| item.name == wording.subject);
        if let (Some(item), Some(proposed)) = (worded, wording.proposed) {
            item.headline = proposed.headline;
        }
    }
    Ok(items)
}
