//! `csp admin schedule`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use super::options;
use crate::{
    error::Error,
    session::{Session, all_pages},
    views::schedule::{JobList, JobView},
};

const WORDS: &[(&str, &str)] = &[("reason", "--reason"), ("name", "JOB"), ("parent", "COMMITTEE[/CYCLE]")];

/// See what the server does by itself, and run, hold back or skip it
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp admin schedule list
  csp admin schedule hold citizen-focus/2021-q3/release \\
      --reason \"The venue is flooded.\"

A job is named COMMITTEE/CYCLE/JOB. The jobs of a cycle are open, remind,
rehearse, close, freeze and release. Whoever is asked by mail about what was
missed answers with run or skip.")]
pub(crate) enum Schedule {
    List(List),
    Run(Run),
    Hold(Hold),
    Resume(Resume),
    Skip(Skip),
}

/// Show what is due, done, missed, held and skipped, and why
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp admin schedule list
  csp admin schedule list citizen-focus
  csp admin schedule list citizen-focus/2021-q3 --output json

Without a cycle, those that are not at their end.")]
pub(crate) struct List {
    /// Of one committee, or one of its cycles
    #[arg(value_name = "COMMITTEE[/CYCLE]")]
    of: Option<String>,
}

macro_rules! decisions {
    ($($(#[$about:meta])* $name:ident { $call:ident($question:ident), $announce:literal })*) => {
        $(
            #[derive(Debug, Args)]
            $(#[$about])*
            pub(crate) struct $name {
                /// committee/cycle/job
                #[arg(value_name = "JOB")]
                job: String,
                /// Why, for the record and for whoever wonders; at most 300 characters
                #[arg(long)]
                reason: String,
            }

            impl $name {
                async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
                    let name = session.names_within().await?.job(&self.job)?;
                    let question = v1::$question { name, reason: self.reason };
                    let job = session.$call(question).await.map_err(|error| options(error, WORDS))?;
                    session.terminal.announce($announce);
                    session.show(&JobView::from(job)).await
                }
            }
        )*
    };
}

decisions! {
    /// Have a job done now although it is late, or held back
    #[command(after_help = "\
Examples:
  csp admin schedule run citizen-focus/2021-q3/release \\
      --reason \"Members were told that it comes late.\"
  csp admin schedule run citizen-focus/2021-q3/remind --reason \"We need it.\"

The server does it at its next look, within half a minute. What is not due yet
is refused: csp admin cycle update moves its date. Of reminders, whoever owes
something is written to now, unless they were today.")]
    Run { run_job(RunJobRequest), "The server does it at its next look." }
    /// Hold a job back until you say otherwise, whatever becomes of its date
    #[command(after_help = "\
Example:
  csp admin schedule hold citizen-focus/2021-q3/release \\
      --reason \"The venue is flooded.\"

While opening is held back, nothing can be sent in.")]
    Hold { hold_job(HoldJobRequest), "It is held back." }
    /// Take back what was decided about a job that is not over
    #[command(after_help = "\
Example:
  csp admin schedule resume citizen-focus/2021-q3/release \\
      --reason \"There is another venue.\"")]
    Resume { resume_job(ResumeJobRequest), "It goes by its date again." }
    /// Decide that a job is never done
    #[command(after_help = "\
Example:
  csp admin schedule skip citizen-focus/2021-q3/open \\
      --reason \"It was collected by telephone.\"

Of reminders, the next. This cannot be taken back.")]
    Skip { skip_job(SkipJobRequest), "It will not be done." }
}

impl Schedule {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Run(run) => run.run(session).await,
            Self::Hold(hold) => hold.run(session).await,
            Self::Resume(resume) => resume.run(session).await,
            Self::Skip(skip) => {
                session.confirm(&format!("{} will never be done.", skip.job))?;
                skip.run(session).await
            }
        }
    }
}

impl List {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        // Asked first, so that "in 3 days" is counted from the server's time.
        session.me().await?;
        let parents = match &self.of {
            // A full name of a committee has as many parts as the short one of a cycle has not.
            Some(typed) => vec![names.committee(typed).or_else(|_| names.cycle(typed))?],
            // Editors and approvers see what their committees have.
            None => match session.committees().await? {
                own if !own.is_empty() && !session.is_administrator().await? => own.into_iter().collect(),
                _ => vec![names.region().to_owned()],
            },
        };
        let mut jobs = Vec::new();
        for parent in parents {
            let of_one = all_pages(async |page_token| {
                let parent = parent.clone();
                let answer = session.list_jobs(v1::ListJobsRequest { parent, page_size: 500, page_token }).await;
                let answer = answer.map_err(|error| options(error, WORDS))?;
                Ok((answer.jobs, answer.next_page_token))
            });
            jobs.extend(of_one.await?);
        }
        session.show(&JobList { jobs: jobs.into_iter().map(Into::into).collect() }).await
    }
}
