//! Customers: each holds a contract and changes it again and again, each in a manner of its own, through whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use changeover::ports::time::Clock as _;
use changeover::system::SystemClock;
use hyper::Method;
use jiff::{Span, ToSpan as _, Zoned};
use serde_json::{Value, json};

use super::backend::Backend;
use crate::support::{Provider, billing_data, selecting};

/// How long one look at a change waits for it to move, in seconds.
const LOOK: u8 = 5;

/// What somebody does with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Pays with a card that works.
    Pays,
    /// Presses the last button twice, on two screens.
    PaysTwice,
    /// Pays with a card that is declined, then with another one.
    IsDeclinedFirst,
    /// Is asked by the bank.
    Authenticates,
    /// Gives up before the last button.
    GivesUp,
    /// Looks at the quote and goes away.
    WalksAway,
}

impl Manner {
    pub fn of(number: usize) -> Self {
        match number % 10 {
            0..=3 => Self::Pays,
            4 | 5 => Self::PaysTwice,
            6 => Self::IsDeclinedFirst,
            7 => Self::Authenticates,
            8 => Self::GivesUp,
            _ => Self::WalksAway,
        }
    }
}

/// The town that they live in.
#[derive(Clone)]
pub struct Town {
    pub backend: Backend,
    pub provider: Provider,
    /// Whether new changes are begun.
    pub open: Arc<AtomicBool>,
}

/// What became of one change.
#[derive(Debug, Clone)]
pub struct Story {
    pub change: String,
    pub contract: String,
    /// Devices and user seats that it was to bring.
    pub wanted: (u64, u64),
    pub stage: String,
}

/// Somebody with a contract.
#[derive(Debug, Clone)]
pub struct Customer {
    number: usize,
    at_provider: String,
    pub contract: String,
    held: (u64, u64),
}

impl Town {
    /// A customer of the provider becomes one of ours: with devices and user seats in the middle of a month.
    pub async fn moves_in(&self, number: usize, prices: &Value) -> Customer {
        let held = (3, 5);
        let customer = self
            .provider
            .form("/v1/customers", &[("name", "Padaria Luz Ltda")])
            .await;
        let customer = text(&customer["id"]);
        let card = self.provider.brings_card(&customer, "pm_card_visa").await;
        let (start, anchor) = running_period();
        let fields = [
            ("customer", customer.as_str()),
            ("default_payment_method", &card),
            ("items[0][price]", &price(prices, "growth.device")),
            ("items[0][quantity]", "3"),
            ("items[1][price]", &price(prices, "growth.user-seat")),
            ("items[1][quantity]", "5"),
            ("backdate_start_date", &start),
            ("billing_cycle_anchor", &anchor),
            ("off_session", "true"),
        ];
        let subscription = self.provider.form("/v1/subscriptions", &fields).await;
        let account = json!({
            "email": format!("dona-{number}@padaria-luz.example"),
            "name": "Padaria Luz Ltda",
            "language": "pt-BR",
            "provider_customer": customer,
        });
        let account = self.does(Method::POST, "/v1/accounts", account).await;
        let adopt = json!({ "subscription": subscription["id"], "plan": "growth", "plan_interval": "month" });
        let contract = json!({ "account": account["id"], "adopt": adopt });
        let contract = self.does(Method::POST, "/v1/contracts", contract).await;
        Customer {
            number,
            at_provider: customer,
            contract: text(&contract["id"]),
            held,
        }
    }

    async fn does(&self, method: Method, path: &str, body: Value) -> Value {
        let done = self.backend.command(method, path, &body).await;
        done.unwrap_or_else(|problem| panic!("{path}: {problem:?}"))
    }

    /// One change after the other, until the town closes.
    pub async fn lives(&self, mut customer: Customer) -> Vec<Story> {
        let mut stories = Vec::new();
        while self.open.load(Ordering::SeqCst) {
            let manner = Manner::of(customer.number + stories.len());
            let story = self.changes(&mut customer, manner).await;
            let over = ["active", "cancelled", "expired"].contains(&story.stage.as_str());
            stories.push(story);
            if !over {
                // The contract stays taken by it.
                break;
            }
        }
        stories
    }

    /// From the selection as far as the manner leads.
    pub async fn changes(&self, customer: &mut Customer, manner: Manner) -> Story {
        let wanted = (customer.held.0 + 1, customer.held.1 + 2);
        let selection = selecting(
            "growth",
            "month",
            &[("device", wanted.0), ("user-seat", wanted.1)],
        );
        let body = json!({ "selection": selection, "actor": actor() });
        let path = format!("/v1/contracts/{}/changes", customer.contract);
        let opened = loop {
            match self.backend.command(Method::POST, &path, &body).await {
                Ok(opened) => break opened,
                // What the change before has brought about is still being taken in.
                Err(problem) => assert_eq!(problem.status, 409, "{path}: {problem:?}"),
            }
        };
        let change = text(&opened["id"]);
        let stage = self.goes_on(&change, &customer.at_provider, manner).await;
        if stage == "active" {
            customer.held = wanted;
        }
        Story {
            change,
            contract: customer.contract.clone(),
            wanted,
            stage,
        }
    }

    /// Does what the change asks for next, again and again. Refusals only mean that it has moved on.
    pub async fn goes_on(&self, change: &str, customer: &str, manner: Manner) -> String {
        let address = format!("/v1/changes/{change}");
        let mut cards = 0;
        loop {
            let seen = self.backend.get(&format!("{address}?wait={LOOK}")).await;
            let verb = |verb: &str| format!("{address}/{verb}");
            match seen["next_action"]["type"].as_str().unwrap_or_default() {
                "ask_quote" => self.tries(Method::POST, &verb("quote"), json!({})).await,
                "accept" if manner == Manner::WalksAway => return text(&seen["stage"]),
                "accept" => {
                    let quote = json!({ "quote": seen["quote"]["id"] });
                    self.tries(Method::POST, &verb("accept"), quote).await;
                }
                "give_billing_info" => {
                    self.tries(Method::PUT, &verb("billing-info"), billing_data())
                        .await;
                }
                "choose_payment_method" => {
                    let card = self.brings_a_card(customer, manner, cards).await;
                    cards += 1;
                    self.tries(Method::PUT, &verb("payment-method"), json!({ "card": card }))
                        .await;
                }
                "confirm" if manner == Manner::GivesUp => {
                    self.tries(Method::POST, &verb("cancel"), json!({ "why": "changed my mind" }))
                        .await;
                }
                "confirm" if cards == 0 && manner.wants_another_card() => {
                    let card = self.brings_a_card(customer, manner, cards).await;
                    cards += 1;
                    self.tries(Method::PUT, &verb("payment-method"), json!({ "card": card }))
                        .await;
                }
                "confirm" => self.confirms(&verb("confirm"), &seen, manner).await,
                "authenticate" => self.authenticates(&address).await,
                "wait" => {}
                "none" | "await_support" => return text(&seen["stage"]),
                other => panic!("{change}: what is `{other}`?"),
            }
        }
    }

    async fn tries(&self, method: Method, path: &str, mut body: Value) {
        body["actor"] = actor();
        if let Err(problem) = self.backend.command(method, path, &body).await {
            assert!(
                [402, 409].contains(&problem.status),
                "{path}: a command was refused for what it is: {problem:?}"
            );
        }
    }

    async fn confirms(&self, path: &str, seen: &Value, manner: Manner) {
        let due = &seen["quote"]["due_today"];
        let body = json!({
            "quote": seen["quote"]["id"],
            "seen": { "amount": due["amount"], "currency": due["currency"] },
            "terms_version": seen["terms"]["version"],
        });
        let press = || self.tries(Method::POST, path, body.clone());
        if manner == Manner::PaysTwice {
            tokio::join!(press(), press());
        } else {
            press().await;
        }
    }

    async fn brings_a_card(&self, customer: &str, manner: Manner, nth: usize) -> String {
        let name = match (manner, nth) {
            (Manner::IsDeclinedFirst, 0) => "pm_card_chargeCustomerFail",
            (Manner::Authenticates, 0) => "pm_card_authenticationRequired",
            _ => "pm_card_visa",
        };
        self.provider.brings_card(customer, name).await
    }

    async fn authenticates(&self, address: &str) {
        // It may have been authenticated in the meantime.
        let secret = self.backend.try_get(&format!("{address}/authentication")).await;
        if let Some(secret) = secret
            .as_ref()
            .ok()
            .and_then(|secret| secret["client_secret"].as_str())
        {
            let intent = secret.split("_secret").next().unwrap_or_default();
            self.provider.bank_is_asked(intent).await;
        }
    }
}

impl Customer {
    /// Its id there.
    pub fn at_the_provider(&self) -> &str {
        &self.at_provider
    }

    /// What it has come to hold in a way that was not told here.
    pub fn has(&mut self, devices: u64, seats: u64) {
        self.held = (devices, seats);
    }
}

impl Manner {
    fn wants_another_card(self) -> bool {
        matches!(self, Self::IsDeclinedFirst | Self::Authenticates)
    }
}

fn actor() -> Value {
    json!({ "role": "owner", "id": "user-1" })
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

fn price(prices: &Value, part: &str) -> String {
    let all = prices["data"].as_array().expect("prices");
    let named = |price: &&Value| price["lookup_key"].as_str().is_some_and(|key| key.contains(part));
    text(&all.iter().find(named).expect("a price")["id"])
}

/// A month that began twelve days ago, from local midnight to local midnight, in unix seconds.
fn running_period() -> (String, String) {
    let now = SystemClock.now().in_tz("America/Sao_Paulo").expect("a time zone");
    let start: Zoned = now
        .start_of_day()
        .expect("midnight")
        .checked_sub(12.days())
        .expect("a day");
    let month: Span = 1.month();
    let anchor = start.checked_add(month).expect("a day");
    let seconds = |at: &Zoned| at.timestamp().as_second().to_string();
    (seconds(&start), seconds(&anchor))
}
