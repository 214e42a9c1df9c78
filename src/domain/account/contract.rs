use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::AccountId;
use crate::domain::catalog::{
    Interval, ItemId, LineKey, Options, Place, PlanId, Price, PriceRef, SellerId, TargetLine,
};
use crate::domain::money::{Currency, Money};

/// Names a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContractId(pub Uuid);

/// What an account holds now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Its name, also for people.
    pub id: ContractId,
    /// Rises by one with every write: the guard against lost updates. See [`Contract::PROPOSED`].
    pub version: u64,
    /// Who holds it.
    pub account: AccountId,
    /// Who sold it.
    pub seller: SellerId,
    /// The plan.
    pub plan: PlanId,
    /// The currency of all its lines.
    pub currency: Currency,
    /// What is held: one line per key.
    pub lines: Vec<HeldLine>,
    /// What is chosen with the items among them, such as the channels of a package.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// The day of the month on which it renews, 1 to 31; a month that is too short renews on its last day.
    pub anchor_day: i8,
    /// The current period of its provider lines, one per interval that they have; empty without a subscription.
    pub periods: Vec<Period>,
    /// The subscription at the provider, once there is one.
    pub subscription: Option<String>,
    /// Whether it is in force.
    pub status: ContractStatus,
    /// The person who is financially responsible, as people read it.
    pub responsible: Option<String>,
    /// When it was concluded.
    pub created_at: Timestamp,
    /// What its holder's agency has settled about it, where its holder is an agency's client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Box<ClientTerms>>,
}

/// What an agency has settled about a contract of its client: what a decision about the contract looks at. It follows the client's form,
/// and is written with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTerms {
    /// The agency's account.
    pub agency: AccountId,
    /// Whose card is charged: the agency's or the client's own.
    pub payer: AccountId,
    /// Whether the client's own people have access to client services.
    pub access: bool,
    /// The items of services that the agency manages.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub agency_managed: BTreeSet<ItemId>,
    /// What the licence costs a client that pays itself; the seller's own price where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_price: Option<Price>,
    /// A price of the licence that holds no longer: a line at it is priced anew when a change is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapsed_price: Option<Price>,
}

impl ClientTerms {
    /// Whether the licence, bought at this price, keeps it.
    pub fn keep(&self, bought: &Price) -> bool {
        let same_kind = |own: &Price| own.currency == bought.currency && own.interval == bought.interval;
        match self.licence_price.as_ref().filter(|own| same_kind(own)) {
            Some(own) => own == bought,
            None => self.lapsed_price.as_ref() != Some(bought),
        }
    }
}

/// Whether a contract is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractStatus {
    /// In force.
    Active,
    /// In force until then.
    Ending {
        /// When the provider lines end.
        at: Timestamp,
    },
    /// No longer in force.
    Cancelled,
}

/// One line that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldLine {
    /// Which line.
    pub key: LineKey,
    /// The price's name at the provider.
    pub price_ref: PriceRef,
    /// The price itself, as it was when it was bought.
    pub price: Price,
    /// How many units are held and charged.
    pub quantity: u64,
    /// Where they are charged.
    pub place: LinePlace,
    /// What was last debited for the line and for which time; nothing when no money was debited for the present.
    pub debit: Option<Debit>,
    /// What was paid for the line on top of that, in another way than by its subscription: the provider does not credit it, so
    /// that a quote must. Below zero where the customer was credited more than was debited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Debit>,
}

impl HeldLine {
    /// A line that is paid in another way than at the provider.
    pub fn outside(line: TargetLine) -> Self {
        Self {
            key: line.key,
            price_ref: line.price_ref,
            price: line.price,
            quantity: line.quantity,
            place: LinePlace::Outside,
            debit: None,
            outside: None,
        }
    }
}

/// Where a held line is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinePlace {
    /// On the subscription at the provider.
    Provider {
        /// The subscription item that carries it.
        item: String,
    },
    /// In another way, outside this program.
    Outside,
}

/// Money that was debited for a line: what a credit for unused time is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Debit {
    /// How much.
    pub amount: Money,
    /// From when it pays.
    pub from: Timestamp,
    /// Until when it pays, exclusive.
    pub until: Timestamp,
}

/// The period that is running, from one renewal to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Of the lines with this interval.
    pub interval: Interval,
    /// When it began.
    pub start: Timestamp,
    /// When it ends and the next one begins.
    pub end: Timestamp,
}

impl LinePlace {
    /// The place without its details.
    pub fn place(&self) -> Place {
        match self {
            Self::Provider { .. } => Place::Provider,
            Self::Outside => Place::Outside,
        }
    }
}

impl Contract {
    /// The version of a contract that nobody holds yet: a first change may conclude it, and until then it is nothing.
    pub const PROPOSED: u64 = 0;

    /// Whose card is charged for it: its holder's, or its holder's agency's.
    pub fn payer(&self) -> AccountId {
        self.client.as_ref().map_or(self.account, |client| client.payer)
    }

    /// Whether nobody holds it yet.
    pub fn is_proposed(&self) -> bool {
        self.version == Self::PROPOSED
    }

    /// The line of this key.
    pub fn line(&self, key: &LineKey) -> Option<&HeldLine> {
        self.lines.iter().find(|line| line.key == *key)
    }

    /// How many units of this line are held.
    pub fn quantity(&self, key: &LineKey) -> u64 {
        self.line(key).map_or(0, |line| line.quantity)
    }

    /// How many units of this item are held beyond what the plan includes.
    pub fn bought(&self, item: &ItemId) -> u64 {
        let line = self.lines.iter().find(|line| line.key.item() == Some(item));
        line.map_or(0, |line| line.quantity)
    }

    /// The running period of the lines with this interval.
    pub fn period(&self, interval: Interval) -> Option<Period> {
        self.periods
            .iter()
            .find(|period| period.interval == interval)
            .copied()
    }
}

/// Shows no personal data: it ends up in logs.
impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("account", &self.account)
            .field("plan", &self.plan)
            .field("lines", &self.lines)
            .field("periods", &self.periods)
            .field("subscription", &self.subscription)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
