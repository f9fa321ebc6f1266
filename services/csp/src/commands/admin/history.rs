//! `csp admin history`.

use std::collections::HashMap;

use clap::Subcommand;
use csp_proto::v1;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    history_file::{self, HistoryFile, Known},
    options,
};
use crate::{
    error::{Error, Violation},
    files,
    names::last,
    session::{Session, all_pages},
    views::history::{HistoryImportView, HistoryImports},
};

const WORDS: &[(&str, &str)] = &[("source", "--source")];
/// The most bytes of a file of figures: two hundred thousand long rows.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Take in figures from before partnerships reported here
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  csp admin history import recorded_crime_monthly.csv \\
      --source \"Police-recorded crime, data.police.uk\" --known-only")]
pub(crate) enum History {
    /// Take in a file of figures, all of it or nothing
    #[command(after_help = "\
Example:
  csp admin history import recorded_crime_monthly.csv \\
      --source \"Police-recorded crime, data.police.uk\" --known-only

The file is CSV in UTF-8 with a row for each figure, and these columns:
  period (or month)              2021-10 is a month, 2021-q3 and 2021-fy a
                                 quarter and the whole of a financial year
  ons_code (or csp24_code)       the partnership's code, or its short name
  indicator (or crime_type)      its short name, or what it is called
  value (or count)               how many; a zero is a zero
Other columns are passed over, and so are rows without a code. What is known
already stays as it is, so a file may be imported again; where a figure
differs, the newer one counts and the older stays on record. A partnership's
own return comes before both. One file is one unit: it comes in whole, or not
at all.")]
    Import {
        /// The file; - is what is piped in
        file: String,
        /// Who counted it, and where it was published
        #[arg(long)]
        source: String,
        /// Pass over rows of partnerships and indicators that this region does not have; they are counted and listed
        #[arg(long)]
        known_only: bool,
        /// Say what would come in, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List what was taken in
    #[command(after_help = "Example:\n  csp admin history list")]
    List,
}

impl History {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let parent = names.region().to_owned();
        match self {
            Self::Import { file, source, known_only, dry_run } => {
                let known = known(session, &parent).await?;
                let bytes = files::read_up_to(&file, LARGEST, session.terminal)?;
                let bar = progress(session, bytes.len() as u64);
                let found = history_file::read(&file, bar.wrap_read(&bytes[..]), &known);
                bar.finish_and_clear();
                let mut found = found?;
                let (points, series) = (found.points, std::mem::take(&mut found.series));
                let HistoryFile { of_nobody, unknown, .. } = &found;
                if !unknown.is_empty() && !known_only {
                    let violations = unknown.iter().map(|(what, rows)| Violation {
                        place: file.clone(),
                        fault: format!("{what} is not known in this region ({})", crate::output::count(*rows, "row", "rows")),
                    });
                    return Err(Error::refused(format!("{file} cannot be used. Nothing was sent."), violations.collect())
                        .hint("Enter what is missing, or pass over its rows with --known-only."));
                }
                if points == 0 {
                    return Err(Error::refused(format!("{file} has no figure that could come in."), Vec::new()));
                }
                let wait = progress(session, 0);
                wait.set_message(format!("{points} figures are being written"));
                wait.enable_steady_tick(std::time::Duration::from_millis(100));
                let question = v1::ImportHistoryRequest { parent, source, series, validate_only: dry_run };
                let answer = session.import_history(question).await;
                wait.finish_and_clear();
                let in_file = |field: &str| found.place(&file, field).unwrap_or_else(|| field.to_owned());
                let made = answer.map_err(|error| options(error.places(in_file), WORDS))?;
                session.terminal.announce(if dry_run { "Nothing was changed. This would come in." } else { "The figures are in." });
                let left_out = of_nobody.iter().chain(unknown).map(|(what, rows)| (what.clone(), *rows)).collect();
                session.show(&HistoryImportView::of(made, left_out, dry_run)).await
            }
            Self::List => {
                let imports = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let question = v1::ListHistoryImportsRequest { parent, page_size: 500, page_token };
                    let answer = session.list_history_imports(question).await?;
                    Ok((answer.history_imports, answer.next_page_token))
                })
                .await?;
                let imports = imports.into_iter().map(|import| HistoryImportView::of(import, Vec::new(), false)).collect();
                session.show(&HistoryImports { imports }).await
            }
        }
    }
}

/// A bar where somebody watches: over the bytes of a file, or of nothing but time.
fn progress(session: &Session<'_>, length: u64) -> ProgressBar {
    let bar = if length == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(length) };
    bar.set_draw_target(if session.terminal.talk_is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    if length > 0 {
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes} read").unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
    }
    bar
}

async fn known(session: &Session<'_>, parent: &str) -> Result<Known, Error> {
    let partnerships = all_pages(async |page_token| {
        let question = v1::ListPartnershipsRequest { parent: parent.to_owned(), page_size: 500, page_token };
        let answer = session.list_partnerships(question).await?;
        Ok((answer.partnerships, answer.next_page_token))
    })
    .await?;
    let indicators = all_pages(async |page_token| {
        let question = v1::ListIndicatorsRequest { parent: parent.to_owned(), page_size: 500, page_token };
        let answer = session.list_indicators(question).await?;
        Ok((answer.indicators, answer.next_page_token))
    })
    .await?;
    let mut known = Known { partnerships: HashMap::new(), indicators: HashMap::new() };
    for found in partnerships {
        known.partnerships.insert(found.ons_code.to_lowercase(), found.name.clone());
        known.partnerships.insert(last(&found.name).to_owned(), found.name);
    }
    // What something is called gives way to short names, which are unique.
    for found in &indicators {
        known.indicators.insert(found.display_name.to_lowercase(), found.name.clone());
    }
    known.indicators.extend(indicators.into_iter().map(|found| (last(&found.name).to_owned(), found.name)));
    Ok(known)
}
