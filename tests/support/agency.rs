//! An agency and its clients, at a seller that has such.

use hyper::Method;
use serde_json::{Value, json};

use super::house::{Database, House};
use super::http::Answer;
use super::people::{Problem, billing_data, read};

/// The seller's workflow file.
pub const AGENCIES: &str = include_str!("agency.toml");

/// The account of an agency, and its people.
#[derive(Clone)]
pub struct Agency {
    pub account: String,
}

/// A client of it.
#[derive(Clone)]
pub struct ClientOf {
    pub agency: Agency,
    pub account: String,
}

/// A house of the seller with agencies.
pub async fn house_of_agencies(database: Database) -> House {
    let mut house = House::open_on(database).await;
    house.deploy(&[("clint.toml", AGENCIES)]).await;
    house.push_catalog().await;
    house
}

impl Agency {
    pub async fn moves_in(house: &House) -> Self {
        let body =
            json!({ "email": "equipe@agencia-mar.example", "name": "Agência Mar", "language": "pt-BR" });
        let made = house.backend.command(Method::POST, "/v1/accounts", &body).await;
        let account = made.expect("an account")["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        Self { account }
    }

    /// One of its people who manages clients.
    pub fn director(&self) -> Value {
        json!({ "role": "director", "id": "user-dir", "account": self.account })
    }

    pub async fn tries_to_create(&self, house: &House, actor: Value) -> Result<Value, Problem> {
        let body = json!({ "email": "dona@padaria-luz.example", "name": "Padaria Luz Ltda", "actor": actor });
        let path = format!("/v1/accounts/{}/clients", self.account);
        house.backend.command(Method::POST, &path, &body).await
    }

    pub async fn creates_a_client(&self, house: &House) -> ClientOf {
        let made = self
            .tries_to_create(house, self.director())
            .await
            .expect("a client");
        ClientOf {
            agency: self.clone(),
            account: made["account"]["id"].as_str().expect("an id").to_owned(),
        }
    }

    pub async fn clients(&self, house: &House) -> Value {
        house
            .backend
            .get(&format!("/v1/accounts/{}/clients", self.account))
            .await
    }
}

impl ClientOf {
    pub fn settings_url(&self) -> String {
        format!("/v1/accounts/{}/client-settings", self.account)
    }

    pub async fn reads(&self, house: &House) -> Value {
        house.backend.get(&self.settings_url()).await
    }

    /// The form as it was saved last.
    pub async fn form(&self, house: &House) -> Value {
        self.reads(house).await["settings"].clone()
    }

    /// Saves the form on this version; what was answered, whole.
    pub async fn is_saved_on(&self, house: &House, tag: &str, settings: &Value, actor: &Value) -> Answer {
        let body = json!({ "settings": settings, "actor": actor });
        let key = house.backend.fresh_key();
        house
            .backend
            .answered(
                &key,
                Method::PUT,
                &self.settings_url(),
                &[("if-match", tag)],
                &body,
            )
            .await
    }

    /// The agency's director changes the form as it is now.
    pub async fn is_set(&self, house: &House, edit: impl FnOnce(&mut Value)) -> Result<Value, Problem> {
        let before = self.reads(house).await;
        let mut settings = before["settings"].clone();
        edit(&mut settings);
        let tag = format!("\"{}\"", before["version"]);
        let director = self.agency.director();
        read(&self.is_saved_on(house, &tag, &settings, &director).await)
    }

    /// One of the client's own people.
    pub fn person(&self) -> Value {
        json!({ "role": "director", "id": "user-dona", "account": self.account })
    }

    /// Somebody of this account opens the client's first change: the licence, with whatever else.
    pub async fn opens_the_licence(
        &self,
        house: &House,
        actor: &Value,
        quantities: Value,
    ) -> Result<String, Problem> {
        let body = json!({
            "selection": { "plan": "client", "quantities": quantities, "currency": "BRL", "interval": "month" },
            "actor": actor,
        });
        let path = format!("/v1/accounts/{}/changes", self.account);
        let opened = house.backend.command(Method::POST, &path, &body).await?;
        Ok(opened["id"].as_str().expect("an id").to_owned())
    }

    /// The licence, from the selection to its end, begun and paid by these people; what was charged.
    pub async fn has_its_licence(&self, house: &mut House, opener: &Value, payer: &Value) -> i64 {
        let change = self
            .opens_the_licence(house, opener, json!({}))
            .await
            .expect("a change");
        let asked = says(house, opener, &change, (Method::POST, "quote"), json!({})).await;
        asked.expect("asking for a quote");
        pays(house, payer, &change).await
    }

    pub async fn contract(&self, house: &House) -> Value {
        let path = format!("/v1/accounts/{}/contracts", self.account);
        let held = house.backend.get(&path).await["data"][0]["id"].clone();
        let id = held.as_str().expect("a contract").to_owned();
        house.backend.get(&format!("/v1/contracts/{id}")).await
    }

    pub async fn agrees_to_pay(&self, house: &House, terms: &str, actor: &Value) -> Result<Value, Problem> {
        let path = format!("{}/payer-consent", self.settings_url());
        let body = json!({ "terms_version": terms, "actor": actor });
        house.backend.command(Method::POST, &path, &body).await
    }
}

/// One of these people asks something of a change.
pub async fn says(
    house: &House,
    actor: &Value,
    change: &str,
    (method, verb): (Method, &str),
    mut body: Value,
) -> Result<Value, Problem> {
    body["actor"] = actor.clone();
    let path = format!("/v1/changes/{change}/{verb}");
    house.backend.command(method, &path, &body).await
}

/// From the quote to the end, by somebody of whoever pays; what was due.
pub async fn pays(house: &mut House, actor: &Value, change: &str) -> i64 {
    house.settle().await;
    let path = format!("/v1/changes/{change}");
    let quoted = house.backend.get(&path).await;
    let quote = quoted["quote"]["id"].clone();
    let accepted = says(
        house,
        actor,
        change,
        (Method::POST, "accept"),
        json!({ "quote": quote }),
    )
    .await;
    if accepted.expect("accepting")["stage"] == "billing_info" {
        let given = says(
            house,
            actor,
            change,
            (Method::PUT, "billing-info"),
            billing_data(),
        )
        .await;
        given.expect("billing data");
        house.settle().await;
    }
    let setup = format!("{path}/card-setup");
    let setup = house
        .backend
        .command(Method::POST, &setup, &json!({}))
        .await
        .expect("a card setup");
    house.provider.give_card(&setup, "4242424242424242").await;
    let card = json!({ "setup": setup["setup"] });
    let chosen = says(house, actor, change, (Method::PUT, "payment-method"), card).await;
    chosen.expect("a card");
    let shown = house.backend.get(&path).await;
    let due = &shown["quote"]["due_today"];
    let confirmation = json!({
        "quote": shown["quote"]["id"],
        "seen": { "amount": due["amount"], "currency": due["currency"] },
        "terms_version": shown["terms"]["version"],
    });
    let confirmed = says(house, actor, change, (Method::POST, "confirm"), confirmation).await;
    confirmed.expect("a confirmation");
    house.settle().await;
    assert_eq!(house.backend.get(&path).await["stage"], "active");
    due["amount"].as_i64().expect("an amount")
}
