use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Catalog, Colour, Policy, Price, SellerId};
use crate::domain::account::Contract;
use crate::domain::language::Language;
use crate::domain::metering::Metering;
use crate::domain::money::Currency;

/// Everything that one seller's workflow file says, as values: what the engine works by.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// Which text it was read from.
    pub version: WorkflowVersion,
    /// Who sells.
    pub seller: SellerProfile,
    /// What is sold.
    pub catalog: Catalog,
    /// By which rules.
    pub policy: Policy,
    /// What is counted.
    pub metering: Metering,
}

/// Names one exact text of a workflow file: the SHA-256 of its bytes, in hexadecimal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkflowVersion(pub String);

/// Who sells, and in whose name pages and mails speak.
#[derive(Debug, Clone, PartialEq)]
pub struct SellerProfile {
    /// The seller's name in every machine-readable place.
    pub id: SellerId,
    /// The product's name for people.
    pub name: String,
    /// In whose name mails go out.
    pub sender: Sender,
    /// How a customer reaches the seller's people.
    pub support: SupportContact,
    /// The languages that it serves, its own first.
    pub languages: Vec<Language>,
    /// The currencies that it sells in, its own first.
    pub currencies: Vec<Currency>,
    /// The time zone of its dates, deadlines and days.
    pub time_zone: TimeZone,
    /// Where a customer may be led back to: prefixes of addresses, each with scheme and host.
    pub return_urls: Vec<String>,
    /// The colour of its pages, where it has one of its own.
    pub colour: Option<Colour>,
}

/// In whose name mails go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name beside the address.
    pub name: String,
    /// The address.
    pub email: String,
}

/// How a customer reaches the seller's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportContact {
    /// A mail address.
    pub email: String,
    /// A page, when there is one.
    pub url: Option<String>,
}

impl Playbook {
    /// The same for a contract whose licence has a price of its own; nothing where every price is the seller's.
    pub fn for_contract(&self, contract: &Contract) -> Option<Self> {
        let price = contract.client.as_ref()?.licence_price.as_ref()?;
        let licences = &self.policy.clients.as_ref()?.licences;
        let mut own = self.clone();
        for plan in own
            .catalog
            .plans
            .iter_mut()
            .filter(|plan| licences.contains(&plan.id))
        {
            let same_kind =
                |listed: &&mut Price| listed.currency == price.currency && listed.interval == price.interval;
            if let Some(listed) = plan.prices.iter_mut().find(same_kind) {
                *listed = price.clone();
            }
        }
        Some(own)
    }
}

impl SellerProfile {
    /// Whether a customer may be led back to this address: it begins with one of the listed prefixes, and nothing in it
    /// could lead out of that prefix again.
    pub fn may_return_to(&self, url: &str) -> bool {
        let lower = url.to_ascii_lowercase();
        let steps_out = lower.contains("..") || lower.contains("%2e") || lower.contains('\\');
        let clean = url.is_ascii() && !url.bytes().any(|b| b.is_ascii_control() || b == b' ');
        clean
            && !steps_out
            && self
                .return_urls
                .iter()
                .any(|prefix| url.starts_with(prefix.as_str()))
    }

    /// The language to speak with somebody who prefers this one: it, when the seller serves it, or the seller's own.
    pub fn language(&self, preferred: Option<Language>) -> Language {
        let served = preferred.filter(|language| self.languages.contains(language));
        served.or(self.languages.first().copied()).unwrap_or(Language::En)
    }
}

impl WorkflowVersion {
    /// The hash in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkflowVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WorkflowVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
