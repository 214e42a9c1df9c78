//! Which fault is tried at which stage, by which test: a pair without a test is seen here, with the reason.
//!
//! The faults F1 to F20 are the usual ones of a service that moves money: kills around a commit, frozen workers, databases and
//! providers that fail, late and lost and repeated webhooks, wrong clocks, deploys.

/// Where a change is when the fault happens; the payment in three moments.
pub const STAGES: [&str; 8] = [
    "Draft",
    "Quote",
    "Billing",
    "before send",
    "in flight",
    "answered",
    "mails wait",
    "ticket",
];

/// One pair of a fault and a stage.
#[derive(Clone, Copy)]
pub enum Pair {
    /// These tests try it.
    By(&'static [&'static str]),
    /// It cannot happen.
    Never(&'static str),
    /// It is not tried yet.
    Later(&'static str),
}

use Pair::{By, Later, Never};

pub struct Row {
    pub number: u32,
    pub fault: &'static str,
    pub stages: [Pair; STAGES.len()],
}

const UP: Pair = By(&[
    "f1_to_f5_and_f7_an_upgrade_with_a_card_that_works_survives_every_crash",
    "f1_to_f5_and_f7_a_first_subscription_survives_every_crash",
]);
const PAYING: Pair = By(&[
    "f1_to_f5_and_f7_an_upgrade_with_a_card_that_works_survives_every_crash",
    "f1_to_f5_and_f7_an_upgrade_with_3d_secure_survives_every_crash",
    "f1_to_f5_and_f7_a_cancelled_payment_survives_every_crash",
]);
const DOWN: Pair = By(&["f1_to_f5_and_f7_a_request_to_go_down_survives_every_crash"]);
const FROZEN: Pair = By(&["f6_a_worker_that_is_frozen_past_its_lease_takes_nothing_back"]);
const AWAY: Pair = By(&["f8_a_database_that_goes_away_at_any_stage_of_an_upgrade_loses_nothing"]);
const CRASHED: Pair = By(&["f4_f8_a_server_that_dies_in_the_middle_of_a_call_recovers_to_one_charge"]);
const READ: Pair = By(&["f10_to_f13_a_fault_at_a_read_of_an_upgrade_only_takes_time"]);
const CALL: Pair = By(&[
    "f10_to_f13_a_fault_at_a_call_of_an_upgrade_leads_to_one_charge",
    "f10_to_f13_a_fault_at_a_call_of_a_first_subscription_leads_to_one_charge",
    "f10_to_f13_a_fault_at_a_call_of_an_abort_leads_to_no_charge",
]);
const CALL_DOWN: Pair = By(&["f10_to_f13_a_fault_at_a_call_of_a_request_to_go_down_only_takes_time"]);
const HANGS: Pair = By(&["f3_f10_a_call_that_is_never_answered_is_made_once"]);
const LIMITED: Pair = By(&["f12_a_limit_that_lasts_only_takes_time"]);
const DECLINED: Pair = By(&[
    "b01_f13_another_card_pays_the_same_invoice",
    "b02_f13_a_failed_3d_secure_leaves_the_old_plan",
]);
const SPENT: Pair = By(&["f14_i7_a_call_that_was_answered_unheard_for_thirty_hours_is_found"]);
const NEVER_LEFT: Pair = By(&["f14_i8_a_charge_that_never_left_is_proven_absent_and_made_once_more"]);
const TOLD_FIRST: Pair = By(&[
    "b03_f15_a_webhook_before_the_answer_is_not_an_end",
    "b03_f15_a_success_that_is_told_before_its_answer_is_counted_once",
]);
const CHAOS: Pair = By(&[
    "f16_i20_webhooks_that_come_five_times_are_heard_once",
    "f16_i21_b4_webhooks_in_the_wrong_order_and_hours_late_change_nothing",
]);
const UNTOLD: Pair = By(&["f17_b5_webhooks_that_never_come_are_not_missed"]);
const UNTOLD_PAYING: Pair = By(&[
    "f17_b5_webhooks_that_never_come_are_not_missed",
    "f17_a_payment_at_the_bank_is_looked_at_on_every_rung",
    "f17_money_on_its_way_is_seen_to_arrive_or_to_fail",
    "f17_a_charge_whose_answer_was_lost_is_cleared_up",
    "f17_an_abort_whose_answer_was_lost_ends_without_a_charge",
]);
const RACED: Pair = By(&["f18_a_cancel_that_races_any_step_has_one_winner"]);
const JUMPED: Pair = By(&["f19_a_clock_that_jumps_by_a_day_at_any_stage_charges_only_what_was_confirmed"]);

const NO_CALL: Pair = Never("nothing is owed to the provider");
const NO_WORKER: Pair = Never("no worker holds it");
const SENT: Pair = Never("the call has left");
const KNOWN: Pair = Never("the answer is known");
const NOT_SENT: Pair = Never("the call has not left");
const NO_CHARGE: Pair = Never("nothing is charged");
const FORGOTTEN: Pair = By(&[
    "b13_f9_money_for_a_change_that_is_over_is_honoured_by_a_successor",
    "f9_a_payment_that_was_forgotten_while_its_change_goes_on_is_adopted_by_it",
    "f9_i2_who_pays_again_what_was_forgotten_is_not_charged_again",
]);
const LOST_EARLY: Pair = Later("so far only commits around a charge are lost");
const ROLLED: Pair = By(&["f20_a_deployment_rolls_forward_and_back_and_nothing_is_doubled_or_lost"]);
const ROLLED_LATE: Pair = Later("so far a deployment turns back between the first click and the quote");

/// A new fault or a new stage does not compile without its pairs.
pub const TABLE: [Row; 20] = [
    row(
        1,
        "kill before the commit",
        [UP, UP, UP, UP, SENT, KNOWN, UP, DOWN],
    ),
    row(
        2,
        "kill after the commit, before the call",
        [NO_CALL, UP, UP, UP, SENT, KNOWN, UP, DOWN],
    ),
    row(
        3,
        "kill during the call",
        [NO_CALL, UP, UP, NOT_SENT, HANGS, KNOWN, UP, HANGS],
    ),
    row(
        4,
        "kill after the answer, before its commit",
        [
            NO_CALL,
            UP,
            UP,
            NOT_SENT,
            Never("there is no answer yet"),
            CRASHED,
            UP,
            DOWN,
        ],
    ),
    row(
        5,
        "kill after that commit",
        [UP, UP, UP, UP, SENT, PAYING, UP, DOWN],
    ),
    row(
        6,
        "worker frozen past its lease",
        [
            NO_WORKER,
            FROZEN,
            FROZEN,
            FROZEN,
            FROZEN,
            FROZEN,
            Later("a mail server that hangs for longer than a lease"),
            FROZEN,
        ],
    ),
    row(
        7,
        "reply to the commit lost",
        [UP, UP, UP, UP, PAYING, PAYING, UP, DOWN],
    ),
    row(
        8,
        "database away",
        [
            AWAY,
            AWAY,
            AWAY,
            AWAY,
            CRASHED,
            CRASHED,
            AWAY,
            By(&["f8_a_database_that_goes_away_beside_a_request_to_go_down_loses_nothing"]),
        ],
    ),
    row(
        9,
        "commits lost by a fail-over",
        [
            LOST_EARLY, LOST_EARLY, LOST_EARLY, FORGOTTEN, FORGOTTEN, FORGOTTEN, FORGOTTEN, LOST_EARLY,
        ],
    ),
    row(
        10,
        "provider silent, cut off, garbled",
        [NO_CALL, READ, CALL, READ, HANGS, KNOWN, NO_CALL, CALL_DOWN],
    ),
    row(
        11,
        "provider 500, stored and replayed",
        [
            NO_CALL,
            Never("a question has no key"),
            CALL,
            NOT_SENT,
            CALL,
            KNOWN,
            NO_CALL,
            CALL_DOWN,
        ],
    ),
    row(
        12,
        "limits, locks, key in use",
        [NO_CALL, READ, CALL, LIMITED, CALL, KNOWN, NO_CALL, LIMITED],
    ),
    row(
        13,
        "declined, or authentication required",
        [
            NO_CHARGE, NO_CHARGE, NO_CHARGE, NOT_SENT, DECLINED, DECLINED, NO_CHARGE, NO_CHARGE,
        ],
    ),
    row(
        14,
        "key older than its window",
        [
            NO_CALL,
            Never("a question has no key"),
            SPENT,
            NEVER_LEFT,
            SPENT,
            By(&["f14_f19_i7_a_charge_whose_answer_was_lost_for_thirty_hours_is_found_and_adopted"]),
            NO_CALL,
            SPENT,
        ],
    ),
    row(
        15,
        "webhook before the answer",
        [
            NO_CALL, NO_CALL, NO_CHARGE, NOT_SENT, TOLD_FIRST, KNOWN, NO_CALL, TOLD_FIRST,
        ],
    ),
    row(16, "webhooks repeated, reordered, late", [CHAOS; STAGES.len()]),
    row(
        17,
        "webhooks that never come",
        [
            UNTOLD,
            By(&["f17_a_quote_that_could_not_be_had_is_asked_for_again"]),
            UNTOLD,
            UNTOLD_PAYING,
            UNTOLD_PAYING,
            UNTOLD_PAYING,
            UNTOLD,
            By(&["f17_a_request_to_go_down_is_applied_on_its_day"]),
        ],
    ),
    row(
        18,
        "two hands at once",
        [
            By(&["b06_f18_of_two_changes_that_are_opened_at_once_the_loser_is_led_to_the_winner"]),
            RACED,
            RACED,
            By(&[
                "f18_two_tabs_confirm_at_once_and_one_charge_is_made",
                "b06_f18_a_double_click_makes_one_subscription",
            ]),
            By(&["f18_b13_a_cancel_that_races_the_confirmation_has_one_winner"]),
            By(&[
                "b13_f18_the_customer_pays_in_the_instant_of_the_cancel_and_has_the_plan",
                "b13_f18_the_customer_pays_in_the_instant_of_the_expiry_and_has_the_plan",
            ]),
            Never("it is over"),
            RACED,
        ],
    ),
    row(
        19,
        "clock jumps by 25 hours",
        [
            JUMPED,
            JUMPED,
            JUMPED,
            JUMPED,
            JUMPED,
            By(&["f14_f19_i7_a_charge_whose_answer_was_lost_for_thirty_hours_is_found_and_adopted"]),
            By(&["f19_a_clock_that_jumps_while_mails_wait_sends_each_once"]),
            JUMPED,
        ],
    ),
    row(
        20,
        "deploy and back in the middle",
        [
            ROLLED,
            ROLLED,
            ROLLED_LATE,
            ROLLED_LATE,
            ROLLED_LATE,
            ROLLED_LATE,
            ROLLED_LATE,
            ROLLED_LATE,
        ],
    ),
];

const fn row(number: u32, fault: &'static str, stages: [Pair; STAGES.len()]) -> Row {
    Row {
        number,
        fault,
        stages,
    }
}
