//! `csp admin cycle`.

use chrono_tz::Tz;
use clap::{Args, Subcommand};
use csp_proto::v1;

use super::{change, mask, options};
use crate::{
    dates::parse_instant,
    error::Error,
    names::last,
    session::{Session, all_pages},
    views::cycle::{CycleList, CycleView},
};

const WORDS: &[(&str, &str)] = &[
    ("cycle_id", "COMMITTEE/CYCLE"),
    ("parent", "COMMITTEE/CYCLE"),
    ("period", "--period"),
    ("open_time", "--opens"),
    ("deadline_time", "--deadline"),
    ("closed_to_new_time", "--closed-to-new"),
    ("freeze_time", "--freeze"),
    ("publication_time", "--publication"),
    ("meeting_time", "--meeting"),
];

/// Set, move and call off cycles
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin cycle list citizen-focus")]
pub(crate) enum Cycle {
    Create(Create),
    /// List the cycles of a committee
    #[command(after_help = "Example:\n  csp admin cycle list citizen-focus")]
    List {
        /// Of which committee
        committee: String,
    },
    /// Show a cycle and its dates
    #[command(after_help = "Example:\n  csp admin cycle show citizen-focus/2021-q3")]
    Show {
        /// committee/cycle
        #[arg(value_name = "COMMITTEE/CYCLE")]
        cycle: String,
    },
    Schedule(super::cycle_schedule::Schedule),
    Update(Update),
    /// Call a cycle off, before its paper has gone to members
    #[command(after_help = "\
Example:
  csp admin cycle cancel citizen-focus/2021-q3

Where collecting had opened, its officers, leads, editors and approvers have a
letter, once. Called off after its deadline, it still counts in how many
returns came.")]
    Cancel {
        /// committee/cycle
        #[arg(value_name = "COMMITTEE/CYCLE")]
        cycle: String,
    },
}

const TIMES: &str = "Times are those of the region; others are written 2022-01-12T17:00:00Z.";

/// Set a cycle by hand
#[derive(Debug, Args)]
#[command(after_help = format!("\
Example:
  csp admin cycle create citizen-focus/2021-q3 \\
      --opens \"2022-01-01 09:00\" --deadline \"2022-01-12 17:00\" \\
      --publication \"2022-01-18 09:00\" --meeting \"2022-01-26 10:00\"

{TIMES}"))]
pub(crate) struct Create {
    /// committee/cycle: what the cycle is to be named
    #[arg(value_name = "COMMITTEE/CYCLE")]
    cycle: String,
    /// What is reported on: 2021-q3, 2021-10, 2021-fy or 2021-10-01..2021-12-31. As the cycle is named when not given
    #[arg(long)]
    period: Option<String>,
    /// From when partnerships may send in
    #[arg(long, value_name = "TIME")]
    opens: String,
    /// When returns are due
    #[arg(long, value_name = "TIME")]
    deadline: String,
    /// Until when something new is taken, late [the deadline]
    #[arg(long, value_name = "TIME")]
    closed_to_new: Option<String>,
    /// When nothing is taken any more and the paper is frozen [when it is closed to new returns]
    #[arg(long, value_name = "TIME")]
    freeze: Option<String>,
    /// When the paper goes to members
    #[arg(long, value_name = "TIME")]
    publication: String,
    /// When the committee sits
    #[arg(long, value_name = "TIME")]
    meeting: String,
}

/// Move dates that have not passed, by hand
#[derive(Debug, Args)]
#[command(after_help = format!("\
Example:
  csp admin cycle update citizen-focus/2021-q3 --deadline \"2022-01-14 17:00\"

{TIMES}

A cycle that was planned by its committee's rules is set by hand from then on.
To move its meeting, and all else with it:
  csp admin cycle schedule citizen-focus --moves 2021-q3 --meeting 2022-02-02"))]
pub(crate) struct Update {
    /// committee/cycle
    #[arg(value_name = "COMMITTEE/CYCLE")]
    cycle: String,
    /// From when partnerships may send in
    #[arg(long, value_name = "TIME")]
    opens: Option<String>,
    /// When returns are due
    #[arg(long, value_name = "TIME")]
    deadline: Option<String>,
    /// Until when something new is taken, late
    #[arg(long, value_name = "TIME")]
    closed_to_new: Option<String>,
    /// When nothing is taken any more and the paper is frozen
    #[arg(long, value_name = "TIME")]
    freeze: Option<String>,
    /// When the paper goes to members
    #[arg(long, value_name = "TIME")]
    publication: Option<String>,
    /// When the committee sits
    #[arg(long, value_name = "TIME")]
    meeting: Option<String>,
}

impl Cycle {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List { committee } => {
                let parent = names.committee(&committee)?;
                let cycles = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_cycles(v1::ListCyclesRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.cycles, answer.next_page_token))
                })
                .await?;
                session.show(&CycleList { cycles: cycles.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { cycle } => {
                let cycle = session.get_cycle(v1::GetCycleRequest { name: names.cycle(&cycle)? }).await?;
                session.show(&CycleView::from(cycle)).await
            }
            Self::Schedule(schedule) => schedule.run(session).await,
            Self::Update(update) => update.run(session).await,
            Self::Cancel { cycle: typed } => {
                let cycle = session.get_cycle(v1::GetCycleRequest { name: names.cycle(&typed)? }).await?;
                session.confirm(&format!("This calls off {typed} ({}) for good.", cycle.period_label))?;
                let (name, etag) = (cycle.name, cycle.etag);
                let cycle = session.cancel_cycle(v1::CancelCycleRequest { name, etag }).await?;
                session.terminal.announce("The cycle is called off.");
                session.show(&CycleView::from(cycle)).await
            }
        }
    }
}

impl Create {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.names_within().await?.cycle(&self.cycle)?;
        let zone = session.zone().await;
        let time = |typed: &str, option| parse_instant(typed, None, zone, option).map(Some);
        let cycle_id = last(&name).to_owned();
        let cycle = v1::Cycle {
            period: self.period.unwrap_or_else(|| cycle_id.clone()),
            open_time: time(&self.opens, "--opens")?,
            deadline_time: time(&self.deadline, "--deadline")?,
            closed_to_new_time: self.closed_to_new.map_or(Ok(None), |typed| time(&typed, "--closed-to-new"))?,
            freeze_time: self.freeze.map_or(Ok(None), |typed| time(&typed, "--freeze"))?,
            publication_time: time(&self.publication, "--publication")?,
            meeting_time: time(&self.meeting, "--meeting")?,
            ..Default::default()
        };
        let parent = name.split("/cycles/").next().unwrap_or_default().to_owned();
        let question = v1::CreateCycleRequest { parent, cycle: Some(cycle), cycle_id, request_id: String::new() };
        let cycle = session.create_cycle(question).await.map_err(|error| options(error, WORDS))?;
        session.terminal.announce("The cycle is set.");
        session.show(&CycleView::from(cycle)).await
    }
}

impl Update {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.names_within().await?.cycle(&self.cycle)?;
        let zone = session.zone().await;
        let mut cycle = session.get_cycle(v1::GetCycleRequest { name }).await?;
        let mut paths = Vec::new();
        let mut set = |field, typed: Option<String>, option, path| -> Result<(), Error> {
            let time = typed.map(|typed| parse(&typed, zone, option)).transpose()?;
            change(field, time.map(Some), path, &mut paths);
            Ok(())
        };
        set(&mut cycle.open_time, self.opens, "--opens", "open_time")?;
        set(&mut cycle.deadline_time, self.deadline, "--deadline", "deadline_time")?;
        set(&mut cycle.closed_to_new_time, self.closed_to_new, "--closed-to-new", "closed_to_new_time")?;
        set(&mut cycle.freeze_time, self.freeze, "--freeze", "freeze_time")?;
        set(&mut cycle.publication_time, self.publication, "--publication", "publication_time")?;
        set(&mut cycle.meeting_time, self.meeting, "--meeting", "meeting_time")?;
        let update_mask = mask(paths, "--opens, --deadline, --closed-to-new, --freeze, --publication, --meeting")?;
        let question = v1::UpdateCycleRequest { cycle: Some(cycle), update_mask };
        let cycle = session.update_cycle(question).await.map_err(|error| options(error, WORDS))?;
        session.terminal.announce("The dates are changed.");
        session.show(&CycleView::from(cycle)).await
    }
}

fn parse(typed: &str, zone: Tz, option: &str) -> Result<prost_types::Timestamp, Error> {
    parse_instant(typed, None, zone, option)
}
