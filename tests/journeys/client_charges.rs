//! Who pays for a client, at which price, and who may start what.

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::overage::lines_for_use;
use crate::support::{AGENCIES, Agency, ClientOf, Database, House, Use, house_of_agencies, pays, says};

const OPTIMISER: i64 = 15_000;
const LICENCE: i64 = 29_000;

fn enable(form: &mut Value) {
    form["services"]["sales-optimiser"]["enabled"] = json!(true);
}

async fn held(client: &ClientOf, house: &House) -> Vec<(String, i64)> {
    let contract = client.contract(house).await;
    let lines = contract["lines"].as_array().expect("lines").iter();
    let line = |line: &Value| {
        let amount = line["amount"]["amount"].as_i64().expect("an amount");
        (line["key"].as_str().expect("a key").to_owned(), amount)
    };
    lines.map(line).collect()
}

/// Whose customer was charged last at the provider.
async fn charged_last(house: &House) -> (String, i64) {
    let invoices = house.provider.get("/v1/invoices?limit=1").await;
    let last = &invoices["data"][0];
    (
        last["customer"].as_str().expect("a customer").to_owned(),
        last["amount_paid"].as_i64().expect("an amount"),
    )
}

async fn customer_of(house: &House, account: &str) -> String {
    let account = house.backend.get(&format!("/v1/accounts/{account}")).await;
    account["provider_customer"]
        .as_str()
        .expect("a customer")
        .to_owned()
}

#[tokio::test]
async fn g4_a_setting_that_changes_a_charge_is_quoted_to_its_payer_and_the_others_are_saved_at_once() {
    for database in Database::ALL {
        let mut house = house_of_agencies(database).await;
        let agency = Agency::moves_in(&house).await;
        let director = agency.director();
        let client = agency.creates_a_client(&house).await;
        assert_eq!(
            client.has_its_licence(&mut house, &director, &director).await,
            LICENCE
        );
        let (payer, amount) = charged_last(&house).await;
        assert_eq!(
            (payer.as_str(), amount),
            (customer_of(&house, &agency.account).await.as_str(), LICENCE)
        );

        let saved = client
            .is_set(&house, |form| form["direct_support"] = json!(true))
            .await
            .expect("saved");
        assert_eq!(saved["opened_change"], Value::Null, "{saved}");
        let saved = client.is_set(&house, enable).await.expect("saved");
        let change = saved["opened_change"]["id"]
            .as_str()
            .expect("a change")
            .to_owned();
        assert_eq!(held(&client, &house).await, [("plan".to_owned(), LICENCE)]);

        // While that is open, what changes no charge is saved all the same.
        let saved = client
            .is_set(&house, |form| form["allowances"]["email-syncs"] = json!(6))
            .await
            .expect("saved");
        assert_eq!(saved["opened_change"], Value::Null, "{saved}");

        let due = pays(&mut house, &director, &change).await;
        assert_eq!(due, OPTIMISER, "from the first second of the period on");
        let now = held(&client, &house).await;
        assert_eq!(
            now,
            [
                ("plan".to_owned(), LICENCE),
                ("item:sales-optimiser".to_owned(), OPTIMISER)
            ]
        );
        let saved = client
            .is_set(&house, |form| form["allowances"]["email-syncs"] = json!(7))
            .await
            .expect("saved");
        assert_eq!(saved["opened_change"], Value::Null, "{saved}");
        house.close().await;
    }
}

/// Something that is counted, with a price beyond what is allowed.
const METER: &str = r#"
[[meters]]
id = "campaign"
name = { en = "campaigns", pt-BR = "campanhas" }
allowance = [{ units = 10 }]
overage = [{ currency = "BRL", unit = "0.50" }]
"#;

#[tokio::test]
async fn g8_what_a_client_uses_beyond_its_limit_stands_on_the_invoice_of_the_agency_that_pays_for_it() {
    let mut house = house_of_agencies(Database::Sqlite).await;
    house
        .deploy(&[("clint.toml", &format!("{AGENCIES}{METER}"))])
        .await;
    let agency = Agency::moves_in(&house).await;
    let director = agency.director();
    let client = agency.creates_a_client(&house).await;
    client.has_its_licence(&mut house, &director, &director).await;
    let contract = client.contract(&house).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let report = Use::of("campaign", "r-1", 15).report(&house, &contract);
    let headers = [("content-type", "application/json")];
    let body = json!({ "reports": [report] }).to_string();
    let counted = house
        .backend
        .sends(Method::POST, "/v1/usage", &headers, body)
        .await;
    assert_eq!(counted.status, 200);
    house.pass(SignedDuration::from_hours(32 * 24)).await;
    let payer = customer_of(&house, &agency.account).await;
    let line = (5 * 50, "subscription_cycle".to_owned(), "paid".to_owned());
    assert_eq!(lines_for_use(&house, &payer).await, [line]);
    house.close().await;
}

#[tokio::test]
async fn g2_g6_a_client_that_has_agreed_is_charged_retail_and_an_agency_its_own_price() {
    let mut house = house_of_agencies(Database::Sqlite).await;
    let agency = Agency::moves_in(&house).await;
    let director = agency.director();
    let client = agency.creates_a_client(&house).await;
    let person = client.person();
    let early = client.agrees_to_pay(&house, "2026-01", &person).await;
    assert_eq!(early.expect_err("nobody has asked").code, "nothing_to_do");
    let saved = client
        .is_set(&house, |form| {
            form["payer"] = json!("client");
            form["retail_price"] = json!({ "amount": 39_900, "currency": "BRL" });
            form["access"] = json!(true);
        })
        .await
        .expect("saved");
    assert_eq!(
        (&saved["charged"], &saved["retail_price"]["charged"]),
        (&json!("agency"), &json!(false))
    );
    assert_eq!(saved["retail_price"]["price"]["amount"], 39_900);

    house.settle().await;
    let asked = house.mails().await;
    assert!(
        asked
            .iter()
            .any(|mail| mail.to.contains("dona@padaria-luz.example") && mail.text.contains("Agência Mar")),
        "the client is asked by its agency"
    );
    let outdated = client.agrees_to_pay(&house, "2019-01", &person).await;
    assert_eq!(outdated.expect_err("old terms").code, "terms_outdated");
    let for_it = client.agrees_to_pay(&house, "2026-01", &director).await;
    assert_eq!(for_it.expect_err("the agency").code, "payer_only");
    let agreed = client
        .agrees_to_pay(&house, "2026-01", &person)
        .await
        .expect("agreed");
    assert_eq!(
        (&agreed["charged"], &agreed["retail_price"]["charged"]),
        (&json!("client"), &json!(true))
    );
    assert_eq!(agreed["consent"]["terms_version"], "2026-01");

    let change = client
        .opens_the_licence(&house, &director, json!({}))
        .await
        .expect("a change");
    says(&house, &director, &change, (Method::POST, "quote"), json!({}))
        .await
        .expect("asking");
    house.settle().await;
    let quote = house.backend.get(&format!("/v1/changes/{change}")).await["quote"].clone();
    assert_eq!(quote["due_today"]["amount"], 39_900);
    let accept = json!({ "quote": quote["id"] });
    let refused = says(&house, &director, &change, (Method::POST, "accept"), accept).await;
    assert_eq!(refused.expect_err("the client pays").code, "payer_only");
    assert_eq!(pays(&mut house, &person, &change).await, 39_900);
    let (payer, amount) = charged_last(&house).await;
    assert_eq!(
        (payer.as_str(), amount),
        (customer_of(&house, &client.account).await.as_str(), 39_900)
    );
    assert_eq!(held(&client, &house).await, [("plan".to_owned(), 39_900)]);

    // Another retail price is a recurring charge of the client: it is quoted, and nothing changes until the client agrees.
    let saved = client
        .is_set(&house, |form| form["retail_price"]["amount"] = json!(45_900))
        .await
        .expect("saved");
    let change = saved["opened_change"]["id"]
        .as_str()
        .expect("a change")
        .to_owned();
    assert_eq!(held(&client, &house).await, [("plan".to_owned(), 39_900)]);
    assert_eq!(pays(&mut house, &person, &change).await, 45_900 - 39_900);
    assert_eq!(held(&client, &house).await, [("plan".to_owned(), 45_900)]);
    house.close().await;
}

#[tokio::test]
async fn g3_g10_the_clients_people_start_what_they_manage_and_only_with_access() {
    let mut house = house_of_agencies(Database::Sqlite).await;
    let agency = Agency::moves_in(&house).await;
    let director = agency.director();
    let client = agency.creates_a_client(&house).await;
    let person = client.person();
    client.has_its_licence(&mut house, &director, &director).await;
    let contract = client.contract(&house).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let opens = |actor: Value, quantities: Value| {
        let body = json!({
            "selection": { "plan": "client", "quantities": quantities, "currency": "BRL", "interval": "month" },
            "actor": actor,
        });
        let (backend, path) = (house.backend.clone(), format!("/v1/contracts/{contract}/changes"));
        async move { backend.command(Method::POST, &path, &body).await }
    };
    let optimiser = json!({ "sales-optimiser": 1 });
    let closed = opens(person.clone(), json!({ "seat": 2 }))
        .await
        .expect_err("no access");
    assert_eq!(
        (closed.status, closed.code.as_str()),
        (403, "client_access_closed")
    );
    client
        .is_set(&house, |form| form["access"] = json!(true))
        .await
        .expect("saved");
    let managed = opens(person.clone(), optimiser.clone())
        .await
        .expect_err("agency managed");
    assert_eq!((managed.status, managed.code.as_str()), (403, "agency_managed"));
    let stranger = json!({ "role": "director", "account": "01890000-0000-7000-8000-000000000000" });
    let refused = opens(stranger, optimiser.clone()).await.expect_err("a stranger");
    assert_eq!(refused.code, "role_not_allowed");

    client
        .is_set(&house, |form| {
            form["services"]["sales-optimiser"]["managed_by"] = json!("client");
        })
        .await
        .expect("saved");
    let opened = opens(person.clone(), optimiser).await.expect("client managed");
    let change = opened["id"].as_str().expect("an id").to_owned();
    says(&house, &person, &change, (Method::POST, "quote"), json!({}))
        .await
        .expect("asking");
    house.settle().await;
    // The client starts it; the agency's card is charged, so that the agency says yes.
    let quote = house.backend.get(&format!("/v1/changes/{change}")).await["quote"]["id"].clone();
    let refused = says(
        &house,
        &person,
        &change,
        (Method::POST, "accept"),
        json!({ "quote": quote }),
    )
    .await;
    assert_eq!(refused.expect_err("the agency pays").code, "payer_only");
    pays(&mut house, &director, &change).await;
    assert_eq!(held(&client, &house).await.len(), 2);
    house.close().await;
}
