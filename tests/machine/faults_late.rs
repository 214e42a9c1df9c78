//! Late, lost and unheard: what is proven never to have happened, and what arrives after the end. Each test names its promise.

use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    AbortReason, AbortStep, Actor, Call, CallAnswer, CallFailure, CallName, ChangeId, ChargeStep, Decline,
    Event, IntentStatus, Party, RefundStep, RefusalCode, Stage, StageName, Tell,
};
use jiff::SignedDuration;
use uuid::Uuid;

use super::ana::Ana;

fn unheard() -> CallFailure {
    CallFailure::NeverHappened { proven_at: NOW }
}

fn given_up(step: AbortStep, invoice: Option<&str>, world: &World, made: bool) -> Stage {
    Stage::Aborting {
        payment: if made {
            world.first_payment()
        } else {
            world.payment()
        },
        reason: AbortReason::Cancel {
            by: Party::Customer,
            why: String::new(),
            from: StageName::PaymentConfirm,
        },
        step,
        invoice: invoice.map(str::to_owned),
    }
}

fn cancelled(world: World) -> Ana {
    let stage = Stage::Cancelled {
        by: Party::Customer,
        why: String::new(),
        from: StageName::PaymentConfirm,
    };
    Ana::stands_in(world, stage)
}

#[test]
fn i8_a_charge_that_never_happened_is_previewed_again_and_made_once_more() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    ana.it_fails(unheard());
    assert_eq!(
        ana.calls(),
        [],
        "time has passed: first the amount is looked at again"
    );
    ana.is_verified();
    assert_eq!(ana.the_only_call(), CallName::UpdateSubscription);
    ana.it_pays();
    assert_eq!(ana.at(), "active");
}

#[test]
fn i8_what_never_happens_again_and_again_waits_for_a_person() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    for _ in 0..2 {
        ana.is_verified();
        ana.it_fails(unheard());
    }
    let halted = |stage: &Stage| matches!(stage, Stage::Charging { step: ChargeStep::Halted { code, .. }, .. } if code == "never_happened");
    assert!(halted(&ana.stage), "{:?}", ana.stage);
    // A person says that it may be tried again: the count begins anew.
    ana.support_retries();
    ana.is_verified();
    ana.it_fails(unheard());
    assert!(!halted(&ana.stage));
}

#[test]
fn i8_a_call_that_did_its_work_ends_the_count() {
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.it_fails(unheard());
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "the card once more"
    );
    ana.it_answers(CallAnswer::MethodSet);
    ana.is_verified();
    ana.it_fails(unheard());
    ana.is_verified();
    assert_eq!(ana.the_only_call(), CallName::UpdateSubscription);
}

#[test]
fn i14_a_subscription_whose_end_was_never_heard_is_not_taken_for_ended() {
    let world = World::newcomer();
    let stage = given_up(AbortStep::Ending, Some("in_1"), &World::subscribed(), true);
    let mut ana = Ana::stands_in(world, stage);
    ana.live.push(Call::CancelSubscription {
        subscription: "sub_new".to_owned(),
    });
    ana.it_fails(unheard());
    assert_eq!(ana.the_only_call(), CallName::CancelSubscription);
    ana.it_fails(unheard());
    assert_eq!(
        ana.at(),
        "payment_confirm.aborting",
        "it still lives at the provider"
    );
    assert_eq!(ana.calls(), []);
}

#[test]
fn b2_the_old_card_whose_return_was_never_heard_is_put_back_once_more() {
    let stage = given_up(AbortStep::Restoring, Some("in_1"), &World::subscribed(), false);
    let mut ana = Ana::stands_in(World::subscribed(), stage);
    ana.live.push(Call::SetDefaultMethod {
        subscription: "sub_1".to_owned(),
        method: Some("pm_old".to_owned()),
    });
    ana.it_fails(unheard());
    assert_eq!(ana.the_only_call(), CallName::SetDefaultMethod);
    ana.it_answers(CallAnswer::MethodSet);
    assert_eq!(ana.at(), "cancelled");
}

#[test]
fn b1_nothing_ends_while_something_unpaid_waits_at_the_provider_under_an_unknown_invoice() {
    let stage = given_up(AbortStep::Looking, None, &World::subscribed(), false);
    let mut ana = Ana::stands_in(World::subscribed(), stage);
    let mut waits = ana.world.facts_before();
    waits.pending_until = Some(NOW + SignedDuration::from_hours(3));
    ana.looks_at_payment(waits);
    assert_eq!(
        ana.at(),
        "payment_confirm.aborting",
        "its invoice can still be paid"
    );
    // The comparison finds the invoice: now the abort can void it.
    let found = Event::Adopt {
        payment: Box::new(ana.world.payment()),
        invoice: ana.world.open_invoice(),
    };
    ana.tries(found, Actor::system()).expect("it is told");
    let open = ana.declines(Decline::Generic);
    ana.looks_at_payment(open);
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
}

#[test]
fn b1_a_refused_card_with_an_unknown_open_invoice_is_not_followed_by_a_second_charge() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    let mut facts = ana.declines(Decline::Generic);
    facts.invoice = None;
    ana.it_answers(CallAnswer::Payment(facts));
    let halted = matches!(
        &ana.stage,
        Stage::Charging {
            step: ChargeStep::Halted { .. },
            ..
        }
    );
    assert!(halted, "{:?}", ana.stage);
}

#[test]
fn b13_money_that_an_open_change_did_not_know_of_brings_the_plan() {
    let mut ana = Ana::ready_to_pay("pm_old");
    let found = Event::Adopt {
        payment: Box::new(ana.world.payment()),
        invoice: ana.world.open_invoice(),
    };
    ana.tries(found, Actor::system()).expect("it is adopted");
    assert_eq!(ana.at(), "payment_confirm.settling");
    let paid = ana.paid(ana.due());
    ana.looks_at_payment(paid);
    assert_eq!((ana.at().as_str(), ana.heard(Tell::Activated)), ("active", 1));
}

#[test]
fn i17_after_the_end_only_what_takes_away_or_gives_back_is_ordered() {
    let mut ana = cancelled(World::subscribed());
    let refund = Call::Refund {
        invoice: "in_1".to_owned(),
        amount: World::money(7000),
    };
    let clean_up = |call| Event::CleanUp { call };
    ana.tries(clean_up(refund), Actor::system()).expect("money back");
    assert_eq!(
        (ana.at().as_str(), ana.the_only_call()),
        ("cancelled", CallName::Refund)
    );
    ana.it_answers(CallAnswer::Refunded {
        refund: "re_1".to_owned(),
        amount: Some(World::money(7000)),
    });
    assert_eq!((ana.at().as_str(), ana.heard(Tell::Refunded)), ("cancelled", 1));

    let charges = Call::PayInvoice {
        invoice: "in_1".to_owned(),
        subscription: "sub_1".to_owned(),
        customer: "cus_1".to_owned(),
        method: "pm_old".to_owned(),
    };
    let refusal = ana.tries(clean_up(charges), Actor::system()).expect_err("never");
    assert_eq!(refusal.code, RefusalCode::ChangeClosed);
}

#[test]
fn i17_an_end_stays_an_end_when_another_change_honours_its_money() {
    let mut ana = cancelled(World::subscribed());
    let honoured = Event::SucceededBy {
        change: ChangeId(Uuid::from_u128(8)),
        invoice: "in_1".to_owned(),
    };
    ana.tries(honoured, Actor::system()).expect("it is noted");
    assert_eq!((ana.at().as_str(), ana.calls().len()), ("cancelled", 0));
}

#[test]
fn i15_a_refund_that_never_happened_is_ordered_once_more_and_then_waits_for_a_person() {
    let mut ana = Ana::ready_to_pay("pm_old");
    ana.confirms();
    ana.is_verified();
    let more = World::money(ana.due().amount + 250);
    let paid = ana.paid(more);
    ana.it_answers(CallAnswer::Payment(paid));
    ana.it_fails(unheard());
    assert_eq!(ana.the_only_call(), CallName::Refund);
    ana.it_fails(unheard());
    let Stage::Active { receipt, .. } = &ana.stage else {
        panic!("it is done: {:?}", ana.stage);
    };
    assert!(matches!(receipt.refund, Some(RefundStep::Halted { .. })));
}

#[test]
fn b12_an_invoice_in_flight_is_waited_for_whatever_was_never_heard() {
    let stage = given_up(AbortStep::Voiding, Some("in_1"), &World::subscribed(), false);
    let mut ana = Ana::stands_in(World::subscribed(), stage);
    ana.live.push(Call::VoidInvoice {
        invoice: "in_1".to_owned(),
        subscription: "sub_1".to_owned(),
    });
    ana.it_fails(unheard());
    let flying = ana.open(IntentStatus::Processing, None);
    ana.looks_at_payment(flying);
    assert_eq!(
        (ana.at().as_str(), ana.calls().len()),
        ("payment_confirm.aborting", 0)
    );
}
