//! `csp admin committee`.

use clap::{Args, Subcommand};
use csp_proto::v1;

use super::{committee_template, mask, options};
use crate::{
    error::Error,
    names::Names,
    output::Format,
    session::{Session, all_pages},
    views::committee::{CommitteeList, CommitteeView},
    words::SignOffOption,
};

const WORDS: &[(&str, &str)] = &[
    ("committee_id", "COMMITTEE"),
    ("display_name", "--name"),
    ("partnerships", "--partnership"),
    ("indicators", "--indicator"),
    ("exemptions", "--exempt"),
    ("first_quarter", "--quarterly-from"),
    ("opens.days", "--opens-days"),
    ("opens.time", "--opens-time"),
    ("meeting.days", "--meeting-days"),
    ("meeting.time", "--meeting-time"),
    ("deadline.days", "--deadline-days"),
    ("deadline.time", "--deadline-time"),
    ("publication.days", "--publication-days"),
    ("publication.time", "--publication-time"),
    ("sign_off", "--sign-off"),
];

/// Set up committees and what their papers always say
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin committee list")]
pub(crate) enum Committee {
    Create(Create),
    /// List the committees of the region
    #[command(after_help = "Example:\n  csp admin committee list")]
    List,
    /// Show a committee
    #[command(after_help = "Example:\n  csp admin committee show citizen-focus")]
    Show {
        /// Its short name
        #[arg(value_name = "COMMITTEE")]
        id: String,
    },
    Update(Update),
    Rules(super::rules::Rules),
    /// Print what a committee's paper always says, as a file to change and send back
    #[command(after_help = "\
Example:
  csp admin committee template citizen-focus > paper.toml
  csp admin committee update citizen-focus --template paper.toml")]
    Template {
        /// Its short name
        #[arg(value_name = "COMMITTEE")]
        id: String,
    },
}

/// Set up a committee
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp admin committee create citizen-focus --name \"Citizen Focus Committee\" \\
      --partnership gateshead --partnership newcastle \\
      --indicator burglary --indicator robbery \\
      --quarterly-from 2021-q3 --opens-days 1 --meeting-days 26 \\
      --deadline-days 14 --publication-days 8 --template paper.toml

Every partnership owes a figure for each indicator, but for what --exempt says:
  --exempt sunderland=robbery,arson      these two are not asked of Sunderland
  --exempt sunderland=all                it owes no return, and may send news

Without --quarterly-from its cycles are set by hand (csp admin cycle create).
Without --template its paper has the shape of a police authority's paper over
many partnerships.")]
pub(crate) struct Create {
    /// Its short name: lower-case letters, digits and single hyphens
    #[arg(value_name = "COMMITTEE")]
    id: String,
    /// What it is called
    #[arg(long)]
    name: String,
    /// A partnership that reports to it; once for each, in the order the paper prints them
    #[arg(long = "partnership", value_name = "PARTNERSHIP", required = true)]
    partnerships: Vec<String>,
    /// An indicator it asks for; once for each, in the order the paper prints them
    #[arg(long = "indicator", value_name = "INDICATOR")]
    indicators: Vec<String>,
    /// What is not asked of whom, like sunderland=robbery,arson or sunderland=all; once for each partnership
    #[arg(long = "exempt", value_name = "PARTNERSHIP=INDICATORS")]
    exemptions: Vec<String>,
    #[command(flatten)]
    year: Year,
    /// File that says what its paper always says
    #[arg(long, value_name = "FILE")]
    template: Option<String>,
    /// Whether a partnership's lead must sign before the paper prints what it sent [where-led]
    #[arg(long, value_enum, value_name = "RULE")]
    sign_off: Option<SignOffOption>,
}

/// Change a committee; what is not named stays as it is. Cycles already planned keep their dates
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp admin committee update citizen-focus --meeting-days 30
  csp admin committee update citizen-focus --template paper.toml
  csp admin committee update citizen-focus --exempt sunderland=robbery,arson
  csp admin committee update citizen-focus --exempt none

Partnerships and indicators are named anew, all of them, in their order; so is
what is not asked of whom (--exempt). Who is not asked is not chased.")]
pub(crate) struct Update {
    /// Its short name
    #[arg(value_name = "COMMITTEE")]
    id: String,
    /// What it is called
    #[arg(long)]
    name: Option<String>,
    /// A partnership that reports to it; once for each, in the order the paper prints them
    #[arg(long = "partnership", value_name = "PARTNERSHIP")]
    partnerships: Vec<String>,
    /// An indicator it asks for; once for each, in the order the paper prints them
    #[arg(long = "indicator", value_name = "INDICATOR")]
    indicators: Vec<String>,
    /// What is not asked of whom, like sunderland=robbery,arson or sunderland=all; once for each partnership, or none
    #[arg(long = "exempt", value_name = "PARTNERSHIP=INDICATORS")]
    exemptions: Vec<String>,
    #[command(flatten)]
    year: Year,
    /// From now on its cycles are set by hand
    #[arg(long, conflicts_with = "Year")]
    by_hand: bool,
    /// File that says what its paper always says
    #[arg(long, value_name = "FILE")]
    template: Option<String>,
    /// Whether a partnership's lead must sign before the paper prints what it sent
    #[arg(long, value_enum, value_name = "RULE")]
    sign_off: Option<SignOffOption>,
}

/// How the year runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "A cycle for each financial quarter")]
struct Year {
    /// First quarter reported on: 2021-q3 is October to December 2021
    #[arg(long, value_name = "QUARTER")]
    quarterly_from: Option<String>,
    /// Collecting opens so many days after the quarter's last day [1 when a committee is set up]
    #[arg(long, value_name = "DAYS")]
    opens_days: Option<i32>,
    /// At what time [09:00]
    #[arg(long, value_name = "TIME")]
    opens_time: Option<String>,
    /// The meeting is so many days after the quarter's last day [26]
    #[arg(long, value_name = "DAYS")]
    meeting_days: Option<i32>,
    /// At what time [10:00]
    #[arg(long, value_name = "TIME")]
    meeting_time: Option<String>,
    /// Returns are due so many days before the meeting [14]
    #[arg(long, value_name = "DAYS")]
    deadline_days: Option<i32>,
    /// At what time [17:00]
    #[arg(long, value_name = "TIME")]
    deadline_time: Option<String>,
    /// The paper is published so many days before the meeting [8]
    #[arg(long, value_name = "DAYS")]
    publication_days: Option<i32>,
    /// At what time [09:00]
    #[arg(long, value_name = "TIME")]
    publication_time: Option<String>,
}

impl Year {
    fn changes_anything(&self) -> bool {
        let days = [self.opens_days, self.meeting_days, self.deadline_days, self.publication_days];
        let times = [&self.quarterly_from, &self.opens_time, &self.meeting_time, &self.deadline_time, &self.publication_time];
        days.iter().any(Option::is_some) || times.into_iter().any(Option::is_some)
    }

    /// What is typed over what was; what was neither has the usual days and times.
    fn over(self, was: Option<v1::Recurrence>) -> Result<Option<v1::Recurrence>, Error> {
        if !self.changes_anything() {
            return Ok(was);
        }
        let was = was.unwrap_or_default();
        let first_quarter = self.quarterly_from.unwrap_or(was.first_quarter);
        if first_quarter.is_empty() {
            return Err(Error::usage("From which quarter on? Days and times need --quarterly-from 2021-q3."));
        }
        let offset = |was: Option<v1::Offset>, days: Option<i32>, time: Option<String>, usual: (i32, &str)| {
            let was = was.unwrap_or(v1::Offset { days: usual.0, time: usual.1.to_owned() });
            Some(v1::Offset { days: days.unwrap_or(was.days), time: time.unwrap_or(was.time) })
        };
        Ok(Some(v1::Recurrence {
            first_quarter,
            opens: offset(was.opens, self.opens_days, self.opens_time, (1, "09:00")),
            meeting: offset(was.meeting, self.meeting_days, self.meeting_time, (26, "10:00")),
            deadline: offset(was.deadline, self.deadline_days, self.deadline_time, (14, "17:00")),
            publication: offset(was.publication, self.publication_days, self.publication_time, (8, "09:00")),
        }))
    }
}

impl Committee {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        match self {
            Self::Create(create) => create.run(&names, session).await,
            Self::List => {
                let committees = all_pages(async |page_token| {
                    let parent = names.region().to_owned();
                    let answer = session.list_committees(v1::ListCommitteesRequest { parent, page_size: 100, page_token }).await?;
                    Ok((answer.committees, answer.next_page_token))
                })
                .await?;
                session.show(&CommitteeList { committees: committees.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { id } => {
                let committee = session.get_committee(v1::GetCommitteeRequest { name: names.committee(&id)? }).await?;
                session.show(&CommitteeView::from(committee)).await
            }
            Self::Update(update) => update.run(&names, session).await,
            Self::Rules(rules) => rules.run(&names, session).await,
            Self::Template { id } => {
                let committee = session.get_committee(v1::GetCommitteeRequest { name: names.committee(&id)? }).await?;
                if session.format == Format::Json {
                    return session.show(&CommitteeView::from(committee)).await;
                }
                let template = committee.template.ok_or_else(|| Error::unexpected("The server gives no template."))?;
                let text = committee_template::write(template)?;
                session.terminal.write(text.as_bytes())
            }
        }
    }
}

fn partnerships(typed: &[String], names: &Names) -> Result<Vec<String>, Error> {
    typed.iter().map(|typed| names.partnership(typed)).collect()
}

fn indicators(typed: &[String], names: &Names) -> Result<Vec<String>, Error> {
    typed.iter().map(|typed| names.indicator(typed)).collect()
}

/// What is not asked of whom: `sunderland=robbery,arson`, `sunderland=all`, or `none`.
fn exemptions(typed: &[String], names: &Names, asked: &[String]) -> Result<Vec<v1::Exemption>, Error> {
    if matches!(typed, [only] if only == "none") {
        return Ok(Vec::new());
    }
    let exemption = |typed: &String| {
        let (partnership, of) = typed.split_once('=').filter(|(_, of)| !of.trim().is_empty()).ok_or_else(|| {
            let shown: String = typed.chars().take(60).collect();
            Error::usage(format!(
                "--exempt {shown}: must be a partnership and what is not asked of it, like sunderland=robbery,arson or sunderland=all; \
                 or none, alone."
            ))
        })?;
        let indicators = match of.trim() {
            "all" => asked.to_vec(),
            list => list.split(',').map(|typed| names.indicator(typed.trim())).collect::<Result<_, _>>()?,
        };
        Ok(v1::Exemption { partnership: names.partnership(partnership.trim())?, indicators })
    };
    typed.iter().map(exemption).collect()
}

/// `committee.partnerships[2]` is the third `--partnership`.
fn explained(error: Error, template: Option<&str>) -> Error {
    let error = error.places(|field| {
        let field = field.split_once('[').map_or(field, |(list, _)| if list.ends_with("implications") { field } else { list });
        match field.split_once("template.") {
            Some((_, rest)) => format!("{}: {rest}", template.unwrap_or("--template")),
            None => field.to_owned(),
        }
    });
    options(error, WORDS)
}

impl Create {
    async fn run(self, names: &Names, session: &mut Session<'_>) -> Result<(), Error> {
        let template = self.template.as_deref().map(|file| committee_template::read(file, session)).transpose()?;
        let committee = v1::Committee {
            display_name: self.name,
            partnerships: partnerships(&self.partnerships, names)?,
            indicators: indicators(&self.indicators, names)?,
            exemptions: exemptions(&self.exemptions, names, &indicators(&self.indicators, names)?)?,
            recurrence: self.year.over(None)?,
            template,
            sign_off: self.sign_off.map(SignOffOption::code).unwrap_or_default(),
            ..Default::default()
        };
        let parent = names.region().to_owned();
        let question =
            v1::CreateCommitteeRequest { parent, committee: Some(committee), committee_id: self.id.clone(), request_id: String::new() };
        let committee = session.create_committee(question).await.map_err(|error| explained(error, self.template.as_deref()))?;
        session.terminal.announce("The committee is set up. It needs members, an editor and an approver:");
        session.terminal.say(format!("  csp admin member import members.csv --committee {}", self.id));
        session.terminal.say(format!("  csp admin role grant jo-brown editor --committee {}", self.id));
        session.terminal.say(format!("  csp admin role grant sam-hill approver --committee {}", self.id));
        let committee = CommitteeView::from(committee);
        for warning in &committee.warnings {
            session.terminal.announce(&format!("Warning: {warning}"));
        }
        session.show(&committee).await
    }
}

impl Update {
    async fn run(self, names: &Names, session: &mut Session<'_>) -> Result<(), Error> {
        let template = self.template.as_deref().map(|file| committee_template::read(file, session)).transpose()?;
        let mut committee = session.get_committee(v1::GetCommitteeRequest { name: names.committee(&self.id)? }).await?;
        let mut paths = Vec::new();
        super::change(&mut committee.display_name, self.name, "display_name", &mut paths);
        let reporting = (!self.partnerships.is_empty()).then(|| partnerships(&self.partnerships, names)).transpose()?;
        super::change(&mut committee.partnerships, reporting, "partnerships", &mut paths);
        let asked = (!self.indicators.is_empty()).then(|| indicators(&self.indicators, names)).transpose()?;
        super::change(&mut committee.indicators, asked, "indicators", &mut paths);
        let exempt = (!self.exemptions.is_empty()).then(|| exemptions(&self.exemptions, names, &committee.indicators)).transpose()?;
        super::change(&mut committee.exemptions, exempt, "exemptions", &mut paths);
        super::change(&mut committee.template, template.map(Some), "template", &mut paths);
        super::change(&mut committee.sign_off, self.sign_off.map(SignOffOption::code), "sign_off", &mut paths);
        if self.by_hand {
            super::change(&mut committee.recurrence, Some(None), "recurrence", &mut paths);
        } else if self.year.changes_anything() {
            let recurrence = self.year.over(committee.recurrence.take())?;
            super::change(&mut committee.recurrence, Some(recurrence), "recurrence", &mut paths);
        }
        let update_mask =
            mask(paths, "--name, --partnership, --indicator, --exempt, --template, --sign-off, --by-hand and the days and times")?;
        let question = v1::UpdateCommitteeRequest { committee: Some(committee), update_mask };
        let committee = session.update_committee(question).await.map_err(|error| explained(error, self.template.as_deref()))?;
        session.terminal.announce("The committee is changed.");
        session.show(&CommitteeView::from(committee)).await
    }
}
