//! `cspd serve`

use std::sync::Arc;

use clap::Args;
use csp_domain::{chance::SystemChance, clock::SystemClock};
use tokio::net::TcpListener;

use crate::{
    Failure, ServeError, Server,
    config::{Config, Sources},
    log,
    signal::told_to_stop,
};

/// Answer requests, and do by schedule what is due, until told to stop (Ctrl-C, SIGTERM)
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd serve                                   with the settings cspd config prints: SQLite, mail into a folder
  cspd serve --config /etc/cspd/cspd.toml
  CSPD_LISTEN__API=0.0.0.0:7443 CSPD_LISTEN__CERTIFICATE=cert.pem CSPD_LISTEN__KEY=key.pem cspd serve")]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) async fn run(self, sources: &Sources) -> Result<(), Failure> {
        let config = Config::load(sources)?;
        log::start(&config.log);
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(version, environment = config.environment.word(), "cspd {version} is starting");
        let address = config.listen.api;
        let server = Server::open(config, Arc::new(SystemClock), Arc::new(SystemChance)).await?;
        let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Bind { address, source })?;
        Ok(server.run(listener, told_to_stop()).await?)
    }
}
