//! Other servers that do the same work: FastAPI over sqlite3 and over asyncpg.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Outcome,
    http::{Connection, Submitter},
    options::{Bench, Engine, Rivals},
    process::{Listening, free_address, output},
    world::Plan,
};

/// A Python with the packages they need.
#[derive(Debug)]
pub(crate) struct Python {
    program: PathBuf,
    /// Their versions, for the report.
    pub(crate) versions: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rivals")
}

/// Installs what the rivals need into a folder of their own, once. Answers why not, where it cannot be done.
pub(crate) fn python(bench: &Bench) -> Outcome<Result<Python, String>> {
    if bench.rivals == Rivals::No {
        return Ok(Err("rivals were not asked for".to_owned()));
    }
    match install(bench) {
        Ok(python) => Ok(Ok(python)),
        Err(error) if bench.rivals == Rivals::Auto => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

fn install(bench: &Bench) -> Outcome<Python> {
    let home = bench.output.join("rivals");
    let program = home.join("bin/python");
    if output(Command::new(&program).args(["-c", "import fastapi, uvicorn, asyncpg"])).is_err() {
        eprintln!("installing the rivals into {}", home.display());
        output(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        output(Command::new(&program).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(folder().join("requirements.txt")))?;
    }
    let script = "import sys, sqlite3, importlib.metadata as m\n\
        print('Python', sys.version.split()[0], 'SQLite', sqlite3.sqlite_version, *(f'{p} {m.version(p)}' for p in ('fastapi', 'uvicorn', 'asyncpg')), sep=', ')";
    let versions = output(Command::new(&program).args(["-c", script]))?.trim().to_owned();
    Ok(Python { program, versions })
}

/// What the rival on an engine is called.
pub(crate) fn label(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "FastAPI + sqlite3",
        Engine::Postgres => "FastAPI + asyncpg",
    }
}

impl Python {
    /// Makes the rival's database, knowing the same officers and cycles. `database` is a file or an address.
    pub(crate) fn prepare(&self, engine: Engine, database: &str, plan: &Plan, at: &Path) -> Outcome<()> {
        let told = at.join("world.json");
        std::fs::write(&told, plan.told().to_string())?;
        let script = folder().join(format!("{}.py", module(engine)));
        output(Command::new(&self.program).arg("-B").arg(script).arg(database).arg(told))?;
        Ok(())
    }

    /// Starts the rival, told to keep connections that wait for their turn: one process where one writes at a time, and otherwise one for each core, as its manual says.
    pub(crate) async fn serve(&self, engine: Engine, database: &str, at: &Path) -> Outcome<Listening> {
        let address = free_address()?;
        let (host, port) = address.split_once(':').ok_or("an address without a port")?;
        let workers = match engine {
            Engine::Sqlite => 1,
            Engine::Postgres => std::thread::available_parallelism()?.get(),
        };
        let mut command = Command::new(&self.program);
        command
            .args([
                "-B",
                "-m",
                "uvicorn",
                "--no-access-log",
                "--log-level",
                // At its start it says when it listens, and of calls nothing.
                "info",
                "--timeout-keep-alive",
                "3600",
                "--host",
                host,
                "--port",
                port,
            ])
            .args(["--workers", &workers.to_string()])
            .arg(format!("{}:app", module(engine)))
            .current_dir(folder())
            .env("DATABASE", database);
        let rival = Listening::start(command, address, &at.join("rival.log")).await?;
        healthy(&rival.address).await?;
        Ok(rival)
    }
}

/// Asks until the rival answers: with several processes, the port is there before they are.
pub(crate) async fn healthy(address: &str) -> Outcome<()> {
    match Connection::open(address).await?.ask("GET /health HTTP/1.1\r\nHost: bench\r\n\r\n").await? {
        200 => Ok(()),
        status => Err(format!("the rival is not well: {status}").into()),
    }
}

/// Clients of the rival, connected.
pub(crate) async fn lanes(address: &str, plan: &Plan, count: usize) -> Outcome<Vec<Option<Submitter>>> {
    let mut lanes = Vec::with_capacity(count);
    for _ in 0..count {
        lanes.push(Some(Submitter { connection: Connection::open(address).await?, plan: plan.clone() }));
    }
    Ok(lanes)
}

fn module(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite3_service",
        Engine::Postgres => "asyncpg_service",
    }
}
