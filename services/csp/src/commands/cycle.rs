//! `csp cycle`.

use chrono::NaiveTime;
use clap::{Args, Subcommand};
use csp_proto::v1;

use crate::{
    commands::admin::options,
    dates::parse_instant,
    defaults::Part,
    error::Error,
    session::Session,
    views::{
        calendar::{ExtensionView, PlanView},
        signoff::CycleStatusView,
    },
};

/// Follow a cycle: its dates, who is missing, and whose turn it is
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp cycle status citizen-focus/2021-q3")]
pub(crate) enum Cycle {
    Status(Status),
    Dates(Dates),
    Extend(Extend),
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

/// Show all dates of a cycle, each with its reason, and what moved since it was planned
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp cycle dates citizen-focus/2021-q3
  csp cycle dates citizen-focus/2021-q3 --output json

Dates that were set by hand, or by the committee's recurrence, have no reasons.")]
pub(crate) struct Dates {
    /// committee/cycle
    #[arg(value_name = "COMMITTEE/CYCLE")]
    cycle: String,
}

/// Give one partnership more time, until the paper is frozen at most; for the committee's editor
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp cycle extend citizen-focus/2021-q3 --partnership gateshead \\
      --until \"2022-01-13 17:00\" --reason \"Their system was down on the 11th\"

What comes until then is in time, and reminders follow the new deadline. A
second time gives it another one.")]
pub(crate) struct Extend {
    /// committee/cycle. Need not be said when you have something to do in one only
    #[arg(value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Which partnership
    #[arg(long)]
    partnership: String,
    /// Its deadline from now on; a day alone ends at 17:00
    #[arg(long, value_name = "TIME")]
    until: String,
    /// Why; the partnership and the editors read it
    #[arg(long)]
    reason: String,
}

const WORDS: &[(&str, &str)] =
    &[("cycle", "COMMITTEE/CYCLE"), ("partnership", "--partnership"), ("until_time", "--until"), ("reason", "--reason")];

impl Extend {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let cycle = session.cycle(self.cycle.as_deref(), Part::Paper, "COMMITTEE/CYCLE").await?;
        let partnership = session.names_within().await?.partnership(&self.partnership)?;
        let five = NaiveTime::from_hms_opt(17, 0, 0);
        let until_time = Some(parse_instant(&self.until, five, session.zone().await, "--until")?);
        let question = v1::ExtendDeadlineRequest { cycle, partnership, until_time, reason: self.reason };
        let extension = session.extend_deadline(question).await.map_err(|error| options(error, WORDS))?;
        session.terminal.announce("The partnership has more time.");
        session.show(&ExtensionView::from(extension)).await
    }
}

impl Cycle {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Status(Status { cycle }) => {
                let name = session.cycle(cycle.as_deref(), Part::Paper, "COMMITTEE/CYCLE").await?;
                let status = session.get_cycle_status(v1::GetCycleStatusRequest { name }).await?;
                session.show(&CycleStatusView::from(status)).await
            }
            Self::Extend(extend) => extend.run(session).await,
            Self::Dates(Dates { cycle }) => {
                let name = session.names_within().await?.cycle(&cycle)?;
                let plan = session.get_cycle_plan(v1::GetCyclePlanRequest { name }).await?;
                session.show(&PlanView::from(plan)).await
            }
        }
    }
}
