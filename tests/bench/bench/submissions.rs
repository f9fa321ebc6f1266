//! Returns sent in and kept: authenticated, validated, audited, on disk before the answer.

use std::path::Path;

use tempfile::TempDir;

use crate::{
    Outcome,
    ceiling::{Pgbench, Sqlite},
    grpc, load,
    machine::syncs_a_second,
    options::{Bench, Engine},
    postgres::Postgres,
    report::{Aim, Report, Section},
    rival::{self, Python},
    server::{self, Database},
    world,
};

/// Calls in flight, and how many a round makes: to see that it works, and to measure.
const LEVELS: [(usize, usize, usize); 3] = [(1, 10, 300), (8, 24, 1_500), (64, 96, 4_000)];
/// What the tools leave of the engine, whatever is built with them.
const BARE: &str = "tonic and sqlx alone";
/// Before the first round, so that none is charged for what happens once.
const WARMING: usize = 64;

pub(crate) async fn measure(bench: &Bench, engine: Engine, report: &mut Report) -> Outcome<()> {
    let folder = TempDir::with_prefix_in("csp-bench-", &bench.data)?;
    let postgres = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => match Postgres::start(&bench.data)? {
            Some(postgres) => Some(postgres),
            None => {
                report.leave_out("submissions on PostgreSQL: its programs are not installed");
                return Ok(());
            }
        },
    };
    let database = match &postgres {
        Some(postgres) => Database::Postgres(postgres.database("csp")?),
        None => Database::Sqlite,
    };
    let mut section = Section::new(format!("Submissions on {}, a second", engine.label()));
    let token = server::init(bench, folder.path(), &database)?;
    let ours = server::serve(bench, folder.path(), &database).await?;
    let counts = LEVELS.map(|(_, quick, whole)| bench.either(quick, whole));
    let plan = world::set_up(&ours, &token, WARMING + bench.rounds * counts.iter().sum::<usize>()).await?;
    let mut lanes = grpc::Submitter::connect(&ours.address, &plan, 64).await?;

    let ceiling = match &postgres {
        Some(postgres) => Ceiling::Postgres(Pgbench::prepare(postgres, folder.path())?),
        None => Sqlite::compile(bench, folder.path()).map_or_else(|error| Ceiling::None(error.to_string()), Ceiling::Sqlite),
    };
    if let Ceiling::None(why) = &ceiling {
        report.leave_out(why.clone());
    }
    let rival_name = rival::label(engine);
    let python = match rival::python(bench)? {
        Ok(python) => Some(python),
        Err(why) => {
            report.leave_out(format!("{rival_name}: {why}"));
            None
        }
    };
    let rival = match &python {
        Some(python) => {
            section.note(format!("The rival: {}.", python.versions));
            let database = rival_database(engine, folder.path(), postgres.as_ref())?;
            Some(start_rival(python, engine, &database, &plan, folder.path()).await?)
        }
        None => None,
    };
    let bare = server::bare(&folder.path().join("bare.log"), &bare_database(folder.path(), postgres.as_ref())?, &[]).await?;
    let mut bare_lanes = grpc::Submitter::connect(&bare.address, &plan, 64).await?;
    let mut rival_lanes = match &rival {
        Some(rival) => rival::lanes(&rival.address, &plan, 64).await?,
        None => Vec::new(),
    };

    load::drive(&mut lanes, 0, WARMING).await?;
    load::drive(&mut bare_lanes, 0, WARMING).await?;
    ceiling.rate(1, WARMING)?;
    if rival.is_some() {
        load::drive(&mut rival_lanes, 0, WARMING).await?;
    }
    let mut next = WARMING;
    for _ in 0..bench.rounds {
        section.add("the disk: fdatasync of 4 KiB", "/s", syncs_a_second(folder.path())?);
        for ((in_flight, ..), count) in LEVELS.into_iter().zip(counts) {
            let round = load::drive(&mut lanes[..in_flight], next, count).await?;
            section.add(&format!("cspd, {in_flight} in flight"), "/s", round.rate);
            section.add(&format!("cspd, {in_flight} in flight, half within"), "ms", round.p50);
            section.add(&format!("cspd, {in_flight} in flight, 99 % within"), "ms", round.p99);
            if let Some(rate) = ceiling.rate(in_flight, count)? {
                section.add(&format!("{}, {in_flight} in flight", ceiling.label()), "/s", rate);
            }
            let round = load::drive(&mut bare_lanes[..in_flight], next, count).await?;
            section.add(&format!("{BARE}, {in_flight} in flight"), "/s", round.rate);
            if rival.is_some() {
                // Fewer where it takes long; a rate needs no more.
                let round = load::drive(&mut rival_lanes[..in_flight], next, count.div_ceil(4)).await?;
                section.add(&format!("{rival_name}, {in_flight} in flight"), "/s", round.rate);
                section.add(&format!("{rival_name}, {in_flight} in flight, 99 % within"), "ms", round.p99);
            }
            next += count;
        }
    }
    let (to_ceiling, to_rival) = match engine {
        Engine::Sqlite => (1.2, 5.0),
        Engine::Postgres => (0.6, 2.0),
    };
    for (in_flight, ..) in LEVELS {
        let aim = |aim| (in_flight == 64).then_some(aim);
        let ours = format!("cspd, {in_flight} in flight");
        section.compare(&ours, &format!("{}, {in_flight} in flight", ceiling.label()), aim(Aim::AtLeast(to_ceiling)));
        section.compare(&ours, &format!("{rival_name}, {in_flight} in flight"), aim(Aim::AtLeast(to_rival)));
        section.compare(&ours, &format!("{BARE}, {in_flight} in flight"), None);
        section.compare(&format!("{BARE}, {in_flight} in flight"), &format!("{}, {in_flight} in flight", ceiling.label()), None);
        let slow = |name: &str| format!("{name}, {in_flight} in flight, 99 % within");
        section.compare(&slow("cspd"), &slow(rival_name), aim(Aim::AtMost(0.25)).filter(|_| engine == Engine::Sqlite));
    }
    report.push(section);
    Ok(())
}

/// What the engine itself can do.
enum Ceiling<'a> {
    Sqlite(Sqlite),
    Postgres(Pgbench<'a>),
    None(String),
}

impl Ceiling<'_> {
    fn label(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite from C, one a transaction",
            Self::Postgres(_) => "pgbench",
            Self::None(_) => "no ceiling",
        }
    }

    /// One connection has nothing in flight but its own transaction; pgbench has as many as we have.
    fn rate(&self, in_flight: usize, count: usize) -> Outcome<Option<f64>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rate(count).map(Some),
            Self::Postgres(pgbench) => pgbench.rate(in_flight, count).map(Some),
            Self::None(_) => Ok(None),
        }
    }
}

fn rival_database(engine: Engine, folder: &Path, postgres: Option<&Postgres>) -> Outcome<String> {
    match (engine, postgres) {
        (Engine::Postgres, Some(postgres)) => Ok(postgres.database("rival")?.owner),
        _ => Ok(folder.join("rival.db").display().to_string()),
    }
}

fn bare_database(folder: &Path, postgres: Option<&Postgres>) -> Outcome<String> {
    match postgres {
        Some(postgres) => Ok(postgres.database("bare")?.owner),
        None => Ok(format!("sqlite:{}", folder.join("bare.db").display())),
    }
}

async fn start_rival(
    python: &Python,
    engine: Engine,
    database: &str,
    plan: &world::Plan,
    folder: &Path,
) -> Outcome<crate::process::Listening> {
    python.prepare(engine, database, plan, folder)?;
    python.serve(engine, database, folder).await
}
