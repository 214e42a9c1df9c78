//! Too late: keys that are older than their window (F14), authentication after the deadline, updates that the provider gave up.

use changeover::engine::CrashPoint;
use hyper::Method;
use jiff::SignedDuration;

use super::four::{Journey, Traveller, order};
use crate::support::{Change, House};

const THIRTY_HOURS: SignedDuration = SignedDuration::from_hours(30);

/// Dies at the charge itself: the first call of an upgrade sets the card, the second one charges.
async fn dies_at_the_charge(house: &mut House, journey: Journey, point: CrashPoint) -> (Traveller, Change) {
    let traveller = journey.traveller(house).await;
    let change = traveller.comes_to_the_button(house).await;
    change.confirms().await.expect("a confirmation");
    house.dies_at(point, 2).await;
    house.clock.advance(THIRTY_HOURS);
    house.start().await;
    house.settle().await;
    (traveller, change)
}

async fn charging_keys(house: &House) -> usize {
    let updates = house.provider.requests_to("POST", "/v1/subscriptions/sub").await;
    let charging = updates
        .iter()
        .filter(|request| request["params"]["payment_behavior"] == "pending_if_incomplete")
        .map(|request| request["idempotency_key"].to_string());
    charging.collect::<std::collections::BTreeSet<_>>().len()
}

#[tokio::test]
async fn f14_i7_a_charge_whose_answer_was_lost_for_thirty_hours_is_found_and_adopted() {
    let mut house = House::open().await;
    let (traveller, change) =
        dies_at_the_charge(&mut house, Journey::CardThatWorks, CrashPoint::CallAnswered).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    assert_eq!(charging_keys(&house).await, 1);
    house.close().await;
}

#[tokio::test]
async fn f14_i8_a_charge_that_never_left_is_proven_absent_and_waits_for_a_person() {
    let mut house = House::open().await;
    let (traveller, change) =
        dies_at_the_charge(&mut house, Journey::CardThatWorks, CrashPoint::AttemptWritten).await;
    let read = change.read().await;
    assert_eq!(read["next_action"]["type"], "await_support", "{read}");
    assert_eq!(charging_keys(&house).await, 0);
    assert_eq!(traveller.ending(&house, &change).await.charges(), 0);

    let path = format!("/v1/changes/{}/retry", change.id);
    house
        .insists(Method::POST, &path, &order())
        .await
        .expect("a retry");
    traveller.moves_on(&mut house, &change).await;
    // A day and more has passed: what is due has moved or has not, but what is charged was confirmed.
    if change.stage().await == "quote.ready" {
        assert_eq!(charging_keys(&house).await, 0);
        change.cancels().await.expect("cancelling");
    } else {
        assert_eq!(traveller.ending(&house, &change).await.charges(), 1);
    }
    house.rests().await;
    house.close().await;
}

#[tokio::test]
async fn f14_an_update_that_waited_for_authentication_while_we_were_down_is_over_without_a_charge() {
    let mut house = House::open().await;
    let (traveller, change) =
        dies_at_the_charge(&mut house, Journey::Authentication, CrashPoint::CallAnswered).await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("expired", 0));
    assert_eq!(charging_keys(&house).await, 1);
    house.close().await;
}

#[tokio::test]
async fn b11_authentication_after_the_deadline_comes_too_late_and_costs_nothing() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    let intent = traveller.intent(&house, &change).await;
    house.pass(SignedDuration::from_hours(23)).await;
    assert_eq!(change.stage().await, "expired");
    house
        .provider
        .tries(&format!("/_sandbox/3ds/{intent}"), "outcome=approve")
        .await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("expired", 0));
    // The slot is free again: the next change comes through.
    let again = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &again).await;
    traveller.authenticates(&mut house, &again).await;
    house.rests().await;
    assert_eq!(again.stage().await, "active");
    house.close().await;
}

#[tokio::test]
async fn the_provider_gives_a_pending_update_up_while_nobody_looks() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    house.die().await;
    house.clock.advance(SignedDuration::from_hours(24));
    house.start().await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("expired", 0));
    house.close().await;
}
