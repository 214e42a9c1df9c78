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

/// What is special about a customer; by default nothing is.
#[derive(Debug, Clone, Copy)]
pub struct Customs {
    pub language: &'static str,
    pub plan: &'static str,
    /// In which rhythm the plan is paid, in another way.
    pub plan_interval: &'static str,
    pub created_at: &'static str,
}

impl Default for Customs {
    fn default() -> Self {
        Self {
            language: "pt-BR",
            plan: "growth",
            plan_interval: "month",
            created_at: "2025-09-10T15:00:00Z",
        }
    }
}

impl Clint {
    /// Devices and user seats since the 10th of March, renewing on the 10th of April; charged to a card that always works.
    pub async fn customer(house: &House) -> Self {
        Self::customer_like(house, Customs::default()).await
    }

    /// The same, with something special about it.
    pub async fn customer_like(house: &House, customs: Customs) -> Self {
        let customer = customer(house).await;
        let subscription = subscription(house, &customer, &[("off_session", "true")]).await;
        Self::who_brings(house, customs, &customer, &subscription).await
    }

    /// A customer whose subscription was made at the provider in a way of its own: `terms` are added to the request.
    pub async fn customer_on(house: &House, terms: &[(&str, &str)]) -> Self {
        let customer = customer(house).await;
        let subscription = subscription(house, &customer, terms).await;
        Self::who_brings(house, Customs::default(), &customer, &subscription).await
    }

    async fn who_brings(house: &House, customs: Customs, customer: &str, subscription: &str) -> Self {
        let account = account(house, customs, Some(customer)).await;
        let adopt = json!({
            "account": account,
            "adopt": {
                "subscription": subscription,
                "plan": customs.plan,
                "plan_interval": customs.plan_interval,
            },
        });
        Self {
            contract: contract(house, &adopt).await,
            account,
            subscription: subscription.to_owned(),
            customer: customer.to_owned(),
        }
    }

    /// A customer whose plan is paid in another way, and who has no extra yet: the first one makes the subscription.
    pub async fn without_extras(house: &House, plan: &'static str) -> Self {
        let customs = Customs {
            plan,
            ..Customs::default()
        };
        Self::without_extras_like(house, customs).await
    }

    /// The same, with something special about it.
    pub async fn without_extras_like(house: &House, customs: Customs) -> Self {
        let account = account(house, customs, None).await;
        let held = selecting(customs.plan, customs.plan_interval, &[]);
        let body = json!({ "account": account, "held": held });
        Self {
            contract: contract(house, &body).await,
            account,
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
        selecting("growth", "month", &[("device", devices), ("user-seat", seats)])
    }

    pub async fn opens(&self, house: &House, selection: Value) -> Result<Change, Problem> {
        self.opens_as(house, "owner", selection).await
    }

    pub async fn opens_as(&self, house: &House, role: &str, selection: Value) -> Result<Change, Problem> {
        self.opens_with(house, role, json!({ "selection": selection }))
            .await
    }

    /// Opens a change with a body of the caller's choice; who acts is added.
    pub async fn opens_with(&self, house: &House, role: &str, mut body: Value) -> Result<Change, Problem> {
        body["actor"] = json!({ "role": role, "id": "user-1" });
        let path = format!("/v1/contracts/{}/changes", self.contract);
        let opened = house.backend.command(Method::POST, &path, &body).await?;
        Ok(Change::opened(&house.backend, &opened, role))
    }

    /// Staff brings a request; who of them, and why, stands in the body.
    pub async fn staff_brings(&self, house: &House, body: &Value) -> Result<Change, Problem> {
        let path = format!("/v1/contracts/{}/tickets", self.contract);
        let opened = house.backend.command(Method::POST, &path, body).await?;
        Ok(Change::opened(&house.backend, &opened, "owner"))
    }

    /// Up to a quote that can be accepted.
    pub async fn comes_to_the_quote(&self, house: &mut House, selection: Value) -> Change {
        let change = self.opens(house, selection).await.expect("a change");
        change.asks_for_a_quote().await.expect("asking");
        house.settle().await;
        change
    }

    /// From the selection to the end, paid with a card that works. What the quote said was due.
    pub async fn changes_to(&self, house: &mut House, selection: Value) -> (Change, i64) {
        let change = self
            .comes_to_the_button(house, selection, "4242424242424242")
            .await;
        let due = change.quote().await["due_today"]["amount"]
            .as_i64()
            .expect("an amount");
        change.confirms().await.expect("a confirmation");
        house.settle().await;
        assert_eq!(change.stage().await, "active");
        (change, due)
    }

    pub async fn contract(&self, house: &House) -> Value {
        house
            .backend
            .get(&format!("/v1/contracts/{}", self.contract))
            .await
    }

    /// What the product asks while somebody moves a slider.
    pub async fn estimates(&self, house: &House, selection: Value) -> Value {
        let path = format!("/v1/contracts/{}/estimate", self.contract);
        let body = json!({ "selection": selection });
        house
            .backend
            .command(Method::POST, &path, &body)
            .await
            .expect("an estimate")
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
        let contract = self.contract(house).await;
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

/// What somebody wants to hold.
pub fn selecting(plan: &str, interval: &str, quantities: &[(&str, u64)]) -> Value {
    let quantities: serde_json::Map<String, Value> = quantities
        .iter()
        .map(|(item, quantity)| ((*item).to_owned(), json!(quantity)))
        .collect();
    json!({ "plan": plan, "quantities": quantities, "currency": "BRL", "interval": interval })
}

/// A customer at the provider, with a card that always works.
async fn customer(house: &House) -> String {
    let fields = [
        ("email", "dona@padaria-luz.example"),
        ("name", "Padaria Luz Ltda"),
    ];
    let customer = house.provider.form("/v1/customers", &fields).await;
    let customer = customer["id"].as_str().expect("an id").to_owned();
    house.provider.brings_card(&customer, "pm_card_visa").await;
    customer
}

async fn subscription(house: &House, customer: &str, terms: &[(&str, &str)]) -> String {
    let prices = house.provider.get("/v1/prices?limit=100").await;
    let card = house.provider.cards_of(customer).await.remove(0);
    let (device, seat) = (
        price(&prices, "growth.device"),
        price(&prices, "growth.user-seat"),
    );
    let (devices, seats) = (HELD.0.to_string(), HELD.1.to_string());
    let (start, anchor) = (midnight(3), midnight(4));
    let mut fields = vec![
        ("customer", customer),
        ("default_payment_method", &card),
        ("items[0][price]", &device),
        ("items[0][quantity]", &devices),
        ("items[1][price]", &seat),
        ("items[1][quantity]", &seats),
    ];
    if !terms.iter().any(|(name, _)| name.starts_with("trial")) {
        fields.extend([
            ("backdate_start_date", start.as_str()),
            ("billing_cycle_anchor", anchor.as_str()),
        ]);
    }
    fields.extend(terms);
    let made = house.provider.form("/v1/subscriptions", &fields).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn contract(house: &House, body: &Value) -> String {
    let made = house
        .backend
        .command(Method::POST, "/v1/contracts", body)
        .await
        .expect("a contract");
    made["id"].as_str().expect("an id").to_owned()
}

async fn account(house: &House, customs: Customs, customer: Option<&str>) -> String {
    let mut body = json!({
        "email": "dona@padaria-luz.example",
        "name": "Padaria Luz Ltda",
        "language": customs.language,
        "created_at": customs.created_at,
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
