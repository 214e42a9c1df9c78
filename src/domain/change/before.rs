//! Before a change: the states of a subscription at the provider in which none can begin.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::payment::ItemFacts;
use super::refusal::{Refusal, RefusalCode};
use crate::domain::account::{Contract, LinePlace};
use crate::domain::money::Currency;

/// A subscription, as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFacts {
    /// The provider's id.
    pub id: String,
    /// Whose it is.
    pub customer: String,
    /// Its status.
    pub status: SubscriptionStatus,
    /// Its currency.
    pub currency: Currency,
    /// Whether it charges by itself; otherwise it sends invoices.
    pub charges_automatically: bool,
    /// Whether credits come from what was really debited. Classic ones are adopted as they are.
    pub flexible_billing: bool,
    /// When it will end, if it is set to.
    pub ends_at: Option<Timestamp>,
    /// Whether collection is paused.
    pub paused: bool,
    /// The schedule that holds it, if one does.
    pub schedule: Option<String>,
    /// Until when an unpaid change waits on it, if one does.
    pub pending_until: Option<Timestamp>,
    /// Its own default card.
    pub default_method: Option<String>,
    /// What it holds.
    pub items: Vec<ItemFacts>,
}

/// The states of a subscription. Source: Stripe, "How subscriptions work", subscription statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Paid up.
    Active,
    /// Not paid yet.
    Trialing,
    /// Its first invoice is not paid yet.
    Incomplete,
    /// Its first invoice was never paid.
    IncompleteExpired,
    /// A renewal is not paid, and is being tried again.
    PastDue,
    /// A renewal is not paid, and is no longer tried.
    Unpaid,
    /// Over.
    Canceled,
    /// Its trial ended without a card.
    Paused,
}

impl SubscriptionFacts {
    /// Whether a change of this contract can begin now: a clear refusal for every state in which it cannot.
    pub fn may_change(&self, contract: &Contract) -> Result<(), Refusal> {
        self.status_allows()?;
        let no = |code, detail: &str| Err(Refusal::new(code, detail));
        if self.paused {
            return no(
                RefusalCode::SubscriptionPaused,
                "Collection is paused. Resume it at the provider, then try again.",
            );
        }
        if let Some(ends_at) = self.ends_at {
            let detail = format!("The subscription ends at {ends_at}. Withdraw that first, then try again.");
            return Err(Refusal::new(RefusalCode::SubscriptionEnding, detail));
        }
        if !self.charges_automatically {
            return no(
                RefusalCode::SubscriptionSendsInvoices,
                "The subscription sends invoices instead of charging a card. The seller's support can help.",
            );
        }
        if self.schedule.is_some() {
            return no(
                RefusalCode::SubscriptionScheduled,
                "A schedule that Changeover did not make holds the subscription. Release it at the provider first.",
            );
        }
        if self.pending_until.is_some() {
            return no(
                RefusalCode::SubscriptionUpdatePending,
                "An unpaid change that Changeover did not make waits on the subscription. Pay or void its invoice first.",
            );
        }
        if self.currency != contract.currency {
            let detail = format!(
                "The subscription is in {}, the contract in {}.",
                self.currency, contract.currency
            );
            return Err(Refusal::new(RefusalCode::CurrencyDiffers, detail));
        }
        self.in_step(contract)
    }

    fn status_allows(&self) -> Result<(), Refusal> {
        let (code, detail) = match self.status {
            SubscriptionStatus::Active => return Ok(()),
            SubscriptionStatus::Trialing => (
                RefusalCode::SubscriptionTrialing,
                "The subscription is in its trial. Wait for its end, or end it.",
            ),
            SubscriptionStatus::PastDue => (
                RefusalCode::SubscriptionPastDue,
                "A renewal is not paid yet. Pay the open invoice first, then change the plan.",
            ),
            SubscriptionStatus::Unpaid => (
                RefusalCode::SubscriptionUnpaid,
                "A renewal was never paid. Pay the open invoice first, then change the plan.",
            ),
            SubscriptionStatus::Paused => (
                RefusalCode::SubscriptionPaused,
                "The subscription is paused. Resume it first.",
            ),
            SubscriptionStatus::Incomplete => (
                RefusalCode::SubscriptionUnpaid,
                "The subscription's first invoice is not paid yet. Pay it first, then change the plan.",
            ),
            SubscriptionStatus::IncompleteExpired | SubscriptionStatus::Canceled => (
                RefusalCode::SubscriptionEnded,
                "The subscription is over. A new contract is needed.",
            ),
        };
        Err(Refusal::new(code, detail))
    }

    /// Whether the provider holds what the contract says: a change of something else would be a surprise.
    fn in_step(&self, contract: &Contract) -> Result<(), Refusal> {
        let differs = contract.lines.iter().find(|line| match &line.place {
            LinePlace::Outside => false,
            LinePlace::Provider { item } => {
                let held = self.items.iter().find(|held| held.id == *item);
                held.is_none_or(|held| {
                    held.quantity != line.quantity
                        || held.lookup_key.as_deref() != Some(line.price_ref.as_str())
                })
            }
        });
        match differs {
            None => Ok(()),
            Some(line) => {
                let detail = format!(
                    "The subscription was edited at the provider: `{}` differs from the contract. Changeover takes the \
                     edit over: read the contract again in a moment, and let the customer choose anew.",
                    line.key
                );
                Err(Refusal::new(RefusalCode::ContractOutOfStep, detail))
            }
        }
    }
}
