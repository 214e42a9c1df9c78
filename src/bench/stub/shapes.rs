//! The provider's objects, as small as its clients allow: every key that is there is one that they insist on, or use.

use serde_json::{Value, json};

use super::ledger::{Ledger, money};
use crate::bench::Item;

/// A page that is the whole list.
pub(super) fn list(url: &str, data: &[Value]) -> Value {
    json!({ "object": "list", "url": url, "has_more": false, "data": data })
}

fn price_id(which: usize) -> String {
    format!("price_{which}")
}

pub(super) fn price(which: usize, item: &Item) -> Value {
    json!({
        "id": price_id(which), "object": "price", "active": true, "billing_scheme": "per_unit", "created": 1,
        "currency": "brl", "livemode": false, "lookup_key": item.lookup_key, "metadata": {}, "product": "prod_1",
        "type": "recurring", "unit_amount": item.unit,
        "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" },
    })
}

fn item(ledger: &Ledger, nth: u64, which: usize, quantity: u64) -> Value {
    let (start, end) = ledger.goods.period;
    json!({
        "id": super::item(nth, which), "object": "subscription_item", "created": start, "current_period_start": start,
        "current_period_end": end, "discounts": [], "metadata": {}, "price": price(which, &ledger.goods.items[which]),
        "plan": {
            "id": price_id(which), "active": true, "billing_scheme": "per_unit", "created": 1, "currency": "brl",
            "interval": "month", "interval_count": 1, "livemode": false, "usage_type": "licensed",
        },
        "quantity": quantity, "subscription": super::subscription(nth), "tax_rates": [],
    })
}

pub(super) fn subscription(ledger: &mut Ledger, nth: u64) -> Value {
    let held = ledger.subscription(nth).clone();
    let (start, _) = ledger.goods.period;
    let items = held
        .quantities
        .iter()
        .enumerate()
        .map(|(which, quantity)| item(ledger, nth, which, *quantity));
    let latest = held
        .invoices
        .len()
        .checked_sub(1)
        .map(|made| invoice_id(nth, made));
    json!({
        "id": super::subscription(nth), "object": "subscription", "automatic_tax": { "enabled": false },
        "billing_cycle_anchor": start, "billing_mode": { "type": "flexible" }, "billing_schedules": [],
        "cancel_at_period_end": false, "collection_method": "charge_automatically", "created": start, "currency": "brl",
        "customer": super::customer(nth), "default_payment_method": held.method, "discounts": [],
        "invoice_settings": { "issuer": { "type": "self" } },
        "items": list("/v1/subscription_items", &items.collect::<Vec<_>>()), "latest_invoice": latest, "livemode": false,
        "metadata": {}, "pending_update": null, "start_date": start, "status": "active",
    })
}

/// The one card of the nth customer.
pub(super) fn cards(nth: u64) -> Value {
    let card = json!({
        "id": super::card(nth), "object": "payment_method", "billing_details": {}, "created": 1, "livemode": false,
        "type": "card",
        "card": { "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2040, "funding": "credit" },
    });
    list("/v1/payment_methods", &[card])
}

fn invoice_id(nth: u64, made: usize) -> String {
    format!("in_{nth}_{made}")
}

/// One of the invoices that changes have made.
pub(super) fn invoice(ledger: &mut Ledger, nth: u64, made: usize) -> Option<Value> {
    let (start, end) = ledger.goods.period;
    let paid = ledger.subscription(nth).invoices.get(made)?;
    let (id, amount) = (invoice_id(nth, made), paid.amount);
    let intent = json!({
        "id": format!("pi_{nth}_{made}"), "object": "payment_intent", "amount": amount, "amount_capturable": 0,
        "amount_received": amount, "capture_method": "automatic", "confirmation_method": "automatic", "created": start,
        "currency": "brl", "livemode": false, "metadata": {}, "payment_method_types": ["card"], "status": "succeeded",
    });
    let payment = json!({
        "id": format!("inpay_{nth}_{made}"), "object": "invoice_payment", "amount_requested": amount, "created": start,
        "currency": "brl", "invoice": id, "is_default": true, "livemode": false,
        "payment": { "type": "payment_intent", "payment_intent": intent }, "status": "paid", "status_transitions": {},
    });
    let mut shape = bare_invoice(amount, (start, end), &[]);
    shape["id"] = json!(id);
    shape["status"] = json!("paid");
    shape["amount_paid"] = json!(amount);
    shape["parent"] = json!({
        "type": "subscription_details",
        "subscription_details": {
            "subscription": super::subscription(nth), "metadata": { "changeover_effect": paid.effect },
        },
    });
    shape["payments"] = list("/v1/invoice_payments", &[payment]);
    Some(shape)
}

/// Every invoice of a customer, the newest first.
pub(super) fn invoices(ledger: &mut Ledger, nth: u64) -> Value {
    let made = ledger.subscription(nth).invoices.len();
    let all: Vec<Value> = (0..made)
        .rev()
        .filter_map(|made| invoice(ledger, nth, made))
        .collect();
    list("/v1/invoices", &all)
}

/// What changing to these quantities costs. The period begins when the change is prorated from: nothing is a part of anything.
pub(super) fn preview(ledger: &mut Ledger, nth: u64, wanted: [Option<u64>; 2]) -> Value {
    let held = ledger.subscription(nth).quantities;
    let period = ledger.goods.period;
    let mut lines = Vec::new();
    let mut total = 0;
    for (which, wanted) in wanted.into_iter().enumerate() {
        let Some(wanted) = wanted else { continue };
        let unit = ledger.goods.items[which].unit;
        for (quantity, amount) in [
            (held[which], -money(held[which], unit)),
            (wanted, money(wanted, unit)),
        ] {
            total += amount;
            lines.push(line(nth, which, quantity, amount, period, lines.len()));
        }
    }
    bare_invoice(total, period, &lines)
}

fn line(nth: u64, which: usize, quantity: u64, amount: i64, period: (i64, i64), place: usize) -> Value {
    json!({
        "id": format!("il_{nth}_{place}"), "object": "line_item", "amount": amount, "currency": "brl",
        "discountable": true, "discounts": [], "livemode": false, "metadata": {},
        "period": { "start": period.0, "end": period.1 }, "quantity": quantity, "subtotal": amount, "taxes": [],
        "discount_amounts": [],
        "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {
                "proration": true, "subscription": super::subscription(nth), "subscription_item": super::item(nth, which),
            },
        },
        "pricing": { "type": "price_details", "price_details": { "price": price_id(which), "product": "prod_1" } },
    })
}

fn bare_invoice(amount: i64, period: (i64, i64), lines: &[Value]) -> Value {
    json!({
        "object": "invoice", "amount_due": amount, "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": 0,
        "amount_shipping": 0, "attempt_count": 1, "attempted": true, "automatic_tax": { "enabled": false },
        "billing_reason": "subscription_update", "collection_method": "charge_automatically", "created": period.0,
        "currency": "brl", "default_tax_rates": [], "discounts": [], "issuer": { "type": "self" },
        "lines": list("/v1/invoices/upcoming/lines", lines), "livemode": false, "payment_settings": {},
        "period_end": period.1, "period_start": period.0, "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0, "starting_balance": 0, "status": "draft", "status_transitions": {},
        "subtotal": amount, "total": amount, "total_excluding_tax": amount,
    })
}
