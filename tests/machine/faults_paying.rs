//! What a payments engineer fears most of a charge, one test a fear. Each names the promise or story that it keeps.

use changeover::domain::account::{ContractStatus, HeldLine, LinePlace};
use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    Call, CallAnswer, CallFailure, CallName, ChargeStep, Decline, Event, PaymentFacts, Question, Stage,
    TicketAsk, Wake, deadline, next_wake,
};

use super::ana::{Ana, refused, support};

#[test]
fn b1_a_look_that_shows_no_invoice_does_not_make_an_open_one_forgotten() {
    let payment = World::subscribed().payment();
    let invoice = World::subscribed().open_invoice();
    let waiting = [
        Stage::ActionRequired {
            payment: payment.clone(),
            invoice: invoice.clone(),
        },
        Stage::Settling {
            payment: payment.clone(),
            invoice: invoice.clone(),
            paid: false,
            voucher: None,
        },
        Stage::Declined {
            payment,
            invoice,
            reason: Decline::Generic,
        },
    ];
    for stage in waiting {
        for decline in [None, Some(Decline::ExpiredCard)] {
            let mut ana = Ana::stands_in(World::subscribed(), stage.clone());
            let facts = PaymentFacts {
                decline,
                ..ana.world.facts_before()
            };
            ana.looks_at_payment(facts);
            assert_eq!(ana.stage, stage, "an invoice that is known stays known");
        }
    }
}

#[test]
fn b1_an_answer_that_shows_no_invoice_does_not_make_an_open_one_forgotten() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    let declined = ana.declines(Decline::InsufficientFunds);
    ana.it_answers(CallAnswer::Payment(declined));
    ana.chooses("pm_new");
    let nothing = ana.world.facts_before();
    ana.it_answers(CallAnswer::Payment(nothing));
    assert_eq!(ana.at(), "payment_confirm.settling");
}

#[test]
fn i13_a_switched_plan_without_its_invoice_is_not_taken_for_paid() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    assert!(!ana.due().is_zero());
    let switched = ana.world.facts_after(&ana.deal());
    ana.it_answers(CallAnswer::Payment(switched.clone()));
    assert_eq!(
        ana.at(),
        "payment_confirm.charging",
        "a person must look: nothing proves that it was paid"
    );

    ana.cancels();
    assert_eq!(
        ana.at(),
        "payment_confirm.aborting",
        "nor is it given up while the provider holds the new plan"
    );
    ana.looks_at_payment(switched);
    assert_eq!(ana.at(), "payment_confirm.aborting");
    let before = ana.world.facts_before();
    ana.looks_at_payment(before);
    assert_eq!(ana.at(), "cancelled");
}

#[test]
fn b13_what_is_paid_is_looked_at_for_ever_and_never_given_up_by_time() {
    let settling = |paid| Stage::Settling {
        payment: World::subscribed().payment(),
        invoice: World::subscribed().open_invoice(),
        paid,
        voucher: None,
    };
    let policy = &World::subscribed().playbook.policy;
    let ends = |stage: &Stage| deadline(stage, policy, NOW).is_some();
    assert!(ends(&settling(false)), "what is not paid is given up one day");
    assert!(
        !ends(&settling(true)),
        "a paid invoice cannot be voided: there is nothing to give up"
    );
    let next = next_wake(&settling(true), policy, NOW, 50, 0, None);
    assert!(
        matches!(next, Some((_, Wake::Ask(Question::Payment)))),
        "{next:?}"
    );
}

#[test]
fn i24_a_halted_charge_ends_in_time_too() {
    for invoice in [None, Some(World::subscribed().open_invoice())] {
        let stage = Stage::Charging {
            payment: World::subscribed().payment(),
            step: ChargeStep::Halted {
                code: "parameter_invalid".to_owned(),
                message: String::new(),
                invoice: invoice.clone(),
            },
        };
        let mut ana = Ana::stands_in(World::subscribed(), stage.clone());
        let wake = next_wake(&stage, &ana.world.playbook.policy, NOW, 0, 0, None);
        assert!(wake.is_some(), "an open change is never without a next moment");
        if invoice.is_some() {
            let declined = ana.declines(Decline::Generic);
            ana.looks_at_payment(declined);
            assert_eq!(ana.stage, stage, "nothing moves until a person has looked");
            let paid = ana.paid(ana.due());
            ana.looks_at_payment(paid);
            assert_eq!(ana.at(), "active", "money that came is taken in all the same");
            ana = Ana::stands_in(World::subscribed(), stage.clone());
        }
        ana.time_is_up();
        assert_eq!(ana.at(), "payment_confirm.aborting");
        assert_eq!(ana.calls().contains(&CallName::VoidInvoice), invoice.is_some());
    }
}

#[test]
fn p2_a_made_subscription_is_never_charged_a_second_time_by_a_retry() {
    let mut ana = Ana::stands_in(
        World::newcomer(),
        Stage::Charging {
            payment: World::subscribed().first_payment(),
            step: ChargeStep::Halted {
                code: "no_invoice".to_owned(),
                message: String::new(),
                invoice: None,
            },
        },
    );
    ana.support_retries();
    assert_eq!(
        ana.the_only_call(),
        CallName::CancelSubscription,
        "it ends, and the customer is asked again"
    );
    ana.it_answers(CallAnswer::SubscriptionCancelled);
    assert_eq!(ana.at(), "quote.pending");
}

#[test]
fn the_card_that_paid_is_the_one_that_renews_also_when_it_is_the_old_one() {
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.it_answers(CallAnswer::MethodSet);
    ana.is_verified();
    let declined = ana.declines(Decline::InsufficientFunds);
    ana.it_answers(CallAnswer::Payment(declined));
    ana.chooses("pm_old");
    ana.it_pays();
    let wanted = Call::SetDefaultMethod {
        subscription: "sub_1".to_owned(),
        method: Some("pm_old".to_owned()),
    };
    assert_eq!(ana.live, [wanted]);
}

#[test]
fn p2_a_card_that_was_changed_meanwhile_at_the_provider_is_not_charged() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    let mut quote = ana.deal().quote;
    quote.held_method = Some("pm_of_somebody_else".to_owned());
    ana.provider_says(Event::Quoted { quote });
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "Ana said yes to her old card"
    );
    ana.it_answers(CallAnswer::MethodSet);
    ana.is_verified();
    assert_eq!(ana.the_only_call(), CallName::UpdateSubscription);
    let processing = ana.declines(Decline::Generic);
    ana.it_answers(CallAnswer::Payment(processing));
    ana.cancels();
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    let back = Call::SetDefaultMethod {
        subscription: "sub_1".to_owned(),
        method: Some("pm_of_somebody_else".to_owned()),
    };
    assert_eq!(ana.live, [back], "an abort puts back what was there");
}

#[test]
fn p2_a_card_that_could_not_be_put_back_is_not_charged_by_surprise() {
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.it_answers(CallAnswer::MethodSet);
    ana.is_verified();
    ana.it_fails(CallFailure::Declined(Decline::ExpiredCard));
    ana.it_fails(refused());
    assert_eq!(ana.at(), "payment_confirm.choosing");
    ana.chooses("pm_old");
    ana.confirms();
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "the subscription still has `pm_new`"
    );
}

#[test]
fn a_paid_contract_never_loses_its_lines() {
    // Somebody has marked the plan as bought outside meanwhile: the catalogue no longer resolves the selection.
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    let mut paid = ana.paid(ana.due());
    ana.world
        .playbook
        .catalog
        .plans
        .retain(|plan| plan.id.as_str() != "pro");
    for item in &mut paid.items {
        item.lookup_key = None;
    }
    ana.it_answers(CallAnswer::Payment(paid));
    assert_eq!(ana.at(), "active");
    let contract = &ana.world.contract;
    assert_eq!(contract.status, ContractStatus::Active);
    let held: Vec<(String, u64)> = contract
        .lines
        .iter()
        .map(|line| (line.key.to_string(), line.quantity))
        .collect();
    assert_eq!(held, [("plan".to_owned(), 1), ("item:seat".to_owned(), 5)]);
}

#[test]
fn an_item_is_found_by_its_price_also_after_its_key_has_moved_on() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    let mut paid = ana.paid(ana.due());
    for item in &mut paid.items {
        item.lookup_key = None;
    }
    ana.it_answers(CallAnswer::Payment(paid));
    assert_eq!(ana.world.contract.lines.len(), 2);
    let at_provider = |line: &HeldLine| matches!(line.place, LinePlace::Provider { .. });
    assert!(ana.world.contract.lines.iter().all(at_provider));
}

#[test]
fn i13_a_lowered_subscription_must_hold_what_was_asked() {
    let deal = World::subscribed().deal(&World::selection("basic", 1));
    let stage = Stage::TicketApplying {
        selection: deal.selection.clone(),
        deal: Some(deal),
        ask: TicketAsk::default(),
    };
    let mut ana = Ana::stands_in(World::subscribed(), stage);
    ana.live.push(Call::LowerSubscription {
        subscription: "sub_1".to_owned(),
        targets: Vec::new(),
    });
    let unchanged = ana.world.facts_before();
    let contract = ana.world.contract.clone();
    ana.it_answers(CallAnswer::Payment(unchanged));
    assert_eq!(ana.at(), "downgrade_ticket.open", "support looks again");
    assert_eq!(ana.world.contract, contract);
}

#[test]
fn i15_an_excess_that_could_not_be_given_back_is_seen_and_can_be_tried_again() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    let more = ana.due().plus(World::money(250)).expect("it fits");
    let paid = ana.paid(more);
    ana.it_answers(CallAnswer::Payment(paid));
    assert_eq!(ana.the_only_call(), CallName::Refund);
    let refusal = ana.tries(Event::Retry, support());
    assert!(refusal.is_err(), "it is on its way");
    ana.it_fails(refused());
    ana.support_retries();
    let [Call::Refund { amount, .. }] = &ana.live[..] else {
        panic!("it is given back: {:?}", ana.live);
    };
    assert_eq!(*amount, World::money(250));
    ana.it_answers(CallAnswer::Refunded {
        refund: "re_1".to_owned(),
        amount: None,
    });
    let refusal = ana.tries(Event::Retry, support());
    assert!(refusal.is_err(), "never twice");
    assert_eq!(ana.at(), "active");
}
