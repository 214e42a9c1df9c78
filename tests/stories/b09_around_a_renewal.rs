//! B9: the renewal's invoice was drafted at the old price when the change lands; a scheduled change is carried out late. What is
//! granted is what paid lines say, and nothing is billed for the past.

use changeover::ports::time::Clock as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{NOTHING, quantities};
use crate::support::{Clint, Database, House};

super::on_both!(
    b09_a_change_beside_a_drafted_renewal_pays_only_the_difference,
    b09_a_scheduled_change_that_is_late_bills_nothing_for_the_past,
);

/// The renewal on the 10th of April and of May, in São Paulo.
const RENEWAL: &str = "2026-04-10T03:00:00Z";
const NEXT_RENEWAL: &str = "2026-05-10T03:00:00Z";

const OLD: i64 = 3 * 9700 + 5 * 4990;
const NEW: i64 = 5 * 9700 + 8 * 4990;

async fn comes_to(house: &mut House, instant: &str, and_then: SignedDuration) {
    let instant: Timestamp = instant.parse().expect("an instant");
    house.clock.move_to(instant + and_then);
    house.rests().await;
}

/// What renewals have billed, and whether they are paid, the oldest first.
async fn renewals(house: &House, clint: &Clint) -> Vec<(i64, Value)> {
    let path = format!("/v1/invoices?customer={}&limit=100", clint.customer);
    let page = house.provider.get(&path).await;
    let all = page["data"].as_array().expect("invoices").iter().rev();
    all.filter(|invoice| invoice["billing_reason"] == "subscription_cycle")
        .map(|invoice| {
            (
                invoice["total"].as_i64().expect("an amount"),
                invoice["status"].clone(),
            )
        })
        .collect()
}

async fn b09_a_change_beside_a_drafted_renewal_pays_only_the_difference(database: Database) {
    let mut house = House::open_on_at(database, "2026-04-09T15:00:00Z").await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    comes_to(&mut house, RENEWAL, SignedDuration::from_mins(10)).await;
    assert_eq!(renewals(&house, &clint).await, [(OLD, json!("draft"))]);

    let (_, due) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    assert_eq!(due, NEW - OLD, "a whole period, from the anchor day on");
    house.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(renewals(&house, &clint).await, [(OLD, json!("paid"))]);
    assert_eq!(clint.held(&house).await, quantities(5, 8));
    comes_to(&mut house, NEXT_RENEWAL, SignedDuration::from_hours(2)).await;
    house.pass(SignedDuration::from_hours(1)).await;
    assert_eq!(
        renewals(&house, &clint).await,
        [(OLD, json!("paid")), (NEW, json!("paid"))]
    );
    assert_eq!(house.provider.charges_for_changes().await, [NEW - OLD]);
    assert_eq!(clint.held(&house).await, quantities(5, 8));
    house.close().await;
}

async fn b09_a_scheduled_change_that_is_late_bills_nothing_for_the_past(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(2, 5)).await;
    let day = json!({ "at": "2026-03-20T15:00:00Z" });
    change.support_answers("schedule", day).await.expect("an answer");
    house.settle().await;
    // Nobody works on that day, nor on the five that follow.
    house.die().await;
    house.clock.advance(SignedDuration::from_hours(7 * 24));
    house.start().await;
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(clint.held(&house).await, quantities(2, 5));
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    assert!(house.clock.now() < RENEWAL.parse().expect("an instant"));

    comes_to(&mut house, RENEWAL, SignedDuration::from_hours(2)).await;
    house.pass(SignedDuration::from_hours(1)).await;
    // The new quantities, and neither a credit nor a debit for the days before.
    assert_eq!(
        renewals(&house, &clint).await,
        [(2 * 9700 + 5 * 4990, json!("paid"))]
    );
    house.close().await;
}
