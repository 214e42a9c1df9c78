//! What the provider would send, made by hand: well signed, or not.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::house::WEBHOOK_SECRET;

/// An event about a subscription that says of it whatever somebody likes.
pub fn event(id: &str, customer: &str, subscription: &str) -> Value {
    json!({
        "id": id,
        "object": "event",
        "api_version": "2026-01-28.clover",
        "created": 1_773_846_000,
        "livemode": false,
        "pending_webhooks": 1,
        "request": null,
        "type": "customer.subscription.updated",
        "data": { "object": { "id": subscription, "object": "subscription", "customer": customer, "status": "canceled" } },
    })
}

/// The signature's header for a body that is sent at this instant.
pub fn signed(body: &str, at: Timestamp) -> String {
    signed_with(WEBHOOK_SECRET, body, at)
}

/// The same, by an account that has another secret.
pub fn signed_with(secret: &str, body: &str, at: Timestamp) -> String {
    let at = at.as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}
