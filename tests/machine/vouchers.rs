//! Stories of money that the customer sends: nothing is switched before it is there, and nothing of it is lost.

use changeover::domain::change::samples::World;
use changeover::domain::change::{
    AbortReason, Call, CallAnswer, CallFailure, CallName, ChargeStep, Decline, Event, IntentStatus,
    InvoiceFacts, NextAction, PaymentFacts, RefusalCode, Stage, Tell,
};

use super::ana::Ana;

fn ready() -> Ana {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    ana.does(Event::ChooseMethod {
        method: World::by_boleto(),
    });
    ana
}

/// The one-off invoice as it stands with the bank's word about it.
fn one_off(ana: &Ana, intent: IntentStatus, decline: Option<Decline>) -> PaymentFacts {
    PaymentFacts {
        pending_until: None,
        intent_id: Some("pi_1".to_owned()),
        voucher: (intent == IntentStatus::RequiresAction).then(|| Box::new(World::voucher())),
        ..ana.open(intent, decline)
    }
}

/// It is paid, and the provider still holds what it held.
fn paid(ana: &Ana) -> PaymentFacts {
    PaymentFacts {
        invoice: ana.paid(ana.due()).invoice,
        intent: Some(IntentStatus::Succeeded),
        ..ana.world.facts_before()
    }
}

/// Ana has said yes, and her boleto is there.
fn asked_for_the_money() -> Ana {
    let mut ana = ready();
    ana.confirms();
    ana.is_verified();
    assert_eq!(ana.the_only_call(), CallName::DraftInvoice);
    ana.it_answers(CallAnswer::InvoiceDrafted {
        invoice: "in_1".to_owned(),
    });
    for _ in 0..ana.deal().quote.lines.len() {
        assert_eq!(ana.the_only_call(), CallName::AddInvoiceLine);
        ana.it_answers(CallAnswer::InvoiceLineAdded);
    }
    assert_eq!(ana.the_only_call(), CallName::FinalizeInvoice);
    let open = one_off(&ana, IntentStatus::RequiresPaymentMethod, None);
    ana.it_answers(CallAnswer::Payment(open));
    assert_eq!(ana.the_only_call(), CallName::IssueVoucher);
    let waits = one_off(&ana, IntentStatus::RequiresAction, None);
    ana.it_answers(CallAnswer::Payment(waits));
    assert_eq!(ana.at(), "payment_confirm.settling");
    ana
}

#[test]
fn p3_the_items_change_only_once_the_boleto_is_paid() {
    let mut ana = asked_for_the_money();
    assert_eq!(ana.live, [], "now it is the customer's turn");
    assert_eq!(ana.heard(Tell::VoucherIssued), 1);
    assert_eq!(ana.world.contract.plan.as_str(), "basic");
    let on_its_way = one_off(&ana, IntentStatus::Processing, None);
    ana.looks_at_payment(on_its_way);
    assert_eq!(ana.at(), "payment_confirm.settling");
    assert_eq!(ana.live, []);
    let there = paid(&ana);
    ana.looks_at_payment(there);
    assert_eq!(ana.the_only_call(), CallName::SwitchSubscription);
    let switched = ana.paid(ana.due());
    ana.it_answers(CallAnswer::Payment(switched));
    let Stage::Active { receipt, .. } = &ana.stage else {
        panic!("it should be done, not `{}`", ana.at());
    };
    assert_eq!(receipt.invoice.as_deref(), Some("in_1"));
    assert_eq!(ana.world.contract.plan.as_str(), "pro");
}

#[test]
fn what_was_paid_outside_the_subscription_is_remembered_with_the_lines() {
    let mut ana = asked_for_the_money();
    let there = paid(&ana);
    ana.looks_at_payment(there);
    let switched = ana.paid(ana.due());
    ana.it_answers(CallAnswer::Payment(switched));
    let remembered = ana
        .world
        .contract
        .lines
        .iter()
        .filter(|line| line.outside.is_some());
    assert!(remembered.count() > 0, "{:?}", ana.world.contract.lines);
}

#[test]
fn every_line_of_the_invoice_is_one_of_the_quote() {
    let mut ana = ready();
    ana.confirms();
    ana.is_verified();
    ana.it_answers(CallAnswer::InvoiceDrafted {
        invoice: "in_1".to_owned(),
    });
    let mut asked = 0;
    while let [Call::AddInvoiceLine { amount, .. }] = &ana.live[..] {
        asked += amount.amount;
        ana.it_answers(CallAnswer::InvoiceLineAdded);
    }
    assert_eq!(asked, ana.due().amount, "what is asked for is what was confirmed");
}

#[test]
fn a_boleto_that_nobody_pays_is_voided_before_she_chooses_again() {
    let mut ana = asked_for_the_money();
    ana.waits(90);
    ana.time_is_up();
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    let NextAction::Wait = NextAction::of(&ana.stage) else {
        panic!("nothing can be chosen while the old boleto could be paid");
    };
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    let Stage::Choosing { refused, .. } = &ana.stage else {
        panic!("she chooses again, not `{}`", ana.at());
    };
    assert_eq!(*refused, Some(Decline::VoucherExpired));
}

#[test]
fn paid_in_the_last_moment_it_counts() {
    let mut ana = asked_for_the_money();
    ana.waits(90);
    ana.time_is_up();
    // Voiding is refused: the bank was faster.
    let there = paid(&ana);
    ana.it_answers(CallAnswer::Payment(there));
    assert_eq!(ana.the_only_call(), CallName::SwitchSubscription);
    let switched = ana.paid(ana.due());
    ana.it_answers(CallAnswer::Payment(switched));
    assert_eq!(ana.at(), "active");
}

#[test]
fn cancelling_voids_the_boleto_and_waits_while_the_money_is_on_its_way() {
    let mut ana = asked_for_the_money();
    ana.cancels();
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    // Voiding is refused while the bank has the money.
    let on_its_way = one_off(&ana, IntentStatus::Processing, None);
    ana.it_answers(CallAnswer::Payment(on_its_way.clone()));
    assert!(matches!(ana.stage, Stage::Aborting { .. }), "{}", ana.at());
    ana.looks_at_payment(on_its_way);
    assert_eq!(
        ana.heard(Tell::Cancelled),
        0,
        "nothing is said before it is known"
    );
    // It does not arrive: now it is over.
    let bounced = one_off(&ana, IntentStatus::RequiresPaymentMethod, Some(Decline::Generic));
    ana.looks_at_payment(bounced);
    if ana.live.iter().any(|call| call.name() == CallName::VoidInvoice) {
        let void = ana.void();
        ana.it_answers(CallAnswer::Payment(void));
    }
    assert!(matches!(ana.stage, Stage::Cancelled { .. }), "{}", ana.at());
}

#[test]
fn money_that_does_not_arrive_is_told_and_she_chooses_again() {
    let mut ana = asked_for_the_money();
    let on_its_way = one_off(&ana, IntentStatus::Processing, None);
    ana.looks_at_payment(on_its_way);
    let bounced = one_off(&ana, IntentStatus::RequiresPaymentMethod, Some(Decline::Generic));
    ana.looks_at_payment(bounced);
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    assert!(
        matches!(ana.stage, Stage::Choosing { refused: Some(_), .. }),
        "{}",
        ana.at()
    );
}

#[test]
fn a_renewal_in_between_voids_the_boleto_and_quotes_anew() {
    let mut ana = asked_for_the_money();
    let end = ana.deal().quote.period_end.expect("a period");
    ana.now = end;
    let waits = one_off(&ana, IntentStatus::RequiresAction, None);
    ana.looks_at_payment(waits);
    assert_eq!(ana.the_only_call(), CallName::VoidInvoice);
    let void = ana.void();
    ana.it_answers(CallAnswer::Payment(void));
    assert!(!ana.stage.is_terminal(), "{}", ana.at());
    assert!(!matches!(ana.stage, Stage::Settling { .. }));
}

#[test]
fn paid_after_the_renewal_it_becomes_a_credit_and_a_new_quote() {
    let mut ana = asked_for_the_money();
    let end = ana.deal().quote.period_end.expect("a period");
    ana.now = end;
    let there = paid(&ana);
    ana.looks_at_payment(there);
    let [Call::CreditBalance { amount, .. }] = &ana.live[..] else {
        panic!("a credit, not {:?}", ana.live);
    };
    assert_eq!(*amount, ana.due());
    assert_eq!(ana.heard(Tell::PaidTooLate), 1);
    ana.it_answers(CallAnswer::BalanceCredited {
        movement: "cbtxn_1".to_owned(),
    });
    assert!(!ana.stage.is_terminal(), "{}", ana.at());
    assert_eq!(
        ana.world.contract.plan.as_str(),
        "basic",
        "nothing was switched for it"
    );
}

#[test]
fn what_is_paid_is_switched_and_cannot_be_called_off() {
    let mut ana = asked_for_the_money();
    let there = paid(&ana);
    ana.looks_at_payment(there);
    let refusal = ana.cannot(Event::Cancel {
        why: "changed her mind".to_owned(),
    });
    assert_eq!(refusal.code, RefusalCode::PaymentInFlight);
    // The provider refuses to switch: a person looks, and the money is not forgotten.
    ana.it_fails(CallFailure::Refused {
        code: "permission_denied".to_owned(),
        message: "The key may not do this.".to_owned(),
    });
    let Stage::Charging {
        step: ChargeStep::Halted { invoice, .. },
        ..
    } = &ana.stage
    else {
        panic!("a person looks, not `{}`", ana.at());
    };
    assert!(invoice.is_some());
}

#[test]
fn an_invoice_over_another_amount_is_never_asked_for() {
    let mut ana = ready();
    ana.confirms();
    ana.is_verified();
    ana.it_answers(CallAnswer::InvoiceDrafted {
        invoice: "in_1".to_owned(),
    });
    for _ in 0..ana.deal().quote.lines.len() {
        ana.it_answers(CallAnswer::InvoiceLineAdded);
    }
    let open = one_off(&ana, IntentStatus::RequiresPaymentMethod, None);
    let more = World::money(ana.due().amount + 1);
    let wrong = PaymentFacts {
        invoice: open.invoice.clone().map(|invoice| InvoiceFacts {
            amount_due: more,
            ..invoice
        }),
        ..open
    };
    ana.it_answers(CallAnswer::Payment(wrong));
    let voided = ana.live.iter().map(Call::name).collect::<Vec<_>>();
    assert_eq!(voided, [CallName::VoidInvoice], "{}", ana.at());
    let Stage::Aborting {
        reason: AbortReason::AmountMoved | AbortReason::NotPossible { .. },
        ..
    } = &ana.stage
    else {
        panic!("given up, not `{}`", ana.at());
    };
}
