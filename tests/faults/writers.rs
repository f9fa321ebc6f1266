//! Fifty who write into one file.

use csp_tests::Bed;

use crate::{ledger::Writers, times};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_never_hear_that_the_database_is_locked() {
    let bed = Bed::sqlite().await;
    let region = bed.region("northumbria").await;
    let units = times(40, 2000);
    let writers = Writers::start(&bed.store, csp_domain::Scope::Region(region.id), &bed.chance, bed.now(), 50, units);
    let ledger = writers.join().await;
    assert_eq!((ledger.acknowledged.len(), ledger.refused), (50 * units, 0));
    ledger.is_kept(&bed.raw()).await;
}
