//! What the server is told before it starts.
//!
//! `deploy/cspd.toml` is the manual and the default at once: it is compiled in, and since it names every setting there is,
//! it is also what tells a known key from an unknown one. A file beats it, the environment beats the file.
//!
//! Each section checks itself ([`listen`], [`mail`] …) by asking the [`Reader`] for one value after another. A fault does
//! not end the reading: all are told at once, each with its section and key, and nothing is bound before there are none.

mod calendar;
mod database;
mod fault;
mod layers;
mod limits;
mod listen;
mod log;
mod mail;
mod reader;
mod scheduler;
mod telemetry;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use self::reader::Reader;
pub use self::{
    fault::Faults,
    layers::Layers,
    limits::Limits,
    listen::Listen,
    log::{Format, Log},
    mail::Mail,
    scheduler::Scheduler,
    telemetry::Telemetry,
};

/// The documented default.
pub const DEFAULT: &str = include_str!("../../../deploy/cspd.toml");

/// Where settings come from, besides the default.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file named by `--config` or `CSPD_CONFIG`.
    pub file: Option<PathBuf>,
    /// The environment. It may hold secrets, so it does not print.
    pub variables: BTreeMap<String, String>,
}

impl Sources {
    /// What `--config` names, and the variables; `CSPD_CONFIG` names a file when nothing else does.
    pub fn new(file: Option<PathBuf>, variables: BTreeMap<String, String>) -> Self {
        let named = || variables.get("CSPD_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { file: file.or_else(named), variables }
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Whether real people are at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Nobody is mailed by accident.
    Development,
    /// Real work.
    Production,
}

impl Environment {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// Everything the server is told, checked. Prints without secrets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether real people are at the other end.
    pub environment: Environment,
    /// The folder for what is kept in files.
    pub data_directory: PathBuf,
    /// Where clients find the server.
    pub listen: Listen,
    /// What one client may take from the others.
    pub limits: Limits,
    /// Where everything is kept.
    pub database: csp_store::Settings,
    /// How mail leaves.
    pub mail: Mail,
    /// What happens by itself.
    pub scheduler: Scheduler,
    /// Bank holidays, where they are not the ones that are built in.
    pub holidays: Option<csp_domain::calendar::BankHolidays>,
    /// What the server says about itself.
    pub log: Log,
    /// Where traces go.
    pub telemetry: Telemetry,
}

impl Config {
    /// Reads and checks all settings.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        Self::read(&Layers::load(sources)?, &sources.variables)
    }

    fn read(layers: &Layers, variables: &BTreeMap<String, String>) -> Result<Self, Faults> {
        let mut reader = Reader::new(layers, variables.get("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty()).map(Path::new));
        let environment = reader.word("environment", &[Environment::Development, Environment::Production].map(|it| (it.word(), it)));
        let data = data_directory(&mut reader, variables);
        let config = Self {
            environment,
            listen: listen::read(&mut reader),
            limits: limits::read(&mut reader),
            database: database::read(&mut reader, &data),
            mail: mail::read(&mut reader, environment, &data),
            scheduler: scheduler::read(&mut reader),
            holidays: calendar::read(&mut reader),
            log: log::read(&mut reader),
            telemetry: telemetry::read(&mut reader),
            data_directory: data,
        };
        reader.finish(config)
    }
}

fn data_directory(reader: &mut Reader<'_>, variables: &BTreeMap<String, String>) -> PathBuf {
    if let Some(path) = reader.path("data_directory") {
        return path;
    }
    // systemd may list several, divided by colons; the first is ours.
    match variables.get("STATE_DIRECTORY").and_then(|list| list.split(':').next()).filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from("data"),
    }
}

#[cfg(test)]
mod tests;
