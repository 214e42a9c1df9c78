//! Tests of the room `store`: stories that every database must pass, and what is special about each.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the stories are functions that tests call; a step that fails is the end of the story"
)]

/// Makes a test of every story for one database: `$bench` opens an empty store, which is closed at the end.
macro_rules! every_story {
    ($bench:path) => {
        $crate::store::tell! { $bench;
            decisions: a_change_reads_back_as_it_was_written,
            decisions: what_opening_a_change_looks_at_is_read_together,
            decisions: of_two_decisions_on_one_version_the_first_counts,
            decisions: one_change_is_open_per_contract,
            decisions: a_repeated_request_gets_its_first_answer,
            decisions: a_decision_that_fails_at_its_last_step_leaves_nothing,
            decisions: history_has_no_gap_and_no_break,
            decisions: many_decisions_at_once_all_count_and_a_failing_one_harms_nobody,
            decisions: lists_come_in_pages,
            decisions: whoever_walks_through_all_changes_and_contracts_meets_each_once,
            leases: the_oldest_is_claimed_first_and_then_held,
            leases: what_a_dead_worker_held_becomes_due_under_a_new_epoch,
            leases: a_decision_under_a_lost_lease_is_not_written,
            leases: a_worker_goes_on_under_the_lease_that_it_keeps,
            leases: a_command_takes_the_change_from_its_worker,
            leases: a_wake_up_during_a_lease_is_not_lost,
            leases: a_wake_up_before_a_command_is_not_lost,
            leases: what_is_never_due_can_still_be_woken,
            leases: a_question_without_a_new_answer_is_counted,
            leases: what_a_newer_machine_wrote_is_left_alone,
            leases: what_a_process_holds_is_given_back_when_it_ends,
            leases: a_contract_is_watched_beside_an_open_change_and_at_its_end,
            effects: of_one_name_only_one_effect_is_on_its_way,
            effects: a_subscription_is_changed_once_per_change,
            effects: charges_of_one_customer_wait_for_each_other,
            effects: an_outcome_only_moves_forward,
            effects: a_decision_on_an_outdated_outcome_is_not_written,
            effects: an_attempt_needs_the_lease_and_keeps_the_first_deadline,
            effects: a_settled_effect_wakes_its_change_and_stays_in_sight_until_it_is_taken_in,
            outside: a_webhook_is_kept_once_and_wakes_what_it_is_about,
            outside: a_fact_leaves_once,
            outside: what_is_only_read_in_the_feed_is_there_at_once,
            outside: what_has_left_stays_so,
            outside: a_seller_reads_its_events_in_order,
            outside: a_tax_document_is_told_of_once,
            outside: workflow_files_and_keys_are_found_again,
            support: failures_are_counted_until_work_succeeds,
            support: a_wake_up_of_parked_work_is_not_lost,
            support: what_may_be_stuck_is_found_and_nothing_else,
            support: changes_are_found_by_what_names_them,
            support: changes_are_found_by_what_a_webhook_names,
            support: a_dossier_holds_all_that_is_kept,
            support: what_was_given_up_can_be_taken_up_again,
            watching: what_is_open_late_or_given_up_is_counted,
            watching: everything_is_walked_through_in_the_order_of_ids,
            watching: calls_that_make_invoices_count_from_when_they_were_first_sent,
            tickets: one_promise_waits_beside_the_change_in_progress,
            tickets: words_about_a_request_are_kept_with_their_decision_or_not_at_all,
            accounts: an_account_is_unique_by_the_sellers_own_id,
            accounts: what_becomes_known_about_an_account_is_seen_by_the_next_decision,
            accounts: a_subscription_belongs_to_one_contract,
            accounts: an_observation_needs_the_lease_and_the_version_before,
            accounts: an_observation_is_written_only_beside_the_change_that_it_knew,
            clients: a_client_is_made_with_its_account_and_its_first_line,
            clients: of_two_forms_on_one_version_the_first_counts,
            clients: a_form_and_the_contracts_that_it_moves_are_written_together,
            clients: an_agency_sees_its_own_clients_in_order,
            cards: an_order_about_cards_is_worked_on_by_one_and_fenced,
            cards: an_account_has_one_order_at_a_time_that_moves_its_cards,
            cards: news_of_a_customer_wake_whoever_waits_for_a_card,
            cards: a_wallets_history_has_no_gap_and_comes_once,
            together: many_who_ask_at_once_get_each_their_own_answer,
            together: of_many_attempts_at_once_only_those_under_a_lease_are_noted,
            together: many_that_have_left_at_once_stay_so,
            findings: what_is_found_again_keeps_its_first_day_and_what_is_gone_is_forgotten,
            findings: contracts_are_walked_in_order_and_per_seller,
            findings: late_money_has_one_successor_written_with_the_note_on_what_is_over,
            findings: a_blocked_successor_leaves_no_note,
            metering: a_book_is_written_on_the_version_before_it_and_a_report_once,
            metering: a_closed_period_leaves_the_book,
            metering: what_only_the_holder_of_a_lease_writes_needs_it,
            metering: a_charge_for_use_goes_on_as_a_whole,
            metering: the_history_of_credits_is_only_added_to,
            metering: many_who_count_at_once_lose_nothing,
            metering: what_is_said_of_a_prerequisite_is_kept_in_order,
            staff: a_name_at_the_console_is_given_once,
            staff: a_session_at_the_console_ends_with_its_persons_entry,
            staff: attempts_to_sign_in_are_counted_from_the_first,
            staff: what_support_has_done_is_listed_the_newest_first,
            staff: somebody_is_found_by_what_a_customer_writes,
            staff: requests_that_wait_are_found_with_what_may_be_stuck,
            staff: orders_to_erase_are_listed,
            erasing: a_person_is_erased_once_nothing_is_under_way_and_nobody_else_is,
        }
    };
}

macro_rules! tell {
    ($bench:path; $($room:ident: $story:ident,)*) => {
        $(
            #[tokio::test]
            async fn $story() {
                let bench = $bench().await;
                $crate::store::$room::$story(bench.store()).await;
                bench.close().await;
            }
        )*
    };
}

pub(crate) use {every_story, tell};

mod accounts;
mod cards;
mod clients;
mod counting;
mod decisions;
mod effects;
mod erasing;
mod findings;
mod histories;
mod leases;
mod metering;
mod model;
mod nodes;
mod outside;
mod people;
mod postgres;
mod simulated;
mod sqlite;
mod staff;
mod support;
mod tickets;
mod together;
mod unfit;
mod watching;
mod writings;
