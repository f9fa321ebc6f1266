//! `csp cycle`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use crate::{defaults::Part, error::Error, session::Session, views::signoff::CycleStatusView};

/// Follow a cycle: who is missing, and whose turn it is
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp cycle status citizen-focus/2021-q3")]
pub(crate) enum Cycle {
    Status(Status),
}

/// Show who is missing, and how often returns came over the last eight cycles; for editors and approvers
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp cycle status
  csp cycle status citizen-focus/2021-q3 --output json

Over fewer than eight closed cycles there are counts and no percentages.")]
pub(crate) struct Status {
    /// committee/cycle. Need not be said when you have something to do in one only
    #[arg(value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
}

impl Cycle {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let Self::Status(Status { cycle }) = self;
        let name = session.cycle(cycle.as_deref(), Part::Paper, "COMMITTEE/CYCLE").await?;
        let status = session.get_cycle_status(v1::GetCycleStatusRequest { name }).await?;
        session.show(&CycleStatusView::from(status)).await
    }
}
