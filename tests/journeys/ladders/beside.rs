//! Waiting to give up, for a quote, for a day, and for what happens to a contract.

use changeover::ports::time::Clock as _;
use jiff::SignedDuration;
use serde_json::json;

use super::{LADDER, LOST, climbs, ends, untold};
use crate::journeys::renewals::{comes_to_the_anchor_day, seen};
use crate::journeys::travelling::{Journey, is_at_the_bank};
use crate::support::{Clint, Database, SlowBank};

crate::stories::on_both!(
    f17_an_abort_that_waits_for_the_bank_has_one_winner,
    f17_a_quote_that_could_not_be_had_is_asked_for_again,
    f17_a_request_to_go_down_is_applied_on_its_day,
    f17_renewals_edits_and_the_end_of_a_contract_are_seen,
);

async fn f17_an_abort_that_waits_for_the_bank_has_one_winner(database: Database) {
    let mut house = untold(database).await;
    let bank = SlowBank::beside(&mut house).await;
    for (says, stage, charges) in [("approve", "active", 1), ("fail", "cancelled", 0)] {
        let (traveller, change, intent) = is_at_the_bank(&mut house).await;
        bank.begins();
        change.cancels().await.expect("a wish");
        climbs(&mut house, &LADDER).await;
        assert_eq!(change.stage().await, "payment_confirm.aborting");
        bank.is_done();
        house.provider.bank_says(&intent, says).await;
        climbs(&mut house, &[3600, 3600]).await;
        ends(&house, &traveller, &change, stage, charges).await;
    }
    house.close().await;
}

async fn f17_a_quote_that_could_not_be_had_is_asked_for_again(database: Database) {
    let mut house = untold(database).await;
    let traveller = Journey::CardThatWorks.traveller(&mut house).await;
    let change = traveller.opens(&mut house).await;
    house
        .provider
        .breaks("POST", "/v1/invoices/create_preview", "reset_before")
        .await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    climbs(&mut house, &LADDER).await;
    assert_eq!(change.stage().await, "quote.pending");
    house.provider.heals().await;
    climbs(&mut house, &[3600]).await;
    ends(&house, &traveller, &change, "quote.ready", 0).await;
    house.close().await;
}

async fn f17_a_request_to_go_down_is_applied_on_its_day(database: Database) {
    let mut house = untold(database).await;
    for fault in LOST {
        let traveller = Journey::GoingDown.traveller(&mut house).await;
        let change = traveller.comes_to_the_button(&mut house).await;
        let day = house.clock.now().checked_add(SignedDuration::from_hours(48));
        let day = day.expect("an instant").to_string();
        change
            .support_answers("schedule", json!({ "at": day }))
            .await
            .expect("an answer");
        house.pass(SignedDuration::from_hours(47)).await;
        assert_eq!(change.stage().await, "downgrade_ticket.scheduled");
        house
            .provider
            .fault("POST", "/v1/subscriptions/*", 1, fault)
            .await;
        climbs(&mut house, &[3600]).await;
        house.rests().await;
        assert_eq!(house.provider.strikes().await, 1, "{fault}");
        if change.stage().await == "downgrade_ticket.open" {
            // What provably was not applied comes back to support.
            assert_eq!(fault, "error_500_before");
            let answered = change.support_answers("apply_now", json!({})).await;
            answered.expect("an answer");
            house.rests().await;
        }
        ends(&house, &traveller, &change, "active", 0).await;
    }
    house.close().await;
}

async fn f17_renewals_edits_and_the_end_of_a_contract_are_seen(database: Database) {
    let mut house = untold(database).await;
    let clint = Clint::customer(&house).await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    comes_to_the_anchor_day(&mut house).await;
    assert_eq!(seen(&house, &clint).await, ["adopted", "renewed"]);
    let period = clint.contract(&house).await["periods"][0].clone();
    assert_eq!(period["end"], "2026-05-10T03:00:00Z");
    let (_, due) = clint.changes_to(&mut house, Clint::selection(6, 8)).await;
    assert_eq!(due, 9700, "a whole new period of one device more");

    let held = house.provider.subscription(&clint.subscription).await;
    let item = held["items"]["data"][0]["id"].as_str().expect("an id");
    let fields = [
        ("items[0][id]", item),
        ("items[0][quantity]", "7"),
        ("proration_behavior", "none"),
    ];
    house.provider.edits(&clint.subscription, &fields).await;
    house.pass(SignedDuration::from_hours(25)).await;
    assert_eq!(clint.held(&house).await[0], ("device".to_owned(), 7));
    house.provider.ends(&clint.subscription).await;
    house.pass(SignedDuration::from_hours(25)).await;
    assert_eq!(
        seen(&house, &clint).await,
        ["adopted", "renewed", "edited_elsewhere", "ended"]
    );
    assert_eq!(clint.held(&house).await, []);
    house.close().await;
}
