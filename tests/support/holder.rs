//! A customer of any seller who holds a plan and what belongs to it on a subscription, charged to a card that always works.

use changeover::app::shipped_workflows;
use changeover::domain::account::Permission;
use changeover::domain::catalog::{Playbook, Selection};
use changeover::workflow::Workflow;
use hyper::Method;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::house::House;
use super::people::{Change, Problem, billing_data};

/// More steps than there are screens.
const STEPS_MAX: usize = 12;

/// A card that always works.
const WORKS: &str = "4242424242424242";

/// Somebody who holds something, and acts in this role.
pub struct Holder {
    pub seller: &'static str,
    pub role: &'static str,
    pub contract: String,
    pub subscription: String,
}

/// What a workflow file that comes with the program says.
pub fn shipped(seller: &str) -> Playbook {
    let name = format!("workflows/{seller}.toml");
    let (_, text) = shipped_workflows()
        .find(|(shipped, _)| *shipped == name)
        .expect("a shipped file");
    Workflow::parse(&name, text).expect("a sound file").playbook
}

/// What somebody wants to hold, and what is chosen with it.
pub fn wanting(plan: &str, currency: &str, interval: &str, quantities: &[(&str, u64)]) -> Value {
    let quantities: serde_json::Map<String, Value> = quantities
        .iter()
        .map(|(item, quantity)| ((*item).to_owned(), json!(quantity)))
        .collect();
    json!({ "plan": plan, "quantities": quantities, "currency": currency, "interval": interval })
}

/// The same, with these options of an item.
pub fn choosing(mut selection: Value, item: &str, options: &[&str]) -> Value {
    selection["options"][item] = json!(options);
    selection
}

impl Holder {
    /// Holds this selection since the 10th of March, from the seller's file as it is shipped.
    pub async fn of(house: &House, seller: &'static str, language: &str, held: &Value) -> Self {
        Self::since(house, seller, language, "2025-09-10T15:00:00Z", held).await
    }

    /// The same, for an account that was created then.
    pub async fn since(
        house: &House,
        seller: &'static str,
        language: &str,
        created_at: &str,
        held: &Value,
    ) -> Self {
        let playbook = shipped(seller);
        let fields = [
            ("email", "dona@padaria-luz.example"),
            ("name", "Padaria Luz Ltda"),
        ];
        let customer = house.provider.form("/v1/customers", &fields).await;
        let customer = customer["id"].as_str().expect("an id").to_owned();
        let card = house.provider.brings_card(&customer, "pm_card_visa").await;
        let subscription = subscription(house, &playbook, held, &customer, &card).await;
        let account = json!({
            "email": "dona@padaria-luz.example",
            "name": "Padaria Luz Ltda",
            "language": language,
            "created_at": created_at,
            "provider_customer": customer,
        });
        let account = made(house, "/v1/accounts", &account).await;
        let adoption = json!({
            "subscription": subscription,
            "options": held.get("options").cloned().unwrap_or_else(|| json!({})),
        });
        let contract = json!({ "account": account, "adopt": adoption, "responsible": "Dona Luz" });
        let roles = playbook.policy.roles.all.iter();
        let role = roles
            .filter(|role| role.may(Permission::ChangePlan))
            .map(|role| role.id.to_string());
        Self {
            seller,
            role: role
                .map(|role| &*role.leak())
                .next()
                .expect("a role that may change"),
            contract: made(house, "/v1/contracts", &contract).await,
            subscription,
        }
    }

    pub async fn opens(&self, house: &House, selection: Value) -> Result<Change, Problem> {
        self.opens_as(house, self.role, selection).await
    }

    pub async fn opens_as(&self, house: &House, role: &str, selection: Value) -> Result<Change, Problem> {
        let body = json!({ "selection": selection, "actor": { "role": role, "id": "user-1" } });
        let path = format!("/v1/contracts/{}/changes", self.contract);
        let opened = house.backend.command(Method::POST, &path, &body).await?;
        Ok(Change::opened(&house.backend, &opened, role))
    }

    /// Up to a quote that can be accepted.
    pub async fn comes_to_the_quote(&self, house: &mut House, selection: Value) -> Change {
        let change = self.opens(house, selection).await.expect("a change");
        change.asks_for_a_quote().await.expect("asking");
        house.settle().await;
        assert_eq!(change.stage().await, "quote.ready", "{}", change.read().await);
        change
    }

    /// Up to the choice of how to pay, with billing data given.
    pub async fn comes_to_the_choice(&self, house: &mut House, selection: Value) -> Change {
        let change = self.comes_to_the_quote(house, selection).await;
        change.accepts().await.expect("accepting");
        if change.next().await == "give_billing_info" {
            self.gives_billing_data(&change).await.expect("billing data");
        }
        house.settle().await;
        change
    }

    /// Goes on until the last button, giving whatever is asked for; billing data, and a new card where none is on file.
    pub async fn comes_to_the_button(&self, house: &mut House, selection: Value) -> Change {
        let change = self.comes_to_the_quote(house, selection).await;
        for _ in 0..STEPS_MAX {
            let read = change.read().await;
            match read["next_action"]["type"].as_str().expect("a word") {
                "accept" => drop(change.accepts().await.expect("accepting")),
                "give_billing_info" => drop(self.gives_billing_data(&change).await.expect("billing data")),
                "choose_payment_method" => {
                    let setup = change.begins_a_card().await;
                    house.provider.give_card(&setup, WORKS).await;
                    let setup = json!({ "setup": setup["setup"] });
                    change.put("payment-method", setup).await.expect("a card");
                }
                "confirm" => return change,
                other => panic!("nobody can do `{other}`: {read}"),
            }
            house.settle().await;
        }
        panic!("the button is never reached: {}", change.read().await);
    }

    pub async fn gives_billing_data(&self, change: &Change) -> Result<Value, Problem> {
        let mut data = billing_data();
        if shipped(self.seller).policy.tax_ids.is_empty() {
            data["tax_id"] = json!("");
        }
        change.put("billing-info", data).await
    }

    /// From the selection to the end. What the quote said was due.
    pub async fn changes_to(&self, house: &mut House, selection: Value) -> (Change, i64) {
        let change = self.comes_to_the_button(house, selection).await;
        let due = change.quote().await["due_today"]["amount"]
            .as_i64()
            .expect("an amount");
        change.confirms().await.expect("a confirmation");
        house.settle().await;
        assert_eq!(change.stage().await, "active", "{}", change.read().await);
        (change, due)
    }

    /// One button: it accepts the quote and confirms with the billing data and the card on file.
    pub async fn confirms_at_once(&self, house: &mut House, change: &Change) {
        let cards = change
            .backend
            .get(&format!("/v1/changes/{}/cards", change.id))
            .await;
        let mut body = change.confirmation().await;
        body["card"] = cards["data"][0]["id"].clone();
        change.post("confirm", body).await.expect("a confirmation");
        house.settle().await;
        assert_eq!(change.stage().await, "active", "{}", change.read().await);
    }

    pub async fn contract(&self, house: &House) -> Value {
        house
            .backend
            .get(&format!("/v1/contracts/{}", self.contract))
            .await
    }

    /// The catalogue, as this customer sees it.
    pub async fn catalog(&self, house: &House) -> Value {
        let path = format!("/v1/catalog?contract={}", self.contract);
        house.backend.get(&path).await
    }

    /// What the product asks while somebody moves a slider.
    pub async fn estimates(&self, house: &House, selection: Value) -> Result<Value, Problem> {
        let path = format!("/v1/contracts/{}/estimate", self.contract);
        let body = json!({ "selection": selection });
        house.backend.command(Method::POST, &path, &body).await
    }

    /// Why this cannot be had: the codes of everything that is wrong, with what could be had instead.
    pub async fn is_refused(&self, house: &House, selection: Value) -> (Value, Vec<(String, Value)>) {
        let estimated = self
            .estimates(house, selection.clone())
            .await
            .expect_err("a refusal");
        let opened = self.opens(house, selection).await.expect_err("a refusal");
        assert_eq!(
            estimated.body["errors"], opened.body["errors"],
            "the two answer alike"
        );
        let errors = opened.body["errors"].as_array().cloned().unwrap_or_default();
        let told = errors
            .iter()
            .map(|error| {
                let code = error["code"].as_str().expect("a code").to_owned();
                (code, error["instead"].clone())
            })
            .collect();
        (opened.body, told)
    }

    /// How many of an item are held.
    pub async fn held(&self, house: &House, item: &str) -> u64 {
        let contract = self.contract(house).await;
        let lines = contract["lines"].as_array().expect("lines").iter();
        let key = format!("item:{item}");
        lines
            .filter(|line| line["key"] == key.as_str())
            .filter_map(|line| line["quantity"].as_u64())
            .sum()
    }
}

async fn subscription(
    house: &House,
    playbook: &Playbook,
    held: &Value,
    customer: &str,
    card: &str,
) -> String {
    let selection: Selection = serde_json::from_value(held.clone()).expect("a selection");
    let lines = playbook
        .catalog
        .resolve(&selection, None)
        .expect("what can be held");
    let mut fields = vec![
        ("customer".to_owned(), customer.to_owned()),
        ("default_payment_method".to_owned(), card.to_owned()),
        ("off_session".to_owned(), "true".to_owned()),
    ];
    let mut months = u32::MAX;
    for (nth, line) in lines.iter().filter(|line| line.quantity > 0).enumerate() {
        let found = house
            .provider
            .get(&format!("/v1/prices?lookup_keys[]={}", line.price_ref))
            .await;
        let price = found["data"][0]["id"].as_str().expect("a price that was pushed");
        fields.push((format!("items[{nth}][price]"), price.to_owned()));
        fields.push((format!("items[{nth}][quantity]"), line.quantity.to_string()));
        months = months.min(line.price.interval.months());
    }
    let start = date(2026, 3, 10);
    let anchor = start
        .checked_add(jiff::Span::new().months(months))
        .expect("a date");
    for (name, day) in [("backdate_start_date", start), ("billing_cycle_anchor", anchor)] {
        let at = day.at(15, 0, 0, 0).to_zoned(TimeZone::UTC).expect("an instant");
        fields.push((name.to_owned(), at.timestamp().as_second().to_string()));
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let made = house.provider.form("/v1/subscriptions", &fields).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn made(house: &House, path: &str, body: &Value) -> String {
    let made = house
        .backend
        .command(Method::POST, path, body)
        .await
        .expect("it is made");
    made["id"].as_str().expect("an id").to_owned()
}
