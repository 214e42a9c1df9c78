//! What a payments engineer fears most of giving up, one test a fear. Each names the promise or story that it keeps.

use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    AbortReason, AbortStep, Actor, Call, CallAnswer, CallFailure, CallName, Decline, Event, IntentStatus,
    Party, Stage, StageName,
};

use super::ana::{Ana, refused};

fn wrong_state() -> CallFailure {
    CallFailure::WrongState {
        code: "payment_in_flight".to_owned(),
    }
}

fn aborting(step: AbortStep, invoice: Option<&str>) -> Stage {
    Stage::Aborting {
        payment: World::subscribed().payment(),
        reason: AbortReason::Cancel {
            by: Party::Customer,
            why: String::new(),
            from: StageName::PaymentConfirm,
        },
        step,
        invoice: invoice.map(str::to_owned),
    }
}

#[test]
fn b1_an_abort_with_an_invoice_ends_only_once_that_invoice_reads_back_as_void() {
    let mut ana = Ana::stands_in(World::subscribed(), aborting(AbortStep::Looking, Some("in_1")));
    let nothing = ana.world.facts_before();
    ana.looks_at_payment(nothing);
    assert_eq!(ana.at(), "payment_confirm.aborting");
    assert_eq!(
        ana.calls(),
        [],
        "nothing is undone before the invoice is known to be void"
    );

    let mut another = ana.void();
    another.invoice.as_mut().expect("an invoice").id = "in_other".to_owned();
    ana.looks_at_payment(another);
    assert_eq!(ana.calls(), [], "another invoice that is void proves nothing");

    let void = ana.void();
    ana.looks_at_payment(void);
    assert_eq!(ana.calls(), [CallName::SetDefaultMethod]);
}

#[test]
fn b13_a_look_decides_nothing_while_a_call_of_the_abort_is_in_flight() {
    for (step, invoice) in [
        (AbortStep::Awaiting, None),
        (AbortStep::Awaiting, Some("in_1")),
        (AbortStep::Voiding, Some("in_1")),
        (AbortStep::Restoring, Some("in_1")),
    ] {
        let mut ana = Ana::stands_in(World::subscribed(), aborting(step, invoice));
        for facts in [
            ana.world.facts_before(),
            ana.declines(Decline::Generic),
            ana.void(),
        ] {
            let seen = Event::PaymentSeen { facts };
            let answer = ana.tries(seen, Actor::provider());
            assert!(answer.is_err(), "{step:?}: the call's own answer decides");
        }
    }
}

#[test]
fn p4_an_invoice_that_the_provider_refuses_to_void_waits_for_a_person_and_is_not_asked_again_and_again() {
    let mut ana = Ana::stands_in(World::subscribed(), aborting(AbortStep::Awaiting, None));
    ana.live.push(Call::UpdateSubscription {
        subscription: "sub_1".to_owned(),
        customer: "cus_1".to_owned(),
        targets: Vec::new(),
        prorated_at: NOW,
        credits: Vec::new(),
    });
    let declined = ana.declines(Decline::Generic);
    ana.it_answers(CallAnswer::Payment(declined.clone()));
    ana.it_fails(refused());
    for _ in 0..3 {
        ana.looks_at_payment(declined.clone());
        assert_eq!(ana.calls(), [], "the same refusal would come back");
    }
    ana.support_retries();
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    ana.it_fails(refused());
    let void = ana.void();
    ana.looks_at_payment(void);
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "what became void meanwhile is taken in"
    );
}

#[test]
fn i14_a_subscription_that_cannot_be_ended_is_not_forgotten() {
    let stage = Stage::Aborting {
        payment: World::subscribed().first_payment(),
        reason: AbortReason::Deadline {
            from: StageName::PaymentConfirm,
        },
        step: AbortStep::Voiding,
        invoice: Some("in_1".to_owned()),
    };
    let mut ana = Ana::stands_in(World::newcomer(), stage);
    ana.live.push(Call::VoidInvoice {
        invoice: "in_1".to_owned(),
        subscription: "sub_new".to_owned(),
    });
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    ana.it_fails(refused());
    assert_eq!(
        ana.at(),
        "payment_confirm.aborting",
        "it still lives at the provider"
    );
    ana.support_retries();
    assert_eq!(ana.the_only_call(), CallName::CancelSubscription);
    ana.it_fails(wrong_state());
    assert_eq!(ana.at(), "expired", "it had ended by itself");
}

#[test]
fn a_payment_in_flight_is_not_voided() {
    for intent in [IntentStatus::Processing, IntentStatus::Succeeded] {
        let mut ana = Ana::stands_in(World::subscribed(), aborting(AbortStep::Looking, Some("in_1")));
        let facts = ana.open(intent, None);
        ana.looks_at_payment(facts);
        assert_eq!(ana.calls(), []);
        assert_eq!(ana.at(), "payment_confirm.aborting");
    }
}

/// The customer paid and was switched, nobody remembers it, they gave up, and an edit at the provider took the switch back.
#[test]
fn p4_money_that_came_before_an_abort_is_a_paid_change_though_an_edit_took_the_plan_back() {
    for step in [AbortStep::Looking, AbortStep::Halted] {
        let mut ana = Ana::stands_in(World::subscribed(), aborting(step, Some("in_1")));
        let mut facts = ana.paid(ana.due());
        let items = &mut facts.items;
        items[0].quantity += 1;
        ana.looks_at_payment(facts.clone());
        assert_eq!(
            ana.at(),
            "payment_confirm.settling",
            "money wins over the wish to give up"
        );
        assert_eq!(ana.calls(), [], "a paid invoice is not voided");

        facts.items[0].quantity -= 1;
        ana.looks_at_payment(facts);
        assert_eq!(
            ana.at(),
            "active",
            "once the provider holds it, the change is done"
        );
    }
}
