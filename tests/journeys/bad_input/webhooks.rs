//! Webhooks that must not be believed.

use hyper::Method;
use jiff::SignedDuration;

use changeover::ports::time::Clock as _;
use serde_json::json;

use crate::support::{Clint, House, OTHER_WEBHOOK_SECRET, Problem, event, read, signed, signed_with};

async fn delivers(
    house: &House,
    path: &str,
    signature: Option<&str>,
    body: &str,
) -> Result<serde_json::Value, Problem> {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(signature.map(|signature| ("stripe-signature", signature)));
    let answer = house
        .backend
        .raw(Method::POST, path, &headers, body.to_owned())
        .await;
    read(&answer)
}

const HERE: &str = "/webhooks/stripe/clint";

#[tokio::test]
async fn a_webhook_that_is_not_signed_by_the_provider_changes_nothing() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let body = event("evt_forged", &clint.customer, &clint.subscription).to_string();
    let now = house.clock.now();
    let good = signed(&body, now);
    let other_body = signed("{}", now);
    let changed = good.replace("v1=", "v1=00");
    let old_scheme = good.replace("v1=", "v0=");
    for signature in [
        None,
        Some(""),
        Some("t=1,v1="),
        Some("nonsense"),
        Some(&*other_body),
        Some(&*changed),
        Some(&*old_scheme),
    ] {
        let problem = house
            .refuses(&clint, delivers(&house, HERE, signature, &body))
            .await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (400, "webhook_forged"),
            "{signature:?}"
        );
    }
    for (path, code) in [
        ("/webhooks/stripe/nobody", "seller_unknown"),
        ("/webhooks/stripe/N%20O", "seller_unknown"),
    ] {
        let problem = house
            .refuses(&clint, delivers(&house, path, Some(&good), &body))
            .await;
        assert_eq!((problem.status, problem.code.as_str()), (404, code));
    }
    house.close().await;
}

#[tokio::test]
async fn a_webhook_that_was_signed_long_ago_is_a_replay() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let body = event("evt_old", &clint.customer, &clint.subscription).to_string();
    for age in [SignedDuration::from_mins(6), SignedDuration::from_hours(72)] {
        let then = house.clock.now().checked_sub(age).expect("an instant");
        let problem = house
            .refuses(&clint, delivers(&house, HERE, Some(&signed(&body, then)), &body))
            .await;
        assert_eq!(problem.code, "webhook_stale", "{age}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_webhook_of_somebody_else_changes_nothing() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    // Signed by the account of another seller of this installation.
    let now = house.clock.now();
    let body = event("evt_foreign", &clint.customer, &clint.subscription).to_string();
    let signature = signed_with(OTHER_WEBHOOK_SECRET, &body, now);
    let problem = house
        .refuses(&clint, delivers(&house, HERE, Some(&signature), &body))
        .await;
    assert_eq!((problem.status, problem.code.as_str()), (400, "webhook_forged"));
    // Signed by our own account, about a customer whom it serves past us.
    let asked = house.provider.requests().await.len();
    let body = event("evt_unknown", "cus_ofSomebodyElse", "sub_ofSomebodyElse").to_string();
    delivers(&house, HERE, Some(&signed(&body, now)), &body)
        .await
        .expect("accepted, so that it is not sent again");
    house.settle().await;
    assert_eq!(
        house.provider.requests().await.len(),
        asked,
        "nobody was asked about it"
    );
    house.close().await;
}

#[tokio::test]
async fn a_webhook_that_is_no_event_or_too_large_is_refused() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let now = house.clock.now();
    for body in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"id":7,"object":"event"}"#,
        r#"{"id":"evt_1","object":"customer"}"#,
    ] {
        let problem = house
            .refuses(&clint, delivers(&house, HERE, Some(&signed(body, now)), body))
            .await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (400, "webhook_malformed"),
            "{body}"
        );
    }
    let large =
        json!({ "id": "evt_large", "object": "event", "padding": "x".repeat(1024 * 1024) }).to_string();
    let before = clint.contract(&house).await;
    let problem = delivers(&house, HERE, Some(&signed(&large, now)), &large)
        .await
        .expect_err("too large");
    assert_eq!((problem.status, problem.code.as_str()), (413, "body_too_large"));
    assert_eq!(clint.contract(&house).await, before);
    house.close().await;
}

#[tokio::test]
async fn a_well_signed_event_is_only_a_reason_to_look_not_a_fact() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let before = clint.contract(&house).await;
    // It claims that the subscription is over; the provider, asked, says that it is not.
    let body = event("evt_lie", &clint.customer, &clint.subscription).to_string();
    for _ in 0..3 {
        delivers(&house, HERE, Some(&signed(&body, house.clock.now())), &body)
            .await
            .expect("accepted");
        house.settle().await;
    }
    assert_eq!(clint.contract(&house).await, before);
    house.close().await;
}
