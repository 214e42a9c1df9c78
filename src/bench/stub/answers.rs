//! Requests in, answers out.

use hyper::{Method, StatusCode, Uri};
use serde_json::{Value, json};

use super::ledger::{Ledger, Update};
use super::shapes;

/// Answers one request.
pub(super) fn answer(
    ledger: &mut Ledger,
    method: &Method,
    uri: &Uri,
    key: Option<&str>,
    body: &[u8],
) -> (StatusCode, String) {
    ledger.requests += 1;
    let parts: Vec<&str> = uri.path().split('/').skip(2).collect();
    let found = match (method.as_str(), parts.as_slice()) {
        ("GET", ["subscriptions"]) => customer(uri).map(|nth| {
            let only = shapes::subscription(ledger, nth);
            shapes::list("/v1/subscriptions", &[only])
        }),
        ("GET", ["invoices"]) => customer(uri).map(|nth| shapes::invoices(ledger, nth)),
        ("GET", ["prices"]) => Some(prices(ledger, uri.query().unwrap_or_default())),
        ("GET", ["subscriptions", id]) => numbered(id, "sub_").map(|nth| shapes::subscription(ledger, nth)),
        ("POST", ["subscriptions", id]) => numbered(id, "sub_").map(|nth| {
            let update = read_update(nth, body);
            ledger.update(nth, key, update);
            shapes::subscription(ledger, nth)
        }),
        ("POST", ["invoices", "create_preview"]) => preview(ledger, body),
        ("GET", ["invoices", id]) => invoice(ledger, id),
        ("GET", ["customers", id, "payment_methods"]) => numbered(id, "cus_").map(shapes::cards),
        ("POST", ["customers", id]) => Some(json!({ "id": id, "object": "customer" })),
        ("POST", ["customers", _, "tax_ids"]) => Some(json!({ "id": "txi_1", "object": "tax_id" })),
        _ => None,
    };
    if let Some(found) = found {
        return (StatusCode::OK, found.to_string());
    }
    ledger.unknown.push(format!("{method} {}", uri.path()));
    let error = json!({ "error": { "type": "invalid_request_error", "code": "resource_missing", "message": "Unknown." } });
    (StatusCode::NOT_FOUND, error.to_string())
}

/// The number in an id.
fn numbered(id: &str, prefix: &str) -> Option<u64> {
    id.strip_prefix(prefix)?.parse().ok()
}

/// The customer that a list is asked of.
fn customer(uri: &Uri) -> Option<u64> {
    let mut fields = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let (_, id) = fields.find(|(name, _)| name == "customer")?;
    numbered(&id, "cus_")
}

/// The prices that are asked for by their lookup keys.
fn prices(ledger: &Ledger, query: &str) -> Value {
    let asked: Vec<String> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name.starts_with("lookup_keys"))
        .map(|(_, key)| key.into_owned())
        .collect();
    let found = ledger
        .goods
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| asked.contains(&item.lookup_key))
        .map(|(which, item)| shapes::price(which, item));
    shapes::list("/v1/prices", &found.collect::<Vec<_>>())
}

fn invoice(ledger: &mut Ledger, id: &str) -> Option<Value> {
    let (nth, made) = id.strip_prefix("in_")?.split_once('_')?;
    shapes::invoice(ledger, nth.parse().ok()?, made.parse().ok()?)
}

/// What the change would cost: what is given back for each changed item, and what it costs then.
fn preview(ledger: &mut Ledger, body: &[u8]) -> Option<Value> {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let subscription = fields.iter().find(|(name, _)| name == "subscription")?;
    let nth = numbered(&subscription.1, "sub_")?;
    let wanted = read_update(nth, body).quantities;
    Some(shapes::preview(ledger, nth, wanted))
}

/// The quantities, the card and the mark of a request, wherever in it they are.
fn read_update(nth: u64, body: &[u8]) -> Update {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let mut update = Update::default();
    for (name, value) in &fields {
        if name == "default_payment_method" {
            update.method = Some(value.to_string());
        } else if name == "metadata[changeover_effect]" {
            update.effect = value.to_string();
        } else if let Some(entry) = name.strip_suffix("[id]") {
            let quantity = format!("{entry}[quantity]");
            let quantity = fields.iter().find(|(name, _)| *name == quantity);
            let quantity = quantity.and_then(|(_, quantity)| quantity.parse().ok());
            for (which, place) in update.quantities.iter_mut().enumerate() {
                if *value == super::item(nth, which) {
                    *place = quantity;
                }
            }
        }
    }
    update
}
