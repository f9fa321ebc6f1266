//! `csp admin indicator`.

use clap::Subcommand;
use csp_proto::v1;

use super::{
    catalogue,
    definition::{Change, New},
    import, mask, options,
};
use crate::{
    error::Error,
    session::{Session, all_pages},
    views::indicator::{IndicatorList, IndicatorView},
};

pub(crate) const WORDS: &[(&str, &str)] = &[
    ("indicator_id", "INDICATOR"),
    ("display_name", "--name"),
    ("unit", "--unit"),
    ("polarity", "--polarity"),
    ("source", "--source"),
    ("meaning", "--meaning"),
    ("per", "--per"),
    ("denominator", "--of"),
    ("decimals", "--decimals"),
    ("survey_months", "--survey"),
    ("valid_from", "--valid-from"),
    ("breaks", "--break"),
    ("end_date", "--until"),
];

/// Keep the catalogue of indicators
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin indicator import indicators.csv")]
pub(crate) enum Indicator {
    /// Enter an indicator
    #[command(after_help = "\
Example:
  csp admin indicator create burglary --name Burglary --unit count \\
      --polarity lower-is-better --source \"Police-recorded crime\" --crime
  csp admin indicator create feels-safe --name \"Feel safe after dark\" \\
      --unit count --per 100 --of survey-answers --decimals 1 \\
      --polarity higher-is-better --source \"Residents' survey\"")]
    Create {
        /// Its short name: lower-case letters, digits and single hyphens
        id: String,
        #[command(flatten)]
        new: New,
    },
    /// List the indicators of the region
    #[command(after_help = "Example:\n  csp admin indicator list")]
    List,
    /// Show an indicator
    #[command(after_help = "Example:\n  csp admin indicator show burglary")]
    Show {
        /// Its short name
        id: String,
    },
    /// Change an indicator
    #[command(after_help = "Example:\n  csp admin indicator update hate-crime --polarity neither")]
    Update {
        /// Its short name
        id: String,
        #[command(flatten)]
        change: Change,
    },
    /// Enter an indicator for each line of a file
    #[command(after_help = "\
Example:
  csp admin indicator import indicators.csv

The file is CSV in UTF-8 with the head line id,name,unit,polarity,source and
as many of these besides as are wanted:
  meaning     what is counted, in a sentence
  per, of     printed as so many of each PER: of another indicator, or of
              residents. per 100 is a percentage
  decimals    digits after the point of a percentage or rate
  frequency   month, quarter or year
  sensitive   yes: one to four are printed as fewer than 5
  crime       yes: belongs into a total of crime
  valid_from  the first day of the definition as it is now
  stock       yes: a state at the end of a period, never added up over months
  survey      of a survey's result: over how many months up to the end of each
              period people are asked; 12 of a rolling year
  breaks      days on which what is counted changed, and how, divided by |
  notes       what must be known beside its figures of certain days, divided
              by |: 2020-11-05..2020-12-02 Restrictions were in force
The unit is count, pounds or days; the polarity is lower-is-better,
higher-is-better or neither, and may be empty where neither is usual.
With --skip-existing, notes that are new are entered of what is there too;
one that was removed since is not entered again (see csp admin note).")]
    Import {
        /// The file; - is what is piped in
        file: String,
        #[command(flatten)]
        manner: import::Manner,
    },
}

impl Indicator {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let parent = names.region().to_owned();
        match self {
            Self::Create { id, new } => {
                let indicator = Some(new.indicator(&names)?);
                let question = v1::CreateIndicatorRequest { parent, indicator, indicator_id: id, request_id: String::new() };
                let indicator = session.create_indicator(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The indicator is entered.");
                session.show(&IndicatorView::from(indicator)).await
            }
            Self::List => {
                let indicators = listed(&parent, session).await?;
                session.show(&IndicatorList { indicators: indicators.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { id } => {
                let name = names.indicator(&id)?;
                let indicator = session.get_indicator(v1::GetIndicatorRequest { name }).await?;
                session.show(&IndicatorView::from(indicator)).await
            }
            Self::Update { id, change } => {
                let name = names.indicator(&id)?;
                let mut indicator = session.get_indicator(v1::GetIndicatorRequest { name }).await?;
                let mut paths = Vec::new();
                change.apply(&mut indicator, &names, &mut paths)?;
                let update_mask = mask(paths, "--name, --polarity, --source, --meaning, --sensitive, --break")?;
                let question = v1::UpdateIndicatorRequest { indicator: Some(indicator), update_mask };
                let indicator = session.update_indicator(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The indicator is changed.");
                session.show(&IndicatorView::from(indicator)).await
            }
            Self::Import { file, manner } => catalogue::import(&file, manner, &names, session).await,
        }
    }
}

/// The indicators of a region that the caller knows of.
pub(crate) async fn listed(region: &str, session: &Session<'_>) -> Result<Vec<v1::Indicator>, Error> {
    all_pages(async |page_token| {
        let parent = region.to_owned();
        let answer = session.list_indicators(v1::ListIndicatorsRequest { parent, page_size: 500, page_token }).await?;
        Ok((answer.indicators, answer.next_page_token))
    })
    .await
}
