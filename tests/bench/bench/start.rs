//! From nothing to the first answer, and the memory of a server that has nothing to do.

use std::{process::Command, time::Duration};

use csp_proto::v1::{
    GetReturnRequest, WhoAmIRequest, identity_service_client::IdentityServiceClient, return_service_client::ReturnServiceClient,
};
use tempfile::TempDir;

use crate::{
    Outcome,
    grpc::connect,
    options::{Bench, Engine},
    process::{Listening, free_address},
    report::{Aim, Report, Section},
    rival,
    server::{self, Database},
    world,
};

/// How long a server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(2);

pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let folder = TempDir::with_prefix_in("csp-bench-", &bench.data)?;
    let mut section = Section::new("Start, and memory when idle");
    section.note("On an SQLite database that is there already, with one region in it, from the start of the process to its first answer.");
    let database = Database::Sqlite;
    let token = server::init(bench, folder.path(), &database)?;
    let plan = {
        let server = server::serve(bench, folder.path(), &database).await?;
        world::set_up(&server, &token, 1).await?
    };
    let rival_name = rival::label(Engine::Sqlite);
    let rival_file = folder.path().join("rival.db").display().to_string();
    let python = match rival::python(bench)? {
        Ok(python) => {
            python.prepare(Engine::Sqlite, &rival_file, &plan, folder.path())?;
            Some(python)
        }
        Err(why) => {
            report.leave_out(format!("{rival_name}: {why}"));
            None
        }
    };
    let (ours, least) = ("cspd, spawn to first answer", "minimal tonic + sqlx, spawn to first answer");
    let theirs = format!("{rival_name}, spawn to first answer");
    // The first start of each reads its program from the disk.
    for round in 0..=bench.rounds {
        let counts = round > 0;
        let idle = round == bench.rounds;

        let server = server::serve(bench, folder.path(), &database).await?;
        IdentityServiceClient::new(connect(&server.address).await?).who_am_i(plan.signed(0, WhoAmIRequest {})).await?;
        note(&mut section, ours, "cspd, idle memory", &server, counts, idle).await?;
        drop(server);

        let server = plain(folder.path()).await?;
        let mut client = ReturnServiceClient::new(connect(&server.address).await?);
        client.get_return(GetReturnRequest { name: "any".to_owned() }).await?;
        note(&mut section, least, "minimal tonic + sqlx, idle memory", &server, counts, idle).await?;
        drop(server);

        if let Some(python) = &python {
            let server = python.serve(Engine::Sqlite, &rival_file, folder.path()).await?;
            note(&mut section, &theirs, &format!("{rival_name}, idle memory"), &server, counts, idle).await?;
        }
    }
    section.compare(ours, least, Some(Aim::AtMost(5.0)));
    section.compare(ours, &theirs, Some(Aim::AtMost(0.2)));
    section.judge("cspd, idle memory", Aim::AtMost(40.0));
    report.push(section);
    Ok(())
}

/// Called when the first answer has arrived.
async fn note(section: &mut Section, start: &str, memory: &str, server: &Listening, counts: bool, idle: bool) -> Outcome<()> {
    let took = server.began.elapsed();
    if counts {
        section.add(start, "ms", took.as_secs_f64() * 1000.0);
    }
    if idle {
        server.left_alone(IDLE).await?;
        section.add(memory, "MiB", server.memory()?);
    }
    Ok(())
}

/// A server of gRPC that opens an SQLite file and keeps nothing.
async fn plain(folder: &std::path::Path) -> Outcome<Listening> {
    let listen = free_address()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_csp-bench-plain"));
    command.args(["--listen", &listen]).arg("--database").arg(folder.join("data/csp.db"));
    Listening::start(command, listen, &folder.join("plain.log")).await
}
