//! What happens at the provider while no change is open: renewals, edits and cancellations are seen, and the next quote is
//! right.

use jiff::SignedDuration;
use serde_json::Value;

use super::{WORKS, part};
use crate::support::{Clint, House};

const HOURS: fn(i64) -> SignedDuration = SignedDuration::from_hours;

/// The names of what the contract's history tells.
pub async fn seen(house: &House, clint: &Clint) -> Vec<String> {
    let path = format!("/v1/contracts/{}/history?limit=200", clint.contract);
    let history = house.backend.get(&path).await;
    let lines = history["data"].as_array().expect("lines").iter();
    lines
        .map(|line| match &line["event"] {
            Value::String(word) => word.clone(),
            event => event
                .as_object()
                .and_then(|named| named.keys().next().cloned())
                .expect("a word"),
        })
        .collect()
}

/// On the anchor day, once the renewal is paid.
pub async fn comes_to_the_anchor_day(house: &mut House) {
    house
        .clock
        .move_to("2026-04-10T02:30:00Z".parse().expect("an instant"));
    house.settle().await;
    house.pass(HOURS(3)).await;
}

#[tokio::test]
async fn a_renewal_moves_periods_and_debits_and_the_next_quote_is_right() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    comes_to_the_anchor_day(&mut house).await;
    assert_eq!(seen(&house, &clint).await, ["adopted", "renewed"]);
    let period = clint.contract(&house).await["periods"][0].clone();
    assert_eq!(period["start"], "2026-04-10T03:00:00Z");
    assert_eq!(period["end"], "2026-05-10T03:00:00Z");

    // On the anchor day the full price; later in the month the days that are left of 30.
    let shown = clint.estimates(&house, Clint::selection(6, 8)).await;
    let (_, due) = clint.changes_to(&mut house, Clint::selection(6, 8)).await;
    assert_eq!(due, 9700);
    assert_eq!(shown["due_now"]["amount"], due);
    house.pass(HOURS(10 * 24)).await;
    let shown = clint.estimates(&house, Clint::selection(6, 10)).await;
    let (_, due) = clint.changes_to(&mut house, Clint::selection(6, 10)).await;
    assert_eq!(due, part(10 * 4990, 20, 30) - part(8 * 4990, 20, 30));
    assert_eq!(shown["due_now"]["amount"], due);
    house.close().await;
}

#[tokio::test]
async fn a_quote_from_before_the_renewal_is_not_charged_after_it() {
    let mut house = House::open_at("2026-04-09T15:00:00Z").await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    comes_to_the_anchor_day(&mut house).await;
    let problem = house.refuses(&clint, change.confirms()).await;
    assert_eq!(problem.code, "quote_expired");
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(
        read["quote"]["due_today"]["amount"],
        2 * 9700 + 3 * 4990,
        "the full price, from the anchor day on"
    );
    assert_eq!(read["drift"]["why"], "expired");
    assert!(!read["drift"]["differences"].as_array().expect("lines").is_empty());
    house.close().await;
}

#[tokio::test]
async fn an_edit_at_the_provider_is_seen_and_the_next_quote_starts_from_it() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let subscription = house.provider.subscription(&clint.subscription).await;
    let item = subscription["items"]["data"][0]["id"].as_str().expect("an id");
    let fields = [
        ("items[0][id]", item),
        ("items[0][quantity]", "7"),
        ("proration_behavior", "always_invoice"),
    ];
    house.provider.edits(&clint.subscription, &fields).await;
    house.settle().await;
    assert_eq!(seen(&house, &clint).await, ["adopted", "edited_elsewhere"]);
    assert_eq!(clint.held(&house).await[0], ("device".to_owned(), 7));

    let (_, due) = clint.changes_to(&mut house, Clint::selection(8, 5)).await;
    let charged = house.provider.charges_for_changes().await;
    assert_eq!(charged.last(), Some(&due));
    assert_eq!(clint.held(&house).await[0], ("device".to_owned(), 8));
    house.close().await;
}

#[tokio::test]
async fn an_edit_at_the_provider_is_seen_without_a_webhook_too() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    house.provider.loses_every_webhook().await;
    house
        .provider
        .edits(&clint.subscription, &[("cancel_at_period_end", "true")])
        .await;
    house.settle().await;
    assert_eq!(
        clint.contract(&house).await["status"],
        "active",
        "nobody has told us"
    );
    house.pass(HOURS(25)).await;
    assert_eq!(clint.contract(&house).await["status"], "ending");
    assert_eq!(seen(&house, &clint).await, ["adopted", "set_to_end"]);
    house.close().await;
}

#[tokio::test]
async fn a_cancellation_at_the_provider_is_seen_withdrawn_and_final() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    for ends in ["true", "false", "true"] {
        house
            .provider
            .edits(&clint.subscription, &[("cancel_at_period_end", ends)])
            .await;
        house.settle().await;
    }
    let contract = clint.contract(&house).await;
    assert_eq!(contract["status"], "ending");
    assert_eq!(contract["ends_at"], "2026-04-10T03:00:00Z");
    comes_to_the_anchor_day(&mut house).await;
    assert_eq!(
        seen(&house, &clint).await,
        ["adopted", "set_to_end", "end_withdrawn", "set_to_end", "ended"]
    );

    // The plan was bought in another way and stays; the next extra is a first one again.
    let contract = clint.contract(&house).await;
    assert_eq!(
        (contract["status"].as_str(), contract.get("subscription")),
        (Some("active"), None)
    );
    assert_eq!(clint.held(&house).await, []);
    let (_, due) = clint.changes_to(&mut house, Clint::selection(2, 0)).await;
    assert_eq!(due, 2 * 9700, "on the anchor day");
    assert_eq!(clint.held(&house).await, [("device".to_owned(), 2)]);
    house.close().await;
}

/// Somebody brings the subscription to what the customer is about to pay for, after they have read the quote: there is nothing
/// to charge for any more, and the customer is told.
#[tokio::test]
async fn an_edit_that_leaves_nothing_to_pay_for_leads_back_to_choosing() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(7, 5), WORKS)
        .await;
    let subscription = house.provider.subscription(&clint.subscription).await;
    let item = subscription["items"]["data"][0]["id"].as_str().expect("an id");
    let fields = [
        ("items[0][id]", item),
        ("items[0][quantity]", "7"),
        ("proration_behavior", "none"),
    ];
    house.provider.edits(&clint.subscription, &fields).await;
    house.settle().await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    assert_eq!(change.stage().await, "draft");
    let problem = &change.read().await["problem"];
    assert_eq!(problem["code"], "nothing_changes", "{problem}");
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    house.close().await;
}
