//! B12: a payment is in flight while clean-up runs, and voiding is refused; later it is paid, or it fails. Here the abort is kept
//! and backs off; paid means active. Nothing is granted before the money is there, so that nothing has to be taken back when it
//! fails. (Money that is in flight for days is a boleto's; its stories are in `journeys/boleto_ends.rs`.)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jiff::SignedDuration;
use serde_json::json;

use super::{NOTHING, invoices_of_changes, is_at_the_bank, quantities};
use crate::journeys::travelling::Traveller;
use crate::support::{Bend, Change, Database, House};

super::on_both!(
    b12_a_payment_in_flight_that_succeeds_brings_the_plan,
    b12_a_payment_in_flight_that_comes_to_nothing_is_cancelled_at_last,
);

/// A provider at which a payment is in flight: while it is, the invoice cannot be voided.
#[derive(Default)]
struct InFlight {
    still: AtomicBool,
    refused: AtomicUsize,
}

async fn is_cancelled_in_flight(house: &mut House) -> (Traveller, Change, String, Arc<InFlight>) {
    let (traveller, change, intent) = is_at_the_bank(house).await;
    let flight = Arc::new(InFlight::default());
    let seen = Arc::clone(&flight);
    house
        .meets_a_provider_that(Bend {
            instead: Arc::new(move |request| {
                let voids = request.starts_with("POST /v1/invoices/") && request.ends_with("/void");
                if !voids || !seen.still.load(Ordering::SeqCst) {
                    return None;
                }
                seen.refused.fetch_add(1, Ordering::SeqCst);
                let message = "You cannot void this invoice while a payment for it is processing.";
                let error = json!({ "type": "invalid_request_error", "message": message });
                Some((400, json!({ "error": error })))
            }),
            ..Bend::default()
        })
        .await;
    flight.still.store(true, Ordering::SeqCst);
    change.cancels().await.expect("a wish");
    // Long enough for a loop to show itself.
    house.pass(SignedDuration::from_hours(6)).await;
    assert_eq!(change.stage().await, "payment_confirm.aborting");
    let refused = flight.refused.load(Ordering::SeqCst);
    assert!(
        (1..60).contains(&refused),
        "it is tried {refused} times in six hours"
    );
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    (traveller, change, intent, flight)
}

async fn b12_a_payment_in_flight_that_succeeds_brings_the_plan(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent, flight) = is_cancelled_in_flight(&mut house).await;
    house.provider.bank_says(&intent, "approve").await;
    flight.still.store(false, Ordering::SeqCst);
    house.pass(SignedDuration::from_hours(2)).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    assert_eq!(ending.held, quantities(5, 8));
    house.close().await;
}

async fn b12_a_payment_in_flight_that_comes_to_nothing_is_cancelled_at_last(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent, flight) = is_cancelled_in_flight(&mut house).await;
    house.provider.bank_says(&intent, "fail").await;
    flight.still.store(false, Ordering::SeqCst);
    house.pass(SignedDuration::from_hours(24)).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("cancelled", 0));
    assert_eq!(ending.held, quantities(3, 5));
    let invoices = invoices_of_changes(&house, &traveller.clint).await;
    assert!(
        invoices.iter().all(|invoice| invoice["status"] == "void"),
        "{invoices:?}"
    );
    house.close().await;
}
