//! How each thing gets stuck, and which stories tell it: a code without a story, or a story that is gone, is seen here.

use std::fmt::Write as _;

use changeover::domain::change::stuck::StuckCode;

const STORIES: [&str; 6] = [
    include_str!("aborts.rs"),
    include_str!("codes.rs"),
    include_str!("money.rs"),
    include_str!("rules.rs"),
    include_str!("../late_money.rs"),
    include_str!("../../stories/promises.rs"),
];

/// How it comes about in its stories, and these. A new code does not compile without them.
fn stories(code: StuckCode) -> (&'static str, &'static [&'static str]) {
    match code {
        StuckCode::Undecidable => (
            "an answer is lost until its key is spent, and somebody else has done the like meanwhile",
            &[
                "i25_what_the_provider_cannot_tell_is_told_once_a_person_has_looked",
                "i25_what_the_provider_cannot_tell_can_be_given_up_and_is_never_sent_on_a_guess",
            ],
        ),
        StuckCode::PaidNotSwitched => (
            "somebody edits the subscription between the payment and the first look",
            &["i25_a_paid_invoice_without_the_plan_is_shown_until_the_plan_is_there"],
        ),
        StuckCode::RefundHalted => (
            "more is charged than was confirmed, and the provider fails at the refund",
            &["i25_i15_a_refund_that_the_provider_does_not_make_is_ordered_again_and_made_once"],
        ),
        StuckCode::QuoteDrift => (
            "a debt comes between the last look and the charge, and the refund is put off",
            &["i25_i15_more_than_was_confirmed_is_shown_and_goes_back_by_itself"],
        ),
        StuckCode::ComparisonDiffers => (
            "a payment was forgotten, and the customer has begun something else since",
            &["what_only_a_person_can_decide_is_shown_and_left_alone"],
        ),
        StuckCode::AbortHalted => (
            "the provider refuses to void the invoice",
            &[
                "i25_an_invoice_that_the_provider_does_not_void_is_voided_when_support_orders_it",
                "i25_who_pays_while_the_abort_has_halted_has_the_plan_when_support_looks",
            ],
        ),
        StuckCode::ChargeHalted => (
            "the provider fails at the charge, again and again",
            &[
                "i25_a_charge_that_the_provider_refuses_waits_for_support",
                "i25_a_halted_charge_that_is_paid_elsewhere_is_seen_when_support_looks",
            ],
        ),
        StuckCode::OutcomeRefused => (
            "the database holds a call that the machine never made",
            &["i25_a_change_whose_outcome_has_no_place_goes_on_and_is_shown"],
        ),
        StuckCode::UnknownMachineVersion => (
            "a newer version of the program has written the change",
            &["i25_a_change_of_a_newer_program_is_left_alone_and_shown"],
        ),
        StuckCode::RulesMissing => (
            "the seller's workflow file is not served any more",
            &["i25_a_change_of_a_seller_who_is_not_served_any_more_waits_for_its_rules"],
        ),
        StuckCode::WorkFailing => (
            "the database refuses one line of history",
            &[
                "i25_work_that_fails_on_our_side_goes_on_when_support_resumes_it",
                "i25_work_that_fails_on_our_side_can_be_given_up",
            ],
        ),
        StuckCode::WorkerAbsent => (
            "nobody works for twenty minutes",
            &["i25_due_work_that_nobody_does_is_shown"],
        ),
        StuckCode::OutcomeUnknown => (
            "connections break before the answer",
            &[
                "i25_a_call_whose_answer_stays_unknown_is_shown_and_sent_again_under_its_key",
                "i25_i7_a_spent_key_is_only_looked_for",
            ],
        ),
        StuckCode::CallPutOff => (
            "the provider answers 429 for twenty minutes",
            &["i25_a_call_that_the_provider_puts_off_is_shown"],
        ),
        StuckCode::SettlingLong => (
            "the bank takes more than an hour",
            &[
                "i25_money_that_takes_long_is_shown_and_seen_when_support_looks",
                "i25_money_that_takes_long_can_be_given_up_as_soon_as_it_is_certain",
            ],
        ),
        StuckCode::AbortWaits => (
            "a change is given up while the bank takes more than an hour",
            &[
                "i25_money_that_wins_against_a_waiting_abort_is_seen_when_support_looks",
                "i25_an_abort_that_waits_is_over_when_support_orders_it_and_the_bank_has_let_go",
            ],
        ),
        StuckCode::QuoteUnavailable => (
            "a proxy answers the preview with a page",
            &["i25_a_quote_that_cannot_be_asked_for_is_shown"],
        ),
        StuckCode::PaymentUnreadable => (
            "connections break whenever the invoice is read",
            &["i25_a_payment_that_cannot_be_read_is_shown"],
        ),
        StuckCode::CustomerBusy => (
            "the charge of another contract of the same customer is put off",
            &["i25_a_charge_that_waits_for_another_of_its_customer_names_what_it_waits_for"],
        ),
        StuckCode::ContractOutOfStep => (
            "somebody edits the subscription, and no webhook comes",
            &["i25_a_contract_that_is_out_of_step_is_told_to_support"],
        ),
        StuckCode::QuoteRefused => (
            "the seller's new prices are not at the provider yet",
            &[
                "i25_a_quote_that_the_sellers_setup_forbids_is_shown_until_it_is_mended",
                "i25_a_quote_that_the_sellers_setup_forbids_can_be_given_up",
            ],
        ),
        StuckCode::TicketNotApplied => (
            "the provider fails at lowering the subscription",
            &[
                "i25_a_request_to_go_down_that_was_not_applied_is_answered_once_more",
                "i25_a_request_to_go_down_that_was_not_applied_can_be_given_up",
            ],
        ),
        StuckCode::PromiseFell => (
            "our schedule is taken away, and a price that it needs is archived",
            &["b15_an_archived_price_is_stuck_with_a_reason_and_a_mail"],
        ),
        StuckCode::CardNotKept => (
            "the provider fails at making the card the subscription's own",
            &["i25_a_card_that_the_provider_does_not_keep_is_shown_and_kept_after_all"],
        ),
        StuckCode::MailGivenUp | StuckCode::EventGivenUp => (
            "it was tried in vain for days",
            &["i25_what_was_given_up_leaves_when_support_resumes_it"],
        ),
    }
}

/// The text of a story, from its name to its end.
fn told(story: &str) -> Option<&'static str> {
    let head = format!("async fn {story}(");
    STORIES.iter().find_map(|file| {
        let from = file.find(&head)?;
        let length = file[from..].find("\n}\n")?;
        Some(&file[from..from + length])
    })
}

#[test]
fn each_code_is_met_in_a_story_over_http() {
    let mut wrong = Vec::new();
    for code in StuckCode::ALL {
        let word = format!("\"{code}\"");
        let (_, stories) = stories(*code);
        assert!(!stories.is_empty(), "{code}");
        for story in stories {
            match told(story) {
                None => wrong.push(format!("{code}: `{story}` is not there")),
                Some(text) if !text.contains(&word) => {
                    wrong.push(format!("{code}: `{story}` does not meet it"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_what_gets_stuck() {
    let mut table = "| code | how it gets stuck in its stories | stories |\n|---|---|---|\n".to_owned();
    for code in StuckCode::ALL {
        let (how, stories) = stories(*code);
        writeln!(table, "| `{code}` | {how} | {} |", stories.len()).expect("a text");
    }
    insta::assert_snapshot!(table);
}
