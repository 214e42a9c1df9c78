//! A seller that counts: Clint's file with meters and credits of our own, so that use can be told in the words of its customers.

use hyper::Method;
use serde_json::{Value, json};

use super::clint::Clint;
use super::house::House;
use super::people::{Problem, read};

/// Seats are a level; e-mail syncs have an allowance with a price beyond it; checks stop at the limit; text messages spend credits
/// that devices grant.
const METERS: &str = r#"
[[meters]]
id = "user-seat"
name = { pt-BR = "usuários ativos", en = "active users" }
measures = "level"
allowance = [{ item = "user-seat", units = 1 }]
alerts = [80, 100, 125]

[[meters]]
id = "email-sync"
name = { pt-BR = "sincronizações de e-mail", en = "e-mail syncs" }
decimals = 1
allowance = [{ plans = ["growth"], units = 100 }, { plans = ["elite"], units = 1000 }]
alerts = [80, 100]
overage = [{ currency = "BRL", unit = "0.50" }]

[[meters]]
id = "mail-test"
name = { pt-BR = "testes de e-mail", en = "mail tests" }
allowance = [{ units = 3 }]
past_limit = "stops"

[[credits]]
id = "sms"
name = { pt-BR = "créditos de SMS", en = "SMS credits" }
grants = [{ item = "device", units = 100 }]
alerts = [100]
past_limit = "stops"

[[rates]]
id = "countries"
name = { pt-BR = "Países de destino", en = "Countries" }
credit = "sms"
per = { pt-BR = "mensagem", en = "message" }
rows = [
  { id = "br", name = { pt-BR = "Brasil", en = "Brazil" }, credits = 1 },
  { id = "us", name = { pt-BR = "Estados Unidos", en = "United States" }, credits = 2 },
]

[[meters]]
id = "sms-sent"
name = { pt-BR = "mensagens", en = "messages" }
spends = { rates = "countries" }

[[prerequisites]]
id = "a2p-10dlc"
items = ["device"]
name = { pt-BR = "Registro A2P 10DLC", en = "A2P 10DLC registration" }
question = { pt-BR = "Você envia para os Estados Unidos?", en = "Do you send to the United States?" }
text = { pt-BR = "Para enviar aos Estados Unidos, a sua empresa precisa de registro.", en = "To send to the United States your company must be registered." }
next_step = { text = { pt-BR = "Registre a sua empresa.", en = "Register your company." }, url = "https://app.clint.example/a2p" }
"#;

/// The workflow file of that seller.
pub fn metered() -> String {
    format!("{}{METERS}", include_str!("../../workflows/clint.toml"))
}

/// The same seller, which charges devices with the plan: also yearly.
pub fn metered_by_the_year() -> String {
    let monthly = r#"billed = "month"
prices = [{ currency = "BRL", interval = "month", unit = "97.00" }]"#;
    let with_the_plan = r#"prices = [
  { currency = "BRL", interval = "month", unit = "97.00" },
  { currency = "BRL", interval = "year", unit = "970.00" },
]"#;
    let file = metered();
    assert!(file.contains(monthly), "the offer of devices reads otherwise now");
    file.replace(monthly, with_the_plan)
}

/// One report of use.
#[derive(Debug, Clone)]
pub struct Use {
    pub id: String,
    pub meter: &'static str,
    pub variant: Option<&'static str>,
    pub quantity: Value,
    pub at: Option<String>,
}

impl Use {
    pub fn of(meter: &'static str, id: &str, quantity: impl Into<Value>) -> Self {
        Self {
            id: id.to_owned(),
            meter,
            variant: None,
            quantity: quantity.into(),
            at: None,
        }
    }

    pub fn to(self, variant: &'static str) -> Self {
        Self {
            variant: Some(variant),
            ..self
        }
    }

    pub fn when(self, at: &str) -> Self {
        Self {
            at: Some(at.to_owned()),
            ..self
        }
    }

    /// The report, as the seller's product sends it.
    pub fn report(&self, house: &House, contract: &str) -> Value {
        let now = house.clock_says();
        let mut report = json!({
            "id": self.id,
            "contract": contract,
            "meter": self.meter,
            "quantity": self.quantity,
            "at": self.at.as_deref().unwrap_or(&now),
        });
        if let Some(variant) = self.variant {
            report["variant"] = json!(variant);
        }
        report
    }
}

impl House {
    /// What time it is, as it is written.
    pub fn clock_says(&self) -> String {
        use changeover::ports::time::Clock as _;
        self.clock.now().to_string()
    }

    /// A house that serves the seller that counts.
    pub async fn that_counts(database: super::house::Database) -> Self {
        let mut house = Self::open_on(database).await;
        house.deploy(&[("clint.toml", &metered())]).await;
        house
    }
}

impl Clint {
    /// The product reports what this customer has used: what became of each report.
    pub async fn uses(&self, house: &House, all: &[Use]) -> Result<Vec<Value>, Problem> {
        let reports: Vec<Value> = all
            .iter()
            .map(|used| used.report(house, &self.contract))
            .collect();
        let body = json!({ "reports": reports });
        let headers = [("content-type", "application/json")];
        let answer = house
            .backend
            .sends(Method::POST, "/v1/usage", &headers, body.to_string())
            .await;
        let answers = read(&answer)?;
        Ok(answers["data"].as_array().expect("answers").clone())
    }

    /// What the product may let this customer use now.
    pub async fn entitlements(&self, house: &House) -> Value {
        let path = format!("/v1/contracts/{}/entitlements", self.contract);
        house.backend.get(&path).await
    }

    /// One pot of the entitlements, by its id.
    pub async fn pot(&self, house: &House, id: &str) -> Value {
        let entitled = self.entitlements(house).await;
        let pots = entitled["usage"].as_array().expect("pots");
        let found = pots.iter().find(|pot| pot["id"] == id);
        found.unwrap_or_else(|| panic!("no {id} in {entitled}")).clone()
    }
}
