use changeover::stripe::webhook::{Envelope, PAYLOAD_BYTES_MAX, WebhookError, WebhookSecrets};
use jiff::Timestamp;
use serde_json::json;
use stripe_webhook::Webhook;

use super::things::{AT, at};

const SECRET: &str = "whsec_current";

fn event() -> String {
    json!({
        "id": "evt_1", "object": "event", "type": "invoice.paid", "created": AT, "api_version": "2019-01-01",
        "livemode": false, "pending_webhooks": 1,
        "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1", "customer_email": "ana@padaria.example"}},
        "request": {"id": "req_1", "idempotency_key": "key-1"},
    })
    .to_string()
}

fn secrets(all: &[&str]) -> WebhookSecrets {
    WebhookSecrets::new(all.iter().map(|secret| (*secret).to_owned().into()).collect())
}

fn verify(payload: &str, signature: Option<&str>, now: Timestamp) -> Result<Envelope, WebhookError> {
    secrets(&[SECRET]).verify(payload.as_bytes(), signature, now)
}

#[test]
fn a_signature_of_the_official_library_is_genuine() {
    let payload = event();
    let signature = Webhook::generate_test_header(&payload, SECRET, Some(AT));
    let envelope = verify(&payload, Some(&signature), at(AT + 10)).expect("genuine");
    assert_eq!(
        (envelope.id.as_str(), envelope.kind.as_str()),
        ("evt_1", "invoice.paid")
    );
    assert_eq!(envelope.object.as_deref(), Some("in_1"));
    assert_eq!(envelope.customer.as_deref(), Some("cus_1"));
    assert_eq!(envelope.idempotency_key.as_deref(), Some("key-1"));
    let inbound = envelope.into_inbound("clint".parse().expect("a seller"), at(AT));
    let kept = String::from_utf8(inbound.envelope).expect("text");
    assert!(!kept.contains("padaria"), "{kept}");
    assert_eq!(
        (inbound.event_id.as_str(), inbound.customer.as_deref()),
        ("evt_1", Some("cus_1"))
    );
}

#[test]
fn while_a_secret_is_rolled_either_is_good() {
    let payload = event();
    let by_old = Webhook::generate_test_header(&payload, "whsec_old", Some(AT));
    let both = secrets(&[SECRET, "whsec_old"]);
    assert!(both.verify(payload.as_bytes(), Some(&by_old), at(AT)).is_ok());
    let good = Webhook::generate_test_header(&payload, SECRET, Some(AT));
    let v1 = good.split_once("v1=").expect("a signature").1;
    let several = format!("t={AT},v1={},v0=abc,v1=zz,v1={v1}", "0".repeat(64));
    assert!(verify(&payload, Some(&several), at(AT)).is_ok());
}

#[test]
fn each_way_of_being_wrong_has_its_name() {
    let payload = event();
    let good = Webhook::generate_test_header(&payload, SECRET, Some(AT));
    let foreign = Webhook::generate_test_header(&payload, "whsec_other", Some(AT));
    let only_v0 = good.replace("v1=", "v0=");
    let retimed = good.replace(&AT.to_string(), &(AT + 1).to_string());
    for (signature, error) in [
        (None, WebhookError::Missing),
        (Some(""), WebhookError::Malformed("a part has no value")),
        (Some("v1=00"), WebhookError::Malformed("it has no time")),
        (
            Some("t=x,v1=00"),
            WebhookError::Malformed("its time is not a number"),
        ),
        (Some("t=1,t=2,v1=00"), WebhookError::Malformed("it has two times")),
        (
            Some(only_v0.as_str()),
            WebhookError::Malformed("it has no signature of scheme v1"),
        ),
        (Some(foreign.as_str()), WebhookError::Forged),
        (Some(retimed.as_str()), WebhookError::Forged),
    ] {
        assert_eq!(verify(&payload, signature, at(AT)), Err(error), "{signature:?}");
    }
    let changed = payload.replace("in_1", "in_2");
    assert_eq!(verify(&changed, Some(&good), at(AT)), Err(WebhookError::Forged));
    assert_eq!(
        secrets(&[]).verify(payload.as_bytes(), Some(&good), at(AT)),
        Err(WebhookError::Forged)
    );
}

#[test]
fn a_genuine_one_is_good_for_five_minutes_on_both_sides() {
    let payload = event();
    let good = Webhook::generate_test_header(&payload, SECRET, Some(AT));
    for (now, fine) in [
        (AT - 300, true),
        (AT + 300, true),
        (AT - 301, false),
        (AT + 301, false),
    ] {
        let taken = verify(&payload, Some(&good), at(now));
        assert_eq!(taken.is_ok(), fine);
        if !fine {
            assert_eq!(taken, Err(WebhookError::Stale { seconds: now - AT }));
        }
    }
}

#[test]
fn only_the_envelope_must_be_readable() {
    let signed = |payload: &str| {
        let signature = Webhook::generate_test_header(payload, SECRET, Some(AT));
        verify(payload, Some(&signature), at(AT))
    };
    let customer = json!({"id": "evt_2", "type": "customer.updated",
        "data": {"object": {"id": "cus_9", "object": "customer"}}});
    assert_eq!(
        signed(&customer.to_string())
            .expect("an event")
            .customer
            .as_deref(),
        Some("cus_9")
    );
    let expanded = json!({"id": "evt_3", "type": "a.new.type", "request": "req_1",
        "data": {"object": {"customer": {"id": "cus_9"}, "amount": "no number"}}});
    let read = signed(&expanded.to_string()).expect("an event");
    assert_eq!(
        (read.customer, read.object, read.idempotency_key),
        (None, None, None)
    );
    for (payload, why) in [
        ("", "it is not JSON"),
        ("{}", "it has no id"),
        (r#"{"id":"evt_1"}"#, "it has no type"),
        (r#"{"id":7,"type":"x"}"#, "it has no id"),
    ] {
        assert_eq!(signed(payload), Err(WebhookError::NotAnEvent(why)));
    }
    let large = "x".repeat(PAYLOAD_BYTES_MAX + 1);
    assert_eq!(
        signed(&large),
        Err(WebhookError::TooLarge {
            bytes: PAYLOAD_BYTES_MAX + 1
        })
    );
}
