//! `cspd demo`
use clap::Args;
use crate::{Failure, Terminal};
/// stub
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cspd demo")]
pub(crate) struct Demo {}
impl Demo {
    pub(crate) async fn run(self, _: &mut Terminal) -> Result<(), Failure> { Ok(()) }
}
