//! Several servers on one PostgreSQL, one of them killed at random again and again, live through two years: the same eight
//! digests, and each member has each of them once.
//!
//! The servers are processes of their own (`tests/bin/replica.rs`); the test moves their clocks, and in between does what
//! people do. A server that was killed is started again. Which one, when, and at what it was is drawn from a seed, which is
//! printed; `CSP_TEST_SEED` sets it. With `CSP_TEST_LONG=1` many seeds are tried.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
};

use chrono::TimeDelta;
use csp_domain::{Chance as _, Instant, Scope, chance::SeededChance, clock::Clock as _, message::MessageState};
use csp_mail::sink::Sink;
use csp_proto::v1;
use csp_store::{MessageFilter, Page, Settings};
use csp_tests::{Bed, at};

use crate::world::{COMMITTEE, MEMBERS, World, two_figures};

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_of_which_one_is_killed_send_the_same_eight_digests() {
    live_with(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_servers_of_which_one_is_killed_send_the_same_eight_digests() {
    live_with(5).await;
}

async fn live_with(servers: usize) {
    let named = std::env::var("CSP_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let long = std::env::var("CSP_TEST_LONG").is_ok_and(|value| value == "1");
    let seeds: Vec<u64> = named.map_or_else(|| (1..=if long { 20 } else { 1 }).collect(), |seed| vec![seed]);
    for seed in seeds {
        let Some(bed) = Bed::postgres().await else { return };
        two_years(bed, servers, seed).await;
    }
}

/// What one server is told at its start.
#[derive(Clone)]
struct Place {
    settings: Settings,
    host: String,
    port: String,
}

/// A server in a process of its own.
struct Replica {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Replica {
    fn start(place: &Place) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_replica"))
            .env_clear()
            .env("CSPD_DATABASE__URL", &place.settings.url)
            .env("CSPD_DATABASE__CONNECTIONS", "3")
            .env("CSPD_MAIL__TRANSPORT", "smtp")
            .env("CSPD_MAIL__TLS", "loopback")
            .env("CSPD_MAIL__HOST", &place.host)
            .env("CSPD_MAIL__PORT", &place.port)
            .env("CSPD_MAIL__CONNECTIONS", "2")
            .env("CSPD_LOG__FILTER", "error")
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server just built starts");
        let says = BufReader::new(child.stdout.take().unwrap());
        let mut replica = Self { child, says };
        replica.hear("ready");
        replica
    }

    fn tell(&mut self, now: Instant) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{}", now.to_rfc3339()).expect("a server that lives listens");
    }

    fn hear(&mut self, wanted: &str) {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("servers speak UTF-8");
        assert_eq!(line.trim_end(), wanted);
    }

    fn kill(&mut self) {
        // SIGKILL: nothing is said, nothing is finished.
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where in its work the victim is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as it has heard what time it is.
    AtOnce,
    /// After its tick, before its mail.
    BeforeMail,
    /// When the mail server has taken one more message, from whomever.
    InTheMail,
}

struct Fleet {
    replicas: Vec<Option<Replica>>,
    place: Place,
    chance: SeededChance,
    kills: usize,
}

impl Fleet {
    fn draw(&self, below: usize) -> usize {
        let mut bytes = [0; 8];
        self.chance.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % below as u64).unwrap()
    }

    /// All look at the table at once.
    async fn step(&mut self, now: Instant) {
        let working = self.replicas.iter_mut().map(|replica| work(replica.take().unwrap(), now)).collect();
        self.replicas = together(working).await.into_iter().map(Some).collect();
    }

    /// The same, with one killed on the way.
    async fn step_with_a_kill(&mut self, now: Instant, sink: &Sink, moment: Moment) {
        let victim = self.draw(self.replicas.len());
        let taken = sink.messages().len();
        let mut doomed = self.replicas.remove(victim).unwrap();
        doomed.tell(now);
        let others = together(self.replicas.iter_mut().map(|replica| work(replica.take().unwrap(), now)).collect());
        let others = match moment {
            Moment::AtOnce => {
                doomed.kill();
                others.await
            }
            Moment::BeforeMail => {
                let doomed = tokio::task::spawn_blocking(move || {
                    doomed.hear("ticked, 0 failed");
                    doomed.kill();
                });
                let others = others.await;
                doomed.await.unwrap();
                others
            }
            Moment::InTheMail => {
                let mut others = std::pin::pin!(others);
                let done = tokio::select! {
                    _ = sink.received(taken + 1) => None,
                    done = &mut others => Some(done),
                };
                doomed.kill();
                match done {
                    Some(done) => done,
                    None => others.await,
                }
            }
        };
        self.replicas = others.into_iter().map(Some).collect();
        self.kills += 1;
        let place = self.place.clone();
        self.replicas.push(Some(tokio::task::spawn_blocking(move || Replica::start(&place)).await.unwrap()));
    }
}

/// One server's work at one moment, waited for on a thread of its own.
fn work(mut replica: Replica, now: Instant) -> tokio::task::JoinHandle<Replica> {
    tokio::task::spawn_blocking(move || {
        replica.tell(now);
        replica.hear("ticked, 0 failed");
        replica.hear("done");
        replica
    })
}

async fn together(working: Vec<tokio::task::JoinHandle<Replica>>) -> Vec<Replica> {
    let mut done = Vec::with_capacity(working.len());
    for one in working {
        done.push(one.await.expect("a server that nobody kills does its work"));
    }
    done
}

async fn two_years(bed: Bed, servers: usize, seed: u64) {
    println!("{servers} servers, seed {seed}");
    bed.clock.set(at("2021-12-30T09:00:00Z"));
    let mut world = World::on(bed).await;
    let address = world.sink.address();
    let place = Place { settings: world.bed.settings().clone(), host: address.ip().to_string(), port: address.port().to_string() };
    let replicas = (0..servers).map(|_| Some(Replica::start(&place))).collect();
    let mut fleet = Fleet { replicas, place, chance: SeededChance::new(seed), kills: 0 };

    // Ten days short of two years, so that the longest step does not open the ninth cycle.
    let end = at("2023-12-20T09:00:00Z");
    let (mut submitted, mut approved) = (Vec::new(), BTreeMap::new());
    let mut in_doubt = BTreeSet::new();
    while world.bed.clock.now() < end {
        // Between 20 hours and five days, never in step with the days.
        let hours = 20 + i64::try_from(fleet.draw(100)).unwrap();
        world.bed.clock.advance(TimeDelta::hours(hours) + TimeDelta::minutes(i64::try_from(fleet.draw(60)).unwrap()));
        // Nobody sleeps longer than a release may be late: about what is later people are asked.
        if let Some(first) = approved.values().min().copied() {
            let latest = first + TimeDelta::hours(i64::try_from(fleet.draw(40)).unwrap());
            if world.bed.clock.now() > latest {
                world.bed.clock.set(latest);
            }
        }
        let now = world.bed.clock.now();
        let publishes = approved.values().any(|publication: &Instant| *publication <= now);
        let moment = match fleet.draw(48) {
            _ if publishes => Some([Moment::AtOnce, Moment::BeforeMail, Moment::InTheMail, Moment::InTheMail][fleet.draw(4)]),
            0 => Some(Moment::AtOnce),
            1 => Some(Moment::BeforeMail),
            _ => None,
        };
        match moment {
            Some(moment) => {
                fleet.step_with_a_kill(now, &world.sink, moment).await;
                in_doubt.extend(doubts(&world).await);
            }
            None => fleet.step(now).await,
        }
        approved.retain(|_, publication| *publication > now);
        people(&mut world, &mut submitted, &mut approved).await;
    }
    // What was in doubt last comes of age.
    for _ in 0..2 {
        world.bed.clock.advance(TimeDelta::hours(1));
        fleet.step(world.bed.clock.now()).await;
    }
    assert_eq!(submitted.len(), 8, "{submitted:?}");
    eight_digests_once_each(&world, &in_doubt, fleet.kills).await;
}

/// What people do: submit when a cycle opens, approve when it has closed.
async fn people(world: &mut World, submitted: &mut Vec<String>, approved: &mut BTreeMap<String, Instant>) {
    let list = v1::ListCyclesRequest { parent: COMMITTEE.into(), page_size: 100, page_token: String::new() };
    for cycle in world.committees().list_cycles(world.system.call(list)).await.unwrap().into_inner().cycles {
        if cycle.state() == v1::CycleState::Open && !submitted.contains(&cycle.name) {
            let officer = world.token(&world.system, &world.officers[0].person.clone()).await.unwrap();
            let figures = two_figures(0, &cycle.name, &cycle.period, "206", "291");
            world.returns().create_return(officer.call(figures)).await.unwrap();
            submitted.push(cycle.name.clone());
        }
        if cycle.state() == v1::CycleState::Closed {
            let get = v1::GetDigestRequest { name: format!("{}/digests/-", cycle.name) };
            let newest = world.digests().get_digest(world.system.call(get)).await.unwrap().into_inner();
            if newest.state() == v1::DigestState::Frozen {
                world.approver = world.token(&world.system, &world.approver.person.clone()).await.unwrap();
                world.approve(&cycle.name).await.unwrap();
                let publication = cycle.publication_time.unwrap();
                approved.insert(cycle.name, Instant::from_timestamp(publication.seconds, 0).unwrap());
            }
        }
    }
}

/// Messages of which nobody knows whether they went, as subject and address.
async fn doubts(world: &World) -> Vec<(String, String)> {
    let store = &world.bed.store;
    let filter = MessageFilter { matter: None, state: Some(MessageState::InDoubt) };
    let mut found = Vec::new();
    for region in store.list_regions(Page::all()).await.unwrap().items {
        for message in store.list_messages(Scope::Region(region.id), filter, Page::all()).await.unwrap().items {
            found.push((message.subject, message.address.as_str().to_owned()));
        }
    }
    found
}

async fn eight_digests_once_each(world: &World, in_doubt: &BTreeSet<(String, String)>, kills: usize) {
    let list = v1::ListCyclesRequest { parent: COMMITTEE.into(), page_size: 100, page_token: String::new() };
    let cycles = world.committees().list_cycles(world.system.call(list)).await.unwrap().into_inner().cycles;
    let published: Vec<&str> = cycles.iter().filter(|c| c.state() == v1::CycleState::Published).map(|c| c.period.as_str()).collect();
    assert_eq!(published, ["2021-q3", "2021-q4", "2022-q1", "2022-q2", "2022-q3", "2022-q4", "2023-q1", "2023-q2"]);
    let mut copies: BTreeMap<(String, String), Vec<Vec<u8>>> = BTreeMap::new();
    // In two years people are reminded too, and told that their tokens end; these are the papers.
    for mail in world.papers() {
        let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).expect("mail reads as mail");
        let subject = parsed.subject().unwrap_or_default().to_owned();
        copies.entry((subject, mail.to)).or_default().push(mail.bytes);
    }
    assert_eq!(copies.len(), 8 * MEMBERS.len(), "none missing");
    let twice: Vec<_> = copies.iter().filter(|(_, sent)| sent.len() > 1).collect();
    for (which, sent) in &twice {
        assert!(in_doubt.contains(*which), "only what was in doubt when a server died may go twice: {which:?}");
        assert!(sent.iter().all(|bytes| bytes == &sent[0]), "a second copy is the same bytes: {which:?}");
    }
    println!(
        "{kills} kills, {} mails to {} addressed copies, {} in doubt, {} of them twice",
        copies.values().map(Vec::len).sum::<usize>(),
        copies.len(),
        in_doubt.len(),
        twice.len()
    );
}
