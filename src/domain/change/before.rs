//! Before a change: the states of a subscription at the provider in which none can begin.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::payment::ItemFacts;
use super::promise::Hold;
use super::refusal::{Refusal, RefusalCode};
use crate::domain::account::{Contract, LinePlace};
use crate::domain::money::Currency;

/// A subscription, as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "answers of the provider's that have nothing to do with each other"
)]
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
    /// Whether the provider reckons the taxes of its invoices.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic_tax: bool,
    /// The rates of the seller's own by which its invoices are taxed, as the provider names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_rates: Vec<String>,
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
    ///
    /// `own` is what stands on it for a promise of ours: that is taken away for a charge, and is in nobody's way.
    pub fn may_change(&self, contract: &Contract, own: Option<&Hold>) -> Result<(), Refusal> {
        self.status_allows()?;
        let no = |code, detail: &str| Err(Refusal::new(code, detail));
        if self.paused {
            return no(
                RefusalCode::SubscriptionPaused,
                "Collection is paused. Resume it at the provider, then try again.",
            );
        }
        if let Some(ends_at) = self.ends_at.filter(|_| own != Some(&Hold::Ending)) {
            let detail = format!("The subscription ends at {ends_at}. Withdraw that first, then try again.");
            return Err(Refusal::new(RefusalCode::SubscriptionEnding, detail));
        }
        if !self.charges_automatically {
            return no(
                RefusalCode::SubscriptionSendsInvoices,
                "The subscription sends invoices instead of charging a card. The seller's support can help.",
            );
        }
        let is_own = |id: &String| matches!(own, Some(Hold::Schedule { schedule }) if schedule == id);
        if self.schedule.as_ref().is_some_and(|id| !is_own(id)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::samples::World;

    /// A subscription that may be changed.
    fn good(contract: &Contract) -> SubscriptionFacts {
        let items = contract.lines.iter().filter_map(|line| match &line.place {
            LinePlace::Provider { item } => Some(ItemFacts {
                id: item.clone(),
                price: "price_1".to_owned(),
                lookup_key: Some(line.price_ref.as_str().to_owned()),
                product: None,
                quantity: line.quantity,
                period_start: Timestamp::UNIX_EPOCH,
                period_end: Timestamp::UNIX_EPOCH,
            }),
            LinePlace::Outside => None,
        });
        SubscriptionFacts {
            id: "sub_1".to_owned(),
            customer: "cus_1".to_owned(),
            status: SubscriptionStatus::Active,
            currency: contract.currency,
            charges_automatically: true,
            flexible_billing: true,
            ends_at: None,
            paused: false,
            schedule: None,
            pending_until: None,
            default_method: None,
            automatic_tax: false,
            tax_rates: Vec::new(),
            items: items.collect(),
        }
    }

    fn refused(spoil: impl FnOnce(&mut SubscriptionFacts)) -> Option<RefusalCode> {
        let contract = World::subscribed().contract;
        let mut facts = good(&contract);
        spoil(&mut facts);
        facts
            .may_change(&contract, None)
            .err()
            .map(|refusal| refusal.code)
    }

    #[test]
    fn a_subscription_in_good_order_may_be_changed_classic_or_not() {
        assert_eq!(refused(|_| {}), None);
        assert_eq!(refused(|facts| facts.flexible_billing = false), None);
    }

    #[test]
    fn every_status_but_active_has_a_refusal_of_its_own() {
        for (status, code) in [
            (SubscriptionStatus::Trialing, RefusalCode::SubscriptionTrialing),
            (SubscriptionStatus::PastDue, RefusalCode::SubscriptionPastDue),
            (SubscriptionStatus::Unpaid, RefusalCode::SubscriptionUnpaid),
            (SubscriptionStatus::Incomplete, RefusalCode::SubscriptionUnpaid),
            (SubscriptionStatus::Paused, RefusalCode::SubscriptionPaused),
            (
                SubscriptionStatus::IncompleteExpired,
                RefusalCode::SubscriptionEnded,
            ),
            (SubscriptionStatus::Canceled, RefusalCode::SubscriptionEnded),
        ] {
            assert_eq!(refused(|facts| facts.status = status), Some(code), "{status:?}");
        }
    }

    #[test]
    fn what_else_holds_a_subscription_is_named() {
        let soon = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(
            refused(|facts| facts.paused = true),
            Some(RefusalCode::SubscriptionPaused)
        );
        assert_eq!(
            refused(|facts| facts.ends_at = soon),
            Some(RefusalCode::SubscriptionEnding)
        );
        assert_eq!(
            refused(|facts| facts.charges_automatically = false),
            Some(RefusalCode::SubscriptionSendsInvoices)
        );
        assert_eq!(
            refused(|facts| facts.schedule = Some("sub_sched_1".to_owned())),
            Some(RefusalCode::SubscriptionScheduled)
        );
        assert_eq!(
            refused(|facts| facts.pending_until = soon),
            Some(RefusalCode::SubscriptionUpdatePending)
        );
        let foreign = |facts: &mut SubscriptionFacts| facts.currency = "KWD".parse().expect("known");
        assert_eq!(refused(foreign), Some(RefusalCode::CurrencyDiffers));
        let edited = |facts: &mut SubscriptionFacts| facts.items[0].quantity += 1;
        assert_eq!(refused(edited), Some(RefusalCode::ContractOutOfStep));
    }
}
