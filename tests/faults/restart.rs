//! PostgreSQL is stopped without warning under load, again and again.

use std::sync::Arc;

use csp_tests::OwnPostgres;

use crate::{ledger, times};

#[tokio::test(flavor = "multi_thread")]
async fn postgres_restarted_under_load_loses_nothing_that_was_acknowledged() {
    let Some(server) = OwnPostgres::start().await else { return };
    let server = Arc::new(server);
    let bed = server.bed().await;
    let region = bed.region("northumbria").await;
    let writers = ledger::start(&bed, csp_domain::Scope::Region(region.id), 8);
    let restarts = times(3, 100);
    for _ in 0..restarts {
        writers.written(50).await;
        let server = server.clone();
        tokio::task::spawn_blocking(move || server.restart()).await.unwrap();
    }
    // It has healed by itself: the same store takes writes and answers questions.
    writers.written(50).await;
    bed.store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await.unwrap();
    let ledger = writers.stop().await;
    println!("{restarts} restarts");
    ledger.is_kept(&bed.raw()).await;
    assert_eq!(bed.store.get_region(csp_domain::Scope::Region(region.id)).await.unwrap(), region);
}
