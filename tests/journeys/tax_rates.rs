//! Taxes by rates that the seller has written down: they stand at the provider, follow the customer's address and tax number, and what was
//! quoted with them is charged to the cent.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::overage::lines_for_use;
use super::part;
use super::taxes::{comes_to_the_quote, lives, newcomer, pays, plus, told, vat};
use crate::support::{Clint, Customs, Database, House, Use, metered_by_the_year, selecting};

crate::stories::on_both!(
    a_customer_moves_from_rate_to_rate_and_the_subscription_follows,
    a_business_accounts_for_the_tax_itself_where_the_rate_says_so,
    what_a_price_contains_is_told_and_not_added,
);

const RATES: &str = r#"
[tax]
by = "rates"

[[tax.rates]]
name = "VAT"
percentage = "19"
country = "DE"
reverse_charge = ["eu_vat"]

[[tax.rates]]
name = "VAT"
percentage = "20"
country = "FR"
"#;

/// ActiveCampaign's file with these rates, and VAT numbers that may be left out.
fn taxed(rates: &str) -> String {
    let text = include_str!("../../workflows/activecampaign.toml");
    let rules = "billing_info = \"when_missing\"\n";
    assert!(text.contains(rules));
    let numbers = "tax_ids = [\"eu_vat\"]\noptional_tax_ids = [\"eu_vat\"]\n";
    let text = text.replacen(rules, &format!("{rules}{numbers}"), 1);
    format!("{text}\n{rates}")
}

async fn house(database: Database, rates: &str) -> House {
    let mut house = House::of_on("activecampaign", database).await;
    house.deploy(&[("activecampaign.toml", &taxed(rates))]).await;
    house.push_catalog().await;
    house
}

/// 55.00 for the plan, 7.00 for the contacts; one seat is included, and these come on top.
const PLUS: i64 = 5500 + 700;
const SEAT: i64 = 1900;

/// A contract of somebody who lives there, bought at the list's prices.
async fn bought(house: &mut House, country: &str, tax_id: &str) -> String {
    let ida = newcomer(house).await;
    let change = comes_to_the_quote(house, &format!("accounts/{ida}"), plus(0)).await;
    assert_eq!(
        told(&change.quote().await),
        vec![],
        "nobody knows yet where she lives"
    );
    change.accepts().await.expect("accepting");
    lives(house, &change, country, tax_id).await;
    pays(house, &change).await;
    change.read().await["contract"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// The percentages of the rates that stand on the subscription of a contract.
async fn rates_of(house: &House, contract: &str) -> Vec<Value> {
    let read = house.backend.get(&format!("/v1/contracts/{contract}")).await;
    let subscription = read["subscription"].as_str().expect("a subscription");
    let subscription = house.provider.subscription(subscription).await;
    let rates = subscription["default_tax_rates"]
        .as_array()
        .expect("rates")
        .iter();
    rates.map(|rate| rate["percentage"].clone()).collect()
}

async fn a_customer_moves_from_rate_to_rate_and_the_subscription_follows(database: Database) {
    let mut house = house(database, RATES).await;
    let contract = bought(&mut house, "DE", "").await;
    assert_eq!(rates_of(&house, &contract).await, [json!(19)]);
    let first = PLUS + part(PLUS, 19, 100);
    assert_eq!(house.provider.charges_for_changes().await, [first]);

    // Five days later she takes seats, and has moved.
    house.pass(SignedDuration::from_hours(5 * 24)).await;
    let more = comes_to_the_quote(&mut house, &format!("contracts/{contract}"), plus(2)).await;
    let before = more.quote().await;
    let amount = before["lines"][0]["amount"]["amount"]
        .as_i64()
        .expect("an amount");
    assert_eq!(told(&before), vat("19", part(amount, 19, 100)));
    let seen_before = more.confirmation().await;
    more.accepts().await.expect("accepting");
    lives(&mut house, &more, "FR", "").await;
    let read = more.read().await;
    assert_eq!(read["drift"]["why"], "billing_data_changed");
    assert_eq!(told(&read["quote"]), vat("20", part(amount, 20, 100)));
    more.post("confirm", seen_before)
        .await
        .expect_err("another total");
    assert_eq!(
        rates_of(&house, &contract).await,
        [json!(19)],
        "nothing moves before the yes"
    );
    let due = pays(&mut house, &more).await;
    assert_eq!(due, amount + part(amount, 20, 100));
    assert_eq!(rates_of(&house, &contract).await, [json!(20)]);
    assert_eq!(house.provider.charges_for_changes().await, [first, due]);

    // Then to where nothing is due: no rate is left.
    let more = comes_to_the_quote(&mut house, &format!("contracts/{contract}"), plus(3)).await;
    more.accepts().await.expect("accepting");
    lives(&mut house, &more, "IT", "").await;
    let quote = more.quote().await;
    assert_eq!((told(&quote), &quote["tax"]["amount"]), (vec![], &json!(0)));
    pays(&mut house, &more).await;
    assert_eq!(rates_of(&house, &contract).await, Vec::<Value>::new());
    house.close().await;
}

async fn a_business_accounts_for_the_tax_itself_where_the_rate_says_so(database: Database) {
    let mut house = house(database, RATES).await;
    let ida = newcomer(&house).await;
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(1)).await;
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "DE", "DE136695976").await;
    let quote = change.quote().await;
    assert_eq!(told(&quote), vat("0", 0));
    assert_eq!(quote["taxes"][0]["nothing_due"]["why"], "reverse_charge");
    // The French rate knows no such thing.
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "FR", "FR40303265045").await;
    let all = PLUS + SEAT;
    assert_eq!(told(&change.quote().await), vat("20", part(all, 20, 100)));
    // And without the number, she is charged in Germany as well.
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "DE", "").await;
    assert_eq!(told(&change.quote().await), vat("19", part(all, 19, 100)));
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "DE", "DE136695976").await;
    let due = pays(&mut house, &change).await;
    assert_eq!(due, all);
    let contract = change.read().await["contract"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(rates_of(&house, &contract).await, [json!(0)]);
    house.close().await;
}

async fn what_a_price_contains_is_told_and_not_added(database: Database) {
    let inside = RATES.replace("country = \"FR\"\n", "country = \"FR\"\ninside_prices = true\n");
    let mut house = house(database, &inside).await;
    let ida = newcomer(&house).await;
    let change = comes_to_the_quote(&mut house, &format!("accounts/{ida}"), plus(0)).await;
    change.accepts().await.expect("accepting");
    lives(&mut house, &change, "FR", "").await;
    let quote = change.quote().await;
    let tax = part(5500, 20, 120) + part(700, 20, 120);
    assert_eq!(told(&quote), vat("20", tax));
    assert_eq!(quote["taxes"][0]["inside_prices"], true);
    assert_eq!(quote["subtotal"]["amount"], PLUS - tax);
    let due = pays(&mut house, &change).await;
    assert_eq!(due, PLUS);
    house.close().await;
}

#[tokio::test]
async fn a_rate_that_was_never_pushed_is_named_and_nothing_is_quoted_without_it() {
    let mut house = house(Database::Sqlite, RATES).await;
    let contract = bought(&mut house, "DE", "").await;
    let dearer = RATES.replace("\"19\"", "\"19.5\"");
    house.deploy(&[("activecampaign.toml", &taxed(&dearer))]).await;
    let more = super::taxes::opens(&house, &format!("contracts/{contract}"), plus(2)).await;
    more.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let read = more.read().await;
    assert_eq!(
        (&read["stage"], &read["problem"]["code"]),
        (&json!("draft"), &json!("catalog_not_pushed")),
        "{read}"
    );
    let detail = read["problem"]["detail"].as_str().expect("words");
    assert!(detail.contains("activecampaign.tax.de."), "{detail}");

    house.push_catalog().await;
    more.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(told(&more.quote().await)[0].1, "19,5\u{a0}%");
    more.cancels().await.expect("giving up");
    house.close().await;
}

#[tokio::test]
async fn a_first_quote_that_the_provider_cannot_preview_is_reckoned_here_with_its_taxes() {
    // The account's billing day is the 31st, which April does not have.
    let mut house = House::open_at("2026-04-10T15:00:00Z").await;
    let clint = include_str!("../../workflows/clint.toml");
    let rates = "[tax]\nby = \"rates\"\n[[tax.rates]]\nname = \"ISS\"\npercentage = \"2.9\"\ncountry = \"BR\"\nstate = \"SP\"\n";
    house
        .deploy(&[("clint.toml", &format!("{clint}\n{rates}"))])
        .await;
    house.push_catalog().await;
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
    assert_eq!(told(&change.quote().await), vec![]);
    change.accepts().await.expect("accepting");
    change.gives_billing_data().await.expect("billing data");
    house.settle().await;
    let quote = change.quote().await;
    let amount = quote["subtotal"]["amount"].as_i64().expect("an amount");
    let tax = part(amount, 29, 1000);
    assert_eq!(told(&quote), [("ISS".to_owned(), "2,9%".to_owned(), tax)]);
    let due = pays(&mut house, &change).await;
    assert_eq!(due, amount + tax);
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    house.close().await;
}

#[tokio::test]
async fn what_goes_beyond_a_limit_is_taxed_like_what_it_goes_beyond() {
    for rule in [
        "[tax]\nby = \"rates\"\n[[tax.rates]]\nname = \"ISS\"\npercentage = \"10\"\ncountry = \"BR\"\n",
        "[tax]\nby = \"provider\"\n",
    ] {
        let mut house = House::open().await;
        house
            .deploy(&[("clint.toml", &format!("{}\n{rule}", metered_by_the_year()))])
            .await;
        house.push_catalog().await;
        let customs = Customs {
            plan_interval: "year",
            ..Customs::default()
        };
        let mut clint = Clint::without_extras_like(&house, customs).await;
        house.settle().await;
        let wanted = selecting("growth", "year", &[("device", 3)]);
        let change = clint.opens(&house, wanted).await.expect("a change");
        change.asks_for_a_quote().await.expect("asking");
        house.settle().await;
        change.accepts().await.expect("accepting");
        change.gives_billing_data().await.expect("billing data");
        house.settle().await;
        pays(&mut house, &change).await;
        let account = house
            .backend
            .get(&format!("/v1/accounts/{}", clint.account))
            .await;
        clint.customer = account["provider_customer"]
            .as_str()
            .expect("a customer")
            .to_owned();
        // The first renewal begins the year, so that the next one is far away.
        house.pass(SignedDuration::from_hours(24 * 24)).await;
        let all = [Use::of("email-sync", "e-1", 130)];
        clint.uses(&house, &all).await.expect("counted");
        house.pass(SignedDuration::from_hours(62 * 24)).await;
        let beyond = 30 * 50;
        let line = (beyond, "manual".to_owned(), "paid".to_owned());
        assert_eq!(lines_for_use(&house, &clint.customer).await, [line], "{rule}");
        let path = format!("/v1/invoices?customer={}&limit=100", clint.customer);
        let invoices = house.provider.get(&path).await;
        let mut all = invoices["data"].as_array().expect("invoices").iter();
        let own = all
            .find(|invoice| invoice["billing_reason"] == "manual")
            .expect("one of its own");
        let by_rates = rule.contains("rates");
        assert_eq!(own["automatic_tax"]["enabled"], !by_rates);
        // The provider collects no tax in Brazil; the seller's own rate is due.
        let total = if by_rates {
            beyond + part(beyond, 10, 100)
        } else {
            beyond
        };
        assert_eq!(own["amount_paid"], total, "{rule}");
        house.close().await;
    }
}
