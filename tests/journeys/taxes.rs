//! Taxes that the provider reckons: a quote has them line by line once the address is known, a changed address or tax number brings
//! another quote, and what was confirmed is charged to the cent.

use hyper::Method;
use serde_json::{Value, json};

use super::{WORKS, part};
use crate::support::{Change, Clint, Customs, Database, House, wanting};

crate::stories::on_both!(
    a_customer_in_germany_sees_the_vat_once_the_address_is_there_and_pays_exactly_that,
    another_address_brings_another_quote_and_a_vat_number_brings_reverse_charge,
    an_upgrade_in_the_middle_of_a_period_is_taxed_on_credit_and_charge,
    an_address_that_nobody_finds_is_asked_for_again_and_nothing_is_charged_before,
);

/// ActiveCampaign's file, with taxes by the provider and VAT numbers that may be left out.
fn taxed() -> String {
    let text = include_str!("../../workflows/activecampaign.toml");
    let rules = "billing_info = \"when_missing\"\n";
    assert!(text.contains(rules));
    let numbers = "tax_ids = [\"eu_vat\"]\noptional_tax_ids = [\"eu_vat\"]\n";
    let text = text.replacen(rules, &format!("{rules}{numbers}"), 1);
    format!("{text}\n[tax]\nby = \"provider\"\n")
}

async fn house(database: Database) -> House {
    let mut house = House::of_on("activecampaign", database).await;
    house.deploy(&[("activecampaign.toml", &taxed())]).await;
    house
}

pub(super) fn plus(seats: u64) -> Value {
    wanting("plus", "EUR", "month", &[("contacts", 1000), ("seat", seats)])
}

/// 55.00 for the plan, 7.00 for the contacts; one seat is included, and these come on top.
const PLUS: i64 = 5500 + 700;
const SEAT: i64 = 1900;

pub(super) async fn newcomer(house: &House) -> String {
    let body = json!({ "email": "ida@baeckerei-licht.example", "name": "Bäckerei Licht", "language": "fr" });
    let made = house.backend.command(Method::POST, "/v1/accounts", &body).await;
    made.expect("an account")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

pub(super) async fn opens(house: &House, of: &str, selection: Value) -> Change {
    let body = json!({ "selection": selection, "actor": { "role": "primary-admin", "id": "user-1" } });
    let path = format!("/v1/{of}/changes");
    let opened = house
        .backend
        .command(Method::POST, &path, &body)
        .await
        .expect("a change");
    Change {
        backend: house.backend.clone(),
        id: opened["id"].as_str().expect("an id").to_owned(),
        role: "primary-admin".to_owned(),
    }
}

pub(super) async fn comes_to_the_quote(house: &mut House, of: &str, selection: Value) -> Change {
    let change = opens(house, of, selection).await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready", "{}", change.read().await);
    change
}

pub(super) fn address(country: &str, tax_id: &str) -> Value {
    json!({
        "legal_name": "Bäckerei Licht", "tax_id": tax_id, "fiscal_email": "rechnung@baeckerei-licht.example",
        "line1": "Hauptstr. 1", "line2": "", "city": "Berlin", "state": "", "postal_code": "10115", "country": country,
    })
}

/// Gives billing data and waits for what it brings.
pub(super) async fn lives(house: &mut House, change: &Change, country: &str, tax_id: &str) {
    let given = change.put("billing-info", address(country, tax_id)).await;
    given.expect("billing data");
    house.settle().await;
}

/// Gives a card and presses the last button. What was confirmed.
pub(super) async fn pays(house: &mut House, change: &Change) -> i64 {
    if change.stage().await == "quote.ready" {
        change.accepts().await.expect("accepting");
        house.settle().await;
    }
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    let setup = json!({ "setup": setup["setup"] });
    change.put("payment-method", setup).await.expect("a card");
    let due = change.quote().await["due_today"]["amount"]
        .as_i64()
        .expect("an amount");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active", "{}", change.read().await);
    due
}

/// Name, rate and amount of each tax.
pub(super) fn told(quote: &Value) -> Vec<(String, String, i64)> {
    let taxes = quote["taxes"].as_array().cloned().unwrap_or_default();
    let told = taxes.iter().map(|tax| {
        let word = |field: &str| tax[field].as_str().unwrap_or_default().to_owned();
        (
            word("name"),
            word("percentage"),
            tax["amount"]["amount"].as_i64().expect("an amount"),
        )
    });
    told.collect()
}

pub(super) fn vat(percentage: &str, amount: i64) -> Vec<(String, String, i64)> {
    // French writes a space that does not break.
    vec![("VAT".to_owned(), format!("{percentage}\u{a0}%"), amount)]
}

async fn a_customer_in_germany_sees_the_vat_once_the_address_is_there_and_pays_exactly_that(
    database: Database,
) {
    let mut house = house(database).await;
    let ida = newcomer(&house).await;
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(0)).await;
    let before = change.quote().await;
    assert_eq!(
        (told(&before), &before["due_today"]["amount"]),
        (vec![], &json!(PLUS))
    );
    change.accepts().await.expect("accepting");

    lives(&mut house, &change, "DE", "").await;
    let read = change.read().await;
    assert_eq!(change.stage().await, "quote.ready");
    assert_eq!(read["drift"]["why"], "billing_data_changed");
    let quote = &read["quote"];
    let tax = part(PLUS, 19, 100);
    assert_eq!(told(quote), vat("19", tax));
    assert_eq!(quote["tax"]["amount"], tax);
    assert_eq!(quote["taxes"][0]["inside_prices"], false);
    assert_eq!(quote["taxes"][0].get("nothing_due"), None);
    assert_eq!(quote["subtotal"]["amount"], PLUS);

    let due = pays(&mut house, &change).await;
    assert_eq!(due, PLUS + tax);
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    house.close().await;
}

async fn another_address_brings_another_quote_and_a_vat_number_brings_reverse_charge(database: Database) {
    let mut house = house(database).await;
    let ida = newcomer(&house).await;
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(0)).await;
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "DE", "").await;
    assert_eq!(told(&change.quote().await), vat("19", part(PLUS, 19, 100)));
    let seen_before = change.confirmation().await;

    // She moves before she pays: the old total is no longer on offer.
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "FR", "").await;
    let read = change.read().await;
    assert_eq!(read["drift"]["why"], "billing_data_changed");
    assert_eq!(told(&read["quote"]), vat("20", part(PLUS, 20, 100)));
    let differences = read["drift"]["differences"]
        .as_array()
        .expect("differences")
        .iter();
    let moved: Vec<&Value> = differences.map(|row| &row["what"]).collect();
    assert_eq!(moved, ["tax", "due_today"]);
    let refused = change
        .post("confirm", seen_before)
        .await
        .expect_err("a stale quote");
    assert!(
        ["quote_stale", "amount_differs"].contains(&refused.code.as_str()),
        "{refused:?}"
    );

    // A business accounts for it itself.
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "DE", "DE136695976").await;
    let quote = change.quote().await;
    assert_eq!(told(&quote), vat("0", 0));
    let why = &quote["taxes"][0]["nothing_due"];
    assert_eq!(why["why"], "reverse_charge");
    assert_eq!(
        why["text"],
        "Vous acquittez vous-même cette taxe (autoliquidation)."
    );
    let due = pays(&mut house, &change).await;
    assert_eq!(due, PLUS);
    assert_eq!(house.provider.charges_for_changes().await, [PLUS]);
    house.close().await;
}

async fn an_upgrade_in_the_middle_of_a_period_is_taxed_on_credit_and_charge(database: Database) {
    let mut house = house(database).await;
    let ida = newcomer(&house).await;
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(1)).await;
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "FR", "").await;
    let first = pays(&mut house, &change).await;
    assert_eq!(first, PLUS + SEAT + part(PLUS + SEAT, 20, 100));
    let contract = change.read().await["contract"]
        .as_str()
        .expect("an id")
        .to_owned();

    house.pass(jiff::SignedDuration::from_hours(5 * 24)).await;
    let upgrade = comes_to_the_quote(&mut house, &format!("contracts/{contract}"), plus(3)).await;
    let quote = upgrade.quote().await;
    let lines = quote["lines"].as_array().expect("lines").iter();
    let amounts: Vec<i64> = lines
        .map(|line| line["amount"]["amount"].as_i64().expect("an amount"))
        .collect();
    let [given_back, taken] = amounts[..] else {
        panic!("a credit and a charge: {amounts:?}");
    };
    assert!(given_back < 0 && taken > 0, "{amounts:?}");
    // Each line is taxed by itself, and a credit gives its tax back.
    let tax = part(taken, 20, 100) - part(-given_back, 20, 100);
    assert_eq!(told(&quote), vat("20", tax));
    assert_eq!(quote["due_today"]["amount"], given_back + taken + tax);
    let second = pays(&mut house, &upgrade).await;
    assert_eq!(house.provider.charges_for_changes().await, [first, second]);
    house.close().await;
}

async fn an_address_that_nobody_finds_is_asked_for_again_and_nothing_is_charged_before(database: Database) {
    let mut house = house(database).await;
    let ida = newcomer(&house).await;
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(0)).await;
    change.accepts().await.expect("accepting");
    let nowhere = json!({ "postal_code": "00000" });
    let nowhere = with(address("DE", ""), &nowhere);
    change
        .put("billing-info", nowhere.clone())
        .await
        .expect("taken as it is");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(change.stage().await, "billing_info.asking", "{read}");
    let problem = &read["problem"];
    assert_eq!(problem["code"], "billing_location_unknown");
    assert_eq!(problem["errors"][0]["pointer"], "/postal_code");
    let told = problem["message"]["text"].as_str().expect("words");
    assert!(told.starts_with("Votre adresse"), "{told}");
    assert!(house.provider.charges_for_changes().await.is_empty());
    change.cancels().await.expect("giving up");
    house.settle().await;

    // Whoever comes back with that address on file sees a quote, and is asked again before anything can be confirmed.
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(0)).await;
    assert_eq!(change.quote().await["taxes_unknown"], true);
    change.accepts().await.expect("accepting");
    house.settle().await;
    assert_eq!(change.read().await["problem"]["code"], "billing_location_unknown");
    change
        .put("billing-info", nowhere)
        .await
        .expect("the same once more");
    house.settle().await;
    assert_eq!(change.read().await["problem"]["code"], "billing_location_unknown");
    lives(&mut house, &change, "DE", "").await;
    let quote = change.quote().await;
    assert_eq!(super::taxes::told(&quote), vat("19", part(PLUS, 19, 100)));
    assert_eq!(quote.get("taxes_unknown"), None);
    let due = pays(&mut house, &change).await;
    assert_eq!(due, PLUS + part(PLUS, 19, 100));
    house.close().await;
}

/// An address with other fields.
fn with(mut address: Value, other: &Value) -> Value {
    for (field, value) in other.as_object().expect("fields") {
        address[field] = value.clone();
    }
    address
}

#[tokio::test]
async fn what_cannot_be_previewed_is_not_quoted_without_its_taxes() {
    // The account's billing day is the 31st, which April does not have.
    let mut house = House::open_at("2026-04-10T15:00:00Z").await;
    let clint = include_str!("../../workflows/clint.toml");
    let text = format!("{clint}\n[tax]\nby = \"provider\"\n");
    house.deploy(&[("clint.toml", &text)]).await;
    let customs = Customs {
        created_at: "2025-08-31T15:00:00Z",
        ..Customs::default()
    };
    let customer = Clint::without_extras_like(&house, customs).await;
    let change = customer
        .opens(&house, Clint::selection(1, 0))
        .await
        .expect("a change");
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(
        (&read["stage"], &read["problem"]["code"]),
        (&json!("draft"), &json!("provider_refused")),
        "{read}"
    );
    change.cancels().await.expect("giving up");
    house.close().await;
}
