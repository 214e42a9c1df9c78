//! B1: paying fails, the customer gives up, the invoice stays open and is collected minutes later; meanwhile they have tried
//! again. Here there is one invoice per change, and giving up ends only once it reads back as void.

use serde_json::json;

use super::{DECLINES, NOTHING, invoices_of_changes, quantities};
use crate::journeys::WORKS;
use crate::support::{Change, Clint, Database, House};

super::on_both!(
    b01_f13_another_card_pays_the_same_invoice,
    b01_f13_giving_up_ends_once_the_invoice_is_void,
    b01_f13_what_is_collected_while_we_give_up_resolves_the_same_change,
);

async fn is_declined(house: &mut House) -> (Clint, Change) {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(house, Clint::selection(5, 8), DECLINES)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.declined");
    assert_eq!(clint.held(house).await, quantities(3, 5));
    (clint, change)
}

/// The customer wants to stop, and the provider does not void the invoice yet.
async fn gives_up_in_vain(house: &mut House, change: &Change) {
    house
        .provider
        .fault("POST", "/v1/invoices/*/void", 1, "http_429")
        .await;
    change.cancels().await.expect("a wish");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.aborting");
    assert_eq!(house.provider.strikes().await, 1);
}

async fn b01_f13_another_card_pays_the_same_invoice(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = is_declined(&mut house).await;
    let open = invoices_of_changes(&house, &clint).await;
    assert_eq!((open.len(), &open[0]["status"]), (1, &json!("open")));

    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    let card = json!({ "setup": setup["setup"] });
    change.put("payment-method", card).await.expect("another card");
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    let paid = invoices_of_changes(&house, &clint).await;
    assert_eq!((paid.len(), &paid[0]["id"]), (1, &open[0]["id"]));
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    assert_eq!(clint.held(&house).await, quantities(5, 8));
    house.close().await;
}

async fn b01_f13_giving_up_ends_once_the_invoice_is_void(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = is_declined(&mut house).await;
    gives_up_in_vain(&mut house, &change).await;
    let again = clint.opens(&house, Clint::selection(4, 6)).await;
    let problem = again.expect_err("the slot is held");
    assert_eq!(problem.code, "change_in_progress");

    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    let invoices = invoices_of_changes(&house, &clint).await;
    assert_eq!((invoices.len(), &invoices[0]["status"]), (1, &json!("void")));
    // Nobody can collect it any more.
    let path = format!("/v1/invoices/{}/pay", invoices[0]["id"].as_str().expect("an id"));
    let collected = house.provider.tries(&path, "").await;
    assert_eq!(collected.status, 400);
    // The retry is a change of its own, and the only charge.
    let (_, due) = clint.changes_to(&mut house, Clint::selection(4, 6)).await;
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    house.close().await;
}

async fn b01_f13_what_is_collected_while_we_give_up_resolves_the_same_change(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change) = is_declined(&mut house).await;
    gives_up_in_vain(&mut house, &change).await;
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    let invoice = invoices_of_changes(&house, &clint).await[0]["id"].clone();
    let card = house.provider.brings_card(&clint.customer, "pm_card_visa").await;
    let path = format!("/v1/invoices/{}/pay", invoice.as_str().expect("an id"));
    house.provider.form(&path, &[("payment_method", &card)]).await;

    house.rests().await;
    assert_eq!(change.stage().await, "active", "the money counts");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    assert_eq!(clint.held(&house).await, quantities(5, 8));
    assert_eq!(invoices_of_changes(&house, &clint).await.len(), 1);
    house.close().await;
}
