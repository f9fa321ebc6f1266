//! `csp admin role`.

use clap::Subcommand;
use csp_proto::v1;

use super::options;
use crate::{
    dates::parse_day,
    error::Error,
    session::{Session, all_pages},
    views::person::{RoleGrantList, RoleGrantView},
    words::RoleOption,
};

const WORDS: &[(&str, &str)] = &[
    ("parent", "PERSON"),
    ("role", "ROLE"),
    ("committee", "--committee"),
    ("partnership", "--partnership"),
    ("start_date", "--from"),
    ("end_date", "--until"),
];

/// Grant and end roles
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin role grant jo-brown officer --partnership gateshead")]
pub(crate) enum Role {
    /// Grant a person a role
    #[command(
        visible_alias = "create",
        after_help = "\
Examples:
  csp admin role grant jo-brown officer --partnership gateshead
  csp admin role grant sam-hill approver --committee citizen-focus --deputy"
    )]
    Grant {
        /// The person's short name
        person: String,
        /// Which role
        #[arg(value_enum)]
        role: RoleOption,
        /// Of an editor or approver: for which committee
        #[arg(long)]
        committee: Option<String>,
        /// Of an officer or lead: for which partnership
        #[arg(long)]
        partnership: Option<String>,
        /// In the stead of the holder
        #[arg(long)]
        deputy: bool,
        /// First day; today when not given
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        from: Option<String>,
        /// Last day; until further notice when not given
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        until: Option<String>,
    },
    /// List a person's roles, past and future ones included
    #[command(after_help = "Example:\n  csp admin role list jo-brown")]
    List {
        /// The person's short name
        person: String,
    },
    /// End a role with the day before today
    #[command(after_help = "Example:\n  csp admin role end jo-brown/0190b0a2-7c1e-7000-8000-000000000001")]
    End {
        /// The role, as `csp admin role list` lists it
        role: String,
    },
}

impl Role {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names().await?;
        match self {
            Self::Grant { person, role, committee, partnership, deputy, from, until } => {
                let role_grant = v1::RoleGrant {
                    name: String::new(),
                    role: role.code(),
                    committee: committee.map(|typed| names.committee(&typed)).transpose()?.unwrap_or_default(),
                    partnership: partnership.map(|typed| names.partnership(&typed)).transpose()?.unwrap_or_default(),
                    deputy,
                    start_date: from.unwrap_or_default(),
                    end_date: until.unwrap_or_default(),
                };
                let parent = names.person(&person)?;
                let question = v1::CreateRoleGrantRequest { parent, role_grant: Some(role_grant), request_id: String::new() };
                let grant = session.create_role_grant(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The role is granted.");
                session.show(&RoleGrantView::from(grant)).await
            }
            Self::List { person } => {
                let parent = names.person(&person)?;
                let grants = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_role_grants(v1::ListRoleGrantsRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.role_grants, answer.next_page_token))
                })
                .await?;
                session.show(&RoleGrantList { role_grants: grants.into_iter().map(Into::into).collect() }).await
            }
            Self::End { role } => {
                let name = names.role_grant(&role)?;
                session.confirm(&format!("This ends the role {role}."))?;
                let grant = session.end_role_grant(v1::EndRoleGrantRequest { name }).await?;
                session.terminal.announce("The role has ended.");
                session.show(&RoleGrantView::from(grant)).await
            }
        }
    }
}
