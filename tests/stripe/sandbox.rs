//! The room against the sandbox over real HTTP: a plan is bought, raised, refused, authenticated, given up, and paid back.

use std::sync::atomic::Ordering;

use changeover::domain::catalog::Anchoring;
use changeover::domain::change::{
    Call, CallAnswer, CallFailure, ChangeId, Decline, FirstPeriod, IntentStatus, InvoiceStatus,
    SubscriptionStatus,
};
use changeover::ports::payments::{CallError, Found, Marks, Payments as _, PreviewAsk};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use uuid::Uuid;

use super::shop::{DAY, Shop};
use super::things::{AT, at, brl};

#[tokio::test]
async fn what_was_previewed_is_what_is_charged() {
    let shop = Shop::open("pm_card_visa").await;
    let bought = shop.buy().await;
    assert_eq!(
        bought.invoice.as_ref().expect("an invoice").status,
        InvoiceStatus::Paid
    );
    shop.time.store(AT + 5 * DAY, Ordering::SeqCst);
    let update = shop.update(&bought, 7, AT + 5 * DAY);
    let Call::UpdateSubscription { targets, .. } = &update else {
        panic!("an update")
    };
    let preview = shop
        .preview(Some(&bought.subscription), targets, AT + 5 * DAY)
        .await;
    assert!(preview.amount_due > brl(0));
    let marks = shop.next_marks();
    let Ok(CallAnswer::Payment(raised)) = shop.perform_as(&update, &marks).await else {
        panic!("raised")
    };
    let invoice = raised.invoice.clone().expect("ours");
    assert_eq!(
        (invoice.status, invoice.amount_paid),
        (InvoiceStatus::Paid, preview.amount_due)
    );
    assert_eq!((raised.items.len(), raised.pending_until), (2, None));
    let replayed = shop.perform_as(&update, &marks).await;
    assert_eq!(
        replayed,
        Ok(CallAnswer::Payment(raised.clone())),
        "the same key charges once"
    );
    let found = shop.payments.find(&update, &marks).await;
    assert_eq!(found, Ok(Found::Happened(CallAnswer::Payment(raised.clone()))));
    let never = shop.payments.find(&update, &of_another_change(&shop)).await;
    assert_eq!(never, Ok(Found::Absent));
    let lost = shop.payments.find(&update, &shop.next_marks()).await;
    let adopted = Ok(Found::Happened(CallAnswer::Payment(raised.clone())));
    assert_eq!(
        lost, adopted,
        "F9: the same change has charged under an effect whose row is lost"
    );
    let refund = Call::Refund {
        invoice: invoice.id.clone(),
        amount: brl(1),
    };
    let marks = shop.next_marks();
    let refunded = shop.perform_as(&refund, &marks).await.expect("refunded");
    assert_eq!(shop.perform_as(&refund, &marks).await.as_ref(), Ok(&refunded));
    assert_eq!(
        shop.payments.find(&refund, &marks).await,
        Ok(Found::Happened(refunded))
    );
    let void = Call::VoidInvoice {
        invoice: invoice.id,
        subscription: raised.subscription,
    };
    let outcome = shop.perform(&void).await;
    assert!(
        matches!(outcome, Err(CallError::Failed(CallFailure::WrongState { .. }))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_refused_card_leaves_the_plan_and_another_card_carries_it() {
    let shop = Shop::open("pm_card_visa").await;
    let bought = shop.buy().await;
    let bad = shop.keep("pm_card_chargeCustomerFail").await;
    let set = Call::SetDefaultMethod {
        subscription: bought.subscription.clone(),
        method: Some(bad.clone()),
    };
    assert_eq!(shop.perform(&set).await, Ok(CallAnswer::MethodSet));
    let held = shop
        .payments
        .subscription(&bought.subscription)
        .await
        .expect("read");
    assert_eq!(
        (held.default_method.as_deref(), held.status),
        (Some(bad.as_str()), SubscriptionStatus::Active)
    );
    let refused = shop.facts(&shop.update(&bought, 3, AT)).await;
    assert_eq!(
        refused.invoice.as_ref().expect("ours").status,
        InvoiceStatus::Open
    );
    assert_eq!(
        (refused.intent, refused.decline),
        (Some(IntentStatus::RequiresPaymentMethod), Some(Decline::Generic))
    );
    assert!(refused.pending_until.is_some());
    assert_eq!(refused.items.len(), 1, "the plan is as before");
    let again = shop.facts(&shop.pay(&refused, &bad)).await;
    assert_eq!(again.decline, Some(Decline::Generic));
    let good = shop.payments.cards(&shop.customer).await.expect("read");
    let good = good.iter().find(|card| card.id != bad).expect("the first card");
    let paid = shop.facts(&shop.pay(&refused, &good.id)).await;
    assert_eq!(paid.invoice.as_ref().expect("ours").status, InvoiceStatus::Paid);
    assert_eq!(
        (paid.items.len(), paid.pending_until, paid.decline),
        (2, None, None)
    );
    let taken_away = Call::SetDefaultMethod {
        subscription: bought.subscription.clone(),
        method: None,
    };
    assert_eq!(shop.perform(&taken_away).await, Ok(CallAnswer::MethodSet));
    let held = shop
        .payments
        .subscription(&bought.subscription)
        .await
        .expect("read");
    assert_eq!(held.default_method, None);
}

#[tokio::test]
async fn a_payment_that_waits_for_the_customer_can_be_given_up() {
    let shop = Shop::open("pm_card_visa").await;
    let bought = shop.buy().await;
    let careful = shop.keep("pm_card_authenticationRequired").await;
    let set = Call::SetDefaultMethod {
        subscription: bought.subscription.clone(),
        method: Some(careful.clone()),
    };
    shop.perform(&set).await.expect("set");
    let mut waiting = shop.facts(&shop.update(&bought, 3, AT)).await;
    if waiting.intent != Some(IntentStatus::RequiresAction) {
        waiting = shop.facts(&shop.pay(&waiting, &careful)).await;
    }
    assert_eq!(
        (waiting.intent, waiting.decline),
        (Some(IntentStatus::RequiresAction), None)
    );
    let invoice = waiting.invoice.clone().expect("ours");
    let secret = shop
        .payments
        .client_secret(&invoice.id)
        .await
        .expect("read")
        .expect("a secret");
    assert!(secret.contains("_secret_"));
    let void = Call::VoidInvoice {
        invoice: invoice.id.clone(),
        subscription: waiting.subscription.clone(),
    };
    let voided = shop.facts(&void).await;
    assert_eq!(voided.invoice.expect("ours").status, InvoiceStatus::Void);
    assert_eq!((voided.items.len(), voided.pending_until), (1, None));
    let read = shop
        .payments
        .payment(&waiting.subscription, Some(&invoice.id))
        .await
        .expect("read");
    assert_eq!(read.intent, Some(IntentStatus::Canceled));
}

#[tokio::test]
async fn a_first_subscription_that_is_never_paid_is_ended() {
    let shop = Shop::open("pm_card_visa").await;
    let create = Call::CreateSubscription {
        customer: shop.customer.clone(),
        targets: vec![shop.target("plan", None, 1)],
        first_period: FirstPeriod {
            starts_at: at(AT),
            anchor: at(AT + 20 * DAY),
            anchoring: Anchoring::FirstRenewal,
        },
        method: None,
        automatic_tax: false,
        tax_rates: Vec::new(),
    };
    let marks = shop.next_marks();
    let Ok(CallAnswer::Payment(made)) = shop.perform_as(&create, &marks).await else {
        panic!("made")
    };
    let found = shop.payments.find(&create, &marks).await;
    assert_eq!(found, Ok(Found::Happened(CallAnswer::Payment(made.clone()))));
    assert_eq!(
        shop.payments.find(&create, &of_another_change(&shop)).await,
        Ok(Found::Absent)
    );
    assert_eq!(
        shop.payments.find(&shop.pay(&made, "pm_1"), &marks).await,
        Ok(Found::Absent)
    );
    let invoice = made.invoice.clone().expect("ours").id;
    shop.facts(&Call::VoidInvoice {
        invoice,
        subscription: made.subscription.clone(),
    })
    .await;
    let cancel = Call::CancelSubscription {
        subscription: made.subscription,
    };
    assert_eq!(shop.perform(&cancel).await, Ok(CallAnswer::SubscriptionCancelled));
    assert_eq!(
        shop.perform(&cancel).await,
        Ok(CallAnswer::SubscriptionCancelled),
        "and stays so"
    );
}

#[tokio::test]
async fn billing_data_reaches_the_customer() {
    let shop = Shop::open("pm_card_visa").await;
    let (customer, identity) = (shop.customer.clone(), Uuid::nil());
    let save = Call::SaveCustomer {
        customer: Some(customer.clone()),
        identity,
    };
    let marks = shop.next_marks();
    let saved = Ok(CallAnswer::CustomerSaved {
        customer: customer.clone(),
    });
    assert_eq!(shop.perform_as(&save, &marks).await, saved);
    assert_eq!(
        shop.payments.find(&save, &marks).await,
        saved.map(Found::Happened).map_err(|_| unreachable!())
    );
    let new = Call::SaveCustomer {
        customer: None,
        identity,
    };
    assert_eq!(
        shop.payments.find(&new, &shop.next_marks()).await,
        Ok(Found::Absent)
    );
    let add = Call::AddTaxId {
        customer: customer.clone(),
        identity,
    };
    let Ok(CallAnswer::TaxIdAdded { tax_id }) = shop.perform(&add).await else {
        panic!("added")
    };
    let remove = Call::RemoveTaxId { customer, tax_id };
    assert_eq!(shop.payments.find(&remove, &marks).await, Ok(Found::Absent));
    for _ in 0..2 {
        assert_eq!(shop.perform(&remove).await, Ok(CallAnswer::TaxIdRemoved));
    }
    let removed = Ok(Found::Happened(CallAnswer::TaxIdRemoved));
    assert_eq!(shop.payments.find(&remove, &marks).await, removed);
}

#[tokio::test]
async fn faults_after_the_effect_are_unknown_and_then_found() {
    let shop = Shop::open("pm_card_visa").await;
    let bought = shop.buy().await;
    let path = format!("/v1/subscriptions/{}", bought.subscription);
    let fault = serde_json::json!({"method": "POST", "path": path, "action": "reset_after"}).to_string();
    let client: Client<_, Full<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request = hyper::Request::post(format!("{}/_sandbox/faults", shop.address))
        .header("content-type", "application/json")
        .body(Full::new(bytes::Bytes::from(fault)))
        .expect("a request");
    assert!(
        client
            .request(request)
            .await
            .expect("an answer")
            .status()
            .is_success()
    );
    let (update, marks) = (shop.update(&bought, 3, AT), shop.next_marks());
    let lost = shop.perform_as(&update, &marks).await;
    assert!(matches!(lost, Err(CallError::Unknown { .. })), "{lost:?}");
    let found = shop.payments.find(&update, &marks).await.expect("read");
    let again = shop.perform_as(&update, &marks).await.expect("the stored answer");
    assert_eq!(found, Found::Happened(again));
}

#[tokio::test]
async fn somebody_who_is_no_customer_yet_sees_the_same_price() {
    let shop = Shop::open("pm_card_visa").await;
    let targets = [shop.target("plan", None, 1), shop.target("item:device", None, 7)];
    let known = shop.preview(None, &targets, AT).await;
    let stranger = PreviewAsk {
        customer: None,
        ..shop.ask(None, &targets, AT)
    };
    let unknown = shop.payments.preview(&stranger).await.expect("previewed");
    assert_eq!(
        (&unknown.lines, unknown.amount_due),
        (&known.lines, known.amount_due)
    );
    let sum: i64 = known.lines.iter().map(|line| line.amount.amount).sum();
    assert_eq!((known.lines.len(), brl(sum)), (2, known.subtotal));
    assert!(
        known
            .lines
            .iter()
            .all(|line| (line.from, line.until) == (at(AT), at(AT + 20 * DAY)))
    );
}

#[tokio::test]
async fn a_whole_first_period_costs_the_whole_price() {
    let shop = Shop::open("pm_card_visa").await;
    // 2026-11-10 to 2026-12-10, begun some minutes before the request arrives.
    let first = FirstPeriod {
        starts_at: at(AT),
        anchor: at(AT + 30 * DAY),
        anchoring: Anchoring::FirstRenewal,
    };
    shop.time.store(AT + 300, Ordering::SeqCst);
    let targets = [shop.target("plan", None, 1)];
    let ask = PreviewAsk {
        first_period: Some(first),
        ..shop.ask(None, &targets, AT)
    };
    let preview = shop.payments.preview(&ask).await.expect("previewed");
    assert_eq!(preview.amount_due, brl(4990));
    let create = Call::CreateSubscription {
        customer: shop.customer.clone(),
        targets: targets.to_vec(),
        first_period: first,
        method: None,
        automatic_tax: false,
        tax_rates: Vec::new(),
    };
    let made = shop.facts(&create).await;
    assert_eq!(made.invoice.expect("ours").amount_due, brl(4990));
    assert_eq!(made.period_end, Some(at(AT + 30 * DAY)));
}

/// Marks of a change that has asked for nothing yet.
fn of_another_change(shop: &Shop) -> Marks {
    Marks {
        change: ChangeId(Uuid::from_u128(2)),
        ..shop.next_marks()
    }
}
