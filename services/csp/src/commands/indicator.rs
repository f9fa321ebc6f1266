//! `csp indicator`: the measures that one partnership keeps for itself.

use clap::Subcommand;
use csp_proto::v1;

use super::admin::{
    definition::{Change, New},
    indicator::{WORDS, listed},
    options,
};
use crate::{
    dates::parse_day,
    error::Error,
    names::short,
    session::Session,
    views::indicator::{IndicatorList, IndicatorView},
};

/// Keep measures of your partnership's own, besides those the committee asks all for
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  csp indicator create dog-fouling --name \"Dog fouling reports\" \\
      --unit count --polarity lower-is-better --source \"Street wardens\"

You are asked for it with every return from then on, and the paper prints it
in your partnership's part. It enters no total and no comparison with others.")]
pub(crate) enum Indicator {
    /// Enter a measure of your partnership's own
    #[command(after_help = "\
Examples:
  csp indicator create dog-fouling --name \"Dog fouling reports\" \\
      --unit count --polarity lower-is-better --source \"Street wardens\"
  csp indicator create feels-safe --name \"Feel safe in the park\" \\
      --unit count --per 100 --of gateshead.park-answers \\
      --polarity higher-is-better --source \"Park survey\"

Its name in files is that of your partnership, a dot and its own:
gateshead.dog-fouling.")]
    Create {
        /// Its short name: lower-case letters, digits and single hyphens
        id: String,
        /// Whose it is. Need not be said when you report for one partnership only
        #[arg(long, value_name = "PARTNERSHIP")]
        partnership: Option<String>,
        #[command(flatten)]
        new: New,
    },
    /// List the shared indicators and your partnership's own
    #[command(after_help = "Example:\n  csp indicator list")]
    List,
    /// Show an indicator
    #[command(after_help = "Example:\n  csp indicator show gateshead.dog-fouling")]
    Show {
        /// Its short name
        id: String,
    },
    /// Change a measure of your partnership's own, or end it
    #[command(after_help = "\
Examples:
  csp indicator update gateshead.dog-fouling --source \"Wardens and app\"
  csp indicator update gateshead.dog-fouling --until 2022-03-31")]
    Update {
        /// Its short name, with that of the partnership: gateshead.dog-fouling
        id: String,
        #[command(flatten)]
        change: Change,
        /// The last day it is asked for
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        until: Option<String>,
    },
}

impl Indicator {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        match self {
            Self::Create { id, partnership, new } => {
                let parent = session.partnership(partnership.as_deref()).await?;
                let indicator = Some(new.indicator(&names)?);
                let question = v1::CreateOwnIndicatorRequest { parent, indicator, indicator_id: id, request_id: String::new() };
                let indicator = session.create_own_indicator(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce(&format!("The measure is entered. In files it is called {}.", short(&indicator.name)));
                session.show(&IndicatorView::from(indicator)).await
            }
            Self::List => {
                let indicators = listed(names.region(), session).await?;
                session.show(&IndicatorList { indicators: indicators.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { id } => {
                let indicator = session.get_indicator(v1::GetIndicatorRequest { name: names.indicator(&id)? }).await?;
                session.show(&IndicatorView::from(indicator)).await
            }
            Self::Update { id, change, until } => {
                let mut indicator = session.get_indicator(v1::GetIndicatorRequest { name: names.indicator(&id)? }).await?;
                let mut paths = Vec::new();
                change.apply(&mut indicator, &names, &mut paths)?;
                super::admin::change(&mut indicator.end_date, until, "end_date", &mut paths);
                let update_mask = super::admin::mask(paths, "--name, --polarity, --source, --meaning, --until")?;
                let question = v1::UpdateOwnIndicatorRequest { indicator: Some(indicator), update_mask };
                let indicator = session.update_own_indicator(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The measure is changed.");
                session.show(&IndicatorView::from(indicator)).await
            }
        }
    }
}
