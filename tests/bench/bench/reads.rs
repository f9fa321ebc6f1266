//! Calls that only ask: authenticated and authorised, beside a server that answers the same bytes to anybody.

use std::{path::Path, process::Command};

use csp_proto::v1::{WhoAmIRequest, identity_service_client::IdentityServiceClient, return_service_client::ReturnServiceClient};
use prost::Message as _;
use tempfile::TempDir;

use crate::{
    Outcome,
    grpc::{self, connect},
    load,
    options::{Bench, Engine},
    postgres::Postgres,
    process::{Listening, free_address},
    report::{Aim, Report, Section},
    server::{self, Database},
    world::{self, PARTNERSHIPS, Plan},
};

/// Calls in flight, and how many a round makes: to see that it works, and to measure.
const LEVELS: [(usize, usize, usize); 3] = [(1, 20, 1_000), (8, 40, 4_000), (64, 128, 10_000)];

/// What is left of the echo when the database is asked for one row by its key.
const ASKING: &str = "the echo with one question to the database";

pub(crate) async fn measure(bench: &Bench, engine: Engine, report: &mut Report) -> Outcome<()> {
    let folder = TempDir::with_prefix_in("csp-bench-", &bench.data)?;
    let postgres = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Postgres::start(&bench.data)?,
    };
    let database = match (engine, &postgres) {
        (Engine::Sqlite, _) => Database::Sqlite,
        (Engine::Postgres, Some(postgres)) => Database::Postgres(postgres.database("csp")?),
        (Engine::Postgres, None) => {
            report.leave_out("reads on PostgreSQL: its programs are not installed");
            return Ok(());
        }
    };
    let mut section = Section::new(format!("Reads on {}, a second", engine.label()));
    let token = server::init(bench, folder.path(), &database)?;
    let ours = server::serve(bench, folder.path(), &database).await?;
    let plan = world::set_up(&ours, &token, PARTNERSHIPS).await?;
    load::drive(&mut grpc::Submitter::connect(&ours.address, &plan, 8).await?, 0, PARTNERSHIPS).await?;
    let (echo, sizes) = echo(&ours.address, &plan, folder.path()).await?;
    section.note(sizes);

    let asking = match &postgres {
        Some(postgres) => {
            let answer = folder.path().join("answer.bin");
            Some(
                server::bare(&folder.path().join("asking.log"), &postgres.database("bare")?.owner, &["--answer".as_ref(), answer.as_ref()])
                    .await?,
            )
        }
        None => None,
    };

    let mut readers = grpc::Reader::connect(&ours.address, &plan, 64).await?;
    let mut echo_readers = grpc::Reader::connect(&echo.address, &plan, 64).await?;
    let mut asking_readers = match &asking {
        Some(asking) => grpc::Reader::connect(&asking.address, &plan, 64).await?,
        None => Vec::new(),
    };
    for _ in 0..bench.rounds {
        for (in_flight, quick, whole) in LEVELS {
            let count = bench.either(quick, whole);
            let round = load::drive(&mut readers[..in_flight], 0, count).await?;
            section.add(&format!("GetReturn, {in_flight} in flight"), "/s", round.rate);
            section.add(&format!("GetReturn, {in_flight} in flight, 99 % within"), "ms", round.p99);
            let round = load::drive(&mut echo_readers[..in_flight], 0, count).await?;
            section.add(&format!("bare echo of a return, {in_flight} in flight"), "/s", round.rate);
            if asking.is_some() {
                let round = load::drive(&mut asking_readers[..in_flight], 0, count).await?;
                section.add(&format!("{ASKING}, {in_flight} in flight"), "/s", round.rate);
            }
        }
    }
    drop((readers, echo_readers, asking_readers));
    let mut callers = grpc::Oneself::connect(&ours.address, &plan, 64).await?;
    let mut echo_callers = grpc::Oneself::connect(&echo.address, &plan, 64).await?;
    for _ in 0..bench.rounds {
        for (in_flight, quick, whole) in LEVELS {
            let count = bench.either(quick, whole);
            let round = load::drive(&mut callers[..in_flight], 0, count).await?;
            section.add(&format!("WhoAmI, {in_flight} in flight"), "/s", round.rate);
            section.add(&format!("WhoAmI, {in_flight} in flight, 99 % within"), "ms", round.p99);
            let round = load::drive(&mut echo_callers[..in_flight], 0, count).await?;
            section.add(&format!("bare echo of an identity, {in_flight} in flight"), "/s", round.rate);
        }
    }
    for (in_flight, ..) in LEVELS {
        let aim = (in_flight == 64).then_some(Aim::AtLeast(0.4));
        section.compare(&format!("GetReturn, {in_flight} in flight"), &format!("bare echo of a return, {in_flight} in flight"), aim);
        section.compare(&format!("GetReturn, {in_flight} in flight"), &format!("{ASKING}, {in_flight} in flight"), None);
        section.compare(&format!("{ASKING}, {in_flight} in flight"), &format!("bare echo of a return, {in_flight} in flight"), None);
        section.compare(&format!("WhoAmI, {in_flight} in flight"), &format!("bare echo of an identity, {in_flight} in flight"), aim);
    }
    report.push(section);
    Ok(())
}

/// A server that answers what ours answers, without knowing why. And how large that is.
async fn echo(address: &str, plan: &Plan, folder: &Path) -> Outcome<(Listening, String)> {
    let channel = connect(address).await?;
    let answer = ReturnServiceClient::new(channel.clone()).get_return(plan.question(0)).await?.into_inner().encode_to_vec();
    let identity = IdentityServiceClient::new(channel).who_am_i(plan.signed(0, WhoAmIRequest {})).await?.into_inner().encode_to_vec();
    let files = [folder.join("answer.bin"), folder.join("identity.bin")];
    std::fs::write(&files[0], &answer)?;
    std::fs::write(&files[1], &identity)?;
    let listen = free_address()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_csp-bench-plain"));
    command.args(["--listen", &listen]).arg("--answer").arg(&files[0]).arg("--identity").arg(&files[1]);
    let echo = Listening::start(command, listen, &folder.join("echo.log")).await?;
    Ok((echo, format!("A return is {} bytes, an identity {}.", answer.len(), identity.len())))
}
