//! B2: the plan is switched first, then the payment or 3-D Secure fails and the invoice is voided: a free upgrade, or the old
//! plan is lost. Here the old plan stays until the money is there, at the provider as in the contract.

use super::{DECLINES, NOTHING, held_at_the_provider, invoices_of_changes, quantities};
use crate::journeys::travelling::ASKS_ALWAYS;
use crate::support::{Change, Clint, Database, House};

super::on_both!(
    b02_f13_a_declined_card_and_a_voided_invoice_leave_the_old_plan,
    b02_f13_a_failed_3d_secure_leaves_the_old_plan,
);

async fn waits_for_money(house: &mut House, card: &str) -> (Clint, Change) {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let before = held_at_the_provider(house, &clint).await;
    let change = clint
        .comes_to_the_button(house, Clint::selection(5, 8), card)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(held_at_the_provider(house, &clint).await, before);
    assert_eq!(clint.held(house).await, quantities(3, 5));
    (clint, change)
}

/// The seller's people void the invoice in the dashboard; whatever the customer does then, nothing was given away.
async fn ends_with_the_old_plan(house: &mut House, clint: &Clint, change: &Change) {
    let before = held_at_the_provider(house, clint).await;
    let invoice = invoices_of_changes(house, clint).await[0]["id"].clone();
    let path = format!("/v1/invoices/{}/void", invoice.as_str().expect("an id"));
    house.provider.form(&path, &[]).await;
    house.rests().await;
    assert_ne!(change.stage().await, "active");
    assert_eq!(clint.held(house).await, quantities(3, 5));
    assert_eq!(held_at_the_provider(house, clint).await, before);
    // It is over, or the customer says so.
    if change.read().await["next_action"]["type"] != "none" {
        change.cancels().await.expect("cancelling");
        house.rests().await;
    }
    let ended = change.stage().await;
    assert!(["expired", "cancelled"].contains(&ended.as_str()), "{ended}");
    assert_eq!(clint.held(house).await, quantities(3, 5));
    assert_eq!(held_at_the_provider(house, clint).await, before);
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
}

async fn b02_f13_a_declined_card_and_a_voided_invoice_leave_the_old_plan(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = waits_for_money(&mut house, DECLINES).await;
    assert_eq!(change.stage().await, "payment_confirm.declined");
    ends_with_the_old_plan(&mut house, &clint, &change).await;
    house.close().await;
}

async fn b02_f13_a_failed_3d_secure_leaves_the_old_plan(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = waits_for_money(&mut house, ASKS_ALWAYS).await;
    assert_eq!(change.stage().await, "payment_confirm.action_required");
    let path = format!("/v1/changes/{}/authentication", change.id);
    let secret = house.backend.get(&path).await;
    let secret = secret["client_secret"].as_str().expect("a secret");
    let intent = secret.split("_secret").next().expect("an id");
    house.provider.bank_says(intent, "fail").await;
    house.rests().await;
    assert_eq!(change.stage().await, "payment_confirm.declined");
    assert_eq!(clint.held(&house).await, quantities(3, 5));
    ends_with_the_old_plan(&mut house, &clint, &change).await;
    house.close().await;
}
