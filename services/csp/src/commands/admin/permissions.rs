//! `csp admin roles`: who may do what.

use clap::Args;
use csp_proto::v1;

use crate::{error::Error, session::Session, views::permission::PermissionList};

/// Print the one table of who may do what, as the server has it
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp admin roles

A role counts only where the call is about what the role is for: an editor's for
their committee, an officer's for their partnership. “Oneself” is every person,
about themself.")]
pub(crate) struct Permissions {}

impl Permissions {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = session.list_permissions(v1::ListPermissionsRequest {}).await?;
        session.show(&PermissionList::from(answer)).await
    }
}
