//! What the command line says.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use clap::{Parser, ValueEnum};

use crate::Outcome;

/// Measure the server beside the engine's own ceiling and beside other servers, in turns within one run
#[derive(Debug, Parser)]
#[command(
    name = "cargo bench -p csp-bench --",
    after_help = "Examples:
  cargo bench -p csp-bench                                      everything; ten minutes and more
  cargo bench -p csp-bench -- --only submissions --engine sqlite
  cargo bench -p csp-bench -- --rivals no                       without Python
  cargo bench -p csp-bench --profile dev -- --quick --server target/debug/cspd --rivals no    that it works at all"
)]
#[expect(clippy::doc_paragraphs_missing_punctuation, reason = "clap prints these")]
pub(crate) struct Options {
    /// A few calls of each kind: shows that the benchmark works, measures nothing
    #[arg(long)]
    quick: bool,
    /// Only this part
    #[arg(long)]
    only: Option<Part>,
    /// Only this engine
    #[arg(long)]
    engine: Option<Engine>,
    /// Whether other servers are measured too; "auto" leaves them out, and says so, where Python or its packages are missing
    #[arg(long, default_value = "auto", default_missing_value = "yes", num_args = 0..=1)]
    rivals: Rivals,
    /// The server to measure; without it, the release build of this tree is made and measured
    #[arg(long)]
    server: Option<PathBuf>,
    /// How many rounds; the median is over these
    #[arg(long)]
    rounds: Option<usize>,
    /// Where databases are put while they are measured: must be on a disk
    #[arg(long, default_value = "/var/tmp")]
    data: PathBuf,
    /// Gathers and computes one paper of a store and prints how much memory that took, in MiB: the benchmark asks this of itself, in a
    /// process of its own
    #[arg(long, hide = true, num_args = 3, value_names = ["URL", "REGION", "CYCLE"])]
    pub(crate) memory_of: Option<Vec<String>>,
    /// `cargo bench` says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// The parts of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// What is sent in and kept.
    Submissions,
    /// What is only asked.
    Reads,
    /// A file of many years' figures.
    Import,
    /// A quarter read and computed into a paper.
    Quarter,
    /// From nothing to the first answer, and the memory of a server with nothing to do.
    Start,
}

/// The engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// Embedded.
    Sqlite,
    /// A server of the benchmark's own.
    Postgres,
}

impl Engine {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rivals {
    Auto,
    Yes,
    No,
}

/// What this run does.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) quick: bool,
    only: Option<Part>,
    engine: Option<Engine>,
    pub(crate) rivals: Rivals,
    /// The server under measurement.
    pub(crate) server: PathBuf,
    pub(crate) rounds: usize,
    /// Where databases go.
    pub(crate) data: PathBuf,
    /// Where the report and whatever is built for it go.
    pub(crate) output: PathBuf,
}

impl Options {
    /// Checks what was asked, and builds the server if none was named.
    pub(crate) fn bench(self) -> Outcome<Bench> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let server = match self.server {
            // `cargo bench` runs this in the package's folder; people mean the one they are in, or the workspace's.
            Some(path) if path.is_absolute() => path,
            Some(path) => root.join(path),
            None => build(&root, &target)?,
        };
        if !server.is_file() {
            return Err(format!("--server: there is no {}", server.display()).into());
        }
        let output = target.join("bench");
        std::fs::create_dir_all(&output)?;
        Ok(Bench {
            quick: self.quick,
            only: self.only,
            engine: self.engine,
            rivals: self.rivals,
            server,
            rounds: self.rounds.unwrap_or(if self.quick { 2 } else { 5 }).max(1),
            data: self.data,
            output,
        })
    }
}

impl Bench {
    pub(crate) fn does(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    pub(crate) fn engines(&self) -> &'static [Engine] {
        match self.engine {
            None => &[Engine::Sqlite, Engine::Postgres],
            Some(Engine::Sqlite) => &[Engine::Sqlite],
            Some(Engine::Postgres) => &[Engine::Postgres],
        }
    }

    /// One number for a measurement, another to see that it works.
    pub(crate) fn either(&self, quick: usize, whole: usize) -> usize {
        if self.quick { quick } else { whole }
    }
}

/// The server as it is shipped.
fn build(root: &Path, target: &Path) -> Outcome<PathBuf> {
    eprintln!("building the server as it is shipped: cargo build --release --bin cspd");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // What cargo says of this package to it would make cargo think that much must be built anew: build scripts ask for it.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name == "OUT_DIR" || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|own| name.starts_with(own)))
        {
            build.env_remove(name);
        }
    }
    let built = build.args(["build", "--release", "--locked", "--bin", "cspd"]).current_dir(root).status()?;
    if !built.success() {
        return Err("the server does not build".into());
    }
    Ok(target.join("release/cspd"))
}
