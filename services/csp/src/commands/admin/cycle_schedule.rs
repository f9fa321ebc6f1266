//! `csp admin cycle schedule`.

use clap::Args;
use csp_proto::v1;

use super::options;
use crate::{
    dates::parse_day,
    error::Error,
    files,
    session::Session,
    views::calendar::{ReplannedView, ScheduleView},
};

const WORDS: &[(&str, &str)] =
    &[("parent", "COMMITTEE"), ("date", "--meeting"), ("time", "--time"), ("period", "--period"), ("cycle", "--moves")];

/// Plan a meeting into its cycle by the committee's rules, or move one with everything that hangs on it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp admin cycle schedule citizen-focus --meeting 2026-10-22 --dry-run
  csp admin cycle schedule citizen-focus --meeting 2026-10-22 --time 14:00
  csp admin cycle schedule citizen-focus --meetings committee.ics
  csp admin cycle schedule citizen-focus --moves 2026-q2 --meeting 2026-10-29

A file of meetings may be sent again: what is planned stays, what moved there
moves here, what was cancelled there is called off here. The rules are those of
csp admin committee rules.")]
pub(crate) struct Schedule {
    /// Whose meeting: its short name
    #[arg(value_name = "COMMITTEE")]
    committee: String,
    /// Day of the meeting, such as 2026-10-22
    #[arg(long, value_name = "DAY", value_parser = parse_day, required_unless_present = "meetings")]
    meeting: Option<String>,
    /// When it begins [as the committee's meetings do]
    #[arg(long, value_name = "TIME", conflicts_with = "meetings")]
    time: Option<String>,
    /// What is reported on: 2021-q3, 2021-10, 2021-fy or 2021-10-01..2021-12-31 [by the committee's rules]
    #[arg(long, conflicts_with = "meetings")]
    period: Option<String>,
    /// The cycle whose meeting moves to this day
    #[arg(long, value_name = "CYCLE", conflicts_with_all = ["meetings", "period"])]
    moves: Option<String>,
    /// Take the meetings from an iCalendar file, as a committee system exports it; - is what is piped in
    #[arg(long, value_name = "FILE", conflicts_with = "meeting")]
    meetings: Option<String>,
    /// Show what would be planned, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Schedule {
    pub(super) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let mut question =
            v1::ScheduleMeetingsRequest { parent: names.committee(&self.committee)?, validate_only: self.dry_run, ..Default::default() };
        if let Some(file) = &self.meetings {
            question.ics = files::read_text(file, session.terminal)?;
        } else {
            let cycle = match &self.moves {
                Some(typed) if typed.contains('/') => names.cycle(typed)?,
                Some(typed) => names.cycle(&format!("{}/{typed}", self.committee))?,
                None => String::new(),
            };
            question.meetings.push(v1::Meeting {
                date: self.meeting.unwrap_or_default(),
                time: self.time.unwrap_or_default(),
                period: self.period.unwrap_or_default(),
                cycle,
                ..Default::default()
            });
        }
        let alone = question.ics.is_empty();
        let file = self.meetings.unwrap_or_default();
        let answer = session.schedule_meetings(question).await.map_err(|error| explained(error, &file))?;
        let meetings: Vec<ReplannedView> = answer.meetings.into_iter().map(Into::into).collect();
        // In a file some meetings are past; one that was typed was meant.
        if let ([only], true) = (meetings.as_slice(), alone)
            && let Some(reason) = &only.reason
        {
            return Err(Error::refused(format!("The meeting cannot be planned: {reason}."), Vec::new()));
        }
        session.terminal.announce(if self.dry_run { "Checked. Nothing was changed." } else { "The meetings are planned." });
        session.show(&ScheduleView { meetings }).await
    }
}

/// `ics line 7` as the server says it, as `committee.ics:7`.
fn explained(error: Error, file: &str) -> Error {
    let error = error.places(|field| match field.strip_prefix("ics") {
        Some(rest) => rest.strip_prefix(" line ").map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")),
        None => field.to_owned(),
    });
    options(error, WORDS)
}
