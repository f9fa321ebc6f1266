//! `csp admin population`.

use clap::Subcommand;
use csp_proto::v1;
use csp_sheet::notation::{self, Number, Reading};

use crate::{
    error::{Error, Violation},
    files,
    names::echo,
    session::{Session, all_pages},
    sheet::Sheet,
    views::population::{PopulationList, PopulationsImported},
};

/// The name is for whoever reads the file.
const COLUMNS: [&str; 5] = ["ons_code", "name", "mid_year", "population", "source"];
const REQUIRED: [&str; 3] = ["ons_code", "mid_year", "population"];

/// Keep the estimates of residents that rates are computed with
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin population import populations.csv")]
pub(crate) enum Population {
    /// Enter an estimate for each line of a file, all or none; what is known of an area and year is replaced
    #[command(after_help = "\
Examples:
  csp admin population import populations.csv
  csp admin population import mid-2021.csv --source \"ONS mid-2021\" --dry-run

The file is CSV in UTF-8 with the head line ons_code,mid_year,population and,
if wanted, name (not read) and source. It may be imported again: what says
nothing new changes nothing. deploy/populations.csv has mid-2019 and mid-2020
for England and Wales.")]
    Import {
        /// The file; - is what is piped in
        file: String,
        /// Who says so, and under which licence, where the file has no column for it
        #[arg(long)]
        source: Option<String>,
        /// Check everything and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the estimates of the region
    #[command(after_help = "Example:\n  csp admin population list")]
    List,
}

impl Population {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let parent = session.names_within().await?.region().to_owned();
        match self {
            Self::Import { file, source, dry_run } => {
                let mut sheet = Sheet::parse(&file, &files::read_text(&file, session.terminal)?, &COLUMNS, &REQUIRED)?;
                let populations = populations(&mut sheet, source.as_deref())?;
                let all = populations.len();
                let question = v1::ImportPopulationsRequest { parent, populations, validate_only: dry_run };
                let answer = session.import_populations(question).await.map_err(|error| error.places(|field| place(&sheet, field)))?;
                let (added, changed) = (number(answer.added), number(answer.changed));
                let unchanged = all.saturating_sub(added + changed);
                session.show(&PopulationsImported { added, changed, unchanged, validate_only: dry_run }).await
            }
            Self::List => {
                let populations = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_populations(v1::ListPopulationsRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.populations, answer.next_page_token))
                })
                .await?;
                session.show(&PopulationList::of(populations)).await
            }
        }
    }
}

fn number(count: i32) -> usize {
    usize::try_from(count).unwrap_or_default()
}

/// An estimate for each line. What is no number is named before anything is sent.
fn populations(sheet: &mut Sheet, source: Option<&str>) -> Result<Vec<v1::Population>, Error> {
    let mut violations = sheet.take_faults();
    let mut populations = Vec::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        let cell = |column: &'static str| sheet.cell(row, column);
        let mut wrong = |column: &str, fault: String| violations.push(Violation { place: sheet.place(index, column), fault });
        let mid_year = cell("mid_year").parse().unwrap_or_else(|_| {
            wrong("mid_year", format!("“{}” is not a year, such as 2020", echo(cell("mid_year"))));
            0
        });
        let digits = match notation::read(cell("population")) {
            Reading::Number(Number { digits, .. }) => digits,
            _ => String::new(),
        };
        let people = digits.parse().unwrap_or_else(|_| {
            wrong("population", format!("“{}” is not a whole number of residents, such as 201950", echo(cell("population"))));
            0
        });
        let told = Some(cell("source")).filter(|told| !told.is_empty()).or(source);
        let source = told.unwrap_or_default().to_owned();
        if source.is_empty() {
            wrong("source", "says nobody: who says so? Fill the column source, or give --source".to_owned());
        }
        populations.push(v1::Population { ons_code: cell("ons_code").to_owned(), mid_year, people, source, create_time: None });
    }
    sheet.check(violations)?;
    Ok(populations)
}

/// `populations[3].people` as `populations.csv:5: population`.
fn place(sheet: &Sheet, field: &str) -> String {
    let parts = field.strip_prefix("populations[").and_then(|rest| rest.split_once(']'));
    let Some((index, column)) = parts.and_then(|(index, rest)| Some((index.parse().ok()?, rest.trim_start_matches('.')))) else {
        return if field == "populations" { sheet.file.clone() } else { field.to_owned() };
    };
    sheet.place(index, if column == "people" { "population" } else { column })
}
