//! What is left of a journey, so that a disturbed one can be compared with an undisturbed one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::travelling::Traveller;
use crate::support::{Change, Clint, House, stage_of};

/// What is left of a journey, for everybody: the customer, the provider, the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub stage: String,
    /// What the contract holds.
    pub held: Vec<(String, u64)>,
    /// What the provider has newly written down: kind, status, amount, reason.
    pub ledger: Vec<String>,
    /// The subjects of the mails that arrived, each once, without the number of the change.
    pub mails: Vec<String>,
}

impl Ending {
    /// How often money was taken.
    pub fn charges(&self) -> usize {
        let charged = |line: &&String| line.starts_with("charge succeeded");
        self.ledger.iter().filter(charged).count()
    }
}

/// What was there before a journey.
pub struct Before {
    ledger: BTreeSet<String>,
    mails: BTreeSet<String>,
}

impl Before {
    pub async fn of(house: &House, clint: &Clint) -> Self {
        let (ledger, mails) = (money(house, clint).await, house.mails().await);
        Self {
            ledger: ledger.iter().map(id).collect(),
            mails: mails.into_iter().map(|mail| mail.id).collect(),
        }
    }
}

impl Traveller {
    pub async fn ending(&self, house: &House, change: &Change) -> Ending {
        let mails = house.mails().await;
        let mut seen = BTreeSet::new();
        let new = mails
            .into_iter()
            .filter(|mail| !self.before.mails.contains(&mail.id) && seen.insert(mail.message_id.clone()));
        let reference = change.reference().await;
        let mut mails: Vec<String> = new.map(|mail| mail.subject.replace(&reference, "")).collect();
        mails.sort();
        Ending {
            stage: stage_of(&change.read().await),
            held: self.clint.held(house).await,
            ledger: self.new_in_the_ledger(house).await,
            mails,
        }
    }

    async fn new_in_the_ledger(&self, house: &House) -> Vec<String> {
        let ledger = money(house, &self.clint).await;
        let new = ledger
            .iter()
            .filter(|entry| !self.before.ledger.contains(&id(entry)));
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
