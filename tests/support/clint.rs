//! A customer of Clint: the plan Growth is paid in another way; devices and user seats are on the subscription.

use hyper::Method;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::house::House;
use super::people::{Change, Problem};

/// Devices and user seats that are held before, beyond what the plan includes.
pub const HELD: (u64, u64) = (3, 5);

pub struct Clint {
    pub account: String,
    pub contract: String,
    pub subscription: String,
    pub customer: String,
}

impl Clint {
    /// Devices and user seats since the 10th of March, renewing on the 10th of April; charged to a card that always works.
    pub async fn customer(house: &House) -> Self {
        let provider = &house.provider;
        let customer = provider
            .form(
                "/v1/customers",
                &[
                    ("email", "dona@padaria-luz.example"),
                    ("name", "Padaria Luz Ltda"),
                ],
            )
            .await;
        let customer = customer["id"].as_str().expect("an id").to_owned();
        let card = provider
            .form(
                "/v1/payment_methods/pm_card_visa/attach",
                &[("customer", &customer)],
            )
            .await;
        let prices = provider.get("/v1/prices?limit=100").await;
        let (start, anchor) = (midnight(3), midnight(4));
        let subscription = provider
            .form(
                "/v1/subscriptions",
                &[
                    ("customer", &customer),
                    ("default_payment_method", card["id"].as_str().expect("an id")),
                    ("items[0][price]", &price(&prices, "growth.device")),
                    ("items[0][quantity]", &HELD.0.to_string()),
                    ("items[1][price]", &price(&prices, "growth.user-seat")),
                    ("items[1][quantity]", &HELD.1.to_string()),
                    ("backdate_start_date", &start),
                    ("billing_cycle_anchor", &anchor),
                    ("off_session", "true"),
                ],
            )
            .await;
        let subscription = subscription["id"].as_str().expect("an id").to_owned();
        let account = account(house, Some(&customer)).await;
        let adopt = json!({
            "account": account,
            "adopt": { "subscription": subscription, "plan": "growth" },
        });
        let contract = house
            .backend
            .command(Method::POST, "/v1/contracts", &adopt)
            .await
            .expect("a contract");
        let contract = contract["id"].as_str().expect("an id").to_owned();
        Self {
            account,
            contract,
            subscription,
            customer,
        }
    }

    /// A customer whose plan is paid in another way, and who has no extra yet: the first one makes the subscription.
    pub async fn without_extras(house: &House, plan: &str) -> Self {
        let account = account(house, None).await;
        let held = json!({ "plan": plan, "quantities": {}, "currency": "BRL", "interval": "month" });
        let body = json!({ "account": account, "held": held });
        let contract = house
            .backend
            .command(Method::POST, "/v1/contracts", &body)
            .await
            .expect("a contract");
        let contract = contract["id"].as_str().expect("an id").to_owned();
        Self {
            account,
            contract,
            subscription: String::new(),
            customer: String::new(),
        }
    }

    /// A second contract of the same account, without extras yet.
    pub async fn with_another_contract(&self, house: &House) -> Self {
        let held = json!({ "plan": "growth", "quantities": {}, "currency": "BRL", "interval": "month" });
        let body = json!({ "account": self.account, "held": held });
        let contract = house
            .backend
            .command(Method::POST, "/v1/contracts", &body)
            .await
            .expect("a contract");
        Self {
            account: self.account.clone(),
            contract: contract["id"].as_str().expect("an id").to_owned(),
            subscription: String::new(),
            customer: self.customer.clone(),
        }
    }

    /// What a customer with these quantities wants to hold.
    pub fn selection(devices: u64, seats: u64) -> Value {
        json!({
            "plan": "growth",
            "quantities": { "device": devices, "user-seat": seats },
            "currency": "BRL",
            "interval": "month",
        })
    }

    pub async fn opens(&self, house: &House, selection: Value) -> Result<Change, Problem> {
        self.opens_as(house, "owner", selection).await
    }

    pub async fn opens_as(&self, house: &House, role: &str, selection: Value) -> Result<Change, Problem> {
        let body = json!({ "selection": selection, "actor": { "role": role, "id": "user-1" } });
        let path = format!("/v1/contracts/{}/changes", self.contract);
        let opened = house.backend.command(Method::POST, &path, &body).await?;
        let id = opened["id"].as_str().expect("an id").to_owned();
        Ok(Change {
            backend: house.backend.clone(),
            id,
            role: role.to_owned(),
        })
    }

    /// Up to the card: quoted, accepted, billing data given. `card` is a test card's number.
    pub async fn comes_to_the_button(&self, house: &mut House, selection: Value, card: &str) -> Change {
        let change = self.opens(house, selection).await.expect("a change");
        change.asks_for_a_quote().await.expect("asking");
        house.settle().await;
        change.accepts().await.expect("accepting");
        change.gives_billing_data().await.expect("billing data");
        house.settle().await;
        let setup = change.begins_a_card().await;
        house.provider.give_card(&setup, card).await;
        change
            .put("payment-method", json!({ "setup": setup["setup"] }))
            .await
            .expect("a card");
        change
    }

    pub async fn held(&self, house: &House) -> Vec<(String, u64)> {
        let contract = house
            .backend
            .get(&format!("/v1/contracts/{}", self.contract))
            .await;
        let lines = contract["lines"].as_array().expect("lines").iter();
        let items = lines.filter_map(|line| {
            Some((
                line["key"].as_str()?.strip_prefix("item:")?.to_owned(),
                line["quantity"].as_u64()?,
            ))
        });
        items.collect()
    }
}

async fn account(house: &House, customer: Option<&str>) -> String {
    let mut body = json!({
        "email": "dona@padaria-luz.example",
        "name": "Padaria Luz Ltda",
        "language": "pt-BR",
        "created_at": "2025-09-10T15:00:00Z",
    });
    if let Some(customer) = customer {
        body["provider_customer"] = json!(customer);
    }
    let account = house
        .backend
        .command(Method::POST, "/v1/accounts", &body)
        .await
        .expect("an account");
    account["id"].as_str().expect("an id").to_owned()
}

/// Local midnight of the 10th, in unix seconds.
fn midnight(month: i8) -> String {
    let zone = TimeZone::get("America/Sao_Paulo").expect("a time zone");
    let at = date(2026, month, 10).to_zoned(zone).expect("an instant");
    at.timestamp().as_second().to_string()
}

fn price(prices: &Value, part: &str) -> String {
    let all = prices["data"].as_array().expect("prices");
    let found = all
        .iter()
        .find(|price| price["lookup_key"].as_str().is_some_and(|key| key.contains(part)));
    found
        .and_then(|price| price["id"].as_str())
        .unwrap_or_else(|| panic!("no price for {part}"))
        .to_owned()
}
