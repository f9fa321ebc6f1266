//! The whole server on either engine, and what must hold when its callers or its database go away. The heavy one has a long
//! form: `CSP_TEST_LONG=1`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod diaries;
mod health;
mod house;
mod walking;

/// Tells each on each engine, under a name that says which.
macro_rules! both {
    ($($module:ident::$name:ident;)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::$module::$name(csp_tests::Bed::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(bed) = csp_tests::Bed::postgres().await {
                    crate::$module::$name(bed).await;
                }
            })*
        }
    };
}

both! {
    diaries::a_diary_follows_a_link_until_it_is_taken_away;
    health::a_server_that_no_longer_looks_at_what_is_due_says_so_and_heals;
    health::a_database_that_cannot_be_written_to_is_told_and_heals;
    walking::thousands_of_callers_who_walk_away_leave_nothing_half_done;
}
