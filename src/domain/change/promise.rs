//! What is promised for the end of a period, and what stands for it at the provider meanwhile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::actor::Party;
use super::quote::Deal;
use crate::domain::account::Contract;
use crate::domain::catalog::{Interval, LineKey, PriceRef};

/// What the provider is asked to do when a period ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromisePlan {
    /// The subscription.
    pub subscription: String,
    /// When its running period began.
    pub starts_at: Timestamp,
    /// When it ends: that is the day.
    pub at: Timestamp,
    /// How long the period after it lasts.
    pub interval: Interval,
    /// What it holds until then.
    pub now: Vec<PhaseItem>,
    /// What it holds from then on; nothing where it ends.
    pub then: Vec<PhaseItem>,
    /// The rates by which all of it is taxed: a schedule that names none takes them away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_rates: Vec<String>,
    /// What was wanted, and what it will cost from then on. Nothing is due for it.
    pub deal: Deal,
}

/// One item of a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseItem {
    /// The provider's id of the price.
    pub price: String,
    /// How many.
    pub quantity: u64,
}

/// What stands at the provider for a promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "hold")]
pub enum Hold {
    /// A schedule of ours.
    Schedule {
        /// The provider's id of it.
        schedule: String,
    },
    /// The subscription is set to end with its period.
    Ending,
}

/// A promise that stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// What was asked of it.
    pub plan: PromisePlan,
    /// What stands for it.
    pub hold: Hold,
}

/// What a contract held when a promise was made: should it hold something else, the promise is another one's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Basis(Vec<(LineKey, PriceRef, u64)>);

impl Basis {
    /// What this contract holds.
    pub fn of(contract: &Contract) -> Self {
        let lines = contract.lines.iter();
        let mut held: Vec<_> = lines
            .map(|line| (line.key.clone(), line.price_ref.clone(), line.quantity))
            .collect();
        held.sort();
        Self(held)
    }

    /// Whether nothing is known: a promise that an older program has made.
    pub fn is_unknown(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the contract still holds this, as far as that is known.
    pub fn holds(&self, contract: &Contract) -> bool {
        self.is_unknown() || *self == Self::of(contract)
    }
}

/// How far a promise is on its way to the provider, or away from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum PromiseStep {
    /// The provider is being asked what it holds, and until when.
    Asking,
    /// The schedule is being made.
    Making {
        /// What it is for.
        plan: Box<PromisePlan>,
    },
    /// The schedule is being told what to do.
    Telling {
        /// What.
        plan: Box<PromisePlan>,
        /// The provider's id of it.
        schedule: String,
    },
    /// The subscription is being set to end.
    Ending {
        /// When, and what is lost.
        plan: Box<PromisePlan>,
    },
    /// What stands at the provider is being taken away.
    Releasing {
        /// The subscription.
        subscription: String,
        /// What stands there.
        hold: Hold,
    },
    /// The provider refuses to take it away. A person must look, and can order another attempt.
    Halted {
        /// The subscription.
        subscription: String,
        /// What stands there.
        hold: Hold,
        /// The provider's code.
        code: String,
    },
}

/// Where a promise goes once its step is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "then")]
pub enum Afterwards {
    /// It stands.
    Stand,
    /// It could not be made to stand.
    Fall {
        /// The code of what was in the way.
        problem: String,
    },
    /// Somebody has taken it back.
    Cancel {
        /// Who.
        by: Party,
        /// Why.
        why: String,
    },
    /// The contract holds something else by now: the promise is another one's.
    Replaced,
    /// Support applies it now instead.
    Apply,
    /// It has come true; what stood for it is no longer needed.
    Done {
        /// What was wanted.
        deal: Box<Deal>,
    },
}
