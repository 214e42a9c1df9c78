//! What a contract comes to at the provider: whether it is paid, when it renews, and for how much.
//!
//! Asked where somebody looks at a contract, and remembered for a moment. What the provider cannot tell just now is told as that, and
//! never as nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::footing::priced_for;
use super::view::ChangeView;
use super::{Engine, EngineError};
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::change::{SubscriptionFacts, SubscriptionStatus};
use crate::domain::money::Money;
use crate::ports::payments::{Payments, Preview, ReadError};

/// How long what was seen is shown without asking again.
const SEEN_FOR: SignedDuration = SignedDuration::from_secs(30);

/// How many contracts are remembered at most.
const SEEN_MAX: usize = 4096;

/// A contract with everything that its view shows.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The rules of its seller.
    pub playbook: Arc<Playbook>,
    /// Who holds it.
    pub account: Account,
    /// What is held.
    pub contract: Contract,
    /// The change that is open on it.
    pub open: Option<Box<ChangeView>>,
    /// The change that is promised for the end of the period, beside the open one.
    pub promised: Option<Box<ChangeView>>,
    /// What the provider says; nothing without a subscription, or when it cannot be asked.
    pub standing: Option<Standing>,
    /// Whether the provider was asked and could not answer.
    pub unanswered: bool,
}

/// How a contract stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is paid.
    pub status: SubscriptionStatus,
    /// When it ends, if it is set to.
    pub ends_at: Option<Timestamp>,
    /// Whether collection is paused.
    pub paused: bool,
    /// The next renewal, where one is to come.
    pub renewal: Option<Renewal>,
    /// When that was seen.
    pub seen_at: Timestamp,
}

/// The next renewal, as the provider previews it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// When.
    pub at: Timestamp,
    /// Everything that it will be for, taxes included.
    pub total: Money,
    /// What will be charged, after balance.
    pub due: Money,
}

/// What was seen a moment ago, at which version of the contract.
#[derive(Default)]
pub(super) struct SeenStandings {
    seen: Mutex<BTreeMap<ContractId, (u64, Standing)>>,
}

impl SeenStandings {
    fn of(&self, contract: &Contract, now: Timestamp) -> Option<Standing> {
        let seen = self.seen();
        let (version, standing) = seen.get(&contract.id)?;
        (*version == contract.version && is_fresh(standing, now)).then(|| standing.clone())
    }

    fn keep(&self, contract: &Contract, standing: &Standing, now: Timestamp) {
        let mut seen = self.seen();
        if seen.len() >= SEEN_MAX {
            seen.retain(|_, (_, standing)| is_fresh(standing, now));
        }
        if seen.len() < SEEN_MAX || seen.contains_key(&contract.id) {
            seen.insert(contract.id, (contract.version, standing.clone()));
        }
    }

    /// A poisoned lock only means that a test panicked elsewhere: the map itself is always whole.
    fn seen(&self) -> MutexGuard<'_, BTreeMap<ContractId, (u64, Standing)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(standing: &Standing, now: Timestamp) -> bool {
    (SignedDuration::ZERO..=SEEN_FOR).contains(&now.duration_since(standing.seen_at))
}

impl Engine {
    /// Reads a contract with everything that its view shows.
    pub async fn overview(&self, id: ContractId, seller: &SellerId) -> Result<Overview, EngineError> {
        let contract = self.contract_of(id, seller).await?;
        let account = self.account_of(contract.account, seller).await?;
        let open = match self.store().open_change(id).await? {
            Some(change) => Some(Box::new(self.change(change, seller).await?)),
            None => None,
        };
        let promised = self.promise_on(id, seller).await?.map(Box::new);
        let (standing, unanswered) = match self.standing_now(&contract).await {
            Ok(standing) => (standing, false),
            Err(problem) => {
                tracing::warn!(contract = %id, %problem, "how the contract stands could not be asked");
                (None, true)
            }
        };
        Ok(Overview {
            playbook: priced_for(self.sellers().get(seller)?.playbook.clone(), &contract),
            account,
            contract,
            open,
            promised,
            standing,
            unanswered,
        })
    }

    /// The change that is promised for the end of a contract's period, if one is.
    pub async fn promise_on(
        &self,
        id: ContractId,
        seller: &SellerId,
    ) -> Result<Option<ChangeView>, EngineError> {
        match self.store().promised_change(id).await? {
            Some(change) => Ok(Some(self.change(change, seller).await?)),
            None => Ok(None),
        }
    }

    async fn standing_now(&self, contract: &Contract) -> Result<Option<Standing>, EngineError> {
        let Some(subscription) = &contract.subscription else {
            return Ok(None);
        };
        let now = self.now();
        if let Some(seen) = self.seen_standings.of(contract, now) {
            return Ok(Some(seen));
        }
        let payments = &self.sellers().get(&contract.seller)?.payments;
        let facts = payments.subscription(subscription).await?;
        let renewal = renewal(payments.as_ref(), &facts).await?;
        let standing = Standing {
            status: facts.status,
            ends_at: facts.ends_at,
            paused: facts.paused,
            renewal,
            seen_at: now,
        };
        self.seen_standings.keep(contract, &standing, now);
        Ok(Some(standing))
    }
}

/// What comes next; nothing where nothing will be charged any more.
async fn renewal(payments: &dyn Payments, facts: &SubscriptionFacts) -> Result<Option<Renewal>, ReadError> {
    let over = matches!(
        facts.status,
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired | SubscriptionStatus::Incomplete
    );
    let at = facts.items.iter().map(|item| item.period_end).min();
    let Some(at) = at.filter(|at| !over && facts.ends_at.is_none_or(|end| *at < end)) else {
        return Ok(None);
    };
    let preview = payments.upcoming(&facts.id, facts.currency).await?;
    Ok(preview.map(
        |Preview {
             total, amount_due, ..
         }| Renewal {
            at,
            total,
            due: amount_due,
        },
    ))
}
