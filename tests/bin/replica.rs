//! One of several servers on one database, with a clock that is moved from outside: each line of the standard input is a
//! moment; at it the server looks for what is due, carries what there is to carry, and says so.

use std::{
    io::{BufRead as _, Write as _},
    process::ExitCode,
    sync::Arc,
};

use csp_domain::{Instant, chance::SystemChance, clock::ManualClock};
use cspd::{
    Server,
    config::{Config, Sources},
};

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the machine has threads");
    match runtime.block_on(serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load(&Sources::new(None, std::env::vars().collect()))?;
    cspd::log::start(&config.log, &cspd::Traces::default());
    let clock = ManualClock::new(Instant::UNIX_EPOCH);
    let server = Server::open(config, Arc::new(clock.clone()), Arc::new(SystemChance)).await?;
    say("ready");
    for line in std::io::stdin().lock().lines() {
        clock.set(line?.parse()?);
        let tick = server.scheduler().tick().await?;
        say(&format!("ticked, {} failed", tick.failed));
        server.scheduler().deliver().await?;
        say("done");
    }
    Ok(())
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever listened may be gone.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
