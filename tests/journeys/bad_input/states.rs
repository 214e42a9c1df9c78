//! Before a change: every state of the contract at the provider in which none can begin.

use jiff::SignedDuration;
use serde_json::Value;

use crate::journeys::{WORKS, part};
use crate::support::{Change, Clint, House};

/// Opens a change and asks for a quote, which is refused: the change waits with the reason, and nothing else has moved.
async fn no_quote(house: &mut House, clint: &Clint, code: &str) -> Change {
    house.settle().await;
    let change = clint
        .opens(house, Clint::selection(5, 8))
        .await
        .expect("a change");
    asks_in_vain(house, clint, &change, code).await;
    change
}

async fn asks_in_vain(house: &mut House, clint: &Clint, change: &Change, code: &str) {
    let before = money_and_plan(house, clint).await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(crate::support::stage_of(&read), "draft", "{code}: {read}");
    let problem = &read["problem"];
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["type"], format!("/problems/{code}"));
    for sentence in ["detail", "next", "title"] {
        assert!(
            problem[sentence].as_str().is_some_and(|text| text.len() > 10),
            "{problem}"
        );
    }
    assert_eq!(read.get("quote"), None, "{code}");
    assert_eq!(money_and_plan(house, clint).await, before, "{code}");
}

async fn money_and_plan(house: &House, clint: &Clint) -> (Vec<Value>, Value, Value) {
    let subscription = house.provider.subscription(&clint.subscription).await;
    (
        house.provider.ledger().await,
        subscription["items"].clone(),
        clint.contract(house).await["lines"].clone(),
    )
}

#[tokio::test]
async fn a_renewal_that_is_not_paid_comes_first() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let bad = house
        .provider
        .brings_card(&clint.customer, "pm_card_chargeCustomerFail")
        .await;
    house
        .provider
        .edits(&clint.subscription, &[("default_payment_method", &bad)])
        .await;
    house
        .clock
        .move_to("2026-04-10T03:00:00Z".parse().expect("an instant"));
    house.settle().await;
    house.pass(SignedDuration::from_hours(2)).await;
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["status"], "past_due");
    no_quote(&mut house, &clint, "subscription_past_due").await;
    house.close().await;
}

#[tokio::test]
async fn a_subscription_that_is_set_to_end_is_not_changed() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house
        .provider
        .edits(&clint.subscription, &[("cancel_at_period_end", "true")])
        .await;
    let change = no_quote(&mut house, &clint, "subscription_ending").await;
    // Withdrawn at the provider, the same change goes on.
    house
        .provider
        .edits(&clint.subscription, &[("cancel_at_period_end", "false")])
        .await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    assert_eq!(change.read().await.get("problem"), None);
    house.close().await;
}

#[tokio::test]
async fn a_subscription_that_ended_meanwhile_is_not_changed_but_begun_anew() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    change.asks_for_a_quote().await.expect("asking");
    house.provider.ends(&clint.subscription).await;
    house.settle().await;
    let read = change.read().await;
    assert_eq!(crate::support::stage_of(&read), "draft");
    assert_eq!(read["problem"]["code"], "subscription_ended", "{read}");
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());

    // The end was seen beside the open change: the same change now begins a subscription.
    assert_eq!(clint.held(&house).await, []);
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let due = part(5 * 9700, 23, 31) + part(8 * 4990, 23, 31);
    assert_eq!(change.quote().await["due_today"]["amount"], due);
    house.close().await;
}

#[tokio::test]
async fn a_paused_subscription_is_not_changed() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house
        .provider
        .edits(&clint.subscription, &[("pause_collection[behavior]", "void")])
        .await;
    no_quote(&mut house, &clint, "subscription_paused").await;
    house.close().await;
}

#[tokio::test]
async fn a_subscription_that_sends_invoices_is_not_charged_to_a_card() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let fields = [("collection_method", "send_invoice"), ("days_until_due", "7")];
    house.provider.edits(&clint.subscription, &fields).await;
    no_quote(&mut house, &clint, "subscription_sends_invoices").await;
    house.close().await;
}

#[tokio::test]
async fn a_trial_is_waited_for() {
    let mut house = House::open().await;
    let clint = Clint::customer_on(&house, &[("trial_period_days", "14")]).await;
    no_quote(&mut house, &clint, "subscription_trialing").await;
    house.close().await;
}

#[tokio::test]
async fn a_subscription_whose_first_invoice_is_unpaid_is_not_changed() {
    let mut house = House::open().await;
    let clint = Clint::customer_on(&house, &[("payment_behavior", "default_incomplete")]).await;
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["status"], "incomplete");
    no_quote(&mut house, &clint, "subscription_unpaid").await;
    house.close().await;
}

#[tokio::test]
async fn somebody_elses_unpaid_update_is_not_overwritten() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let asks = house
        .provider
        .brings_card(&clint.customer, "pm_card_authenticationRequired")
        .await;
    house
        .provider
        .edits(&clint.subscription, &[("default_payment_method", &asks)])
        .await;
    let subscription = house.provider.subscription(&clint.subscription).await;
    let item = subscription["items"]["data"][0]["id"].as_str().expect("an id");
    let fields = [
        ("items[0][id]", item),
        ("items[0][quantity]", "9"),
        ("payment_behavior", "pending_if_incomplete"),
        ("proration_behavior", "always_invoice"),
    ];
    let subscription = house.provider.edits(&clint.subscription, &fields).await;
    assert!(subscription["pending_update"].is_object(), "{subscription}");
    no_quote(&mut house, &clint, "subscription_update_pending").await;
    assert_eq!(clint.held(&house).await[0], ("device".to_owned(), 3));
    house.close().await;
}

#[tokio::test]
async fn an_edit_at_the_provider_while_a_change_is_open_stops_it_until_it_is_taken_over() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    house.provider.loses_every_webhook().await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let subscription = house.provider.subscription(&clint.subscription).await;
    let item = subscription["items"]["data"][0]["id"].as_str().expect("an id");
    let fields = [("items[0][id]", item), ("items[0][quantity]", "4")];
    house.provider.edits(&clint.subscription, &fields).await;
    asks_in_vain(&mut house, &clint, &change, "contract_out_of_step").await;
    let said = change.read().await["problem"]["detail"].clone();
    assert!(
        said.as_str().is_some_and(|said| said.contains("item:device")),
        "{said}"
    );

    // As the sentence says: the edit is taken over, beside the open change, and the same change goes on from it.
    house.pass(SignedDuration::from_hours(25)).await;
    assert_eq!(clint.held(&house).await[0], ("device".to_owned(), 4));
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.quote().await["holdings"][0]["now"], 4);
    house.close().await;
}

#[tokio::test]
async fn shortly_before_a_renewal_nothing_is_quoted() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house
        .clock
        .move_to("2026-04-10T02:30:00Z".parse().expect("an instant"));
    no_quote(&mut house, &clint, "renewal_too_near").await;
    let shown = clint.estimates(&house, Clint::selection(5, 8)).await;
    assert_eq!(shown["frozen_until"], "2026-04-10T03:00:00Z");
    house.close().await;
}

#[tokio::test]
async fn a_state_that_comes_between_the_yes_and_the_charge_charges_nothing() {
    for (name, value, code) in [
        ("cancel_at_period_end", "true", "subscription_ending"),
        ("pause_collection[behavior]", "void", "subscription_paused"),
    ] {
        let mut house = House::open().await;
        let clint = Clint::customer(&house).await;
        let change = clint
            .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
            .await;
        let card_before =
            house.provider.subscription(&clint.subscription).await["default_payment_method"].clone();
        change.confirms().await.expect("a confirmation");
        house.provider.edits(&clint.subscription, &[(name, value)]).await;
        house.settle().await;
        let read = change.read().await;
        assert_eq!(read["stage"], "draft", "{read}");
        assert_eq!(read["problem"]["code"], code, "{read}");
        assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
        assert_eq!(clint.held(&house).await[0], ("device".to_owned(), 3));
        let subscription = house.provider.subscription(&clint.subscription).await;
        assert_eq!(
            subscription["default_payment_method"], card_before,
            "the old card is put back"
        );
        house.close().await;
    }
}
