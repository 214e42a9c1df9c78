//! An agency and its clients, at a seller that has such.

use hyper::Method;
use serde_json::{Value, json};

use super::house::{Database, House};
use super::http::Answer;
use super::people::{Problem, read};

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
        let body = json!({ "email": "equipe@agencia-mar.example", "name": "Agência Mar", "language": "pt-BR" });
        let made = house.backend.command(Method::POST, "/v1/accounts", &body).await;
        let account = made.expect("an account")["id"].as_str().expect("an id").to_owned();
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
        let made = self.tries_to_create(house, self.director()).await.expect("a client");
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
            .answered(&key, Method::PUT, &self.settings_url(), &[("if-match", tag)], &body)
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
        json!({ "role": "director", "id": "user-dona" })
    }
}
