//! B13: the payment succeeds after the cancellation, the expiry or a replacement, or in the same instant. There is one winner, and
//! the money is honoured or refunded, once.

use jiff::SignedDuration;
use serde_json::json;

use super::{NOTHING, is_at_the_bank, quantities};
use crate::journeys::late_money::{changes, forgets_the_charge, refunds};
use crate::journeys::travelling::{Journey, Traveller};
use crate::support::{Change, Database, House};

super::on_both!(
    b13_f18_the_customer_pays_in_the_instant_of_the_cancel_and_has_the_plan,
    b13_f18_the_customer_pays_in_the_instant_of_the_expiry_and_has_the_plan,
    b13_f18_a_payment_while_the_abort_is_held_up_is_honoured_once,
    b13_what_is_paid_and_then_edited_past_us_is_never_given_up_by_time,
    b13_f9_money_for_a_change_that_is_over_is_honoured_by_a_successor,
    b13_f9_money_for_what_is_not_held_any_more_goes_back_once_and_the_customer_is_told,
);

async fn has_the_plan_once(house: &mut House, traveller: &Traveller, change: &Change, mails: usize) {
    house.rests().await;
    let ending = traveller.ending(house, change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    assert_eq!(ending.held, quantities(5, 8));
    assert_eq!(ending.mails.len(), mails, "{:?}", ending.mails);
    // Nothing comes of it later either.
    house.pass(SignedDuration::from_hours(30)).await;
    assert_eq!(traveller.ending(house, change).await, ending);
}

async fn b13_f18_the_customer_pays_in_the_instant_of_the_cancel_and_has_the_plan(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.provider.bank_says(&intent, "approve").await;
    let cancelled = change.cancels().await.expect("a wish to cancel");
    assert_eq!(cancelled["stage"], "payment_confirm");
    has_the_plan_once(&mut house, &traveller, &change, 1).await;
    house.close().await;
}

async fn b13_f18_the_customer_pays_in_the_instant_of_the_expiry_and_has_the_plan(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.provider.loses_every_webhook().await;
    house.pass(SignedDuration::from_hours(22)).await;
    // The last look before the deadline is over; then the customer pays, and the time is up before anybody looks again.
    house.provider.bank_says(&intent, "approve").await;
    house.clock.advance(SignedDuration::from_mins(50));
    // A reminder has left on the way, and the receipt.
    has_the_plan_once(&mut house, &traveller, &change, 2).await;
    house.close().await;
}

async fn b13_f18_a_payment_while_the_abort_is_held_up_is_honoured_once(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    // The provider is asked to void, and does not answer as it should; at that moment the bank says yes.
    house
        .provider
        .fault("POST", "/v1/invoices/*/void", 1, "reset_before")
        .await;
    change.cancels().await.expect("a wish");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.aborting");
    house.provider.bank_says(&intent, "approve").await;
    has_the_plan_once(&mut house, &traveller, &change, 1).await;
    house.close().await;
}

/// Somebody sets the devices in the dashboard.
async fn edits(house: &House, traveller: &Traveller, devices: &str) {
    let held = house.provider.subscription(&traveller.clint.subscription).await;
    let fields = [
        (
            "items[0][id]",
            held["items"]["data"][0]["id"].as_str().expect("an id"),
        ),
        ("items[0][quantity]", devices),
        ("proration_behavior", "none"),
    ];
    house.provider.edits(&traveller.clint.subscription, &fields).await;
}

async fn b13_what_is_paid_and_then_edited_past_us_is_never_given_up_by_time(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.provider.loses_every_webhook().await;
    house.provider.bank_says(&intent, "approve").await;
    edits(&house, &traveller, "3").await;
    // Far beyond every deadline of a payment, the provider's own included.
    house.pass(SignedDuration::from_hours(9 * 24)).await;
    assert_eq!(change.stage().await, "payment_confirm.settling");
    let agent = house.support("agent-1");
    agent.sees(&change, "paid_not_switched").await;
    let voids = house.provider.requests_to("POST", "/void").await;
    assert!(voids.is_empty(), "a paid invoice cannot be voided: {voids:?}");
    edits(&house, &traveller, "5").await;
    // It is still looked at, once an hour.
    house.pass(SignedDuration::from_mins(61)).await;
    assert_eq!(agent.stuck().await, []);
    // A reminder had left before the customer was at the bank's page; the receipt follows now.
    has_the_plan_once(&mut house, &traveller, &change, 1).await;
    house.close().await;
}

async fn b13_f9_money_for_a_change_that_is_over_is_honoured_by_a_successor(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::CardThatWorks).await;
    change.cancels().await.expect("cancelling");
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled", "what is over stays over");
    let all = changes(&house, &traveller).await;
    assert_eq!(all[0]["stage"], "active", "{all:?}");
    assert_eq!(all[0]["succeeds"], json!(change.id));
    assert_eq!(change.read().await["succeeded_by"], all[0]["id"]);
    let ending = traveller.ending(&house, &change).await;
    assert_eq!(ending.charges(), 1);
    assert_eq!(refunds(&house).await, NOTHING);
    house.pass(SignedDuration::from_hours(25)).await;
    assert_eq!(changes(&house, &traveller).await.len(), 2, "honoured once");
    house.close().await;
}

async fn b13_f9_money_for_what_is_not_held_any_more_goes_back_once_and_the_customer_is_told(
    database: Database,
) {
    let mut house = House::open_on(database).await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::CardThatWorks).await;
    let charged = house.provider.charges_for_changes().await;
    // Somebody has put the subscription back by hand meanwhile.
    let held = house.provider.subscription(&traveller.clint.subscription).await;
    let items = held["items"]["data"].as_array().expect("items");
    for (item, quantity) in items.iter().zip(["3", "5"]) {
        let fields = [
            ("items[0][id]", item["id"].as_str().expect("an id")),
            ("items[0][quantity]", quantity),
            ("proration_behavior", "none"),
        ];
        house.provider.edits(&traveller.clint.subscription, &fields).await;
    }
    change.cancels().await.expect("cancelling");
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    assert_eq!(refunds(&house).await, charged, "exactly what was paid");
    house.pass(SignedDuration::from_hours(25)).await;
    house.pass(SignedDuration::from_hours(25)).await;
    assert_eq!(refunds(&house).await.len(), 1, "once");
    // The first of the three was sent in the life that was lost.
    let mails = traveller.ending(&house, &change).await.mails;
    let told = |subject: &str| mails.iter().filter(|mail| mail.contains(subject)).count();
    assert_eq!(
        (mails.len(), told("cancelada"), told("dinheiro de volta")),
        (3, 1, 1),
        "{mails:?}"
    );
    house.close().await;
}
