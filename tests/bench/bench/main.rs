//! `cargo bench -p csp-bench`: what the server does a second, beside what the engine allows and what others reach.
//!
//! Only ratios mean something on a machine that is never the same twice, so whatever is compared runs in turns within one
//! run: a round of ours, a round of theirs, and so on, and a ratio is that of neighbours. What is durable is printed beside
//! what the disk can do at that moment. `docs/benchmarks.md` says what is measured and what came of it.
//!
//! Where to start: `submissions.rs`, `reads.rs`, `start.rs` and the two in `figures/` are the comparisons; `world.rs` sets the
//! server up as its users would, `load.rs` keeps so many calls in flight.

mod ceiling;
mod figures;
mod grpc;
mod http;
mod load;
mod machine;
mod options;
mod postgres;
mod process;
mod reads;
mod report;
mod rival;
mod server;
mod start;
mod submissions;
mod watch;
mod world;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    options::{Engine, Options, Part},
    report::Report,
};

/// What may go wrong, for whoever reads the terminal.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark broke off: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Outcome<()> {
    if let Some([url, region, cycle]) = options.memory_of.as_deref() {
        return figures::quarter::tell_memory(url, region, cycle).await;
    }
    let bench = options.bench()?;
    let mut report = Report::new(machine::facts(&bench)?);
    for &engine in bench.engines() {
        if bench.does(Part::Submissions) {
            submissions::measure(&bench, engine, &mut report).await?;
        }
        if bench.does(Part::Reads) {
            reads::measure(&bench, engine, &mut report).await?;
        }
        if bench.does(Part::Import) {
            figures::import::measure(&bench, engine, &mut report).await?;
        }
        if bench.does(Part::Quarter) {
            figures::quarter::measure(&bench, engine, &mut report).await?;
        }
    }
    // Opening PostgreSQL is another server's work: what starts here is ours.
    if bench.does(Part::Start) && bench.engines().contains(&Engine::Sqlite) {
        start::measure(&bench, &mut report).await?;
    }
    report.publish(&bench.output)
}
