//! A bank that has not made up its mind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::bent::Bend;
use super::house::House;

/// A bank that takes its time after the customer was there: while it does, the payment is shown as on its way, and its invoice cannot be voided.
pub struct SlowBank(Arc<AtomicBool>);

impl SlowBank {
    /// The house meets it; it is quick as yet.
    pub async fn beside(house: &mut House) -> Self {
        let slow = Arc::new(AtomicBool::new(false));
        let (reading, voiding) = (Arc::clone(&slow), Arc::clone(&slow));
        house
            .meets_a_provider_that(Bend {
                instead: Arc::new(move |request| {
                    let voids = request.starts_with("POST /v1/invoices/") && request.ends_with("/void");
                    (voids && voiding.load(Ordering::SeqCst)).then(|| (400, on_its_way()))
                }),
                afterwards: Arc::new(move |request, answer| {
                    if request.starts_with("GET /v1/invoices/") && reading.load(Ordering::SeqCst) {
                        takes_its_time(answer);
                    }
                }),
                ..Bend::default()
            })
            .await;
        Self(slow)
    }

    /// From now on it takes its time.
    pub fn begins(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// What it says from now on is seen.
    pub fn is_done(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

fn on_its_way() -> Value {
    let said = "You cannot void this invoice while a payment for it is processing.";
    json!({ "error": { "type": "invalid_request_error", "code": "invoice_payment_processing", "message": said } })
}

fn takes_its_time(invoice: &mut Value) {
    let payments = invoice
        .pointer_mut("/payments/data")
        .and_then(Value::as_array_mut);
    for payment in payments.into_iter().flatten() {
        if let Some(intent) = payment.pointer_mut("/payment/payment_intent")
            && intent["status"] == "requires_action"
        {
            intent["status"] = json!("processing");
            intent["next_action"] = Value::Null;
        }
    }
}
