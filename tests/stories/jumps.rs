//! The clock jumps: an hour, a day, a year, ahead and back, at each stage of a cycle, before one server and before two. Nothing is
//! done twice, and nothing is silently left.
//!
//! The matrix in `docs/schedule.md` is what this test counts; with `CSP_TEST_WRITE_DOCS=1` it writes it there, and otherwise it
//! fails where the page says something else.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use chrono::TimeDelta;
use csp_domain::{Instant, clock::SharedClock};
use csp_proto::v1::{self, JobState};
use csp_scheduler::{Scheduler, Tick};
use csp_tests::{Bed, at};

use crate::{
    held::{run, standing},
    world::{CYCLE, MEMBERS, World, scheduler, two_figures},
};

/// How far a cycle has come when the clock jumps, and when that is.
const STAGES: [(&str, &str); 5] = [
    ("planned", "2021-12-30T10:00:00Z"),
    ("collecting", "2022-01-05T10:00:00Z"),
    ("the day before the deadline", "2022-01-11T20:00:00Z"),
    ("frozen", "2022-01-13T10:00:00Z"),
    ("approved", "2022-01-17T12:00:00Z"),
];

const JUMPS: [(&str, TimeDelta); 6] = [
    ("an hour ahead", TimeDelta::hours(1)),
    ("a day ahead", TimeDelta::days(1)),
    ("a year ahead", TimeDelta::days(365)),
    ("an hour back", TimeDelta::hours(-1)),
    ("a day back", TimeDelta::days(-1)),
    ("a year back", TimeDelta::days(-365)),
];

/// What came of one jump.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Outcome {
    /// Steps done while the clock was wrong, before their time.
    early: usize,
    /// Letters in which an administrator was asked about what was too late while it was wrong.
    asked: usize,
    /// Members who have the paper, at the end; and copies of it.
    members: usize,
    copies: usize,
}

struct Servers {
    world: World,
    second: Option<Scheduler>,
}

impl Servers {
    /// Looks with all servers at once, and carries what is due.
    async fn look(&self, moment: Instant) -> Tick {
        self.world.bed.clock.set(moment);
        let mut tick = match &self.second {
            Some(second) => {
                let (one, two) = tokio::join!(Box::pin(self.world.scheduler.tick()), Box::pin(second.tick()));
                let (mut one, two) = (one.unwrap(), two.unwrap());
                one.opened += two.opened;
                one.closed += two.closed;
                one.frozen += two.frozen;
                one.released += two.released;
                one.failed += two.failed;
                one
            }
            None => Box::pin(self.world.scheduler.tick()).await.unwrap(),
        };
        assert_eq!(tick.failed, 0);
        self.world.scheduler.deliver().await.unwrap();
        tick.overtaken = 0;
        tick
    }

    async fn submit(&self) {
        // What a wrong clock closed before its time takes nothing more, and says so.
        let sent = self.world.returns().create_return(self.world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "206", "291"))).await;
        if let Err(refused) = sent {
            let reason = tonic_types::StatusExt::get_details_error_info(&refused).map(|info| info.reason).unwrap_or_default();
            let had_sent = refused.code() == tonic::Code::AlreadyExists;
            assert!(had_sent || reason == "CYCLE_CLOSED", "{refused:?}");
        }
    }

    /// Lives the cycle on from `moment` to its meeting by the right clock, as people would: send in, approve, and where the
    /// schedule asks, say yes.
    async fn live_on(&self, moment: Instant) {
        for day in ["2022-01-01", "2022-01-05", "2022-01-12", "2022-01-13", "2022-01-17", "2022-01-18"] {
            for time in ["09:00:00", "17:00:01"] {
                let now = at(&format!("{day}T{time}Z"));
                if now <= moment {
                    continue;
                }
                self.look(now).await;
                if day == "2022-01-05" {
                    self.submit().await;
                }
                self.approve_if_asked().await;
            }
        }
        self.look(at("2022-01-20T09:00:00Z")).await;
    }

    async fn approve_if_asked(&self) {
        let get = v1::GetDigestRequest { name: format!("{CYCLE}/digests/-") };
        if let Ok(digest) = self.world.digests().get_digest(self.world.approver.call(get)).await
            && digest.into_inner().state() == v1::DigestState::Frozen
        {
            self.world.approve(CYCLE).await.unwrap();
        }
    }
}

/// One cell of the matrix: the cycle lives up to the stage, the clock jumps, everybody looks twice, the clock is put right again,
/// and the cycle lives on.
async fn jump(bed: Bed, stage: usize, by: TimeDelta, two: bool) -> Outcome {
    bed.clock.set(at("2021-12-29T09:00:00Z"));
    let world = World::on(bed).await;
    let mut other_store = None;
    let second = if two {
        let clock: SharedClock = Arc::new(world.bed.clock.clone());
        let store = match world.bed.engine() {
            // SQLite has one writer: the second server of an embedded database is a second scheduler.
            csp_store::Engine::Sqlite => world.bed.store.clone(),
            csp_store::Engine::Postgres => {
                let store = world.bed.second_store(Arc::new(csp_domain::chance::SeededChance::new(99))).await;
                other_store = Some(store.clone());
                store
            }
        };
        Some(scheduler(&store, clock, 8, &world.sink))
    } else {
        None
    };
    let servers = Servers { world, second };
    for (at_stage, (name, moment)) in STAGES.iter().enumerate().take(stage + 1) {
        servers.look(at(moment)).await;
        match *name {
            "collecting" => servers.submit().await,
            "approved" => servers.approve_if_asked().await,
            _ => {}
        }
        assert!(at_stage <= stage);
    }
    let moment = at(STAGES[stage].1);

    // The clock is wrong, for as long as it takes two looks.
    let mut outcome = Outcome::default();
    for seconds in [0, 30] {
        let wrong = servers.look(moment + by + TimeDelta::seconds(seconds)).await;
        outcome.early += wrong.opened + wrong.closed + wrong.frozen + wrong.released;
    }
    let subject = |mail: &csp_mail::sink::Received| {
        let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).unwrap();
        parsed.subject().unwrap_or_default().to_owned()
    };
    outcome.asked = servers.world.sink.messages().iter().filter(|mail| subject(mail).contains("was missed, and waits for you")).count();
    // It is put right. What was not done is due when its time comes, as if nothing had been.
    servers.look(moment + TimeDelta::minutes(1)).await;
    servers.live_on(moment).await;
    // What the schedule still asks about, a person answers.
    for (job, state) in standing(&servers.world).await {
        if state == JobState::Missed {
            run(&servers.world, &job).await.unwrap();
        }
    }
    servers.look(at("2022-01-20T09:01:00Z")).await;

    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for mail in servers.world.papers() {
        if subject(&mail).ends_with("26 January 2022") {
            *copies.entry(mail.to).or_default() += 1;
        }
    }
    outcome.members = copies.len();
    outcome.copies = copies.values().sum();
    let standing = standing(&servers.world).await;
    for job in ["close", "freeze", "release"] {
        assert!(standing.contains(&(job.to_owned(), JobState::Done)), "{job} is left: {standing:?}");
    }
    for job in ["open", "close", "freeze", "release"] {
        let runs = format!("SELECT COUNT(*) FROM job_runs WHERE job = '{job}'");
        let cycles = "SELECT COUNT(*) FROM cycles WHERE state IN ('open', 'closed', 'published')";
        let (runs, cycles) = (servers.world.bed.raw().number(&runs).await, servers.world.bed.raw().number(cycles).await);
        assert!(runs <= cycles, "{job} was done {runs} times for {cycles} cycles");
    }
    if let Some(store) = other_store {
        store.close().await;
    }
    outcome
}

async fn fresh(engine: csp_store::Engine) -> Option<Bed> {
    match engine {
        csp_store::Engine::Sqlite => Some(Bed::sqlite().await),
        csp_store::Engine::Postgres => Bed::postgres().await,
    }
}

pub(crate) async fn whatever_the_clock_does_nothing_is_doubled_or_silently_dropped(bed: Bed) {
    let engine = bed.engine();
    drop(bed);
    let long = std::env::var_os("CSP_TEST_LONG").is_some();
    let mut lines = Vec::new();
    let mut lives = 0;
    for (at_jump, (jump_name, by)) in JUMPS.into_iter().enumerate() {
        for (stage, (stage_name, _)) in STAGES.iter().enumerate() {
            // With little time, SQLite lives through all of it, before one server and before two in turn, and PostgreSQL through one
            // stage of each jump before two servers.
            let on_postgres = engine == csp_store::Engine::Postgres;
            if !long && on_postgres && stage != at_jump % STAGES.len() {
                continue;
            }
            let servers = if long { vec![false, true] } else { vec![on_postgres || (at_jump + stage) % 2 == 1] };
            let mut outcomes = Vec::new();
            for two in servers {
                let Some(bed) = fresh(engine).await else { return };
                outcomes.push(jump(bed, stage, by, two).await);
                lives += 1;
            }
            let what = format!("{jump_name}, {stage_name}");
            assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{what}: two servers come to the same as one: {outcomes:?}");
            let Outcome { early, asked, members, copies } = outcomes[0];
            assert_eq!((members, copies), (MEMBERS.len(), MEMBERS.len()), "{what}: each member has the paper once");
            lines.push(format!("| {jump_name} | {stage_name} | {early} | {asked} | {members} | {copies} |\n"));
        }
    }
    println!("{engine:?}: {lives} cycles lived through a jump");
    in_the_docs("jumps", &lines);
}

/// What a page says of what was counted.
fn in_the_docs(mark: &str, lines: &[String]) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schedule.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (begin, end) = (format!("<!-- {mark}: counted by tests/stories/jumps.rs -->\n"), format!("<!-- end of {mark} -->"));
    let (before, rest) = text.split_once(&begin).expect("the page has a place for it");
    let (told, after) = rest.split_once(&end).expect("the place has an end");
    let whole = lines.len() == JUMPS.len() * STAGES.len();
    let head =
        "| the clock jumps … | when the cycle is … | steps done early | people asked | members | copies |\n|---|---|---|---|---|---|\n";
    if whole && std::env::var_os("CSP_TEST_WRITE_DOCS").is_some() {
        std::fs::write(&page, format!("{before}{begin}{head}{}{end}{after}", lines.concat())).unwrap();
        return;
    }
    for line in lines {
        assert!(told.contains(line.as_str()), "docs/schedule.md tells something else than {line}; CSP_TEST_WRITE_DOCS=1 writes it");
    }
    assert!(!whole || told == format!("{head}{}", lines.concat()), "docs/schedule.md tells more than was counted");
}
