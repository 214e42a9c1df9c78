//! Boletos that come to nothing, or to something else: given up, paid too late, refused by the bank, crossed by a renewal.

use changeover::ports::time::Clock as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::{BOLETO, Clint, Database, House, selling_by};

crate::stories::on_both!(
    z8_an_unpaid_boleto_is_voided_and_the_customer_chooses_again,
    b12_a_waiting_boleto_is_given_up_by_voiding_it,
    b12_a_boleto_in_flight_cannot_be_voided_and_brings_the_plan_when_it_arrives,
    b12_a_boleto_in_flight_that_comes_to_nothing_is_cancelled_at_last_or_told,
    b9_money_that_arrives_after_a_renewal_is_credited_and_the_change_is_quoted_again,
);

const DUE: i64 = (35984 - 21590) + (29618 - 18511);

async fn waits_for_its_boleto(house: &mut House) -> (Clint, crate::support::Change, String) {
    house.takes_boleto_and_pix().await;
    let clint = Clint::customer(house).await;
    let (change, intent) = clint
        .is_asked_for_the_money(house, "boleto", Clint::selection(5, 8))
        .await;
    (clint, change, intent)
}

/// The one-off invoices, by their status.
async fn one_offs(house: &House) -> Vec<String> {
    let ledger = house.provider.ledger().await;
    let manual = ledger
        .iter()
        .filter(|entry| entry["object"] == "invoice" && entry["billing_reason"] == "manual");
    manual
        .map(|invoice| invoice["status"].as_str().expect("a status").to_owned())
        .collect()
}

fn held(devices: u64, seats: u64) -> Vec<(String, u64)> {
    vec![("device".to_owned(), devices), ("user-seat".to_owned(), seats)]
}

async fn z8_an_unpaid_boleto_is_voided_and_the_customer_chooses_again(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change, intent) = waits_for_its_boleto(&mut house).await;
    house.pass(SignedDuration::from_hours(24 * 4)).await;
    assert_eq!(change.stage().await, "payment_confirm.choosing");
    let next = change.read().await["next_action"].clone();
    assert_eq!(next["type"], "choose_payment_method");
    assert_eq!(next["declined"]["code"], "voucher_expired");
    assert_eq!(one_offs(&house).await, ["void"], "nobody can pay it any more");
    assert!(!house.provider.at_the_bank(&intent, "pay").await);
    // The days have moved: quoted anew, and paid by card.
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    change.accepts().await.expect("accepting");
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, super::WORKS).await;
    let mut body = change.confirmation().await;
    body["setup"] = setup["setup"].clone();
    change.post("confirm", body).await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    assert_eq!(clint.held(&house).await, held(5, 8));
    house.close().await;
}

async fn b12_a_waiting_boleto_is_given_up_by_voiding_it(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change, intent) = waits_for_its_boleto(&mut house).await;
    change.cancels().await.expect("a wish");
    house.settle().await;
    assert_eq!(change.stage().await, "cancelled");
    assert_eq!(one_offs(&house).await, ["void"]);
    assert!(!house.provider.at_the_bank(&intent, "pay").await);
    assert_eq!(clint.held(&house).await, held(3, 5));
    house.close().await;
}

async fn b12_a_boleto_in_flight_cannot_be_voided_and_brings_the_plan_when_it_arrives(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change, intent) = waits_for_its_boleto(&mut house).await;
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.settle().await;
    change.cancels().await.expect("a wish");
    house.pass(SignedDuration::from_hours(3)).await;
    assert_eq!(change.stage().await, "payment_confirm.aborting");
    assert_eq!(one_offs(&house).await, ["open"]);
    house.pass(SignedDuration::from_hours(24)).await;
    assert_eq!(change.stage().await, "active", "money wins");
    assert_eq!(clint.held(&house).await, held(5, 8));
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    house.close().await;
}

async fn b12_a_boleto_in_flight_that_comes_to_nothing_is_cancelled_at_last_or_told(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change, intent) = waits_for_its_boleto(&mut house).await;
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.settle().await;
    change.cancels().await.expect("a wish");
    house.settle().await;
    assert!(house.provider.at_the_bank(&intent, "fail").await);
    house.pass(SignedDuration::from_hours(2)).await;
    assert_eq!(change.stage().await, "cancelled");

    // Where nobody wished to give up, the customer hears that it failed, and chooses again.
    let (again, intent) = clint
        .is_asked_for_the_money(&mut house, "boleto", Clint::selection(5, 8))
        .await;
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.settle().await;
    assert!(house.provider.at_the_bank(&intent, "fail").await);
    house.settle().await;
    assert_eq!(again.stage().await, "payment_confirm.choosing");
    let history = again.history().await;
    let said = history["data"].as_array().expect("lines").iter();
    let told = said.filter(|line| line["effects"].to_string().contains("tell:declined"));
    assert_eq!(told.count(), 1, "told once");
    assert_eq!(one_offs(&house).await, ["void", "void"]);
    assert_eq!(clint.held(&house).await, held(3, 5));
    again.cancels().await.expect("cancelled");
    house.close().await;
}

async fn b9_money_that_arrives_after_a_renewal_is_credited_and_the_change_is_quoted_again(
    database: Database,
) {
    let mut house = House::open_on_at(database, "2026-04-07T15:00:00Z").await;
    let boleto = BOLETO.replace("settles_within = \"2 days\"", "settles_within = \"1 hour\"");
    house.deploy(&[("clint.toml", &selling_by(&[&boleto]))]).await;
    let clint = Clint::customer(&house).await;
    let (change, intent) = clint
        .is_asked_for_the_money(&mut house, "boleto", Clint::selection(5, 8))
        .await;
    // Only one day is given: the next one would end after the renewal.
    let due_at = change.read().await["next_action"]["voucher"]["due_at"].clone();
    assert_eq!(due_at, "2026-04-09T02:59:59Z");
    let charged = change.quote().await["due_today"]["amount"]
        .as_i64()
        .expect("an amount");
    let last: Timestamp = "2026-04-09T02:59:30Z".parse().expect("an instant");
    let wait = last.duration_since("2026-04-07T15:00:00Z".parse().expect("an instant"));
    house.pass(wait).await;
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.settle().await;
    // It arrives half a minute before the renewal, and nobody says so in time.
    house.provider.loses_every_webhook().await;
    house.pass(SignedDuration::from_mins(23 * 60 + 50)).await;
    // Nobody looks between the arrival and the renewal either.
    let past_both = house.clock.now().checked_add(SignedDuration::from_mins(20));
    house.clock.move_to(past_both.expect("an instant"));
    house.settle().await;
    // The renewal's invoice is still a draft, so that the credit is not taken by it.
    house.pass(SignedDuration::from_mins(40)).await;
    // Nobody has seen the renewal when it is quoted anew; once it is seen, it can be.
    assert_eq!(change.read().await["problem"]["code"], "renewal_too_near");
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let after = change.read().await;
    assert_eq!(change.stage().await, "quote.ready", "{after}");
    let credit = house
        .provider
        .get(&format!("/v1/customers/{}", clint.customer))
        .await["balance"]
        .clone();
    assert_eq!(credit, Value::from(-charged), "nothing is lost");
    let used = after["quote"]["balance_used"]["amount"]
        .as_i64()
        .expect("an amount");
    assert!(used > 0, "the next quote uses it: {}", after["quote"]);
    assert_eq!(clint.held(&house).await, held(3, 5), "the plan has not moved");
    change.cancels().await.expect("cancelled");
    house.close().await;
}
