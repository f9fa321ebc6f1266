//! `csp admin rule`.

use clap::Subcommand;
use csp_proto::v1;

use super::options;
use crate::{
    commands::checks,
    error::{Error, Kind},
    session::Session,
    views::check::RuleView,
    words::StrengthOption,
};

/// Make a rule of the checks stronger, weaker or silent for your region
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  csp admin rule set unchanged --strength off --reason \"Our survey is yearly.\"")]
pub(crate) enum Rule {
    /// List the rules, as your region means them
    #[command(after_help = "Example:\n  csp admin rule list")]
    List,
    /// Decide how seriously a rule is meant. Whoever looks at the audit log sees it, with the reason
    #[command(after_help = "\
Examples:
  csp admin rule set unchanged --strength off --reason \"Our survey is yearly.\"
  csp admin rule set revision --strength error --reason \"Ask the editor first.\"

What arithmetic needs stays an error: those rules are fixed (csp checks list).")]
    Set {
        /// Which rule
        rule: String,
        /// How seriously it is meant
        #[arg(long, value_enum)]
        strength: StrengthOption,
        /// Why, for whoever asks later; at most 300 characters
        #[arg(long)]
        reason: String,
    },
}

impl Rule {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List => checks::list(session).await,
            Self::Set { rule, strength, reason } => {
                let name = session.names_within().await?.check_rule(&rule)?;
                let question = v1::UpdateCheckRuleRequest { name, strength: strength.code(), reason };
                let made = session.update_check_rule(question).await.map_err(|error| match error.kind {
                    Kind::NotFound => error.hint("The rules: csp checks list"),
                    _ => options(error, &[("strength", "--strength"), ("reason", "--reason"), ("name", "RULE")]),
                })?;
                session.terminal.announce("The rule is set.");
                session.show(&RuleView::from(made)).await
            }
        }
    }
}
