//! What every store must do: one list of cases, each run on both engines under its engine's name, so that a
//! failure says which promise was broken on which engine.
//!
//! Where to start: the list below; a case is a function in the module it stands under. A method of the
//! store without a case here is not done.

mod bounds;
mod checks;
mod courier;
mod creates;
mod fields;
mod first_returns;
mod history;
mod jobs;
mod joint;
mod known;
mod pages;
mod planning;
mod races;
mod receipts;
mod records;
mod rules;
mod schema;
mod sent_fields;
mod signoff;
mod silent;
mod tenants;
mod tokens;
mod verdict;
mod walls;
mod watched;
mod wordings;

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
                    // With row-level security taken down on purpose, there is nothing here to look at.
                    if !csp_tests::predicates_alone()
                        && let Some(bed) = Bed::postgres().await
                    {
                        crate::$postgres_module::$postgres_case(&bed).await;
                    }
                }
            )*)*
        }
    };
}

conformance! {
    both {
        schema {
            every_statement_is_prepared
            every_key_begins_with_the_region
            migrating_again_does_nothing
            an_unmigrated_database_is_refused
            a_schema_from_the_future_is_refused
            a_closed_store_says_so
        }
        fields {
            a_region_keeps_every_field
            a_partnership_keeps_every_field
            an_estimate_of_residents_keeps_every_field
            a_target_keeps_every_field
            a_context_note_keeps_every_field
            a_person_keeps_every_field
            a_role_keeps_every_field
            an_indicator_keeps_every_field
            a_partnerships_own_indicator_keeps_every_field
            a_committee_keeps_every_field
            a_term_keeps_every_field
            a_cycle_keeps_every_field
        }
        jobs {
            what_is_decided_about_a_job_keeps_every_field
            what_is_over_or_not_due_is_not_decided_about
            what_was_skipped_stays_skipped_when_its_date_moves
            a_freeze_that_was_undone_can_be_skipped
            a_job_is_held_or_done_and_never_both
            a_diary_link_keeps_every_field_and_of_its_secret_a_hash
            a_diary_has_the_dates_of_its_own_cycles_alone
            a_release_is_rehearsed_once_and_leaves_nothing_but_letters
            more_time_is_in_ones_own_diary_and_in_nobody_elses
        }
        receipts {
            a_receipt_is_wanted_once_however_often_a_request_is_repeated
            of_two_servers_one_mails_a_receipt
            a_receipt_is_not_to_be_had_in_another_region_or_of_another_partnership
        }
        sent_fields {
            a_news_item_keeps_every_field_and_its_tree
            a_return_keeps_all_five_answers_and_its_quoted_figures
            a_nil_return_keeps_every_field
            a_digest_keeps_its_bytes_and_every_field
            a_digest_frozen_by_schedule_names_nobody
            a_message_keeps_its_bytes_and_every_field
            an_audit_row_keeps_every_field
        }
        tokens {
            a_token_keeps_every_field
            a_narrow_token_keeps_how_narrow_it_is
            a_rotated_token_has_two_secrets_and_never_three
            a_token_that_ends_soon_is_listed_until_its_owner_was_told
        }
        known {
            a_token_that_was_taken_away_is_known_as_such_at_the_next_call_everywhere
            a_role_that_was_given_or_ended_counts_at_the_next_call_everywhere
            whatever_is_changed_is_seen_at_the_next_call_everywhere
            a_change_in_the_midst_of_a_call_is_not_remembered_as_older_than_it_is
            what_is_remembered_is_not_read_again
            a_region_that_was_deleted_is_known_to_nobody
            a_look_at_one_region_shows_nothing_of_another
            what_was_not_there_is_found_as_soon_as_it_is
            that_a_token_was_used_forgets_nothing
            a_return_is_read_as_it_stands_whoever_changed_it_last
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
            a_partnerships_own_indicator_is_no_others
            a_partnership_has_fifty_indicators_of_its_own_at_most
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
            a_round_of_reminders_is_made_once_and_its_letters_can_be_taken_back_until_they_set_out
            messages_are_claimed_in_the_order_they_are_due_to_the_microsecond
        }
        rules {
            a_submission_at_the_very_deadline_is_taken_and_one_after_it_is_not
            a_cycle_that_was_called_off_takes_nothing
            a_partnership_that_owes_a_committee_nothing_cannot_send_it_anything
            earlier_revisions_of_a_return_are_kept
            a_paper_has_every_return_as_it_stands_with_its_own_figures_in_their_order
            a_withdrawn_return_counts_no_more_and_may_be_sent_in_again
            figures_of_earlier_cycles_become_comparators
            what_is_gathered_is_in_the_committees_order
            a_paper_is_approved_by_a_second_person_who_names_its_bytes
            bytes_that_are_not_those_that_were_frozen_are_not_handed_out
            a_paper_is_not_released_before_its_time
            dates_that_have_passed_stay_where_they_are
            the_last_administrator_cannot_be_ended
            nobody_holds_a_role_twice_on_one_day
            a_target_is_ended_before_another_of_the_same_begins
            two_administrators_cannot_end_each_other_at_once
            the_largest_things_there_may_be_are_kept
        }
        planning {
            rules_and_closed_days_are_kept_as_they_were_set
            a_meeting_becomes_a_cycle_and_a_moved_meeting_moves_it
            the_same_calendar_may_be_sent_again_and_again
            what_has_passed_stays_and_what_would_pass_is_kept
            a_frozen_paper_whose_meeting_moves_is_made_anew
            the_window_has_three_ends
            one_partnership_is_given_more_time_until_the_freeze_and_no_longer
            more_time_that_was_given_follows_dates_that_move
            an_approved_paper_cools_off_as_long_as_its_committees_rules_say
            what_somebody_named_to_report_on_stays
            an_older_edition_of_a_calendar_moves_nothing_back
            a_meeting_that_is_moved_keeps_its_hour
            a_cabinet_hears_what_its_board_did_since
            a_newer_list_of_bank_holidays_moves_what_it_touches_and_nothing_else
            those_who_tell_of_moves_tell_once
            a_dry_run_of_planning_changes_nothing
            a_committee_that_is_given_rules_takes_its_planned_cycles_along
        }
        signoff {
            a_return_goes_from_the_officer_to_the_lead_to_the_editor
            a_walk_at_random_goes_where_the_machine_says
            what_no_lead_signed_is_not_printed
            news_without_a_return_is_no_return
            news_after_a_signature_takes_it_away
            a_signature_covers_no_news_that_its_signer_has_not_seen
            what_a_published_paper_left_out_does_not_count_later
            an_approval_of_its_own_cools_off_anew
            what_was_sent_back_may_come_after_the_deadline_and_nothing_else
            a_frozen_return_does_not_change_and_one_that_changed_is_not_frozen
            of_two_who_act_on_the_same_revision_one_does
            a_neighbours_return_cannot_be_signed
            who_is_missing_is_counted_over_the_last_cycles
        }
        bounds {
            a_region_keeps_so_many_context_notes_and_no_more
            the_wordings_of_a_cycle_are_so_long_together_and_no_longer
        }
        checks {
            a_regions_decision_about_a_rule_keeps_every_field
            a_note_keeps_every_field_and_takes_a_signature_away
            what_is_signed_has_its_notes_in_its_hash
            where_nobody_signs_whoever_accepts_asks_for_the_answers
            the_partnership_next_door_reads_and_answers_no_question
            what_a_published_paper_printed_is_asked_about_when_it_is_told_otherwise
            what_was_imported_is_looked_at_and_ones_own_word_comes_before_it
            what_is_asked_keeps_to_what_the_committee_prints
            months_that_a_partnership_told_itself_come_before_an_imported_quarter
            what_became_an_error_since_it_was_sent_in_is_neither_signed_nor_accepted
            a_reason_that_answers_what_stands_is_gathered_and_its_writer_is_an_author
        }
        wordings {
            a_wording_keeps_every_field
            what_the_lead_accepted_is_printed_and_nothing_before
            who_worded_what_is_not_printed_wrote_none_of_the_paper
            a_wording_of_what_stands_no_more_lapses
            figures_are_not_worded_and_the_same_words_are_none
            nothing_waits_when_the_cycle_is_over
            what_was_sent_back_was_not_printed_and_may_be_worded_still
            no_answer_counts_for_what_is_frozen
            what_is_frozen_has_the_wordings_that_were_gathered
            of_two_who_answer_one_does
            a_walk_at_random_with_wordings_goes_where_the_machine_says
            a_strangers_wordings_are_none
            a_cycle_takes_so_many_wordings_and_no_more
        }
        joint {
            a_joint_item_keeps_its_owners_and_their_signatures
            a_joint_item_is_printed_once_when_every_owner_has_signed
            whatever_changes_takes_the_signatures_away
            who_owns_it_is_named_by_the_first_owner_and_named_anew
            nobody_signs_what_they_wrote_nor_the_first_owner_for_others
            what_is_frozen_prints_what_was_signed_by_then
            who_worded_what_is_held_out_wrote_nothing_that_is_printed
            a_paper_is_not_frozen_with_signatures_that_changed_since_it_was_gathered
            who_reports_no_more_is_not_asked_and_what_they_signed_stays
            what_its_first_owner_has_not_signed_is_said_to_be_held_out
            of_two_who_answer_for_one_owner_one_does
            a_walk_at_random_with_a_joint_item_goes_where_the_machine_says
            a_strangers_joint_items_are_none
            a_try_changes_nothing
        }
        races {
            of_those_who_change_the_same_revision_one_does
            of_those_who_correct_the_same_submission_one_does
            scheduled_work_is_done_once_however_many_try
            an_editor_and_the_schedule_freeze_one_first_version
            what_was_taken_is_in_every_paper_gathered_after_closing
            a_new_version_and_a_release_at_once_leave_no_version_in_between
            two_thousand_callers_who_walk_away_leave_nothing_half_done
            readers_who_walk_away_leave_the_readers_after_them_undisturbed
        }
        first_returns {
            it_leaves_the_rows_that_any_return_leaves
            what_stands_in_its_way_is_said_as_ever
            a_timetable_that_moved_since_the_cycle_was_read_counts
            a_unit_by_itself_and_units_of_many_statements_share_a_group_and_fail_alone
        }
        history {
            a_file_imported_again_changes_nothing_and_a_newer_one_counts
            a_partnerships_own_answer_comes_before_what_was_imported
            an_import_comes_in_whole_or_not_at_all
            what_one_region_imported_is_no_other_regions
        }
        pages {
            the_pages_of_a_regions_lists_are_stable
            the_pages_of_what_was_sent_in_and_sent_out_are_stable
        }
        records {
            every_write_has_its_audit_row
            what_was_refused_leaves_no_audit_row
            trying_whether_it_can_be_written_to_leaves_nothing
            deleting_a_region_deletes_everything_of_it_and_nothing_else
            deeds_are_found_by_who_by_what_and_by_when
            personal_data_stands_apart_from_the_deed
        }
        watched {
            the_gauges_follow_a_cycle_to_its_meeting
            what_is_not_settled_is_counted_for_each_region
            tokens_are_told_before_they_end
            a_database_that_fell_behind_is_found_out
        }
    }
    sqlite {
        schema {
            a_damaged_file_is_refused
            a_file_that_is_not_there_is_not_made_by_opening_it
            what_a_cycle_or_an_item_has_is_found_without_reading_the_whole_region
        }
    }
    postgres {
        known {
            a_lost_look_refuses_nobody
        }
        walls {
            row_level_security_alone_keeps_regions_apart
            with_nothing_said_nothing_is_seen
            whose_a_joint_item_is_only_its_owners_see
            a_partnerships_scope_hides_what_the_neighbour_sent_in
            every_table_is_walled_for_owner_and_server_alike
            the_serving_role_owns_nothing_and_may_nothing_more
            a_hole_in_the_wall_keeps_the_server_from_starting
            the_owner_of_the_tables_does_not_serve
        }
        watched {
            a_database_that_only_reads_is_found_out
        }
        silent {
            a_database_that_falls_silent_is_given_up_and_taken_up_again
        }
        schema {
            both_engines_have_the_same_tables_and_columns
        }
    }
}
