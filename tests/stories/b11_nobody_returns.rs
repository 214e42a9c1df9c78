//! B11: the customer never returns from the bank's page, the intent never expires, and the slot stays held. Here there is a
//! deadline and a safe abort, and the customer can cancel and choose again at once.

use jiff::SignedDuration;

use super::{NOTHING, is_at_the_bank};
use crate::support::{Clint, Database, House};

super::on_both!(
    b11_the_customer_cancels_on_the_banks_page_and_chooses_again_at_once,
    b11_authentication_after_the_deadline_comes_too_late_and_costs_nothing,
);

/// The button on the bank's page is pressed after all, whatever comes of it.
async fn presses_approve(house: &mut House, intent: &str) {
    house.provider.bank_is_asked(intent).await;
    house.rests().await;
}

async fn b11_the_customer_cancels_on_the_banks_page_and_chooses_again_at_once(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    change.cancels().await.expect("cancelling");
    house.settle().await;
    assert_eq!(change.stage().await, "cancelled", "without waiting");
    let clint = &traveller.clint;
    let again = clint.comes_to_the_quote(&mut house, Clint::selection(4, 6)).await;
    assert_eq!(again.stage().await, "quote.ready");
    presses_approve(&mut house, &intent).await;
    assert_eq!(change.stage().await, "cancelled");
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    house.close().await;
}

async fn b11_authentication_after_the_deadline_comes_too_late_and_costs_nothing(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.pass(SignedDuration::from_hours(23)).await;
    assert_eq!(change.stage().await, "expired");
    presses_approve(&mut house, &intent).await;
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
