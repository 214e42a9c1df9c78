//! Clint: devices and user seats, from the click to the active plan.

use serde_json::json;

use super::WORKS;
use crate::support::{Clint, Database, House};

/// A card whose bank asks for authentication at every payment.
const ASKS_ALWAYS: &str = "4000002760003184";
/// Two devices and three seats more on the 18th, renewal on the 10th: 23 of 31 days.
/// Unused: 3 × 97,00 and 5 × 49,90; new: 5 × 97,00 and 8 × 49,90.
const DUE: i64 = (35984 - 21590) + (29618 - 18511);

#[tokio::test]
async fn two_devices_and_three_seats_more_are_one_charge_and_one_mail() {
    for database in Database::ALL {
        let mut house = House::open_on(database).await;
        let clint = Clint::customer(&house).await;
        let change = clint
            .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
            .await;
        let quote = change.quote().await;
        change.confirms().await.expect("a confirmation");
        house.settle().await;

        assert_eq!(change.stage().await, "active");
        assert_eq!(quote["due_today"]["amount"], DUE);
        assert_eq!(house.provider.charges_for_changes().await, [DUE]);
        assert_eq!(
            clint.held(&house).await,
            [("device".to_owned(), 5), ("user-seat".to_owned(), 8)]
        );
        assert_eq!(house.mails().await.len(), 1);
        house.close().await;
    }
}

#[tokio::test]
async fn a_card_that_needs_3d_secure_waits_for_the_customer() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), ASKS_ALWAYS)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.action_required");
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());

    let secret = house
        .backend
        .get(&format!("/v1/changes/{}/authentication", change.id))
        .await;
    let intent = secret["client_secret"]
        .as_str()
        .expect("a secret")
        .split("_secret")
        .next()
        .expect("an id");
    house.provider.bank_says(intent, "approve").await;
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    house.close().await;
}

#[tokio::test]
async fn another_amount_than_the_one_that_is_due_charges_nothing() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let mut body = change.confirmation().await;
    body["seen"]["amount"] = json!(DUE - 1);
    let problem = change.post("confirm", body).await.expect_err("a refusal");
    house.settle().await;
    assert_eq!(problem.code, "amount_differs");
    assert_eq!(problem.body["expected"]["amount"], DUE);
    assert_eq!(change.stage().await, "payment_confirm.choosing");
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    house.close().await;
}
