//! Stories of a quarter, told over gRPC and read in mailboxes, on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod contract;
mod folder;
mod kill;
mod mail;
mod quarter;
mod replicas;
mod schedule;
mod tokens;
mod world;

/// Tells each story on each engine, under a name that says which.
macro_rules! stories {
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

stories! {
    quarter::from_the_opening_to_the_members_mailboxes;
    quarter::everything_wrong_with_a_return_is_told_at_once;
    quarter::after_the_deadline_a_submission_is_refused_with_a_reason;
    quarter::nobody_approves_what_they_wrote_or_have_not_read;
    quarter::an_officer_sees_their_own_part_and_no_neighbours;
    quarter::a_return_is_corrected_withdrawn_and_sent_in_again;
    folder::an_officer_answers_a_cycle_from_one_folder;
    contract::pages_masks_etags_and_repeated_requests;
    contract::a_token_that_was_revoked_opens_nothing;
    contract::members_are_imported_all_or_none;
    schedule::two_years_untouched_give_eight_digests;
    schedule::a_server_that_was_down_catches_up_once;
    schedule::a_moved_publication_moves_the_release;
    schedule::a_cancelled_cycle_sends_nothing;
    schedule::a_committee_set_up_after_the_deadline_begins_with_the_next_quarter;
    contract::very_many_faults_still_arrive;
    quarter::one_partnership_cannot_fill_the_paper;
    mail::a_busy_server_is_tried_again_and_a_dead_address_is_shown;
    mail::a_courier_that_dies_loses_nobody;
    kill::a_server_killed_again_and_again_loses_nobody;
    tokens::a_token_may_less_than_its_owner_and_never_more;
    tokens::a_token_is_rotated_without_a_gap_and_revoked_everywhere_at_once;
    tokens::whose_token_ends_is_told_a_month_ahead_and_once;
    mail::a_member_who_left_gets_nothing_and_one_who_joined_does;
}
