//! The four journeys on which everything is tried that can go wrong, driven by clients that do not give up: each command is
//! sent under one key until it is answered.

use std::collections::BTreeSet;

use hyper::Method;
use serde_json::{Value, json};

use super::WORKS;
use crate::support::{Change, Clint, House, billing_data, stage_of};

/// A card whose bank asks for authentication at every payment.
pub const ASKS_ALWAYS: &str = "4000002760003184";

/// Which journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journey {
    CardThatWorks,
    Authentication,
    FirstSubscription,
    CancelWhileItWaits,
}

/// What is left of a journey, for everybody: the customer, the provider, the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub stage: String,
    /// What the contract holds.
    pub held: Vec<(String, u64)>,
    /// What the provider has newly written down: kind, status, amount, reason.
    pub ledger: Vec<String>,
    /// The subjects of the mails that arrived, each once.
    pub mails: Vec<String>,
}

/// A customer about to change, and what was there before.
pub struct Traveller {
    pub journey: Journey,
    pub clint: Clint,
    ledger: BTreeSet<String>,
    mails: BTreeSet<String>,
}

impl Journey {
    /// Brings a customer in, with everything of the past come to rest.
    pub async fn traveller(self, house: &mut House) -> Traveller {
        let clint = match self {
            Self::FirstSubscription => Clint::without_extras(house, "growth").await,
            _ => Clint::customer(house).await,
        };
        house.settle().await;
        let ledger = money(house, &clint).await;
        let mails = house.mails().await;
        Traveller {
            journey: self,
            ledger: ledger.iter().map(id).collect(),
            clint,
            mails: mails.into_iter().map(|mail| mail.id).collect(),
        }
    }

    fn card(self) -> &'static str {
        match self {
            Self::CardThatWorks | Self::FirstSubscription => WORKS,
            Self::Authentication | Self::CancelWhileItWaits => ASKS_ALWAYS,
        }
    }
}

/// Everything at the provider that moves this customer's money, or asks for it.
async fn money(house: &House, clint: &Clint) -> Vec<Value> {
    let account = house
        .backend
        .get(&format!("/v1/accounts/{}", clint.account))
        .await;
    let Some(customer) = account["provider_customer"].as_str() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for kind in ["invoices", "charges", "payment_intents"] {
        let path = format!("/v1/{kind}?customer={customer}&limit=100");
        let page = house.provider.get(&path).await;
        all.extend(page["data"].as_array().expect("a list").iter().cloned());
    }
    all
}

fn id(entry: &Value) -> String {
    entry["id"].as_str().unwrap_or_default().to_owned()
}

impl Traveller {
    /// The whole journey, and what is left of it.
    pub async fn travels(&self, house: &mut House) -> Ending {
        let change = self.comes_to_the_button(house).await;
        self.goes_on(house, &change).await
    }

    /// From the last click on.
    pub async fn goes_on(&self, house: &mut House, change: &Change) -> Ending {
        self.confirms(house, change).await;
        match self.journey {
            Journey::CardThatWorks | Journey::FirstSubscription => {}
            Journey::Authentication => {
                self.authenticates(house, change).await;
            }
            Journey::CancelWhileItWaits => {
                let why = json!({ "why": "changed my mind" });
                let cancelled = house.insists_on(change, Method::POST, "cancel", why).await;
                cancelled.expect("cancelling");
            }
        }
        house.rests().await;
        self.ending(house, change).await
    }

    /// Up to the last click.
    pub async fn comes_to_the_button(&self, house: &mut House) -> Change {
        let change = self.opens(house).await;
        let step = async |house: &mut House, method, verb, body| {
            let answer = house.insists_on(&change, method, verb, body).await;
            answer.unwrap_or_else(|problem| panic!("{verb}: {problem:?}"))
        };
        step(house, Method::POST, "quote", json!({})).await;
        self.waits(house, &change, "quote.ready").await;
        let quote = change.quote().await["id"].clone();
        step(house, Method::POST, "accept", json!({ "quote": quote })).await;
        self.gives_billing_data(house, &change).await;
        self.gives_a_card(house, &change).await;
        change
    }

    async fn opens(&self, house: &mut House) -> Change {
        let body = json!({
            "selection": Clint::selection(5, 8),
            "actor": { "role": "owner", "id": "user-1" },
        });
        let path = format!("/v1/contracts/{}/changes", self.clint.contract);
        let opened = house.insists(Method::POST, &path, &body).await.expect("a change");
        Change {
            backend: house.backend.clone(),
            id: id(&opened),
            role: "owner".to_owned(),
        }
    }

    /// Billing data that the provider could not take for a reason of its own is simply sent again.
    async fn gives_billing_data(&self, house: &mut House, change: &Change) {
        for _ in 0..3 {
            let given = house
                .insists_on(change, Method::PUT, "billing-info", billing_data())
                .await;
            given.expect("billing data");
            self.moves_on(house, change).await;
            // Where it was given twice, taxes may have moved: the quote is shown again.
            if change.stage().await == "quote.ready" {
                let quote = change.quote().await["id"].clone();
                let accepted = house.insists_on(change, Method::POST, "accept", json!({ "quote": quote }));
                accepted.await.expect("accepting");
                self.moves_on(house, change).await;
            }
            if change.stage().await == "payment_confirm.choosing" {
                return;
            }
        }
        panic!("the billing data is not taken: {}", change.stage().await);
    }

    pub async fn confirms(&self, house: &mut House, change: &Change) -> Value {
        let body = change.confirmation().await;
        let confirmed = house.insists_on(change, Method::POST, "confirm", body).await;
        let confirmed = confirmed.expect("a confirmation");
        self.is_helped(house, change).await;
        confirmed
    }

    /// Where the provider has proven that a call did nothing, support orders it again, or the customer does.
    async fn is_helped(&self, house: &mut House, change: &Change) {
        for _ in 0..3 {
            self.moves_on(house, change).await;
            match change.read().await["next_action"]["type"]
                .as_str()
                .expect("a word")
            {
                "await_support" => {
                    let path = format!("/v1/changes/{}/retry", change.id);
                    house
                        .insists(Method::POST, &path, &order())
                        .await
                        .expect("a retry");
                }
                "choose_payment_method" => self.gives_a_card(house, change).await,
                _ => return,
            }
        }
        panic!("nobody can help: {}", change.read().await);
    }

    async fn gives_a_card(&self, house: &mut House, change: &Change) {
        let path = format!("/v1/changes/{}/card-setup", change.id);
        let setup = house
            .insists(Method::POST, &path, &json!({}))
            .await
            .expect("a card setup");
        house.provider.give_card(&setup, self.journey.card()).await;
        let card = json!({ "setup": setup["setup"] });
        let chosen = house
            .insists_on(change, Method::PUT, "payment-method", card)
            .await;
        chosen.expect("a card");
    }

    /// The same billing data once more.
    pub async fn gives_billing_data_again(&self, house: &mut House, change: &Change) {
        self.gives_billing_data(house, change).await;
    }

    /// A card once more.
    pub async fn gives_a_card_again(&self, house: &mut House, change: &Change) {
        self.gives_a_card(house, change).await;
    }

    /// The customer presses the button on the bank's page, once it is there.
    pub async fn authenticates(&self, house: &mut House, change: &Change) {
        self.waits(house, change, "payment_confirm.action_required").await;
        house
            .provider
            .bank_says(&self.intent(house, change).await, "approve")
            .await;
        house.settle().await;
    }

    /// The payment that waits for the bank's page.
    pub async fn intent(&self, house: &House, change: &Change) -> String {
        let path = format!("/v1/changes/{}/authentication", change.id);
        let mut secret = house.backend.try_get(&path).await;
        for _ in 0..3 {
            if secret.is_err() {
                secret = house.backend.try_get(&path).await;
            }
        }
        let secret = secret.expect("a secret");
        let secret = secret["client_secret"].as_str().expect("a secret");
        secret.split("_secret").next().expect("an id").to_owned()
    }

    /// Lets time pass by the ladder of retries until the change is there.
    pub async fn waits(&self, house: &mut House, change: &Change, stage: &str) {
        self.moves_on(house, change).await;
        assert_eq!(change.stage().await, stage);
    }

    /// Lets time pass by the ladder of retries while the change moves by itself.
    pub async fn moves_on(&self, house: &mut House, change: &Change) {
        house.settle().await;
        for seconds in [1, 2, 5, 15, 60, 300, 900] {
            if change.read().await["next_action"]["type"] != "wait" {
                return;
            }
            house.clock.advance(jiff::SignedDuration::from_secs(seconds));
            house.settle().await;
        }
        panic!("it waits for ever: {}", change.read().await);
    }

    pub async fn ending(&self, house: &House, change: &Change) -> Ending {
        let mails = house.mails().await;
        let mut seen = BTreeSet::new();
        let new = mails
            .into_iter()
            .filter(|mail| !self.mails.contains(&mail.id) && seen.insert(mail.message_id.clone()));
        Ending {
            stage: stage_of(&change.read().await),
            held: self.clint.held(house).await,
            ledger: self.new_in_the_ledger(house).await,
            mails: new.map(|mail| mail.subject).collect(),
        }
    }

    async fn new_in_the_ledger(&self, house: &House) -> Vec<String> {
        let ledger = money(house, &self.clint).await;
        let new = ledger.iter().filter(|entry| !self.ledger.contains(&id(entry)));
        let mut lines: Vec<String> = new
            .map(|entry| {
                let amount = ["amount_paid", "amount"]
                    .iter()
                    .find_map(|name| entry[name].as_i64());
                format!(
                    "{} {} {} {}",
                    entry["object"].as_str().unwrap_or_default(),
                    entry["status"].as_str().unwrap_or_default(),
                    amount.unwrap_or_default(),
                    entry["billing_reason"].as_str().unwrap_or_default(),
                )
            })
            .collect();
        lines.sort();
        lines
    }
}

/// What support says to order another attempt.
pub fn order() -> Value {
    json!({ "support": { "id": "agent-1", "reason": "the provider is well again" } })
}

impl Ending {
    /// How often money was taken.
    pub fn charges(&self) -> usize {
        let charged = |line: &&String| line.starts_with("charge succeeded");
        self.ledger.iter().filter(charged).count()
    }
}
