//! `csp admin partnership`.

use clap::Subcommand;
use csp_proto::v1;

use super::{change, import, mask, options};
use crate::{
    error::Error,
    files,
    session::{Session, all_pages},
    sheet::Sheet,
    views::partnership::{PartnershipList, PartnershipView},
};

const WORDS: &[(&str, &str)] = &[
    ("partnership_id", "PARTNERSHIP"),
    ("comparison_group.display_name", "--group"),
    ("comparison_group.ons_codes", "--group-member"),
    ("display_name", "--name"),
    ("ons_code", "--ons-code"),
];
const COLUMNS: [&str; 3] = ["id", "name", "ons_code"];
const COLUMN_WORDS: &[(&str, &str)] = &[("partnership_id", "id"), ("display_name", "name")];

/// Set up partnerships
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin partnership create gateshead --name Gateshead --ons-code E22000244")]
pub(crate) enum Partnership {
    /// Set up a partnership
    #[command(after_help = "Example:\n  csp admin partnership create gateshead --name Gateshead --ons-code E22000244")]
    Create {
        /// Its short name: lower-case letters, digits and single hyphens
        id: String,
        /// What it is called
        #[arg(long)]
        name: String,
        /// Its code at the Office for National Statistics; cannot be changed later
        #[arg(long, value_name = "CODE")]
        ons_code: String,
    },
    /// List the partnerships of the region
    #[command(after_help = "Example:\n  csp admin partnership list")]
    List,
    /// Show a partnership
    #[command(after_help = "Example:\n  csp admin partnership show gateshead")]
    Show {
        /// Its short name
        id: String,
    },
    /// Change what a partnership is called, or whom it is compared with
    #[command(after_help = "\
Examples:
  csp admin partnership update gateshead --name \"Gateshead CSP\"
  csp admin partnership update gateshead --group \"Most similar group\" \\
      --group-member E22000245 --group-member E22000248

A comparison group is named anew, all of it. It counts the partnership itself,
and is of this partnership alone: those in it may each have another.")]
    Update {
        /// Its short name
        id: String,
        /// What it is called
        #[arg(long)]
        name: Option<String>,
        /// What its comparison group is called: the partnerships most like it
        #[arg(long, value_name = "NAME", requires = "members")]
        group: Option<String>,
        /// One of the group, by its ONS code, in this region or elsewhere; once for each
        #[arg(long = "group-member", value_name = "CODE", id = "members", requires = "group")]
        members: Vec<String>,
        /// From now on it is compared with no group
        #[arg(long, conflicts_with_all = ["group", "members"])]
        no_group: bool,
    },
    /// Set up a partnership for each line of a file
    #[command(after_help = "\
Example:
  csp admin partnership import partnerships.csv

The file is CSV in UTF-8 with the head line id,name,ons_code.")]
    Import {
        /// The file; - is what is piped in
        file: String,
        #[command(flatten)]
        manner: import::Manner,
    },
}

impl Partnership {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        let parent = names.region().to_owned();
        match self {
            Self::Create { id, name, ons_code } => {
                let partnership = session.create_partnership(create(parent, id, name, ons_code)).await.map_err(|e| options(e, WORDS))?;
                session.terminal.announce("The partnership is set up.");
                session.show(&PartnershipView::from(partnership)).await
            }
            Self::List => {
                let partnerships = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_partnerships(v1::ListPartnershipsRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.partnerships, answer.next_page_token))
                })
                .await?;
                session.show(&PartnershipList { partnerships: partnerships.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { id } => {
                let name = names.partnership(&id)?;
                let partnership = session.get_partnership(v1::GetPartnershipRequest { name }).await?;
                session.show(&PartnershipView::from(partnership)).await
            }
            Self::Update { id, name: called, group, members, no_group } => {
                let name = names.partnership(&id)?;
                let mut partnership = session.get_partnership(v1::GetPartnershipRequest { name }).await?;
                let mut paths = Vec::new();
                change(&mut partnership.display_name, called, "display_name", &mut paths);
                let group = group.map(|display_name| v1::ComparisonGroup { display_name, ons_codes: members });
                let group = if no_group { Some(None) } else { group.map(Some) };
                change(&mut partnership.comparison_group, group, "comparison_group", &mut paths);
                let update_mask = mask(paths, "--name, --group, --no-group")?;
                let question = v1::UpdatePartnershipRequest { partnership: Some(partnership), update_mask };
                // `comparison_group.ons_codes[1]` is the second `--group-member`.
                let whole = |error: Error| error.places(|field| field.split('[').next().unwrap_or(field).to_owned());
                let partnership = session.update_partnership(question).await.map_err(|error| options(whole(error), WORDS))?;
                session.terminal.announce("The partnership is changed.");
                session.show(&PartnershipView::from(partnership)).await
            }
            Self::Import { file, manner } => {
                let mut sheet = Sheet::parse(&file, &files::read_text(&file, session.terminal)?, &COLUMNS, &COLUMNS)?;
                let faults = sheet.take_faults();
                sheet.check(faults)?;
                let cell = |row, column| sheet.cell(row, column).to_owned();
                let line = |row| create(parent.clone(), cell(row, "id"), cell(row, "name"), cell(row, "ons_code"));
                let questions = sheet.rows.iter().map(line).collect();
                let create = async |session: &Session<'_>, question| session.create_partnership(question).await.map(|_| ());
                let done = import::each(&sheet, questions, COLUMN_WORDS, manner, session, create).await?;
                session.show(&done).await
            }
        }
    }
}

fn create(parent: String, partnership_id: String, display_name: String, ons_code: String) -> v1::CreatePartnershipRequest {
    let partnership = v1::Partnership { display_name, ons_code, ..Default::default() };
    v1::CreatePartnershipRequest { parent, partnership: Some(partnership), partnership_id, request_id: String::new() }
}
