//! Too late: keys that are older than their window (F14), authentication after the deadline, updates that the provider gave up.

use changeover::domain::change::ChangeId;
use changeover::engine::CrashPoint;
use changeover::ports::time::Clock as _;
use jiff::SignedDuration;

use super::travelling::{Journey, Traveller};
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
async fn f14_f19_i7_a_charge_whose_answer_was_lost_for_thirty_hours_is_found_and_adopted() {
    let mut house = House::open().await;
    let (traveller, change) =
        dies_at_the_charge(&mut house, Journey::CardThatWorks, CrashPoint::CallAnswered).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    assert_eq!(charging_keys(&house).await, 1);
    house.close().await;
}

#[tokio::test]
async fn f14_i8_a_charge_that_never_left_is_proven_absent_and_made_once_more() {
    let mut house = House::open().await;
    let (traveller, change) =
        dies_at_the_charge(&mut house, Journey::CardThatWorks, CrashPoint::AttemptWritten).await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    assert_eq!(
        charging_keys(&house).await,
        1,
        "the first key never reached the provider"
    );
    let history = change.history().await;
    let lines = history["data"].as_array().expect("lines");
    let proof = lines.iter().position(|line| line["event"] == "failed");
    let proof = proof.expect("the proof is in the journal");
    let asks = |line: &&serde_json::Value| line["effects"].to_string().contains("update_subscription");
    assert_eq!(lines[..proof].iter().filter(asks).count(), 1);
    assert_eq!(
        lines[proof..].iter().filter(asks).count(),
        1,
        "I8: first the proof, then the second try"
    );
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

#[tokio::test]
async fn f9_i7_a_key_grows_old_from_its_intent_on_so_that_an_attempt_that_is_forgotten_makes_it_no_younger() {
    let mut house = House::open().await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    change.confirms().await.expect("a confirmation");
    let written = house.clock.now();
    // A fail-over can lose the word of an attempt, and with it all that only the attempt says.
    let id = ChangeId(change.id.parse().expect("an id"));
    let effects = house.engine().store().effects(id).await.expect("a store");
    let unsent: Vec<_> = effects.iter().filter(|effect| effect.attempts == 0).collect();
    assert!(!unsent.is_empty(), "the confirmation owes a call");
    for effect in unsent {
        let deadline = effect
            .key_deadline
            .expect("the intent says how long its key lives");
        assert!(
            deadline <= written + SignedDuration::from_hours(20),
            "{}",
            effect.key
        );
    }
    house.settle().await;
    house.close().await;
}
