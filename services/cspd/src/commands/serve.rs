//! `cspd serve`

use std::{net::SocketAddr, sync::Arc};

use clap::Args;
use csp_domain::{chance::SystemChance, clock::SystemClock};
use tokio::net::TcpListener;

use crate::{
    Failure, Notify, ServeError, Server, Traces,
    config::{Config, Sources},
    log,
    signal::told_to_stop,
};

/// Answer requests, and do by schedule what is due, until told to stop (Ctrl-C, SIGTERM)
///
/// SIGHUP has it read the certificate anew. Under systemd it says when it is ready, and that it is alive.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd serve                                   with the settings cspd config prints: SQLite, mail into a folder
  cspd serve --config /etc/cspd/cspd.toml
  CSPD_LISTEN__API=0.0.0.0:7443 CSPD_LISTEN__CERTIFICATE=cert.pem CSPD_LISTEN__KEY=key.pem cspd serve")]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) async fn run(self, sources: &Sources) -> Result<(), Failure> {
        let config = Config::load(sources)?;
        let traces = Traces::start(&config.telemetry).map_err(|error| Failure::new("traces cannot be made").because(&error))?;
        log::start(&config.log, &traces);
        let served = serve(config, Notify::from_variables(&sources.variables)).await;
        traces.end().await;
        served
    }
}

async fn serve(config: Config, notify: Notify) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, environment = config.environment.word(), "cspd {version} is starting");
    let listen = config.listen.clone();
    let server = Server::open(config, Arc::new(SystemClock), Arc::new(SystemChance)).await?;
    let listener = bind("listen.api", listen.api).await?;
    let web = match listen.web {
        Some(address) => Some(bind("listen.web", address).await?),
        None => None,
    };
    Ok(server.with_web(web).with_notify(notify).run(listener, told_to_stop()).await?)
}

async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Bind { setting, address, source })
}
