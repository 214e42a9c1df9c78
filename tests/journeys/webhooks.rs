//! Webhooks that are lost, repeated, reordered and late (F15 to F17): they only make things faster.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::ending::Ending;
use super::travelling::Journey;
use crate::support::House;

async fn ending_under(journey: Journey, chaos: Value) -> Ending {
    let mut house = House::open().await;
    let traveller = journey.traveller(&mut house).await;
    house.provider.treats_webhooks(&chaos).await;
    let ending = traveller.travels(&mut house).await;
    // What is late arrives when everything is over, and changes nothing.
    house.pass(SignedDuration::from_hours(4)).await;
    house.close().await;
    ending
}

async fn ends_alike_under(chaos: Value) {
    for journey in Journey::ALL {
        let undisturbed = ending_under(journey, json!({})).await;
        assert_eq!(
            ending_under(journey, chaos.clone()).await,
            undisturbed,
            "{journey:?} under {chaos}"
        );
    }
}

#[tokio::test]
async fn f17_b5_webhooks_that_never_come_are_not_missed() {
    ends_alike_under(json!({ "drop_every": 1 })).await;
}

#[tokio::test]
async fn f16_i20_webhooks_that_come_five_times_are_heard_once() {
    ends_alike_under(json!({ "duplicates": 4 })).await;
}

#[tokio::test]
async fn f16_i21_b4_webhooks_in_the_wrong_order_and_hours_late_change_nothing() {
    ends_alike_under(json!({ "reorder": true, "duplicates": 1, "delay_seconds": 10_800 })).await;
}
