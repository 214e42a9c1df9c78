//! B7: the preview differs from the charge: half an hour on the page, an error of the preview shown as 0, a balance ignored. Here
//! the charge equals the quote to the cent, or it is refused with what differs line by line; an error is never shown as 0.

use jiff::SignedDuration;
use serde_json::Value;

use super::NOTHING;
use crate::journeys::{WORKS, part};
use crate::support::{Change, Clint, Database, House};

super::on_both!(
    b07_half_an_hour_on_the_page_costs_what_was_shown,
    b07_a_failed_preview_is_never_shown_as_nothing,
    b07_a_credit_balance_is_used_and_shown,
    b07_a_difference_is_shown_before_anything_is_charged,
);

/// Two devices and three seats more, for 23 of 31 days.
const DUE: i64 =
    part(5 * 9700, 23, 31) - part(3 * 9700, 23, 31) + part(8 * 4990, 23, 31) - part(5 * 4990, 23, 31);

async fn due(change: &Change) -> Option<i64> {
    change.quote().await["due_today"]["amount"].as_i64()
}

async fn has_a_balance_of(house: &House, clint: &Clint, amount: &str) {
    let path = format!("/v1/customers/{}", clint.customer);
    house.provider.form(&path, &[("balance", amount)]).await;
}

async fn b07_half_an_hour_on_the_page_costs_what_was_shown(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    assert_eq!(due(&change).await, Some(DUE));
    house.pass(SignedDuration::from_mins(30)).await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    house.close().await;
}

async fn b07_a_failed_preview_is_never_shown_as_nothing(database: Database) {
    for fault in [
        "html_502",
        "http_429",
        "garbled_after",
        "cut_after",
        "reset_before",
    ] {
        let mut house = House::open_on(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        let preview = "/v1/invoices/create_preview";
        house.provider.fault_from("POST", preview, 1, fault).await;
        let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
        house.rests().await;
        assert!(house.provider.strikes().await > 1, "{fault}");
        let read = change.read().await;
        assert_eq!(read.get("quote"), None, "{fault}: {read}");
        assert_eq!(read["next_action"]["type"], "wait", "{fault}");
        assert!(
            change.confirms().await.is_err(),
            "{fault}: there is nothing to agree to"
        );

        house.provider.heals().await;
        house.pass(SignedDuration::from_mins(10)).await;
        assert_eq!(due(&change).await, Some(DUE), "{fault}");
        house.close().await;
    }
}

async fn b07_a_credit_balance_is_used_and_shown(database: Database) {
    for (balance, due_now) in [("-5000", DUE - 5000), ("-99999", 0), ("700", DUE + 700)] {
        let mut house = House::open_on(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        has_a_balance_of(&house, &clint, balance).await;
        let (change, due) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
        assert_eq!(due, due_now, "{balance}");
        let charged: Vec<i64> = Some(due_now).filter(|amount| *amount > 0).into_iter().collect();
        assert_eq!(house.provider.charges_for_changes().await, charged, "{balance}");
        assert_eq!(change.read().await["receipt"]["charged"]["amount"], due_now);
        house.close().await;
    }
}

async fn b07_a_difference_is_shown_before_anything_is_charged(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    // After the last page was shown, and before the button is pressed, the customer owes five reais more.
    has_a_balance_of(&house, &clint, "500").await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    let read = change.read().await;
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    assert_eq!(crate::support::stage_of(&read), "quote.ready", "{read}");
    assert_eq!(due(&change).await, Some(DUE + 500));
    let differences = read["drift"]["differences"].as_array();
    assert!(differences.is_some_and(|lines| !lines.is_empty()), "{read}");

    change.accepts().await.expect("accepting");
    house.settle().await;
    let mut click = change.confirmation().await;
    click["card"] = Value::from(house.provider.cards_of(&clint.customer).await[0].clone());
    change.post("confirm", click).await.expect("a confirmation");
    house.rests().await;
    assert_eq!(house.provider.charges_for_changes().await, [DUE + 500]);
    house.close().await;
}
