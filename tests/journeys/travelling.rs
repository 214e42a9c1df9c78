//! The journeys on which everything is tried that can go wrong, four up and one down, driven by clients that do not give up:
//! each command is sent under one key until it is answered.

use hyper::Method;
use serde_json::{Value, json};

use super::WORKS;
use super::ending::{Before, Ending};
use crate::support::{Change, Clint, House, Problem, billing_data};

/// A card whose bank asks for authentication at every payment.
pub const ASKS_ALWAYS: &str = "4000002760003184";

/// Which journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journey {
    CardThatWorks,
    Authentication,
    FirstSubscription,
    CancelWhileItWaits,
    /// A boleto, paid at the bank.
    Boleto,
    /// A device less: a ticket, which support answers. Nothing is charged.
    GoingDown,
}

/// A customer about to change, and what was there before.
pub struct Traveller {
    pub journey: Journey,
    pub clint: Clint,
    pub(super) before: Before,
}

impl Journey {
    pub const ALL: [Self; 6] = [
        Self::CardThatWorks,
        Self::Authentication,
        Self::FirstSubscription,
        Self::CancelWhileItWaits,
        Self::Boleto,
        Self::GoingDown,
    ];

    /// Brings a customer in, with everything of the past come to rest.
    pub async fn traveller(self, house: &mut House) -> Traveller {
        if self == Self::Boleto {
            house.takes_boleto_and_pix().await;
        }
        let clint = match self {
            Self::FirstSubscription => Clint::without_extras(house, "growth").await,
            _ => Clint::customer(house).await,
        };
        house.settle().await;
        Traveller {
            journey: self,
            before: Before::of(house, &clint).await,
            clint,
        }
    }

    fn card(self) -> &'static str {
        match self {
            Self::CardThatWorks | Self::FirstSubscription | Self::Boleto | Self::GoingDown => WORKS,
            Self::Authentication | Self::CancelWhileItWaits => ASKS_ALWAYS,
        }
    }
}

impl Traveller {
    /// The whole journey, and what is left of it.
    pub async fn travels(&self, house: &mut House) -> Ending {
        let change = self.comes_to_the_button(house).await;
        self.goes_on(house, &change).await
    }

    /// From the last click on.
    pub async fn goes_on(&self, house: &mut House, change: &Change) -> Ending {
        if self.journey == Journey::GoingDown {
            // What provably was not applied comes back to support.
            for _ in 0..3 {
                self.is_answered(house, change).await;
                if change.stage().await != "downgrade_ticket.open" {
                    break;
                }
            }
        } else {
            self.confirms(house, change).await;
        }
        match self.journey {
            Journey::CardThatWorks | Journey::FirstSubscription | Journey::GoingDown => {}
            Journey::Authentication => {
                self.authenticates(house, change).await;
            }
            Journey::Boleto => self.pays_at_the_bank(house, change).await,
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
        if self.journey == Journey::GoingDown {
            self.waits(house, &change, "downgrade_ticket.open").await;
            return change;
        }
        self.waits(house, &change, "quote.ready").await;
        let quote = change.quote().await["id"].clone();
        step(house, Method::POST, "accept", json!({ "quote": quote })).await;
        self.gives_billing_data(house, &change).await;
        self.gives_a_card(house, &change).await;
        change
    }

    pub async fn opens(&self, house: &mut House) -> Change {
        let selection = match self.journey {
            Journey::GoingDown => Clint::selection(2, 5),
            _ => Clint::selection(5, 8),
        };
        let body = json!({
            "selection": selection,
            "actor": { "role": "owner", "id": "user-1" },
        });
        let path = format!("/v1/contracts/{}/changes", self.clint.contract);
        let opened = house.insists(Method::POST, &path, &body).await.expect("a change");
        Change::opened(&house.backend, &opened, "owner")
    }

    /// Billing data that the provider could not take for a reason of its own is simply sent again.
    pub async fn gives_billing_data(&self, house: &mut House, change: &Change) {
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

    /// Support applies what the customer has asked for, at once.
    async fn is_answered(&self, house: &mut House, change: &Change) {
        let path = format!("/v1/changes/{}/ticket/answer", change.id);
        let answered = house.insists(Method::POST, &path, &yes()).await;
        answered.expect("an answer");
        self.moves_on(house, change).await;
    }

    /// The same, by somebody who asks once.
    pub async fn is_answered_at_once(&self, change: &Change) -> Result<Value, Problem> {
        let path = format!("/v1/changes/{}/ticket/answer", change.id);
        change.backend.command(Method::POST, &path, &yes()).await
    }

    /// A card, given once.
    pub async fn chooses_a_card(&self, house: &House, change: &Change) -> Result<Value, Problem> {
        let setup = change.begins_a_card().await;
        house.provider.give_card(&setup, self.journey.card()).await;
        change
            .put("payment-method", json!({ "setup": setup["setup"] }))
            .await
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

    pub async fn gives_a_card(&self, house: &mut House, change: &Change) {
        if self.journey == Journey::Boleto {
            let boleto = json!({ "method": "boleto" });
            let chosen = house
                .insists_on(change, Method::PUT, "payment-method", boleto)
                .await;
            chosen.expect("a boleto");
            return;
        }
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

    /// The customer takes the boleto to the bank, once it is there, and the money arrives.
    pub async fn pays_at_the_bank(&self, house: &mut House, change: &Change) {
        self.waits(house, change, "payment_confirm.settling").await;
        let intent = change.voucher_intent().await;
        assert!(house.provider.at_the_bank(&intent, "pay_unheard").await);
        house.settle().await;
        self.moves_on(house, change).await;
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

    /// The open invoice is paid past us, on the provider's own page.
    pub async fn pays_elsewhere(&self, house: &House) {
        let account = format!("/v1/accounts/{}", self.clint.account);
        let account = house.backend.get(&account).await;
        let customer = account["provider_customer"].as_str().expect("a customer");
        let path = format!("/v1/invoices?customer={customer}&status=open");
        let open = house.provider.get(&path).await;
        let invoice = open["data"][0]["id"].as_str().expect("an open invoice");
        let card = house.provider.brings_card(customer, "pm_card_visa").await;
        let path = format!("/v1/invoices/{invoice}/pay");
        house.provider.form(&path, &[("payment_method", &card)]).await;
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
}

/// A customer whose bank asks for authentication, on the bank's page; with the payment's id.
pub async fn is_at_the_bank(house: &mut House) -> (Traveller, Change, String) {
    let traveller = Journey::Authentication.traveller(house).await;
    let change = traveller.comes_to_the_button(house).await;
    traveller.confirms(house, &change).await;
    let intent = traveller.intent(house, &change).await;
    (traveller, change, intent)
}

/// What support says to a request to go down.
fn yes() -> Value {
    json!({ "decision": "apply_now", "support": { "id": "agent-7", "reason": "asked for" } })
}

/// What support says to order another attempt.
pub fn order() -> Value {
    json!({ "support": { "id": "agent-1", "reason": "the provider is well again" } })
}
