//! A contract that holds nothing at the provider has nothing to be looked at for; yet its changes may have left money there. It is
//! compared daily as long as the last of them is young, and left in peace afterwards.

use jiff::SignedDuration;

use super::late_money::{changes, forgets_the_charge, refunds};
use super::travelling::Journey;
use crate::support::{Clint, Database, House};

crate::stories::on_both!(
    f9_late_money_on_a_contract_without_a_subscription_is_found_by_the_daily_sweep,
    a_contract_without_a_subscription_is_left_in_peace_once_its_last_change_is_old,
);

const HOURS: fn(i64) -> SignedDuration = SignedDuration::from_hours;

/// How far back a comparison looks, in days.
const HORIZON: i64 = 60;

async fn f9_late_money_on_a_contract_without_a_subscription_is_found_by_the_daily_sweep(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::FirstSubscription).await;
    house.provider.loses_every_webhook().await;
    // The one look that follows a change's end comes while the provider's lists cannot be read.
    for list in ["/v1/subscriptions", "/v1/invoices"] {
        house.provider.breaks("GET", list, "html_502").await;
    }
    change.cancels().await.expect("cancelling");
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    house.provider.heals().await;
    house.rests().await;
    assert_eq!(
        changes(&house, &traveller).await.len(),
        1,
        "nobody has seen it yet"
    );

    house.pass(HOURS(25)).await;
    let all = changes(&house, &traveller).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0]["stage"], "active", "what was bought is held");
    assert_eq!(change.read().await["succeeded_by"], all[0]["id"]);
    assert_eq!(traveller.ending(&house, &change).await.charges(), 1);
    assert_eq!(refunds(&house).await, [] as [i64; 0]);
    assert_eq!(house.support("agent-1").stuck().await, []);
    house.close().await;
}

/// How many requests reach the provider in three days.
async fn asked_in_three_days(house: &mut House) -> usize {
    let before = house.provider.requests().await.len();
    house.pass(HOURS(3 * 24)).await;
    house.provider.requests().await.len() - before
}

async fn a_contract_without_a_subscription_is_left_in_peace_once_its_last_change_is_old(database: Database) {
    let mut house = House::open_on(database).await;
    // The account is known to the provider, by another contract that is gone.
    let clint = Clint::customer(&house).await;
    let bare = clint.with_another_contract(&house).await;
    house.provider.ends(&clint.subscription).await;
    let change = bare.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    change.cancels().await.expect("cancelling");
    house.rests().await;
    let young = asked_in_three_days(&mut house).await;
    house.pass(HOURS(HORIZON * 24)).await;
    let old = asked_in_three_days(&mut house).await;
    assert!(
        young > 0 && old == 0,
        "{young} requests while it is young, {old} later"
    );
    assert_eq!(change.stage().await, "cancelled");
    house.close().await;
}
