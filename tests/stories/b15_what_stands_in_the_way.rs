//! B15: a stale pending downgrade is applied after an upgrade; the price was archived; a failed charge of an add-on takes the
//! whole plan down. Here what is promised waits aside, an old answer finds it closed, a price that is gone is a clear no, and
//! what an add-on costs is its own affair. (A price that is archived while a scheduled change waits for its day is stuck with a
//! reason; the codes of what is stuck have their own stories.)

use serde_json::json;

use super::{DECLINES, NOTHING, quantities};
use crate::support::{Clint, Database, House};

super::on_both!(
    b15_a_pending_downgrade_is_never_applied_after_an_upgrade,
    b15_an_archived_price_is_a_clear_no,
    b15_a_failed_charge_of_an_extra_leaves_plan_and_extras,
);

async fn b15_a_pending_downgrade_is_never_applied_after_an_upgrade(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let down = clint.comes_to_the_quote(&mut house, Clint::selection(2, 5)).await;
    let later = json!({ "at": "2026-03-28T15:00:00Z" });
    down.support_answers("schedule", later).await.expect("an answer");
    house.settle().await;
    down.cancels().await.expect("a withdrawal");
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    // Somebody of the support still has the old ticket on the screen; and then its day comes.
    let late = down.support_answers("apply_now", json!({}));
    assert_eq!(house.refuses(&clint, late).await.code, "change_closed");
    house.pass(jiff::SignedDuration::from_hours(12 * 24)).await;
    assert_eq!(down.stage().await, "cancelled");
    assert_eq!(clint.held(&house).await, quantities(5, 8));
    house.close().await;
}

async fn b15_an_archived_price_is_a_clear_no(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let prices = house.provider.get("/v1/prices?limit=100").await;
    let device = prices["data"]
        .as_array()
        .expect("prices")
        .iter()
        .find(|price| {
            price["lookup_key"]
                .as_str()
                .is_some_and(|key| key.contains("growth.device"))
        })
        .expect("the price of a device");
    let path = format!("/v1/prices/{}", device["id"].as_str().expect("an id"));
    house.provider.form(&path, &[("active", "false")]).await;

    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let read = change.read().await;
    assert_eq!(crate::support::stage_of(&read), "draft", "{read}");
    assert_eq!(read["problem"]["code"], "catalog_not_pushed", "{read}");
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    assert_eq!(clint.held(&house).await, quantities(3, 5));

    house.provider.form(&path, &[("active", "true")]).await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    house.close().await;
}

async fn b15_a_failed_charge_of_an_extra_leaves_plan_and_extras(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let before = clint.contract(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), DECLINES)
        .await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    assert_eq!(change.stage().await, "payment_confirm.declined");
    let meanwhile = clint.contract(&house).await;
    assert_eq!(
        (&meanwhile["status"], &meanwhile["lines"]),
        (&before["status"], &before["lines"])
    );
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["status"], "active", "{subscription}");

    change.cancels().await.expect("cancelling");
    house.rests().await;
    let after = clint.contract(&house).await;
    assert_eq!(
        (&after["status"], &after["lines"]),
        (&before["status"], &before["lines"])
    );
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(subscription["status"], "active");
    house.close().await;
}
