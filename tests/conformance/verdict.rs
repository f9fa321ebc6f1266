//! How a call to the store ended, said in one word. The line of the case is what a failure names.

use std::fmt::Debug;

use csp_store::{Refusal, StoreError};

pub(crate) trait Verdict<T> {
    /// It was done; what came of it.
    fn done(self) -> T;
    /// To this scope there is no such thing.
    fn not_found(self);
    /// There is one already.
    fn exists_already(self);
    /// Somebody else was faster.
    fn changed(self);
    /// A rule forbids it; which.
    fn refused(self) -> Refusal;
}

impl<T: Debug> Verdict<T> for Result<T, StoreError> {
    #[track_caller]
    fn done(self) -> T {
        match self {
            Ok(done) => done,
            Err(error) => panic!("should be done, and is not: {error:?}"),
        }
    }

    #[track_caller]
    fn not_found(self) {
        assert!(matches!(self, Err(StoreError::NotFound(_))), "should not be found, and is: {self:?}");
    }

    #[track_caller]
    fn exists_already(self) {
        assert!(matches!(self, Err(StoreError::AlreadyExists(_))), "should exist already, and does not: {self:?}");
    }

    #[track_caller]
    fn changed(self) {
        assert!(matches!(self, Err(StoreError::Changed(_))), "should have been changed by another, and is not: {self:?}");
    }

    #[track_caller]
    fn refused(self) -> Refusal {
        match self {
            Err(StoreError::Refused(refusal)) => refusal,
            other => panic!("should be refused, and is not: {other:?}"),
        }
    }
}

/// Lets futures loose at the same moment; answers in their order.
pub(crate) async fn at_once<T: Send + 'static>(futures: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(futures.len()));
    let running: Vec<_> = futures
        .into_iter()
        .map(|future| {
            let start = start.clone();
            tokio::spawn(async move {
                start.wait().await;
                future.await
            })
        })
        .collect();
    let mut ended = Vec::with_capacity(running.len());
    for one in running {
        ended.push(one.await.expect("nobody panics"));
    }
    ended
}

/// What is a neighbour's is not found; where row-level security stands alone, it is not among what is.
pub(crate) trait Hidden<T> {
    fn hidden(self, theirs: impl Fn(&T) -> bool);
}

impl<T: std::fmt::Debug> Hidden<T> for Result<Vec<T>, StoreError> {
    #[track_caller]
    fn hidden(self, theirs: impl Fn(&T) -> bool) {
        match self {
            Err(StoreError::NotFound(_)) => {}
            Ok(seen) if csp_tests::rows_alone() => assert!(!seen.iter().any(theirs), "{seen:?}"),
            other => panic!("{other:?}"),
        }
    }
}
