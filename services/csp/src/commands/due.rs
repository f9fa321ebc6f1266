//! `csp whoami`, `csp due`.

use clap::Args;

use crate::{
    error::Error,
    session::Session,
    views::identity::{DutyList, WhoAmIView},
};

/// Say who you are and what you may do today
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  csp whoami")]
pub(crate) struct Whoami {}

impl Whoami {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let me = WhoAmIView::new(session.me().await?.clone(), session.settings.server.clone());
        session.show(&me).await
    }
}

/// List what is due from you, the most urgent first
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  csp due")]
pub(crate) struct Due {}

impl Due {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        // Asked first, so that "in 3 days" is counted from the server's time.
        session.me().await?;
        let duties = session.duties().await?.into_iter().map(Into::into).collect();
        session.show(&DutyList { duties }).await
    }
}
