//! What the engine itself can do with the rows of a submission, without a server around it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Outcome, options::Bench, postgres::Postgres, process::output};

/// SQLite, from C: one transaction after the other on one connection.
#[derive(Debug)]
pub(crate) struct Sqlite {
    program: PathBuf,
    file: PathBuf,
}

impl Sqlite {
    /// Compiles the program. Fails where there is no C compiler or no `sqlite3.h`.
    pub(crate) fn compile(bench: &Bench, folder: &Path) -> Outcome<Self> {
        Ok(Self { program: compile(bench, "sqlite.c")?, file: folder.join("ceiling.db") })
    }

    /// Transactions a second.
    pub(crate) fn rate(&self, transactions: usize) -> Outcome<f64> {
        Ok(output(Command::new(&self.program).arg(&self.file).arg(transactions.to_string()))?.trim().parse()?)
    }
}

/// A program of ours that speaks to SQLite and nothing else.
pub(crate) fn compile(bench: &Bench, source: &str) -> Outcome<PathBuf> {
    let program = bench.output.join(format!("ceiling-{}", source.trim_end_matches(".c")));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("ceilings").join(source);
    output(Command::new("cc").args(["-O2", "-o"]).arg(&program).arg(source).arg("-lsqlite3"))
        .map_err(|error| format!("the ceiling of SQLite needs a C compiler and libsqlite3-dev: {error}"))?;
    Ok(program)
}

/// PostgreSQL, from pgbench: a connection for each transaction in flight.
#[derive(Debug)]
pub(crate) struct Pgbench<'a> {
    postgres: &'a Postgres,
    script: PathBuf,
}

impl<'a> Pgbench<'a> {
    pub(crate) fn prepare(postgres: &'a Postgres, folder: &Path) -> Outcome<Self> {
        postgres.database("ceiling")?;
        postgres.psql("ceiling", &["-c", include_str!("../ceilings/postgres_tables.sql")])?;
        let script = folder.join("pgbench.sql");
        std::fs::write(&script, include_str!("../ceilings/postgres.sql"))?;
        Ok(Self { postgres, script })
    }

    /// Transactions a second.
    pub(crate) fn rate(&self, in_flight: usize, transactions: usize) -> Outcome<f64> {
        let mut command = self.postgres.program("pgbench");
        let each = transactions.div_ceil(in_flight).to_string();
        let clients = in_flight.to_string();
        let threads = in_flight.min(std::thread::available_parallelism()?.get()).to_string();
        command.args([
            "--no-vacuum",
            "--protocol",
            "prepared",
            "--client",
            &clients,
            "--jobs",
            &threads,
            "--transactions",
            &each,
            "--file",
        ]);
        let said = output(command.arg(&self.script).arg("ceiling"))?;
        let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).ok_or("pgbench did not say its rate")?;
        Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
    }
}
