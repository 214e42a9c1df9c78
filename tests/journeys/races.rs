//! Two hands at once (F18, B6, B13): one winner, one charge, and everybody is told.

use serde_json::json;

use super::WORKS;
use super::four::Journey;
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

#[tokio::test]
async fn b6_of_two_changes_that_are_opened_at_once_the_loser_is_led_to_the_winner() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let (one, other) = tokio::join!(
        clint.opens(&house, Clint::selection(5, 8)),
        clint.opens(&house, Clint::selection(4, 6))
    );
    let ((Ok(won), Err(refused)) | (Err(refused), Ok(won))) = (one, other) else {
        panic!("one of them is open");
    };
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "change_in_progress")
    );
    assert!(refused.body.to_string().contains(&won.id), "{refused:?}");
    house.close().await;
}

#[tokio::test]
async fn b13_the_customer_pays_in_the_instant_of_the_cancel_and_has_the_plan() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    let intent = traveller.intent(&house, &change).await;
    house.provider.bank_says(&intent, "approve").await;
    let cancelled = change.cancels().await.expect("a wish to cancel");
    assert_eq!(cancelled["stage"], "payment_confirm");
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    assert_eq!(ending.mails.len(), 1);
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
