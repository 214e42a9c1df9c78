//! Waiting for an answer that does not come.

use serde_json::json;

use super::{LOST, ends, is_declined, untold};
use crate::journeys::WORKS;
use crate::journeys::travelling::{Journey, is_at_the_bank};
use crate::support::{Change, Database, House};

crate::stories::on_both!(
    f17_a_charge_whose_answer_was_lost_is_cleared_up,
    f17_another_card_whose_answer_was_lost_is_cleared_up,
    f17_an_abort_whose_answer_was_lost_ends_without_a_charge,
);

async fn f17_a_charge_whose_answer_was_lost_is_cleared_up(database: Database) {
    let mut house = untold(database).await;
    for (journey, path, nth) in [
        (Journey::CardThatWorks, "/v1/subscriptions/*", 2),
        (Journey::FirstSubscription, "/v1/subscriptions", 1),
    ] {
        for fault in LOST {
            let traveller = journey.traveller(&mut house).await;
            let change = traveller.comes_to_the_button(&mut house).await;
            house.provider.fault("POST", path, nth, fault).await;
            change.confirms().await.expect("a confirmation");
            house.rests().await;
            assert_eq!(house.provider.strikes().await, 1, "{journey:?} {fault}");
            ends(&house, &traveller, &change, "active", 1).await;
        }
    }
    house.close().await;
}

async fn gives_another_card(house: &mut House, change: &Change) {
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    let card = json!({ "setup": setup["setup"] });
    change.put("payment-method", card).await.expect("another card");
    house.rests().await;
}

async fn f17_another_card_whose_answer_was_lost_is_cleared_up(database: Database) {
    let mut house = untold(database).await;
    for fault in LOST {
        let (traveller, change) = is_declined(&mut house).await;
        house.provider.fault("POST", "/v1/invoices/*/pay", 1, fault).await;
        gives_another_card(&mut house, &change).await;
        assert_eq!(house.provider.strikes().await, 1, "{fault}");
        if change.stage().await == "payment_confirm.declined" {
            // The invoice shows the first card's refusal, and no second try: the customer is asked again.
            assert_eq!(fault, "error_500_before");
            gives_another_card(&mut house, &change).await;
        }
        ends(&house, &traveller, &change, "active", 1).await;
    }
    house.close().await;
}

async fn f17_an_abort_whose_answer_was_lost_ends_without_a_charge(database: Database) {
    let mut house = untold(database).await;
    for fault in LOST {
        let (traveller, change, _) = is_at_the_bank(&mut house).await;
        house
            .provider
            .fault("POST", "/v1/invoices/*/void", 1, fault)
            .await;
        change.cancels().await.expect("a wish");
        house.rests().await;
        assert_eq!(house.provider.strikes().await, 1, "{fault}");
        ends(&house, &traveller, &change, "cancelled", 0).await;
    }
    house.close().await;
}
