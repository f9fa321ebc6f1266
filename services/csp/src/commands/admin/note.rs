//! `csp admin note`.

use clap::Subcommand;
use csp_proto::v1;

use super::options;
use crate::{
    dates::parse_day,
    error::Error,
    session::{Session, all_pages},
    views::context_note::{ContextNoteList, ContextNoteView},
};

const WORDS: &[(&str, &str)] = &[
    ("indicator", "--indicator"),
    ("partnership", "--partnership"),
    ("start_date", "--from"),
    ("end_date", "--to"),
    ("sentence", "SENTENCE"),
    ("reason", "--reason"),
];

/// Keep what must be known beside the figures of certain days
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  csp admin note add \"Restrictions on meeting indoors were in force\" \\
      --from 2020-11-05 --to 2020-12-02")]
pub(crate) enum Note {
    /// Enter a context note: papers print it beside every figure about a day of it
    #[command(
        visible_alias = "create",
        after_help = "\
Examples:
  csp admin note add \"Restrictions on meeting indoors were in force\" \\
      --from 2020-11-05 --to 2020-12-02
  csp admin note add \"The police station was closed after a flood\" \\
      --from 2021-10-04 --to 2021-10-29 \\
      --partnership gateshead --indicator burglary

It is printed as a note below each table, once, and as a shaded span in charts
over time. It never changes: remove a wrong one, and add a right one."
    )]
    Add {
        /// What was so, in a sentence
        sentence: String,
        /// The first day
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        from: String,
        /// The last day
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        to: String,
        /// Of which measure; of all when not given
        #[arg(long)]
        indicator: Option<String>,
        /// Where; in the whole region when not given
        #[arg(long)]
        partnership: Option<String>,
    },
    /// List the context notes of the region, those that were removed among them
    #[command(after_help = "Example:\n  csp admin note list")]
    List,
    /// Remove a context note: no later paper prints it
    #[command(after_help = "\
Example:
  csp admin note remove 0190b0a2-7c1e-7000-8000-000000000001 \\
      --reason \"The dates were wrong\"")]
    Remove {
        /// The note, as `csp admin note list` lists it
        note: String,
        /// Why it is removed
        #[arg(long)]
        reason: String,
    },
}

impl Note {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let parent = names.region().to_owned();
        match self {
            Self::Add { sentence, from, to, indicator, partnership } => {
                let note = v1::ContextNote {
                    indicator: indicator.map(|indicator| names.indicator(&indicator)).transpose()?.unwrap_or_default(),
                    partnership: partnership.map(|partnership| names.partnership(&partnership)).transpose()?.unwrap_or_default(),
                    start_date: from,
                    end_date: to,
                    sentence,
                    ..Default::default()
                };
                let question = v1::CreateContextNoteRequest { parent, context_note: Some(note), request_id: String::new() };
                let note = session.create_context_note(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The note is entered.");
                session.show(&ContextNoteView::from(note)).await
            }
            Self::List => {
                let notes = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_context_notes(v1::ListContextNotesRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.context_notes, answer.next_page_token))
                })
                .await?;
                session.show(&ContextNoteList { context_notes: notes.into_iter().map(Into::into).collect() }).await
            }
            Self::Remove { note, reason } => {
                let question = v1::RemoveContextNoteRequest { name: names.context_note(&note)?, reason, etag: String::new() };
                let note = session.remove_context_note(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The note is removed. What was printed of it stays printed.");
                session.show(&ContextNoteView::from(note)).await
            }
        }
    }
}
