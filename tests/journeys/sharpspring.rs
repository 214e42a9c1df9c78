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
    house.close().await;
}
