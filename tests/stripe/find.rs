use changeover::domain::change::{Call, CallAnswer};
use changeover::ports::payments::{Found, Payments as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stub::{Reply, Stub};
use super::things::{
    self, AT, brl, effect, intent, invoice, invoice_payment, list, marked, marks, subscription, with,
};

const READ_SUBSCRIPTION: &str = "GET /v1/subscriptions/sub_1";
const READ_INVOICE: &str = "GET /v1/invoices/in_1";
const INVOICES: &str = "GET /v1/invoices?subscription=sub_1";

async fn find(stub: &Stub, call: &Call) -> Found {
    stub.payments().find(call, &marks()).await.expect("read")
}

fn invoices(all: Vec<Value>) -> Reply {
    Reply::ok(&list("/v1/invoices", all))
}

fn of(metadata: Value) -> Value {
    json!({"parent": {"type": "subscription_details",
        "subscription_details": {"subscription": "sub_1", "metadata": metadata}}})
}

fn open(error: Value) -> Value {
    invoice(
        "open",
        3000,
        vec![invoice_payment("open", intent("requires_payment_method", error))],
    )
}

#[tokio::test]
async fn an_update_is_found_by_its_invoice() {
    let stub = Stub::start().await;
    let renewal = with(
        open(Value::Null),
        json!({"id": "in_9", "billing_reason": "subscription_cycle"}),
    );
    stub.answers(READ_SUBSCRIPTION, Reply::ok(&subscription()))
        .answers(INVOICES, invoices(vec![renewal, open(Value::Null)]))
        .answers(READ_INVOICE, Reply::ok(&open(Value::Null)))
        .answers(READ_SUBSCRIPTION, Reply::ok(&subscription()));
    let Found::Happened(CallAnswer::Payment(facts)) = find(&stub, &things::update()).await else {
        panic!("it has happened");
    };
    assert_eq!(facts.invoice.map(|invoice| invoice.id).as_deref(), Some("in_1"));
}

#[tokio::test]
async fn an_update_is_absent_only_where_nothing_could_be_its_own() {
    let earlier = marked(effect(5));
    let later = marked(effect(20));
    let old = json!({"created": AT - 30 * 86_400});
    for (metadata, listed, absent) in [
        (json!({}), vec![], true),
        (earlier.clone(), vec![with(open(Value::Null), of(earlier))], true),
        // Another effect was here since: its marks are over ours.
        (later, vec![], false),
        // An unmarked update from that time could be ours.
        (json!({}), vec![with(open(Value::Null), of(json!({})))], false),
        (
            json!({}),
            vec![with(with(open(Value::Null), of(json!({}))), old)],
            true,
        ),
    ] {
        let stub = Stub::start().await;
        stub.answers(
            READ_SUBSCRIPTION,
            Reply::ok(&with(subscription(), json!({"metadata": metadata}))),
        )
        .answers(INVOICES, invoices(listed));
        let found = find(&stub, &things::update()).await;
        let undecidable = matches!(found, Found::Undecidable { .. });
        assert_eq!(
            (found == Found::Absent, undecidable),
            (absent, !absent),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn a_created_subscription_is_found_in_the_whole_list() {
    let list_line = "GET /v1/subscriptions?customer=cus_1&status=all";
    let ours = with(subscription(), json!({"metadata": marked(marks().effect)}));
    let foreign = with(
        subscription(),
        json!({"id": "sub_2", "metadata": marked(effect(3))}),
    );
    let first = with(
        open(Value::Null),
        json!({"billing_reason": "subscription_create"}),
    );
    let mut page = list("/v1/subscriptions", vec![foreign.clone()]);
    page["has_more"] = Value::from(true);
    let stub = Stub::start().await;
    stub.answers(list_line, Reply::ok(&page))
        .answers(list_line, Reply::ok(&list("/v1/subscriptions", vec![ours])))
        .answers(INVOICES, invoices(vec![first.clone()]))
        .answers(READ_SUBSCRIPTION, Reply::ok(&subscription()))
        .answers(READ_INVOICE, Reply::ok(&first));
    let found = find(&stub, &things::create()).await;
    assert!(
        matches!(&found, Found::Happened(CallAnswer::Payment(facts)) if facts.invoice.is_some()),
        "{found:?}"
    );
    let stub = Stub::start().await;
    stub.answers(list_line, Reply::ok(&list("/v1/subscriptions", vec![foreign])));
    assert_eq!(find(&stub, &things::create()).await, Found::Absent);
}

#[tokio::test]
async fn a_subscription_that_was_changed_since_is_told_by_its_first_invoice() {
    let list_line = "GET /v1/subscriptions?customer=cus_1&status=all";
    let changed = with(subscription(), json!({"metadata": marked(effect(30))}));
    let created = json!({"billing_reason": "subscription_create"});
    for (first, expected) in [
        (with(open(Value::Null), created.clone()), "happened"),
        (
            with(with(open(Value::Null), created.clone()), of(marked(effect(29)))),
            "absent",
        ),
        (
            with(with(open(Value::Null), created), of(json!({}))),
            "undecidable",
        ),
    ] {
        let stub = Stub::start().await;
        stub.answers(
            list_line,
            Reply::ok(&list("/v1/subscriptions", vec![changed.clone()])),
        )
        .answers(INVOICES, invoices(vec![first.clone()]));
        if expected == "happened" {
            stub.answers(READ_SUBSCRIPTION, Reply::ok(&changed))
                .answers(READ_INVOICE, Reply::ok(&first));
        }
        let word = match find(&stub, &things::create()).await {
            Found::Happened(_) => "happened",
            Found::Absent => "absent",
            Found::Undecidable { .. } => "undecidable",
        };
        assert_eq!(word, expected);
    }
}

#[tokio::test]
async fn a_payment_is_absent_only_while_nobody_has_tried() {
    let declined = json!({"type": "card_error", "code": "card_declined"});
    let processing = invoice_payment("open", intent("processing", Value::Null));
    for (read, absent) in [
        (open(Value::Null), true),
        (open(declined), false),
        (invoice("open", 3000, vec![processing]), false),
        (invoice("void", 3000, vec![]), false),
    ] {
        let stub = Stub::start().await;
        stub.answers(READ_SUBSCRIPTION, Reply::ok(&subscription()))
            .answers(READ_INVOICE, Reply::ok(&read));
        let found = find(&stub, &things::pay()).await;
        assert_eq!(found == Found::Absent, absent, "{found:?}");
    }
}

fn customer(id: &str, created: i64, metadata: Value) -> Value {
    json!({"id": id, "object": "customer", "created": created, "livemode": false, "metadata": metadata})
}

#[tokio::test]
async fn a_new_customer_is_looked_for_among_those_of_the_time() {
    let call = Call::SaveCustomer {
        customer: None,
        identity: Uuid::nil(),
    };
    let ours = customer("cus_7", AT + 700, marked(marks().effect));
    let old = customer("cus_1", AT - 3 * 86_400, json!({}));
    let stub = Stub::start().await;
    let mut page = list("/v1/customers", vec![customer("cus_8", AT + 900, json!({})), old]);
    page["has_more"] = Value::from(true);
    stub.answers("GET /v1/customers", Reply::ok(&list("/v1/customers", vec![ours])))
        .answers("GET /v1/customers", Reply::ok(&page));
    let found = Found::Happened(CallAnswer::CustomerSaved {
        customer: "cus_7".to_owned(),
    });
    assert_eq!(find(&stub, &call).await, found);
    assert_eq!(
        find(&stub, &call).await,
        Found::Absent,
        "and it stops at the first that is too old"
    );
}

#[tokio::test]
async fn the_other_calls_are_told_by_the_thing_itself() {
    let refund = |metadata: Value| json!({"id": "re_1", "object": "refund", "amount": 250, "created": AT, "currency": "brl", "metadata": metadata});
    let refunds = "GET /v1/refunds?payment_intent=pi_1";
    let call = Call::Refund {
        invoice: "in_1".to_owned(),
        amount: brl(250),
    };
    let paid = invoice(
        "paid",
        3000,
        vec![invoice_payment("paid", intent("succeeded", Value::Null))],
    );
    for (metadata, expected) in [
        (
            marked(marks().effect),
            Found::Happened(CallAnswer::Refunded {
                refund: "re_1".to_owned(),
                amount: Some(brl(250)),
            }),
        ),
        (marked(effect(2)), Found::Absent),
    ] {
        let stub = Stub::start().await;
        stub.answers(READ_INVOICE, Reply::ok(&paid))
            .answers(refunds, Reply::ok(&list("/v1/refunds", vec![refund(metadata)])));
        assert_eq!(find(&stub, &call).await, expected);
    }
    let stub = Stub::start().await;
    let held = with(subscription(), json!({"default_payment_method": "pm_1"}));
    stub.answers(READ_SUBSCRIPTION, Reply::ok(&held))
        .answers(READ_SUBSCRIPTION, Reply::ok(&held));
    let set = |method: Option<&str>| Call::SetDefaultMethod {
        subscription: "sub_1".to_owned(),
        method: method.map(str::to_owned),
    };
    assert_eq!(
        find(&stub, &set(Some("pm_1"))).await,
        Found::Happened(CallAnswer::MethodSet)
    );
    assert_eq!(find(&stub, &set(None)).await, Found::Absent);
}

#[tokio::test]
async fn tax_rates_are_set_where_the_subscription_has_exactly_them() {
    let stub = Stub::start().await;
    let rate = json!({"id": "txr_1", "object": "tax_rate", "active": true, "created": 1, "display_name": "VAT",
        "inclusive": false, "livemode": false, "percentage": 19});
    let taxed = with(subscription(), json!({"default_tax_rates": [rate]}));
    stub.answers(READ_SUBSCRIPTION, Reply::ok(&taxed))
        .answers(READ_SUBSCRIPTION, Reply::ok(&taxed));
    let set = |rates: &[&str]| Call::SetTaxRates {
        subscription: "sub_1".to_owned(),
        rates: rates.iter().map(|rate| (*rate).to_owned()).collect(),
    };
    assert_eq!(
        find(&stub, &set(&["txr_1"])).await,
        Found::Happened(CallAnswer::TaxRatesSet)
    );
    assert_eq!(find(&stub, &set(&[])).await, Found::Absent);
}
