//! No webhook ever arrives. Every stage that waits for the provider looks for itself, on a ladder of its own, and ends as it does
//! where it is told (F17).

mod beside;
mod lost;
mod paying;

use jiff::SignedDuration;

use super::travelling::{Traveller, is_at_the_bank};
use crate::support::{Change, Database, House};

/// The waits between two looks at a payment, in seconds.
const LADDER: [i64; 8] = [2, 5, 15, 60, 300, 900, 1800, 3600];

/// How an answer can be lost: before and after the work is done, and for good.
const LOST: [&str; 4] = [
    "reset_before",
    "reset_after",
    "error_500_before",
    "error_500_after",
];

/// A house that is never told anything.
async fn untold(database: Database) -> House {
    let house = House::open_on(database).await;
    house.provider.loses_every_webhook().await;
    house
}

async fn climbs(house: &mut House, rungs: &[i64]) {
    for seconds in rungs {
        house.clock.advance(SignedDuration::from_secs(*seconds));
        house.settle().await;
    }
}

/// It has ended so, and nobody has told it anything.
async fn ends(house: &House, traveller: &Traveller, change: &Change, stage: &str, charges: usize) {
    let ending = traveller.ending(house, change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), (stage, charges));
    let case = house.support("agent-1").shows(change).await;
    let timeline = case["timeline"].as_array().expect("lines");
    assert!(timeline.iter().all(|line| line["kind"] != "webhook"), "{case}");
}

/// The customer's bank has said no.
async fn is_declined(house: &mut House) -> (Traveller, Change) {
    let (traveller, change, intent) = is_at_the_bank(house).await;
    house.provider.bank_says(&intent, "fail").await;
    climbs(house, &LADDER[..1]).await;
    assert_eq!(change.stage().await, "payment_confirm.declined");
    (traveller, change)
}
