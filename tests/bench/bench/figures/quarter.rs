//! A quarter read and computed into a paper's tree, beside the bare reading of the same rows.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use csp_domain::{
    Scope,
    chance::SystemChance,
    id::{CycleId, RegionId},
};
use csp_store::{Settings, Store};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use super::setting::{Ground, INDICATORS, Region};
use crate::{
    Outcome,
    options::{Bench, Engine},
    process::output,
    report::{Aim, Report, Section},
};

/// Partnerships of a region: one police force area, a combined one, all of England and Wales, and more than there will ever be.
const SIZES: [usize; 4] = [6, 60, 320, 6_000];
const QUICK_SIZES: [usize; 2] = [6, 60];
/// Quarters before the one reported on that are known; a paper looks back over twenty of them.
const QUARTERS: usize = 39;
/// The region whose history is as long again, to see that memory does not grow with it.
const REMEMBERED: usize = 320;

pub(crate) async fn measure(bench: &Bench, engine: Engine, report: &mut Report) -> Outcome<()> {
    let Some(ground) = Ground::open(bench, engine).await? else {
        report.leave_out("reading a quarter on PostgreSQL: PostgreSQL's programs are not installed");
        return Ok(());
    };
    let mut section = Section::new(format!("Reading and computing a quarter on {}", engine.label()));
    section.note(format!("{INDICATORS} measures, {} quarters of each known, 21 of them read. Rendering is not among it.", QUARTERS + 1));
    let sizes: &[usize] = if bench.quick { &QUICK_SIZES } else { &SIZES };
    for &size in sizes {
        eprintln!("  a region of {size} partnerships");
        let region = Region::make(&ground, &format!("of-{size}"), size).await?;
        region.remember(&ground, QUARTERS).await?;
        region.report(&ground).await?;
        ground.settle()?;
        let mut bare = Bare::open(&ground, &region).await?;
        for _ in 0..bench.rounds {
            let name = |what: &str| format!("{what}, {size} partnerships");
            let (rows, time) = bare.read().await?;
            section.add(&name("bare reading of the rows"), "ms", millis(time));
            if rows < size * INDICATORS * 20 {
                return Err(format!("only {rows} rows were read of {size} partnerships").into());
            }
            let began = Instant::now();
            let gathered = ground.store.gather(region.scope, region.cycle).await?;
            let read = began.elapsed();
            let began = Instant::now();
            let document = csp_edition::assemble(gathered);
            let computed = began.elapsed();
            if document.sections.is_empty() {
                return Err("there is nothing in the paper".into());
            }
            section.add(&name("gathering"), "ms", millis(read));
            section.add(&name("computing"), "ms", millis(computed));
            section.add(&name("both"), "ms", millis(read + computed));
        }
    }
    for &size in sizes {
        let name = |what: &str| format!("{what}, {size} partnerships");
        let bare = name("bare reading of the rows");
        section.compare(&name("gathering"), &bare, None);
        section.compare(&name("computing"), &bare, Some(Aim::AtMost(1.0)));
        section.compare(&name("both"), &bare, Some(Aim::AtMost(2.0)));
    }
    let size = if bench.quick { QUICK_SIZES[1] } else { REMEMBERED };
    let memory = |what: &str| format!("memory, {size} partnerships, {what}");
    for (what, quarters) in [("40 quarters known", QUARTERS), ("79 quarters known", 2 * QUARTERS)] {
        let region = Region::make(&ground, &format!("remembers-{quarters}"), size).await?;
        region.remember(&ground, quarters).await?;
        region.report(&ground).await?;
        for _ in 0..bench.rounds {
            let mut alone = Command::new(std::env::current_exe()?);
            alone.args(["--memory-of", &ground.settings.url, &region.id.to_string(), &region.cycle.to_string()]);
            section.add(&memory(what), "MiB", output(&mut alone)?.trim().parse()?);
        }
    }
    section.compare(&memory("79 quarters known"), &memory("40 quarters known"), Some(Aim::AtMost(1.2)));
    report.push(section);
    ground.store.close().await;
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How much memory one paper takes above what an open store has, printed in MiB.
pub(crate) async fn tell_memory(url: &str, region: &str, cycle: &str) -> Outcome<()> {
    let settings = Settings { url: url.to_owned(), migrate_url: None, connections: 1 };
    let store = Store::open(&settings, Arc::new(SystemChance)).await?;
    let before = resident("VmRSS:")?;
    drop(csp_edition::assemble(store.gather(Scope::Region(RegionId(region.parse()?)), CycleId(cycle.parse()?)).await?));
    println!("{:.2}", resident("VmHWM:")? - before);
    store.close().await;
    Ok(())
}

/// Memory of this process that is resident, now or at its most (proc(5)), in MiB.
fn resident(which: &str) -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).ok_or("a process without resident memory")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// The rows of a paper and nothing else: what the driver itself takes to hand them out.
enum Bare {
    Sqlite(sqlx::SqliteConnection, Uuid, NaiveDate, NaiveDate),
    Postgres(sqlx::PgConnection, Uuid, NaiveDate, NaiveDate),
}

const HISTORY: &str = "SELECT partnership_id, import_id, indicator_id, period_start, period_end, value FROM history \
    WHERE region_id = $1 AND period_start >= $2 AND period_end <= $3";
const OBSERVATIONS: &str = "SELECT partnership_id, return_id, indicator_id, period_start, period_end, status, value, expected_on, reason, \
    provisional, note FROM observations WHERE region_id = $1 AND period_start >= $2 AND period_end <= $3";

type HistoryRow = (Uuid, Uuid, Uuid, NaiveDate, NaiveDate, String);
/// All that a paper needs of a figure that was sent in, so that nothing is compared with less than itself.
type ObservationRow =
    (Uuid, Uuid, Uuid, NaiveDate, NaiveDate, String, Option<String>, Option<NaiveDate>, Option<String>, bool, Option<String>);

macro_rules! count {
    ($conn:expr, $region:expr, $from:expr, $to:expr) => {{
        let known: Vec<HistoryRow> = sqlx::query_as(HISTORY).bind(*$region).bind(*$from).bind(*$to).fetch_all(&mut *$conn).await?;
        let told: Vec<ObservationRow> = sqlx::query_as(OBSERVATIONS).bind(*$region).bind(*$from).bind(*$to).fetch_all(&mut *$conn).await?;
        known.len() + told.len()
    }};
}

impl Bare {
    async fn open(ground: &Ground, region: &Region) -> Outcome<Self> {
        let within = region.quarter.looking_back();
        let (id, from, to) = (region.id.0, within.start(), within.end());
        if ground.postgres.is_none() {
            let conn = ground.settings.url.parse::<SqliteConnectOptions>()?.read_only(true).connect().await?;
            return Ok(Self::Sqlite(conn, id, from, to));
        }
        let mut conn = ground.settings.url.parse::<PgConnectOptions>()?.connect().await?;
        sqlx::query("SELECT set_config('csp.scope', 'system', FALSE)").execute(&mut conn).await?;
        Ok(Self::Postgres(conn, id, from, to))
    }

    async fn read(&mut self) -> Outcome<(usize, Duration)> {
        let began = Instant::now();
        let rows = match self {
            Self::Sqlite(conn, region, from, to) => count!(conn, region, from, to),
            Self::Postgres(conn, region, from, to) => count!(conn, region, from, to),
        };
        Ok((rows, began.elapsed()))
    }
}
