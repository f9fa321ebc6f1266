//! Writers, and the ledger of what the store acknowledged to them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use csp_domain::{Act, Scope, chance::SharedChance, clock::Instant, person::NewPerson};
use csp_store::{Store, StoreError};
use csp_tests::{Bed, Raw, line, number};
use tokio::{sync::watch, task::JoinSet};

/// What was acknowledged, and how often the store said that it was not available.
#[derive(Debug, Default)]
struct Book {
    acknowledged: Mutex<BTreeSet<String>>,
    tried: watch::Sender<usize>,
    written: watch::Sender<usize>,
    refused: watch::Sender<usize>,
    stop: AtomicBool,
}

/// Writers at work.
#[derive(Debug)]
pub(crate) struct Writers {
    book: Arc<Book>,
    tasks: JoinSet<()>,
}

impl Writers {
    /// `count` tasks, each of which enters one person after another into `scope`, at most `units` of them.
    pub(crate) fn start(store: &Store, scope: Scope, chance: &SharedChance, now: Instant, count: usize, units: usize) -> Self {
        Self::launch(store, scope, chance, now, "w", (count, units))
    }

    /// The same under names of their own and without end, where others have written before.
    pub(crate) fn named(store: &Store, scope: Scope, chance: &SharedChance, now: Instant, name: &str, count: usize) -> Self {
        Self::launch(store, scope, chance, now, name, (count, usize::MAX))
    }

    fn launch(store: &Store, scope: Scope, chance: &SharedChance, now: Instant, name: &str, (count, units): (usize, usize)) -> Self {
        let book = Arc::new(Book::default());
        let mut tasks = JoinSet::new();
        for writer in 0..count {
            let (store, chance, book, name) = (store.clone(), chance.clone(), book.clone(), format!("{name}{writer}"));
            tasks.spawn(async move {
                for n in 0..units {
                    if book.stop.load(Ordering::Relaxed) {
                        return;
                    }
                    book.write(&store, scope, &chance, now, &name, n).await;
                }
            });
        }
        Self { book, tasks }
    }

    /// Waits until so many more were acknowledged.
    pub(crate) async fn written(&self, more: usize) {
        let mut written = self.book.written.subscribe();
        let goal = *written.borrow() + more;
        written.wait_for(|count| *count >= goal).await.unwrap();
    }

    /// Waits until so many more were refused.
    pub(crate) async fn refused(&self, more: usize) {
        let mut refused = self.book.refused.subscribe();
        let goal = *refused.borrow() + more;
        refused.wait_for(|count| *count >= goal).await.unwrap();
    }

    /// What has been acknowledged by now.
    pub(crate) fn acknowledged(&self) -> BTreeSet<String> {
        self.book.acknowledged.lock().unwrap().clone()
    }

    /// Lets each finish what it is at; answers what came of everything.
    pub(crate) async fn stop(self) -> Ledger {
        self.book.stop.store(true, Ordering::Relaxed);
        self.join().await
    }

    /// Waits until each has done all its units.
    pub(crate) async fn join(mut self) -> Ledger {
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a writer hears nothing but yes, or that the store is not available");
        }
        let acknowledged = self.acknowledged();
        Ledger { acknowledged, tried: *self.book.tried.borrow(), refused: *self.book.refused.borrow() }
    }
}

impl Book {
    async fn write(&self, store: &Store, scope: Scope, chance: &SharedChance, now: Instant, writer: &str, n: usize) {
        let slug = number(writer, n);
        let email = format!("{slug}@example.org").parse().expect("a short name makes an address");
        let new = NewPerson { id: chance.id(now).into(), slug: slug.clone(), name: line("A writer's person"), email };
        self.tried.send_modify(|count| *count += 1);
        match store.create_person(scope, &Act::by_system(now), new).await {
            Ok(_) => {
                self.acknowledged.lock().unwrap().insert(slug.to_string());
                self.written.send_modify(|count| *count += 1);
            }
            Err(error @ StoreError::Unavailable(_)) => {
                assert_eq!(error.to_string(), "the database is not available at the moment");
                self.refused.send_modify(|count| *count += 1);
            }
            Err(other) => panic!("{slug}: {other:?}"),
        }
    }
}

/// What the store said.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) acknowledged: BTreeSet<String>,
    pub(crate) tried: usize,
    pub(crate) refused: usize,
}

/// Everybody whom writers entered, as `raw` has them.
pub(crate) async fn entered(raw: &Raw) -> BTreeSet<String> {
    raw.texts("SELECT slug FROM persons WHERE name = 'A writer''s person'").await.into_iter().collect()
}

/// A person and the record of their being entered are one unit: neither is there without the other.
pub(crate) async fn nothing_is_half_there(raw: &Raw) {
    let one = "SELECT COUNT(*) FROM persons p WHERE 1 <> (SELECT COUNT(*) FROM audit a WHERE a.region_id = p.region_id \
               AND a.subject = 'person' AND a.action = 'create' AND a.subject_id = p.person_id)";
    let other = "SELECT COUNT(*) FROM audit a WHERE a.subject = 'person' AND a.action = 'create' AND NOT EXISTS \
                 (SELECT 1 FROM persons p WHERE p.region_id = a.region_id AND p.person_id = a.subject_id)";
    assert_eq!((raw.number(one).await, raw.number(other).await), (0, 0));
}

impl Ledger {
    /// Whatever was acknowledged is there, whole.
    pub(crate) async fn is_kept(&self, raw: &Raw) {
        let there = entered(raw).await;
        let lost: Vec<&String> = self.acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "{} of {} were lost: {lost:?}", lost.len(), self.acknowledged.len());
        nothing_is_half_there(raw).await;
        println!(
            "tried {}, acknowledged {}, lost 0, refused {}, of which written all the same {}",
            self.tried,
            self.acknowledged.len(),
            self.refused,
            there.len() - self.acknowledged.len()
        );
    }
}

/// Writers into a county of `bed`, without end.
pub(crate) fn start(bed: &Bed, scope: Scope, count: usize) -> Writers {
    Writers::start(&bed.store, scope, &bed.chance, bed.now(), count, usize::MAX)
}
