//! B4: a newer "updated" arrives before an older one; an old event is replayed days later. Here an event is only a reason to
//! read the object again, and state never goes back.

use changeover::ports::time::Clock as _;
use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::quantities;
use crate::support::{Clint, Database, House, signed};

super::on_both!(
    b04_an_old_event_replayed_days_later_takes_nothing_back,
    b04_newer_events_before_older_ones_never_go_back,
);

/// The provider sends an event once more, signed anew, as it does when somebody presses "resend".
async fn is_sent_again(house: &House, event: &Value) {
    let body = event.to_string();
    let signature = signed(&body, house.clock.now());
    let headers = [
        ("content-type", "application/json"),
        ("stripe-signature", &signature),
    ];
    let answer = house
        .backend
        .raw(Method::POST, "/webhooks/stripe/clint", &headers, body)
        .await;
    assert_eq!(answer.status, 200, "{event}");
}

/// How many webhooks have not arrived yet.
async fn on_their_way(house: &House) -> u64 {
    let webhooks = house.provider.get("/_sandbox/webhooks").await;
    webhooks["queued"].as_u64().expect("a number")
}

async fn b04_an_old_event_replayed_days_later_takes_nothing_back(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    let events = house.provider.get("/v1/events?limit=100").await;
    let old: Vec<Value> = events["data"].as_array().expect("events").clone();
    let about = |event: &&Value| event["data"]["object"]["id"] == clint.subscription.as_str();
    assert!(
        old.iter().any(|event| about(&event)),
        "some are about the subscription"
    );
    clint.changes_to(&mut house, Clint::selection(6, 9)).await;
    house.pass(SignedDuration::from_hours(72)).await;
    let (contract, charges) = (
        clint.contract(&house).await,
        house.provider.charges_for_changes().await,
    );

    for mut event in old {
        is_sent_again(&house, &event).await;
        // And under a name that was never heard, so that it cannot be taken for a repetition.
        event["id"] = json!(format!("{}_again", event["id"].as_str().expect("an id")));
        is_sent_again(&house, &event).await;
    }
    house.rests().await;
    assert_eq!(clint.contract(&house).await, contract);
    assert_eq!(clint.held(&house).await, quantities(6, 9));
    assert_eq!(house.provider.charges_for_changes().await, charges);
    house.close().await;
}

async fn b04_newer_events_before_older_ones_never_go_back(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    house
        .provider
        .treats_webhooks(&json!({ "reorder": true, "duplicates": 2, "delay_seconds": 900 }))
        .await;
    clint.changes_to(&mut house, Clint::selection(4, 6)).await;
    house.pass(SignedDuration::from_mins(5)).await;
    clint.changes_to(&mut house, Clint::selection(5, 7)).await;
    clint.changes_to(&mut house, Clint::selection(6, 9)).await;
    assert!(on_their_way(&house).await > 0, "old news is still to come");
    for _ in 0..6 {
        house.pass(SignedDuration::from_mins(10)).await;
        assert_eq!(clint.held(&house).await, quantities(6, 9));
    }
    assert_eq!(on_their_way(&house).await, 0, "all of it has come");
    assert_eq!(house.provider.charges_for_changes().await.len(), 3);
    house.close().await;
}
