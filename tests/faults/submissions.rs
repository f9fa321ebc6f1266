//! First returns, which come in by one statement and without a savepoint, beside people who are entered by several, on a disk that
//! fills up: SQLite then undoes by itself more than the statement that found no room.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use csp_domain::{Act, Scope, cycle::Cycle, person::Person, returns::Manner};
use csp_store::{Job, Store, StoreError};
use csp_tests::{Bed, County, Raw};
use tokio::{sync::watch, task::JoinSet};

use crate::disk::{Disk, Place, opened, writers};

/// A county of so many partnerships, with their cycle open.
async fn county(bed: &Bed, partnerships: usize) -> County {
    let mut county = bed.county("northumbria").await;
    let scope = county.scope();
    let mut all = Vec::new();
    for n in 0..partnerships {
        all.push(bed.partnership(scope, &format!("part-{n}")).await);
    }
    county.committee = bed.committee(scope, "scrutiny", &all, &county.indicators).await;
    county.partnerships = all;
    let cycle = bed.cycle(scope, &county.committee, "2021-q3").await;
    assert!(bed.store.advance_cycle(scope, &bed.by_schedule(), cycle.id, Job::Open, cycle.timetable.opens_at).await.unwrap());
    county.cycle = bed.store.get_cycle(scope, cycle.id).await.unwrap();
    county
}

/// What officers were told.
#[derive(Debug, Default)]
struct Told {
    received: watch::Sender<usize>,
    refused: watch::Sender<usize>,
    stop: AtomicBool,
}

/// Sends in a return for one partnership after another, each until it is received; answers for which it was.
async fn send(
    store: Store,
    scope: Scope,
    cycle: Cycle,
    officer: Person,
    returns: Vec<csp_domain::returns::NewReturn>,
    told: Arc<Told>,
) -> BTreeSet<String> {
    let mut received = BTreeSet::new();
    let act = Act::by(officer.id, csp_tests::at("2022-01-05T10:00:00Z"));
    for new in returns {
        loop {
            if told.stop.load(Ordering::Relaxed) {
                return received;
            }
            match store.submit_return_to(&cycle, scope, &act, officer.id, new.clone(), Manner::default()).await {
                Ok(made) => {
                    received.insert(made.id.0.simple().to_string());
                    told.received.send_modify(|count| *count += 1);
                    break;
                }
                Err(StoreError::Unavailable(_)) => told.refused.send_modify(|count| *count += 1),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    received
}

/// Waits until so many more were told; no officer may have ended by then.
async fn waits_for(told: &watch::Sender<usize>, more: usize, sending: &mut JoinSet<BTreeSet<String>>) {
    let mut told = told.subscribe();
    let goal = *told.borrow() + more;
    tokio::select! {
        told = told.wait_for(|count| *count >= goal) => { told.unwrap(); }
        ended = sending.join_next() => panic!("an officer ended too soon: {:?}", ended.unwrap().map(|received| received.len())),
    }
}

async fn ids(raw: &Raw, query: &str) -> BTreeSet<String> {
    raw.texts(query).await.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn returns_on_a_full_disk_are_received_whole_or_refused_and_nobodys_else_is_lost() {
    let Some(disk) = Disk::mount(24) else { return };
    let bed = Bed::sqlite().await;
    let county = county(&bed, 1_200).await;
    let senders = 4;
    let mut shares: Vec<Vec<_>> = vec![Vec::new(); senders];
    for n in 0..county.partnerships.len() {
        shares[n % senders].push(bed.new_return(&county, n, vec![county.burglary(1)]));
    }
    bed.store.close().await;
    let file = bed.settings().url.trim_start_matches("sqlite://").to_owned();
    for end in ["", "-wal"] {
        if Path::new(&format!("{file}{end}")).exists() {
            std::fs::copy(format!("{file}{end}"), disk.path().join(format!("csp.db{end}"))).unwrap();
        }
    }
    let place: Place = opened(disk.path(), county.scope()).await;

    let told = Arc::new(Told::default());
    let mut sending = JoinSet::new();
    for share in shares {
        let (cycle, officer) = (county.cycle.clone(), county.officers[0].clone());
        sending.spawn(send(place.store.clone(), county.scope(), cycle, officer, share, told.clone()));
    }
    let at_work = writers(&place, 0);
    for _ in 0..2 {
        waits_for(&told.received, 20, &mut sending).await;
        let filler = disk.fill();
        waits_for(&told.refused, 20, &mut sending).await;
        std::fs::remove_file(filler).unwrap();
    }
    waits_for(&told.received, 20, &mut sending).await;
    told.stop.store(true, Ordering::Relaxed);
    let received: BTreeSet<String> = sending.join_all().await.into_iter().flatten().collect();
    let people = at_work.stop().await;

    let raw = &place.raw;
    assert_eq!(ids(raw, "SELECT lower(hex(return_id)) FROM returns").await, received, "what was acknowledged, and nothing else");
    for (table, what) in [("return_revisions", "return_id"), ("observations", "return_id"), ("return_steps", "return_id")] {
        let query = format!("SELECT lower(hex({what})) FROM {table}");
        assert_eq!(raw.number(&format!("SELECT COUNT(*) FROM {table}")).await, i64::try_from(received.len()).unwrap(), "{table}");
        assert_eq!(ids(raw, &query).await, received, "{table}");
    }
    assert_eq!(ids(raw, "SELECT lower(hex(subject_id)) FROM audit WHERE subject = 'return'").await, received);
    println!("returns: acknowledged {}, refused {}", received.len(), *told.refused.borrow());
    people.is_kept(raw).await;
    assert_eq!(raw.texts("PRAGMA integrity_check").await, ["ok"]);
    place.store.close().await;
}
