//! A file of 100,000 figures taken in, in one unit, beside the fastest way rows come into that engine.

use std::{path::PathBuf, process::Command, time::Instant};

use csp_domain::{history::NewHistory, period::Period};

use super::setting::{Ground, INDICATORS, Region};
use crate::{
    Outcome, ceiling,
    options::{Bench, Engine},
    postgres::Postgres,
    report::{Aim, Report, Section},
};

/// The file is of so many partnerships, and so many months each: 100,608 figures. To see that it works, fewer.
const WHOLE: (usize, usize) = (64, 131);
const QUICK: (usize, usize) = (4, 24);
/// Into the table that the server has, with its foreign keys; as the superuser, whom no policy binds.
const SAME_TABLE: &str = "COPY by psql, into the server's own table";
/// The month the files begin with.
const FIRST: &str = "2011-01";

pub(crate) async fn measure(bench: &Bench, engine: Engine, report: &mut Report) -> Outcome<()> {
    let Some(ground) = Ground::open(bench, engine).await? else {
        report.leave_out("import on PostgreSQL: its programs are not installed");
        return Ok(());
    };
    let (partnerships, months) = if bench.quick { QUICK } else { WHOLE };
    let rows = partnerships * INDICATORS * months;
    let mut section = Section::new(format!("Import of {rows} figures on {}, a second", engine.label()));
    let raw = Raw::prepare(bench, &ground, report)?;
    let mut periods: Vec<Period> = vec![FIRST.parse().map_err(|_| "a month")?];
    while let Some(last) = periods.last().filter(|_| periods.len() < months) {
        let first = last.end().succ_opt().ok_or("time has an end")?;
        let end = first.checked_add_months(chrono::Months::new(1)).and_then(|after| after.pred_opt()).ok_or("time has an end")?;
        periods.push(Period::new(first, end).map_err(|refused| refused.to_string())?);
    }
    for round in 0..bench.rounds {
        let region = Region::make(&ground, &format!("round-{round}"), partnerships).await?;
        let all = region.partnerships.as_slice();
        let again = region.file(&ground, all, &periods)?;
        let file = region.file(&ground, all, &periods)?;
        let began = Instant::now();
        let added = region.import(&ground, file).await?;
        section.add("cspd's store", "figures/s", rate(rows, began));
        if usize::try_from(added)? != rows {
            return Err(format!("{added} of {rows} figures were taken in").into());
        }
        if let Some(raw) = &raw {
            section.add(raw.label(), "figures/s", raw.rate(rows)?);
        }
        if let Some(postgres) = &ground.postgres {
            let region = Region::make(&ground, &format!("copied-{round}"), partnerships).await?;
            let file = region.file(&ground, &region.partnerships, &periods)?;
            section.add(SAME_TABLE, "figures/s", copy(postgres, ground.folder.path(), &region, &file)?);
        }
        let began = Instant::now();
        let added = region.import(&ground, again).await?;
        section.add("cspd's store, the same file again", "figures/s", rate(rows, began));
        if added != 0 {
            return Err("what was known already was taken in again".into());
        }
    }
    if let Some(raw) = &raw {
        section.compare("cspd's store", raw.label(), Some(Aim::AtLeast(0.7)));
    }
    section.compare("cspd's store", SAME_TABLE, None);
    report.push(section);
    ground.store.close().await;
    Ok(())
}

fn rate(rows: usize, began: Instant) -> f64 {
    // More than 2^52 figures nobody has.
    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
    let rows = rows as f64;
    rows / began.elapsed().as_secs_f64()
}

/// The engine's own way.
enum Raw<'a> {
    Sqlite { program: PathBuf, file: PathBuf },
    Postgres { postgres: &'a Postgres, file: PathBuf },
}

impl<'a> Raw<'a> {
    fn prepare(bench: &Bench, ground: &'a Ground, report: &mut Report) -> Outcome<Option<Self>> {
        let folder = ground.folder.path();
        match &ground.postgres {
            Some(postgres) => {
                postgres.database("ceiling")?;
                postgres.psql("ceiling", &["-c", include_str!("../../ceilings/import.sql")])?;
                // Where the server's own user can read it.
                Ok(Some(Self::Postgres { postgres, file: folder.join("rows.csv") }))
            }
            None => match ceiling::compile(bench, "import.c") {
                Ok(program) => Ok(Some(Self::Sqlite { program, file: folder.join("ceiling.db") })),
                Err(error) => {
                    report.leave_out(error.to_string());
                    Ok(None)
                }
            },
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite from C, one transaction",
            Self::Postgres { .. } => "COPY by psql",
        }
    }

    fn rate(&self, rows: usize) -> Outcome<f64> {
        match self {
            Self::Sqlite { program, file } => {
                Ok(crate::process::output(Command::new(program).arg(file).arg(rows.to_string()))?.trim().parse()?)
            }
            Self::Postgres { postgres, file } => {
                write_rows(file, rows)?;
                let copy = format!("\\copy history FROM '{}' WITH (FORMAT csv)", file.display());
                let began = Instant::now();
                postgres.psql("ceiling", &["-c", &copy])?;
                Ok(rate(rows, began))
            }
        }
    }
}

/// The same rows as the program for SQLite makes, in a region of their own.
fn write_rows(file: &std::path::Path, rows: usize) -> Outcome<()> {
    let region = uuid::Uuid::from_u128(u128::from(u64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_micros())?));
    let mut text = String::with_capacity(rows * 160);
    for number in 0..rows {
        let (month, series) = (number % 132, number / 132);
        let (partnership, indicator) =
            (uuid::Uuid::from_u128((series / INDICATORS) as u128), uuid::Uuid::from_u128((series % INDICATORS) as u128));
        let (year, month) = (2011 + month / 12, month % 12 + 1);
        text.push_str(&format!(
            "{region},{partnership},{indicator},{year:04}-{month:02}-01,{year:04}-{month:02}-28,{region},{}\n",
            100 + number % 900
        ));
    }
    Ok(std::fs::write(file, text)?)
}

/// The same file on the engine's own way into the table that the server has.
fn copy(postgres: &Postgres, folder: &std::path::Path, region: &Region, file: &NewHistory) -> Outcome<f64> {
    let (id, import) = (region.id, file.id);
    let mut text = String::new();
    for series in &file.series {
        for (period, value) in &series.points {
            text.push_str(&format!(
                "{id},{},{},{},{},{import},{value}\n",
                series.partnership,
                series.indicator,
                period.start(),
                period.end()
            ));
        }
    }
    let rows = folder.join("copied.csv");
    std::fs::write(&rows, text)?;
    let head = format!(
        "INSERT INTO history_imports (region_id, import_id, source, points, added, changed, imported_by, imported_at) \
         VALUES ('{id}', '{import}', 'benchmark', 0, 0, 0, '{import}', now())"
    );
    let copy = format!("\\copy history FROM '{}' WITH (FORMAT csv)", rows.display());
    let began = Instant::now();
    postgres.psql("csp", &["--single-transaction", "-c", &head, "-c", &copy])?;
    Ok(rate(file.count(), began))
}
