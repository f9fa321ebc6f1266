//! A server that is killed while it sends.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use chrono::TimeDelta;
use csp_domain::{
    clock::{Clock as _, ManualClock, SharedClock, SystemClock},
    message::{MessageKind, MessageState},
};
use csp_mail::sink::{Act, Script, Sink, Step};
use csp_store::{Engine, Job, JobChange, JobDecision, MessageFilter, Page};
use csp_tests::Bed;

use crate::world::{PATIENCE, scheduler};

/// More than two connections take at once.
const MEMBERS: usize = 120;
/// Connections that carry mail, and so messages that one kill can leave in doubt.
const CONNECTIONS: usize = 2;

fn serve(bed: &Bed, sink: &Sink) -> Child {
    let settings = bed.settings();
    Command::new(env!("CARGO_BIN_EXE_cspd-under-test"))
        .arg("serve")
        .env_clear()
        // Where the tests have taken a wall of the database down, the server under test must know.
        .envs(std::env::var("CSP_TEST_ONE_WALL").map(|wall| ("CSP_TEST_ONE_WALL", wall)))
        .env("CSPD_DATABASE__URL", &settings.url)
        .env("CSPD_LISTEN__API", "127.0.0.1:0")
        .env("CSPD_LISTEN__WEB", "")
        .env("CSPD_MAIL__TRANSPORT", "smtp")
        .env("CSPD_MAIL__TLS", "loopback")
        .env("CSPD_MAIL__HOST", sink.address().ip().to_string())
        .env("CSPD_MAIL__PORT", sink.address().port().to_string())
        .env("CSPD_MAIL__CONNECTIONS", CONNECTIONS.to_string())
        .env("CSPD_SCHEDULER__EVERY_SECONDS", "1")
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server just built starts")
}

/// SIGKILL at three moments of a run, each with the server in the middle of its mail. At the end every
/// member has the paper, and whoever has it twice was in doubt when the server died.
pub(crate) async fn a_server_killed_again_and_again_loses_nobody(bed: Bed) {
    let sink = Sink::start(Script::accepting()).await;
    // The server knows no other time than now, so the quarter is arranged to be published now.
    let county = bed.county("northumbria").await;
    for n in 0..MEMBERS - county.members.len() {
        let member = bed.person(county.scope(), &format!("member-{n}")).await;
        bed.member(county.scope(), &county.committee, &member).await;
    }
    bed.close(&county).await;
    let digest = bed.freeze(&county, "Community Safety Partnerships update").await;
    bed.approve(&county, &digest).await;
    // By the server's clock that is years ago, and it would ask.
    bed.clock.set(SystemClock.now());
    let by = county.administrator.id;
    let reason = csp_tests::line("Members were told that it comes late.");
    let run = JobDecision { by, cycle: county.cycle.id, job: Job::Release, change: JobChange::Run, reason };
    bed.store.decide_job(county.scope(), &bed.by(&county.administrator), run).await.expect("what was missed can be ordered");

    for kill in 1..=3 {
        // The sink holds the answer to one message back, so that the kill always falls between the last
        // byte and the record of its answer; all others may go.
        sink.set_script(Script::accepting().first(20, Step::Dot, Act::reply("250 2.0.0 taken")).always(Step::Dot, Act::Wait));
        let taken = sink.messages().len();
        let mut server = serve(&bed, &sink);
        let some = sink.received(taken + 10);
        tokio::time::timeout(PATIENCE, some).await.unwrap_or_else(|_| panic!("server {kill} sends"));
        server.kill().expect("a child can be killed");
        server.wait().expect("a child can be waited for");
        sink.set_script(Script::accepting());
        sink.release();
        if bed.engine() == Engine::Postgres {
            // With several servers a claim is somebody's until its lease ends: see below.
            break;
        }
    }

    let all =
        async || bed.store.list_messages(county.scope(), MessageFilter::default(), Page::all()).await.expect("the store answers").items;
    let mut in_doubt: BTreeSet<String> = BTreeSet::new();
    for message in all().await {
        if message.state == MessageState::InDoubt {
            in_doubt.insert(message.address.as_str().to_owned());
        }
    }
    // Leases end, doubts come of age; another server goes on where the dead one stopped.
    let later = ManualClock::new(SystemClock.now() + TimeDelta::minutes(30));
    let clock: SharedClock = Arc::new(later);
    let survivor = scheduler(&bed.store, clock, 11, &sink);
    survivor.deliver().await.expect("the store answers");

    let messages = all().await;
    let papers: Vec<_> = messages.iter().filter(|message| message.kind == MessageKind::Digest).collect();
    assert_eq!(papers.len(), MEMBERS);
    for message in &messages {
        assert_eq!(message.state, MessageState::Accepted, "{message:?}");
    }
    let mut copies: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    // In office hours the server reminds people too; only members have the paper.
    for mail in sink.messages() {
        if papers.iter().any(|paper| paper.address.as_str() == mail.to) {
            copies.entry(mail.to).or_default().push(mail.bytes);
        }
    }
    assert_eq!(copies.len(), MEMBERS, "nobody is lost");
    let twice: BTreeSet<&String> = copies.iter().filter(|(_, sent)| sent.len() > 1).map(|(to, _)| to).collect();
    assert!(twice.iter().all(|to| in_doubt.contains(*to)), "only who was in doubt may have it twice: {twice:?}, in doubt {in_doubt:?}");
    assert!(twice.len() <= 3 * CONNECTIONS, "{twice:?}");
    assert!(copies.values().all(|sent| sent.iter().all(|bytes| bytes == &sent[0])), "a second copy is the same bytes");
}
