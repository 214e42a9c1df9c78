//! Faults that were found in the engine, each as the story that showed it.

use hyper::Method;
use jiff::SignedDuration;
use serde_json::json;

use super::WORKS;
use super::travelling::{ASKS_ALWAYS, Journey};
use crate::support::{Clint, House, stage_of};

/// A card that was refused is followed by another one: each beginning under a key of its own is a new one.
#[tokio::test]
async fn two_cards_of_one_change_are_two_setups() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let (one, other) = (change.begins_a_card().await, change.begins_a_card().await);
    assert_ne!(one["setup"], other["setup"]);
    let path = format!("/v1/changes/{}/card-setup", change.id);
    let command = async || {
        house
            .backend
            .command_under("the-same", Method::POST, &path, &json!({}))
            .await
    };
    assert_eq!(command().await, command().await);
    house.close().await;
}

/// The amount moved in the last instant; the invoice was voided by somebody else before we could. The change is quoted again,
/// and the second charge of the same change is taken in like the first.
#[tokio::test]
async fn b7_a_change_is_charged_after_an_earlier_attempt_was_voided_elsewhere() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    let customer = traveller.clint.customer.clone();
    let subscription = format!("/v1/subscriptions/{}", traveller.clint.subscription);
    // The preview was taken again; before the charge arrives, the customer owes ten reais more.
    house.provider.fault("POST", &subscription, 2, "http_429").await;
    house
        .provider
        .fault("POST", "/v1/invoices/*/void", 1, "http_429")
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    house
        .provider
        .form(&format!("/v1/customers/{customer}"), &[("balance", "1000")])
        .await;
    house.clock.advance(SignedDuration::from_secs(2));
    house.settle().await;
    let read = change.read().await;
    assert_eq!(read["stage"], "payment_confirm", "{read}");
    let subscription = house.provider.get(&subscription).await;
    let invoice = subscription["latest_invoice"].as_str().expect("an id");
    house
        .provider
        .form(&format!("/v1/invoices/{invoice}/void"), &[])
        .await;
    house.rests().await;

    let read = change.read().await;
    assert_eq!(stage_of(&read), "quote.ready", "{read}");
    assert_eq!(read["quote"]["due_today"]["amount"].as_i64(), Some(26501));
    change.accepts().await.expect("accepting");
    house.settle().await;
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, ASKS_ALWAYS).await;
    let card = json!({ "setup": setup["setup"] });
    change.put("payment-method", card).await.expect("a card");
    traveller.confirms(&mut house, &change).await;
    traveller.authenticates(&mut house, &change).await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}

/// An outcome that the stage has no place for is kept, and its call is not made again every half minute.
#[tokio::test]
async fn a_call_whose_outcome_is_not_taken_in_is_made_once() {
    let mut house = House::open().await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    house
        .tampers(
            "INSERT INTO effect (id, change, seller, name, generation, call, request_hash, key, status, attempts,
                next_try_at, consumed)
            SELECT randomblob(16), change, seller, name, generation + 1000, call, request_hash, key || '-stray',
                'intent', 0, next_try_at, 0 FROM effect WHERE name = 'save_customer';
            INSERT INTO effect_request (effect, request)
            SELECT stray.id, request FROM effect AS stray JOIN effect AS kept ON stray.key = kept.key || '-stray'
                JOIN effect_request ON effect_request.effect = kept.id;
            UPDATE due SET due_at = 0 WHERE subject_kind = 'change'",
        )
        .await;
    house.pass(SignedDuration::from_mins(30)).await;
    let strays = house.provider.requests_to("POST", "/v1/customers/").await;
    let strays = strays.iter().filter(|request| {
        request["idempotency_key"]
            .as_str()
            .is_some_and(|key| key.ends_with("-stray"))
    });
    assert_eq!(strays.count(), 1);
    // The customer is not held up by it.
    change.confirms().await.expect("a confirmation");
    assert_eq!(change.stage().await, "payment_confirm.charging");
    change.cancels().await.expect("a wish");
    house.settle().await;
    house.close().await;
}

/// An invoice that reads differently without having moved is no reason to look again at once.
#[tokio::test]
async fn news_that_moves_nothing_is_looked_at_once() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    house.rests().await;
    let looks = async |house: &House| house.provider.requests_to("GET", "/v1/invoices/").await.len();
    let before = looks(&house).await;
    house.sandbox_moves_to("http://127.0.0.1:9");
    house.clock.advance(SignedDuration::from_secs(300));
    house.settle().await;
    assert_eq!(looks(&house).await, before + 1);
    assert_eq!(change.stage().await, "payment_confirm.action_required");
    house.close().await;
}

/// A subscription that is not there is the wrong key, not an ended contract.
#[tokio::test]
async fn a_subscription_that_the_provider_does_not_know_takes_nothing_away() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let held = clint.held(&house).await;
    let (known, unknown) = (clint.subscription.as_str(), "sub_ofAnotherAccount");
    let renamed = |from: &str, to: &str| {
        format!(
            "UPDATE contract SET subscription = '{to}', content = CAST(replace(CAST(content AS TEXT), '{from}', '{to}') AS BLOB);
            UPDATE due SET due_at = 0 WHERE subject_kind = 'contract'"
        )
    };
    house.tampers(&renamed(known, unknown)).await;
    house.settle().await;
    assert_eq!(clint.held(&house).await, held);
    house.tampers(&renamed(unknown, known)).await;
    house.close().await;
}

/// The provider has failed to set the chosen card, and nothing came of it. The second try sets it first: the old card is not
/// charged in its place.
#[tokio::test]
async fn i8_a_second_try_charges_the_card_that_was_chosen() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    house
        .provider
        .fault("POST", "/v1/subscriptions/*", 1, "error_500_before")
        .await;
    change.confirms().await.expect("a confirmation");
    // The card on file would simply work; the chosen one asks.
    traveller
        .waits(&mut house, &change, "payment_confirm.action_required")
        .await;
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    traveller.authenticates(&mut house, &change).await;
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    house.close().await;
}
