//! Stripe's objects, with the keys that it always sends, and our own values beside them.

use changeover::domain::account::{Account, AccountId, BillingForm, BillingIdentity, TaxIdKind};
use changeover::domain::catalog::{Anchoring, LineKey};
use changeover::domain::change::{Call, ChangeId, EffectId, FirstPeriod, QuotedTarget};
use changeover::domain::language::Language;
use changeover::domain::money::Money;
use changeover::ports::payments::{Marks, Payments as _, Prepared, Preparing};
use changeover::stripe::StripePayments;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// The instant of every quote here: 2026-11-10T12:00:00Z.
pub const AT: i64 = 1_794_312_000;
/// When the period ends that it is in.
pub const PERIOD_END: i64 = AT + 20 * 86_400;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("an instant")
}

pub fn brl(amount: i64) -> Money {
    Money::new(amount, "BRL".parse().expect("known"))
}

/// The effect that was made `minutes` after the quote: its id carries the time.
pub fn effect(minutes: u64) -> EffectId {
    let millis = (u64::try_from(AT).expect("positive") + minutes * 60) * 1000;
    EffectId(uuid::Builder::from_unix_timestamp_millis(millis, &[7; 10]).into_uuid())
}

pub fn marks() -> Marks {
    Marks {
        change: ChangeId(Uuid::from_u128(1)),
        effect: effect(10),
    }
}

pub fn account() -> Account {
    Account {
        id: AccountId(Uuid::from_u128(2)),
        seller: "clint".parse().expect("a seller"),
        email: "ana@padaria.example".to_owned(),
        name: "Padaria da Ana".to_owned(),
        language: Language::PtBr,
        created_at: at(AT),
        provider_customer: Some("cus_1".to_owned()),
    }
}

pub fn identity() -> BillingIdentity {
    let form = BillingForm {
        legal_name: "Padaria da Ana & Filhos Ltda".to_owned(),
        tax_id: "11222333000181".to_owned(),
        fiscal_email: "fiscal@padaria.example".to_owned(),
        line1: "Rua das Flores, 10".to_owned(),
        line2: String::new(),
        city: "São Paulo".to_owned(),
        state: "SP".to_owned(),
        postal_code: "01310100".to_owned(),
        country: "BR".to_owned(),
    };
    form.read(&[TaxIdKind::Cnpj]).expect("complete")
}

pub fn target(key: &str, price: &str, item: Option<&str>, quantity: u64) -> QuotedTarget {
    QuotedTarget {
        key: key.parse::<LineKey>().expect("a line"),
        lookup_key: format!("clint.growth.{price}.brl.month.0"),
        price: price.to_owned(),
        item: item.map(str::to_owned),
        quantity,
    }
}

pub fn targets() -> Vec<QuotedTarget> {
    vec![
        target("plan", "price_growth", Some("si_plan"), 1),
        target("item:device", "price_device", None, 3),
        target("item:seat", "price_seat", Some("si_seat"), 0),
        target("item:extra", "price_extra", None, 0),
    ]
}

pub fn update() -> Call {
    Call::UpdateSubscription {
        subscription: "sub_1".to_owned(),
        customer: "cus_1".to_owned(),
        targets: targets(),
        prorated_at: at(AT),
        credits: Vec::new(),
    }
}

pub fn create() -> Call {
    Call::CreateSubscription {
        customer: "cus_1".to_owned(),
        targets: targets(),
        first_period: FirstPeriod {
            starts_at: at(AT),
            anchor: at(PERIOD_END),
            anchoring: Anchoring::FirstRenewal,
        },
        method: Some("pm_1".to_owned()),
        automatic_tax: false,
        tax_rates: Vec::new(),
    }
}

pub fn pay() -> Call {
    Call::PayInvoice {
        invoice: "in_1".to_owned(),
        subscription: "sub_1".to_owned(),
        customer: "cus_1".to_owned(),
        method: "pm_2".to_owned(),
    }
}

pub fn prepared(payments: &StripePayments, call: &Call) -> Prepared {
    let (marks, account, identity) = (marks(), account(), identity());
    let preparing = Preparing {
        marks: &marks,
        account: &account,
        identity: Some(&identity),
    };
    payments.prepare(call, preparing).expect("a request")
}

pub fn list(url: &str, data: Vec<Value>) -> Value {
    json!({"object": "list", "url": url, "has_more": false, "data": data})
}

/// The metadata that our marks make.
pub fn marked(effect: EffectId) -> Value {
    json!({"changeover_effect": effect.to_string()})
}

pub fn price(id: &str) -> Value {
    json!({
        "id": id, "object": "price", "active": true, "billing_scheme": "per_unit", "created": AT, "currency": "brl",
        "livemode": false, "lookup_key": format!("clint.growth.{id}.brl.month.0"), "metadata": {},
        "product": "clint.growth", "type": "recurring", "unit_amount": 4990,
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
    })
}

pub fn item(id: &str, price_id: &str, quantity: u64) -> Value {
    json!({
        "id": id, "object": "subscription_item", "created": AT, "current_period_start": AT,
        "current_period_end": PERIOD_END, "discounts": [], "metadata": {}, "price": price(price_id),
        "plan": {"id": price_id, "active": true, "billing_scheme": "per_unit", "created": AT, "currency": "brl",
            "interval": "month", "interval_count": 1, "livemode": false, "usage_type": "licensed"},
        "quantity": quantity, "subscription": "sub_1", "tax_rates": [],
    })
}

pub fn subscription() -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "automatic_tax": {"enabled": false}, "billing_cycle_anchor": AT,
        "billing_mode": {"type": "flexible"}, "billing_schedules": [], "cancel_at_period_end": false,
        "collection_method": "charge_automatically", "created": AT, "currency": "brl", "customer": "cus_1",
        "discounts": [], "invoice_settings": {"issuer": {"type": "self"}},
        "items": list("/v1/subscription_items?subscription=sub_1", vec![item("si_plan", "price_growth", 1)]),
        "latest_invoice": "in_1", "livemode": false, "metadata": {}, "pending_update": null, "start_date": AT,
        "status": "active",
    })
}

pub fn invoice(status: &str, amount: i64, payments: Vec<Value>) -> Value {
    json!({
        "id": "in_1", "object": "invoice", "amount_due": amount, "amount_overpaid": 0,
        "amount_paid": if status == "paid" { amount } else { 0 }, "amount_remaining": 0, "amount_shipping": 0,
        "attempt_count": 1, "attempted": true, "automatic_tax": {"enabled": false},
        "billing_reason": "subscription_update", "collection_method": "charge_automatically", "created": AT + 660,
        "currency": "brl", "default_tax_rates": [], "discounts": [], "issuer": {"type": "self"},
        "hosted_invoice_url": "https://pay.example/in_1",
        "lines": list("/v1/invoices/in_1/lines", vec![]), "livemode": false,
        "parent": {"type": "subscription_details", "subscription_details":
            {"subscription": "sub_1", "metadata": marked(marks().effect)}},
        "payment_settings": {}, "payments": list("/v1/invoice_payments?invoice=in_1", payments),
        "period_end": AT, "period_start": AT, "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0, "starting_balance": 0, "status": status, "status_transitions": {},
        "subtotal": amount, "total": amount, "total_excluding_tax": amount,
    })
}

pub fn invoice_payment(status: &str, intent: Value) -> Value {
    json!({
        "id": format!("inpay_{status}"), "object": "invoice_payment", "amount_requested": 3000, "created": AT,
        "currency": "brl", "invoice": "in_1", "is_default": true, "livemode": false,
        "payment": {"type": "payment_intent", "payment_intent": intent}, "status": status, "status_transitions": {},
    })
}

pub fn intent(status: &str, error: Value) -> Value {
    json!({
        "id": "pi_1", "object": "payment_intent", "amount": 3000, "amount_capturable": 0, "amount_received": 0,
        "capture_method": "automatic", "confirmation_method": "automatic", "created": AT, "currency": "brl",
        "last_payment_error": error, "livemode": false, "metadata": {}, "payment_method_types": ["card"],
        "status": status,
    })
}

pub fn line(id: &str, amount: i64) -> Value {
    json!({
        "id": id, "object": "line_item", "amount": amount, "currency": "brl", "discountable": true, "discounts": [],
        "livemode": false, "metadata": {}, "period": {"start": AT, "end": PERIOD_END}, "quantity": 2,
        "subtotal": amount, "taxes": [], "discount_amounts": [],
        "parent": {"type": "subscription_item_details", "subscription_item_details":
            {"proration": true, "subscription": "sub_1", "subscription_item": "si_plan"}},
        "pricing": {"type": "price_details", "price_details": {"price": "price_growth", "product": "clint.growth"}},
    })
}

/// The object with some of its keys changed.
pub fn with(mut object: Value, changes: Value) -> Value {
    let (Value::Object(object_keys), Value::Object(changes)) = (&mut object, changes) else {
        panic!("objects");
    };
    object_keys.extend(changes);
    object
}
