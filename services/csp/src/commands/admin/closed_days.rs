//! `csp admin closed-days`.

use std::collections::BTreeSet;

use clap::Subcommand;
use csp_proto::v1;

use super::options;
use crate::{
    dates::{instant, parse_day},
    defaults::only,
    error::Error,
    names::Names,
    session::{Session, all_pages},
    views::calendar::{CalendarView, ClosedDaysView},
};

const WORDS: &[(&str, &str)] = &[("parent", "--committee"), ("date", "DAY"), ("reason", "--reason"), ("add", "DAY"), ("remove", "DAY")];

/// Say on which days offices are shut that are open elsewhere; all that has not happened yet is counted anew
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin closed-days add 2026-12-29 2026-12-30 --reason \"offices shut\"")]
pub(crate) enum ClosedDays {
    /// List the closed days of a committee, and those of the whole region
    #[command(after_help = "Examples:\n  csp admin closed-days list\n  csp admin closed-days list --committee citizen-focus")]
    List {
        /// Of which committee, where there is more than one
        #[arg(long)]
        committee: Option<String>,
    },
    /// Close days: of one committee, or of all of the region
    #[command(after_help = "\
Examples:
  csp admin closed-days add 2026-12-29 2026-12-30 --reason \"offices shut\"
  csp admin closed-days add 2026-12-29 --reason training --committee cabinet \\
      --dry-run")]
    Add {
        /// The days, such as 2026-12-29
        #[arg(value_name = "DAY", value_parser = parse_day, required = true)]
        days: Vec<String>,
        /// Why
        #[arg(long)]
        reason: String,
        /// Of this committee alone
        #[arg(long)]
        committee: Option<String>,
        /// Show what would move, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Make closed days working days again
    #[command(after_help = "Example:\n  csp admin closed-days remove 2026-12-29")]
    Remove {
        /// The days, such as 2026-12-29
        #[arg(value_name = "DAY", value_parser = parse_day, required = true)]
        days: Vec<String>,
        /// Of this committee alone
        #[arg(long)]
        committee: Option<String>,
        /// Show what would move, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

fn parent(names: &Names, committee: Option<&str>) -> Result<String, Error> {
    committee.map_or_else(|| Ok(names.region().to_owned()), |committee| names.committee(committee))
}

async fn only_committee(names: &Names, session: &Session<'_>) -> Result<String, Error> {
    let committees = all_pages(async |page_token| {
        let parent = names.region().to_owned();
        let answer = session.list_committees(v1::ListCommitteesRequest { parent, page_size: 500, page_token }).await?;
        Ok((answer.committees, answer.next_page_token))
    })
    .await?;
    let found = committees.into_iter().map(|committee| committee.name).collect::<BTreeSet<_>>();
    only(
        found.iter().map(String::as_str).collect(),
        "There is more than one committee. Which one?",
        "There is no committee yet.",
        "--committee",
        "citizen-focus",
    )
}

/// Which of these days were over before today, by the server's clock.
async fn passed(session: &Session<'_>, add: &[v1::ClosedDay]) -> Result<Vec<String>, Error> {
    let (now, zone) = (instant(session.me().await?.server_time), session.zone().await);
    let Some(now) = now else { return Ok(Vec::new()) };
    let today = now.0.with_timezone(&zone).date_naive().to_string();
    Ok(add.iter().map(|day| day.date.clone()).filter(|day| *day < today).collect())
}

impl ClosedDays {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let question = match self {
            Self::List { committee } => {
                let parent = match committee {
                    Some(committee) => names.committee(&committee)?,
                    None => only_committee(&names, session).await?,
                };
                let calendar = session.get_calendar(v1::GetCalendarRequest { parent }).await?;
                return session.show(&CalendarView::from(calendar)).await;
            }
            Self::Add { days, reason, committee, dry_run } => v1::ChangeClosedDaysRequest {
                parent: parent(&names, committee.as_deref())?,
                add: days.into_iter().map(|date| v1::ClosedDay { date, reason: reason.clone() }).collect(),
                remove: Vec::new(),
                validate_only: dry_run,
            },
            Self::Remove { days, committee, dry_run } => v1::ChangeClosedDaysRequest {
                parent: parent(&names, committee.as_deref())?,
                add: Vec::new(),
                remove: days,
                validate_only: dry_run,
            },
        };
        let dry_run = question.validate_only;
        let passed = passed(session, &question.add).await?;
        let answer = session.change_closed_days(question).await;
        // `remove[1]` is the second DAY.
        let whole = |error: Error| error.places(|field| if field.starts_with("remove[") { "remove".to_owned() } else { field.to_owned() });
        let answer = answer.map_err(|error| options(whole(error), WORDS))?;
        let v1::ChangeClosedDaysResponse { closed_days, replanned } = answer;
        let replanned: Vec<_> = replanned.into_iter().map(Into::into).collect();
        let moved = if replanned.is_empty() { " No date moves; reminders go by the days that are open now." } else { "" };
        session.terminal.announce(&if dry_run {
            format!("Checked. Nothing was changed.{moved}")
        } else {
            format!("The closed days are changed.{moved}")
        });
        if !passed.is_empty() {
            let said = passed.join(", ");
            session.terminal.announce(&format!("Already past, so that nothing is counted by it any more: {said}. Was another year meant?"));
        }
        session.show(&ClosedDaysView { closed_days: closed_days.into_iter().map(Into::into).collect(), replanned }).await
    }
}
