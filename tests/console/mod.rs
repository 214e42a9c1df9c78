//! The support console, as its people see it: pages over HTTP, without a script.

mod duty;
mod finding;
mod freeing;
mod requests;

use crate::journeys::WORKS;
use crate::support::{Change, Clint, House};

/// A change whose charge has never happened, twice: stuck until somebody orders another attempt.
async fn halted(house: &mut House) -> (Clint, Change) {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(house, Clint::selection(5, 8), WORKS)
        .await;
    house
        .provider
        .fault_from("POST", "/v1/subscriptions/*", 2, "error_500_before")
        .await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    house.provider.heals().await;
    (clint, change)
}
