//! Giving up, where the provider does not let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::money::waits_for_the_bank;
use super::{AN_HOUR_AND_MORE, actions, fact, frees, is_free};
use crate::journeys::travelling::{Traveller, is_at_the_bank};
use crate::support::{Bend, Change, Database, House, SlowBank};

crate::stories::on_both!(
    i25_an_invoice_that_the_provider_does_not_void_is_voided_when_support_orders_it,
    i25_who_pays_while_the_abort_has_halted_has_the_plan_when_support_looks,
    i25_money_that_wins_against_a_waiting_abort_is_seen_when_support_looks,
    i25_an_abort_that_waits_is_over_when_support_orders_it_and_the_bank_has_let_go,
);

/// A change that is to be given up while its invoice is open, and the provider says no to voiding it.
async fn halts(house: &mut House) -> (Arc<AtomicBool>, Traveller, Change, String) {
    let refuses = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&refuses);
    house
        .meets_a_provider_that(Bend {
            instead: Arc::new(move |request| {
                let voids = request.starts_with("POST /v1/invoices/") && request.ends_with("/void");
                let no = json!({ "error": {
                    "type": "invalid_request_error", "code": "resource_missing", "param": "invoice",
                    "message": "No such invoice: it belongs to another account.",
                } });
                (voids && asked.load(Ordering::SeqCst)).then_some((404, no))
            }),
            ..Bend::default()
        })
        .await;
    let (traveller, change, intent) = is_at_the_bank(house).await;
    house.provider.loses_every_webhook().await;
    change.cancels().await.expect("a wish");
    house.rests().await;
    let stuck = house.support("agent-1").sees(&change, "abort_halted").await;
    assert_eq!(actions(&stuck), ["retry", "refresh", "note"], "{stuck}");
    assert!(fact(&stuck, "invoice").starts_with("in_"));
    (refuses, traveller, change, intent)
}

async fn i25_an_invoice_that_the_provider_does_not_void_is_voided_when_support_orders_it(database: Database) {
    let mut house = House::open_on(database).await;
    let (refuses, traveller, change, _) = halts(&mut house).await;
    refuses.store(false, Ordering::SeqCst);
    frees(&house, &change, "abort_halted", "retry").await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("cancelled", 0));
    is_free(&house).await;
    house.close().await;
}

async fn i25_who_pays_while_the_abort_has_halted_has_the_plan_when_support_looks(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, traveller, change, intent) = halts(&mut house).await;
    house.provider.bank_says(&intent, "approve").await;
    frees(&house, &change, "abort_halted", "refresh").await;
    house.settle().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    is_free(&house).await;
    house.close().await;
}

/// The change is given up while the bank takes its time.
async fn waits_to_be_given_up(house: &mut House) -> (SlowBank, Traveller, Change, String) {
    let (bank, traveller, change, intent) = waits_for_the_bank(house).await;
    change.cancels().await.expect("a wish");
    house.rests().await;
    is_free(house).await;
    house.pass(AN_HOUR_AND_MORE).await;
    let stuck = house.support("agent-1").sees(&change, "abort_waits").await;
    assert_eq!(actions(&stuck), ["retry", "refresh", "note"], "{stuck}");
    (bank, traveller, change, intent)
}

async fn i25_money_that_wins_against_a_waiting_abort_is_seen_when_support_looks(database: Database) {
    let mut house = House::open_on(database).await;
    let (bank, traveller, change, intent) = waits_to_be_given_up(&mut house).await;
    bank.is_done();
    house.provider.bank_says(&intent, "approve").await;
    frees(&house, &change, "abort_waits", "refresh").await;
    house.settle().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    is_free(&house).await;
    house.close().await;
}

async fn i25_an_abort_that_waits_is_over_when_support_orders_it_and_the_bank_has_let_go(database: Database) {
    let mut house = House::open_on(database).await;
    let (bank, traveller, change, _) = waits_to_be_given_up(&mut house).await;
    bank.is_done();
    frees(&house, &change, "abort_waits", "retry").await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("cancelled", 0));
    is_free(&house).await;
    house.close().await;
}
