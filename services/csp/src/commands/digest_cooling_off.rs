//! `csp digest end-cooling-off`.

use clap::Args;
use csp_proto::v1;

use crate::{error::Error, names::short, session::Session, views::digest::DigestView};

/// Let an approved paper go out before its cooling-off is over, with a reason; for approvers who wrote none of it
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp digest end-cooling-off citizen-focus/2021-q3/1 \\
      --reason \"Five clear days must be kept.\"

An approved paper is kept back for its committee's cooling-off, one working
day where no rules say otherwise, so that a slip can still be caught. Ending
that early is put on record, with the reason. The paper goes out at
publication time, or at once where that has passed; once members have met, only
when an administrator says so.")]
pub(crate) struct EndCoolingOff {
    /// committee/cycle/version; the newest version when none is named
    #[arg(value_name = "DIGEST")]
    digest: Option<String>,
    /// Why, for the record; at most 300 characters
    #[arg(long)]
    reason: String,
}

impl EndCoolingOff {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.digest(self.digest.as_deref()).await?;
        let digest = session.get_digest(v1::GetDigestRequest { name }).await?;
        session.confirm(&format!("This lets {} go out without its cooling-off.", short(&digest.name)))?;
        let question = v1::EndCoolingOffRequest { name: digest.name, reason: self.reason, etag: digest.etag };
        let digest = session.end_cooling_off(question).await.map_err(|error| super::admin::options(error, &[("reason", "--reason")]))?;
        session.terminal.announce(&format!("The cooling-off of version {} is over.", digest.version));
        session.show(&DigestView::from(digest)).await
    }
}
