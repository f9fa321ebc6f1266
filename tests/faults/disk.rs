//! A disk that is full, and one that has become read-only: a small file system in memory, filled, frozen and freed.
//! Needs the right to mount one; where there is none, this says so and leaves it out.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use csp_domain::{Scope, chance::SeededChance};
use csp_store::{Lock, OpenError, Settings, Store, StoreError};
use csp_tests::Raw;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;

use crate::{
    ledger::{Ledger, Writers, entered, nothing_is_half_there},
    times,
};

/// A file system of a few megabytes.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    pub(crate) fn mount(megabytes: u32) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let size = format!("size={megabytes}m");
        if mount(&["-t", "tmpfs", "-o", &size, "tmpfs"], folder.path()) {
            Some(Self { folder })
        } else {
            println!("left out: no file system can be mounted here");
            None
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes up all the room there is.
    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.path().join("something-else");
        let mut file = std::fs::File::options().append(true).create(true).open(&path).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![0x55; size]).is_ok() {}
        }
        path
    }

    fn remount(&self, how: &str) -> bool {
        mount(&["-o", &format!("remount,{how}")], self.path())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a connection may still be tidying up.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn mount(arguments: &[&str], path: &Path) -> bool {
    Command::new("mount").args(arguments).arg(path).output().is_ok_and(|ended| ended.status.success())
}

pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) raw: Raw,
    scope: Scope,
}

impl Place {
    async fn close_raw(&self) {
        if let Raw::Sqlite(pool) = &self.raw {
            pool.close().await;
        }
    }
}

/// A store in a folder, with a region in it.
async fn settle(folder: &Path) -> Place {
    let path = folder.join("csp.db");
    let settings = Settings { url: format!("sqlite://{}", path.display()), migrate_url: None, connections: 1 };
    Store::migrate(&settings).await.unwrap();
    let store = Store::open(&settings, std::sync::Arc::new(SeededChance::new(3))).await.unwrap();
    let act = csp_domain::Act::by_system(csp_tests::at("2022-01-05T10:00:00Z"));
    let new = csp_domain::region::NewRegion {
        id: csp_domain::Chance::id(&SeededChance::new(4), act.at).into(),
        slug: csp_tests::slug("northumbria"),
        name: csp_tests::line("Northumbria"),
        zone: chrono_tz::Europe::London,
    };
    let region = store.create_region(&act, new).await.unwrap();
    Place { store, raw: raw(folder), scope: Scope::Region(region.id) }
}

fn raw(folder: &Path) -> Raw {
    let options = SqliteConnectOptions::new().filename(folder.join("csp.db"));
    Raw::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options))
}

pub(crate) fn writers(place: &Place, cycle: usize) -> Writers {
    let chance: csp_domain::chance::SharedChance = std::sync::Arc::new(SeededChance::new(100 + cycle as u64));
    Writers::named(&place.store, place.scope, &chance, csp_tests::at("2022-01-05T10:00:00Z"), &format!("c{cycle}w"), 4)
}

/// The database that is in a folder.
pub(crate) async fn opened(folder: &Path, scope: Scope) -> Place {
    let settings = Settings { url: format!("sqlite://{}", folder.join("csp.db").display()), migrate_url: None, connections: 1 };
    let store = Store::open(&settings, std::sync::Arc::new(SeededChance::new(5))).await.unwrap();
    Place { store, raw: raw(folder), scope }
}

/// What everything must be like while nothing can be written.
async fn refuses_writes_and_answers_questions(place: &Place) {
    let probed = place.store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await;
    assert!(matches!(probed, Err(StoreError::Unavailable(_))), "{probed:?}");
    assert_eq!(probed.unwrap_err().to_string(), "the database is not available at the moment");
    assert_eq!(place.store.get_region(place.scope).await.unwrap().slug.as_str(), "northumbria", "questions are answered");
}

async fn everything_is_kept(place: &Place, ledgers: &[Ledger]) {
    let there = entered(&place.raw).await;
    let acknowledged: usize = ledgers.iter().map(|ledger| ledger.acknowledged.len()).sum();
    let refused: usize = ledgers.iter().map(|ledger| ledger.refused).sum();
    for ledger in ledgers {
        assert!(ledger.acknowledged.is_subset(&there), "acknowledged is kept");
    }
    assert_eq!(there.len(), acknowledged, "what was refused is not there");
    nothing_is_half_there(&place.raw).await;
    assert_eq!(place.raw.texts("PRAGMA integrity_check").await, ["ok"]);
    println!("acknowledged {acknowledged}, lost 0, refused {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_in_words_keeps_what_it_has_and_heals() {
    let Some(disk) = Disk::mount(24) else { return };
    let place = settle(disk.path()).await;
    let mut ledgers = Vec::new();
    let cycles = times(3, 200);
    for cycle in 0..cycles {
        place.store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await.unwrap();
        let at_work = writers(&place, cycle);
        at_work.written(20).await;
        let filler = disk.fill();
        at_work.refused(20).await;
        refuses_writes_and_answers_questions(&place).await;
        std::fs::remove_file(filler).unwrap();
        at_work.written(20).await;
        place.store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await.unwrap();
        ledgers.push(at_work.stop().await);
    }
    println!("filled and freed {cycles} times");
    everything_is_kept(&place, &ledgers).await;
    place.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_becomes_read_only_refuses_in_words_and_heals() {
    let Some(disk) = Disk::mount(24) else { return };
    let place = settle(disk.path()).await;
    let at_work = writers(&place, 0);
    at_work.written(20).await;
    let first = at_work.stop().await;
    place.store.close().await;
    place.close_raw().await;

    // Whoever starts on it says why it cannot.
    assert!(disk.remount("ro"), "a file system can be made read-only");
    let url = format!("sqlite://{}", disk.path().join("csp.db").display());
    let settings = Settings { url, migrate_url: None, connections: 1 };
    let locked = Lock::take(&settings);
    assert!(matches!(locked, Err(OpenError::Lock(_))), "a server does not start there: {locked:?}");
    // Whoever only asks may be answered.
    if let Ok(store) = Store::open(&settings, std::sync::Arc::new(SeededChance::new(6))).await {
        let place = Place { store, raw: raw(disk.path()), scope: place.scope };
        refuses_writes_and_answers_questions(&place).await;
        place.store.close().await;
    }
    assert!(disk.remount("rw"));
    let place = opened(disk.path(), place.scope).await;
    place.store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await.unwrap();
    everything_is_kept(&place, &[first]).await;
    place.store.close().await;
}
