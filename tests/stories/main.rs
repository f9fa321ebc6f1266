//! Stories of a quarter, told over gRPC and read in mailboxes, on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod calendar;
mod checks;
mod contract;
mod diary;
mod folder;
mod held;
mod joint;
mod jumps;
mod kill;
mod late;
mod mail;
mod owes;
mod own;
mod quarter;
mod receipts;
mod rehearsal;
mod reminders;
mod replicas;
mod schedule;
mod signoff;
mod tokens;
mod told;
mod wordings;
mod workbook;
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
    calendar::a_meeting_is_planned_moved_and_told_of;
    calendar::a_date_that_is_set_by_hand_is_told_of_as_well;
    calendar::an_editor_gives_more_time_and_enters_what_came_by_e_mail;
    calendar::a_late_return_is_taken_until_the_window_closes_to_new_ones;
    calendar::only_a_day_that_is_closed_is_opened_again;
    calendar::what_is_reported_on_follows_the_dates_until_it_is_time_to_collect_it;
    quarter::from_the_opening_to_the_members_mailboxes;
    quarter::everything_wrong_with_a_return_is_told_at_once;
    quarter::after_the_deadline_a_submission_is_refused_with_a_reason;
    quarter::nobody_approves_what_they_wrote_or_have_not_read;
    quarter::an_officer_sees_their_own_part_and_no_neighbours;
    quarter::a_return_is_corrected_withdrawn_and_sent_in_again;
    own::a_partnership_keeps_a_measure_for_itself_and_no_other_sees_it;
    folder::an_officer_answers_a_cycle_from_one_folder;
    folder::a_file_in_the_folder_explains_what_is_asked_about_its_lines;
    contract::pages_masks_etags_and_repeated_requests;
    contract::a_token_that_was_revoked_opens_nothing;
    contract::members_are_imported_all_or_none;
    late::a_cycle_planned_after_its_opening_is_told_of_the_next_morning_and_once;
    late::a_cycle_whose_opening_was_held_back_is_told_of_when_it_opens;
    late::a_cycle_that_is_called_off_is_told_of_once_and_what_never_came_stays_on_record;
    late::a_cycle_called_off_before_its_deadline_is_told_of_and_owes_nobody_anything;
    late::a_paper_approved_after_its_meeting_waits_for_somebodys_word;
    late::who_loses_some_of_the_time_they_were_given_is_told_until_when_they_have_it;
    schedule::two_years_untouched_give_eight_digests;
    schedule::a_server_that_was_down_catches_up_once;
    schedule::who_is_overtaken_looks_again;
    schedule::a_moved_publication_moves_the_release;
    schedule::a_cancelled_cycle_sends_nothing;
    schedule::a_committee_set_up_after_the_deadline_begins_with_the_next_quarter;
    held::a_held_release_waits_until_it_is_resumed;
    held::a_skipped_job_is_never_done;
    held::while_the_opening_is_held_nothing_can_be_sent_in;
    held::a_cycle_whose_opening_was_skipped_takes_nothing_and_is_nobodys_duty_yet;
    held::what_was_missed_is_asked_about_once_and_done_when_somebody_says_so;
    held::reminders_of_one_cycle_are_held_skipped_and_ordered;
    held::only_administrators_decide_and_every_fault_is_told;
    held::of_holding_and_doing_at_once_one_wins;
    jumps::whatever_the_clock_does_nothing_is_doubled_or_silently_dropped;
    told::an_officer_hears_at_once_and_once_that_their_return_was_sent_back;
    told::an_editor_hears_what_was_signed_when_the_paper_was_frozen_already;
    told::a_stale_reminder_is_not_sent_again;
    diary::dates_are_read_followed_and_taken_away;
    contract::very_many_faults_still_arrive;
    quarter::one_partnership_cannot_fill_the_paper;
    mail::a_busy_server_is_tried_again_and_a_dead_address_is_shown;
    mail::a_courier_that_dies_loses_nobody;
    kill::a_server_killed_again_and_again_loses_nobody;
    signoff::a_return_is_sent_back_sent_in_again_signed_and_accepted;
    signoff::what_no_lead_signed_is_received_and_not_printed;
    signoff::an_approved_paper_cools_off_for_a_working_day_unless_somebody_says_why_not;
    signoff::a_committee_that_nobody_can_approve_for_says_so;
    checks::a_query_is_explained_before_the_lead_signs_and_its_reason_is_printed;
    checks::a_region_makes_a_rule_an_error_or_silences_it;
    checks::a_year_that_is_not_over_and_a_percentage_of_nobody_are_refused_by_name;
    checks::parts_that_exceed_their_whole_are_refused_with_their_place;
    owes::nobody_is_chased_for_what_they_do_not_owe;
    tokens::a_token_may_less_than_its_owner_and_never_more;
    tokens::a_token_is_rotated_without_a_gap_and_revoked_everywhere_at_once;
    tokens::whose_token_ends_is_told_a_month_ahead_and_once;
    reminders::from_the_opening_to_the_approval_whoever_owes_something_is_told_and_nobody_else;
    reminders::only_who_may_sign_is_asked_to_and_what_was_recalled_is_called_that;
    reminders::two_servers_that_look_at_once_write_one_letter;
    reminders::a_server_that_slept_sends_one_letter_that_is_true_today;
    reminders::who_answers_for_two_partnerships_gets_one_letter_about_both;
    reminders::a_letter_that_waits_for_the_mail_server_is_taken_back_once_all_is_in;
    wordings::an_editors_wording_is_printed_once_the_lead_has_accepted_it;
    wordings::an_editor_proposes_and_does_not_rewrite;
    wordings::a_changed_text_lets_its_wording_lapse_and_figures_are_never_worded;
    wordings::a_lead_who_edits_does_not_answer_what_they_proposed;
    joint::a_joint_item_is_printed_once_when_every_owner_has_signed;
    joint::what_one_owner_has_not_signed_at_the_freeze_is_held_out;
    joint::who_may_own_an_item_is_told_with_every_fault_at_once;
    joint::what_waits_while_reminders_are_held_is_told_once_when_they_go_on;
    joint::what_a_letter_said_that_never_set_out_is_said_again;
    receipts::whoever_asks_for_it_has_the_receipt_by_mail_once;
    receipts::a_folder_and_a_correction_have_receipts_of_their_own;
    rehearsal::a_release_is_rehearsed_two_weeks_before_and_only_administrators_hear_of_it;
    rehearsal::what_would_go_wrong_is_found_while_there_is_time;
    rehearsal::a_joint_item_whose_owner_has_lost_its_lead_is_found_while_there_is_time;
    rehearsal::two_servers_hold_one_rehearsal;
    rehearsal::it_is_held_skipped_and_ordered_as_other_jobs_are;
    rehearsal::it_moves_with_the_release_and_after_it_there_is_nothing_to_rehearse;
    rehearsal::who_stands_in_the_way_and_what_mail_does_not_reach_is_found_too;
    rehearsal::a_release_that_is_put_off_by_some_hours_is_rehearsed_again_the_same_day_and_both_letters_arrive;
    workbook::the_letter_that_opens_collecting_brings_the_workbook_that_is_filled_in_and_sent_in;
    workbook::the_first_letter_brings_it_however_late_and_once;
    workbook::a_letter_carries_ten_workbooks_and_says_of_how_many_more_it_has_none;
    mail::a_member_who_left_gets_nothing_and_one_who_joined_does;
}
