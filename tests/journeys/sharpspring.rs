//! SharpSpring: the licence of a client, and services on top of it.

use serde_json::json;

use crate::support::{Holder, House, wanting};

#[tokio::test]
async fn a_larger_licence_and_a_service_are_one_change_and_a_smaller_licence_is_a_ticket() {
    let mut house = House::of("sharpspring").await;
    let held = wanting("licence-s", "USD", "month", &[]);
    let client = Holder::of(&house, "sharpspring", "pt-BR", &held).await;
    let wanted = wanting("licence-m", "USD", "month", &[("sales-optimiser", 1)]);
    let (change, due) = client.changes_to(&mut house, wanted).await;
    assert!(due > 0);
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    let read = change.read().await;
    assert_eq!(
        read["next_steps"],
        json!([{ "text": "Ative o Sales Optimiser nas configurações do cliente." }])
    );
    let smaller = wanting("licence-s", "USD", "month", &[("sales-optimiser", 1)]);
    let estimate = client.estimates(&house, smaller).await.expect("an estimate");
    assert_eq!(estimate["way"], "ticket");
    // Given up for nothing: no charge waits for it.
    let (_, due) = client
        .changes_to(&mut house, wanting("licence-m", "USD", "month", &[]))
        .await;
    assert_eq!(due, 0);
    assert_eq!(client.held(&house, "sales-optimiser").await, 0);
    let items = house.provider.subscription(&client.subscription).await["items"]["data"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1));
    house.close().await;
}

#[tokio::test]
async fn what_is_given_up_and_what_is_charged_are_two_changes_unless_one_takes_the_others_place() {
    let mut house = House::of("sharpspring").await;
    let held = wanting("licence-s", "USD", "month", &[("direct-support", 1)]);
    let client = Holder::of(&house, "sharpspring", "en", &held).await;
    let change = client
        .opens(&house, wanting("licence-l", "USD", "month", &[]))
        .await
        .expect("a change");
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(
        (&read["stage"], &read["problem"]["code"]),
        (&json!("draft"), &json!("selection_invalid"))
    );
    // What it is about, and what to do instead.
    let problem = &read["problem"]["errors"][0];
    assert_eq!(
        (&problem["pointer"], &problem["code"]),
        (
            &json!("/selection/quantities/direct-support"),
            &json!("given_up_beside_a_charge")
        )
    );
    let detail = read["problem"]["detail"].as_str().expect("words");
    assert!(detail.contains("buy first"), "{detail}");
    change.cancels().await.expect("giving up");
    house.settle().await;
    // The other service instead of this one: its item is taken over, with one charge.
    let other = wanting("licence-l", "USD", "month", &[("sales-optimiser", 1)]);
    let (change, due) = client.changes_to(&mut house, other).await;
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    let lines = change.quote().await["lines"].clone();
    let named = lines
        .as_array()
        .expect("lines")
        .iter()
        .all(|line| line["key"].is_string());
    assert!(named, "every credit says what it is for: {lines}");
    house.close().await;
}
