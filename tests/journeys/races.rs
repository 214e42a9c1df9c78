//! Two hands at once (F18, B13): one winner, one charge, and everybody is told.

use serde_json::json;

use super::WORKS;
use super::travelling::Journey;
use crate::support::{Clint, House};

#[tokio::test]
async fn f18_two_tabs_confirm_at_once_and_one_charge_is_made() {
    let mut house = House::open().await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    let (one, other) = tokio::join!(change.confirms(), change.confirms());
    let refused = match (one, other) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        both => panic!("one of them decides: {both:?}"),
    };
    assert_eq!((refused.status, refused.code.as_str()), (409, "not_allowed_here"));
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}

#[tokio::test]
async fn f18_b13_a_cancel_that_races_the_confirmation_has_one_winner() {
    let mut house = House::open().await;
    for cancel_first in [false, true] {
        let traveller = Journey::CardThatWorks.traveller(&mut house).await;
        let change = traveller.comes_to_the_button(&mut house).await;
        if cancel_first {
            let _ = tokio::join!(change.cancels(), change.confirms());
        } else {
            let _ = tokio::join!(change.confirms(), change.cancels());
        }
        house.rests().await;
        let ending = traveller.ending(&house, &change).await;
        // Nothing had left when the cancel was taken: no money moves. If money had been on its way, it would be honoured.
        let outcome = (ending.stage.as_str(), ending.charges());
        assert!(
            [("cancelled", 0), ("active", 1)].contains(&outcome),
            "{outcome:?}"
        );
    }
    house.close().await;
}

/// The customer gives up in one tab while another one goes on, at any step: one of the two wins, and the other one is told.
#[tokio::test]
async fn f18_a_cancel_that_races_any_step_has_one_winner() {
    let mut house = House::open().await;
    for (journey, stage) in [
        (Journey::CardThatWorks, "draft"),
        (Journey::CardThatWorks, "quote.ready"),
        (Journey::CardThatWorks, "billing_info.asking"),
        (Journey::GoingDown, "downgrade_ticket.open"),
    ] {
        let traveller = journey.traveller(&mut house).await;
        let change = traveller.comes_to(&mut house, stage).await;
        let goes_on = async {
            match stage {
                "draft" => change.asks_for_a_quote().await,
                "quote.ready" => change.accepts().await,
                "billing_info.asking" => change.gives_billing_data().await,
                _ => traveller.is_answered_at_once(&change).await,
            }
        };
        let (cancelled, went_on) = tokio::join!(change.cancels(), goes_on);
        house.rests().await;
        let ending = traveller.ending(&house, &change).await;
        if cancelled.is_ok() {
            assert_eq!(ending.stage, "cancelled", "{stage}");
        } else {
            assert!(went_on.is_ok(), "{stage}: {went_on:?}");
        }
        assert_eq!(ending.charges(), 0, "{stage}");
    }
    house.close().await;
}

/// The credit balance belongs to the customer, not to the contract: charges of one customer wait for each other.
#[tokio::test]
async fn two_contracts_of_one_customer_are_charged_one_after_the_other() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let second = clint.with_another_contract(&house).await;
    house.settle().await;
    let one = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let other = second
        .comes_to_the_button(
            &mut house,
            json!({
                "plan": "growth", "quantities": { "device": 2 }, "currency": "BRL", "interval": "month",
            }),
            WORKS,
        )
        .await;
    // The first charge is held up in flight, while the second one is to be made.
    house
        .provider
        .fault(
            "POST",
            &format!("/v1/subscriptions/{}", clint.subscription),
            2,
            "http_429",
        )
        .await;
    one.confirms().await.expect("a confirmation");
    other.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(one.stage().await, "payment_confirm.charging");
    house.rests().await;
    assert_eq!(
        (one.stage().await.as_str(), other.stage().await.as_str()),
        ("active", "active")
    );
    assert_eq!(house.provider.charges_for_changes().await.len(), 2);
    house.close().await;
}
