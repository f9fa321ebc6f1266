//! `cspd check`

use std::{fmt, net::SocketAddr, sync::Arc};

use clap::{Args, ValueEnum};
use csp_domain::{chance::SystemChance, clock::SystemClock};
use csp_store::{Engine, OpenError, Store};
use serde::Serialize;

use crate::{
    Failure, Terminal,
    commands::probe,
    config::{Config, Sources},
    failure::with_causes,
    server::{by_holidays, scheduler},
};

/// Try everything the server needs, change nothing, and say what was found
///
/// Reads the settings, opens the database and has it prepare every statement, connects to the mail server, and lists what is
/// due. Ends with 0 when all is well and with 1 when it is not.
///
/// With --health it asks a running server instead, at the address of its listen.web, whether it is ready for requests.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cspd check --config /etc/cspd/cspd.toml
  cspd check --health 127.0.0.1:7480
  cspd check --output json | jq '.checks[] | select(.ok | not)'")]
pub(crate) struct Check {
    /// For whom the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Ask the server that is running, at ADDRESS or else where the settings have listen.web, whether it is ready
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "not asked for, asked for, asked for at an address")]
    health: Option<Option<SocketAddr>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Output {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// What was looked at and what was found.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    found: String,
}

#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Finding>,
}

impl Check {
    pub(crate) async fn run(self, sources: &Sources, terminal: &mut Terminal) -> Result<(), Failure> {
        if let Some(address) = self.health {
            let address = match address {
                Some(address) => address,
                None => Config::load(sources)?.listen.web.ok_or_else(|| Failure::new("listen.web is not set, so nobody can be asked"))?,
            };
            return probe::ask(address, terminal).await;
        }
        let checks = examine(sources).await;
        let report = Report { ok: checks.iter().all(|finding| finding.ok), checks };
        match self.output {
            Output::Text => terminal.write(report.to_string())?,
            Output::Json => {
                let text = serde_json::to_string_pretty(&report)
                    .map_err(|error| Failure::new("the report could not be written").because(&error))?;
                terminal.write(format!("{text}\n"))?;
            }
        }
        if report.ok { Ok(()) } else { Err(Failure::Said) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { check, ok, found } in &self.checks {
            let word = if *ok { "ok" } else { "problem" };
            writeln!(f, "{word:<9}{check:<10}{found}")?;
        }
        Ok(())
    }
}

async fn examine(sources: &Sources) -> Vec<Finding> {
    let config = match Config::load(sources) {
        Ok(config) => config,
        Err(faults) => {
            let finding = |fault: csp_domain::text::Fault| problem("settings", format!("{} {}", fault.field, fault.reason));
            return faults.0.into_iter().map(finding).collect();
        }
    };
    let place = sources.file.as_ref().map_or_else(|| "the defaults".to_owned(), |file| file.display().to_string());
    let mut findings = vec![fine("settings", format!("{place} and the environment"))];
    let store = match Store::open(&config.database, Arc::new(SystemChance)).await {
        Ok(store) => Some(by_holidays(store, &config)),
        Err(error) => {
            findings.push(problem("database", database_trouble(&config, &error)));
            None
        }
    };
    if let Some(store) = &store {
        findings.push(statements(store).await);
    }
    findings.push(match config.mail.carrier.check().await {
        Ok(found) => fine("mail", found),
        Err(refusal) => problem("mail", refusal.to_string()),
    });
    if let Some(store) = store {
        findings.extend(due(&store, &config).await);
        store.close().await;
    }
    findings
}

async fn statements(store: &Store) -> Finding {
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    match store.prepare_all().await {
        Ok(count) => fine("database", format!("{engine}, schema up to date, all {count} statements prepared")),
        Err(refused) => problem(
            "database",
            format!("{engine} refused {} statements, the first being {}", refused.len(), refused.first().map_or("", String::as_str)),
        ),
    }
}

fn database_trouble(config: &Config, error: &OpenError) -> String {
    let file = config.database.url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next());
    match file {
        Some(file) if !std::path::Path::new(file).exists() => {
            format!("there is no {file} yet: run `cspd init` or `cspd serve`, which make it")
        }
        _ => with_causes(error),
    }
}

async fn due(store: &Store, config: &Config) -> Vec<Finding> {
    let scheduler = scheduler(config, store.clone(), Arc::new(SystemClock), Arc::new(SystemChance));
    match scheduler.due().await {
        Ok(lines) if lines.is_empty() => vec![fine("due", "nothing".to_owned())],
        // What was missed stays undone until a person decides: that is for whoever runs this to hear of.
        Ok(lines) => lines
            .into_iter()
            .map(|line| if line.missed { problem("due", line.to_string()) } else { fine("due", line.to_string()) })
            .collect(),
        Err(error) => vec![problem("due", with_causes(&error))],
    }
}

fn fine(check: &'static str, found: String) -> Finding {
    Finding { check, ok: true, found }
}

fn problem(check: &'static str, found: String) -> Finding {
    Finding { check, ok: false, found }
}
