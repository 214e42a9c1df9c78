//! Deploying another workflow file while changes are open.

use crate::support::{Clint, House};

const CLINT: &str = include_str!("../../workflows/clint.toml");

/// A device for more, other terms, and a limit that the old file did not have.
fn dearer() -> String {
    let text = CLINT
        .replace(r#"unit = "97.00""#, r#"unit = "107.00""#)
        .replace(r#"version = "2026-01""#, r#"version = "2026-04""#);
    assert_ne!(text, CLINT);
    text
}

#[tokio::test]
async fn a_change_in_flight_stays_on_its_version_and_a_new_one_starts_on_the_new() {
    let mut house = House::open().await;
    let [early, late] = [Clint::customer(&house).await, Clint::customer(&house).await];
    let change = early
        .comes_to_the_button(&mut house, Clint::selection(5, 8), super::WORKS)
        .await;
    let due = change.quote().await["due_today"]["amount"]
        .as_i64()
        .expect("an amount");

    house.deploy(&[("clint.toml", &dearer())]).await;
    house.push_catalog().await;
    assert_eq!(change.read().await["terms"]["version"], "2026-01");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    let lines = early.contract(&house).await["lines"].clone();
    assert_eq!(
        lines[1]["price"]["unit"]["amount"], 9700,
        "bought at the old price"
    );

    let new = late.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let read = new.read().await;
    assert_eq!(read["terms"]["version"], "2026-04");
    assert_eq!(
        read["quote"]["recurring"][0]["amount"]["amount"],
        5 * 10_700 + 8 * 4990
    );
    house.close().await;
}

#[tokio::test]
async fn a_change_in_flight_survives_several_deploys_and_the_way_back() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let quote = change.quote().await;
    for text in [
        dearer(),
        CLINT.replace("proprietário da conta", "titular"),
        CLINT.to_owned(),
    ] {
        house.deploy(&[("clint.toml", &text)]).await;
        house.settle().await;
        assert_eq!(change.quote().await, quote);
    }
    change.accepts().await.expect("accepting");
    assert_eq!(change.stage().await, "billing_info.asking");
    house.close().await;
}

#[tokio::test]
async fn a_held_line_keeps_the_price_that_it_was_bought_at_while_it_stays() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.deploy(&[("clint.toml", &dearer())]).await;
    house.push_catalog().await;
    house.settle().await;
    let lines = clint.contract(&house).await["lines"].clone();
    assert_eq!(lines[1]["price"]["unit"]["amount"], 9700);
    // Only the seats change: the devices are not touched, at the provider neither.
    let (_, due) = clint.changes_to(&mut house, Clint::selection(3, 8)).await;
    assert_eq!(due, super::part(8 * 4990, 23, 31) - super::part(5 * 4990, 23, 31));
    let lines = clint.contract(&house).await["lines"].clone();
    assert_eq!(lines[1]["price"]["unit"]["amount"], 9700);
    house.close().await;
}

#[tokio::test]
async fn a_price_that_was_not_pushed_is_a_clear_no() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.deploy(&[("clint.toml", &dearer())]).await;
    house.settle().await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 5)).await;
    let read = change.read().await;
    assert_eq!(
        (read["stage"].as_str(), read["problem"]["code"].as_str()),
        (Some("draft"), Some("catalog_not_pushed"))
    );
    house.push_catalog().await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    house.close().await;
}
