use changeover::domain::change::{
    Call, CallAnswer, CallFailure, Decline, IntentStatus, InvoiceStatus, PaymentFacts,
};
use changeover::ports::payments::{CallError, Payments as _};
use serde_json::{Value, json};

use super::stub::{Reply, Stub};
use super::things::{
    self, brl, intent, invoice, invoice_payment, list, marked, marks, prepared, subscription, with,
};

const UPDATE: &str = "POST /v1/subscriptions/sub_1";
const READ_SUBSCRIPTION: &str = "GET /v1/subscriptions/sub_1";
const READ_INVOICE: &str = "GET /v1/invoices/in_1";
const PAY: &str = "POST /v1/invoices/in_1/pay";

async fn perform(stub: &Stub, call: &Call) -> Result<CallAnswer, CallError> {
    let payments = stub.payments();
    let prepared = prepared(&payments, call);
    payments.perform(call, &marks(), &prepared, "key-1").await
}

async fn facts(stub: &Stub, call: &Call) -> PaymentFacts {
    match perform(stub, call).await {
        Ok(CallAnswer::Payment(facts)) => facts,
        other => panic!("{other:?}"),
    }
}

fn paid() -> Value {
    invoice(
        "paid",
        3000,
        vec![invoice_payment("paid", intent("succeeded", Value::Null))],
    )
}

fn waiting() -> Value {
    with(
        subscription(),
        json!({"pending_update": {"expires_at": things::AT + 3600, "metadata": marked(marks().effect)}}),
    )
}

#[tokio::test]
async fn a_paid_update_tells_invoice_payment_and_items() {
    let stub = Stub::start().await;
    stub.answers(UPDATE, Reply::ok(&subscription()))
        .answers(READ_SUBSCRIPTION, Reply::ok(&subscription()))
        .answers(READ_INVOICE, Reply::ok(&paid()));
    let facts = facts(&stub, &things::update()).await;
    let read = facts.invoice.expect("ours");
    assert_eq!((read.status, read.amount_paid), (InvoiceStatus::Paid, brl(3000)));
    assert_eq!(facts.intent, Some(IntentStatus::Succeeded));
    assert_eq!((facts.decline, facts.pending_until), (None, None));
    assert_eq!(
        facts.items[0].lookup_key.as_deref(),
        Some("clint.growth.price_growth.brl.month.0")
    );
    assert_eq!(facts.period_end, Some(things::at(things::PERIOD_END)));
    let sent = &stub.seen()[0];
    assert_eq!(sent.key.as_deref(), Some("key-1"));
    assert_eq!(sent.version.as_deref(), Some(super::schema::version()));
    assert_eq!(sent.authorization.as_deref(), Some("Bearer sk_test_stub"));
}

#[tokio::test]
async fn an_invoice_is_ours_only_by_reason_and_mark() {
    let other = with(paid(), json!({"billing_reason": "subscription_cycle"}));
    let parent = |metadata: Value| {
        json!({"parent": {"type": "subscription_details",
            "subscription_details": {"subscription": "sub_1", "metadata": metadata}}})
    };
    let foreign = with(paid(), parent(marked(things::effect(1))));
    for (read, held, is_ours) in [
        (paid(), subscription(), true),
        (other, subscription(), false),
        (foreign.clone(), subscription(), false),
        (with(paid(), parent(Value::Null)), subscription(), false),
        // The mark waits with the change; the waiting change's invoice is the latest.
        (with(paid(), parent(json!({}))), waiting(), true),
        (foreign, with(waiting(), json!({"latest_invoice": "in_2"})), false),
    ] {
        let stub = Stub::start().await;
        stub.answers(UPDATE, Reply::ok(&subscription()))
            .answers(READ_SUBSCRIPTION, Reply::ok(&held))
            .answers(READ_INVOICE, Reply::ok(&read));
        let facts = facts(&stub, &things::update()).await;
        assert_eq!(facts.invoice.is_some(), is_ours, "{read}");
        assert_eq!(facts.intent.is_some(), is_ours);
    }
}

#[tokio::test]
async fn a_refused_card_is_an_answer_with_its_reason() {
    let error = json!({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"});
    let open = invoice(
        "open",
        3000,
        vec![
            invoice_payment("canceled", Value::from("pi_0")),
            invoice_payment("open", intent("requires_payment_method", error)),
        ],
    );
    let stub = Stub::start().await;
    stub.answers(PAY, Reply::error(402, "card_error", "card_declined"))
        .answers(READ_SUBSCRIPTION, Reply::ok(&waiting()))
        .answers(READ_INVOICE, Reply::ok(&open));
    let facts = facts(&stub, &things::pay()).await;
    assert_eq!(facts.decline, Some(Decline::InsufficientFunds));
    assert_eq!(facts.intent, Some(IntentStatus::RequiresPaymentMethod));
    assert_eq!(facts.pending_until, Some(things::at(things::AT + 3600)));
}

#[tokio::test]
async fn a_stored_refusal_does_not_hide_that_the_money_came() {
    let stub = Stub::start().await;
    stub.answers(
        PAY,
        Reply::error(402, "card_error", "card_declined").with("idempotent-replayed", "true"),
    )
    .answers(READ_SUBSCRIPTION, Reply::ok(&subscription()))
    .answers(READ_INVOICE, Reply::ok(&paid()));
    let facts = facts(&stub, &things::pay()).await;
    assert_eq!(
        (facts.intent, facts.decline),
        (Some(IntentStatus::Succeeded), None)
    );
}

#[tokio::test]
async fn authentication_is_no_refusal() {
    let action = intent("requires_action", Value::Null);
    let open = invoice("open", 3000, vec![invoice_payment("open", action)]);
    let stub = Stub::start().await;
    stub.answers(
        PAY,
        Reply::error(402, "card_error", "invoice_payment_intent_requires_action"),
    )
    .answers(READ_SUBSCRIPTION, Reply::ok(&waiting()))
    .answers(READ_INVOICE, Reply::ok(&open));
    let facts = facts(&stub, &things::pay()).await;
    assert_eq!(
        (facts.intent, facts.decline),
        (Some(IntentStatus::RequiresAction), None)
    );
}

#[tokio::test]
async fn a_charge_whose_outcome_cannot_be_read_is_unknown() {
    for broken in [
        Reply::status(502, "<html>"),
        Reply::ok(&json!({"id": "in_1"})),
        Reply::error(429, "x", "rate_limit"),
    ] {
        let stub = Stub::start().await;
        stub.answers(UPDATE, Reply::ok(&subscription()))
            .answers(READ_SUBSCRIPTION, Reply::ok(&subscription()))
            .answers(READ_INVOICE, broken);
        let outcome = perform(&stub, &things::update()).await;
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
    }
    let stub = Stub::start().await;
    stub.answers(UPDATE, Reply::status(200, "{}"));
    let outcome = perform(&stub, &things::update()).await;
    assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_refund_names_the_payment_of_its_invoice_every_time() {
    let call = Call::Refund {
        invoice: "in_1".to_owned(),
        amount: brl(250),
    };
    let stub = Stub::start().await;
    for _ in 0..2 {
        stub.answers(READ_INVOICE, Reply::ok(&paid()))
            .answers("POST /v1/refunds", Reply::ok(&json!({"id": "re_1"})));
    }
    let refunded = Ok(CallAnswer::Refunded {
        refund: "re_1".to_owned(),
        amount: Some(brl(250)),
    });
    assert_eq!(perform(&stub, &call).await, refunded);
    assert_eq!(perform(&stub, &call).await, refunded);
    let bodies: Vec<String> = stub
        .seen()
        .into_iter()
        .map(|seen| seen.body)
        .filter(|body| !body.is_empty())
        .collect();
    assert_eq!(bodies[0], bodies[1]);
    assert!(bodies[0].ends_with("&payment_intent=pi_1"), "{}", bodies[0]);
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let stub = Stub::start().await;
    let missing = Reply::error(404, "invalid_request_error", "resource_missing");
    let ended = with(subscription(), json!({"status": "canceled"}));
    stub.answers("DELETE /v1/subscriptions/sub_1", missing.clone())
        .answers(READ_SUBSCRIPTION, Reply::ok(&ended))
        .answers("DELETE /v1/customers/cus_1/tax_ids/txi_1", missing);
    let cancel = Call::CancelSubscription {
        subscription: "sub_1".to_owned(),
    };
    assert_eq!(
        perform(&stub, &cancel).await,
        Ok(CallAnswer::SubscriptionCancelled)
    );
    let remove = Call::RemoveTaxId {
        customer: "cus_1".to_owned(),
        tax_id: "txi_1".to_owned(),
    };
    assert_eq!(perform(&stub, &remove).await, Ok(CallAnswer::TaxIdRemoved));
}

#[tokio::test]
async fn a_first_subscription_is_told_by_its_own_invoice() {
    let first = with(
        invoice(
            "open",
            3000,
            vec![invoice_payment(
                "open",
                intent("requires_payment_method", Value::Null),
            )],
        ),
        json!({"billing_reason": "subscription_create"}),
    );
    let stub = Stub::start().await;
    stub.answers("POST /v1/subscriptions", Reply::ok(&subscription()))
        .answers(
            READ_SUBSCRIPTION,
            Reply::ok(&with(subscription(), json!({"status": "incomplete"}))),
        )
        .answers(READ_INVOICE, Reply::ok(&first));
    let facts = facts(&stub, &things::create()).await;
    assert_eq!(facts.invoice.expect("ours").status, InvoiceStatus::Open);
    assert_eq!((facts.subscription.as_str(), facts.decline), ("sub_1", None));
}

#[tokio::test]
async fn voiding_a_paid_invoice_is_the_wrong_state() {
    let stub = Stub::start().await;
    stub.answers(
        "POST /v1/invoices/in_1/void",
        Reply::error(400, "invalid_request_error", "invoice_not_open"),
    );
    let void = Call::VoidInvoice {
        invoice: "in_1".to_owned(),
        subscription: "sub_1".to_owned(),
    };
    let code = "invoice_not_open".to_owned();
    let expected = Err(CallError::Failed(CallFailure::WrongState { code }));
    assert_eq!(perform(&stub, &void).await, expected);
}

#[tokio::test]
async fn more_items_than_one_page_are_all_told() {
    let mut long = subscription();
    long["items"]["has_more"] = Value::from(true);
    let more = list(
        "/v1/subscription_items",
        vec![things::item("si_2", "price_device", 4)],
    );
    let stub = Stub::start().await;
    stub.answers(READ_SUBSCRIPTION, Reply::ok(&long)).answers(
        "GET /v1/subscription_items?subscription=sub_1&limit=100&starting_after=si_plan",
        Reply::ok(&more),
    );
    let read = stub.payments().subscription("sub_1").await.expect("read");
    let ids: Vec<_> = read.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["si_plan", "si_2"]);
}
