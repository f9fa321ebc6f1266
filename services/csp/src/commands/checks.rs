//! `csp checks`: the rules by which returns are checked.

use clap::Subcommand;
use csp_proto::v1;

use crate::{
    error::Error,
    session::Session,
    views::check::{RuleList, RuleView},
};

/// The rules by which returns are checked
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp checks list")]
pub(crate) enum Checks {
    /// List the rules, as your region means them: errors block, queries are fixed or explained before a return is signed
    #[command(after_help = "\
Examples:
  csp checks list
  csp checks list --output json

Your figures are checked by: csp return check figures.xlsx
What is asked about a return: csp return findings
To answer it: csp return explain")]
    List,
}

impl Checks {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List => list(session).await,
        }
    }
}

pub(super) async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let parent = session.names_within().await?.region().to_owned();
    let rules = session.list_check_rules(v1::ListCheckRulesRequest { parent }).await?.rules;
    session.show(&RuleList { rules: rules.into_iter().map(RuleView::from).collect() }).await
}
