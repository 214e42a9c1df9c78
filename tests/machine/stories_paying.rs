//! Stories of the last button and what follows it.

use changeover::domain::catalog::Anchoring;
use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    Call, CallAnswer, CallFailure, CallName, ChargeStep, Consent, Decline, DriftCause, Event, IntentStatus,
    InvoiceStatus, NextAction, Party, Quote, Refusal, RefusalCode, Stage, StageName, Tell,
};

use jiff::SignedDuration;

use super::ana::{Ana, refused, support};

/// Ana has said yes with her old card, and the charge is on its way.
fn charging() -> Ana {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    assert_eq!(ana.the_only_call(), CallName::UpdateSubscription);
    ana
}

/// The invoice of Ana's charge is open and the bank has refused.
fn declined() -> Ana {
    let mut ana = charging();
    let facts = ana.declines(Decline::InsufficientFunds);
    ana.it_answers(CallAnswer::Payment(facts));
    assert_eq!(ana.at(), "payment_confirm.declined");
    ana
}

#[track_caller]
fn is_active(ana: &Ana) {
    let Stage::Active { receipt, deal } = &ana.stage else {
        panic!("it should be done, not `{}`", ana.at());
    };
    assert_eq!(
        receipt.charged, deal.quote.due_today,
        "I15: charged what was confirmed"
    );
    assert_eq!(ana.heard(Tell::Activated), 1);
    assert_eq!(ana.world.contract.plan.as_str(), "pro");
}

#[track_caller]
fn is_cancelled(ana: &Ana) {
    let by_ana = matches!(
        &ana.stage,
        Stage::Cancelled {
            by: Party::Customer,
            ..
        }
    );
    assert!(by_ana, "it should be cancelled, not `{}`", ana.at());
    assert_eq!(ana.heard(Tell::Cancelled), 1);
    assert_eq!(ana.heard(Tell::Activated), 0);
    assert_eq!(ana.world.contract.plan.as_str(), "basic", "the old plan stays");
    assert_eq!(ana.live, []);
}

#[test]
fn an_upgrade_of_an_existing_subscription() {
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "the card that Ana chose"
    );
    ana.it_answers(CallAnswer::MethodSet);
    assert_eq!(ana.live, [], "nothing is charged before the last look");
    ana.is_verified();
    let [
        Call::UpdateSubscription {
            prorated_at, targets, ..
        },
    ] = &ana.live[..]
    else {
        panic!("the charge: {:?}", ana.live);
    };
    assert_eq!(
        (*prorated_at, targets),
        (ana.deal().quote.prorated_at, &ana.deal().quote.targets)
    );
    ana.it_pays();
    is_active(&ana);
    assert_eq!(ana.live, [], "the card is set already");
    assert_eq!(ana.world.contract.version, 2);
}

#[test]
fn a_first_subscription_is_made_unpaid_and_then_paid() {
    let mut world = World::subscribed();
    world.contract = World::newcomer().contract;
    let mut ana = Ana::opens(world, &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    ana.chooses("pm_new");
    ana.confirms();
    ana.is_verified();
    assert_eq!(ana.the_only_call(), CallName::CreateSubscription);
    let untried = ana.open(IntentStatus::RequiresConfirmation, None);
    ana.it_answers(CallAnswer::Payment(untried));
    let paying =
        matches!(&ana.live[..], [Call::PayInvoice { subscription, .. }] if subscription == "sub_new");
    assert!(
        paying,
        "the customer is there, so it is paid at once: {:?}",
        ana.live
    );
    ana.it_pays();
    is_active(&ana);
    assert_eq!(ana.world.contract.subscription.as_deref(), Some("sub_new"));
}

#[test]
fn b3_the_bank_wants_ana_to_authenticate_and_she_does() {
    let mut ana = charging();
    let waits = ana.wants_authentication();
    ana.it_answers(CallAnswer::Payment(waits.clone()));
    assert_eq!(ana.at(), "payment_confirm.action_required");
    assert!(matches!(
        NextAction::of(&ana.stage),
        NextAction::Authenticate { .. }
    ));
    ana.looks_at_payment(waits);
    assert_eq!(ana.heard(Tell::AuthenticationNeeded), 1, "told once");
    let processing = ana.open(IntentStatus::Processing, None);
    ana.looks_at_payment(processing);
    assert_eq!(ana.at(), "payment_confirm.settling");
    let paid = ana.paid(ana.due());
    ana.looks_at_payment(paid);
    is_active(&ana);
}

#[test]
fn b3_a_rejection_for_want_of_authentication_is_not_the_end() {
    let mut ana = charging();
    let facts = ana.declines(Decline::AuthenticationRequired);
    ana.it_answers(CallAnswer::Payment(facts));
    assert_eq!(ana.at(), "payment_confirm.declined");
    ana.chooses("pm_old");
    let waits = ana.wants_authentication();
    ana.it_answers(CallAnswer::Payment(waits));
    assert_eq!(ana.at(), "payment_confirm.action_required");
    let paid = ana.paid(ana.due());
    ana.looks_at_payment(paid);
    is_active(&ana);
}

#[test]
fn b1_a_declined_card_and_another_one_for_the_same_invoice() {
    let mut ana = declined();
    assert_eq!(ana.heard(Tell::Declined), 1);
    ana.chooses("pm_new");
    let [Call::PayInvoice { invoice, method, .. }] = &ana.live[..] else {
        panic!("the same invoice is paid: {:?}", ana.live);
    };
    assert_eq!((invoice.as_str(), method.as_str()), ("in_1", "pm_new"));
    ana.it_pays();
    is_active(&ana);
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "renewals are charged on the card that paid"
    );
}

#[test]
fn a_card_that_is_refused_before_an_invoice_exists_leads_back_to_choosing() {
    let mut ana = charging();
    ana.it_fails(CallFailure::Declined(Decline::ExpiredCard));
    assert!(matches!(
        ana.stage,
        Stage::Choosing {
            refused: Some(Decline::ExpiredCard),
            method: None,
            ..
        }
    ));
    assert_eq!(ana.live, [], "the old card was never replaced");
}

#[test]
fn b7_another_amount_than_the_one_on_offer_is_never_charged() {
    let mut ana = Ana::ready_to_pay("pm_old");
    for seen in [0, ana.due().amount - 1, ana.due().amount + 1] {
        let yes = ana.yes_to(World::money(seen));
        let refusal = ana.cannot(yes);
        assert_eq!(refusal.code, RefusalCode::AmountDiffers);
        assert_eq!(refusal.expected, Some(ana.due()));
    }
    let old_terms = Event::Confirm {
        quote: ana.deal().quote.id,
        seen: ana.due(),
        consent: Consent {
            terms_version: "2025-01".to_owned(),
            at: ana.now,
        },
    };
    assert_eq!(ana.cannot(old_terms).code, RefusalCode::TermsOutdated);
    assert_eq!(ana.live, []);
}

#[test]
fn a_yes_without_a_card_is_refused_unless_nothing_will_ever_be_due() {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    let yes = ana.yes_to(ana.due());
    assert_eq!(ana.cannot(yes).code, RefusalCode::PaymentMethodMissing);
}

#[test]
fn p2_amounts_that_move_before_the_charge_are_quoted_again_and_nothing_is_charged() {
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.it_answers(CallAnswer::MethodSet);
    let moved = Quote {
        due_today: World::money(9_999),
        ..ana.deal().quote
    };
    ana.provider_says(Event::Quoted { quote: moved });
    let back =
        matches!(&ana.live[..], [Call::SetDefaultMethod { method: Some(held), .. }] if held == "pm_old");
    assert!(back, "first the old card is put back: {:?}", ana.live);
    ana.it_answers(CallAnswer::MethodSet);
    let drifted = matches!(&ana.stage, Stage::QuotePending { drift: Some(drift), .. }
        if drift.why == DriftCause::AmountsMoved);
    assert!(drifted, "the customer is asked again: {}", ana.at());
}

#[test]
fn p2_an_invoice_over_more_than_was_confirmed_is_voided_and_quoted_again() {
    let mut ana = charging();
    let mut more = ana.open(IntentStatus::RequiresConfirmation, None);
    more.invoice.as_mut().expect("an invoice").amount_due = World::money(ana.due().amount + 1);
    ana.it_answers(CallAnswer::Payment(more));
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    assert_eq!(ana.at(), "quote.pending");
}

#[test]
fn i15_what_was_charged_too_much_goes_back_to_the_cent() {
    let mut ana = charging();
    let paid = ana.paid(World::money(ana.due().amount + 250));
    ana.it_answers(CallAnswer::Payment(paid));
    assert_eq!(ana.at(), "active", "the plan stays");
    let exact = matches!(&ana.live[..], [Call::Refund { amount, .. }] if *amount == World::money(250));
    assert!(exact, "{:?}", ana.live);
    ana.it_answers(CallAnswer::Refunded {
        refund: "re_1".to_owned(),
        amount: None,
    });
    assert_eq!((ana.at().as_str(), ana.heard(Tell::Refunded)), ("active", 1));
}

#[test]
fn i15_what_was_charged_too_little_is_honoured() {
    let mut ana = charging();
    let paid = ana.paid(World::money(ana.due().amount - 250));
    ana.it_answers(CallAnswer::Payment(paid));
    assert_eq!(ana.at(), "active");
    assert_eq!(ana.live, []);
}

#[test]
fn cancelling_before_anything_was_charged_is_immediate_or_puts_the_card_back() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.cancels();
    is_cancelled(&ana);

    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.cancels();
    assert_eq!(
        ana.at(),
        "payment_confirm.aborting",
        "the card's call is in flight"
    );
    ana.it_answers(CallAnswer::MethodSet);
    assert_eq!(ana.the_only_call(), CallName::SetDefaultMethod, "and is undone");
    ana.it_answers(CallAnswer::MethodSet);
    is_cancelled(&ana);
}

#[test]
fn b1_cancelling_while_the_charge_is_in_flight_waits_for_its_answer_and_then_voids() {
    let mut ana = charging();
    ana.cancels();
    assert_eq!(ana.at(), "payment_confirm.aborting");
    assert_eq!(
        ana.the_only_call(),
        CallName::UpdateSubscription,
        "nothing is known yet"
    );
    let waits = ana.wants_authentication();
    ana.it_answers(CallAnswer::Payment(waits));
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    is_cancelled(&ana);
}

#[test]
fn a_charge_that_never_happened_leaves_nothing_to_void() {
    let mut ana = charging();
    ana.cancels();
    ana.it_fails(refused());
    is_cancelled(&ana);
}

#[test]
fn b11_cancelling_while_the_bank_or_another_card_is_awaited() {
    let mut waiting = charging();
    let facts = waiting.wants_authentication();
    waiting.it_answers(CallAnswer::Payment(facts));
    for mut ana in [waiting, declined()] {
        ana.cancels();
        assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
        let void = ana.void();
        ana.it_answers(CallAnswer::Payment(void));
        is_cancelled(&ana);
    }
}

#[test]
fn b13_the_payment_wins_the_race_against_cancel() {
    let mut ana = declined();
    ana.chooses("pm_old");
    ana.cancels();
    ana.it_pays();
    is_active(&ana);
    assert_eq!(ana.heard(Tell::Cancelled), 0, "one winner");
}

#[test]
fn b13_a_void_that_comes_too_late_waits_for_the_money_and_honours_it() {
    let mut ana = charging();
    let processing = ana.open(IntentStatus::Processing, None);
    ana.it_answers(CallAnswer::Payment(processing.clone()));
    ana.cancels();
    ana.it_fails(CallFailure::WrongState {
        code: "payment_in_flight".to_owned(),
    });
    ana.looks_at_payment(processing);
    assert_eq!(ana.at(), "payment_confirm.aborting", "a state to wait in");
    let paid = ana.paid(ana.due());
    ana.looks_at_payment(paid);
    is_active(&ana);
}

#[test]
fn b11_nobody_comes_back_from_the_bank_and_the_change_expires_through_a_void() {
    let mut ana = charging();
    let waits = ana.wants_authentication();
    ana.it_answers(CallAnswer::Payment(waits));
    ana.time_is_up();
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    let from = StageName::PaymentConfirm;
    assert_eq!(ana.stage, Stage::Expired { from });
    assert_eq!(ana.heard(Tell::Expired), 1);
}

#[test]
fn the_provider_gives_the_unpaid_change_up_by_itself() {
    let mut ana = declined();
    let void = ana.void();
    assert_eq!(
        void.invoice.as_ref().map(|invoice| invoice.status),
        Some(InvoiceStatus::Void)
    );
    ana.looks_at_payment(void);
    assert_eq!(ana.at(), "expired");
    assert_eq!(ana.live, []);
}

#[test]
fn a_first_subscription_that_is_given_up_is_ended() {
    let mut world = World::subscribed();
    world.contract = World::newcomer().contract;
    let stage = Stage::Declined {
        payment: World::subscribed().first_payment(),
        invoice: World::subscribed().open_invoice(),
        reason: Decline::Generic,
    };
    let mut ana = Ana::stands_in(world, stage);
    ana.cancels();
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    assert_eq!(ana.the_only_call(), CallName::CancelSubscription);
    ana.it_answers(CallAnswer::SubscriptionCancelled);
    assert_eq!(ana.at(), "cancelled");
    assert_eq!(ana.world.contract.subscription, None);
}

#[test]
fn a_refused_request_halts_until_support_has_looked_and_orders_another_attempt() {
    let mut ana = charging();
    ana.it_fails(refused());
    assert!(matches!(
        &ana.stage,
        Stage::Charging {
            step: ChargeStep::Halted { invoice: None, .. },
            ..
        }
    ));
    assert_eq!(NextAction::of(&ana.stage), NextAction::AwaitSupport);
    let by_ana = ana.cannot(Event::Retry);
    assert_eq!(by_ana.code, RefusalCode::RoleNotAllowed);
    ana.support_retries();
    let refusal = ana.tries(Event::Retry, support()).expect_err("it is on its way");
    assert_eq!(refusal.code, RefusalCode::PaymentInFlight);
    ana.is_verified();
    ana.it_pays();
    is_active(&ana);
}

#[test]
fn a_refused_attempt_at_an_open_invoice_halts_and_goes_on_with_the_same_invoice() {
    let mut ana = declined();
    ana.chooses("pm_new");
    ana.it_fails(refused());
    ana.support_retries();
    assert_eq!(ana.at(), "payment_confirm.settling");
    let facts = ana.declines(Decline::Generic);
    ana.looks_at_payment(facts);
    assert_eq!(ana.at(), "payment_confirm.declined");
}

#[test]
fn the_last_look_finds_that_it_is_no_longer_possible() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    let refusal = Refusal::new(RefusalCode::RenewalTooNear, "It renews in a moment.");
    ana.provider_says(Event::QuoteRefused { refusal });
    assert_eq!(ana.at(), "draft");
    assert_eq!(ana.live, []);
}

#[test]
fn the_old_plan_stays_until_the_money_is_there() {
    let mut ana = declined();
    let contract = ana.world.contract.clone();
    assert_eq!(contract.plan.as_str(), "basic", "B2");
    let mut unswitched = ana.paid(ana.due());
    unswitched.items = ana.world.facts_before().items;
    ana.looks_at_payment(unswitched);
    assert_eq!(
        ana.at(),
        "payment_confirm.settling",
        "paid, and the provider has not switched yet"
    );
    assert_eq!(ana.world.contract, contract);
    let paid = ana.paid(ana.due());
    ana.looks_at_payment(paid);
    is_active(&ana);
}

/// A first subscription that begins at the moment of its making is previewed from that moment. Between the quote and the charge
/// some seconds pass; only amounts that moved are a reason to ask again.
#[test]
fn a_period_that_begins_now_does_not_drift_with_the_clock() {
    let quoted = |anchoring, seconds| {
        let mut quote = World::newcomer().quote(&World::selection("pro", 5), NOW);
        if let Some(first) = &mut quote.first_period {
            first.anchoring = anchoring;
        }
        for line in &mut quote.lines {
            line.from += SignedDuration::from_secs(seconds);
            line.until += SignedDuration::from_secs(seconds);
        }
        quote
    };
    let later = quoted(Anchoring::BeginsNow, 40);
    assert!(quoted(Anchoring::BeginsNow, 0).same_amounts(&later));
    assert!(!quoted(Anchoring::FirstRenewal, 0).same_amounts(&quoted(Anchoring::FirstRenewal, 40)));
    let mut dearer = later;
    dearer.lines[0].amount = World::money(1);
    assert!(!quoted(Anchoring::BeginsNow, 0).same_amounts(&dearer));
}
