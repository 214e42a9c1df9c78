//! The provider makes only so many invoices of one subscription: what would be too much is refused before anything is sent.

use hyper::Method;
use hyper::header::RETRY_AFTER;
use jiff::SignedDuration;
use serde_json::json;

use super::WORKS;
use crate::support::{Clint, House, read};

/// Source: Stripe, "Rate limits".
const A_MINUTE: u64 = 10;

#[tokio::test]
async fn an_eleventh_charge_in_a_minute_is_refused_until_the_minute_is_over() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let other = Clint::customer(&house).await;
    for nth in 1..=A_MINUTE {
        clint.changes_to(&mut house, Clint::selection(3 + nth, 5)).await;
    }
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(20, 5), WORKS)
        .await;
    let (stage, sent) = (
        change.stage().await,
        house.provider.requests_to("POST", "/v1/subscriptions/").await,
    );
    let mut body = change.confirmation().await;
    body["actor"] = json!({ "role": "owner", "id": "user-1" });
    let path = format!("/v1/changes/{}/confirm", change.id);
    let backend = house.backend.clone();
    let confirm = async || {
        let answer = backend
            .answered("eleventh", Method::POST, &path, &[], &body)
            .await;
        let wait = answer.headers.get(RETRY_AFTER).cloned();
        (read(&answer), wait)
    };

    let (refused, wait) = confirm().await;
    let refused = refused.expect_err("too many");
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (429, "invoice_budget_spent")
    );
    let wait: i64 = wait
        .expect("a time")
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=60).contains(&wait), "{wait} s");
    let again_at: jiff::Timestamp = refused.body["again_at"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("an instant");
    house.settle().await;
    assert_eq!(change.stage().await, stage, "nothing has moved");
    let after = house.provider.requests_to("POST", "/v1/subscriptions/").await;
    assert_eq!(after.len(), sent.len(), "nothing was sent");

    // Another subscription has a budget of its own.
    other.changes_to(&mut house, Clint::selection(4, 5)).await;

    house.clock.advance(SignedDuration::from_secs(wait));
    assert!(house.engine().now() >= again_at);
    let (confirmed, _) = confirm().await;
    confirmed.expect("the same request, now in time");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    let (repeated, _) = confirm().await;
    repeated.expect("a repetition gets the first answer, whatever the budget says");
    house.close().await;
}
