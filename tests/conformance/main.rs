//! What every store must do: one list of cases, each run on both engines under its engine's name, so that a
//! failure says which promise was broken on which engine.
//!
//! Where to start: the list below; a case is a function in the module it stands under. A method of the
//! store without a case here is not done.

mod courier;
mod creates;
mod fields;
mod tenants;
mod verdict;

/// Makes of each case one test for each engine it is for.
macro_rules! conformance {
    (
        both { $($module:ident { $($case:ident)* })* }
        sqlite { $($sqlite_module:ident { $($sqlite_case:ident)* })* }
        postgres { $($postgres_module:ident { $($postgres_case:ident)* })* }
    ) => {
        mod sqlite {
            use csp_tests::Bed;
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    crate::$module::$case(&Bed::sqlite().await).await;
                }
            )*)*
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $sqlite_case() {
                    crate::$sqlite_module::$sqlite_case(&Bed::sqlite().await).await;
                }
            )*)*
        }

        mod postgres {
            use csp_tests::Bed;
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    if let Some(bed) = Bed::postgres().await {
                        crate::$module::$case(&bed).await;
                    }
                }
            )*)*
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $postgres_case() {
                    if let Some(bed) = Bed::postgres().await {
                        crate::$postgres_module::$postgres_case(&bed).await;
                    }
                }
            )*)*
        }
    };
}

conformance! {
    both {
        fields {
            a_region_keeps_every_field
            a_partnership_keeps_every_field
            a_person_keeps_every_field
            a_role_keeps_every_field
            a_token_keeps_every_field
            an_indicator_keeps_every_field
            a_committee_keeps_every_field
            a_term_keeps_every_field
            a_cycle_keeps_every_field
            a_news_item_keeps_every_field_and_its_tree
            a_return_keeps_all_five_answers_and_its_quoted_figures
            a_nil_return_keeps_every_field
            a_digest_keeps_its_bytes_and_every_field
            a_digest_frozen_by_schedule_names_nobody
            a_message_keeps_its_bytes_and_every_field
            an_audit_row_keeps_every_field
        }
        creates {
            what_there_is_cannot_be_made_again
            the_same_names_are_free_in_another_region_and_another_committee
            identifiers_that_differ_in_case_alone_stay_apart
            a_unit_that_fails_fails_alone
            a_batch_that_fails_half_way_leaves_nothing
            a_create_repeated_answers_what_it_made_and_another_under_its_name_is_refused
            a_token_and_an_import_are_not_shown_twice
            a_requests_name_belongs_to_whoever_chose_it
            the_same_request_many_times_at_once_is_one_create
            a_dry_run_judges_everything_and_changes_nothing
        }
        tenants {
            a_foreign_regions_things_are_not_found
            a_foreign_regions_things_cannot_be_changed
            nothing_can_be_made_of_a_foreign_regions_things
            the_partnership_next_door_sees_nothing_and_changes_nothing
            the_national_part_is_not_a_partnerships_to_see_or_write
            a_partnership_cannot_gather_what_the_others_sent_in
            a_return_with_a_figure_nobody_knows_is_not_taken
        }
        courier {
            twelve_workers_claim_six_hundred_messages_once_each
            a_lease_that_ran_out_is_claimed_again_and_the_old_worker_is_told_no
            a_message_in_doubt_is_claimed_again_only_after_its_time
            every_outcome_leads_where_it_should
            a_message_queued_twice_is_one_message
            messages_are_claimed_in_the_order_they_are_due_to_the_microsecond
        }
    }
    sqlite {}
    postgres {}
}
