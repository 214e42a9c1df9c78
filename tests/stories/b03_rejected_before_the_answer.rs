//! B3: the rejection "authentication required" arrives by webhook before the answer of the call that caused it (F15), or long
//! after. On neither path is it an end: the customer is waited for, and it completes after 3-D Secure.

use jiff::SignedDuration;
use serde_json::json;

use super::NOTHING;
use crate::journeys::travelling::Journey;
use crate::support::{Database, House};

super::on_both!(
    b03_f15_a_webhook_before_the_answer_is_not_an_end,
    b03_webhooks_long_after_the_answer_change_nothing,
    b03_f15_a_success_that_is_told_before_its_answer_is_counted_once,
);

async fn b03_f15_a_webhook_before_the_answer_is_not_an_end(database: Database) {
    let mut house = House::open_on(database).await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    house
        .provider
        .fault("POST", "/v1/subscriptions/*", 2, "reset_after")
        .await;
    change.confirms().await.expect("a confirmation");
    // At this instant the webhooks arrive; the call itself is only tried again a second later.
    house.settle().await;
    assert_eq!(house.provider.strikes().await, 1);
    let stage = change.stage().await;
    assert!(stage.starts_with("payment_confirm."), "{stage}");
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);

    traveller.authenticates(&mut house, &change).await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}

async fn b03_webhooks_long_after_the_answer_change_nothing(database: Database) {
    let mut house = House::open_on(database).await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    house
        .provider
        .treats_webhooks(&json!({ "delay_seconds": 7200 }))
        .await;
    let change = traveller.comes_to_the_button(&mut house).await;
    change.confirms().await.expect("a confirmation");
    traveller.authenticates(&mut house, &change).await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    // Now it is told that the payment asks for the customer, and that it failed without one.
    house.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(traveller.ending(&house, &change).await, ending);
    house.close().await;
}

async fn b03_f15_a_success_that_is_told_before_its_answer_is_counted_once(database: Database) {
    for journey in [
        Journey::CardThatWorks,
        Journey::FirstSubscription,
        Journey::GoingDown,
    ] {
        let mut house = House::open_on(database).await;
        let undisturbed = journey.traveller(&mut house).await.travels(&mut house).await;
        let traveller = journey.traveller(&mut house).await;
        let change = traveller.comes_to_the_button(&mut house).await;
        let (path, nth) = match journey {
            Journey::FirstSubscription => ("/v1/subscriptions", 1),
            Journey::GoingDown => ("/v1/subscriptions/*", 1),
            _ => ("/v1/subscriptions/*", 2),
        };
        house.provider.fault("POST", path, nth, "reset_after").await;
        let ending = traveller.goes_on(&mut house, &change).await;
        assert_eq!(house.provider.strikes().await, 1);
        assert_eq!(ending, undisturbed, "{journey:?}");
        house.close().await;
    }
}
