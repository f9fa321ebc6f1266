//! Backups taken while everybody writes: each is of one moment, has whatever was acknowledged before, and comes back whole.

use std::{sync::Arc, time::Instant};

use csp_domain::{Scope, chance::SeededChance};
use csp_store::{Engine, Restoring, Store, backup, restore, verify_backup};
use csp_tests::{Bed, Ground};

use crate::{
    ledger::{self, entered, nothing_is_half_there},
    times,
};

/// Somewhere else of the same engine.
pub(crate) async fn elsewhere(bed: &Bed) -> Ground {
    match bed.engine() {
        Engine::Sqlite => Ground::sqlite(),
        Engine::Postgres => Ground::postgres().await.expect("there was a server a moment ago"),
    }
}

async fn backups_under_load_come_back_with_whatever_was_acknowledged_before(bed: Bed) {
    let region = bed.region("northumbria").await;
    let writers = ledger::start(&bed, Scope::Region(region.id), 6);
    let folder = tempfile::tempdir().unwrap();
    let rounds = times(5, 100);
    let (mut rows, mut bytes, mut backing_up, mut restoring) = (0, 0, std::time::Duration::ZERO, std::time::Duration::ZERO);
    for round in 0..rounds {
        writers.written(25).await;
        let acknowledged = writers.acknowledged();
        let file = folder.path().join(format!("{round}.tar"));
        let began = Instant::now();
        let manifest = backup(bed.settings(), &file, bed.now(), "test").await.unwrap();
        backing_up += began.elapsed();
        assert_eq!(verify_backup(&file).await.unwrap(), manifest);

        let ground = elsewhere(&bed).await;
        let chance = Arc::new(SeededChance::new(77));
        let began = Instant::now();
        let restored = restore(ground.settings(), &file, Restoring::default(), bed.now(), chance.clone()).await.unwrap();
        restoring += began.elapsed();
        assert_eq!(restored.manifest, manifest);
        let raw = ground.raw();
        let there = entered(&raw).await;
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged before backup {round} and not in it: {lost:?}");
        nothing_is_half_there(&raw).await;
        assert_eq!(Store::migrate(ground.settings()).await.unwrap(), 0);
        let store = Store::open(ground.settings(), chance).await.unwrap();
        store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await.unwrap();
        store.close().await;
        rows = manifest.rows();
        bytes = std::fs::metadata(&file).unwrap().len();
        std::fs::remove_file(&file).unwrap();
    }
    let ledger = writers.stop().await;
    ledger.is_kept(&bed.raw()).await;
    assert_eq!(ledger.refused, 0, "nobody was kept waiting for a backup until it was too late");
    let each = u32::try_from(rounds).unwrap();
    println!(
        "{rounds} backups, the last of {rows} rows in {bytes} bytes: {:?} to back up, {:?} to restore, on average",
        backing_up / each,
        restoring / each
    );
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn backups_under_load_come_back_with_whatever_was_acknowledged_before() {
        super::backups_under_load_come_back_with_whatever_was_acknowledged_before(csp_tests::Bed::sqlite().await).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn backups_under_load_come_back_with_whatever_was_acknowledged_before() {
        if let Some(bed) = csp_tests::Bed::postgres().await {
            super::backups_under_load_come_back_with_whatever_was_acknowledged_before(bed).await;
        }
    }
}
