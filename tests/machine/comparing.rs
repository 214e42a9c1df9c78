//! Comparing with the provider: which difference is what, and what is safe to do about it. Nothing here may ever charge.

use std::collections::BTreeSet;

use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    Call, ChangeId, EffectId, InvoiceFacts, InvoiceStatus, Party, Payment, Receipt, Stage, StageName,
    SubscriptionFacts, SubscriptionStatus, VoucherKind,
};
use changeover::domain::reconcile::{
    Finding, FindingCode, Holdings, InvoiceReason, KnownCall, KnownCallState, KnownChange, Local,
    MarkedInvoice, MarkedSubscription, Repair, SeenMarks, plan,
};
use uuid::Uuid;

const CHANGE: ChangeId = ChangeId(Uuid::from_u128(50));
const EFFECT: EffectId = EffectId(Uuid::from_u128(60));
const LOST: EffectId = EffectId(Uuid::from_u128(61));

/// A contract with one change, and what the provider holds of both.
struct Scene {
    world: World,
    changes: Vec<KnownChange>,
    holdings: Holdings,
}

impl Scene {
    /// Ana had gone up, as far as the provider is concerned: it was paid, and is held. The change stands in `stage`.
    fn paid_at_the_provider(stage: Stage) -> Self {
        let world = World::subscribed();
        let payment = world.payment();
        let after = world.facts_after(&payment.deal);
        let own = MarkedSubscription {
            facts: SubscriptionFacts {
                id: "sub_1".to_owned(),
                customer: "cus_1".to_owned(),
                status: SubscriptionStatus::Active,
                currency: world.contract.currency,
                charges_automatically: true,
                flexible_billing: true,
                ends_at: None,
                paused: false,
                schedule: None,
                pending_until: None,
                default_method: None,
                automatic_tax: false,
                tax_rates: Vec::new(),
                items: after.items,
            },
            marks: Some(marks(&payment, EFFECT)),
        };
        let invoice = invoice(&payment, "in_late", InvoiceStatus::Paid, EFFECT);
        Self {
            changes: vec![known(stage, &payment)],
            holdings: Holdings {
                subscriptions: vec![own],
                invoices: vec![invoice],
            },
            world,
        }
    }

    fn plan(&self) -> Vec<Finding> {
        let local = Local {
            contract: &self.world.contract,
            customer: "cus_1",
            elsewhere: BTreeSet::new(),
            changes_elsewhere: BTreeSet::new(),
            changes: self.changes.clone(),
        };
        plan(&local, &self.holdings)
    }

    #[track_caller]
    fn only(&self) -> Finding {
        let [one] = &self.plan()[..] else {
            panic!("one finding, not {:?}", self.plan());
        };
        one.clone()
    }

    /// Somebody has put the old lines back meanwhile.
    fn is_put_back(&mut self) {
        self.holdings.subscriptions[0].facts.items = self.world.facts_before().items;
    }

    fn was_called(&mut self, call: Call, effect: EffectId, state: KnownCallState) {
        self.changes[0].calls.push(KnownCall { effect, call, state });
    }
}

fn marks(payment: &Payment, effect: EffectId) -> SeenMarks {
    SeenMarks {
        change: CHANGE,
        effect,
        voucher: None,
        prorated_at: Some(payment.deal.quote.prorated_at),
    }
}

fn invoice(payment: &Payment, id: &str, status: InvoiceStatus, effect: EffectId) -> MarkedInvoice {
    let due = payment.deal.quote.due_today;
    MarkedInvoice {
        facts: InvoiceFacts {
            id: id.to_owned(),
            status,
            amount_due: due,
            amount_paid: if status == InvoiceStatus::Paid {
                due
            } else {
                World::money(0)
            },
            hosted_url: None,
        },
        subscription: Some("sub_1".to_owned()),
        reason: InvoiceReason::Updated,
        marks: Some(marks(payment, effect)),
        at_our_instant: true,
    }
}

fn known(stage: Stage, payment: &Payment) -> KnownChange {
    KnownChange {
        id: CHANGE,
        stage,
        deal: Some(payment.deal.clone()),
        payment: Some(payment.clone()),
        terms_version: "2026-01".to_owned(),
        calls: Vec::new(),
        succeeded: false,
    }
}

fn cancelled() -> Stage {
    Stage::Cancelled {
        by: Party::Customer,
        why: String::new(),
        from: StageName::PaymentConfirm,
    }
}

fn active(invoice: &str) -> Stage {
    let payment = World::subscribed().payment();
    Stage::Active {
        receipt: Receipt {
            charged: payment.deal.quote.due_today,
            invoice: Some(invoice.to_owned()),
            url: None,
            excess: None,
            refund: None,
            never_happened: 0,
            card: None,
            at: NOW,
        },
        deal: payment.deal,
    }
}

fn refund() -> Call {
    Call::Refund {
        invoice: "in_late".to_owned(),
        amount: World::subscribed().payment().deal.quote.due_today,
    }
}

fn charge() -> Call {
    Call::UpdateSubscription {
        subscription: "sub_1".to_owned(),
        customer: "cus_1".to_owned(),
        targets: Vec::new(),
        prorated_at: NOW,
        credits: Vec::new(),
    }
}

#[test]
fn what_is_paid_and_on_a_receipt_is_as_it_should_be() {
    let mut scene = Scene::paid_at_the_provider(active("in_late"));
    scene.was_called(charge(), EFFECT, KnownCallState::Done);
    assert_eq!(scene.plan(), []);
}

#[test]
fn b13_late_money_for_what_is_held_is_honoured() {
    let scene = Scene::paid_at_the_provider(cancelled());
    let found = scene.only();
    assert_eq!((found.code, found.change), (FindingCode::LateMoney, Some(CHANGE)));
    let Repair::Honour(payment, invoice) = found.repair else {
        panic!("honoured, not {:?}", found.repair);
    };
    assert_eq!(invoice.id, "in_late");
    assert_eq!(payment.subscription.as_deref(), Some("sub_1"));
}

#[test]
fn b13_late_money_is_dealt_with_once() {
    let mut honoured = Scene::paid_at_the_provider(cancelled());
    honoured.changes[0].succeeded = true;
    assert_eq!(honoured.plan(), []);
    let mut given_back = Scene::paid_at_the_provider(cancelled());
    given_back.is_put_back();
    assert_eq!(given_back.only().repair, Repair::CleanUp(refund()));
    given_back.was_called(refund(), LOST, KnownCallState::Done);
    assert_eq!(given_back.plan(), []);
}

#[test]
fn money_that_the_provider_does_not_give_back_waits_for_a_person() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    scene.is_put_back();
    for _ in 0..2 {
        assert!(matches!(scene.only().repair, Repair::CleanUp(_)));
        scene.was_called(refund(), LOST, KnownCallState::NotDone);
    }
    assert_eq!(scene.only().repair, Repair::Human);
}

#[test]
fn while_a_call_is_on_its_way_there_is_nothing_to_compare() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    scene.was_called(charge(), EFFECT, KnownCallState::Owed);
    assert_eq!(scene.plan(), []);
}

#[test]
fn late_money_beside_another_open_change_waits_for_a_person() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    let mut other = known(
        Stage::Draft {
            selection: World::selection("basic", 3),
            problem: None,
        },
        &scene.world.payment(),
    );
    other.id = ChangeId(Uuid::from_u128(51));
    scene.changes.push(other);
    assert_eq!(scene.only().repair, Repair::Human);
}

#[test]
fn late_money_for_a_contract_that_has_moved_on_waits_for_a_person() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    for line in &mut scene.world.contract.lines {
        line.quantity += 7;
    }
    assert_eq!(scene.only().repair, Repair::Human);
}

#[test]
fn i2_what_a_lost_life_paid_twice_goes_back_and_what_one_effect_paid_twice_waits_for_a_person() {
    let mut scene = Scene::paid_at_the_provider(active("in_receipt"));
    let payment = scene.world.payment();
    let receipt = invoice(&payment, "in_receipt", InvoiceStatus::Paid, LOST);
    scene.holdings.invoices.push(receipt);
    let found = scene.only();
    assert_eq!(
        (found.code, &found.repair),
        (FindingCode::PaidTwice, &Repair::CleanUp(refund()))
    );
    scene.was_called(charge(), EFFECT, KnownCallState::Done);
    assert_eq!(scene.only().repair, Repair::Human);
}

#[test]
fn what_only_inherits_our_marks_is_none_of_ours() {
    for (reason, at_our_instant) in [(InvoiceReason::Other, true), (InvoiceReason::Updated, false)] {
        let mut scene = Scene::paid_at_the_provider(cancelled());
        scene.holdings.invoices[0].reason = reason;
        scene.holdings.invoices[0].at_our_instant = at_our_instant;
        assert_eq!(scene.plan(), [], "{reason:?}");
    }
}

#[test]
fn b1_an_invoice_that_is_left_behind_is_voided() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    for status in [InvoiceStatus::Open, InvoiceStatus::Uncollectible] {
        scene.holdings.invoices[0].facts.status = status;
        let found = scene.only();
        assert_eq!(
            (found.code, found.repair.as_str()),
            (FindingCode::OpenInvoice, "void_invoice")
        );
    }
    scene.holdings.invoices[0].facts.status = InvoiceStatus::Void;
    assert_eq!(scene.plan(), []);
}

#[test]
fn an_open_change_is_told_of_the_invoice_that_it_lost() {
    let world = World::subscribed();
    let choosing = Stage::Choosing {
        deal: world.payment().deal,
        method: None,
        refused: None,
    };
    let mut scene = Scene::paid_at_the_provider(choosing);
    assert_eq!(scene.only().repair.as_str(), "adopt");
    // Chosen anew since: it is another deal, and nobody's guess.
    if let Some(deal) = &mut scene.changes[0].deal {
        deal.quote.prorated_at += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(scene.only().repair, Repair::Human);
    // A change that knows of its invoice looks after it itself.
    scene.changes[0].stage = Stage::Settling {
        payment: world.payment(),
        invoice: world.open_invoice(),
        paid: false,
        voucher: None,
    };
    assert_eq!(scene.plan(), []);
}

#[test]
fn a_second_subscription_of_ours_is_ended_and_somebody_elses_is_not_touched() {
    let mut scene = Scene::paid_at_the_provider(active("in_late"));
    let mut second = scene.holdings.subscriptions[0].clone();
    second.facts.id = "sub_2".to_owned();
    scene.holdings.subscriptions.push(second);
    let mut first = invoice(&scene.world.payment(), "in_first", InvoiceStatus::Void, LOST);
    first.subscription = Some("sub_2".to_owned());
    first.reason = InvoiceReason::Created;
    scene.holdings.invoices.push(first);
    let found = scene.only();
    assert_eq!(
        (found.code, found.repair.as_str()),
        (FindingCode::DuplicateSubscription, "end_subscription")
    );
    scene.holdings.subscriptions[1].marks = None;
    assert_eq!(scene.plan(), []);
}

#[test]
fn what_an_active_change_bought_is_never_taken_for_left_over() {
    let mut scene = Scene::paid_at_the_provider(active("in_late"));
    // Whatever the contract reads like: the receipt names the invoice of this subscription.
    scene.world.contract.subscription = None;
    let found = scene.only();
    assert_eq!(
        (found.code, found.repair),
        (FindingCode::ProviderAhead, Repair::Human)
    );
    // Where the invoice is of long ago, the effect that charged tells it.
    scene.holdings.invoices.clear();
    scene.was_called(charge(), EFFECT, KnownCallState::Done);
    let repairs = scene.plan();
    assert!(
        repairs.iter().all(|found| found.repair == Repair::Human),
        "{repairs:?}"
    );
}

#[test]
fn what_a_change_only_changed_is_never_ended() {
    let lowered = Call::LowerSubscription {
        subscription: "sub_1".to_owned(),
        targets: Vec::new(),
    };
    let mut scene = Scene::paid_at_the_provider(cancelled());
    scene.holdings.invoices.clear();
    scene.was_called(lowered, EFFECT, KnownCallState::Done);
    // Whatever the contract reads like: it was there before the change.
    scene.world.contract.subscription = None;
    let found = scene.only();
    assert_eq!(
        (found.code, found.repair),
        (FindingCode::ProviderAhead, Repair::Human)
    );
}

#[test]
fn what_a_successor_pays_for_is_not_left_over_while_it_is_on_its_way() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    let mut payment = World::subscribed().payment();
    scene.changes[0].succeeded = true;
    scene.world.contract.subscription = None;
    payment.subscription = Some("sub_1".to_owned());
    let settling = Stage::Settling {
        payment: payment.clone(),
        invoice: World::subscribed().open_invoice(),
        paid: true,
        voucher: None,
    };
    let mut successor = known(settling, &payment);
    successor.id = ChangeId(Uuid::from_u128(51));
    scene.changes.push(successor);
    assert_eq!(scene.plan(), []);
}

#[test]
fn b10_a_schedule_is_seen_and_never_touched() {
    let mut scene = Scene::paid_at_the_provider(active("in_late"));
    scene.holdings.subscriptions[0].facts.schedule = Some("sub_sched_1".to_owned());
    let found = scene.only();
    assert_eq!(
        (found.code, found.repair),
        (FindingCode::OrphanSchedule, Repair::Human)
    );
}

#[test]
fn f9_what_names_a_change_that_is_not_known_here_waits_for_a_person() {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    scene.changes.clear();
    let found = scene.only();
    assert_eq!(
        (found.code, found.change, found.repair),
        (FindingCode::UnknownObject, None, Repair::Human)
    );
}

#[test]
fn what_only_we_believe_in_is_not_given_up_but_shown() {
    let mut scene = Scene::paid_at_the_provider(active("in_late"));
    scene.holdings.invoices[0].facts.status = InvoiceStatus::Void;
    assert_eq!(scene.only().code, FindingCode::LocalAhead);
    scene.holdings = Holdings::default();
    let found = scene.only();
    assert_eq!(
        (found.code, found.evidence.object.as_str()),
        (FindingCode::LocalAhead, "sub_1")
    );
}

/// A one-off invoice that Ana paid at her bank after the change was over; the provider holds what it held.
fn sent_late(voucher: VoucherKind) -> Scene {
    let mut scene = Scene::paid_at_the_provider(cancelled());
    scene.is_put_back();
    let seen = &mut scene.holdings.invoices[0];
    seen.reason = InvoiceReason::OneOff;
    seen.subscription = None;
    if let Some(marks) = &mut seen.marks {
        marks.voucher = Some(voucher);
    }
    scene
}

#[test]
fn b12_money_that_was_sent_late_brings_what_it_was_sent_for() {
    let Repair::Honour(payment, invoice) = sent_late(VoucherKind::Boleto).only().repair else {
        panic!("honoured");
    };
    assert_eq!(invoice.id, "in_late");
    assert_eq!(
        payment.method.and_then(|method| method.voucher()),
        Some(VoucherKind::Boleto)
    );
}

#[test]
fn b12_money_for_a_period_that_is_over_becomes_a_credit_or_goes_back() {
    for (voucher, repair) in [(VoucherKind::Boleto, "credit"), (VoucherKind::Pix, "give_back")] {
        let mut scene = sent_late(voucher);
        for item in &mut scene.holdings.subscriptions[0].facts.items {
            item.period_end += jiff::SignedDuration::from_hours(24 * 31);
        }
        assert_eq!(scene.only().repair.as_str(), repair);
    }
}

#[test]
fn b12_a_credit_is_given_once() {
    let mut scene = sent_late(VoucherKind::Boleto);
    for line in &mut scene.world.contract.lines {
        line.quantity += 7;
    }
    let found = scene.only();
    let Repair::CleanUp(call) = found.repair else {
        panic!("a credit, not {:?}", found.repair);
    };
    assert!(matches!(call, Call::CreditBalance { .. }));
    scene.was_called(call, LOST, KnownCallState::Done);
    assert_eq!(scene.plan(), []);
}
