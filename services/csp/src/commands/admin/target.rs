//! `csp admin target`.

use clap::{ArgGroup, Subcommand};
use csp_proto::v1;
use csp_sheet::notation::{self, Number, Reading};

use super::options;
use crate::{
    dates::parse_day,
    error::Error,
    names::{Names, echo},
    session::{Session, all_pages},
    views::target::{TargetList, TargetView},
};

const WORDS: &[(&str, &str)] = &[
    ("indicator", "INDICATOR"),
    ("partnership", "--partnership"),
    ("aim", "--at-most or --at-least"),
    ("milestones", "--milestone"),
    ("way", "--straight"),
    ("baseline", "--baseline"),
    ("end_date", "--until"),
    ("reason", "--reason"),
];

/// Keep what was promised of a measure, and from where it started
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  csp admin target set burglary --at-most --milestone 2021-q1=230 \\
      --reason \"Community Safety Plan 2021\"")]
pub(crate) enum Target {
    /// Set a target, or keep a baseline; set anew it is another one, and the old one is to be ended
    #[command(
        visible_alias = "create",
        group(ArgGroup::new("aim").args(["at_most", "at_least"])),
        after_help = "\
Examples:
  csp admin target set burglary --partnership gateshead --at-most \\
      --milestone 2020-q3=293 --milestone 2022-q3=220 --straight \\
      --until 2023-03-31 --reason \"Safer Gateshead plan 2021 to 2023\"
  csp admin target set feels-safe --at-least --milestone 2021-fy=70 \\
      --reason \"Agreed by the committee on 12 January 2022\"
  csp admin target set burglary --baseline 2019-q3 --reason \"Before Covid\"

A value is written as the paper prints it: of a percentage the percentage.
Without --partnership it is of all who report to a committee, together."
    )]
    Set {
        /// Of which measure
        indicator: String,
        /// Of whom; of all together when not given
        #[arg(long)]
        partnership: Option<String>,
        /// No more than the target is good
        #[arg(long)]
        at_most: bool,
        /// No fewer than the target is good
        #[arg(long)]
        at_least: bool,
        /// What is wanted of which period; one alone holds from then on, of several each until the next
        #[arg(long = "milestone", value_name = "PERIOD=VALUE", requires = "aim")]
        milestones: Vec<String>,
        /// From the first of two milestones in equal steps to the second
        #[arg(long, requires = "milestones")]
        straight: bool,
        /// The period the plan started from: the paper sets the latest figures beside it
        #[arg(long, value_name = "PERIOD", conflicts_with = "partnership")]
        baseline: Option<String>,
        /// Last day it holds; until further notice when not given
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        until: Option<String>,
        /// Who set it, and why; printed beside it
        #[arg(long)]
        reason: String,
    },
    /// List the targets of the region, those that ended among them
    #[command(after_help = "Example:\n  csp admin target list")]
    List,
    /// Show a target
    #[command(after_help = "Example:\n  csp admin target show 0190b0a2-7c1e-7000-8000-000000000001")]
    Show {
        /// The target, as `csp admin target list` lists it
        target: String,
    },
    /// End a target with a day
    #[command(after_help = "\
Example:
  csp admin target end 0190b0a2-7c1e-7000-8000-000000000001 \\
      --on 2022-03-31 --reason \"A new plan was agreed\"")]
    End {
        /// The target, as `csp admin target list` lists it
        target: String,
        /// The last day it holds
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        on: String,
        /// Why it ends
        #[arg(long)]
        reason: String,
    },
}

impl Target {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let parent = names.region().to_owned();
        match self {
            Self::Set { indicator, partnership, at_most, at_least, milestones, straight, baseline, until, reason } => {
                let aim = if at_most { v1::Aim::AtMost } else { v1::Aim::AtLeast };
                let way = if straight { v1::Way::Straight } else { v1::Way::Steps };
                let milestones = milestones.iter().map(|typed| milestone(typed)).collect::<Result<Vec<_>, _>>()?;
                let any = !milestones.is_empty();
                if !any && (at_most || at_least) {
                    return Err(Error::usage("What is wanted, and by when? Name a period and a value: --milestone 2022-q4=180."));
                }
                let target = v1::Target {
                    indicator: names.indicator(&indicator)?,
                    partnership: partnership.map(|partnership| names.partnership(&partnership)).transpose()?.unwrap_or_default(),
                    aim: if any { aim.into() } else { 0 },
                    way: if any { way.into() } else { 0 },
                    milestones,
                    baseline: baseline.unwrap_or_default(),
                    reason,
                    end_date: until.unwrap_or_default(),
                    ..Default::default()
                };
                let question = v1::CreateTargetRequest { parent, target: Some(target), request_id: String::new() };
                let target = session.create_target(question).await.map_err(explained)?;
                session.terminal.announce("The target is set.");
                session.show(&TargetView::from(target)).await
            }
            Self::List => {
                let targets = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_targets(v1::ListTargetsRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.targets, answer.next_page_token))
                })
                .await?;
                session.show(&TargetList { targets: targets.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { target } => {
                let target = session.get_target(v1::GetTargetRequest { name: name(&names, &target)? }).await?;
                session.show(&TargetView::from(target)).await
            }
            Self::End { target, on, reason } => {
                let name = name(&names, &target)?;
                let read = session.get_target(v1::GetTargetRequest { name: name.clone() }).await?;
                let question = v1::EndTargetRequest { name, end_date: on, reason, etag: read.etag };
                let words: &[(&str, &str)] = &[("end_date", "--on"), ("reason", "--reason")];
                let target = session.end_target(question).await.map_err(|error| options(error, words))?;
                session.terminal.announce("The target has its end.");
                session.show(&TargetView::from(target)).await
            }
        }
    }
}

fn name(names: &Names, typed: &str) -> Result<String, Error> {
    names.target(typed)
}

/// `2021-q1=230`.
fn milestone(typed: &str) -> Result<v1::Milestone, Error> {
    let (period, value) = typed
        .split_once('=')
        .ok_or_else(|| Error::usage(format!("--milestone: “{}” must be a period and a value, such as 2022-q4=180.", echo(typed))))?;
    let value = match notation::read(value) {
        Reading::Number(Number { digits, .. }) => digits,
        Reading::Unclear(question) => return Err(Error::usage(format!("--milestone: {question}."))),
        _ => return Err(Error::usage(format!("--milestone: “{}” must be a period and a value, such as 2022-q4=180.", echo(typed)))),
    };
    Ok(v1::Milestone { period: period.trim().to_owned(), value })
}

/// `target.milestones[1].value` is the second `--milestone`.
fn explained(error: Error) -> Error {
    options(error.places(|field| field.split('[').next().unwrap_or(field).to_owned()), WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_milestone_is_a_period_and_a_value_as_people_write_it() {
        let read = |typed| milestone(typed).map(|m| (m.period, m.value)).map_err(|error| error.sentence.clone());
        assert_eq!(read("2021-q1 = 1,230"), Ok(("2021-q1".into(), "1230".into())));
        assert_eq!(read("2021-fy=70.5%"), Ok(("2021-fy".into(), "70.5".into())));
        assert!(read("230").unwrap_err().contains("such as 2022-q4=180"));
    }
}
