//! `csp admin region`.

use clap::Subcommand;
use csp_proto::v1;

use super::{change, mask, options};
use crate::{
    error::Error,
    names::region_name,
    session::{Session, all_pages},
    views::region::{RegionList, RegionView},
};

const WORDS: &[(&str, &str)] = &[("region_id", "REGION"), ("display_name", "--name"), ("time_zone", "--time-zone")];

/// Set up regions; for those who run the service
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin region create northumbria --name Northumbria")]
pub(crate) enum Region {
    /// Set up a region
    #[command(after_help = "Example:\n  csp admin region create northumbria --name Northumbria")]
    Create {
        /// Its short name: lower-case letters, digits and single hyphens
        id: String,
        /// What it is called
        #[arg(long)]
        name: String,
        /// Time zone in which its deadlines are
        #[arg(long, value_name = "ZONE", default_value = "Europe/London")]
        time_zone: String,
    },
    /// List the regions you may see
    #[command(after_help = "Example:\n  csp admin region list")]
    List,
    /// Show a region
    #[command(after_help = "Example:\n  csp admin region show northumbria")]
    Show {
        /// Its short name
        id: String,
    },
    /// Change a region
    #[command(after_help = "Example:\n  csp admin region update northumbria --name \"Northumbria Police area\"")]
    Update {
        /// Its short name
        id: String,
        /// What it is called
        #[arg(long)]
        name: Option<String>,
        /// Time zone in which its deadlines are
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
    },
    /// Remove a region with everything in it, for good
    #[command(after_help = "Example:\n  csp admin region delete northumbria")]
    Delete {
        /// Its short name
        id: String,
    },
}

impl Region {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Create { id, name, time_zone } => {
                let region = v1::Region { display_name: name, time_zone, ..Default::default() };
                let question = v1::CreateRegionRequest { region: Some(region), region_id: id, request_id: String::new() };
                let region = session.create_region(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The region is set up.");
                session.show(&RegionView::from(region)).await
            }
            Self::List => {
                let regions = all_pages(async |page_token| {
                    let answer = session.list_regions(v1::ListRegionsRequest { page_size: 500, page_token }).await?;
                    Ok((answer.regions, answer.next_page_token))
                })
                .await?;
                session.show(&RegionList { regions: regions.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { id } => {
                let region = session.get_region(v1::GetRegionRequest { name: region_name(&id)? }).await?;
                session.show(&RegionView::from(region)).await
            }
            Self::Update { id, name, time_zone } => {
                let mut region = session.get_region(v1::GetRegionRequest { name: region_name(&id)? }).await?;
                let mut paths = Vec::new();
                change(&mut region.display_name, name, "display_name", &mut paths);
                change(&mut region.time_zone, time_zone, "time_zone", &mut paths);
                let update_mask = mask(paths, "--name, --time-zone")?;
                let question = v1::UpdateRegionRequest { region: Some(region), update_mask };
                let region = session.update_region(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The region is changed.");
                session.show(&RegionView::from(region)).await
            }
            Self::Delete { id } => {
                let region = session.get_region(v1::GetRegionRequest { name: region_name(&id)? }).await?;
                session.confirm(&format!(
                    "This removes {} for good: its partnerships, persons, committees, returns, news, digests and messages.",
                    region.display_name
                ))?;
                session.delete_region(v1::DeleteRegionRequest { name: region.name.clone(), etag: region.etag.clone() }).await?;
                session.terminal.announce("The region is removed.");
                session.show(&RegionView::from(region)).await
            }
        }
    }
}
